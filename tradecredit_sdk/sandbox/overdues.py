"""Overdues: declared by the policyholder, each one answered by the insurer, then extended, rescheduled or settled.

All clocks run on the original due date, whatever is agreed later (domain rule 2). While one is open the insurer grants
nothing more on the buyer; for the weakest buyers, and on insolvency, its limits are withdrawn at once (rule 7).
"""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from datetime import date, timedelta
from decimal import Decimal
from functools import reduce
from operator import add
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import RowMapping, bindparam, insert, select, update

from tradecredit_sdk.models.base import parse_day
from tradecredit_sdk.models.event import EventType
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.overdue import OverdueAction, OverdueReason, OverdueState
from tradecredit_sdk.models.policy import Policy
from tradecredit_sdk.sandbox import policies, store
from tradecredit_sdk.sandbox.problem import Problem, invalid, not_found
from tradecredit_sdk.sandbox.records import Change, Declared, Instalment, Invoice, Overdue, Slice
from tradecredit_sdk.sandbox.turn import Turn

if TYPE_CHECKING:
    from tradecredit_sdk.sandbox.engine import Engine

_OPEN = [OverdueState.DECLARED.value, OverdueState.EXTENDED.value, OverdueState.RESCHEDULED.value]
_ANY_OPEN = (
    select(store.overdues.c.seq)
    .where(store.overdues.c.buyer_id == bindparam("buyer"), store.overdues.c.policy_id == bindparam("policy"))
    .where(store.overdues.c.state.in_(_OPEN))
    .limit(1)
)
_TOO_MUCH = Decimal(10) ** 15
_FARTHEST = timedelta(days=3660)
_WORST_GRADES = frozenset({"8", "9", "10"})
_AFTER = {
    OverdueAction.EXTEND: (OverdueState.EXTENDED, "EXP", "Extension noted; the policy's periods run on the original due date."),
    OverdueAction.RESCHEDULE: (OverdueState.RESCHEDULED, "RES", "Payment plan noted; a missed instalment must be told at once."),
    OverdueAction.SETTLE: (OverdueState.SETTLED, "PAID", "Settled; the file is closed."),
}  # fmt: skip


class Receipt(NamedTuple):
    """An overdue and whether this call changed it; False when its reference was known with the same content."""

    overdue: Overdue
    is_new: bool


