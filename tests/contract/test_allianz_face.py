"""The sandbox's Allianz Trade face, over a real socket, against what `docs/reference/allianz-trade-sandbox.md` says."""

import base64
import json
import threading
import time
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
import requests

from tradecredit_sdk.models.limit import LimitState
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.sandbox.faces.allianz_trade import names
from tradecredit_sdk.testing.server import RunningSandbox

FULL, HALF, REFUSED, SLOW, CUT, WITHDRAWN, BY_HAND, DOLLARS = (
    f"90000000{number}" for number in (1, 2, 3, 4, 5, 6, 7, 9)
)
POLICY = {"policyId": "DEMO-001"}
DAY = "2026-03-31"

LAYOUTS = {
    "production": {
        "token": "/v1/idp/oauth2/authorize",
        "riskinfo": "/riskinfo",
        "search": "/search/v2/companies",
        "referential": "/company-referential/v1/companies/list",
        "overdues": "/overdues/v1",
    },
    "uat": {
        "token": "/uatm/v1/idp/oauth2/authorize",
        "riskinfo": "/uatm/riskinfo",
        "search": "/search/uatm-v2/companies",
        "referential": "/company-referential/uatm-v1/companies/list",
        "overdues": "/uatm/overdues/v1",
    },
}


class Client:
    """As little client as possible: paths of one layout, a session with a token."""

    def __init__(self, base, layout):
        self.base, self.paths = base, LAYOUTS[layout]
        self.session = requests.Session()
        self.renew()

    def renew(self, api_key="sandbox"):
        answer = self.session.post(self.base + self.paths["token"], json={"apiKey": api_key}, timeout=10)
        self.session.headers["Authorization"] = "Bearer " + answer.json()["access_token"]

    def call(self, method, part, path="", expect=200, **options):
        answer = self.session.request(method, self.base + self.paths[part] + path, timeout=10, **options)
        assert answer.status_code == expect, answer.text
        return answer

    def ask(self, company, amount=50000, currency="EUR", **more):
        body = {
            "requestTypeCode": "Primary",
            "policy": POLICY,
            "companyId": company,
            "creditLimitDetails": {"requestedAmount": amount, "currencyCode": currency},
            **more,
        }
        return self.call("POST", "riskinfo", "/v3/covers", 202, json=body).json()

    def job(self, job_id, **options):
        return self.call("GET", "riskinfo", f"/v3/jobs/{job_id}", **options).json()

    def cover(self, company, **options):
        return self.call("GET", "riskinfo", f"/v3/covers/cov-DEMO-001-{company}", **options).json()

    def limits(self, company):
        return self.cover(company)["creditLimitsAggregation"]["creditLimits"]

    def search(self, what, part="riskinfo", **more):
        return self.call("POST", part, f"{what}/search", json={"policies": [POLICY], **more})


@pytest.fixture(scope="module")
def running():
    with RunningSandbox(now=datetime(2026, 3, 31, 8, tzinfo=timezone.utc), webhook_seconds=0.05) as running:
        yield running


@pytest.fixture
def engine(running):
    running.reset()
    return running.engine


@pytest.fixture
def client(running, engine):
    client = Client(running.base_url_allianz, "production")
    with client.session:
        yield client


@pytest.fixture(params=LAYOUTS)
def anywhere(running, engine, request):
    client = Client(running.base_url_allianz, request.param)
    with client.session:
        yield client


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


# ---------------------------------------------------------------- covers and jobs


