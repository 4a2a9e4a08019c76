"""What Allianz Trade's interface is asked and answers, as far as it is publicly known."""

from __future__ import annotations

from tradecredit_sdk.models.limit import LimitRequest
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


def order(amount=100000, *, urgent=False) -> dict:
    """What is sent for `request()`."""
    details = {"requestedAmount": amount, "currencyCode": "DKK"}
    return {
        "requestTypeCode": "Primary",
        "policy": POLICY,
        "creditLimitDetails": details,
        "companyId": "000000001",
        "isRequestUrgent": urgent,
    }


def expect_cover(wire, cover, waiting=()):
    wire.expect("GET", "/riskinfo/v3/covers/COV-1", cover)
    expect_waiting(wire, waiting)


def limits(*rows) -> dict:
    return {"coverId": "COV-1", "creditLimitsAggregation": {"creditLimits": list(rows)}}


def row(code="AlreadyAgreed", amount=100000, start="2023-07-01", **more) -> dict:
    return {"technicalDecisionStatusCode": code, "amount": amount, "startDate": start, **more}


def v2(cover="COV-1", company="000000001", amount=100000, status="Agreement", **decision) -> dict:
    decided = {"permanent": {"permanentAmount": amount}, **decision} if amount is not None or decision else None
    return {"coverId": cover, "coverStatusCode": status, "company": {"companyId": company}, "decision": decided}


def expect_v2(wire, rows, *, page=1, size=100, company=None, status=206):
    query = {"policyId": "012345", "businessUnitCode": "EHDK", "page": str(page), "pageSize": str(size)}
    wire.expect(
        "GET",
        "/riskinfo/v2/covers",
        rows,
        status=status,
        query=query | ({"companyId": company} if company else {}),
    )
