"""Limits: rows follow rows, history stays, announced changes come on their day, and everybody is told in order."""

from datetime import date, timedelta

import pytest

from tradecredit_sdk.models.limit import LimitAction, LimitKind, LimitState
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.sandbox import companies, underwriting
from tradecredit_sdk.sandbox import underwriting as buyer
from tradecredit_sdk.sandbox.problem import Problem

DAY = timedelta(days=1)


def refusal(call, *args, **options):
    with pytest.raises(Problem) as caught:
        call(*args, **options)
    return caught.value.status, caught.value.fields[0][0] if caught.value.fields else caught.value.code


def live(desk, buyer_id):
    return [row for row in desk.rows(buyer_id) if row.is_live]


def test_a_successor_of_the_same_day_supersedes(desk):
    desk.ask(buyer.FULL, "50000")
    desk.ask(buyer.FULL, "70000", action=LimitAction.INCREASE)
    assert desk.brief(buyer.FULL) == [
        ("superseded", "50000.00", "2026-03-31", None),
        ("approved", "70000.00", "2026-03-31", None),
    ]


def test_a_successor_of_a_later_day_ends_the_row_the_day_before(desk):
    desk.ask(buyer.FULL, "50000")
    desk.engine.advance(days=10)
    desk.ask(buyer.FULL, "70000", action=LimitAction.INCREASE)
    assert desk.brief(buyer.FULL) == [
        ("approved", "50000.00", "2026-03-31", "2026-04-09"),
        ("approved", "70000.00", "2026-04-10", None),
    ]
    assert len(live(desk, buyer.FULL)) == 1


def test_new_on_an_existing_limit_is_decided_anew_for_the_total(desk):
    desk.ask(buyer.FULL, "50000")
    desk.engine.advance(days=1)
    desk.ask(buyer.FULL, "20000")
    assert [row.amount.amount for row in live(desk, buyer.FULL)] == [20000]
    assert desk.happened()[-1] == "limit.reduced"


def test_increase_and_decrease_must_mean_what_they_say(desk):
    desk.ask(buyer.FULL, "50000")
    assert refusal(desk.ask, buyer.FULL, "50000", action=LimitAction.INCREASE) == (422, "amount")
    assert refusal(desk.ask, buyer.FULL, "50000", action=LimitAction.DECREASE) == (422, "amount")
    desk.ask(buyer.FULL, "20000", action=LimitAction.DECREASE)
    assert live(desk, buyer.FULL)[0].amount == Money("20000", "EUR")
    assert desk.happened()[-1] == "limit.reduced"


def test_a_refusal_is_a_row_of_zero_and_a_later_grant_replaces_it(desk):
    desk.ask(buyer.BY_HAND)
    application = desk.engine.applications.list().items[0]
    refused = desk.engine.applications.decide(application.id, LimitState.REFUSED)
    assert desk.brief(buyer.BY_HAND) == [("refused", "0.00", "2026-03-31", None)]
    assert refused.decision.limit_id == desk.rows(buyer.BY_HAND)[0].id
    assert desk.engine.limits.count(live_only=True) == 0
    assert refusal(desk.ask, buyer.BY_HAND, action=LimitAction.INCREASE) == (422, "action")
    desk.engine.advance(days=2)
    again = desk.ask(buyer.BY_HAND)
    desk.engine.applications.decide(again.id, LimitState.APPROVED)
    assert desk.brief(buyer.BY_HAND) == [
        ("refused", "0.00", "2026-03-31", "2026-04-01"),
        ("approved", "50000.00", "2026-04-02", None),
    ]


def test_a_refused_increase_leaves_the_limit_alone(desk):
    first = desk.ask(buyer.BY_HAND)
    desk.engine.applications.decide(first.id, LimitState.APPROVED)
    more = desk.ask(buyer.BY_HAND, "90000", action=LimitAction.INCREASE)
    decided = desk.engine.applications.decide(more.id, LimitState.REFUSED)
    assert (decided.decision.amount.amount, decided.decision.limit_id) == (0, None)
    assert desk.brief(buyer.BY_HAND) == [("approved", "50000.00", "2026-03-31", None)]


def test_cancelling_by_application_ends_the_limit(desk):
    desk.ask(buyer.FULL)
    desk.engine.advance(days=5)
    done = desk.ask(buyer.FULL, action=LimitAction.CANCEL, reference="C")
    assert (done.state, done.decision.amount.amount) == (LimitState.CANCELLED, 0)
    assert desk.brief(buyer.FULL) == [("cancelled", "50000.00", "2026-03-31", "2026-04-04")]
    assert desk.happened()[2:] == ["limit.cancelled", "application.decided"]
    assert done == desk.engine.applications.get(done.id)


def test_cancelling_the_row_may_be_repeated(desk):
    desk.ask(buyer.FULL)
    (row,) = desk.rows(buyer.FULL)
    first = desk.engine.limits.cancel(row.id)
    assert first.state is LimitState.CANCELLED
    assert desk.engine.limits.cancel(row.id) == first
    assert desk.happened().count("limit.cancelled") == 1


