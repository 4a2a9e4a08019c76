"""May this order ship under cover? A pure function of facts: no call, no clock, no rounding in the seller's favour.

What is decided here, where the sources leave room:

- No limit is shown for a buyer that is not identified, nor any reason that speaks of limits: there is none to speak of.
- A buyer's credit balance does not raise cover: what is available never exceeds the limit.
- A cash order (`terms_days` 0) passes the test of payment terms and no other: paid on delivery is not paid in advance.
- An order of zero owes nothing and never exceeds a limit, but it does not pass where there is no cover at all.
- The country is checked where the order states it; a limit on the buyer otherwise speaks for its country, discretionary
  cover does not: for that the country the insurer has on file must be covered, too. A policy that covers no country
  covers no order.
- Insolvency blocks although rows of cover are still there: they are for goods shipped before.
- Limit data dated more than an hour after `now` is stale: it is not known when the insurer was heard.
- Debts are rounded up and covers down; one minor unit above the limit is above it.
"""

from __future__ import annotations

from datetime import date, datetime
from math import ceil

from tradecredit_sdk.models.base import parse_day
from tradecredit_sdk.models.exposure import Exposure
from tradecredit_sdk.models.limit import CreditLimit, LimitAction, LimitPosition
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.order import Order
from tradecredit_sdk.models.policy import Policy, StaleAction, TaxBasis
from tradecredit_sdk.models.rates import ExchangeRates
from tradecredit_sdk.models.verdict import Outcome, Reason, ReasonCode, Verdict
from tradecredit_sdk.rules import reasons as because
from tradecredit_sdk.rules.calendar import days_after
from tradecredit_sdk.rules.cover import Cover, Why, cover_in_force, has_stopped
from tradecredit_sdk.rules.exposure import convert, total_owed

_NO_COVER_AT_ALL = frozenset(
    {
        ReasonCode.BUYER_INSOLVENT,
        ReasonCode.COUNTRY_NOT_COVERED,
        ReasonCode.COVER_STOPPED,
        ReasonCode.PAYMENT_TERMS_TOO_LONG,
        ReasonCode.STOP_OF_COVER,
    }
)
"""With one of these the insurer bears nothing of the delivery, whatever the limit."""

# By name, because until Python 3.12 to read a member off its class is slow.
_BLOCKED, _WARNING, _ALLOWED = Outcome.BLOCKED, Outcome.WARNING, Outcome.ALLOWED
_GROSS, _USE_LAST = TaxBasis.GROSS, StaleAction.USE_LAST
_WHY_UNKNOWN = frozenset({Why.KIND_UNKNOWN, Why.STATE_UNKNOWN})


def check_order(
    order: Order,
    exposure: Exposure,
    limits: LimitPosition | None,
    policy: Policy,
    today: date,
    rates: ExchangeRates | None = None,
    now: datetime | None = None,
) -> Verdict:
    """The verdict on one order, with every reason that applies, those that block first.

    `exposure` is what the buyer owes without this order. `limits` None means that the insurer was never asked. `now`,
    with its time zone, decides whether `limits` are stale; without it the check counts as made at the end of `today`.
    ValueError when `today` is not a day or `now` has no time zone.
    """
    return Standing(exposure, limits, policy, today, rates, now).check(order)


