"""Adverse information: what endangers payment is reported at once, whether something is overdue or not (domain rule 6)."""

from __future__ import annotations

from enum import Enum
from typing import Any

from pydantic import Field, model_validator

from tradecredit_sdk.models.base import Day, Flag, Id, Instant, Reference, RequestModel, ResponseModel, open_enum
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.overdue import Comment, OverdueCover


class AdverseKind(str, Enum):
    """What has happened. `extension_request`: the buyer asks for more time than the maximum extension period."""

    INSOLVENCY = "insolvency"
    BOUNCED_PAYMENT = "bounced_payment"
    FAILED_DEBIT = "failed_debit"
    LEGAL_ACTION = "legal_action"
    EXTENSION_REQUEST = "extension_request"
    OTHER = "other"


class AdverseReport(RequestModel):
    """What the seller has learnt about a buyer, and when it happened; `outstanding` is all the buyer owes, if stated."""

    buyer_id: Id
    kind: AdverseKind
    happened_on: Day
    outstanding: Money | None = None
    reference: Reference | None = None
    comment: Comment | None = None

    @model_validator(mode="after")
    def _not_negative(self) -> AdverseReport:
        if self.outstanding is not None and self.outstanding.amount < 0:
            raise ValueError("outstanding must not be negative")
        return self


class AdverseReceipt(ResponseModel):
    """A report the insurer has received, and what it says about cover; `cover` None where there was none."""

    id: Id
    reference: str | None = None
    buyer_id: Id
    kind: open_enum(AdverseKind)  # type: ignore[valid-type]
    happened_on: Day
    outstanding: Money | None = None
    answer: str | None = None
    cover: OverdueCover | None = None
    in_time: Flag | None = None
    reported_at: Instant | None = None
    raw: Any = Field(None, repr=False, exclude=True)
    """The insurer's answer, verbatim."""
