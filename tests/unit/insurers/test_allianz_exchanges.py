"""Allianz Trade's interface, exchange by exchange, as far as it is publicly known."""

from __future__ import annotations

from datetime import date, datetime, timezone
from decimal import Decimal

import pytest
from pydantic import SecretStr

from tradecredit_sdk.errors import (
    AuthenticationError,
    ConfigError,
    InvalidInputError,
    NotFoundError,
    ResponseFormatError,
    ServerError,
    UnsupportedOperationError,
)
from tradecredit_sdk.models.buyer import BuyerQuery, Identifier
from tradecredit_sdk.models.limit import LimitRequest, LimitState
from tradecredit_sdk.models.money import Money

POLICY = {"businessUnitCode": "EHDK", "policyId": "012345"}
TOKEN = {"access_token": "token-1", "token_type": "Bearer", "expires_in": 3600}
LINK = "https://api.example/riskinfo/v3/covers/COV-1"
DONE = {"jobStatusCode": "PROCESSED", "resourceUrl": LINK}
COVER = {
    "creditLimitsAggregation": {
        "creditLimits": [{"technicalDecisionStatusCode": "AlreadyAgreed", "amount": 100000, "startDate": "2023-07-01"}]
    }
}


def pages(page: int = 1, size: int = 1000) -> dict:
    return {"page": page, "pageSize": size, "isTotalRequired": True}


def expect_waiting(wire, rows=(), page=1, size=1000):
    sent = {"policies": [POLICY], "requestStatusCode": "InProgress", "pagination": pages(page, size)}
    wire.expect("POST", "/riskinfo/v3/coverRequests/search", list(rows), sent=sent)


def request(**changes) -> LimitRequest:
    return LimitRequest(**{"buyer_id": "000000001", "amount": Money("100000", "DKK"), "reference": "REQ-1", **changes})


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


# Buyers


def company(number: str = "000000001", **changes) -> dict:
    full = {
        "companyId": number,
        "legalData": {"companyName": "EXAMPLE SARL"},
        "address": {
            "streetName": "RUE X",
            "streetNumber": "12",
            "town": "PARIS",
            "countryCode": "FR",
            "postCodes": [{"postCodeValue": "75001"}],
        },
        "communicationChannels": [{"typeCode": "WEBSITE", "value": "https://example.example"}],
    }
    return {name: value for name, value in {**full, **changes}.items() if value is not ...}


def test_by_name_the_insurer_s_order_is_kept(allianz, allianz_wire):
    body = {"companyName": "EXAMPLE", "countryCode": "FR", "town": "PARIS", "postalCode": "75001", "pageSize": 10}
    found = [{"company": company("000000002")}, {"company": company(), "score": 99}]
    allianz_wire.expect("POST", "/search/v2/companies/advancedSearch", {"results": found}, sent=body)
    query = BuyerQuery(name="EXAMPLE", country="FR", town="PARIS", postal_code="75001")
    buyers = allianz().find_buyers(query)
    assert [one.id for one in buyers] == ["000000002", "000000001"]
    assert [one.score for one in buyers] == [None, None], "the name of a score is a guess"
    assert buyers[0].address.model_dump() == {
        "street": "12 RUE X",
        "postal_code": "75001",
        "town": "PARIS",
        "country": "FR",
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"legalData": ..., "address": ..., "communicationChannels": ...},
        {"legalData": None, "address": None, "communicationChannels": []},
        {"legalData": {}, "address": {"postCodes": []}},
        {"address": {"postCodes": [{}, {"postCodeValue": ""}, {"postCodeValue": None}]}},
        {"legalData": {"companyName": None}, "unheard": {"of": 1}},
    ],
)
def test_parts_of_a_company_may_be_missing(allianz, allianz_wire, changes):
    body = {"companyName": "EXAMPLE", "countryCode": "FR", "pageSize": 10}
    found = {"results": [{"company": company(**changes)}]}
    allianz_wire.expect("POST", "/search/v2/companies/advancedSearch", found, sent=body)
    (buyer,) = allianz().find_buyers(BuyerQuery(name="EXAMPLE", country="FR"))
    assert (buyer.id, buyer.country) == ("000000001", "FR")


