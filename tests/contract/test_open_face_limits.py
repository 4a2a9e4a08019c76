"""The open face: a limit in full, what becomes of it, and how it is given up."""

from datetime import datetime, timedelta


def test_a_row_in_full_and_what_becomes_of_it(sandbox, call):
    limit_id = call.apply("900000010")["decision"]["limit_id"]
    row = call("GET", f"limits/{limit_id}")
    first = row["valid_from"]
    assert row == {
        "id": limit_id, "buyer_id": "900000010", "kind": "permanent", "state": "partly_approved",
        "amount": {"amount": "30000.00", "currency": "EUR"}, "valid_from": first, "valid_until": None, "announced_change": None,
        "insured_percentage": None, "max_terms_days": 30,
        "conditions": [{"code": "C10", "text": "Payment terms at most 30 days."}, {"code": "C20", "text": "Retention of title."}],
        "insurer_code": "PART", "application_id": "app-000001", "stop": None,
    }  # fmt: skip
    sandbox.control(
        "POST", f"/limits/{limit_id}/cut", {"amount": {"amount": "0", "currency": "EUR"}, "notice_days": 30}
    )
    announced = call("GET", f"limits?buyer_id={row['buyer_id']}")["items"][0]
    day = (datetime.fromisoformat(first) + timedelta(days=30)).date().isoformat()
    assert announced["state"] == "withdrawal_announced"
    assert announced["announced_change"] == {"effective_on": day, "amount": {"amount": "0.00", "currency": "EUR"}}
    sandbox.advance(days=31)
    ended = call("GET", f"limits/{limit_id}")
    last = (datetime.fromisoformat(first) + timedelta(days=29)).date().isoformat()
    assert (ended["state"], ended["valid_until"], ended["amount"]["amount"]) == ("withdrawn", last, "30000.00")
    call.fails("GET", "limits/lim-999999", 404, "not_found")


def test_a_limit_is_given_up(call):
    limit_id = call.apply()["decision"]["limit_id"]
    first = call("POST", f"limits/{limit_id}/cancel")
    assert first["state"] == "cancelled"
    assert call("POST", f"limits/{limit_id}/cancel") == first
    call.fails("POST", "limits/lim-999999/cancel", 404, "not_found")
