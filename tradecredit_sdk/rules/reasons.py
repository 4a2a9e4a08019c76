"""Every reason of the credit check: its message with the numbers, and the same numbers as parameters."""

from __future__ import annotations

from datetime import date, datetime

from tradecredit_sdk.models.limit import AnnouncedChange, CoverStop, CreditLimit, StopReason
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.policy import Policy
from tradecredit_sdk.models.verdict import Outcome, Reason, ReasonCode
from tradecredit_sdk.rules.calendar import days_after

BLOCKED, WARNING = Outcome.BLOCKED, Outcome.WARNING


def buyer_not_identified() -> Reason:
    """Cover holds on the exact legal entity only (domain rule 10)."""
    message = "The buyer is not identified at the insurer, so no limit applies: find the legal entity and give its id."
    return Reason(ReasonCode.BUYER_NOT_IDENTIFIED, message, BLOCKED, {})


def limits_of_another_buyer(buyer_id: str, limits_of: str) -> Reason:
    """The caller mixed up two buyers: nothing is insured on the strength of somebody else's limit."""
    message = f"The order is for buyer {buyer_id}, but the limits are those of buyer {limits_of}."
    params = {"buyer_id": buyer_id, "limits_of": limits_of}
    return Reason(ReasonCode.BUYER_NOT_IDENTIFIED, message, BLOCKED, params)


def buyer_insolvent(status: str) -> Reason:
    """New deliveries to an insolvent company are not insured, whatever limit there is (domain rules 6 and 7)."""
    message = f"The insurer's file says that the buyer is {status.strip().lower()}: new deliveries are not insured."
    return Reason(ReasonCode.BUYER_INSOLVENT, message, BLOCKED, {"status": status})


def country_not_covered(country: str | None, policy: Policy) -> Reason:
    """The policy names the countries it covers."""
    message = f"Policy {policy.id} does not cover buyers in {country or 'any country'}."
    return Reason(
        ReasonCode.COUNTRY_NOT_COVERED,
        message,
        BLOCKED,
        {"country": country, "covered_countries": policy.covered_countries},
    )


def country_not_stated(policy: Policy) -> Reason:
    """Nobody at the insurer has looked at the buyer, so only the order can say where it is (domain rules 13-15)."""
    message = (
        f"Policy {policy.id} names the countries it covers, and your own discretionary limit is for buyers in those: "
        "state the buyer's country."
    )
    params = {"country": None, "covered_countries": policy.covered_countries}
    return Reason(ReasonCode.COUNTRY_NOT_COVERED, message, BLOCKED, params)


def exposure_incomplete(unreadable: int) -> Reason:
    """What is owed is not known in full, so it cannot be compared with a limit."""
    lines = "1 line" if unreadable == 1 else f"{unreadable} lines"
    message = f"What the buyer owes is not known in full: {lines} of the ledger could not be read."
    return Reason(ReasonCode.EXPOSURE_INCOMPLETE, message, BLOCKED, {"unreadable": unreadable})


def exchange_rate_missing(source: str, target: str, needed_for: str, outcome: Outcome) -> Reason:
    """`needed_for` is order, exposure or limit; a limit that cannot be converted counts nothing."""
    message = f"The exchange rate from {source} to {target} is missing; the {needed_for} needs it."
    params = {"from": source, "to": target, "needed_for": needed_for}
    return Reason(ReasonCode.EXCHANGE_RATE_MISSING, message, outcome, params)


def stop_of_cover(oldest_due: date, policy: Policy) -> Reason:
    """Deliveries after the maximum extension period are uninsured while the invoice is unpaid (domain rule 7)."""
    last_day = days_after(oldest_due, policy.max_extension_days)
    message = (
        f"An invoice due on {oldest_due} is unpaid beyond the maximum extension period of {policy.max_extension_days} "
        f"days: deliveries after {last_day} are not insured until it is paid."
    )
    params = {
        "oldest_original_due_date": oldest_due,
        "max_extension_days": policy.max_extension_days,
        "stop_of_cover": last_day,
    }
    return Reason(ReasonCode.STOP_OF_COVER, message, BLOCKED, params)


