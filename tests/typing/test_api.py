"""Type checkers see the public API as it is meant: mypy, in strict mode, as a user runs it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import tradecredit_sdk

API = Path(__file__).with_name("api.py")


def mypy(file: Path, cwd: Path) -> str:
    command = [sys.executable, "-m", "mypy", "--strict", "--config-file=", f"--cache-dir={cwd / 'cache'}", str(file)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=cwd)
    return done.stdout + done.stderr


def test_the_public_api_has_the_types_it_promises(tmp_path: Path) -> None:
    said = mypy(API, tmp_path)
    assert said.startswith("Success: no issues found"), said


def test_the_check_can_fail(tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.py"
    wrong.write_text("from tradecredit_sdk import Money\nx: int = Money(1, 'EUR')\nprint(Money.nonsense)\n")
    said = mypy(wrong, tmp_path)
    assert "Incompatible types in assignment" in said
    assert 'has no attribute "nonsense"' in said


def test_the_package_says_that_it_is_typed() -> None:
    assert Path(tradecredit_sdk.__file__).with_name("py.typed").exists()
