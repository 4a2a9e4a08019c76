"""Allianz Trade's limits: rows of the v2 listing, and what the cover of version 3 adds to them; no call is made here."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any

from tradecredit_sdk.errors import ConfigError
from tradecredit_sdk.insurers.allianz_tables import Contract
from tradecredit_sdk.insurers.allianz_wire import COVER, TEMPORARY, Node
from tradecredit_sdk.models.limit import CreditLimit, LimitKind, LimitState
from tradecredit_sdk.models.money import Money


def dated(limit: CreditLimit, cover: Node, contract: Contract, today: date) -> CreditLimit:
    """The permanent limit with what only its cover tells: its first day, its last day, and the cut that comes after.

    A row that begins later with less is a change announced for that day. Any other end is the last day: what may come
    after it is not cover yet.
    """
    kind, temporary = contract.name("limit_kind"), contract.code("temporary_limit")
    rows = [
        (begin, row)
        for row in cover["creditLimitsAggregation"]["creditLimits"].rows()
        if row[kind].text() != temporary and (begin := row["startDate"].day()) is not None
    ]
    same = [(begin, row) for begin, row in rows if row["amount"].amount() == limit.amount.amount and begin <= today]
    if not same:
        return limit
    since, current = max(same, key=lambda each: each[0])
    found: dict[str, Any] = {"valid_from": since, "valid_until": current["endDate"].day()}
    later = sorted(((begin, row) for begin, row in rows if begin > since), key=lambda each: each[0])
    if later:
        begin, row = later[0]
        amount = row["amount"].amount()
        if amount is not None and amount < limit.amount.amount:
            change = {"effective_on": begin, "amount": row["amount"].money(amount, limit.amount.currency)}
            found = {"valid_from": since, "announced_change": change}
    changed = cover.heard.read(CreditLimit, {**dict(limit), **found}, cover.path)
    cover.heard.check_limit(changed, current.path)
    return changed


def limits(row: Node, contract: Contract, currency: str | None, seen_on: date) -> Iterator[CreditLimit]:
    """The limits in one row of the v2 listing: the permanent one, and the temporary one where its guess is allowed.

    The listing tells no start, so a permanent limit counts from the day it was seen. A row that states no limit is a
    decision all the same, and no cover, unless it is there for a grade or a waiting request. ConfigError if the currency
    is not known.
    """
    found = list(_stated(row, contract, currency, seen_on))
    undecided = {contract.code("grade_row"), contract.code("in_progress")}
    if not found and row["coverStatusCode"].text() not in undecided:
        found = [_without_amount(row, contract, currency, seen_on)]
    yield from found


def _stated(row: Node, contract: Contract, currency: str | None, seen_on: date) -> Iterator[CreditLimit]:
    permanent = row["decision"]["permanent"]
    yield from _limit(
        row, permanent, "permanentAmount", contract, currency, {"kind": "permanent", "valid_from": seen_on}
    )
    name = contract.find("names", "temporary")
    if name is None:
        return
    temporary = row["decision"][name]
    begin, end = (temporary[contract.name(f"temporary_{edge}")].day() for edge in ("from", "until"))
    if end is not None:  # Without its end it cannot be told how long it counts, so it does not.
        span = {"kind": "temporary", "valid_from": begin or seen_on, "valid_until": end}
        yield from _limit(row, temporary, contract.name("temporary_amount"), contract, currency, span)


def _without_amount(row: Node, contract: Contract, currency: str | None, seen_on: date) -> CreditLimit:
    """What a row without a limit says: no cover, or a word that cannot be understood without an amount."""
    code = row["coverStatusCode"].needed()
    state = contract.word("cover_states", code)
    found = {
        "id": COVER + row["coverId"].needed(),
        "buyer_id": row["company"]["companyId"].needed(),
        "state": state if state in (LimitState.REFUSED, LimitState.WITHDRAWN) else contract.foreign(code),
        "amount": Money.zero(_currency(row, row["decision"], currency)),
        "valid_from": seen_on,
        "insurer_code": code,
    }
    return row.heard.read(CreditLimit, found, row.path)


def _limit(
    row: Node, node: Node, name: str, contract: Contract, currency: str | None, span: dict[str, Any]
) -> Iterator[CreditLimit]:
    """One limit of a row, if `node` states an amount; zero or less is no cover."""
    amount = node[name].amount()
    if amount is None:
        return
    code = row["coverStatusCode"].needed()
    unit = _currency(row, node, currency)
    state = contract.word("cover_states", code)
    if amount <= 0:  # Whatever the word for it, this is no cover.
        state, amount = LimitState.REFUSED, Decimal(0)
    temporary = span["kind"] == LimitKind.TEMPORARY
    found = {
        "id": COVER + row["coverId"].needed() + (TEMPORARY if temporary else ""),
        "buyer_id": row["company"]["companyId"].needed(),
        "state": state,
        "amount": node[name].money(amount, unit),
        "insurer_code": code,
        **span,
    }
    limit = row.heard.read(CreditLimit, found, row.path)
    row.heard.check_limit(limit, row.path)
    yield limit


def _currency(row: Node, node: Node, currency: str | None) -> str:
    stated = (place["currencyCode"].text() for place in (node, row["decision"], row))
    unit = next((code for code in stated if code), currency)
    if unit is None:
        raise ConfigError(
            "allianz-trade states limits without a currency: set TRADECREDIT_POLICY_CURRENCY to the policy's currency, "
            "such as EUR",
            insurer="allianz-trade",
            operation="list_limits",
        )
    return unit
