"""Exposure: what the buyer already owes or is about to owe, from the ERP's own ledger."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Annotated

from pydantic import BeforeValidator, Field, StringConstraints, ValidationInfo, field_validator, model_validator

from tradecredit_sdk.models.base import Day, RequestModel
from tradecredit_sdk.models.money import Money


def _amounts(value: object) -> object:
    """One Money, or one for each currency."""
    return (value,) if isinstance(value, (Money, dict)) else value


Amounts = Annotated[tuple[Money, ...], BeforeValidator(_amounts)]
"""One amount for each currency; a single Money is accepted. Empty means nothing."""


class Exposure(RequestModel):
    """What one legal buyer owes, by bucket, on the policy's tax basis (with or without VAT as the policy says).

    `open` posted and not yet due; `overdue` posted and past the due date; `draft` invoices not yet posted; `ordered`
    confirmed and not yet invoiced. Credit notes reduce a bucket, so amounts may be negative.
    `oldest_original_due_date` is that of the oldest unpaid invoice: an agreed postponement does not move it (rule 2).
    `unreadable` counts ledger lines of this buyer that could not be read and are therefore missing in the buckets.
    """

    open: Amounts = ()
    overdue: Amounts = ()
    draft: Amounts = ()
    ordered: Amounts = ()
    unreadable: int = Field(0, ge=0, strict=True)
    oldest_original_due_date: Day | None = None


class ItemKind(str, Enum):
    """What a ledger line is; it decides the bucket."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    PAYMENT = "payment"
    """Received and not assigned to an invoice yet."""
    DRAFT = "draft"
    ORDER = "order"


_NOTHING = Decimal(0)
_CREDITS, _ORDER = frozenset({ItemKind.CREDIT_NOTE, ItemKind.PAYMENT}), ItemKind.ORDER


class OpenItem(RequestModel):
    """One open line of the ledger. `amount` is what is still open, without tax; credit notes and payments are negative.

    `tax` is what is open on top, of the same sign and in the same currency. An invoice may be negative when it was
    overpaid; an order may not. `agreed_due_date` is what was agreed with the buyer since: no deadline runs on it (rule 2).
    `disputed` is the part the buyer contests (rule 34), `declared_on` the day the insurer was told of the overdue.
    """

    customer: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    number: str
    kind: ItemKind = ItemKind.INVOICE
    original_due_date: Day | None = None
    amount: Money
    tax: Money | None = None
    invoice_date: Day | None = None
    agreed_due_date: Day | None = None
    disputed: Money | None = None
    declared_on: Day | None = None

    @model_validator(mode="after")
    def _consistent(self) -> OpenItem:
        kind, amount, tax = self.kind, self.amount.amount, _NOTHING
        if self.tax is not None:
            tax = self.tax.amount
            if self.tax.currency != self.amount.currency:
                raise ValueError("amount and tax must be in one currency")
        if amount >= 0 and tax >= 0:
            if kind in _CREDITS and (amount or tax):
                name = kind.value.replace("_", " ")
                raise ValueError(f"a {name} reduces what is owed: write its amount and tax with a minus")
        elif kind is _ORDER:
            raise ValueError("the amount of an order must not be negative")
        elif amount > 0 or tax > 0:
            raise ValueError("amount and tax must have the same sign")
        return self

    @field_validator("invoice_date", "agreed_due_date")
    @classmethod
    def _in_order(cls, day: date | None, info: ValidationInfo) -> date | None:
        due = info.data.get("original_due_date")
        if day is not None and due is not None:
            if info.field_name == "invoice_date" and due < day:
                raise ValueError(f"the due date {due} is before the invoice date {day}")
            if info.field_name == "agreed_due_date" and day < due:
                raise ValueError(f"the agreed due date {day} is before the original one, {due}")
        return day

    @field_validator("disputed")
    @classmethod
    def _part(cls, disputed: Money | None, info: ValidationInfo) -> Money | None:
        amount, tax = info.data.get("amount"), info.data.get("tax")
        if disputed is not None and amount is not None:
            if disputed.currency != amount.currency:
                raise ValueError("amount and disputed must be in one currency")
            most = amount.amount + (tax.amount if tax is not None else _NOTHING)
            if not 0 <= disputed.amount <= max(most, _NOTHING):
                raise ValueError(f"the disputed part must be between zero and what is open, {max(most, _NOTHING):,f}")
        return disputed
