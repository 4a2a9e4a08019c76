"""What the check was given: exchange rates that lack, limit data that has grown old."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from order_checks import ALLOWED, BLOCKED, NOW, RATES, WARNING, check, codes, euro, row

from tradecredit_sdk.models.exposure import Exposure
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.order import Order
from tradecredit_sdk.models.policy import Policy
from tradecredit_sdk.models.verdict import Outcome
from tradecredit_sdk.rules.credit_check import check_order


def test_an_order_in_another_currency_is_rounded_up() -> None:
    assert check(Money("110.00", "USD"), rates=RATES).outcome is ALLOWED
    verdict = check(Money("110.01", "USD"), rates=RATES)
    assert (verdict.order, codes(verdict)) == (euro("100.01"), ["limit_exceeded"])


@pytest.mark.parametrize(
    ("given", "needed_for", "unknown"),
    [
        ({"order": Money(1, "USD")}, "order", {"order", "uncovered", "insured_share"}),
        ({"owed": {"open": Money(1, "USD")}}, "exposure", {"exposure", "available", "uncovered", "insured_share"}),
        ({"limits": [row(Money(500, "USD"))]}, "limit", {"limit"}),
    ],
)
def test_without_a_rate_there_is_no_pass_and_no_number(
    given: dict[str, Any], needed_for: str, unknown: set[str]
) -> None:
    verdict = check(**given)
    assert verdict.outcome is BLOCKED
    assert codes(verdict) == ["exchange_rate_missing"]
    assert verdict.reasons[0].params == {"from": "USD", "to": "EUR", "needed_for": needed_for}
    amounts = ("limit", "exposure", "order", "available", "uncovered", "insured_share")
    assert {name for name in amounts if getattr(verdict, name) is None} == unknown


def test_a_limit_without_a_rate_warns_where_the_rest_suffices() -> None:
    rows = [row(), row(Money(50, "USD"), id="T", kind="temporary")]
    assert [(item.code.value, item.outcome) for item in check(100, limits=rows).reasons] == [
        ("exchange_rate_missing", WARNING)
    ]
    assert check(101, limits=rows).reasons[0].outcome is BLOCKED


# ---- age ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("hours", "told"), [(0, None), (24, None), (24.01, 25), (-0.9, None), (-1, -1)])
def test_limit_data_grows_stale(hours: float, told: int | None) -> None:
    """Data from an hour ahead is as little worth as data from yesterday."""
    verdict = check(as_of=NOW - timedelta(hours=hours))
    assert codes(verdict) == ([] if told is None else ["limit_stale"])
    if told is not None:
        assert verdict.outcome is WARNING
        assert verdict.reasons[0].params["age_hours"] == told


@pytest.mark.parametrize(("action", "outcome"), [("warn", WARNING), ("block", BLOCKED), ("use_last", ALLOWED)])
def test_the_policy_says_what_staleness_does(action: str, outcome: Outcome) -> None:
    for as_of in (NOW - timedelta(days=9), None):
        assert check(as_of=as_of, policy={"on_stale_limit": action}).outcome is outcome


def test_without_a_clock_the_check_counts_as_made_at_the_end_of_the_day() -> None:
    today, yesterday = (
        datetime(2026, 3, 31, 0, 0, tzinfo=timezone.utc),
        datetime(2026, 3, 30, 23, 59, tzinfo=timezone.utc),
    )
    assert codes(check(as_of=today, now=None)) == []
    assert codes(check(as_of=yesterday, now=None)) == ["limit_stale"]


def test_a_clock_needs_its_zone_and_today_is_a_day() -> None:
    with pytest.raises(ValueError, match="time zone"):
        check(now=datetime(2026, 3, 31, 9))
    tokyo = timezone(timedelta(hours=9))
    assert codes(check(as_of=NOW - timedelta(hours=24), now=NOW.astimezone(tokyo))) == []
    with pytest.raises(ValueError, match="YYYY-MM-DD"):
        check_order(Order(amount=euro(1)), Exposure(), None, Policy(id="P", currency="EUR"), datetime(2026, 3, 31))