class Overdues:
    """The insurer's file of what was not paid."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def declare(self, policy_id: str, declared: Declared) -> Receipt:
        """Receive a declaration and answer it. Problems: 404, 409 `reference_reused`, 422."""
        content = _content(declared)
        with self._engine.turn() as turn:
            known = self._by_reference(turn, policy_id, declared.reference, content)
            if known is not None:
                return Receipt(known, is_new=False)
            policy = policies.get_policy(policy_id)
            grade = self._engine.buyers.find(turn, declared.buyer_id).grade
            _check_declared(declared, turn.today)
            seq, made = self._engine.store.new_id(store.overdues)
            answer, ends_cover = self._answer(turn, policy, declared, grade)
            row = {
                "seq": seq,
                "id": made,
                "policy_id": policy_id,
                "reference": declared.reference,
                "buyer_id": declared.buyer_id,
                "state": OverdueState.DECLARED.value,
                "reason": declared.reason.value,
                "comment": declared.comment,
                "currency": declared.invoices[0].amount.currency,
                "invoices": [_invoice_row(invoice) for invoice in declared.invoices],
                "instalments": [],
                "answer": answer,
                "code": "OVD",
                "declared_at": turn.now,
                "content": content,
            }
            turn.tx.execute(insert(store.overdues), row)
            self._engine.events.emit(turn, EventType.OVERDUE_DECLARED, policy_id, declared.buyer_id, overdue_id=made)
            if ends_cover:
                self._engine.limits.withdraw_all(turn, declared.buyer_id, policy_id)
            return Receipt(self._find(turn, made), is_new=True)

    def act(self, policy_id: str, overdue_id: str, change: Change) -> Receipt:
        """Extend, reschedule or settle. Problems: 404, 409 `reference_reused` or `already_settled`, 422."""
        content = json.dumps([overdue_id, _content(change)])
        with self._engine.turn() as turn:
            overdue = self._find(turn, overdue_id, policy_id)
            if self._is_done(turn, policy_id, change.reference, content):
                return Receipt(overdue, is_new=False)
            if overdue.state is OverdueState.SETTLED:
                raise Problem(409, "already_settled", f"{overdue.id} is settled; nothing can be changed.")
            _check_change(turn, overdue, change)
            invoices = tuple(_changed(invoice, change) for invoice in overdue.declared.invoices)
            state, code, answer = _AFTER[change.action]
            if state is OverdueState.SETTLED and any(invoice.settled_on is None for invoice in invoices):
                state, code, answer = overdue.state, overdue.code, "Partly settled; the rest stays declared."
            instalments = change.instalments or overdue.instalments
            values: dict[str, Any] = {
                "state": state.value,
                "code": code,
                "answer": answer,
                "invoices": [_invoice_row(invoice) for invoice in invoices],
                "instalments": [_instalment_row(item) for item in instalments],
            }
            turn.tx.execute(update(store.overdues).where(store.overdues.c.id == overdue_id).values(**values))
            if change.reference is not None:
                row = {"policy_id": policy_id, "reference": change.reference, "overdue_id": overdue_id}
                turn.tx.execute(insert(store.overdue_actions), {**row, "content": content})
            event, buyer_id = EventType.OVERDUE_CHANGED, overdue.declared.buyer_id
            self._engine.events.emit(turn, event, policy_id, buyer_id, overdue_id=overdue_id)
            return Receipt(self._find(turn, overdue_id), is_new=True)

    def get(self, overdue_id: str, *, policy_id: str | None = None) -> Overdue:
        """One overdue, of `policy_id` only where that is given; Problem 404 `not_found`."""
        with self._engine.turn() as turn:
            return self._find(turn, overdue_id, policy_id)

    def list(
        self,
        *,
        policy_id: str | None = None,
        buyer_id: str | None = None,
        reference: str | None = None,
        state: OverdueState | None = None,
        after: int | None = None,
        offset: int = 0,
        limit: int = 50,
    ) -> Slice[Overdue]:
        """Overdues that fit, newest first."""
        where = store.equal(
            store.overdues, policy_id=policy_id, buyer_id=buyer_id, reference=reference, state=state and state.value
        )
        with self._engine.turn() as turn:
            rows, last = store.fetch_slice(
                turn.tx, store.overdues, where, limit=limit, after=after, offset=offset, newest_first=True
            )
        return Slice(tuple(map(from_row, rows)), last)

    def count(
        self, *, policy_id: str | None = None, buyer_id: str | None = None, state: OverdueState | None = None
    ) -> int:
        """How many fit."""
        where = store.equal(store.overdues, policy_id=policy_id, buyer_id=buyer_id, state=state and state.value)
        with self._engine.turn() as turn:
            return store.count(turn.tx, store.overdues, where)

    def has_open(self, turn: Turn, policy_id: str, buyer_id: str) -> bool:
        """Whether something declared on this buyer is still unpaid."""
        return turn.tx.execute(_ANY_OPEN, {"policy": policy_id, "buyer": buyer_id}).first() is not None

    # ------------------------------------------------------------------ parts

    def _answer(self, turn: Turn, policy: Policy, declared: Declared, grade: str) -> tuple[str, bool]:
        """What the insurer says, and whether it withdraws its limits on the buyer."""
        late = _late(policy, declared, turn.today)
        if not self._engine.limits.has_cover(turn, policy.id, declared.buyer_id):
            return f"Noted; no limit is in force on this buyer.{late}", False
        if declared.reason is OverdueReason.DISPUTE:
            return f"Noted; cover of these invoices rests until the dispute is settled.{late}", False
        if declared.reason is OverdueReason.INSOLVENCY or grade in _WORST_GRADES:
            return f"Limit cancelled; deliveries from today on are not insured.{late}", True
        return f"Limit confirmed; no further deliveries until paid.{late}", False

    def _by_reference(self, turn: Turn, policy_id: str, reference: str | None, content: str) -> Overdue | None:
        if reference is None:
            return None
        table = store.overdues
        query = select(table).where(table.c.policy_id == policy_id, table.c.reference == reference)
        row = turn.tx.execute(query).mappings().first()
        if row is not None and row["content"] != content:
            raise Problem(409, "reference_reused", f"This reference was used for {row['id']}, with other content.")
        return from_row(row) if row else None

    def _is_done(self, turn: Turn, policy_id: str, reference: str | None, content: str) -> bool:
        table = store.overdue_actions
        query = select(table).where(table.c.policy_id == policy_id, table.c.reference == reference)
        row = turn.tx.execute(query).mappings().first() if reference is not None else None
        if row is not None and row["content"] != content:
            message = f"This reference was used for an action on {row['overdue_id']}, with other content."
            raise Problem(409, "reference_reused", message)
        return row is not None

    def _find(self, turn: Turn, overdue_id: str, policy_id: str | None = None) -> Overdue:
        row = turn.tx.execute(select(store.overdues).where(store.overdues.c.id == overdue_id)).mappings().first()
        if row is None or policy_id not in (None, row["policy_id"]):
            raise not_found("not_found", "overdue with this id")
        return from_row(row)


def _late(policy: Policy, declared: Declared, today: date) -> str:
    """A declaration after the policy's deadline may cost the indemnity (domain rules 4 and 5)."""
    oldest = min(invoice.due_date for invoice in declared.invoices)
    deadline = oldest + timedelta(days=policy.max_extension_days + policy.notification_days)
    return "" if today <= deadline else f" Declared after the deadline of {deadline}: indemnity may be lost."


