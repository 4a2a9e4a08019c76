"""The bodies of the `open` contract for what comes after the sale: overdues, events and webhooks; and its errors."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints

from tradecredit_sdk.models.event import EventType
from tradecredit_sdk.models.overdue import OverdueAction, OverdueReason, OverdueState
from tradecredit_sdk.sandbox import records
from tradecredit_sdk.sandbox.clock import moment
from tradecredit_sdk.sandbox.faces.open_wire import (
    Amount,
    BuyerId,
    Comment,
    Moment,
    Number,
    Reference,
    WireDay,
    _In,
    _Out,
    example,
)


class InvoiceIn(_In):
    """An unpaid invoice; `due_date` is the original one."""

    number: Number
    due_date: WireDay
    amount: Amount


class OverdueRequest(_In):
    """What is declared as unpaid, in one currency."""

    model_config = example(
        reference="OVD-7",
        buyer_id="000004711",
        invoices=[
            {"number": "R-1001", "due_date": "2026-01-31", "amount": {"amount": "1250.00", "currency": "EUR"}},
        ],
    )

    reference: Reference
    buyer_id: BuyerId
    reason: OverdueReason = OverdueReason.PROTRACTED_DEFAULT
    comment: Comment | None = None
    invoices: Annotated[list[InvoiceIn], Field(min_length=1, max_length=500)]

    def declared(self) -> records.Declared:
        """As the engine takes it; Problem 422."""
        invoices = tuple(
            records.Invoice(item.number, item.due_date, item.amount.money(f"invoices.{index}.amount"))
            for index, item in enumerate(self.invoices)
        )
        return records.Declared(**{**dict(self), "invoices": invoices})


class InstalmentIn(_In):
    """One payment of an agreed plan."""

    due_date: WireDay
    amount: Amount


class ActionRequest(_In):
    """`extend` needs `new_due_date`, `reschedule` needs `instalments`, `settle` needs `settled_on`; `invoice` null means all."""

    model_config = example(reference="ACT-1", action="settle", invoice="R-1001", settled_on="2026-03-31")

    reference: Reference
    action: OverdueAction
    invoice: Number | None = None
    new_due_date: WireDay | None = None
    instalments: Annotated[tuple[InstalmentIn, ...], Field(max_length=500)] = ()
    settled_on: WireDay | None = None
    comment: Comment | None = None

    def change(self) -> records.Change:
        """As the engine takes it; Problem 422."""
        instalments = tuple(
            records.Instalment(item.due_date, item.amount.money(f"instalments.{index}.amount"))
            for index, item in enumerate(self.instalments)
        )
        return records.Change(**{**dict(self), "instalments": instalments})


class InvoiceWire(_Out):
    """One invoice of a declared overdue."""

    number: str
    due_date: date
    amount: Amount
    extended_to: date | None
    settled_on: date | None


class InstalmentWire(_Out):
    """One payment of an agreed plan."""

    due_date: date
    amount: Amount


class OverdueWire(_Out):
    """A declared overdue; `total` counts what is not settled."""

    id: str
    reference: str | None
    policy_id: str
    buyer_id: str
    state: OverdueState
    reason: OverdueReason
    comment: str | None
    total: Amount
    invoices: list[InvoiceWire]
    instalments: list[InstalmentWire]
    answer: str
    declared_at: Moment
    insurer_code: str

    @classmethod
    def of(cls, overdue: records.Overdue) -> OverdueWire:
        """From the engine's record."""
        declared = overdue.declared
        return cls(
            id=overdue.id,
            reference=declared.reference,
            policy_id=overdue.policy_id,
            buyer_id=declared.buyer_id,
            state=overdue.state,
            reason=declared.reason,
            comment=declared.comment,
            total=Amount.of(overdue.total),
            invoices=[
                InvoiceWire(
                    number=invoice.number,
                    due_date=invoice.due_date,
                    amount=Amount.of(invoice.amount),
                    extended_to=invoice.extended_to,
                    settled_on=invoice.settled_on,
                )
                for invoice in declared.invoices
            ],
            instalments=[
                InstalmentWire(due_date=item.due_date, amount=Amount.of(item.amount)) for item in overdue.instalments
            ],
            answer=overdue.answer,
            declared_at=moment(overdue.declared_at),
            insurer_code=overdue.code,
        )


class OverduePage(_Out):
    """Overdues, newest first."""

    items: list[OverdueWire]
    next_cursor: str | None


class EventWire(_Out):
    """Something happened; read the thing it names."""

    id: str
    type: EventType
    occurred_at: Moment
    policy_id: str
    buyer_id: str | None
    application_id: str | None
    limit_id: str | None
    overdue_id: str | None

    @classmethod
    def of(cls, event: records.Event) -> EventWire:
        """From the engine's record."""
        same = ("id", "type", "policy_id", "buyer_id", "application_id", "limit_id", "overdue_id")
        return cls(occurred_at=moment(event.occurred_at), **{name: getattr(event, name) for name in same})


class EventPage(_Out):
    """Events, oldest first; `next_cursor` is never null: keep it and ask again later."""

    items: list[EventWire]
    next_cursor: str


class WebhookRequest(_In):
    """Where to call (https, or http to this machine); a secret is made where none is given."""

    model_config = example(url="https://erp.example/hooks/credit")

    url: Annotated[str, StringConstraints(max_length=500), Field(examples=["https://erp.example/hooks/credit"])]
    secret: Annotated[str, StringConstraints(max_length=200)] | None = None


class WebhookWire(_Out):
    """A registered webhook."""

    id: str
    url: str


class WebhookMade(WebhookWire):
    """The same with its secret, which is shown this once."""

    secret: str


class WebhookPage(_Out):
    """The webhooks of a policy, on one page."""

    items: list[WebhookWire]
    next_cursor: None = None


class FieldProblem(_Out):
    """What is wrong with one field."""

    field: str
    message: str


class ProblemWire(_Out):
    """An error after RFC 9457."""

    type: str = "about:blank"
    title: str
    status: int
    code: str
    detail: str
    request_id: str | None = None
    errors: tuple[FieldProblem, ...] = ()
