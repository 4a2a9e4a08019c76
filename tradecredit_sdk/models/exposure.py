"""Exposure: what the buyer already owes or is about to owe, from the ERP's own ledger."""

from __future__ import annotations

from enum import Enum
from typing import Annotated

from pydantic import BeforeValidator, StringConstraints

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
    """

    open: Amounts = ()
    overdue: Amounts = ()
    draft: Amounts = ()
    ordered: Amounts = ()
    oldest_original_due_date: Day | None = None


class ItemKind(str, Enum):
    """What a ledger line is; it decides the bucket."""

    INVOICE = "invoice"
    CREDIT_NOTE = "credit_note"
    DRAFT = "draft"
    ORDER = "order"


class OpenItem(RequestModel):
    """One open line of the ledger. `amount` is what is still open, without tax; a credit note is negative."""

    customer: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    number: str
    kind: ItemKind = ItemKind.INVOICE
    original_due_date: Day | None = None
    amount: Money
    tax: Money | None = None
