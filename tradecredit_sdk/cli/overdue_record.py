"""How a declared overdue is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tradecredit_sdk.cli.output import Column, flat

if TYPE_CHECKING:
    from tradecredit_sdk.models.overdue import Overdue

COLUMNS = (
    Column("id", "overdue"),
    Column("reference", "reference"),
    Column("buyer_id", "buyer"),
    Column("state", "state"),
    Column("total", "unpaid", currency="total_currency"),
    Column("invoices", "invoices"),
    Column("oldest_due_date", "oldest due"),
    Column("answer", "answer"),
    Column("declared_at", ""),
    Column("insurer_code", ""),
)


def overdue_record(overdue: Overdue) -> dict[str, Any]:
    """The declaration's own JSON, and its oldest original due date, from which every deadline runs."""
    unpaid = [invoice.due_date for invoice in overdue.invoices if invoice.unpaid.amount > 0]
    record = flat(overdue)
    record.setdefault("total_currency", None)
    return {**record, "oldest_due_date": min(unpaid).isoformat() if unpaid else None}
