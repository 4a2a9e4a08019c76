"""Finding a company: advanced search, matching, and the company data by id."""

from __future__ import annotations

import zlib
from typing import Annotated, Any

from fastapi import APIRouter, Body, Depends

from tradecredit_sdk.sandbox import policies
from tradecredit_sdk.sandbox.engine import Engine
from tradecredit_sdk.sandbox.faces.allianz_trade import names
from tradecredit_sdk.sandbox.faces.allianz_trade.access import Tokens
from tradecredit_sdk.sandbox.faces.allianz_trade.requests import AdvancedSearch, CompanySearch, Key, Matching
from tradecredit_sdk.sandbox.problem import Problem, invalid
from tradecredit_sdk.sandbox.records import Company, Match

_ENOUGH = 1000


def search_router(engine: Engine, tokens: Tokens) -> APIRouter:
    """`…/companies/advancedSearch` and `…/companies/matching`."""
    router = APIRouter(dependencies=[Depends(tokens.open)])

    @router.post("/companies/advancedSearch")
    def advanced_search(body: AdvancedSearch) -> dict[str, Any]:
        """Look for companies by name, best first."""
        hits = [hit for hit in _search(engine, body, []) if hit.company.status == "active" or not body.only_active]
        begin = (body.page - 1) * body.page_size
        return {"results": [{"company": _company(hit.company)} for hit in hits[begin : begin + body.page_size]]}

    @router.post("/companies/matching")
    def matching(body: Matching) -> dict[str, Any]:
        """Match a company by name and numbers; `score` is a guess."""
        values = [one.id_value for one in body.company_identifiers if one.id_value]
        hits = [hit for hit in _search(engine, body, values) if hit.score >= body.minimum_score]
        results = [{"score": hit.score, "company": _company(hit.company)} for hit in hits[: body.requested_size]]
        return {"results": results}

    return router


def referential_router(engine: Engine, tokens: Tokens) -> APIRouter:
    """`…/companies/list`."""
    router = APIRouter(dependencies=[Depends(tokens.open)])

    @router.post("/companies/list")
    def companies_list(ids: Annotated[list[Key], Body(max_length=1000)]) -> dict[str, Any]:
        """National numbers and address by company id; unknown ids are left out."""
        return {"companies": [_with_numbers(company) for one in ids if (company := _known(engine, one)) is not None]}

    return router


def _search(engine: Engine, body: CompanySearch, values: list[str]) -> list[Match]:
    if not body.company_name and not values:
        raise invalid("companyName", "say what to look for")
    if body.country_code is not None and not (len(body.country_code) == 2 and body.country_code.isalpha()):
        raise invalid("countryCode", "is an ISO 3166 code of two letters")
    countries = [body.country_code.upper()] if body.country_code else policies.COUNTRIES
    hits: list[Match] = []
    for country in countries:
        hits += engine.buyers.search(
            country=country,
            name=body.company_name,
            # The values of idTypeCode are not known: a number may be any of these.
            identifiers=[(kind, value, country) for value in values for kind in ("vat", "registration", "insurer")],
            town=body.town,
            postal_code=body.postal_code,
            max_results=_ENOUGH,
        )
    return sorted(hits, key=lambda hit: (-hit.score, hit.company.id))


def _known(engine: Engine, company_id: str) -> Company | None:
    try:
        return engine.buyers.get(company_id)
    except Problem:
        return None


def _company(company: Company) -> dict[str, Any]:
    return {
        "companyId": company.id,
        "legalData": {"companyName": company.name},
        "address": _address(company),
        "communicationChannels": _channels(company),
    }


def _with_numbers(company: Company) -> dict[str, Any]:
    numbers = {"vat": company.vat, "registration": company.registration}
    return {
        "companyId": company.id,
        "legalData": {"companyName": company.name},
        "address": _address(company),
        "companyIdentifiers": [
            {"idTypeCode": names.IDENTIFIER_TYPE[kind].word, "idValue": value}
            for kind, value in numbers.items()
            if value
        ],
    }


def _address(company: Company) -> dict[str, Any]:
    return {
        "streetName": company.street,
        "town": company.town,
        "countryCode": company.country,
        "postCodes": [{"postCodeValue": company.postal_code}] if company.postal_code else [],
    }


def _channels(company: Company) -> list[dict[str, str]]:
    """None, some or all, in an order that changes from company to company, so that nobody relies on positions.

    +999 is no country's code and .example nobody's domain.
    """
    draw = zlib.crc32(company.id.encode())
    channels = [
        {"typeCode": "PHONE_NUMBER", "value": f"+999 {company.id}"},
        {"typeCode": "WEBSITE", "value": f"https://{company.id}.example"},
    ]
    return (channels if draw % 2 else channels[::-1])[: draw // 2 % 3]