@pytest.mark.parametrize("answer", [{"results": []}, {"results": None}, {}, None])
def test_no_hit(allianz, allianz_wire, answer):
    body = {"companyName": "EXAMPLE", "countryCode": "FR", "pageSize": 10}
    allianz_wire.expect("POST", "/search/v2/companies/advancedSearch", answer, sent=body)
    assert allianz().find_buyers(BuyerQuery(name="EXAMPLE", country="FR")) == ()


def test_companies_of_another_country_and_beyond_the_size_are_left_out(allianz, allianz_wire):
    abroad = company("000000009", address={"countryCode": "BE"})
    found = [{"company": one} for one in (abroad, company("000000001"), company("000000002"), company("000000003"))]
    body = {"companyName": "EXAMPLE", "countryCode": "FR", "pageSize": 2}
    allianz_wire.expect("POST", "/search/v2/companies/advancedSearch", {"results": found}, sent=body)
    buyers = allianz().find_buyers(BuyerQuery(name="EXAMPLE", country="FR", max_results=2))
    assert [one.id for one in buyers] == ["000000001", "000000002"]


def matching(wire, name, numbers, found, held):
    body = {
        "countryCode": "FR",
        "companyIdentifierTypeCode": "EH",
        "requestedSize": 10,
        "minimumScore": 0,
        "companyIdentifiers": [{"idValue": number} for number in numbers],
    }
    wire.expect(
        "POST",
        "/search/v2/companies/matching",
        {"results": [{"company": company(one)} for one in found]},
        sent=body | ({"companyName": name} if name else {}),
    )
    if found:
        numbers = [
            {"companyId": one, "companyIdentifiers": [{"idValue": value}]} if value else {"companyId": one}
            for one, value in held.items()
        ]
        wire.expect("POST", "/company-referential/v1/companies/list", {"companies": numbers}, sent=found)


VAT = Identifier(type="vat", value="FR40303265045", country="FR")


def test_a_number_is_confirmed_because_the_search_may_ignore_it(allianz, allianz_wire):
    """One client sends a placeholder as the kind of number and gets results all the same."""
    matching(allianz_wire, "EXAMPLE", ["FR40303265045"], ["A", "B"], {"B": "FR40 303 265 045", "A": "FR83404833048"})
    buyers = allianz().find_buyers(BuyerQuery(name="EXAMPLE", country="FR", identifiers=(VAT,)))
    assert [one.id for one in buyers] == ["B", "A"]
    assert buyers[0].identifiers[0].value == "FR40 303 265 045"


def test_without_a_name_only_confirmed_companies_count(allianz, allianz_wire):
    insurer = allianz()
    query = BuyerQuery(country="FR", identifiers=(VAT,))
    matching(allianz_wire, None, ["FR40303265045"], ["A", "B", "C"], {"A": None, "B": "40303265045"})
    assert [one.id for one in insurer.find_buyers(query)] == ["B"]
    matching(allianz_wire, None, ["FR40303265045"], ["A"], {"A": "FR83404833048"})
    assert insurer.find_buyers(query) == ()
    matching(allianz_wire, None, ["FR40303265045"], [], {})
    assert insurer.find_buyers(query) == ()


def test_by_the_insurer_s_own_id(allianz, allianz_wire):
    insurer = allianz()
    path = "/company-referential/v1/companies/list"
    allianz_wire.expect("POST", path, {"companies": [company()]}, sent=["000000001"])
    allianz_wire.expect("POST", path, {"companies": []}, sent=["000000001"])
    allianz_wire.expect("POST", path, {"companies": [company()]}, sent=["000000001"])
    own = Identifier(type="insurer", value="000000001")
    assert insurer.find_buyers(BuyerQuery(country="FR", identifiers=(own,)))[0].name == "EXAMPLE SARL"
    assert insurer.find_buyers(BuyerQuery(country="FR", identifiers=(own,))) == ()
    assert insurer.find_buyers(BuyerQuery(country="BE", identifiers=(own,))) == (), "it is seated in another country"


