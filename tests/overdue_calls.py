"""What can be sent about an overdue, each under a reference of its own: for processes that are killed on the way."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from fake_insurer import FakeInsurer

from tradecredit_sdk import Journal, Money, TradeCreditClient

MANY = 100
FIRST = "O-FIRST"
"""The declaration whose invoices are paid, settled, extended and withdrawn."""
KEPT = {"declare": "overdue", "report": "adverse"}
"""How the insurer in a file calls it; everything else is a change."""


def at_work(insurer: FakeInsurer, journal: Journal) -> TradeCreditClient:
    return TradeCreditClient(insurer=insurer, policy="P-1", base_url="https://insurer.example", journal=journal)


def invoice(number: str) -> dict[str, Any]:
    return {"number": number, "due_date": "2026-01-31", "amount": Money("100.00", "EUR")}


def declare_first(client: TradeCreditClient) -> None:
    invoices = [invoice(f"R-{number}") for number in range(MANY)]
    client.overdues.declare(buyer_id="B1", invoices=invoices, reference=FIRST)


def send(client: TradeCreditClient, kind: str, reference: str) -> Any:
    """One thing; `reference` ends with the number of the invoice it is about."""
    return _SEND[kind](client.overdues, reference, f"R-{reference.rpartition('-')[2]}")


_SEND: dict[str, Callable[[Any, str, str], Any]] = {
    "declare": lambda overdues, reference, number: overdues.declare(
        buyer_id=f"B-{reference}", invoices=[invoice(number)], reference=reference
    ),
    "pay": lambda overdues, reference, _: overdues.pay(
        FIRST, Money("1.00", "EUR"), date(2026, 3, 31), reference=reference
    ),
    "settle": lambda overdues, reference, number: overdues.settle(FIRST, "2026-03-31", number, reference=reference),
    "extend": lambda overdues, reference, number: overdues.extend(FIRST, "2026-05-31", number, reference=reference),
    "withdraw": lambda overdues, reference, number: overdues.withdraw(FIRST, number, reference=reference),
    "report": lambda overdues, reference, _: overdues.report_adverse(
        buyer_id=f"B-{reference}", kind="bounced_payment", happened_on="2026-03-31", reference=reference
    ),
}
KINDS = tuple(_SEND)
