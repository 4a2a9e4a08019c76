"""The engine of `check-orders`: ledger, orders, limits and policy in, one verdict for each order out. No file, no call.

Two things make a list of orders different from one order. Customer numbers that are one legal buyer share one limit.
And orders compete: each one that goes ahead uses up cover for those after it, in the order of the file.
"""

from __future__ import annotations

import gc
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any

from tradecredit_sdk.cli.ledger_files import OrderRow
from tradecredit_sdk.models.exposure import Exposure, ItemKind, OpenItem
from tradecredit_sdk.models.limit import LimitPosition
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.order import Order
from tradecredit_sdk.models.policy import Policy, TaxBasis
from tradecredit_sdk.models.rates import ExchangeRates
from tradecredit_sdk.models.verdict import Verdict
from tradecredit_sdk.rules.credit_check import Standing
from tradecredit_sdk.rules.exposure import combine, measure

_NOBODY: Mapping[str, int] = {}
_NO_DEBT = Exposure()
_ORDER = ItemKind.ORDER


def measure_ledger(
    items: Iterable[OpenItem], orders: Collection[OrderRow], policy: Policy, today: date
) -> dict[str, Exposure]:
    """What each customer owes. An order to be checked that the ledger holds as ordered already is not counted twice.

    Only where the orders of that number cover its lines: a file that says less than was ordered does not make it less.
    """
    with _uncollected():
        return measure(_counted(items, orders, policy), policy, today)


def check_orders(
    orders: Collection[OrderRow],
    exposures: Mapping[str, Exposure],
    buyers: Mapping[str, str],
    positions: Mapping[str, LimitPosition],
    policy: Policy,
    today: date,
    rates: ExchangeRates | None = None,
    now: datetime | None = None,
    unreadable: Mapping[str, int] = _NOBODY,
) -> list[tuple[OrderRow, Verdict]]:
    """One verdict for each order, in the order given.

    `exposures` and `unreadable` (ledger lines that could not be read) are by customer, `buyers` gives the insurer's id
    of a customer, `positions` what is known of that buyer's limits. The row that comes out carries the buyer's id.
    """
    rows = [identified(row, buyers) for row in orders]
    customers: dict[str, set[str]] = {}
    for customer, buyer_id in [*buyers.items(), *((row.customer, row.order.buyer_id) for row in rows)]:
        if buyer_id is not None:
            customers.setdefault(buyer_id, set()).add(customer)
    standings: dict[tuple[str | None, str], Standing] = {}
    checked = []
    with _uncollected():
        for row in rows:
            buyer_id = row.order.buyer_id
            debtor = (buyer_id, "" if buyer_id is not None else row.customer)
            standing = standings.get(debtor)
            if standing is None:
                members = {row.customer} if buyer_id is None else customers[buyer_id]
                exposure = _together(members, exposures, unreadable)
                position = None if buyer_id is None else positions.get(buyer_id)
                standing = standings[debtor] = Standing(exposure, position, policy, today, rates, now)
            verdict = standing.check(row.order)
            if not verdict.is_blocked:
                standing.take(verdict)
            checked.append((row, verdict))
    return checked


@contextmanager
def _uncollected() -> Iterator[None]:
    """No pass for reference cycles meanwhile: many small objects come to stay, none of them in a cycle."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def identified(row: OrderRow, buyers: Mapping[str, str]) -> OrderRow:
    """The order with the insurer's id of its customer, if it has none of its own."""
    buyer_id = buyers.get(row.customer)
    if row.order.buyer_id is not None or buyer_id is None:
        return row
    return row._replace(order=row.order.model_copy(update={"buyer_id": buyer_id}))


def _counted(items: Iterable[OpenItem], orders: Iterable[OrderRow], policy: Policy) -> Iterator[OpenItem]:
    """All items but the ordered ones that the orders to be checked cover."""
    asked: dict[tuple[str, str], list[Order]] = {}
    for row in orders:
        asked.setdefault((row.customer, row.order.number), []).append(row.order)
    held: dict[tuple[str, str], list[OpenItem]] = {}
    for item in items:
        if item.kind is _ORDER and (item.customer, item.number) in asked:
            held.setdefault((item.customer, item.number), []).append(item)
        else:
            yield item
    for key, lines in held.items():
        if not _covers(asked[key], lines, taxed=policy.tax_basis is TaxBasis.GROSS):
            yield from lines


def _covers(orders: list[Order], lines: list[OpenItem], *, taxed: bool) -> bool:
    currency = lines[0].amount.currency
    everything: list[Order | OpenItem] = [*orders, *lines]
    if any(each.amount.currency != currency for each in everything):
        return False
    return _sum(orders, currency, taxed=taxed) >= _sum(lines, currency, taxed=taxed)


def _sum(parts: Iterable[Order | OpenItem], currency: str, *, taxed: bool) -> Money:
    amounts = [(part.amount, part.tax if taxed else None) for part in parts]
    return Money.total((money for pair in amounts for money in pair if money is not None), currency)


def _together(customers: set[str], exposures: Mapping[str, Exposure], unreadable: Mapping[str, int]) -> Exposure:
    owed = [exposures.get(customer, _NO_DEBT) for customer in customers]
    missing = sum(unreadable.get(customer, 0) for customer in customers)
    exposure = owed[0] if len(owed) == 1 else combine(owed)
    return exposure.model_copy(update={"unreadable": exposure.unreadable + missing}) if missing else exposure


def record(row: OrderRow, verdict: Verdict) -> dict[str, Any]:
    """One line of output: whose order, and the verdict's own JSON."""
    order = row.order
    return {
        "line": row.line,
        "number": order.number,
        "customer": row.customer,
        "buyer_id": order.buyer_id,
        **verdict.to_dict(),
    }
