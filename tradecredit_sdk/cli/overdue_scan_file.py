"""The file that `overdue scan` wrote, read back: what is to be declared of each buyer. A damaged file declares nothing."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timezone
from functools import reduce
from operator import add
from pathlib import Path
from typing import Any

from tradecredit_sdk.cli.overdue_scan import LONGEST_NUMBER
from tradecredit_sdk.client.inputs import read as read_model
from tradecredit_sdk.errors import InvalidInputError
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.overdue import OverdueDeclaration, OverdueInvoice

NEEDED = ("buyer_id", "document", "due_date", "declare", "currency")
MOST_INVOICES = 500
"""In one declaration; a buyer with more gets several."""
_REMEDY = "give the whole file that `tradecredit overdue scan -o json` or `-o csv` wrote"
_Row = tuple[int, dict[str, Any]]


@dataclass
class Debtor:
    """What is to be declared of one buyer in one currency: its invoices by number and due date.

    `problem` says why it cannot be.
    """

    buyer_id: str
    currency: str
    name: str = ""
    problem: str = ""
    rows: dict[tuple[str, date], OverdueInvoice] = field(default_factory=dict)
    others: list[tuple[str, Money]] = field(default_factory=list)
    """Number and amount of what cannot be declared."""
    moments: list[datetime | None] = field(default_factory=list)
    found: Money | None = None
    """What the scan found to declare; more than `total` when rows were deleted, or torn off."""

    @property
    def scanned_at(self) -> datetime | None:
        """When the scan looked at the ledger and at what was declared; None when the file does not say so."""
        known = [moment for moment in self.moments if moment is not None]
        return min(known) if known and len(known) == len(self.moments) else None

    @property
    def total(self) -> Money:
        """Of all that is to be declared."""
        amounts = [*(invoice.amount for invoice in self.rows.values()), *(amount for _, amount in self.others)]
        return Money.total(amounts, self.currency)

    @property
    def numbers(self) -> list[str]:
        """Of all invoices, each once, by due date."""
        return list(
            dict.fromkeys([*(invoice.number for invoice in self._together()), *(one for one, _ in self.others)])
        )

    def declarations(self) -> Iterator[OverdueDeclaration]:
        """One, or as many as its invoices need; the oldest invoices are shared out among them."""
        invoices = self._together()
        parts = -(-len(invoices) // MOST_INVOICES)
        for part in range(parts):
            what = {"buyer_id": self.buyer_id, "invoices": tuple(invoices[part::parts])}
            yield read_model(OverdueDeclaration, None, what)

    def is_early(self, today: date) -> bool:
        """Whether nothing of it is past its due date."""
        return all(due >= today for _, due in self.rows)

    def _together(self) -> list[OverdueInvoice]:
        """The instalments of an invoice in one, due when the first one was; by due date."""
        parts: dict[str, list[OverdueInvoice]] = {}
        for (number, _), invoice in sorted(self.rows.items(), key=lambda row: row[0][1]):
            parts.setdefault(number, []).append(invoice)
        found = [_summed(instalments) for instalments in parts.values()]
        return sorted(found, key=lambda invoice: (invoice.due_date, invoice.number))


def debtors(path: Path) -> tuple[list[Debtor], dict[str, int]]:
    """The buyers in the order of the file, and how many rows are not to be declared, by reason."""
    found: dict[tuple[str, str], Debtor] = {}
    skipped: dict[str, int] = {}
    places: dict[tuple[str, str, str, date], int] = {}
    for place, row in _rows(path):
        if row.get("declare") in (None, ""):
            reason = str(row.get("reason") or "the scan names no amount to declare")
            skipped[reason] = skipped.get(reason, 0) + 1
            continue
        where, buyer_id, currency = f"{path}, row {place}", str(row["buyer_id"] or ""), str(row["currency"])
        if not buyer_id:
            raise InvalidInputError(f"{where}: an amount to declare, and no buyer_id: give it, or clear declare")
        debtor = found.setdefault((buyer_id, currency), Debtor(buyer_id, currency))
        debtor.name = str(row.get("name") or debtor.name)
        debtor.found = _found(row, currency)
        debtor.moments.append(_moment(row.get("scanned_at")))
        number = str(row["document"])
        amount = _amount(row, currency, where)
        if len(number) > LONGEST_NUMBER:
            debtor.problem = (
                f"{where}: {number} has {len(number)} characters, and a declaration takes {LONGEST_NUMBER}: declare this "
                "buyer by hand"
            )
            debtor.others.append((number, amount))
            continue
        invoice = _invoice(row, amount, where)
        key = number, invoice.due_date
        first = places.setdefault((buyer_id, currency, *key), place)
        if first != place:
            raise InvalidInputError(
                f"{where}: invoice {number} due on {invoice.due_date} stands on row {first}, too: {_REMEDY}"
            )
        debtor.rows[key] = invoice
    return list(found.values()), skipped


def _rows(path: Path) -> Iterator[_Row]:
    try:
        text = path.read_text(encoding="utf-8-sig")
        yield from _of_json(text, path) if text.lstrip()[:1] in ("[", "{") else _of_csv(text, path)
    except (UnicodeDecodeError, json.JSONDecodeError, csv.Error):
        raise InvalidInputError(f"{path}: is neither JSON nor CSV in UTF-8: {_REMEDY}") from None


def _of_json(text: str, path: Path) -> Iterator[_Row]:
    if text.lstrip().startswith("["):
        rows = json.loads(text)
    else:
        rows = [json.loads(line) for line in text.splitlines() if line.strip()]
    for place, row in enumerate(rows, start=1):
        _complete(row if isinstance(row, dict) else {}, path, f"row {place}")
        yield place, row


def _of_csv(text: str, path: Path) -> Iterator[_Row]:
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    names = next(reader, [])
    _complete(dict.fromkeys(names), path, "the header")
    for cells in reader:
        if len(cells) != len(names) and cells:
            message = (
                f"has {len(cells)} values, and the header {len(names)}: the file is torn or was changed: {_REMEDY}"
            )
            raise InvalidInputError(f"{path}, row {reader.line_num}: {message}")
        if cells:
            yield reader.line_num, dict(zip(names, map(_plain, cells), strict=True))


def _complete(row: dict[str, Any], path: Path, where: str) -> None:
    missing = [name for name in NEEDED if name not in row]
    if missing:
        raise InvalidInputError(f"{path}: {where} has no {', '.join(missing)}: {_REMEDY}")


def _plain(cell: str) -> str:
    """A text that the scan kept from being a formula, without the apostrophe."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in "=+-@\t\uff1d\uff0b\uff0d\uff20" else cell


