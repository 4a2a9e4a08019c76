"""Payments, withdrawals, documents, adverse information; what is refused unsent, and what waits for its last day."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from fake_insurer import FakeInsurer, FakeTime

from tradecredit_sdk import (
    ConfigError,
    EntryState,
    InvalidInputError,
    Journal,
    Money,
    NoAnswerError,
    NotFoundError,
    NotSentError,
    Overdue,
    OverdueChange,
    Policy,
    TradeCreditClient,
    UnsupportedOperationError,
    has_arrived,
)
from tradecredit_sdk.insurers.base import Operation

TODAY = date(2026, 3, 31)
POLICY = Policy(id="P-1", currency="EUR")
INVOICES = [
    {"number": "R-1", "due_date": "2026-01-31", "amount": Money("1250.00", "EUR")},
    {"number": "R-2", "due_date": "2026-02-28", "amount": Money("10.00", "EUR")},
]
LOST = NotSentError("refused", attempts=1)


def declare(client: TradeCreditClient, **options: Any) -> Overdue:
    return client.overdues.declare(**{"buyer_id": "B1", "invoices": INVOICES, "reference": "O-1", **options})


def pay(client: TradeCreditClient, amount: str = "100.00", reference: str = "P-1", **options: Any) -> Overdue:
    return client.overdues.pay("O-1", Money(amount, "EUR"), TODAY, reference=reference, **options)


ACTIONS: dict[str, Callable[[TradeCreditClient], Overdue]] = {
    "pay": pay,
    "withdraw": lambda client: client.overdues.withdraw("O-1", reference="P-1"),
    "documents": lambda client: client.overdues.send_documents(
        "O-1", [{"kind": "invoice", "name": "R-1.pdf"}], reference="P-1"
    ),
}


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("fault", ["before", "after"])
@pytest.mark.parametrize("idempotent", [True, False])
def test_each_change_that_was_lost_is_made_once(
    client: TradeCreditClient, insurer: FakeInsurer, action: str, fault: str, idempotent: bool
) -> None:
    insurer.capabilities = replace(insurer.capabilities, idempotent_reference=idempotent)
    insurer.wanted_documents = ("invoice", "order")
    declare(client)
    insurer.faults = [fault]
    with pytest.raises(NoAnswerError):
        ACTIONS[action](client)
    (done,) = client.overdues.reconcile()
    assert done.answer == ACTIONS[action](client)
    assert insurer.references("change") == ["P-1"]


@pytest.mark.parametrize("idempotent", [True, False])
def test_of_two_payments_that_were_lost_both_arrive(
    client: TradeCreditClient, insurer: FakeInsurer, idempotent: bool
) -> None:
    insurer.capabilities = replace(insurer.capabilities, idempotent_reference=idempotent)
    declare(client)
    insurer.faults = ["before", "before"]
    for reference in ("P-1", "P-2"):
        with pytest.raises(NoAnswerError):
            pay(client, reference=reference)
    client.overdues.extend("O-1", "2026-05-31", reference="E-1")
    assert all(done.is_definite for done in client.overdues.reconcile())
    assert sorted(insurer.references("change")) == ["E-1", "P-1", "P-2"]
    assert client.overdues.get("O-1").unpaid == Money("1060.00", "EUR")


def test_it_is_known_by_our_reference_too(
    client: TradeCreditClient, bare: TradeCreditClient, insurer: FakeInsurer
) -> None:
    overdue = declare(client)
    assert client.overdues.get("O-1") == bare.overdues.get("O-1") == client.overdues.get(overdue.id)
    for one in (client, bare):
        with pytest.raises(NotFoundError):
            one.overdues.get("O-9")
    assert client.overdues.extend("O-1", "2026-05-31").id == overdue.id
    insurer.faults = [LOST]
    with pytest.raises(NotSentError):
        declare(client, reference="O-2", buyer_id="B2")
    with pytest.raises(NoAnswerError, match="reconcile first"):
        client.overdues.get("O-2")


# ---- refused before anything is sent


def test_a_payment_of_more_than_is_open_is_not_sent(client: TradeCreditClient, insurer: FakeInsurer) -> None:
    declare(client)
    pay(client, "1000.00")
    sent = len(insurer.sent)
    with pytest.raises(InvalidInputError, match=r"of 260\.01 EUR is more than the 260\.00 EUR") as caught:
        pay(client, "260.01", "P-2")
    assert caught.value.code == "overpaid"
    with pytest.raises(InvalidInputError, match="is in USD"):
        client.overdues.pay("O-1", Money("1", "USD"), TODAY)
    assert len(insurer.sent) == sent
    assert pay(client, "1000.00").unpaid == Money("260.00", "EUR"), "a repetition is none"
    assert pay(client, "260.00", "P-2").unpaid == Money("0", "EUR")


def test_an_invoice_is_not_declared_twice(client: TradeCreditClient, insurer: FakeInsurer) -> None:
    overdue = declare(client)
    sent = len(insurer.sent)
    with pytest.raises(InvalidInputError, match=r"invoice R-2 is in overdue overdue-1 already \(O-1\)") as caught:
        declare(client, reference="O-2", invoices=INVOICES[1:])
    assert (caught.value.code, caught.value.reference) == ("invoice_declared", "O-1")
    assert len(insurer.sent) == sent
    client.overdues.settle(overdue.id, TODAY, "R-2")
    assert declare(client, reference="O-2", invoices=INVOICES[1:]).reference == "O-2"
    assert declare(client, reference="O-3", buyer_id="B2").reference == "O-3"


def test_what_waits_is_not_declared_again_under_another_reference(
    client: TradeCreditClient, insurer: FakeInsurer
) -> None:
    insurer.faults = [LOST]
    with pytest.raises(NotSentError):
        declare(client)
    with pytest.raises(InvalidInputError, match=r"invoices R-1, R-2 are in declaration O-1 already, which is planned"):
        declare(client, reference="O-2")
    assert declare(client).reference == "O-1"


def test_where_the_insurer_cannot_be_asked_it_decides_itself(
    client: TradeCreditClient, insurer: FakeInsurer, monkeypatch: pytest.MonkeyPatch
) -> None:
    declare(client)
    monkeypatch.setattr(FakeInsurer, "get_overdue", lambda *_: (_ for _ in ()).throw(LOST))
    assert declare(client, reference="O-2").reference == "O-2"


# ---- acknowledgements in any order


def test_news_comes_twice_and_out_of_order_and_the_newest_stays(
    client: TradeCreditClient, insurer: FakeInsurer, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = declare(client)
    paid = pay(client, "1000.00")
    heard = [paid, first, paid, first]  # as two events that came late, each twice, would have it read
    monkeypatch.setattr(FakeInsurer, "get_overdue", lambda *_: heard.pop())
    for _ in range(4):
        client.overdues.get(first.id)
    entry = next(journal.entries())
    assert entry.answer is not None
    assert (entry.answer["revision"], entry.answer["invoices"][0]["paid"]["amount"]) == (2, "1000.00")


def test_an_id_that_is_another_overdue_now_changes_nothing(
    client: TradeCreditClient, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = declare(client)
    other = first.model_copy(update={"reference": "X-9", "revision": 9})
    monkeypatch.setattr(FakeInsurer, "get_overdue", lambda *_: other)
    client.overdues.get(first.id)
    assert (next(journal.entries()).answer or {})["reference"] == "O-1"


# ---- adverse information


def report(client: TradeCreditClient, **options: Any) -> Any:
    given = {"buyer_id": "B1", "kind": "bounced_payment", "happened_on": "2026-03-30", "reference": "A-1", **options}
    return client.overdues.report_adverse(**given)


@pytest.mark.parametrize("fault", ["before", "after", LOST])
@pytest.mark.parametrize("idempotent", [True, False])
def test_a_lost_report_is_made_once(
    client: TradeCreditClient, insurer: FakeInsurer, fault: Any, idempotent: bool
) -> None:
    insurer.capabilities = replace(insurer.capabilities, idempotent_reference=idempotent)
    insurer.faults = [fault]
    with pytest.raises((NoAnswerError, NotSentError)):
        report(client)
    (done,) = client.overdues.reconcile()
    assert (done.answer.reference, report(client).id) == ("A-1", done.answer.id)
    assert insurer.references("adverse") == ["A-1"]


def test_a_report_without_a_reference_gets_one_and_a_wrong_one_is_not_sent(
    bare: TradeCreditClient, insurer: FakeInsurer
) -> None:
    assert report(bare, reference=None).reference.startswith("TC")
    with pytest.raises(InvalidInputError, match="kind"):
        report(bare, kind="gossip")
    insurer.capabilities = replace(insurer.capabilities, operations=frozenset({Operation.GET_POLICY}))
    with pytest.raises(UnsupportedOperationError):
        report(bare)
    assert len(insurer.sent) == 1


def test_a_lost_report_is_found_by_its_reference(bare: TradeCreditClient, insurer: FakeInsurer) -> None:
    given = {"buyer_id": "B1", "kind": "bounced_payment", "happened_on": "2026-03-30", "reference": "A-1"}
    assert bare.overdues.find_adverse(given) is None
    insurer.faults = ["after"]
    with pytest.raises(NoAnswerError):
        report(bare)
    found = bare.overdues.find_adverse(given)
    assert found is not None
    assert found.reference == "A-1"
    with pytest.raises(InvalidInputError, match="reference"):
        bare.overdues.find_adverse({**given, "reference": None})


# ---- deadlines without the network


def test_what_waits_is_listed_with_its_last_day(client: TradeCreditClient, insurer: FakeInsurer) -> None:
    declare(client, reference="DONE", buyer_id="B9")
    insurer.faults = [LOST, "before", LOST]
    for send in (
        lambda: declare(client),
        lambda: declare(client, reference="O-2", buyer_id="B2", invoices=INVOICES[1:]),
        lambda: report(client),
    ):
        with pytest.raises((NoAnswerError, NotSentError)):
            send()
    asked = len(insurer.sent)
    found = client.overdues.waiting(POLICY, TODAY)
    assert [(item.entry.reference, item.last_day, item.days_left, item.is_late) for item in found] == [
        ("A-1", date(2026, 4, 9), 9, False),
        ("O-1", date(2026, 5, 1), 31, False),
        ("O-2", date(2026, 5, 29), 59, False),
    ]
    assert client.overdues.waiting(POLICY, date(2026, 5, 2))[1].is_late
    assert found[1].request.invoices[0].amount == Money("1250.00", "EUR")  # type: ignore[union-attr]
    assert len(insurer.sent) == asked, "no network"
    client.overdues.reconcile()
    assert client.overdues.waiting(POLICY, TODAY) == ()


def test_without_a_journal_nothing_waits(bare: TradeCreditClient) -> None:
    assert bare.overdues.waiting(POLICY, TODAY) == ()
    with pytest.raises(ConfigError):
        bare.overdues.reconcile()


def test_what_was_declared_by_hand_is_recorded_with_its_proof_and_not_sent(
    client: TradeCreditClient, insurer: FakeInsurer, journal: Journal, time: FakeTime
) -> None:
    def by_hand(reference: str = "O-1", proof: str = "fax.pdf", day: str = "2026-03-30") -> Overdue:
        return client.overdues.declared_by_hand(reference, insurer_id="ovd-77", declared_on=day, proof=proof)

    insurer.faults = ["before"]
    with pytest.raises(NoAnswerError):
        declare(client)
    for wrong in ({"reference": "O-9"}, {"proof": " "}, {"day": "2.4.2026"}, {"day": "2026-04-03"}):
        with pytest.raises(InvalidInputError):
            by_hand(**wrong)
    overdue = by_hand()
    assert (overdue.id, overdue.answer) == ("ovd-77", "Declared by hand on 2026-03-30; proof: fax.pdf")
    assert client.overdues.waiting(POLICY, TODAY) == client.overdues.reconcile() == ()
    assert declare(client) == overdue, "a repetition gets it"
    assert insurer.kept("overdue") == []
    (entry,) = journal.entries()
    assert (entry.state, entry.insurer_id, entry.error) == (EntryState.ANSWERED, "ovd-77", None)
    with pytest.raises(InvalidInputError, match="is answered already"):
        by_hand()


def test_a_settlement_has_arrived_though_one_invoice_was_paid_before() -> None:
    invoices = [
        {**one, "amount": one["amount"].to_dict(), "settled_on": day}
        for one, day in zip(INVOICES, ("2026-03-01", "2026-03-31"), strict=True)
    ]
    overdue = Overdue.model_validate({"id": "O-1", "buyer_id": "B1", "state": "settled", "invoices": invoices})
    change = OverdueChange(overdue_id="O-1", action="settle", settled_on=TODAY)
    assert has_arrived(change, overdue)
    assert not has_arrived(change.model_copy(update={"settled_on": date(2026, 3, 30)}), overdue)


def test_an_extension_has_arrived_when_all_that_is_open_has_it() -> None:
    paid, late = ({**one, "amount": one["amount"].to_dict()} for one in INVOICES)
    paid["settled_on"], late["extended_to"] = "2026-03-01", "2026-05-31"
    change = OverdueChange(overdue_id="O-1", action="extend", new_due_date="2026-05-31")
    told = {"id": "O-1", "buyer_id": "B1", "state": "extended"}
    assert has_arrived(change, Overdue.model_validate({**told, "invoices": [paid, late]}))
    assert not has_arrived(change, Overdue.model_validate({**told, "invoices": [paid, {**late, "extended_to": None}]}))
    assert not has_arrived(change, Overdue.model_validate({**told, "invoices": [paid]}))
