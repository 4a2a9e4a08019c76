"""Payments, documents, late amendments, invoices declared twice, adverse information."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradecredit_sdk.models.adverse import AdverseKind
from tradecredit_sdk.models.limit import StopReason
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.overdue import CoverState, DocumentKind, OverdueAction, OverdueState
from tradecredit_sdk.rules.payments import Debt, allocate
from tradecredit_sdk.sandbox import underwriting as buyer
from tradecredit_sdk.sandbox.allocation import book
from tradecredit_sdk.sandbox.problem import Problem
from tradecredit_sdk.sandbox.records import Change, Declared, DocumentSent, Instalment, Invoice, Reported, Stop

TODAY = date(2026, 3, 31)


def invoice(number, ago, amount):
    return Invoice(number, TODAY - timedelta(days=ago), Money(amount, "EUR"))


THREE = (invoice("R-3", 10, "250.00"), invoice("R-1", 70, "100.00"), invoice("R-2", 40, "150.00"))


def pay(amount, reference=None, paid_on=TODAY):
    return Change(OverdueAction.PAY, amount=Money(amount, "EUR"), paid_on=paid_on, reference=reference)


def refusal(call, *args):
    with pytest.raises(Problem) as caught:
        call(*args)
    return caught.value.status, caught.value.fields[0][0] if caught.value.fields else caught.value.code


@pytest.fixture
def overdues(desk):
    desk.ask(buyer.FULL)
    return desk.engine.overdues


@pytest.fixture
def declare(overdues):
    def call(invoices=THREE, reference="O-1", buyer_id=buyer.FULL):
        return overdues.declare("DEMO-001", Declared(buyer_id, tuple(invoices), reference=reference)).overdue

    return call


def test_a_payment_goes_to_the_oldest_invoices(declare, overdues):
    overdue = declare()
    part = overdues.act("DEMO-001", overdue.id, pay("120.00", "P-1")).overdue
    assert (part.state, part.total) == (OverdueState.DECLARED, Money("380.00", "EUR"))
    assert [(one.number, None if one.paid is None else str(one.paid.amount), one.settled_on) for one in part.declared.invoices] == [
        ("R-3", None, None), ("R-1", "100.00", TODAY), ("R-2", "20.00", None),
    ]  # fmt: skip
    assert part.payments[0].allocated == (("R-1", Money("100.00", "EUR")), ("R-2", Money("20.00", "EUR")))
    rest = overdues.act("DEMO-001", overdue.id, pay("380.00", "P-2")).overdue
    assert (rest.state, rest.total, len(rest.payments)) == (OverdueState.SETTLED, Money("0.00", "EUR"), 2)


def test_after_the_date_of_loss_it_goes_to_all_pro_rata(desk, declare, overdues):
    overdue = declare()
    desk.engine.advance(days=110)  # 180 days after the oldest due date
    lost = TODAY + timedelta(days=110)
    early = overdues.act("DEMO-001", overdue.id, pay("50.00", "P-1", lost - timedelta(days=1))).overdue
    assert early.payments[0].allocated == (("R-1", Money("50.00", "EUR")),)
    late = overdues.act("DEMO-001", overdue.id, pay("45.00", "P-2", lost)).overdue
    assert dict(late.payments[1].allocated) == {
        "R-1": Money("5.00", "EUR"), "R-2": Money("15.00", "EUR"), "R-3": Money("25.00", "EUR"),
    }  # fmt: skip


def test_an_insolvency_brings_the_date_of_loss(desk, declare, overdues):
    overdue = declare()
    reported = Reported(buyer.FULL, AdverseKind.INSOLVENCY, TODAY)
    desk.engine.adverse.report("DEMO-001", reported)
    paid = overdues.act("DEMO-001", overdue.id, pay("50.00")).overdue
    assert len(paid.payments[0].allocated) == 3


def test_a_payment_counts_once_and_never_beyond_the_debt(declare, overdues):
    overdue = declare()
    first = overdues.act("DEMO-001", overdue.id, pay("400.00", "P-1"))
    assert overdues.act("DEMO-001", overdue.id, pay("400.00", "P-1")) == (first.overdue, False)
    for change, field in (
        (pay("100.01"), "amount.amount"),
        (pay("0.00"), "amount.amount"),
        (pay("1.00", paid_on=TODAY + timedelta(days=1)), "paid_on"),
        (replace(pay("1.00"), amount=Money("1", "USD")), "amount.currency"),
    ):
        assert refusal(overdues.act, "DEMO-001", overdue.id, change) == (422, field)
    assert overdues.get(overdue.id) == first.overdue


@given(st.lists(st.integers(1, 10**7), min_size=1, max_size=8), st.data(), st.booleans())
def test_the_insurer_books_as_the_rule_says(amounts, data, lost):
    """Two programs, written apart from each other, agree to the cent."""
    invoices = [
        Invoice(f"R-{n}", TODAY - timedelta(days=n % 3), Money(units, "JPY")) for n, units in enumerate(amounts)
    ]
    payment = Money(data.draw(st.integers(1, sum(amounts))), "JPY")
    debts = [Debt(one.number, one.due_date, one.unpaid) for one in invoices]
    ruled = allocate(payment, debts, paid_on=TODAY, date_of_loss=TODAY if lost else None)
    assert book(payment, invoices, pro_rata=lost) == dict(ruled)


@pytest.mark.parametrize(("days", "late"), [(0, False), (1, True)])
def test_an_amendment_after_the_last_day_is_refused_with_the_day(desk, declare, overdues, days, late):
    overdue = declare([invoice("R-1", 90, "100.00")])
    desk.engine.advance(days=days)
    later = TODAY + timedelta(days=60)
    extend = Change(OverdueAction.EXTEND, new_due_date=later, reference="A-1")
    plan = Change(OverdueAction.RESCHEDULE, instalments=(Instalment(later, Money("100", "EUR")),), reference="A-2")
    before = overdues.get(overdue.id)
    for change in (extend, plan):
        if not late:
            assert overdues.act("DEMO-001", overdue.id, change).is_new
            continue
        with pytest.raises(Problem) as caught:
            overdues.act("DEMO-001", overdue.id, change)
        assert (caught.value.status, caught.value.code) == (409, "too_late")
        assert str(TODAY) in caught.value.detail
        assert overdues.get(overdue.id) == before
    assert overdues.act("DEMO-001", overdue.id, pay("100.00")).overdue.state is OverdueState.SETTLED


def test_an_invoice_is_declared_once_at_a_time(declare, overdues):
    overdue = declare()
    other = [invoice("R-9", 70, "1.00"), THREE[0]]
    assert refusal(declare, other, "O-2") == (409, "invoices.1.number")
    assert len(overdues.list().items) == 1
    settle = Change(OverdueAction.SETTLE, invoice="R-3", settled_on=TODAY)
    overdues.act("DEMO-001", overdue.id, settle)
    assert declare(other, "O-2").declared.invoices[1].number == "R-3"
    assert declare(reference="O-3", buyer_id=buyer.HALF).state is OverdueState.DECLARED


def test_withdrawing_a_part(declare, overdues):
    overdue = declare()
    withdraw = Change(OverdueAction.WITHDRAW, invoice="R-2")
    part = overdues.act("DEMO-001", overdue.id, withdraw).overdue
    assert (part.state, part.total) == (OverdueState.DECLARED, Money("350.00", "EUR"))
    assert refusal(overdues.act, "DEMO-001", overdue.id, withdraw) == (409, "withdrawn")
    rest = overdues.act("DEMO-001", overdue.id, pay("350.00")).overdue
    assert (rest.state, rest.code) == (OverdueState.SETTLED, "PAID")


# ---------------------------------------------------------------- documents


def test_documents_are_asked_for_and_received(desk, declare, overdues):
    overdue = declare()
    kinds = [DocumentKind.INVOICE, DocumentKind.DELIVERY_PROOF, DocumentKind.INVOICE]
    asked = overdues.ask_documents(overdue.id, kinds)
    assert (asked.state, len(asked.documents)) == (OverdueState.DOCUMENTS_REQUESTED, 2)
    assert {one.due_on for one in asked.documents} == {TODAY + timedelta(days=30)}
    assert desk.happened()[-1] == "overdue.documents_requested"
    assert overdues.list(state=OverdueState.DOCUMENTS_REQUESTED).items == (asked,)

    def send(*sent, reference=None):
        documents = tuple(DocumentSent(kind, f"{kind.value}.pdf") for kind in sent)
        change = Change(OverdueAction.DOCUMENTS, documents=documents, reference=reference)
        return overdues.act("DEMO-001", overdue.id, change).overdue

    assert refusal(send, DocumentKind.ORDER) == (422, "documents.0.kind")
    part = send(DocumentKind.INVOICE)
    assert part.state is OverdueState.DOCUMENTS_REQUESTED
    assert "still missing: delivery proof" in part.answer
    extend = Change(OverdueAction.EXTEND, new_due_date=TODAY + timedelta(days=30))
    assert overdues.act("DEMO-001", overdue.id, extend).overdue.state is OverdueState.DOCUMENTS_REQUESTED
    done = send(DocumentKind.DELIVERY_PROOF, DocumentKind.INVOICE)
    assert (done.state, [one.received_on for one in done.documents]) == (OverdueState.EXTENDED, [TODAY, TODAY])
    assert overdues.ask_documents(overdue.id, [DocumentKind.INVOICE]).state is OverdueState.DOCUMENTS_REQUESTED


def test_no_documents_for_what_is_closed_nor_none_at_all(declare, overdues):
    overdue = declare()
    assert refusal(overdues.ask_documents, overdue.id, []) == (422, "kinds")
    assert refusal(overdues.ask_documents, overdue.id, [DocumentKind.ORDER], 366) == (422, "days")
    overdues.act("DEMO-001", overdue.id, pay("500.00"))
    assert refusal(overdues.ask_documents, overdue.id, [DocumentKind.ORDER]) == (409, "already_settled")


# ---------------------------------------------------------------- adverse information


@pytest.fixture
def report(desk, overdues):
    def call(kind=AdverseKind.BOUNCED_PAYMENT, ago=0, reference="ADV-1", **more):
        given = Reported(
            more.pop("buyer_id", buyer.FULL), kind, TODAY - timedelta(days=ago), reference=reference, **more
        )
        return desk.engine.adverse.report("DEMO-001", given)

    return call


def test_a_bounced_payment_stops_cover_until_the_insurer_reinstates_it(desk, report):
    adverse, is_new = report()
    assert is_new
    assert (adverse.cover.state, adverse.in_time) == (CoverState.STOPPED, True)
    (row,) = desk.rows(buyer.FULL)
    assert row.stop == Stop(TODAY, None, StopReason.ADVERSE, None)
    desk.engine.advance(days=3)
    desk.engine.adverse.reinstate(buyer.FULL)
    (row,) = desk.rows(buyer.FULL)
    assert row.stop.until == TODAY + timedelta(days=3)
    assert desk.happened()[-2:] == ["cover.stopped", "cover.reinstated"]
    desk.engine.adverse.reinstate(buyer.FULL)
    assert desk.happened().count("cover.reinstated") == 1


def test_a_payment_does_not_lift_what_adverse_information_stopped(desk, declare, report, overdues):
    overdue = declare([invoice("R-1", 70, "100.00")])
    report()
    overdues.act("DEMO-001", overdue.id, pay("100.00"))
    (row,) = desk.rows(buyer.FULL)
    assert row.stop == Stop(TODAY, None, StopReason.ADVERSE, None)


def test_an_insolvency_withdraws_the_limits(desk, report):
    assert "cancelled" in report(AdverseKind.INSOLVENCY).adverse.answer
    assert [row.is_live for row in desk.rows(buyer.FULL)] == [False]


def test_the_same_report_is_one_and_another_needs_its_own_reference(desk, report):
    first = report().adverse
    assert report() == (first, False)
    assert refusal(report, AdverseKind.LEGAL_ACTION) == (409, "reference_reused")
    assert desk.happened().count("cover.stopped") == 1
    assert desk.engine.adverse.list(reference="ADV-1").items == (first,)
    assert desk.engine.adverse.count(buyer_id=buyer.FULL) == 1
    assert refusal(desk.engine.adverse.get, "adv-9") == (404, "not_found")


@pytest.mark.parametrize(("ago", "in_time"), [(10, True), (11, False)])
def test_what_is_told_late_is_called_late(report, ago, in_time):
    adverse = report(ago=ago).adverse
    assert adverse.in_time is in_time
    assert ("more than 10 days" in adverse.answer) is not in_time


def test_senseless_reports_are_refused(desk, report):
    assert refusal(report, AdverseKind.OTHER, -1) == (422, "happened_on")
    assert refusal(lambda: report(outstanding=Money("-1", "EUR"))) == (422, "outstanding.amount")
    assert refusal(lambda: report(buyer_id="nobody")) == (404, "buyer_not_found")
    assert desk.engine.adverse.count() == 0
    assert "no limit is in force" in report(buyer_id=buyer.HALF).adverse.answer
    assert report(AdverseKind.OTHER, reference="ADV-2").adverse.cover.state is CoverState.CONFIRMED
