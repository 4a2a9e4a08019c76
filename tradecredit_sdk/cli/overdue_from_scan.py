"""`tradecredit overdue declare --from-scan FILE`: one declaration for each buyer and currency of a scan.

Safe to repeat: the reference of a declaration follows from what is in it, so the journal knows it again; and one that
names an invoice of an earlier declaration is left to a person.
"""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tradecredit_sdk.cli.exit_codes import ExitCode
from tradecredit_sdk.cli.failure import describe
from tradecredit_sdk.cli.output import Column, emit, note, progress
from tradecredit_sdk.client.inputs import read as read_model
from tradecredit_sdk.errors import InvalidInputError, TradeCreditError
from tradecredit_sdk.journal.entry import EntryState
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.overdue import OverdueDeclaration, OverdueInvoice

if TYPE_CHECKING:
    from tradecredit_sdk.cli.options import Run
    from tradecredit_sdk.client import TradeCreditClient

COLUMNS = (
    Column("state", "state"),
    Column("buyer_id", "buyer"),
    Column("name", "name"),
    Column("total", "total", currency="currency"),
    Column("invoices", "invoices"),
    Column("reference", "reference"),
    Column("id", "overdue"),
    Column("answer", "answer"),
    Column("repeated", ""),
)
NEEDED = ("buyer_id", "document", "due_date", "declare", "currency")
MOST_INVOICES = 500
"""In one declaration; a buyer with more gets several."""
_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_EVER = datetime(1970, 1, 1, tzinfo=timezone.utc)


def declare_scan(run: Run, path: Path) -> int:
    """Declare what the scan says, buyer by buyer; one that fails does not keep the others from being declared.

    The exit code is that of the first failure, else 0.
    """
    rows, skipped = _rows(path)
    declarations, names = _declarations(rows, path)
    for reason, count in sorted(skipped.items()):
        note(f"{count} invoices are not declared: {reason}")
    if run.dry_run:
        return _show(run, declarations, names)
    client = run.client(journal=True)
    results: list[dict[str, Any]] = []
    codes: list[ExitCode] = []
    with progress("declaring", len(declarations)) as step:
        for declaration in declarations:
            record, code = _declare(client, declaration)
            results.append({**_record(declaration, names), **record})
            codes += [code] if code is not ExitCode.DONE else []
            step()
    emit(run.output, results, COLUMNS, nothing="nothing in the scan is to be declared")
    left = sum(one["state"] == "skipped" for one in results)
    before = sum(one["repeated"] for one in results)
    done = len(results) - left - before - len(codes)
    note(f"{done} declared, {before} declared before, {left} skipped, {len(codes)} failed")
    return codes[0] if codes else ExitCode.DONE


def reference_of(declaration: OverdueDeclaration) -> str:
    """20 characters that follow from buyer, invoices and amounts alone: the same declaration always has the same."""
    content = declaration.model_dump(mode="json", include={"buyer_id", "invoices"})
    content["invoices"].sort(key=lambda invoice: str(invoice["number"]))
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).digest()
    number = int.from_bytes(digest[:10], "big")
    return "SCAN" + "".join(_SIGNS[(number >> 5 * place) & 31] for place in range(16))


def _declare(client: TradeCreditClient, declaration: OverdueDeclaration) -> tuple[dict[str, Any], ExitCode]:
    try:
        same = [
            e for e in client.overdues.same_content(declaration, since=_EVER) if e.reference == declaration.reference
        ]
        if not same and (earlier := _earlier(client, declaration)) is not None:
            return {"state": "skipped", "answer": earlier}, ExitCode.DONE
        overdue = client.overdues.declare(declaration)
    except TradeCreditError as error:
        failure = describe(error)
        return {"state": "failed", "answer": f"{failure.message}. {failure.remedy}"}, failure.code
    state = str(getattr(overdue.state, "value", overdue.state))
    is_repeated = any(entry.state is EntryState.ANSWERED for entry in same)
    return {"state": state, "id": overdue.id, "answer": overdue.answer, "repeated": is_repeated}, ExitCode.DONE


def _earlier(client: TradeCreditClient, declaration: OverdueDeclaration) -> str | None:
    """Why it is left to a person; None when it is written down now, and may be sent."""
    overdues = client.overdues
    entry = overdues.reserve(declaration, since=_EVER)
    if entry is None:
        return None
    both = ", ".join(overdues.declared_before(declaration, entry)) or "the same"
    when = f"{entry.planned_at:%Y-%m-%d}"
    return f"{both} was declared on {when} under {entry.reference}; to declare it once more: overdue declare --reference NEW"


# ---- the file of the scan ------------------------------------------------------------------------------------------


def _rows(path: Path) -> tuple[list[tuple[int, dict[str, Any]]], dict[str, int]]:
    """The rows to declare with their places in the file, and how many others there are by reason."""
    wanted, skipped = [], dict[str, int]()
    for place, row in _parsed(path):
        if row.get("declare") in (None, ""):
            reason = str(row.get("reason") or "the scan names no amount to declare")
            skipped[reason] = skipped.get(reason, 0) + 1
        else:
            wanted.append((place, row))
    return wanted, skipped


