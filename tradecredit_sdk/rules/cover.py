"""Cover in force on a day, derived from dated, typed rows; never one overwritten number.

Sources (domain rules): 11 announced changes, 13-15 discretionary cover, 31 temporary limits, 32 top-ups. In doubt cover
counts less, never more:

- Of several rows of one kind the one that began last speaks, whatever it says; at a tie the smaller amount.
- A row whose state or kind is unknown counts nothing, and so does a withdrawal announced without its day.
- An announced change takes effect on its day even if the insurer's row was not refreshed since.
- Amounts in another currency are rounded down; without an exchange rate they count nothing.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import NamedTuple

from tradecredit_sdk.models.base import parse_day
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
    """Discretionary cover the policy does not give, or that a decision of the insurer has ended."""
    NOT_YET_IN_FORCE = "not_yet_in_force"
    PENDING = "pending"
    RATE_MISSING = "rate_missing"
    STATE_UNKNOWN = "state_unknown"
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

_ENDED = frozenset({Why.WITHDRAWN, Why.EXPIRED, Why.CANCELLED, Why.SUPERSEDED})
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

    `total` is None when nothing is in force: not insured. Zero means that the insurer decided on no cover. `rows`
    count, `excluded` do not, those without an exchange rate from one of `missing_rates` among them. `discretionary` is
    the seller's own and stands only while the insurer never decided.
    `insured_percentage` and `max_terms_days` are the least among the rows that count.
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
    any decision, even zero, ends it (rule 15). Bare rows are taken to be all there are.
    """
    day, currency = parse_day(day), policy.currency
    if isinstance(position, LimitPosition):
        rows, applications, buyer_id = position.limits, position.applications, position.buyer_id
    else:
        rows, applications = tuple(position), ()
        buyer_id = rows[0].buyer_id if rows else ""
    speaking, excluded = _speaking(rows, buyer_id, currency, day, rates)
    own = speaking.pop(LimitKind.DISCRETIONARY, None)
    missing = {_amount_on(row, day).currency for row, why in excluded if why is Why.RATE_MISSING}
    zero = Money.zero(currency)
    granted = None
    if policy.discretionary_limit is not None and not _was_decided(rows, applications, buyer_id):
        granted = convert(policy.discretionary_limit, currency, rates, up=False)
        if granted is None:
            missing.add(policy.discretionary_limit.currency)
    if own is not None and granted is None:
        excluded.append(ExcludedRow(own.limit, Why.NO_RIGHT))
    elif own is not None and granted is not None:
        granted = min(own.amount, granted)
        speaking[LimitKind.DISCRETIONARY] = own
    discretionary = zero if granted is None else granted
    counted = tuple(speaking.values())
    amounts = {kind: row.amount for kind, row in speaking.items()}
    permanent, temporary = amounts.get(LimitKind.PERMANENT, zero), amounts.get(LimitKind.TEMPORARY, zero)
    primary = permanent + temporary
    top_up = min(amounts.get(LimitKind.TOP_UP, zero), primary)
    percentage, terms = _strictest(counted, policy)
    return Cover(
        day=day,
        currency=currency,
        total=None if granted is None and not counted else primary + top_up + discretionary,
        permanent=permanent,
        temporary=temporary,
        top_up=top_up,
        discretionary=discretionary,
        rows=counted,
        excluded=tuple(excluded),
        missing_rates=tuple(sorted(missing)),
        insured_percentage=percentage,
        max_terms_days=terms,
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
    excluded += [ExcludedRow(row, reading) for row, reading in first.values() if isinstance(reading, Why)]
    return {kind: reading for kind, (_, reading) in first.items() if isinstance(reading, CountedRow)}, excluded


def _rank(row: CreditLimit, reading: CountedRow | Why) -> tuple[date, bool, Decimal]:
    """The later beginning wins; at a tie no cover wins over cover, and less over more."""
    refused = isinstance(reading, Why)
    return row.valid_from, refused, Decimal(0) if isinstance(reading, Why) else -reading.amount.amount


def _read(row: CreditLimit, buyer_id: str, currency: str, day: date, rates: ExchangeRates | None) -> CountedRow | Why:
    """What this row by itself says about the day."""
    if row.buyer_id != buyer_id:
        return Why.ANOTHER_BUYER
    why = _BY_STATE.get(row.state, Why.STATE_UNKNOWN)
    if why in _ENDED:
        return why
    if row.valid_until is not None and row.valid_until < day:
        return Why.EXPIRED
    if row.valid_from > day:
        return Why.NOT_YET_IN_FORCE
    if why is not None:
        return why
    if not isinstance(row.kind, LimitKind):
        return Why.KIND_UNKNOWN
    change = _change(row)
    if change is None and row.state is LimitState.WITHDRAWAL_ANNOUNCED:
        return Why.WITHDRAWN
    amount = _amount_on(row, day)
    if change is not None and change.effective_on <= day:
        change = None
        if amount.amount <= 0:
            return Why.WITHDRAWN
    if amount.amount <= 0:
        return CountedRow(row, Money.zero(currency))
    converted = convert(amount, currency, rates, up=False)
    return Why.RATE_MISSING if converted is None else CountedRow(row, converted, change)


def _change(row: CreditLimit) -> AnnouncedChange | None:
    """The announced change; a withdrawal may also be written as a last day only."""
    if row.announced_change is not None or row.valid_until is None or row.state != LimitState.WITHDRAWAL_ANNOUNCED:
        return row.announced_change
    return AnnouncedChange(effective_on=days_after(row.valid_until, 1), amount=Money.zero(row.amount.currency))


def _amount_on(row: CreditLimit, day: date) -> Money:
    """The amount on the day in the row's own currency: the announced one from its day on (rule 11)."""
    if row.state == LimitState.REFUSED:
        return Money.zero(row.amount.currency)
    change = row.announced_change
    return change.amount if change is not None and change.effective_on <= day else row.amount


def _was_decided(rows: Iterable[CreditLimit], applications: Iterable[LimitApplication], buyer_id: str) -> bool:
    """Whether the insurer ever decided on the buyer; an unknown state may have been a decision."""
    return any(
        row.kind != LimitKind.DISCRETIONARY and row.state not in PENDING_STATES and row.buyer_id == buyer_id
        for row in rows
    ) or any(
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
