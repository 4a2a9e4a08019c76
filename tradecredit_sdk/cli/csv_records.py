"""A CSV file read record by record: every line that cannot be read is named, every other one is read.

UTF-8 with or without a byte order mark; `,` or `;` between the columns, whichever the header uses; RFC 4180 quotes. A
quote that was left open swallows the lines after it: those are given back and read again by themselves.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from io import TextIOBase, TextIOWrapper
from itertools import islice, tee
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from tradecredit_sdk.errors import FieldError, InvalidInputError

_UNREADABLE = re.compile("[\udc80-\udcff]")  # how bytes that are not UTF-8 are kept until they are named
_SEPARATOR = re.compile(r'"?sep=.?"?', re.IGNORECASE)  # for spreadsheet programs; the header tells it, too
_BETWEEN_WORDS = re.compile(r'[,;\t|"\r\n\0]+')
_UTF16 = ("\udcff\udcfe", "\udcfe\udcff")


@dataclass(frozen=True, slots=True)
class RowProblem:
    """What is wrong with one line, and the remedy. `column` is empty when the line as a whole is wrong.

    `line` is the number of the record's first line, the header being line 1. `customer` says whose line it was, when
    that could be read. `words` are what stands on it; `is_torn` says that its columns cannot be told apart, so a word
    may be of any of them.
    """

    file: str
    line: int
    column: str
    message: str
    customer: str = ""
    words: tuple[str, ...] = ()
    is_torn: bool = False

    def __str__(self) -> str:
        return ", ".join([self.file, f"line {self.line}", *([f"column {self.column}"] if self.column else [])]) + (
            f": {self.message}"
        )


class Head(NamedTuple):
    """What stands between the values, the names of the columns, and the number of the line they stand on."""

    delimiter: str
    names: list[str]
    line: int


class Records:
    """The records of one file. `columns` maps each known name to whether the file must have it.

    Yields (line number, cells in the order of `columns`, empty where the file lacks the column). Lines that cannot be
    read are added to `problems` instead. InvalidInputError when the file cannot be opened or its header is wrong.
    """

    def __init__(self, path: Path, columns: Mapping[str, bool]) -> None:
        self.path = path
        self.columns = tuple(columns)
        self.problems: list[RowProblem] = []
        self._required = columns

    def problem(
        self,
        line: int,
        column: str,
        message: str,
        customer: str = "",
        words: Iterable[str] = (),
        *,
        is_torn: bool = False,
    ) -> None:
        """Note what is wrong with a line."""
        self.problems.append(RowProblem(self.path.name, line, column, message, customer, tuple(words), is_torn))

    def _torn(self, line: int, message: str, cells: list[str], header: list[str]) -> None:
        words = [word.strip() for cell in cells for word in _BETWEEN_WORDS.split(cell) if word.strip()]
        self.problem(line, "", message, _customer(cells, header), words, is_torn=True)

    def check_header(self) -> None:
        """InvalidInputError now instead of at the first record. A pipe, which can be read once only, is left alone."""
        if self.path.is_file():
            next(iter(self), None)

    def __iter__(self) -> Iterator[tuple[int, tuple[str, ...]]]:
        self.problems.clear()
        try:
            with self.text() as stream:
                yield from self.rows(stream, self.head(stream))
        except OSError as error:
            raise InvalidInputError(f"{self.path}: cannot be read: {error.strerror or error}") from None

    def text(self) -> TextIOWrapper:
        """The file, opened from its start; bytes that are not UTF-8 are kept, so that they can be named."""
        return self.path.open(encoding="utf-8-sig", errors="surrogateescape", newline="")

    def head(self, stream: TextIOBase) -> Head:
        """The header, which is read from `stream`; InvalidInputError when it is wrong."""
        first, number = self._first_line(stream)
        return Head(*self._header(first, number), number)

    def rows(self, stream: Iterator[str], head: Head) -> Iterator[tuple[int, tuple[str, ...]]]:
        """The records of the lines in `stream`, which come after line `head.line`."""
        delimiter, header, number = head
        width = len(header)
        pick = self._pick(header)
        behind = stream
        while True:
            # `behind` holds what the reader has taken of the present record, in case it took too much.
            ahead, behind = tee(behind)
            reader, base, read = csv.reader(ahead, delimiter=delimiter, strict=True), number, 0
            try:
                for cells in reader:
                    line, taken, read = number + 1, reader.line_num - read, reader.line_num
                    text = next(behind)
                    if taken > 1:
                        if _swallowed(cells, width, delimiter):
                            self._open_quote(line, text, header, delimiter)
                            number = line
                            break
                        text = "".join([text, *islice(behind, taken - 1)])
                    number = base + read
                    if (not text.isascii() and _UNREADABLE.search(text)) or "\0" in text:
                        self._name_bytes(line, cells, header)
                    elif any(cells) and (len(cells) == width or self._fits(line, cells, header)):
                        if pick is not tuple:
                            cells.append("")  # stands for the columns the file lacks
                        yield line, pick(cells)
                else:
                    return
            except csv.Error:
                text = next(behind)
                number += 1
                if "\0" in text:  # Python 3.10 refuses these by itself
                    self._name_bytes(number, text.split(delimiter), header)
                else:
                    self._open_quote(number, text, header, delimiter)

    def read(self, rows: Iterable[tuple[int, list[bytes]]], head: Head) -> Iterator[tuple[int, tuple[str, ...]]]:
        """Rows that were told apart already, as number of the line and cells without NUL, read like those of the file."""
        header, pick = head.names, self._pick(head.names)
        for line, values in rows:
            text = b"\0".join(values).decode(errors="surrogateescape")
            cells = text.split("\0")
            if not text.isascii() and _UNREADABLE.search(text):
                self._name_bytes(line, cells, header)
            elif any(cells) and (len(cells) == len(header) or self._fits(line, cells, header)):
                if pick is not tuple:
                    cells.append("")
                yield line, pick(cells)

    def _pick(self, header: list[str]) -> Callable[[list[str]], tuple[str, ...]]:
        """What brings cells, and one empty cell after them, into the order of `columns`."""
        width = len(header)
        places = [header.index(name) if name in header else width for name in self.columns]
        return tuple if places == [*range(width)] else itemgetter(*places)

    def _open_quote(self, line: int, text: str, header: list[str], delimiter: str) -> None:
        message = 'a quote (") is left open or out of place: close it, and write "" for one within a text'
        self._torn(line, message, text.split(delimiter), header)

    def _fits(self, line: int, cells: list[str], header: list[str]) -> bool:
        """Bring the record to its width where nothing is lost by it; note the problem where something would be."""
        width = len(header)
        if len(cells) > width and not any(cells[width:]):
            del cells[width:]
            return True
        hint = "; put quotes around a text with a delimiter in it" if len(cells) > width else ""
        self._torn(line, f"has {len(cells)} values where the header names {width} columns{hint}", cells, header)
        return False

    def _name_bytes(self, line: int, cells: list[str], header: list[str]) -> None:
        if len(cells) != len(header):
            return self._torn(line, "cannot be read: save the file in UTF-8", cells, header)
        customer = _customer(cells, header)
        for column, cell in zip(header, cells, strict=False):
            bad = _UNREADABLE.search(cell)
            if bad is not None:
                message = f"the byte 0x{ord(bad[0]) - 0xDC00:02X} is not UTF-8: save the file in UTF-8, not in Latin-1"
                return self.problem(line, column, message, customer, cells)
            if "\0" in cell:
                message = "holds a NUL byte: the file was damaged or is not a text file"
                return self.problem(line, column, message, customer, cells)
        return self.problem(line, "", "cannot be read: save the file in UTF-8", customer, cells)

    def _first_line(self, stream: TextIOBase) -> tuple[str, int]:
        """The header's text and the number of its line."""
        for number, line in enumerate(stream, start=1):
            if line.startswith(_UTF16):
                raise InvalidInputError(f"{self.path}: is written in UTF-16: save it in UTF-8")
            if _UNREADABLE.search(line) or "\0" in line:
                raise InvalidInputError(f"{self.path}: is not a text file in UTF-8: save it as CSV in UTF-8")
            if line.strip() and not _SEPARATOR.fullmatch(line.strip()):
                return line, number
        raise InvalidInputError(f"{self.path}: is empty; its first line must name the columns: {self._names()}")

    def _header(self, first: str, number: int) -> tuple[str, list[str]]:
        """The delimiter and the names; InvalidInputError names every column that is missing or not known."""
        read = {mark: [name.strip().lower() for name in _split(first, mark)] for mark in ",;"}
        delimiter = max(read, key=lambda mark: sum(name in self._required for name in read[mark]))
        header = read[delimiter]
        problems = [
            FieldError(name, "is missing") for name, must in self._required.items() if must and name not in header
        ]
        for position, name in enumerate(header):
            if name not in self._required:
                near = get_close_matches(name, self.columns, n=1)
                known = f"did you mean {near[0]}?" if near else f"known are {self._names()}"
                problems.append(FieldError(name[:40] or f"number {position + 1}", f"is not a known column: {known}"))
            elif name in header[:position]:
                problems.append(FieldError(name, "is there twice"))
        if problems:
            hint = "; columns are separated by , or by ;" if "\t" in first or "|" in first else ""
            raise InvalidInputError(f"{self.path}: the header in line {number} is wrong{hint}", fields=tuple(problems))
        return delimiter, header

    def _names(self) -> str:
        return ", ".join(self.columns)


def _split(line: str, delimiter: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=delimiter, strict=True))
    except csv.Error:
        return [line]


def _swallowed(cells: list[str], width: int, delimiter: str) -> bool:
    """Whether a record of several lines looks like lines that an open quote ran together."""
    return len(cells) != width or any(
        cell.count(delimiter) >= width - 1 for cell in cells if "\n" in cell or "\r" in cell
    )


def _customer(cells: list[str], header: list[str]) -> str:
    """Whose line it is, as far as a broken line tells."""
    place = header.index("customer") if "customer" in header else len(cells)
    cell = cells[place] if place < len(cells) else ""
    return "" if _BETWEEN_WORDS.search(cell) or _UNREADABLE.search(cell) else cell