def test_what_has_ended_or_never_began_cannot_be_cancelled_or_cut(desk):
    desk.ask(buyer.REFUSED)
    desk.ask(buyer.FULL)
    desk.ask(buyer.FULL)
    for row in (desk.rows(buyer.REFUSED)[0], desk.rows(buyer.FULL)[0]):
        assert refusal(desk.engine.limits.cancel, row.id) == (422, "limit_id")
        assert refusal(desk.engine.limits.cut, row.id, Money("0", "EUR")) == (422, "limit_id")


# ---------------------------------------------------------------- temporary


def temporary(desk, until, amount="30000"):
    return desk.ask(buyer.FULL, amount, kind=LimitKind.TEMPORARY, valid_until=until)


def test_a_temporary_limit_stands_beside_the_permanent_one_and_ends_by_itself(desk):
    desk.ask(buyer.FULL)
    temporary(desk, date(2026, 4, 30))
    assert {row.kind for row in live(desk, buyer.FULL)} == {LimitKind.PERMANENT, LimitKind.TEMPORARY}
    desk.engine.advance(days=30)
    assert len(live(desk, buyer.FULL)) == 2  # 30 April: the last day is inside
    desk.engine.advance(days=1)
    assert desk.brief(buyer.FULL)[1] == ("expired", "30000.00", "2026-03-31", "2026-04-30")
    last = desk.engine.events.list(newest_first=True, limit=1).items[0]
    assert (last.type.value, last.occurred_at.isoformat()) == ("limit.expired", "2026-05-01T00:00:00+00:00")


def test_a_replaced_temporary_limit_does_not_expire_a_second_time(desk):
    temporary(desk, date(2026, 4, 30))
    desk.engine.advance(days=1)
    temporary(desk, date(2026, 5, 31), "40000")
    desk.engine.advance(days=90)
    assert desk.happened().count("limit.expired") == 1
    assert [state for state, *_ in desk.brief(buyer.FULL)] == ["approved", "expired"]


def test_a_reduced_temporary_limit_still_expires_once(desk):
    temporary(desk, date(2026, 4, 30))
    desk.engine.advance(days=1)
    desk.engine.limits.cut(live(desk, buyer.FULL)[0].id, Money("10000", "EUR"), notice_days=5)
    desk.engine.advance(days=90)
    assert desk.happened()[2:] == ["limit.reduced", "limit.reduced", "limit.expired"]
    assert [state for state, *_ in desk.brief(buyer.FULL)] == ["approved", "expired"]


def test_a_cut_announced_beyond_the_end_never_comes(desk):
    temporary(desk, date(2026, 4, 10))
    desk.engine.limits.cut(live(desk, buyer.FULL)[0].id, Money("0", "EUR"), notice_days=60)
    desk.engine.advance(days=90)
    assert desk.happened()[2:] == ["limit.withdrawal_announced", "limit.expired"]


# ---------------------------------------------------------------- what the insurer does


def test_reduced_at_once(desk):
    desk.ask(buyer.FULL)
    desk.engine.advance(days=3)
    row = desk.engine.limits.cut(desk.rows(buyer.FULL)[0].id, Money("10000", "EUR"))
    assert (row.state, row.amount) == (LimitState.REDUCED, Money("10000", "EUR"))
    assert desk.brief(buyer.FULL) == [
        ("approved", "50000.00", "2026-03-31", "2026-04-02"),
        ("reduced", "10000.00", "2026-04-03", None),
    ]


def test_withdrawn_with_notice(desk):
    desk.ask(buyer.FULL)
    row = desk.engine.limits.cut(desk.rows(buyer.FULL)[0].id, Money("0", "EUR"), notice_days=30)
    assert (row.state, row.change_on, row.change_amount) == (
        LimitState.WITHDRAWAL_ANNOUNCED, date(2026, 4, 30), Money("0", "EUR"))  # fmt: skip
    desk.engine.advance(days=29)
    assert live(desk, buyer.FULL)[0].amount == Money("50000", "EUR")
    desk.engine.advance(days=1)
    assert desk.brief(buyer.FULL) == [("withdrawn", "50000.00", "2026-03-31", "2026-04-29")]
    assert desk.happened()[2:] == ["limit.withdrawal_announced", "limit.withdrawn"]


def test_a_new_grant_undoes_an_announced_withdrawal(desk):
    desk.ask(buyer.FULL)
    desk.engine.limits.cut(desk.rows(buyer.FULL)[0].id, Money("0", "EUR"), notice_days=30)
    desk.engine.advance(days=5)
    desk.ask(buyer.FULL, "60000", action=LimitAction.INCREASE)
    desk.engine.advance(days=60)
    assert [row.amount for row in live(desk, buyer.FULL)] == [Money("60000", "EUR")]
    assert "limit.withdrawn" not in desk.happened()