def test_a_company_with_its_numbers(allianz, allianz_wire):
    insurer = allianz()
    path = "/company-referential/v1/companies/list"
    numbers = [{"idValue": "303265045"}, {"idTypeCode": "VAT", "idValue": "FR40303265045"}, {"idTypeCode": "X"}]
    allianz_wire.expect("POST", path, {"companies": [{"companyIdentifiers": numbers}]}, sent=["000000001"])
    buyer = insurer.get_buyer("000000001")
    assert buyer.id == "000000001", "an answer to one id need not repeat it"
    assert [(one.type, one.value) for one in buyer.identifiers] == [("", "303265045"), ("VAT", "FR40303265045")]
    allianz_wire.expect("POST", path, {"companies": [company("000000002")]}, sent=["000000001"])
    with pytest.raises(NotFoundError):
        insurer.get_buyer("000000001")


def test_two_companies_for_one_id_are_not_chosen_from(allianz, allianz_wire):
    companies = [{"companyIdentifiers": [{"idValue": number}]} for number in ("303265045", "404833048")]
    path = "/company-referential/v1/companies/list"
    allianz_wire.expect("POST", path, {"companies": companies}, sent=["000000001"])
    with pytest.raises(ResponseFormatError) as caught:
        allianz().get_buyer("000000001")
    assert [item.field for item in caught.value.fields] == ["companies.0.companyId"]


# Requests, jobs, covers


@pytest.mark.parametrize(
    ("answer", "job"),
    [("J-1", "J-1"), (4711, "4711"), ({"jobId": "J-1"}, "J-1"), ({"jobId": 4711, "more": 1}, "4711"), (" J-1 ", "J-1")],
)
def test_an_order_is_answered_with_a_job_id(allianz, allianz_wire, answer, job):
    body = {
        "requestTypeCode": "Primary",
        "policy": POLICY,
        "creditLimitDetails": {"requestedAmount": 100000, "currencyCode": "DKK"},
        "companyId": "000000001",
        "isRequestUrgent": True,
    }
    allianz_wire.expect("POST", "/riskinfo/v3/covers", answer, status=202, sent=body)
    application = allianz().request_limit(request(urgent=True, action="increase"))
    assert (application.id, application.reference, application.state) == (job, "REQ-1", LimitState.REQUESTED)
    assert (application.buyer_id, application.amount, application.raw) == ("000000001", Money("100000", "DKK"), answer)
    assert application.is_pending


@pytest.mark.parametrize(
    "answer", [None, "", "  ", True, [], ["J-1"], {}, {"jobId": None}, {"jobId": {"id": 1}}, Decimal("1.5")]
)
def test_an_order_whose_job_id_cannot_be_read_names_our_reference(allianz, allianz_wire, answer):
    body = {
        "requestTypeCode": "Primary",
        "policy": POLICY,
        "creditLimitDetails": {"requestedAmount": Decimal("0.01"), "currencyCode": "DKK"},
        "companyId": "000000001",
        "isRequestUrgent": False,
    }
    allianz_wire.expect("POST", "/riskinfo/v3/covers", answer, status=202, sent=body)
    with pytest.raises(ResponseFormatError) as caught:
        allianz().request_limit(request(amount=Money("0.01", "DKK")))
    assert caught.value.reference == "REQ-1"


@pytest.mark.parametrize("status", [500, 502, 503])
def test_an_order_is_never_repeated_by_itself(allianz, allianz_wire, status):
    """A repeated request can cost a fee, and no reference is known to travel along."""
    body = {
        "requestTypeCode": "Primary",
        "policy": POLICY,
        "creditLimitDetails": {"requestedAmount": 100000, "currencyCode": "DKK"},
        "companyId": "000000001",
        "isRequestUrgent": False,
    }
    allianz_wire.expect("POST", "/riskinfo/v3/covers", status=status, sent=body)
    with pytest.raises(ServerError) as caught:
        allianz(retries=3).request_limit(request())
    assert caught.value.attempts == 1


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"terms_days": 60}, "request_terms_days"),
        ({"comment": "please"}, "request_comment"),
        ({"kind": "temporary", "valid_until": "2026-12-31"}, "temporary"),
    ],
)
def test_what_has_no_known_name_is_refused_and_not_dropped(allianz, changes, name):
    with pytest.raises(UnsupportedOperationError, match=name) as caught:
        allianz().request_limit(request(**changes))
    assert "TRADECREDIT_CONTRACT_FILE" in str(caught.value)


