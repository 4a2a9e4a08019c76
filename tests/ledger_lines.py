"""Lines of the CSV files as a person would write them, right in every cell that a test does not change."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tradecredit_sdk.cli.ledger_files import LEDGER_COLUMNS, ORDER_COLUMNS, Ledger, Orders

LEDGER_NAMES = [*LEDGER_COLUMNS][:12]
"""What most ledgers have: the columns after these tell the history of an invoice."""
LEDGER = ",".join(LEDGER_NAMES)
ORDERS = ",".join(ORDER_COLUMNS)
GOOD = "C1,Nordlicht GmbH,DE,DE136695976,,000004711,R-1,invoice,2026-04-15,100.00,19.00,EUR"
ORDER = "SO-1,C1,Nordlicht GmbH,DE,,,000004711,100.00,19.00,EUR,30"


class Folder:
    """Writes the files of a test."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write(self, name: str, *lines: str, encoding: str = "utf-8", newline: str = "\n") -> Path:
        return self.raw(name, newline.join([*lines, ""]).encode(encoding))

    def raw(self, name: str, content: bytes) -> Path:
        path = self.path / name
        path.write_bytes(content)
        return path

    def ledger(self, *lines: str, header: str = LEDGER, **given: Any) -> Ledger:
        return Ledger(self.write("ledger.csv", header, *lines, **given))

    def orders(self, *lines: str, header: str = ORDERS, **given: Any) -> Orders:
        return Orders(self.write("orders.csv", header, *lines, **given))


def line(**cells: str) -> str:
    values = dict(zip(LEDGER_NAMES, GOOD.split(","), strict=True)) | cells
    return joined(values.values())


def order(**cells: str) -> str:
    values = dict(zip(ORDER_COLUMNS, ORDER.split(","), strict=True)) | cells
    return joined(values.values())


def joined(cells: Iterable[str]) -> str:
    out = io.StringIO()
    csv.writer(out).writerow(cells)
    return out.getvalue().removesuffix("\r\n")


def problems(file: Any) -> list[tuple[int, str]]:
    list(file)
    return [(problem.line, problem.column) for problem in file.problems]


def named(file: Any) -> dict[str, int]:
    """How many of its broken lines name each customer."""
    return dict(Counter(problem.customer for problem in file.problems if problem.customer))