def _amount(row: dict[str, Any], currency: str, where: str) -> Money:
    """What is to be declared of an invoice, which is never more than is unpaid of it."""
    try:
        amount = Money(str(row["declare"]), currency)
        unpaid = Money(str(row["unpaid"]), currency) if row.get("unpaid") else amount
    except ValueError as error:
        raise InvalidInputError(f"{where}: {error}") from None
    if amount > unpaid:
        raise InvalidInputError(f"{where}: declare is {amount}, and {unpaid} are unpaid: correct one of them")
    return amount


def _found(row: dict[str, Any], currency: str) -> Money | None:
    try:
        return Money(str(row["buyer_declares"]), currency)
    except (KeyError, ValueError):
        return None


def _invoice(row: dict[str, Any], amount: Money, where: str) -> OverdueInvoice:
    given: dict[str, Any] = {"number": row["document"], "due_date": row["due_date"], "amount": amount}
    given |= {name: row[name] for name in ("invoice_date", "agreed_due_date") if row.get(name)}
    try:
        if row.get("disputed"):
            given["disputed"] = min(Money(str(row["disputed"]), amount.currency), amount)
        if given.get("agreed_due_date") == given["due_date"]:
            del given["agreed_due_date"]
        return read_model(OverdueInvoice, None, given)
    except (InvalidInputError, ValueError) as error:
        raise InvalidInputError(f"{where}: {error}") from None


def _summed(instalments: Sequence[OverdueInvoice]) -> OverdueInvoice:
    disputed = [invoice.disputed for invoice in instalments if invoice.disputed is not None]
    amounts = {
        "amount": reduce(add, (invoice.amount for invoice in instalments)),
        "disputed": reduce(add, disputed) if disputed else None,
    }
    return instalments[0].model_copy(update=amounts)


def _moment(word: object) -> datetime | None:
    """When the scan was made; None when the file does not say so."""
    try:
        moment = datetime.fromisoformat(str(word))
    except ValueError:
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=timezone.utc)
