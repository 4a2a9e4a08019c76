"""The open contract, exchange by exchange, as docs/reference/open-contract.md has it: overdues, events, webhooks."""

from __future__ import annotations

from datetime import date

import pytest
from open_samples import EUR, EVENT, OVERDUE, POLICY, SINCE, declaration

from tradecredit_sdk.errors import ReferenceConflictError
from tradecredit_sdk.models.adverse import AdverseReport
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.overdue import OverdueChange, OverdueDeclaration, OverdueState


def test_overdues(open_insurer, open_wire):
    base = "/policies/DEMO-001/overdues"
    sent = {
        "reference": "OVD-7",
        "buyer_id": "000004711",
        "reason": "protracted_default",
        "invoices": [
            {"number": "R-1001", "due_date": "2026-01-31", "amount": {"amount": "1250.00", "currency": "EUR"}}
        ],
    }
    open_wire.expect("POST", base, OVERDUE, status=201, sent=sent)
    open_wire.expect("GET", f"{base}/ovd-000001", OVERDUE)
    open_wire.expect("GET", base, {"items": [OVERDUE], "next_cursor": None})
    for items in ([OVERDUE], [], [{**OVERDUE, "buyer_id": "000004712"}]):
        open_wire.expect("GET", base, {"items": items, "next_cursor": None}, query={"reference": "OVD-7"})
    overdue = open_insurer.declare_overdue(declaration())
    assert (overdue.total, overdue.raw, overdue.state) == (Money("1250", "EUR"), OVERDUE, OverdueState.DECLARED)
    assert open_insurer.get_overdue("ovd-000001").invoices[0].due_date == date(2026, 1, 31)
    assert open_insurer.list_overdues().items[0].answer == "Limit confirmed."
    assert open_insurer.find_overdue(declaration(), SINCE).id == "ovd-000001"
    assert open_insurer.find_overdue(declaration(), SINCE) is None
    with pytest.raises(ReferenceConflictError):
        open_insurer.find_overdue(declaration(), SINCE)


@pytest.mark.parametrize(
    ("change", "sent", "state"),
    [
        (
            {"action": "extend", "invoice": "R-1001", "new_due_date": "2026-05-31"},
            {"action": "extend", "invoice": "R-1001", "new_due_date": "2026-05-31", "instalments": []},
            "extended",
        ),
        (
            {"action": "reschedule", "instalments": [{"due_date": "2026-06-30", "amount": EUR}]},
            {"action": "reschedule", "instalments": [{"due_date": "2026-06-30", "amount": EUR}]},
            "rescheduled",
        ),
        (
            {"action": "settle", "settled_on": "2026-04-02"},
            {"action": "settle", "settled_on": "2026-04-02", "instalments": []},
            "settled",
        ),
        (
            {"action": "pay", "amount": EUR, "paid_on": "2026-04-02"},
            {"action": "pay", "amount": EUR, "paid_on": "2026-04-02", "instalments": []},
            "declared",
        ),
        ({"action": "withdraw"}, {"action": "withdraw", "instalments": []}, "withdrawn"),
        (
            {"action": "documents", "documents": [{"kind": "invoice", "name": "R-1001.pdf"}]},
            {"action": "documents", "documents": [{"kind": "invoice", "name": "R-1001.pdf"}], "instalments": []},
            "documents_requested",
        ),
    ],
)
def test_overdue_actions(open_insurer, open_wire, change, sent, state):
    path = "/policies/DEMO-001/overdues/ovd-000001/actions"
    open_wire.expect("POST", path, {**OVERDUE, "state": state}, sent={"reference": "ACT-1", **sent})
    asked = OverdueChange.model_validate({"overdue_id": "ovd-000001", "reference": "ACT-1", **change})
    assert open_insurer.change_overdue(asked).state == state


