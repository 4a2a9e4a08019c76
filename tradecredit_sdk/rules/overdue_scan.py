"""What of a ledger must be told to the insurer, and by when: each unpaid invoice's clock, and each buyer's declaration.

Sources (domain rules): 1, 2, 4, 7, 19-21 the clocks (`rules.deadlines`); 4 the total outstanding is declared, not only the
late invoice; 25 a buyer's debts are added up before a threshold is tested; 34 disputed parts; 35 what the buyer paid or was
credited without an invoice goes to the oldest ones. A credit shortens what is declared; it ends no clock before it is
assigned to an invoice in the ledger.
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

_Invoice = tuple[OpenItem, Money, date]
"""What is unpaid of it, and its original due date."""
_POSTED = frozenset({ItemKind.INVOICE, ItemKind.CREDIT_NOTE, ItemKind.PAYMENT})
LEAD_DAYS = 15
"""So long before its last day something becomes due to be declared, however far a scan looks."""


@dataclass(frozen=True, slots=True)
class Told:
    """What the insurer was told of an invoice: the day, and if known as due when and how much, its instalments in one."""

    on: date
    due_date: date | None = None
    amount: Money | None = None


_NOTHING: Mapping[tuple[str, str], Told] = {}


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
    """Beyond due dates the buyer owes less in all than the policy wants declared."""
    NOT_INSURED = "not_insured"
    """The buyer is not on the list of insured ones."""


@dataclass(frozen=True, slots=True)
class Clock:
    """An unpaid invoice: `step` is what comes next, or what was missed, and `last_day` its day.

    `is_due` says that it is not declared and should be: its extension is over, or the last day to declare is near, and the
    due date has passed. `to_declare` is what a declaration names of it, credits taken off; None when it is not to be
    declared now. `told` is what the insurer was told under its number; without `declared_on` it was about another due date,
    currency or amount. `undeclared` is what was told too little of it, all its instalments together.
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
    told: Told | None = None
    undeclared: Money | None = None

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
    """Invoices due on this day or before are due to be declared, or have a last day within `days`; no other needs a look."""
    soon = min(LEAD_DAYS - policy.max_extension_days - policy.notification_days, -1)
    return days_after(parse_day(today), max(days - policy.max_extension_days, soon))


def scan(
    items: Iterable[OpenItem],
    policy: Policy,
    today: date,
    *,
    days: int = 15,
    buyers: Mapping[str, str] | None = None,
    declared: Mapping[tuple[str, str], Told] = _NOTHING,
    insured: Collection[str] | None = None,
    rates: ExchangeRates | None = None,
    everything: bool = False,
) -> Iterator[BuyerScan]:
    """One result for each buyer and currency with an invoice due to be declared, or with a last day within `days`.

    The most urgent comes first. `buyers` gives the buyer of a customer number, where they differ; `declared` what the
    insurer was told of (buyer, invoice number), beside what the items say. With `insured`, other buyers are not declared.
    The threshold is compared in its own currency with all that the buyer owes; where a rate is missing it does not excuse.
    `everything` also gives buyers with nothing near.
    """
    today, whose = parse_day(today), buyers or {}
    clocks = _Clocks(policy, today, declared)
    found: dict[str, dict[str, list[OpenItem]]] = {}
    for item in items:
        if item.kind in _POSTED:
            by_currency = found.setdefault(whose.get(item.customer, item.customer), {})
            by_currency.setdefault(item.amount.currency, []).append(item)
    results = (
        one
        for buyer, by_currency in found.items()
        for one in _buyer([_account(buyer, *pair, clocks) for pair in by_currency.items()], policy, insured, rates)
    )
    kept = [one for one in results if one.clocks and (everything or one.days_left <= days or _needs_a_look(one))]
    yield from sorted(kept, key=lambda one: (one.days_left, one.buyer, one.currency))


def _needs_a_look(one: BuyerScan) -> bool:
    return any(clock.is_due or clock.undeclared is not None for clock in one.clocks)


@dataclass(frozen=True, slots=True)
class _Account:
    """What a buyer owes in one currency; `left` is what credits leave of each invoice, `late` what is beyond due dates."""

    buyer: str
    currency: str
    clocks: list[Clock]
    left: list[Money]
    credits: Money
    late: Money


def _account(buyer: str, currency: str, items: list[OpenItem], clocks_of: _Clocks) -> _Account:
    invoices, credited = [], Money.zero(currency)
    for item in items:
        amount = _amount(item, clocks_of.policy)
        if item.kind is ItemKind.INVOICE and amount.amount > 0 and item.original_due_date is not None:
            invoices.append((item, amount, item.original_due_date))
        else:
            credited += amount
    invoices.sort(key=lambda invoice: (invoice[2], invoice[0].number))
    clocks = clocks_of(buyer, invoices)
    left = _after_credits(clocks, credited)
    late = Money.total((amount for _, amount, due in invoices if due < clocks_of.today), currency)
    return _Account(buyer, currency, _with_gaps(clocks, left), left, credited, late)


