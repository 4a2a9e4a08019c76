"""Whatever somebody writes into a CSV file is read, or named as wrong; nothing is an accident."""

from __future__ import annotations

import csv
from collections.abc import Callable
from contextlib import suppress
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ledger_lines import GOOD, LEDGER

from tradecredit_sdk.cli.csv_records import Records
from tradecredit_sdk.cli.csv_values import WrongValueError, read_day, read_money, read_whole
from tradecredit_sdk.cli.ledger_files import Ledger


@given(st.lists(st.lists(st.text(max_size=6), min_size=3, max_size=3), max_size=6))
def test_whatever_was_written_as_csv_is_read_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[list[str]]
) -> None:
    rows = [row for row in rows if any(row) and not any("\0" in cell or _swallows(cell) for cell in row)]
    path = tmp_path_factory.getbasetemp() / "any.csv"
    with path.open("w", encoding="utf-8", newline="", errors="replace") as stream:
        csv.writer(stream).writerows([["a", "b", "c"], *rows])
    records = Records(path, {"a": True, "b": True, "c": False})
    assert [list(cells) for _, cells in records] == [
        [cell.encode("utf-8", "replace").decode() for cell in row] for row in rows
    ]
    assert records.problems == []


def _swallows(cell: str) -> bool:
    return cell.count(",") >= 2 and ("\n" in cell or "\r" in cell)


@given(st.binary(max_size=300))
def test_no_bytes_are_an_accident(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "bytes.csv"
    path.write_bytes(f"{LEDGER}\n{GOOD}\n".encode() + content + f"\n{GOOD}\n".encode())
    ledger = Ledger(path)
    items = list(ledger)
    assert items[0].customer == "C1"
    assert len(items) == 2 or ledger.problems, "no line is lost unseen"


@given(st.text(max_size=20))
@pytest.mark.parametrize("read", [partial(read_money, currency="EUR"), partial(read_money, "1.00"), partial(read_day, column="d"),
                                  partial(read_whole, column="n")])  # fmt: skip
def test_no_text_is_an_accident(read: Callable[[str], object], text: str) -> None:
    outcome = None
    with suppress(WrongValueError):
        outcome = read(text)
    if outcome is None:
        with pytest.raises(WrongValueError) as error:
            read(text)
        assert error.value.column
        assert str(error.value).isprintable()
