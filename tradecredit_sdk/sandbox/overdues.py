"""Overdues: declared by the policyholder, answered by the insurer, then changed, paid, settled, withdrawn or collected.

All clocks run on the original due date, whatever is agreed later (domain rule 2). While one is open the insurer grants
nothing more on the buyer; at the end of the maximum extension period cover stops; for the weakest buyers, and on
insolvency, its limits are withdrawn at once (rule 7). What that does to cover is in `overdue_cover`.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta, timezone
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import bindparam, insert, select, update

from tradecredit_sdk.models.event import EventType
from tradecredit_sdk.models.overdue import CLOSED_STATES, Collector, DocumentKind, OverdueAction, OverdueState
from tradecredit_sdk.sandbox import policies, store
from tradecredit_sdk.sandbox.overdue_changes import changed_invoices, next_step, with_payment
from tradecredit_sdk.sandbox.overdue_checks import check_change, check_declared, check_still_open, last_day
from tradecredit_sdk.sandbox.overdue_cover import OverdueCover, loss_day
from tradecredit_sdk.sandbox.overdue_rows import (
    content_of,
    cover_row,
    declared_row,
    document_rows,
    from_row,
    instalment_rows,
    invoice_rows,
    payment_rows,
)
from tradecredit_sdk.sandbox.problem import Problem, invalid, not_found
from tradecredit_sdk.sandbox.records import Change, Declared, Document, Overdue, Slice
from tradecredit_sdk.sandbox.turn import Turn

if TYPE_CHECKING:
    from tradecredit_sdk.sandbox.engine import Engine

__all__ = ["Overdues", "Receipt", "from_row"]

_CLOSED = [state.value for state in CLOSED_STATES]
_ANY_OPEN = (
    select(store.overdues.c.seq)
    .where(store.overdues.c.buyer_id == bindparam("buyer"), store.overdues.c.policy_id == bindparam("policy"))
    .where(store.overdues.c.stage.not_in(_CLOSED))
    .limit(1)
)
_RECEIVED = "Received; the answer follows."


class Receipt(NamedTuple):
    """An overdue and whether this call changed it; False when its reference was known with the same content."""

    overdue: Overdue
    is_new: bool


class Overdues:
    """The insurer's file of what was not paid. `acknowledge_seconds`: how long a declaration lies there unread."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._cover = OverdueCover(engine)
        self.acknowledge_seconds = 0.0
        engine.schedule.handle("acknowledge", self._acknowledge)
        engine.schedule.handle("stop", self._stop_due)
        engine.schedule.handle("hand_over", self._hand_over)

    # ------------------------------------------------------------------ for policyholders

    def declare(self, policy_id: str, declared: Declared) -> Receipt:
        """Receive a declaration and answer it. Problems: 404, 409 `reference_reused` or `invoice_declared`, 422."""
        content = content_of(declared)
        with self._engine.turn() as turn:
            known = self._by_reference(turn, policy_id, declared.reference, content)
            if known is not None:
                return Receipt(known, is_new=False)
            policy = policies.get_policy(policy_id)
            self._engine.buyers.find(turn, declared.buyer_id)
            check_declared(declared, turn)
            self._refuse_twice(turn, policy_id, declared)
            seq, made = self._engine.store.new_id(store.overdues)
            row = {
                **declared_row(declared),
                "seq": seq,
                "id": made,
                "policy_id": policy_id,
                "state": OverdueState.DECLARED.value,
                "stage": OverdueState.DECLARED.value,
                "instalments": [],
                "payments": [],
                "documents": [],
                "answer": _RECEIVED,
                "code": "OVD",
                "declared_at": turn.now,
                "in_time": turn.today <= last_day(policy, declared.invoices),
                "revision": 0,
            }
            turn.tx.execute(insert(store.overdues), row)
            self._engine.events.emit(turn, EventType.OVERDUE_DECLARED, policy_id, declared.buyer_id, overdue_id=made)
            if self.acknowledge_seconds > 0:
                self._update(turn, made)
                moment = turn.now + timedelta(seconds=self.acknowledge_seconds)
                self._engine.schedule.add(turn, moment, "acknowledge", made)
            else:
                self._answer(turn, self._find(turn, made))
            self._note_hand_over(turn, made, declared)
            return Receipt(self._find(turn, made), is_new=True)

    def act(self, policy_id: str, overdue_id: str, change: Change) -> Receipt:
        """Change, pay, settle or withdraw. Problems: 404, 409 as the contract has them, 422."""
        content = json.dumps([overdue_id, content_of(change)])
        with self._engine.turn() as turn:
            overdue = self._find(turn, overdue_id, policy_id)
            if self._is_done(turn, policy_id, change.reference, content):
                return Receipt(overdue, is_new=False)
            policy = policies.get_policy(policy_id)
            check_change(policy, overdue, change, turn)
            is_lost = change.paid_on is not None and change.paid_on >= loss_day(turn, policy, overdue)
            changed = changed_invoices(overdue, change, turn.today, pro_rata=is_lost)
            if change.action is OverdueAction.PAY:
                changed = with_payment(overdue, changed, change)
            elif change.action is OverdueAction.DOCUMENTS:
                changed = replace(changed, documents=_received(changed.documents, change, turn.today))
            step = next_step(changed, change)
            values: dict[str, Any] = {
                "stage": step.stage.value,
                "state": _shown(step.stage, changed.documents).value,
                "code": step.code,
                "answer": step.answer,
                "invoices": invoice_rows(changed.declared.invoices),
                "instalments": instalment_rows(change.instalments or overdue.instalments),
                "payments": payment_rows(changed.payments),
                "documents": document_rows(changed.documents),
            }
            day = change.paid_on or change.settled_on or turn.today
            is_closed = step.stage in CLOSED_STATES
            cover = self._cover.after(overdue, day, change.action) if is_closed else overdue.cover
            if is_closed:
                self._engine.schedule.drop(turn, overdue_id)
                values["answer"] += self._cover.words(cover)
            self._update(turn, overdue_id, **values, **cover_row(cover))
            if change.reference is not None:
                row = {"policy_id": policy_id, "reference": change.reference, "overdue_id": overdue_id}
                turn.tx.execute(insert(store.overdue_actions), {**row, "content": content})
            buyer_id = overdue.declared.buyer_id
            self._engine.events.emit(turn, EventType.OVERDUE_CHANGED, policy_id, buyer_id, overdue_id=overdue_id)
            if is_closed:
                self._engine.stops.renew(turn, policy_id, buyer_id, cover.reinstated_from if cover else None)
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

    # ------------------------------------------------------------------ for the insurer's staff

    def acknowledge(self, overdue_id: str) -> Overdue:
        """Look at a declaration that lies unread, and answer it; again changes nothing."""
        with self._engine.turn() as turn:
            self._acknowledge(turn, self._find(turn, overdue_id).id)
            return self._find(turn, overdue_id)

    def ask_documents(self, overdue_id: str, kinds: Sequence[DocumentKind], days: int = 30) -> Overdue:
        """Ask for documents, to be sent within `days` (domain rule 23). Problems: 404, 409 when nothing is open, 422."""
        if not 0 <= days <= 365:
            raise invalid("days", "must be 0 to 365")
        if not kinds:
            raise invalid("kinds", "name at least one document")
        with self._engine.turn() as turn:
            overdue = self._open(turn, overdue_id)
            due = turn.today + timedelta(days=days)
            known = {document.kind for document in overdue.documents if document.received_on is None}
            new = (Document(kind, turn.today, due) for kind in dict.fromkeys(kinds) if kind not in known)
            documents = (*overdue.documents, *new)
            self._update(
                turn,
                overdue_id,
                documents=document_rows(documents),
                state=_shown(overdue.stage, documents).value,
                answer=f"Documents are needed by {due}: {', '.join(kind.value.replace('_', ' ') for kind in kinds)}.",
            )
            self._tell(turn, EventType.OVERDUE_DOCUMENTS_REQUESTED, overdue)
            return self._find(turn, overdue_id)

    def hand_over(self, overdue_id: str) -> Overdue:
        """The insurer collects from now on, whatever day was agreed; again changes nothing. Problem 409 when closed."""
        with self._engine.turn() as turn:
            self._hand_over(turn, self._open(turn, overdue_id).id)
            return self._find(turn, overdue_id)

    # ------------------------------------------------------------------ parts

    def _answer(self, turn: Turn, overdue: Overdue) -> None:
        """Say what becomes of cover, and see to it."""
        verdict = self._cover.judge(turn, overdue)
        self._update(turn, overdue.id, answer=verdict.answer, acknowledged_at=turn.now, **cover_row(verdict.cover))
        self._cover.carry_out(turn, overdue, verdict.cover)

    def _acknowledge(self, turn: Turn, overdue_id: str) -> None:
        overdue = self._find(turn, overdue_id)
        if overdue.acknowledged_at is None:
            if overdue.stage in CLOSED_STATES:
                self._update(turn, overdue_id, acknowledged_at=turn.now)
            else:
                self._answer(turn, overdue)
            self._tell(turn, EventType.OVERDUE_ACKNOWLEDGED, overdue)

    def _stop_due(self, turn: Turn, overdue_id: str) -> None:
        overdue = self._find(turn, overdue_id)
        note = self._cover.stopped(overdue)
        answer = f"Cover stopped for deliveries from {note.stopped_from} on, until paid."
        self._update(turn, overdue_id, answer=answer, **cover_row(note))
        self._engine.stops.renew(turn, overdue.policy_id, overdue.declared.buyer_id)

    def _note_hand_over(self, turn: Turn, overdue_id: str, declared: Declared) -> None:
        collection = declared.collection
        if collection is not None and collection.by is Collector.INSURER:
            self._hand_over(turn, overdue_id)
        elif collection is not None and collection.until is not None:
            day = max(collection.until + timedelta(days=1), turn.today)
            self._engine.schedule.add(turn, max(_start_of(day), turn.now), "hand_over", overdue_id)

    def _hand_over(self, turn: Turn, overdue_id: str) -> None:
        overdue = self._find(turn, overdue_id)
        if overdue.stage is OverdueState.IN_COLLECTION:
            return
        stage, cover = OverdueState.IN_COLLECTION, self._cover.in_collection(overdue, turn.today)
        self._update(
            turn,
            overdue_id,
            stage=stage.value,
            state=_shown(stage, overdue.documents).value,
            answer="Handed over to collection; the buyer pays to the collector, and what reaches you is reported.",
            collector=Collector.INSURER.value,
            collected_until=None,
            **cover_row(cover),
        )
        self._tell(turn, EventType.OVERDUE_HANDED_OVER, overdue)
        self._engine.stops.renew(turn, overdue.policy_id, overdue.declared.buyer_id)

    def _refuse_twice(self, turn: Turn, policy_id: str, declared: Declared) -> None:
        """Problem 409 when an open overdue of the buyer holds one of the invoices."""
        table, numbers = store.overdues, [invoice.number for invoice in declared.invoices]
        query = select(table).where(
            table.c.policy_id == policy_id, table.c.buyer_id == declared.buyer_id, table.c.stage.not_in(_CLOSED)
        )
        for overdue in map(from_row, turn.tx.execute(query).mappings()):
            for invoice in overdue.declared.invoices:
                if invoice.is_open and invoice.number in numbers:
                    field = f"invoices.{numbers.index(invoice.number)}.number"
                    detail = (
                        f"Invoice {invoice.number} is declared already, in {overdue.id}; change or withdraw that one."
                    )
                    raise Problem(409, "invoice_declared", detail, ((field, f"is in {overdue.id}"),))

    def _open(self, turn: Turn, overdue_id: str) -> Overdue:
        overdue = self._find(turn, overdue_id)
        check_still_open(overdue, Change(OverdueAction.WITHDRAW))
        return overdue

    def _tell(self, turn: Turn, event: EventType, overdue: Overdue) -> None:
        self._engine.events.emit(turn, event, overdue.policy_id, overdue.declared.buyer_id, overdue_id=overdue.id)

    def _update(self, turn: Turn, overdue_id: str, **values: Any) -> None:
        table = store.overdues
        values["revision"] = table.c.revision + 1
        turn.tx.execute(update(table).where(table.c.id == overdue_id).values(**values))

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


def _shown(stage: OverdueState, documents: Sequence[Document]) -> OverdueState:
    """What is shown: that documents are missing, before anything else that is still open."""
    is_waiting = any(document.received_on is None for document in documents)
    return OverdueState.DOCUMENTS_REQUESTED if is_waiting and stage not in CLOSED_STATES else stage


def _received(documents: tuple[Document, ...], change: Change, today: date) -> tuple[Document, ...]:
    sent = {document.kind for document in change.documents}
    return tuple(
        replace(one, received_on=today) if one.kind in sent and one.received_on is None else one for one in documents
    )


def _start_of(day: date) -> datetime:
    return datetime.combine(day, time(), timezone.utc)
