"""The verdict on one order: each reason at its edge, the numbers, and what decides when several things are true."""

from __future__ import annotations

import json
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest

from tradecredit_sdk.models.exposure import Exposure
from tradecredit_sdk.models.limit import LimitPosition
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.order import Order
from tradecredit_sdk.models.policy import Policy
from tradecredit_sdk.models.rates import ExchangeRates
from tradecredit_sdk.models.verdict import Outcome, Reason, ReasonCode, Verdict
from tradecredit_sdk.rules.credit_check import Standing, check_order

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


# ---- numbers -------------------------------------------------------------------------------------------------------


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
        {"buyer_id": None},
        {"country": "FR", "policy": {"covered_countries": ("DE",)}},
        {"terms_days": 91},
        {"owed": {"oldest_original_due_date": TODAY - timedelta(61)}},
    ],
)
def test_where_nothing_of_the_delivery_is_insured_the_insurer_bears_nothing(given: dict[str, Any]) -> None:
    verdict = check(50, **given)
    assert verdict.outcome is BLOCKED
    assert (verdict.insured_share, verdict.uncovered) == (euro(0), euro(0))


# ---- tolerance -----------------------------------------------------------------------------------------------------

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


# ---- cover that is not there ---------------------------------------------------------------------------------------


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


# ---- the order itself ----------------------------------------------------------------------------------------------


def test_the_buyer_must_be_identified_and_the_same() -> None:
    assert codes(check(1, buyer_id=None)) == ["buyer_not_identified"]
    other = check(1, buyer_id="OTHER")
    assert codes(other) == ["buyer_not_identified"]
    assert other.reasons[0].params == {"buyer_id": "OTHER", "limits_of": "B"}


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


# ---- the debt ------------------------------------------------------------------------------------------------------


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


# ---- currencies ----------------------------------------------------------------------------------------------------


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


# ---- age -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("hours", "stale"), [(0, False), (24, False), (24.01, True), (-0.9, False), (-1, True)])
def test_limit_data_grows_stale(hours: float, stale: bool) -> None:
    verdict = check(as_of=NOW - timedelta(hours=hours))
    assert codes(verdict) == (["limit_stale"] if stale else [])
    if stale:
        assert verdict.outcome is WARNING
        assert verdict.reasons[0].params["age_hours"] == 25


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


# ---- several at once -----------------------------------------------------------------------------------------------


def test_every_reason_that_applies_is_given_and_blocks_come_first() -> None:
    verdict = check(
        200,
        buyer_id=None,
        country="FR",
        terms_days=120,
        owed={"open": euro(1), "oldest_original_due_date": date(2025, 1, 1), "unreadable": 1},
        limits=[row(announced_change={"effective_on": TOMORROW, "amount": euro(0)})],
        as_of=NOW - timedelta(days=3),
        policy={"covered_countries": ("DE",)},
    )
    assert codes(verdict) == [
        "buyer_not_identified", "country_not_covered", "payment_terms_too_long", "exposure_incomplete", "stop_of_cover",
        "limit_exceeded", "limit_stale", "withdrawal_announced",
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
