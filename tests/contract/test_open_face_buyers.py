"""The open face: buyers are found and read, and the policy with its terms."""

import pytest


def test_buyers_are_found_and_read(call):
    body = {
        "name": "Nordlicht",
        "country": "DE",
        "identifiers": [],
        "town": None,
        "postal_code": None,
        "max_results": 10,
    }
    (hit,) = call("POST", "/buyers/search", body=body)["buyers"]
    assert hit == {
        "id": "000004711", "name": "Nordlicht Handels GmbH", "country": "DE",
        "identifiers": [{"type": "vat", "value": "DE136695976", "country": "DE"},
                        {"type": "registration", "value": "Hamburg HRB 1234", "country": "DE"}],
        "address": {"street": "Hafenstr. 1", "postal_code": "20457", "town": "Hamburg", "country": "DE"},
        "grade": "4", "status": "active", "score": hit["score"],
    }  # fmt: skip
    assert 60 <= hit["score"] <= 99
    assert call("GET", "/buyers/000004711") == {**hit, "score": None}
    identifiers = [{"type": "vat", "value": "DE 136 695 976", "country": "DE"}]
    (exact,) = call("POST", "/buyers/search", body={"country": "DE", "identifiers": identifiers})["buyers"]
    assert (exact["id"], exact["score"]) == ("000004711", 100)
    assert call("POST", "/buyers/search", body={"name": "Völlig Unbekannt", "country": "JP"}) == {"buyers": []}
    call.fails("GET", "/buyers/4711", 404, "buyer_not_found")


@pytest.mark.parametrize(
    ("body", "fields"),
    [({"country": "DE"}, ["name"]), ({"name": "x"}, ["country"]), ({"name": "", "country": "DE"}, ["name"]),
     ({"name": "x", "country": "Germany"}, ["country"]), ({"name": "x", "country": "DE", "max_results": 101}, ["max_results"]),
     ({"country": "DE", "identifiers": [{"type": "passport", "value": "1"}]}, ["identifiers.0.type"]),
     ({"name": "x", "country": "DE", "limit": 3}, ["limit"]), ({"name": 7, "country": "DE"}, ["name"])],
)  # fmt: skip
def test_a_wrong_search_names_its_fields(call, body, fields):
    assert call.fails("POST", "/buyers/search", 422, "invalid_request", body) == fields


def test_the_policy_in_full(call):
    policy = call("GET", "/policies/DEMO-001")
    assert call("GET", "/policies") == {"items": [policy], "next_cursor": None}
    countries = policy.pop("covered_countries")
    assert len(countries) == 25
    assert policy == {
        "id": "DEMO-001", "insurer": "open", "currency": "EUR", "insured_percentage": "90", "max_payment_terms_days": 90,
        "max_extension_days": 60, "notification_days": 30, "waiting_period_days": 180, "waiting_period_start": "original_due_date",
        "claim_filing_days": 180, "discretionary_limit": {"amount": "10000.00", "currency": "EUR"}, "tax_basis": "net",
        "order_tolerance_percent": "0", "limit_max_age_hours": 24, "on_stale_limit": "warn",
        "reinstatement_days": 30, "adverse_information_days": 10, "overdue_threshold": None,
    }  # fmt: skip
    call.fails("GET", "/policies/DEMO-009", 404, "policy_not_found")
