"""Overdues: one for each reference, each one answered, then extended, rescheduled or settled."""

from dataclasses import replace
from datetime import date

import pytest

from tradecredit_sdk.models.adverse import AdverseKind
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.overdue import OverdueAction, OverdueReason, OverdueState, StepKind
from tradecredit_sdk.sandbox import underwriting as buyer
from tradecredit_sdk.sandbox.problem import Problem
from tradecredit_sdk.sandbox.records import Change, Declared, Instalment, Invoice, Reported, Step

DUE = date(2026, 2, 28)
INVOICES = (Invoice("R-1", DUE, Money("1000.00", "EUR")), Invoice("R-2", DUE, Money("250.50", "EUR")))
EXTEND = Change(OverdueAction.EXTEND, new_due_date=date(2026, 4, 30), reference="A-1")
SETTLE = Change(OverdueAction.SETTLE, settled_on=date(2026, 3, 31), reference="S-1")
PLAN = (Instalment(date(2026, 4, 30), Money("500", "EUR")), Instalment(date(2026, 5, 31), Money("750.50", "EUR")))
RESCHEDULE = Change(OverdueAction.RESCHEDULE, instalments=PLAN, reference="P-1")


def refusal(call, *args):
    with pytest.raises(Problem) as caught:
        call(*args)
    return caught.value.status, caught.value.fields[0][0] if caught.value.fields else caught.value.code


@pytest.fixture
def overdues(engine):
    return engine.overdues


@pytest.fixture
def declare(overdues):
    def call(buyer_id=buyer.FULL, invoices=INVOICES, reference="O-1", **more):
        return overdues.declare("DEMO-001", Declared(buyer_id, tuple(invoices), reference=reference, **more)).overdue

    return call


def test_declared_answered_and_told(desk, declare):
    desk.ask(buyer.FULL)
    overdue = declare()
    assert (overdue.state, overdue.code, overdue.total) == (OverdueState.DECLARED, "OVD", Money("1250.50", "EUR"))
    assert overdue.answer == "Limit confirmed; no further deliveries until paid."
    assert desk.happened()[2:] == ["overdue.declared"]
    assert desk.engine.overdues.get(overdue.id) == overdue


def test_the_same_reference_is_the_same_overdue_other_content_is_refused(desk, declare, overdues):
    first = declare()
    assert declare() == first
    for change in (
        {"invoices": INVOICES[:1]},
        {"comment": "x"},
        {"reason": OverdueReason.DISPUTE},
        {"buyer_id": buyer.HALF},
    ):
        assert refusal(lambda given: declare(**given), change) == (409, "reference_reused")
    assert len(overdues.list().items) == 1
    assert desk.happened() == ["overdue.declared"]


def test_the_same_reference_answers_with_the_present_state(declare, overdues):
    overdue = declare()
    overdues.act("DEMO-001", overdue.id, SETTLE)
    assert declare().state is OverdueState.SETTLED


@pytest.mark.parametrize(
    ("grade", "reason", "word", "withdrawn"),
    [("4", OverdueReason.PROTRACTED_DEFAULT, "Limit confirmed", False), ("8", OverdueReason.PROTRACTED_DEFAULT, "Limit cancelled", True),
     ("4", OverdueReason.INSOLVENCY, "Limit cancelled", True), ("4", OverdueReason.DISPUTE, "rests until the dispute", False)],
)  # fmt: skip
def test_what_becomes_of_cover(desk, declare, grade, reason, word, withdrawn):
    desk.ask(buyer.FULL)
    desk.engine.advance(days=1)
    desk.engine.buyers.set_grade(buyer.FULL, grade)
    assert word in declare(reason=reason).answer
    assert [row.is_live for row in desk.rows(buyer.FULL)] == [not withdrawn]
    assert ("limit.withdrawn" in desk.happened()) == withdrawn


def test_without_a_limit_it_is_noted(declare):
    assert "no limit is in force" in declare().answer