@pytest.mark.parametrize(
    ("amount", "notice", "field"),
    [("50000", 0, "amount.amount"), ("60000", 0, "amount.amount"), ("-1", 0, "amount.amount"), ("1", 366, "notice_days"),
     ("1", -1, "notice_days")],
)  # fmt: skip
def test_a_cut_cuts(desk, amount, notice, field):
    desk.ask(buyer.FULL)
    row = desk.rows(buyer.FULL)[0]
    assert refusal(desk.engine.limits.cut, row.id, Money(amount, "EUR"), notice) == (422, field)
    assert refusal(desk.engine.limits.cut, row.id, Money(0, "USD")) == (422, "amount.currency")
    assert refusal(desk.engine.limits.cut, "lim-999999", Money(0, "EUR")) == (404, "not_found")


def test_the_buyer_that_is_halved_after_thirty_days(desk):
    desk.ask(buyer.REDUCED)
    desk.engine.advance(days=29.9)
    assert len(desk.rows(buyer.REDUCED)) == 1
    desk.engine.advance(days=1)
    assert desk.brief(buyer.REDUCED) == [
        ("approved", "50000.00", "2026-03-31", "2026-04-29"),
        ("reduced", "25000.00", "2026-04-30", None),
    ]
    desk.engine.advance(days=200)
    assert len(desk.rows(buyer.REDUCED)) == 2


def test_the_buyer_that_is_withdrawn_with_notice(desk):
    desk.ask(buyer.WITHDRAWN)
    desk.engine.advance(days=10)
    (row,) = desk.rows(buyer.WITHDRAWN)
    assert (row.state.value, row.change_on) == ("withdrawal_announced", date(2026, 5, 10))
    desk.engine.advance(days=30)
    assert desk.brief(buyer.WITHDRAWN) == [("withdrawn", "50000.00", "2026-03-31", "2026-05-09")]
    times = [event.occurred_at.isoformat() for event in desk.engine.events.list(buyer_id=buyer.WITHDRAWN).items]
    assert times[2:] == ["2026-04-10T08:00:00+00:00", "2026-05-10T00:00:00+00:00"]


def test_other_buyers_deteriorate_as_well_in_the_order_of_time(desk):
    chosen = [company for company in companies.from_file() if company.grade in "123456"
              and company.status == "active" and not company.id.startswith("9")]  # fmt: skip
    for company in chosen:
        desk.ask(company.id, "1000.00")
    expected = {company.id for company in chosen if underwriting.review_of(company)}
    desk.engine.advance(days=90)
    events = desk.engine.events.list(limit=5000).items
    assert [event.occurred_at for event in events] == sorted(event.occurred_at for event in events)
    changed = {event.buyer_id for event in events if event.type.value in ("limit.reduced", "limit.withdrawn")}
    assert changed == expected
    assert len(changed) > 10
    for buyer_id in {event.buyer_id for event in events if event.type.value == "limit.withdrawn"}:
        announced, withdrawn = [event.occurred_at.date() for event in events if event.buyer_id == buyer_id][2:]
        assert withdrawn - announced == 30 * DAY


def test_insolvency_ends_everything_at_once_under_every_policy(desk):
    desk.ask(buyer.BY_HAND)
    first = desk.engine.applications.list().items[0]
    desk.engine.applications.decide(first.id, LimitState.APPROVED)
    desk.ask(buyer.BY_HAND, "60000", action=LimitAction.INCREASE)
    desk.ask(buyer.BY_HAND, policy="DEMO-003")
    desk.engine.applications.decide(desk.engine.applications.list().items[0].id, LimitState.APPROVED)
    desk.engine.advance(days=3)
    company = desk.engine.buyers.declare_insolvent(buyer.BY_HAND)
    assert (company.status, company.grade) == ("insolvent", "10")
    assert desk.brief(buyer.BY_HAND) == [("withdrawn", "50000.00", "2026-03-31", "2026-04-02"),
                                         ("refused", "0.00", "2026-04-03", None)]  # fmt: skip
    assert desk.happened()[2:] == ["buyer.insolvent", "limit.withdrawn", "application.decided"]
    assert desk.happened(policy="DEMO-003")[2:] == ["buyer.insolvent", "limit.withdrawn"]
    assert desk.happened(policy="DEMO-002") == []
    desk.engine.buyers.declare_insolvent(buyer.BY_HAND)
    assert desk.happened().count("buyer.insolvent") == 1
    assert desk.ask(buyer.BY_HAND).decision.code == "INSOLVENT"


def test_a_new_grade_is_told_to_those_concerned_and_counts_from_then_on(desk):
    desk.engine.buyers.order_grade("DEMO-002", "000004711")
    desk.ask("000004711", "1000.00")
    assert desk.engine.buyers.set_grade("000004711", "9").grade == "9"
    desk.engine.buyers.set_grade("000004711", "9")
    assert desk.happened()[2:] == ["buyer.grade_changed"]
    assert desk.happened(policy="DEMO-002") == ["buyer.grade_changed"]
    assert desk.happened(policy="DEMO-003") == []
    assert desk.engine.buyers.ordered_grades("DEMO-002")[0].id == "000004711"
    assert desk.ask("000004711", "2000.00", policy="DEMO-002", currency="USD").decision.code == "RISK"
    with pytest.raises(Problem):
        desk.engine.buyers.set_grade("000004711", "11")
