"""The same command a second time: who gives no reference of his own does not ask the insurer twice by mistake."""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import datetime, timedelta, timezone
from typing import TYPE_CHECKING, TypeVar

from tradecredit_sdk.cli.failure import RefusedError, refused
from tradecredit_sdk.cli.output import note
from tradecredit_sdk.client.reference import new_reference
from tradecredit_sdk.errors import NotFoundError, UnsupportedOperationError
from tradecredit_sdk.journal.entry import OPEN_STATES, Entry, fingerprint_of, payload_of
from tradecredit_sdk.models.adverse import AdverseReport
from tradecredit_sdk.models.limit import LimitRequest, LimitState
from tradecredit_sdk.models.overdue import OverdueAction, OverdueChange, OverdueDeclaration, OverdueState
from tradecredit_sdk.models.overdue_arrival import has_arrived

if TYPE_CHECKING:
    from tradecredit_sdk.client import TradeCreditClient
    from tradecredit_sdk.models.base import RequestModel

Q = TypeVar("Q", LimitRequest, OverdueDeclaration, OverdueChange, AdverseReport)

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


def change_once(client: TradeCreditClient, change: OverdueChange, *, any_day: str | None = None) -> OverdueChange:
    """The change to send; RefusedError when the insurer has the same of the last 24 hours, and it still holds.

    `any_day` names the day that is today because nobody gave another: what was not answered yesterday is the same.
    """
    overdues = client.overdues
    given = {"overdue_id": overdues.insurer_id(change.overdue_id), "reference": new_reference()}
    mine = change.model_copy(update=given)

    def standing(entry: Entry) -> str | None:
        overdue, before = overdues.get(mine.overdue_id), entry.answer or {}
        if overdue.buyer_id != before.get("buyer_id") or overdue.reference not in (None, before.get("reference")):
            return None
        there = has_arrived(mine.model_copy(update={"reference": entry.reference}), overdue)
        if mine.action is OverdueAction.PAY:
            there = there or not overdue.payments  # not every insurer shows them
        return f"received; the overdue is {_word(overdue.state)}" if there else None

    def refusal(entry: Entry, state: str) -> RefusedError:
        what = f"the same {mine.action.value} of overdue {mine.overdue_id}"
        return _refusal(what, entry, state, f"tradecredit overdue show {mine.overdue_id}")

    like = _same_but_for(any_day, mine)
    return _unrepeated(
        mine, lambda passed: overdues.reserve(mine, since=_since(), passed=passed, like=like), standing, refusal
    )


def report_once(client: TradeCreditClient, report: AdverseReport, *, any_day: str | None = None) -> AdverseReport:
    """The report to send; RefusedError when the insurer has the same of the last 24 hours. `any_day`: see `change_once`."""
    overdues = client.overdues
    mine = report.model_copy(update={"reference": new_reference()})

    def standing(entry: Entry) -> str | None:
        found = overdues.find_adverse(mine.model_copy(update={"reference": entry.reference}))
        return None if found is None else "received"

    def refusal(entry: Entry, state: str) -> RefusedError:
        return _refusal("the same report", entry, state, "tradecredit journal list")

    like = _same_but_for(any_day, mine)
    return _unrepeated(
        mine, lambda passed: overdues.reserve(mine, since=_since(), passed=passed, like=like), standing, refusal
    )


def _same_but_for(any_day: str | None, mine: RequestModel) -> Callable[[Entry], bool]:
    """Tells what asks for the same as `mine`; while it has no outcome, whatever its day, if that is named."""
    fingerprint, apart = fingerprint_of(mine), {any_day, "reference"}
    content = {name: value for name, value in payload_of(mine).items() if name not in apart}

    def is_like(entry: Entry) -> bool:
        if entry.fingerprint == fingerprint or any_day is None or entry.state not in OPEN_STATES:
            return entry.fingerprint == fingerprint
        return {name: value for name, value in entry.payload.items() if name not in apart} == content

    return is_like


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
