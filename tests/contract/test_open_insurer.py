"""The `open` insurer against the sandbox over real HTTP: both sides are written from docs/reference/open-contract.md."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from pydantic import SecretStr

from tradecredit_sdk import webhooks
from tradecredit_sdk.errors import (
    AuthenticationError,
    ConflictError,
    InvalidInputError,
    InvalidRequestError,
    NoAnswerError,
    NotFoundError,
    ReferenceConflictError,
    ResponseFormatError,
    TransportError,
    WebhookError,
)
from tradecredit_sdk.insurers.open import OpenInsurer
from tradecredit_sdk.models.buyer import BuyerQuery, Identifier
from tradecredit_sdk.models.limit import CreditLimit, LimitKind, LimitRequest, LimitState
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.overdue import OverdueChange, OverdueDeclaration, OverdueState
from tradecredit_sdk.models.page import Page
from tradecredit_sdk.testing.server import RunningSandbox

SINCE = datetime(2020, 1, 1, tzinfo=timezone.utc)


@dataclass(frozen=True)
class Settings:
    base_url: str | None
    api_key: SecretStr | None = field(default=SecretStr("sandbox"))
    policy: str | None = "DEMO-001"
    business_unit: str | None = None
    environment: str = "production"
    policy_currency: str | None = None
    unverified: bool = False
    contract_file: str | None = None
    timeout_seconds: float = 5
    total_seconds: float = 20
    retries: int = 2


@pytest.fixture
def connect(sandbox: RunningSandbox) -> Iterator[Callable[..., OpenInsurer]]:
    made: list[OpenInsurer] = []

    def make(**changes: Any) -> OpenInsurer:
        made.append(OpenInsurer.from_settings(Settings(**{"base_url": sandbox.base_url_open, **changes})))
        return made[-1]

    yield make
    for insurer in made:
        insurer.close()


@pytest.fixture
def insurer(connect: Callable[..., OpenInsurer]) -> OpenInsurer:
    return connect()


def request(buyer: str, amount: str = "20000", reference: str = "REQ-1", **more: Any) -> LimitRequest:
    return LimitRequest(buyer_id=buyer, amount=Money(amount, "EUR"), reference=reference, **more)


def all_items(fetch: Callable[..., Page[Any]], **criteria: Any) -> list[Any]:
    items, cursor = [], None
    for _ in range(1000):
        page = fetch(cursor=cursor, **criteria)
        items += page.items
        cursor = page.next_cursor
        if cursor is None:
            return items
    raise AssertionError("a listing without an end")


# Buyers and policy


def test_a_buyer_is_found_by_name_and_by_number(insurer: OpenInsurer) -> None:
    found = insurer.find_buyers(BuyerQuery(name="Sandbox", country="DE", max_results=100))
    fixed = {f"90000000{number}" for number in range(1, 10)} | {"900000010"}
    assert fixed <= {one.id for one in found}
    scores = [one.score for one in found]
    assert scores == sorted(scores, reverse=True)
    own = Identifier(type="insurer", value="900000001")
    (by_id, *_) = insurer.find_buyers(BuyerQuery(country="DE", identifiers=(own,)))
    assert (by_id.id, by_id.score) == ("900000001", 100)
    whole = insurer.get_buyer("900000001")
    assert (whole.id, whole.score) == ("900000001", None)
    for number in whole.identifiers:
        if number.type in ("vat", "registration"):
            query = BuyerQuery(country="DE", identifiers=(Identifier(**number.model_dump()),))
            assert insurer.find_buyers(query)[0].id == "900000001"
    assert insurer.find_buyers(BuyerQuery(name="Zzyzx Qwertz", country="DE")) == ()


def test_what_is_not_there_or_not_allowed(insurer: OpenInsurer, connect: Callable[..., OpenInsurer]) -> None:
    with pytest.raises(NotFoundError) as caught:
        insurer.get_buyer("123456789")
    assert caught.value.code == "buyer_not_found"
    assert caught.value.request_id
    with pytest.raises(NotFoundError):
        insurer.get_application("app-999999")
    with pytest.raises(NotFoundError):
        insurer.get_overdue("ovd-999999")
    with pytest.raises(NotFoundError):
        insurer.cancel_limit("lim-999999")
    with pytest.raises(NotFoundError):
        connect(policy="OTHER-1").get_policy()
    with pytest.raises(AuthenticationError) as refused:
        connect(api_key=SecretStr("wrong")).probe()
    assert refused.value.code == "unauthenticated"
    with pytest.raises(TransportError):
        connect(base_url="http://127.0.0.1:9", retries=0).probe()


def test_the_policy_is_the_one_the_sandbox_prints(insurer: OpenInsurer) -> None:
    policy = insurer.get_policy()
    assert (policy.id, policy.currency, policy.discretionary_limit) == ("DEMO-001", "EUR", Money("10000", "EUR"))
    assert (policy.max_payment_terms_days, policy.max_extension_days) == (90, 60)
    assert policy.insured_percentage == Decimal(90)
    insurer.probe()


# Limits


def test_decided_in_full_at_once_and_then_in_force(insurer: OpenInsurer) -> None:
    application = insurer.request_limit(request("900000001", terms_days=60))
    assert application.state is LimitState.APPROVED
    decision = application.decision
    assert decision is not None
    assert (decision.amount, decision.reference) == (Money("20000", "EUR"), "REQ-1")
    assert insurer.limit_decision(application.id) == decision
    assert insurer.get_application(application.id).decision == decision
    (limit,) = insurer.list_limits(buyer_id="900000001").items
    assert (limit.id, limit.amount, limit.kind) == (decision.limit_id, Money("20000", "EUR"), LimitKind.PERMANENT)
    assert limit.application_id == application.id


@pytest.mark.parametrize(
    ("buyer", "state", "amount"),
    [
        ("900000002", LimitState.PARTLY_APPROVED, "10000"),
        ("900000003", LimitState.REFUSED, "0"),
        ("900000008", LimitState.REFUSED, "0"),
    ],
)
def test_a_buyer_of_fixed_behaviour(insurer: OpenInsurer, buyer: str, state: LimitState, amount: str) -> None:
    decision = insurer.request_limit(request(buyer)).decision
    assert decision is not None
    assert (decision.state, decision.amount) == (state, Money(amount, "EUR"))


def test_a_decision_in_another_currency_is_kept(insurer: OpenInsurer) -> None:
    decision = insurer.request_limit(request("900000009")).decision
    assert decision is not None
    assert decision.amount is not None
    assert decision.amount.currency == "USD"
    (limit,) = insurer.list_limits(buyer_id="900000009").items
    assert limit.amount == decision.amount


def test_conditions_come_along(insurer: OpenInsurer) -> None:
    application = insurer.request_limit(request("900000010"))
    assert application.decision is not None
    assert application.decision.state is LimitState.PARTLY_APPROVED
    assert application.decision.conditions
    assert insurer.list_limits(buyer_id="900000010").items[0].max_terms_days == 30


def test_referred_decided_by_a_person_and_seen_as_an_event(insurer: OpenInsurer, sandbox: RunningSandbox) -> None:
    start = insurer.poll_events().next_cursor
    application = insurer.request_limit(request("900000007"))
    assert (application.state, application.is_pending) == (LimitState.REFERRED, True)
    assert insurer.limit_decision(application.id).is_pending
    assert application.id in {one.id for one in insurer.list_applications(buyer_id="900000007").items}
    decided = {"state": "partly_approved", "amount": {"amount": "1234.56", "currency": "EUR"}}
    sandbox.control("POST", f"/applications/{application.id}/decide", decided)
    assert insurer.limit_decision(application.id).amount == Money("1234.56", "EUR")
    page = insurer.poll_events(cursor=start)
    assert {("application.decided", application.id)} <= {(one.type, one.application_id) for one in page.items}
    assert insurer.poll_events(cursor=page.next_cursor) == Page((), page.next_cursor)


def test_the_same_reference_makes_one_application(insurer: OpenInsurer) -> None:
    first = insurer.request_limit(request("900000001"))
    assert insurer.request_limit(request("900000001")).id == first.id
    found = insurer.find_application(request("900000001"), SINCE)
    assert found is not None
    assert found.id == first.id
    assert insurer.find_application(request("900000001", reference="REQ-2"), SINCE) is None
    with pytest.raises(ConflictError) as caught:
        insurer.request_limit(request("900000001", "20000.01"))
    assert (caught.value.code, caught.value.reference) == ("reference_reused", "REQ-1")
    with pytest.raises(ReferenceConflictError):
        insurer.find_application(request("900000001", "20000.01"), SINCE)


def test_temporary_increase_decrease_and_cancel(insurer: OpenInsurer) -> None:
    insurer.request_limit(request("900000001"))
    until = (datetime.now(timezone.utc) + timedelta(days=60)).date()
    temporary = insurer.request_limit(request("900000001", "5000", "REQ-2", kind="temporary", valid_until=until))
    assert temporary.decision is not None
    assert temporary.decision.valid_until == until
    bigger = insurer.request_limit(request("900000001", "30000", "REQ-3", action="increase"))
    assert bigger.decision is not None
    rows = insurer.list_limits(buyer_id="900000001").items
    in_force = {(one.kind, one.amount) for one in rows if one.state is LimitState.APPROVED}
    assert in_force == {(LimitKind.PERMANENT, Money("30000", "EUR")), (LimitKind.TEMPORARY, Money("5000", "EUR"))}
    assert LimitState.SUPERSEDED in {one.state for one in rows}
    smaller = insurer.request_limit(request("900000001", "10000", "REQ-4", action="decrease"))
    assert smaller.decision is not None
    assert smaller.decision.amount == Money("10000", "EUR")
    insurer.request_limit(LimitRequest(buyer_id="900000001", action="cancel", reference="REQ-5"))
    states = {one.state for one in insurer.list_limits(buyer_id="900000001").items if one.kind == LimitKind.PERMANENT}
    assert not states & {LimitState.APPROVED, LimitState.PARTLY_APPROVED}


def test_cancelling_by_id_twice(insurer: OpenInsurer) -> None:
    waiting = insurer.request_limit(request("900000007"))
    for _ in range(2):
        assert insurer.cancel_limit(waiting.id).state is LimitState.CANCELLED
    granted = insurer.request_limit(request("900000001", reference="REQ-2"))
    with pytest.raises(ConflictError) as caught:
        insurer.cancel_limit(granted.id)
    assert caught.value.code == "not_pending"
    assert granted.decision is not None
    assert granted.decision.limit_id is not None
    for _ in range(2):
        limit = insurer.cancel_limit(granted.decision.limit_id)
        assert isinstance(limit, CreditLimit)
        assert limit.state is LimitState.CANCELLED


def test_an_announced_withdrawal_runs_off(insurer: OpenInsurer, sandbox: RunningSandbox) -> None:
    insurer.request_limit(request("900000006"))
    sandbox.control("POST", "/clock", {"advance_days": 11})
    (limit,) = insurer.list_limits(buyer_id="900000006").items
    assert limit.state is LimitState.WITHDRAWAL_ANNOUNCED
    assert limit.announced_change is not None
    assert limit.announced_change.amount == Money.zero("EUR")
    sandbox.control("POST", "/clock", {"advance_days": 40})
    assert LimitState.WITHDRAWN in {one.state for one in insurer.list_limits(buyer_id="900000006").items}


def test_pages_join_without_a_gap_or_a_repetition(insurer: OpenInsurer) -> None:
    for number in range(7):
        insurer.request_limit(
            request(f"90000000{number % 3 + 1}", reference=f"REQ-{number}", amount=str(1000 + number))
        )
    whole = [one.id for one in insurer.list_applications(page_size=500).items]
    assert len(whole) == len(set(whole)) >= 7
    for size in (1, 2, 3, 7):
        assert [one.id for one in all_items(insurer.list_applications, page_size=size)] == whole
    limits = [one.id for one in insurer.list_limits(page_size=500).items]
    assert [one.id for one in all_items(insurer.list_limits, page_size=2)] == limits
    with pytest.raises(InvalidRequestError) as caught:
        insurer.list_limits(cursor="not-a-cursor")
    assert caught.value.fields
    with pytest.raises(InvalidInputError):
        insurer.list_limits(page_size=501)


def test_what_the_insurer_refuses_names_the_fields(insurer: OpenInsurer) -> None:
    with pytest.raises(InvalidRequestError) as caught:
        insurer.request_limit(request("900000001", kind="temporary", valid_until="2001-01-01"))
    assert caught.value.code == "invalid_request"
    assert [item.field for item in caught.value.fields] == ["valid_until"]


# Overdues


def declaration(reference: str = "OVD-1", buyer: str = "900000001") -> OverdueDeclaration:
    invoices = tuple(
        {"number": number, "due_date": due, "amount": Money(amount, "EUR")}
        for number, due, amount in (("R-1", "2025-01-31", "1250.00"), ("R-2", "2025-02-28", "0.50"))
    )
    return OverdueDeclaration(buyer_id=buyer, invoices=invoices, reference=reference)


def test_the_life_of_an_overdue(insurer: OpenInsurer) -> None:
    declared = insurer.declare_overdue(declaration())
    assert (declared.state, declared.total) == (OverdueState.DECLARED, Money("1250.50", "EUR"))
    assert insurer.declare_overdue(declaration()).id == declared.id
    found = insurer.find_overdue(declaration(), SINCE)
    assert found is not None
    assert found.id == declared.id
    assert insurer.find_overdue(declaration("OVD-2"), SINCE) is None
    with pytest.raises(ReferenceConflictError):
        insurer.find_overdue(declaration(buyer="900000002"), SINCE)

    later = (datetime.now(timezone.utc) + timedelta(days=30)).date()

    def change(**given: Any) -> Any:
        return insurer.change_overdue(OverdueChange(overdue_id=declared.id, **given))

    extended = change(action="extend", invoice="R-1", new_due_date=later, reference="ACT-1")
    assert (extended.state, extended.invoices[0].extended_to) == (OverdueState.EXTENDED, later)
    assert change(action="extend", invoice="R-1", new_due_date=later, reference="ACT-1").state is OverdueState.EXTENDED
    plan = ({"due_date": later, "amount": Money("1250.50", "EUR")},)
    planned = change(action="reschedule", instalments=plan, reference="ACT-2")
    assert (planned.state, len(planned.instalments)) == (OverdueState.RESCHEDULED, 1)
    today = datetime.now(timezone.utc).date()
    partly = change(action="settle", invoice="R-1", settled_on=today, reference="ACT-3")
    assert partly.total == Money("0.50", "EUR")
    settled = change(action="settle", settled_on=today, reference="ACT-4")
    assert (settled.state, settled.total) == (OverdueState.SETTLED, Money.zero("EUR"))
    with pytest.raises(ConflictError) as caught:
        change(action="settle", settled_on=today, reference="ACT-5")
    assert caught.value.code == "already_settled"
    assert insurer.get_overdue(declared.id).state is OverdueState.SETTLED
    assert [one.id for one in insurer.list_overdues(buyer_id="900000001").items] == [declared.id]


def test_a_new_due_date_must_be_later(insurer: OpenInsurer) -> None:
    declared = insurer.declare_overdue(declaration())
    early = OverdueChange(overdue_id=declared.id, action="extend", new_due_date="2025-01-30", reference="ACT-1")
    with pytest.raises(InvalidRequestError) as caught:
        insurer.change_overdue(early)
    assert [item.field for item in caught.value.fields] == ["new_due_date"]


# Webhooks and faults


def test_webhooks_are_registered_and_removed(insurer: OpenInsurer) -> None:
    webhook = insurer.register_webhook("https://erp.example/hook")
    assert webhook.secret is not None
    assert webhook.secret.get_secret_value().startswith("whsec_")
    (listed,) = insurer.list_webhooks()
    assert (listed.id, listed.secret) == (webhook.id, None)
    for _ in range(2):
        insurer.delete_webhook(webhook.id)
    assert insurer.list_webhooks() == ()
    with pytest.raises(InvalidRequestError):
        insurer.register_webhook("http://erp.example/hook")


class Receiver:
    """An ERP's address for call-backs; refuses the first call, as one does that is just being restarted."""

    def __init__(self) -> None:
        self.calls: queue.Queue[tuple[bytes, dict[str, str]]] = queue.Queue()
        refusals = iter([503])
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.calls.put((body, dict(self.headers.items())))
                self.send_response(next(refusals, 204))
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)


