"""The sandbox's Allianz Trade face, over a real socket, against `docs/reference/allianz-trade-sandbox.md`: entry, companies, call-backs."""

import base64
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests
from allianz_client import BY_HAND, FULL, HALF, POLICY, Client

from tradecredit_sdk.models.limit import LimitState
from tradecredit_sdk.sandbox.faces.allianz_trade import names
from tradecredit_sdk.testing.server import RunningSandbox

# ---------------------------------------------------------------- token


def test_the_token_lasts_an_hour_of_the_sandbox_clock(client, engine):
    answer = requests.post(client.base + "/v1/idp/oauth2/authorize", json={"apiKey": " sandbox\n"}, timeout=10)
    assert answer.status_code == 200
    assert answer.json().keys() == {"access_token", "token_type", "expires_in"}
    assert (answer.json()["token_type"], answer.json()["expires_in"]) == ("Bearer", 3600)
    engine.advance(seconds=3590)
    client.session.headers["Authorization"] = f"bearer {answer.json()['access_token']}"
    assert client.search("/v3/covers").json() == []
    engine.advance(seconds=15)
    refused = client.call("POST", "riskinfo", "/v3/covers/search", 401, json={"policies": [POLICY]})
    assert refused.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize(
    ("body", "status"), [({"apiKey": "wrong"}, 401), ({}, 422), ({"apiKey": 7}, 422), ({"apiKey": ""}, 401), ([], 422)]
)
def test_a_wrong_key_gets_no_token(client, body, status):
    assert requests.post(client.base + "/v1/idp/oauth2/authorize", json=body, timeout=10).status_code == status


@pytest.mark.parametrize(
    "header", [None, "", "Bearer", "Bearer x", "Bearer a.b.c", "Basic c2FuZGJveA==", "Bearer sandbox", "bearer é"]
)
def test_no_valid_token_no_entry(client, header):
    headers = {} if header is None else {"Authorization": header.encode("latin-1")}
    for method, path in (
        ("POST", "/riskinfo/v3/covers"),
        ("GET", "/riskinfo/v3/covers/cov-DEMO-001-900000001"),
        ("GET", "/riskinfo/v2/covers"),
        ("POST", "/search/v2/companies/matching"),
        ("POST", "/company-referential/v1/companies/list"),
        ("POST", "/overdues/v1/overdues"),
    ):
        answer = requests.request(method, client.base + path, headers=headers, json={}, timeout=10)
        assert answer.status_code == 401, path


def test_a_token_of_another_key_does_not_see_this_policy(client):
    client.ask(FULL)
    client.renew("sandbox-2")
    client.cover(FULL, expect=404)
    client.call("POST", "riskinfo", "/v3/covers/search", 404, json={"policies": [POLICY]})


# ---------------------------------------------------------------- companies


def test_matching_answers_nested_companies_with_scores(anywhere):
    body = {"requestedSize": 3, "companyName": "Sandbox", "countryCode": "DE", "minimumScore": 0}
    results = anywhere.call("POST", "search", "/matching", json=body).json()["results"]
    assert 1 <= len(results) <= 3
    scores = [result["score"] for result in results]
    assert scores == sorted(scores, reverse=True)
    company = results[0]["company"]
    assert company["legalData"]["companyName"].startswith("Sandbox")
    assert company["address"]["countryCode"] == "DE"
    assert company["address"]["postCodes"][0].keys() == {"postCodeValue"}
    assert isinstance(company["communicationChannels"], list)


def test_an_identifier_that_fits_comes_first_and_one_that_does_not_is_no_obstacle(client):
    numbers = client.call("POST", "referential", json=[HALF]).json()["companies"][0]["companyIdentifiers"]
    vat = next(number["idValue"] for number in numbers if number["idTypeCode"] == "VAT")
    body = {"companyName": "Sandbox", "countryCode": "DE", "companyIdentifiers": [{"idTypeCode": "?", "idValue": vat}]}
    best = client.call("POST", "search", "/matching", json=body).json()["results"][0]
    assert (best["company"]["companyId"], best["score"]) == (HALF, 100)
    body["companyIdentifiers"] = [{"idTypeCode": "string", "idValue": "string"}]
    assert client.call("POST", "search", "/matching", json=body).json()["results"]


def test_a_minimum_score_is_kept_and_no_hit_is_an_empty_list(client):
    body = {"companyName": "Sandbox", "countryCode": "DE", "minimumScore": 101 - 1}
    assert client.call("POST", "search", "/matching", json=body).json() == {"results": []}
    body = {"companyName": "Qqqq Xxxx", "countryCode": "DE"}
    assert client.call("POST", "search", "/advancedSearch", json=body).json() == {"results": []}


def test_advanced_search_pages_and_needs_no_country(anywhere):
    def ids(**more):
        body = {"companyName": "Sandbox", "extendCountrySearch": "true", **more}
        results = anywhere.call("POST", "search", "/advancedSearch", json=body).json()["results"]
        assert all(result.keys() == {"company"} for result in results)
        return [result["company"]["companyId"] for result in results]

    everyone = ids(pageSize=100)
    assert {FULL, HALF} <= set(everyone)
    assert ids(pageSize=3) + ids(pageSize=3, page=2) == everyone[:6]
    insolvent = "900000008"
    assert insolvent in everyone
    assert insolvent not in ids(pageSize=100, onlyActive="true")


