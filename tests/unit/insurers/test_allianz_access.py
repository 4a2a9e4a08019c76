"""How Allianz Trade's interface is entered: a token, the paths of both environments, a policy by its name."""

from __future__ import annotations

import pytest
from allianz_samples import POLICY, TOKEN, expect_waiting, pages
from pydantic import SecretStr

from tradecredit_sdk.errors import AuthenticationError, ConfigError, NotFoundError, ResponseFormatError
from tradecredit_sdk.models.buyer import BuyerQuery

# Token


def test_one_token_serves_many_calls_and_the_key_loses_its_blanks(allianz, allianz_wire):
    insurer = allianz(api_key=SecretStr("  key-42 \n"))
    for _ in range(2):
        expect_waiting(allianz_wire, size=1)
        insurer.probe()


def test_after_a_401_the_token_is_fetched_again_exactly_once(allianz, allianz_wire):
    sent = {"policies": [POLICY], "requestStatusCode": "InProgress", "pagination": pages(1, 1)}
    path = "/riskinfo/v3/coverRequests/search"
    allianz_wire.expect("POST", path, status=401, sent=sent)
    allianz_wire.expect(
        "POST",
        "/v1/idp/oauth2/authorize",
        {**TOKEN, "access_token": "token-2"},
        sent={"apiKey": "key-42"},
        authorised=False,
    )
    allianz_wire.token = "token-2"
    allianz_wire.expect("POST", path, status=401, sent=sent)
    with pytest.raises(AuthenticationError):
        allianz().probe()


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        None,
        "token",
        {"access_token": 7, "expires_in": 3600},
        {"access_token": "", "expires_in": 3600},
        {"access_token": "token-1"},
        {"access_token": "token-1", "expires_in": 0},
        {"access_token": "token-1", "expires_in": True},
        {"access_token": "token-1", "expires_in": "soon"},
        {"access_token": "two words", "expires_in": 3600},
    ],
)
def test_a_token_answer_that_is_none(allianz, bare_wire, body):
    wire = bare_wire()
    wire.expect("POST", "/v1/idp/oauth2/authorize", body, sent={"apiKey": "key-42"}, authorised=False)
    with pytest.raises(ResponseFormatError) as caught:
        allianz().probe()
    assert "two words" not in str(caught.value)


def test_the_test_environment_marks_each_path_in_its_own_place(allianz, bare_wire):
    """`/uatm` before riskinfo and idp, `uatm-` on the version of search and referential."""
    wire = bare_wire()
    wire.expect("POST", "/uatm/v1/idp/oauth2/authorize", TOKEN, sent={"apiKey": "key-42"}, authorised=False)
    insurer = allianz(environment="uat")
    body = {"companyName": "X", "countryCode": "DE", "pageSize": 10}
    wire.expect("POST", "/search/uatm-v2/companies/advancedSearch", {"results": []}, sent=body)
    wire.expect("POST", "/company-referential/uatm-v1/companies/list", {"companies": []}, sent=["1"])
    wire.expect("GET", "/uatm/riskinfo/v3/jobs/J", {"jobStatusCode": "PENDING"})
    query = {"policyId": "012345", "businessUnitCode": "EHDK", "page": "1", "pageSize": "100"}
    wire.expect("GET", "/uatm/riskinfo/v2/covers", [], status=206, query=query)
    insurer.find_buyers(BuyerQuery(name="X", country="DE"))
    with pytest.raises(NotFoundError):
        insurer.get_buyer("1")
    insurer.get_application("J")
    assert insurer.list_limits().items == ()


# Settings


@pytest.mark.parametrize(
    ("policy", "unit", "sent"),
    [
        ("012345", "EHDK", POLICY),
        ("EHDK:012345", None, POLICY),
        ("EHDK:012345", "EHDK", POLICY),
        ("EHDK:012345:", None, POLICY),
        ("EHSE:012346:DCL", None, {"businessUnitCode": "EHSE", "policyId": "012346", "extensionId": "DCL"}),
    ],
)
def test_ways_to_name_a_policy(allianz, allianz_wire, policy, unit, sent):
    body = {"requestTypeCode": "GradeCover", "policy": sent, "companyId": "000000001", "isRequestUrgent": False}
    allianz_wire.expect("POST", "/riskinfo/v3/covers", "J-1", status=202, sent=body)
    assert allianz(policy=policy, business_unit=unit).request_grade("000000001") == "J-1"


@pytest.mark.parametrize(
    ("policy", "unit", "why"),
    [
        ("012345", None, "TRADECREDIT_BUSINESS_UNIT"),
        (":012345", None, "UNIT:POLICY"),
        ("EHDK:", None, "UNIT:POLICY"),
        ("A:B:C:D", None, "UNIT:POLICY"),
        ("EHDK:012345", "EHSE", "keep one"),
        (None, "EHDK", "TRADECREDIT_POLICY"),
    ],
)
def test_a_policy_that_cannot_be_named(allianz, policy, unit, why):
    with pytest.raises(ConfigError, match=why):
        allianz(policy=policy, business_unit=unit)


def test_on_this_machine_a_sandbox_needs_no_business_unit(allianz, bare_wire):
    base = "http://127.0.0.1:8585/allianz-trade"
    wire = bare_wire(base)
    wire.expect("POST", "/v1/idp/oauth2/authorize", TOKEN, sent={"apiKey": "key-42"}, authorised=False)
    body = {
        "requestTypeCode": "GradeCover",
        "policy": {"policyId": "DEMO-001"},
        "companyId": "1",
        "isRequestUrgent": False,
    }
    wire.expect("POST", "/riskinfo/v3/covers", "J-1", status=202, sent=body)
    assert allianz(base_url=base, policy="DEMO-001", business_unit=None).request_grade("1") == "J-1"


def test_an_unknown_environment(allianz):
    with pytest.raises(ConfigError, match="production and uat"):
        allianz(environment="sandbox")
