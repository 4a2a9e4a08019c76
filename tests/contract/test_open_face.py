"""The sandbox's `open` face over a real socket, against what docs/reference/open-contract.md says."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
import requests

FULL, HALF, REFUSED, SLOW, BY_HAND, DOLLARS = (f"90000000{number}" for number in (1, 2, 3, 4, 7, 9))
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{3})?Z")


class Caller:
    """As little client as possible."""

    def __init__(self, base, key="sandbox", policy="DEMO-001"):
        self.base, self.policy = base, policy
        self.session = requests.Session()
        self.session.headers["Authorization"] = f"Bearer {key}"

    def __call__(self, method, path, expect=200, body=None, **options):
        path = path if path.startswith("/") else f"/policies/{self.policy}/{path}"
        answer = self.session.request(method, self.base + path, json=body, timeout=20, **options)
        assert answer.status_code == expect, (answer.status_code, answer.text)
        assert answer.headers["X-Request-Id"]
        if not answer.content:
            return None
        kind = "application/json" if expect < 400 else "application/problem+json"
        assert answer.headers["Content-Type"] == kind
        return answer.json()

    def fails(self, method, path, status, code, body=None, **options):
        content = self(method, path, status, body, **options)
        assert (content["status"], content["code"]) == (status, code), content
        assert content["title"]
        assert content["detail"]
        return [error["field"] for error in content["errors"]]

    def apply(self, buyer_id=FULL, expect=201, amount="50000.00", currency="EUR", reference="REQ-1", **more):
        money = None if more.get("action") == "cancel" else {"amount": amount, "currency": currency}
        body = {"reference": reference, "buyer_id": buyer_id, "amount": money, **more}
        return self("POST", "applications", expect, body)

    def everything(self, path, page_size):
        """All items of a listing, page by page."""
        items, cursor = [], None
        while True:
            page = self("GET", path, params={"page_size": page_size, "cursor": cursor})
            assert len(page["items"]) <= page_size
            items += page["items"]
            if page["next_cursor"] is None:
                return items
            assert page["next_cursor"] != cursor
            cursor = page["next_cursor"]


@pytest.fixture
def call(sandbox):
    caller = Caller(sandbox.base_url_open)
    with caller.session:
        yield caller


def stranger(sandbox, key):
    return Caller(sandbox.base_url_open, key)


# ---------------------------------------------------------------- ground rules


@pytest.mark.parametrize(
    "header",
    [None, "", "Bearer", "Bearer ", "Bearer wrong", "bearer", "Basic c2FuZGJveDo=", "sandbox", "Bearer sandbox x"],
)
@pytest.mark.parametrize(
    ("method", "path"), [("GET", "/policies"), ("GET", "limits"), ("POST", "applications"), ("GET", "/buyers/1")]
)
def test_without_a_valid_key_nobody_comes_in(call, header, method, path):
    call.session.headers.pop("Authorization")
    call.session.trust_env = False
    headers = {} if header is None else {"Authorization": header}
    content = call(
        method, path, 401, {"reference": "R", "buyer_id": "1"} if method == "POST" else None, headers=headers
    )
    assert content["code"] == "unauthenticated"


def test_a_policy_the_key_may_not_see_is_not_there(sandbox, call):
    application = call.apply()
    overdue = call("POST", "overdues", 201, declaration())
    other = stranger(sandbox, "sandbox-2")
    with other.session:
        for path in ("", "/limits", "/applications", "/decisions", "/overdues", "/events", "/webhooks",
                     f"/applications/{application['id']}", f"/overdues/{overdue['id']}"):  # fmt: skip
            other.fails("GET", f"/policies/DEMO-001{path}", 404, "policy_not_found")
        other.policy = "DEMO-002"
        other.fails("GET", f"applications/{application['id']}", 404, "not_found")
        other.fails("POST", f"applications/{application['id']}/cancel", 404, "not_found")
        other.fails("GET", f"limits/{application['decision']['limit_id']}", 404, "not_found")
        other.fails("POST", f"limits/{application['decision']['limit_id']}/cancel", 404, "not_found")
        other.fails("GET", f"overdues/{overdue['id']}", 404, "not_found")
        assert other("GET", "limits")["items"] == other("GET", "events")["items"] == []
        assert [policy["id"] for policy in other("GET", "/policies")["items"]] == ["DEMO-002"]


# ---------------------------------------------------------------- buyers


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


# ---------------------------------------------------------------- policies


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
    }  # fmt: skip
    call.fails("GET", "/policies/DEMO-009", 404, "policy_not_found")


# ---------------------------------------------------------------- applications and decisions


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


AMOUNT = {"amount": "1.00", "currency": "EUR"}


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


def test_applications_are_listed_newest_first_by_filter(call):
    for number in range(7):
        call.apply(FULL if number % 2 else REFUSED, reference=f"R-{number}")
    assert [item["reference"] for item in call.everything("applications", 3)] == [
        f"R-{number}" for number in range(6, -1, -1)
    ]
    assert [item["reference"] for item in call("GET", f"applications?buyer_id={FULL}")["items"]] == [
        "R-5",
        "R-3",
        "R-1",
    ]
    assert [item["reference"] for item in call("GET", "applications?reference=R-2")["items"]] == ["R-2"]
    assert len(call("GET", "applications?state=refused")["items"]) == 4
    assert call("GET", "applications?reference=none")["items"] == []
    assert [item["reference"] for item in call.everything("decisions", 2)] == [
        f"R-{number}" for number in range(6, -1, -1)
    ]
    assert len(call("GET", f"decisions?buyer_id={FULL}")["items"]) == 3


@pytest.mark.parametrize(
    "query", ["page_size=0", "page_size=501", "page_size=x", "state=odd", "cursor=", "cursor=x", "cursor=1-00000000"]
)
def test_a_wrong_query_is_named(call, query):
    assert call.fails("GET", f"applications?{query}", 422, "invalid_request") == [query.split("=")[0]]


def test_a_cursor_belongs_to_its_listing_and_filters(call):
    for number in range(3):
        call.apply(FULL, reference=f"R-{number}")
    cursor = call("GET", f"applications?page_size=1&buyer_id={FULL}")["next_cursor"]
    assert call("GET", f"applications?page_size=1&buyer_id={FULL}&cursor={cursor}")["items"][0]["reference"] == "R-1"
    for path in ("applications", "limits", "events", f"applications?buyer_id={HALF}", f"decisions?buyer_id={FULL}"):
        joint = "&" if "?" in path else "?"
        assert call.fails("GET", f"{path}{joint}cursor={cursor}", 422, "invalid_request") == ["cursor"]


# ---------------------------------------------------------------- limits


def test_a_row_in_full_and_what_becomes_of_it(sandbox, call):
    limit_id = call.apply("900000010")["decision"]["limit_id"]
    row = call("GET", f"limits/{limit_id}")
    first = row["valid_from"]
    assert row == {
        "id": limit_id, "buyer_id": "900000010", "kind": "permanent", "state": "partly_approved",
        "amount": {"amount": "30000.00", "currency": "EUR"}, "valid_from": first, "valid_until": None, "announced_change": None,
        "insured_percentage": None, "max_terms_days": 30,
        "conditions": [{"code": "C10", "text": "Payment terms at most 30 days."}, {"code": "C20", "text": "Retention of title."}],
        "insurer_code": "PART", "application_id": "app-000001",
    }  # fmt: skip
    sandbox.control(
        "POST", f"/limits/{limit_id}/cut", {"amount": {"amount": "0", "currency": "EUR"}, "notice_days": 30}
    )
    announced = call("GET", f"limits?buyer_id={row['buyer_id']}")["items"][0]
    day = (datetime.fromisoformat(first) + timedelta(days=30)).date().isoformat()
    assert announced["state"] == "withdrawal_announced"
    assert announced["announced_change"] == {"effective_on": day, "amount": {"amount": "0.00", "currency": "EUR"}}
    sandbox.advance(days=31)
    ended = call("GET", f"limits/{limit_id}")
    last = (datetime.fromisoformat(first) + timedelta(days=29)).date().isoformat()
    assert (ended["state"], ended["valid_until"], ended["amount"]["amount"]) == ("withdrawn", last, "30000.00")
    call.fails("GET", "limits/lim-999999", 404, "not_found")


def test_a_limit_is_given_up(call):
    limit_id = call.apply()["decision"]["limit_id"]
    first = call("POST", f"limits/{limit_id}/cancel")
    assert first["state"] == "cancelled"
    assert call("POST", f"limits/{limit_id}/cancel") == first
    call.fails("POST", "limits/lim-999999/cancel", 404, "not_found")


def test_limits_are_listed_page_by_page(call):
    for number in range(5):
        call.apply(FULL, reference=f"R-{number}")
    assert [row["id"] for row in call.everything("limits", 2)] == [f"lim-00000{number}" for number in range(1, 6)]


# ---------------------------------------------------------------- overdues


INVOICE = {"number": "R-1001", "due_date": "2026-01-31", "amount": {"amount": "1250.00", "currency": "EUR"}}


def declaration(**more):
    return {"reference": "OVD-7", "buyer_id": FULL, "invoices": [INVOICE], **more}


def test_an_overdue_in_full(call):
    call.apply()
    overdue = call("POST", "overdues", 201, declaration(comment="phoned twice"))
    assert MOMENT.fullmatch(overdue.pop("declared_at"))
    answer = overdue.pop("answer")
    assert answer.startswith("Limit confirmed")
    assert overdue == {
        "id": "ovd-000001", "reference": "OVD-7", "policy_id": "DEMO-001", "buyer_id": FULL, "state": "declared",
        "reason": "protracted_default", "comment": "phoned twice", "total": {"amount": "1250.00", "currency": "EUR"},
        "invoices": [{**INVOICE, "extended_to": None, "settled_on": None}], "instalments": [], "insurer_code": "OVD",
    }  # fmt: skip
    again = call("POST", "overdues", 200, declaration(comment="phoned twice"))
    assert call("GET", "overdues/ovd-000001") == again
    call.fails("POST", "overdues", 409, "reference_reused", declaration())
    assert call("GET", "overdues?reference=OVD-7&state=declared")["items"] == [again]
    assert call("GET", "overdues?state=settled")["items"] == []
    call.fails("GET", "overdues/ovd-999999", 404, "not_found")


def test_extend_reschedule_settle(sandbox, call):
    overdue = call("POST", "overdues", 201, declaration())
    path = f"overdues/{overdue['id']}/actions"
    later = (sandbox.engine.now() + timedelta(days=30)).date().isoformat()
    extend = {"reference": "ACT-1", "action": "extend", "invoice": "R-1001", "new_due_date": later, "instalments": [],
              "settled_on": None, "comment": None}  # fmt: skip
    extended = call("POST", path, 201, extend)
    assert (extended["state"], extended["invoices"][0]["extended_to"]) == ("extended", later)
    assert call("POST", path, 200, extend) == extended
    call.fails("POST", path, 409, "reference_reused", {**extend, "comment": "x"})
    plan = [{"due_date": later, "amount": INVOICE["amount"]}]
    assert (
        call("POST", path, 201, {"reference": "ACT-2", "action": "reschedule", "instalments": plan})["instalments"]
        == plan
    )
    settled = call("POST", path, 201, {"reference": "ACT-3", "action": "settle", "settled_on": "2026-04-01"})
    assert (settled["state"], settled["total"]["amount"]) == ("settled", "0.00")
    call.fails(
        "POST", path, 409, "already_settled", {"reference": "ACT-4", "action": "settle", "settled_on": "2026-04-01"}
    )
    call.fails("POST", "overdues/ovd-9/actions", 404, "not_found", extend)


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"invoices": []}, ["invoices"]),
        ({"invoices": [INVOICE, INVOICE]}, ["invoices.1.number"]),
        ({"invoices": [{**INVOICE, "amount": {"amount": "0.00", "currency": "EUR"}}]}, ["invoices.0.amount.amount"]),
        ({"invoices": [{**INVOICE, "amount": {"amount": "1", "currency": "EUR"}}]}, ["invoices.0.amount.amount"]),
        ({"invoices": [INVOICE, {**INVOICE, "number": "2", "amount": {"amount": "1.00", "currency": "USD"}}]}, ["invoices.1.amount.currency"]),
        ({"invoices": [{**INVOICE, "due_date": "9999-12-31"}]}, ["invoices.0.due_date"]),
        ({"invoices": [{**INVOICE, "due_date": "31/01/2026"}]}, ["invoices.0.due_date"]),
        ({"reason": "late"}, ["reason"]),
        ({"reference": None}, ["reference"]),
        ({"total": "1"}, ["total"]),
    ],
)  # fmt: skip
def test_a_wrong_declaration_names_its_field(call, change, fields):
    assert call.fails("POST", "overdues", 422, "invalid_request", declaration(**change)) == fields


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"action": "extend"}, ["new_due_date"]),
        ({"action": "extend", "new_due_date": "2026-01-31"}, ["new_due_date"]),
        ({"action": "reschedule"}, ["instalments"]),
        ({"action": "settle"}, ["settled_on"]),
        ({"action": "settle", "settled_on": "2026-04-01", "invoice": "R-9"}, ["invoice"]),
        ({"action": "settle", "settled_on": "2026-04-01", "new_due_date": "2027-01-01"}, ["new_due_date"]),
        ({"action": "pay"}, ["action"]),
        ({"action": "settle", "settled_on": "2026-04-01", "reference": "x y"}, ["reference"]),
    ],
)
def test_a_wrong_action_names_its_field(call, change, fields):
    overdue = call("POST", "overdues", 201, declaration())
    body = {"reference": "ACT-1", **change}
    assert call.fails("POST", f"overdues/{overdue['id']}/actions", 422, "invalid_request", body) == fields


# ---------------------------------------------------------------- events and webhooks


def test_events_are_polled_with_a_cursor_that_never_ends(call):
    empty = call("GET", "events")
    assert empty["items"] == []
    assert call("GET", f"events?cursor={empty['next_cursor']}") == empty
    call.apply()
    first = call("GET", f"events?cursor={empty['next_cursor']}&page_size=1")
    second = call("GET", f"events?cursor={first['next_cursor']}")
    assert [event["type"] for event in first["items"] + second["items"]] == ["application.decided", "limit.granted"]
    assert first["items"][0]["id"] == "evt-000001"
    assert MOMENT.fullmatch(first["items"][0]["occurred_at"])
    assert first["items"][0] | {"occurred_at": ""} == {
        "id": "evt-000001", "type": "application.decided", "occurred_at": "", "policy_id": "DEMO-001", "buyer_id": FULL,
        "application_id": "app-000001", "limit_id": "lim-000001", "overdue_id": None,
    }  # fmt: skip
    assert call("GET", f"events?cursor={second['next_cursor']}") == {"items": [], "next_cursor": second["next_cursor"]}
    call("POST", "overdues", 201, declaration())
    (told,) = call("GET", f"events?cursor={second['next_cursor']}")["items"]
    assert (told["type"], told["overdue_id"]) == ("overdue.declared", "ovd-000001")


def test_webhooks_are_registered_listed_without_secrets_and_removed(call):
    made = call("POST", "webhooks", 201, {"url": "https://erp.example/hooks"})
    assert made.keys() == {"id", "url", "secret"}
    assert made["secret"].startswith("whsec_")
    own = "whsec_" + "A" * 32
    assert call("POST", "webhooks", 201, {"url": "http://127.0.0.1:9/x", "secret": own})["secret"] == own
    listed = call("GET", "webhooks")
    assert listed["items"][0] == {"id": made["id"], "url": made["url"]}
    assert len(listed["items"]) == 2
    for _ in range(2):
        assert call("DELETE", f"webhooks/{made['id']}", 204) is None
    assert len(call("GET", "webhooks")["items"]) == 1
    for body, field in (
        ({"url": "http://erp.example/"}, "url"),
        ({}, "url"),
        ({"url": "https://a.example/", "secret": "x"}, "secret"),
    ):
        assert call.fails("POST", "webhooks", 422, "invalid_request", body) == [field]


# ---------------------------------------------------------------- the description


def test_each_example_of_the_pages_works_as_it_stands(call):
    described = requests.get(call.base.removesuffix("/open/v1") + "/openapi.json", timeout=20).json()
    tried = []
    for path, operations in described["paths"].items():
        for method, operation in operations.items():
            content = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if not path.startswith("/open/v1") or content is None:
                continue
            model = described["components"]["schemas"][content["schema"]["$ref"].rsplit("/", 1)[1]]
            for parameter in operation.get("parameters", []):
                path = path.replace("{" + parameter["name"] + "}", parameter["schema"]["examples"][0])
            answer = call.session.request(
                method, call.base + path.removeprefix("/open/v1"), json=model["examples"][0], timeout=20
            )
            tried.append((path, answer.status_code))
    assert sorted(status for _, status in tried) == [200, 201, 201, 201, 201], tried


def test_every_operation_is_described_with_its_errors(call):
    described = requests.get(call.base.removesuffix("/open/v1") + "/openapi.json", timeout=20).json()
    operations = [
        (path, operation)
        for path, methods in described["paths"].items()
        for operation in methods.values()
        if path.startswith("/open/v1")
    ]
    assert len(operations) == 21
    for path, operation in operations:
        assert operation["summary"], path
        assert {"401", "422"} <= operation["responses"].keys(), path
        assert ("404" in operation["responses"]) == ("{" in path), path
        assert operation["security"] == [{"key": []}], path
        for status, answer in operation["responses"].items():
            if status >= "400":
                assert list(answer["content"]) == ["application/problem+json"], (path, status)
    problem = described["components"]["schemas"]["ProblemWire"]
    assert {"status", "code", "detail", "request_id", "errors"} <= problem["properties"].keys()
