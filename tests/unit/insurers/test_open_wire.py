"""The open contract, exchange by exchange: what is sent and what is read, as docs/reference/open-contract.md has it."""

from __future__ import annotations

from datetime import date, datetime, timezone
from decimal import Decimal

import pytest

from tradecredit_sdk.errors import (
    APIError,
    ConfigError,
    ConflictError,
    InvalidInputError,
    InvalidRequestError,
    NotFoundError,
    ReferenceConflictError,
)
from tradecredit_sdk.insurers.open import OpenInsurer
from tradecredit_sdk.models.buyer import BuyerQuery, Identifier, IdentifierType
from tradecredit_sdk.models.limit import LimitAction, LimitKind, LimitRequest, LimitState
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.overdue import OverdueChange, OverdueDeclaration, OverdueState

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


def declaration() -> OverdueDeclaration:
    invoice = {"number": "R-1001", "due_date": "2026-01-31", "amount": Money("1250", "EUR")}
    return OverdueDeclaration(buyer_id="000004711", invoices=(invoice,), reference="OVD-7")


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
    sent = {
        "reference": "REQ-42",
        "buyer_id": "000004711",
        "action": "new",
        "kind": "permanent",
        "amount": EUR,
        "terms_days": 60,
        "urgent": False,
    }
    open_wire.expect("POST", "/policies/DEMO-001/applications", DECIDED, status=201, sent=sent)
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
        sent = {
            "reference": "REQ-42",
            "buyer_id": "000004711",
            "action": "new",
            "kind": "permanent",
            "amount": EUR,
            "terms_days": 60,
            "urgent": False,
        }
        headers = {"Retry-After": "0"}
        open_wire.expect("POST", "/policies/DEMO-001/applications", answer, status=status, sent=sent, headers=headers)
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


def test_overdues(open_insurer, open_wire):
    base = "/policies/DEMO-001/overdues"
    sent = {
        "reference": "OVD-7",
        "buyer_id": "000004711",
        "reason": "protracted_default",
        "invoices": [
            {"number": "R-1001", "due_date": "2026-01-31", "amount": {"amount": "1250.00", "currency": "EUR"}}
        ],
    }
    open_wire.expect("POST", base, OVERDUE, status=201, sent=sent)
    open_wire.expect("GET", f"{base}/ovd-000001", OVERDUE)
    open_wire.expect("GET", base, {"items": [OVERDUE], "next_cursor": None})
    for items in ([OVERDUE], [], [{**OVERDUE, "buyer_id": "000004712"}]):
        open_wire.expect("GET", base, {"items": items, "next_cursor": None}, query={"reference": "OVD-7"})
    overdue = open_insurer.declare_overdue(declaration())
    assert (overdue.total, overdue.raw, overdue.state) == (Money("1250", "EUR"), OVERDUE, OverdueState.DECLARED)
    assert open_insurer.get_overdue("ovd-000001").invoices[0].due_date == date(2026, 1, 31)
    assert open_insurer.list_overdues().items[0].answer == "Limit confirmed."
    assert open_insurer.find_overdue(declaration(), SINCE).id == "ovd-000001"
    assert open_insurer.find_overdue(declaration(), SINCE) is None
    with pytest.raises(ReferenceConflictError):
        open_insurer.find_overdue(declaration(), SINCE)


@pytest.mark.parametrize(
    ("change", "sent", "state"),
    [
        (
            {"action": "extend", "invoice": "R-1001", "new_due_date": "2026-05-31"},
            {"action": "extend", "invoice": "R-1001", "new_due_date": "2026-05-31", "instalments": []},
            "extended",
        ),
        (
            {"action": "reschedule", "instalments": [{"due_date": "2026-06-30", "amount": EUR}]},
            {"action": "reschedule", "instalments": [{"due_date": "2026-06-30", "amount": EUR}]},
            "rescheduled",
        ),
        (
            {"action": "settle", "settled_on": "2026-04-02"},
            {"action": "settle", "settled_on": "2026-04-02", "instalments": []},
            "settled",
        ),
    ],
)
def test_overdue_actions(open_insurer, open_wire, change, sent, state):
    path = "/policies/DEMO-001/overdues/ovd-000001/actions"
    open_wire.expect("POST", path, {**OVERDUE, "state": state}, sent={"reference": "ACT-1", **sent})
    asked = OverdueChange.model_validate({"overdue_id": "ovd-000001", "reference": "ACT-1", **change})
    assert open_insurer.change_overdue(asked).state == state


