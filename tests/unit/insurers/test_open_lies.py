"""An insurer whose answers are not the contract: each lie is an error that names the field, and never cover."""

from __future__ import annotations

import copy
from decimal import Decimal
from typing import Any

import pytest

from tradecredit_sdk.errors import ResponseFormatError
from tradecredit_sdk.models.buyer import BuyerQuery
from tradecredit_sdk.models.limit import LimitRequest, LimitState
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.overdue import OverdueChange, OverdueDeclaration

EUR = {"amount": "30000.00", "currency": "EUR"}
NOTHING = {"amount": "0.00", "currency": "EUR"}
DECISION = {
    "application_id": "app-1",
    "reference": "REQ-1",
    "buyer_id": "B-1",
    "state": "approved",
    "amount": {**EUR},
    "limit_id": "lim-1",
    "decided_at": "2026-03-31T08:00:00Z",
}
APPLICATION = {
    "id": "app-1",
    "reference": "REQ-1",
    "policy_id": "DEMO-001",
    "buyer_id": "B-1",
    "action": "new",
    "kind": "permanent",
    "amount": EUR,
    "state": "approved",
    "decision": DECISION,
}
LIMIT = {
    "id": "lim-1",
    "buyer_id": "B-1",
    "kind": "permanent",
    "state": "approved",
    "amount": EUR,
    "valid_from": "2026-03-31",
}
OVERDUE = {"id": "ovd-1", "reference": "OVD-1", "policy_id": "DEMO-001", "buyer_id": "B-1", "state": "declared"}
BUYER = {"id": "B-1", "name": "Nordlicht Handels GmbH", "country": "DE"}


def changed(base: dict[str, Any], path: str, value: Any) -> dict[str, Any]:
    """`base` with one value replaced, or removed when `value` is Ellipsis."""
    result = copy.deepcopy(base)
    *outer, last = path.split(".")
    inner = result
    for name in outer:
        inner = inner[name]
    if value is ...:
        del inner[last]
    else:
        inner[last] = value
    return result


def wrong_fields(caught: pytest.ExceptionInfo[ResponseFormatError]) -> set[str]:
    assert caught.value.insurer == "open"
    assert caught.value.request_id == "req-7"
    return {item.field for item in caught.value.fields}


APPLICATION_LIES = [
    ("id", ..., "id"),
    ("id", 4711, "id"),
    ("id", "", "id"),
    ("id", "app 1", "id"),
    ("buyer_id", "B-2", "decision.buyer_id"),
    ("buyer_id", 1, "buyer_id"),
    ("reference", "REQ-2", "decision.reference"),
    ("policy_id", "DEMO-002", "policy_id"),
    ("state", ..., "state"),
    ("state", None, "state"),
    ("state", 7, "state"),
    ("amount", "30000.00 EUR", "amount"),
    ("amount", Decimal("30000"), "amount"),
    ("amount.currency", "EURO", "amount"),
    ("amount.currency", ..., "amount"),
    ("amount.amount", "1e400", "amount"),
    ("amount.amount", "30.000,00", "amount"),
    ("amount.amount", True, "amount"),
    ("amount.amount", "0.001", "amount"),
    ("amount.amount", None, "amount"),
    ("created_at", "2026-03-31T08:00:00", "created_at"),
    ("created_at", 1774944000, "created_at"),
    ("decision", None, "decision"),
    ("decision", [], "decision"),
    ("decision.application_id", "app-2", "decision.application_id"),
    ("decision.buyer_id", "B-2", "decision.buyer_id"),
    ("decision.reference", "REQ-2", "decision.reference"),
    ("decision.state", "partly_approved", "decision.state"),
    ("decision.state", "referred", "decision.state"),
    ("decision.state", "frozen", "decision.state"),
    ("state", "referred", "decision.state"),
    ("state", "frozen", "decision.state"),
    ("decision.amount", None, "decision.amount"),
    ("decision.amount", NOTHING, "decision.amount"),
    ("decision.amount", {"amount": "-1.00", "currency": "EUR"}, "decision.amount"),
    ("decision.valid_from", "31.03.2026", "decision.valid_from"),
    ("decision.valid_from", 1774944000, "decision.valid_from"),
    ("decision.conditions", "C10", "decision.conditions"),
]


