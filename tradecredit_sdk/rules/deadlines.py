"""Deadlines of an unpaid invoice, from its original due date alone: calendar days, no network, no holidays.

Sources (domain rules): 1 maximum extension period, 2 the original due date rules, 4 notification after the end of that
period, 6 adverse information, 7 stop of cover, 19 date of loss, 20 where the waiting period begins, 21 filing of the
claim. A dispute suspends cover (`rules.stop_of_cover`) and moves none of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import Enum

from tradecredit_sdk.models.base import parse_day
from tradecredit_sdk.models.policy import Policy, WaitingPeriodStart
from tradecredit_sdk.rules.calendar import days_after


class Step(str, Enum):
    """What falls due; in the order of time for usual policies."""

    STOP_OF_COVER = "stop_of_cover"
    NOTIFICATION = "notification"
    DATE_OF_LOSS = "date_of_loss"
    CLAIM = "claim"


WARN_DAYS_BEFORE: Mapping[Step, tuple[int, ...]] = {
    Step.STOP_OF_COVER: (15, 0),
    Step.NOTIFICATION: (15, 5, 4, 3, 2, 1, 0),
    Step.DATE_OF_LOSS: (30, 0),
    Step.CLAIM: (60, 15, 0),
}
"""When people want to be warned: at usual terms days 45, 75, 85 to 90, 150, 300 and 345 after the due date, and the last."""


URGENT_DAYS = (0, 5, 15)
"""What is due today, in 5 and in 15 days is told apart."""


@dataclass(frozen=True, slots=True)
class Warn:
    """On `day` somebody should be told that `step` is due on `due`."""

    day: date
    step: Step
    due: date


@dataclass(frozen=True, slots=True)
class Deadlines:
    """The last days of one invoice. Each day itself is still in time.

    `max_extension` end of the maximum extension period: until then the due date may be postponed without asking.
    `stop_of_cover` that day, or the day of insolvency if it comes first: deliveries after it are uninsured while the
    invoice is unpaid. `notification` last day to declare the overdue. `date_of_loss` when the loss counts as suffered;
    `claim` last day to file. Both are None while they cannot be known: the waiting period runs from a notification
    still to come.
    """

    max_extension: date
    stop_of_cover: date
    notification: date
    date_of_loss: date | None
    claim: date | None

    def days_left(self, step: Step, today: date) -> int | None:
        """Days until the last day of `step`: 0 means today, below zero that it has passed, None that it is unknown."""
        due: date | None = getattr(self, step.value)
        return None if due is None else (due - today).days

    def next_step(self, today: date) -> Step | None:
        """The step with the next last day, today included; None when all have passed."""
        ahead = [(left, step) for step in Step if (left := self.days_left(step, today)) is not None and left >= 0]
        return min(ahead, key=lambda item: item[0])[1] if ahead else None

    def due_within(self, days: int, today: date) -> tuple[Step, ...]:
        """The steps whose last day is today (`days` 0) or one of the next `days`, the most urgent first."""
        left = [(self.days_left(step, today), step) for step in Step]
        return tuple(step for _, step in sorted((n, step) for n, step in left if n is not None and 0 <= n <= days))

    def next_warning(self, today: date, days_before: Mapping[Step, tuple[int, ...]] = WARN_DAYS_BEFORE) -> Warn | None:
        """The next day, today included, on which somebody should be warned; None when there is none left."""
        warnings = [
            Warn(days_after(due, -days), step, due)
            for step, lead in days_before.items()
            if (due := getattr(self, step.value)) is not None
            for days in lead
        ]
        return min((item for item in warnings if item.day >= today), key=lambda item: item.day, default=None)


def deadlines(
    original_due_date: date, policy: Policy, notified_on: date | None = None, *, insolvent_on: date | None = None
) -> Deadlines:
    """The deadlines of an invoice due on `original_due_date`, whatever was agreed with the buyer since (rule 2).

    `notified_on` is the day the overdue was declared, or the insurer received it if that is how the policy counts; the
    waiting period of some policies runs from it (rule 20). `insolvent_on`, the day of insolvency, is the date of loss
    (rule 19) and the stop of cover (rule 7) if it comes first, and it must be told within days of its own (rule 6).
    """
    due = parse_day(original_due_date)
    extension = days_after(due, policy.max_extension_days)
    stop, notification = extension, days_after(extension, policy.notification_days)
    start = notified_on if policy.waiting_period_start is WaitingPeriodStart.NOTIFICATION else due
    losses = [days_after(parse_day(start), policy.waiting_period_days)] if start is not None else []
    if insolvent_on is not None:
        insolvent_on = parse_day(insolvent_on)
        stop = min(stop, insolvent_on)
        notification = min(notification, tell_by(insolvent_on, policy))
        losses.append(insolvent_on)
    loss = min(losses, default=None)
    claim = None if loss is None else days_after(loss, policy.claim_filing_days)
    return Deadlines(extension, stop, notification, loss, claim)


def tell_by(learnt_on: date, policy: Policy) -> date:
    """Last day to tell the insurer of adverse information: insolvency, a bounced payment, legal action (rule 6)."""
    return days_after(parse_day(learnt_on), policy.adverse_information_days)


def urgency(days_left: int, within: tuple[int, ...] = URGENT_DAYS) -> int | None:
    """The least of `within` that holds `days_left`: 0 for today and for what has passed; None when it has time."""
    return next((days for days in sorted(within) if days_left <= days), None)
