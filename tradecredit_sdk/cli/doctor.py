"""`tradecredit doctor`: what is configured, reachable, authorised and writable, and what to do about what is not."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import click

from tradecredit_sdk.cli.exit_codes import ExitCode
from tradecredit_sdk.cli.failure import describe, printable
from tradecredit_sdk.cli.options import Run, pass_run, shared_options
from tradecredit_sdk.cli.output import Column, console, emit, show
from tradecredit_sdk.errors import (
    AuthenticationError,
    NotFoundError,
    PermissionDeniedError,
    ResponseFormatError,
    TradeCreditError,
    UnsupportedOperationError,
)

if TYPE_CHECKING:
    from tradecredit_sdk.client import TradeCreditClient
    from tradecredit_sdk.config import Settings
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


_REACHABLE = Finding("ok", "reachable", "the insurer answers")
_AUTHORISED = Finding("ok", "authorised", "the key is accepted")


@click.command()
@shared_options
@pass_run
def doctor(run: Run) -> int:
    """Test configuration, connection, key, policy and journal.

    Each line is ok, warn or fail with what to do about it. The exit code is that of the first failure.
    """
    try:
        run.settings  # noqa: B018 - read once, for both
    except TradeCreditError as error:
        findings = [_failed("configured", error)]
    else:
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
    yield Finding("ok", "configured", f"{client.name}{_environment(settings)} at {settings.shown('base_url')}, policy "
                  f"{settings.policy}; the key is from: {settings.origin('api_key')}")  # fmt: skip
    try:
        told_at = client.probe()
    except TradeCreditError as error:
        yield from _unreached(client, error)
        return
    yield _REACHABLE
    yield _AUTHORISED
    try:
        yield _policy(client)
    except TradeCreditError as error:
        yield _failed("policy", error)
        return
    if told_at is not None:
        yield _clock(told_at)


def _environment(settings: Settings) -> str:
    """Which of an insurer's environments, where it has several; `open` has one, and this machine is none of them."""
    from tradecredit_sdk.config import BASE_URLS

    if (settings.insurer, settings.environment) not in BASE_URLS:
        return ""
    is_public = settings.base_url in BASE_URLS.values()
    return f" ({settings.environment if is_public else f'paths of {settings.environment}'})"


def _unreached(client: TradeCreditClient, error: TradeCreditError) -> Iterator[Finding]:
    """What the first call told of: nobody there, somebody else, a wrong key, or a wrong policy."""
    if isinstance(error, (AuthenticationError, PermissionDeniedError)):
        yield _REACHABLE
        yield _failed("authorised", error)
    elif isinstance(error, ResponseFormatError):
        yield _failed("address", error)
    elif not isinstance(error, NotFoundError):
        yield _failed("reachable", error)
    elif error.code == "policy_not_found" or error.operation == "probe":
        yield _REACHABLE
        yield _AUTHORISED
        unit = " or TRADECREDIT_BUSINESS_UNIT" if client.settings.business_unit else ""
        origin = client.settings.origin("policy")
        remedy = f"Correct TRADECREDIT_POLICY (now from: {origin}){unit}{_own_policies(client)}."
        message = f"the insurer has no policy {client.settings.policy} for this key"
        yield Finding("fail", "policy", message, remedy, describe(error).code)
    else:
        example = (
            f"; the open interface begins at {_with_path(str(client.settings.base_url))}"
            if client.name == "open"
            else ""
        )
        remedy = f"Correct TRADECREDIT_BASE_URL (now from: {client.settings.origin('base_url')}){example}."
        message = "something answers there, but it has not the insurer's interface (404)"
        yield Finding("fail", "address", message, remedy, describe(error).code)


def _own_policies(client: TradeCreditClient) -> str:
    """The policies that the key may see, where the contract lists them."""
    if client.name != "open":
        return ""
    try:
        known = [str(policy["id"]) for policy in client.request("GET", "policies").body["items"]]
    except (TradeCreditError, TypeError, KeyError):
        return ""
    return f"; the key may see: {', '.join(known)}" if known else ""


def _with_path(base_url: str) -> str:
    parts = urlsplit(base_url)
    return f"{parts.scheme}://{parts.netloc}/open/v1"


def _policy(client: TradeCreditClient) -> Finding:
    try:
        policy = client.policies.get()
    except UnsupportedOperationError:
        remedy = "Write them into [profiles.NAME.terms] of the profile file; without, checks count with the usual ones."
        return Finding("warn", "policy", f"{client.name} does not tell the policy's terms", remedy)
    terms = f"{policy.id}: {policy.currency}, {policy.insured_percentage} % insured, payment terms at most "
    return Finding("ok", "policy", f"{terms}{policy.max_payment_terms_days} days")


def _clock(told_at: datetime) -> Finding:
    skew = round((datetime.now(timezone.utc) - told_at).total_seconds())
    if abs(skew) <= MOST_SKEW_SECONDS:
        return Finding("ok", "clock", f"within {MOST_SKEW_SECONDS} seconds of the insurer's")
    wrong = f"{abs(skew)} seconds {'ahead of' if skew > 0 else 'behind'} the insurer's"
    return Finding("warn", "clock", wrong, "Let this machine's clock be set over the network (NTP).")


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
    described = describe(error, to_doctor=False)
    return Finding("fail", check, described.message, described.remedy, described.code)
