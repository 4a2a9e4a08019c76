"""Cover in force on a day, derived from dated, typed rows; never one overwritten number.

Sources (domain rules): 11 announced changes, 13-15 discretionary cover, 31 temporary limits, 32 top-ups. In doubt cover
counts less, never more:

- Of several rows of one kind the one that began last speaks, whatever it says; at a tie the smaller amount.
- A row whose state or kind is unknown counts nothing, and so does a withdrawal announced without its day.
- While the insurer has stopped cover on the buyer, its rows count nothing (domain rule 7).
- An announced change takes effect on its day even if the insurer's row was not refreshed since.
- Amounts in another currency are rounded down; without an exchange rate they count nothing.
- Where the buyer has a discretionary row of its own, only that row can give discretionary cover, while it counts.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import NamedTuple

from tradecredit_sdk.models.base import parse_day
from tradecredit_sdk.models.buyer import STOPPED
from tradecredit_sdk.models.limit import (
    PENDING_STATES,
    AnnouncedChange,
    CreditLimit,
    LimitApplication,
    LimitKind,
    LimitPosition,
    LimitState,
)
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.policy import Policy
from tradecredit_sdk.models.rates import ExchangeRates
from tradecredit_sdk.rules.calendar import days_after
from tradecredit_sdk.rules.exposure import convert


class Why(str, Enum):
    """Why a row does not count on the day."""

    ANOTHER_BUYER = "another_buyer"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    KIND_UNKNOWN = "kind_unknown"
    LATER_ROW = "later_row"
    """A row of the same kind began later and speaks instead."""
    NO_RIGHT = "no_right"
    """Discretionary cover the policy does not give, or that a decision of the insurer or insolvency has ended."""
    NOT_YET_IN_FORCE = "not_yet_in_force"
    PENDING = "pending"
    RATE_MISSING = "rate_missing"
    STATE_UNKNOWN = "state_unknown"
    STOPPED = "stopped"
    """The insurer has stopped cover on the buyer: the limit is for what was delivered before."""
    SUPERSEDED = "superseded"
    WITHDRAWN = "withdrawn"


_SILENT = frozenset(
    {Why.ANOTHER_BUYER, Why.EXPIRED, Why.KIND_UNKNOWN, Why.NOT_YET_IN_FORCE, Why.PENDING, Why.SUPERSEDED}
)
"""Such a row says nothing about the day; any other one speaks, be it only to say that there is no cover."""

_BY_STATE: dict[LimitState | str, Why | None] = {
    LimitState.REQUESTED: Why.PENDING,
    LimitState.REFERRED: Why.PENDING,
    LimitState.APPROVED: None,
    LimitState.PARTLY_APPROVED: None,
    LimitState.REFUSED: None,
    LimitState.REDUCED: None,
    LimitState.WITHDRAWAL_ANNOUNCED: None,
    LimitState.WITHDRAWN: Why.WITHDRAWN,
    LimitState.EXPIRED: Why.EXPIRED,
    LimitState.CANCELLED: Why.CANCELLED,
    LimitState.SUPERSEDED: Why.SUPERSEDED,
}
"""What the state alone says; None means that the row counts if its days do."""

_PLAIN = frozenset({LimitState.APPROVED, LimitState.PARTLY_APPROVED, LimitState.REDUCED})
_ENDED = frozenset({Why.WITHDRAWN, Why.EXPIRED, Why.CANCELLED, Why.SUPERSEDED})
# By name, because until Python 3.12 to read a member off its class takes as long as all the rest of a step.
_PERMANENT, _TEMPORARY, _TOP_UP = LimitKind.PERMANENT, LimitKind.TEMPORARY, LimitKind.TOP_UP
_DISCRETIONARY = LimitKind.DISCRETIONARY
_STATE_UNKNOWN, _RATE_MISSING, _EXPIRED = Why.STATE_UNKNOWN, Why.RATE_MISSING, Why.EXPIRED
_LEAST = Decimal("-Infinity")
_UNDECIDED = PENDING_STATES | {LimitState.CANCELLED, LimitState.SUPERSEDED}


class CountedRow(NamedTuple):
    """A row that speaks, `amount` in the policy's currency; zero is a decision too. `change` is still to come."""

    limit: CreditLimit
    amount: Money
    change: AnnouncedChange | None = None


class ExcludedRow(NamedTuple):
    """A row that does not count, and why."""

    limit: CreditLimit
    why: Why


