"""How a declared overdue is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tradecredit_sdk.cli.output import Column, emit_one, flat

if TYPE_CHECKING:
    from tradecredit_sdk.models.overdue import InvoiceState, Overdue

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
_CARD = (
    *(column for column in COLUMNS if column.title and column.key != "invoices"),
    Column("each_invoice", "invoices"),
    Column("cover_in_words", "cover"),
    Column("collects", "who collects"),
    Column("declared_on", "declared on"),
    Column("each_payment", "payments"),
    Column("instalments_in_words", "payment plan"),
    Column("missing", "documents asked for"),
)
"""One overdue in a table says all that matters; what is read by program has it in fields of its own."""


def show_overdue(output: str, overdue: Overdue) -> None:
    """Write one overdue: for people in words, else as `overdue_record`."""
    record = overdue_record(overdue)
    emit_one(
        output,
        {**record, **_in_words(overdue)} if output == "table" else record,
        _CARD if output == "table" else COLUMNS,
    )


def overdue_record(overdue: Overdue) -> dict[str, Any]:
    """The declaration's own JSON, and its oldest original due date, from which every deadline runs."""
    unpaid = [invoice.due_date for invoice in overdue.invoices if invoice.unpaid.amount > 0]
    record = flat(overdue)
    record.setdefault("total_currency", None)
    return {**record, "oldest_due_date": min(unpaid).isoformat() if unpaid else None}


def _in_words(overdue: Overdue) -> dict[str, Any]:
    cover, collection = overdue.cover, overdue.collection
    until = f" until {collection.until}" if collection is not None and collection.until is not None else ""
    return {
        "each_invoice": [_invoice(invoice) for invoice in overdue.invoices],
        "cover_in_words": None if cover is None else ", ".join(
            [_word(cover.state)]
            + ([f"stopped from {cover.stopped_from}"] if cover.stopped_from else [])
            + ([f"reinstated from {cover.reinstated_from}"] if cover.reinstated_from else [])
        ),
        "collects": None if collection is None else f"{_word(collection.by)}{until}",
        "declared_on": None if overdue.declared_at is None else overdue.declared_at.date().isoformat(),
        "each_payment": [f"{payment.amount} on {payment.paid_on}" for payment in overdue.payments],
        "instalments_in_words": [f"{part.amount} on {part.due_date}" for part in overdue.instalments],
        "missing": [
            _word(document.kind) + (f" until {document.due_on}" if document.due_on else "")
            for document in overdue.missing_documents
        ],
    }  # fmt: skip


def _invoice(invoice: InvoiceState) -> str:
    """`R-1 due 2026-01-31: 1,000.00 EUR (400.00 EUR paid, 250.00 EUR disputed)`."""
    said = {
        "paid": invoice.paid,
        "disputed": invoice.disputed,
        "agreed": invoice.agreed_due_date,
        "extended to": invoice.extended_to,
        "settled on": invoice.settled_on,
        "withdrawn on": invoice.withdrawn_on,
    }
    more = [f"{what} {value}" for what, value in said.items() if value is not None]
    return f"{invoice.number} due {invoice.due_date} {invoice.amount}" + (f" ({', '.join(more)})" if more else "")


def _word(value: Any) -> str:
    return str(getattr(value, "value", value)).replace("_", " ")
