"""The CSV files: every wrong line is named with its remedy, every other line is read."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradecredit_sdk.cli.csv_records import Records
from tradecredit_sdk.cli.csv_values import WrongValueError, read_day, read_money, read_whole
from tradecredit_sdk.cli.ledger_files import LEDGER_COLUMNS, ORDER_COLUMNS, Ledger, Orders, Parties, read_rates
from tradecredit_sdk.errors import InvalidInputError
from tradecredit_sdk.models.exposure import ItemKind, OpenItem
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.rates import ExchangeRates

EXAMPLES = Path(__file__).parents[2] / "examples" / "data"
LEDGER = ",".join(LEDGER_COLUMNS)
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


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    return Folder(tmp_path)


def line(**cells: str) -> str:
    values = dict(zip(LEDGER_COLUMNS, GOOD.split(","), strict=True)) | cells
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


# ---- what is read --------------------------------------------------------------------------------------------------


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


# ---- wrong values --------------------------------------------------------------------------------------------------

WRONG_AMOUNTS = [
    ("1,250.00", "write 1250.00"), ("1.250,00", "write 1250.00"), ("1250,00", "write 1250.00"), ("1'250.00", "write 1250.00"),
    ("1 250,50", "write 1250.50"), ("1\u00a0250,50", "write 1250.50"), ("-1.250,00", "write -1250.00"), ("1,250,000", "write 1250000"),
    ("1,250", "thousands or for decimals"), ("1.250", "write 1250 if the dot is for thousands"), ("100.000", "write 100000 if"), ("1e3", "write 1000"), ("1.5E2", "write 150"),
    (" 100.00", "write 100.00"), ("100.00 ", "write 100.00"), ("(100.00)", "write -100.00"), ("100.00-", "write -100.00"),
    ("\u2212100.00", "write -100.00"), ("€100", "digits"), ("100 EUR", "digits"), ("abc", "digits"), ("", "is empty"), ("100.001", "more decimals"),
    ("1" * 17, "digits"), ("NaN", "digits"), ("٣", "digits"), ("1_000", "digits"), ("0x10", "digits"), ("1e999", "powers of ten"), ("=1+1", "digits"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "remedy"), WRONG_AMOUNTS)
def test_a_wrong_amount_is_named_with_its_remedy(folder: Folder, text: str, remedy: str) -> None:
    ledger = folder.ledger(GOOD, line(amount=text), GOOD)
    assert len(list(ledger)) == 2
    (problem,) = ledger.problems
    assert (problem.file, problem.line, problem.column, problem.customer) == ("ledger.csv", 3, "amount", "C1")
    assert remedy in problem.message
    assert str(problem).startswith("ledger.csv, line 3, column amount: ")
    assert problems(folder.ledger(line(tax=text or "x"))) == [(2, "tax")]


@pytest.mark.parametrize(("text", "currency"), [("1.250", "KWD"), ("1250", "JPY"), ("1250", "EUR"), ("1250.5", "EUR")])
def test_what_the_currency_allows_is_no_problem(text: str, currency: str) -> None:
    assert read_money(text, currency) == Money(text, currency)


@pytest.mark.parametrize(
    ("text", "remedy"),
    [
        ("31.03.2026", "write 2026-03-31"), ("1.3.2026", "write 2026-03-01"), ("20260331", "write 2026-03-31"), ("2026/03/31", "write 2026-03-31"),
        ("2026-03-31 00:00:00", "write 2026-03-31"), ("2026-03-31T10:00:00Z", "write 2026-03-31"), ("46112", "write 2026-03-31"),
        (" 2026-03-31", "write 2026-03-31"), ("03/04/2026", "YYYY-MM-DD"), ("31-03-26", "YYYY-MM-DD"), ("2026-02-30", "no such day"),
        ("30.02.2026", "YYYY-MM-DD"), ("tomorrow", "YYYY-MM-DD"), ("2026-3-1", "YYYY-MM-DD"),
    ],
)  # fmt: skip
def test_a_wrong_day_is_named_with_its_remedy(folder: Folder, text: str, remedy: str) -> None:
    ledger = folder.ledger(line(due_date=text), GOOD)
    assert len(list(ledger)) == 1
    assert [(problem.line, problem.column) for problem in ledger.problems] == [(2, "due_date")]
    assert remedy in ledger.problems[0].message
    assert ascii(text) in ledger.problems[0].message


@pytest.mark.parametrize(
    ("cells", "column", "words"),
    [
        ({"currency": "EURO"}, "currency", "unknown currency EURO"),
        ({"currency": "eur"}, "currency", "did you mean EUR"),
        ({"currency": ""}, "currency", "unknown currency"),
        ({"customer": ""}, "customer", "is missing"),
        ({"customer": "x" * 65}, "customer", "at most 64"),
        ({"document": ""}, "document", "is empty"),
        ({"kind": "Invoise"}, "kind", "did you mean invoice"),
        ({"kind": "credit note"}, "kind", "did you mean credit_note"),
        ({"kind": "xyz"}, "kind", "use one of invoice, credit_note, draft, order"),
        ({"due_date": ""}, "due_date", "an invoice needs its original due date"),
        ({"kind": "credit_note"}, "amount", "with a minus"),
        ({"kind": "order", "amount": "-1.00", "tax": ""}, "amount", "must not be negative"),
        ({"tax": "-19.00"}, "amount", "same sign"),
        ({"country": "UK"}, "country", "did you mean GB"),
        ({"country": "Germany"}, "country", "ISO 3166-1"),
        ({"vat_number": "DE136695977"}, "vat_number", "not a valid vat number of DE"),
        ({"country": ""}, "vat_number", "needs its country"),
        ({"registration_number": "123"}, "registration_number", "not a valid registration number of DE"),
        ({"buyer_id": "47 11"}, "buyer_id", "an id without blanks"),
        ({"name": "x" * 201}, "name", "at most 200"),
    ],
)
def test_each_other_wrong_cell_of_a_ledger(folder: Folder, cells: dict[str, str], column: str, words: str) -> None:
    ledger = folder.ledger(line(**cells), line(customer="C9"))
    assert [item.customer for item in ledger] == ["C9"]
    assert [(problem.line, problem.column) for problem in ledger.problems] == [(2, column)]
    assert words in ledger.problems[0].message


@pytest.mark.parametrize(
    ("cells", "column", "words"),
    [
        ({"amount": "-1.00", "tax": ""}, "amount", "must not be negative"),
        ({"tax": "-1.00"}, "amount", "must not be negative"),
        ({"order": ""}, "order", "is empty"),
        ({"terms_days": "30 days"}, "terms_days", "write a whole number, such as 30"),
        ({"terms_days": "30.0"}, "terms_days", "such as 30"),
        ({"terms_days": "-30"}, "terms_days", "whole number"),
        ({"terms_days": "net"}, "terms_days", "whole number"),
        ({"terms_days": "4000"}, "terms_days", "less than or equal to 3650"),
        ({"currency": "XXX"}, "currency", "unknown currency"),
        ({"country": "UK"}, "country", "did you mean GB"),
        ({"customer": ""}, "customer", "is missing"),
    ],
)
def test_each_wrong_cell_of_an_order(folder: Folder, cells: dict[str, str], column: str, words: str) -> None:
    orders = folder.orders(order(**cells), order(order="SO-9"))
    assert [row.order.number for row in orders] == ["SO-9"]
    assert [(problem.line, problem.column) for problem in orders.problems] == [(2, column)]
    assert words in orders.problems[0].message


def test_a_long_wrong_value_is_shown_short_and_on_one_line(folder: Folder) -> None:
    ledger = folder.ledger(line(amount="9" * 500), line(kind="a\tb\x1b[31m"))
    list(ledger)
    assert all(len(problem.message) < 150 and problem.message.isprintable() for problem in ledger.problems)
    assert len(ledger.problems) == 2


# ---- who it is -----------------------------------------------------------------------------------------------------


def test_what_one_line_leaves_empty_another_may_say(folder: Folder) -> None:
    ledger = folder.ledger(line(vat_number="", buyer_id="", name=""), line(country="", vat_number=""), GOOD)
    assert len(list(ledger)) == 3
    party = ledger.parties.by_customer["C1"]
    assert (party.name, party.country, party.vat_number, party.buyer_id) == (
        "Nordlicht GmbH",
        "DE",
        "DE136695976",
        "000004711",
    )
    query = party.query()
    assert query is not None
    assert [(item.type.value, item.value) for item in query.identifiers] == [("vat", "DE136695976")]


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"buyer_id": "000004712"}, "buyer_id"),
        ({"country": "AT", "vat_number": ""}, "country"),
        ({"vat_number": "DE811569869"}, "vat_number"),
    ],
)
def test_lines_that_name_two_companies_by_one_number_contradict(
    folder: Folder, cells: dict[str, str], column: str
) -> None:
    ledger = folder.ledger(GOOD, line(**cells), GOOD)
    assert len(list(ledger)) == 2
    assert problems(ledger) == [(3, column)]
    assert "an earlier line says" in ledger.problems[0].message
    assert ledger.unreadable == {"C1": 1}


def test_ledger_and_orders_must_agree_on_who_it_is(folder: Folder) -> None:
    parties = Parties()
    list(Ledger(folder.write("ledger.csv", LEDGER, GOOD), parties))
    orders = Orders(folder.write("orders.csv", ORDERS, order(buyer_id="9"), ORDER), parties)
    assert [row.line for row in orders] == [3]
    assert problems(orders) == [(2, "buyer_id")]


def test_a_customer_that_cannot_be_looked_for() -> None:
    parties = Parties()
    parties.meet(("C1", "Nordlicht", "", "", "", ""))
    parties.meet(("C2", "", "DE", "", "", ""))
    assert [party.query() for party in parties.by_customer.values()] == [None, None]
    parties.meet(("C1", "", "DE", "", "", ""))
    query = parties.by_customer["C1"].query()
    assert query is not None
    assert (query.name, query.country) == ("Nordlicht", "DE")


def test_names_may_differ() -> None:
    parties = Parties()
    parties.meet(("C1", "Nordlicht GmbH", "DE", "", "", ""))
    parties.meet(("C1", "Nordlicht Handels GmbH", "DE", "", "", ""))
    assert parties.by_customer["C1"].name == "Nordlicht GmbH"


def test_numbers_are_compared_in_one_form() -> None:
    parties = Parties()
    parties.meet(("C1", "", "DE", "DE 136 695 976", "", ""))
    parties.meet(("C1", "", "DE", "DE136695976", "", ""))
    assert parties.by_customer["C1"].vat_number == "DE136695976"


# ---- wrong lines ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (GOOD.rsplit(",", 1)[0], "has 11 values where the header names 12 columns"),
        (
            GOOD.replace("Nordlicht GmbH", "Nordlicht, GmbH"),
            "has 13 values where the header names 12 columns; put quotes",
        ),
        ("C1", "has 1 values"),
    ],
)
def test_a_line_of_another_width(folder: Folder, text: str, words: str) -> None:
    ledger = folder.ledger(GOOD, text, GOOD)
    assert len(list(ledger)) == 2
    assert problems(ledger) == [(3, "")]
    assert words in ledger.problems[0].message
    assert ledger.unreadable == {"C1": 1}


OPEN_QUOTES = [
    'C2,"Nordlicht GmbH,DE,,,,R-2,invoice,2026-04-15,1.00,,EUR',
    'C2,"Nordlicht" GmbH,DE,,,,R-2,invoice,2026-04-15,1.00,,EUR',
    'C2,Nordlicht GmbH,DE,,,,R-2,invoice,2026-04-15,1.00,,"EUR',
]


@pytest.mark.parametrize("broken", OPEN_QUOTES)
@pytest.mark.parametrize("after", [0, 1, 5])
@pytest.mark.parametrize("quoted", [False, True])
def test_an_open_quote_swallows_no_line_after_it(folder: Folder, broken: str, after: int, quoted: bool) -> None:
    good = line(name="Nordlicht, GmbH") if quoted else GOOD
    ledger = folder.ledger(good, broken, *[good] * after)
    assert len(list(ledger)) == 1 + after
    assert problems(ledger) == [(3, "")]
    assert "quote" in ledger.problems[0].message
    assert ledger.unreadable == {"C2": 1}


def test_two_open_quotes_that_close_each_other_hide_nothing(folder: Folder) -> None:
    first, second = (
        'C2,"Nordlicht,DE,,,,R-2,invoice,2026-04-15,1.00,,EUR',
        'C3,Nord",DE,,,,R-3,invoice,2026-04-15,1.00,,EUR',
    )
    ledger = folder.ledger(GOOD, first, line(customer="C8"), line(customer="C9"), second, GOOD)
    assert [item.customer for item in ledger] == ["C1", "C8", "C9", "C3", "C1"]
    assert problems(ledger) == [(3, "")]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_a_line_that_closes_the_quote_of_the_line_before_is_not_lost(folder: Folder, newline: str) -> None:
    first, second = (
        'C2,"Nordlicht,DE,,,,R-2,invoice,2026-04-15,1.00,,EUR',
        'C3,Nord",DE,,,,R-3,invoice,2026-04-15,1.00,,EUR',
    )
    ledger = folder.ledger(first, second, GOOD, newline=newline)
    assert [item.customer for item in ledger] == ["C3", "C1"]
    assert problems(ledger) == [(2, "")]


def test_a_customer_number_that_is_broken_itself_names_nobody(folder: Folder) -> None:
    ledger = folder.ledger('"C2,Nordlicht GmbH', GOOD)
    assert len(list(ledger)) == 1
    assert problems(ledger) == [(2, "")]
    assert ledger.unreadable == {}


def test_every_line_may_be_broken(folder: Folder) -> None:
    ledger = folder.ledger(*OPEN_QUOTES, GOOD, *OPEN_QUOTES)
    assert [item.customer for item in ledger] == ["C1"]
    assert [number for number, _ in problems(ledger)] == [2, 3, 4, 6, 7, 8]


def test_an_open_quote_in_a_long_file_is_found(folder: Folder) -> None:
    good = line(name="x" * 200)
    ledger = folder.ledger(OPEN_QUOTES[0], *[good] * 2000)
    assert len(list(ledger)) == 2000
    assert problems(ledger) == [(2, "")]


def test_bytes_that_are_not_utf_8_are_named_where_they_stand(folder: Folder) -> None:
    lines = [LEDGER, GOOD, line(name="Müller", customer="C2"), line(name="日本", customer="C3")]
    content = "\n".join(lines).encode().replace("ü".encode(), b"\xfc")
    ledger = Ledger(folder.raw("ledger.csv", content))
    assert [item.customer for item in ledger] == ["C1", "C3"]
    assert problems(ledger) == [(3, "name")]
    assert "0xFC is not UTF-8: save the file in UTF-8" in ledger.problems[0].message
    assert ledger.unreadable == {"C2": 1}


def test_nul_bytes_are_named(folder: Folder) -> None:
    damaged = line(name="Nord?licht", customer="C2").replace("?", "\0")
    ledger = folder.ledger(GOOD, damaged, GOOD)
    assert [item.customer for item in ledger] == ["C1", "C1"]
    assert problems(ledger) == [(3, "name")]
    assert "NUL" in ledger.problems[0].message


def test_bytes_in_a_line_that_is_broken_too(folder: Folder) -> None:
    content = f"{LEDGER}\n{GOOD}\n".encode() + b'C2,"M\xfcller,DE\n' + GOOD.encode()
    ledger = Ledger(folder.raw("ledger.csv", content))
    assert len(list(ledger)) == 2
    assert problems(ledger) == [(3, "")]


# ---- wrong files ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (
            LEDGER.replace("amount", "ammount"),
            ["amount: is missing", "ammount: is not a known column: did you mean amount?"],
        ),
        (LEDGER + ",salesman", ["salesman: is not a known column: known are customer, name"]),
        (LEDGER + ",amount", ["amount: is there twice"]),
        (LEDGER + ",", ["number 13: is not a known column"]),
        (LEDGER.replace(",", "\t"), ["columns are separated by , or by ;"]),
        (GOOD, ["customer: is missing", "currency: is missing"]),
        ('"' + LEDGER, ["is missing"]),
        ("x", ["customer: is missing"]),
    ],
)
def test_a_wrong_header_is_explained_in_full(folder: Folder, header: str, words: list[str]) -> None:
    ledger = folder.ledger(GOOD, header=header)
    with pytest.raises(InvalidInputError) as error:
        list(ledger)
    assert "ledger.csv: the header in line 1 is wrong" in str(error.value)
    assert all(word in str(error.value) for word in words)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty; its first line must name the columns: customer, name"),
        (b"\n  \n", "is empty"),
        (f"{LEDGER}\n{GOOD}".encode("utf-16"), "UTF-16: save it in UTF-8"),
        (f"{LEDGER}\n".encode("utf-16-le"), "not a text file"),
        (b"PK\x03\x04\x00\x00", "not a text file in UTF-8: save it as CSV"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "not a text file"),
    ],
)
def test_a_file_that_is_no_table(folder: Folder, content: bytes, words: str) -> None:
    with pytest.raises(InvalidInputError, match=words):
        list(Ledger(folder.raw("ledger.csv", content)))


def test_a_file_that_cannot_be_opened(folder: Folder) -> None:
    for path in (folder.path / "nowhere.csv", folder.path):
        with pytest.raises(InvalidInputError, match="cannot be read"):
            list(Ledger(path))


# ---- rates ---------------------------------------------------------------------------------------------------------


def test_rates_are_read(folder: Folder) -> None:
    rates = read_rates(folder.write("rates.csv", "base;currency;rate", "EUR;USD;1.0825", "EUR;JPY;161.5"))
    assert rates.base == "EUR"
    assert rates.convert(Money("10.00", "EUR"), "USD", up=True) == Money("10.83", "USD")
    assert isinstance(rates, ExchangeRates)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["EUR,USD,0"], "line 2, column rate: '0' for 'USD': the rate of USD must be greater than zero"),
        (["EUR,USD,1.1", "GBP,JPY,190"], "line 3, column base: 'GBP': all rates of a file are of one base, here EUR"),
        (["EUR,USD,1.1", "EUR,USD,1.2"], "line 3, column currency: 'USD': is there twice"),
        (["EUR,USD,1,1"], "line 2"),
        (["EUR,USD,1e1"], "line 2, column rate"),
        (["EUR,XXX,1"], "unknown currency"),
        (["euro,USD,1"], "unknown currency"),
        ([], "holds no exchange rates"),
    ],
)
def test_a_rate_that_is_wrong_is_not_passed_over(folder: Folder, lines: list[str], words: str) -> None:
    with pytest.raises(InvalidInputError) as error:
        read_rates(folder.write("rates.csv", "base,currency,rate", *lines))
    assert words in str(error.value)


# ---- anything ------------------------------------------------------------------------------------------------------


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
