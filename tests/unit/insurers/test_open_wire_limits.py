"""The open contract, exchange by exchange, as docs/reference/open-contract.md has it: buyers, applications, limits."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from open_samples import BUYER, DECIDED, DECISION, EUR, LIMIT, PENDING, SENT, SINCE, request

from tradecredit_sdk.errors import ConflictError, NotFoundError, ReferenceConflictError
from tradecredit_sdk.insurers.open import OpenInsurer
from tradecredit_sdk.models.buyer import BuyerQuery, Identifier, IdentifierType
from tradecredit_sdk.models.limit import LimitAction, LimitKind, LimitState
from tradecredit_sdk.models.money import Money


def test_a_search_keeps_names_and_numbers_out_of_the_url(open_insurer, open_wire):
    sent = {
        "name": "Nordlicht",
        "country": "DE",
        "identifiers": [{"type": "vat", "value": "DE136695976", "country": "DE"}],
        "max_results": 10,
    }
    open_wire.expect("POST", "/buyers/search", {"buyers": [BUYER]}, sent=sent)
    vat = Identifier(type=IdentifierType.VAT, value="DE 136695976", country="DE")
    (buyer,) = open_insurer.find_buyers(BuyerQuery(name="Nordlicht", country="DE", identifiers=(vat,)))
    assert (buyer.id, buyer.score, buyer.identifiers[0].value) == ("000004711", 97, "DE136695976")
    assert buyer.address.town == "Hamburg"


def test_no_hit_is_an_empty_tuple_and_a_buyer_keeps_its_zeros(open_insurer, open_wire):
    open_wire.expect(
        "POST",
        "/buyers/search",
        {"buyers": []},
        sent={"name": "X", "country": "FR", "identifiers": [], "max_results": 3},
    )
    open_wire.expect("GET", "/buyers/000004711", {**BUYER, "score": None})
    assert open_insurer.find_buyers(BuyerQuery(name="X", country="FR", max_results=3)) == ()
    assert open_insurer.get_buyer("000004711").score is None


def test_a_request_decided_at_once(open_insurer, open_wire):
    open_wire.expect("POST", "/policies/DEMO-001/applications", DECIDED, status=201, sent=SENT)
    application = open_insurer.request_limit(request())
    assert application.state is LimitState.PARTLY_APPROVED
    assert application.decision.amount == Money("30000", "USD"), "a decision in another currency is kept as it is"
    assert application.decision.conditions[0].text == "Payment terms at most 60 days."
    assert application.raw == DECIDED
    assert "raw" not in application.model_dump()


def test_a_temporary_request_and_a_cancellation(open_insurer, open_wire):
    temporary = {**PENDING, "kind": "temporary", "valid_until": "2026-12-31"}
    sent = {
        "reference": "REQ-42",
        "buyer_id": "000004711",
        "action": "increase",
        "kind": "temporary",
        "amount": EUR,
        "valid_until": "2026-12-31",
        "urgent": True,
        "comment": "Season",
    }
    open_wire.expect("POST", "/policies/DEMO-001/applications", temporary, status=202, sent=sent)
    asked = request(
        kind="temporary", action="increase", valid_until="2026-12-31", terms_days=None, urgent=True, comment="Season"
    )
    assert open_insurer.request_limit(asked).kind is LimitKind.TEMPORARY

    cancel = {**PENDING, "action": "cancel", "amount": None}
    sent = {"reference": "REQ-42", "buyer_id": "000004711", "action": "cancel", "kind": "permanent", "urgent": False}
    open_wire.expect("POST", "/policies/DEMO-001/applications", cancel, status=202, sent=sent)
    answered = open_insurer.request_limit(request(action="cancel", amount=None, terms_days=None))
    assert answered.action is LimitAction.CANCEL
    assert answered.is_pending


def test_a_lost_answer_is_repeated_because_the_reference_makes_it_safe(settings, open_wire):
    from dataclasses import replace

    for status in (503, 200):
        answer = PENDING if status == 200 else {"code": "unavailable"}
        headers = {"Retry-After": "0"}
        open_wire.expect("POST", "/policies/DEMO-001/applications", answer, status=status, sent=SENT, headers=headers)
    insurer = OpenInsurer.from_settings(replace(settings, retries=1))
    assert insurer.request_limit(request()).id == "app-000001"
    insurer.close()


def test_find_application_by_reference(open_insurer, open_wire):
    page = {"items": [PENDING], "next_cursor": None}
    open_wire.expect("GET", "/policies/DEMO-001/applications", page, query={"reference": "REQ-42"})
    open_wire.expect(
        "GET", "/policies/DEMO-001/applications", {"items": [], "next_cursor": None}, query={"reference": "REQ-42"}
    )
    open_wire.expect("GET", "/policies/DEMO-001/applications", page, query={"reference": "REQ-42"})
    assert open_insurer.find_application(request(), SINCE).id == "app-000001"
    assert open_insurer.find_application(request(), SINCE) is None
    with pytest.raises(ReferenceConflictError) as caught:
        open_insurer.find_application(request(amount=Money("50000.01", "EUR")), SINCE)
    assert caught.value.reference == "REQ-42"


def test_applications_and_decisions(open_insurer, open_wire):
    base = "/policies/DEMO-001/applications"
    open_wire.expect("GET", f"{base}/app-000001", DECIDED)
    query = {"buyer_id": "000004711", "cursor": "c1", "page_size": "2"}
    open_wire.expect("GET", base, {"items": [DECIDED, PENDING], "next_cursor": "c2"}, query=query)
    open_wire.expect("GET", f"{base}/app-000001/decision", DECISION)
    waiting = {"application_id": "app-000001", "state": "referred", "amount": None, "buyer_id": "000004711"}
    open_wire.expect("GET", f"{base}/app-000001/decision", waiting)

    assert open_insurer.get_application("app-000001").decision.limit_id == "lim-000001"
    page = open_insurer.list_applications(buyer_id="000004711", cursor="c1", page_size=2)
    assert [item.is_pending for item in page.items] == [False, True]
    assert page.next_cursor == "c2"
    assert page.items[1].raw == PENDING
    decision = open_insurer.limit_decision("app-000001")
    assert (decision.valid_from, decision.insurer_code, decision.is_pending) == (date(2026, 3, 31), "PART", False)
    assert open_insurer.limit_decision("app-000001").is_pending


def test_limits_with_their_announced_change(open_insurer, open_wire):
    open_wire.expect(
        "GET", "/policies/DEMO-001/limits", {"items": [LIMIT], "next_cursor": None}, query={"page_size": "20"}
    )
    page = open_insurer.list_limits(page_size=20)
    (limit,) = page.items
    assert page.next_cursor is None
    assert limit.announced_change.amount == Money.zero("EUR")
    assert limit.insured_percentage == Decimal(85)


def test_amounts_written_as_numbers_are_read_exactly(open_insurer, open_wire):
    """Binary floating point has no 99999999999999.99."""
    amount = {"amount": Decimal("99999999999999.99"), "currency": "EUR"}
    row = {**LIMIT, "amount": amount, "announced_change": None}
    open_wire.expect("GET", "/policies/DEMO-001/limits", {"items": [row], "next_cursor": None})
    (limit,) = open_insurer.list_limits().items
    assert limit.amount == Money("99999999999999.99", "EUR")


def test_cancelling_a_pending_application_or_a_limit(open_insurer, open_wire):
    base = "/policies/DEMO-001"
    cancelled = {**PENDING, "state": "cancelled"}
    open_wire.expect("POST", f"{base}/applications/app-000001/cancel", cancelled)
    open_wire.expect("POST", f"{base}/applications/lim-000001/cancel", {"code": "not_found"}, status=404)
    open_wire.expect("POST", f"{base}/limits/lim-000001/cancel", {**LIMIT, "state": "cancelled"})
    open_wire.expect("POST", f"{base}/applications/x/cancel", {"code": "not_found"}, status=404)
    open_wire.expect("POST", f"{base}/limits/x/cancel", {"code": "not_found"}, status=404)
    open_wire.expect("POST", f"{base}/applications/app-2/cancel", {"code": "not_pending"}, status=409)
    assert open_insurer.cancel_limit("app-000001").state is LimitState.CANCELLED
    assert open_insurer.cancel_limit("lim-000001").state is LimitState.CANCELLED
    with pytest.raises(NotFoundError):
        open_insurer.cancel_limit("x")
    with pytest.raises(ConflictError) as caught:
        open_insurer.cancel_limit("app-2")
    assert caught.value.code == "not_pending"