def test_too_late_is_said(declare):
    # D + 60 + 30 days: declared on 31 March, an invoice due on 31 December is the first that is in time.
    assert "deadline" not in declare(invoices=[Invoice("R-1", date(2025, 12, 31), Money("1", "EUR"))]).answer
    late = declare(invoices=[Invoice("R-2", date(2025, 12, 30), Money("1", "EUR"))], reference="O-2").answer
    assert "deadline of 2026-03-30" in late


def test_while_it_is_unpaid_nothing_more_is_granted(desk, declare, overdues):
    desk.ask("000004711", "1000.00")
    overdue = declare("000004711")
    asked = desk.ask("000004711", "2000.00")
    assert asked.is_pending
    desk.engine.advance(seconds=3)
    assert desk.engine.applications.get(asked.id).decision.code == "KEPT"
    overdues.act("DEMO-001", overdue.id, SETTLE)
    assert desk.ask("000004711", "3000.00").decision.code == "FULL"


@pytest.mark.parametrize(
    ("invoices", "field"),
    [
        ((), "invoices"),
        ((replace(INVOICES[0], amount=Money("0", "EUR")),), "invoices.0.amount.amount"),
        ((INVOICES[0], replace(INVOICES[1], amount=Money("1", "USD"))), "invoices.1.amount.currency"),
        ((INVOICES[0], INVOICES[0]), "invoices.1.number"),
        (tuple(Invoice(f"R-{number}", DUE, Money("999999999999999", "EUR")) for number in range(2)), "invoices"),
        ((replace(INVOICES[0], due_date=date.max),), "invoices.0.due_date"),
        ((replace(INVOICES[0], due_date=date.min),), "invoices.0.due_date"),
    ],
)
def test_a_senseless_declaration_is_refused(declare, overdues, invoices, field):
    assert refusal(lambda given: declare(invoices=given), invoices) == (422, field)
    assert overdues.list().items == ()


# ---------------------------------------------------------------- changes


def test_extend_one_or_all(declare, overdues):
    overdue = declare()
    one = overdues.act("DEMO-001", overdue.id, replace(EXTEND, invoice="R-2")).overdue
    assert [invoice.extended_to for invoice in one.declared.invoices] == [None, date(2026, 4, 30)]
    assert (one.state, one.code, one.total) == (OverdueState.EXTENDED, "EXP", overdue.total)
    both = overdues.act("DEMO-001", overdue.id, replace(EXTEND, reference="A-2")).overdue
    assert [invoice.extended_to for invoice in both.declared.invoices] == [date(2026, 4, 30)] * 2
    assert [invoice.due_date for invoice in both.declared.invoices] == [DUE, DUE]


def test_reschedule(declare, overdues):
    changed = overdues.act("DEMO-001", declare().id, RESCHEDULE).overdue
    assert (changed.state, changed.instalments) == (OverdueState.RESCHEDULED, PLAN)
    assert overdues.get(changed.id) == changed


def test_settle_one_then_the_rest(desk, declare, overdues):
    overdue = declare()
    part = overdues.act("DEMO-001", overdue.id, replace(SETTLE, invoice="R-1")).overdue
    assert (part.state, part.total) == (OverdueState.DECLARED, Money("250.50", "EUR"))
    assert "Partly settled" in part.answer
    again = replace(SETTLE, invoice="R-1", reference="S-2")
    assert refusal(overdues.act, "DEMO-001", overdue.id, again) == (409, "already_settled")
    rest = overdues.act("DEMO-001", overdue.id, replace(SETTLE, reference="S-3", settled_on=date(2026, 3, 30))).overdue
    assert (rest.state, rest.total) == (OverdueState.SETTLED, Money("0.00", "EUR"))
    assert [invoice.settled_on for invoice in rest.declared.invoices] == [date(2026, 3, 31), date(2026, 3, 30)]
    assert desk.happened() == ["overdue.declared", "overdue.changed", "overdue.changed"]
    assert refusal(overdues.act, "DEMO-001", overdue.id, EXTEND) == (409, "already_settled")


