"""What of a ledger must be told to the insurer, and by when: each unpaid invoice's clock, and each buyer's declaration.

Sources (domain rules): 1, 2, 4, 7, 19-21 the clocks (`rules.deadlines`); 4 the total outstanding is declared, not only the
late invoice; 34 disputed parts; 35 what the buyer paid or was credited without an invoice goes to the oldest ones. A
credit shortens what is declared; it ends no clock before it is assigned to an invoice in the ledger.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import Enum

from tradecredit_sdk.models.base import parse_day
from tradecredit_sdk.models.exposure import ItemKind, OpenItem
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.policy import Policy, TaxBasis
from tradecredit_sdk.models.rates import ExchangeRates
from tradecredit_sdk.rules.calendar import days_after
from tradecredit_sdk.rules.deadlines import Deadlines, Step, deadlines
from tradecredit_sdk.rules.exposure import convert
from tradecredit_sdk.rules.payments import Debt, allocate

_POSTED = frozenset({ItemKind.INVOICE, ItemKind.CREDIT_NOTE, ItemKind.PAYMENT})
_NOTHING: Mapping[tuple[str, str], date] = {}


class Need(str, Enum):
    """Whether a buyer must be declared, and if not, why."""

    DECLARE = "declare"
    """The extension is over, or the last day to declare is near, of something that is not declared."""
    NOT_YET = "not_yet"
    """Nothing has come so far that must be declared."""
    DECLARED = "declared"
    """All that should be declared is."""
    CREDITED = "credited"
    """Payments and credit notes without an invoice are worth all that should be declared: assign them."""
    BELOW_THRESHOLD = "below_threshold"
    """Beyond due dates the buyer owes less than the policy wants declared."""
    NOT_INSURED = "not_insured"
    """The buyer is not on the list of insured ones."""


@dataclass(frozen=True, slots=True)
class Clock:
    """An unpaid invoice: `step` is what comes next, or what was missed, and `last_day` its day.

    `is_due` says that it is not declared and should be: its extension is over, or the last day to declare is near.
    `to_declare` is what a declaration names of it, credits taken off; None when it is not to be declared now.
    """

    item: OpenItem
    unpaid: Money
    deadlines: Deadlines
    declared_on: date | None
    step: Step | None
    last_day: date | None
    days_left: int | None
    is_due: bool = False
    to_declare: Money | None = None

    @property
    def is_missed(self) -> bool:
        """Whether a last day of the seller's has passed: to declare, or to claim."""
        return self.days_left is not None and self.days_left < 0


@dataclass(frozen=True, slots=True)
class BuyerScan:
    """One buyer in one currency: its unpaid invoices by due date, and what they come to.

    `outstanding` is what is unpaid, `credits` what reduces it (zero or negative), `overdue` what is unpaid beyond due
    dates. `declared` is the total of a declaration; zero unless `need` says so.
    """

    buyer: str
    currency: str
    need: Need
    clocks: tuple[Clock, ...]
    outstanding: Money
    credits: Money
    overdue: Money
    declared: Money

    @property
    def days_left(self) -> int:
        """Those of the most urgent invoice; many when there is nothing to be done any more."""
        return min(
            (clock.days_left for clock in self.clocks if clock.days_left is not None), default=date.max.toordinal()
        )


def near_until(policy: Policy, today: date, days: int) -> date:
    """Invoices due on this day or before have their first last day within `days`, or had it; no other needs a look."""
    return days_after(parse_day(today), days - policy.max_extension_days)


def scan(
    items: Iterable[OpenItem],
    policy: Policy,
    today: date,
    *,
    days: int = 15,
    buyers: Mapping[str, str] | None = None,
    declared: Mapping[tuple[str, str], date] = _NOTHING,
    insured: Collection[str] | None = None,
    rates: ExchangeRates | None = None,
    everything: bool = False,
) -> Iterator[BuyerScan]:
    """One result for each buyer and currency with an invoice due to be declared, or with a last day within `days`.

    The most urgent comes first. `buyers` gives the buyer of a customer number, where they differ; `declared` the day on
    which (buyer, invoice number) was declared, beside what the items say. With `insured`, other buyers are not declared.
    The threshold is compared in its own currency; without a rate it does not excuse. `everything` also gives buyers with
    nothing near.
    """
    today, whose = parse_day(today), buyers or {}
    clock = _Clocks(policy, today, days)
    found: dict[tuple[str, str], list[OpenItem]] = {}
    for item in items:
        if item.kind in _POSTED:
            found.setdefault((whose.get(item.customer, item.customer), item.amount.currency), []).append(item)
    results = (_buyer(key[0], key[1], lines, clock, declared, insured, rates) for key, lines in found.items())
    kept = [
        one
        for one in results
        if one.clocks and (everything or one.days_left <= days or any(clock.is_due for clock in one.clocks))
    ]
    yield from sorted(kept, key=lambda one: (one.days_left, one.buyer, one.currency))


