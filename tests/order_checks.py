"""One order of 100 EUR on a limit of 100 EUR, checked on one morning: what the tests of the verdict begin with."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Any

from tradecredit_sdk.models.exposure import Exposure
from tradecredit_sdk.models.limit import LimitPosition
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.order import Order
from tradecredit_sdk.models.policy import Policy
from tradecredit_sdk.models.rates import ExchangeRates
from tradecredit_sdk.models.verdict import Outcome, Reason, ReasonCode, Verdict
from tradecredit_sdk.rules.credit_check import check_order

TODAY = date(2026, 3, 31)
TOMORROW, YESTERDAY = TODAY + timedelta(1), TODAY - timedelta(1)
NOW = datetime(2026, 3, 31, 9, tzinfo=timezone.utc)
RATES = ExchangeRates("EUR", {"USD": "1.10"})
BLOCKED, WARNING, ALLOWED = Outcome.BLOCKED, Outcome.WARNING, Outcome.ALLOWED


def euro(amount: int | str) -> Money:
    return Money(amount, "EUR")


def row(amount: int | Money = 100, **given: Any) -> dict[str, Any]:
    money = amount if isinstance(amount, Money) else euro(amount)
    return {"id": "L", "buyer_id": "B", "amount": money, "valid_from": date(2026, 1, 1), **given}


def check(
    order: int | str | Money = 100,
    *,
    owed: dict[str, Any] | None = None,
    limits: list[dict[str, Any]] | None = None,
    applications: tuple[dict[str, Any], ...] = (),
    as_of: datetime | None = NOW,
    policy: dict[str, Any] | None = None,
    rates: ExchangeRates | None = None,
    now: datetime | None = NOW,
    **given: Any,
) -> Verdict:
    """An order of 100 EUR at 30 days on a limit of 100 EUR, unless said otherwise."""
    amount = order if isinstance(order, Money) else euro(order)
    rows = [row()] if limits is None else limits
    position = {"buyer_id": "B", "limits": rows, "applications": applications, "as_of": as_of}
    return check_order(
        Order.model_validate({"buyer_id": "B", "amount": amount, "terms_days": 30, "country": "DE", **given}),
        Exposure.model_validate(owed or {}),
        LimitPosition.model_validate(position),
        Policy.model_validate({"id": "P", "currency": "EUR", **(policy or {})}),
        TODAY,
        rates,
        now,
    )


def codes(verdict: Verdict) -> list[str]:
    return [reason.code.value for reason in verdict.reasons]


def reason(verdict: Verdict, code: ReasonCode) -> Reason:
    return next(item for item in verdict.reasons if item.code is code)
