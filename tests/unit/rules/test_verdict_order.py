"""The order and the debt: who buys, where, on which terms, and for how long something has been owed."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from order_checks import ALLOWED, BLOCKED, RATES, TODAY, check, codes, euro, row

from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.verdict import Outcome


def test_the_buyer_must_be_identified_and_the_same() -> None:
    assert codes(check(1, buyer_id=None)) == ["buyer_not_identified"]
    other = check(1, buyer_id="OTHER")
    assert codes(other) == ["buyer_not_identified"]
    assert other.reasons[0].params == {"buyer_id": "OTHER", "limits_of": "B"}


@pytest.mark.parametrize("buyer_id", [None, "OTHER"])
def test_without_the_legal_entity_no_limit_is_shown_or_spoken_of(buyer_id: str | None) -> None:
    own = {"discretionary_limit": euro(1000), "covered_countries": ("DE",)}
    for limits in ([], [row()]):
        verdict = check(
            50, buyer_id=buyer_id, country=None, limits=limits, as_of=None, policy=own, owed={"open": euro(7)}
        )
        assert codes(verdict) == ["buyer_not_identified"]
        assert (verdict.limit, verdict.exposure, verdict.available) == (None, euro(7), euro(0))
        assert (verdict.uncovered, verdict.insured_share) == (euro(50), euro(0))


def test_what_else_is_against_the_order_of_an_unknown_buyer_is_named_too() -> None:
    owed = {"open": Money(1, "USD"), "oldest_original_due_date": date(2025, 1, 1), "unreadable": 1}
    verdict = check(
        Money(5, "JPY"), buyer_id=None, country="FR", terms_days=91, owed=owed, policy={"covered_countries": ("DE",)}
    )
    assert set(codes(verdict)) == {
        "buyer_not_identified", "country_not_covered", "payment_terms_too_long", "exchange_rate_missing", "exposure_incomplete",
        "stop_of_cover",
    }  # fmt: skip
    amounts = (verdict.exposure, verdict.order, verdict.available, verdict.uncovered, verdict.insured_share)
    assert amounts == (None,) * 5


@pytest.mark.parametrize(
    ("country", "covered", "outcome"),
    [("DE", ("DE",), ALLOWED), ("FR", ("DE",), BLOCKED), ("FR", None, ALLOWED), ("FR", (), BLOCKED), (None, ("DE",), ALLOWED), (None, (), BLOCKED)],
)  # fmt: skip
def test_the_country_must_be_covered(country: str | None, covered: tuple[str, ...] | None, outcome: Outcome) -> None:
    verdict = check(1, country=country, policy={"covered_countries": covered})
    assert verdict.outcome is outcome
    assert codes(verdict) == (["country_not_covered"] if outcome is BLOCKED else [])


@pytest.mark.parametrize(
    ("terms", "limit_terms", "policy_terms", "blocked"),
    [(90, None, 90, False), (91, None, 90, True), (60, 60, 90, False), (61, 60, 90, True), (None, None, 90, False),
     (None, 60, 90, True), (91, 120, 90, True), (0, 0, 0, False), (0, None, 90, False), (1, 0, 90, True)],
)  # fmt: skip
def test_payment_terms(terms: int | None, limit_terms: int | None, policy_terms: int, blocked: bool) -> None:
    verdict = check(
        1, terms_days=terms, limits=[row(max_terms_days=limit_terms)], policy={"max_payment_terms_days": policy_terms}
    )
    assert codes(verdict) == (["payment_terms_too_long"] if blocked else [])
    if blocked:
        params = verdict.reasons[0].params
        assert params["max_terms_days"] == min(policy_terms, 999 if limit_terms is None else limit_terms)
        assert ("the order states none" in verdict.reasons[0].message) == (terms is None)


def test_cash_is_no_way_around_cover() -> None:
    assert codes(check(101, terms_days=0)) == ["limit_exceeded"]


# ---- the debt ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("days", "blocked"), [(59, False), (60, False), (61, True), (20_000, True)])
def test_cover_stops_the_day_after_the_maximum_extension_period(days: int, blocked: bool) -> None:
    oldest = TODAY - timedelta(days)
    verdict = check(1, owed={"overdue": euro(1), "oldest_original_due_date": oldest})
    assert codes(verdict) == (["stop_of_cover"] if blocked else [])
    if blocked:
        assert verdict.reasons[0].params["stop_of_cover"] == oldest + timedelta(60)


def test_credit_notes_do_not_hide_an_old_invoice() -> None:
    owed = {"open": euro(-500), "oldest_original_due_date": TODAY - timedelta(61)}
    assert codes(check(1, owed=owed)) == ["stop_of_cover"]


def test_overdue_since_nobody_knows_when() -> None:
    verdict = check(1, owed={"overdue": euro(1)})
    assert codes(verdict) == ["stop_of_cover"]
    assert verdict.reasons[0].params["oldest_original_due_date"] is None
    assert codes(check(1, owed={"overdue": (euro(0), Money(-1, "USD"))}, rates=RATES)) == []


def test_never_is_not_overdue() -> None:
    assert codes(check(1, owed={"open": euro(1), "oldest_original_due_date": date.max})) == []


@pytest.mark.parametrize(("lines", "words"), [(1, "1 line of"), (3, "3 lines of")])
def test_a_ledger_that_could_not_be_read_blocks(lines: int, words: str) -> None:
    verdict = check(1, owed={"unreadable": lines})
    assert codes(verdict) == ["exposure_incomplete"]
    assert words in verdict.reasons[0].message
