"""How data reaches stdout: a table for people, JSON, NDJSON and CSV for programs. Messages go to stderr.

Amounts are strings in every machine form; what is not there is null in JSON, empty in CSV and a dash in a table, so
that "no limit" never reads like a limit of 0. A reader who closes the pipe early ends the writing, not the command.
A file or a pipe gets JSON and CSV with every text as it is; on a terminal, what could steer it is written as an escape.
"""

from __future__ import annotations

import csv
import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from tradecredit_sdk.cli.failure import escaped, printable

if TYPE_CHECKING:
    from pydantic import BaseModel
    from rich.console import Console, RenderableType

Record = Mapping[str, Any]

PIPE_WIDTH = 160
"""How wide a table is where nobody says how wide it may be: in a pipe or a file. Wider only if it must, lest digits are cut."""
PIPE_FOLD = 40
"""There, what may be folded is not folded narrower."""

_ONE_BELOW_THE_OTHER = frozenset({"reasons", "conditions", "request", "each_invoice", "each_payment"})
_FOLDABLE = _ONE_BELOW_THE_OTHER | {"name", "identifiers", "invoices", "message", "remedy", "reason", "answer", "value"}


@dataclass(frozen=True)
class Column:
    """One column: `key` of the record; `currency` the key beside an amount. Without `title` it is for CSV only."""

    key: str
    title: str = ""
    currency: str = ""
    numeric: bool = False


def flat(model: BaseModel) -> dict[str, Any]:
    """The model's own JSON with each amount beside its currency: `{"amount": "12.50", "currency": "EUR"}`.

    An amount under another name puts its currency under `<name>_currency`.
    """
    flattened: dict[str, Any] = _flat(model.model_dump(mode="json", exclude={"raw"}))
    return flattened


def _flat(value: Any) -> Any:
    if isinstance(value, list):
        return [_flat(item) for item in value]
    if not isinstance(value, dict):
        return value
    result: dict[str, Any] = {}
    for key, item in value.items():
        if isinstance(item, dict) and item.keys() == {"amount", "currency"}:
            result[key] = item["amount"]
            result["currency" if key == "amount" else f"{key}_currency"] = item["currency"]
        elif key == "amount" and item is None:
            result.update(amount=None, currency=None)
        else:
            result[key] = _flat(item)
    return result


def emit(output: str, records: Iterable[Record], columns: Sequence[Column], *, nothing: str = "nothing found") -> bool:
    """Write a list. NDJSON and CSV are written as the records come; False when the reader has gone away."""
    try:
        _WRITERS[output](records, columns, nothing)
        sys.stdout.flush()
    except BrokenPipeError:
        silence_stdout()
        return False
    return True


def emit_one(output: str, record: Record, columns: Sequence[Column]) -> bool:
    """Write one object: JSON without a list around it, a table with one line for each value."""
    try:
        if output == "json":
            print(_json(record, indent=2))  # noqa: T201
        elif output == "table":
            _write_card(record, columns)
        else:
            _WRITERS[output]([record], columns, "")
        sys.stdout.flush()
    except BrokenPipeError:
        silence_stdout()
        return False
    return True


def emit_as_they_come(output: str, records: Iterable[Record], columns: Sequence[Column]) -> bool:
    """Write each record the moment it comes, one a line; False when the reader has gone away."""
    try:
        if output == "csv":
            _write_csv(_flushing(records), columns, "")
        for record in records:
            print("  ".join(text_of(record, column) for column in columns) if output == "table" else _json(record))  # noqa: T201
            sys.stdout.flush()
    except BrokenPipeError:
        silence_stdout()
        return False
    return True


def _flushing(records: Iterable[Record]) -> Iterator[Record]:
    for record in records:
        yield record
        sys.stdout.flush()


def note(message: str) -> None:
    """A message for the person, on stderr."""
    print(printable(message, keep_lines=True), file=sys.stderr, flush=True)  # noqa: T201


def silence_stdout() -> None:
    """After the reader closed the pipe: let the interpreter's last flush go nowhere."""
    try:
        target = sys.stdout.fileno()
    except (OSError, ValueError):
        return
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, target)
    os.close(nowhere)


