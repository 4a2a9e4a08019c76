"""The sandbox's Allianz Trade face, over a real socket, against `docs/reference/allianz-trade-sandbox.md`: covers and jobs."""

import pytest
from allianz_client import BY_HAND, DAY, DOLLARS, FULL, HALF, POLICY, REFUSED, SLOW

from tradecredit_sdk.models.limit import LimitState
from tradecredit_sdk.models.money import Money


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