class Cover(NamedTuple):
    """Cover on `day` in the policy's currency.

    `total` is None when nothing counts, and zero when the insurer decided on no cover. Look at `missing_rates` first:
    what is in those currencies could not be counted for want of an exchange rate. While it is not empty, None does not
    mean "not insured", and an amount is the least there is.

    `rows` count, `excluded` do not, and say why. `discretionary` is the seller's own and stands only while the insurer
    never decided. `insured_percentage` and `max_terms_days` are the least among the rows that count.
    """

    day: date
    currency: str
    total: Money | None
    permanent: Money
    temporary: Money
    top_up: Money
    discretionary: Money
    rows: tuple[CountedRow, ...]
    excluded: tuple[ExcludedRow, ...]
    missing_rates: tuple[str, ...]
    insured_percentage: Decimal
    max_terms_days: int


def cover_in_force(
    position: LimitPosition | Iterable[CreditLimit], policy: Policy, day: date, rates: ExchangeRates | None = None
) -> Cover:
    """The cover of one buyer on `day`: permanent + temporary + top-up, or the discretionary limit.

    A temporary limit adds while it is valid (rule 31). A top-up adds at most as much again as permanent and temporary
    together (rule 32). The policy's discretionary limit counts only while the insurer has never decided on the buyer;
    any decision, even zero, ends it (rule 15), and so does insolvency (rule 6). Bare rows are taken to be all there are.
    """
    day, currency = parse_day(day), policy.currency
    is_stopped = False
    if isinstance(position, LimitPosition):
        rows, applications, buyer_id = position.limits, position.applications, position.buyer_id
        is_stopped = has_stopped(position.buyer_status)
    else:
        rows, applications = tuple(position), ()
        buyer_id = rows[0].buyer_id if rows else ""
    zero = Money.zero(currency)
    speaking, excluded = _speaking(rows, buyer_id, currency, day, rates)
    missing = [_amount_on(row, day)[0].currency for row, why in excluded if why is _RATE_MISSING] if excluded else []
    own = speaking.pop(_DISCRETIONARY, None)
    granted = None
    if policy.discretionary_limit is not None and not (is_stopped or was_decided(rows, applications, buyer_id)):
        granted = convert(policy.discretionary_limit, currency, rates, up=False)
        if granted is None:
            missing.append(policy.discretionary_limit.currency)
    if own is not None and granted is not None:
        granted = min(own.amount, granted)
        speaking[_DISCRETIONARY] = own
    elif own is not None:
        excluded.append(ExcludedRow(own.limit, Why.NO_RIGHT))
    elif granted is not None and any(
        row.kind == _DISCRETIONARY and why is not Why.ANOTHER_BUYER for row, why in excluded
    ):
        granted = None
    permanent, temporary, top_up = speaking.get(_PERMANENT), speaking.get(_TEMPORARY), speaking.get(_TOP_UP)
    parts = [row.amount for row in (permanent, temporary) if row is not None]
    total = parts[0] if len(parts) == 1 else Money.total(parts, currency) if parts else granted
    second = zero if total is None or top_up is None else min(top_up.amount, total)
    counted = tuple(speaking.values())
    percentage, terms = _strictest(counted, policy)
    return Cover(
        day,
        currency,
        None if total is None else total + second,
        zero if permanent is None else permanent.amount,
        zero if temporary is None else temporary.amount,
        second,
        zero if granted is None else granted,
        counted,
        tuple(excluded),
        tuple(sorted(set(missing))) if missing else (),
        percentage,
        terms,
    )


def _speaking(
    rows: Iterable[CreditLimit], buyer_id: str, currency: str, day: date, rates: ExchangeRates | None
) -> tuple[dict[LimitKind | str, CountedRow], list[ExcludedRow]]:
    """For each kind the row that counts on the day, if any; and why the others do not."""
    first: dict[LimitKind | str, tuple[CreditLimit, CountedRow | Why]] = {}
    excluded: list[ExcludedRow] = []
    for row in rows:
        reading = _read(row, buyer_id, currency, day, rates)
        rival = first.get(row.kind)
        if isinstance(reading, Why) and (reading in _SILENT or row.valid_from > day):
            excluded.append(ExcludedRow(row, reading))
        elif rival is None:
            first[row.kind] = row, reading
        elif _rank(row, reading) > _rank(*rival):
            first[row.kind] = row, reading
            excluded.append(ExcludedRow(rival[0], Why.LATER_ROW))
        else:
            excluded.append(ExcludedRow(row, Why.LATER_ROW))
    speaking: dict[LimitKind | str, CountedRow] = {}
    for kind, (row, reading) in first.items():
        if isinstance(reading, CountedRow):
            speaking[kind] = reading
        else:
            excluded.append(ExcludedRow(row, reading))
    return speaking, excluded


