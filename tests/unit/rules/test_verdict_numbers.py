"""The numbers of a verdict: the edge of the limit, tax, tolerance, the insured share, and several orders at once."""

from __future__ import annotations

import json
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from order_checks import ALLOWED, BLOCKED, NOW, TODAY, TOMORROW, WARNING, YESTERDAY, check, codes, euro, reason, row

from tradecredit_sdk.models.exposure import Exposure
from tradecredit_sdk.models.limit import LimitPosition
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.order import Order
from tradecredit_sdk.models.policy import Policy
from tradecredit_sdk.models.verdict import Outcome, ReasonCode
from tradecredit_sdk.rules.credit_check import Standing

# ---- numbers -----------------------------------------------------------------------------------------------------------


def test_exactly_at_the_limit_passes_and_a_cent_above_does_not() -> None:
    assert check("60.00", owed={"open": euro("40.00")}).outcome is ALLOWED
    verdict = check("60.01", owed={"open": euro("40.00")})
    assert codes(verdict) == ["limit_exceeded"]
    assert (verdict.uncovered, verdict.available) == (euro("0.01"), euro("60.00"))


def test_the_numbers_of_an_order_that_exceeds() -> None:
    verdict = check(80, owed={"open": euro(30), "overdue": euro(10), "draft": euro(5), "ordered": euro(5),
                              "oldest_original_due_date": YESTERDAY})  # fmt: skip
    assert verdict.outcome is BLOCKED
    assert verdict.is_blocked
    found = (
        verdict.limit,
        verdict.exposure,
        verdict.order,
        verdict.available,
        verdict.uncovered,
        verdict.insured_share,
    )
    assert found == (euro(100), euro(50), euro(80), euro(50), euro(30), euro(45))
    excess = reason(verdict, ReasonCode.LIMIT_EXCEEDED)
    assert excess.params == {"order": euro(80), "available": euro(50), "uncovered": euro(30), "limit": euro(100),
                             "exposure": euro(50), "currency": "EUR"}  # fmt: skip
    for number in ("80.00 EUR", "50.00 EUR", "30.00 EUR", "100.00 EUR"):
        assert number in excess.message


def test_a_verdict_as_json() -> None:
    verdict = check(80, owed={"open": euro(50)}).to_dict()
    assert json.loads(json.dumps(verdict)) == verdict
    keys = [
        "outcome",
        "reasons",
        "limit",
        "exposure",
        "order",
        "available",
        "uncovered",
        "insured_share",
        "currency",
        "day",
    ]
    assert list(verdict) == keys
    assert (verdict["outcome"], verdict["currency"], verdict["day"]) == ("blocked", "EUR", "2026-03-31")
    assert (verdict["limit"], verdict["exposure"], verdict["available"], verdict["uncovered"]) == (
        "100.00",
        "50.00",
        "50.00",
        "30.00",
    )
    first = verdict["reasons"][0]
    assert (first["code"], first["outcome"]) == ("limit_exceeded", "blocked")
    assert first["params"]["uncovered"] == "30.00"
    assert check(limits=[]).to_dict()["limit"] is None
    stopped = check(
        owed={"open": euro(1), "oldest_original_due_date": date(2026, 1, 1)}, policy={"covered_countries": ("FR",)}
    )
    params = {key: value for item in stopped.to_dict()["reasons"] for key, value in item["params"].items()}
    assert params["stop_of_cover"] == "2026-03-02"
    assert params["covered_countries"] == ["FR"]


def test_a_credit_balance_does_not_raise_cover() -> None:
    verdict = check("100.01", owed={"open": euro(-500)})
    assert codes(verdict) == ["limit_exceeded"]
    assert (verdict.exposure, verdict.available) == (euro(-500), euro(100))
    assert check(100, owed={"open": euro(-500)}).outcome is ALLOWED


def test_what_is_owed_beyond_the_limit_leaves_nothing() -> None:
    verdict = check(1, owed={"open": euro(150)})
    assert codes(verdict) == ["limit_exceeded"]
    assert (verdict.available, verdict.uncovered, verdict.insured_share) == (euro(0), euro(1), euro(0))


def test_an_order_of_zero_passes_on_a_used_limit_and_not_without_one() -> None:
    assert check(0, owed={"open": euro(150)}).outcome is ALLOWED
    assert codes(check(0, limits=[])) == ["no_limit"]
    assert codes(check(0, limits=[row(0, state="refused")])) == ["limit_zero"]


@pytest.mark.parametrize(("basis", "outcome", "order"), [("net", ALLOWED, 100), ("gross", BLOCKED, 119)])
def test_tax_counts_on_a_gross_basis_only(basis: str, outcome: Outcome, order: int) -> None:
    verdict = check(100, tax=euro(19), policy={"tax_basis": basis})
    assert (verdict.outcome, verdict.order) == (outcome, euro(order))


