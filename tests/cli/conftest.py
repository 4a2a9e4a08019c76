"""How the tests of the command line run it: in this process where that is the same, as a process of its own where not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tradecredit_sdk.cli import main
from tradecredit_sdk.testing.server import RunningSandbox


@dataclass(frozen=True)
class Done:
    """What a run left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


Runner = Callable[..., Done]


@pytest.fixture(autouse=True)
def _as_wide_as_it_likes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tables are not as narrow as the terminal in which the tests happen to run."""
    monkeypatch.delenv("COLUMNS", raising=False)


@pytest.fixture
def insurer(sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> RunningSandbox:
    """A sandbox, and this process configured for its open interface."""
    monkeypatch.setenv("TRADECREDIT_BASE_URL", sandbox.base_url_open)
    monkeypatch.setenv("TRADECREDIT_API_KEY", "sandbox")
    monkeypatch.setenv("TRADECREDIT_POLICY", "DEMO-001")
    return sandbox


@pytest.fixture
def allianz(insurer: RunningSandbox, monkeypatch: pytest.MonkeyPatch) -> RunningSandbox:
    """The same, for its Allianz Trade interface."""
    monkeypatch.setenv("TRADECREDIT_INSURER", "allianz-trade")
    monkeypatch.setenv("TRADECREDIT_BASE_URL", insurer.base_url_allianz)
    return insurer


@pytest.fixture
def tradecredit(capsys: pytest.CaptureFixture[str]) -> Runner:
    """Run the command line in this process."""

    def run(*args: object) -> Done:
        capsys.readouterr()
        code = main([str(arg) for arg in args])
        caught = capsys.readouterr()
        return Done(code, caught.out, caught.err)

    return run


@pytest.fixture
def process() -> Runner:
    """Run it as a process of its own, as a shell does."""

    def run(*args: object, stdin: str | None = None, **environment: str) -> Done:
        done = subprocess.run(
            [sys.executable, "-m", "tradecredit_sdk.cli", *map(str, args)],
            input=stdin,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=60,
            env={**os.environ, "PYTHONIOENCODING": "utf-8", **environment},
            check=False,
        )
        return Done(done.returncode, done.stdout, done.stderr)

    return run
