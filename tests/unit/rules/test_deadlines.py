"""Deadlines run on the original due date, in calendar days."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradecredit_sdk.models.exposure import OpenItem
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.policy import Policy, WaitingPeriodStart
from tradecredit_sdk.rules.calendar import company_day, days_after
from tradecredit_sdk.rules.deadlines import WARN_DAYS_BEFORE, Deadlines, Step, deadlines, tell_by, urgency
from tradecredit_sdk.rules.exposure import measure

POLICY = Policy(id="P", currency="EUR")
FROM_NOTICE = POLICY.model_copy(update={"waiting_period_start": WaitingPeriodStart.NOTIFICATION})
DUE = date(2026, 1, 31)


def test_the_usual_policy() -> None:
    found = deadlines(DUE, POLICY)
    assert found.stop_of_cover == DUE + timedelta(60) == date(2026, 4, 1)
    assert found.notification == DUE + timedelta(90) == date(2026, 5, 1)
    assert found.date_of_loss == DUE + timedelta(180) == date(2026, 7, 30)
    assert found.claim == DUE + timedelta(360) == date(2027, 1, 26)


def test_every_number_is_the_policys() -> None:
    policy = POLICY.model_copy(
        update={"max_extension_days": 1, "notification_days": 2, "waiting_period_days": 4, "claim_filing_days": 8}
    )
    found = deadlines(DUE, policy)
    days = [
        (day - DUE).days for day in (found.stop_of_cover, found.notification, found.date_of_loss, found.claim) if day
    ]
    assert days == [1, 3, 4, 12]


def test_where_the_waiting_period_runs_from_the_notification() -> None:
    assert deadlines(DUE, FROM_NOTICE, date(2026, 4, 15)).date_of_loss == date(2026, 4, 15) + timedelta(180)
    unknown = deadlines(DUE, FROM_NOTICE)
    assert (unknown.date_of_loss, unknown.claim) == (None, None)
    assert unknown.notification == DUE + timedelta(90)
    assert deadlines(DUE, POLICY, date(2026, 4, 15)) == deadlines(DUE, POLICY)


def test_insolvency_brings_the_date_of_loss_forward_and_never_back() -> None:
    early = deadlines(DUE, POLICY, insolvent_on=date(2026, 2, 10))
    assert (early.date_of_loss, early.claim) == (date(2026, 2, 10), date(2026, 2, 10) + timedelta(180))
    assert deadlines(DUE, POLICY, insolvent_on=date(2027, 1, 1)) == deadlines(DUE, POLICY)
    assert deadlines(DUE, FROM_NOTICE, insolvent_on=date(2026, 2, 10)).date_of_loss == date(2026, 2, 10)
    assert early.max_extension == DUE + timedelta(60)
    assert early.stop_of_cover == date(2026, 2, 10), "cover stops at once"
    assert early.notification == date(2026, 2, 20), "and it is told within days of its own"


def test_days_left_count_the_last_day_as_in_time() -> None:
    found = deadlines(DUE, POLICY)
    assert found.days_left(Step.NOTIFICATION, found.notification) == 0
    assert found.days_left(Step.NOTIFICATION, found.notification - timedelta(1)) == 1
    assert found.days_left(Step.STOP_OF_COVER, found.stop_of_cover + timedelta(1)) == -1
    assert deadlines(DUE, FROM_NOTICE).days_left(Step.CLAIM, DUE) is None


@pytest.mark.parametrize(
    ("day", "step"),
    [(0, Step.STOP_OF_COVER), (60, Step.STOP_OF_COVER), (61, Step.NOTIFICATION), (90, Step.NOTIFICATION),
     (91, Step.DATE_OF_LOSS), (181, Step.CLAIM), (360, Step.CLAIM), (361, None)],
)  # fmt: skip
def test_the_next_step(day: int, step: Step | None) -> None:
    assert deadlines(DUE, POLICY).next_step(DUE + timedelta(day)) is step


def test_warnings_come_on_the_days_a_credit_manager_wants_them() -> None:
    found, day, days = deadlines(DUE, POLICY), DUE, []
    while warning := found.next_warning(day):
        assert warning.day >= day
        assert warning.due == getattr(found, warning.step.value)
        days.append((warning.day - DUE).days)
        day = warning.day + timedelta(1)
    assert days == [45, 60, 75, 85, 86, 87, 88, 89, 90, 150, 180, 300, 345, 360]
    assert set(WARN_DAYS_BEFORE) == set(Step)


def test_own_warning_days_and_nothing_left() -> None:
    found = deadlines(DUE, POLICY)
    only = found.next_warning(DUE, {Step.CLAIM: (7,)})
    assert only is not None
    assert (only.day, only.step) == (DUE + timedelta(353), Step.CLAIM)
    assert found.next_warning(DUE + timedelta(361)) is None
    unknown = deadlines(DUE, FROM_NOTICE)
    assert unknown.next_warning(unknown.notification + timedelta(1)) is None


def test_what_is_due_today_in_five_and_in_fifteen_days() -> None:
    found = deadlines(DUE, POLICY)
    assert found.due_within(0, found.notification) == (Step.NOTIFICATION,)
    assert found.due_within(15, found.notification - timedelta(16)) == ()
    assert found.due_within(30, found.stop_of_cover) == (Step.STOP_OF_COVER, Step.NOTIFICATION)
    assert found.due_within(3650, found.notification + timedelta(1)) == (Step.DATE_OF_LOSS, Step.CLAIM)
    assert [urgency(left) for left in (-3, 0, 1, 5, 6, 15, 16)] == [0, 0, 5, 5, 15, 15, None]


@given(st.dates(date(2000, 1, 1), date(2090, 1, 1)), st.dates(date(2000, 1, 1), date(2090, 1, 1)), st.integers(0, 400))
def test_news_never_moves_a_last_day_back_in_time_of_the_seller(due: date, news: date, later: int) -> None:
    """Insolvency makes a day earlier or leaves it; a later due date of the invoice itself moves all days alike."""
    plain, insolvent = deadlines(due, POLICY), deadlines(due, POLICY, insolvent_on=news)
    for step in Step:
        assert getattr(insolvent, step.value) <= getattr(plain, step.value)
    assert insolvent.max_extension == plain.max_extension
    shifted = deadlines(due + timedelta(later), POLICY)
    for step in Step:
        assert getattr(shifted, step.value) - getattr(plain, step.value) == timedelta(later)
    told = deadlines(due, FROM_NOTICE, news)
    assert (told.stop_of_cover, told.notification) == (plain.stop_of_cover, plain.notification)


def test_an_agreed_later_date_moves_nothing() -> None:
    """Rule 2: the clocks know the original due date alone, so an agreement with the buyer cannot move them."""
    assert set(inspect.signature(deadlines).parameters) == {
        "original_due_date",
        "policy",
        "notified_on",
        "insolvent_on",
    }
    item = OpenItem(customer="C", number="R", original_due_date=DUE, amount=Money(1, "EUR"))
    agreed = item.model_copy(update={"agreed_due_date": DUE + timedelta(90)})
    today = DUE + timedelta(30)
    assert measure([agreed], POLICY, today) == measure([item], POLICY, today)


def test_adverse_information_is_told_within_the_policys_days() -> None:
    assert tell_by(date(2026, 3, 25), POLICY) == date(2026, 4, 4)
    north_america = POLICY.model_copy(update={"adverse_information_days": 20})
    assert tell_by(date(2026, 3, 25), north_america) == date(2026, 4, 14)
    at_once = POLICY.model_copy(update={"adverse_information_days": 0})
    assert tell_by(date(2026, 3, 25), at_once) == date(2026, 3, 25)


WORKED: dict[str, tuple[dict[str, object], Callable[[Policy], object], object]] = {
    "1 maximum extension of 60 days": ({}, lambda p: deadlines(DUE, p).max_extension, date(2026, 4, 1)),
    "4 told 30 days after it": ({}, lambda p: deadlines(DUE, p).notification, date(2026, 5, 1)),
    "4 the relief of 2020: 60 days": (
        {"notification_days": 60}, lambda p: deadlines(DUE, p).notification, date(2026, 5, 31),
    ),
    "6 Coface UK: 10 days": ({}, lambda p: tell_by(date(2026, 3, 25), p), date(2026, 4, 4)),
    "7 stop with the extension": ({}, lambda p: deadlines(DUE, p).stop_of_cover, date(2026, 4, 1)),
    "7 stop with insolvency": (
        {}, lambda p: deadlines(DUE, p, insolvent_on=date(2026, 3, 2)).stop_of_cover, date(2026, 3, 2),
    ),
    "9 EXIM: told and stopped at 90 days": (
        {"max_extension_days": 90, "notification_days": 0}, lambda p: deadlines(DUE, p).notification, date(2026, 5, 1),
    ),
    "19 date of loss after 180 days": ({}, lambda p: deadlines(DUE, p).date_of_loss, date(2026, 7, 30)),
    "20 waiting period from the notification": (
        {"waiting_period_start": WaitingPeriodStart.NOTIFICATION},
        lambda p: deadlines(DUE, p, date(2026, 4, 20)).date_of_loss, date(2026, 10, 17),
    ),
    "21 claim within 180 days after the loss": ({}, lambda p: deadlines(DUE, p).claim, date(2027, 1, 26)),
    "21 EXIM: proof of loss within 240 days of the due date": (
        {"waiting_period_days": 90, "claim_filing_days": 150}, lambda p: deadlines(DUE, p).claim, date(2026, 9, 28),
    ),
}  # fmt: skip


@pytest.mark.parametrize("rule", WORKED)
def test_a_worked_example_of_each_rule(rule: str) -> None:
    terms, computed, expected = WORKED[rule]
    assert computed(POLICY.model_copy(update=terms)) == expected


@pytest.mark.parametrize(
    ("moment", "zone", "day"),
    [
        ("2026-03-31T23:30:00+00:00", "Europe/Berlin", date(2026, 4, 1)),
        ("2026-03-31T23:30:00+00:00", "America/New_York", date(2026, 3, 31)),
        ("2026-03-29T00:30:00+00:00", "Europe/Berlin", date(2026, 3, 29)),  # the night of 23 hours
        ("2026-03-29T21:59:59+00:00", "Europe/Berlin", date(2026, 3, 29)),
        ("2026-03-29T22:00:00+00:00", "Europe/Berlin", date(2026, 3, 30)),
        ("2026-10-25T22:59:59+00:00", "Europe/Berlin", date(2026, 10, 25)),  # the day of 25 hours
        ("2026-10-25T23:00:00+00:00", "Europe/Berlin", date(2026, 10, 26)),
        ("2026-03-31T14:00:00+00:00", "Pacific/Auckland", date(2026, 4, 1)),
    ],
)
def test_today_is_a_day_where_the_company_is(moment: str, zone: str, day: date) -> None:
    assert company_day(datetime.fromisoformat(moment), zone) == day


def test_the_last_day_lasts_as_long_as_that_day_of_the_company() -> None:
    """A summer-time change on the last day takes an hour from it or adds one, and no day."""
    for change in (date(2026, 3, 29), date(2026, 10, 25)):
        found = deadlines(change - timedelta(90), POLICY)
        assert found.notification == change
        berlin = ZoneInfo("Europe/Berlin")
        first = datetime.combine(change, time.min, berlin).astimezone(timezone.utc)
        last = datetime.combine(change, time(23, 59, 59), berlin).astimezone(timezone.utc)
        assert [found.days_left(Step.NOTIFICATION, company_day(moment, berlin)) for moment in (first, last)] == [0, 0]
        assert found.days_left(Step.NOTIFICATION, company_day(last + timedelta(seconds=1), berlin)) == -1


def test_a_moment_needs_a_zone_and_the_zone_a_name() -> None:
    with pytest.raises(ValueError, match="time zone"):
        company_day(datetime(2026, 3, 31), "Europe/Berlin")
    for name in ("Europe/Berlim", "", "../etc/passwd", "Europe"):
        with pytest.raises(ValueError, match="Europe/Berlin"):
            company_day(datetime(2026, 3, 31, tzinfo=timezone.utc), name)


@given(st.dates(), st.integers(0, 3650))
def test_the_calendar_has_an_end(day: date, days: int) -> None:
    after = days_after(day, days)
    assert after == (day + timedelta(days) if (date.max - day).days >= days else date.max)
    before = days_after(day, -days)
    assert before == (day - timedelta(days) if (day - date.min).days >= days else date.min)


def test_never_stays_never() -> None:
    assert deadlines(date.max, POLICY) == Deadlines(*[date.max] * 5)


def test_a_moment_is_not_a_due_date() -> None:
    with pytest.raises(ValueError, match="YYYY-MM-DD"):
        deadlines(datetime(2026, 1, 31), POLICY)
