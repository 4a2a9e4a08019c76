"""The cover in force on a day: which row counts, how much, and why the others do not."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from tradecredit_sdk.models.limit import CreditLimit, LimitApplication, LimitPosition
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.policy import Policy
from tradecredit_sdk.models.rates import ExchangeRates
from tradecredit_sdk.rules.cover import Cover, Why, cover_in_force

TODAY = date(2026, 3, 31)
TOMORROW = TODAY + timedelta(1)
YESTERDAY = TODAY - timedelta(1)
POLICY = Policy(id="P", currency="EUR", insured_percentage=Decimal(90))
RATES = ExchangeRates("EUR", {"USD": "1.10", "JPY": "160"})


def euro(amount: int | str) -> Money:
    return Money(amount, "EUR")


def row(amount: int | str | Money = 100, **given: Any) -> CreditLimit:
    money = amount if isinstance(amount, Money) else euro(amount)
    usual = {"id": "L", "buyer_id": "B", "amount": money, "valid_from": date(2026, 1, 1)}
    return CreditLimit.model_validate({**usual, **given})


def change(on: date, amount: int) -> dict[str, Any]:
    return {"effective_on": on, "amount": euro(amount)}


def cover(*rows: CreditLimit, policy: Policy = POLICY, day: date = TODAY, rates: ExchangeRates | None = None) -> Cover:
    return cover_in_force(rows, policy, day, rates)


def policy(**given: Any) -> Policy:
    return POLICY.model_copy(update=given)


ROWS: list[tuple[str, CreditLimit, int | None, Why | None]] = [
    ("first day", row(valid_from=TODAY), 100, None),
    ("last day", row(valid_until=TODAY), 100, None),
    ("begins tomorrow", row(valid_from=TOMORROW), None, Why.NOT_YET_IN_FORCE),
    ("ended yesterday", row(valid_until=YESTERDAY), None, Why.EXPIRED),
    ("partly approved", row(state="partly_approved"), 100, None),
    ("reduced", row(state="reduced"), 100, None),
    ("refused", row(0, state="refused"), 0, None),
    ("refused, whatever the amount", row(100, state="refused"), 0, None),
    ("approved at zero", row(0), 0, None),
    ("below zero", row(-5), 0, None),
    ("said to be expired", row(state="expired", valid_until=TOMORROW), None, Why.EXPIRED),
    ("withdrawn", row(state="withdrawn", valid_until=TOMORROW), None, Why.WITHDRAWN),
    ("withdrawn and ended", row(state="withdrawn", valid_until=YESTERDAY), None, Why.WITHDRAWN),
    ("a state not known, ended", row(state="under_watch", valid_until=YESTERDAY), None, Why.EXPIRED),
    ("a state not known, to come", row(state="under_watch", valid_from=TOMORROW), None, Why.NOT_YET_IN_FORCE),
    ("cancelled", row(state="cancelled"), None, Why.CANCELLED),
    ("superseded", row(state="superseded"), None, Why.SUPERSEDED),
    ("requested", row(state="requested"), None, Why.PENDING),
    ("referred", row(state="referred"), None, Why.PENDING),
    ("a state not known", row(state="under_watch"), None, Why.STATE_UNKNOWN),
    ("a kind not known", row(kind="framework"), None, Why.KIND_UNKNOWN),
    ("reduction to come", row(announced_change=change(TOMORROW, 40)), 100, None),
    ("reduction from today", row(announced_change=change(TODAY, 40)), 40, None),
    ("reduction not refreshed", row(announced_change=change(date(2026, 2, 1), 40)), 40, None),
    ("withdrawal to come", row(state="withdrawal_announced", announced_change=change(TOMORROW, 0)), 100, None),
    ("withdrawal from today", row(state="withdrawal_announced", announced_change=change(TODAY, 0)), None, Why.WITHDRAWN),
    ("withdrawal as last day", row(state="withdrawal_announced", valid_until=TODAY), 100, None),
    ("withdrawal without its day", row(state="withdrawal_announced"), None, Why.WITHDRAWN),
    ("a change below zero", row(announced_change=change(TODAY, -1)), None, Why.WITHDRAWN),
]  # fmt: skip


@pytest.mark.parametrize(("limit", "total", "why"), [case[1:] for case in ROWS], ids=[case[0] for case in ROWS])
def test_a_single_row(limit: CreditLimit, total: int | None, why: Why | None) -> None:
    found = cover(limit)
    assert found.total == (None if total is None else euro(total))
    assert [item.why for item in found.excluded] == ([] if why is None else [why])
    assert [item.limit for item in (*found.rows, *found.excluded)] == [limit]


def test_zero_and_none_are_not_the_same() -> None:
    assert cover().total is None
    assert cover(row(0, state="refused")).total == euro(0)


def test_the_change_to_come_is_told_with_the_row_that_counts() -> None:
    assert cover(row(announced_change=change(TOMORROW, 40))).rows[0].change == change_of(40)
    assert cover(row(announced_change=change(TODAY, 40))).rows[0].change is None
    last = cover(row(state="withdrawal_announced", valid_until=TODAY)).rows[0].change
    assert last is not None
    assert (last.effective_on, last.amount) == (TOMORROW, euro(0))


def change_of(amount: int) -> Any:
    return row(announced_change=change(TOMORROW, amount)).announced_change


def test_a_temporary_limit_adds_and_a_top_up_doubles_at_most() -> None:
    rows = [row(100), row(40, kind="temporary"), row(500, kind="top_up")]
    found = cover(*rows)
    assert (found.permanent, found.temporary, found.top_up) == (euro(100), euro(40), euro(140))
    assert found.total == euro(280)
    assert cover(row(100), row(30, kind="top_up")).total == euro(130)


def test_a_top_up_follows_its_primary_down_to_nothing() -> None:
    top_up = row(500, kind="top_up")
    assert cover(top_up).total is None
    assert cover(row(0, state="refused"), top_up).total == euro(0)
    assert cover(row(announced_change=change(TODAY, 10)), top_up).total == euro(20)


@pytest.mark.parametrize("reverse", [False, True])
def test_of_two_rows_of_a_kind_the_later_speaks(reverse: bool) -> None:
    older, newer = row(100, id="old"), row(60, id="new", valid_from=date(2026, 3, 1))
    found = cover(*([newer, older] if reverse else [older, newer]))
    assert found.total == euro(60)
    assert found.excluded == ((older, Why.LATER_ROW),)


@pytest.mark.parametrize("state", ["refused", "withdrawn", "cancelled", "under_watch"])
def test_the_later_row_speaks_even_if_it_gives_nothing(state: str) -> None:
    later = row(0 if state == "refused" else 100, id="new", valid_from=date(2026, 3, 1), state=state)
    assert not cover_amount(row(100), later)
    assert not cover_amount(later, row(100))


@pytest.mark.parametrize("given", [{"valid_from": TODAY}, {"valid_from": date(2026, 3, 1), "valid_until": YESTERDAY}])
def test_a_withdrawal_today_or_with_its_last_day_leaves_no_older_row(given: dict[str, Any]) -> None:
    assert cover(row(100), row(100, id="new", state="withdrawn", **given)).total is None


@pytest.mark.parametrize("reverse", [False, True])
def test_what_was_asked_anew_on_the_day_of_a_cancellation_speaks(reverse: bool) -> None:
    gone, anew = row(100, id="gone", state="cancelled", valid_from=TODAY), row(60, id="anew", valid_from=TODAY)
    assert cover(*([anew, gone] if reverse else [gone, anew])).total == euro(60)


def cover_amount(*rows: CreditLimit) -> Decimal:
    total = cover(*rows).total
    return Decimal(0) if total is None else total.amount


@pytest.mark.parametrize(
    "silent",
    [
        row(5, valid_from=TOMORROW),
        row(5, valid_from=TOMORROW, state="withdrawn"),
        row(5, valid_from=TOMORROW, state="cancelled"),
        row(5, valid_from=date(2026, 3, 1), valid_until=YESTERDAY),
        row(5, valid_from=date(2026, 3, 1), state="superseded"),
        row(5, valid_from=date(2026, 3, 1), state="referred"),
        row(5, valid_from=date(2026, 3, 1), buyer_id="OTHER"),
    ],
    ids=["not yet", "withdrawn before it began", "cancelled before it began", "expired", "superseded", "pending", "other"],
)  # fmt: skip
def test_a_row_that_says_nothing_about_the_day_leaves_the_older_one_alone(silent: CreditLimit) -> None:
    assert cover(row(100), silent).total == euro(100)


def test_two_rows_of_one_day_count_once_and_the_smaller() -> None:
    assert cover(row(100), row(70)).total == euro(70)
    assert cover(row(70), row(100)).total == euro(70)
    assert cover(row(70), row(100, state="withdrawn")).total is None


def test_a_row_of_another_buyer_never_counts() -> None:
    found = cover_in_force(LimitPosition(buyer_id="B", limits=(row(buyer_id="C"),)), POLICY, TODAY)
    assert found.total is None
    assert found.excluded[0].why is Why.ANOTHER_BUYER


# ---- currencies ----------------------------------------------------------------------------------------------------


def test_a_limit_in_another_currency_is_rounded_down() -> None:
    assert cover(row(Money("100.00", "USD")), rates=RATES).total == euro("90.90")  # 90.909...
    assert cover(row(Money(15999, "JPY")), rates=RATES).total == euro("99.99")  # 99.99375


def test_without_a_rate_it_counts_nothing_and_says_so() -> None:
    found = cover(row(Money(100, "USD")), row(5, kind="temporary"))
    assert found.total == euro(5)
    assert found.missing_rates == ("USD",)
    assert [item.why for item in found.excluded] == [Why.RATE_MISSING]
    swiss = cover(row(announced_change={"effective_on": TODAY, "amount": Money(1, "CHF")}), rates=RATES)
    assert (swiss.total, swiss.missing_rates) == (None, ("CHF",))


# ---- discretionary -------------------------------------------------------------------------------------------------

OWN = policy(discretionary_limit=euro(50))


def position(*rows: CreditLimit, applications: tuple[LimitApplication, ...] = ()) -> LimitPosition:
    return LimitPosition(buyer_id="B", limits=rows, applications=applications)


def application(state: str, **given: Any) -> LimitApplication:
    return LimitApplication.model_validate({"id": "A", "state": state, **given})


def test_the_discretionary_limit_counts_while_nobody_decided() -> None:
    found = cover_in_force(position(), OWN, TODAY)
    assert (found.total, found.discretionary) == (euro(50), euro(50))
    assert cover_in_force([], OWN, TODAY).total == euro(50)
    assert cover_in_force(position(), POLICY, TODAY).total is None


@pytest.mark.parametrize("state", ["requested", "referred", "cancelled", "superseded"])
def test_an_application_without_a_decision_leaves_it_alone(state: str) -> None:
    assert cover_in_force(position(applications=(application(state),)), OWN, TODAY).total == euro(50)


@pytest.mark.parametrize(
    "known",
    [
        position(applications=(application("refused"),)),
        position(applications=(application("approved"),)),
        position(applications=(application("under_watch"),)),
        position(applications=(application("referred", decision={"application_id": "A", "state": "refused"}),)),
        position(row(state="expired")),
        position(row(valid_until=YESTERDAY)),
        position(row(valid_from=TOMORROW)),
        position(row(state="cancelled")),
        position(row(state="under_watch")),
    ],
)
def test_any_decision_ever_ends_it(known: LimitPosition) -> None:
    found = cover_in_force(known, OWN, TODAY)
    assert (found.total, found.discretionary) == (None, euro(0))


def test_a_refusal_ends_it_at_zero() -> None:
    assert cover_in_force(position(row(0, state="refused")), OWN, TODAY).total == euro(0)


def test_a_row_that_still_waits_or_is_anothers_does_not_end_it() -> None:
    assert cover_in_force(position(row(state="referred"), row(buyer_id="C")), OWN, TODAY).total == euro(50)


def test_a_discretionary_row_counts_up_to_the_policys_right() -> None:
    assert cover_in_force(position(row(30, kind="discretionary")), OWN, TODAY).total == euro(30)
    assert cover_in_force(position(row(80, kind="discretionary")), OWN, TODAY).total == euro(50)
    none = cover_in_force(position(row(30, kind="discretionary")), POLICY, TODAY)
    assert (none.total, none.excluded[0].why) == (None, Why.NO_RIGHT)
    decided = cover_in_force(position(row(30, kind="discretionary"), row(0, state="refused")), OWN, TODAY)
    assert decided.total == euro(0)


def test_a_discretionary_limit_in_another_currency_needs_a_rate() -> None:
    dollars = policy(discretionary_limit=Money(110, "USD"))
    assert cover_in_force(position(), dollars, TODAY, RATES).total == euro(100)
    found = cover_in_force(position(), dollars, TODAY)
    assert (found.total, found.missing_rates) == (None, ("USD",))
    uneven = policy(discretionary_limit=Money(100, "USD"))
    assert cover_in_force(position(), uneven, TODAY, RATES).total == euro("90.90")


def test_the_discretionary_row_of_another_buyer_takes_no_right_away() -> None:
    assert cover_in_force(position(row(30, kind="discretionary", buyer_id="C")), OWN, TODAY).total == euro(50)


# ---- percentage, terms, days ---------------------------------------------------------------------------------------


def test_the_lowest_percentage_and_the_shortest_terms_of_the_rows_that_count_rule() -> None:
    found = cover(row(insured_percentage="85", max_terms_days=60), row(kind="temporary", max_terms_days=45))
    assert (found.insured_percentage, found.max_terms_days) == (Decimal(85), 45)
    assert cover(row(insured_percentage="95", max_terms_days=120)).insured_percentage == Decimal(95)
    assert cover(row(max_terms_days=120)).max_terms_days == 90
    both = cover(row(insured_percentage="95"), row(kind="temporary"))
    assert both.insured_percentage == Decimal(90)
    ended = cover(row(insured_percentage="50", max_terms_days=10, valid_until=YESTERDAY), row())
    assert (ended.insured_percentage, ended.max_terms_days) == (Decimal(90), 90)
    nothing = cover(row(0, insured_percentage="50", max_terms_days=10))
    assert (nothing.insured_percentage, nothing.max_terms_days) == (Decimal(90), 90)


def test_the_day_is_a_day() -> None:
    assert cover_in_force([row()], POLICY, TODAY).day == TODAY
    with pytest.raises(ValueError, match="YYYY-MM-DD"):
        cover_in_force([row()], POLICY, datetime(2026, 3, 31))
    never = row(state="withdrawal_announced", valid_until=date.max)
    assert cover(never).total == euro(100)
    assert cover(never, day=date.max).total is None, "in doubt the last day of the calendar is after it"
