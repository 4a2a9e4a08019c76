"""Whether a change of an overdue has reached the insurer: what it leaves behind is seen on the overdue."""

from __future__ import annotations

from tradecredit_sdk.models.overdue import Overdue, OverdueAction, OverdueChange


def has_arrived(change: OverdueChange, overdue: Overdue) -> bool:
    """Whether the overdue stands as the change wanted it. Of what was settled or withdrawn before, nothing is expected."""
    if change.action is OverdueAction.RESCHEDULE:
        return overdue.instalments == change.instalments
    if change.action is OverdueAction.PAY:
        return any(payment.reference == change.reference for payment in overdue.payments)
    if change.action is OverdueAction.DOCUMENTS:
        received = {document.kind for document in overdue.documents if document.received_on is not None}
        return {document.kind for document in change.documents or ()} <= received
    invoices = [invoice for invoice in overdue.invoices if change.invoice in (None, invoice.number)]
    still_open = [invoice for invoice in invoices if invoice.is_open]
    if change.action is OverdueAction.EXTEND:
        return bool(still_open) and all(invoice.extended_to == change.new_due_date for invoice in still_open)
    if change.action is OverdueAction.WITHDRAW:
        return any(invoice.withdrawn_on is not None for invoice in invoices) and not still_open
    return any(invoice.settled_on == change.settled_on for invoice in invoices) and not still_open
