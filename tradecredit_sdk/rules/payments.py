"""To which invoices a payment goes (domain rules 35 and 36), whatever the buyer wrote on it.

Before the date of loss to the oldest open invoice first, by original due date, at a tie by number; from that day on pro
rata to what is open of each. Everything is in minor units of the currency, so the parts are exactly the whole, no part
is more than what is open, and none is below zero.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from tradecredit_sdk.models.money import EXACT, MINOR_UNITS, Money


class Debt(NamedTuple):
    """An open invoice: `due_date` the original one, `unpaid` what is left of it."""

    number: str
    due_date: date
    unpaid: Money


class Allotment(NamedTuple):
    """So much of a payment goes to this invoice; never zero."""

    number: str
    amount: Money


def allocate(
    payment: Money, debts: Iterable[Debt], *, paid_on: date, date_of_loss: date | None
) -> tuple[Allotment, ...]:
    """Distribute a payment over the debts of one buyer, oldest first; they add up to it exactly.

    `date_of_loss` None: it has not come. ValueError when the payment is not positive, in another currency, or more than
    all the debts: what is overpaid belongs to the buyer, and no debt is below zero.
    """
    owed = sorted((debt for debt in debts if debt.unpaid.amount > 0), key=lambda debt: (debt.due_date, debt.number))
    if payment.amount <= 0:
        raise ValueError("a payment must be greater than zero")
    if any(debt.unpaid.currency != payment.currency for debt in owed):
        raise ValueError(f"the payment is in {payment.currency} and the debt is not; convert it first")
    total = Money.total((debt.unpaid for debt in owed), payment.currency)
    if payment > total:
        raise ValueError(f"the payment of {payment} is more than the {total} that are open")
    if date_of_loss is not None and paid_on >= date_of_loss:
        parts = pro_rata(payment, [debt.unpaid for debt in owed])
    else:
        parts, left = [], payment
        for debt in owed:
            parts.append(min(left, debt.unpaid))
            left -= parts[-1]
    return tuple(Allotment(debt.number, part) for debt, part in zip(owed, parts, strict=True) if part.amount > 0)


def pro_rata(amount: Money, weights: Sequence[Money]) -> list[Money]:
    """`amount` in proportion to `weights`, exact to the minor unit: what rounding leaves goes to the largest remainders.

    So are shared an amount recovered after the claim was paid, by each party's share of the loss (rule 36). No part is
    more than its weight while `amount` is not more than all of them. ValueError for weights that are negative or all
    zero, or in another currency.
    """
    if any(weight.amount < 0 or weight.currency != amount.currency for weight in weights):
        raise ValueError("shares are counted in the currency of the amount, and none is below zero")
    whole, counts = _units(amount), [_units(weight) for weight in weights]
    if amount.amount < 0 or not sum(counts):
        raise ValueError("nothing can be shared by nobody, nor a negative amount")
    parts = [whole * count // sum(counts) for count in counts]
    rests = [whole * count % sum(counts) for count in counts]
    largest_first = sorted(range(len(rests)), key=lambda index: -rests[index])
    for index in largest_first[: whole - sum(parts)]:
        parts[index] += 1
    return [_money(part, amount.currency) for part in parts]


def _units(money: Money) -> int:
    return int(money.amount.scaleb(MINOR_UNITS[money.currency], EXACT))


def _money(units: int, currency: str) -> Money:
    return Money.rounded(Decimal(units).scaleb(-MINOR_UNITS[currency], EXACT), currency)
