"""How the tests of the command line run it: in this process where that is the same, as a process of its own where not."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path
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


LEDGER_HEADER = "customer,name,buyer_id,document,kind,due_date,amount,currency"


def _day(distance: int) -> str:
    return (datetime.now(timezone.utc).date() + timedelta(days=distance)).isoformat()


@pytest.fixture
def ledger(tmp_path: Path) -> Callable[..., Path]:
    """Write a ledger of these lines."""

    def write(*lines: str, header: str = LEDGER_HEADER) -> Path:
        path = tmp_path / "ledger.csv"
        path.write_text("\n".join([header, *lines, ""]), encoding="utf-8")
        return path

    return write


@pytest.fixture
def usual(ledger: Callable[..., Path]) -> Path:
    """C-1 is late by far, with a later invoice; C-2 has five days; C-3 has time; C-4 is credited."""
    return ledger(
        f"C-1,Müller & Söhne,900000001,R-1,invoice,{_day(-95)},1000.00,EUR",
        f"C-1,Müller & Söhne,900000001,R-2,invoice,{_day(20)},500.00,EUR",
        f"C-2,Half GmbH,900000002,=R-3,invoice,{_day(-85)},300.00,EUR",
        f"C-3,Time GmbH,900000003,R-4,invoice,{_day(-10)},300.00,EUR",
        f"C-4,Paid GmbH,900000004,R-5,invoice,{_day(-80)},300.00,EUR",
        "C-4,Paid GmbH,900000004,P-1,payment,,-300.00,EUR",
    )


@pytest.fixture
def scan_ledger(tradecredit: Runner) -> Runner:
    """`overdue scan` of a ledger as of today, with these further words."""
    return lambda path, *words: tradecredit("overdue", "scan", "--ledger", path, "--today", _day(0), *words)


@pytest.fixture
def know_terms(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From then on the terms of the policy are at hand without the insurer, who is asked once only."""

    def write() -> None:
        profiles = tmp_path / "profiles.toml"
        profiles.write_text('[profiles.default]\nretries = 0\n[profiles.default.terms]\ncurrency = "EUR"\n')
        monkeypatch.setenv("TRADECREDIT_CONFIG", str(profiles))

    return write
