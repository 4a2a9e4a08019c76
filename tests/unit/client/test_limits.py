"""client.limits, with and without a journal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import count

import pytest
from fake_insurer import EPOCH, FakeInsurer, FakeTime

from tradecredit_sdk import (
    Capabilities,
    ConfigError,
    CreditLimit,
    InvalidInputError,
    InvalidRequestError,
    Journal,
    LimitApplication,
    LimitDecision,
    LimitRequest,
    Money,
    NoAnswerError,
    NotFoundError,
    NotSentError,
    Operation,
    PendingError,
    PermissionDeniedError,
    RateLimitError,
    Reconciled,
    ReferenceConflictError,
    ResponseFormatError,
    ServerError,
    TradeCreditClient,
    UnsupportedOperationError,
)
from tradecredit_sdk.models.page import Page

EUR_5 = Money("5.00", "EUR")


def ask(client: TradeCreditClient, reference: str | None = "R-1", **fields: object) -> LimitApplication:
    return client.limits.request(buyer_id="000000001", amount=EUR_5, reference=reference, **fields)  # type: ignore[arg-type]


def test_a_request_is_given_in_any_of_three_ways(bare: TradeCreditClient, insurer: FakeInsurer) -> None:
    model = LimitRequest(buyer_id="1", amount=EUR_5, kind="temporary", valid_until="2026-12-31", reference="R-1")
    mapping = {"buyer_id": "1", "amount": {"amount": "5", "currency": "EUR"}, "kind": "temporary", "valid_until": "2026-12-31", "reference": "R-1"}  # fmt: skip
    for answer in (bare.limits.request(model), bare.limits.request(mapping), bare.limits.request(**mapping)):  # type: ignore[arg-type]
        assert answer.reference == "R-1"
    assert [request for _, request in insurer.sent] == [model] * 3


@pytest.mark.parametrize(
    ("given", "named", "message"),
    [
        (None, {"buyer_id": "1"}, "amount must be greater than zero"),
        (None, {"buyer_id": "1", "amount": 5.0}, "amount: money is written"),
        (None, {"buyer_id": "1", "amount": {"amount": 5.0, "currency": "EUR"}}, "amount: .*float"),
        (None, {"buyer_id": "1", "amount": {"amount": "5", "currency": "EURO"}}, "amount: unknown currency EURO"),
        (None, {"buyer_id": "1", "amount": {"amount": "-5", "currency": "EUR"}}, "amount must be greater than zero"),
        (None, {"buyer_id": "1", "amount": EUR_5, "valid_until": "31.12.2026"}, "valid_until: a day is written"),
        (None, {"buyer_id": 1, "amount": EUR_5}, "buyer_id: must be a valid string"),
        (None, {"buyer_id": "a/../b", "amount": EUR_5}, "buyer_id: must be an id"),
        (None, {"buyer_id": "1", "amount": EUR_5, "reference": "x" * 21}, "reference: .*at most 20"),
        ({"buyer_id": "1", "amont": 5}, {}, "amont: is not a known field"),
        ({"buyer_id": "1"}, {"amount": EUR_5}, "not both: amount"),
        ("R-1", {}, "a mapping or named values, not str"),
    ],
)
def test_a_wrong_request_is_not_sent(
    client: TradeCreditClient,
    insurer: FakeInsurer,
    journal: Journal,
    given: object,
    named: dict[str, object],
    message: str,
) -> None:
    with pytest.raises(InvalidInputError, match=message):
        client.limits.request(given, **named)  # type: ignore[arg-type]
    assert insurer.sent == []
    assert list(journal.entries()) == []


def test_a_reference_is_made_and_told(client: TradeCreditClient, journal: Journal) -> None:
    first, second = ask(client, None), ask(client, None)
    assert first.reference != second.reference
    assert [entry.reference for entry in journal.entries()] == [first.reference, second.reference]


def test_an_insurer_that_keeps_no_reference_still_answers_with_it(
    client: TradeCreditClient, insurer: FakeInsurer, monkeypatch: pytest.MonkeyPatch
) -> None:
    without = lambda row: LimitApplication(id=row["id"], state="requested")  # noqa: E731
    monkeypatch.setattr(insurer, "_application", without)
    assert ask(client).reference == "R-1"
    assert ask(client).reference == "R-1"
    assert len(insurer.sent) == 1


def test_what_is_not_supported_is_neither_sent_nor_written_down(
    client: TradeCreditClient, insurer: FakeInsurer, journal: Journal
) -> None:
    insurer.capabilities = Capabilities(operations=frozenset())
    for call in (
        lambda: ask(client),
        lambda: client.limits.cancel("L-1"),
        client.limits.list,
        client.limits.applications,
    ):
        with pytest.raises(UnsupportedOperationError):
            call()
    assert insurer.sent == list(journal.entries()) == []


def test_without_a_journal_the_error_names_the_reference(bare: TradeCreditClient, insurer: FakeInsurer) -> None:
    insurer.faults = ["after", NotSentError("refused"), InvalidRequestError("no", status_code=422)]
    with pytest.raises(NoAnswerError, match="ask the insurer for reference R-1 before repeating it") as lost:
        ask(bare)
    assert lost.value.reference == "R-1"
    for error in (NotSentError, InvalidRequestError):
        with pytest.raises(error) as caught:
            ask(bare)
        assert caught.value.reference == "R-1"
    with pytest.raises(ConfigError, match="there is no journal to reconcile"):
        bare.limits.reconcile()


def test_with_a_journal_nothing_is_sent_twice(client: TradeCreditClient, insurer: FakeInsurer) -> None:
    first = ask(client)
    assert ask(client).id == first.id
    with pytest.raises(ReferenceConflictError):
        ask(client, terms_days=30)
    assert len(insurer.sent) == 1


# Decisions


def test_a_decision_is_had_by_id_and_by_reference(client: TradeCreditClient, bare: TradeCreditClient) -> None:
    application = ask(client)
    for asked in (application.id, "R-1"):
        for one in (client, bare):
            assert one.limits.decision(asked).amount == EUR_5
    for one in (client, bare):
        with pytest.raises(NotFoundError):
            one.limits.decision("R-2")


def test_a_reference_cannot_be_looked_up_where_applications_are_not_listed(
    bare: TradeCreditClient, insurer: FakeInsurer
) -> None:
    ask(bare)
    operations = insurer.capabilities.operations - {Operation.LIST_APPLICATIONS}
    insurer.capabilities = replace(insurer.capabilities, operations=operations)
    with pytest.raises(NotFoundError):
        bare.limits.decision("R-1")


def test_the_journal_follows_the_decision(client: TradeCreditClient, insurer: FakeInsurer) -> None:
    insurer.decide_at_once = False
    assert ask(client).is_pending
    assert client.limits.decision("R-1").is_pending
    assert ask(client).is_pending
    insurer.decide_at_once = True
    decision = client.limits.decision("R-1")
    again = ask(client)
    assert again.state == "approved"
    assert again.decision == decision
    assert len(insurer.sent) == 1


def test_a_reference_without_an_outcome_says_so(client: TradeCreditClient, insurer: FakeInsurer) -> None:
    insurer.faults = ["before", InvalidRequestError("amount too high", status_code=422)]
    with pytest.raises(NoAnswerError):
        ask(client)
    with pytest.raises(NoAnswerError, match=r"limit request R-1 is unknown: .*reconcile first"):
        client.limits.decision("R-1")
    with pytest.raises(InvalidRequestError):
        ask(client, "R-2")
    with pytest.raises(InvalidRequestError, match="amount too high"):
        client.limits.decision("R-2")


def test_a_journal_that_breaks_after_the_answer_keeps_nobody_from_it(
    client: TradeCreditClient, journal: Journal, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tradecredit_sdk import JournalError

    application = ask(client)

    def broken(*_: object) -> None:
        raise JournalError("disk full")

    monkeypatch.setattr(journal, "update_answer", broken)
    assert client.limits.decision(application.id).amount == EUR_5
    assert "not written down: disk full" in caplog.text


# Waiting


def test_waiting_asks_with_growing_pauses(client: TradeCreditClient, insurer: FakeInsurer, time: FakeTime) -> None:
    insurer.decide_at_once, insurer.polls_until_decided = False, 12
    application = ask(client)
    seen: list[LimitDecision] = []
    assert client.limits.wait(application.id, seconds=600, progress=seen.append).amount == EUR_5
    assert [decision.state for decision in seen] == ["referred"] * 12
    assert time.slept[:4] == [0.5, 0.75, 1.125, 1.6875]
    assert time.slept == sorted(time.slept)
    assert max(time.slept) == 15


def test_a_wait_that_ends_is_not_a_failure(client: TradeCreditClient, insurer: FakeInsurer, time: FakeTime) -> None:
    insurer.decide_at_once = False
    ask(client)
    with pytest.raises(PendingError, match="no decision on R-1 within 7 seconds") as caught:
        client.limits.wait("R-1", seconds=7)
    assert sum(time.slept) == pytest.approx(7)
    assert caught.value.reference == "R-1"
    with pytest.raises(PendingError):
        client.limits.wait("R-1", seconds=0)


@pytest.mark.parametrize("seconds", [-1, float("nan"), float("inf")])
def test_a_wait_has_an_end(client: TradeCreditClient, seconds: float) -> None:
    with pytest.raises(InvalidInputError, match="seconds must be a number"):
        client.limits.wait("R-1", seconds=seconds)


def test_a_wait_survives_what_may_be_repeated(client: TradeCreditClient, insurer: FakeInsurer, time: FakeTime) -> None:
    application = ask(client)
    insurer.find_errors = [ServerError("oops", status_code=503), RateLimitError("slow", status_code=429, retry_after=9)]
    assert client.limits.wait(application.id, seconds=60).amount == EUR_5
    assert time.slept == [0.5, 9]
    insurer.find_errors = [PermissionDeniedError("no", status_code=403)]
    with pytest.raises(PermissionDeniedError):
        client.limits.wait(application.id, seconds=60)
    insurer.find_errors = [ServerError("oops", status_code=503)]
    with pytest.raises(ServerError):
        client.limits.wait(application.id, seconds=0)


# Listing


def test_listings_page_and_filter(bare: TradeCreditClient) -> None:
    for number in range(5):
        bare.limits.request(buyer_id=f"00{number % 2}", amount=EUR_5, reference=f"R-{number}")
    assert [row.id for row in bare.limits.list()] == [f"L-{number}" for number in range(1, 6)]
    assert [row.reference for row in bare.limits.applications()] == [f"R-{number}" for number in (4, 3, 2, 1, 0)]
    assert [row.reference for row in bare.limits.applications(buyer_id="001", page_size=1)] == ["R-3", "R-1"]
    pager = bare.limits.list(page_size=3)
    assert [len(page.items) for page in pager.pages()] == [3, 2]
    resumed = bare.limits.list(cursor="3", page_size=3)
    assert [row.id for row in resumed] == ["L-4", "L-5"]


def test_a_position_holds_rows_and_all_that_was_asked(
    bare: TradeCreditClient, insurer: FakeInsurer, time: FakeTime
) -> None:
    ask(bare)
    position = bare.limits.position("000000001")
    assert [row.id for row in position.limits] == ["L-1"]
    assert [row.is_pending for row in position.applications] == [False], "a decision counts, too"
    insurer.decide_at_once = False
    time.seconds = 60
    position = bare.limits.position("000000001")
    assert [row.reference for row in position.applications] == ["R-1"]
    assert position.as_of == EPOCH + timedelta(seconds=60)
    insurer.capabilities = Capabilities(operations=frozenset({Operation.LIST_LIMITS}))
    assert bare.limits.position("000000001").applications == ()


# Ids that come back


def test_a_decision_on_anothers_request_is_neither_believed_nor_kept(
    client: TradeCreditClient, insurer: FakeInsurer, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An insurer that began anew, as a sandbox does, gives the old id to another request."""
    ask(client, "A")
    before = [entry.answer for entry in journal.entries()]
    for theirs in ({"reference": "B"}, {"reference": None, "buyer_id": "000000002"}):
        decision = LimitDecision(application_id="application-1", state="refused", amount=Money(0, "EUR"), **theirs)
        monkeypatch.setattr(insurer, "limit_decision", lambda _id, said=decision: said)
        with pytest.raises(NotFoundError, match="application-1 is another request now"):
            client.limits.decision("A")
        assert client.limits.decision("application-1") == decision, "asked by the insurer's id, it is the answer"
        assert [entry.answer for entry in journal.entries()] == before


