"""Which deliveries stay uninsured after an invoice was not paid in time, and what its payment brings back (rules 7, 8, 34)."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradecredit_sdk.models.policy import Policy
from tradecredit_sdk.rules.stop_of_cover import Reinstatement, Stop, is_suspended, stop_of_cover

POLICY = Policy(id="P", currency="EUR")
DUE = date(2026, 1, 31)
STOP = date(2026, 4, 1)


def after(days: int) -> date:
    return STOP + timedelta(days)


@pytest.mark.parametrize(
    ("paid_on", "reinstatement", "uninsured"),
    [
        (None, Reinstatement.NONE, [1, 30, 31, 32, 400]),
        (after(-1), Reinstatement.NEVER_STOPPED, []),
        (after(0), Reinstatement.NEVER_STOPPED, []),
        (after(1), Reinstatement.RETROACTIVE, []),
        (after(30), Reinstatement.RETROACTIVE, []),
        (after(31), Reinstatement.FROM_PAYMENT, [1, 30, 31]),
    ],
)
def test_what_a_payment_reinstates(paid_on: date | None, reinstatement: Reinstatement, uninsured: list[int]) -> None:
    stop = stop_of_cover(DUE, POLICY, paid_on)
    assert stop.reinstatement is reinstatement
    assert [days for days in (-9, 0, 1, 30, 31, 32, 400) if not stop.covers(after(days))] == uninsured


def test_how_long_payment_reaches_back_is_the_policys() -> None:
    short = POLICY.model_copy(update={"reinstatement_days": 0})
    assert stop_of_cover(DUE, short, after(1)).reinstatement is Reinstatement.FROM_PAYMENT
    long = POLICY.model_copy(update={"reinstatement_days": 90})
    assert stop_of_cover(DUE, long, after(90)).reinstatement is Reinstatement.RETROACTIVE


def test_after_a_claim_or_the_hand_over_nothing_comes_back_for_the_past() -> None:
    claimed = after(10)
    assert stop_of_cover(DUE, POLICY, after(9), claimed_on=claimed).reinstatement is Reinstatement.RETROACTIVE
    assert stop_of_cover(DUE, POLICY, claimed, claimed_on=claimed) == Stop(STOP, claimed, Reinstatement.FROM_PAYMENT)
    early = stop_of_cover(DUE, POLICY, after(-2), claimed_on=after(-5))
    assert early == Stop(after(-5), after(-2), Reinstatement.FROM_PAYMENT), "handed over before the extension ended"
    assert not early.covers(after(-3))
    assert stop_of_cover(DUE, POLICY, claimed_on=after(-5)) == Stop(after(-5), None, Reinstatement.NONE)


def test_insolvency_stops_cover_at_once_and_payment_does_not_bring_it_back() -> None:
    insolvent = after(-20)
    stop = stop_of_cover(DUE, POLICY, after(-10), insolvent_on=insolvent)
    assert stop == Stop(insolvent, None, Reinstatement.NONE)
    paid_before = stop_of_cover(DUE, POLICY, after(-30), insolvent_on=insolvent)
    assert paid_before.reinstatement is Reinstatement.NEVER_STOPPED


def test_a_dispute_suspends_until_it_is_resolved() -> None:
    since, resolved = date(2026, 3, 1), date(2026, 3, 20)
    days = (date(2026, 2, 28), since, date(2026, 3, 19), resolved)
    assert [is_suspended(day, since, resolved) for day in days] == [False, True, True, False]
    assert is_suspended(date(2030, 1, 1), since)


DAYS = st.dates(date(2020, 1, 1), date(2030, 1, 1))
POLICIES = st.builds(
    lambda extension, back: Policy(
        id="P", currency="EUR", max_extension_days=extension, reinstatement_days=back
    ),
    st.integers(0, 120),
    st.integers(0, 90),
)  # fmt: skip


@given(DAYS, POLICIES, DAYS, DAYS, st.none() | DAYS, st.none() | DAYS)
def test_paying_never_takes_cover_away(
    due: date, policy: Policy, paid_on: date, delivered_on: date, claimed_on: date | None, insolvent_on: date | None
) -> None:
    facts = {"claimed_on": claimed_on, "insolvent_on": insolvent_on}
    unpaid, paid = stop_of_cover(due, policy, **facts), stop_of_cover(due, policy, paid_on, **facts)
    assert paid.after == unpaid.after, "and moves no deadline"
    assert paid.covers(delivered_on) or not unpaid.covers(delivered_on)
    sooner = stop_of_cover(due, policy, paid_on - timedelta(7), **facts)
    assert sooner.covers(delivered_on) or not paid.covers(delivered_on), "paying sooner never covers less"


@given(DAYS, POLICIES, st.integers(0, 400), DAYS, DAYS)
def test_a_later_due_date_never_covers_less(due: date, policy: Policy, later: int, paid_on: date, day: date) -> None:
    early, late = (stop_of_cover(due + timedelta(days), policy, paid_on) for days in (0, later))
    assert late.covers(day) or not early.covers(day)
