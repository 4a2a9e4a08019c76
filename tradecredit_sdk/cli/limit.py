"""`tradecredit limit`: ask for cover, read the decision, see what is in force."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import click

from tradecredit_sdk.cli.dry_run import show_instead
from tradecredit_sdk.cli.exit_codes import ExitCode
from tradecredit_sdk.cli.noun import Noun
from tradecredit_sdk.cli.options import Run, pass_run, shared_options, unsafe
from tradecredit_sdk.cli.output import Column, emit, emit_one, flat, note
from tradecredit_sdk.cli.params import AMOUNT, CURRENCY, DAY, ID, SECONDS, build, money

if TYPE_CHECKING:
    from tradecredit_sdk.client import TradeCreditClient
    from tradecredit_sdk.models.limit import CreditLimit, LimitApplication, LimitDecision

APPLICATION = (
    Column("id", "request"),
    Column("reference", "reference"),
    Column("buyer_id", "buyer"),
    Column("action", "action"),
    Column("kind", "kind"),
    Column("amount", "asked", currency="currency"),
    Column("state", "state"),
    Column("granted", "granted", currency="granted_currency"),
    Column("created_at", ""),
)
DECISION = (
    Column("application_id", "request"),
    Column("reference", "reference"),
    Column("buyer_id", "buyer"),
    Column("state", "state"),
    Column("amount", "granted", currency="currency"),
    Column("insurer_code", "insurer's code"),
    Column("reason", "reason"),
    Column("conditions", "conditions"),
    Column("limit_id", "limit"),
    Column("valid_from", "from"),
    Column("valid_until", "until"),
)
LIMIT = (
    Column("id", "limit"),
    Column("buyer_id", "buyer"),
    Column("kind", "kind"),
    Column("state", "state"),
    Column("amount", "amount", currency="currency"),
    Column("valid_from", "from"),
    Column("valid_until", "until"),
    Column("announced_on", "changes on"),
    Column("announced_amount", "to", currency="announced_currency"),
    Column("max_terms_days", ""),
    Column("insurer_code", ""),
    Column("application_id", ""),
)


def application_record(application: LimitApplication, decision: LimitDecision | None = None) -> dict[str, Any]:
    """What was asked, with the state of the decision once there is one; the granted amount beside it."""
    decision = decision or application.decision
    record = {**flat(application), "decision": flat(decision) if decision else None}
    if decision is not None:
        record["state"] = record["decision"]["state"]
    granted = decision.amount if decision else None
    record["granted"] = f"{granted.amount:f}" if granted is not None else None
    record["granted_currency"] = granted.currency if granted is not None else None
    return record


def limit_record(row: CreditLimit) -> dict[str, Any]:
    """One row of cover; an announced change also in columns of its own."""
    change = row.announced_change
    return {
        **flat(row),
        "announced_on": change.effective_on.isoformat() if change else None,
        "announced_amount": f"{change.amount.amount:f}" if change else None,
        "announced_currency": change.amount.currency if change else None,
    }


@click.group(cls=Noun)
def limit() -> None:
    """Request credit limits, read decisions, list what is in force."""


@limit.command()
@click.option("--buyer", "buyer_id", required=True, type=ID, metavar="ID", help="The insurer's id of the legal debtor.")
@click.option("--amount", required=True, type=AMOUNT, metavar="N", help="The total wanted, such as 50000.00.")
@click.option("--currency", required=True, type=CURRENCY, metavar="CUR", help="ISO 4217, such as EUR.")
@click.option("--action", type=click.Choice(["new", "increase", "decrease"]), default="new", show_default=True)
@click.option("--terms-days", type=click.IntRange(0, 3650), metavar="N", help="Payment terms; default: the policy's.")
@click.option("--kind", type=click.Choice(["permanent", "temporary"]), default="permanent", show_default=True)
@click.option("--until", "valid_until", type=DAY, metavar="DATE", help="Last day of a temporary limit, YYYY-MM-DD.")
@click.option("--reference", metavar="REF", help="Your own, at most 20 characters; repeating it never asks twice.")
@click.option("--urgent", is_flag=True, help="May cost a fee.")
@click.option("--comment", help="For the underwriter; may cost you the automatic answer.")
@click.option(
    "--wait", type=SECONDS, metavar="SECONDS", help="Wait for the decision; exit code 11 if it is still pending."
)
@unsafe
@pass_run
def request(
    run: Run, buyer_id: str, amount: Decimal, currency: str, action: str, terms_days: int | None, kind: str,
    valid_until: date | None, reference: str | None, urgent: bool, comment: str | None, wait: float | None,
) -> int:  # fmt: skip
    """Ask the insurer to cover a buyer.

    The answer says that the request was received; `limit decision` or --wait says what was decided. Without --reference,
    the same request within 24 hours is refused, unless the insurer has refused or ended what came of the first.
    """
    from tradecredit_sdk.models.limit import LimitRequest

    wanted = build(
        LimitRequest, buyer_id=buyer_id, action=action, kind=kind, amount=money(amount, currency, "--amount"),
        valid_until=valid_until, terms_days=terms_days, urgent=urgent, reference=reference, comment=comment,
    )  # fmt: skip
    if run.dry_run:
        return show_instead(run, "request_limit", wanted)
    client = run.client(journal=True)
    if reference is None:
        from tradecredit_sdk.cli.repeats import request_once

        wanted = request_once(client, wanted)
    application = client.limits.request(wanted)
    decision = None
    if wait is not None and application.is_pending:
        # Said before the wait: whoever interrupts it must know that the request is at the insurer, and how to go on.
        note(
            f"requested as {application.id}, reference {application.reference}; waiting for the decision. After Ctrl-C ask "
            f"for it with: tradecredit limit decision {application.reference or application.id}"
        )
        decision = _wait(client, application.id, wait)
    emit_one(run.output, application_record(application, decision), APPLICATION)
    pending = application.is_pending if decision is None else decision.is_pending
    if not pending:
        return ExitCode.DONE
    note(f"pending; ask for the decision with: tradecredit limit decision {application.id}")
    return ExitCode.DONE if wait is None else ExitCode.PENDING


@limit.command()
@click.argument("request_id", type=ID, metavar="REQUEST")
@click.option("--wait", type=SECONDS, metavar="SECONDS", help="Wait that long for a decision.")
@shared_options
@pass_run
def decision(run: Run, request_id: str, wait: float | None) -> int:
    """Show what was decided on REQUEST, the insurer's id of it or your own reference. Exit code 11 while pending."""
    client = run.client(journal=True)
    found = client.limits.decision(request_id)
    if found.is_pending and wait:
        found = _wait(client, found.application_id, wait) or found
    emit_one(run.output, flat(found), DECISION)
    return ExitCode.PENDING if found.is_pending else ExitCode.DONE


