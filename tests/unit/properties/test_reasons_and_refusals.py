"""Every documented reason can be reached; every wrong value is refused by field, in words that do not repeat it."""

from __future__ import annotations

import pickle
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from pydantic import BaseModel, ValidationError

from tradecredit_sdk.models.buyer import Buyer, BuyerQuery, Identifier
from tradecredit_sdk.models.event import Event
from tradecredit_sdk.models.exposure import Exposure, OpenItem
from tradecredit_sdk.models.limit import (
    CreditLimit,
    LimitApplication,
    LimitDecision,
    LimitPosition,
    LimitRequest,
)
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.order import Order
from tradecredit_sdk.models.overdue import Overdue, OverdueChange, OverdueDeclaration
from tradecredit_sdk.models.policy import Policy
from tradecredit_sdk.models.problems import field_problems
from tradecredit_sdk.models.verdict import Outcome, ReasonCode
from tradecredit_sdk.rules.credit_check import check_order

TODAY = date(2026, 3, 31)
NOW = datetime(2026, 3, 31, 12, tzinfo=timezone.utc)
TEN = {"amount": "10.00", "currency": "EUR"}
DOLLARS = {"amount": "10.00", "currency": "USD"}
LATER, BEFORE = TODAY + timedelta(9), TODAY - timedelta(1)
BLOCKED, WARNING = Outcome.BLOCKED, Outcome.WARNING


def change(amount: str) -> dict[str, Any]:
    return {"effective_on": LATER, "amount": {"amount": amount, "currency": "EUR"}}


# Of each case: what differs from an order that passes, in the order, the debt, the limit row, the position, the policy.
REASONS: dict[ReasonCode, tuple[Outcome, dict[str, dict[str, Any]]]] = {
    ReasonCode.BUYER_INSOLVENT: (BLOCKED, {"position": {"buyer_status": "insolvent"}}),
    ReasonCode.BUYER_NOT_IDENTIFIED: (BLOCKED, {"order": {"buyer_id": None}}),
    ReasonCode.COUNTRY_NOT_COVERED: (BLOCKED, {"order": {"country": "DE"}, "policy": {"covered_countries": ["FR"]}}),
    ReasonCode.DISCRETIONARY_COVER_USED: (
        WARNING,
        {"position": {"limits": ()}, "policy": {"discretionary_limit": TEN}},
    ),
    ReasonCode.EXCHANGE_RATE_MISSING: (BLOCKED, {"debt": {"open": DOLLARS}}),
    ReasonCode.EXPOSURE_INCOMPLETE: (BLOCKED, {"debt": {"unreadable": 1}}),
    ReasonCode.LIMIT_EXCEEDED: (BLOCKED, {"debt": {"open": {"amount": "0.01", "currency": "EUR"}}}),
    ReasonCode.COVER_STOPPED: (BLOCKED, {"row": {"stop": {"since": TODAY, "overdue_id": "ovd-1"}}}),
    ReasonCode.LIMIT_EXPIRED: (BLOCKED, {"row": {"valid_until": BEFORE}}),
    ReasonCode.LIMIT_NOT_YET_IN_FORCE: (BLOCKED, {"row": {"valid_from": LATER}}),
    ReasonCode.LIMIT_STALE: (WARNING, {"position": {"as_of": NOW - timedelta(hours=24, seconds=1)}}),
    ReasonCode.LIMIT_UNKNOWN: (BLOCKED, {"row": {"state": "under_review"}}),
    ReasonCode.LIMIT_WITHDRAWN: (BLOCKED, {"row": {"state": "withdrawn"}}),
    ReasonCode.LIMIT_ZERO: (BLOCKED, {"row": {"amount": {"amount": 0, "currency": "EUR"}}}),
    ReasonCode.NO_LIMIT: (BLOCKED, {"position": {"limits": ()}}),
    ReasonCode.PAYMENT_TERMS_TOO_LONG: (BLOCKED, {"order": {"terms_days": 91}}),
    ReasonCode.PENDING_DECISION: (BLOCKED, {"row": {"state": "referred"}}),
    ReasonCode.REDUCTION_ANNOUNCED: (WARNING, {"row": {"announced_change": change("5.00")}}),
    ReasonCode.STOP_OF_COVER: (BLOCKED, {"debt": {"oldest_original_due_date": TODAY - timedelta(61)}}),
    ReasonCode.TAX_NOT_STATED: (WARNING, {"policy": {"tax_basis": "gross"}}),
    ReasonCode.TOLERANCE_USED: (
        WARNING,
        {"debt": {"open": {"amount": 1, "currency": "EUR"}}, "policy": {"order_tolerance_percent": 10}},
    ),
    ReasonCode.WITHDRAWAL_ANNOUNCED: (WARNING, {"row": {"announced_change": change("0.00")}}),
}


