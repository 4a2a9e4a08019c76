"""Deadlines are watched without the network: what is not at the insurer yet, until when, and what was told on another way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timezone
from typing import Any

from pydantic import ValidationError

from tradecredit_sdk.client.desk import Desk
from tradecredit_sdk.client.inputs import an_id
from tradecredit_sdk.errors import InvalidInputError
from tradecredit_sdk.journal.entry import OPEN_STATES, Entry, EntryKind
from tradecredit_sdk.models.adverse import AdverseReport
from tradecredit_sdk.models.base import parse_day
from tradecredit_sdk.models.overdue import Overdue, OverdueDeclaration, OverdueState
from tradecredit_sdk.models.policy import Policy
from tradecredit_sdk.rules.calendar import latest_day
from tradecredit_sdk.rules.deadlines import deadlines, tell_by

_BY_HAND = "Declared by hand on "


@dataclass(frozen=True)
class Waiting:
    """Something that is, or may be, not at the insurer: `last_day` to tell it, and `request` with all it takes by hand."""

    entry: Entry
    request: OverdueDeclaration | AdverseReport
    last_day: date
    days_left: int

    @property
    def is_late(self) -> bool:
        """Whether the last day has passed."""
        return self.days_left < 0


def waiting(desk: Desk, policy: Policy, today: date) -> tuple[Waiting, ...]:
    """All that waits, the least time left first. Last days run from the original due dates and days of the event alone."""
    if desk.journal is None:
        return ()
    found = []
    for entry in desk.journal.entries(states=list(OPEN_STATES)):
        request = _request(entry) if entry.scope == desk.scope else None
        if request is not None:
            last = _last_day(request, policy)
            found.append(Waiting(entry, request, last, (last - today).days))
    return tuple(sorted(found, key=lambda item: (item.days_left, item.entry.id)))


def declared_by_hand(
    desk: Desk, reference: str, *, insurer_id: str, declared_on: date | str, proof: str, comment: str | None
) -> Overdue:
    """Close a declaration of the journal as answered, with the proof in its answer."""
    entry = desk.entry(EntryKind.OVERDUE_DECLARATION, reference)
    if desk.journal is None or entry is None or entry.state not in OPEN_STATES:
        state = "is not in the journal" if entry is None else f"is {entry.state.value} already"
        raise InvalidInputError(f"declaration {reference} {state}; nothing was recorded", reference=reference)
    if not proof.strip():
        raise InvalidInputError("name the proof, such as the confirmation of receipt", reference=reference)
    try:
        day = parse_day(declared_on)
    except ValueError as error:
        raise InvalidInputError(f"declared_on: {error}", reference=reference) from None
    if day > latest_day(desk.clock.now()):
        raise InvalidInputError(f"declared_on: {day} has not come yet; nothing was recorded", reference=reference)
    declaration = OverdueDeclaration.model_validate(entry.payload)
    words = f"{_BY_HAND}{day}; proof: {proof.strip()}" + (f". {comment}" if comment else "")
    facts: dict[str, Any] = {
        "id": an_id("insurer_id", insurer_id),
        "reference": reference,
        "state": OverdueState.DECLARED,
        "buyer_id": declaration.buyer_id,
        "invoices": [invoice.model_dump() for invoice in declaration.invoices],
        "total": declaration.total,
        "reason": declaration.reason.value,
        "answer": words,
        "declared_at": datetime.combine(day, time(), timezone.utc),
    }
    overdue = Overdue.model_validate(facts)
    if not desk.journal.answer_by_hand(entry, overdue.id, overdue.model_dump(mode="json")):
        raise InvalidInputError(
            f"declaration {reference} is being sent at this moment; look again", reference=reference
        )
    return overdue


def was_by_hand(entry: Entry) -> bool:
    """Whether a person told the journal of it, and the insurer has not been heard about it since."""
    return str((entry.answer or {}).get("answer")).startswith(_BY_HAND)


def _request(entry: Entry) -> OverdueDeclaration | AdverseReport | None:
    models: dict[EntryKind, type[OverdueDeclaration] | type[AdverseReport]] = {
        EntryKind.OVERDUE_DECLARATION: OverdueDeclaration,
        EntryKind.ADVERSE_REPORT: AdverseReport,
    }
    model = models.get(entry.kind)
    try:
        return None if model is None else model.model_validate(entry.payload)
    except ValidationError:  # written down by another version, which reconciling names
        return None


def _last_day(request: OverdueDeclaration | AdverseReport, policy: Policy) -> date:
    if isinstance(request, AdverseReport):
        return tell_by(request.happened_on, policy)
    return deadlines(min(invoice.due_date for invoice in request.invoices), policy).notification