@limit.command(name="list")
@click.option("--buyer", "buyer_id", type=ID, metavar="ID", help="Only this buyer's.")
@shared_options
@pass_run
def list_(run: Run, buyer_id: str | None) -> None:
    """List every row of cover under the policy, ended ones included while the insurer shows them."""
    rows = run.client().limits.list(buyer_id=buyer_id)
    emit(run.output, map(limit_record, rows), LIMIT, nothing="there is no limit under this policy")


@limit.command()
@click.option("--buyer", "buyer_id", type=ID, metavar="ID", help="Only this buyer's.")
@shared_options
@pass_run
def applications(run: Run, buyer_id: str | None) -> None:
    """List what was asked under the policy, newest first."""
    rows = run.client().limits.applications(buyer_id=buyer_id)
    emit(run.output, map(application_record, rows), APPLICATION, nothing="nothing was asked under this policy")


@limit.command()
@click.argument("target_id", type=ID, metavar="ID")
@unsafe
@pass_run
def cancel(run: Run, target_id: str) -> int:
    """Cancel a pending request or a limit by its ID. Doing it twice is no error; it is sent each time."""
    if run.dry_run:
        return show_instead(run, "cancel_limit", {"target_id": target_id})
    from tradecredit_sdk.models.limit import LimitApplication

    cancelled = run.client(journal=True).limits.cancel(target_id)
    if isinstance(cancelled, LimitApplication):
        emit_one(run.output, application_record(cancelled), APPLICATION)
    else:
        emit_one(run.output, limit_record(cancelled), LIMIT)
    return ExitCode.DONE


@limit.command()
@shared_options
@pass_run
def reconcile(run: Run) -> int:
    """Ask the insurer what became of requests whose answer was lost, and send those that never left."""
    from tradecredit_sdk.cli.journal import show_reconciled

    return show_reconciled(run, run.client(journal=True).limits.reconcile())


def _wait(client: TradeCreditClient, application_id: str, seconds: float) -> LimitDecision | None:
    """The decision, or the last that was heard when the time was over first; None if nothing was."""
    from tradecredit_sdk.cli.output import progress
    from tradecredit_sdk.errors import PendingError

    heard: list[LimitDecision] = []
    with progress("waiting for the decision"):
        try:
            return client.limits.wait(application_id, seconds=seconds, progress=heard.append)
        except PendingError:
            return heard[-1] if heard else None
