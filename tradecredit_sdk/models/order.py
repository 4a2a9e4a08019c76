"""The sales order whose credit is checked."""

from __future__ import annotations

from pydantic import model_validator

from tradecredit_sdk.models.base import Country, Days, Id, RequestModel
from tradecredit_sdk.models.money import Money


class Order(RequestModel):
    """What the seller is about to ship on open account.

    `amount` excludes tax and `tax` is the tax on top, both at least zero and in one currency; the policy says whether
    tax counts. `terms_days` counts from delivery (domain rule 33); 0 means cash, which needs no cover term. `buyer_id`
    is the insurer's id of the legal debtor, None while it has not been identified.
    """

    number: str = ""
    buyer_id: Id | None = None
    amount: Money
    tax: Money | None = None
    terms_days: Days | None = None
    country: Country | None = None

    @model_validator(mode="after")
    def _amounts(self) -> Order:
        if self.amount.amount < 0:
            raise ValueError("amount must not be negative")
        if self.tax is not None and self.tax.amount < 0:
            raise ValueError("tax must not be negative")
        if self.tax is not None and self.tax.currency != self.amount.currency:
            raise ValueError("amount and tax must be in one currency")
        return self