def test_an_action_is_done_once_for_each_reference(desk, declare, overdues):
    overdue = declare()
    first, is_new = overdues.act("DEMO-001", overdue.id, SETTLE)
    again, is_new_again = overdues.act("DEMO-001", overdue.id, SETTLE)
    assert (is_new, is_new_again, again) == (True, False, first)
    other = declare(reference="O-2")
    assert refusal(overdues.act, "DEMO-001", other.id, SETTLE) == (409, "reference_reused")
    assert refusal(overdues.act, "DEMO-001", overdue.id, replace(SETTLE, comment="x")) == (409, "reference_reused")
    assert desk.happened().count("overdue.changed") == 1


def test_references_of_declarations_and_actions_are_apart(declare, overdues):
    overdue = declare(reference="SAME")
    assert overdues.act("DEMO-001", overdue.id, replace(SETTLE, reference="SAME")).is_new


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (replace(EXTEND, invoice="R-9"), "invoice"),
        (replace(EXTEND, new_due_date=None), "new_due_date"),
        (replace(EXTEND, new_due_date=date(2026, 3, 31)), "new_due_date"),
        (replace(EXTEND, new_due_date=DUE), "new_due_date"),
        (replace(RESCHEDULE, instalments=()), "instalments"),
        (replace(RESCHEDULE, instalments=(Instalment(DUE, Money("1", "USD")),)), "instalments.0.amount.currency"),
        (replace(RESCHEDULE, instalments=(Instalment(DUE, Money("0", "EUR")),)), "instalments.0.amount.amount"),
        (replace(SETTLE, settled_on=None), "settled_on"),
        (replace(SETTLE, settled_on=date(2026, 4, 1)), "settled_on"),
        (replace(SETTLE, new_due_date=date(2026, 4, 30)), "new_due_date"),
        (replace(SETTLE, instalments=PLAN), "instalments"),
        (replace(EXTEND, settled_on=DUE), "settled_on"),
    ],
)
def test_a_senseless_change_is_refused_and_its_reference_stays_free(declare, overdues, change, field):
    overdue = declare()
    assert refusal(overdues.act, "DEMO-001", overdue.id, change) == (422, field)
    assert overdues.get(overdue.id) == overdue
    assert overdues.act("DEMO-001", overdue.id, replace(SETTLE, reference=change.reference)).is_new


def test_another_policy_sees_none_of_it(declare, overdues):
    overdue = declare()
    with pytest.raises(Problem):
        overdues.get(overdue.id, policy_id="DEMO-002")
    assert refusal(overdues.act, "DEMO-002", overdue.id, SETTLE) == (404, "not_found")
    assert overdues.list(policy_id="DEMO-002").items == ()


def test_listed_newest_first_and_filtered(declare, overdues):
    first, second = declare(), declare(buyer.HALF, reference="O-2")
    overdues.act("DEMO-001", first.id, SETTLE)
    assert [item.id for item in overdues.list(policy_id="DEMO-001").items] == [second.id, first.id]
    assert [item.id for item in overdues.list(state=OverdueState.SETTLED).items] == [first.id]
    assert [item.id for item in overdues.list(buyer_id=buyer.HALF).items] == [second.id]
    assert [item.id for item in overdues.list(reference="O-2").items] == [second.id]
    assert overdues.count(state=OverdueState.SETTLED) == 1


@pytest.mark.parametrize(("hours", "has_begun"), [(0, False), (2, True)])
def test_a_day_that_has_begun_east_of_here_has_come(engine, declare, overdues, hours, has_begun):
    """At 10:00 UTC the next day begins on Kiritimati: what a seller there was paid today, it was paid."""
    overdue = declare()
    engine.clock.move(3600 * hours)
    tomorrow = date(2026, 4, 1)
    asked = [
        lambda: declare(buyer.HALF, reference="O-2", steps_taken=(Step(tomorrow, StepKind.REMINDER),)),
        lambda: engine.adverse.report("DEMO-001", Reported(buyer.FULL, AdverseKind.INSOLVENCY, tomorrow)),
        lambda: overdues.act("DEMO-001", overdue.id, replace(SETTLE, settled_on=tomorrow)),
    ]
    for ask in asked:
        if has_begun:
            ask()
        else:
            assert refusal(ask)[0] == 422
