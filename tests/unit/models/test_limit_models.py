"""Requests that contradict themselves are refused; decisions tell whether they are decisions."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from tradecredit_sdk.models.exposure import Exposure, OpenItem
from tradecredit_sdk.models.limit import (
    EDIFACT_4507,
    PENDING_STATES,
    LimitApplication,
    LimitDecision,
    LimitRequest,
    LimitState,
)
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.order import Order
from tradecredit_sdk.models.overdue import OverdueChange, OverdueDeclaration
from tradecredit_sdk.models.policy import Policy

TEN = {"amount": "10.00", "currency": "EUR"}
MINUS = {"amount": "-10.00", "currency": "EUR"}
DOLLARS = {"amount": "10.00", "currency": "USD"}
DAY = "2026-06-30"
INVOICE = {"number": "R-1", "due_date": "2026-01-31", "amount": TEN}


@pytest.mark.parametrize(
    "given",
    [
        {"amount": TEN},
        {"amount": TEN, "kind": "temporary", "valid_until": DAY},
        {"amount": TEN, "action": "increase", "urgent": True, "comment": "x", "reference": "R-1", "terms_days": 0},
        {"action": "cancel"},
        {"action": "cancel", "kind": "temporary"},
    ],
)
def test_a_consistent_request_is_accepted(given: dict[str, Any]) -> None:
    assert LimitRequest.model_validate({"buyer_id": "B", **given}).buyer_id == "B"


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({}, "greater than zero"),
        ({"amount": MINUS}, "greater than zero"),
        ({"amount": {**TEN, "amount": "0.00"}}, "greater than zero"),
        ({"amount": TEN, "action": "cancel"}, "carries no amount"),
        ({"amount": TEN, "kind": "temporary"}, "needs valid_until"),
        ({"amount": TEN, "valid_until": DAY}, "belongs to a temporary"),
        ({"amount": TEN, "kind": "top_up"}, "only permanent and temporary"),
        ({"amount": TEN, "kind": "discretionary"}, "only permanent and temporary"),
        ({"amount": TEN, "comment": "x" * 1001}, "1000"),
    ],
)
def test_a_request_that_contradicts_itself_is_refused(given: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        LimitRequest.model_validate({"buyer_id": "B", **given})


@pytest.mark.parametrize(
    ("model", "given", "words"),
    [
        (Order, {"amount": MINUS}, "must not be negative"),
        (Order, {"amount": TEN, "tax": MINUS}, "must not be negative"),
        (Order, {"amount": TEN, "tax": DOLLARS}, "one currency"),
        (OpenItem, {"kind": "credit_note", "amount": TEN}, "with a minus"),
        (OpenItem, {"kind": "credit_note", "amount": MINUS, "tax": TEN}, "same sign"),
        (OpenItem, {"kind": "credit_note", "amount": {**TEN, "amount": "0.00"}, "tax": TEN}, "with a minus"),
        (OpenItem, {"kind": "order", "amount": MINUS}, "must not be negative"),
        (OpenItem, {"kind": "order", "amount": TEN, "tax": MINUS}, "must not be negative"),
        (OpenItem, {"amount": TEN, "tax": DOLLARS}, "one currency"),
        (OpenItem, {"amount": MINUS, "tax": TEN}, "same sign"),
        (OpenItem, {"amount": TEN, "tax": MINUS}, "same sign"),
        (OverdueDeclaration, {"buyer_id": "B", "invoices": []}, "at least 1"),
        (OverdueDeclaration, {"buyer_id": "B", "invoices": [INVOICE, INVOICE]}, "given twice: R-1"),
        (OverdueDeclaration, {"buyer_id": "B", "invoices": [INVOICE, {**INVOICE, "number": "2", "amount": DOLLARS}]}, "one currency"),
        (OverdueDeclaration, {"buyer_id": "B", "invoices": [{**INVOICE, "amount": MINUS}]}, "greater than zero"),
        (OverdueChange, {"overdue_id": "O", "action": "extend"}, "extend needs new_due_date"),
        (OverdueChange, {"overdue_id": "O", "action": "reschedule"}, "reschedule needs instalments"),
        (OverdueChange, {"overdue_id": "O", "action": "settle"}, "settle needs settled_on"),
        (OverdueChange, {"overdue_id": "O", "action": "settle", "settled_on": DAY, "new_due_date": DAY}, "does not belong"),
    ],
)  # fmt: skip
def test_figures_that_contradict_each_other_are_refused(model: Any, given: dict[str, Any], words: str) -> None:
    usual = {"customer": "C", "number": "1"} if model is OpenItem else {}
    with pytest.raises(ValidationError, match=words):
        model.model_validate({**usual, **given})


def test_an_overpaid_invoice_and_a_credit_note_are_below_zero() -> None:
    for kind in ("invoice", "credit_note"):
        assert OpenItem.model_validate({"customer": "C", "number": "1", "kind": kind, "amount": MINUS, "tax": MINUS})


def test_one_amount_of_exposure_need_not_be_a_list() -> None:
    assert Exposure.model_validate({"open": TEN}).open == (Money(10, "EUR"),)
    assert Exposure(open=Money(10, "EUR")) == Exposure(open=(Money(10, "EUR"),))


@pytest.mark.parametrize("state", [*LimitState, "moon"])
def test_an_application_is_pending_until_there_is_an_answer(state: LimitState | str) -> None:
    application = LimitApplication.model_validate({"id": "A", "state": state})
    assert application.is_pending == (state in PENDING_STATES or state == "moon")
    decided = LimitApplication.model_validate(
        {"id": "A", "state": "referred", "decision": {"application_id": "A", "state": state}}
    )
    assert decided.is_pending == LimitDecision.model_validate({"application_id": "A", "state": state}).is_pending


def test_edifact_codes_are_of_our_states() -> None:
    assert set(EDIFACT_4507) <= set(LimitState)
    assert len(set(EDIFACT_4507.values())) == 6


def test_a_policy_survives_a_country_we_do_not_know_and_tells_none_from_empty() -> None:
    policy = {"id": "P", "currency": "EUR"}
    assert Policy.model_validate({**policy, "covered_countries": ["XI", "DE"]}).covered_countries == ("XI", "DE")
    assert Policy.model_validate({**policy, "covered_countries": []}).covered_countries == ()
    assert Policy.model_validate(policy).covered_countries is None
    with pytest.raises(ValidationError):
        Policy.model_validate({**policy, "covered_countries": ["Germany"]})
