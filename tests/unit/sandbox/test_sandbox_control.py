"""The control API, and the fixture that runs the sandbox beside a test."""

import threading
from datetime import datetime, timedelta, timezone

import pytest
import requests

from tradecredit_sdk.models.adverse import AdverseKind
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.sandbox import underwriting as buyer
from tradecredit_sdk.sandbox.records import Declared, Invoice, Reported
from tradecredit_sdk.testing.server import RunningSandbox

NO_MONEY = {"amount": "0", "currency": "EUR"}


@pytest.fixture
def apply_for(sandbox):
    with requests.Session() as session:
        session.headers["Authorization"] = "Bearer sandbox"

        def call(buyer_id, reference="REQ-1", amount="50000.00"):
            body = {"reference": reference, "buyer_id": buyer_id, "amount": {"amount": amount, "currency": "EUR"}}
            answer = session.post(sandbox.base_url_open + "/policies/DEMO-001/applications", json=body, timeout=10)
            answer.raise_for_status()
            return answer.json()

        yield call


def refused(sandbox, method, path, body=None):
    answer = requests.request(method, f"{sandbox.url}/sandbox/v1{path}", json=body, timeout=10)
    assert answer.headers["Content-Type"] == "application/problem+json"
    content = answer.json()
    return answer.status_code, content["code"], [error["field"] for error in content["errors"]]


def test_the_overview_counts(sandbox, apply_for):
    apply_for(buyer.FULL)
    apply_for(buyer.BY_HAND, "REQ-2")
    overview = sandbox.control("GET", "/overview")
    assert overview["counts"] == {"buyers": 311, "applications": 2, "pending": 1, "limits": 1, "limits_in_force": 1,
                                  "overdues": 0, "events": 2, "deliveries": 0}  # fmt: skip
    assert overview["policies"] == ["DEMO-001", "DEMO-002", "DEMO-003"]
    assert len(overview["countries"]) == 25


def test_the_directory(sandbox):
    found = sandbox.control("GET", "/buyers?query=nordlicht")
    assert (found["total"], found["items"][0]["id"], found["items"][0]["grade"]) == (1, "000004711", "4")
    second = sandbox.control("GET", "/buyers?country=JP&page=2&page_size=10")
    assert (second["total"], len(second["items"])) == (12, 2)


def test_listings_have_pages_totals_and_filters(sandbox, apply_for):
    for number in range(5):
        apply_for(buyer.FULL, f"R-{number}")
    apply_for(buyer.BY_HAND, "R-5")
    page = sandbox.control("GET", "/applications?page=2&page_size=4")
    assert (page["total"], [item["reference"] for item in page["items"]]) == (6, ["R-1", "R-0"])
    assert sandbox.control("GET", "/applications?state=pending")["items"][0]["buyer_id"] == buyer.BY_HAND
    assert sandbox.control("GET", f"/applications?buyer_id={buyer.FULL}")["total"] == 5
    limits = sandbox.control("GET", "/limits")
    assert (limits["total"], limits["items"][0]["id"], limits["items"][0]["policy_id"]) == (5, "lim-000005", "DEMO-001")
    assert sandbox.control("GET", "/limits?state=in_force")["total"] == 1
    events = sandbox.control("GET", "/events?page_size=1")
    assert (events["total"], events["items"][0]["id"]) == (10, "evt-000010")
    assert sandbox.control("GET", "/overdues") == {"items": [], "total": 0}
    assert sandbox.control("GET", "/deliveries") == {"items": [], "total": 0}


def test_the_clock_moves_and_things_happen(sandbox, apply_for):
    application = apply_for(buyer.SLOW)
    before = datetime.fromisoformat(sandbox.control("GET", "/clock")["now"].replace("Z", "+00:00"))
    moved = sandbox.control("POST", "/clock", {"advance_seconds": 3})
    assert moved["offset_seconds"] == pytest.approx(3, abs=0.1)
    assert sandbox.engine.applications.get(application["id"]).decision
    sandbox.control("POST", "/clock", {"advance_days": 1.5})
    target = (before + timedelta(days=3)).isoformat()
    now = sandbox.control("POST", "/clock", {"now": target})["now"]
    assert abs(datetime.fromisoformat(now.replace("Z", "+00:00")) - before - timedelta(days=3)) < timedelta(seconds=5)


