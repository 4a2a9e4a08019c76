"""Allianz Trade's companies, exchange by exchange: found by name, by number and by id."""

from __future__ import annotations

import pytest

from tradecredit_sdk.errors import NotFoundError, ResponseFormatError
from tradecredit_sdk.models.buyer import BuyerQuery, Identifier


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
