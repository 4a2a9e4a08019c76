"""The sandbox against its own OpenAPI: whatever is thrown at it, no answer is a 500 and each is one it documents."""

import os

import hypothesis
import pytest
import requests
import schemathesis
from schemathesis import checks
from schemathesis.specs.openapi import checks as openapi

from tradecredit_sdk.models.money import Money
from tradecredit_sdk.sandbox import Engine, create_app
from tradecredit_sdk.sandbox.records import Asked, Declared, Invoice

CONFORMANCE = [checks.not_a_server_error, openapi.status_code_conformance, openapi.content_type_conformance,
               openapi.response_schema_conformance]  # fmt: skip
DIGGING = int(os.environ.get("SCHEMATHESIS_EXAMPLES", "4"))
"""Examples for each operation; more of them take longer and find more."""
KEY = {"Authorization": "Bearer sandbox"}

bounded = hypothesis.settings(
    max_examples=DIGGING, deadline=None, derandomize=True, suppress_health_check=list(hypothesis.HealthCheck)
)


@pytest.fixture(scope="module", autouse=True)
def _anew(sandbox_server):
    """Not broken, moved or filled by the tests before; from here on it is not reset between cases."""
    sandbox_server.reset()


@pytest.fixture
def first_of_each(sandbox_server):
    """Path parameters that lead to something."""
    engine = sandbox_server.engine
    money = Money("1000.00", "EUR")
    application = engine.applications.submit(
        "DEMO-001", Asked("900000001", amount=money, reference="FIRST")
    ).application
    invoice = Invoice("R-1", engine.now().date(), money)
    overdue = engine.overdues.declare("DEMO-001", Declared("900000001", (invoice,), reference="FIRST")).overdue
    return {"policy_id": "DEMO-001", "application_id": application.id, "limit_id": application.decision.limit_id,
            "overdue_id": overdue.id, "webhook_id": "whk-000001"}  # fmt: skip


@pytest.fixture
def token(sandbox_server):
    url = sandbox_server.base_url_allianz + "/v1/idp/oauth2/authorize"
    answer = requests.post(url, json={"apiKey": "sandbox"}, timeout=20)
    return {"Authorization": "Bearer " + answer.json()["access_token"]}


def description(*, every_corner):
    """What /openapi.json says; the server that is asked is the fixture's, and it is not reset between cases."""
    engine = Engine()
    try:
        schema = schemathesis.openapi.from_dict(create_app(engine).openapi())
    finally:
        engine.close()
    schema.config.phases.coverage.enabled = every_corner
    schema.config.phases.coverage.unexpected_methods = {"put"}  # one stands for all
    return schema


schema, briefly = description(every_corner=True), description(every_corner=False)
# An ordered fault is a 500, and a reset or a moved clock would end what other cases build.
harmless = briefly.include(path_regex=r"^/sandbox/").exclude(path_regex=r"/(faults|reset|clock)$")


@schema.include(path_regex=r"^/open/v1/").parametrize()
@bounded
def test_the_open_face_answers_as_it_says(case, sandbox_server):
    if "policy_id" in (case.path_parameters or {}):
        case.path_parameters["policy_id"] = "DEMO-001"
    case.call_and_validate(checks=CONFORMANCE, headers=KEY, base_url=sandbox_server.url, timeout=20)


@briefly.include(path_regex=r"^/open/v1/policies/\{policy_id\}/[a-z]+/\{").parametrize()
@bounded
def test_what_stands_under_the_first_number_answers_as_it_says(case, sandbox_server, first_of_each):
    for name in case.path_parameters:
        case.path_parameters[name] = first_of_each[name]
    case.call_and_validate(checks=CONFORMANCE, headers=KEY, base_url=sandbox_server.url, timeout=20)


@harmless.parametrize()
@bounded
def test_the_control_api_never_breaks(case, sandbox_server):
    case.call_and_validate(
        checks=[checks.not_a_server_error],
        headers={"Content-Type": "application/json"},
        base_url=sandbox_server.url,
        timeout=20,
    )


@briefly.include(path_regex=r"^/allianz-trade/").parametrize()
@bounded
def test_the_allianz_trade_face_never_breaks(case, sandbox_server, token):
    case.call_and_validate(checks=[checks.not_a_server_error], headers=token, base_url=sandbox_server.url, timeout=20)
