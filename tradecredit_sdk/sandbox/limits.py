"""Limits: dated rows of cover. A row is never overwritten; a new one follows it, so that history stays.

A row that is replaced ends on the day before its successor begins, or is `superseded` when both begin on one day. A
reduction or withdrawal may be announced: until its day comes the row counts as before (domain rule 11).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import RowMapping, bindparam, insert, select, update

from tradecredit_sdk.models.event import EventType
from tradecredit_sdk.models.limit import LimitKind, LimitState
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.sandbox import store, underwriting
from tradecredit_sdk.sandbox.problem import invalid, not_found
from tradecredit_sdk.sandbox.records import Application, Company, Condition, Limit, Slice
from tradecredit_sdk.sandbox.schedule import start_of
from tradecredit_sdk.sandbox.turn import Turn
from tradecredit_sdk.sandbox.underwriting import Outcome

if TYPE_CHECKING:
    from tradecredit_sdk.sandbox.engine import Engine

_DAY = timedelta(days=1)
_INSERT = insert(store.limits)
_LIVE = select(store.limits).where(
    store.limits.c.buyer_id == bindparam("buyer"),
    store.limits.c.policy_id == bindparam("policy"),
    store.limits.c.is_live,
    store.limits.c.kind == bindparam("kind_of"),
)
_GIVES_COVER = [store.limits.c.is_live, store.limits.c.state != LimitState.REFUSED.value]


class Grant(NamedTuple):
    """The row a decision rests on, if any, and the event to tell of it."""

    limit: Limit | None
    event: EventType | None


class Limits:
    """The insurer's book of cover."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        engine.schedule.handle("expire", self._expire)
        engine.schedule.handle("change", self._change)
        engine.schedule.handle("review", self._review)

    # ------------------------------------------------------------------ for policyholders

    def get(self, limit_id: str, *, policy_id: str | None = None) -> Limit:
        """One row, of `policy_id` only where that is given; Problem 404 `not_found`."""
        with self._engine.turn() as turn:
            return self._with_stops(turn, [self._find(turn, limit_id, policy_id)])[0]

    def list(
        self,
        *,
        policy_id: str | None = None,
        buyer_id: str | None = None,
        live_only: bool = False,
        after: int | None = None,
        offset: int = 0,
        limit: int = 50,
        newest_first: bool = False,
    ) -> Slice[Limit]:
        """Rows, ended ones included; `live_only` those that give cover now; oldest first unless told otherwise."""
        where = store.equal(store.limits, policy_id=policy_id, buyer_id=buyer_id) + (_GIVES_COVER if live_only else [])
        with self._engine.turn() as turn:
            rows, last = store.fetch_slice(
                turn.tx, store.limits, where, limit=limit, after=after, offset=offset, newest_first=newest_first
            )
            return Slice(self._with_stops(turn, list(map(from_row, rows))), last)

    def count(self, *, policy_id: str | None = None, buyer_id: str | None = None, live_only: bool = False) -> int:
        """How many rows there are."""
        where = store.equal(store.limits, policy_id=policy_id, buyer_id=buyer_id) + (_GIVES_COVER if live_only else [])
        with self._engine.turn() as turn:
            return store.count(turn.tx, store.limits, where)

    def cancel(self, limit_id: str, *, policy_id: str | None = None) -> Limit:
        """The policyholder no longer wants it; again changes nothing. Problem 422 when it has ended otherwise."""
        with self._engine.turn() as turn:
            row = self._find(turn, limit_id, policy_id)
            if row.state is LimitState.CANCELLED:
                return row
            if not _in_force(row):
                raise invalid("limit_id", f"{row.id} is not in force ({row.state.value}); there is nothing to cancel")
            return self.end_at_wish(turn, row)

    # ------------------------------------------------------------------ for the insurer's staff

    def cut(self, limit_id: str, amount: Money, notice_days: int = 0) -> Limit:
        """Reduce a limit to `amount`, or withdraw it with zero, at once or after `notice_days`; returns the row now in force.

        Problem 422 when the row is not in force, or the amount is not below it and in its currency.
        """
        if not 0 <= notice_days <= 365:
            raise invalid("notice_days", "must be 0 to 365")
        with self._engine.turn() as turn:
            row = self._find(turn, limit_id)
            if not _in_force(row):
                raise invalid("limit_id", f"{row.id} is not in force ({row.state.value})")
            if amount.currency != row.amount.currency:
                raise invalid("amount.currency", f"the limit is in {row.amount.currency}")
            if not Money.zero(amount.currency) <= amount < row.amount:
                raise invalid("amount.amount", f"must be less than the {row.amount} in force, and not negative")
            return self._with_stops(turn, [self._announce(turn, row, amount, notice_days)])[0]

    def withdraw_all(self, turn: Turn, buyer_id: str, policy_id: str | None = None) -> int:
        """Withdraw every limit on a buyer at once, under one policy or all; returns how many there were."""
        table = store.limits
        query = select(table).where(table.c.buyer_id == buyer_id, table.c.is_live).order_by(table.c.seq)
        if policy_id is not None:
            query = query.where(table.c.policy_id == policy_id)
        rows = [row for row in map(from_row, turn.tx.execute(query).mappings().all()) if _in_force(row)]
        for row in rows:
            self._apply(turn, row, Money.zero(row.amount.currency))
        return len(rows)

    # ------------------------------------------------------------------ for the other parts of the engine

    def live(self, turn: Turn, policy_id: str, buyer_id: str, kind: LimitKind) -> Limit | None:
        """The row of this kind that counts now (or the last refusal), None when there is none."""
        where = {"policy": policy_id, "buyer": buyer_id, "kind_of": kind.value}
        row = turn.tx.execute(_LIVE, where).mappings().first()
        return from_row(row) if row else None

    def has_cover(self, turn: Turn, policy_id: str, buyer_id: str) -> bool:
        """Whether a limit of any kind is in force on this buyer."""
        rows = (self.live(turn, policy_id, buyer_id, kind) for kind in LimitKind)
        return any(row is not None and _in_force(row) for row in rows)

    def grant(self, turn: Turn, application: Application, outcome: Outcome, company: Company) -> Grant:
        """Make the row that follows from a decision; what is in force stays where the decision leaves it as it is."""
        asked = application.asked
        before = self.live(turn, application.policy_id, asked.buyer_id, asked.kind)
        if before is not None and outcome.code == "KEPT":
            return Grant(before, None)
        if before is not None and outcome.amount.amount == 0:
            return Grant(None if _in_force(before) else before, None)
        if before is not None:
            self._replace(turn, before)
        row = self._insert(turn, _granted(turn, application, outcome))
        if row.amount.amount == 0:
            return Grant(row, None)
        self._look_ahead(turn, row, company)
        less = before is not None and before.amount.currency == row.amount.currency and row.amount < before.amount
        return Grant(row, EventType.LIMIT_REDUCED if less else EventType.LIMIT_GRANTED)

    def end_at_wish(self, turn: Turn, row: Limit) -> Limit:
        """End a row because the policyholder wishes so."""
        ended = self._end(turn, row, LimitState.CANCELLED)
        self.emit(turn, EventType.LIMIT_CANCELLED, ended)
        return ended

    def emit(self, turn: Turn, event: EventType, row: Limit) -> None:
        """Tell what happened to a row."""
        subject = {"limit_id": row.id, "application_id": row.application_id}
        self._engine.events.emit(turn, event, row.policy_id, row.buyer_id, **subject)

    # ------------------------------------------------------------------ parts

    def _with_stops(self, turn: Turn, rows: Sequence[Limit]) -> tuple[Limit, ...]:
        """The rows that give cover with the stop that lies on their buyer; the others as they are."""
        stops = self._engine.stops.of(turn, {(row.policy_id, row.buyer_id) for row in rows})
        if not stops:
            return tuple(rows)
        return tuple(
            replace(row, stop=stops.get((row.policy_id, row.buyer_id))) if _in_force(row) else row for row in rows
        )

    def _look_ahead(self, turn: Turn, row: Limit, company: Company) -> None:
        """Note down when the row ends by itself and when the insurer will look at the buyer again."""
        self._note_end(turn, row)
        review = underwriting.review_of(company)
        if review is not None:
            self._engine.schedule.add(turn, turn.now + timedelta(days=review.after_days), "review", row.id)

    def _note_end(self, turn: Turn, row: Limit) -> None:
        if row.valid_until is not None:
            self._engine.schedule.add(turn, start_of(row.valid_until + _DAY), "expire", row.id)

    def _expire(self, turn: Turn, limit_id: str) -> None:
        self._engine.schedule.drop(turn, limit_id)
        expired = self._update(turn, self._find(turn, limit_id), state=LimitState.EXPIRED, is_live=False)
        self.emit(turn, EventType.LIMIT_EXPIRED, expired)

    def _review(self, turn: Turn, limit_id: str) -> None:
        row = self._find(turn, limit_id)
        review = underwriting.review_of(self._engine.buyers.find(turn, row.buyer_id))
        if review is not None and row.change_on is None:
            self._announce(turn, row, row.amount.share(review.share * 100), review.notice_days)

    def _announce(self, turn: Turn, row: Limit, amount: Money, notice_days: int) -> Limit:
        self._engine.schedule.drop(turn, row.id)
        if notice_days == 0:
            return self._apply(turn, row, amount)
        self._note_end(turn, row)
        day = turn.today + timedelta(days=notice_days)
        if amount.amount == 0:
            state, event = LimitState.WITHDRAWAL_ANNOUNCED, EventType.LIMIT_WITHDRAWAL_ANNOUNCED
        else:
            state, event = row.state, EventType.LIMIT_REDUCED
        announced = self._update(turn, row, state=state, change_on=day, change_amount=amount)
        self._engine.schedule.add(turn, start_of(day), "change", row.id)
        self.emit(turn, event, announced)
        return announced

    def _change(self, turn: Turn, limit_id: str) -> None:
        row = self._find(turn, limit_id)
        if row.change_amount is not None:
            self._apply(turn, row, row.change_amount)

    def _apply(self, turn: Turn, row: Limit, amount: Money) -> Limit:
        """Reduce to `amount` from today on, or withdraw when it is zero."""
        if amount.amount == 0:
            withdrawn = self._end(turn, row, LimitState.WITHDRAWN)
            self.emit(turn, EventType.LIMIT_WITHDRAWN, withdrawn)
            return withdrawn
        self._replace(turn, row)
        successor = replace(
            row, state=LimitState.REDUCED, amount=amount, valid_from=turn.today, change_on=None, change_amount=None
        )
        reduced = self._insert(turn, successor)
        self._note_end(turn, reduced)
        self.emit(turn, EventType.LIMIT_REDUCED, reduced)
        return reduced

    def _replace(self, turn: Turn, row: Limit) -> None:
        """End a row in favour of one that begins today."""
        self._engine.schedule.drop(turn, row.id)
        if row.valid_from >= turn.today:
            self._update(turn, row, state=LimitState.SUPERSEDED, is_live=False)
        else:
            self._update(turn, row, valid_until=_earlier(turn.today - _DAY, row.valid_until), is_live=False)

    def _end(self, turn: Turn, row: Limit, state: LimitState) -> Limit:
        """End a row without a successor: its last day is yesterday, or its first where that is today."""
        self._engine.schedule.drop(turn, row.id)
        last = max(row.valid_from, turn.today - _DAY)
        return self._update(turn, row, state=state, valid_until=_earlier(last, row.valid_until), is_live=False)

    def _insert(self, turn: Turn, row: Limit) -> Limit:
        seq, made = self._engine.store.new_id(store.limits)
        turn.tx.execute(_INSERT, {**_columns(row), "seq": seq, "id": made})
        return replace(row, id=made)

    def _update(self, turn: Turn, row: Limit, **changes: Any) -> Limit:
        changed = replace(row, **changes)
        columns = _columns(changed)
        values = {name: columns[name] for name in changes}
        turn.tx.execute(update(store.limits).where(store.limits.c.id == row.id).values(**values))
        return changed

    def _find(self, turn: Turn, limit_id: str, policy_id: str | None = None) -> Limit:
        row = turn.tx.execute(select(store.limits).where(store.limits.c.id == limit_id)).mappings().first()
        if row is None or policy_id not in (None, row["policy_id"]):
            raise not_found("not_found", "limit with this id")
        return from_row(row)