def test_the_job_id_is_a_bare_string_and_the_job_is_processed_a_moment_later(anywhere, engine):
    job_id = anywhere.ask(FULL)
    assert isinstance(job_id, str)
    assert anywhere.job(job_id) == {"jobStatusCode": "PENDING"}
    engine.advance(seconds=1)
    answer = anywhere.job(job_id)
    assert answer["jobStatusCode"] == "PROCESSED"
    url = answer["resourceUrl"]
    assert url == f"{anywhere.base}{anywhere.paths['riskinfo']}/v3/covers/cov-DEMO-001-{FULL}"
    cover = anywhere.session.get(url, timeout=10).json()
    assert (cover["companyId"], cover["companyCountryCode"], cover["coverStatusCode"]) == (FULL, "DE", "Agreement")
    assert cover["creditLimitsAggregation"]["creditLimits"] == [
        {
            "technicalDecisionStatusCode": "AlreadyAgreed",
            "amount": 50000,
            "currencyCode": "EUR",
            "startDate": DAY,
            "endDate": None,
            "creditLimitTypeCode": "Permanent",
        }
    ]


def test_a_processed_job_is_not_a_decision(client, engine):
    job_id = client.ask(BY_HAND)
    engine.advance(seconds=2)
    assert client.job(job_id)["jobStatusCode"] == "PROCESSED"
    cover = client.cover(BY_HAND)
    assert (cover["coverStatusCode"], cover["creditLimitsAggregation"]["creditLimits"]) == ("InProgress", [])
    (row,) = client.search("/v3/coverRequests", requestStatusCode="InProgress").json()
    assert row["coverId"] == cover["coverId"]
    assert row["creditLimitDetails"] == {"requestedAmount": 50000, "currencyCode": "EUR"}
    assert (row["creationDate"], row["lastUpdateDate"]) == (DAY, DAY)
    engine.advance(days=1)
    client.renew()
    engine.applications.decide(row["requestId"], LimitState.PARTLY_APPROVED, Money("12500.50", "EUR"))
    assert client.search("/v3/coverRequests", requestStatusCode="InProgress").json() == []
    (closed,) = client.search("/v3/coverRequests").json()
    assert (closed["requestStatusCode"], closed["lastUpdateDate"]) == ("Closed", "2026-04-01")
    (limit,) = client.limits(BY_HAND)
    assert (limit["technicalDecisionStatusCode"], limit["amount"]) == ("PartiallyAgreed", 12500.5)


def test_while_an_increase_is_looked_at_the_cover_shows_what_was_decided_before(client, engine):
    client.ask(SLOW, 1000)
    engine.advance(seconds=5)
    client.ask(SLOW, 2000)
    engine.advance(seconds=1)
    assert [limit["amount"] for limit in client.limits(SLOW)] == [1000]
    engine.advance(seconds=5)
    assert [limit["amount"] for limit in client.limits(SLOW)] == [2000]


@pytest.mark.parametrize(
    ("company", "code", "amount", "currency", "status"),
    [
        (FULL, "AlreadyAgreed", 50000, "EUR", "Agreement"),
        (HALF, "PartiallyAgreed", 25000, "EUR", "Agreement"),
        (REFUSED, "Refused", 0, "EUR", "Refusal"),
        (DOLLARS, "AlreadyAgreed", 55000, "USD", "Agreement"),
    ],
)
def test_decisions(client, company, code, amount, currency, status):
    client.ask(company)
    (limit,) = client.limits(company)
    assert (limit["technicalDecisionStatusCode"], limit["amount"], limit["currencyCode"]) == (code, amount, currency)
    assert client.cover(company)["coverStatusCode"] == status


def test_more_is_an_increase_less_a_decrease_and_the_same_is_decided_anew(client, engine):
    def shown(amount):
        client.ask(FULL, amount)
        return [(limit["technicalDecisionStatusCode"], limit["amount"]) for limit in client.limits(FULL)]

    assert shown(50000) == [("AlreadyAgreed", 50000)]
    assert shown(50000) == [("AlreadyAgreed", 50000)]
    assert shown(80000) == [("AlreadyAgreed", 80000)]
    engine.advance(days=1)
    client.renew()
    assert shown(30000) == [("AlreadyAgreed", 30000)]
    actions = [one.asked.action.value for one in engine.applications.list(policy_id="DEMO-001").items]
    assert actions == ["decrease", "increase", "new", "new"]


