"""The Odoo tests of the addons, on a copy of a template database, with a sandbox insurer beside Odoo."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from . import databases, program, sandbox
from .commands import tail
from .logs import Findings, read
from .manifests import Addons
from .places import LOGS
from .processes import PATIENCE_SECONDS, ending_with_us, free_port
from .steps import OdooRuntimeError

BESIDE = frozenset(
    {
        "delivery",
        "payment_demo",
        "pos_sale",
        "sale_expense",
        "sale_management",
        "sale_project",
        "sale_stock",
        "sale_timesheet",
        "website_event_booth_sale",
        "website_event_sale",
        "website_sale",
        "website_sale_collect",
    }
)
"""Modules that confirm orders, or make them grow, in ways of their own; `payment_demo` pays without a bank.

The tests of the addons go these ways, so they are installed too.
"""

KEPT_LOGS = 20

ON_THEIR_OWN = "database_breaking"
"""Tag of tests that commit, such as races between real transactions: they get a copy of their own."""


@dataclass(frozen=True)
class Run:
    """One start of Odoo: which modules, which tests, on which database."""

    name: str
    addons: Path | None
    modules: Sequence[str]
    tags: str
    database: str

    @property
    def log(self) -> Path:
        """All that Odoo said."""
        return LOGS / f"{self.name}-{self.database}.log"


def template_of(addons: Addons) -> databases.Template:
    """The database the tests start from."""
    return databases.Template(frozenset(addons.needs | BESIDE), demo=False)


def run_all(addons: Addons, names: Sequence[str], tags: str | None, kept: str | None, seconds: float) -> bool:
    """Run the tests of these addons, say what was found; the last line is `N passed, N failed`. True if all is well.

    Each pass has a new copy of the template, or all work on the database `kept`, which stays.
    """
    template = template_of(addons)
    started = time.monotonic()
    _forget_old_logs()
    found: list[Findings] = []
    for label, tag in [("tests", tags)] if tags else _passes(addons, names):
        database = databases.kept(template, kept) if kept else databases.trial(template)
        with sandbox.beside() as url, database as name:
            found.append(run(Run(label, addons.folder, names, tag, name), url, seconds))
    passed, failed = sum(item.passed for item in found), sum(item.failed for item in found)
    print(f"Odoo tests of {', '.join(names)} took {time.monotonic() - started:.0f} s; the logs are in {LOGS}")
    print(f"{passed} passed, {failed} failed")
    return failed == 0


def _forget_old_logs() -> None:
    logs = sorted(LOGS.glob("*tests-*.log"), key=lambda path: path.stat().st_mtime)
    for log in logs[:-KEPT_LOGS]:
        log.unlink(missing_ok=True)


def _passes(addons: Addons, names: Sequence[str]) -> list[tuple[str, str]]:
    """The usual tests and, where an addon has such, those that must not share a database."""
    usual = [("tests", ",".join(f"/{name}" for name in names))]
    sources = [path for name in names for path in (addons.folder / name / "tests").rglob("*.py")]
    if not any(ON_THEIR_OWN in path.read_text() for path in sources):
        return usual
    return [*usual, ("breaking-tests", ",".join(f"{ON_THEIR_OWN}/{name}" for name in names))]


def run(job: Run, sandbox_url: str, seconds: float) -> Findings:
    """Start Odoo, wait for its end, read its log and show what is wrong."""
    started = time.monotonic()
    findings = carry_out(job, seconds, **{sandbox.URL: sandbox_url})
    print("\n".join(findings.complaints()) or "  nothing to complain about")
    if not findings.ended:
        print(tail(job.log))
    print(f"  {findings.passed} passed, {findings.failed} failed in {time.monotonic() - started:.1f} s", flush=True)
    return findings


def carry_out(job: Run, seconds: float, **env: str) -> Findings:
    """Start Odoo with these variables, wait for its end and read its log."""
    # Modules that are not there are installed; those that are, brought up to date: both run their tests.
    known = databases.installed(job.database, job.modules)
    words = ["-d", job.database, "-u" if known else "-i", ",".join(job.modules), "--test-tags", job.tags]
    words += ["--http-port", str(free_port()), "--max-cron-threads", "0", "--screenshots", str(LOGS)]
    print(f"running {job.tags} in Odoo ({job.log}) ...", flush=True)
    _start_and_wait(program.command(*words), program.environment(job.addons, **env), job.log, seconds)
    with job.log.open(errors="replace") as lines:
        return read(lines)


def _start_and_wait(command: Sequence[str], env: dict[str, str], log: Path, seconds: float) -> None:
    """The exit code is not asked: everything that makes it bad is in the log, and the end of the log is checked."""
    LOGS.mkdir(parents=True, exist_ok=True)
    with log.open("w") as output:
        odoo = subprocess.Popen(
            ending_with_us(command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=env,
            start_new_session=True,
        )
    with _ended(odoo):
        try:
            odoo.wait(seconds)
        except subprocess.TimeoutExpired:
            raise OdooRuntimeError(
                f"Odoo's tests were not done after {seconds:.0f} s and were ended; see {log}."
            ) from None


@contextmanager
def _ended(child: subprocess.Popen[bytes]) -> Iterator[None]:
    """However this ends, nothing that the child started goes on."""
    try:
        yield
    finally:
        for word in (signal.SIGINT, signal.SIGKILL):
            with suppress(ProcessLookupError):
                os.killpg(child.pid, word)
            with suppress(subprocess.TimeoutExpired):
                child.wait(PATIENCE_SECONDS)