@contextmanager
def progress(what: str, total: int | None = None) -> Iterator[Callable[[], None]]:
    """A progress bar on stderr while a person looks; the yielded function counts one step."""
    if not sys.stderr.isatty():
        yield lambda: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    parts = [SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()]
    with Progress(*parts, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda: bar.advance(task)


def text_of(record: Record, column: Column) -> str:
    """What a table shows: `30,000.00 EUR`, a dash for what is not there."""
    value = record.get(column.key)
    if value is None or value in ("", []):
        return "-"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if column.currency:
        return amount_text(str(value), record.get(column.currency))
    if isinstance(value, (list, tuple)):
        words = [printable(_word(item)) for item in value]
        return ("\n" if column.key in _ONE_BELOW_THE_OTHER else ", ").join(words)
    return printable(
        str(value).replace("_", " ") if column.key in ("state", "outcome", "kind", "action") else str(value)
    )


def amount_text(amount: str, currency: object) -> str:
    """`1234.50`, `EUR` as `1,234.50 EUR`: one way to write amounts everywhere, that of the reasons' messages."""
    from decimal import Decimal

    return printable(f"{Decimal(amount):,f} {currency or ''}")


def _word(item: Any) -> str:
    if not isinstance(item, Mapping):
        return str(item)
    return str(item.get("message") or item.get("text") or item.get("value") or item.get("number") or _json(item))


def _json(value: Any, indent: int | None = None) -> str:
    encoding = (getattr(sys.stdout, "encoding", None) or "ascii").lower().replace("-", "")
    text = json.dumps(value, ensure_ascii=not encoding.startswith("utf"), indent=indent, default=str)
    return escaped(text) if sys.stdout.isatty() else text


def _write_json(records: Iterable[Record], columns: Sequence[Column], nothing: str) -> None:
    print(_json(list(records), indent=2))  # noqa: T201


def _write_ndjson(records: Iterable[Record], columns: Sequence[Column], nothing: str) -> None:
    for record in records:
        print(_json(record))  # noqa: T201


def _write_csv(records: Iterable[Record], columns: Sequence[Column], nothing: str) -> None:
    keys = list(dict.fromkeys(key for column in columns for key in (column.key, column.currency) if key))
    writer = csv.writer(sys.stdout, lineterminator="\n")
    writer.writerow(keys)
    is_seen = sys.stdout.isatty()
    for record in records:
        writer.writerow([_cell(record.get(key), is_seen=is_seen) for key in keys])


# A spreadsheet takes a cell that begins with one of these for a formula, and the text may be anybody's.
_FORMULA = frozenset("=+-@\t\n\uff1d\uff0b\uff0d\uff20")
_NUMBER = re.compile(r"-?\d+(\.\d+)?", re.ASCII)


def _cell(value: Any, *, is_seen: bool) -> Any:
    """A text that would be a formula gets an apostrophe before it, a number never does; escaped where it `is_seen`."""
    if type(value) is not str:
        if value is None:
            return value
        if isinstance(value, (list, tuple)):
            value = "; ".join(_word(item) for item in value)
        elif isinstance(value, Mapping):
            value = _json(value)
        elif not isinstance(value, str):
            return value
    text = value
    if "\r" in text:  # a bare one is not quoted by every Python
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = escaped(text) if is_seen else text
    return f"'{text}" if text[:1] in _FORMULA and not _NUMBER.fullmatch(text) else text


_STYLES = {
    "approved": "green", "allowed": "green", "ok": "green", "settled": "green", "answered": "green",
    "partly_approved": "yellow", "warning": "yellow", "warn": "yellow", "reduced": "yellow", "requested": "cyan",
    "referred": "cyan", "withdrawal_announced": "yellow", "declared": "cyan", "extended": "cyan", "unknown": "yellow",
    "refused": "red", "blocked": "red", "fail": "red", "withdrawn": "red", "expired": "red", "rejected": "red",
}  # fmt: skip


def _styled(record: Record, column: Column) -> Any:
    from rich.text import Text

    style = _STYLES.get(str(record.get(column.key)), "") if column.key in ("state", "outcome", "status") else ""
    return Text(text_of(record, column), style=style)


def console() -> Console:
    """Rich on stdout. A pipe or a file gets no colours, and lines that a person can still read, or as long as COLUMNS says."""
    from rich.console import Console

    width = None if sys.stdout.isatty() or "COLUMNS" in os.environ else PIPE_WIDTH
    return Console(file=sys.stdout, highlight=False, width=width)


def show(screen: Console, what: RenderableType) -> None:
    """Print what rich can draw, without the blanks it fills lines with: they make pipes and copies ugly."""
    with screen.capture() as drawn:
        screen.print(what)
    sys.stdout.write("".join(f"{line.rstrip()}\n" for line in drawn.get().splitlines()))


def _write_table(records: Iterable[Record], columns: Sequence[Column], nothing: str) -> None:
    rows = list(records)
    if not rows:
        note(nothing)
        return
    from rich.box import SIMPLE_HEAD
    from rich.measure import Measurement
    from rich.table import Table

    shown = [column for column in columns if column.title]
    screen = console()
    table = Table(box=SIMPLE_HEAD, pad_edge=False, show_edge=False, header_style="bold")
    for column in shown:
        right = bool(column.currency) or column.numeric
        table.add_column(
            column.title, justify="right" if right else "left", overflow="fold", min_width=_least(rows, column),
            no_wrap=column.key not in _FOLDABLE,
        )  # fmt: skip
    for row in rows:
        table.add_row(*(_styled(row, column) for column in shown))
    roomy = screen.options.update(max_width=10_000)
    least = Measurement.get(screen, roomy, table).minimum
    if least > screen.width and not sys.stdout.isatty():
        screen.width = least
    if least > screen.width:
        # Too narrow for a table: cutting off the digits of an amount is no way out.
        for place, row in enumerate(rows):
            if place:
                print()  # noqa: T201
            _write_card(row, columns)
        return
    show(screen, table)


def _least(rows: Sequence[Record], column: Column) -> int | None:
    """Ids, amounts and states stay on one line; names and sentences may be folded, as far as a terminal makes it necessary."""
    from rich.cells import cell_len

    longest = max(cell_len(line) for row in rows for line in text_of(row, column).split("\n"))
    if column.key not in _FOLDABLE:
        return longest
    return None if sys.stdout.isatty() else min(longest, PIPE_FOLD)


def _write_card(record: Record, columns: Sequence[Column]) -> None:
    from rich.table import Table

    screen = console()
    card = Table(box=None, show_header=False, pad_edge=False)
    card.add_column(style="bold", no_wrap=True)
    card.add_column(overflow="fold")
    for column in columns:
        if column.title:
            card.add_row(column.title, _styled(record, column))
    show(screen, card)


_WRITERS = {"table": _write_table, "json": _write_json, "ndjson": _write_ndjson, "csv": _write_csv}
