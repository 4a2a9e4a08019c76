"""The same command a second time: who gives no reference of his own does not ask the insurer twice by mistake."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, TypeVar

from tradecredit_sdk.cli.failure import RefusedError, refused
from tradecredit_sdk.cli.output import note
from tradecredit_sdk.client.reference import new_reference
from tradecredit_sdk.errors import NotFoundError, UnsupportedOperationError
from tradecredit_sdk.journal.entry import OPEN_STATES, Entry, fingerprint_of
from tradecredit_sdk.models.limit import LimitRequest, LimitState
from tradecredit_sdk.models.overdue import OverdueDeclaration, OverdueState

if TYPE_CHECKING:
    from tradecredit_sdk.client import TradeCreditClient

Q = TypeVar("Q", LimitRequest, OverdueDeclaration)

RECENT = timedelta(hours=24)
"""So long what the insurer answered is taken for a repetition. Later it may be meant: a reference of one's own never repeats."""

_NO_LONGER = frozenset(
    {LimitState.REFUSED, LimitState.CANCELLED, LimitState.WITHDRAWN, LimitState.EXPIRED, LimitState.SUPERSEDED}
)
"""After one of these, to ask for the same is to ask anew."""
_TAKEN_BACK = frozenset({OverdueState.REJECTED, OverdueState.WITHDRAWN})


def request_once(client: TradeCreditClient, request: LimitRequest) -> LimitRequest:
    """The request to send; RefusedError when the insurer has the same of the last 24 hours, still standing."""
    limits = client.limits
    mine = request.model_copy(update={"reference": new_reference()})

    def standing(entry: Entry) -> str | None:
        decision = limits.decision(entry.reference)
        ours = decision.reference in (None, entry.reference)
        return _word(decision.state) if ours and decision.state not in _NO_LONGER else None

    def refusal(entry: Entry, state: str) -> RefusedError:
        return _refusal("the same", entry, state, f"tradecredit limit decision {entry.reference}")

    return _unrepeated(mine, lambda passed: limits.reserve(mine, since=_since(), passed=passed), standing, refusal)


def declare_once(client: TradeCreditClient, declaration: OverdueDeclaration) -> OverdueDeclaration:
    """The declaration to send; RefusedError when the insurer has one of its invoices of the last 24 hours, still standing."""
    overdues = client.overdues
    mine = declaration.model_copy(update={"reference": new_reference()})

    def standing(entry: Entry) -> str | None:
        overdue = overdues.get(str(entry.insurer_id))
        ours = overdue.reference in (None, entry.reference)
        return _word(overdue.state) if ours and overdue.state not in _TAKEN_BACK else None

    def refusal(entry: Entry, state: str) -> RefusedError:
        same = entry.fingerprint == fingerprint_of(mine)
        what = "the same" if same else f"a declaration with {', '.join(overdues.declared_before(mine, entry))}"
        return _refusal(what, entry, state, f"tradecredit overdue show {entry.insurer_id}")

    return _unrepeated(mine, lambda passed: overdues.reserve(mine, since=_since(), passed=passed), standing, refusal)


def _unrepeated(
    mine: Q,
    reserve: Callable[[Collection[int]], Entry | None],
    standing: Callable[[Entry], str | None],
    refusal: Callable[[Entry, str], RefusedError],
) -> Q:
    """What was written down before and has no outcome yet is taken up again: under its reference it is sent once.

    `reserve` looks and writes in one step, so that of several commands at once one sends and the others find its entry.
    """
    passed: set[int] = set()
    while (entry := reserve(passed)) is not None:
        if entry.state in OPEN_STATES:
            if entry.fingerprint != fingerprint_of(mine):
                raise refusal(entry, "without an outcome yet")
            note(f"taking up {entry.reference} again: the same was written down {_when(entry)} and has no outcome yet")
            return mine.model_copy(update={"reference": entry.reference})
        try:
            state = standing(entry)
        except NotFoundError:  # gone: a sandbox that began anew
            state = None
        except UnsupportedOperationError:
            state = "received"
        if state is not None:
            raise refusal(entry, state)
        passed.add(entry.id)
    return mine


def _refusal(what: str, entry: Entry, state: str, look: str) -> RefusedError:
    if entry.state in OPEN_STATES:
        message = f"{what} was written down {_when(entry)} under reference {entry.reference} and is {state}"
        remedy = "To settle that one: tradecredit overdue reconcile. "
    else:
        message = (
            f"{what} was sent {_when(entry)} under reference {entry.reference} and is {state} ({entry.insurer_id})"
        )
        remedy = f"To see it: {look}. "
    remedy += "To ask once more on purpose, give a reference of your own: --reference NEW"
    return refused(message, "repeated", remedy, reference=entry.reference)


def _since() -> datetime:
    return datetime.now(timezone.utc) - RECENT


def _when(entry: Entry) -> str:
    return f"on {entry.planned_at:%Y-%m-%d at %H:%M} UTC"


def _word(state: LimitState | OverdueState | str) -> str:
    return str(getattr(state, "value", state)).replace("_", " ")