def _buyer(
    accounts: list[_Account], policy: Policy, insured: Collection[str] | None, rates: ExchangeRates | None
) -> Iterator[BuyerScan]:
    is_below = _is_below_threshold([one.late + one.credits for one in accounts], policy, rates)
    for one in accounts:
        clocks, due = one.clocks, [place for place, clock in enumerate(one.clocks) if clock.is_due]
        if not due:
            need = Need.DECLARED if any(clock.declared_on for clock in clocks) else Need.NOT_YET
        elif insured is not None and one.buyer not in insured:
            need = Need.NOT_INSURED
        elif not any(one.left[place].amount > 0 for place in due):
            need = Need.CREDITED
        elif is_below:
            need = Need.BELOW_THRESHOLD
        else:
            need = Need.DECLARE
            clocks = [_with_part(clock, part) for clock, part in zip(clocks, one.left, strict=True)]
        outstanding = Money.total((clock.unpaid for clock in clocks), one.currency)
        told_now = Money.total((clock.to_declare for clock in clocks if clock.to_declare is not None), one.currency)
        yield BuyerScan(one.buyer, one.currency, need, tuple(clocks), outstanding, one.credits, one.late, told_now)


class _Clocks:
    """Sets the clocks of a buyer's invoices; invoices of one due date have the same days."""

    def __init__(self, policy: Policy, today: date, declared: Mapping[tuple[str, str], Told]) -> None:
        self.policy, self.today, self._declared = policy, today, declared
        self._known: dict[tuple[date, date | None], tuple[Deadlines, Step | None, date | None, int | None, bool]] = {}

    def __call__(self, buyer: str, invoices: list[_Invoice]) -> list[Clock]:
        standing = self._standing(buyer, invoices) if self._declared else {}
        clocks = []
        for item, unpaid, due in invoices:
            told, stands = self._declared.get((buyer, item.number)), item.number in standing
            declared_on = item.declared_on
            if declared_on is None or declared_on > self.today:
                declared_on = told.on if told is not None and stands else None
            known = self._known.get((due, declared_on))
            if known is None:
                known = self._known[due, declared_on] = self._days(due, declared_on)
            found, step, last_day, left, is_due = known
            clocks.append(Clock(item, unpaid, found, declared_on, step, last_day, left, is_due, told=told))
        return clocks

    def _standing(self, buyer: str, invoices: list[_Invoice]) -> set[str]:
        """The numbers under which these very invoices were told. Instalments are told as one, due when the first was."""
        lines: dict[str, list[_Invoice]] = {}
        for invoice in invoices:
            if (buyer, invoice[0].number) in self._declared:
                lines.setdefault(invoice[0].number, []).append(invoice)
        return {number for number, parts in lines.items() if _is_about(self._declared[buyer, number], parts)}

    def _days(
        self, due: date, declared_on: date | None
    ) -> tuple[Deadlines, Step | None, date | None, int | None, bool]:
        found, today = deadlines(due, self.policy, declared_on), self.today
        step, last_day = _next(found, today, is_declared=declared_on is not None)
        left = None if last_day is None else (last_day - today).days
        is_near = today > found.stop_of_cover or (found.notification - today).days <= LEAD_DAYS
        return found, step, last_day, left, declared_on is None and today > due and is_near


def _is_about(told: Told, parts: list[_Invoice]) -> bool:
    """Whether what was told of a number is about these: the same due date, or the rest of what was due earlier."""
    _, amount, first = parts[0]
    if told.amount is not None and told.amount.currency != amount.currency:
        return False
    if told.due_date in (None, first):
        return True
    owed = Money.total((part for _, part, _ in parts), amount.currency)
    return told.due_date is not None and told.due_date < first and told.amount is not None and owed <= told.amount


def _with_gaps(clocks: list[Clock], left: list[Money]) -> list[Clock]:
    """The clocks, saying where less was declared than there is."""
    owed: dict[str, Money] = {}
    for clock, part in zip(clocks, left, strict=True):
        if clock.declared_on is not None and clock.told is not None:
            number = clock.item.number
            owed[number] = owed[number] + part if number in owed else part
    if not owed:
        return clocks
    return [_with_gap(clock, owed.get(clock.item.number)) for clock in clocks]


def _with_gap(clock: Clock, owed: Money | None) -> Clock:
    told = None if clock.told is None else clock.told.amount
    if owed is None or told is None or told.currency != owed.currency or owed <= told:
        return clock
    return replace(clock, undeclared=owed - told)


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


def _is_below_threshold(owed: list[Money], policy: Policy, rates: ExchangeRates | None) -> bool:
    """Whether all that is owed, in whatever currency, is less than the threshold; what is in credit takes nothing off."""
    threshold = policy.overdue_threshold
    if threshold is None:
        return False
    parts = [convert(one, threshold.currency, rates, up=True) for one in owed if one.amount > 0]
    known = [part for part in parts if part is not None]
    return len(known) == len(parts) and Money.total(known, threshold.currency) < threshold


def _amount(item: OpenItem, policy: Policy) -> Money:
    if policy.tax_basis is TaxBasis.GROSS and item.tax is not None:
        return item.amount + item.tax
    return item.amount
