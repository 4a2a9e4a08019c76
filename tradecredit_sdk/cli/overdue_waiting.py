"""`tradecredit overdue waiting` and `declared-by-hand`: the last days are watched, and kept, without the insurer."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tradecredit_sdk.cli.exit_codes import ExitCode
from tradecredit_sdk.cli.options import Run, in_zone, pass_run, shared_options
from tradecredit_sdk.cli.output import Column, emit, note
from tradecredit_sdk.cli.overdue_record import show_overdue
from tradecredit_sdk.cli.params import DAY, ID, hash_of

if TYPE_CHECKING:
    from tradecredit_sdk.client.overdue_watch import Waiting
    from tradecredit_sdk.journal.entry import Entry, Scope

_WAITING_COLUMNS = (
    Column("last_day", "last day"),
    Column("days_left", "days left", numeric=True),
    Column("kind", "kind"),
    Column("reference", "reference"),
    Column("state", "state"),
    Column("buyer_id", "buyer"),
    Column("what", "what"),
)


@click.command()
@click.option("--today", type=DAY, metavar="DATE", help="The day from which days are counted (default: today).")
@in_zone
@shared_options
@pass_run
def waiting(run: Run, today: date | None) -> int:
    """List what is not at the insurer yet, with its last day; exit code 12 when one has passed.

    The insurer need not be reachable: then days are counted with the terms of the profile file, or the usual ones.
    """
    from tradecredit_sdk.cli.overdue_known import policy_here

    if run.journal is False:
        raise click.UsageError("what waits is told by the journal: leave out --no-journal")
    book = run.open_journal()
    entries = list(book.entries())
    client = run.client(journal=True)
    found = client.overdues.waiting(policy_here(client, or_usual=True), today or run.today())
    nothing = "nothing that was written down here waits to be declared"
    emit(run.output, map(_waiting_record, found), _WAITING_COLUMNS, nothing=nothing)
    if found:
        note(
            "send them: tradecredit overdue reconcile. If the insurer cannot be reached in time, declare by hand and "
            "record it: tradecredit overdue declared-by-hand REFERENCE"
        )
    note(f"journal: {book.url}, {len(entries):,} entries")
    if not entries:
        note(
            "warning: this journal is new or empty: what was sent from another machine or with another TRADECREDIT_JOURNAL is "
            "not seen here"
        )
    _name_others(entries, client.scope)
    return ExitCode.PAST_DUE if any(item.is_late for item in found) else ExitCode.DONE


def _name_others(entries: Iterable[Entry], here: Scope) -> None:
    """Say what waits for other policies or addresses, and which changes have no outcome."""
    from tradecredit_sdk.journal.entry import OPEN_STATES, EntryKind

    others: dict[Scope, list[str]] = {}
    changes = []
    for entry in entries:
        if entry.state not in OPEN_STATES:
            continue
        if entry.kind in (EntryKind.OVERDUE_DECLARATION, EntryKind.ADVERSE_REPORT) and entry.scope != here:
            others.setdefault(entry.scope, []).append(entry.reference)
        elif entry.kind is EntryKind.OVERDUE_CHANGE and entry.scope == here:
            changes.append(entry.reference)
    for scope, references in others.items():
        where = f"{scope.insurer} at {scope.account}, policy {scope.policy or 'none'}"
        note(f"warning: {len(references)} more wait in this journal under {where}: {', '.join(references)}")
    if changes:
        note(f"changes without an outcome: {', '.join(changes)}; settle them: tradecredit overdue reconcile")


def _waiting_record(item: Waiting) -> dict[str, Any]:
    request = item.request.model_dump(mode="json", exclude_none=True)
    invoices = request.get("invoices", ())
    what = [
        f"{one['number']} due {one['due_date']} {one['amount']['amount']} {one['amount']['currency']}"
        for one in invoices
    ]
    return {
        "last_day": item.last_day.isoformat(),
        "days_left": item.days_left,
        "is_late": item.is_late,
        "kind": item.entry.kind.value,
        "reference": item.entry.reference,
        "state": item.entry.state.value,
        "buyer_id": item.request.buyer_id,
        "what": what or [f"{request.get('kind')} on {request.get('happened_on')}"],
        "request": request,
    }


@click.command(name="declared-by-hand")
@click.argument("reference", metavar="REFERENCE")
@click.option("--id", "insurer_id", required=True, type=ID, metavar="ID", help="The insurer's number of it.")
@click.option("--proof", required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE",
              help="The proof, such as a confirmation of receipt: its name and hash are kept, the file stays where it is.")  # fmt: skip
@click.option("--on", "declared_on", type=DAY, metavar="DATE", help="The day it was declared (default: today).")
@click.option("--comment", help="For the insurer.")
@in_zone
@shared_options
@pass_run
def declared_by_hand(
    run: Run, reference: str, insurer_id: str, proof: Path, declared_on: date | None, comment: str | None
) -> int:
    """Record that a declaration which is waiting reached the insurer on another way, so that it is not sent again."""
    kept = f"{proof.name}, SHA-256 {hash_of(proof)}"
    record = run.client(journal=True).overdues.declared_by_hand(
        reference, insurer_id=insurer_id, declared_on=declared_on or run.today(), proof=kept, comment=comment
    )
    show_overdue(run.output, record)
    return ExitCode.DONE