@pytest.mark.parametrize(
    ("body", "field"),
    [({}, "advance_days"), ({"advance_days": 1, "advance_seconds": 1}, "advance_days"), ({"advance_days": -1}, "advance_days"),
     ({"advance_days": 4000}, "advance_days"), ({"advance_days": "soon"}, "advance_days"), ({"now": "2020-01-01T00:00:00Z"}, "now"),
     ({"now": "2099-01-01"}, "now"), ({"now": "2099-01-01T00:00:00"}, "now"), ({"days": 1}, "days"),
     ({"now": "9999-12-31T23:59:59Z"}, "advance_days")],
)  # fmt: skip
def test_the_clock_is_not_moved_by_mistake(sandbox, body, field):
    before = sandbox.control("GET", "/clock")["offset_seconds"]
    status, code, fields = refused(sandbox, "POST", "/clock", body)
    assert (status, code, fields[0]) == (422, "invalid_request", field)
    assert sandbox.control("GET", "/clock")["offset_seconds"] == before


def test_a_person_decides(sandbox, apply_for):
    application = apply_for(buyer.BY_HAND)
    path = f"/applications/{application['id']}/decide"
    assert refused(sandbox, "POST", path, {"state": "withdrawn"})[2] == ["state"]
    assert refused(sandbox, "POST", path, {"state": "approved", "amount": {"amount": 1.5, "currency": "EUR"}})[2] == [
        "amount"
    ]
    decided = sandbox.control(
        "POST", path, {"state": "partly_approved", "amount": {"amount": "20000", "currency": "EUR"}}
    )
    assert decided["decision"]["amount"] == {"amount": "20000.00", "currency": "EUR"}
    assert refused(sandbox, "POST", path, {"state": "refused"})[:2] == (409, "not_pending")
    assert refused(sandbox, "POST", "/applications/app-9/decide", {"state": "refused"})[0] == 404


def test_a_limit_is_cut_and_withdrawn(sandbox, apply_for):
    limit_id = apply_for(buyer.FULL)["decision"]["limit_id"]
    assert (
        refused(sandbox, "POST", f"/limits/{limit_id}/cut", {"amount": {"amount": "60000", "currency": "EUR"}})[0]
        == 422
    )
    announced = sandbox.control("POST", f"/limits/{limit_id}/cut", {"amount": NO_MONEY, "notice_days": 30})
    assert announced["announced_change"]["amount"]["amount"] == "0.00"
    sandbox.advance(days=31)
    assert sandbox.control("GET", "/limits")["items"][0]["state"] == "withdrawn"
    assert refused(sandbox, "POST", f"/limits/{limit_id}/cut", {"amount": NO_MONEY})[2] == ["limit_id"]


def test_a_buyer_is_struck(sandbox, apply_for):
    apply_for(buyer.FULL)
    assert sandbox.control("POST", f"/buyers/{buyer.FULL}/grade", {"grade": "7"})["grade"] == "7"
    assert refused(sandbox, "POST", f"/buyers/{buyer.FULL}/grade", {"grade": 7})[2] == ["grade"]
    assert sandbox.control("POST", f"/buyers/{buyer.FULL}/insolvency")["status"] == "insolvent"
    assert sandbox.control("GET", "/limits")["items"][0]["state"] == "withdrawn"
    assert refused(sandbox, "POST", "/buyers/1/insolvency")[:2] == (404, "buyer_not_found")


def test_faults_are_set_shown_and_cleared(sandbox):
    assert sandbox.control("PUT", "/faults", {"rate": 1, "kinds": ["503"]})["active"] is True
    assert requests.get(sandbox.base_url_open + "/policies", timeout=10).status_code == 503
    assert sandbox.control("GET", "/faults")["injected"] == {"503": 1}
    assert refused(sandbox, "PUT", "/faults", {"rate": 2, "kind": ["503"]})[2] == ["rate", "kind"]
    assert sandbox.control("DELETE", "/faults")["active"] is False
    assert requests.get(sandbox.base_url_open + "/policies", timeout=10).status_code == 401


