"""The open contract, exchange by exchange, as docs/reference/open-contract.md has it: overdues, events, webhooks."""

from __future__ import annotations

from datetime import date

import pytest
from open_samples import EUR, EVENT, OVERDUE, POLICY, SINCE, declaration

from tradecredit_sdk.errors import ReferenceConflictError
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.overdue import OverdueChange, OverdueState


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
    ],
)
def test_overdue_actions(open_insurer, open_wire, change, sent, state):
    path = "/policies/DEMO-001/overdues/ovd-000001/actions"
    open_wire.expect("POST", path, {**OVERDUE, "state": state}, sent={"reference": "ACT-1", **sent})
    asked = OverdueChange.model_validate({"overdue_id": "ovd-000001", "reference": "ACT-1", **change})
    assert open_insurer.change_overdue(asked).state == state


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