@pytest.mark.parametrize("word", ["PENDING", "pending", "Pending"])
def test_a_running_job_is_a_request(allianz, allianz_wire, word):
    insurer = allianz()
    for _ in range(2):
        allianz_wire.expect("GET", "/riskinfo/v3/jobs/J-1", {"jobStatusCode": word})
    assert insurer.get_application("J-1").state is LimitState.REQUESTED
    decision = insurer.limit_decision("J-1")
    assert (decision.application_id, decision.state, decision.is_pending) == ("J-1", LimitState.REQUESTED, True)


@pytest.mark.parametrize("word", ["FAILED", "approved", "Processing"])
def test_a_job_in_a_state_nobody_has_seen_is_no_answer(allianz, allianz_wire, word):
    allianz_wire.expect("GET", "/riskinfo/v3/jobs/J-1", {"jobStatusCode": word})
    application = allianz().get_application("J-1")
    assert application.is_pending
    assert not isinstance(application.state, LimitState)
    assert word in application.state


@pytest.mark.parametrize(
    "job",
    [
        DONE,
        {"jobStatusCode": "processed", "ressourceUrl": LINK},
        {"jobStatusCode": "PROCESSED", "resourceUrl": "/riskinfo/v3/covers/COV-1"},
        {"jobStatusCode": "PROCESSED", "resourceUrl": "riskinfo/v3/covers/COV-1", "ressourceUrl": None},
    ],
)
def test_a_processed_job_leads_to_its_cover(allianz, allianz_wire, job):
    allianz_wire.expect("GET", "/riskinfo/v3/jobs/J-1", job)
    allianz_wire.expect("GET", "/riskinfo/v3/covers/COV-1", COVER)
    expect_waiting(allianz_wire)
    decision = allianz().limit_decision("J-1")
    assert (decision.application_id, decision.state) == ("J-1", LimitState.APPROVED)
    assert (decision.amount, decision.insurer_code) == (Money("100000", "EUR"), "AlreadyAgreed")
    assert decision.valid_from == date(2023, 7, 1)


def test_a_processed_job_is_not_yet_a_decision(allianz, allianz_wire):
    """While an underwriter has the request, the cover still shows the limit from before."""
    allianz_wire.expect("GET", "/riskinfo/v3/jobs/J-1", DONE)
    allianz_wire.expect("GET", "/riskinfo/v3/covers/COV-1", {"coverId": "COV-1", "companyId": "000000001", **COVER})
    expect_waiting(allianz_wire, [{"requestId": "R", "coverId": "COV-0"}, {"requestId": "R", "coverId": "COV-1"}])
    application = allianz().get_application("J-1")
    assert (application.state, application.decision) == (LimitState.REFERRED, None)
    assert application.buyer_id == "000000001"


def test_the_token_never_leaves_for_another_host(allianz, allianz_wire):
    link = "https://elsewhere.example/riskinfo/v3/covers/COV-1"
    allianz_wire.expect("GET", "/riskinfo/v3/jobs/J-1", {"jobStatusCode": "PROCESSED", "resourceUrl": link})
    with pytest.raises(ResponseFormatError, match=r"elsewhere\.example"):
        allianz().get_application("J-1")


def expect_cover(wire, cover, waiting=()):
    wire.expect("GET", "/riskinfo/v3/covers/COV-1", cover)
    expect_waiting(wire, waiting)


def limits(*rows) -> dict:
    return {"coverId": "COV-1", "creditLimitsAggregation": {"creditLimits": list(rows)}}


def row(code="AlreadyAgreed", amount=100000, start="2023-07-01", **more) -> dict:
    return {"technicalDecisionStatusCode": code, "amount": amount, "startDate": start, **more}


def test_a_decision_keeps_the_currency_it_comes_with(allianz, allianz_wire):
    expect_cover(allianz_wire, limits(row(currencyCode="USD", amount=Decimal("30000.50"))))
    assert allianz().limit_decision("cover:COV-1").amount == Money("30000.50", "USD")


