"""What can go wrong on the way of a declaration, as a table: each arrives exactly once, or a person is told in time.

The table is docs/explanation/overdue-faults.md; a test sees that both have the same rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from tradecredit_sdk import (
    ConflictError,
    EntryState,
    InvalidInputError,
    InvalidRequestError,
    Journal,
    Money,
    NoAnswerError,
    NotFoundError,
    NotSentError,
    Overdue,
    Policy,
    ReferenceConflictError,
    TradeCreditClient,
    TradeCreditError,
)
from tradecredit_sdk.rules.calendar import company_day
from tradecredit_sdk.testing.server import RunningSandbox

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "overdue-faults.md"
TODAY = date(2026, 3, 20)
LAST_DAY = date(2026, 3, 29)
"""Summer time begins on this day in Europe."""
DUE = LAST_DAY - timedelta(days=90)
POLICY = Policy(id="DEMO-001", currency="EUR")
LOST = (NoAnswerError, NotSentError)
DEAD = ["reset_before"]


class Case:
    """A seller with a journal, and an insurer that a test can break."""

    def __init__(self, sandbox: RunningSandbox, folder: Path, closing: ExitStack) -> None:
        self.sandbox, self.folder, self._closing = sandbox, folder, closing
        self.client = self.another()
        self.client.limits.request(buyer_id="900000001", amount=Money("50000", "EUR"), reference="REQ-1")

    def another(self, name: str = "journal") -> TradeCreditClient:
        """One more process, sharing the journal unless it is given another."""
        client = TradeCreditClient(
            insurer="open", base_url=self.sandbox.base_url_open, api_key="sandbox", policy="DEMO-001", retries=0,
            journal=f"{self.folder}/{name}.sqlite", timeout_seconds=5, total_seconds=15,
        )  # fmt: skip
        return self._closing.enter_context(client)

    def broken(self, *kinds: str, count: int | None = None) -> None:
        self.sandbox.faults(rate=1.0, kinds=list(kinds), paths=["/open/v1"], count=count)

    def whole(self) -> None:
        self.sandbox.control("DELETE", "/faults")

    def declare(self, client: TradeCreditClient | None = None, reference: str = "O-1", **given: Any) -> Overdue:
        invoices = given.pop("invoices", [self.invoice()])
        client = client or self.client
        return client.overdues.declare(
            **{"buyer_id": "900000001", "invoices": invoices, "reference": reference, **given}
        )

    @staticmethod
    def invoice(number: str = "R-1", due: date = DUE, amount: str = "1000.00") -> dict[str, Any]:
        return {"number": number, "due_date": due, "amount": Money(amount, "EUR")}

    def held(self) -> list[dict[str, Any]]:
        """What the insurer holds, as the insurer's own people see it."""
        rows: list[dict[str, Any]] = self.sandbox.control("GET", "/overdues")["items"]
        return rows

    def at(self, moment: datetime) -> None:
        self.sandbox.set_now(moment)

    def states(self) -> set[EntryState]:
        with Journal(f"{self.folder}/journal.sqlite") as journal:
            return {entry.state for entry in journal.entries()}


@pytest.fixture(scope="module")
def served() -> Iterator[RunningSandbox]:
    start = datetime(TODAY.year, TODAY.month, TODAY.day, 8, tzinfo=timezone.utc)
    with RunningSandbox(now=start) as sandbox:
        yield sandbox


@pytest.fixture
def case(served: RunningSandbox, tmp_path: Path) -> Iterator[Case]:
    served.reset()
    with ExitStack() as closing:
        yield Case(served, tmp_path, closing)


def arrived_once(case: Case) -> None:
    (held,) = case.held()
    assert held["reference"] == "O-1"
    assert case.states() == {EntryState.ANSWERED}
    assert case.client.overdues.waiting(POLICY, TODAY) == ()


def lose(case: Case, *faults: str) -> None:
    case.broken(*faults)
    with pytest.raises(LOST):
        case.declare()
    case.whole()


