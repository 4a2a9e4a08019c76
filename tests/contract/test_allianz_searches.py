"""The sandbox's Allianz Trade face, over a real socket, against `docs/reference/allianz-trade-sandbox.md`: searches, version 2, overdues."""

import pytest
from allianz_client import BY_HAND, FULL, HALF, POLICY, REFUSED

from tradecredit_sdk.models.money import Money

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
