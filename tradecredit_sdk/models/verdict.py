"""The answer of the credit check."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any, NamedTuple

from tradecredit_sdk.models.money import Money


class Outcome(str, Enum):
    """`allowed`: inside cover. `warning`: may go, but a person should know. `blocked`: not insured as it stands."""

    ALLOWED = "allowed"
    WARNING = "warning"
    BLOCKED = "blocked"


class ReasonCode(str, Enum):
    """Why; stable names for programs, translations and filters."""

    BUYER_INSOLVENT = "buyer_insolvent"
    BUYER_NOT_IDENTIFIED = "buyer_not_identified"
    COUNTRY_NOT_COVERED = "country_not_covered"
    COVER_STOPPED = "cover_stopped"
    DISCRETIONARY_COVER_USED = "discretionary_cover_used"
    EXCHANGE_RATE_MISSING = "exchange_rate_missing"
    EXPOSURE_INCOMPLETE = "exposure_incomplete"
    LIMIT_EXCEEDED = "limit_exceeded"
    LIMIT_EXPIRED = "limit_expired"
    LIMIT_NOT_YET_IN_FORCE = "limit_not_yet_in_force"
    LIMIT_STALE = "limit_stale"
    LIMIT_UNKNOWN = "limit_unknown"
    LIMIT_WITHDRAWN = "limit_withdrawn"
    LIMIT_ZERO = "limit_zero"
    NO_LIMIT = "no_limit"
    PAYMENT_TERMS_TOO_LONG = "payment_terms_too_long"
    PENDING_DECISION = "pending_decision"
    REDUCTION_ANNOUNCED = "reduction_announced"
    STOP_OF_COVER = "stop_of_cover"
    TAX_NOT_STATED = "tax_not_stated"
    TOLERANCE_USED = "tolerance_used"
    WITHDRAWAL_ANNOUNCED = "withdrawal_announced"


class Reason(NamedTuple):
    """One reason: a stable `code`, an English `message` with the numbers, and `params` to build it in any language."""

    code: ReasonCode
    message: str
    outcome: Outcome
    params: dict[str, Any]

    def to_dict(self) -> dict[str, Any]:
        """JSON form; amounts as strings, days as YYYY-MM-DD."""
        return {
            "code": self.code.value,
            "message": self.message,
            "outcome": self.outcome.value,
            "params": {key: _plain(value) for key, value in self.params.items()},
        }


class Verdict(NamedTuple):
    """May the order ship under cover? All amounts are in the policy's currency.

    `limit` cover in force (None: not insured); `exposure` what is owed before this order, below zero when the buyer
    has credit; `order` this order; `available` limit minus exposure, never below zero nor above the limit; `uncovered`
    the part of `order` beyond it; `insured_share` what the insurer would bear of the covered part of the order, at
    `insured_percentage`, zero where it would bear nothing of this delivery. Amounts that need a missing exchange rate
    are None.
    """

    outcome: Outcome
    reasons: tuple[Reason, ...]
    currency: str
    day: date
    limit: Money | None
    exposure: Money | None
    order: Money | None
    available: Money | None
    uncovered: Money | None
    insured_share: Money | None
    insured_percentage: Decimal | None

    @property
    def is_blocked(self) -> bool:
        """True when the order must not ship on open account as it stands."""
        return self.outcome is Outcome.BLOCKED

    def to_dict(self) -> dict[str, Any]:
        """JSON form: amounts as strings of the policy's currency, or null."""
        return {
            "outcome": self.outcome.value,
            "reasons": [reason.to_dict() for reason in self.reasons],
            "limit": _plain(self.limit),
            "exposure": _plain(self.exposure),
            "order": _plain(self.order),
            "available": _plain(self.available),
            "uncovered": _plain(self.uncovered),
            "insured_share": _plain(self.insured_share),
            "currency": self.currency,
            "day": self.day.isoformat(),
        }


def _plain(value: object) -> object:
    if isinstance(value, Money):
        return str(value.amount)
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, tuple):
        return [_plain(item) for item in value]
    return value
