"""How a declared overdue is kept: one row, with its invoices, payments and documents as lists in it."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date
from functools import reduce
from operator import add
from typing import Any

from sqlalchemy import RowMapping

from tradecredit_sdk.models.base import parse_day
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.overdue import (
    Collector,
    CoverState,
    DocumentKind,
    OverdueReason,
    OverdueState,
    StepKind,
)
from tradecredit_sdk.sandbox.records import (
    Change,
    Collection,
    CoverNote,
    Declared,
    Document,
    Instalment,
    Invoice,
    Overdue,
    Payment,
    Step,
)


def content_of(asked: Declared | Change) -> str:
    """Equal text for equal content: what tells a repetition from another request."""
    return json.dumps(asdict(asked), default=repr, sort_keys=True)


def invoice_rows(invoices: tuple[Invoice, ...]) -> list[dict[str, str]]:
    """As they are kept; what is not known is left out."""
    return [{name: _plain(value) for name, value in asdict(one).items() if value is not None} for one in invoices]


def instalment_rows(instalments: tuple[Instalment, ...]) -> list[list[str]]:
    """As they are kept."""
    return [[str(item.due_date), str(item.amount.amount)] for item in instalments]


def payment_rows(payments: tuple[Payment, ...]) -> list[list[Any]]:
    """As they are kept."""
    return [
        [
            one.reference,
            str(one.paid_on),
            str(one.amount.amount),
            [[number, str(part.amount)] for number, part in one.allocated],
        ]
        for one in payments
    ]


def document_rows(documents: tuple[Document, ...]) -> list[list[str | None]]:
    """As they are kept."""
    return [
        [one.kind.value, str(one.asked_on), str(one.due_on), None if one.received_on is None else str(one.received_on)]
        for one in documents
    ]


def declared_row(declared: Declared) -> dict[str, Any]:
    """The columns that hold what was declared."""
    collection = declared.collection
    return {
        "reference": declared.reference,
        "buyer_id": declared.buyer_id,
        "reason": declared.reason.value,
        "comment": declared.comment,
        "currency": declared.invoices[0].amount.currency,
        "invoices": invoice_rows(declared.invoices),
        "outstanding": None if declared.outstanding is None else str(declared.outstanding.amount),
        "steps_taken": [[str(step.day), step.step.value, step.comment] for step in declared.steps_taken],
        "collector": None if collection is None else collection.by.value,
        "collected_until": None if collection is None else collection.until,
        "content": content_of(declared),
    }


def cover_row(cover: CoverNote | None) -> dict[str, Any]:
    """The columns that hold what became of cover."""
    return {
        "cover_state": None if cover is None else cover.state.value,
        "stopped_from": None if cover is None else cover.stopped_from,
        "reinstated_from": None if cover is None else cover.reinstated_from,
    }


def cover_of(row: RowMapping) -> CoverNote | None:
    """Back from the database."""
    if row["cover_state"] is None:
        return None
    return CoverNote(CoverState(row["cover_state"]), row["stopped_from"], row["reinstated_from"])


def from_row(row: RowMapping) -> Overdue:
    """Back from the database."""
    currency = row["currency"]
    invoices = tuple(_invoice(one, currency) for one in row["invoices"])
    declared = Declared(
        row["buyer_id"],
        invoices,
        OverdueReason(row["reason"]),
        row["comment"],
        row["reference"],
        None if row["outstanding"] is None else Money(row["outstanding"], currency),
        tuple(Step(parse_day(day), StepKind(step), comment) for day, step, comment in row["steps_taken"]),
        None if row["collector"] is None else Collection(Collector(row["collector"]), row["collected_until"]),
    )
    return Overdue(
        id=row["id"],
        policy_id=row["policy_id"],
        declared=declared,
        state=OverdueState(row["state"]),
        stage=OverdueState(row["stage"]),
        total=reduce(add, (invoice.unpaid for invoice in invoices), Money.zero(currency)),
        instalments=tuple(Instalment(parse_day(due), Money(amount, currency)) for due, amount in row["instalments"]),
        answer=row["answer"],
        code=row["code"],
        declared_at=row["declared_at"],
        acknowledged_at=row["acknowledged_at"],
        in_time=row["in_time"],
        revision=row["revision"],
        cover=cover_of(row),
        payments=tuple(_payment(one, currency) for one in row["payments"]),
        documents=tuple(
            Document(DocumentKind(kind), parse_day(asked), parse_day(due), None if got is None else parse_day(got))
            for kind, asked, due, got in row["documents"]
        ),
    )


_AMOUNTS = frozenset({"amount", "disputed", "paid"})


def _plain(value: str | date | Money) -> str:
    return str(value.amount) if isinstance(value, Money) else str(value)


def _invoice(kept: dict[str, str], currency: str) -> Invoice:
    values: dict[str, Any] = {
        name: text if name == "number" else Money(text, currency) if name in _AMOUNTS else parse_day(text)
        for name, text in kept.items()
    }
    return Invoice(**values)


def _payment(kept: list[Any], currency: str) -> Payment:
    reference, paid_on, amount, parts = kept
    allocated = tuple((number, Money(part, currency)) for number, part in parts)
    return Payment(reference, parse_day(paid_on), Money(amount, currency), allocated)
