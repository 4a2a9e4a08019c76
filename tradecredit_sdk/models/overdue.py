"""Overdues: telling the insurer that invoices were not paid, before the policy's deadline."""

from __future__ import annotations

from enum import Enum
from typing import Annotated, Any

from pydantic import Field, StringConstraints, model_validator

from tradecredit_sdk.models.base import Day, Id, Instant, Reference, RequestModel, ResponseModel, open_enum
from tradecredit_sdk.models.money import Money


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
    SETTLED = "settled"
    CLAIMED = "claimed"
    REJECTED = "rejected"


class OverdueAction(str, Enum):
    """What can be done with a declared overdue (Allianz Trade: EXP extend, RES reschedule)."""

    EXTEND = "extend"
    RESCHEDULE = "reschedule"
    SETTLE = "settle"


class OverdueInvoice(RequestModel):
    """One unpaid invoice: number as printed, `due_date` the ORIGINAL one (domain rule 2), `amount` still unpaid."""

    number: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    due_date: Day
    amount: Money

    @model_validator(mode="after")
    def _positive(self) -> OverdueInvoice:
        if self.amount.amount <= 0:
            raise ValueError("the unpaid amount must be greater than zero")
        return self


class OverdueDeclaration(RequestModel):
    """A declaration of non-payment: the total outstanding, not just the late invoice (domain rule 4)."""

    buyer_id: Id
    invoices: tuple[OverdueInvoice, ...] = Field(min_length=1, max_length=500)
    reason: OverdueReason = OverdueReason.PROTRACTED_DEFAULT
    reference: Reference | None = None
    comment: Annotated[str, StringConstraints(max_length=1000)] | None = None

    @model_validator(mode="after")
    def _consistent(self) -> OverdueDeclaration:
        if len({invoice.amount.currency for invoice in self.invoices}) > 1:
            raise ValueError("one declaration is in one currency; declare each currency by itself")
        numbers = [invoice.number for invoice in self.invoices]
        twice = sorted({number for number in numbers if numbers.count(number) > 1})
        if twice:
            raise ValueError(f"invoice given twice: {', '.join(twice)}")
        return self


class Instalment(RequestModel):
    """One payment of an agreed plan."""

    due_date: Day
    amount: Money


class OverdueChange(RequestModel):
    """A change of a declared overdue.

    `extend` needs `new_due_date`; `reschedule` needs `instalments`; `settle` takes `settled_on`. `invoice` names one
    invoice, None means all of them. The clocks of the policy keep running on the original due date (domain rule 2).
    """

    overdue_id: Id
    action: OverdueAction
    invoice: str | None = None
    new_due_date: Day | None = None
    instalments: tuple[Instalment, ...] = ()
    settled_on: Day | None = None
    reference: Reference | None = None
    comment: Annotated[str, StringConstraints(max_length=1000)] | None = None

    @model_validator(mode="after")
    def _complete(self) -> OverdueChange:
        wanted = {
            OverdueAction.EXTEND: self.new_due_date,
            OverdueAction.RESCHEDULE: self.instalments,
            OverdueAction.SETTLE: self.settled_on,
        }
        names = {"extend": "new_due_date", "reschedule": "instalments", "settle": "settled_on"}
        for action, value in wanted.items():
            if action is self.action and not value:
                raise ValueError(f"{action.value} needs {names[action.value]}")
            if action is not self.action and value:
                raise ValueError(f"{names[action.value]} does not belong to {self.action.value}")
        return self


class InvoiceState(ResponseModel):
    """One invoice of a declared overdue, as the insurer has it now."""

    number: str
    due_date: Day
    amount: Money
    extended_to: Day | None = None
    settled_on: Day | None = None


class Overdue(ResponseModel):
    """A declaration the insurer has received. `total` is what was declared and is not settled."""

    id: Id
    reference: str | None = None
    state: open_enum(OverdueState)  # type: ignore[valid-type]
    buyer_id: Id
    invoices: tuple[InvoiceState, ...] = ()
    instalments: tuple[Instalment, ...] = ()
    total: Money | None = None
    reason: str | None = None
    answer: str | None = None
    """What the insurer says about cover, in its own words."""
    declared_at: Instant | None = None
    insurer_code: str | None = None
    raw: Any = Field(None, repr=False, exclude=True)
    """The insurer's answer, verbatim."""