class Standing:
    """What holds for one buyer on one day, whatever the order: cover, debt, and the reasons that come with them."""

    __slots__ = (
        "_lasting", "_owed_without_rate", "_owing", "_unknown", "_zero", "available", "cover", "day", "limits", "owed",
        "policy", "rates",
    )  # fmt: skip

    def __init__(
        self,
        exposure: Exposure,
        limits: LimitPosition | None,
        policy: Policy,
        today: date,
        rates: ExchangeRates | None = None,
        now: datetime | None = None,
    ) -> None:
        self.day = parse_day(today)
        self.policy = policy
        self.rates = rates
        self.limits = limits
        self.cover: Cover = cover_in_force(limits if limits is not None else (), policy, self.day, rates)
        self.owed, self._owed_without_rate = total_owed(exposure, policy.currency, rates)
        self._zero = Money.zero(policy.currency)
        self.available = self._left(self.owed)
        self._unknown = [row.limit for row in self.cover.excluded if row.why in _WHY_UNKNOWN]
        self._owing = self._of_exposure(exposure)
        self._lasting = self._owing + self._of_buyer() + self._of_age(now) + self._of_changes()

    def check(self, order: Order, counted: Money | None = None) -> Verdict:
        """The verdict on one order of this buyer; nothing is changed by asking.

        `counted` is so much of what is owed as is this very order, in the policy's currency: it does not count twice.
        """
        if order.buyer_id is None or (self.limits is not None and self.limits.buyer_id != order.buyer_id):
            return self._of_nobody(order, counted)
        policy, cover, limit, zero = self.policy, self.cover, self.cover.total, self._zero
        amount, owed, available = self._amount(order), self.owed, self.available
        if counted is not None and owed is not None:
            owed -= counted
            available = self._left(owed)
        uncovered = excess = None
        if amount is not None and available is not None and owed is not None:
            uncovered = amount - available if amount > available else zero
            if uncovered.amount > 0 and limit is not None and limit.amount > 0:
                excess = self._excess(amount, owed, limit, available, uncovered)
        short = limit is None or limit.amount <= 0 or (excess is not None and excess.outcome is _BLOCKED)
        reasons = self._of_order(order, amount, cover.max_terms_days) + self._lasting
        if policy.covered_countries and cover.discretionary > zero:
            reasons += self._of_place(order.country, policy.covered_countries)
        if self._unknown or cover.missing_rates:
            reasons += self._of_rows(short=short)
        if short:
            reasons += self._of_shortage()
        if excess is not None:
            reasons.append(excess)
        if cover.discretionary > zero:
            reasons.append(because.discretionary_cover_used(cover.discretionary))
        if len(reasons) > 1:
            reasons.sort(key=_blocking_first)
        insured = None
        if amount is not None and uncovered is not None:
            bare = reasons and [reason for reason in reasons if reason.code in _NO_COVER_AT_ALL]
            insured = zero if bare else (amount - uncovered).share(cover.insured_percentage)
        outcome = reasons[0].outcome if reasons else _ALLOWED
        amounts = (limit, owed, amount, available, uncovered, insured)
        return Verdict(outcome, tuple(reasons), policy.currency, self.day, *amounts, cover.insured_percentage)

    def _of_nobody(self, order: Order, counted: Money | None) -> Verdict:
        """No limit holds without the exact legal entity (domain rule 10), not even the seller's own discretionary one."""
        if order.buyer_id is None or self.limits is None:
            why = because.buyer_not_identified()
        else:
            why = because.limits_of_another_buyer(order.buyer_id, self.limits.buyer_id)
        amount, zero, owed = self._amount(order), self._zero, self.owed
        if counted is not None and owed is not None:
            owed -= counted
        others = [*self._of_order(order, amount, self.policy.max_payment_terms_days), *self._owing]
        reasons = (why, *sorted(others, key=_blocking_first))
        known = amount is not None and owed is not None
        return Verdict(
            _BLOCKED,
            reasons,
            self.policy.currency,
            self.day,
            limit=None,
            exposure=owed,
            order=amount,
            available=None if owed is None else zero,
            uncovered=amount if known else None,
            insured_share=zero if known else None,
            insured_percentage=self.policy.insured_percentage,
        )

    def take(self, verdict: Verdict, counted: Money | None = None) -> None:
        """Count an order that goes ahead to what is owed, so that the next one of this buyer meets less cover.

        `counted` as it was when the order was checked.
        """
        if self.owed is not None and verdict.order is not None:
            self.owed += verdict.order if counted is None else verdict.order - counted
            self.available = self._left(self.owed)

    def _left(self, owed: Money | None) -> Money | None:
        """Cover that is left: never above the limit, never below zero; None when a rate is missing."""
        limit = self.cover.total
        if owed is None:
            return None
        if limit is None or owed >= limit:
            return self._zero
        return limit - owed if owed.amount > 0 else limit

    def _amount(self, order: Order) -> Money | None:
        """The order on the policy's tax basis and in its currency, rounded up; None without an exchange rate."""
        amount = order.amount
        if self.policy.tax_basis is _GROSS and order.tax is not None:
            amount += order.tax
        return convert(amount, self.policy.currency, self.rates, up=True)

    def _of_order(self, order: Order, amount: Money | None, most_days: int) -> list[Reason]:
        """What the order itself has against it; `most_days` are the longest payment terms."""
        policy, found = self.policy, []
        covered = policy.covered_countries
        if covered is not None and (order.country not in covered if order.country is not None else not covered):
            found.append(because.country_not_covered(order.country, policy))
        terms = order.terms_days if order.terms_days is not None else policy.max_payment_terms_days
        if terms > most_days:
            stated = order.terms_days is not None
            found.append(because.payment_terms_too_long(terms, most_days, policy, stated=stated))
        if order.tax is None and policy.tax_basis is _GROSS:
            found.append(because.tax_not_stated(policy))
        if amount is None:
            currency = order.amount.currency
            found.append(because.exchange_rate_missing(currency, policy.currency, "order", _BLOCKED))
        return found

    def _of_place(self, stated: str | None, covered: tuple[str, ...]) -> list[Reason]:
        """Where the buyer is, for discretionary cover: nobody else has looked, and the insurer's file has the last word."""
        known = self.limits.buyer_country if self.limits is not None else None
        if known and known != stated and known not in covered:
            return [because.country_not_covered(known, self.policy)]
        return [] if known or stated else [because.country_not_stated(self.policy)]

    def _of_buyer(self) -> list[Reason]:
        status = self.limits.buyer_status if self.limits is not None else None
        return [because.buyer_insolvent(status)] if status is not None and has_stopped(status) else []

    def _of_exposure(self, exposure: Exposure) -> list[Reason]:
        policy, oldest = self.policy, exposure.oldest_original_due_date
        found = [
            because.exchange_rate_missing(currency, policy.currency, "exposure", _BLOCKED)
            for currency in self._owed_without_rate
        ]
        if exposure.unreadable:
            found.append(because.exposure_incomplete(exposure.unreadable))
        if oldest is None and any(money.amount > 0 for money in exposure.overdue):
            found.append(because.overdue_of_unknown_age(policy))
        if oldest is not None and (self.day - oldest).days > policy.max_extension_days:
            found.append(because.stop_of_cover(oldest, policy))
        return found

    def _of_age(self, now: datetime | None) -> list[Reason]:
        policy = self.policy
        as_of = self.limits.as_of if self.limits is not None else None
        if policy.on_stale_limit is _USE_LAST and self.limits is not None:  # never asked is not "last"
            return []
        hours = None
        if as_of is not None:
            if now is None:  # the end of the day, or later where the day ends later than in the zone of `as_of`
                now = max(as_of, datetime.combine(days_after(self.day, 1), datetime.min.time(), as_of.tzinfo))
            elif now.tzinfo is None:
                raise ValueError("now needs its time zone, such as datetime.now(timezone.utc)")
            hours = ceil((now - as_of).total_seconds() / 3600)
            if 0 <= hours <= policy.limit_max_age_hours:
                return []
        outcome = _BLOCKED if policy.on_stale_limit is StaleAction.BLOCK else _WARNING
        return [because.limit_stale(as_of, hours, policy, outcome)]

    def _of_changes(self) -> list[Reason]:
        return [
            because.change_announced(row.limit, row.amount, row.change)
            for row in self.cover.rows
            if row.change is not None
            and (row.change.amount.currency != row.limit.amount.currency or row.change.amount < row.limit.amount)
        ]

    def _of_rows(self, *, short: bool) -> list[Reason]:
        """Rows that cannot be read count nothing: that blocks only where the rest does not suffice."""
        outcome = _BLOCKED if short else _WARNING
        found = [
            because.exchange_rate_missing(currency, self.policy.currency, "limit", outcome)
            for currency in self.cover.missing_rates
        ]
        return found + [because.limit_unknown(limit, outcome) for limit in self._unknown]

    def _of_shortage(self) -> list[Reason]:
        """Why there is no cover, or no more of it."""
        cover, found, expired, stops = self.cover, [], [], []
        for limit, why in cover.excluded:
            if why is Why.WITHDRAWN:
                found.append(because.limit_withdrawn(limit))
            elif why is Why.STOPPED and limit.stop is not None and limit.stop not in stops:
                stops.append(limit.stop)
                found.append(because.cover_stopped(limit, limit.stop))
            elif why is Why.NOT_YET_IN_FORCE and limit.amount.amount > 0:
                found.append(because.limit_not_yet_in_force(limit))
            elif why is Why.EXPIRED:
                expired.append(limit)
        if cover.total is not None:
            if cover.total.amount <= 0:
                found.append(because.limit_zero(self.day))
        elif expired:
            found.append(because.limit_expired(max(expired, key=_ended)))
        elif not found and not self._unknown and not cover.missing_rates:
            found.append(because.no_limit())
        pending = self._pending()
        if pending:
            found.append(because.pending_decision(pending))
        return found

    def _pending(self) -> list[str]:
        """References of what was requested and could still bring cover: a reduction could not."""
        if self.limits is None:
            return []
        requested = [
            item.reference or item.id
            for item in self.limits.applications
            if item.is_pending and item.action not in (LimitAction.DECREASE, LimitAction.CANCEL)
        ]
        return requested + [row.limit.id for row in self.cover.excluded if row.why is Why.PENDING]

    def _excess(self, amount: Money, owed: Money, limit: Money, available: Money, uncovered: Money) -> Reason:
        """What to say when the order goes beyond a limit that is there."""
        if self.policy.order_tolerance_percent:
            tolerance = limit.share(self.policy.order_tolerance_percent)
            if max(owed, self._zero) + amount <= limit + tolerance:
                return because.tolerance_used(uncovered, tolerance, self.policy)
        return because.limit_exceeded(amount, owed, limit, available, uncovered)


def _blocking_first(reason: Reason) -> bool:
    return reason.outcome is not _BLOCKED


def _ended(limit: CreditLimit) -> tuple[date, date]:
    return limit.valid_until or date.max, limit.valid_from
