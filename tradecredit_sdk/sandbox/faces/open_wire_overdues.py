"""The bodies of the `open` contract for what is not paid: overdues, what is done with them, and adverse information."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from tradecredit_sdk.models.adverse import AdverseKind
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.overdue import (
    Collector,
    CoverState,
    DocumentKind,
    OverdueAction,
    OverdueReason,
    OverdueState,
    StepKind,
)
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
    maybe,
)


class InvoiceIn(_In):
    """An unpaid invoice; `due_date` is the original one."""

    number: Number
    due_date: WireDay
    amount: Amount
    invoice_date: WireDay | None = None
    agreed_due_date: WireDay | None = None
    disputed: Amount | None = None

    def invoice(self, field: str) -> records.Invoice:
        """As the engine takes it; Problem 422."""
        money = {"amount": self.amount.money(f"{field}.amount"), "disputed": _money(self.disputed, f"{field}.disputed")}
        return records.Invoice(**{**dict(self), **money})


class StepWire(_In):
    """Something that was done to collect."""

    day: WireDay
    step: StepKind
    comment: Comment | None = None


class CollectionWire(_In):
    """Who collects from here; `until` is the seller's last day."""

    by: Collector
    until: WireDay | None = None

    @model_validator(mode="after")
    def _whose_day(self) -> CollectionWire:
        if self.by is Collector.INSURER and self.until is not None:
            raise ValueError("until is the seller's last day; the insurer collects without one")
        return self


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
    outstanding: Amount | None = None
    invoices: Annotated[list[InvoiceIn], Field(min_length=1, max_length=500)]
    steps_taken: Annotated[list[StepWire], Field(max_length=50)] | None = None
    collection: CollectionWire | None = None

    def declared(self) -> records.Declared:
        """As the engine takes it; Problem 422."""
        parts = {
            "invoices": tuple(item.invoice(f"invoices.{index}") for index, item in enumerate(self.invoices)),
            "outstanding": _money(self.outstanding, "outstanding"),
            "steps_taken": tuple(records.Step(**dict(step)) for step in self.steps_taken or ()),
            "collection": None if self.collection is None else records.Collection(**dict(self.collection)),
        }
        return records.Declared(**{**dict(self), **parts})


class InstalmentIn(_In):
    """One payment of an agreed plan."""

    due_date: WireDay
    amount: Amount


class DocumentSentIn(_In):
    """A document that was asked for and has been sent."""

    kind: DocumentKind
    name: Annotated[str, StringConstraints(min_length=1, max_length=200), Field(examples=["POD-1001.pdf"])]
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = None


class ActionRequest(_In):
    """What each action needs is in the contract; fields of another action are refused. `invoice` null means all."""

    model_config = example(reference="ACT-1", action="settle", invoice="R-1001", settled_on="2026-03-31")

    reference: Reference
    action: OverdueAction
    invoice: Number | None = None
    new_due_date: WireDay | None = None
    instalments: Annotated[tuple[InstalmentIn, ...], Field(max_length=500)] = ()
    settled_on: WireDay | None = None
    amount: Amount | None = None
    paid_on: WireDay | None = None
    documents: Annotated[tuple[DocumentSentIn, ...], Field(max_length=50)] | None = None
    comment: Comment | None = None

    def change(self) -> records.Change:
        """As the engine takes it; Problem 422."""
        parts = {
            "instalments": tuple(
                records.Instalment(item.due_date, item.amount.money(f"instalments.{index}.amount"))
                for index, item in enumerate(self.instalments)
            ),
            "amount": _money(self.amount, "amount"),
            "documents": tuple(records.DocumentSent(**dict(item)) for item in self.documents or ()),
        }
        return records.Change(**{**dict(self), **parts})


class InvoiceWire(_Out):
    """One invoice of a declared overdue; `paid` is what payments have brought."""

    number: str
    due_date: date
    amount: Amount
    invoice_date: date | None
    agreed_due_date: date | None
    disputed: Amount | None
    paid: Amount
    extended_to: date | None
    settled_on: date | None
    withdrawn_on: date | None

    @classmethod
    def of(cls, invoice: records.Invoice) -> InvoiceWire:
        """From the engine's record."""
        same = ("number", "due_date", "invoice_date", "agreed_due_date", "extended_to", "settled_on", "withdrawn_on")
        return cls(
            amount=Amount.of(invoice.amount),
            disputed=maybe(invoice.disputed),
            paid=Amount.of(Money.zero(invoice.amount.currency) if invoice.paid is None else invoice.paid),
            **{name: getattr(invoice, name) for name in same},
        )


class InstalmentWire(_Out):
    """One payment of an agreed plan."""

    due_date: date
    amount: Amount


class AllocationWire(_Out):
    """So much of a payment went to this invoice."""

    number: str
    amount: Amount


