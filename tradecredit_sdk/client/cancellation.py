"""How a cancellation is sent, and when a lost one must not be sent again."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import takewhile
from typing import TYPE_CHECKING, Any

from tradecredit_sdk.errors import ConflictError, NoAnswerError, NotFoundError, TradeCreditError
from tradecredit_sdk.insurers.base import Operation
from tradecredit_sdk.journal.entry import Entry, EntryKind, EntryState
from tradecredit_sdk.journal.procedure import Procedure
from tradecredit_sdk.models.base import Id, RequestModel
from tradecredit_sdk.models.limit import CreditLimit, LimitApplication, LimitState
from tradecredit_sdk.pagination import Pager

if TYPE_CHECKING:
    from tradecredit_sdk.client.desk import Desk

Target = LimitApplication | CreditLimit


class Cancellation(RequestModel):
    """What the journal keeps of a cancellation."""

    target_id: Id


def cancelling(desk: Desk) -> Procedure[Cancellation, Target]:
    """Repeating it is harmless only as long as the id stands for what was meant; so it is looked at first."""
    return Procedure(
        kind=EntryKind.CANCELLATION,
        request=Cancellation,
        send=lambda request: desk.insurer.cancel_limit(request.target_id),
        find=lambda request, since: _ended(_target(desk, request.target_id)),
        repeatable=True,
        write=lambda answer: {type(answer).__name__: answer.model_dump(mode="json")},
        read=_read,
        overtaken=lambda request, entry: _overtaken(desk, request, entry),
    )


def _target(desk: Desk, target_id: str) -> Target | None:
    """What the id stands for at the insurer now; None if nothing, or if the insurer cannot be asked."""
    able = desk.insurer.capabilities.supports
    if able(Operation.LIST_LIMITS):
        rows = Pager(lambda at: desk.insurer.list_limits(cursor=at))
        row = next((row for row in rows if row.id == target_id), None)
        if row is not None:
            return row
    if able(Operation.GET_APPLICATION):
        try:
            return desk.insurer.get_application(target_id)
        except NotFoundError:
            pass
    return None


def _ended(target: Target | None) -> Target | None:
    return target if target is not None and target.state == LimitState.CANCELLED else None


def _overtaken(desk: Desk, request: Cancellation, entry: Entry) -> TradeCreditError | None:
    """Why it must not be sent any more: something was asked for or granted since on the same buyer."""
    target = _target(desk, request.target_id)
    news = next(_newer(desk, request.target_id, target, entry), None)
    if news is None:
        return None
    buyer_id = None if target is None else target.buyer_id
    look = f"tradecredit limit list{f' --buyer {buyer_id}' if buyer_id else ''}"
    again = f"If {request.target_id} is still to be cancelled: tradecredit limit cancel {request.target_id}"
    facts: dict[str, Any] = {"insurer": entry.scope.insurer, "operation": Operation.CANCEL_LIMIT.value}
    if entry.state is EntryState.PLANNED:
        message = (
            f"the cancellation of {request.target_id} was not sent, and is not any more: {news}. See: {look}. {again}"
        )
        return ConflictError(message, code="overtaken", **facts)
    return NoAnswerError(
        f"whether {entry.scope.insurer} received the cancellation of {request.target_id} is unknown, and it is not repeated, "
        f"because {news}. See what is in force: {look}. {again}",
        code="overtaken",
        **facts,
    )


def _newer(desk: Desk, target_id: str, target: Target | None, entry: Entry) -> Iterator[str]:
    since = entry.first_sent_at or entry.planned_at
    buyer_id = None if target is None else target.buyer_id
    if isinstance(target, CreditLimit) and target.valid_from > since.date():
        yield f"it is in force since {target.valid_from} only"
    for later in desk.later(entry, EntryKind.LIMIT_REQUEST):
        # Of an unknown buyer it cannot be excluded that it is the same one.
        if buyer_id in (None, later.payload.get("buyer_id")):
            yield f"limit request {later.reference} was written down since"
    if buyer_id is not None and desk.insurer.capabilities.supports(Operation.LIST_APPLICATIONS):
        rows = Pager(lambda at: desk.insurer.list_applications(buyer_id=buyer_id, cursor=at))
        for application in takewhile(lambda row: _is_since(row, since), rows):  # newest first
            if application.id != target_id and application.created_at is not None:
                yield f"{application.id} (reference {application.reference}) was requested since"


def _is_since(application: LimitApplication, since: datetime) -> bool:
    return application.created_at is None or application.created_at > since


def _read(written: dict[str, Any]) -> Target:
    if "CreditLimit" in written:
        return CreditLimit.model_validate(written["CreditLimit"])
    return LimitApplication.model_validate(written["LimitApplication"])