def overdue_of_unknown_age(policy: Policy) -> Reason:
    """Something is overdue, and nobody says since when: cover may have stopped."""
    message = (
        "The buyer is overdue and the oldest original due date is not known, so cover may have stopped "
        f"({policy.max_extension_days} days after it); give that date."
    )
    params = {"oldest_original_due_date": None, "max_extension_days": policy.max_extension_days, "stop_of_cover": None}
    return Reason(ReasonCode.STOP_OF_COVER, message, BLOCKED, params)


def tax_not_stated(policy: Policy) -> Reason:
    """The policy insures amounts with tax, so an order without one counts less than it may be (domain rule 18)."""
    message = f"Policy {policy.id} counts tax, and the order states none: it counts without. Give the tax, 0 for none."
    return Reason(ReasonCode.TAX_NOT_STATED, message, WARNING, {"tax_basis": policy.tax_basis.value})


def payment_terms_too_long(terms_days: int, max_terms_days: int, policy: Policy, *, stated: bool) -> Reason:
    """Terms count from delivery (domain rule 33); the limit may allow less than the policy."""
    of = f"policy {policy.id}" if max_terms_days == policy.max_payment_terms_days else "the limit"
    whose = "" if stated else ", the policy's since the order states none,"
    message = f"Payment terms of {terms_days} days{whose} exceed the {max_terms_days} days allowed by {of}."
    params = {"terms_days": terms_days, "max_terms_days": max_terms_days}
    return Reason(ReasonCode.PAYMENT_TERMS_TOO_LONG, message, BLOCKED, params)


def limit_stale(as_of: datetime | None, hours: int | None, policy: Policy, outcome: Outcome) -> Reason:
    """The insurer may have cut the limit since it was last heard."""
    most = policy.limit_max_age_hours
    if as_of is None or hours is None:
        message = f"The insurer was not asked about this buyer: read its limits first, and again after {most} hours."
    elif hours < 0:
        message = f"The limit data is dated in the future, {as_of.isoformat()}: set the clock right and ask again."
    else:
        message = f"The limit data is {hours} hours old; it must not be older than {most} hours: ask again."
    params = {"as_of": as_of, "age_hours": hours, "max_age_hours": most}
    return Reason(ReasonCode.LIMIT_STALE, message, outcome, params)


def no_limit() -> Reason:
    """Not insured: not the same as a limit of zero."""
    return Reason(ReasonCode.NO_LIMIT, "There is no credit limit on this buyer: request one.", BLOCKED, {})


def limit_zero(day: date) -> Reason:
    """The insurer decided on no cover."""
    message = f"The insurer grants no cover on this buyer: the limit on {day} is zero."
    return Reason(ReasonCode.LIMIT_ZERO, message, BLOCKED, {"day": day})


def limit_exceeded(order: Money, owed: Money, limit: Money, available: Money, uncovered: Money) -> Reason:
    """Order and exposure together are above the limit, and above the tolerance if there is one."""
    message = (
        f"The order of {order} exceeds the available cover of {available} by {uncovered} "
        f"(limit {limit}, exposure {owed})."
    )
    params = {"order": order, "available": available, "uncovered": uncovered, "limit": limit, "exposure": owed}
    return Reason(ReasonCode.LIMIT_EXCEEDED, message, BLOCKED, {**params, "currency": limit.currency})


def tolerance_used(uncovered: Money, tolerance: Money, policy: Policy) -> Reason:
    """The policy lets an order pass a little above the limit; that part stays uninsured."""
    percent = policy.order_tolerance_percent
    message = f"{uncovered} of the order is above the limit, within the tolerance of {percent:f} % ({tolerance})."
    params = {
        "uncovered": uncovered,
        "tolerance": tolerance,
        "tolerance_percent": percent,
        "currency": tolerance.currency,
    }
    return Reason(ReasonCode.TOLERANCE_USED, message, WARNING, params)


def limit_expired(limit: CreditLimit) -> Reason:
    """The last row that gave cover has run out."""
    ended = f" on {limit.valid_until}" if limit.valid_until is not None else ""
    message = f"The {_kind(limit)} limit of {limit.amount} expired{ended}: request a new one."
    return Reason(ReasonCode.LIMIT_EXPIRED, message, BLOCKED, {**_row(limit), "valid_until": limit.valid_until})


