"""Deadlines run on the original due date, in calendar days."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradecredit_sdk.models.policy import Policy, WaitingPeriodStart
from tradecredit_sdk.rules.calendar import days_after
from tradecredit_sdk.rules.deadlines import WARN_DAYS_BEFORE, Deadlines, Step, deadlines

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
    assert early.stop_of_cover == DUE + timedelta(60)


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


@given(st.dates(), st.integers(0, 3650))
def test_the_calendar_has_an_end(day: date, days: int) -> None:
    after = days_after(day, days)
    assert after == (day + timedelta(days) if (date.max - day).days >= days else date.max)
    before = days_after(day, -days)
    assert before == (day - timedelta(days) if (day - date.min).days >= days else date.min)


def test_never_stays_never() -> None:
    assert deadlines(date.max, POLICY) == Deadlines(date.max, date.max, date.max, date.max)


def test_a_moment_is_not_a_due_date() -> None:
    with pytest.raises(ValueError, match="YYYY-MM-DD"):
        deadlines(datetime(2026, 1, 31), POLICY)
