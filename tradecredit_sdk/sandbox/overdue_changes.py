"""What a change does to the invoices of an overdue, and how far it is then."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import NamedTuple

from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.overdue import OverdueAction, OverdueState
from tradecredit_sdk.sandbox.allocation import book
from tradecredit_sdk.sandbox.records import Change, Invoice, Overdue, Payment


class Next(NamedTuple):
    """How far an overdue is, the insurer's code for it, and what it says."""

    stage: OverdueState
    code: str
    answer: str


_EXTENDED = Next(OverdueState.EXTENDED, "EXP", "Extension noted; the policy's periods run on the original due date.")
_RESCHEDULED = Next(OverdueState.RESCHEDULED, "RES", "Payment plan noted; a missed instalment must be told at once.")


def changed_invoices(overdue: Overdue, change: Change, today: date, *, pro_rata: bool) -> Overdue:
    """The overdue with its invoices as they are after the change; `pro_rata` is how a payment is booked."""
    invoices = overdue.declared.invoices
    booked = {} if change.amount is None else book(change.amount, invoices, pro_rata=pro_rata)
    after = []
    for invoice in invoices:
        if invoice.number in booked and change.paid_on is not None:
            after.append(_paid(invoice, change.paid_on, booked[invoice.number]))
        elif not invoice.is_open or change.invoice not in (None, invoice.number):
            after.append(invoice)
        elif change.action is OverdueAction.EXTEND:
            after.append(replace(invoice, extended_to=change.new_due_date))
        elif change.action is OverdueAction.SETTLE:
            after.append(replace(invoice, settled_on=change.settled_on))
        elif change.action is OverdueAction.WITHDRAW:
            after.append(replace(invoice, withdrawn_on=today))
        else:
            after.append(invoice)
    total = overdue.total
    for before, now in zip(invoices, after, strict=True):
        total -= before.unpaid - now.unpaid
    return replace(overdue, declared=replace(overdue.declared, invoices=tuple(after)), total=total)


def with_payment(before: Overdue, after: Overdue, change: Change) -> Overdue:
    """The overdue with the payment on record, and where it went."""
    if change.amount is None or change.paid_on is None:
        raise TypeError("a payment has an amount and a day")
    pairs = zip(before.declared.invoices, after.declared.invoices, strict=True)
    parts = [(one.number, one.unpaid - now.unpaid) for one, now in pairs]
    allocated = tuple((number, part) for number, part in parts if part.amount > 0)
    payment = Payment(change.reference, change.paid_on, change.amount, allocated)
    return replace(after, payments=(*before.payments, payment))


def next_step(after: Overdue, change: Change) -> Next:
    """How far the overdue is once its invoices are changed."""
    stage, code = after.stage, after.code
    if change.action is OverdueAction.EXTEND:
        return _EXTENDED
    if change.action is OverdueAction.RESCHEDULE:
        return _RESCHEDULED
    if change.action is OverdueAction.DOCUMENTS:
        missing = [
            document.kind.value.replace("_", " ") for document in after.documents if document.received_on is None
        ]
        more = f"; still missing: {', '.join(missing)}" if missing else ""
        return Next(stage, code, f"Documents received{more}.")
    invoices = after.declared.invoices
    if any(invoice.is_open for invoice in invoices):
        if change.action is OverdueAction.PAY:
            return Next(stage, code, f"Payment noted; {after.total} stay declared.")
        if change.action is OverdueAction.WITHDRAW:
            return Next(stage, code, "Partly withdrawn; the rest stays declared.")
        return Next(stage, code, "Partly settled; the rest stays declared.")
    if any(invoice.settled_on is not None for invoice in invoices):
        return Next(OverdueState.SETTLED, "PAID", "Settled; the file is closed.")
    return Next(OverdueState.WITHDRAWN, "WDR", "Withdrawn; the file is closed.")


def _paid(invoice: Invoice, paid_on: date, part: Money) -> Invoice:
    paid = part if invoice.paid is None else invoice.paid + part
    return replace(invoice, paid=paid, settled_on=paid_on if paid == invoice.amount else None)