@pytest.mark.parametrize(("path", "value", "field"), APPLICATION_LIES)
def test_an_application_that_lies(open_insurer, open_wire, path, value, field):
    open_wire.expect("GET", "/policies/DEMO-001/applications/app-1", changed(APPLICATION, path, value))
    with pytest.raises(ResponseFormatError) as caught:
        open_insurer.get_application("app-1")
    assert any(name == field or name.startswith(f"{field}.") for name in wrong_fields(caught))


@pytest.mark.parametrize(("path", "value", "field"), APPLICATION_LIES)
def test_the_same_lies_in_a_listing_name_their_row(open_insurer, open_wire, path, value, field):
    body = {"items": [APPLICATION, changed(APPLICATION, path, value)], "next_cursor": None}
    open_wire.expect("GET", "/policies/DEMO-001/applications", body)
    with pytest.raises(ResponseFormatError) as caught:
        open_insurer.list_applications()
    assert all(name.startswith(f"items.1.{field}") for name in wrong_fields(caught))


@pytest.mark.parametrize(
    ("state", "amount"),
    [
        ("refused", EUR),
        ("refused", None),
        ("refused", {"amount": "-0.01", "currency": "EUR"}),
        ("approved", None),
        ("approved", NOTHING),
        ("partly_approved", None),
        ("partly_approved", NOTHING),
        ("referred", EUR),
        ("requested", NOTHING),
        ("cancelled", {"amount": "-1.00", "currency": "EUR"}),
    ],
)
def test_a_decision_whose_amount_contradicts_its_state(open_insurer, open_wire, state, amount):
    body = {**DECISION, "state": state, "amount": amount}
    open_wire.expect("GET", "/policies/DEMO-001/applications/app-1/decision", body)
    with pytest.raises(ResponseFormatError) as caught:
        open_insurer.limit_decision("app-1")
    assert wrong_fields(caught) == {"amount"}


def test_an_unknown_state_is_kept_and_is_not_an_answer(open_insurer, open_wire):
    body = {**APPLICATION, "state": "frozen", "decision": {**DECISION, "state": "frozen"}}
    open_wire.expect("GET", "/policies/DEMO-001/applications/app-1", body)
    application = open_insurer.get_application("app-1")
    assert application.state == application.decision.state == "frozen"
    assert application.is_pending
    assert not isinstance(application.state, LimitState)


def test_an_ended_application_keeps_the_decision_it_had(open_insurer, open_wire):
    open_wire.expect("GET", "/policies/DEMO-001/applications/app-1", {**APPLICATION, "state": "superseded"})
    assert open_insurer.get_application("app-1").decision.amount == Money("30000", "EUR")


@pytest.mark.parametrize("field", ["reference", "buyer_id"])
def test_an_answer_about_another_request(open_insurer, open_wire, field):
    """The request may have arrived: the error names our reference, so that it can be asked for."""
    body = {**APPLICATION, "state": "referred", "decision": None, field: "X-9"}
    sent = {
        "reference": "REQ-1",
        "buyer_id": "B-1",
        "action": "new",
        "kind": "permanent",
        "amount": EUR,
        "urgent": False,
    }
    open_wire.expect("POST", "/policies/DEMO-001/applications", body, status=201, sent=sent)
    with pytest.raises(ResponseFormatError) as caught:
        open_insurer.request_limit(LimitRequest(buyer_id="B-1", amount=Money("30000", "EUR"), reference="REQ-1"))
    assert wrong_fields(caught) == {field}
    assert caught.value.reference == "REQ-1"


@pytest.mark.parametrize(
    ("call", "method", "path", "body", "field"),
    [
        (lambda o: o.get_application("app-2"), "GET", "/applications/app-2", APPLICATION, "id"),
        (lambda o: o.limit_decision("app-2"), "GET", "/applications/app-2/decision", DECISION, "application_id"),
        (lambda o: o.cancel_limit("app-2"), "POST", "/applications/app-2/cancel", APPLICATION, "id"),
        (lambda o: o.get_overdue("ovd-2"), "GET", "/overdues/ovd-2", OVERDUE, "id"),
        (lambda o: o.get_overdue("ovd-1"), "GET", "/overdues/ovd-1", {**OVERDUE, "policy_id": "X"}, "policy_id"),
        (lambda o: o.get_policy(), "GET", "", {"id": "DEMO-002", "currency": "EUR"}, "id"),
    ],
)
def test_an_answer_about_something_else(open_insurer, open_wire, call, method, path, body, field):
    open_wire.expect(method, f"/policies/DEMO-001{path}", body)
    with pytest.raises(ResponseFormatError) as caught:
        call(open_insurer)
    assert wrong_fields(caught) == {field}


