"""`tradecredit doctor`: what is configured, reachable, authorised and writable, and what to do about what is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

import click

from tradecredit_sdk.cli.exit_codes import ExitCode
from tradecredit_sdk.cli.failure import describe, printable
from tradecredit_sdk.cli.options import Run, pass_run, shared_options
from tradecredit_sdk.cli.output import Column, console, emit, show
from tradecredit_sdk.errors import (
    AuthenticationError,
    PermissionDeniedError,
    TradeCreditError,
    TransportError,
    UnsupportedOperationError,
)

if TYPE_CHECKING:
    from tradecredit_sdk.client import TradeCreditClient
    from tradecredit_sdk.journal import Journal

COLUMNS = (Column("status"), Column("check"), Column("message"), Column("remedy"))
_SIGNS = {"ok": ("\N{CHECK MARK}", "green"), "warn": ("!", "yellow"), "fail": ("\N{BALLOT X}", "red")}
MOST_SKEW_SECONDS = 60
"""Signatures of call-backs and lifetimes of tokens bear so much and little more."""


@dataclass(frozen=True)
class Finding:
    """One line: `ok`, `warn` or `fail`; `code` is the exit code a failure leads to."""

    status: str
    check: str
    message: str
    remedy: str = ""
    code: ExitCode = ExitCode.DONE


@click.command()
@shared_options
@pass_run
def doctor(run: Run) -> int:
    """Test configuration, connection, key, policy and journal.

    Each line is ok, warn or fail with what to do about it. The exit code is that of the first failure.
    """
    findings = [*_insurer(run), *_journal(run)]
    if run.output == "table":
        _write(findings)
    else:
        rows = ({key: value for key, value in asdict(finding).items() if key != "code"} for finding in findings)
        emit(run.output, rows, COLUMNS)
    return next((finding.code for finding in findings if finding.status == "fail"), ExitCode.DONE)


def _write(findings: list[Finding]) -> None:
    """For a person: one paragraph a finding, the remedy beneath what it mends."""
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    screen = console()
    for finding in findings:
        line = Table.grid(padding=(0, 2))
        line.add_column(width=6)
        line.add_column(width=10)
        line.add_column(overflow="fold")
        sign, style = _SIGNS[finding.status]
        line.add_row(Text(f"{sign} {finding.status}", style=style), finding.check, Text(printable(finding.message)))
        show(screen, line)
        if finding.remedy:
            show(screen, Padding(Text(printable(finding.remedy, keep_lines=True)), (0, 0, 1, 8)))


def _insurer(run: Run) -> Iterator[Finding]:
    try:
        settings = run.require_settings()
        client = run.client()
    except TradeCreditError as error:
        yield _failed("configured", error)
        return
    yield Finding("ok", "configured", f"{client.name} ({settings.environment}) at {settings.shown('base_url')}, policy "
                  f"{settings.policy}; the key is from: {settings.origin('api_key')}")  # fmt: skip
    for name, test in (
        ("reachable", client.probe),
        ("policy", lambda: _policy(client)),
        ("clock", lambda: _clock(client)),
    ):
        found = list(_tested(name, test))
        yield from found
        if any(finding.status == "fail" for finding in found):
            return


def _tested(name: str, test: Callable[[], Finding | None]) -> Iterator[Finding]:
    """The finding of one test; reaching the insurer and being let in are told apart."""
    try:
        finding = test()
    except (AuthenticationError, PermissionDeniedError) as error:
        if name == "reachable":
            yield Finding("ok", "reachable", "the insurer answers")
        yield _failed("authorised", error)
    except TransportError as error:
        yield _failed("reachable", error)
    except TradeCreditError as error:
        yield _failed(name, error)
    else:
        if name == "reachable":
            yield Finding("ok", "reachable", "the insurer answers")
            yield Finding("ok", "authorised", "the key is accepted")
        elif finding is not None:
            yield finding


def _policy(client: TradeCreditClient) -> Finding:
    try:
        policy = client.policies.get()
    except UnsupportedOperationError:
        remedy = "Write them into [profiles.NAME.terms] of the profile file; without, checks count with the usual ones."
        return Finding("warn", "policy", f"{client.name} does not tell the policy's terms", remedy)
    terms = f"{policy.id}: {policy.currency}, {policy.insured_percentage} % insured, payment terms at most "
    return Finding("ok", "policy", f"{terms}{policy.max_payment_terms_days} days")


def _clock(client: TradeCreditClient) -> Finding | None:
    """Compare clocks where the contract has a call that every key may make; None where it has not."""
    if client.name != "open":
        return None
    date, now = client.request("GET", "policies").headers.get("Date"), datetime.now(timezone.utc)
    with suppress(TypeError, ValueError):
        skew = round((now - parsedate_to_datetime(str(date))).total_seconds())
        if abs(skew) <= MOST_SKEW_SECONDS:
            return Finding("ok", "clock", f"within {MOST_SKEW_SECONDS} seconds of the insurer's")
        wrong = f"{abs(skew)} seconds {'ahead of' if skew > 0 else 'behind'} the insurer's"
        return Finding("warn", "clock", wrong, "Let this machine's clock be set over the network (NTP).")
    return None


def _journal(run: Run) -> Iterator[Finding]:
    if run.journal is False:
        yield Finding("warn", "journal", "switched off", "Without --no-journal nothing that is sent can be lost.")
        return
    try:
        book = run.open_journal()
        book.open()
        yield Finding("ok", "journal", f"writable: {book.url}")
        yield _unknown(book)
    except TradeCreditError as error:
        yield _failed("journal", error)


def _unknown(book: Journal) -> Finding:
    from tradecredit_sdk.journal.entry import OPEN_STATES

    count = sum(1 for _ in book.entries(states=tuple(OPEN_STATES)))
    if not count:
        return Finding("ok", "outcomes", "every outcome is known")
    remedy = "tradecredit limit reconcile; tradecredit overdue reconcile"
    return Finding("warn", "outcomes", f"{count} in the journal without a definite outcome", remedy)


def _failed(check: str, error: TradeCreditError) -> Finding:
    described = describe(error)
    return Finding("fail", check, described.message, described.remedy, described.code)