def outcome_of(**given: dict[str, Any]) -> Any:
    row = {"id": "L", "buyer_id": "B", "amount": TEN, "valid_from": TODAY, **given.get("row", {})}
    return check_order(
        Order.model_validate({"buyer_id": "B", "amount": TEN, "terms_days": 30, **given.get("order", {})}),
        Exposure.model_validate(given.get("debt", {})),
        LimitPosition.model_validate({"buyer_id": "B", "limits": [row], "as_of": NOW, **given.get("position", {})}),
        Policy.model_validate({"id": "P", "currency": "EUR", **given.get("policy", {})}),
        TODAY,
        now=NOW,
    )


def test_the_usual_order_passes_without_a_reason() -> None:
    assert outcome_of().reasons == ()


def test_no_reason_is_forgotten() -> None:
    assert set(REASONS) == set(ReasonCode)


@pytest.mark.parametrize("code", list(ReasonCode), ids=lambda code: code.value)
def test_every_reason_can_be_reached(code: ReasonCode) -> None:
    outcome, given = REASONS[code]
    verdict = outcome_of(**given)
    reason = next(reason for reason in verdict.reasons if reason.code is code)
    assert reason.outcome is outcome
    assert verdict.outcome is outcome
    assert reason.message.endswith(".")
    assert "None" not in reason.message
    assert pickle.loads(pickle.dumps(verdict)) == verdict


# ---- refusals ------------------------------------------------------------------------------------------------------

USUAL: dict[type[BaseModel], dict[str, Any]] = {
    Policy: {"id": "P", "currency": "EUR"},
    Order: {"amount": TEN},
    Exposure: {"open": TEN},
    OpenItem: {"customer": "C", "number": "1", "amount": TEN},
    LimitRequest: {"buyer_id": "B", "amount": TEN},
    LimitDecision: {"application_id": "A", "state": "approved"},
    LimitApplication: {"id": "A", "state": "requested", "raw": {"code": "X"}},
    LimitPosition: {"buyer_id": "B", "as_of": "2026-03-31T08:00:00Z"},
    CreditLimit: {"id": "L", "buyer_id": "B", "amount": TEN, "valid_from": "2026-03-31"},
    OverdueDeclaration: {"buyer_id": "B", "invoices": [{"number": "1", "due_date": "2026-03-31", "amount": TEN}]},
    OverdueChange: {"overdue_id": "O", "action": "settle", "settled_on": "2026-03-31"},
    Overdue: {"id": "O", "state": "declared", "buyer_id": "B"},
    Buyer: {"id": "B", "name": "N", "country": "DE"},
    BuyerQuery: {"name": "N", "country": "DE"},
    Identifier: {"type": "vat", "value": "FR40303265045", "country": "FR"},
    Event: {"id": "E", "type": "limit.reduced", "occurred_at": "2026-03-31T08:00:00Z"},
}
SENDS = (Order, Exposure, OpenItem, LimitRequest, OverdueDeclaration, OverdueChange, BuyerQuery, Identifier)
SECRET = "sk_live_4711"
NO_AMOUNT = (12.75, 1e400, float("nan"), True, "1e400", "NaN", "12,75", SECRET, Decimal("Infinity"), [SECRET], None)
NO_DAY = ("31/03/2026", "2026-02-30", "20260331", "2026-03-31T00:00:00", 1775000000, True, 1e400, NOW, SECRET)
NO_DAYS = (-1, 3651, 30.0, 30.5, True, "30", SECRET, 10**400)
NO_CODE = ("eur", "EURO", "XXX", 978, None, True, SECRET)
MONEY = [(Order, "amount"), (Order, "tax"), (LimitRequest, "amount"), (CreditLimit, "amount"), (OpenItem, "amount"),
         (Policy, "discretionary_limit"), (LimitDecision, "amount"), (Exposure, "open")]  # fmt: skip
