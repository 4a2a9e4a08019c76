"""client.limits.cancel, and what becomes of a cancellation that was lost."""

from __future__ import annotations

from datetime import timedelta

import pytest
from fake_insurer import EPOCH, FakeInsurer, FakeTime

from tradecredit_sdk import (
    CreditLimit,
    EntryState,
    Journal,
    LimitApplication,
    Money,
    NoAnswerError,
    NotSentError,
    TradeCreditClient,
)
from tradecredit_sdk.journal import EntryKind
from tradecredit_sdk.models.page import Page

EUR_5 = Money("5.00", "EUR")


def ask(client: TradeCreditClient, reference: str | None = "R-1", **fields: object) -> LimitApplication:
    return client.limits.request(buyer_id="000000001", amount=EUR_5, reference=reference, **fields)  # type: ignore[arg-type]


def test_cancelling_is_journalled_and_may_be_repeated(
    client: TradeCreditClient, insurer: FakeInsurer, journal: Journal
) -> None:
    application = ask(client)
    cancelled = client.limits.cancel(application.id)
    assert isinstance(cancelled, LimitApplication)
    assert client.limits.cancel(application.id).state == "cancelled"
    assert ask(client).state == "cancelled", "the journal follows"
    limit = client.limits.cancel("L-1")
    assert limit == client.limits.cancel("L-1")
    assert limit.state == "cancelled"
    assert [request for kind, request in insurer.sent if kind == "cancel"] == [application.id] * 2 + ["L-1"] * 2, (
        "asked each time: the insurer may have given the id to a later limit"
    )
    assert [entry.kind for entry in journal.entries()][1:] == [EntryKind.CANCELLATION] * 2


def test_a_cancellation_that_was_refused_or_lost_is_done_again(
    client: TradeCreditClient, insurer: FakeInsurer, journal: Journal
) -> None:
    from tradecredit_sdk import ConflictError

    insurer.faults = [ConflictError("not pending", status_code=409), "after"]
    for error in (ConflictError, NoAnswerError):
        with pytest.raises(error):
            client.limits.cancel("L-1")
    assert [entry.state for entry in journal.entries()] == [EntryState.UNKNOWN]
    (done,) = client.limits.reconcile()
    assert done.answer.state == "cancelled"
    assert len(insurer.sent) == 3


def cancel_and_lose(client: TradeCreditClient, insurer: FakeInsurer, *faults: object, target: str = "L-1") -> None:
    insurer.faults = list(faults)  # type: ignore[arg-type]
    with pytest.raises((NoAnswerError, NotSentError)):
        client.limits.cancel(target)


def cancellations(insurer: FakeInsurer) -> int:
    return sum(kind == "cancel" for kind, _ in insurer.sent)


@pytest.mark.parametrize("who", ["we", "somebody else"])
def test_a_lost_cancellation_does_not_end_what_was_asked_for_later(
    who: str, client: TradeCreditClient, bare: TradeCreditClient, insurer: FakeInsurer, time: FakeTime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    kept = insurer._application
    monkeypatch.setattr(
        insurer,
        "_application",
        lambda row: kept(row).model_copy(update={"created_at": EPOCH + timedelta(0, int(row["reference"][2:]))}),
    )
    ask(client, "R-1")
    time.seconds = 60
    cancel_and_lose(client, insurer, "after")
    ask(client if who == "we" else bare, "R-90")
    time.seconds = 120
    (left,) = client.limits.reconcile()
    assert not left.is_definite
    assert "L-1" in str(left.error)
    assert "R-90" in str(left.error)
    assert "tradecredit limit list --buyer 000000001" in str(left.error)
    assert cancellations(insurer) == 1
    client.limits.cancel("L-1")
    assert cancellations(insurer) == 2, "who asks for it anew gets it"
    assert client.limits.reconcile() == ()


def test_a_cancellation_that_never_left_is_closed_when_something_was_asked_for_later(
    client: TradeCreditClient, insurer: FakeInsurer
) -> None:
    ask(client)
    cancel_and_lose(client, insurer, NotSentError("refused", attempts=1))
    ask(client, "R-2")
    (closed,) = client.limits.reconcile()
    assert closed.entry.state is EntryState.REFUSED
    assert "was not sent" in str(closed.error)
    assert cancellations(insurer) == 1


def test_a_limit_that_began_after_the_lost_cancellation_stays(
    client: TradeCreditClient, bare: TradeCreditClient, insurer: FakeInsurer, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(bare)
    cancel_and_lose(client, insurer, "before")
    row = CreditLimit(id="L-1", buyer_id="000000001", amount=EUR_5, valid_from=EPOCH.date() + timedelta(1))
    monkeypatch.setattr(insurer, "list_limits", lambda **_: Page((row,), None))
    (left,) = client.limits.reconcile()
    assert not left.is_definite
    assert "in force since 2026-04-01" in str(left.error)


@pytest.mark.parametrize("target", ["L-1", "application-1"])
def test_a_lost_cancellation_that_arrived_is_not_repeated(
    target: str, client: TradeCreditClient, insurer: FakeInsurer, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask(client)
    cancel_and_lose(client, insurer, "after", target=target)
    limits, application = insurer.list_limits, insurer.get_application
    ended = {"state": "cancelled"}
    monkeypatch.setattr(
        insurer, "list_limits", lambda **_: Page(tuple(row.model_copy(update=ended) for row in limits().items), None)
    )
    monkeypatch.setattr(insurer, "get_application", lambda one: application(one).model_copy(update=ended))
    (done,) = client.limits.reconcile()
    assert done.is_definite
    assert done.answer.id == target
    assert cancellations(insurer) == 1
