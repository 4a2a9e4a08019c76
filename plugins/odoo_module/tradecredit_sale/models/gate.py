"""What a confirmed order was let through for, and the orders one change touches."""

from __future__ import annotations

from typing import NamedTuple

WATCH = "tradecredit_sale.watch"
"""Key in the cursor's own cache, which no caller from outside can reach: a context key could be sent by anybody."""


class Facts(NamedTuple):
    """On what a confirmed order was let through: the same or less of it needs no new check."""

    payer_id: int
    company_id: int
    currency_id: int
    terms_days: int
    net: float
    gross: float
    lines: dict[int, float]
    """Of an order that is billed in part the lines with their totals: a new one is new debt, whatever becomes of the others."""

    def changed_since(self, before: Facts | None) -> str | None:
        """What asks for a new check, as the trigger that is recorded; None when nothing does."""
        if before is None:
            return "confirm"
        if self[:3] != before[:3]:
            return "payer"
        # Stored amounts are rounded to the currency: anything beyond float noise is growth.
        if self.net > before.net + 1e-6 or self.gross > before.gross + 1e-6 or self.terms_days > before.terms_days:
            return "growth"
        if any(total > before.lines.get(line, 0.0) + 1e-6 for line, total in self.lines.items() if total > 0):
            return "growth"
        return None


class Watch:
    """The orders that one outermost change touches, each with what held before; None for one not confirmed then."""

    def __init__(self) -> None:
        self.before: dict[int, Facts | None] = {}

    def add(self, orders) -> None:
        for order in orders:
            if isinstance(order.id, int) and order.id not in self.before:
                self.before[order.id] = order._tradecredit_facts() if order._tradecredit_is_insured() else None

    def let_through(self, orders) -> None:
        """These were checked as they are now; only what is added to them later is checked again."""
        for order in orders:
            self.before[order.id] = order._tradecredit_facts()

    def forget(self, ids) -> None:
        for id_ in ids:
            self.before.pop(id_, None)
