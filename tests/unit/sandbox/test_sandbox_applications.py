"""Applications: one for each reference whatever happens, decided once, by rule, in time or by a person."""

import threading
from dataclasses import replace
from datetime import date, timedelta

import pytest

from tradecredit_sdk.models.limit import LimitAction, LimitKind, LimitState
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.sandbox import underwriting as buyer
from tradecredit_sdk.sandbox.problem import Problem
from tradecredit_sdk.sandbox.records import Asked

EUR_50 = Money("50000.00", "EUR")


def refusal(call, *args, **options):
    with pytest.raises(Problem) as caught:
        call(*args, **options)
    return caught.value.status, caught.value.code, caught.value.fields


def test_decided_at_once_with_its_limit_and_its_events(desk):
    application = desk.ask(buyer.FULL, reference="REQ-1")
    decision = application.decision
    assert (application.state, decision.amount, decision.code) == (LimitState.APPROVED, EUR_50, "FULL")
    (row,) = desk.rows(buyer.FULL)
    assert (decision.limit_id, row.application_id) == (row.id, application.id)
    assert desk.happened() == ["application.decided", "limit.granted"]
    assert desk.engine.applications.get(application.id) == application


def test_the_same_reference_and_content_is_the_same_application(desk):
    asked = Asked(buyer.FULL, amount=EUR_50, reference="REQ-1")
    first, is_new = desk.engine.applications.submit("DEMO-001", asked)
    again, is_new_again = desk.engine.applications.submit("DEMO-001", asked)
    assert (is_new, is_new_again) == (True, False)
    assert again == first
    assert len(desk.rows(buyer.FULL)) == 1


@pytest.mark.parametrize(
    "change",
    [{"amount": Money("50000.01", "EUR")}, {"amount": Money("50000.00", "USD")}, {"buyer_id": buyer.HALF},
     {"terms_days": 30}, {"urgent": True}, {"comment": "x"}, {"action": LimitAction.INCREASE},
     {"kind": LimitKind.TEMPORARY, "valid_until": date(2026, 12, 31)}],
    ids=lambda change: next(iter(change)),
)  # fmt: skip
def test_a_reference_with_other_content_is_refused(desk, change):
    asked = Asked(buyer.FULL, amount=EUR_50, reference="REQ-1")
    desk.engine.applications.submit("DEMO-001", asked)
    assert refusal(desk.engine.applications.submit, "DEMO-001", replace(asked, **change))[:2] == (
        409,
        "reference_reused",
    )


def test_a_known_reference_answers_even_when_the_request_would_be_wrong_by_now(desk):
    asked = Asked(buyer.FULL, amount=EUR_50, kind=LimitKind.TEMPORARY, valid_until=date(2026, 4, 10), reference="T")
    first = desk.engine.applications.submit("DEMO-001", asked).application
    desk.engine.advance(days=30)
    assert desk.engine.applications.submit("DEMO-001", asked).application.id == first.id


def test_references_are_apart_in_each_policy(desk):
    desk.ask(buyer.FULL, reference="REQ-1")
    other = desk.ask(buyer.FULL, "1.00", reference="REQ-1", policy="DEMO-003")
    assert other.policy_id == "DEMO-003"
    assert [row.amount.amount for row in desk.rows(buyer.FULL)] == [50000]


def test_without_a_reference_each_call_is_an_application(desk):
    assert desk.ask(buyer.FULL).id != desk.ask(buyer.FULL).id