# Reconciling


def test_reconciling_settles_what_is_open_and_tells_of_each(
    client: TradeCreditClient, insurer: FakeInsurer, journal: Journal
) -> None:
    insurer.faults = ["after", "before", NotSentError("refused", attempts=1), "after"]
    for number in range(4):
        with pytest.raises((NoAnswerError, NotSentError)):
            ask(client, f"R-{number}")
    insurer.find_errors = [ServerError("oops", status_code=500)]
    seen: list[Reconciled] = []
    results = client.limits.reconcile(progress=seen.append)
    assert list(results) == seen
    assert [(one.entry.reference, one.is_definite) for one in results] == [
        ("R-0", False),
        ("R-1", True),
        ("R-2", True),
        ("R-3", True),
    ]
    assert isinstance(results[0].error, ServerError)
    assert [one.answer and one.answer.amount.amount for one in results] == [None, Decimal(5), Decimal(5), Decimal(5)]
    (last,) = client.limits.reconcile()
    assert last.is_definite
    assert client.limits.reconcile() == ()
    assert sorted(insurer.references()) == ["R-0", "R-1", "R-2", "R-3"]


Make = Callable[..., TradeCreditClient]


def test_each_policy_reconciles_its_own(make_client: Make, journal: Journal, insurer: FakeInsurer) -> None:
    ours, theirs = make_client(journal=journal, policy="P-1"), make_client(journal=journal, policy="P-2")
    insurer.faults = ["before"]
    with pytest.raises(NoAnswerError):
        ask(ours)
    assert theirs.limits.reconcile() == ours.overdues.reconcile() == ()
    assert len(ours.limits.reconcile()) == 1


@pytest.mark.timeout(30)
def test_rows_of_one_buyer_without_end_are_refused(
    bare: TradeCreditClient, insurer: FakeInsurer, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = CreditLimit(id="L", buyer_id="000000001", amount=Money(1, "EUR"), valid_from=date(2026, 1, 1))
    numbers = count()
    monkeypatch.setattr(insurer, "list_limits", lambda **_: Page((row,) * 100, f"c{next(numbers)}"))
    with pytest.raises(ResponseFormatError, match="10,000 rows of one buyer"):
        bare.limits.position("000000001")


def test_what_was_asked_before_is_found_by_its_content(
    client: TradeCreditClient, bare: TradeCreditClient, time: FakeTime
) -> None:
    since, same = time.now(), LimitRequest(buyer_id="000000001", amount=EUR_5)
    first, second = ask(client), ask(client, "R-2")
    assert [entry.reference for entry in client.limits.same_content(same, since=since)] == [
        first.reference,
        second.reference,
    ]
    assert client.limits.same_content(same.model_copy(update={"urgent": True}), since=since) == ()
    assert bare.limits.same_content(same, since=since) == ()