def test_a_second_request_while_one_is_pending_is_refused(client, engine):
    client.ask(BY_HAND)
    body = {"requestTypeCode": "Primary", "policy": POLICY, "companyId": BY_HAND}
    details = {"requestedAmount": 1, "currencyCode": "EUR"}
    client.call("POST", "riskinfo", "/v3/covers", 409, json={**body, "creditLimitDetails": details})
    assert engine.applications.count() == 1


def test_an_own_reference_makes_sending_safe_on_this_sandbox(client, engine):
    client.ask(FULL, customerReference="REQ-1")
    client.ask(FULL, customerReference="REQ-1")
    assert engine.applications.count() == 1
    (row,) = client.search("/v3/coverRequests").json()
    assert row["customerReference"] == "REQ-1"
    body = {"requestTypeCode": "Primary", "policy": POLICY, "companyId": HALF, "customerReference": "REQ-1"}
    details = {"requestedAmount": 1, "currencyCode": "EUR"}
    client.call("POST", "riskinfo", "/v3/covers", 409, json={**body, "creditLimitDetails": details})


def test_loose_clients_are_understood(client, engine):
    policy = {"businessUnitCode": "ACI", "policyId": "DEMO-001", "extensionId": ""}
    client.ask(FULL, "1250.50", policy=policy, isRequestUrgent="true", comment="", somethingElse=1)
    (application,) = engine.applications.list().items
    assert application.asked.amount == Money("1250.50", "EUR")
    assert (application.asked.urgent, application.asked.comment, application.asked.reference) == (True, None, None)


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"requestTypeCode": "Secondary"}, 422),
        ({"creditLimitDetails": None}, 422),
        ({"creditLimitDetails": {"requestedAmount": -1, "currencyCode": "EUR"}}, 422),
        ({"creditLimitDetails": {"requestedAmount": 0, "currencyCode": "EUR"}}, 422),
        ({"creditLimitDetails": {"requestedAmount": "much", "currencyCode": "EUR"}}, 422),
        ({"creditLimitDetails": {"requestedAmount": True, "currencyCode": "EUR"}}, 422),
        ({"creditLimitDetails": {"requestedAmount": 1.005, "currencyCode": "EUR"}}, 422),
        ({"creditLimitDetails": {"requestedAmount": 1, "currencyCode": "XXX"}}, 422),
        ({"creditLimitDetails": {"requestedAmount": 1, "currencyCode": "eur"}}, 422),
        ({"customerReference": "x" * 21}, 422),
        ({"companyId": "000000000"}, 404),
        ({"companyId": 900000001}, 422),
        ({"policy": {"policyId": "DEMO-009"}}, 404),
        ({"policy": {"policyId": "DEMO-001", "extensionId": "CAP"}}, 404),
        ({"policy": {}}, 422),
    ],
)
def test_wrong_requests_are_refused_and_nothing_is_kept(client, engine, change, status):
    body = {
        "requestTypeCode": "Primary",
        "policy": POLICY,
        "companyId": FULL,
        "creditLimitDetails": {"requestedAmount": 1, "currencyCode": "EUR"},
        **change,
    }
    client.call("POST", "riskinfo", "/v3/covers", status, json=body)
    assert engine.applications.count() == 0


def test_complaints_name_the_field_of_this_wire(client):
    body = {"requestTypeCode": "Primary", "policy": POLICY, "companyId": FULL}
    details = {"requestedAmount": 1, "currencyCode": "XAF"}
    answer = client.call("POST", "riskinfo", "/v3/covers", 422, json={**body, "creditLimitDetails": details})
    assert [error["field"] for error in answer.json()["errors"]] == ["creditLimitDetails.currencyCode"]
    details = {"requestedAmount": -1, "currencyCode": "EUR"}
    answer = client.call("POST", "riskinfo", "/v3/covers", 422, json={**body, "creditLimitDetails": details})
    assert [error["field"] for error in answer.json()["errors"]] == ["creditLimitDetails.requestedAmount"]


