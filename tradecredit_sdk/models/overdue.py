"""Overdues: telling the insurer that invoices were not paid, before the policy's deadline."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from typing import Annotated, Any

from pydantic import Field, StringConstraints, model_validator

from tradecredit_sdk.models.base import Day, Flag, Id, Instant, Reference, RequestModel, ResponseModel, open_enum
from tradecredit_sdk.models.money import Money

Comment = Annotated[str, StringConstraints(max_length=1000)]
InvoiceNumber = Annotated[str, StringConstraints(min_length=1, max_length=40)]


class OverdueReason(str, Enum):
    """Why the buyer did not pay."""

    PROTRACTED_DEFAULT = "protracted_default"
    INSOLVENCY = "insolvency"
    DISPUTE = "dispute"
    OTHER = "other"


class OverdueState(str, Enum):
    """Where a declared overdue stands at the insurer."""

    DECLARED = "declared"
    EXTENDED = "extended"
    RESCHEDULED = "rescheduled"
    DOCUMENTS_REQUESTED = "documents_requested"
    IN_COLLECTION = "in_collection"
    SETTLED = "settled"
    WITHDRAWN = "withdrawn"
    CLAIMED = "claimed"
    REJECTED = "rejected"


CLOSED_STATES = frozenset({OverdueState.SETTLED, OverdueState.WITHDRAWN, OverdueState.REJECTED})
"""Nothing more is to come of it, and its invoices may be declared anew."""


class OverdueAction(str, Enum):
    """What can be done with a declared overdue (Allianz Trade: EXP extend, RES reschedule)."""

    EXTEND = "extend"
    RESCHEDULE = "reschedule"
    SETTLE = "settle"
    PAY = "pay"
    WITHDRAW = "withdraw"
    DOCUMENTS = "documents"


class Collector(str, Enum):
    """Who collects the debt."""

    SELLER = "seller"
    INSURER = "insurer"


class StepKind(str, Enum):
    """What was done to collect."""

    REMINDER = "reminder"
    PHONE_CALL = "phone_call"
    VISIT = "visit"
    FORMAL_NOTICE = "formal_notice"
    PAYMENT_PROMISE = "payment_promise"
    PAYMENT_PLAN = "payment_plan"
    LAWYER = "lawyer"
    LEGAL_ACTION = "legal_action"
    OTHER = "other"


class DocumentKind(str, Enum):
    """What insurers ask for (domain rule 39)."""

    ORDER = "order"
    CONDITIONS_OF_SALE = "conditions_of_sale"
    INVOICE = "invoice"
    DELIVERY_PROOF = "delivery_proof"
    BILL_OF_EXCHANGE = "bill_of_exchange"
    GUARANTEE = "guarantee"
    CORRESPONDENCE = "correspondence"
    INSOLVENCY_NOTICE = "insolvency_notice"
    DEBT_ACKNOWLEDGEMENT = "debt_acknowledgement"
    OPEN_ITEMS = "open_items"
    ACCOUNT_STATEMENT = "account_statement"
    OTHER = "other"


class OverdueInvoice(RequestModel):
    """One unpaid invoice: number as printed, `due_date` the ORIGINAL one (domain rule 2), `amount` still unpaid.

    `agreed_due_date` is what seller and buyer agreed on since; it moves no deadline. `disputed` is the part whose
    cover rests until the dispute is settled (rule 34).
    """

    number: InvoiceNumber
    due_date: Day
    amount: Money
    invoice_date: Day | None = None
    agreed_due_date: Day | None = None
    disputed: Money | None = None

    @model_validator(mode="after")
    def _sensible(self) -> OverdueInvoice:
        if self.amount.amount <= 0:
            raise ValueError("the unpaid amount must be greater than zero")
        if self.invoice_date is not None and self.due_date < self.invoice_date:
            raise ValueError(f"due_date {self.due_date} is before invoice_date {self.invoice_date}")
        if self.agreed_due_date is not None and self.agreed_due_date <= self.due_date:
            raise ValueError("agreed_due_date must be later than due_date, the original one")
        if self.disputed is not None and self.disputed.currency != self.amount.currency:
            raise ValueError(f"disputed must be in {self.amount.currency}, like the amount")
        if self.disputed is not None and not 0 < self.disputed.amount <= self.amount.amount:
            raise ValueError("disputed must be greater than zero and at most the unpaid amount")
        return self


class CollectionStep(RequestModel):
    """One thing that was done to collect, and when."""

    day: Day
    step: StepKind
    comment: Comment | None = None


class Collection(RequestModel):
    """Who collects from here: the seller up to and including `until`, then the insurer; or the insurer at once.

    `until` None with the seller: until it is handed over.
    """

    by: Collector
    until: Day | None = None

    @model_validator(mode="after")
    def _whose_day(self) -> Collection:
        if self.by is Collector.INSURER and self.until is not None:
            raise ValueError("until is the seller's last day; the insurer collects without one")
        return self


class OverdueDeclaration(RequestModel):
    """A declaration of non-payment: the total outstanding, not just the late invoice (domain rule 4).

    `outstanding` is all the buyer owes, where that is more than the invoices named here.
    """

    buyer_id: Id
    invoices: tuple[OverdueInvoice, ...] = Field(min_length=1, max_length=500)
    reason: OverdueReason = OverdueReason.PROTRACTED_DEFAULT
    reference: Reference | None = None
    comment: Comment | None = None
    outstanding: Money | None = None
    steps_taken: Annotated[tuple[CollectionStep, ...], Field(min_length=1, max_length=50)] | None = None
    collection: Collection | None = None

    @model_validator(mode="after")
    def _consistent(self) -> OverdueDeclaration:
        named = [invoice.amount.currency for invoice in self.invoices]
        if len({*named, *([self.outstanding.currency] if self.outstanding is not None else [])}) > 1:
            raise ValueError("one declaration is in one currency; declare each currency by itself")
        numbers = [invoice.number for invoice in self.invoices]
        twice = sorted({number for number in numbers if numbers.count(number) > 1})
        if twice:
            raise ValueError(f"invoice given twice: {', '.join(twice)}")
        if self.outstanding is not None and self.outstanding < self.total:
            raise ValueError(f"outstanding must be at least the {self.total} of the invoices")
        return self

    @property
    def total(self) -> Money:
        """The sum of the invoices."""
        return Money.total((invoice.amount for invoice in self.invoices), self.invoices[0].amount.currency)


class Instalment(RequestModel):
    """One payment of an agreed plan."""

    due_date: Day
    amount: Money


class DocumentSent(RequestModel):
    """A document the insurer asked for, as it was sent: its kind, its file name, and its SHA-256 in hexadecimal if known."""

    kind: DocumentKind
    name: Annotated[str, StringConstraints(min_length=1, max_length=200)]
    sha256: Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")] | None = None


_OWN_FIELDS: dict[OverdueAction, tuple[str, ...]] = {
    OverdueAction.EXTEND: ("new_due_date",),
    OverdueAction.RESCHEDULE: ("instalments",),
    OverdueAction.SETTLE: ("settled_on",),
    OverdueAction.PAY: ("amount", "paid_on"),
    OverdueAction.DOCUMENTS: ("documents",),
    OverdueAction.WITHDRAW: (),
}
"""What each action needs, and no other may have."""
_OF_THE_WHOLE = frozenset({OverdueAction.PAY, OverdueAction.DOCUMENTS})


class OverdueChange(RequestModel):
    """A change of a declared overdue.

    `extend` needs `new_due_date`; `reschedule` needs `instalments`; `settle` takes `settled_on`; `pay` needs `amount` and
    `paid_on`; `documents` needs `documents`; `withdraw` nothing. `invoice` names one invoice, None means all of them;
    payments and documents take none. The clocks of the policy keep running on the original due date (domain rule 2).
    """

    overdue_id: Id
    action: OverdueAction
    invoice: str | None = None
    new_due_date: Day | None = None
    instalments: tuple[Instalment, ...] = ()
    settled_on: Day | None = None
    amount: Money | None = None
    paid_on: Day | None = None
    documents: Annotated[tuple[DocumentSent, ...], Field(min_length=1, max_length=50)] | None = None
    reference: Reference | None = None
    comment: Comment | None = None

    @model_validator(mode="after")
    def _complete(self) -> OverdueChange:
        for action, names in _OWN_FIELDS.items():
            given = [name for name in names if getattr(self, name) not in (None, ())]
            missing = [name for name in names if name not in given]
            if action is self.action and missing:
                raise ValueError(f"{action.value} needs {' and '.join(missing)}")
            if action is not self.action and given:
                raise ValueError(f"{given[0]} does not belong to {self.action.value}")
        if self.amount is not None and self.amount.amount <= 0:
            raise ValueError("amount must be greater than zero")
        if self.invoice is not None and self.action in _OF_THE_WHOLE:
            raise ValueError(f"{self.action.value} names no invoice: the policy says which ones a payment goes to")
        if len({item.amount.currency for item in self.instalments}) > 1:
            raise ValueError("instalments are in one currency, that of the overdue")
        return self


class InvoiceState(ResponseModel):
    """One invoice of a declared overdue, as the insurer has it now. `paid` is what payments have brought so far."""

    number: str
    due_date: Day
    amount: Money
    invoice_date: Day | None = None
    agreed_due_date: Day | None = None
    disputed: Money | None = None
    paid: Money | None = None
    extended_to: Day | None = None
    settled_on: Day | None = None
    withdrawn_on: Day | None = None

    @property
    def is_open(self) -> bool:
        """Neither settled nor withdrawn."""
        return self.settled_on is None and self.withdrawn_on is None

    @property
    def unpaid(self) -> Money:
        """What is open: nothing once it is settled or withdrawn."""
        if not self.is_open:
            return Money.zero(self.amount.currency)
        return self.amount if self.paid is None else self.amount - self.paid


class Allocation(ResponseModel):
    """So much of a payment went to this invoice (domain rule 35)."""

    number: str
    amount: Money


class StepTaken(ResponseModel):
    """What was done to collect, as the insurer has it."""

    day: Day
    step: open_enum(StepKind)  # type: ignore[valid-type]
    comment: str | None = None


class Collecting(ResponseModel):
    """Who collects, as the insurer has it; `until` is the seller's last day."""

    by: open_enum(Collector)  # type: ignore[valid-type]
    until: Day | None = None


