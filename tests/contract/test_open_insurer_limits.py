"""The `open` insurer against the sandbox over real HTTP: limits, from the request to the end of cover."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from insurer_questions import SINCE, request

from tradecredit_sdk.errors import ConflictError, InvalidInputError, InvalidRequestError, ReferenceConflictError
from tradecredit_sdk.insurers.open import OpenInsurer
from tradecredit_sdk.models.limit import CreditLimit, LimitKind, LimitRequest, LimitState
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.page import Page
from tradecredit_sdk.testing.server import RunningSandbox


def all_items(fetch: Callable[..., Page[Any]], **criteria: Any) -> list[Any]:
    items, cursor = [], None
    for _ in range(1000):
        page = fetch(cursor=cursor, **criteria)
        items += page.items
        cursor = page.next_cursor
        if cursor is None:
            return items
    raise AssertionError("a listing without an end")


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