def _buyer(
    buyer: str, currency: str, items: list[OpenItem], clock_of: _Clocks,
    declared: Mapping[tuple[str, str], date], insured: Collection[str] | None, rates: ExchangeRates | None,
) -> BuyerScan:  # fmt: skip
    policy, today = clock_of.policy, clock_of.today
    clocks, credited = [], Money.zero(currency)
    for item in items:
        amount = _amount(item, policy)
        if item.kind is ItemKind.INVOICE and amount.amount > 0 and item.original_due_date is not None:
            told = item.declared_on or declared.get((buyer, item.number))
            clocks.append(clock_of(item, amount, item.original_due_date, told))
        else:
            credited += amount
    clocks.sort(key=lambda clock: (clock.item.original_due_date, clock.item.number))
    outstanding = Money.total((clock.unpaid for clock in clocks), currency)
    late = [clock.unpaid for clock in clocks if clock.item.original_due_date and clock.item.original_due_date < today]
    overdue = Money.total(late, currency)
    left = _after_credits(clocks, credited)
    due = [place for place, clock in enumerate(clocks) if clock.is_due]
    if not due:
        need = Need.DECLARED if any(clock.declared_on for clock in clocks) else Need.NOT_YET
    elif insured is not None and buyer not in insured:
        need = Need.NOT_INSURED
    elif not any(left[place].amount > 0 for place in due):
        need = Need.CREDITED
    elif _is_below_threshold(overdue + credited, policy, rates):
        need = Need.BELOW_THRESHOLD
    else:
        need = Need.DECLARE
        clocks = [_with_part(clock, part) for clock, part in zip(clocks, left, strict=True)]
    told_now = Money.total((clock.to_declare for clock in clocks if clock.to_declare is not None), currency)
    return BuyerScan(buyer, currency, need, tuple(clocks), outstanding, credited, overdue, told_now)


class _Clocks:
    """Sets the clock of an invoice; invoices of one due date have the same days."""

    def __init__(self, policy: Policy, today: date, days: int) -> None:
        self.policy, self.today, self.days = policy, today, days
        self._known: dict[tuple[date, date | None], tuple[Deadlines, Step | None, date | None, int | None, bool]] = {}

    def __call__(self, item: OpenItem, unpaid: Money, due: date, declared_on: date | None) -> Clock:
        known = self._known.get((due, declared_on))
        if known is None:
            known = self._known[due, declared_on] = self._days(due, declared_on)
        found, step, last_day, left, is_due = known
        return Clock(item, unpaid, found, declared_on, step, last_day, left, is_due)

    def _days(
        self, due: date, declared_on: date | None
    ) -> tuple[Deadlines, Step | None, date | None, int | None, bool]:
        found, today = deadlines(due, self.policy, declared_on), self.today
        step, last_day = _next(found, today, is_declared=declared_on is not None)
        left = None if last_day is None else (last_day - today).days
        is_due = declared_on is None and (today > found.stop_of_cover or (found.notification - today).days <= self.days)
        return found, step, last_day, left, is_due


def _next(found: Deadlines, today: date, *, is_declared: bool) -> tuple[Step | None, date | None]:
    """What comes next. The stop of cover and the loss come by themselves; a declaration and a claim can be missed."""
    if today <= found.stop_of_cover:
        return Step.STOP_OF_COVER, found.stop_of_cover
    if not is_declared:
        return Step.NOTIFICATION, found.notification
    if found.date_of_loss is not None and today <= found.date_of_loss:
        return Step.DATE_OF_LOSS, found.date_of_loss
    return (Step.CLAIM, found.claim) if found.claim is not None else (None, None)


def _after_credits(clocks: list[Clock], credited: Money) -> list[Money]:
    """What is left of each invoice, by place, once credits have gone to the oldest (rule 35)."""
    unpaid = [clock.unpaid for clock in clocks]
    spend = min(-credited, Money.total(unpaid, credited.currency))
    if spend.amount <= 0:
        return unpaid
    debts = [
        Debt(f"{place:09d}", clock.item.original_due_date or date.max, clock.unpaid)
        for place, clock in enumerate(clocks)
    ]
    for part in allocate(spend, debts, paid_on=date.min, date_of_loss=None):
        unpaid[int(part.number)] -= part.amount
    return unpaid


def _with_part(clock: Clock, part: Money) -> Clock:
    return clock if clock.declared_on is not None or part.amount <= 0 else replace(clock, to_declare=part)


def _is_below_threshold(owed: Money, policy: Policy, rates: ExchangeRates | None) -> bool:
    if policy.overdue_threshold is None:
        return False
    in_its_currency = convert(owed, policy.overdue_threshold.currency, rates, up=True)
    return in_its_currency is not None and in_its_currency < policy.overdue_threshold


def _amount(item: OpenItem, policy: Policy) -> Money:
    if policy.tax_basis is TaxBasis.GROSS and item.tax is not None:
        return item.amount + item.tax
    return item.amount
