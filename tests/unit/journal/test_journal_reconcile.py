"""Bringing everything that was left open to an end, alone and with others."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import pytest
from fake_insurer import EPOCH, FakeInsurer, FakeTime
from procedures import SCOPE, limit_request, perform, requesting

from tradecredit_sdk import (
    AuthenticationError,
    EntryState,
    InvalidRequestError,
    Journal,
    NoAnswerError,
    NotSentError,
    Reconciled,
    TradeCreditError,
    UnsupportedOperationError,
)
from tradecredit_sdk.journal import EntryKind

Make = Callable[..., Journal]


def reconcile(journal: Journal, insurer: FakeInsurer, **options: object) -> list[Reconciled]:
    return list(journal.reconcile(SCOPE, [requesting(insurer)], **options))  # type: ignore[arg-type]


def leave_open(journal: Journal, insurer: FakeInsurer, *faults: str | TradeCreditError) -> None:
    """One open entry for each fault: R-0, R-1 ..."""
    for number, fault in enumerate(faults):
        insurer.faults = [fault]
        with pytest.raises(TradeCreditError):
            perform(journal, insurer, limit_request(f"R-{number}"))


@contextmanager
def killed(journal: Journal, insurer: FakeInsurer, reference: str, at: str) -> Iterator[None]:
    """A sender that went away at this step."""

    class Gone(BaseException):
        pass

    def step(name: str) -> None:
        if name == at:
            raise Gone

    insurer.step = step
    with pytest.raises(Gone):
        perform(journal, insurer, limit_request(reference))
    insurer.step = lambda name: None
    yield


def states(journal: Journal) -> dict[str, str]:
    return {entry.reference: entry.state.value for entry in journal.entries()}


def test_each_kind_of_open_end_is_closed(journal: Journal, forgetful: FakeInsurer, time: FakeTime) -> None:
    leave_open(journal, forgetful, "after", "before", NotSentError("refused", attempts=1))
    with killed(journal, forgetful, "R-3", "before keeping"), killed(journal, forgetful, "R-4", "after keeping"):
        pass
    seen: list[Reconciled] = []
    done = reconcile(journal, forgetful, progress=seen.append)
    assert [one.entry.reference for one in done] == [f"R-{number}" for number in range(5)]
    assert [one.entry.reference for one in seen] == ["R-0", "R-2", "R-4", "R-1", "R-3"], "what must wait comes last"
    assert all(one.is_definite and one.answer is not None for one in done)
    assert set(states(journal).values()) == {"answered"}
    assert sorted(forgetful.references()) == [f"R-{number}" for number in range(5)]
    assert sum(time.slept) == pytest.approx(30)
    assert reconcile(journal, forgetful) == []


def test_what_arrives_while_we_wait_is_not_sent_again(journal: Journal, forgetful: FakeInsurer, time: FakeTime) -> None:
    leave_open(journal, forgetful, "late", "late")
    time.while_asleep = forgetful.arrive
    assert [one.is_definite for one in reconcile(journal, forgetful)] == [True, True]
    assert forgetful.references() == ["R-0", "R-1"]
    assert len(forgetful.sent) == 2


def test_an_insurer_that_knows_references_need_not_be_waited_for(
    journal: Journal, insurer: FakeInsurer, time: FakeTime
) -> None:
    leave_open(journal, insurer, "late")
    reconcile(journal, insurer)
    insurer.arrive()
    assert time.slept == []
    assert insurer.references() == ["R-0"]


def test_a_refusal_is_a_definite_end(journal: Journal, insurer: FakeInsurer) -> None:
    leave_open(journal, insurer, NotSentError("refused", attempts=1))
    insurer.faults = [InvalidRequestError("amount too high", status_code=422)]
    (one,) = reconcile(journal, insurer)
    assert one.is_definite
    assert isinstance(one.error, InvalidRequestError)
    assert states(journal) == {"R-0": "refused"}
    assert reconcile(journal, insurer) == []


def test_what_cannot_be_told_stays_unknown_and_says_why(journal: Journal, forgetful: FakeInsurer) -> None:
    leave_open(journal, forgetful, "after", "after")
    forgetful.find_errors = [UnsupportedOperationError("no search"), NoAnswerError("two requests are alike")]
    done = reconcile(journal, forgetful)
    assert [one.is_definite for one in done] == [False, False]
    assert "limit request R-0 is unknown" in str(done[0].error)
    assert "look it up at the insurer" in str(done[0].error)
    assert [entry.error["message"] for entry in journal.entries() if entry.error] == [str(one.error) for one in done]
    assert len(forgetful.sent) == 2


def test_a_wrong_key_ends_the_work_and_harms_nothing(journal: Journal, insurer: FakeInsurer) -> None:
    leave_open(journal, insurer, "after", "after")
    insurer.find_errors = [AuthenticationError("key expired", status_code=401)]
    with pytest.raises(AuthenticationError) as caught:
        reconcile(journal, insurer)
    assert caught.value.reference == "R-0"
    assert states(journal) == {"R-0": "unknown", "R-1": "unknown"}
    assert len(reconcile(journal, insurer)) == 2


def test_what_somebody_is_sending_is_left_to_him(make_journal: Make, insurer: FakeInsurer) -> None:
    journal, other = make_journal(), make_journal()
    leave_open(journal, insurer, "after")
    found = []

    def meanwhile(name: str) -> None:
        insurer.step = lambda name: None
        found.extend(one.entry.reference for one in reconcile(other, insurer))

    insurer.step = meanwhile
    perform(journal, insurer, limit_request("R-9"))
    assert found == ["R-0"]
    assert insurer.references() == ["R-0", "R-9"]


def test_a_sender_on_a_machine_that_vanished_is_replaced_when_its_lease_ends(
    journal: Journal, insurer: FakeInsurer, time: FakeTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    with killed(journal, insurer, "R-0", "after keeping"):
        pass
    monkeypatch.setattr("tradecredit_sdk.journal.lease.is_dead", lambda name: False)
    time.seconds = 299
    assert reconcile(journal, insurer) == []
    time.seconds = 301
    assert [one.is_definite for one in reconcile(journal, insurer)] == [True]


def test_doubt_ends_with_the_lease_and_not_with_the_discovery(
    journal: Journal, forgetful: FakeInsurer, time: FakeTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine that vanished yesterday cannot have sent anything since its lease ended."""
    with killed(journal, forgetful, "R-0", "before keeping"):
        pass
    monkeypatch.setattr("tradecredit_sdk.journal.lease.is_dead", lambda name: False)
    time.seconds = 300 + 30
    reconcile(journal, forgetful)
    assert time.slept == []
    assert forgetful.references() == ["R-0"]