def test_policy_and_events(open_insurer, open_wire):
    open_wire.expect("GET", "/policies/DEMO-001", POLICY)
    events = {"items": [EVENT, {**EVENT, "id": "evt-2", "type": "limit.frozen"}], "next_cursor": "e2"}
    open_wire.expect("GET", "/policies/DEMO-001/events", events, query={"cursor": "e0", "page_size": "2"})
    open_wire.expect("GET", "/policies/DEMO-001", POLICY)
    assert open_insurer.get_policy().discretionary_limit == Money("10000", "EUR")
    page = open_insurer.poll_events(cursor="e0", page_size=2)
    assert [event.type for event in page.items] == ["limit.reduced", "limit.frozen"]
    assert page.next_cursor == "e2"
    open_insurer.probe()


def test_webhooks_show_their_secret_once(open_insurer, open_wire):
    base = "/policies/DEMO-001/webhooks"
    made = {"id": "whk-000001", "url": "https://erp.example/hook", "secret": "whsec_abc"}
    open_wire.expect("POST", base, made, status=201, sent={"url": "https://erp.example/hook", "secret": None})
    open_wire.expect("GET", base, {"items": [{"id": "whk-000001", "url": made["url"]}], "next_cursor": None})
    open_wire.expect("DELETE", f"{base}/whk-000001", status=204)
    webhook = open_insurer.register_webhook("https://erp.example/hook")
    assert webhook.secret.get_secret_value() == "whsec_abc"
    assert "whsec_abc" not in repr(webhook) + webhook.model_dump_json()
    assert open_insurer.list_webhooks()[0].secret is None
    open_insurer.delete_webhook("whk-000001")


def test_a_problem_document_becomes_the_error_with_its_fields(open_insurer, open_wire):
    problem = {
        "type": "about:blank",
        "title": "Unprocessable",
        "status": 422,
        "code": "invalid_request",
        "detail": "The request is not valid.",
        "errors": [{"field": "amount.amount", "message": "must be greater than zero"}, "junk", {"field": 1}],
    }
    sent = {
        "reference": "REQ-42",
        "buyer_id": "000004711",
        "action": "new",
        "kind": "permanent",
        "amount": EUR,
        "terms_days": 60,
        "urgent": False,
    }
    open_wire.expect(
        "POST",
        "/policies/DEMO-001/applications",
        problem,
        status=422,
        sent=sent,
        content_type="application/problem+json",
    )
    with pytest.raises(InvalidRequestError) as caught:
        open_insurer.request_limit(request())
    error = caught.value
    assert (error.code, error.status_code, error.reference, error.insurer) == ("invalid_request", 422, "REQ-42", "open")
    assert [(item.field, item.message) for item in error.fields] == [("amount.amount", "must be greater than zero")]
    assert str(error).startswith("[req-7] ")
    assert "The request is not valid." in str(error)


def test_errors_that_are_no_problem_document_are_errors_too(open_insurer, open_wire):
    for body in ("<html>no</html>", "[]", '{"code": 7, "detail": ["x"], "errors": {"a": 1}}'):
        open_wire.expect("GET", "/buyers/1", status=404, body=body)
        with pytest.raises(NotFoundError):
            open_insurer.get_buyer("1")


@pytest.mark.parametrize("buyer_id", ["", "..", "%2e%2e", "."])
def test_an_id_that_would_change_the_path_is_refused_before_sending(open_insurer, buyer_id):
    with pytest.raises(InvalidInputError):
        open_insurer.get_buyer(buyer_id)


@pytest.mark.parametrize("size", [0, 501, -1])
def test_a_page_size_outside_the_contract_is_refused_before_sending(open_insurer, size):
    with pytest.raises(InvalidInputError, match="page_size must be 1 to 500"):
        open_insurer.list_limits(page_size=size)


def test_every_missing_setting_is_named_at_once(settings):
    from dataclasses import replace

    with pytest.raises(ConfigError) as caught:
        OpenInsurer.from_settings(replace(settings, base_url=None, api_key=None, policy=None))
    assert "TRADECREDIT_BASE_URL, TRADECREDIT_API_KEY, TRADECREDIT_POLICY" in str(caught.value)


def test_a_redirect_is_not_followed(open_insurer, open_wire):
    """A followed redirect would turn a POST into a GET and carry the key elsewhere."""
    open_wire.expect("GET", "/buyers/1", status=302, headers={"Location": "https://elsewhere.example/buyers/1"})
    with pytest.raises(APIError, match=r"redirected to elsewhere\.example"):
        open_insurer.get_buyer("1")