def limit_not_yet_in_force(limit: CreditLimit) -> Reason:
    """A row that begins later."""
    message = f"The {_kind(limit)} limit of {limit.amount} is in force from {limit.valid_from} only."
    params = {**_row(limit), "valid_from": limit.valid_from}
    return Reason(ReasonCode.LIMIT_NOT_YET_IN_FORCE, message, BLOCKED, params)


def limit_withdrawn(limit: CreditLimit) -> Reason:
    """Goods shipped before stay covered, new deliveries are not (domain rule 11)."""
    message = f"The insurer has withdrawn the {_kind(limit)} limit of {limit.amount}: new deliveries are not insured."
    return Reason(ReasonCode.LIMIT_WITHDRAWN, message, BLOCKED, _row(limit))


def cover_stopped(limit: CreditLimit, stop: CoverStop) -> Reason:
    """The insurer has stopped cover; deliveries made before stay insured (domain rule 7)."""
    why = {
        StopReason.OVERDUE: "invoices of this buyer are unpaid beyond the maximum extension period",
        StopReason.COLLECTION: "a debt of this buyer is in collection",
        StopReason.ADVERSE: "adverse information on this buyer was reported",
    }.get(stop.reason, _word(stop.reason))
    until = " until the insurer reinstates it" if stop.until is None else f" and before {stop.until}"
    about = "" if stop.overdue_id is None else f" (overdue {stop.overdue_id})"
    message = (
        f"The insurer has stopped cover, because {why}{about}: deliveries from {stop.since} on{until} are not insured."
    )
    params = {"since": stop.since, "until": stop.until, "reason": _word(stop.reason), "overdue_id": stop.overdue_id}
    return Reason(ReasonCode.COVER_STOPPED, message, BLOCKED, {**_row(limit), **params})


def limit_unknown(limit: CreditLimit, outcome: Outcome) -> Reason:
    """The insurer uses a word we do not know; it is not taken for cover."""
    message = (
        f"A limit of {limit.amount} does not count, because its kind {_word(limit.kind)} or state {_word(limit.state)} "
        "is not known here: ask the insurer what it means."
    )
    params = {**_row(limit), "state": _word(limit.state)}
    return Reason(ReasonCode.LIMIT_UNKNOWN, message, outcome, params)


def change_announced(limit: CreditLimit, amount: Money, change: AnnouncedChange) -> Reason:
    """Counts the old amount before the day and the announced one from it on; `amount` is the old one."""
    day = change.effective_on
    params = {**_row(limit), "effective_on": day, "new_amount": change.amount}
    if change.amount.amount <= 0:
        message = f"The insurer withdraws the {_kind(limit)} limit of {amount} from {day} on; deliver before."
        return Reason(ReasonCode.WITHDRAWAL_ANNOUNCED, message, WARNING, params)
    message = f"The insurer reduces the {_kind(limit)} limit of {amount} to {change.amount} from {day} on."
    return Reason(ReasonCode.REDUCTION_ANNOUNCED, message, WARNING, params)


def pending_decision(requested: list[str]) -> Reason:
    """The cover there is does not suffice, and the insurer has still to decide on more (`requested`: references)."""
    message = f"The insurer has not decided yet on what was requested ({', '.join(requested)})."
    return Reason(ReasonCode.PENDING_DECISION, message, BLOCKED, {"requested": tuple(requested)})


def discretionary_cover_used(limit: Money) -> Reason:
    """Nobody at the insurer has decided on this buyer (domain rules 13-15)."""
    message = f"Cover rests on your own discretionary limit of {limit}, not on a decision of the insurer."
    params = {"discretionary_limit": limit, "currency": limit.currency}
    return Reason(ReasonCode.DISCRETIONARY_COVER_USED, message, WARNING, params)


def _word(code: object) -> str:
    return str(getattr(code, "value", code))


def _kind(limit: CreditLimit) -> str:
    return _word(limit.kind).replace("_", "-")


def _row(limit: CreditLimit) -> dict[str, object]:
    return {
        "limit_id": limit.id,
        "kind": _word(limit.kind),
        "amount": limit.amount,
        "currency": limit.amount.currency,
    }