def test_a_declaration_in_full_is_sent_as_it_is(open_insurer, open_wire):
    invoice = {"number": "R-1001", "due_date": "2026-01-31", "amount": EUR}
    more = {"invoice_date": "2026-01-01", "agreed_due_date": "2026-03-01", "disputed": EUR}
    said = {
        "reason": "other", "comment": "c", "outstanding": EUR, "invoices": [{**invoice, **more}],
        "steps_taken": [{"day": "2026-02-10", "step": "reminder", "comment": "twice"}],
        "collection": {"by": "seller", "until": "2026-04-30"},
    }  # fmt: skip
    cover = {"state": "stopped", "stopped_from": "2026-04-02", "reinstated_from": None}
    answer = {**OVERDUE, **said, "cover": cover, "revision": 3, "in_time": True, "acknowledged_at": None,
              "documents": [{"kind": "a_new_kind", "asked_on": "2026-04-02", "due_on": "2026-05-02", "received_on": None}]}  # fmt: skip
    body = {"reference": "OVD-7", "buyer_id": "000004711", **said}
    open_wire.expect("POST", "/policies/DEMO-001/overdues", answer, status=201, sent=body)
    overdue = open_insurer.declare_overdue(OverdueDeclaration.model_validate(body))
    assert (overdue.cover.state, overdue.cover.is_retroactive, overdue.revision) == ("stopped", False, 3)
    assert [item.kind for item in overdue.missing_documents] == ["a_new_kind"]
    assert overdue.steps_taken[0].step == "reminder"


ADVERSE = {"id": "adv-000001", "reference": "ADV-1", "policy_id": "DEMO-001", "buyer_id": "000004711", "kind": "insolvency",
           "happened_on": "2026-03-30", "answer": "Limit cancelled.", "in_time": True}  # fmt: skip


def test_adverse_information_is_reported_and_found_again(open_insurer, open_wire):
    base = "/policies/DEMO-001/adverse-reports"
    body = {"reference": "ADV-1", "buyer_id": "000004711", "kind": "insolvency", "happened_on": "2026-03-30"}
    report = AdverseReport.model_validate(body)
    open_wire.expect("POST", base, ADVERSE, status=201, sent=body)
    for items in ([ADVERSE], [], [{**ADVERSE, "kind": "other"}]):
        open_wire.expect("GET", base, {"items": items, "next_cursor": None}, query={"reference": "ADV-1"})
    assert open_insurer.report_adverse(report).answer == "Limit cancelled."
    assert open_insurer.find_adverse(report, SINCE).id == "adv-000001"
    assert open_insurer.find_adverse(report, SINCE) is None
    with pytest.raises(ReferenceConflictError):
        open_insurer.find_adverse(report, SINCE)


def test_policy_and_events(open_insurer, open_wire):
    open_wire.expect("GET", "/policies/DEMO-001", POLICY)
    events = {"items": [EVENT, {**EVENT, "id": "evt-2", "type": "limit.frozen"}], "next_cursor": "e2"}
    open_wire.expect("GET", "/policies/DEMO-001/events", events, query={"cursor": "e0", "page_size": "2"})
    open_wire.expect("GET", "/policies/DEMO-001", POLICY)
    assert open_insurer.get_policy().discretionary_limit == Money("10000", "EUR")
    page = open_insurer.poll_events(cursor="e0", page_size=2)
    assert [event.type for event in page.items] == ["limit.reduced", "limit.frozen"]
    assert page.next_cursor == "e2"
    open_insurer.probe()


def test_webhooks_show_their_secret_once(open_insurer, open_wire):
    base = "/policies/DEMO-001/webhooks"
    made = {"id": "whk-000001", "url": "https://erp.example/hook", "secret": "whsec_abc"}
    open_wire.expect("POST", base, made, status=201, sent={"url": "https://erp.example/hook", "secret": None})
    open_wire.expect("GET", base, {"items": [{"id": "whk-000001", "url": made["url"]}], "next_cursor": None})
    open_wire.expect("DELETE", f"{base}/whk-000001", status=204)
    webhook = open_insurer.register_webhook("https://erp.example/hook")
    assert webhook.secret.get_secret_value() == "whsec_abc"
    assert "whsec_abc" not in repr(webhook) + webhook.model_dump_json()
    assert open_insurer.list_webhooks()[0].secret is None
    open_insurer.delete_webhook("whk-000001")
