"""The open face: events are polled for ever with one cursor, and webhooks keep their secrets."""

from open_caller import FULL, MOMENT, declaration


def test_events_are_polled_with_a_cursor_that_never_ends(call):
    empty = call("GET", "events")
    assert empty["items"] == []
    assert call("GET", f"events?cursor={empty['next_cursor']}") == empty
    call.apply()
    first = call("GET", f"events?cursor={empty['next_cursor']}&page_size=1")
    second = call("GET", f"events?cursor={first['next_cursor']}")
    assert [event["type"] for event in first["items"] + second["items"]] == ["application.decided", "limit.granted"]
    assert first["items"][0]["id"] == "evt-000001"
    assert MOMENT.fullmatch(first["items"][0]["occurred_at"])
    assert first["items"][0] | {"occurred_at": ""} == {
        "id": "evt-000001", "type": "application.decided", "occurred_at": "", "policy_id": "DEMO-001", "buyer_id": FULL,
        "application_id": "app-000001", "limit_id": "lim-000001", "overdue_id": None,
    }  # fmt: skip
    assert call("GET", f"events?cursor={second['next_cursor']}") == {"items": [], "next_cursor": second["next_cursor"]}
    call("POST", "overdues", 201, declaration())
    (told,) = call("GET", f"events?cursor={second['next_cursor']}")["items"]
    assert (told["type"], told["overdue_id"]) == ("overdue.declared", "ovd-000001")


def test_webhooks_are_registered_listed_without_secrets_and_removed(call):
    made = call("POST", "webhooks", 201, {"url": "https://erp.example/hooks"})
    assert made.keys() == {"id", "url", "secret"}
    assert made["secret"].startswith("whsec_")
    own = "whsec_" + "A" * 32
    assert call("POST", "webhooks", 201, {"url": "http://127.0.0.1:9/x", "secret": own})["secret"] == own
    listed = call("GET", "webhooks")
    assert listed["items"][0] == {"id": made["id"], "url": made["url"]}
    assert len(listed["items"]) == 2
    for _ in range(2):
        assert call("DELETE", f"webhooks/{made['id']}", 204) is None
    assert len(call("GET", "webhooks")["items"]) == 1
    for body, field in (
        ({"url": "http://erp.example/"}, "url"),
        ({}, "url"),
        ({"url": "https://a.example/", "secret": "x"}, "secret"),
    ):
        assert call.fails("POST", "webhooks", 422, "invalid_request", body) == [field]
