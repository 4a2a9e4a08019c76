"""What the insurer refuses of declarations and changes: what makes no sense, and what comes too late."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from decimal import Decimal

from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.overdue import CoverState, OverdueAction, OverdueState
from tradecredit_sdk.models.policy import Policy
from tradecredit_sdk.sandbox.problem import Problem, invalid
from tradecredit_sdk.sandbox.records import Change, Declared, Invoice, Overdue
from tradecredit_sdk.sandbox.turn import Turn

_TOO_MUCH = Decimal(10) ** 15
_FARTHEST = timedelta(days=3660)
_OWN_FIELDS: dict[OverdueAction, tuple[str, ...]] = {
    OverdueAction.EXTEND: ("new_due_date",),
    OverdueAction.RESCHEDULE: ("instalments",),
    OverdueAction.SETTLE: ("settled_on",),
    OverdueAction.PAY: ("amount", "paid_on"),
    OverdueAction.DOCUMENTS: ("documents",),
    OverdueAction.WITHDRAW: (),
}
_AMENDMENTS = frozenset({OverdueAction.EXTEND, OverdueAction.RESCHEDULE})


def last_day(policy: Policy, invoices: Iterable[Invoice]) -> date:
    """The last day to declare, and to ask for an amendment: from the oldest original due date (domain rules 2 and 4)."""
    oldest = min(invoice.due_date for invoice in invoices)
    return oldest + timedelta(days=policy.max_extension_days + policy.notification_days)


def check_declared(declared: Declared, turn: Turn) -> None:
    """Problem 422 for what makes no sense."""
    if not declared.invoices:
        raise invalid("invoices", "name at least one invoice")
    currency = declared.invoices[0].amount.currency
    seen: set[str] = set()
    for index, invoice in enumerate(declared.invoices):
        _check_invoice(f"invoices.{index}", invoice, currency, turn.today)
        if invoice.number in seen:
            raise invalid(f"invoices.{index}.number", "is named twice")
        seen.add(invoice.number)
    total = sum(invoice.amount.amount for invoice in declared.invoices)
    if total >= _TOO_MUCH:
        raise invalid("invoices", "are too much in all")
    if declared.outstanding is not None:
        _same_currency("outstanding", declared.outstanding, currency)
        if declared.outstanding.amount < total:
            raise invalid("outstanding.amount", f"is less than the invoices, {total}")
    for index, step in enumerate(declared.steps_taken):
        _check_begun(f"steps_taken.{index}.day", step.day, turn)


def _check_invoice(field: str, invoice: Invoice, currency: str, today: date) -> None:
    if invoice.amount.amount <= 0:
        raise invalid(f"{field}.amount.amount", "must be greater than zero")
    if not abs(invoice.due_date - today) <= _FARTHEST:
        raise invalid(f"{field}.due_date", f"is more than ten years away from today ({today})")
    if invoice.amount.currency != currency:
        raise invalid(f"{field}.amount.currency", "one declaration is in one currency")
    if invoice.invoice_date is not None and invoice.due_date < invoice.invoice_date:
        raise invalid(f"{field}.due_date", f"is before the date of the invoice, {invoice.invoice_date}")
    if invoice.agreed_due_date is not None and invoice.agreed_due_date <= invoice.due_date:
        raise invalid(f"{field}.agreed_due_date", "must be later than the original due date")
    if invoice.disputed is not None:
        _same_currency(f"{field}.disputed", invoice.disputed, currency)
        if not 0 < invoice.disputed.amount <= invoice.amount.amount:
            raise invalid(f"{field}.disputed.amount", "must be greater than zero and at most the amount")


def check_still_open(overdue: Overdue, change: Change) -> None:
    """Problem 409 for what is settled or withdrawn, whole or in the invoice named."""
    if overdue.state is OverdueState.SETTLED:
        raise Problem(409, "already_settled", f"{overdue.id} is settled; nothing can be changed.")
    if overdue.state is OverdueState.WITHDRAWN:
        raise Problem(409, "withdrawn", f"{overdue.id} was withdrawn; declare it anew if it is owed after all.")
    for invoice in overdue.declared.invoices:
        if invoice.number == change.invoice and invoice.settled_on is not None:
            raise Problem(409, "already_settled", "This invoice is settled; nothing can be changed.")
        if invoice.number == change.invoice and invoice.withdrawn_on is not None:
            raise Problem(409, "withdrawn", "This invoice was withdrawn; declare it anew if it is owed after all.")


def check_change(policy: Policy, overdue: Overdue, change: Change, turn: Turn) -> None:
    """Problems: 409 `already_settled`, `withdrawn`, `in_collection` or `too_late`, 422."""
    check_still_open(overdue, change)
    concerned = [item for item in overdue.declared.invoices if item.is_open and change.invoice in (None, item.number)]
    if not concerned:
        raise invalid("invoice", f"{overdue.id} has no such invoice")
    _check_belongings(change)
    if change.action in _AMENDMENTS:
        _check_amendment(policy, overdue, concerned, turn.today)
    if change.action is OverdueAction.EXTEND:
        latest = max(*(item.due_date for item in concerned), turn.today)
        if change.new_due_date is not None and change.new_due_date <= latest:
            raise invalid("new_due_date", f"must be later than the original due date and than today ({latest})")
    for field in ("settled_on", "paid_on"):
        day = getattr(change, field)
        if day is not None:
            _check_begun(field, day, turn)
    currency = overdue.total.currency
    for index, item in enumerate(change.instalments):
        if item.amount.amount <= 0:
            raise invalid(f"instalments.{index}.amount.amount", "must be greater than zero")
        _same_currency(f"instalments.{index}.amount", item.amount, currency)
    if change.amount is not None:
        _check_payment(overdue, change.amount)
    asked = {document.kind for document in overdue.documents}
    for index, document in enumerate(change.documents):
        if document.kind not in asked:
            raise invalid(f"documents.{index}.kind", f"{document.kind.value} was not asked for")


def _check_begun(field: str, day: date, turn: Turn) -> None:
    if day > turn.latest_day:
        raise invalid(field, f"has not come yet: today is {turn.today}")


def _check_amendment(policy: Policy, overdue: Overdue, concerned: list[Invoice], today: date) -> None:
    if overdue.stage is OverdueState.IN_COLLECTION:
        raise Problem(409, "in_collection", f"{overdue.id} is in collection; the insurer alone agrees on terms now.")
    last = last_day(policy, concerned)
    if today > last:
        raise Problem(409, "too_late", f"The last day to ask for that was {last}, and today is {today}.")


def _check_payment(overdue: Overdue, amount: Money) -> None:
    if amount.amount <= 0:
        raise invalid("amount.amount", "must be greater than zero")
    _same_currency("amount", amount, overdue.total.currency)
    if amount > overdue.total:
        raise invalid("amount.amount", f"is more than the {overdue.total} that are open")


def _check_belongings(change: Change) -> None:
    """Each action has fields of its own, and none of the others'."""
    for action, fields in _OWN_FIELDS.items():
        for field in fields:
            is_given = getattr(change, field) not in (None, ())
            if action is change.action and not is_given:
                raise invalid(field, f"is needed to {action.value}")
            if action is not change.action and is_given:
                raise invalid(field, f"does not belong to {change.action.value}")
    if change.invoice is not None and change.action in (OverdueAction.PAY, OverdueAction.DOCUMENTS):
        raise invalid("invoice", f"does not belong to {change.action.value}")


def _same_currency(field: str, amount: Money, currency: str) -> None:
    if amount.currency != currency:
        raise invalid(f"{field}.currency", f"the overdue is in {currency}")


def is_stopped(overdue: Overdue) -> bool:
    """Whether cover has stopped because of it."""
    return overdue.cover is not None and overdue.cover.state is CoverState.STOPPED
