"""Bringing everything that was left open to an end, alone and with others."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace

import pytest
from fake_insurer import FakeInsurer, FakeTime
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
