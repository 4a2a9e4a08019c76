"""A CSV file in blocks of whole lines, as bytes: what is the same for a thousand lines is done once for all of them.

Only where the end of a line is surely the end of a record. From the first block where it may not be, the last block is
the rest of the file, and `Records` reads it.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tradecredit_sdk.cli.csv_records import Head, Records

BLOCK = 1 << 15
"""Bytes read at a time; few enough that all its cells stay in a processor's cache."""

Cells = Sequence[bytes]


def lines_with(records: Records, pattern: bytes) -> Iterator[tuple[Head, list[bytes]]]:
    """Lines with a value that begins with what the pattern finds, some at a time and without their ends.

    Records of several lines are torn.
    """
    with records.text() as text:
        head = records.head(text)
    with records.path.open("rb") as stream:
        is_quoted = b'"' in b"".join(stream.readline() for _ in range(head.line))
        # What all finds begin with has no choice in it, so that they are found fast.
        find = re.compile(re.escape(head.delimiter.encode()) + b'"' * is_quoted + pattern).finditer
        left = b""
        while read := stream.read(BLOCK):
            whole = left + read
            cut = whole.rfind(b"\n") + 1
            left, done, last, lines = whole[cut:], whole[:cut], 0, []
            for found in find(done):
                if found.start() >= last:
                    start, last = done.rfind(b"\n", 0, found.start()) + 1, done.find(b"\n", found.end()) + 1
                    lines.append(done[start : last - 1].removesuffix(b"\r"))
            if lines:
                yield head, lines


def blocks_of(records: Records) -> Iterator[Block]:
    """The blocks after the header, in order; InvalidInputError when the header is wrong, OSError."""
    with records.path.open("rb") as stream:
        with records.text() as text:
            head = records.head(text)
        start = b"".join(stream.readline() for _ in range(head.line))
        line, offset, left = head.line, len(start), b""
        if start.count(b"\r") != start.count(b"\r\n"):
            yield Block(records, head, 0, 0, b"", is_rest=True)
            return
        while True:
            read = stream.read(BLOCK)
            cut = read.rfind(b"\n") + 1
            if read and not cut:
                left += read
                continue
            block = Block(records, head, line, offset, left + read[:cut])
            left = read[cut:]
            if not block.text:
                return
            offset += len(block.text)
            if not block.is_plain():
                yield Block(records, head, line, block.offset, b"", is_rest=True)
                return
            yield block
            line += block.count


@dataclass
class Block:
    """Whole lines after line `after`, which begin at byte `offset`."""

    records: Records
    head: Head
    after: int
    offset: int
    text: bytes
    is_rest: bool = False
    count: int = 0
    """How many lines."""
    _cells: list[bytes] | None = None
    """All cells, one line after the other, where all are in quotes."""
    _quoted: dict[int, list[bytes]] = field(default_factory=dict)
    """The cells of each line with a quote in it, by place."""

    def is_plain(self) -> bool:
        """Prepare it; whether each line is one record: no quote is left open, no line ends in another way, no NUL."""
        text = self.text if self.text.endswith(b"\n") else self.text.removesuffix(b"\r") + b"\n"
        if b"\0" in text:
            return False
        text = text.replace(b"\r\n", b"\n")
        if b"\r" in text:
            return False
        self.text = text[:-1]
        self.count = text.count(b"\n")
        return b'"' not in text or self._is_all_quoted() or self._read_quoted()

    def _is_all_quoted(self) -> bool:
        text, width, edge = self.text, len(self.head.names), f'"{self.head.delimiter}"'.encode()
        if text.count(b'"') != 2 * width * self.count or not (text[:1] == text[-1:] == b'"'):
            return False
        cells = text[1:-1].replace(b'"\n"', edge).split(edge)
        if len(cells) != width * self.count or b'"' in b"".join(cells):
            return False
        self._cells = cells
        return True

    def _read_quoted(self) -> bool:
        quoted = {place: line for place, line in enumerate(self.text.split(b"\n")) if b'"' in line}
        try:
            for place, line in quoted.items():
                text = line.decode(errors="surrogateescape")
                (cells,) = csv.reader([text], delimiter=self.head.delimiter, strict=True)
                self._quoted[place] = [cell.encode(errors="surrogateescape") for cell in cells]
        except csv.Error:
            return False
        return True

    def columns(self) -> Sequence[Cells] | None:
        """The values by column; None when a line has another number of them than the header."""
        width, delimiter = len(self.head.names), self.head.delimiter.encode()
        if self._quoted:
            rows = [cells for _, cells in self.rows()]
            return list(zip(*rows, strict=True)) if {width} == {len(cells) for cells in rows} else None
        cells = self._cells or self.text.replace(b"\n", delimiter).split(delimiter)
        # Between a line with a value less and one with a value more, currencies stand in a wrong column.
        return [cells[place::width] for place in range(width)] if len(cells) == width * self.count else None

    def rows(self) -> Iterator[tuple[int, list[bytes]]]:
        """Number and values of each line."""
        if self._cells is not None:
            width = len(self.head.names)
            for place in range(self.count):
                yield self.after + 1 + place, self._cells[place * width : (place + 1) * width]
            return
        delimiter, quoted = self.head.delimiter.encode(), self._quoted
        for place, line in enumerate(self.text.split(b"\n")):
            yield self.after + 1 + place, quoted[place] if place in quoted else line.split(delimiter)

    def records_of_rest(self) -> Iterator[tuple[int, tuple[str, ...]]]:
        """The records of the rest of the file."""
        with self.records.text() as stream:
            if self.offset:
                stream.seek(self.offset)
                yield from self.records.rows(stream, self.head._replace(line=self.after))
            else:
                yield from self.records.rows(stream, self.records.head(stream))
