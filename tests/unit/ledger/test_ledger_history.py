"""What a ledger may tell of an invoice beside what is open: when it was made, agreed on, disputed, declared; and payments."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from ledger_lines import LEDGER, line, problems

from tradecredit_sdk.models.exposure import ItemKind
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.policy import Policy
from tradecredit_sdk.rules.exposure import measure

HEADER = f"{LEDGER},invoice_date,agreed_due_date,disputed,declared_on"


def test_the_history_of_an_invoice(folder):
    (item,) = folder.ledger(f"{line()},2026-03-16,2026-05-15,40.00,2026-06-20", header=HEADER)
    assert (item.original_due_date, item.invoice_date) == (date(2026, 4, 15), date(2026, 3, 16))
    assert (item.agreed_due_date, item.declared_on) == (date(2026, 5, 15), date(2026, 6, 20))
    assert item.disputed == Money("40.00", "EUR")
    (plain,) = folder.ledger(f"{line()},,,,", header=HEADER)
    assert (plain.invoice_date, plain.agreed_due_date, plain.disputed, plain.declared_on) == (None,) * 4


@pytest.mark.parametrize(
    ("history", "column", "words"),
    [
        ("2026-04-16,,,", "invoice_date", "the due date 2026-04-15 is before the invoice date 2026-04-16"),
        (",2026-04-14,,", "agreed_due_date", "before the original one, 2026-04-15"),
        (",,119.01,", "disputed", "between zero and what is open, 119.00"),
        (",,-1.00,", "disputed", "between zero"),
        (",,1.001,", "disputed", "more decimals"),
        ("16.03.2026,,,", "invoice_date", "write 2026-03-16"),
        (",15.05.2026,,", "agreed_due_date", "write 2026-05-15"),
        (",,,20.06.2026", "declared_on", "write 2026-06-20"),
    ],
)
def test_a_history_that_contradicts_the_invoice_is_named(folder, history, column, words):
    ledger = folder.ledger(f"{line()},{history}", line(customer="C2") + ",,,,", header=HEADER)
    assert [item.customer for item in ledger] == ["C2"]
    assert [(problem.line, problem.column) for problem in ledger.problems] == [(2, column)]
    assert words in ledger.problems[0].message


def test_the_day_of_the_invoice_may_be_that_of_its_due_date(folder):
    assert problems(folder.ledger(f"{line()},2026-04-15,2026-04-15,119.00,", header=HEADER)) == []


def test_a_payment_reduces_what_is_owed(folder):
    ledger = folder.ledger(line(), line(document="P-1", kind="payment", due_date="", amount="-30.00", tax=""))
    invoice, payment = ledger
    assert (payment.kind, payment.amount) == (ItemKind.PAYMENT, Money("-30.00", "EUR"))
    exposure = measure([invoice, payment], Policy(id="P", currency="EUR"), date(2026, 5, 1))["C1"]
    assert sum((money.amount for money in (*exposure.open, *exposure.overdue)), Decimal(0)) == Decimal("70.00")
    wrong = folder.ledger(line(kind="payment", amount="30.00", tax=""))
    assert (list(wrong), "a payment reduces" in wrong.problems[0].message) == ([], True)