def _rank(row: CreditLimit, reading: CountedRow | Why) -> tuple[date, bool, Decimal]:
    """The later beginning wins; at a tie no cover wins over cover, and less over more.

    A row that was cancelled on the day it began gives way: what began beside it was asked for anew.
    """
    if reading is Why.CANCELLED:
        return row.valid_from, False, _LEAST
    if isinstance(reading, Why):
        return row.valid_from, True, Decimal(0)
    return row.valid_from, False, reading.amount.amount.copy_negate()  # a minus would round to the thread's precision


def _read(row: CreditLimit, buyer_id: str, currency: str, day: date, rates: ExchangeRates | None) -> CountedRow | Why:
    """What this row by itself says about the day."""
    if row.buyer_id != buyer_id:
        return Why.ANOTHER_BUYER
    why = _BY_STATE.get(row.state, _STATE_UNKNOWN)
    if why is not None and why in _ENDED:
        return why
    if row.valid_until is not None and row.valid_until < day:
        return _EXPIRED
    if row.valid_from > day:
        return Why.NOT_YET_IN_FORCE
    if why is not None:
        return why
    if not isinstance(row.kind, LimitKind):
        return Why.KIND_UNKNOWN
    if row.stop is not None and row.amount.amount > 0 and row.stop.holds_on(day):
        return Why.STOPPED
    if row.announced_change is None and row.state in _PLAIN:
        amount, change = row.amount, None
    else:
        amount, change = _amount_on(row, day)
    if amount.amount <= 0:
        nothing = CountedRow(row, Money.zero(currency))
        return nothing if row.amount.amount <= 0 or row.state is LimitState.REFUSED else Why.WITHDRAWN
    converted = convert(amount, currency, rates, up=False)
    return Why.RATE_MISSING if converted is None else CountedRow(row, converted, change)


def _amount_on(row: CreditLimit, day: date) -> tuple[Money, AnnouncedChange | None]:
    """What the row counts on the day, in its own currency, and the announced change still to come (rule 11)."""
    change = row.announced_change
    if row.state is LimitState.REFUSED:
        return Money.zero(row.amount.currency), None
    if row.state is LimitState.WITHDRAWAL_ANNOUNCED and change is None:
        if row.valid_until is None:
            return Money.zero(row.amount.currency), None
        # A withdrawal may also be written as a last day.
        effective_on = days_after(row.valid_until, 1)
        change = AnnouncedChange(effective_on=effective_on, amount=Money.zero(row.amount.currency))
    if change is None:
        return row.amount, None
    return (change.amount, None) if change.effective_on <= day else (row.amount, change)


def has_stopped(status: str | None) -> bool:
    """Whether the insurer's word for the buyer's state ends cover for new deliveries (domain rule 7)."""
    return status is not None and status.strip().lower() in STOPPED


def was_decided(rows: Iterable[CreditLimit], applications: Iterable[LimitApplication], buyer_id: str) -> bool:
    """Whether the insurer ever decided on the buyer; an unknown state may have been a decision."""
    for row in rows:
        if row.kind != _DISCRETIONARY and row.state not in PENDING_STATES and row.buyer_id == buyer_id:
            return True
    return any(
        application.state not in _UNDECIDED or not (application.decision is None or application.decision.is_pending)
        for application in applications
    )


def _strictest(rows: tuple[CountedRow, ...], policy: Policy) -> tuple[Decimal, int]:
    """The lowest insured percentage and the shortest maximum terms among the rows that give cover."""
    percentage, terms = None, policy.max_payment_terms_days
    for limit, amount, _ in rows:
        if amount.amount <= 0:
            continue
        own = policy.insured_percentage if limit.insured_percentage is None else limit.insured_percentage
        percentage = own if percentage is None else min(percentage, own)
        if limit.max_terms_days is not None:
            terms = min(terms, limit.max_terms_days)
    return (policy.insured_percentage if percentage is None else percentage), terms
