"""The engine of `check-orders`: ledger, orders, limits and policy in, one verdict for each order out. No file, no call.

Two things make a list of orders different from one order. Customer numbers that are one legal buyer share one limit.
And orders compete: each one that goes ahead uses up cover for those after it, in the order of the file. One that the
ledger holds as ordered already is owed all the time; only while it is checked itself, it is not counted as debt, too.
"""

from __future__ import annotations

import gc
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from typing import Any, NamedTuple

from tradecredit_sdk.cli.ledger_files import OrderRow
from tradecredit_sdk.cli.unread import Unread
from tradecredit_sdk.models.exposure import Exposure, ItemKind, OpenItem
from tradecredit_sdk.models.limit import LimitPosition
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.order import Order
from tradecredit_sdk.models.policy import Policy, TaxBasis
from tradecredit_sdk.models.rates import ExchangeRates
from tradecredit_sdk.models.verdict import Verdict
from tradecredit_sdk.rules.credit_check import Standing
from tradecredit_sdk.rules.exposure import combine, convert, measure

OrderKey = tuple[str, str]
"""Customer and number of an order."""

_NOTHING: Mapping[str, Collection[str]] = {}
_ALL_READ = Unread(Counter(), 0)
_NO_DEBT = Exposure()
_ORDER = ItemKind.ORDER


class Debts(NamedTuple):
    """What the ledger holds: by customer what is owed, and apart from it what the orders to be checked ordered."""

    owed: dict[str, Exposure]
    held: dict[OrderKey, dict[str, Money]]
    """By customer and number, in each currency, on the policy's tax basis."""


def measure_ledger(items: Iterable[OpenItem], orders: Iterable[OrderRow], policy: Policy, today: date) -> Debts:
    """What each customer owes. An order to be checked that the ledger holds as ordered already is kept apart.

    It is owed as long as it has not gone ahead, and is not counted twice when it does.
    """
    asked = {(row.customer, row.order.number) for row in orders}
    lines: dict[OrderKey, list[OpenItem]] = {}
    with uncollected():
        owed = measure(_others(items, asked, lines), policy, today)
    taxed = policy.tax_basis is TaxBasis.GROSS
    return Debts(owed, {key: _by_currency(found, taxed=taxed) for key, found in lines.items()})


def check_orders(
    orders: Collection[OrderRow],
    debts: Debts,
    buyers: Mapping[str, str],
    positions: Mapping[str, LimitPosition],
    policy: Policy,
    today: date,
    rates: ExchangeRates | None = None,
    now: datetime | None = None,
    *,
    doubtful: Mapping[str, Collection[str]] = _NOTHING,
    unread: Unread = _ALL_READ,
) -> list[tuple[OrderRow, Verdict]]:
    """One verdict for each order, in the order given.

    `debts` and `unread` (ledger lines that could not be read) are by customer, `buyers` gives the insurer's id of a
    customer, `doubtful` those that a customer may be: his debt counts to each. `positions` is what is known of a buyer's
    limits. The row that comes out carries the buyer's id.
    """
    rows = [identified(row, buyers) for row in orders]
    customers: dict[str, set[str]] = {}
    for customer, buyer_id in [*buyers.items(), *((row.customer, row.order.buyer_id) for row in rows)]:
        if buyer_id is not None:
            customers.setdefault(buyer_id, set()).add(customer)
    for customer, candidates in doubtful.items():
        for buyer_id in candidates:
            customers.setdefault(buyer_id, set()).add(customer)
    held = {key: dict(moneys) for key, moneys in debts.held.items()}
    ordered: dict[str, list[Money]] = {}
    for (customer, _), moneys in debts.held.items():
        ordered.setdefault(customer, []).extend(moneys.values())
    standings: dict[tuple[str | None, str], Standing] = {}
    checked = []
    with uncollected():
        for row in rows:
            order = row.order
            buyer_id = order.buyer_id
            debtor = (buyer_id, "" if buyer_id is not None else row.customer)
            standing = standings.get(debtor)
            if standing is None:
                members = {row.customer} if buyer_id is None else customers[buyer_id]
                exposure = _together(members, debts.owed, ordered, unread)
                position = None if buyer_id is None else positions.get(buyer_id)
                standing = standings[debtor] = Standing(exposure, position, policy, today, rates, now)
            lines = held.get((row.customer, order.number))
            part = None if lines is None else _part(order, lines, policy)
            counted = None if part is None else convert(part, policy.currency, rates, up=False)
            verdict = standing.check(order, counted)
            if not verdict.is_blocked:
                standing.take(verdict, counted)
                if part is not None and lines is not None:
                    lines[part.currency] -= part
            checked.append((row, verdict))
    return checked


@contextmanager
def uncollected() -> Iterator[None]:
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


def _others(
    items: Iterable[OpenItem], asked: Collection[OrderKey], lines: dict[OrderKey, list[OpenItem]]
) -> Iterator[OpenItem]:
    """All items but what was asked for, which goes into `lines`."""
    for item in items:
        if item.kind is _ORDER and (item.customer, item.number) in asked:
            lines.setdefault((item.customer, item.number), []).append(item)
        else:
            yield item


def _by_currency(parts: Iterable[Order | OpenItem], *, taxed: bool) -> dict[str, Money]:
    found: dict[str, Money] = {}
    for part in parts:
        for money in (part.amount, part.tax if taxed else None):
            if money is not None:
                known = found.get(money.currency)
                found[money.currency] = money if known is None else known + money
    return found


def _part(order: Order, lines: Mapping[str, Money], policy: Policy) -> Money | None:
    """So much of what the ledger holds is this very order: never more than either says."""
    left = lines.get(order.amount.currency)
    if left is None:
        return None
    return min(left, _by_currency([order], taxed=policy.tax_basis is TaxBasis.GROSS)[order.amount.currency])


def _together(
    customers: set[str], exposures: Mapping[str, Exposure], ordered: Mapping[str, list[Money]], unread: Unread
) -> Exposure:
    owed = [exposures.get(customer, _NO_DEBT) for customer in customers]
    owed += [Exposure(ordered=tuple(ordered[customer])) for customer in customers if customer in ordered]
    missing = unread.anybodys + sum(unread.by_customer.get(customer, 0) for customer in customers)
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