def test_a_gross_policy_without_tax_takes_the_amount() -> None:
    assert check(100, policy={"tax_basis": "gross"}).order == euro(100)


def test_the_share_of_the_insurer_is_that_of_the_covered_part_rounded_down() -> None:
    verdict = check("33.33", limits=[row(insured_percentage="85")])
    assert (verdict.insured_percentage, verdict.insured_share) == (Decimal(85), euro("28.33"))
    assert check("33.33").insured_share == euro("29.99")


@pytest.mark.parametrize(
    "given",
    [
        {"country": "FR", "policy": {"covered_countries": ("DE",)}},
        {"terms_days": 91},
        {"owed": {"oldest_original_due_date": TODAY - timedelta(61)}},
    ],
)
def test_where_nothing_of_the_delivery_is_insured_the_insurer_bears_nothing(given: dict[str, Any]) -> None:
    verdict = check(50, **given)
    assert verdict.outcome is BLOCKED
    assert (verdict.insured_share, verdict.uncovered) == (euro(0), euro(0))


# ---- tolerance ---------------------------------------------------------------------------------------------------------


FIVE_PERCENT = {"order_tolerance_percent": Decimal(5)}


def test_the_tolerance_is_a_share_of_the_limit_and_a_warning() -> None:
    verdict = check("65.00", owed={"open": euro(40)}, policy=FIVE_PERCENT)
    assert (verdict.outcome, codes(verdict)) == (WARNING, ["tolerance_used"])
    assert (verdict.uncovered, verdict.insured_share) == (euro(5), euro(54))
    assert codes(check("65.01", owed={"open": euro(40)}, policy=FIVE_PERCENT)) == ["limit_exceeded"]
    assert codes(check("60.00", owed={"open": euro(40)}, policy=FIVE_PERCENT)) == []


def test_what_is_owed_already_uses_up_the_tolerance() -> None:
    assert codes(check(2, owed={"open": euro(103)}, policy=FIVE_PERCENT)) == ["tolerance_used"]
    assert codes(check(3, owed={"open": euro(103)}, policy=FIVE_PERCENT)) == ["limit_exceeded"]


def test_a_limit_of_zero_has_no_tolerance_and_a_credit_no_more_of_it() -> None:
    everything = {"order_tolerance_percent": Decimal(100)}
    assert codes(check(1, limits=[row(0, state="refused")], policy=everything)) == ["limit_zero"]
    assert codes(check("105.01", owed={"open": euro(-50)}, policy=FIVE_PERCENT)) == ["limit_exceeded"]


def test_within_the_tolerance_nothing_else_blocks() -> None:
    waiting = ({"id": "A", "state": "referred"},)
    verdict = check(105, limits=[row(), row(id="N", valid_from=TOMORROW)], applications=waiting, policy=FIVE_PERCENT)
    assert codes(verdict) == ["tolerance_used"]


# ---- several at once ---------------------------------------------------------------------------------------------------


def test_every_reason_that_applies_is_given_and_blocks_come_first() -> None:
    verdict = check(
        200,
        country="FR",
        terms_days=120,
        owed={"open": euro(1), "oldest_original_due_date": date(2025, 1, 1), "unreadable": 1},
        limits=[row(announced_change={"effective_on": TOMORROW, "amount": euro(0)})],
        as_of=NOW - timedelta(days=3),
        policy={"covered_countries": ("DE",)},
    )
    assert codes(verdict) == [
        "country_not_covered", "payment_terms_too_long", "exposure_incomplete", "stop_of_cover", "limit_exceeded",
        "limit_stale", "withdrawal_announced",
    ]  # fmt: skip
    outcomes = [item.outcome for item in verdict.reasons]
    assert outcomes == sorted(outcomes, key=[BLOCKED, WARNING].index)


def test_orders_that_go_ahead_use_up_cover() -> None:
    position = LimitPosition.model_validate({"buyer_id": "B", "limits": [row()], "as_of": NOW})
    standing = Standing(Exposure(), position, Policy(id="P", currency="EUR"), TODAY, now=NOW)
    order = Order(buyer_id="B", amount=euro(60), terms_days=30)
    first = standing.check(order)
    assert standing.check(order) == first, "to ask changes nothing"
    standing.take(first)
    second = standing.check(order)
    assert (second.outcome, second.exposure, second.available) == (BLOCKED, euro(60), euro(40))


def test_an_amount_that_is_not_known_uses_nothing_up() -> None:
    position = LimitPosition.model_validate({"buyer_id": "B", "limits": [row()], "as_of": NOW})
    standing = Standing(Exposure(), position, Policy(id="P", currency="EUR"), TODAY, now=NOW)
    standing.take(standing.check(Order(buyer_id="B", amount=Money(60, "USD"))))
    assert (standing.owed, standing.available) == (euro(0), euro(100))
