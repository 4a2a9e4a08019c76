"""What is known before a scan: the policy's terms, and what was declared; also while the insurer cannot be reached."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from tradecredit_sdk.cli.output import note
from tradecredit_sdk.cli.policy import policy_or_usual, usual_policy
from tradecredit_sdk.errors import JournalError, ServerError, TransportError
from tradecredit_sdk.insurers.base import Operation
from tradecredit_sdk.models.overdue import InvoiceState, Overdue

if TYPE_CHECKING:
    from tradecredit_sdk.cli.options import Run
    from tradecredit_sdk.client import TradeCreditClient
    from tradecredit_sdk.journal import Entry
    from tradecredit_sdk.models.policy import Policy
    from tradecredit_sdk.rules.overdue_scan import Told

_UNREACHED = (TransportError, ServerError)
_Known = dict[tuple[str, str], "Told"]


def policy_here(client: TradeCreditClient, *, or_usual: bool = False) -> Policy:
    """The insurer's policy; while it cannot be reached, that of the profile file.

    Else the insurer's error, or with `or_usual` the usual terms, and a message that says so.
    """
    try:
        return policy_or_usual(client, "EUR")
    except _UNREACHED as error:
        terms = client.settings.terms
        if terms is not None:
            note(f"warning: {client.name} cannot be reached: counting with the terms of the profile file")
            return terms
        if or_usual:
            return usual_policy(client, "EUR", f"{client.name} cannot be reached")
        error.message += "; [profiles.NAME.terms] in the profile file would let the scan work without the insurer"
        raise


def declared_before(client: TradeCreditClient, run: Run, today: date) -> Mapping[tuple[str, str], Told]:
    """What the insurer was told of each (buyer, invoice number) and is neither settled nor withdrawn since.

    The insurer's list is believed. The journal adds what was declared by hand, and what was sent where the insurer gives
    no list or cannot be reached.
    """
    listed = _listed(client)
    known: _Known = {}
    for overdue in listed or ():
        day = overdue.declared_at.date() if overdue.declared_at is not None else today
        _take(known, overdue.buyer_id, _still_declared(overdue), day)
    ids = {overdue.id for overdue in listed or ()}
    for entry, is_by_hand in _of_journal(run, client):
        if listed is None or (is_by_hand and entry.insurer_id not in ids):
            _take(known, str(entry.payload.get("buyer_id")), _recorded(entry), entry.planned_at.date())
    return known


def _listed(client: TradeCreditClient) -> list[Overdue] | None:
    """What the insurer has, newest first; None when it cannot say all of it."""
    if not client.capabilities.supports(Operation.LIST_OVERDUES):
        return None
    try:
        return list(client.overdues.list())
    except _UNREACHED:
        note(f"warning: {client.name} cannot be reached: what was declared is told by the journal alone")
        return None


def _still_declared(overdue: Overdue) -> tuple[InvoiceState, ...]:
    return () if overdue.is_closed else tuple(invoice for invoice in overdue.invoices if invoice.is_open)


def _take(known: _Known, buyer_id: str, invoices: tuple[InvoiceState, ...], day: date) -> None:
    """Add invoices that no later declaration names."""
    from tradecredit_sdk.rules.overdue_scan import Told

    for invoice in invoices:
        known.setdefault((buyer_id, invoice.number), Told(day, invoice.due_date, invoice.amount))


def _of_journal(run: Run, client: TradeCreditClient) -> Iterator[tuple[Entry, bool]]:
    """Declarations under this very policy that the insurer has answered, newest first, and whether by hand."""
    if run.journal is False:
        return
    try:
        from tradecredit_sdk.client.overdue_watch import was_by_hand
        from tradecredit_sdk.journal.entry import EntryKind, EntryState

        entries = list(run.open_journal().entries(states=[EntryState.ANSWERED]))
    except (JournalError, ModuleNotFoundError) as error:
        reason = error.message if isinstance(error, JournalError) else f"{error.name} is not installed"
        note(f"warning: the journal cannot be read, so that what it alone knows to be declared is missing: {reason}")
        return
    for entry in reversed(entries):
        if entry.kind is EntryKind.OVERDUE_DECLARATION and entry.scope == client.scope:
            yield entry, was_by_hand(entry)


def _recorded(entry: Entry) -> tuple[InvoiceState, ...]:
    """The invoices as the insurer said last; as they were declared, where it names none."""
    try:
        answer = Overdue.model_validate(entry.answer)
    except ValidationError:  # written down by another version
        answer = None
    if answer is not None and (answer.invoices or answer.is_closed):
        return _still_declared(answer)
    declared: list[Any] = entry.payload.get("invoices", [])
    return tuple(InvoiceState.model_validate(invoice) for invoice in declared)
