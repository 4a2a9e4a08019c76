"""A large ledger of which little matters: the items of buyers with something near, at hardly more than the cost of a read.

The file is read twice, in blocks of bytes. The first time every line is looked at for its form alone, a column of a block
at a time, and the customers are noted who have something near; a line that is not of the usual form is read thoroughly,
so that it is named or understood. The second time the lines of those customers, and of others that may be the same
company, are read thoroughly (`Ledger`). Memory holds a block and the customers, never the ledger.

Where a line end may not be the end of a record (a quote that is left open) the thorough reader takes over until the end of
the file: slower, with the same outcome.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path

from tradecredit_sdk.cli.csv_blocks import Block, Cells, blocks_of
from tradecredit_sdk.cli.csv_records import Head
from tradecredit_sdk.cli.ledger_files import Ledger, Parties
from tradecredit_sdk.errors import InvalidInputError
from tradecredit_sdk.models.base import parse_day
from tradecredit_sdk.models.exposure import ItemKind, OpenItem
from tradecredit_sdk.models.money import MINOR_UNITS

_OF_AMOUNTS = b"0123456789.-"
_NOT_DIGITS = re.compile(r"\D+")
_INVOICES = frozenset({b"", ItemKind.INVOICE.value.encode()})
_KINDS = _INVOICES.union(kind.value.encode() for kind in ItemKind)
_CURRENCIES = frozenset(code.encode() for code in MINOR_UNITS)
_IDENTITY = ("buyer_id", "vat_number", "registration_number")

Row = tuple[int, tuple[str, ...]]


class _Strangers(Parties):
    """Customers of whom only the present line is known: the lines do not come in the order of the file."""

    def meet(self, cells: tuple[str, ...]) -> None:
        self.by_customer.clear()
        super().meet(cells)


class SievedLedger(Ledger):
    """A ledger of which `near_items` gives those items that matter; as a `Ledger` it still gives all of them."""

    def __init__(self, path: Path | str, is_near: Callable[[date], bool], parties: Parties | None = None) -> None:
        super().__init__(path, parties)
        self._is_near = is_near
        self._near: set[bytes] = set()
        self._far: set[bytes] = set()
        self._customers: set[bytes] = set()
        self._identities: list[set[tuple[bytes, bytes]]] = [set() for _ in _IDENTITY]
        self._identified: set[bytes] = set()

    def near_items(self, step: Callable[[], None] = lambda: None) -> Iterator[OpenItem]:
        """Every item of the buyers who have an invoice that `is_near`; `line` and `problems` as when all are read.

        What is wrong on a line of another buyer is named where it might hide something near. `step` is called for each
        block. InvalidInputError also when the file changes meanwhile.
        """
        self.records.problems.clear()
        stamp = self._stamp()
        with self._readable():
            is_simple = True
            for block in blocks_of(self.records):
                self._look(block)
                is_simple = is_simple and block.is_simple
                step()
            wanted = self._related()
            again = blocks_of(self.records, is_simple=is_simple) if wanted else ()
            yield from self.good(self._chosen(again, wanted, step))
        # Lines that were read thoroughly both times are named once, by what the second time knew of the customer.
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

    # The first time

    def _look(self, block: Block) -> None:
        if block.is_rest:
            return self._look_thoroughly(block.records_of_rest())
        columns = block.columns()
        if columns is not None and self._has_usual_form(columns, block.head):
            return self._note(columns, block.head)
        usual, unusual = [], []
        for line, cells in block.rows():
            if len(cells) == len(block.head.names) and self._has_usual_form([[cell] for cell in cells], block.head):
                usual.append(cells)
            else:
                unusual.append((line, cells))
        if usual:
            self._note(list(zip(*usual, strict=True)), block.head)
        return self._look_thoroughly(self.records.read(unusual, block.head))

    def _look_thoroughly(self, rows: Iterable[Row]) -> None:
        parties, self.parties = self.parties, _Strangers()
        for item in self.good(self._noting(rows)):
            due = item.original_due_date
            if item.kind is ItemKind.INVOICE and due is not None and self._is_near(due):
                self._customers.add(item.customer.encode())
        self.parties = parties

    def _noting(self, rows: Iterable[Row]) -> Iterator[Row]:
        places = [list(self.columns).index(name) for name in _IDENTITY]
        for line, cells in rows:
            for pairs, place in zip(self._identities, places, strict=True):
                if cells[place]:
                    pairs.add((_bytes(cells[0]), _bytes(cells[place])))
            yield line, cells

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
        try:
            is_near = bool(due) and self._is_near(parse_day(due.decode("ascii")))
        except ValueError:
            return False
        (self._near if is_near else self._far).add(due)
        return True

    def _note(self, columns: Sequence[Cells], head: Head) -> None:
        customers, dues, amounts = (columns[head.names.index(name)] for name in ("customer", "due_date", "amount"))
        if not self._identified.issuperset(customers):
            self._identify(customers, columns, head)
        near = self._near
        if not near.isdisjoint(dues):
            kinds = _column("kind", columns, head)
            self._customers.update(
                customers[place]
                for place, due in enumerate(dues)
                if due in near and (kinds is None or kinds[place] in _INVOICES) and not amounts[place].startswith(b"-")
            )

    def _identify(self, customers: Cells, columns: Sequence[Cells], head: Head) -> None:
        """Note what identifies each customer, from the first of its lines that says something of it."""
        named = zip(self._identities, (_column(name, columns, head) for name in _IDENTITY), strict=True)
        known = [(pairs, column) for pairs, column in named if column is not None and any(column)]
        if not known:
            return
        for place, customer in enumerate(customers):
            if customer not in self._identified:
                for pairs, column in known:
                    if column[place]:
                        pairs.add((customer, column[place]))
                        self._identified.add(customer)

    # The second time

    def _related(self) -> frozenset[bytes]:
        """The customers with something near, and those who may be one company with them, by an id or a number's digits."""
        by_mark: dict[tuple[bool, str], list[bytes]] = {}
        marks: dict[bytes, set[tuple[bool, str]]] = {}
        for name, pairs in zip(_IDENTITY, self._identities, strict=True):
            for customer, number in pairs:
                text = number.decode(errors="replace")
                # Signs, and the country in front, are left to those who compare what is read thoroughly.
                mark = (True, text) if name == "buyer_id" else (False, _NOT_DIGITS.sub("", text) or text)
                if text:
                    marks.setdefault(customer, set()).add(mark)
                    by_mark.setdefault(mark, []).append(customer)
        found, waiting = set(self._customers), list(self._customers)
        while waiting:
            for mark in marks.get(waiting.pop(), ()):
                new = {customer for customer in by_mark.pop(mark, ()) if customer not in found}
                found |= new
                waiting += new
        return frozenset(found)

    def _chosen(self, blocks: Iterable[Block], wanted: Collection[bytes], step: Callable[[], None]) -> Iterator[Row]:
        for block in blocks:
            if block.is_rest:
                yield from (row for row in block.records_of_rest() if _bytes(row[1][0]) in wanted)
            else:
                yield from self.records.read(block.rows_of("customer", wanted), block.head)
            step()


def _column(name: str, columns: Sequence[Cells], head: Head) -> Cells | None:
    return columns[head.names.index(name)] if name in head.names else None


def _bytes(text: str) -> bytes:
    return text.encode(errors="surrogateescape")
