"""The last part of the demo: time is moved, an invoice goes overdue, cover stops, an order is blocked, payment brings it back."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from typing import TYPE_CHECKING

from tradecredit_sdk.cli.report_timeline import Mark, Timeline
from tradecredit_sdk.models.event import EventType
from tradecredit_sdk.models.exposure import Exposure, OpenItem
from tradecredit_sdk.models.overdue import Overdue, OverdueInvoice
from tradecredit_sdk.rules.credit_check import check_order
from tradecredit_sdk.rules.deadlines import Step, deadlines
from tradecredit_sdk.rules.exposure import measure

if TYPE_CHECKING:
    from tradecredit_sdk.cli.demo import Book
    from tradecredit_sdk.cli.demo_screen import Screen
    from tradecredit_sdk.cli.ledger_files import OrderRow
    from tradecredit_sdk.client import TradeCreditClient
    from tradecredit_sdk.models.verdict import Verdict
    from tradecredit_sdk.testing.server import RunningSandbox

WHO, ORDER = "C-1024", "SO-26135"
"""A customer with one invoice that is not due yet, and an order that passes on 31 March."""
WARNED_DAYS, PAID_AFTER_DAYS = 15, 12
"""Declared so long before cover stops; paid so long after."""
_NEWS = {EventType.COVER_STOPPED, EventType.COVER_REINSTATED}


class Clock:
    """The story of one invoice, told on the screen and kept for the page."""

    def __init__(self, client: TradeCreditClient, sandbox: RunningSandbox, book: Book, screen: Screen) -> None:
        self._client, self._sandbox, self._book, self._screen = client, sandbox, book, screen
        self._marks: list[Mark] = []
        self._cursor: str | None = None
        self.items: list[OpenItem] = list(book.items_of(WHO))
        self.order: OrderRow = next(row for row in book.orders if row.order.number == ORDER)

    def run(self, today: date) -> Timeline:
        """Move the sandbox's clock through the invoice's days."""
        (item,), policy = self.items, self._book.policy
        due = item.original_due_date or date.max
        days = deadlines(due, policy)
        name = self._book.name(self._book.buyers[WHO])
        self._screen.step(f"The clock runs on: {name} owes {item.amount} ({item.number}), due on {due}.")
        self._news()
        verdict = self._check(today, owed=True)
        self._mark(
            today,
            f"{item.number} is not due yet; order {ORDER} is {verdict.outcome.value}",
            insured=not verdict.is_blocked,
        )
        self._go(due + timedelta(days=1))
        self._mark(due + timedelta(days=1), f"overdue; cover stops after {days.stop_of_cover}", insured=True)
        declared_on = days.stop_of_cover - timedelta(days=WARNED_DAYS)
        self._go(declared_on)
        left = days.days_left(Step.STOP_OF_COVER, declared_on)
        overdue = self._declare(item)
        self._mark(declared_on, f"declared, {left} days before cover stops: {overdue.answer}", insured=True)
        stopped_on = days.stop_of_cover + timedelta(days=1)
        self._go(stopped_on)
        verdict = self._check(stopped_on, owed=True)
        told = ", ".join(self._news()) or "nothing"
        self._mark(
            stopped_on,
            f"the insurer tells {told}; order {ORDER} is {verdict.outcome.value}",
            insured=not verdict.is_blocked,
        )
        self._screen.verdict(ORDER, verdict)
        paid_on = days.stop_of_cover + timedelta(days=PAID_AFTER_DAYS)
        self._go(paid_on)
        paid = self._client.overdues.pay(overdue.id, item.amount, paid_on, reference=f"PAY-{WHO}")
        verdict = self._check(paid_on, owed=False)
        told = ", ".join(self._news()) or "nothing"
        words = f"paid: {paid.answer} The insurer tells {told}; order {ORDER} is {verdict.outcome.value}"
        self._mark(paid_on, words, insured=not verdict.is_blocked)
        self._screen.verdict(ORDER, verdict)
        until = paid_on + timedelta(days=20)
        return Timeline(name, str(item.amount), due, days.stop_of_cover, tuple(self._marks), until)

    def _mark(self, day: date, what: str, *, insured: bool) -> None:
        self._marks.append(Mark(day, what, insured))
        self._screen.moment(day, what, insured=insured)

    def _go(self, day: date) -> None:
        self._sandbox.set_now(datetime.combine(day, time(8), timezone.utc))

    def _news(self) -> list[str]:
        """What the insurer has told of cover since the last time."""
        told = []
        while (page := self._client.events.poll(self._cursor)).items:
            self._cursor = page.next_cursor
            told += [
                str(event.type.value) for event in page.items if event.type in _NEWS and self._is_ours(event.buyer_id)
            ]
        return told

    def _is_ours(self, buyer_id: str | None) -> bool:
        return buyer_id == self._book.buyers[WHO]

    def _declare(self, item: OpenItem) -> Overdue:
        invoice = OverdueInvoice(number=item.number, due_date=item.original_due_date or date.max, amount=item.amount)
        return self._client.overdues.declare(
            buyer_id=self._book.buyers[WHO], invoices=[invoice], reference=f"OVD-{WHO}",
            steps_taken=[{"day": (item.original_due_date or date.max) + timedelta(days=10), "step": "reminder"}],
        )  # fmt: skip

    def _check(self, day: date, *, owed: bool) -> Verdict:
        """The order, with what the buyer owes on that day, against what the insurer says now."""
        buyer_id, policy = self._book.buyers[WHO], self._book.policy
        debts = measure(self.items if owed else (), policy, day)
        order = self.order.order.model_copy(update={"buyer_id": buyer_id})
        position = self._client.limits.position(buyer_id)
        now = datetime.now(timezone.utc)
        return check_order(order, debts.get(WHO, Exposure()), position, policy, day, self._book.rates, now)
