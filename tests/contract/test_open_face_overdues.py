"""The open face: overdues are declared, extended, rescheduled and settled, once for each reference."""

from datetime import date, timedelta

import pytest
from open_caller import FULL, INVOICE, MOMENT, declaration

MORE = {"amount": "1250.01", "currency": "EUR"}
DOLLARS = {"amount": "1.00", "currency": "USD"}


def stop_day():
    """The first day that is not insured: after the sixty days of the maximum extension period."""
    return (date.fromisoformat(INVOICE["due_date"]) + timedelta(days=61)).isoformat()


def test_an_overdue_in_full(call):
    call.apply()
    overdue = call("POST", "overdues", 201, declaration(comment="phoned twice"))
    assert MOMENT.fullmatch(overdue["declared_at"])
    assert overdue.pop("declared_at") == overdue.pop("acknowledged_at")
    answer = overdue.pop("answer")
    assert answer.startswith("Limit confirmed")
    assert overdue == {
        "id": "ovd-000001", "reference": "OVD-7", "policy_id": "DEMO-001", "buyer_id": FULL, "state": "declared",
        "reason": "protracted_default", "comment": "phoned twice", "total": {"amount": "1250.00", "currency": "EUR"},
        "outstanding": None, "instalments": [], "insurer_code": "OVD", "steps_taken": [], "collection": None, "payments": [],
        "documents": [], "in_time": True, "revision": 1,
        "cover": {"state": "confirmed", "stopped_from": stop_day(), "reinstated_from": None},
        "invoices": [{**INVOICE, "paid": {"amount": "0.00", "currency": "EUR"},
                      **dict.fromkeys(("invoice_date", "agreed_due_date", "disputed", "extended_to", "settled_on", "withdrawn_on"))}],
    }  # fmt: skip
    again = call("POST", "overdues", 200, declaration(comment="phoned twice"))
    assert call("GET", "overdues/ovd-000001") == again
    call.fails("POST", "overdues", 409, "reference_reused", declaration())
    assert call("GET", "overdues?reference=OVD-7&state=declared")["items"] == [again]
    assert call("GET", "overdues?state=settled")["items"] == []
    call.fails("GET", "overdues/ovd-999999", 404, "not_found")


