"""What is known before a scan: the policy's terms, and what was declared; also while the insurer cannot be reached."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING, Any

from tradecredit_sdk.cli.output import note
from tradecredit_sdk.cli.policy import policy_or_usual
from tradecredit_sdk.errors import JournalError, ServerError, TransportError
from tradecredit_sdk.insurers.base import Operation
from tradecredit_sdk.models.base import parse_day
from tradecredit_sdk.models.overdue import CLOSED_STATES

if TYPE_CHECKING:
    from tradecredit_sdk.cli.options import Run
    from tradecredit_sdk.client import TradeCreditClient
    from tradecredit_sdk.models.policy import Policy

_UNREACHED = (TransportError, ServerError)


def policy_here(client: TradeCreditClient) -> Policy:
    """The insurer's policy; while it cannot be reached, that of the profile file. Else the insurer's error."""
    try:
        return policy_or_usual(client, "EUR")
    except _UNREACHED as error:
        terms = client.settings.terms
        if terms is None:
            error.message += "; [profiles.NAME.terms] in the profile file would let the scan work without the insurer"
            raise
        note(f"warning: {client.name} cannot be reached: counting with the terms of the profile file")
        return terms


def declared_before(client: TradeCreditClient, run: Run) -> Mapping[tuple[str, str], date]:
    """The day each (buyer, invoice number) was declared: what the insurer says, and what the journal has sent."""
    known = {} if run.journal is False else _of_journal(run, client)
    if client.capabilities.supports(Operation.LIST_OVERDUES):
        try:
            for overdue in client.overdues.list():
                for invoice in overdue.invoices:
                    key = overdue.buyer_id, invoice.number
                    if overdue.state in CLOSED_STATES:
                        known.pop(key, None)
                    elif overdue.declared_at is not None:
                        known[key] = overdue.declared_at.date()
        except _UNREACHED:
            note(f"warning: {client.name} cannot be reached: what was declared is told by the journal alone")
    return known


def _of_journal(run: Run, client: TradeCreditClient) -> dict[tuple[str, str], date]:
    from tradecredit_sdk.journal.entry import EntryKind, EntryState

    known: dict[tuple[str, str], date] = {}
    try:
        entries = list(run.open_journal().entries(states=[EntryState.ANSWERED]))
    except (JournalError, ModuleNotFoundError):
        return known
    for entry in entries:
        if entry.kind is EntryKind.OVERDUE_DECLARATION and entry.scope.insurer == client.name:
            payload: dict[str, Any] = entry.payload
            for invoice in payload.get("invoices", ()):
                known[str(payload.get("buyer_id")), str(invoice["number"])] = parse_day(entry.planned_at.date())
    return known