class OverduePayment(ResponseModel):
    """A payment as the insurer has booked it."""

    reference: str | None = None
    paid_on: Day
    amount: Money
    allocated: tuple[Allocation, ...] = ()


class DocumentRequest(ResponseModel):
    """A document the insurer asks for; `received_on` None while it is missing (domain rules 23 and 39)."""

    kind: open_enum(DocumentKind)  # type: ignore[valid-type]
    asked_on: Day | None = None
    due_on: Day | None = None
    received_on: Day | None = None


class CoverState(str, Enum):
    """What a declaration or adverse information did to the cover of later deliveries."""

    CONFIRMED = "confirmed"
    STOPPED = "stopped"
    WITHDRAWN = "withdrawn"
    RESTS = "rests"
    REINSTATED = "reinstated"


class OverdueCover(ResponseModel):
    """What the insurer says about cover (domain rules 7 and 8).

    From `stopped_from` on deliveries are not insured; while `confirmed` that day is still to come. `reinstated_from` is
    the first day that is insured again: `stopped_from` itself when it counts as if cover had never stopped.
    """

    state: open_enum(CoverState)  # type: ignore[valid-type]
    stopped_from: Day | None = None
    reinstated_from: Day | None = None

    @property
    def is_retroactive(self) -> bool:
        """Whether cover was reinstated as if it had never stopped."""
        return self.reinstated_from is not None and self.reinstated_from == self.stopped_from


