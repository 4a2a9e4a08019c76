"""Who gets how much: a deterministic underwriter, a pure function of the buyer, the request and what is known of both.

The grade gives a capacity in euro; a share of the buyers draws more or less of it, by their id. A request is answered
at once, or referred to an underwriter who answers later: when a comment is read by a person, when terms go beyond the
policy's, when the amount is large for the buyer, when the grade is unknown, or when the buyer already owes overdues.
Refusals, conditions and lower insured percentages follow the grade. Ten buyers behave in a fixed way, for tests.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass, replace
from decimal import ROUND_FLOOR, Decimal

from tradecredit_sdk.models.limit import LimitAction, LimitState
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.policy import Policy
from tradecredit_sdk.sandbox.problem import invalid
from tradecredit_sdk.sandbox.records import Asked, Company, Condition

FULL, HALF, REFUSED, SLOW = "900000001", "900000002", "900000003", "900000004"
REDUCED, WITHDRAWN, BY_HAND, INSOLVENT = "900000005", "900000006", "900000007", "900000008"
IN_DOLLARS, ON_CONDITION = "900000009", "900000010"
_ANSWERED_AT_ONCE = frozenset({FULL, HALF, REFUSED, REDUCED, WITHDRAWN, INSOLVENT, IN_DOLLARS, ON_CONDITION})

_CAPACITY_EUR = {
    "1": 5_000_000, "2": 2_000_000, "3": 1_000_000, "4": 500_000, "5": 250_000, "6": 100_000, "7": 50_000,
    "8": 20_000, "9": 0, "10": 0, "NA": 15_000,
}  # fmt: skip
_LARGE_EUR = 250_000
_MOST_EUR = Decimal(10) ** 10
_TERMS_BY_GRADE = {"7": 60, "8": 30}

# Units of each currency for one euro: round numbers that never change, so that decisions do not either.
_PER_EURO = {
    "EUR": "1", "USD": "1.10", "GBP": "0.85", "CHF": "0.95", "JPY": "160", "CNY": "7.80", "KRW": "1500", "SGD": "1.45",
    "CAD": "1.50", "AUD": "1.65", "NZD": "1.80", "MXN": "20", "BRL": "6", "TRY": "40", "PLN": "4.30", "CZK": "25",
    "DKK": "7.46", "SEK": "11", "NOK": "11.50", "HUF": "400", "RON": "5", "HKD": "8.60", "INR": "93", "ZAR": "20",
    "AED": "4", "SAR": "4.10", "KWD": "0.34", "BHD": "0.41", "ILS": "4", "THB": "39",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Case:
    """What the underwriter looks at; `current` is the limit of this kind now in force, None where there is none."""

    company: Company
    policy: Policy
    asked: Asked
    current: Money | None = None
    has_open_overdue: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is granted in total; zero refuses cover."""

    state: LimitState
    amount: Money
    code: str
    reason: str | None = None
    conditions: tuple[Condition, ...] = ()
    max_terms_days: int | None = None
    insured_percentage: str | None = None


@dataclass(frozen=True, slots=True)
class Review:
    """What the insurer will do of its own accord, `after_days`: grant `share` of the limit (0 withdraws), with notice."""

    after_days: int
    share: Decimal
    notice_days: int


def is_referred(case: Case) -> bool:
    """True when a person at the insurer answers, later; False when the answer comes at once."""
    company, asked = case.company, case.asked
    if asked.action is LimitAction.DECREASE or company.id in _ANSWERED_AT_ONCE or company.status != "active":
        return False
    if company.id in (SLOW, BY_HAND):
        return True
    if _refusal(case) is not None:
        return False
    too_long = asked.terms_days is not None and asked.terms_days > case.policy.max_payment_terms_days
    euros = _in_euros(_amount(asked))
    large = euros > _LARGE_EUR and euros > Decimal("0.6") * capacity_eur(company)
    return bool(asked.comment) or too_long or large or company.grade == "NA" or case.has_open_overdue


def is_left_to_a_person(company: Company) -> bool:
    """True for the buyer that waits until somebody decides at the console."""
    return company.id == BY_HAND


def decide(case: Case) -> Outcome:
    """The answer, whenever it is given; the same facts give the same answer."""
    outcome = _fixed(case) or _by_the_book(case)
    if outcome.amount.amount == 0 and outcome.state is not LimitState.REFUSED:
        return _refused(outcome.amount.currency, "RISK", "The amount is too small to be covered.")
    return outcome