@pytest.mark.parametrize(
    "job_id",
    ["1", "job-", "job-1774944000000-cov-DEMO-002-900000001", "job-9999999999999-cov-DEMO-001-900000001", "job-x-cov"],
)
def test_unknown_jobs(client, job_id):
    client.job(job_id, expect=404)


@pytest.mark.parametrize(
    "cover_id", ["cov-DEMO-001-900000001", "grd-DEMO-001-900000001", "cov-DEMO-002-900000001", "x"]
)
def test_unknown_covers(client, cover_id):
    client.call("GET", "riskinfo", f"/v3/covers/{cover_id}", 404)


def test_an_announced_withdrawal_is_a_second_row_that_begins_on_its_day(client, engine):
    client.ask(FULL)
    (row,) = engine.limits.list(buyer_id=FULL).items
    engine.limits.cut(row.id, Money("0", "EUR"), notice_days=30)
    assert [
        (one["technicalDecisionStatusCode"], one["amount"], one["startDate"], one["endDate"])
        for one in client.limits(FULL)
    ] == [("AlreadyAgreed", 50000, DAY, "2026-04-29"), ("Withdrawn", 0, "2026-04-30", None)]
    engine.advance(days=31)
    client.renew()
    (ended,) = client.limits(FULL)
    assert (ended["technicalDecisionStatusCode"], ended["amount"], ended["startDate"]) == ("Withdrawn", 0, "2026-04-30")
    assert client.cover(FULL)["coverStatusCode"] == "Terminated"


def test_an_announced_cut_and_one_at_once(client, engine):
    client.ask(FULL)
    (row,) = engine.limits.list(buyer_id=FULL).items
    engine.limits.cut(row.id, Money("20000", "EUR"), notice_days=10)
    codes = [(one["technicalDecisionStatusCode"], one["amount"]) for one in client.limits(FULL)]
    assert codes == [("AlreadyAgreed", 50000), ("Reduced", 20000)]
    engine.limits.cut(row.id, Money("5000", "EUR"))
    codes = [(one["technicalDecisionStatusCode"], one["amount"]) for one in client.limits(FULL)]
    assert codes == [("Reduced", 5000)]


def test_guessed_amend_and_cancel(client, engine):
    client.ask(FULL)
    path = f"/v3/covers/cov-DEMO-001-{FULL}"
    details = {"creditLimitDetails": {"requestedAmount": 20000, "currencyCode": "EUR"}}
    assert isinstance(client.call("PATCH", "riskinfo", path, 202, json=details).json(), str)
    assert [limit["amount"] for limit in client.limits(FULL)] == [20000]
    assert isinstance(client.call("DELETE", "riskinfo", path, 202).json(), str)
    (limit,) = client.limits(FULL)
    assert (limit["technicalDecisionStatusCode"], limit["amount"]) == ("Cancelled", 0)
    client.call("DELETE", "riskinfo", path, 409)
    client.ask(BY_HAND)
    client.call("DELETE", "riskinfo", f"/v3/covers/cov-DEMO-001-{BY_HAND}", 202)
    assert engine.applications.list(buyer_id=BY_HAND).items[0].state is LimitState.CANCELLED
    client.call("DELETE", "riskinfo", f"/v3/covers/cov-DEMO-001-{HALF}", 404)


# ---------------------------------------------------------------- searches


def test_search_answers_a_bare_array_of_flat_rows_in_pages(anywhere):
    for company in (FULL, HALF, REFUSED):
        anywhere.ask(company)
    answer = anywhere.search("/v3/covers", pagination={"page": 1, "pageSize": 2, "isTotalRequired": "true"})
    rows = answer.json()
    assert [row["companyId"] for row in rows] == [FULL, HALF]
    assert (answer.headers["Total-Items"], answer.headers["Total-Pages"]) == ("3", "2")
    assert {"companyId", "companyName", "companyCountryCode", "coverStatusCode", "gradePolicyCoverGradeCode"} <= rows[
        0
    ].keys()
    answer = anywhere.search("/v3/covers", pagination={"page": 2, "pageSize": 2})
    assert [row["coverStatusCode"] for row in answer.json()] == ["Refusal"]
    assert "Total-Items" not in answer.headers
    assert anywhere.search("/v3/covers", pagination={"page": 3, "pageSize": 10000}).json() == []