def answer_lost(case: Case) -> None:
    lose(case, "reset_after")
    assert len(case.held()) == 1
    case.client.overdues.reconcile()
    arrived_once(case)


def request_lost(case: Case) -> None:
    lose(case, "reset_before")
    assert case.held() == []
    case.client.overdues.reconcile()
    arrived_once(case)


def repeated_by_hand(case: Case) -> None:
    lose(case, "reset_after")
    first = case.declare()
    assert case.declare().id == first.id
    arrived_once(case)


def two_at_once(case: Case) -> None:
    clients = [case.another() for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        made = {overdue.id for overdue in pool.map(case.declare, clients)}
    assert len(made) == 1
    arrived_once(case)


def acknowledged_late(case: Case) -> None:
    case.sandbox.control("PUT", "/acknowledging", {"after_seconds": 2 * 86_400})
    lose(case, "reset_after")
    case.client.overdues.reconcile()
    assert case.client.overdues.get("O-1").acknowledged_at is None
    case.sandbox.advance(days=3)
    assert case.client.overdues.reconcile() == ()
    assert case.client.overdues.get("O-1").acknowledged_at is not None
    arrived_once(case)


def news_twice_and_out_of_order(case: Case) -> None:
    """Every event of the overdue is handled twice, the newest first; each makes the seller read again."""
    case.declare()
    case.client.overdues.pay("O-1", Money("400.00", "EUR"), TODAY, reference="P-1")
    events = [event for event in case.client.events.poll(page_size=500).items if event.overdue_id]
    assert len(events) > 2
    for event in [*reversed(events), *events]:
        case.client.overdues.get(str(event.overdue_id))
    with Journal(f"{case.folder}/journal.sqlite") as journal:
        entry = next(entry for entry in journal.entries() if entry.reference == "O-1")
    assert (entry.answer or {})["total"]["amount"] == "600.00"
    assert len(case.held()) == 1


def change_lost_before_a_later_one(case: Case) -> None:
    case.declare(invoices=[case.invoice(), case.invoice("R-2")])
    case.broken("reset_before")
    with pytest.raises(LOST):
        case.client.overdues.extend("O-1", LAST_DAY + timedelta(days=30), reference="E-1")
    with pytest.raises(LOST):
        case.client.overdues.pay("O-1", Money("100.00", "EUR"), TODAY, reference="P-1")
    case.whole()
    case.client.overdues.extend("O-1", LAST_DAY + timedelta(days=60), reference="E-2")
    case.client.overdues.reconcile()
    (held,) = case.held()
    assert {invoice["extended_to"] for invoice in held["invoices"]} == {str(LAST_DAY + timedelta(days=60))}
    assert held["total"]["amount"] == "1900.00", "a payment is never overtaken"


def dead_for_ten_days(case: Case) -> None:
    """Ten days in which the insurer cannot be reached; the last day is among them, and nobody declares by hand."""
    case.broken(*DEAD)
    told = []
    for days in range(10):
        today = TODAY + timedelta(days=days)
        with pytest.raises(LOST):
            case.declare()
        (waiting,) = case.client.overdues.waiting(POLICY, today)
        told.append(waiting.days_left)
        assert waiting.request.invoices[0].number == "R-1"  # type: ignore[union-attr]
        case.sandbox.advance(days=1)
    assert told == [9, 8, 7, 6, 5, 4, 3, 2, 1, 0], "told on each day, and on the last one"
    assert case.client.overdues.waiting(POLICY, TODAY + timedelta(days=10))[0].is_late
    case.whole()
    case.client.overdues.reconcile()
    arrived_once(case)
    late = case.client.overdues.get("O-1")
    assert late.in_time is False
    assert f"after the deadline of {LAST_DAY}" in str(late.answer)


def dead_and_declared_by_hand(case: Case) -> None:
    case.broken(*DEAD)
    with pytest.raises(LOST):
        case.declare()
    case.sandbox.advance(days=9)
    case.client.overdues.declared_by_hand(
        "O-1", insurer_id="portal-77", declared_on=LAST_DAY, proof="confirmation.pdf, SHA-256 0f1e"
    )
    case.sandbox.advance(days=3)
    case.whole()
    assert case.client.overdues.reconcile() == ()
    assert case.held() == [], "not sent a second time"
    assert "confirmation.pdf" in str(case.declare().answer)


def seller_an_hour_ahead(case: Case) -> None:
    """23:30 at the insurer's on the last day; the seller's clock shows the next day and sends nevertheless."""
    case.at(datetime(2026, 3, 29, 23, 30, tzinfo=timezone.utc))
    lose(case, "reset_before")
    assert case.client.overdues.waiting(POLICY, LAST_DAY + timedelta(days=1))[0].is_late
    case.client.overdues.reconcile()
    assert case.client.overdues.get("O-1").in_time
    arrived_once(case)


def seller_an_hour_behind(case: Case) -> None:
    """00:30 at the insurer's on the day after; the seller takes it for the last day and is told the truth."""
    case.at(datetime(2026, 3, 30, 0, 30, tzinfo=timezone.utc))
    late = case.declare()
    assert late.in_time is False
    assert f"after the deadline of {LAST_DAY}" in str(late.answer)
    arrived_once(case)


def journal_clock_an_hour_apart(case: Case) -> None:
    """Two machines share a journal, and one's clock is an hour behind: what one lost the other takes up, once."""
    lose(case, "reset_after")
    slow = Journal(
        f"{case.folder}/journal.sqlite",
        clock=lambda: datetime.now(timezone.utc) - timedelta(hours=1),
        sleep=lambda _: None,
    )
    with slow, TradeCreditClient(insurer="open", base_url=case.sandbox.base_url_open, api_key="sandbox",
                                 policy="DEMO-001", journal=slow) as other:  # fmt: skip
        assert all(done.is_definite for done in other.overdues.reconcile())
        case.declare(other)
    arrived_once(case)


def summer_time_begins_on_the_last_day(case: Case) -> None:
    """29 March 2026 has 23 hours in Berlin; it is one day all the same, and its last minute is in time."""
    zone = "Europe/Berlin"
    last_minute = datetime(2026, 3, 29, 21, 59, tzinfo=timezone.utc)  # 23:59 in Berlin
    assert company_day(last_minute, zone) == LAST_DAY
    assert company_day(last_minute + timedelta(minutes=1), zone) == LAST_DAY + timedelta(days=1)
    lose(case, "reset_before")
    assert case.client.overdues.waiting(POLICY, company_day(last_minute, zone))[0].days_left == 0
    case.at(last_minute)
    case.client.overdues.reconcile()
    assert case.client.overdues.get("O-1").in_time
    arrived_once(case)


def summer_time_ends_on_the_last_day(case: Case) -> None:
    """25 October 2026 has 25 hours in Berlin: 23:30 is still that day, and at the insurer's too."""
    last = date(2026, 10, 25)
    moment = datetime(2026, 10, 25, 22, 30, tzinfo=timezone.utc)  # 23:30 in Berlin
    case.at(moment)
    assert company_day(moment, "Europe/Berlin") == last
    overdue = case.declare(invoices=[case.invoice(due=last - timedelta(days=90))])
    assert overdue.in_time
    arrived_once(case)


@dataclass(frozen=True)
class Row:
    """One row of the table: its name there, and the story that is played."""

    name: str
    play: Callable[[Case], None]


TABLE = [
    Row("answer lost", answer_lost),
    Row("request lost", request_lost),
    Row("repeated after a lost answer", repeated_by_hand),
    Row("several at once", two_at_once),
    Row("acknowledged late", acknowledged_late),
    Row("news twice and out of order", news_twice_and_out_of_order),
    Row("a later change overtakes a lost one", change_lost_before_a_later_one),
    Row("insurer dead for ten days", dead_for_ten_days),
    Row("insurer dead, declared by hand", dead_and_declared_by_hand),
    Row("seller's clock an hour ahead", seller_an_hour_ahead),
    Row("seller's clock an hour behind", seller_an_hour_behind),
    Row("two machines an hour apart", journal_clock_an_hour_apart),
    Row("summer time begins on the last day", summer_time_begins_on_the_last_day),
    Row("summer time ends on the last day", summer_time_ends_on_the_last_day),
]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_it_arrives_once_or_a_person_is_told(row: Row, case: Case) -> None:
    row.play(case)


# ---- bad input: a clear error, and everything as it was


BAD: dict[str, tuple[Callable[[Case], Any], type[TradeCreditError], str]] = {
    "payment larger than the debt": (
        lambda case: case.client.overdues.pay("O-1", Money("1000.01", "EUR"), TODAY), InvalidInputError, "more than the 1,000.00"
    ),
    "payment larger than the debt, seen by the insurer alone": (
        lambda case: case.another("empty").overdues.pay(case.held()[0]["id"], Money("1000.01", "EUR"), TODAY),
        InvalidRequestError, "more than the",
    ),
    "payment in another currency": (
        lambda case: case.client.overdues.pay("O-1", Money("5", "USD"), TODAY), InvalidInputError, "convert it first"
    ),
    "invoice declared twice": (
        lambda case: case.declare(reference="O-2", invoices=[case.invoice("R-9"), case.invoice("R-9")]),
        InvalidInputError, "given twice: R-9",
    ),
    "invoice declared in two declarations": (
        lambda case: case.declare(reference="O-2", invoices=[case.invoice("R-9"), case.invoice()]),
        InvalidInputError, "invoice R-1 is in overdue",
    ),
    "invoice declared in two declarations, seen by the insurer alone": (
        lambda case: case.declare(case.another("empty"), "O-2"), ConflictError, "R-1 is declared already",
    ),
    "due date before the invoice date": (
        lambda case: case.declare(reference="O-2", invoices=[{**case.invoice("R-9"), "invoice_date": DUE + timedelta(days=1)}]),
        InvalidInputError, "is before invoice_date",
    ),
    "currencies mixed": (
        lambda case: case.declare(
            reference="O-2", invoices=[case.invoice("R-8"), {**case.invoice("R-9"), "amount": Money("5", "USD")}]
        ),
        InvalidInputError, "in one currency",
    ),
    "amendment after the last day": (
        lambda case: (case.sandbox.advance(days=10), case.client.overdues.extend("O-1", date(2026, 9, 30)))[1],
        ConflictError, f"The last day to ask for that was {LAST_DAY}",
    ),
    "unknown buyer": (
        lambda case: case.declare(reference="O-2", buyer_id="999999999", invoices=[case.invoice("R-9")]),
        NotFoundError, "buyer",
    ),
    "other content under a known reference": (
        lambda case: case.declare(invoices=[case.invoice("R-9")]), ReferenceConflictError, "a different overdue declaration"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_named_and_leaves_everything_as_it_was(name: str, case: Case) -> None:
    act, error, words = BAD[name]
    case.declare()
    before = case.held(), case.sandbox.control("GET", "/limits")["items"]
    with pytest.raises(error, match=re.escape(words)):
        act(case)
    assert (case.held(), case.sandbox.control("GET", "/limits")["items"]) == before


def test_the_page_has_the_same_rows() -> None:
    page = PAGE.read_text(encoding="utf-8")
    rows = re.findall(r"^\| ([^|]+?) \|", page, re.MULTILINE)
    killed = [
        "killed before the insurer's commit",
        "killed during the insurer's commit",
        "killed after the insurer's commit",
    ]
    assert [row for row in rows if row not in ("what goes wrong", "---", "what is wrong")] == [
        *killed, *(row.name for row in TABLE), *BAD,
    ]  # fmt: skip