def test_communication_channels_come_in_no_fixed_order(client):
    body = {"companyName": "Sandbox", "countryCode": "DE", "pageSize": 100}
    results = client.call("POST", "search", "/advancedSearch", json=body).json()["results"]
    orders = {tuple(channel["typeCode"] for channel in one["company"]["communicationChannels"]) for one in results}
    assert () in orders
    assert len(orders) >= 3


def test_company_data_by_bare_list_of_ids(anywhere):
    companies = anywhere.call("POST", "referential", json=[FULL, "nobody", HALF]).json()["companies"]
    assert [company["companyId"] for company in companies] == [FULL, HALF]
    assert all(number["idValue"] for number in companies[0]["companyIdentifiers"])


@pytest.mark.parametrize("body", [{}, {"companyName": "  "}, {"companyName": "x", "countryCode": "Germany"}])
def test_a_search_for_nothing_is_refused(client, body):
    client.call("POST", "search", "/matching", 422, json=body)


# ---------------------------------------------------------------- call-backs


class _Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.received.append(body)
        self.send_response(self.server.statuses.pop(0) if self.server.statuses else 200)
        self.send_header("Content-Length", "0")
        self.end_headers()
        self.server.arrived.release()

    def log_message(self, *_):
        pass


@pytest.fixture
def receiver():
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Receiver)
    server.received, server.statuses, server.arrived = [], [], threading.Semaphore(0)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    server.url = f"http://127.0.0.1:{server.server_port}/hook?x=1"
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def wish(url, **more):
    return {
        "X-Callback": base64.b64encode(json.dumps({"callbackUrl": url, "timeToLive": 24, **more}).encode()).decode()
    }


def test_a_call_back_says_look_again_when_the_job_is_done_and_when_it_is_decided(client, engine, receiver):
    client.session.headers.update(wish(receiver.url, extendedNotification=True))
    job_id = client.ask(BY_HAND)
    assert not receiver.arrived.acquire(timeout=0.2)  # the job is still pending
    engine.advance(seconds=2)
    assert receiver.arrived.acquire(timeout=5)
    assert not receiver.arrived.acquire(timeout=0.2)  # nothing is decided
    (application,) = engine.applications.list().items
    engine.applications.decide(application.id, LimitState.APPROVED)
    assert receiver.arrived.acquire(timeout=5)
    subject = {"jobId": job_id, "companyId": BY_HAND, "coverId": f"cov-DEMO-001-{BY_HAND}"}
    assert receiver.received == [
        {"notificationType": "technical", **subject},
        {"notificationType": "functional", **subject},
    ]


def test_a_call_back_is_tried_three_times(client, engine, receiver):
    receiver.statuses[:] = [500, 404, 503, 200]
    client.session.headers.update(wish(receiver.url))
    client.ask(FULL)
    engine.advance(seconds=2)
    for _ in range(3):
        assert receiver.arrived.acquire(timeout=5)
    assert not receiver.arrived.acquire(timeout=0.3)


@pytest.mark.parametrize(
    "header",
    [
        "not base64!",
        base64.b64encode(b"not json").decode(),
        base64.b64encode(b"[]").decode(),
        wish("http://example.com/hook")["X-Callback"],
        wish("ftp://127.0.0.1/")["X-Callback"],
        base64.b64encode(b'{"timeToLive": 24}').decode(),
    ],
)
def test_a_call_back_header_that_cannot_be_read_is_refused_before_anything_is_done(client, engine, header):
    body = {"requestTypeCode": "Primary", "policy": POLICY, "companyId": FULL}
    details = {"requestedAmount": 1, "currencyCode": "EUR"}
    client.session.headers["X-Callback"] = header
    client.call("POST", "riskinfo", "/v3/covers", 400, json={**body, "creditLimitDetails": details})
    assert engine.applications.count() == 0


def callback_threads():
    return [thread for thread in threading.enumerate() if thread.name == "callbacks"]


def test_waiting_call_backs_end_with_the_sandbox_and_with_a_reset(receiver):
    with RunningSandbox() as running:
        client = Client(running.base_url_allianz, "production")
        client.session.headers.update(wish(receiver.url, extendedNotification=True))
        client.ask(BY_HAND)
        assert callback_threads()
        running.reset()
        running.advance(seconds=2)
        assert receiver.arrived.acquire(timeout=5)
        wait_until(lambda: not callback_threads())
        client.renew()
        client.ask(BY_HAND)
        assert callback_threads()
        client.session.close()
    assert not callback_threads()


def wait_until(true, seconds=5):
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends
        time.sleep(0.01)


# ---------------------------------------------------------------- what the documentation promises


def test_every_guessed_word_is_in_the_documentation():
    page = Path(__file__).parents[2].joinpath("docs/reference/allianz-trade-sandbox.md").read_text(encoding="utf-8")
    tables = [value for value in vars(names).values() if isinstance(value, dict)]
    alone = [value for value in vars(names).values() if isinstance(value, names.Name)]
    words = [*alone, *(name for table in tables for name in table.values() if isinstance(name, names.Name))]
    assert len(words) > 20
    missing = [name.word for name in words if f"`{name.word}`" not in page]
    assert missing == []
    assert {name.trust for name in words} <= {"OFFICIAL", "CODE", "PARAPHRASE", "INFERRED", "INVENTED"}
