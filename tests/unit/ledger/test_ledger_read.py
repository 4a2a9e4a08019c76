"""The CSV files as they should be: every line becomes what it says, whatever table program wrote the file."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from ledger_lines import GOOD, LEDGER, ORDER, Folder, line, order, problems

from tradecredit_sdk.cli.ledger_files import Ledger, Orders, Parties, read_rates
from tradecredit_sdk.models.exposure import ItemKind, OpenItem
from tradecredit_sdk.models.money import Money

EXAMPLES = Path(__file__).parents[3] / "examples" / "data"


def test_a_ledger_line_becomes_an_open_item(folder: Folder) -> None:
    ledger = folder.ledger(GOOD, line(kind="credit_note", amount="-5.00", tax="", due_date=""), line(kind=""))
    items = list(ledger)
    assert ledger.problems == []
    assert items[0] == OpenItem(
        customer="C1", number="R-1", kind=ItemKind.INVOICE, original_due_date=date(2026, 4, 15), amount=Money(100, "EUR"),
        tax=Money(19, "EUR"),
    )  # fmt: skip
    assert (items[1].kind, items[1].tax, items[1].original_due_date) == (ItemKind.CREDIT_NOTE, None, None)
    assert items[2].kind is ItemKind.INVOICE
    party = ledger.parties.by_customer["C1"]
    assert (party.name, party.country, party.vat_number, party.buyer_id) == (
        "Nordlicht GmbH",
        "DE",
        "DE136695976",
        "000004711",
    )


def test_an_order_line_becomes_an_order(folder: Folder) -> None:
    rows = list(folder.orders(ORDER, order(order="SO-2", terms_days="", tax="", buyer_id="", country="")))
    first, second = rows
    assert (first.line, first.customer) == (2, "C1")
    assert (first.order.number, first.order.buyer_id, first.order.terms_days, first.order.country) == (
        "SO-1",
        "000004711",
        30,
        "DE",
    )
    assert (first.order.amount, first.order.tax) == (Money(100, "EUR"), Money(19, "EUR"))
    assert (second.line, second.order.buyer_id, second.order.terms_days, second.order.tax) == (3, None, None, None)


@pytest.mark.parametrize("mark", [",", ";"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_marks_and_line_ends_of_all_tables_are_read(folder: Folder, mark: str, encoding: str, newline: str) -> None:
    lines = [text.replace(",", mark) for text in (LEDGER, GOOD, line(name="Müller & Söhne", customer="C2"))]
    ledger = folder.ledger(*lines[1:], header=lines[0], encoding=encoding, newline=newline)
    assert [item.customer for item in ledger] == ["C1", "C2"]
    assert ledger.parties.by_customer["C2"].name == "Müller & Söhne"
    assert ledger.problems == []


def test_columns_may_come_in_any_order_and_optional_ones_may_lack(folder: Folder) -> None:
    ledger = folder.ledger("EUR,100.00,2026-04-15,R-1,C1", header=" Currency ,AMOUNT,due_date,document,customer")
    item = next(iter(ledger))
    assert (item.customer, item.number, item.amount, item.kind) == ("C1", "R-1", Money(100, "EUR"), ItemKind.INVOICE)


def test_blank_lines_and_empty_rows_are_passed_over_and_counted(folder: Folder) -> None:
    ledger = folder.ledger("", GOOD, "," * 11, "   ", line(amount="x"), GOOD + ",,")
    assert len(list(ledger)) == 2
    assert problems(ledger) == [(5, ""), (6, "amount")]


def test_a_file_without_a_last_line_end_is_whole(folder: Folder) -> None:
    ledger = Ledger(folder.raw("ledger.csv", f"{LEDGER}\n{GOOD}".encode()))
    assert len(list(ledger)) == 1


def test_line_numbers_hold_after_a_text_of_several_lines(folder: Folder) -> None:
    ledger = folder.ledger(
        line(name="Nordlicht\nHandels\nGmbH"), line(amount="x"), line(name='A "B"\r\nC', customer="C2"), line(tax="y")
    )
    assert problems(ledger) == [(5, "amount"), (8, "tax")]
    assert ledger.parties.by_customer["C1"].name == "Nordlicht\nHandels\nGmbH"


def test_a_file_is_read_as_it_comes(folder: Folder) -> None:
    ledger = folder.ledger(GOOD, line(amount="x"), GOOD)
    rows = iter(ledger)
    next(rows)
    assert ledger.problems == []
    next(rows)
    assert len(ledger.problems) == 1


def test_the_examples_are_without_fault() -> None:
    parties = Parties()
    ledger, orders = Ledger(EXAMPLES / "ledger.csv", parties), Orders(EXAMPLES / "orders.csv", parties)
    assert len(list(ledger)) > 60
    assert len(list(orders)) > 50
    assert all(party.query() or party.buyer_id for party in parties.by_customer.values())
    assert ledger.problems == orders.problems == []
    assert read_rates(EXAMPLES / "rates.csv").base == "EUR"
