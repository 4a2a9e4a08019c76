"""Deadlines of an unpaid invoice, from its original due date alone: calendar days, no network, no holidays.

Sources (domain rules): 1 maximum extension period, 2 the original due date rules, 4 notification after the end of that
period, 7 stop of cover, 19 date of loss, 20 where the waiting period begins, 21 filing of the claim.
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


@dataclass(frozen=True, slots=True)
class Warn:
    """On `day` somebody should be told that `step` is due on `due`."""

    day: date
    step: Step
    due: date


@dataclass(frozen=True, slots=True)
class Deadlines:
    """The last days of one invoice. Each day itself is still in time.

    `stop_of_cover` last day of the maximum extension period: deliveries after it are uninsured while the invoice is
    unpaid. `notification` last day to declare the overdue. `date_of_loss` when the loss counts as suffered; `claim`
    last day to file. Both are None while they cannot be known: the waiting period runs from a notification still to come.
    """

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

    `notified_on` is the day the overdue was declared; the waiting period of some policies runs from it (rule 20).
    `insolvent_on`, the day of insolvency, is the date of loss if it comes first (rule 19).
    """
    due = parse_day(original_due_date)
    stop = days_after(due, policy.max_extension_days)
    start = notified_on if policy.waiting_period_start is WaitingPeriodStart.NOTIFICATION else due
    days = [days_after(parse_day(start), policy.waiting_period_days)] if start is not None else []
    if insolvent_on is not None:
        days.append(parse_day(insolvent_on))
    loss = min(days, default=None)
    return Deadlines(
        stop_of_cover=stop,
        notification=days_after(stop, policy.notification_days),
        date_of_loss=loss,
        claim=None if loss is None else days_after(loss, policy.claim_filing_days),
    )