def test_an_amount_without_any_currency_is_not_given_one(allianz, allianz_wire):
    """The insurer may decide in the policy's currency instead of the requested one."""
    expect_cover(allianz_wire, COVER)
    decision = allianz(policy_currency=None).limit_decision("cover:COV-1")
    assert (decision.state, decision.amount) == (LimitState.APPROVED, None)
    assert "100000" in decision.reason
    assert "TRADECREDIT_POLICY_CURRENCY" in decision.reason


@pytest.mark.parametrize(
    "code", ["Agreed", "PartiallyAgreed", "Refused", "approved", "APPROVED", "Partly_Approved", "Foo"]
)
def test_a_code_that_was_never_seen_is_kept_and_is_no_answer(allianz, allianz_wire, code):
    expect_cover(allianz_wire, limits(row(code)))
    decision = allianz().limit_decision("cover:COV-1")
    assert decision.insurer_code == code
    assert decision.is_pending
    assert not isinstance(decision.state, LimitState)


@pytest.mark.parametrize(
    ("code", "amount", "state"),
    [
        ("Agreed", 100000, LimitState.APPROVED),
        ("PartiallyAgreed", 5, LimitState.PARTLY_APPROVED),
        ("Refused", 0, LimitState.REFUSED),
    ],
)
def test_guessed_codes_count_when_they_are_switched_on(allianz, allianz_wire, code, amount, state):
    expect_cover(allianz_wire, limits(row(code, amount)))
    assert allianz(unverified=True).limit_decision("cover:COV-1").state is state


def test_the_limit_in_force_counts_whatever_the_order(allianz, allianz_wire):
    """An announced cut is a row of the future."""
    rows = [row(amount=1, start="2999-01-01"), row(amount=3, start="2024-01-01"), row(amount=2, start="2023-01-01")]
    expect_cover(allianz_wire, limits(*rows))
    assert allianz().limit_decision("cover:COV-1").amount == Money("3", "EUR")


def test_a_limit_that_has_not_begun_counts_when_there_is_no_other(allianz, allianz_wire):
    expect_cover(allianz_wire, limits(row(amount=2, start="2999-02-01"), row(amount=1, start="2999-01-01")))
    assert allianz().limit_decision("cover:COV-1").amount == Money("1", "EUR")


def test_a_temporary_limit_is_not_the_answer_to_a_permanent_request(allianz, allianz_wire):
    temporary = row(amount=9, start="2024-01-01", creditLimitTypeCode="Temporary")
    expect_cover(allianz_wire, limits(row(amount=1), temporary))
    assert allianz().limit_decision("cover:COV-1").amount == Money("1", "EUR")


@pytest.mark.parametrize(
    "cover",
    [
        {"coverId": "COV-1"},
        {"coverId": "COV-1", "creditLimitsAggregation": None},
        {"coverId": "COV-1", "creditLimitsAggregation": {"creditLimits": []}, "coverStatusCode": "CheckPolicy"},
        {"coverId": "COV-1", "coverStatusCode": "Agreement"},
        {"coverId": "COV-1", "coverStatusCode": "approved"},
    ],
)
def test_a_cover_without_a_limit_is_no_answer(allianz, allianz_wire, cover):
    expect_cover(allianz_wire, cover)
    application = allianz().get_application("cover:COV-1")
    assert application.is_pending
    assert not isinstance(application.state, LimitState)


def test_the_waiting_requests_of_one_company(allianz, allianz_wire):
    insurer = allianz()
    details = {"requestedAmount": 50000, "currencyCode": "DKK"}
    rows = [
        {"requestId": "R1", "coverId": "COV-1", "creditLimitDetails": details, "creationDate": "2025-05-01"},
        {"requestId": "R2", "coverId": "COV-2", "creditLimitDetails": None},
    ]
    expect_waiting(allianz_wire, rows, size=2)
    page = insurer.list_applications(page_size=2)
    assert [(one.id, one.state, one.amount) for one in page.items] == [
        ("cover:COV-1", LimitState.REFERRED, Money("50000", "DKK")),
        ("cover:COV-2", LimitState.REFERRED, None),
    ]
    assert page.items[0].raw == rows[0]

    expect_v2(allianz_wire, [v2("COV-2", "000000002", 1)], company="000000002")
    expect_waiting(allianz_wire, rows)
    (only,) = insurer.list_applications(buyer_id="000000002").items
    assert (only.id, only.buyer_id) == ("cover:COV-2", "000000002")


