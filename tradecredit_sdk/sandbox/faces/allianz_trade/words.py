"""From this wire to the engine and back: amounts, field names in complaints, pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from decimal import Decimal
from typing import TypeVar

from fastapi import Response

from tradecredit_sdk.models.money import Money
from tradecredit_sdk.sandbox.faces.allianz_trade.requests import Pagination
from tradecredit_sdk.sandbox.problem import Problem, invalid

T = TypeVar("T")

_FIELDS = {
    "buyer_id": "companyId",
    "action": "creditLimitDetails.requestedAmount",
    "amount": "creditLimitDetails.requestedAmount",
    "amount.currency": "creditLimitDetails.currencyCode",
    "invoice": "invoiceNumber",
    "new_due_date": "newDueDate",
}


@contextmanager
def in_our_words() -> Iterator[None]:
    """What the engine complains of is named as the client wrote it."""
    try:
        yield
    except Problem as problem:
        fields = tuple((_FIELDS.get(field, field), message) for field, message in problem.fields)
        raise Problem(problem.status, problem.code, problem.detail, fields) from None


def money(amount: Decimal, currency: str, field: str) -> Money:
    """An exact amount; Problem 422 for an unknown currency, or more decimals than it has."""
    try:
        return Money(amount, currency)
    except ValueError as error:
        raise invalid(field, str(error)) from None


def page_of(items: Sequence[T], pagination: Pagination, response: Response) -> Sequence[T]:
    """The page asked for; the totals go into headers where they are wanted."""
    if pagination.is_total_required:
        response.headers["Total-Items"] = str(len(items))
        response.headers["Total-Pages"] = str(-(-len(items) // pagination.page_size))
    begin = (pagination.page - 1) * pagination.page_size
    return items[begin : begin + pagination.page_size]
