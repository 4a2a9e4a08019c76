"""Ways past the limit that were once open, and the edge of the limit itself, one case each."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_DOWN, Context, Decimal, Inexact, localcontext
from typing import Any

import pytest

from tradecredit_sdk.models.exposure import Exposure
from tradecredit_sdk.models.limit import CreditLimit, LimitPosition
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.order import Order
from tradecredit_sdk.models.policy import Policy
from tradecredit_sdk.models.rates import ExchangeRates
from tradecredit_sdk.models.verdict import Outcome, ReasonCode, Verdict
from tradecredit_sdk.rules.credit_check import check_order
from tradecredit_sdk.rules.exposure import combine

TODAY = date(2026, 3, 31)
OWN = Policy(id="P", currency="EUR", discretionary_limit=Money(1000, "EUR"), on_stale_limit="use_last")


def limit(**changes: Any) -> CreditLimit:
    usual = {"id": "L1", "buyer_id": "B", "amount": Money(100, "EUR"), "valid_from": TODAY}
    return CreditLimit.model_validate({**usual, **changes})


def check(
    *limits: CreditLimit,
    order: Money = Money(50, "EUR"),  # noqa: B008
    policy: Policy = OWN,
    exposure: Exposure | None = None,
    rates: ExchangeRates | None = None,
    country: str | None = None,
) -> Verdict:
    return check_order(
        Order(buyer_id="B", amount=order, terms_days=30, country=country),
        exposure or Exposure(),
        LimitPosition(buyer_id="B", limits=limits),
        policy,
        TODAY,
        rates,
    )


@pytest.mark.parametrize(
    "row",
    [
        {"state": "withdrawn"},
        {"state": "cancelled"},
        {"state": "expired"},
        {"state": "under_review"},
        {"state": "refused"},
        {"valid_until": TODAY - timedelta(1)},
        {"valid_from": TODAY + timedelta(1)},
        {"amount": Money(100, "USD")},
    ],
    ids=lambda row: "-".join(f"{name}={value}" for name, value in row.items()),
)
def test_where_the_buyer_has_its_own_discretionary_row_the_general_right_does_not_replace_it(
    row: dict[str, Any],
) -> None:
    assert check(limit(kind="discretionary", **row)).is_blocked


def test_a_discretionary_row_in_force_gives_the_smaller_of_itself_and_the_right() -> None:
    verdict = check(limit(kind="discretionary"), order=Money(100, "EUR"))
    assert verdict.outcome is Outcome.WARNING
    assert check(limit(kind="discretionary"), order=Money("100.01", "EUR")).is_blocked


def test_a_policy_that_covers_no_country_covers_no_order() -> None:
    nowhere = OWN.model_copy(update={"covered_countries": ()})
    for country in (None, "DE"):
        assert ReasonCode.COUNTRY_NOT_COVERED in {
            r.code for r in check(limit(), policy=nowhere, country=country).reasons
        }


def test_a_second_account_with_a_known_due_date_does_not_hide_an_overdue_of_unknown_age() -> None:
    unknown = Exposure(overdue=Money(10, "EUR"))
    known = Exposure(overdue=Money(10, "EUR"), oldest_original_due_date=TODAY - timedelta(1))
    assert check(limit(), exposure=unknown).is_blocked
    assert check(limit(), exposure=combine([unknown, known])).is_blocked


def test_a_credit_on_one_account_does_not_hide_an_old_invoice_on_another() -> None:
    old = Exposure(overdue=Money(10, "EUR"), oldest_original_due_date=TODAY - timedelta(61))
    unknown = Exposure(overdue=Money(10, "EUR"))
    credit = Exposure(overdue=Money(-20, "EUR"))
    for accounts in ([old, credit], [unknown, credit], [old, unknown, credit], [combine([unknown, credit]), credit]):
        assert check(limit(), exposure=combine(accounts)).is_blocked


def test_of_two_rows_of_one_day_the_smaller_counts_whatever_the_precision_of_the_thread() -> None:
    rows = limit(amount=Money(104, "EUR")), limit(amount=Money(100, "EUR"))
    with localcontext(Context(prec=2, rounding=ROUND_DOWN)):
        assert check(*rows, order=Money(102, "EUR")).is_blocked
    with localcontext(Context(prec=2, traps=[Inexact])):
        assert check(*rows, order=Money(102, "EUR")).is_blocked


def test_an_order_too_large_to_convert_is_blocked_and_not_an_accident() -> None:
    yen = Policy(id="P", currency="JPY")
    rates = ExchangeRates("EUR", {"JPY": "160"})
    verdict = check(limit(), order=Money(10**14, "EUR"), policy=yen, rates=rates)
    assert verdict.is_blocked
    assert verdict.order is not None
    assert verdict.order.amount == 16 * 10**15


@pytest.mark.parametrize(("currency", "unit"), [("EUR", "0.01"), ("JPY", "1"), ("KWD", "0.001")])
@pytest.mark.parametrize("owed", [0, 300, 999])
def test_exactly_at_the_limit_passes_and_one_minor_unit_above_does_not(currency: str, unit: str, owed: int) -> None:
    policy = Policy(id="P", currency=currency, on_stale_limit="use_last")
    row, debt = limit(amount=Money(1000, currency)), Exposure(open=Money(owed, currency))
    at = Money(1000 - owed, currency)
    assert check(row, order=at, policy=policy, exposure=debt).outcome is Outcome.ALLOWED
    above = check(row, order=at + Money(unit, currency), policy=policy, exposure=debt)
    assert above.is_blocked
    assert above.uncovered == Money(unit, currency)
    assert [reason.code for reason in above.reasons] == [ReasonCode.LIMIT_EXCEEDED]
    more_debt = Exposure(open=(Money(owed, currency), Money(unit, currency)))
    assert check(row, order=at, policy=policy, exposure=more_debt).is_blocked


def test_the_tolerance_ends_to_the_minor_unit() -> None:
    policy = OWN.model_copy(update={"order_tolerance_percent": Decimal("0.5")})
    row = limit(amount=Money("100.50", "EUR"))
    assert check(row, policy=policy, order=Money("101.00", "EUR")).outcome is Outcome.WARNING
    assert check(row, policy=policy, order=Money("101.01", "EUR")).is_blocked


def test_a_credit_balance_raises_neither_the_cover_nor_the_tolerance() -> None:
    policy = OWN.model_copy(update={"order_tolerance_percent": Decimal(10)})
    credit = Exposure(open=Money(-500, "EUR"))
    assert check(limit(), policy=policy, exposure=credit, order=Money(110, "EUR")).outcome is Outcome.WARNING
    assert check(limit(), policy=policy, exposure=credit, order=Money("110.01", "EUR")).is_blocked
