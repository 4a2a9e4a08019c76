"""Cover that is not there, not yet, no longer or not needed: which reason the verdict gives, and which way it falls."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from order_checks import ALLOWED, BLOCKED, NOW, TODAY, TOMORROW, WARNING, YESTERDAY, check, codes, euro, row

from tradecredit_sdk.models.exposure import Exposure
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.order import Order
from tradecredit_sdk.models.policy import Policy
from tradecredit_sdk.models.verdict import ReasonCode
from tradecredit_sdk.rules.credit_check import check_order


def test_no_limit_and_limit_zero_never_read_the_same() -> None:
    none, zero = check(limits=[]), check(limits=[row(0, state="refused")])
    assert (codes(none), none.limit) == (["no_limit"], None)
    assert (codes(zero), zero.limit) == (["limit_zero"], euro(0))
    assert none.uncovered == zero.uncovered == euro(100)


def test_limits_never_asked_for() -> None:
    order = Order(buyer_id="B", amount=euro(1))
    verdict = check_order(order, Exposure(), None, Policy(id="P", currency="EUR"), TODAY, now=NOW)
    assert codes(verdict) == ["no_limit", "limit_stale"]
    assert "was not asked about this buyer" in verdict.reasons[1].message


@pytest.mark.parametrize(
    ("given", "code", "params"),
    [
        (row(valid_until=YESTERDAY), "limit_expired", {"valid_until": YESTERDAY}),
        (row(valid_from=TOMORROW), "limit_not_yet_in_force", {"valid_from": TOMORROW}),
        (row(state="withdrawn"), "limit_withdrawn", {}),
        (row(announced_change={"effective_on": TODAY, "amount": euro(0)}), "limit_withdrawn", {}),
        (row(state="frozen"), "limit_unknown", {"state": "frozen"}),
        (row(kind="framework"), "limit_unknown", {"kind": "framework"}),
    ],
)
def test_a_row_that_does_not_count_says_why(given: dict[str, Any], code: str, params: dict[str, Any]) -> None:
    verdict = check(1, limits=[given])
    assert (codes(verdict), verdict.limit) == ([code], None)
    usual = {"limit_id": "L", "kind": "permanent", "amount": euro(100), "currency": "EUR"}
    assert {**usual, **params}.items() <= verdict.reasons[0].params.items()


def test_of_what_expired_the_last_is_named() -> None:
    rows = [
        row(id="1", valid_until=date(2026, 1, 31)),
        row(id="2", valid_until=YESTERDAY),
        row(id="3", valid_until=date(2026, 2, 1)),
    ]
    assert check(limits=rows).reasons[0].params["limit_id"] == "2"
    assert codes(check(limits=[row(state="expired")])) == ["limit_expired"]


@pytest.mark.parametrize("state", ["cancelled", "superseded"])
def test_where_a_row_only_ended_there_is_no_limit(state: str) -> None:
    assert codes(check(limits=[row(state=state)])) == ["no_limit"]


def test_a_refusal_to_come_is_no_cover_to_come() -> None:
    assert codes(check(limits=[row(0, state="refused", valid_from=TOMORROW)])) == ["no_limit"]


@pytest.mark.parametrize(
    "other",
    [
        row(50, id="T", kind="temporary", state="withdrawn"),
        row(50, id="T", kind="temporary", valid_from=TOMORROW),
        row(50, id="T", kind="temporary", valid_until=YESTERDAY),
        row(50, id="T", valid_until=YESTERDAY),
    ],
)
def test_a_row_that_is_not_needed_is_not_complained_of(other: dict[str, Any]) -> None:
    assert codes(check(100, limits=[row(), other])) == []


def test_a_row_that_would_have_helped_is_named() -> None:
    rows = [
        row(),
        row(50, id="T", kind="temporary", valid_from=TOMORROW),
        row(50, id="U", kind="top_up", state="withdrawn"),
    ]
    assert codes(check(101, limits=rows)) == ["limit_not_yet_in_force", "limit_withdrawn", "limit_exceeded"]


def test_a_word_we_do_not_know_warns_where_the_rest_suffices() -> None:
    rows = [row(), row(50, id="T", kind="temporary", state="frozen")]
    assert [(item.code, item.outcome) for item in check(100, limits=rows).reasons] == [
        (ReasonCode.LIMIT_UNKNOWN, WARNING)
    ]
    assert codes(check(101, limits=rows)) == ["limit_unknown", "limit_exceeded"]
    assert check(101, limits=rows).reasons[0].outcome is BLOCKED


@pytest.mark.parametrize("action", ["new", "increase"])
def test_a_pending_decision_blocks_only_where_the_cover_is_too_small(action: str) -> None:
    waiting = ({"id": "A", "reference": "REQ-1", "state": "referred", "action": action},)
    assert codes(check(100, applications=waiting)) == []
    verdict = check(101, applications=waiting)
    assert codes(verdict) == ["pending_decision", "limit_exceeded"]
    assert verdict.reasons[0].params == {"requested": ("REQ-1",)}
    assert codes(check(1, limits=[], applications=waiting)) == ["no_limit", "pending_decision"]


@pytest.mark.parametrize(
    "application",
    [
        {"action": "decrease"},
        {"action": "cancel"},
        {"state": "cancelled"},
        {"state": "superseded"},
        {"state": "refused"},
    ],
)
def test_an_application_that_can_bring_no_cover_is_not_waited_for(application: dict[str, Any]) -> None:
    assert codes(check(101, applications=({"id": "A", "state": "referred", **application},))) == ["limit_exceeded"]


def test_an_unknown_state_is_no_answer() -> None:
    assert "pending_decision" in codes(check(101, applications=({"id": "A", "state": "moved"},)))


def test_discretionary_cover_is_a_warning_and_ends_with_any_decision() -> None:
    own = {"discretionary_limit": euro(50)}
    verdict = check(50, limits=[], policy=own)
    assert (verdict.outcome, codes(verdict), verdict.limit) == (WARNING, ["discretionary_cover_used"], euro(50))
    assert codes(check(51, limits=[], policy=own)) == ["limit_exceeded", "discretionary_cover_used"]
    waiting = ({"id": "A", "state": "referred"},)
    assert codes(check(50, limits=[], applications=waiting, policy=own)) == ["discretionary_cover_used"]
    assert codes(check(50, limits=[row(0, state="refused")], policy=own)) == ["limit_zero"]
    assert codes(check(50, limits=[row()], policy=own)) == []


@pytest.mark.parametrize(
    ("amount", "code"), [(0, "withdrawal_announced"), (40, "reduction_announced"), (100, None), (150, None)]
)
def test_an_announced_change_is_told_if_it_is_for_the_worse(amount: int, code: str | None) -> None:
    limits = [row(announced_change={"effective_on": TOMORROW, "amount": euro(amount)})]
    verdict = check(100, limits=limits)
    assert codes(verdict) == ([code] if code else [])
    assert verdict.outcome is (WARNING if code else ALLOWED)
    if code:
        assert verdict.reasons[0].params["effective_on"] == TOMORROW
        assert "2026-04-01" in verdict.reasons[0].message


def test_an_announced_change_in_another_currency_is_told() -> None:
    limits = [row(announced_change={"effective_on": TOMORROW, "amount": Money(500, "USD")})]
    assert codes(check(100, limits=limits)) == ["reduction_announced"]