def test_several_policies_in_one_search(client):
    client.ask(FULL)
    twice = [{"businessUnitCode": "EHDE", **POLICY, "extensionId": ""}, POLICY]
    body = {"policies": twice, "pagination": {"pageSize": 10}}
    assert len(client.call("POST", "riskinfo", "/v3/covers/search", json=body).json()) == 2
    for wrong in ([], [{"policyId": "nobody"}], [POLICY, {**POLICY, "extensionId": "DCL"}]):
        answer = client.session.post(client.base + "/riskinfo/v3/covers/search", json={"policies": wrong}, timeout=10)
        assert answer.status_code in (404, 422)


@pytest.mark.parametrize("pagination", [{"page": 0}, {"pageSize": 0}, {"pageSize": 10001}, {"page": "x"}])
def test_wrong_pages_are_refused(client, pagination):
    body = {"policies": [POLICY], "pagination": pagination}
    client.call("POST", "riskinfo", "/v3/covers/search", 422, json=body)


def test_a_grade_has_a_row_of_its_own(client, engine):
    engine.buyers.set_grade(HALF, "4")
    engine.buyers.set_grade(FULL, "NA")
    client.ask(HALF)
    for company in (HALF, FULL, HALF):
        body = {"requestTypeCode": "GradeCover", "policy": POLICY, "companyId": company, "isRequestUrgent": False}
        job_id = client.call("POST", "riskinfo", "/v3/covers", 202, json=body).json()
    engine.advance(seconds=2)
    grade = client.session.get(client.job(job_id)["resourceUrl"], timeout=10).json()
    assert (grade["coverStatusCode"], grade["gradePolicyCoverGradeCode"]) == ("CheckPolicy", "04")
    rows = client.search("/v3/covers").json()
    codes = [(row["companyId"], row["coverStatusCode"], row["gradePolicyCoverGradeCode"]) for row in rows]
    assert codes == [(HALF, "Agreement", None), (FULL, "CheckPolicy", "NA"), (HALF, "CheckPolicy", "04")]


# ---------------------------------------------------------------- version 2


def test_version_2_lists_pages_with_206(anywhere):
    for company in (FULL, REFUSED, BY_HAND):
        anywhere.ask(company)

    def listed(**query):
        path = "/v2/covers"
        return anywhere.call("GET", "riskinfo", path, 206, params={"policyId": "DEMO-001", **query}).json()

    rows = listed(businessUnitCode="ACI", page=1, pageSize=2)
    assert rows[0] == {
        "coverId": f"cov-DEMO-001-{FULL}",
        "coverStatusCode": "Agreement",
        "company": {"companyId": FULL},
        "decision": {"permanent": {"permanentAmount": 50000, "currencyCode": "EUR"}},
    }
    assert rows[1]["decision"]["permanent"]["permanentAmount"] == 0
    assert [row["decision"] for row in listed(page=2, pageSize=2)] == [None]
    assert listed(page=3, pageSize=2) == []
    assert [row["company"]["companyId"] for row in listed(companyId=BY_HAND)] == [BY_HAND]
    anywhere.call("GET", "riskinfo", "/v2/covers", 404, params={"policyId": "nobody"})