class Overdue(ResponseModel):
    """A declaration the insurer has received. `total` is what was declared and is not paid, settled or withdrawn.

    `acknowledged_at` None: nobody at the insurer has looked at it yet, or the insurer does not tell. Of two answers the one
    with the higher `revision` is newer.
    """

    id: Id
    reference: str | None = None
    state: open_enum(OverdueState)  # type: ignore[valid-type]
    buyer_id: Id
    invoices: tuple[InvoiceState, ...] = ()
    instalments: tuple[Instalment, ...] = ()
    total: Money | None = None
    outstanding: Money | None = None
    reason: str | None = None
    answer: str | None = None
    """What the insurer says about cover, in its own words."""
    cover: OverdueCover | None = None
    steps_taken: tuple[StepTaken, ...] = ()
    collection: Collecting | None = None
    payments: tuple[OverduePayment, ...] = ()
    documents: tuple[DocumentRequest, ...] = ()
    declared_at: Instant | None = None
    acknowledged_at: Instant | None = None
    in_time: Flag | None = None
    """Whether it was declared on or before the policy's last day."""
    revision: int | None = Field(None, ge=0, strict=True)
    insurer_code: str | None = None
    raw: Any = Field(None, repr=False, exclude=True)
    """The insurer's answer, verbatim."""

    @property
    def is_closed(self) -> bool:
        """Settled, withdrawn or rejected: nothing more is to come of it."""
        return self.state in CLOSED_STATES

    @property
    def missing_documents(self) -> tuple[DocumentRequest, ...]:
        """What the insurer asked for and has not received."""
        return tuple(document for document in self.documents if document.received_on is None)

    @property
    def unpaid(self) -> Money | None:
        """What is open by its invoices; None when the insurer names none."""
        return open_amount(self.invoices)


def open_amount(invoices: Iterable[InvoiceState]) -> Money | None:
    """What is open of these invoices in all; None when there are none."""
    amounts = [invoice.unpaid for invoice in invoices]
    return Money.total(amounts, amounts[0].currency) if amounts else None
