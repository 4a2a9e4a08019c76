"""The sieve gives what the thorough reader gives, for the buyers who matter, whatever the file looks like."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from ledger_lines import LEDGER, LEDGER_NAMES, Folder, line

from tradecredit_sdk.cli import csv_blocks
from tradecredit_sdk.cli.csv_records import RowProblem
from tradecredit_sdk.cli.ledger_files import Ledger
from tradecredit_sdk.cli.ledger_sieve import SievedLedger, _days_until
from tradecredit_sdk.errors import InvalidInputError
from tradecredit_sdk.models.exposure import ItemKind, OpenItem

NEAR, FAR = "2026-01-31", "2026-05-31"
LIMIT = date(2026, 2, 28)


def sieve(path: Path) -> tuple[list[tuple[int, OpenItem]], list[RowProblem]]:
    ledger = SievedLedger(path, LIMIT)
    return [(ledger.line, item) for item in ledger.near_items()], ledger.problems


def expected(path: Path) -> list[tuple[int, OpenItem]]:
    """By the thorough reader alone: all items of the customers with something near, or with an id of one of them."""
    ledger = Ledger(path)
    items = [(ledger.line, item) for item in ledger]
    near = {
        item.customer
        for _, item in items
        if item.kind is ItemKind.INVOICE and item.original_due_date and item.original_due_date <= LIMIT
        and item.amount.amount >= 0
    }  # fmt: skip
    ids = {party.buyer_id for name, party in ledger.parties.by_customer.items() if name in near and party.buyer_id}
    related = {name for name, party in ledger.parties.by_customer.items() if party.buyer_id in ids}
    return [(number, item) for number, item in items if item.customer in near | related]


def test_the_lines_of_a_buyer_with_something_near_and_of_nobody_else(folder: Folder) -> None:
    path = folder.write(
        "ledger.csv",
        LEDGER,
        line(document="R-1", due_date=FAR),
        line(document="R-2", due_date=NEAR),
        line(customer="C2", vat_number="", buyer_id="", document="R-3", due_date=FAR),
        line(customer="C3", vat_number="DE 136 695 976", buyer_id="", document="R-4", due_date=FAR),
        line(customer="C4", vat_number="", document="R-5", due_date=FAR),
    )
    items, problems = sieve(path)
    assert [(number, item.number) for number, item in items] == [(2, "R-1"), (3, "R-2"), (5, "R-4"), (6, "R-5")]
    assert problems == []


@pytest.mark.parametrize(
    "cells",
    [
        {"kind": "draft"}, {"kind": "order"}, {"kind": "credit_note", "amount": "-1.00", "tax": ""}, {"amount": "-5.00", "tax": ""},
        {"kind": "payment", "amount": "-1.00", "tax": ""},
    ],
)  # fmt: skip
def test_only_an_unpaid_invoice_is_near(folder: Folder, cells: dict[str, str]) -> None:
    assert sieve(folder.write("ledger.csv", LEDGER, line(due_date=NEAR, **cells))) == ([], [])


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"due_date": "31.01.2026"}, "due_date"), ({"due_date": ""}, "due_date"), ({"amount": "1,5"}, "amount"),
        ({"amount": ""}, "amount"), ({"amount": "1e5"}, "amount"), ({"tax": "x"}, "tax"), ({"currency": "eur"}, "currency"),
        ({"kind": "bill"}, "kind"), ({"customer": ""}, "customer"), ({"document": ""}, "document"),
        ({"currency": "EUR\u200b"}, "currency"), ({"due_date": "2026-02-30"}, "due_date"),
    ],
)  # fmt: skip
def test_what_might_hide_something_near_is_named_of_everybody(
    folder: Folder, cells: dict[str, str], column: str
) -> None:
    path = folder.write(
        "ledger.csv", LEDGER, line(due_date=FAR), line(**{"due_date": FAR, **cells}), line(customer="C2")
    )
    items, problems = sieve(path)
    assert items == []
    assert [(problem.line, problem.column) for problem in problems] == [(3, column)]
    assert problems == list(_problems(path))


def _problems(path: Path) -> Iterable[RowProblem]:
    ledger = Ledger(path)
    list(ledger)
    return ledger.problems


def test_a_line_is_named_once_though_it_is_read_twice(folder: Folder) -> None:
    torn = line(customer="C1").replace(",", "", 1)
    path = folder.write("ledger.csv", LEDGER, line(due_date=NEAR), torn, line(tax="x"), f'C1,"{line()}', line())
    items, problems = sieve(path)
    assert problems == list(_problems(path))
    assert [number for number, _ in items] == [2, 6]


def test_short_and_long_lines_do_not_hide_each_other(folder: Folder) -> None:
    short, long = line(due_date=NEAR).replace(",DE,", ",", 1), line(due_date=NEAR).replace(",DE,", ",DE,,", 1)
    path = folder.write("ledger.csv", LEDGER, line(due_date=FAR), short, line(customer="C2", due_date=FAR), long)
    items, problems = sieve(path)
    assert [problem.line for problem in problems] == [3, 5]
    assert items == []


def test_a_file_that_changes_meanwhile_is_not_half_believed(folder: Folder) -> None:
    path = folder.write("ledger.csv", LEDGER, line(due_date=NEAR), line(document="R-2", due_date=NEAR))
    ledger = SievedLedger(path, LIMIT)
    items = ledger.near_items()
    next(items)
    folder.write("ledger.csv", LEDGER, line(due_date=NEAR))
    with pytest.raises(InvalidInputError, match="was changed"):
        list(items)
    path.unlink()
    with pytest.raises(InvalidInputError, match="cannot be read"):
        list(SievedLedger(path, LIMIT).near_items())


def test_a_wrong_header_is_an_error(folder: Folder) -> None:
    with pytest.raises(InvalidInputError, match="header"):
        sieve(folder.write("ledger.csv", "customer,number", line()))


CELL = st.sampled_from(["C1", "C2", "C3", 'K"l', "Müller, Söhne", "", "中文", " C1", "a\nb", "x\ry", "1;2"])
ROWS = st.lists(
    st.fixed_dictionaries(
        {},
        optional={
            "customer": st.sampled_from(["C1", "C2", "C3", "C4", "C5", ""]),
            "name": CELL,
            "buyer_id": st.sampled_from(["", "000004711", "000004712", "7"]),
            "vat_number": st.just(""),
            "document": st.sampled_from(["R-1", "R-2", ""]),
            "kind": st.sampled_from(["", "invoice", "credit_note", "draft", "order", "payment", "x"]),
            "due_date": st.sampled_from([NEAR, FAR, "", "2026-13-01", "31.01.2026"]),
            "amount": st.sampled_from(["1.00", "-1.00", "0.00", "5", "1.001", "1,00", "+2", "1.2.3"]),
            "tax": st.sampled_from(["", "0.19", "-0.19"]),
            "currency": st.sampled_from(["EUR", "USD", "JPY", "EU"]),
        },
    ),
    max_size=12,
)  # fmt: skip


@given(ROWS, st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]), st.sampled_from(["\n", "\r\n"]), st.sampled_from(",;"),
       st.permutations(LEDGER_NAMES), st.sampled_from([1, 40, 300, 1 << 18]), st.sampled_from(["", "x,y\n", '"\n']), st.booleans())  # fmt: skip
@example([{"due_date": NEAR}], csv.QUOTE_MINIMAL, "\n", ",", LEDGER_NAMES, 1, "\udcff,\n", False)
@example(
    [{"due_date": NEAR, "name": "a\nb"}, {"due_date": NEAR}], csv.QUOTE_ALL, "\r\n", ",", LEDGER_NAMES, 40, "", True
)
def test_the_sieve_gives_what_the_thorough_reader_gives(
    tmp_path_factory: pytest.TempPathFactory,
    rows: list[dict[str, str]], quoting: int, ending: str, delimiter: str, names: list[str], block: int, tail: str, is_cut: bool,
) -> None:  # fmt: skip
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator=ending, quoting=quoting)  # type: ignore[arg-type]
    writer.writerow(names)
    usual = dict(zip(LEDGER_NAMES, line(name="", vat_number="", due_date=FAR).split(","), strict=True))
    for row in rows:
        cells = usual | row
        writer.writerow([cells[name] for name in names])
    text = (out.getvalue() + tail).encode(errors="surrogateescape")
    path = tmp_path_factory.mktemp("sieve") / "ledger.csv"
    path.write_bytes(text.rstrip(b"\r\n") if is_cut else text)
    whole, csv_blocks.BLOCK = csv_blocks.BLOCK, block
    try:
        items, problems = sieve(path)
    finally:
        csv_blocks.BLOCK = whole
    thorough = {problem.line: problem for problem in _problems(path)}
    ledger = Ledger(path)
    everything = [(ledger.line, item) for item in ledger]
    known = {item.customer for _, item in items}
    # A customer of whom only a line that is wrong is near is given, too: who wrote it may have meant an invoice.
    assert [one for one in everything if one[1].customer in known] == items
    assert known >= {item.customer for _, item in expected(path)}
    assert [problem.line for problem in problems] == sorted({problem.line for problem in problems})
    assert {problem.line for problem in problems} <= thorough.keys()
    assert [one for one in problems if one.customer in known] == [
        one for one in thorough.values() if one.customer in known
    ]


@given(st.dates(date(1990, 1, 1), date(2120, 1, 1)), st.dates(date(2000, 1, 1), date(2099, 12, 31)))
@example(date(2000, 1, 1), date(2000, 1, 1))
@example(date(2026, 1, 31), date(2026, 2, 1))
def test_near_days_are_found_among_the_bytes(until: date, day: date) -> None:
    found = re.match(_days_until(until), day.isoformat().encode())
    assert (found is not None) == (day <= until)


def test_who_is_found_late_is_looked_for_again(folder: Folder) -> None:
    """The last line alone says that C2 matters, in a century no search looks for; and all of one id belong together."""
    path = folder.write(
        "ledger.csv",
        LEDGER,
        line(customer="C3", vat_number="", buyer_id="7", document="R-1", due_date=FAR),
        line(customer="C2", vat_number="", buyer_id="7", document="R-2", due_date=FAR),
        line(customer="C1", vat_number="", buyer_id="", document="R-3", due_date=FAR),
        line(customer="C2", vat_number="", buyer_id="", document="R-4", due_date="1999-12-31"),
    )
    assert [item.number for _, item in sieve(path)[0]] == ["R-1", "R-2", "R-4"]