class PaymentWire(_Out):
    """A payment and where it went."""

    reference: str | None
    paid_on: date
    amount: Amount
    allocated: list[AllocationWire]


class DocumentWire(_Out):
    """A document the insurer asks for; `received_on` null while it is missing."""

    kind: DocumentKind
    asked_on: date
    due_on: date
    received_on: date | None


class CoverWire(_Out):
    """What became of cover."""

    state: CoverState
    stopped_from: date | None
    reinstated_from: date | None

    @classmethod
    def of(cls, note: records.CoverNote | None) -> CoverWire | None:
        """From the engine's record."""
        return None if note is None else cls(**asdict(note))


class OverdueWire(_Out):
    """A declared overdue; `total` counts what is open. The higher `revision` is the newer."""

    id: str
    reference: str | None
    policy_id: str
    buyer_id: str
    state: OverdueState
    reason: OverdueReason
    comment: str | None
    outstanding: Amount | None
    total: Amount
    invoices: list[InvoiceWire]
    instalments: list[InstalmentWire]
    steps_taken: list[StepWire]
    collection: CollectionWire | None
    payments: list[PaymentWire]
    documents: list[DocumentWire]
    answer: str
    cover: CoverWire | None
    declared_at: Moment
    acknowledged_at: Moment | None
    in_time: bool
    revision: int
    insurer_code: str

    @classmethod
    def of(cls, overdue: records.Overdue) -> OverdueWire:
        """From the engine's record."""
        declared, read = overdue.declared, overdue.acknowledged_at
        same = ("id", "policy_id", "state", "answer", "in_time", "revision")
        return cls(
            reference=declared.reference,
            buyer_id=declared.buyer_id,
            reason=declared.reason,
            comment=declared.comment,
            outstanding=maybe(declared.outstanding),
            total=Amount.of(overdue.total),
            invoices=[InvoiceWire.of(invoice) for invoice in declared.invoices],
            instalments=[
                InstalmentWire(due_date=item.due_date, amount=Amount.of(item.amount)) for item in overdue.instalments
            ],
            steps_taken=[StepWire(**asdict(step)) for step in declared.steps_taken],
            collection=None if declared.collection is None else CollectionWire(**asdict(declared.collection)),
            payments=[_payment(one) for one in overdue.payments],
            documents=[DocumentWire(**asdict(one)) for one in overdue.documents],
            cover=CoverWire.of(overdue.cover),
            declared_at=moment(overdue.declared_at),
            acknowledged_at=None if read is None else moment(read),
            insurer_code=overdue.code,
            **{name: getattr(overdue, name) for name in same},
        )


def _payment(payment: records.Payment) -> PaymentWire:
    allocated = [AllocationWire(number=number, amount=Amount.of(part)) for number, part in payment.allocated]
    amount = Amount.of(payment.amount)
    return PaymentWire(reference=payment.reference, paid_on=payment.paid_on, amount=amount, allocated=allocated)


def _money(amount: Amount | None, field: str) -> Money | None:
    return None if amount is None else amount.money(field)


class OverduePage(_Out):
    """Overdues, newest first."""

    items: list[OverdueWire]
    next_cursor: str | None


class AdverseRequest(_In):
    """What the seller has learnt about a buyer."""

    model_config = example(reference="ADV-1", buyer_id="000004711", kind="bounced_payment", happened_on="2026-03-30")

    reference: Reference
    buyer_id: BuyerId
    kind: AdverseKind
    happened_on: WireDay
    outstanding: Amount | None = None
    comment: Comment | None = None

    def reported(self) -> records.Reported:
        """As the engine takes it; Problem 422."""
        return records.Reported(**{**dict(self), "outstanding": _money(self.outstanding, "outstanding")})


class AdverseWire(_Out):
    """Adverse information, and what it did to cover."""

    id: str
    reference: str | None
    policy_id: str
    buyer_id: str
    kind: AdverseKind
    happened_on: date
    outstanding: Amount | None
    comment: str | None
    answer: str
    cover: CoverWire | None
    in_time: bool
    reported_at: Moment

    @classmethod
    def of(cls, adverse: records.Adverse) -> AdverseWire:
        """From the engine's record."""
        reported = adverse.reported
        same = ("reference", "buyer_id", "kind", "happened_on", "comment")
        return cls(
            id=adverse.id,
            policy_id=adverse.policy_id,
            outstanding=maybe(reported.outstanding),
            answer=adverse.answer,
            cover=CoverWire.of(adverse.cover),
            in_time=adverse.in_time,
            reported_at=moment(adverse.reported_at),
            **{name: getattr(reported, name) for name in same},
        )


class AdversePage(_Out):
    """Reports, newest first."""

    items: list[AdverseWire]
    next_cursor: str | None