def _parsed(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    try:
        text = path.read_text(encoding="utf-8-sig")
        if text.lstrip()[:1] in ("[", "{"):
            rows = (
                json.loads(text)
                if text.lstrip().startswith("[")
                else [json.loads(line) for line in text.splitlines() if line.strip()]
            )
            for place, row in enumerate(rows, start=1):
                _complete(row if isinstance(row, dict) else {}, path, f"row {place}")
                yield place, row
            return
        reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
        _complete(dict.fromkeys(reader.fieldnames or ()), path, "the header")
        for row in reader:
            yield reader.line_num, {key: _plain(cell) for key, cell in row.items() if isinstance(cell, str)}
    except (UnicodeDecodeError, json.JSONDecodeError, csv.Error):
        remedy = "give the file that `tradecredit overdue scan -o json` or `-o csv` wrote"
        raise InvalidInputError(f"{path}: is neither JSON nor CSV in UTF-8: {remedy}") from None


def _complete(row: dict[str, Any], path: Path, where: str) -> None:
    missing = [name for name in NEEDED if name not in row]
    if missing:
        remedy = "give the file that `tradecredit overdue scan -o json` or `-o csv` wrote"
        raise InvalidInputError(f"{path}: {where} has no {', '.join(missing)}: {remedy}")


def _plain(cell: str) -> str:
    """A text that the scan kept from being a formula, without the apostrophe."""
    return cell[1:] if cell[:1] == "'" and cell[1:2] in "=+-@\t\uff1d\uff0b\uff0d\uff20" else cell


def _declarations(
    rows: Iterable[tuple[int, dict[str, Any]]], path: Path
) -> tuple[list[OverdueDeclaration], dict[str, str]]:
    """The declarations, in the order of the file, and the buyers' names; nothing is declared of a file with a mistake."""
    groups: dict[tuple[str, str], dict[str, OverdueInvoice]] = {}
    names: dict[str, str] = {}
    for place, row in rows:
        buyer_id, currency = str(row["buyer_id"] or ""), str(row["currency"])
        if not buyer_id:
            raise InvalidInputError(
                f"{path}, row {place}: an amount to declare, and no buyer_id: give it, or clear declare"
            )
        invoice = _invoice(row, currency, f"{path}, row {place}")
        known = groups.setdefault((buyer_id, currency), {})
        known[invoice.number] = _together(known.get(invoice.number), invoice)
        names[buyer_id] = str(row.get("name") or "")
    found = []
    for (buyer_id, _), invoices in groups.items():
        for part in _parts(sorted(invoices.values(), key=lambda invoice: (invoice.due_date, invoice.number))):
            declaration = read_model(OverdueDeclaration, None, {"buyer_id": buyer_id, "invoices": tuple(part)})
            found.append(declaration.model_copy(update={"reference": reference_of(declaration)}))
    return found, names


def _invoice(row: dict[str, Any], currency: str, where: str) -> OverdueInvoice:
    given: dict[str, Any] = {"number": row["document"], "due_date": row["due_date"]}
    given |= {name: row[name] for name in ("invoice_date", "agreed_due_date") if row.get(name)}
    try:
        given["amount"] = Money(str(row["declare"]), currency)
        if row.get("disputed"):
            given["disputed"] = min(Money(str(row["disputed"]), currency), given["amount"])
        if given.get("agreed_due_date") == given["due_date"]:
            del given["agreed_due_date"]
        return read_model(OverdueInvoice, None, given)
    except (InvalidInputError, ValueError) as error:
        raise InvalidInputError(f"{where}: {error}") from None


def _together(first: OverdueInvoice | None, second: OverdueInvoice) -> OverdueInvoice:
    """The instalments of one invoice: due when the first one was."""
    if first is None:
        return second
    earliest = min(first, second, key=lambda invoice: invoice.due_date)
    return earliest.model_copy(update={"amount": first.amount + second.amount})


def _parts(invoices: Sequence[OverdueInvoice]) -> Iterator[Sequence[OverdueInvoice]]:
    for first in range(0, len(invoices), MOST_INVOICES):
        yield invoices[first : first + MOST_INVOICES]


def _record(declaration: OverdueDeclaration, names: dict[str, str]) -> dict[str, Any]:
    return {
        "buyer_id": declaration.buyer_id,
        "name": names.get(declaration.buyer_id) or None,
        "total": f"{declaration.total.amount:f}",
        "currency": declaration.total.currency,
        "invoices": [invoice.number for invoice in declaration.invoices],
        "reference": declaration.reference,
        "id": None,
        "answer": None,
        "repeated": False,
    }


def _show(run: Run, declarations: list[OverdueDeclaration], names: dict[str, str]) -> int:
    rows = [{**_record(one, names), "state": "would be declared"} for one in declarations]
    emit(run.output, rows, COLUMNS, nothing="nothing in the scan is to be declared")
    note(f"dry run: nothing was sent; {len(rows)} declarations would be")
    return ExitCode.DONE