def test_a_search_or_a_buyer_from_elsewhere(open_insurer, open_wire):
    sent = {"name": "X", "country": "DE", "identifiers": [], "max_results": 10}
    for body, field in [
        ({"buyers": [BUYER, {**BUYER, "country": "AT"}]}, "buyers.1.country"),
        ({"buyers": None}, "buyers"),
        ({}, "buyers"),
        ([], "answer"),
        ({"buyers": [{**BUYER, "id": 4711}]}, "buyers.0.id"),
        ({"buyers": [{**BUYER, "identifiers": [{"type": "vat", "value": 1}]}]}, "buyers.0.identifiers.0.value"),
    ]:
        open_wire.expect("POST", "/buyers/search", body, sent=sent)
        with pytest.raises(ResponseFormatError) as caught:
            open_insurer.find_buyers(BuyerQuery(name="X", country="DE"))
        assert wrong_fields(caught) == {field}
    open_wire.expect("GET", "/buyers/B-2", BUYER)
    with pytest.raises(ResponseFormatError) as caught:
        open_insurer.get_buyer("B-2")
    assert wrong_fields(caught) == {"id"}


@pytest.mark.parametrize(
    ("path", "value", "field"),
    [
        ("state", "referred", "state"),
        ("state", "requested", "state"),
        ("state", "refused", "amount"),
        ("amount", NOTHING, "amount"),
        ("amount", None, "amount"),
        ("amount", ..., "amount"),
        ("amount", {"amount": "-5.00", "currency": "EUR"}, "amount"),
        ("valid_from", ..., "valid_from"),
        ("valid_from", "2026-03-31T00:00:00Z", "valid_from"),
        ("valid_until", "soon", "valid_until"),
        (
            "announced_change",
            {"effective_on": "2026-05-01", "amount": {"amount": "1.00", "currency": "USD"}},
            "announced_change.amount",
        ),
        (
            "announced_change",
            {"effective_on": "2026-05-01", "amount": {"amount": "-1.00", "currency": "EUR"}},
            "announced_change.amount",
        ),
        ("announced_change", {"effective_on": "2026-05-01"}, "announced_change.amount"),
        ("insured_percentage", "101", "insured_percentage"),
        ("buyer_id", ..., "buyer_id"),
    ],
)
def test_a_limit_that_lies(open_insurer, open_wire, path, value, field):
    body = {
        "items": [LIMIT, changed(LIMIT, path, value) if path in LIMIT else {**LIMIT, path: value}],
        "next_cursor": None,
    }
    open_wire.expect("GET", "/policies/DEMO-001/limits", body)
    with pytest.raises(ResponseFormatError) as caught:
        open_insurer.list_limits()
    assert wrong_fields(caught) == {f"items.1.{field}"}


def test_a_limit_of_an_unknown_kind_or_state_is_kept_as_told(open_insurer, open_wire):
    body = {"items": [{**LIMIT, "kind": "seasonal", "state": "frozen"}], "next_cursor": None}
    open_wire.expect("GET", "/policies/DEMO-001/limits", body)
    (limit,) = open_insurer.list_limits().items
    assert (limit.kind, limit.state) == ("seasonal", "frozen")
    assert not isinstance(limit.state, LimitState)


def test_rows_of_another_buyer_than_asked(open_insurer, open_wire):
    body = {"items": [LIMIT], "next_cursor": None}
    open_wire.expect("GET", "/policies/DEMO-001/limits", body, query={"buyer_id": "B-2"})
    with pytest.raises(ResponseFormatError) as caught:
        open_insurer.list_limits(buyer_id="B-2")
    assert wrong_fields(caught) == {"items.0.buyer_id"}


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ([], "answer"),
        ("approved", "answer"),
        (None, "answer"),
        ({}, "items"),
        ({"items": {}}, "items"),
        ({"items": "x"}, "items"),
        ({"items": [None], "next_cursor": None}, "items.0"),
        ({"items": [[LIMIT]], "next_cursor": None}, "items.0"),
        ({"items": [], "next_cursor": 7}, "next_cursor"),
        ({"items": [], "next_cursor": ""}, "next_cursor"),
        ({"items": [], "next_cursor": ["a"]}, "next_cursor"),
    ],
)
def test_a_listing_that_is_none(open_insurer, open_wire, body, field):
    open_wire.expect("GET", "/policies/DEMO-001/limits", body)
    with pytest.raises(ResponseFormatError) as caught:
        open_insurer.list_limits()
    assert wrong_fields(caught) == {field}


