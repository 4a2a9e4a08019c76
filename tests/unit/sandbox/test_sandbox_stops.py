"""Cover stops when an overdue lasts, comes back when it is paid, and the insurer says so."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from tradecredit_sdk.models.event import EventType
from tradecredit_sdk.models.limit import StopReason
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.overdue import Collector, CoverState, OverdueAction, OverdueReason, OverdueState
from tradecredit_sdk.sandbox import underwriting as buyer
from tradecredit_sdk.sandbox.problem import Problem
from tradecredit_sdk.sandbox.records import Change, Collection, Declared, Invoice, Stop

TODAY = date(2026, 3, 31)
PAY = Change(OverdueAction.PAY, amount=Money("100.00", "EUR"), paid_on=TODAY)


def invoice(number="R-1", ago=70, amount="100.00", **more):
    return Invoice(number, TODAY - timedelta(days=ago), Money(amount, "EUR"), **more)


@pytest.fixture
def declare(desk):
    desk.ask(buyer.FULL)

    def call(*invoices, reference="O-1", **more):
        given = Declared(buyer.FULL, invoices or (invoice(),), reference=reference, **more)
        return desk.engine.overdues.declare("DEMO-001", given).overdue

    return call


def stop_of(desk):
    (row,) = [row for row in desk.rows(buyer.FULL) if row.is_live]
    return row.stop


def test_it_stops_at_once_where_the_maximum_extension_period_is_over(desk, declare):
    overdue = declare()
    first = TODAY - timedelta(days=9)
    assert (overdue.cover.state, overdue.cover.stopped_from) == (CoverState.STOPPED, first)
    assert stop_of(desk) == Stop(first, None, StopReason.OVERDUE, overdue.id)
    assert "Cover stopped" in overdue.answer
    assert desk.happened()[-2:] == ["overdue.declared", "cover.stopped"]


def test_it_stops_by_itself_on_the_day_after_that_period(desk, declare):
    overdue = declare(invoice(ago=60))
    assert (overdue.cover.state, stop_of(desk)) == (CoverState.CONFIRMED, None)
    desk.engine.advance(days=1)
    assert stop_of(desk) == Stop(TODAY + timedelta(days=1), None, StopReason.OVERDUE, overdue.id)
    after = desk.engine.overdues.get(overdue.id)
    assert (after.cover.state, after.revision) == (CoverState.STOPPED, overdue.revision + 1)


def test_an_extension_moves_nothing(desk, declare):
    overdue = declare(invoice(ago=60))
    extend = Change(OverdueAction.EXTEND, new_due_date=TODAY + timedelta(days=90))
    desk.engine.overdues.act("DEMO-001", overdue.id, extend)
    desk.engine.advance(days=1)
    assert stop_of(desk) is not None


def test_paid_before_it_stops_it_never_does(desk, declare):
    overdue = declare(invoice(ago=60))
    done = desk.engine.overdues.act("DEMO-001", overdue.id, PAY).overdue
    assert (done.state, done.cover.state) == (OverdueState.SETTLED, CoverState.CONFIRMED)
    desk.engine.advance(days=5)
    assert stop_of(desk) is None
    assert "cover.stopped" not in desk.happened()


@pytest.mark.parametrize(("ago", "retroactive"), [(90, True), (91, False)])
def test_paid_within_thirty_days_after_the_stop_it_counts_as_never_stopped(desk, declare, ago, retroactive):
    overdue = declare(invoice(ago=ago))
    stopped_from = overdue.cover.stopped_from
    done = desk.engine.overdues.act("DEMO-001", overdue.id, PAY).overdue
    assert done.cover.state is CoverState.REINSTATED
    assert (done.cover.reinstated_from == stopped_from) is retroactive
    gap = None if retroactive else Stop(stopped_from, TODAY + timedelta(days=1), StopReason.OVERDUE, overdue.id)
    assert stop_of(desk) == gap
    assert desk.happened()[-2:] == ["overdue.changed", "cover.reinstated"]


def test_while_another_is_unpaid_it_stays_stopped(desk, declare):
    one, other = declare(), declare(invoice("R-2", ago=65), reference="O-2")
    desk.engine.overdues.act("DEMO-001", one.id, PAY)
    assert stop_of(desk) == Stop(other.cover.stopped_from, None, StopReason.OVERDUE, other.id)
    desk.engine.overdues.act("DEMO-001", other.id, PAY)
    assert stop_of(desk) is None


def test_a_withdrawn_declaration_leaves_no_trace_on_cover(desk, declare):
    overdue = declare(invoice(ago=200))
    done = desk.engine.overdues.act("DEMO-001", overdue.id, Change(OverdueAction.WITHDRAW)).overdue
    assert (done.state, done.code, stop_of(desk)) == (OverdueState.WITHDRAWN, "WDR", None)
    with pytest.raises(Problem) as caught:
        desk.engine.overdues.act("DEMO-001", overdue.id, PAY)
    assert (caught.value.status, caught.value.code) == (409, "withdrawn")
    assert declare(reference="O-2").state is OverdueState.DECLARED


def test_a_disputed_invoice_does_not_stop_it_and_a_doubtful_one_does(desk, declare):
    whole, part = Money("100.00", "EUR"), Money("1.00", "EUR")
    disputed = declare(invoice(ago=70, disputed=whole), invoice("R-2", ago=40))
    assert disputed.cover.stopped_from == TODAY - timedelta(days=40) + timedelta(days=61)
    assert declare(invoice("R-3", ago=70, disputed=part), reference="O-2").cover.state is CoverState.STOPPED


def test_a_new_limit_is_stopped_too(desk, declare):
    desk.ask(buyer.FULL, "60000.00", reference="MORE")
    declare()
    assert stop_of(desk) is not None


def test_another_policy_is_not_concerned(desk, declare):
    desk.ask(buyer.FULL, policy="DEMO-003", reference="THEIRS")
    declare()
    assert [row.stop for row in desk.rows(buyer.FULL, "DEMO-003")] == [None]


def test_without_a_limit_nothing_stops(desk):
    given = Declared(buyer.HALF, (invoice(),), reference="O-1")
    assert desk.engine.overdues.declare("DEMO-001", given).overdue.cover is None
    assert desk.happened(buyer.HALF) == ["overdue.declared"]


# ---------------------------------------------------------------- who collects


def test_the_insurer_takes_over_after_the_sellers_last_day(desk, declare):
    until = TODAY + timedelta(days=10)
    overdue = declare(invoice(ago=20), collection=Collection(Collector.SELLER, until))
    desk.engine.advance(days=10)
    assert desk.engine.overdues.get(overdue.id).state is OverdueState.DECLARED
    desk.engine.advance(days=1)
    handed = desk.engine.overdues.get(overdue.id)
    assert (handed.state, handed.declared.collection.by) == (OverdueState.IN_COLLECTION, Collector.INSURER)
    assert stop_of(desk) == Stop(until + timedelta(days=1), None, StopReason.COLLECTION, overdue.id)
    assert desk.happened()[-2:] == ["overdue.handed_over", "cover.stopped"]


def test_collection_by_the_insurer_begins_at_once_and_takes_amendments_out_of_your_hands(desk, declare):
    overdue = declare(collection=Collection(Collector.INSURER))
    assert overdue.state is OverdueState.IN_COLLECTION
    with pytest.raises(Problem) as caught:
        desk.engine.overdues.act(
            "DEMO-001", overdue.id, Change(OverdueAction.EXTEND, new_due_date=TODAY + timedelta(days=5))
        )
    assert (caught.value.status, caught.value.code) == (409, "in_collection")
    paid = desk.engine.overdues.act("DEMO-001", overdue.id, PAY).overdue
    assert paid.cover.reinstated_from == TODAY + timedelta(days=1) > paid.cover.stopped_from, (
        "never retroactive after collection"
    )


def test_handing_over_by_hand_is_done_once(desk, declare):
    overdue = declare()
    first = desk.engine.overdues.hand_over(overdue.id)
    assert desk.engine.overdues.hand_over(overdue.id) == first
    assert desk.happened().count("overdue.handed_over") == 1
    desk.engine.overdues.act("DEMO-001", overdue.id, PAY)
    with pytest.raises(Problem):
        desk.engine.overdues.hand_over(overdue.id)


def test_paid_before_that_day_nobody_takes_over(desk, declare):
    overdue = declare(collection=Collection(Collector.SELLER, TODAY + timedelta(days=3)))
    desk.engine.overdues.act("DEMO-001", overdue.id, PAY)
    desk.engine.advance(days=30)
    assert desk.engine.overdues.get(overdue.id).state is OverdueState.SETTLED


# ---------------------------------------------------------------- acknowledged late


def test_what_lies_unread_is_answered_when_somebody_looks(desk, declare):
    desk.engine.overdues.acknowledge_seconds = 86_400
    overdue = declare()
    assert (overdue.acknowledged_at, overdue.cover, stop_of(desk)) == (None, None, None)
    assert overdue.answer == "Received; the answer follows."
    desk.engine.advance(days=1)
    read = desk.engine.overdues.get(overdue.id)
    assert read.acknowledged_at == desk.engine.now()
    assert (read.cover.state, read.in_time) == (CoverState.STOPPED, True)
    assert desk.happened()[-2:] == ["cover.stopped", "overdue.acknowledged"]
    desk.engine.overdues.acknowledge(overdue.id)
    assert desk.happened().count("overdue.acknowledged") == 1


def test_what_was_settled_meanwhile_stops_nothing(desk, declare):
    desk.engine.overdues.acknowledge_seconds = 86_400
    overdue = declare()
    desk.engine.overdues.act("DEMO-001", overdue.id, PAY)
    read = desk.engine.overdues.acknowledge(overdue.id)
    assert read.acknowledged_at is not None
    assert (read.state, stop_of(desk)) == (OverdueState.SETTLED, None)


@pytest.mark.parametrize("by", [Collector.SELLER, Collector.INSURER])
def test_a_hand_over_before_anybody_looked(desk, declare, by):
    desk.engine.overdues.acknowledge_seconds = 5
    overdue = declare(invoice(ago=10), collection=Collection(by))
    desk.engine.overdues.hand_over(overdue.id)
    assert stop_of(desk) is None
    desk.engine.advance(seconds=5)
    assert stop_of(desk) == Stop(TODAY, None, StopReason.COLLECTION, overdue.id)


def test_in_time_counts_from_when_it_arrived(desk, declare):
    desk.engine.overdues.acknowledge_seconds = 10 * 86_400
    overdue = declare(invoice(ago=90))
    desk.engine.advance(days=10)
    read = desk.engine.overdues.get(overdue.id)
    assert read.in_time
    assert "deadline" not in read.answer
    assert not declare(invoice("R-2", ago=91), reference="O-2").in_time


def test_reset_forgets_stops_and_patience(desk, declare):
    declare()
    desk.engine.overdues.acknowledge_seconds = 5
    desk.engine.reset()
    desk.ask(buyer.FULL)
    assert (stop_of(desk), desk.engine.overdues.acknowledge_seconds) == (None, 0)


def test_events_name_the_overdue(desk, declare):
    overdue = declare()
    told = desk.engine.events.list(policy_id="DEMO-001", limit=500).items[-1]
    assert (told.type, told.overdue_id) == (EventType.COVER_STOPPED, overdue.id)


def test_insolvency_withdraws_and_no_payment_brings_it_back(desk, declare):
    overdue = declare(reason=OverdueReason.INSOLVENCY)
    done = desk.engine.overdues.act("DEMO-001", overdue.id, replace(PAY, reference="P-1")).overdue
    assert done.cover.state is CoverState.WITHDRAWN
    assert [row.is_live for row in desk.rows(buyer.FULL)] == [False]
