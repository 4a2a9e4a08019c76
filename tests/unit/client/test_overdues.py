"""client.overdues, with and without a journal."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from fake_insurer import FakeInsurer, FakeTime

from tradecredit_sdk import (
    ConflictError,
    EntryState,
    InvalidInputError,
    Journal,
    Money,
    NoAnswerError,
    NotSentError,
    Overdue,
    OverdueDeclaration,
    ReferenceConflictError,
    TradeCreditClient,
    UnsupportedOperationError,
)

INVOICES = [
    {"number": "R-1001", "due_date": "2026-01-31", "amount": Money("1250.00", "EUR")},
    {"number": "R-1002", "due_date": "2026-02-28", "amount": {"amount": "10", "currency": "EUR"}},
]


def declare(client: TradeCreditClient, **options: Any) -> Overdue:
    return client.overdues.declare(**{"buyer_id": "B1", "invoices": INVOICES, "reference": "O-1", **options})


def test_a_declaration_is_sent_once(client: TradeCreditClient, insurer: FakeInsurer) -> None:
    first = declare(client)
    assert declare(client).id == first.id == "overdue-1"
    model = OverdueDeclaration(buyer_id="B1", invoices=INVOICES, reference="O-1")  # type: ignore[arg-type]
    assert client.overdues.declare(model).id == first.id
    with pytest.raises(ReferenceConflictError):
        declare(client, invoices=INVOICES[:1])
    assert len(insurer.sent) == 1
    assert declare(client, reference=None, buyer_id="B2").reference.startswith("TC")  # type: ignore[union-attr]


def test_what_was_declared_before_is_found_by_its_content(client: TradeCreditClient, time: FakeTime) -> None:
    since, same = time.now(), OverdueDeclaration(buyer_id="B1", invoices=INVOICES)  # type: ignore[arg-type]
    declare(client)
    assert [entry.reference for entry in client.overdues.same_content(same, since=since)] == ["O-1"]
    part = same.model_copy(update={"invoices": same.invoices[:1]})
    assert client.overdues.same_content(part, since=since) == ()


def test_a_wrong_declaration_is_not_sent(client: TradeCreditClient, insurer: FakeInsurer) -> None:
    for options, message in [
        ({"invoices": []}, "invoices: "),
        ({"invoices": [INVOICES[0], INVOICES[0]]}, "invoice given twice: R-1001"),
        ({"invoices": [{**INVOICES[0], "due_date": "31.01.2026"}]}, r"invoices\.0\.due_date: a day is written"),
        ({"reason": "bored"}, "reason: "),
    ]:
        with pytest.raises(InvalidInputError, match=message):
            declare(client, **options)  # type: ignore[arg-type]
    assert insurer.sent == []


def test_what_is_declared_can_be_read_and_listed(bare: TradeCreditClient) -> None:
    for number in range(3):
        declare(bare, reference=f"O-{number}", buyer_id=f"B{number}")
    assert bare.overdues.get("overdue-2").reference == "O-1"
    assert [one.reference for one in bare.overdues.list()] == ["O-2", "O-1", "O-0"]
    assert [one.reference for one in bare.overdues.list(buyer_id="B1")] == ["O-1"]


def test_changes(client: TradeCreditClient) -> None:
    overdue = declare(client)
    extended = client.overdues.extend(overdue.id, date(2026, 5, 31), "R-1001")
    assert [item.extended_to for item in extended.invoices] == [date(2026, 5, 31), None]
    plan = [{"due_date": "2026-06-30", "amount": Money("630.00", "EUR")}] * 2
    assert len(client.overdues.reschedule(overdue.id, plan, comment="agreed").instalments) == 2
    settled = client.overdues.settle(overdue.id, "2026-06-01")
    assert [item.settled_on for item in settled.invoices] == [date(2026, 6, 1)] * 2
    with pytest.raises(InvalidInputError, match="reschedule needs instalments"):
        client.overdues.reschedule(overdue.id, [])


def change(client: TradeCreditClient, what: str, reference: str) -> Overdue:
    if what == "extend":
        return client.overdues.extend("overdue-1", "2026-05-31", "R-1001", reference=reference)
    if what == "reschedule":
        plan = [{"due_date": "2026-06-30", "amount": Money("1260.00", "EUR")}]
        return client.overdues.reschedule("overdue-1", plan, reference=reference)
    return client.overdues.settle("overdue-1", "2026-06-01", reference=reference)


@pytest.mark.parametrize("what", ["extend", "reschedule", "settle"])
@pytest.mark.parametrize("fault", ["before", "after"])
@pytest.mark.parametrize("idempotent", [True, False])
def test_a_lost_change_is_made_once(
    client: TradeCreditClient, insurer: FakeInsurer, journal: Journal, what: str, fault: str, idempotent: bool
) -> None:
    insurer.capabilities = replace(insurer.capabilities, idempotent_reference=idempotent)
    declare(client)
    insurer.faults = [fault]
    with pytest.raises(NoAnswerError):
        change(client, what, "C-1")
    (done,) = client.overdues.reconcile()
    assert done.answer == change(client, what, "C-1")
    assert [row["reference"] for row in insurer.kept("change")] == ["C-1"]
    assert {entry.state for entry in journal.entries()} == {EntryState.ANSWERED}


def test_a_change_that_cannot_be_seen_is_not_taken_for_done(client: TradeCreditClient, insurer: FakeInsurer) -> None:
    declare(client)
    insurer.faults = ["before"]
    with pytest.raises(NoAnswerError):
        client.overdues.settle("overdue-1", "2026-06-01", "R-9999", reference="C-1")
    client.overdues.reconcile()
    assert insurer.references("change") == ["C-1"]


@pytest.mark.parametrize("fault", ["before", "after"])
def test_a_lost_declaration_is_made_once(
    client: TradeCreditClient, insurer: FakeInsurer, time: FakeTime, fault: str
) -> None:
    insurer.capabilities = replace(insurer.capabilities, idempotent_reference=False)
    insurer.faults = [fault]
    with pytest.raises(NoAnswerError) as caught:
        declare(client)
    assert caught.value.reference == "O-1"
    (done,) = client.overdues.reconcile()
    assert done.is_definite
    assert sum(time.slept) == (30 if fault == "before" else 0)
    assert insurer.references("overdue") == ["O-1"]


def test_a_declaration_the_insurer_cannot_be_asked_for_stays_unknown(
    client: TradeCreditClient, insurer: FakeInsurer
) -> None:
    insurer.faults = ["after"]
    with pytest.raises(NoAnswerError):
        declare(client)
    insurer.find_errors = [UnsupportedOperationError("no way to look it up")]
    (still,) = client.overdues.reconcile()
    assert not still.is_definite
    assert "overdue declaration O-1 is unknown" in str(still.error)


def lose(client: TradeCreditClient, insurer: FakeInsurer, fault: object, day: str, invoice: str | None = None) -> None:
    insurer.faults = [fault]  # type: ignore[list-item]
    with pytest.raises((NoAnswerError, NotSentError)):
        client.overdues.extend("overdue-1", day, invoice)


@pytest.mark.parametrize("fault", ["before", "after", NotSentError("refused", attempts=1)])
@pytest.mark.parametrize(("older", "later"), [(None, None), ("R-1001", None), (None, "R-1001"), ("R-1001", "R-1001")])
def test_a_lost_change_is_not_sent_over_a_later_one(
    client: TradeCreditClient, insurer: FakeInsurer, fault: object, older: str | None, later: str | None
) -> None:
    declare(client)
    lose(client, insurer, fault, "2026-05-31", older)
    now = client.overdues.extend("overdue-1", "2026-12-31", later)
    (closed,) = client.overdues.reconcile()
    assert closed.entry.state is EntryState.REFUSED
    assert isinstance(closed.error, ConflictError)
    assert "is not sent any more: extend" in closed.error.message
    assert client.overdues.get("overdue-1") == now
    assert client.overdues.reconcile() == ()


def test_a_change_of_another_invoice_overtakes_nothing(client: TradeCreditClient, insurer: FakeInsurer) -> None:
    declare(client)
    lose(client, insurer, "before", "2026-05-31", "R-1001")
    client.overdues.extend("overdue-1", "2026-12-31", "R-1002")
    (done,) = client.overdues.reconcile()
    assert [item.extended_to for item in done.answer.invoices] == [date(2026, 5, 31), date(2026, 12, 31)]


def test_of_two_lost_changes_the_later_one_is_decided_first(client: TradeCreditClient, insurer: FakeInsurer) -> None:
    declare(client)
    lose(client, insurer, "before", "2026-05-31")
    lose(client, insurer, "after", "2026-12-31")
    first, second = client.overdues.reconcile()
    assert not first.is_definite
    assert "reconcile again" in str(first.error)
    assert second.is_definite
    (closed,) = client.overdues.reconcile()
    assert closed.entry.state is EntryState.REFUSED
    assert {item.extended_to for item in client.overdues.get("overdue-1").invoices} == {date(2026, 12, 31)}


def test_the_order_of_the_invoices_is_no_content(client: TradeCreditClient, insurer: FakeInsurer) -> None:
    first = declare(client)
    assert declare(client, invoices=INVOICES[::-1]).id == first.id
    assert len(insurer.sent) == 1


def test_what_is_not_overdue_is_not_declared_without_a_reason(
    client: TradeCreditClient, insurer: FakeInsurer, time: FakeTime
) -> None:
    today = time.now().date()
    soon = [{"number": "R-1", "due_date": today + timedelta(days=1), "amount": Money("1.00", "EUR")}]
    with pytest.raises(InvalidInputError, match="nothing of it is overdue yet") as caught:
        declare(client, invoices=soon)
    assert caught.value.code == "not_overdue"
    assert not list(client.overdues.list())
    assert declare(client, invoices=soon, reason="insolvency", reference="O-2").id
    late = [{"number": "R-2", "due_date": today, "amount": Money("1.00", "EUR")}]
    with pytest.raises(InvalidInputError):
        declare(client, invoices=late, today=today, reference="O-3")
    assert declare(client, invoices=late, today=today + timedelta(days=1), reference="O-3").id