@pytest.mark.parametrize("text", ["<html>Sign in</html>", "{", "\xff", '{"items": NaN}', "null"])
@pytest.mark.parametrize("content_type", ["application/json", "text/html"])
def test_html_and_garbage_for_json(open_insurer, open_wire, text, content_type):
    body = text.encode("latin-1")
    open_wire.expect("GET", "/policies/DEMO-001/limits", body=body, content_type=content_type)
    with pytest.raises(ResponseFormatError) as caught:
        open_insurer.list_limits()
    assert "Sign in" not in str(caught.value)


def test_a_reference_held_twice_is_a_lie(open_insurer, open_wire):
    request = LimitRequest(buyer_id="B-1", amount=Money("30000", "EUR"), reference="REQ-1")
    for items, field in [
        ([APPLICATION, APPLICATION], "items"),
        ([{**APPLICATION, "reference": "REQ-2"}], "items.0.reference"),
    ]:
        body = {"items": items, "next_cursor": None}
        open_wire.expect("GET", "/policies/DEMO-001/applications", body, query={"reference": "REQ-1"})
        with pytest.raises(ResponseFormatError) as caught:
            open_insurer.find_application(request, None)
        assert wrong_fields(caught) == {field}


def test_overdues_that_lie(open_insurer, open_wire):
    declaration = OverdueDeclaration(
        buyer_id="B-1",
        reference="OVD-1",
        invoices=({"number": "R-1", "due_date": "2026-01-31", "amount": Money("1250", "EUR")},),
    )
    sent = declaration.model_dump(mode="json", exclude_none=True)
    for body, field in [
        ({**OVERDUE, "reference": "OVD-2"}, "reference"),
        ({**OVERDUE, "buyer_id": "B-2"}, "buyer_id"),
        ({**OVERDUE, "total": 1250}, "total"),
        ({**OVERDUE, "invoices": [{"number": "R-1"}]}, "invoices.0.due_date"),
        ([], "answer"),
    ]:
        open_wire.expect("POST", "/policies/DEMO-001/overdues", body, status=201, sent=sent)
        with pytest.raises(ResponseFormatError) as caught:
            open_insurer.declare_overdue(declaration)
        assert field in wrong_fields(caught)
        assert caught.value.reference == "OVD-1"
    change = OverdueChange(overdue_id="ovd-2", action="settle", settled_on="2026-04-02", reference="ACT-1")
    sent = {"reference": "ACT-1", "action": "settle", "settled_on": "2026-04-02", "instalments": []}
    open_wire.expect("POST", "/policies/DEMO-001/overdues/ovd-2/actions", OVERDUE, sent=sent)
    with pytest.raises(ResponseFormatError) as caught:
        open_insurer.change_overdue(change)
    assert wrong_fields(caught) == {"id"}


def test_events_without_a_place_to_continue(open_insurer, open_wire):
    open_wire.expect("GET", "/policies/DEMO-001/events", {"items": [], "next_cursor": None})
    with pytest.raises(ResponseFormatError) as caught:
        open_insurer.poll_events()
    assert wrong_fields(caught) == {"next_cursor"}


def test_no_value_of_an_answer_is_in_the_error(open_insurer, open_wire):
    """An error text goes into logs and tickets; the figures of a business do not belong there."""
    secret = {"amount": "123456.789", "currency": "EUR"}
    body = {
        "items": [{**LIMIT, "amount": secret, "insurer_code": 987654, "valid_from": "31.12.1999"}],
        "next_cursor": None,
    }
    open_wire.expect("GET", "/policies/DEMO-001/limits", body)
    with pytest.raises(ResponseFormatError) as caught:
        open_insurer.list_limits()
    error = caught.value
    text = str(error) + repr(error.to_dict()) + repr(error.__cause__) + repr(error.__context__)
    assert not any(value in text for value in ("123456", "987654", "1999"))
    assert wrong_fields(caught) == {"items.0.amount", "items.0.insurer_code", "items.0.valid_from"}
