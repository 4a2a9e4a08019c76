"""Stop of cover and its end: which deliveries are insured when an invoice was paid late, or not at all.

Sources (domain rules): 7 cover stops by itself at the end of the maximum extension period, when a claim is filed or the
debt is handed to collection, and with insolvency; 8 what payment reinstates; 34 a disputed invoice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum

from tradecredit_sdk.models.base import parse_day
from tradecredit_sdk.models.policy import Policy
from tradecredit_sdk.rules.calendar import days_after
from tradecredit_sdk.rules.deadlines import deadlines


class Reinstatement(str, Enum):
    """What the payment did to the cover of later deliveries."""

    NEVER_STOPPED = "never_stopped"
    """Paid before cover stopped."""
    RETROACTIVE = "retroactive"
    """Paid in time: all deliveries are insured, those during the stop, too."""
    FROM_PAYMENT = "from_payment"
    """Only deliveries after the day of payment are insured."""
    NONE = "none"
    """Not paid, or insolvent: only the insurer can reinstate cover."""


@dataclass(frozen=True, slots=True)
class Stop:
    """Deliveries after `after` and until `until`, that day included, are uninsured; `until` None means without an end.

    Where cover never stopped or came back for all deliveries, `until` is `after`: there is no such delivery.
    """

    after: date
    until: date | None
    reinstatement: Reinstatement

    def covers(self, delivered_on: date) -> bool:
        """Whether this invoice leaves a delivery of that day insured; the limit is another question."""
        return delivered_on <= self.after or (self.until is not None and delivered_on > self.until)


def stop_of_cover(
    original_due_date: date,
    policy: Policy,
    paid_on: date | None = None,
    *,
    claimed_on: date | None = None,
    insolvent_on: date | None = None,
) -> Stop:
    """What an invoice does to the cover of deliveries, and what its payment in full on `paid_on` brought back (rule 8).

    `claimed_on` is the day the claim was filed or the debt handed to collection: payment on that day or later brings
    nothing back for the past. `insolvent_on` is the day of insolvency: payment on that day or later brings nothing back.
    """
    after = deadlines(original_due_date, policy, insolvent_on=insolvent_on).stop_of_cover
    if claimed_on is not None:
        after = min(after, parse_day(claimed_on))
    if paid_on is None:
        return Stop(after, None, Reinstatement.NONE)
    paid_on = parse_day(paid_on)
    if insolvent_on is not None and paid_on >= parse_day(insolvent_on):
        return Stop(after, None, Reinstatement.NONE)
    is_claimed = claimed_on is not None and paid_on >= parse_day(claimed_on)
    if not is_claimed and paid_on <= after:
        return Stop(after, after, Reinstatement.NEVER_STOPPED)
    if not is_claimed and paid_on <= days_after(after, policy.reinstatement_days):
        return Stop(after, after, Reinstatement.RETROACTIVE)
    return Stop(after, paid_on, Reinstatement.FROM_PAYMENT)


def is_suspended(day: date, disputed_on: date, resolved_on: date | None = None) -> bool:
    """Whether cover of an invoice is suspended on `day` because the buyer disputes it (rule 34).

    From the day of the dispute until the day before it is resolved. The deadlines run on all the same.
    """
    return disputed_on <= day and (resolved_on is None or day < resolved_on)
