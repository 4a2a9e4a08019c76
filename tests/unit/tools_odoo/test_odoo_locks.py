"""Locks hold between processes, and a child that inherits a use goes on using."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tools.odoo_runtime.locks import alone, among, last_one

ROOT = Path(__file__).resolve().parents[3]
ASK = "import sys; from pathlib import Path; from tools.odoo_runtime.locks import last_one\n"
ASK += "with last_one(Path(sys.argv[1])) as last: print(last)"
KEEP = [sys.executable, "-c", "input()"]


def seen_by_another(path: Path) -> str:
    command = [sys.executable, "-c", ASK, str(path)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout.strip()


def test_whoever_is_alone_keeps_others_out(tmp_path: Path) -> None:
    with alone(tmp_path / "locks" / "x"):
        assert seen_by_another(tmp_path / "locks" / "x") == "False"
    assert seen_by_another(tmp_path / "locks" / "x") == "True"


def test_several_use_it_and_none_is_the_last(tmp_path: Path) -> None:
    with among(tmp_path / "x"), among(tmp_path / "x"), last_one(tmp_path / "x") as last:
        assert not last
    with last_one(tmp_path / "x") as last:
        assert last


def test_a_child_goes_on_using_what_it_inherits(tmp_path: Path) -> None:
    with among(tmp_path / "x") as descriptor:
        child = subprocess.Popen(KEEP, stdin=subprocess.PIPE, pass_fds=[descriptor])
        other = subprocess.Popen(KEEP, stdin=subprocess.PIPE)
    assert seen_by_another(tmp_path / "x") == "False"
    child.communicate(b"\n")
    assert seen_by_another(tmp_path / "x") == "True"
    other.communicate(b"\n")


def test_a_killed_user_uses_it_no_more(tmp_path: Path) -> None:
    with among(tmp_path / "x") as descriptor:
        child = subprocess.Popen(KEEP, stdin=subprocess.PIPE, pass_fds=[descriptor])
    child.kill()
    child.communicate()
    assert seen_by_another(tmp_path / "x") == "True"
