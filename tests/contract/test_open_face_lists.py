"""The open face: listings come page by page, newest or oldest first, and a cursor belongs to its listing."""

import pytest
from open_caller import FULL, HALF, REFUSED


def test_applications_are_listed_newest_first_by_filter(call):
    for number in range(7):
        call.apply(FULL if number % 2 else REFUSED, reference=f"R-{number}")
    assert [item["reference"] for item in call.everything("applications", 3)] == [
        f"R-{number}" for number in range(6, -1, -1)
    ]
    assert [item["reference"] for item in call("GET", f"applications?buyer_id={FULL}")["items"]] == [
        "R-5",
        "R-3",
        "R-1",
    ]
    assert [item["reference"] for item in call("GET", "applications?reference=R-2")["items"]] == ["R-2"]
    assert len(call("GET", "applications?state=refused")["items"]) == 4
    assert call("GET", "applications?reference=none")["items"] == []
    assert [item["reference"] for item in call.everything("decisions", 2)] == [
        f"R-{number}" for number in range(6, -1, -1)
    ]
    assert len(call("GET", f"decisions?buyer_id={FULL}")["items"]) == 3


@pytest.mark.parametrize(
    "query", ["page_size=0", "page_size=501", "page_size=x", "state=odd", "cursor=", "cursor=x", "cursor=1-00000000"]
)
def test_a_wrong_query_is_named(call, query):
    assert call.fails("GET", f"applications?{query}", 422, "invalid_request") == [query.split("=")[0]]


def test_a_cursor_belongs_to_its_listing_and_filters(call):
    for number in range(3):
        call.apply(FULL, reference=f"R-{number}")
    cursor = call("GET", f"applications?page_size=1&buyer_id={FULL}")["next_cursor"]
    assert call("GET", f"applications?page_size=1&buyer_id={FULL}&cursor={cursor}")["items"][0]["reference"] == "R-1"
    for path in ("applications", "limits", "events", f"applications?buyer_id={HALF}", f"decisions?buyer_id={FULL}"):
        joint = "&" if "?" in path else "?"
        assert call.fails("GET", f"{path}{joint}cursor={cursor}", 422, "invalid_request") == ["cursor"]


def test_limits_are_listed_page_by_page(call):
    for number in range(5):
        call.apply(FULL, reference=f"R-{number}")
    assert [row["id"] for row in call.everything("limits", 2)] == [f"lim-00000{number}" for number in range(1, 6)]