def _in_force(row: Limit) -> bool:
    return row.is_live and row.amount.amount > 0


def _earlier(day: date, other: date | None) -> date:
    return day if other is None else min(day, other)


def _granted(turn: Turn, application: Application, outcome: Outcome) -> Limit:
    asked = application.asked
    return Limit(
        id="",
        policy_id=application.policy_id,
        buyer_id=asked.buyer_id,
        kind=asked.kind,
        state=outcome.state,
        amount=outcome.amount,
        valid_from=turn.today,
        valid_until=asked.valid_until,
        change_on=None,
        change_amount=None,
        insured_percentage=outcome.insured_percentage,
        max_terms_days=outcome.max_terms_days,
        conditions=outcome.conditions,
        code=outcome.code,
        application_id=application.id,
        is_live=True,
    )


def _columns(limit: Limit) -> dict[str, Any]:
    """The database row of a record."""
    return {
        **{field.name: getattr(limit, field.name) for field in fields(Limit) if field.name != "stop"},
        "kind": limit.kind.value,
        "state": limit.state.value,
        "amount": str(limit.amount.amount),
        "currency": limit.amount.currency,
        "change_amount": None if limit.change_amount is None else str(limit.change_amount.amount),
        "conditions": [[condition.code, condition.text] for condition in limit.conditions],
    }


def from_row(row: RowMapping) -> Limit:
    """Back from the database."""
    currency = row["currency"]
    return Limit(
        id=row["id"],
        policy_id=row["policy_id"],
        buyer_id=row["buyer_id"],
        kind=LimitKind(row["kind"]),
        state=LimitState(row["state"]),
        amount=Money(row["amount"], currency),
        valid_from=row["valid_from"],
        valid_until=row["valid_until"],
        change_on=row["change_on"],
        change_amount=None if row["change_amount"] is None else Money(row["change_amount"], currency),
        insured_percentage=row["insured_percentage"],
        max_terms_days=row["max_terms_days"],
        conditions=tuple(Condition(code, text) for code, text in row["conditions"]),
        code=row["code"],
        application_id=row["application_id"],
        is_live=row["is_live"],
    )