# Limits and grades


def v2(cover="COV-1", company="000000001", amount=100000, status="Agreement", **decision) -> dict:
    decided = {"permanent": {"permanentAmount": amount}, **decision} if amount is not None or decision else None
    return {"coverId": cover, "coverStatusCode": status, "company": {"companyId": company}, "decision": decided}


def expect_v2(wire, rows, *, page=1, size=100, company=None, status=206):
    query = {"policyId": "012345", "businessUnitCode": "EHDK", "page": str(page), "pageSize": str(size)}
    wire.expect(
        "GET",
        "/riskinfo/v2/covers",
        list(rows),
        status=status,
        query=query | ({"companyId": company} if company else {}),
    )


def test_limits_come_in_pages_of_206_until_a_short_one(allianz, allianz_wire):
    insurer = allianz()
    expect_v2(allianz_wire, [v2("COV-1"), v2("COV-2", "000000002")], size=2)
    first = insurer.list_limits(page_size=2)
    expect_v2(allianz_wire, [v2("COV-3", "000000003", Decimal("99999999999999.99"))], page=2, size=2)
    second = insurer.list_limits(page_size=2, cursor=first.next_cursor)
    assert [one.id for one in first.items + second.items] == ["cover:COV-1", "cover:COV-2", "cover:COV-3"]
    assert second.next_cursor is None
    limit = second.items[0]
    assert (limit.buyer_id, limit.state, limit.insurer_code) == ("000000003", LimitState.APPROVED, "Agreement")
    assert limit.amount == Money("99999999999999.99", "EUR")


def test_a_full_page_may_be_the_last(allianz, allianz_wire):
    insurer = allianz()
    expect_v2(allianz_wire, [v2()], size=1)
    cursor = insurer.list_limits(page_size=1).next_cursor
    expect_v2(allianz_wire, [], page=2, size=1)
    page = insurer.list_limits(page_size=1, cursor=cursor)
    assert (page.items, page.next_cursor) == ((), None)


def test_a_server_that_knows_no_pages_does_not_loop_for_ever(allianz, allianz_wire):
    insurer = allianz()
    expect_v2(allianz_wire, [v2()], size=1)
    cursor = insurer.list_limits(page_size=1).next_cursor
    expect_v2(allianz_wire, [v2()], page=2, size=1)
    with pytest.raises(ResponseFormatError, match="repeats"):
        insurer.list_limits(page_size=1, cursor=cursor)


@pytest.mark.parametrize("cursor", ["0", "-1", "x", "1.5", "\u0661", "~"])
def test_a_cursor_of_somebody_else(allianz, cursor):
    with pytest.raises(InvalidInputError, match="cursor"):
        allianz().list_limits(cursor=cursor)


def test_rows_that_are_no_cover(allianz, allianz_wire):
    """No decision is no row; an amount of zero or less is no cover, whatever the word beside it."""
    rows = [
        v2("A", amount=None),
        {**v2("B"), "decision": {}},
        {**v2("C"), "decision": {"permanent": None}},
        v2("D", amount=0),
        v2("E", amount=-1),
        v2("F", amount=0, status="Refusal"),
        v2("G", status="Something"),
        v2("H", status="approved"),
    ]
    expect_v2(allianz_wire, rows)
    found = {one.id: one for one in allianz().list_limits().items}
    assert set(found) == {"cover:D", "cover:E", "cover:F", "cover:G", "cover:H"}
    for name in "DEF":
        assert (found[f"cover:{name}"].state, found[f"cover:{name}"].amount) == (LimitState.REFUSED, Money.zero("EUR"))
    assert found["cover:G"].state == "Something"
    assert not isinstance(found["cover:H"].state, LimitState)


