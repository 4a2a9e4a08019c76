"""The same command a second time: who gives no reference of his own does not ask the insurer twice by mistake."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, TypeVar

from tradecredit_sdk.cli.failure import RefusedError, refused
from tradecredit_sdk.cli.output import note
from tradecredit_sdk.errors import NotFoundError, UnsupportedOperationError
from tradecredit_sdk.journal.entry import OPEN_STATES, Entry, EntryState
from tradecredit_sdk.models.limit import LimitRequest, LimitState
from tradecredit_sdk.models.overdue import OverdueDeclaration, OverdueState

if TYPE_CHECKING:
    from tradecredit_sdk.client import TradeCreditClient

Q = TypeVar("Q", LimitRequest, OverdueDeclaration)

RECENT = timedelta(hours=24)
"""So long the same content is taken for a repetition. Later it may be meant: a reference of one's own never repeats."""

_NO_LONGER = frozenset(
    {LimitState.REFUSED, LimitState.CANCELLED, LimitState.WITHDRAWN, LimitState.EXPIRED, LimitState.SUPERSEDED}
)
"""After one of these, to ask for the same is to ask anew."""


def request_once(client: TradeCreditClient, request: LimitRequest) -> LimitRequest:
    """The request to send; RefusedError when the insurer has the same of the last 24 hours, still standing."""

    def standing(entry: Entry) -> str | None:
        decision = client.limits.decision(entry.reference)
        ours = decision.reference in (None, entry.reference)
        return _word(decision.state) if ours and decision.state not in _NO_LONGER else None

    same = client.limits.same_content(request, since=_since())
    return _unrepeated(request, same, standing, lambda entry: f"tradecredit limit decision {entry.reference}")


def declare_once(client: TradeCreditClient, declaration: OverdueDeclaration) -> OverdueDeclaration:
    """The declaration to send; RefusedError when the insurer has the same of the last 24 hours, still standing."""

    def standing(entry: Entry) -> str | None:
        overdue = client.overdues.get(str(entry.insurer_id))
        ours = overdue.reference in (None, entry.reference)
        return _word(overdue.state) if ours and overdue.state != OverdueState.REJECTED else None

    same = client.overdues.same_content(declaration, since=_since())
    return _unrepeated(declaration, same, standing, lambda entry: f"tradecredit overdue show {entry.insurer_id}")


def _unrepeated(
    request: Q, same: Sequence[Entry], standing: Callable[[Entry], str | None], look: Callable[[Entry], str]
) -> Q:
    """What was written down before and has no outcome yet is taken up again: under its reference it is sent once."""
    for entry in reversed(same):
        if entry.state in OPEN_STATES:
            note(f"taking up {entry.reference} again: the same was written down {_when(entry)} and has no outcome yet")
            return request.model_copy(update={"reference": entry.reference})
        if entry.state is not EntryState.ANSWERED:
            continue
        try:
            state = standing(entry)
        except NotFoundError:  # gone: a sandbox that began anew
            continue
        except UnsupportedOperationError:
            state = "received"
        if state is not None:
            raise _refusal(entry, state, look(entry))
    return request


def _refusal(entry: Entry, state: str, look: str) -> RefusedError:
    message = f"the same was sent {_when(entry)} under reference {entry.reference} and is {state} ({entry.insurer_id})"
    remedy = f"To see it: {look}. To ask once more on purpose, give a reference of your own: --reference NEW"
    return refused(message, "repeated", remedy, reference=entry.reference)


def _since() -> datetime:
    return datetime.now(timezone.utc) - RECENT


def _when(entry: Entry) -> str:
    return f"on {entry.planned_at:%Y-%m-%d at %H:%M} UTC"


def _word(state: LimitState | OverdueState | str) -> str:
    return str(getattr(state, "value", state)).replace("_", " ")