def test_extend_reschedule_settle(sandbox, call):
    overdue = call("POST", "overdues", 201, declaration())
    path = f"overdues/{overdue['id']}/actions"
    later = (sandbox.engine.now() + timedelta(days=30)).date().isoformat()
    extend = {"reference": "ACT-1", "action": "extend", "invoice": "R-1001", "new_due_date": later, "instalments": [],
              "settled_on": None, "comment": None}  # fmt: skip
    extended = call("POST", path, 201, extend)
    assert (extended["state"], extended["invoices"][0]["extended_to"]) == ("extended", later)
    assert call("POST", path, 200, extend) == extended
    call.fails("POST", path, 409, "reference_reused", {**extend, "comment": "x"})
    plan = [{"due_date": later, "amount": INVOICE["amount"]}]
    assert (
        call("POST", path, 201, {"reference": "ACT-2", "action": "reschedule", "instalments": plan})["instalments"]
        == plan
    )
    settled = call("POST", path, 201, {"reference": "ACT-3", "action": "settle", "settled_on": "2026-04-01"})
    assert (settled["state"], settled["total"]["amount"]) == ("settled", "0.00")
    call.fails(
        "POST", path, 409, "already_settled", {"reference": "ACT-4", "action": "settle", "settled_on": "2026-04-01"}
    )
    call.fails("POST", "overdues/ovd-9/actions", 404, "not_found", extend)


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"invoices": []}, ["invoices"]),
        ({"invoices": [INVOICE, INVOICE]}, ["invoices.1.number"]),
        ({"invoices": [{**INVOICE, "amount": {"amount": "0.00", "currency": "EUR"}}]}, ["invoices.0.amount.amount"]),
        ({"invoices": [{**INVOICE, "amount": {"amount": "1", "currency": "EUR"}}]}, ["invoices.0.amount.amount"]),
        ({"invoices": [INVOICE, {**INVOICE, "number": "2", "amount": {"amount": "1.00", "currency": "USD"}}]}, ["invoices.1.amount.currency"]),
        ({"invoices": [{**INVOICE, "due_date": "9999-12-31"}]}, ["invoices.0.due_date"]),
        ({"invoices": [{**INVOICE, "due_date": "31/01/2026"}]}, ["invoices.0.due_date"]),
        ({"reason": "late"}, ["reason"]),
        ({"reference": None}, ["reference"]),
        ({"total": "1"}, ["total"]),
        ({"invoices": [{**INVOICE, "invoice_date": "2199-01-01"}]}, ["invoices.0.due_date"]),
        ({"invoices": [{**INVOICE, "agreed_due_date": INVOICE["due_date"]}]}, ["invoices.0.agreed_due_date"]),
        ({"invoices": [{**INVOICE, "disputed": MORE}]}, ["invoices.0.disputed.amount"]),
        ({"invoices": [{**INVOICE, "disputed": DOLLARS}]}, ["invoices.0.disputed.currency"]),
        ({"outstanding": {"amount": "1249.99", "currency": "EUR"}}, ["outstanding.amount"]),
        ({"outstanding": DOLLARS}, ["outstanding.currency"]),
        ({"steps_taken": [{"day": "2199-01-01", "step": "reminder"}]}, ["steps_taken.0.day"]),
        ({"steps_taken": [{"day": "2026-01-01", "step": "threat"}]}, ["steps_taken.0.step"]),
        ({"collection": {"by": "insurer", "until": "2199-01-01"}}, ["collection"]),
    ],
)  # fmt: skip
def test_a_wrong_declaration_names_its_field(call, change, fields):
    assert call.fails("POST", "overdues", 422, "invalid_request", declaration(**change)) == fields


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"action": "extend"}, ["new_due_date"]),
        ({"action": "extend", "new_due_date": "2026-01-31"}, ["new_due_date"]),
        ({"action": "reschedule"}, ["instalments"]),
        ({"action": "settle"}, ["settled_on"]),
        ({"action": "settle", "settled_on": "2026-04-01", "invoice": "R-9"}, ["invoice"]),
        ({"action": "settle", "settled_on": "2026-04-01", "new_due_date": "2027-01-01"}, ["new_due_date"]),
        ({"action": "forgive"}, ["action"]),
        ({"action": "pay", "paid_on": "2026-04-01"}, ["amount"]),
        ({"action": "pay", "amount": INVOICE["amount"]}, ["paid_on"]),
        ({"action": "pay", "amount": MORE, "paid_on": "2026-04-01"}, ["amount.amount"]),
        ({"action": "pay", "amount": DOLLARS, "paid_on": "2026-04-01"}, ["amount.currency"]),
        ({"action": "pay", "amount": INVOICE["amount"], "paid_on": "2199-04-01"}, ["paid_on"]),
        ({"action": "pay", "amount": INVOICE["amount"], "paid_on": "2026-04-01", "invoice": "R-1001"}, ["invoice"]),
        ({"action": "withdraw", "settled_on": "2026-04-01"}, ["settled_on"]),
        ({"action": "documents"}, ["documents"]),
        ({"action": "documents", "documents": [{"kind": "order", "name": "x.pdf"}]}, ["documents.0.kind"]),
        ({"action": "settle", "settled_on": "2026-04-01", "reference": "x y"}, ["reference"]),
    ],
)
def test_a_wrong_action_names_its_field(call, change, fields):
    overdue = call("POST", "overdues", 201, declaration())
    body = {"reference": "ACT-1", **change}
    assert call.fails("POST", f"overdues/{overdue['id']}/actions", 422, "invalid_request", body) == fields
