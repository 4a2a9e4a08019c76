"""Ports that are chosen, and processes that are only stopped when they are ours."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tools.odoo_runtime.processes import Process, free_port, port_of_user, recall, remember
from tools.odoo_runtime.steps import OdooRuntimeError

ROOT = Path(__file__).resolve().parents[3]
SLEEP = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(60)"]


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield listener.getsockname()[1]


@pytest.fixture
def sleeper(tmp_path: Path) -> Iterator[Process]:
    child = subprocess.Popen(SLEEP, stdout=subprocess.PIPE, start_new_session=True)
    assert child.stdout is not None
    with child.stdout:
        child.stdout.readline()
    stat = Path("/proc", str(child.pid), "stat").read_text()
    yield Process("sleeper", child.pid, stat.split()[21], 1)
    child.kill()
    child.wait()


def test_a_wanted_port_is_given_when_it_is_free() -> None:
    wanted = free_port()
    assert free_port(wanted) == wanted


def test_another_port_is_given_when_the_wanted_one_is_taken(taken: int) -> None:
    port = free_port(taken)
    assert port != taken
    assert 1024 <= port < 65536


def test_a_demanded_port_is_given_or_refused(taken: int, monkeypatch: pytest.MonkeyPatch) -> None:
    free = free_port()
    monkeypatch.setenv("PORT", str(free))
    assert port_of_user("PORT", taken) == free
    monkeypatch.setenv("PORT", str(taken))
    with pytest.raises(OdooRuntimeError, match=f"listens on PORT={taken} already"):
        port_of_user("PORT", free)


@pytest.mark.parametrize("wrong", ["0", "65536", "-1", "http", "8069/tcp"])
def test_a_port_that_is_none_is_refused(wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", wrong)
    with pytest.raises(OdooRuntimeError, match="no port"):
        port_of_user("PORT", 8069)


def test_nothing_demanded_means_the_usual_port_or_any(taken: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PORT", raising=False)
    free = free_port()
    assert port_of_user("PORT", free) == free
    assert port_of_user("PORT", taken) != taken


def test_a_process_is_recalled_while_it_runs(sleeper: Process, tmp_path: Path) -> None:
    known = tmp_path / "running" / "here.json"
    assert recall(known) == []
    remember(known, [sleeper])
    assert recall(known) == [sleeper]
    sleeper.stop()
    assert not sleeper.alive
    assert recall(known) == []


def test_a_process_that_only_has_the_same_number_is_left_alone(sleeper: Process, tmp_path: Path) -> None:
    other = replace(sleeper, started=str(int(sleeper.started) - 1))
    remember(tmp_path / "here.json", [other])
    assert recall(tmp_path / "here.json") == []
    other.stop()
    assert sleeper.alive


LAUNCH = """
import json, sys
from dataclasses import asdict
from pathlib import Path
from tools.odoo_runtime.processes import start
print(json.dumps(asdict(start("x", sys.argv[2:], port=1, log=Path(sys.argv[1]), env={}))))
"""
PARENT = "import subprocess, sys; subprocess.run([sys.executable, '-c', sys.argv[1]])"
CHILD = "import os, time; print(os.getpid(), flush=True); time.sleep(60)"


def test_a_process_goes_on_without_its_starter_until_it_is_stopped_with_its_children(tmp_path: Path) -> None:
    log = tmp_path / "logs" / "x.log"
    command = [sys.executable, "-c", LAUNCH, str(log), sys.executable, "-c", PARENT, CHILD]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    process = Process(**json.loads(done.stdout))
    wait_for(lambda: log.read_text().endswith("\n"))
    child = int(log.read_text())
    assert process.alive
    assert is_running(child)
    process.stop()
    assert not process.alive
    wait_for(lambda: not is_running(child))


def wait_for(what: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 30
    while not what():
        assert time.monotonic() < deadline
        time.sleep(0.02)


def is_running(pid: int) -> bool:
    """One that has ended may wait for whoever buries orphans here."""
    stat = Path("/proc", str(pid), "stat")
    return stat.exists() and stat.read_text().rpartition(")")[2].split()[0] != "Z"
