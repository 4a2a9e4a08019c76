"""Where the insurer books a payment: to the oldest invoice before the date of loss, pro rata after it (domain rule 35)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_FLOOR, Decimal

from tradecredit_sdk.models.money import EXACT, MINOR_UNITS, Money
from tradecredit_sdk.sandbox.records import Invoice


def book(payment: Money, invoices: Sequence[Invoice], *, pro_rata: bool) -> dict[str, Money]:
    """How much goes to each invoice, by number; the whole payment, which is not more than what is open."""
    owed = sorted((one for one in invoices if one.unpaid.amount > 0), key=lambda one: (one.due_date, one.number))
    if pro_rata:
        return _by_share(payment, owed)
    booked: dict[str, Money] = {}
    for invoice in owed:
        if payment.amount > 0:
            booked[invoice.number] = min(payment, invoice.unpaid)
            payment -= booked[invoice.number]
    return booked


def _by_share(payment: Money, owed: Sequence[Invoice]) -> dict[str, Money]:
    """Each invoice's share rounded down; the units left over go to those that lost most by that, the oldest first."""
    unit = Decimal(1).scaleb(-MINOR_UNITS[payment.currency], EXACT)
    total = sum((invoice.unpaid.amount for invoice in owed), Decimal(0))
    exact = {one.number: EXACT.divide(EXACT.multiply(payment.amount, one.unpaid.amount), total) for one in owed}
    parts = {number: share.quantize(unit, ROUND_FLOOR, EXACT) for number, share in exact.items()}
    left = payment.amount - sum(parts.values(), Decimal(0))
    for number in sorted(exact, key=lambda number: parts[number] - exact[number])[: int(left / unit)]:
        parts[number] += unit
    return {number: Money(part, payment.currency) for number, part in parts.items() if part}
