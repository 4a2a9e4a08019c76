"""Discretionary cover and the buyer's country; limit data from the future; a policy that is written wrongly."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from pydantic import ValidationError

from tradecredit_sdk.models.exposure import Exposure
from tradecredit_sdk.models.limit import CreditLimit, LimitPosition
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.order import Order
from tradecredit_sdk.models.policy import Policy, StaleAction, TaxBasis
from tradecredit_sdk.models.verdict import Outcome, ReasonCode, Verdict
from tradecredit_sdk.rules.credit_check import check_order

TODAY = date(2026, 3, 31)
NOW = datetime(2026, 3, 31, 9, tzinfo=timezone.utc)
OWN = Money(10_000, "EUR")
LIMIT = CreditLimit(id="L", buyer_id="B", amount=OWN, valid_from=date(2026, 1, 1))


def check(
    *limits: CreditLimit,
    country: str | None = None,
    as_of: datetime = NOW,
    now: datetime | None = NOW,
    buyer_status: str | None = None,
    buyer_country: str | None = None,
    **terms: Any,
) -> Verdict:
    """An order of 100 EUR under a policy for Germany and France with a discretionary limit, unless said otherwise."""
    terms = {"covered_countries": ("DE", "FR"), "discretionary_limit": OWN, **terms}
    policy = Policy(id="P", currency="EUR", **terms)
    order = Order(buyer_id="B", amount=Money(100, "EUR"), country=country)
    position = LimitPosition(
        buyer_id="B", limits=limits, as_of=as_of, buyer_status=buyer_status, buyer_country=buyer_country
    )
    return check_order(order, Exposure(), position, policy, TODAY, now=now)


def test_no_discretionary_cover_for_a_buyer_whose_country_nobody_states() -> None:
    verdict = check()
    assert verdict.outcome is Outcome.BLOCKED
    first = verdict.reasons[0]
    assert first.code is ReasonCode.COUNTRY_NOT_COVERED
    assert first.params == {"country": None, "covered_countries": ("DE", "FR")}
    assert "state the buyer's country" in first.message
    assert verdict.insured_share == Money.zero("EUR")


def test_a_limit_of_the_insurer_speaks_for_the_buyers_country() -> None:
    assert check(LIMIT).outcome is Outcome.ALLOWED


@pytest.mark.parametrize("given", [{"country": "DE"}, {"covered_countries": None}])
def test_discretionary_cover_stands_where_the_country_is_covered(given: dict[str, Any]) -> None:
    verdict = check(**given)
    assert [reason.code for reason in verdict.reasons] == [ReasonCode.DISCRETIONARY_COVER_USED]


@pytest.mark.parametrize(
    ("ahead", "outcome"), [(timedelta(minutes=59), Outcome.ALLOWED), (timedelta(hours=1), Outcome.WARNING)]
)
def test_limit_data_from_the_future_is_not_taken_for_fresh(ahead: timedelta, outcome: Outcome) -> None:
    verdict = check(LIMIT, as_of=NOW + ahead)
    assert verdict.outcome is outcome
    if outcome is Outcome.WARNING:
        assert verdict.reasons[0].code is ReasonCode.LIMIT_STALE
        assert "in the future" in verdict.reasons[0].message


def test_west_of_greenwich_this_evening_is_not_the_future() -> None:
    assert check(LIMIT, as_of=datetime(2026, 4, 1, 1, tzinfo=timezone.utc), now=None).outcome is Outcome.ALLOWED


def test_a_mistyped_term_is_refused_and_does_not_become_the_usual_value() -> None:
    with pytest.raises(ValidationError, match="max_extention_days"):
        Policy.model_validate({"id": "P", "currency": "EUR", "max_extention_days": 30})


@pytest.mark.parametrize(
    ("term", "value"),
    [
        ("discretionary_limit", {"amount": Decimal("-0.01"), "currency": "EUR"}),
        ("limit_max_age_hours", -1),
        ("limit_max_age_hours", 10 * 366 * 24 + 1),
    ],
)
def test_a_term_that_cannot_be_is_refused(term: str, value: object) -> None:
    with pytest.raises(ValidationError, match=term):
        Policy.model_validate({"id": "P", "currency": "EUR", term: value})


# ---- what the insurer has on file of the buyer ---------------------------------------------------------------------


def codes(verdict: Verdict) -> list[str]:
    return [reason.code.value for reason in verdict.reasons]


@pytest.mark.parametrize("status", ["insolvent", "Insolvent ", "ceased"])
def test_insolvency_ends_discretionary_cover(status: str) -> None:
    """Domain rule 6: a self-assessed limit is no longer usable."""
    verdict = check(country="DE", buyer_status=status)
    assert (verdict.outcome, verdict.limit) == (Outcome.BLOCKED, None)
    assert codes(verdict) == ["buyer_insolvent", "no_limit"]
    assert status.strip().lower() in verdict.reasons[0].message


def test_insolvency_stops_new_deliveries_although_a_row_is_still_there() -> None:
    """Domain rule 7d: what was shipped before stays insured, new deliveries are not."""
    verdict = check(LIMIT, buyer_status="insolvent")
    assert codes(verdict) == ["buyer_insolvent"]
    assert verdict.insured_share == Money.zero("EUR")


@pytest.mark.parametrize("status", [None, "active", "under observation"])
def test_another_status_stops_nothing(status: str | None) -> None:
    assert codes(check(country="DE", buyer_status=status)) == ["discretionary_cover_used"]


@pytest.mark.parametrize("stated", [None, "DE", "TR"])
def test_the_country_on_file_has_the_last_word_on_discretionary_cover(stated: str | None) -> None:
    verdict = check(country=stated, buyer_country="TR")
    assert verdict.outcome is Outcome.BLOCKED
    assert codes(verdict) == ["country_not_covered", "discretionary_cover_used"]
    assert verdict.reasons[0].params["country"] == "TR"


def test_a_stated_country_that_is_not_covered_blocks_whatever_is_on_file() -> None:
    assert codes(check(country="TR", buyer_country="DE"))[0] == "country_not_covered"


def test_the_country_on_file_is_enough() -> None:
    assert codes(check(buyer_country="FR")) == ["discretionary_cover_used"]


# ---- what is not said -----------------------------------------------------------------------------------------------


def test_never_asked_is_not_the_last_answer() -> None:
    policy = Policy(id="P", currency="EUR", discretionary_limit=OWN, on_stale_limit=StaleAction.USE_LAST)
    order = Order(buyer_id="B", amount=Money(100, "EUR"))
    assert "limit_stale" in codes(check_order(order, Exposure(), None, policy, TODAY, now=NOW))
    asked = LimitPosition(buyer_id="B", as_of=NOW - timedelta(days=9))
    assert codes(check_order(order, Exposure(), asked, policy, TODAY, now=NOW)) == ["discretionary_cover_used"]


@pytest.mark.parametrize(
    ("basis", "tax", "expected"), [("gross", None, ["tax_not_stated"]), ("gross", 0, []), ("net", None, [])]
)
def test_tax_that_is_not_stated_is_said_where_it_counts(basis: str, tax: int | None, expected: list[str]) -> None:
    policy = Policy(id="P", currency="EUR", tax_basis=TaxBasis(basis))
    order = Order(buyer_id="B", amount=Money(100, "EUR"), tax=None if tax is None else Money(tax, "EUR"))
    verdict = check_order(
        order, Exposure(), LimitPosition(buyer_id="B", limits=(LIMIT,), as_of=NOW), policy, TODAY, now=NOW
    )
    assert codes(verdict) == expected
    assert verdict.outcome is (Outcome.WARNING if expected else Outcome.ALLOWED)


def test_a_warning_comes_after_what_blocks_also_for_a_buyer_who_is_not_identified() -> None:
    policy = Policy(id="P", currency="EUR", tax_basis=TaxBasis.GROSS)
    order = Order(amount=Money(100, "EUR"))
    verdict = check_order(order, Exposure(unreadable=1), None, policy, TODAY, now=NOW)
    assert codes(verdict) == ["buyer_not_identified", "exposure_incomplete", "tax_not_stated"]
