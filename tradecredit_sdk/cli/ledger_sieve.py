"""A large ledger of which little matters: the items of buyers with something near, at hardly more than the cost of a read.

First the bytes of the file are searched for days that are near, which tells almost all customers that matter. Then the file
is read in blocks: every line is looked at for its form, a column of a block at a time; the lines of those customers are
kept, and a line that is not of the usual form is read thoroughly, so that it is named or understood. Who else turns out to
matter meanwhile, or may be one company with them, is added, and the file is read in blocks once more. What was kept is read
thoroughly (`Ledger`). Memory holds a block, the lines kept, and what identifies customers, never the ledger.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from tradecredit_sdk.cli.csv_blocks import Block, Cells, blocks_of, lines_with
from tradecredit_sdk.cli.csv_records import Head
from tradecredit_sdk.cli.ledger_files import Ledger, Parties
from tradecredit_sdk.errors import InvalidInputError
from tradecredit_sdk.models.base import parse_day
from tradecredit_sdk.models.exposure import ItemKind, OpenItem
from tradecredit_sdk.models.money import MINOR_UNITS

_OF_AMOUNTS = b"0123456789.-"
_NOT_DIGITS = re.compile(rb"\D+")
_INVOICES = frozenset({b"", ItemKind.INVOICE.value.encode()})
_KINDS = _INVOICES.union(kind.value.encode() for kind in ItemKind)
_CURRENCIES = frozenset(code.encode() for code in MINOR_UNITS)
_NUMBERS = ("vat_number", "registration_number")

Row = tuple[int, tuple[str, ...]]


class _Strangers(Parties):
    """Customers of whom only the present line is known: the lines do not come in the order of the file."""

    def meet(self, cells: tuple[str, ...]) -> None:
        self.by_customer.clear()
        super().meet(cells)


class SievedLedger(Ledger):
    """A ledger of which `near_items` gives those items that matter; as a `Ledger` it still gives all of them.

    An invoice is near that is due on `near_until` or before.
    """

    def __init__(self, path: Path | str, near_until: date, parties: Parties | None = None) -> None:
        super().__init__(path, parties)
        self._near_until = near_until
        self._near: set[bytes] = set()
        self._far: set[bytes] = set()
        self._wanted = _Wanted()
        self._kept: list[Row] = []

    def near_items(self, step: Callable[[], None] = lambda: None) -> Iterator[OpenItem]:
        """Every item of the buyers who have an invoice that is near; `line` and `problems` as when all are read.

        What is wrong on a line of another buyer is named where it might hide something near. `step` is called for each
        block of the reading that is needed always. InvalidInputError also when the file changes meanwhile.
        """
        stamp = self._stamp()
        with self._readable():
            self._guess()
            self._read_blocks(step)
            while self._wanted.has_grown():
                self._read_blocks(lambda: None)
        self._kept.sort()
        yield from self.good(self._kept)
        # A line that was read both ways is named once, by what the whole file tells of the customer.
        problems = {problem.line: problem for problem in self.problems}
        self.records.problems[:] = [problems[line] for line in sorted(problems)]
        if self._stamp() != stamp:
            raise InvalidInputError(
                f"{self.records.path}: was changed while it was read: repeat it with a file at rest"
            )

    @contextmanager
    def _readable(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise InvalidInputError(f"{self.records.path}: cannot be read: {error.strerror or error}") from None

    def _stamp(self) -> tuple[int, int]:
        with self._readable():
            stat = self.records.path.stat()
        return stat.st_size, stat.st_mtime_ns

    def _guess(self) -> None:
        """Want whom a search for near days finds; whoever is missed by it is found when the blocks are read."""
        for head, lines in lines_with(self.records, _days_until(self._near_until)):
            rows = [
                cells for cells in (_split(line, head.delimiter) for line in lines) if len(cells) == len(head.names)
            ]
            columns = list(zip(*rows, strict=True))
            if rows and self._has_usual_form(columns, head):
                self._want_near(columns, head)
                continue
            for cells in rows:
                alone = [[cell] for cell in cells]
                if self._has_usual_form(alone, head):
                    self._want_near(alone, head)
        self._wanted.has_grown()

    def _read_blocks(self, step: Callable[[], None]) -> None:
        self.records.problems.clear()
        self._kept.clear()
        for block in blocks_of(self.records):
            self._read_block(block)
            step()

    def _read_block(self, block: Block) -> None:
        if block.is_rest:
            return self._read_thoroughly(block.records_of_rest())
        columns = block.columns()
        if columns is not None and self._has_usual_form(columns, block.head):
            return self._keep(columns, range(block.after + 1, block.after + 1 + block.count), block.head)
        usual, lines, unusual = [], [], []
        for line, cells in block.rows():
            if len(cells) == len(block.head.names) and self._has_usual_form([[cell] for cell in cells], block.head):
                usual.append(cells)
                lines.append(line)
            else:
                unusual.append((line, cells))
        if usual:
            self._keep(list(zip(*usual, strict=True)), lines, block.head)
        return self._read_thoroughly(self.records.read(unusual, block.head))

    # Lines of the usual form

    def _has_usual_form(self, columns: Sequence[Cells], head: Head) -> bool:
        """Whether each of these lines can be understood, as far as it matters to a customer with nothing near."""
        customers, documents, dues, amounts, currencies = (
            columns[head.names.index(name)] for name in ("customer", "document", "due_date", "amount", "currency")
        )
        kinds, tax = _column("kind", columns, head), _column("tax", columns, head)
        return (
            (self._far.issuperset(dues) or all(map(self._knows, {*dues} - self._far - self._near)))
            and _CURRENCIES.issuperset(currencies)
            and (kinds is None or _KINDS.issuperset(kinds))
            and b"" not in customers
            and b"" not in documents
            and b"" not in amounts
            and not b"".join(amounts).translate(None, _OF_AMOUNTS)
            and (tax is None or not b"".join(tax).translate(None, _OF_AMOUNTS))
            and (
                b"" not in dues
                or (kinds is not None and _INVOICES.isdisjoint(kind for kind, due in zip(kinds, dues) if not due))  # noqa: B905
            )
        )

    def _knows(self, due: bytes) -> bool:
        """Whether it is a day, or none; and remember it as near or far."""
        try:
            is_near = bool(due) and parse_day(due.decode("ascii")) <= self._near_until
        except ValueError:
            return False
        (self._near if is_near else self._far).add(due)
        return True

    def _keep(self, columns: Sequence[Cells], lines: Sequence[int], head: Head) -> None:
        if not self._near.isdisjoint(columns[head.names.index("due_date")]):
            self._want_near(columns, head)
        customers, ids = columns[head.names.index("customer")], _column("buyer_id", columns, head)
        for name in _NUMBERS:
            column = _column(name, columns, head)
            if column is not None and any(column):
                self._wanted.note_numbers(customers, column)
        if ids is not None and not self._wanted.ids.isdisjoint(ids):
            self._wanted.customers.update(
                customer for customer, one in zip(customers, ids, strict=True) if one in self._wanted.ids
            )
        wanted = self._wanted.customers
        if wanted.isdisjoint(customers):
            return
        places = [place for place, customer in enumerate(customers) if customer in wanted]
        if ids is not None:
            self._wanted.ids.update(filter(None, (ids[place] for place in places)))
        rows = ((lines[place], [column[place] for column in columns]) for place in places)
        self._kept += self.records.read(rows, head)

    def _want_near(self, columns: Sequence[Cells], head: Head) -> None:
        customers, dues, amounts = (columns[head.names.index(name)] for name in ("customer", "due_date", "amount"))
        kinds, ids = _column("kind", columns, head), _column("buyer_id", columns, head)
        near = self._near
        for place, due in enumerate(dues):
            if due in near and (kinds is None or kinds[place] in _INVOICES) and not amounts[place].startswith(b"-"):
                self._wanted.customers.add(customers[place])
                if ids is not None and ids[place]:
                    self._wanted.ids.add(ids[place])

    # Lines that are read thoroughly

    def _read_thoroughly(self, rows: Iterable[Row]) -> None:
        parties, self.parties = self.parties, _Strangers()
        for item in self.good(self._noting(rows)):
            due = item.original_due_date
            if item.kind is ItemKind.INVOICE and due is not None and due <= self._near_until:
                self._wanted.customers.add(item.customer.encode())
        self.parties = parties

    def _noting(self, rows: Iterable[Row]) -> Iterator[Row]:
        names = list(self.columns)
        buyer_id, *numbers = (names.index(name) for name in ("buyer_id", *_NUMBERS))
        for line, cells in rows:
            customer, one = _bytes(cells[0]), _bytes(cells[buyer_id])
            for place in numbers:
                self._wanted.note_numbers([customer], [_bytes(cells[place])])
            if one in self._wanted.ids:
                self._wanted.customers.add(customer)
            if customer in self._wanted.customers:
                self._wanted.ids.update([one] if one else ())
                self._kept.append((line, cells))
            yield line, cells


class _Wanted:
    """Customers with something near, and those who may be one company with them, by an id or the digits of a number."""

    def __init__(self) -> None:
        self.customers: set[bytes] = set()
        self.ids: set[bytes] = set()
        self._size = 0
        self._noted: set[bytes] = set()
        self._by_number: dict[bytes, set[bytes]] = {}

    def note_numbers(self, customers: Cells, numbers: Cells) -> None:
        """Remember whose a number is, from the first line of a customer that tells it."""
        if self._noted.issuperset(customers):
            return
        for customer, number in zip(customers, numbers, strict=True):
            if number and customer not in self._noted:
                # Signs, and the country in front, are left to those who compare what is read thoroughly.
                self._by_number.setdefault(_NOT_DIGITS.sub(b"", number) or number, set()).add(customer)

    def has_grown(self) -> bool:
        """Whether somebody was added since it was asked last; those with a number of theirs are, now."""
        waiting = True
        while waiting:
            before = len(self.customers)
            for sharing in self._by_number.values():
                if len(sharing) > 1 and not sharing.isdisjoint(self.customers):
                    self.customers |= sharing
            waiting = len(self.customers) > before
        size, self._size = self._size, len(self.customers) + len(self.ids)
        return self._size > size


def _days_until(day: date) -> bytes:
    """A pattern of the days of this century until `day`, as they are written."""
    if day.year // 100 != 20:
        return b"20" if day.year >= 2100 else b"(?!)"
    year = day.year % 100
    earlier = f"{_up_to(year - 1)}|" if year else ""
    return f"20(?:{earlier}{year:02d}-(?:{_up_to(day.month - 1)}|{day.month:02d}-(?:{_up_to(day.day)})))".encode()


def _up_to(number: int) -> str:
    """A pattern of two digits that are at most so many."""
    tens, units = divmod(number, 10)
    return (rf"[0-{tens - 1}]\d|" if tens else "") + f"{tens}[0-{units}]"


def _split(line: bytes, delimiter: str) -> list[bytes]:
    if b'"' not in line:
        return line.split(delimiter.encode())
    try:
        (cells,) = csv.reader([line.decode(errors="surrogateescape")], delimiter=delimiter, strict=True)
    except (csv.Error, ValueError):
        return []
    return [_bytes(cell) for cell in cells]


def _column(name: str, columns: Sequence[Cells], head: Head) -> Cells | None:
    return columns[head.names.index(name)] if name in head.names else None


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogateescape")
