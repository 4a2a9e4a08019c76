"""What an overdue does to cover: confirmed, stopped at the end of the maximum extension period, withdrawn, reinstated."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta, timezone
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import func, select

from tradecredit_sdk.models.adverse import AdverseKind
from tradecredit_sdk.models.overdue import CoverState, OverdueAction, OverdueReason, OverdueState
from tradecredit_sdk.models.policy import Policy, WaitingPeriodStart
from tradecredit_sdk.sandbox import policies, store
from tradecredit_sdk.sandbox.overdue_checks import last_day
from tradecredit_sdk.sandbox.records import CoverNote, Overdue
from tradecredit_sdk.sandbox.turn import Turn

if TYPE_CHECKING:
    from tradecredit_sdk.sandbox.engine import Engine

_WORST_GRADES = frozenset({"8", "9", "10"})
_DAY = timedelta(days=1)


class Judgement(NamedTuple):
    """What the insurer says, and what becomes of cover; None where none is in force."""

    answer: str
    cover: CoverNote | None


class OverdueCover:
    """The insurer's decisions about cover of later deliveries."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def judge(self, turn: Turn, overdue: Overdue) -> Judgement:
        """Answer a declaration."""
        declared, policy = overdue.declared, policies.get_policy(overdue.policy_id)
        late = _late(policy, overdue)
        if not self._engine.limits.has_cover(turn, policy.id, declared.buyer_id):
            return Judgement(f"Noted; no limit is in force on this buyer.{late}", None)
        if declared.reason is OverdueReason.DISPUTE:
            return Judgement(
                f"Noted; cover of these invoices rests until the dispute is settled.{late}", CoverNote(CoverState.RESTS)
            )
        grade = self._engine.buyers.find(turn, declared.buyer_id).grade
        if declared.reason is OverdueReason.INSOLVENCY or grade in _WORST_GRADES:
            answer = f"Limit cancelled; deliveries from today on are not insured.{late}"
            return Judgement(answer, CoverNote(CoverState.WITHDRAWN, turn.today))
        first = _first_uninsured_day(policy, overdue)
        if overdue.stage is OverdueState.IN_COLLECTION:
            first = min(first, turn.today)
        if first <= turn.today:
            answer = f"Cover stopped for deliveries from {first} on, until paid.{late}"
            return Judgement(answer, CoverNote(CoverState.STOPPED, first))
        return Judgement(
            f"Limit confirmed; no further deliveries until paid.{late}", CoverNote(CoverState.CONFIRMED, first)
        )

    def carry_out(self, turn: Turn, overdue: Overdue, cover: CoverNote | None) -> None:
        """Withdraw limits, stop cover, or note down when it will stop."""
        if cover is None:
            return
        if cover.state is CoverState.WITHDRAWN:
            self._engine.limits.withdraw_all(turn, overdue.declared.buyer_id, overdue.policy_id)
        elif cover.state is CoverState.STOPPED:
            self._engine.stops.renew(turn, overdue.policy_id, overdue.declared.buyer_id)
        elif cover.state is CoverState.CONFIRMED and cover.stopped_from is not None:
            moment = datetime.combine(cover.stopped_from, time(), timezone.utc)
            self._engine.schedule.add(turn, moment, "stop", overdue.id)

    def stopped(self, overdue: Overdue) -> CoverNote:
        """Cover stops because the oldest invoice is unpaid at the end of the maximum extension period."""
        policy = policies.get_policy(overdue.policy_id)
        return CoverNote(CoverState.STOPPED, _first_uninsured_day(policy, overdue))

    def in_collection(self, overdue: Overdue, today: date) -> CoverNote | None:
        """Cover stops when a debt is handed over, if it has not stopped before (domain rule 7)."""
        cover = overdue.cover
        if cover is None or cover.state not in (CoverState.CONFIRMED, CoverState.RESTS):
            return cover
        return CoverNote(CoverState.STOPPED, today)

    def after(self, overdue: Overdue, paid_on: date, action: OverdueAction) -> CoverNote | None:
        """What becomes of cover once nothing is open any more (domain rule 8)."""
        cover = overdue.cover
        if cover is None or cover.state in (CoverState.WITHDRAWN, CoverState.REINSTATED):
            return cover
        if cover.state is not CoverState.STOPPED or cover.stopped_from is None:
            return CoverNote(CoverState.CONFIRMED)
        within = timedelta(days=policies.get_policy(overdue.policy_id).reinstatement_days)
        in_time = overdue.stage is not OverdueState.IN_COLLECTION and paid_on < cover.stopped_from + within
        is_retroactive = in_time or action is OverdueAction.WITHDRAW
        day = cover.stopped_from if is_retroactive else max(paid_on + _DAY, cover.stopped_from)
        return replace(cover, state=CoverState.REINSTATED, reinstated_from=day)

    @staticmethod
    def words(cover: CoverNote | None) -> str:
        """What is said about it, to follow another sentence."""
        if cover is None or cover.state is not CoverState.REINSTATED:
            return ""
        if cover.reinstated_from == cover.stopped_from:
            return " Cover is reinstated as if it had never stopped."
        return f" Cover is reinstated for deliveries from {cover.reinstated_from} on."


def loss_day(turn: Turn, policy: Policy, overdue: Overdue) -> date:
    """The date of loss: the end of the waiting period, or the insolvency if that came first (domain rules 19 and 20)."""
    oldest = min(invoice.due_date for invoice in overdue.declared.invoices)
    declared_on = overdue.declared_at.date()
    start = declared_on if policy.waiting_period_start is WaitingPeriodStart.NOTIFICATION else oldest
    days = [start + timedelta(days=policy.waiting_period_days)]
    reports = store.adverse_reports
    insolvent_on = turn.tx.scalar(
        select(func.min(reports.c.happened_on)).where(
            reports.c.buyer_id == overdue.declared.buyer_id, reports.c.kind == AdverseKind.INSOLVENCY.value
        )
    )
    if insolvent_on is not None:
        days.append(insolvent_on)
    elif overdue.declared.reason is OverdueReason.INSOLVENCY:
        days.append(declared_on)
    return min(days)


def _first_uninsured_day(policy: Policy, overdue: Overdue) -> date:
    """The day after the maximum extension period of the oldest invoice that is open and not wholly disputed."""
    invoices = [item for item in overdue.declared.invoices if item.is_open]
    clear = [item for item in invoices if item.disputed != item.amount] or invoices
    return min(item.due_date for item in clear) + timedelta(days=policy.max_extension_days) + _DAY


def _late(policy: Policy, overdue: Overdue) -> str:
    """A declaration after the policy's last day may cost the indemnity (domain rules 4 and 5)."""
    if overdue.in_time:
        return ""
    deadline = last_day(policy, overdue.declared.invoices)
    return f" Declared after the deadline of {deadline}: indemnity may be lost."