def review_of(company: Company) -> Review | None:
    """What will happen to a new limit on this buyer by itself: a share of the buyers deteriorates."""
    if company.id == REDUCED:
        return Review(30, Decimal("0.5"), 0)
    if company.id == WITHDRAWN:
        return Review(10, Decimal(0), 30)
    if company.id in _ANSWERED_AT_ONCE | {SLOW, BY_HAND}:
        return None
    draw = _draw(company.id)
    if draw % 20 == 0:
        return Review(15 + draw // 20 % 30, Decimal(0), 30)
    if draw % 20 in (1, 2):
        return Review(15 + draw // 20 % 30, Decimal("0.5"), 0)
    return None


def capacity_eur(company: Company) -> int:
    """How much the insurer takes on this buyer in all, in euro: by grade, from 0.6 to 1.5 times, in thousands."""
    full = _CAPACITY_EUR.get(company.grade, 0)
    return full * (60 + _draw(company.id) % 91) // 100_000 * 1000


def check_amount(amount: Money) -> None:
    """Problem 422 for nothing, for a currency the sandbox has no rate for, and for what no insurer could cover."""
    if amount.amount <= 0:
        raise invalid("amount.amount", "must be greater than zero")
    if amount.currency not in _PER_EURO:
        raise invalid("amount.currency", f"this insurer does not cover amounts in {amount.currency}")
    if _in_euros(amount) > _MOST_EUR:
        raise invalid("amount.amount", f"this insurer covers {from_euros(_MOST_EUR, amount.currency)} at most")


def from_euros(amount: Decimal, currency: str) -> Money:
    """An amount in euro in another currency, rounded down to the unit."""
    return Money.rounded((amount * Decimal(_PER_EURO[currency])).to_integral_value(ROUND_FLOOR), currency)


def _in_euros(amount: Money) -> Decimal:
    return amount.amount / Decimal(_PER_EURO[amount.currency])


def _amount(asked: Asked) -> Money:
    if asked.amount is None:
        raise TypeError("an application without an amount is not underwritten")
    return asked.amount


def _draw(company_id: str) -> int:
    """A number that looks drawn and is always the same for one buyer."""
    return zlib.crc32(company_id.encode())


def _refusal(case: Case) -> tuple[str, str] | None:
    company, policy = case.company, case.policy
    if company.status == "insolvent":
        return "INSOLVENT", "The buyer is insolvent."
    if company.status == "ceased":
        return "CEASED", "The buyer has ceased trading."
    if policy.covered_countries is not None and company.country not in policy.covered_countries:
        return "COUNTRY", f"The policy does not cover buyers in {company.country}."
    if _CAPACITY_EUR.get(company.grade, 0) == 0:
        return "RISK", "The risk of non-payment is too high."
    return None


def _refused(currency: str, code: str, reason: str) -> Outcome:
    return Outcome(LimitState.REFUSED, Money.zero(currency), code, reason)


def _with_terms(case: Case, outcome: Outcome) -> Outcome:
    """Short terms for weak buyers, and never longer ones than the policy's."""
    allowed = min(_TERMS_BY_GRADE.get(case.company.grade, 3650), case.policy.max_payment_terms_days)
    wanted = case.asked.terms_days if case.asked.terms_days is not None else case.policy.max_payment_terms_days
    if wanted <= allowed:
        return outcome
    condition = Condition("C10", f"Payment terms at most {allowed} days.")
    return replace(outcome, conditions=(*outcome.conditions, condition), max_terms_days=allowed)


def _by_the_book(case: Case) -> Outcome:
    asked, company, amount = case.asked, case.company, _amount(case.asked)
    if asked.action is LimitAction.DECREASE:
        return _granted(amount)
    refusal = _refusal(case)
    if refusal is not None:
        return _not_less_than_now(case, _refused(amount.currency, *refusal))
    capacity = from_euros(Decimal(capacity_eur(company)), amount.currency)
    outcome = _granted(amount) if amount <= capacity else _partly(capacity)
    if company.grade == "8":
        outcome = replace(outcome, insured_percentage="80")
    return _not_less_than_now(case, _with_terms(case, outcome))


def _not_less_than_now(case: Case, outcome: Outcome) -> Outcome:
    """A request never takes away what is in force beyond what it asks, nor does it add while overdues are unpaid."""
    now, wanted = case.current, _amount(case.asked)
    if now is None or now.amount == 0 or now.currency != wanted.currency:
        if case.has_open_overdue and outcome.state is not LimitState.REFUSED:
            return _refused(wanted.currency, "OVERDUE", "Overdues of this buyer are still unpaid.")
        return outcome
    if wanted <= now:
        return outcome if outcome.amount == wanted else _granted(wanted)
    if case.has_open_overdue or outcome.amount < now:
        return Outcome(LimitState.PARTLY_APPROVED, now, "KEPT", "The limit in force is kept; more is not possible.")
    return outcome


def _fixed(case: Case) -> Outcome | None:
    """What the ten buyers of fixed behaviour get; None for all others."""
    company_id, amount = case.company.id, _amount(case.asked)
    if case.company.status != "active":
        return None
    if company_id == IN_DOLLARS:
        return _granted(from_euros(_in_euros(amount), "USD"), "Converted to US dollars.")
    if case.asked.action is LimitAction.DECREASE:
        return None
    if company_id in (FULL, SLOW, REDUCED, WITHDRAWN):
        return _granted(amount)
    if company_id == HALF:
        return _partly(amount.share(Decimal(50)))
    if company_id == REFUSED:
        return _refused(amount.currency, "RISK", "The risk of non-payment is too high.")
    if company_id == ON_CONDITION:
        conditions = (Condition("C10", "Payment terms at most 30 days."), Condition("C20", "Retention of title."))
        return replace(_partly(amount.share(Decimal(60))), conditions=conditions, max_terms_days=30)
    return None


def _granted(amount: Money, reason: str | None = None) -> Outcome:
    return Outcome(LimitState.APPROVED, amount, "FULL", reason)


def _partly(amount: Money) -> Outcome:
    return Outcome(LimitState.PARTLY_APPROVED, amount, "PART", "Turnover does not support more.")
