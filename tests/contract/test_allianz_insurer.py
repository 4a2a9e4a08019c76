"""The Allianz Trade insurer against the sandbox's face over real HTTP, in both path layouts.

Both sides are written from what is publicly known. Where the sandbox had to invent, docs/reference/allianz-trade-sandbox.md
says so; what is read here without the `unverified` switch is evidenced.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from insurer_questions import declaration, request

from tradecredit_sdk.errors import (
    AuthenticationError,
    NoAnswerError,
    NotFoundError,
    TradeCreditError,
    UnsupportedOperationError,
)
from tradecredit_sdk.insurers.allianz_trade import AllianzTradeInsurer
from tradecredit_sdk.models.buyer import Buyer, BuyerQuery, Identifier
from tradecredit_sdk.models.limit import LimitApplication, LimitDecision, LimitState
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.overdue import OverdueChange, OverdueState
from tradecredit_sdk.testing.server import RunningSandbox


@pytest.fixture(params=["production", "uat"])
def insurer(connect: Callable[..., AllianzTradeInsurer], request: pytest.FixtureRequest) -> AllianzTradeInsurer:
    return connect("allianz-trade", environment=request.param)


@pytest.fixture
def unverified(connect: Callable[..., AllianzTradeInsurer]) -> AllianzTradeInsurer:
    return connect("allianz-trade", unverified=True)


@pytest.fixture
def until(sandbox: RunningSandbox) -> Callable[..., Any]:
    """Ask again, letting time pass on the sandbox clock in between: a job takes about a second."""

    def wait(ask: Callable[[], Any], ready: Callable[[Any], bool]) -> Any:
        for _ in range(20):
            answer = ask()
            if ready(answer):
                return answer
            sandbox.advance(seconds=1)
            time.sleep(0.01)
        raise AssertionError(f"still {answer!r}")

    return wait


@pytest.fixture
def finished(until: Callable[..., Any]) -> Callable[[AllianzTradeInsurer, LimitApplication], LimitDecision]:
    """What is known once the job of an application is processed."""

    def decision(insurer: AllianzTradeInsurer, application: LimitApplication) -> LimitDecision:
        found = until(lambda: insurer.limit_decision(application.id), lambda one: one.state is not LimitState.REQUESTED)
        assert isinstance(found, LimitDecision)
        return found

    return decision


# Evidenced


def test_the_probe_needs_the_key(connect: Callable[..., AllianzTradeInsurer], insurer: AllianzTradeInsurer) -> None:
    insurer.probe()
    with pytest.raises(AuthenticationError):
        connect("allianz-trade", api_key="wrong").probe()


def test_a_buyer_is_found_by_name_by_number_and_by_id(insurer: AllianzTradeInsurer) -> None:
    found = insurer.find_buyers(BuyerQuery(name="Sandbox", country="DE", max_results=50))
    assert {f"90000000{number}" for number in range(1, 10)} <= {one.id for one in found}
    whole = insurer.get_buyer("900000001")
    assert whole.id == "900000001"
    assert whole.identifiers
    own = Identifier(type="insurer", value="900000001")
    assert insurer.find_buyers(BuyerQuery(country="DE", identifiers=(own,))) == (whole,)
    for number in whole.identifiers:
        kind = "vat" if number.value.startswith("DE") else "registration"
        query = BuyerQuery(country="DE", identifiers=(Identifier(type=kind, value=number.value, country="DE"),))
        assert [one.id for one in insurer.find_buyers(query)] == ["900000001"]
    with pytest.raises(NotFoundError):
        insurer.get_buyer("123456789")
    assert insurer.find_buyers(BuyerQuery(name="Zzyzx Qwertz", country="DE")) == ()


def test_a_request_becomes_a_limit(insurer: AllianzTradeInsurer, finished: Callable[..., LimitDecision]) -> None:
    application = insurer.request_limit(request("900000001", urgent=True))
    assert (application.state, application.reference) == (LimitState.REQUESTED, "REQ-1")
    decision = finished(insurer, application)
    assert (decision.state, decision.insurer_code) == (LimitState.APPROVED, "AlreadyAgreed")
    assert decision.amount == Money("20000", "EUR")
    (limit,) = insurer.list_limits(buyer_id="900000001").items
    assert (limit.state, limit.amount, limit.insurer_code) == (LimitState.APPROVED, Money("20000", "EUR"), "Agreement")
    assert limit.valid_from == decision.valid_from
    assert limit.id in {one.id for one in insurer.list_limits().items}


def test_the_amount_that_is_there_already_is_agreed_already(
    insurer: AllianzTradeInsurer, finished: Callable[..., LimitDecision]
) -> None:
    finished(insurer, insurer.request_limit(request("900000001")))
    decision = finished(insurer, insurer.request_limit(request("900000001", reference="REQ-2", action="increase")))
    assert (decision.state, decision.insurer_code) == (LimitState.APPROVED, "AlreadyAgreed")
    assert decision.amount == Money("20000", "EUR")


def test_a_processed_job_may_still_be_with_an_underwriter(
    insurer: AllianzTradeInsurer, sandbox: RunningSandbox, finished: Callable[..., LimitDecision]
) -> None:
    application = insurer.request_limit(request("900000007"))
    assert finished(insurer, application).state is LimitState.REFERRED
    (waiting,) = insurer.list_applications(buyer_id="900000007").items
    assert (waiting.state, waiting.amount, waiting.buyer_id) == (
        LimitState.REFERRED,
        Money("20000", "EUR"),
        "900000007",
    )
    assert insurer.list_applications(buyer_id="900000001").items == ()
    (row,) = sandbox.control("GET", "/applications?buyer_id=900000007")["items"]
    sandbox.control("POST", f"/applications/{row['id']}/decide", {"state": "approved", "amount": row["amount"]})
    assert insurer.list_applications(buyer_id="900000007").items == ()
    assert insurer.limit_decision(application.id).insurer_code == "AlreadyAgreed"
    assert insurer.limit_decision(waiting.id).insurer_code == "AlreadyAgreed", "by its cover as well"


def test_a_refusal_is_a_limit_of_nothing(insurer: AllianzTradeInsurer, finished: Callable[..., LimitDecision]) -> None:
    decision = finished(insurer, insurer.request_limit(request("900000003")))
    assert decision.insurer_code == "Refused"
    assert decision.is_pending
    for limit in insurer.list_limits(buyer_id="900000003").items:
        assert (limit.state, limit.amount.amount) == (LimitState.REFUSED, 0)


def test_a_decision_in_another_currency_is_kept(
    insurer: AllianzTradeInsurer, finished: Callable[..., LimitDecision]
) -> None:
    decision = finished(insurer, insurer.request_limit(request("900000009")))
    assert decision.amount is not None
    assert decision.amount.currency == "USD"
    (limit,) = insurer.list_limits(buyer_id="900000009").items
    assert limit.amount == decision.amount


def test_pages_join_without_a_gap_or_a_repetition(
    insurer: AllianzTradeInsurer, finished: Callable[..., LimitDecision]
) -> None:
    buyers = ["900000001", "900000002", "900000005"]
    for application in [insurer.request_limit(request(buyer)) for buyer in buyers]:
        finished(insurer, application)
    found: list[str] = []
    cursor = None
    for _ in range(10):
        page = insurer.list_limits(page_size=1, cursor=cursor)
        found += [one.buyer_id for one in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert sorted(found) == buyers


def test_a_grade_is_ordered_and_read(insurer: AllianzTradeInsurer, until: Callable[..., Any]) -> None:
    assert insurer.request_grade("900000001")

    def read() -> tuple[Buyer, ...]:
        return insurer.list_grades().items

    (graded,) = until(read, bool)
    assert (graded.id, graded.country) == ("900000001", "DE")
    assert graded.grade == "NA" or 1 <= int(graded.grade or "0") <= 10


def test_a_lost_answer_is_found_and_nothing_is_sent_twice(
    insurer: AllianzTradeInsurer, sandbox: RunningSandbox, until: Callable[..., Any]
) -> None:
    asked = request("900000007")
    sent_at = datetime.now(timezone.utc)
    insurer.probe()  # the token is there, so that the fault hits the request
    sandbox.control(
        "PUT", "/faults", {"rate": 1.0, "seed": 1, "kinds": ["reset_after"], "paths": ["/allianz-trade"], "count": 1}
    )
    with pytest.raises(NoAnswerError) as caught:
        insurer.request_limit(asked)
    assert caught.value.reference == "REQ-1"
    sandbox.control("DELETE", "/faults")

    def look() -> LimitApplication | None:
        try:
            return insurer.find_application(asked, sent_at)
        except NoAnswerError:
            return None

    found = until(look, bool)
    assert (found.state, found.reference, found.buyer_id) == (LimitState.REFERRED, "REQ-1", "900000007")
    assert sandbox.control("GET", "/applications?buyer_id=900000007")["total"] == 1


def test_nothing_sent_is_surely_nothing_only_after_a_while(connect: Callable[..., AllianzTradeInsurer]) -> None:
    insurer = connect("allianz-trade")
    asked = request("900000007")
    with pytest.raises(NoAnswerError):
        insurer.find_application(asked, datetime.now(timezone.utc))
    assert insurer.find_application(asked, datetime.now(timezone.utc) - timedelta(minutes=16)) is None


# Behind the switch


def test_what_is_a_guess_needs_the_switch(insurer: AllianzTradeInsurer) -> None:
    with pytest.raises(UnsupportedOperationError):
        insurer.cancel_limit("cover:COV-1")
    with pytest.raises(UnsupportedOperationError):
        insurer.declare_overdue(declaration())


@pytest.mark.parametrize(
    ("buyer", "state", "amount"),
    [
        ("900000001", LimitState.APPROVED, "20000"),
        ("900000002", LimitState.PARTLY_APPROVED, "10000"),
        ("900000003", LimitState.REFUSED, "0"),
    ],
)
def test_guessed_codes_are_answers_when_switched_on(
    unverified: AllianzTradeInsurer, buyer: str, state: LimitState, amount: str, finished: Callable[..., LimitDecision]
) -> None:
    decision = finished(unverified, unverified.request_limit(request(buyer)))
    assert (decision.state, decision.amount) == (state, Money(amount, "EUR"))


def test_decreasing_and_cancelling(
    unverified: AllianzTradeInsurer, finished: Callable[..., LimitDecision], until: Callable[..., Any]
) -> None:
    finished(unverified, unverified.request_limit(request("900000001")))
    order = unverified.request_limit(request("900000001", "5000", "REQ-2", action="decrease"))
    assert finished(unverified, order).amount == Money("5000", "EUR")
    (limit,) = unverified.list_limits(buyer_id="900000001").items
    cancelled = unverified.cancel_limit(limit.id)
    assert isinstance(cancelled, LimitApplication)

    def in_force() -> list[Money]:
        return [one.amount for one in unverified.list_limits(buyer_id="900000001").items if one.amount.amount > 0]

    until(in_force, lambda rows: not rows)


def test_the_life_of_an_overdue(unverified: AllianzTradeInsurer, until: Callable[..., Any]) -> None:
    declared = unverified.declare_overdue(declaration())
    assert (declared.state, declared.total) == (OverdueState.DECLARED, Money("1250.50", "EUR"))
    until(lambda: unverified.get_overdue(declared.id), lambda one: one.insurer_code == "Declared")
    later = (datetime.now(timezone.utc) + timedelta(days=30)).date()
    unverified.change_overdue(
        OverdueChange(overdue_id=declared.id, action="extend", invoice="R-1", new_due_date=later, reference="ACT-1")
    )
    until(lambda: unverified.get_overdue(declared.id), lambda one: one.state is OverdueState.EXTENDED)
    plan = ({"due_date": later, "amount": Money("1250.50", "EUR")},)
    unverified.change_overdue(
        OverdueChange(overdue_id=declared.id, action="reschedule", instalments=plan, reference="ACT-2")
    )
    until(lambda: unverified.get_overdue(declared.id), lambda one: one.state is OverdueState.RESCHEDULED)


def test_a_limit_is_never_overstated_under_faults(
    connect: Callable[..., AllianzTradeInsurer], sandbox: RunningSandbox, finished: Callable[..., LimitDecision]
) -> None:
    insurer = connect("allianz-trade", retries=0)
    finished(insurer, insurer.request_limit(request("900000002")))
    kinds = ["500", "503", "429", "reset_before", "reset_after", "truncate", "garbage"]
    sandbox.control(
        "PUT",
        "/faults",
        {"rate": 0.5, "seed": 3, "kinds": kinds, "paths": ["/allianz-trade"], "retry_after_seconds": 0},
    )
    read = 0
    for _ in range(20):
        try:
            rows = insurer.list_limits(buyer_id="900000002").items
        except TradeCreditError:
            continue
        read += 1
        assert [one.amount for one in rows] == [Money("10000", "EUR")]
    assert read, "some of twenty must come through"
