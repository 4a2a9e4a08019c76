"""Answers of an insurer of the open contract, each whole and right, and the requests they belong to."""

from __future__ import annotations

from datetime import datetime, timezone

from tradecredit_sdk.models.limit import LimitRequest
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.overdue import OverdueDeclaration

SINCE = datetime(2026, 3, 31, tzinfo=timezone.utc)
EUR = {"amount": "50000.00", "currency": "EUR"}
BUYER = {
    "id": "000004711",
    "name": "Nordlicht Handels GmbH",
    "country": "DE",
    "identifiers": [{"type": "vat", "value": "DE136695976", "country": "DE"}],
    "address": {"street": "Hafenstr. 1", "postal_code": "20457", "town": "Hamburg", "country": "DE"},
    "grade": "4",
    "status": "active",
    "score": 97,
}
PENDING = {
    "id": "app-000001",
    "reference": "REQ-42",
    "policy_id": "DEMO-001",
    "buyer_id": "000004711",
    "action": "new",
    "kind": "permanent",
    "amount": EUR,
    "valid_until": None,
    "terms_days": 60,
    "urgent": False,
    "comment": None,
    "state": "referred",
    "created_at": "2026-03-31T08:00:00Z",
    "decision": None,
}
DECISION = {
    "application_id": "app-000001",
    "reference": "REQ-42",
    "buyer_id": "000004711",
    "state": "partly_approved",
    "amount": {"amount": "30000.00", "currency": "USD"},
    "insurer_code": "PART",
    "reason": "Turnover does not support more.",
    "conditions": [{"code": "C10", "text": "Payment terms at most 60 days."}],
    "limit_id": "lim-000001",
    "valid_from": "2026-03-31",
    "valid_until": None,
    "decided_at": "2026-03-31T08:00:00Z",
}
DECIDED = {**PENDING, "state": "partly_approved", "decision": DECISION}
LIMIT = {
    "id": "lim-000001",
    "buyer_id": "000004711",
    "kind": "permanent",
    "state": "approved",
    "amount": {"amount": "30000.00", "currency": "EUR"},
    "valid_from": "2026-03-31",
    "valid_until": None,
    "announced_change": {"effective_on": "2026-05-01", "amount": {"amount": "0.00", "currency": "EUR"}},
    "insured_percentage": "85",
    "max_terms_days": None,
    "conditions": [],
    "insurer_code": "PART",
    "application_id": "app-000001",
}
OVERDUE = {
    "id": "ovd-000001",
    "reference": "OVD-7",
    "policy_id": "DEMO-001",
    "buyer_id": "000004711",
    "state": "declared",
    "reason": "protracted_default",
    "comment": None,
    "total": {"amount": "1250.00", "currency": "EUR"},
    "invoices": [
        {
            "number": "R-1001",
            "due_date": "2026-01-31",
            "amount": {"amount": "1250.00", "currency": "EUR"},
            "extended_to": None,
            "settled_on": None,
        }
    ],
    "instalments": [],
    "answer": "Limit confirmed.",
    "declared_at": "2026-03-31T08:00:00Z",
    "insurer_code": "OVD",
}
POLICY = {
    "id": "DEMO-001",
    "insurer": "open",
    "currency": "EUR",
    "insured_percentage": "90",
    "covered_countries": ["AT", "DE"],
    "discretionary_limit": {"amount": "10000.00", "currency": "EUR"},
}
EVENT = {"id": "evt-000001", "type": "limit.reduced", "occurred_at": "2026-03-31T08:00:00Z", "policy_id": "DEMO-001"}


def request(**changes) -> LimitRequest:
    given = {"buyer_id": "000004711", "amount": Money("50000", "EUR"), "terms_days": 60, "reference": "REQ-42"}
    return LimitRequest(**{**given, **changes})


SENT = {
    "reference": "REQ-42",
    "buyer_id": "000004711",
    "action": "new",
    "kind": "permanent",
    "amount": EUR,
    "terms_days": 60,
    "urgent": False,
}
"""The body of `request()`."""


def declaration() -> OverdueDeclaration:
    invoice = {"number": "R-1001", "due_date": "2026-01-31", "amount": Money("1250", "EUR")}
    return OverdueDeclaration(buyer_id="000004711", invoices=(invoice,), reference="OVD-7")