def _check_declared(declared: Declared, today: date) -> None:
    if not declared.invoices:
        raise invalid("invoices", "name at least one invoice")
    seen: set[str] = set()
    for index, invoice in enumerate(declared.invoices):
        if invoice.amount.amount <= 0:
            raise invalid(f"invoices.{index}.amount.amount", "must be greater than zero")
        if not abs(invoice.due_date - today) <= _FARTHEST:
            raise invalid(f"invoices.{index}.due_date", f"is more than ten years away from today ({today})")
        if invoice.amount.currency != declared.invoices[0].amount.currency:
            raise invalid(f"invoices.{index}.amount.currency", "one declaration is in one currency")
        if invoice.number in seen:
            raise invalid(f"invoices.{index}.number", "is named twice")
        seen.add(invoice.number)
    if sum(invoice.amount.amount for invoice in declared.invoices) >= _TOO_MUCH:
        raise invalid("invoices", "are too much in all")


def _check_change(turn: Turn, overdue: Overdue, change: Change) -> None:
    concerned = [item for item in overdue.declared.invoices if change.invoice in (None, item.number)]
    if not concerned:
        raise invalid("invoice", f"{overdue.id} has no such invoice")
    if change.invoice is not None and concerned[0].settled_on is not None:
        raise Problem(409, "already_settled", "This invoice is settled; nothing can be changed.")
    _check_belongings(change)
    if change.action is OverdueAction.EXTEND:
        latest = max(*(item.due_date for item in concerned), turn.today)
        if change.new_due_date is not None and change.new_due_date <= latest:
            raise invalid("new_due_date", f"must be later than the original due date and than today ({latest})")
    if change.settled_on is not None and change.settled_on > turn.today:
        raise invalid("settled_on", f"has not come yet: today is {turn.today}")
    for index, item in enumerate(change.instalments):
        if item.amount.amount <= 0:
            raise invalid(f"instalments.{index}.amount.amount", "must be greater than zero")
        if item.amount.currency != overdue.total.currency:
            raise invalid(f"instalments.{index}.amount.currency", f"the overdue is in {overdue.total.currency}")


def _check_belongings(change: Change) -> None:
    """Each action has one field of its own, and none of the others'."""
    own = {
        OverdueAction.EXTEND: ("new_due_date", change.new_due_date),
        OverdueAction.RESCHEDULE: ("instalments", change.instalments),
        OverdueAction.SETTLE: ("settled_on", change.settled_on),
    }
    for action, (field, value) in own.items():
        if action is change.action and not value:
            raise invalid(field, f"is needed to {action.value}")
        if action is not change.action and value:
            raise invalid(field, f"does not belong to {change.action.value}")


def _changed(invoice: Invoice, change: Change) -> Invoice:
    if change.invoice not in (None, invoice.number) or invoice.settled_on is not None:
        return invoice
    if change.action is OverdueAction.EXTEND:
        return replace(invoice, extended_to=change.new_due_date)
    if change.action is OverdueAction.SETTLE:
        return replace(invoice, settled_on=change.settled_on)
    return invoice


def _content(asked: Declared | Change) -> str:
    return json.dumps(asdict(asked), default=repr, sort_keys=True)


def _invoice_row(invoice: Invoice) -> list[str | None]:
    days = [None if day is None else str(day) for day in (invoice.extended_to, invoice.settled_on)]
    return [invoice.number, str(invoice.due_date), str(invoice.amount.amount), *days]


def _instalment_row(item: Instalment) -> list[str]:
    return [str(item.due_date), str(item.amount.amount)]


def from_row(row: RowMapping) -> Overdue:
    """Back from the database."""
    currency = row["currency"]
    invoices = tuple(
        Invoice(number, parse_day(due), Money(amount, currency), *(day and parse_day(day) for day in days))
        for number, due, amount, *days in row["invoices"]
    )
    declared = Declared(row["buyer_id"], invoices, OverdueReason(row["reason"]), row["comment"], row["reference"])
    unpaid = [invoice.amount for invoice in invoices if invoice.settled_on is None]
    return Overdue(
        id=row["id"],
        policy_id=row["policy_id"],
        declared=declared,
        state=OverdueState(row["state"]),
        total=reduce(add, unpaid, Money.zero(currency)),
        instalments=tuple(Instalment(parse_day(due), Money(amount, currency)) for due, amount in row["instalments"]),
        answer=row["answer"],
        code=row["code"],
        declared_at=row["declared_at"],
    )