def test_reset_forgets_everything(sandbox, apply_for):
    apply_for(buyer.FULL)
    sandbox.control("PUT", "/faults", {"rate": 1})
    sandbox.advance(days=9)
    assert abs(sandbox.control("POST", "/reset")["offset_seconds"]) < 1
    assert sandbox.control("GET", "/overview")["counts"]["applications"] == 0
    assert sandbox.control("GET", "/faults")["active"] is False


# ---------------------------------------------------------------- the fixture


def test_the_fixture_offers_its_words(sandbox):
    assert sandbox.base_url_open == sandbox.url + "/open/v1"
    assert sandbox.base_url_allianz == sandbox.url + "/allianz-trade"
    sandbox.faults(rate=1, kinds=["429"], retry_after_seconds=7)
    answer = requests.get(sandbox.base_url_open + "/policies", timeout=10)
    assert (answer.status_code, answer.headers["Retry-After"]) == (429, "7")
    sandbox.faults()
    moment = datetime.now(timezone.utc) + timedelta(days=3)
    assert abs(sandbox.set_now(moment) - moment) < timedelta(seconds=1)
    with pytest.raises(AssertionError, match="POST /sandbox/v1/clock answered 422"):
        sandbox.control("POST", "/clock", {})


def test_each_test_finds_it_new(sandbox):
    assert sandbox.control("GET", "/clock")["offset_seconds"] == 0
    assert requests.get(sandbox.base_url_open + "/policies", timeout=10).status_code == 401


def test_it_can_be_run_by_hand_and_ends_without_leaving_threads():
    before = set(threading.enumerate())
    with RunningSandbox(now=datetime(2026, 3, 31, tzinfo=timezone.utc)) as running:
        assert running.control("GET", "/clock")["now"].startswith("2026-03-31T00:00:0")
    running.close()
    left = {thread for thread in set(threading.enumerate()) - before if not thread.name.startswith("AnyIO")}
    assert left == set()


def test_what_the_staff_does_with_overdues(sandbox, apply_for):
    apply_for(buyer.FULL)
    assert sandbox.control("PUT", "/acknowledging", {"after_seconds": 60}) == {"after_seconds": 60}
    assert sandbox.control("GET", "/acknowledging") == {"after_seconds": 60}
    today = sandbox.engine.now().date()
    unpaid = Invoice("R-1", today - timedelta(days=70), Money("100.00", "EUR"))
    sandbox.engine.overdues.declare("DEMO-001", Declared(buyer.FULL, (unpaid,), reference="O-1"))
    read = sandbox.control("POST", "/overdues/ovd-000001/acknowledge")
    assert (read["cover"]["state"], read["revision"]) == ("stopped", 2)
    asked = sandbox.control("POST", "/overdues/ovd-000001/documents", {"kinds": ["order"], "days": 5})
    assert (asked["state"], asked["documents"][0]["due_on"]) == ("documents_requested", str(today + timedelta(days=5)))
    assert sandbox.control("POST", "/overdues/ovd-000001/hand-over")["collection"] == {"by": "insurer", "until": None}
    sandbox.engine.adverse.report("DEMO-001", Reported(buyer.FULL, AdverseKind.LEGAL_ACTION, today, reference="A-1"))
    assert sandbox.control("GET", f"/adverse-reports?buyer_id={buyer.FULL}")["items"][0]["kind"] == "legal_action"
    assert sandbox.control("GET", "/limits")["items"][0]["stop"]["until"] is None
    assert sandbox.control("POST", f"/buyers/{buyer.FULL}/reinstate")["id"] == buyer.FULL
    assert sandbox.control("GET", "/limits")["items"][0]["stop"]["until"] == str(today)
    for path, body, fields in (
        ("/overdues/ovd-000001/documents", {"kinds": []}, ["kinds"]),
        ("/overdues/ovd-000001/documents", {"kinds": ["poem"]}, ["kinds.0"]),
        ("/overdues/ovd-000001/documents", {"kinds": ["order"], "days": 366}, ["days"]),
    ):
        assert refused(sandbox, "POST", path, body) == (422, "invalid_request", fields)
    assert refused(sandbox, "PUT", "/acknowledging", {"after_seconds": -1}) == (
        422,
        "invalid_request",
        ["after_seconds"],
    )
    assert refused(sandbox, "POST", "/overdues/ovd-9/hand-over") == (404, "not_found", [])
