"""One request, from being written down to its outcome, in both databases."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from fake_insurer import FakeInsurer, FakeTime
from procedures import SCOPE, limit_request, perform
from procedures import requesting as procedure

from tradecredit_sdk.errors import (
    APIError,
    AuthenticationError,
    ConfigError,
    ConflictError,
    DeadlineError,
    FieldError,
    InvalidInputError,
    InvalidRequestError,
    NoAnswerError,
    NotFoundError,
    NotSentError,
    PermissionDeniedError,
    RateLimitError,
    ReferenceConflictError,
    ResponseFormatError,
    ServerError,
    TradeCreditError,
    UnsupportedOperationError,
)
from tradecredit_sdk.journal import EntryKind, EntryState, Journal, Scope


def only(journal: Journal) -> tuple[EntryState, int]:
    (entry,) = journal.entries()
    return entry.state, entry.attempts


def test_it_is_written_down_before_it_is_sent(journal: Journal, insurer: FakeInsurer) -> None:
    seen = []
    insurer.step = lambda name: seen.append((name, only(journal)))
    perform(journal, insurer, limit_request())
    assert seen == [(name, (EntryState.SENDING, 1)) for name in ("before keeping", "after keeping")]
    (entry,) = journal.entries()
    assert entry.state is EntryState.ANSWERED
    assert entry.insurer_id == "application-1"
    assert entry.payload == {
        "action": "new",
        "amount": {"amount": "1000.00", "currency": "EUR"},
        "buyer_id": "000000001",
        "kind": "permanent",
        "reference": "R-1",
        "urgent": False,
    }
    assert entry.lease_owner is entry.lease_until is entry.error is None
    assert entry.planned_at == entry.answered_at


def test_the_same_again_gets_the_recorded_answer(make_journal: Callable[..., Journal], insurer: FakeInsurer) -> None:
    first = perform(make_journal(), insurer, limit_request())
    again = perform(make_journal(), insurer, limit_request())
    assert again == first.model_copy(update={"raw": None})
    assert len(insurer.sent) == 1


def test_the_same_content_is_found_whatever_its_reference(
    journal: Journal, insurer: FakeInsurer, time: FakeTime
) -> None:
    start = time.now()
    perform(journal, insurer, limit_request("R-1"))
    time.sleep(60)
    perform(journal, insurer, limit_request("R-2", amount="1000.00"))
    perform(journal, insurer, limit_request("R-3", amount="1001"))
    perform(journal, insurer, limit_request("R-4", comment="please"))

    def found(since: datetime, scope: Scope = SCOPE, kind: EntryKind = EntryKind.LIMIT_REQUEST) -> list[str]:
        return [entry.reference for entry in journal.same_content(scope, kind, limit_request("ANY"), since)]

    assert found(start) == ["R-1", "R-2"]
    assert found(time.now()) == ["R-2"]
    assert found(time.now() + timedelta(seconds=1)) == []
    assert found(start, replace(SCOPE, policy="P-2")) == []
    assert found(start, kind=EntryKind.OVERDUE_DECLARATION) == []


def test_an_equal_request_may_be_written_differently(journal: Journal, insurer: FakeInsurer) -> None:
    perform(journal, insurer, limit_request(amount="1000"))
    perform(journal, insurer, limit_request(amount="1000.00", urgent=False))
    assert len(insurer.sent) == 1


@pytest.mark.parametrize("other", [{"amount": "1000.01"}, {"terms_days": 30}, {"urgent": True}, {"comment": "x"}])
def test_a_reference_stands_for_one_content(journal: Journal, insurer: FakeInsurer, other: dict[str, object]) -> None:
    perform(journal, insurer, limit_request())
    with pytest.raises(ReferenceConflictError, match="R-1 already stands for a different limit request") as caught:
        perform(journal, insurer, limit_request(**other))
    assert caught.value.reference == "R-1"
    assert len(insurer.sent) == 1


def test_another_policy_account_or_kind_has_references_of_its_own(journal: Journal, insurer: FakeInsurer) -> None:
    requesting = procedure(insurer)
    for scope in (SCOPE, replace(SCOPE, policy="P-2"), replace(SCOPE, account="https://other.example")):
        journal.perform(scope, requesting, "R-1", limit_request(), wait_seconds=1)
    cancelling = replace(requesting, kind=EntryKind.CANCELLATION)
    journal.perform(SCOPE, cancelling, "R-1", limit_request(), wait_seconds=1)
    assert len(list(journal.entries())) == len(insurer.sent) == 4


REFUSED = [
    InvalidRequestError("no", status_code=422, code="invalid_request", fields=(FieldError("amount", "too high"),)),
    ConflictError("no", status_code=409, code="limit_exists"),
    ReferenceConflictError("no"),
    APIError("too large", status_code=413),
]
TRY_AGAIN = [NotFoundError("no", status_code=404), InvalidInputError("no")]


def acted(error: TradeCreditError, may_have: bool = True) -> TradeCreditError:
    """The same with another word on whether this or an earlier attempt may have taken effect."""
    error.may_have_acted = may_have
    return error


NOT_SENT = [
    NotSentError("refused connection"),
    AuthenticationError("no", status_code=401),
    PermissionDeniedError("no", status_code=403),
    RateLimitError("slow", status_code=429, retry_after=7),
    ConfigError("no"),
    UnsupportedOperationError("no"),
    APIError("moved", status_code=302),
    APIError("slow request", status_code=408),
    acted(ResponseFormatError("no token"), False),
]
UNKNOWN = [
    NoAnswerError("reset"),
    DeadlineError("late"),
    ServerError("oops", status_code=503),
    ResponseFormatError("garbage", status_code=200),
    acted(NotSentError("refused connection, at the second attempt")),
    acted(AuthenticationError("no", status_code=401)),
    acted(InvalidRequestError("no", status_code=422)),
    TradeCreditError("of an insurer's own making"),
]


def ids(error: TradeCreditError) -> str:
    return f"{type(error).__name__}-{error.status_code}-{error.attempts}"


@pytest.mark.parametrize("error", REFUSED, ids=ids)
def test_a_refusal_is_an_outcome(
    make_journal: Callable[..., Journal], insurer: FakeInsurer, error: TradeCreditError
) -> None:
    insurer.faults = [error]
    for _ in range(2):
        with pytest.raises(type(error)) as caught:
            perform(make_journal(), insurer, limit_request())
        assert caught.value.to_dict() == {**error.to_dict(), "reference": "R-1"}
    assert only(make_journal()) == (EntryState.REFUSED, 1)
    assert len(insurer.sent) == 1


@pytest.mark.parametrize(("errors", "state"), [(TRY_AGAIN, EntryState.REFUSED), (NOT_SENT, EntryState.PLANNED)])
def test_what_surely_is_not_there_may_be_sent_again(
    make_journal: Callable[..., Journal], tmp_path: Path, errors: list[TradeCreditError], state: EntryState
) -> None:
    journal = make_journal()
    for number, error in enumerate(errors):
        insurer = FakeInsurer(tmp_path / "strict.sqlite", idempotent=False)
        insurer.faults = [error]
        request = limit_request(f"R-{number}")
        with pytest.raises(type(error)) as caught:
            perform(journal, insurer, request)
        assert caught.value.reference == f"R-{number}"
        assert journal.entry(SCOPE, EntryKind.LIMIT_REQUEST, f"R-{number}").state is state  # type: ignore[union-attr]
        assert perform(journal, insurer, request).reference == f"R-{number}"
    assert insurer.references() == [f"R-{number}" for number in range(len(errors))]


@pytest.mark.parametrize("error", UNKNOWN, ids=ids)
def test_what_may_be_there_is_asked_for_first(journal: Journal, insurer: FakeInsurer, error: TradeCreditError) -> None:
    insurer.faults = [error]
    with pytest.raises(type(error)) as caught:
        perform(journal, insurer, limit_request())
    assert caught.value.reference == "R-1"
    assert only(journal) == (EntryState.UNKNOWN, 1)
    insurer.find_errors = [RateLimitError("slow", status_code=429, retry_after=1)]
    with pytest.raises(RateLimitError):
        perform(journal, insurer, limit_request())
    assert only(journal) == (EntryState.UNKNOWN, 1)
    perform(journal, insurer, limit_request())
    assert only(journal) == (EntryState.ANSWERED, 2)
    assert insurer.references() == ["R-1"]


def test_a_lost_answer_is_found_and_not_sent_again(journal: Journal, forgetful: FakeInsurer) -> None:
    forgetful.faults = ["after"]
    with pytest.raises(NoAnswerError):
        perform(journal, forgetful, limit_request())
    assert perform(journal, forgetful, limit_request()).id == "application-1"
    assert only(journal) == (EntryState.ANSWERED, 1)
    assert forgetful.references() == ["R-1"]


def test_a_request_that_may_still_arrive_is_not_repeated_too_early(
    journal: Journal, forgetful: FakeInsurer, time: FakeTime
) -> None:
    forgetful.faults = ["late"]
    with pytest.raises(NoAnswerError):
        perform(journal, forgetful, limit_request())
    with pytest.raises(NoAnswerError, match=r"R-1 was sent.*may still arrive.*in 30 seconds") as caught:
        perform(journal, forgetful, limit_request(), wait_seconds=10)
    assert caught.value.retry_after == 30
    assert time.slept == []
    time.while_asleep = forgetful.arrive
    assert perform(journal, forgetful, limit_request(), wait_seconds=90).id == "application-1"
    assert forgetful.references() == ["R-1"]


def test_a_request_that_did_not_arrive_in_time_is_repeated(
    journal: Journal, forgetful: FakeInsurer, time: FakeTime
) -> None:
    forgetful.faults = ["before"]
    with pytest.raises(NoAnswerError):
        perform(journal, forgetful, limit_request())
    perform(journal, forgetful, limit_request(), wait_seconds=90)
    assert sum(time.slept) == 30
    assert only(journal) == (EntryState.ANSWERED, 2)
    assert forgetful.references() == ["R-1"]


def test_failed_questions_do_not_push_the_moment_back(journal: Journal, forgetful: FakeInsurer, time: FakeTime) -> None:
    forgetful.faults = ["before"]
    with pytest.raises(NoAnswerError):
        perform(journal, forgetful, limit_request())
    for _ in range(3):
        time.seconds += 9
        forgetful.find_errors = [ServerError("oops", status_code=500)]
        with pytest.raises(ServerError):
            perform(journal, forgetful, limit_request())
    perform(journal, forgetful, limit_request(), wait_seconds=90)
    assert sum(time.slept) == 3


def test_not_sent_at_last_does_not_hide_that_it_may_have_been_sent_at_first(
    journal: Journal, insurer: FakeInsurer
) -> None:
    insurer.faults = ["late", NotSentError("refused connection", attempts=1)]
    for error in (NoAnswerError, NotSentError):
        with pytest.raises(error):
            perform(journal, insurer, limit_request())
        assert only(journal)[0] is EntryState.UNKNOWN


def test_an_insurer_that_cannot_be_asked_leaves_it_unknown_and_says_so(
    journal: Journal, forgetful: FakeInsurer
) -> None:
    forgetful.faults = ["after"]
    forgetful.find_errors = [UnsupportedOperationError("no search", operation="list_applications")]
    for expected in ("reset", "limit request R-1 is unknown, and it cannot be asked .*no search"):
        with pytest.raises(NoAnswerError, match=expected) as caught:
            perform(journal, forgetful, limit_request())
        assert caught.value.reference == "R-1"
    assert only(journal) == (EntryState.UNKNOWN, 1)
    assert len(forgetful.sent) == 1


def test_a_reference_that_means_something_else_at_the_insurer_is_refused(
    journal: Journal, insurer: FakeInsurer
) -> None:
    insurer.faults = ["before"]
    with pytest.raises(NoAnswerError):
        perform(journal, insurer, limit_request())
    insurer.find_errors = [ReferenceConflictError("reference R-1 stands for something else")]
    for _ in range(2):
        with pytest.raises(ReferenceConflictError, match="something else"):
            perform(journal, insurer, limit_request())
    assert only(journal) == (EntryState.REFUSED, 1)


class Boom(BaseException):
    """Ctrl-C, or the end of an interpreter."""


def test_an_interrupted_thread_leaves_it_to_be_asked_for(journal: Journal, forgetful: FakeInsurer) -> None:
    def interrupt(name: str) -> None:
        if name == "after keeping":
            forgetful.step = lambda name: None
            raise Boom

    forgetful.step = interrupt
    with pytest.raises(Boom):
        perform(journal, forgetful, limit_request())
    assert only(journal) == (EntryState.SENDING, 1)
    perform(journal, forgetful, limit_request())
    assert only(journal) == (EntryState.ANSWERED, 1)
    assert forgetful.references() == ["R-1"]


def test_threads_with_one_reference_send_once_and_all_get_the_result(
    make_journal: Callable[..., Journal], forgetful: FakeInsurer
) -> None:
    import time as real

    journal = make_journal(clock=None, monotonic=real.monotonic, sleep=real.sleep)
    started = threading.Barrier(8)
    results: list[str] = []
    forgetful.step = lambda name: real.sleep(0.05)

    def work() -> None:
        started.wait()
        results.append(perform(journal, forgetful, limit_request(), wait_seconds=20).id)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == ["application-1"] * 8
    assert forgetful.references() == ["R-1"]


def test_waiting_for_another_sender_has_an_end(
    make_journal: Callable[..., Journal], insurer: FakeInsurer, time: FakeTime
) -> None:
    journal, other = make_journal(), make_journal()
    caught = []

    def meanwhile(name: str) -> None:
        if name == "before keeping":
            with pytest.raises(DeadlineError, match="R-1 is being sent by another process") as info:
                perform(other, insurer, limit_request(), wait_seconds=7)
            caught.append(info.value)

    insurer.step = meanwhile
    perform(journal, insurer, limit_request())
    assert [error.reference for error in caught] == ["R-1"]
    assert sum(time.slept) == pytest.approx(7)
    assert len(insurer.sent) == 1


@pytest.mark.parametrize("where", ["this machine", "another"])
def test_a_sender_that_outlives_its_lease_is_taken_over_unless_it_is_seen_to_live(
    where: str,
    make_journal: Callable[..., Journal],
    insurer: FakeInsurer,
    time: FakeTime,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A clock that jumped, or a laptop that slept, ends no lease of a process that we see running."""
    slow, other = make_journal(lease_seconds=60), make_journal(lease_seconds=60)
    if where == "another":
        monkeypatch.setattr("tradecredit_sdk.journal.lease._place", iter(range(1000)).__next__)
    taken_over = []

    def meanwhile(name: str) -> None:
        if name == "after keeping":
            insurer.step = lambda name: None
            time.seconds += 3600
            taken_over.extend(one.entry.reference for one in other.reconcile(SCOPE, [procedure(insurer)]))
            if where == "this machine":
                with pytest.raises(DeadlineError, match="is being sent by another process"):
                    perform(other, insurer, limit_request())
                assert not other.forget(next(other.entries()))

    insurer.step = meanwhile
    assert perform(slow, insurer, limit_request()).id == "application-1"
    assert only(slow) == (EntryState.ANSWERED, 1)
    assert taken_over == ([] if where == "this machine" else ["R-1"])
    assert ("another process took it over" in caplog.text) is (where == "another")
    assert len(insurer.sent) == 1