def test_other_scopes_and_kinds_are_not_touched(journal: Journal, insurer: FakeInsurer) -> None:
    leave_open(journal, insurer, "after")
    elsewhere = replace(SCOPE, policy="P-2")
    assert journal.reconcile(elsewhere, [requesting(insurer)]) == ()
    assert journal.reconcile(SCOPE, []) == ()


def test_reconcilers_share_the_work(make_journal: Make, forgetful: FakeInsurer) -> None:
    import time as real

    options = {"clock": None, "monotonic": real.monotonic, "sleep": real.sleep, "settle_seconds": 0.05}
    journal = make_journal(**options)
    leave_open(journal, forgetful, *["before", "after"] * 10)
    forgetful.faults = []
    results: list[Reconciled] = []
    workers = [
        threading.Thread(target=lambda book: results.extend(reconcile(book, forgetful)), args=[make_journal(**options)])
        for _ in range(4)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert sorted(one.entry.reference for one in results) == sorted(f"R-{number}" for number in range(20))
    assert sorted(forgetful.references()) == sorted(f"R-{number}" for number in range(20))


@pytest.mark.parametrize("lost_at", [0, 3600])
def test_a_clock_that_was_set_back_lets_nobody_wait_longer(
    journal: Journal, forgetful: FakeInsurer, time: FakeTime, lost_at: float
) -> None:
    time.seconds = lost_at
    leave_open(journal, forgetful, "before")
    time.seconds = 0
    assert [one.is_definite for one in reconcile(journal, forgetful)] == [True]
    assert sum(time.slept) == pytest.approx(30)


HALF = "\ud800"
"""Half of a surrogate pair: legal in JSON, and no character."""


def test_an_answer_with_what_is_no_character_is_kept(
    journal: Journal, insurer: FakeInsurer, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = insurer._application
    odd = lambda row: kept(row).model_copy(update={"note": f"a{HALF}\x00"})  # noqa: E731
    monkeypatch.setattr(insurer, "_application", odd)
    perform(journal, insurer, limit_request("R-0"))
    assert perform(journal, insurer, limit_request("R-0")).model_extra == {"note": f"a{HALF}\x00"}
    assert next(journal.entries()).answer["note"] == f"a{HALF}\x00"  # type: ignore[index]


def test_one_that_cannot_be_worked_on_does_not_stop_the_others(
    journal: Journal, insurer: FakeInsurer, monkeypatch: pytest.MonkeyPatch
) -> None:
    leave_open(journal, insurer, "after", "after", "after", "after")
    kept = insurer._application

    def odd(row: dict[str, str]) -> object:
        if row["reference"] == "R-0":
            return kept(row).model_copy(update={"note": {HALF: 1}})
        if row["reference"] == "R-1":
            raise KeyError("amount")
        return kept(row)

    monkeypatch.setattr(insurer, "_application", odd)
    store = journal._store
    with store._begin() as connection:
        connection.exec_driver_sql("UPDATE tradecredit_entries SET payload = '{}' WHERE reference = 'R-2'")
    done = reconcile(journal, insurer)
    assert [one.is_definite for one in done] == [False, False, False, True]
    assert "R-0 with text that is no Unicode" in str(done[0].error)
    assert "R-1 could not be worked on (KeyError) and stays open" in str(done[1].error)
    assert "R-2 was written down by another version" in str(done[2].error)
    monkeypatch.undo()
    assert [one.is_definite for one in reconcile(journal, insurer)] == [True, True, False]


# At most one of the same


def reserve(journal: Journal, reference: str, since: float = -86400, **options: object) -> str | None:
    found = journal.reserve(
        SCOPE,
        EntryKind.LIMIT_REQUEST,
        reference,
        limit_request(reference),
        since=EPOCH + timedelta(seconds=since),
        **options,  # type: ignore[arg-type]
    )
    return None if found is None else found.reference


def test_of_several_who_reserve_the_same_at_once_one_does(make_journal: Make, insurer: FakeInsurer) -> None:
    journal = make_journal()
    found: list[str | None] = []
    workers = [
        threading.Thread(target=lambda book, n: found.append(reserve(book, f"R-{n}")), args=[make_journal(), number])
        for number in range(6)
    ]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    (entry,) = journal.entries()
    assert found.count(None) == 1
    assert set(found) - {None} == {entry.reference}
    assert (entry.state, entry.attempts, entry.first_sent_at) == (EntryState.PLANNED, 0, None)
    perform(journal, insurer, limit_request(entry.reference))
    (entry,) = journal.entries()
    assert (entry.state, entry.attempts) == (EntryState.ANSWERED, 1)


def test_what_is_reserved_against(journal: Journal, insurer: FakeInsurer, time: FakeTime) -> None:
    leave_open(journal, insurer, "before")
    time.seconds = 10 * 86400
    assert reserve(journal, "R-1", since=9 * 86400) == "R-0", "open, however old"
    reconcile(journal, insurer)
    assert reserve(journal, "R-1", since=-1) == "R-0"
    assert reserve(journal, "R-1", since=1) is None
    (first, second) = journal.entries()
    assert reserve(journal, "R-2", passed=[second.id]) == "R-0"
    assert reserve(journal, "R-2", passed=[first.id, second.id], like=lambda entry: True) is None
    assert reserve(journal, "R-3", like=lambda entry: entry.reference == "R-1") == "R-1"
    assert [entry.reference for entry in journal.later(first, EntryKind.LIMIT_REQUEST)] == ["R-1", "R-2"]
    insurer.faults = [InvalidRequestError("no", status_code=422)]
    with pytest.raises(InvalidRequestError):
        perform(journal, insurer, limit_request("R-2"))
    assert reserve(journal, "R-4", passed=[first.id, second.id]) is None, "a refused one does not count"


# What a person decides


def test_a_person_may_give_up_what_is_open_and_nothing_else(
    make_journal: Make, insurer: FakeInsurer, time: FakeTime
) -> None:
    journal = make_journal()
    leave_open(journal, insurer, "before", NotSentError("refused", attempts=1))
    perform(journal, insurer, limit_request("R-2"))
    assert [journal.forget(entry) for entry in journal.entries()] == [True, True, False]
    assert states(journal) == {"R-2": "answered"}
    (kept,) = journal.entries()
    assert not journal.forget(replace(kept, id=kept.id + 1000))

    def meanwhile(name: str) -> None:
        (sending,) = make_journal().entries(states=[EntryState.SENDING])
        assert not journal.forget(sending)

    insurer.step = meanwhile
    perform(journal, insurer, limit_request("R-0", amount="7"))
    assert insurer.references() == ["R-2", "R-0"]


def test_entries_can_be_chosen_by_state(journal: Journal, insurer: FakeInsurer) -> None:
    leave_open(journal, insurer, "before", NotSentError("refused", attempts=1))
    chosen = journal.entries(states=[EntryState.PLANNED])
    assert [(entry.reference, entry.is_final) for entry in chosen] == [("R-1", False)]
