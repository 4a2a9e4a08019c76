"""Exposure: a ledger of open items, sorted into what is open, overdue, draft and ordered by each customer.

Amounts stay in their own currencies; they are converted once, on their totals, where they meet a limit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal

from tradecredit_sdk.models.base import parse_day
from tradecredit_sdk.models.exposure import Exposure, ItemKind, OpenItem
from tradecredit_sdk.models.money import EXACT, Money
from tradecredit_sdk.models.policy import Policy, TaxBasis
from tradecredit_sdk.models.rates import ExchangeRates

_BUCKETS = ("open", "overdue", "draft", "ordered")
_POSTED = frozenset({ItemKind.INVOICE, ItemKind.CREDIT_NOTE, ItemKind.PAYMENT})
_ORDER = ItemKind.ORDER
_NOTHING = Decimal(0)
_add = EXACT.add


def measure(items: Iterable[OpenItem], policy: Policy, today: date) -> dict[str, Exposure]:
    """What each customer owes, by customer number, on the policy's tax basis (domain rule 18).

    A posted item is overdue from the day after its original due date (rule 2); without a due date it counts as open. A
    draft below zero does not count, because a credit note that is not posted may never be. The oldest original due date
    is that of the oldest invoice on which anything is unpaid.
    """
    today = parse_day(today)
    gross = policy.tax_basis is TaxBasis.GROSS
    sums: dict[str, dict[str, dict[str, Decimal]]] = {name: {} for name in _BUCKETS}  # bucket, currency, customer
    open_, overdue, draft, ordered = sums.values()
    oldest: dict[str, date] = {}
    for item in items:
        customer, kind, due, money, tax = item.customer, item.kind, item.original_due_date, item.amount, item.tax
        amount = money.amount
        if gross and tax is not None:
            amount = _add(amount, tax.amount)
        if kind in _POSTED:
            bucket = overdue if due is not None and due < today else open_
            if due is not None and (money.amount > 0 or (tax is not None and tax.amount > 0)):
                first = oldest.get(customer)
                if first is None or due < first:
                    oldest[customer] = due
        elif kind is _ORDER:
            bucket = ordered
        else:
            bucket = draft
            amount = max(amount, _NOTHING)
        customers = bucket.get(money.currency)
        if customers is None:
            customers = bucket[money.currency] = {}
        customers[customer] = _add(customers[customer], amount) if customer in customers else amount
    found: dict[str, dict[str, list[Money]]] = {}
    for name, currencies in sums.items():
        for currency, customers in sorted(currencies.items()):
            for customer, amount in customers.items():
                # Exact already; but a sum may be larger than what can be given.
                found.setdefault(customer, {}).setdefault(name, []).append(Money.rounded(amount, currency))
    return {customer: _exposure(buckets, oldest.get(customer)) for customer, buckets in found.items()}


def combine(exposures: Iterable[Exposure]) -> Exposure:
    """One exposure of several customer numbers that are one legal buyer: a limit covers all of them together.

    Where one of them is overdue since an unknown day, that of all is unknown, and no credit of another one hides it.
    """
    buckets: dict[str, list[Money]] = {name: [] for name in _BUCKETS}
    oldest: list[date] = []
    unreadable, is_age_unknown = 0, False
    for exposure in exposures:
        unreadable += exposure.unreadable
        if exposure.oldest_original_due_date is not None:
            oldest.append(exposure.oldest_original_due_date)
        elif any(money.amount > 0 for money in exposure.overdue):
            is_age_unknown = True
        for name, moneys in buckets.items():
            moneys += getattr(exposure, name)
    return _exposure(buckets, None if is_age_unknown else min(oldest, default=None), unreadable)


def total_owed(
    exposure: Exposure, currency: str, rates: ExchangeRates | None = None
) -> tuple[Money | None, tuple[str, ...]]:
    """All buckets in `currency`, each currency's total rounded up; and the currencies for which a rate is missing.

    The total is None when a rate is missing. It is below zero when the buyer has more credit than debt.
    """
    moneys = exposure.open + exposure.overdue + exposure.draft + exposure.ordered
    own = [money for money in moneys if money.currency == currency]
    if len(own) == len(moneys):
        return Money.total(own, currency), ()
    parts, missing = [*own], []
    for code in dict.fromkeys(money.currency for money in moneys if money.currency != currency):
        foreign = Money.total((money for money in moneys if money.currency == code), code)
        part = convert(foreign, currency, rates, up=True)
        if part is None:
            missing.append(code)
        else:
            parts.append(part)
    return (None if missing else Money.total(parts, currency)), tuple(missing)


def convert(money: Money, currency: str, rates: ExchangeRates | None, *, up: bool) -> Money | None:
    """`money` in `currency`: a debt rounded `up`, a cover down; None when a rate is missing."""
    if money.currency == currency:
        return money
    return None if rates is None else rates.convert(money, currency, up=up)


def _exposure(buckets: Mapping[str, Iterable[Money]], oldest: date | None, unreadable: int = 0) -> Exposure:
    amounts = {name: tuple(moneys) for name, moneys in buckets.items()}
    return Exposure.model_validate({**amounts, "oldest_original_due_date": oldest, "unreadable": unreadable})
