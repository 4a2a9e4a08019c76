"""A wrong value in a CSV file is named by line and column with its remedy, and every other line is read."""

from __future__ import annotations

import pytest
from ledger_lines import GOOD, Folder, line, order, problems

from tradecredit_sdk.cli.csv_values import read_money
from tradecredit_sdk.models.money import Money

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
        ({"kind": "xyz"}, "kind", "use one of invoice, credit_note, payment, draft, order"),
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