def test_twenty_at_the_same_instant_make_one(desk):
    asked = Asked(buyer.FULL, amount=EUR_50, reference="RACE")
    start, receipts = threading.Barrier(20), []

    def send():
        start.wait()
        receipts.append(desk.engine.applications.submit("DEMO-001", asked))

    threads = [threading.Thread(target=send) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({receipt.application.id for receipt in receipts}) == 1
    assert sum(receipt.is_new for receipt in receipts) == 1
    assert len(desk.rows(buyer.FULL)) == 1
    assert desk.happened() == ["application.decided", "limit.granted"]


@pytest.mark.parametrize(
    ("asked", "field"),
    [
        (Asked(buyer.FULL), "amount"),
        (Asked(buyer.FULL, amount=Money("0", "EUR")), "amount.amount"),
        (Asked(buyer.FULL, amount=Money("-1", "EUR")), "amount.amount"),
        (Asked(buyer.FULL, amount=Money("1", "XPF")), "amount.currency"),
        (Asked(buyer.IN_DOLLARS, amount=Money("999999999999999.99", "EUR")), "amount.amount"),
        (Asked(buyer.FULL, amount=EUR_50, valid_until=date(2026, 12, 31)), "valid_until"),
        (Asked(buyer.FULL, amount=EUR_50, kind=LimitKind.TEMPORARY), "valid_until"),
        (Asked(buyer.FULL, amount=EUR_50, kind=LimitKind.TEMPORARY, valid_until=date(2026, 3, 30)), "valid_until"),
        (Asked(buyer.FULL, amount=EUR_50, kind=LimitKind.TEMPORARY, valid_until=date.max), "valid_until"),
        (Asked(buyer.FULL, amount=EUR_50, action=LimitAction.INCREASE), "action"),
        (Asked(buyer.FULL, amount=EUR_50, action=LimitAction.DECREASE), "action"),
        (Asked(buyer.FULL, action=LimitAction.CANCEL), "action"),
        (Asked(buyer.FULL, amount=EUR_50, action=LimitAction.CANCEL), "amount"),
        (Asked(buyer.FULL, action=LimitAction.CANCEL, valid_until=date(2026, 12, 31)), "valid_until"),
    ],
)
def test_what_makes_no_sense_is_named_and_leaves_nothing_behind(desk, asked, field):
    status, code, fields = refusal(desk.engine.applications.submit, "DEMO-001", replace(asked, reference="R"))
    assert (status, code, fields[0][0]) == (422, "invalid_request", field)
    assert desk.engine.applications.list().items == ()
    assert desk.ask(buyer.FULL, reference="R").decision  # the reference is still free


def test_an_unknown_buyer_or_policy(desk):
    assert refusal(desk.ask, "nobody")[:2] == (404, "buyer_not_found")
    assert refusal(desk.ask, buyer.FULL, policy="OTHER")[:2] == (404, "policy_not_found")


def test_one_policy_refuses_new_where_a_limit_is_in_force(desk):
    desk.ask(buyer.FULL, policy="DEMO-003")
    assert refusal(desk.ask, buyer.FULL, policy="DEMO-003")[:2] == (409, "limit_exists")
    assert desk.ask(buyer.FULL, "60000", policy="DEMO-003", action=LimitAction.INCREASE).decision.amount.amount == 60000


# ---------------------------------------------------------------- referred


def test_the_underwriter_answers_in_time_and_at_the_due_moment(desk):
    application = desk.ask(buyer.SLOW, reference="REQ-1")
    assert (application.state, application.decision, desk.happened()) == (LimitState.REFERRED, None, [])
    desk.wall.seconds += 2.9
    assert desk.engine.applications.get(application.id).is_pending
    desk.wall.seconds += 1000
    decided = desk.engine.applications.get(application.id)
    assert decided.state is LimitState.APPROVED
    assert decided.decision.decided_at == application.created_at + timedelta(seconds=3)
    assert desk.happened() == ["application.decided", "limit.granted"]


def test_an_urgent_one_is_answered_in_half_the_time(desk):
    application = desk.ask(buyer.SLOW, urgent=True)
    desk.wall.seconds += 1.5
    assert not desk.engine.applications.get(application.id).is_pending


def test_one_buyer_waits_for_a_person(desk):
    application = desk.ask(buyer.BY_HAND)
    desk.engine.advance(days=400)
    assert desk.engine.applications.get(application.id).is_pending
    decided = desk.engine.applications.decide(application.id, LimitState.PARTLY_APPROVED, Money("20000", "EUR"))
    assert (decided.state, decided.decision.amount) == (LimitState.PARTLY_APPROVED, Money("20000", "EUR"))
    assert desk.rows(buyer.BY_HAND)[0].amount == Money("20000", "EUR")
    assert decided == desk.engine.applications.get(application.id)


@pytest.mark.parametrize(
    ("state", "amount", "granted"),
    [(LimitState.APPROVED, None, 50000), (LimitState.APPROVED, 60000, 60000), (LimitState.REFUSED, None, 0)],
)
def test_a_person_decides(desk, state, amount, granted):
    application = desk.ask(buyer.BY_HAND)
    money = None if amount is None else Money(amount, "EUR")
    assert desk.engine.applications.decide(application.id, state, money).decision.amount == Money(granted, "EUR")


def test_a_decision_by_hand_forestalls_the_underwriter(desk):
    application = desk.ask(buyer.SLOW)
    desk.engine.applications.decide(application.id, LimitState.REFUSED)
    desk.engine.advance(days=1)
    assert desk.engine.applications.get(application.id).state is LimitState.REFUSED
    assert desk.happened() == ["application.decided"]


@pytest.mark.parametrize(
    ("state", "amount", "field"),
    [(LimitState.PARTLY_APPROVED, None, "amount"), (LimitState.PARTLY_APPROVED, Money("9000000", "EUR"), "amount"), (LimitState.APPROVED, Money("0", "EUR"), "amount.amount"),
     (LimitState.WITHDRAWN, None, "state"), (LimitState.APPROVED, Money("5", "XPF"), "amount.currency")],
)  # fmt: skip
def test_a_senseless_decision_is_refused(desk, state, amount, field):
    application = desk.ask(buyer.BY_HAND)
    assert refusal(desk.engine.applications.decide, application.id, state, amount)[2][0][0] == field
    assert desk.engine.applications.get(application.id).is_pending


def test_nothing_is_decided_twice(desk):
    application = desk.ask(buyer.FULL)
    decide = desk.engine.applications.decide
    assert refusal(decide, application.id, LimitState.REFUSED)[:2] == (409, "not_pending")
    assert refusal(decide, "app-999999", LimitState.REFUSED)[:2] == (404, "not_found")


# ---------------------------------------------------------------- called back


def test_a_pending_one_is_called_back_once_and_for_all(desk):
    application = desk.ask(buyer.SLOW)
    cancel = desk.engine.applications.cancel
    assert cancel(application.id).state is LimitState.CANCELLED
    assert cancel(application.id).state is LimitState.CANCELLED
    desk.engine.advance(days=1)
    assert desk.engine.applications.get(application.id).decision is None
    assert desk.rows(buyer.SLOW) == ()
    assert refusal(desk.engine.applications.decide, application.id, LimitState.APPROVED)[1] == "not_pending"


def test_a_decided_one_cannot_be_called_back(desk):
    assert refusal(desk.engine.applications.cancel, desk.ask(buyer.FULL).id)[:2] == (409, "not_pending")


def test_another_policy_sees_none_of_it(desk):
    application = desk.ask(buyer.SLOW)
    for call in (desk.engine.applications.get, desk.engine.applications.cancel):
        assert refusal(call, application.id, policy_id="DEMO-002")[0] == 404


# ---------------------------------------------------------------- listings


def test_newest_first_filtered_and_in_pages(desk):
    made = [desk.ask(buyer.FULL if number % 2 else buyer.SLOW, reference=f"R-{number}").id for number in range(7)]
    listed = desk.engine.applications.list
    assert [item.id for item in listed(policy_id="DEMO-001").items] == made[::-1]
    assert [item.id for item in listed(buyer_id=buyer.FULL).items] == made[1::2][::-1]
    assert [item.id for item in listed(reference="R-3").items] == [made[3]]
    assert len(listed(state=LimitState.REFERRED).items) == 4
    assert listed(policy_id="DEMO-002").items == ()
    seen, after = [], None
    while True:
        page = listed(after=after, limit=3)
        seen += [item.id for item in page.items]
        after = page.last
        if after is None:
            break
    assert seen == made[::-1]
    assert [item.id for item in desk.engine.applications.decided(policy_id="DEMO-001").items] == made[1::2][::-1]


def test_a_page_that_ends_exactly_at_the_last_row_is_the_last(desk):
    for _ in range(4):
        desk.ask(buyer.FULL)
    assert desk.engine.applications.list(limit=4).last is None
    assert desk.engine.applications.list(limit=3).last is not None
