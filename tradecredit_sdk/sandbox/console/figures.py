"""Figures the console shows beside the wire's own: sums of cover, of what was asked for it, of what is unpaid."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from sqlalchemy import select

from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.overdue import OverdueState
from tradecredit_sdk.sandbox import store
from tradecredit_sdk.sandbox.engine import Engine
from tradecredit_sdk.sandbox.overdues import from_row as overdue_from_row

_CLOSED = [OverdueState.SETTLED.value, OverdueState.REJECTED.value]


def figures(engine: Engine) -> dict[str, list[dict[str, Any]]]:
    """`cover`: granted now and asked for it; `unpaid`: declared and not settled. Largest first, amounts as strings."""
    return {"cover": _cover(engine), "unpaid": _unpaid(engine)}


def asked_for(engine: Engine, application_ids: Iterable[str | None]) -> dict[str | None, dict[str, str]]:
    """What each of these applications asked for, by its id; those that asked for no amount are left out."""
    table = store.applications
    query = select(table.c.id, table.c.amount, table.c.currency).where(table.c.id.in_([*application_ids]))
    with engine.turn() as turn:
        rows = turn.tx.execute(query).all()
    return {made: Money(amount, currency).to_dict() for made, amount, currency in rows if amount is not None}


def _cover(engine: Engine) -> list[dict[str, Any]]:
    limits, applications = store.limits, store.applications
    query = (
        select(limits.c.amount, limits.c.currency, applications.c.amount, applications.c.currency)
        .outerjoin(applications, applications.c.id == limits.c.application_id)
        .where(limits.c.is_live)
    )
    granted: dict[str, Decimal] = defaultdict(Decimal)
    asked: dict[str, Decimal] = defaultdict(Decimal)
    with engine.turn() as turn:
        for amount, currency, wanted, wanted_in in turn.tx.execute(query):
            granted[currency] += Decimal(amount)
            # A decision in another currency, or none on record: what was granted stands for what was asked.
            asked[currency] += Decimal(wanted if wanted is not None and wanted_in == currency else amount)
    return [
        {"currency": currency, "granted": str(granted[currency]), "asked": str(asked[currency])}
        for currency in _largest_first(granted)
    ]


def _unpaid(engine: Engine) -> list[dict[str, Any]]:
    unpaid: dict[str, Decimal] = defaultdict(Decimal)
    with engine.turn() as turn:
        rows = turn.tx.execute(select(store.overdues).where(store.overdues.c.state.not_in(_CLOSED))).mappings()
        for overdue in map(overdue_from_row, rows):
            unpaid[overdue.total.currency] += overdue.total.amount
    return [Money(unpaid[currency], currency).to_dict() for currency in _largest_first(unpaid)]


def _largest_first(sums: dict[str, Decimal]) -> list[str]:
    return sorted((currency for currency in sums if sums[currency]), key=lambda currency: -sums[currency])