def test_a_call_back_is_signed_repeated_and_names_what_is_read_again(insurer: OpenInsurer) -> None:
    receiver = Receiver()
    try:
        webhook = insurer.register_webhook(receiver.url)
        assert webhook.secret is not None
        secret = webhook.secret.get_secret_value()
        application = insurer.request_limit(request("900000001"))
        seen: dict[str, list[str]] = {}
        while (
            "application.decided" not in seen
            or len(seen["application.decided"]) + len(seen.get("limit.granted", [])) < 3
        ):
            body, headers = receiver.calls.get(timeout=10)
            event = webhooks.parse(body=body, headers=headers, secrets=secret)
            seen.setdefault(str(getattr(event.type, "value", event.type)), []).append(event.id)
            assert event in insurer.poll_events().items
            assert event.application_id == application.id
            with pytest.raises(WebhookError):
                webhooks.verify(body=body + b" ", headers=headers, secrets=secret)
    finally:
        receiver.close()
    assert set(seen) == {"application.decided", "limit.granted"}
    assert {len(set(ids)) for ids in seen.values()} == {1}, "the call that was refused came again with its id"


@pytest.mark.parametrize("kind", ["500", "503", "429", "reset_before", "reset_after", "truncate", "garbage"])
def test_a_request_survives_a_fault_and_stays_one(insurer: OpenInsurer, sandbox: RunningSandbox, kind: str) -> None:
    """The first answer is spoilt, before or after the insurer acted; the second attempt finds one application."""
    faults = {"rate": 1.0, "seed": 1, "kinds": [kind], "paths": ["/open/v1"], "count": 1, "retry_after_seconds": 0}
    sandbox.control("PUT", "/faults", faults)
    try:
        application = insurer.request_limit(request("900000001"))
    except ResponseFormatError:
        assert kind == "garbage", "an answer that is no JSON is not repeated by itself"
        found = insurer.find_application(request("900000001"), SINCE)
        assert found is not None
        application = found
    assert application.state is LimitState.APPROVED
    assert len(insurer.list_applications(buyer_id="900000001").items) == 1


def test_an_answer_that_never_comes_is_no_answer(connect: Callable[..., OpenInsurer], sandbox: RunningSandbox) -> None:
    faults = {
        "rate": 1.0,
        "seed": 1,
        "kinds": ["reset_after"],
        "paths": ["/open/v1/policies/DEMO-001/applications"],
        "count": 1,
    }
    sandbox.control("PUT", "/faults", faults)
    impatient = connect(retries=0)
    with pytest.raises(NoAnswerError) as caught:
        impatient.request_limit(request("900000001"))
    assert caught.value.reference == "REQ-1"
    found = impatient.find_application(request("900000001"), SINCE)
    assert found is not None, "the insurer had acted"
    assert found.state is LimitState.APPROVED


def test_a_dripping_answer_ends_with_the_total_time(
    connect: Callable[..., OpenInsurer], sandbox: RunningSandbox
) -> None:
    sandbox.control(
        "PUT", "/faults", {"rate": 1.0, "seed": 1, "kinds": ["drip"], "paths": ["/open/v1"], "latency_seconds": 0.3}
    )
    started = time.monotonic()
    with pytest.raises(NoAnswerError):
        connect(retries=0, total_seconds=1).get_policy()
    assert time.monotonic() - started < 3