def test_version_2_takes_requests(client, engine):
    data = {"amount": 100000, "currencyCode": "USD", "companyId": FULL, "comment": "", "isRequestUrgent": "true"}
    body = {"coverTypeCode": "CreditLimit", "requestOrigin": "ExternalPlatform", "requestData": data}
    policy = {"policyId": "DEMO-001", "extensionId": "", "businessUnitCode": "ACI"}
    job_id = client.call("POST", "riskinfo", "/v2/covers", 202, json={**body, "policy": policy}).json()
    engine.advance(seconds=2)
    assert client.job(job_id)["jobStatusCode"] == "PROCESSED"
    (application,) = engine.applications.list().items
    assert (application.asked.amount, application.asked.urgent) == (Money("100000", "USD"), True)


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


# ---------------------------------------------------------------- overdues (invented)


def declared(client, **more):
    invoices = [{"invoiceNumber": "R-1", "dueDate": "2026-01-31", "amount": 1250.5, "currencyCode": "EUR"}]
    body = {"overdueCategoryTypeCode": "OVD", "policy": POLICY, "companyId": FULL, "invoices": invoices, **more}
    return client.call("POST", "overdues", "/overdues", 202, json=body).json()


def test_an_overdue_is_declared_extended_rescheduled_and_found(anywhere, engine):
    job_id = declared(anywhere, customerReference="OVD-7", comment="")
    assert anywhere.call("GET", "overdues", f"/jobs/{job_id}").json() == {"jobStatusCode": "PENDING"}
    engine.advance(seconds=2)
    url = anywhere.call("GET", "overdues", f"/jobs/{job_id}").json()["resourceUrl"]
    overdue = anywhere.session.get(url, timeout=10).json()
    assert (overdue["overdueCategoryTypeCode"], overdue["overdueStatusCode"]) == ("OVD", "Declared")
    assert (overdue["totalAmount"], overdue["currencyCode"], overdue["customerReference"]) == (1250.5, "EUR", "OVD-7")
    named = {"policy": POLICY, "overdueId": overdue["overdueId"]}
    change = {"overdueCategoryTypeCode": "EXP", **named, "invoiceNumber": "R-1", "newDueDate": "2026-05-31"}
    anywhere.call("POST", "overdues", "/overdues", 202, json=change)
    assert anywhere.session.get(url, timeout=10).json()["invoices"][0]["newDueDate"] == "2026-05-31"
    plan = [{"dueDate": "2026-06-30", "amount": "625.25", "currencyCode": "EUR"}]
    change = {"overdueCategoryTypeCode": "RES", **named, "instalments": plan}
    anywhere.call("POST", "overdues", "/overdues", 202, json=change)
    (found,) = anywhere.search("/overdues", part="overdues", pagination={"pageSize": 5}).json()
    assert (found["overdueCategoryTypeCode"], found["overdueStatusCode"]) == ("RES", "Rescheduled")
    assert found["instalments"] == [{"dueDate": "2026-06-30", "amount": 625.25, "currencyCode": "EUR"}]


def test_the_same_declaration_with_the_same_reference_is_one(client, engine):
    declared(client, customerReference="OVD-7")
    declared(client, customerReference="OVD-7")
    assert engine.overdues.count() == 1


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"overdueCategoryTypeCode": "XXX", "policy": POLICY}, 422),
        ({"policy": POLICY}, 422),
        ({"overdueCategoryTypeCode": "OVD", "policy": POLICY, "companyId": FULL, "invoices": []}, 422),
        ({"overdueCategoryTypeCode": "EXP", "policy": POLICY, "overdueId": "ovd-9", "newDueDate": "2026-05-31"}, 404),
        ({"overdueCategoryTypeCode": "EXP", "policy": POLICY, "overdueId": "ovd-9", "newDueDate": "31.05.2026"}, 422),
    ],
)
def test_wrong_overdues_are_refused(client, body, status):
    client.call("POST", "overdues", "/overdues", status, json=body)


def test_an_overdue_of_another_policy_is_not_seen(client, engine):
    job_id = declared(client)
    client.renew("sandbox-2")
    client.call("GET", "overdues", "/overdues/ovd-000001", 404)
    client.call("GET", "overdues", f"/jobs/{job_id}", 404)


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
