"""`tradecredit journal`: what was sent and what came of it; and how an unknown outcome becomes a definite one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tradecredit_sdk.cli.exit_codes import ExitCode
from tradecredit_sdk.cli.noun import Noun
from tradecredit_sdk.cli.options import Run, pass_run, shared_options
from tradecredit_sdk.cli.output import Column, emit, note

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tradecredit_sdk.journal import Entry, Reconciled

STATES = ("planned", "sending", "answered", "refused", "unknown")
COLUMNS = (
    Column("planned_at", "written"),
    Column("kind", "kind"),
    Column("reference", "reference"),
    Column("state", "state"),
    Column("insurer_id", "insurer's id"),
    Column("insurer", "insurer"),
    Column("policy", "policy"),
    Column("attempts", "sent", numeric=True),
    Column("message", "why"),
)


def entry_record(entry: Entry) -> dict[str, Any]:
    """One line of the journal; `payload` is what was asked."""
    moments = {"planned_at": entry.planned_at, "sent_at": entry.sent_at, "answered_at": entry.answered_at}
    return {
        "id": entry.id,
        "kind": entry.kind.value,
        "reference": entry.reference,
        "state": entry.state.value,
        "insurer_id": entry.insurer_id,
        "insurer": entry.scope.insurer,
        "policy": entry.scope.policy,
        "attempts": entry.attempts,
        **{name: moment.isoformat(timespec="seconds") if moment else None for name, moment in moments.items()},
        "message": (entry.error or {}).get("message"),
        "payload": entry.payload,
    }


@click.group(cls=Noun)
def journal() -> None:
    """Look at what was sent and what came of it."""


@journal.command(name="list")
@click.option("--state", "states", multiple=True, type=click.Choice(STATES), help="Only these. Repeatable.")
@shared_options
@pass_run
def list_(run: Run, states: tuple[str, ...]) -> None:
    """List what was written down, oldest first; `--state unknown` is what still has to be reconciled."""
    book = run.open_journal()
    from tradecredit_sdk.journal import EntryState

    wanted = [EntryState(state) for state in states] or None
    emit(run.output, map(entry_record, book.entries(states=wanted)), COLUMNS, nothing="the journal has no such line")


def show_reconciled(run: Run, results: Sequence[Reconciled]) -> int:
    """Show what became of each unknown outcome; the exit code of the first that stays unknown."""
    from tradecredit_sdk.cli.failure import describe

    emit(run.output, (entry_record(result.entry) for result in results), COLUMNS, nothing="nothing was left open")
    still = [result for result in results if not result.is_definite]
    if not still:
        return ExitCode.DONE
    note(f"{len(still)} of {len(results)} still without a definite outcome; ask again later")
    first = still[0].error
    return ExitCode.OTHER if first is None else describe(first).code