WRONG: list[tuple[type[BaseModel], str, Any]] = [
    *[(model, name, {"amount": value, "currency": "EUR"}) for model, name in MONEY for value in NO_AMOUNT],
    *[(model, name, {"amount": "1.00", "currency": value}) for model, name in MONEY[:3] for value in NO_CODE],
    *[(model, name, value) for model, name in MONEY for value in (12.75, SECRET, "12.00 EUR", {**TEN, "x": SECRET})],
    *[(Order, "amount", {"amount": "-0.01", "currency": "EUR"}), (LimitRequest, "amount", {**TEN, "amount": 0})],
    *[(Policy, "insured_percentage", value) for value in (*NO_AMOUNT, -1, "100.01")],
    *[(Policy, "order_tolerance_percent", value) for value in (*NO_AMOUNT, -1, 101)],
    *[(Policy, "currency", value) for value in NO_CODE],
    *[(Policy, name, value) for name in ("max_extension_days", "max_payment_terms_days") for value in NO_DAYS],
    *[(Policy, "limit_max_age_hours", value) for value in (-1, 24.0, True, SECRET)],
    *[(Policy, name, SECRET) for name in ("tax_basis", "on_stale_limit", "covered_countries", "waiting_period_start")],
    *[(Order, "terms_days", value) for value in NO_DAYS],
    *[(Order, "country", value) for value in ("UK", "de", "DEU", 49, SECRET)],
    *[(Order, "buyer_id", value) for value in (4711, "", f"../{SECRET}", "a b", True)],
    *[(Exposure, "unreadable", value) for value in (-1, 1.0, True, SECRET)],
    *[(model, name, value)
      for model, name in ((CreditLimit, "valid_from"), (CreditLimit, "valid_until"), (Exposure, "oldest_original_due_date"),
                          (OpenItem, "original_due_date"), (OverdueChange, "settled_on"))
      for value in NO_DAY],
    *[(LimitPosition, "as_of", value) for value in ("2026-03-31", "2026-03-31T08:00:00", 1775000000, TODAY, SECRET)],
    *[(model, SECRET[:7], SECRET) for model in SENDS],
]  # fmt: skip


@pytest.mark.parametrize("model", USUAL, ids=lambda model: model.__name__)
def test_the_usual_form_is_accepted_pickled_and_written(model: type[BaseModel]) -> None:
    fact = model.model_validate(USUAL[model])
    assert pickle.loads(pickle.dumps(fact)) == fact
    written = fact.model_dump_json()
    assert model.model_validate_json(written).model_dump_json() == written


@pytest.mark.parametrize(("model", "name", "value"), WRONG, ids=lambda part: getattr(part, "__name__", str(part)[:30]))
def test_a_wrong_value_is_refused_by_field_and_not_repeated(model: type[BaseModel], name: str, value: Any) -> None:
    with pytest.raises(ValidationError) as refused:
        model.model_validate({**USUAL[model], name: value})
    problems = field_problems(refused.value)
    assert any(path.split(".")[0] in (name, model.__name__) for path, _ in problems)
    for text in (str(refused.value), *(message for _, message in problems)):
        assert SECRET not in text
        assert "12.75" not in text
    assert all(len(message) > 10 for _, message in problems)


@pytest.mark.parametrize(
    "amount", [1.0, float("nan"), 1e400, True, "1e3", "1.005", " 1", "١", "", None, Decimal("sNaN"), 10**15]
)
def test_money_takes_exact_amounts_only(amount: Any) -> None:
    with pytest.raises(ValueError, match=r"amount|decimals"):
        Money(amount, "EUR")