def test_the_currency_of_limits_must_come_from_somewhere(allianz, allianz_wire):
    insurer = allianz(policy_currency=None)
    expect_v2(allianz_wire, [])
    assert insurer.list_limits().items == (), "nothing to read needs no currency"
    expect_v2(allianz_wire, [v2("COV-1", permanent={"permanentAmount": 5, "currencyCode": "SEK"})])
    assert insurer.list_limits().items[0].amount == Money("5", "SEK")
    expect_v2(allianz_wire, [v2()])
    with pytest.raises(ConfigError, match="TRADECREDIT_POLICY_CURRENCY"):
        insurer.list_limits()


def test_limits_seen_today_are_in_force_today_for_everybody(allianz, allianz_wire):
    """At 11:00 in UTC it is still the day before on Baker Island."""
    insurer = allianz()
    insurer._now = lambda: datetime(2026, 3, 31, 11, 0, tzinfo=timezone.utc)
    expect_v2(allianz_wire, [v2()])
    assert insurer.list_limits().items[0].valid_from == date(2026, 3, 30)


def test_for_one_buyer_the_cover_tells_since_when(allianz, allianz_wire):
    insurer = allianz()
    insurer._now = lambda: datetime(2026, 3, 31, 13, 0, tzinfo=timezone.utc)
    rows = [v2("COV-1"), v2("COV-2", amount=7), v2("COV-3", amount=8)]
    expect_v2(allianz_wire, rows, company="000000001")
    allianz_wire.expect("GET", "/riskinfo/v3/covers/COV-1", COVER)
    allianz_wire.expect("GET", "/riskinfo/v3/covers/COV-2", COVER)
    allianz_wire.expect("GET", "/riskinfo/v3/covers/COV-3", status=404)
    found = insurer.list_limits(buyer_id="000000001").items
    assert [one.valid_from for one in found] == [date(2023, 7, 1), date(2026, 3, 31), date(2026, 3, 31)]


def test_a_temporary_limit_needs_its_guess_and_its_end(allianz, allianz_wire):
    whole = {"temporaryAmount": 500, "startDate": "2026-01-01", "endDate": "2026-06-30"}
    rows = [v2("A", temporary=whole), v2("B", temporary={"temporaryAmount": 500})]
    insurer = allianz(unverified=True)
    expect_v2(allianz_wire, rows)
    found = {one.id: one for one in insurer.list_limits().items}
    assert set(found) == {"cover:A", "cover:A:temporary", "cover:B"}
    limit = found["cover:A:temporary"]
    assert (limit.kind, limit.amount, limit.valid_until) == ("temporary", Money("500", "EUR"), date(2026, 6, 30))


def test_a_temporary_limit_is_left_out_without_the_switch(allianz, allianz_wire):
    whole = {"temporaryAmount": 500, "startDate": "2026-01-01", "endDate": "2026-06-30"}
    expect_v2(allianz_wire, [v2("A", temporary=whole)])
    assert [one.id for one in allianz().list_limits().items] == ["cover:A"]


def test_grades_are_in_the_rows_that_carry_nothing_else(allianz, allianz_wire):
    rows = [
        {
            "companyId": "1",
            "companyName": "EXAMPLE AB",
            "companyCountryCode": "SE",
            "coverStatusCode": "CheckPolicy",
            "gradePolicyCoverGradeCode": "04",
        },
        {
            "companyId": "2",
            "companyName": "OTHER AB",
            "companyCountryCode": "SE",
            "coverStatusCode": "Agreement",
            "gradePolicyCoverGradeCode": None,
        },
        {
            "companyId": "3",
            "companyName": "THIRD AB",
            "companyCountryCode": "SE",
            "coverStatusCode": "CheckPolicy",
            "gradePolicyCoverGradeCode": "NA",
        },
    ]
    sent = {"policies": [POLICY], "pagination": pages(1, 3)}
    allianz_wire.expect("POST", "/riskinfo/v3/covers/search", rows, sent=sent)
    page = allianz().list_grades(page_size=3)
    assert [(one.id, one.name, one.country, one.grade) for one in page.items] == [
        ("1", "EXAMPLE AB", "SE", "04"),
        ("3", "THIRD AB", "SE", "NA"),
    ]
    assert page.next_cursor == "2~1"
