"""Exposure: what the buyer already owes or is about to owe, from the ERP's own ledger."""

from __future__ import annotations

from decimal import Decimal
from enum import Enum
from typing import Annotated

from pydantic import BeforeValidator, Field, StringConstraints, model_validator

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
    DRAFT = "draft"
    ORDER = "order"


_NOTHING = Decimal(0)
_CREDIT_NOTE, _ORDER = ItemKind.CREDIT_NOTE, ItemKind.ORDER


class OpenItem(RequestModel):
    """One open line of the ledger. `amount` is what is still open, without tax; a credit note is negative.

    `tax` is what is open on top, of the same sign and in the same currency. An invoice may be negative when it was
    overpaid; an order may not.
    """

    customer: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    number: str
    kind: ItemKind = ItemKind.INVOICE
    original_due_date: Day | None = None
    amount: Money
    tax: Money | None = None

    @model_validator(mode="after")
    def _consistent(self) -> OpenItem:
        kind, amount, tax = self.kind, self.amount.amount, _NOTHING
        if self.tax is not None:
            tax = self.tax.amount
            if self.tax.currency != self.amount.currency:
                raise ValueError("amount and tax must be in one currency")
        if amount >= 0 and tax >= 0:
            if kind is _CREDIT_NOTE and (amount or tax):
                raise ValueError("a credit note reduces what is owed: write its amount and tax with a minus")
        elif kind is _ORDER:
            raise ValueError("the amount of an order must not be negative")
        elif amount > 0 or tax > 0:
            raise ValueError("amount and tax must have the same sign")
        return self
