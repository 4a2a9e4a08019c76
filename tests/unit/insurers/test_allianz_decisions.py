"""Allianz Trade's covers, exchange by exchange: what of a cover is a decision, and what is none."""

from __future__ import annotations

from decimal import Decimal

import pytest
from allianz_samples import COVER, expect_cover, limits, row

from tradecredit_sdk.models.limit import LimitState
from tradecredit_sdk.models.money import Money


def test_a_decision_keeps_the_currency_it_comes_with(allianz, allianz_wire):
    expect_cover(allianz_wire, limits(row(currencyCode="USD", amount=Decimal("30000.50"))))
    assert allianz().limit_decision("cover:COV-1").amount == Money("30000.50", "USD")


def test_an_amount_without_any_currency_is_not_given_one(allianz, allianz_wire):
    """The insurer may decide in the policy's currency instead of the requested one."""
    expect_cover(allianz_wire, COVER)
    decision = allianz(policy_currency=None).limit_decision("cover:COV-1")
    assert (decision.state, decision.amount) == (LimitState.APPROVED, None)
    assert "100000" in decision.reason
    assert "TRADECREDIT_POLICY_CURRENCY" in decision.reason


@pytest.mark.parametrize(
    "code", ["Agreed", "PartiallyAgreed", "Refused", "approved", "APPROVED", "Partly_Approved", "Foo"]
)
def test_a_code_that_was_never_seen_is_kept_and_is_no_answer(allianz, allianz_wire, code):
    expect_cover(allianz_wire, limits(row(code)))
    decision = allianz().limit_decision("cover:COV-1")
    assert decision.insurer_code == code
    assert decision.is_pending
    assert not isinstance(decision.state, LimitState)


@pytest.mark.parametrize(
    ("code", "amount", "state"),
    [
        ("Agreed", 100000, LimitState.APPROVED),
        ("PartiallyAgreed", 5, LimitState.PARTLY_APPROVED),
        ("Refused", 0, LimitState.REFUSED),
    ],
)
def test_guessed_codes_count_when_they_are_switched_on(allianz, allianz_wire, code, amount, state):
    expect_cover(allianz_wire, limits(row(code, amount)))
    assert allianz(unverified=True).limit_decision("cover:COV-1").state is state


def test_the_limit_in_force_counts_whatever_the_order(allianz, allianz_wire):
    """An announced cut is a row of the future."""
    rows = [row(amount=1, start="2999-01-01"), row(amount=3, start="2024-01-01"), row(amount=2, start="2023-01-01")]
    expect_cover(allianz_wire, limits(*rows))
    assert allianz().limit_decision("cover:COV-1").amount == Money("3", "EUR")


def test_a_limit_that_has_not_begun_counts_when_there_is_no_other(allianz, allianz_wire):
    expect_cover(allianz_wire, limits(row(amount=2, start="2999-02-01"), row(amount=1, start="2999-01-01")))
    assert allianz().limit_decision("cover:COV-1").amount == Money("1", "EUR")


def test_a_temporary_limit_is_not_the_answer_to_a_permanent_request(allianz, allianz_wire):
    temporary = row(amount=9, start="2024-01-01", creditLimitTypeCode="Temporary")
    expect_cover(allianz_wire, limits(row(amount=1), temporary))
    assert allianz().limit_decision("cover:COV-1").amount == Money("1", "EUR")


@pytest.mark.parametrize(
    "cover",
    [
        {"coverId": "COV-1"},
        {"coverId": "COV-1", "creditLimitsAggregation": None},
        {"coverId": "COV-1", "creditLimitsAggregation": {"creditLimits": []}, "coverStatusCode": "CheckPolicy"},
        {"coverId": "COV-1", "coverStatusCode": "Agreement"},
        {"coverId": "COV-1", "coverStatusCode": "approved"},
    ],
)
def test_a_cover_without_a_limit_is_no_answer(allianz, allianz_wire, cover):
    expect_cover(allianz_wire, cover)
    application = allianz().get_application("cover:COV-1")
    assert application.is_pending
    assert not isinstance(application.state, LimitState)
