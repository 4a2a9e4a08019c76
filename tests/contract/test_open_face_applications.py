"""The open face: an application and its decision, once for each reference, and a wrong one named by its fields."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from open_caller import AMOUNT, BY_HAND, DOLLARS, FULL, HALF, MOMENT, REFUSED, SLOW, Caller


def test_decided_at_once_is_201_with_everything(call):
    application = call.apply(HALF, terms_days=60)
    created, decided = application.pop("created_at"), application["decision"].pop("decided_at")
    assert MOMENT.fullmatch(created)
    assert created == decided
    decision = application.pop("decision")
    assert application == {
        "id": "app-000001", "reference": "REQ-1", "policy_id": "DEMO-001", "buyer_id": HALF, "action": "new", "kind": "permanent",
        "amount": {"amount": "50000.00", "currency": "EUR"}, "valid_until": None, "terms_days": 60, "urgent": False,
        "comment": None, "state": "partly_approved",
    }  # fmt: skip
    assert decision == {
        "application_id": "app-000001", "reference": "REQ-1", "buyer_id": HALF, "state": "partly_approved",
        "amount": {"amount": "25000.00", "currency": "EUR"}, "insurer_code": "PART", "reason": "Turnover does not support more.",
        "conditions": [], "limit_id": "lim-000001", "valid_from": created[:10], "valid_until": None,
    }  # fmt: skip


def test_the_same_reference_is_200_or_409(call):
    first = call.apply()
    assert call.apply(expect=200) == first
    body = {"reference": "REQ-1", "buyer_id": FULL, "amount": {"amount": "50000.01", "currency": "EUR"}}
    call.fails("POST", "applications", 409, "reference_reused", body)
    assert len(call("GET", "limits")["items"]) == 1


def test_the_same_reference_at_the_same_instant_is_one_application(call):
    body = {"reference": "RACE", "buyer_id": FULL, "amount": {"amount": "50000.00", "currency": "EUR"}}

    def send(_):
        headers = {"Authorization": "Bearer sandbox"}
        return requests.post(f"{call.base}/policies/DEMO-001/applications", json=body, headers=headers, timeout=30)

    with ThreadPoolExecutor(12) as pool:
        answers = list(pool.map(send, range(24)))
    assert sorted(answer.status_code for answer in answers) == [200] * 23 + [201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    assert len(call("GET", "applications")["items"]) == len(call("GET", "limits")["items"]) == 1


def test_a_refusal_is_a_decision_of_zero(call):
    decision = call.apply(REFUSED)["decision"]
    assert (decision["state"], decision["amount"]) == ("refused", {"amount": "0.00", "currency": "EUR"})
    (row,) = call("GET", "limits")["items"]
    assert (row["id"], row["state"], row["amount"]["amount"]) == (decision["limit_id"], "refused", "0.00")


def test_a_decision_may_be_in_another_currency(call):
    assert call.apply(DOLLARS)["decision"]["amount"] == {"amount": "55000.00", "currency": "USD"}


@pytest.mark.parametrize(("amount", "currency"), [("500000", "JPY"), ("500.125", "KWD"), ("0.01", "EUR")])
def test_amounts_keep_the_digits_of_their_currency(call, amount, currency):
    application = call.apply(amount=amount, currency=currency)
    assert application["amount"] == application["decision"]["amount"] == {"amount": amount, "currency": currency}


def test_referred_is_202_then_decided(sandbox, call):
    application = call.apply(SLOW, expect=202)
    assert (application["state"], application["decision"]) == ("referred", None)
    pending = call("GET", f"applications/{application['id']}/decision")
    assert (pending["state"], pending["amount"], pending["application_id"]) == ("referred", None, application["id"])
    assert call("GET", "decisions")["items"] == []
    sandbox.advance(seconds=3)
    decided = call("GET", f"applications/{application['id']}")
    assert decided["decision"] == call("GET", f"applications/{application['id']}/decision")
    assert call("GET", "decisions")["items"] == [decided["decision"]]
    assert decided["state"] == "approved"
    assert call.apply(SLOW, expect=200) == decided


def test_call_back_while_pending(call):
    application = call.apply(BY_HAND, expect=202)
    for _ in range(2):
        assert call("POST", f"applications/{application['id']}/cancel")["state"] == "cancelled"
    decision = call("GET", f"applications/{application['id']}/decision")
    assert (decision["state"], decision["amount"]) == ("cancelled", None)
    decided = call.apply(FULL, reference="REQ-2")
    call.fails("POST", f"applications/{decided['id']}/cancel", 409, "not_pending")
    call.fails("POST", "applications/app-999999/cancel", 404, "not_found")


def test_increase_decrease_cancel(call):
    call.apply(FULL, reference="A")
    assert (
        call.apply(FULL, reference="B", action="increase", amount="80000.00")["decision"]["amount"]["amount"]
        == "80000.00"
    )
    assert (
        call.apply(FULL, reference="C", action="decrease", amount="30000.00")["decision"]["amount"]["amount"]
        == "30000.00"
    )
    cancelled = call.apply(FULL, reference="D", action="cancel")
    assert (cancelled["state"], cancelled["amount"], cancelled["decision"]["amount"]["amount"]) == (
        "cancelled",
        None,
        "0.00",
    )
    assert [row["state"] for row in call("GET", "limits")["items"]] == ["superseded", "superseded", "cancelled"]


def test_one_policy_knows_limit_exists(sandbox):
    caller = Caller(sandbox.base_url_open, "sandbox-3", "DEMO-003")
    with caller.session:
        caller.apply()
        body = {"reference": "REQ-2", "buyer_id": FULL, "amount": {"amount": "1.00", "currency": "EUR"}}
        caller.fails("POST", "applications", 409, "limit_exists", body)


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"reference": None}, ["reference"]),
        ({"reference": ""}, ["reference"]),
        ({"reference": "x" * 21}, ["reference"]),
        ({"reference": "-x"}, ["reference"]),
        ({"reference": "a b"}, ["reference"]),
        ({"reference": "R\n"}, ["reference"]),
        ({"buyer_id": 4711}, ["buyer_id"]),
        ({"amount": None}, ["amount"]),
        ({"amount": 100}, ["amount"]),
        ({"amount": {**AMOUNT, "amount": 100}}, ["amount.amount"]),
        ({"amount": {**AMOUNT, "amount": 1.5}}, ["amount.amount"]),
        ({"amount": {**AMOUNT, "amount": "1"}}, ["amount.amount"]),
        ({"amount": {**AMOUNT, "amount": "1.000"}}, ["amount.amount"]),
        ({"amount": {**AMOUNT, "amount": "1,00"}}, ["amount.amount"]),
        ({"amount": {**AMOUNT, "amount": "1e5"}}, ["amount.amount"]),
        ({"amount": {**AMOUNT, "amount": "0.00"}}, ["amount.amount"]),
        ({"amount": {**AMOUNT, "amount": "-1.00"}}, ["amount.amount"]),
        ({"amount": {**AMOUNT, "amount": "١.00"}}, ["amount.amount"]),
        ({"amount": {**AMOUNT, "currency": "eur"}}, ["amount.currency"]),
        ({"amount": {**AMOUNT, "currency": "XXX"}}, ["amount.currency"]),
        ({"amount": {"amount": "1.00"}}, ["amount.currency"]),
        ({"amount": {**AMOUNT, "unit": "k"}}, ["amount.unit"]),
        ({"amount": {"amount": "1.00", "currency": "JPY"}}, ["amount.amount"]),
        ({"action": "raise"}, ["action"]),
        ({"kind": "top_up"}, ["kind"]),
        ({"kind": "temporary"}, ["valid_until"]),
        ({"kind": "temporary", "valid_until": "31.12.2026"}, ["valid_until"]),
        ({"kind": "temporary", "valid_until": "2030-02-30"}, ["valid_until"]),
        ({"kind": "temporary", "valid_until": 1798675200}, ["valid_until"]),
        ({"kind": "temporary", "valid_until": "2030-01-01T00:00:00Z"}, ["valid_until"]),
        ({"kind": "temporary", "valid_until": "2020-01-01"}, ["valid_until"]),
        ({"kind": "temporary", "valid_until": "9999-12-31"}, ["valid_until"]),
        ({"valid_until": "2030-01-01"}, ["valid_until"]),
        ({"terms_days": -1}, ["terms_days"]),
        ({"terms_days": "60"}, ["terms_days"]),
        ({"terms_days": 60.5}, ["terms_days"]),
        ({"urgent": "yes"}, ["urgent"]),
        ({"comment": "x" * 1001}, ["comment"]),
        ({"action": "increase"}, ["action"]),
        ({"action": "cancel"}, ["amount"]),
        ({"currency": "EUR"}, ["currency"]),
    ],
)
def test_a_wrong_application_names_its_field_and_uses_up_no_reference(call, change, fields):
    body = {"reference": "REQ-1", "buyer_id": FULL, "amount": AMOUNT, **change}
    assert call.fails("POST", "applications", 422, "invalid_request", body) == fields
    assert call("GET", "applications")["items"] == []
    call.apply()


@pytest.mark.parametrize("body", [None, [], "text", 7, True])
def test_a_body_is_an_object(call, body):
    assert call.fails("POST", "applications", 422, "invalid_request", body) == ["body"]


def test_an_unknown_buyer(call):
    call.fails("POST", "applications", 404, "buyer_not_found", {"reference": "R", "buyer_id": "1", "amount": AMOUNT})
