"""Whose a broken ledger line is: everybody's whom it names, and anybody's where it names nobody who is known."""

from __future__ import annotations

import pytest
from ledger_lines import GOOD, LEDGER, ORDERS, Folder, line, order

from tradecredit_sdk.cli.ledger_files import Ledger, Orders, Parties
from tradecredit_sdk.cli.unread import Unread, whose

BUYER, VAT = "000004711", "DE136695976"
CELLS = f"DE,,,{BUYER},R-2,invoice,2026-04-15,1.00,,EUR"


def unread(folder: Folder, *lines: str | bytes, orders: tuple[str, ...] = (order(customer="C5"),)) -> Unread:
    """Broken lines beside a good one of C1, and orders of C5, who is the same buyer."""
    parties = Parties()
    list(Orders(folder.write("orders.csv", ORDERS, *orders), parties))
    content = [each if isinstance(each, bytes) else each.encode() for each in (LEDGER, GOOD, *lines)]
    ledger = Ledger(folder.raw("ledger.csv", b"\n".join(content)), parties)
    list(ledger)
    buyers = {customer: party.buyer_id for customer, party in parties.by_customer.items() if party.buyer_id}
    return whose(ledger.problems, parties.by_customer, buyers)


def once(found: Unread, customers: tuple[str, ...] = ("C5",)) -> bool:
    """C5 speaks for the buyer, because it was met first."""
    return found == Unread(dict.fromkeys(customers, 1), 0)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        f'"C2","Firma "Best" GmbH","DE","","","{BUYER}","R2","invoice","2026-04-15","1.00","","EUR"',
        f'C2,"Firma "Best" GmbH",{CELLS}',
        f"C2,x, Inc.,{CELLS}",
        f"C2;x;DE;;;{BUYER};R-2;invoice;2026-04-15;1.00;;EUR",
        f",x,{CELLS}",
        f"C2,x,DE,{VAT[:-1]}7,,{BUYER},R-2,invoice,2026-04-15,1.00,,EUR",
        f"C2,x,UK,,,{BUYER},R-2,invoice,2026-04-15,1.00,,EUR",
        f"C2,M\u00fcller,{CELLS}".encode("latin-1"),
        f"M\u00fcller,x,{CELLS}".encode("latin-1"),
        f"C2,Nord\0licht,{CELLS}",
    ],
)
def test_a_line_that_states_the_buyer_is_that_buyers(folder: Folder, text: str | bytes) -> None:
    found = unread(folder, text)
    assert (found.by_customer["C5"], found.anybodys) == (1, 0)


@pytest.mark.parametrize("number", [VAT, "DE 136 695 976", "136695976"])
def test_so_is_one_that_states_a_number_of_it(folder: Folder, number: str) -> None:
    found = unread(folder, f'C2,"Firma "Best" GmbH",DE,{number},,,R-2,invoice,2026-04-15,1.00,,EUR')
    assert (found.by_customer["C5"], found.anybodys) == (1, 0)


def test_customer_and_buyer_of_one_line_count_once(folder: Folder) -> None:
    assert once(unread(folder, line(amount="x")))
    assert once(unread(folder, line(amount="x", customer="C5")))


def test_a_line_that_contradicts_an_earlier_one_is_of_both(folder: Folder) -> None:
    other = order(customer="C9", buyer_id="000000009", vat_number="")
    assert once(unread(folder, line(buyer_id="000000009"), orders=(order(customer="C5"), other)), ("C5", "C9"))


@pytest.mark.parametrize(
    "text",
    [
        '"C1',
        '"Firma "Best" GmbH","DE","","","","R2","invoice","2026-04-15","1.00","","EUR"',
        '"C2","Firma "Best" GmbH","DE","","","","R2","invoice","2026-04-15","1.00","","EUR"',
        "C2;x;DE;;;;R-2;invoice;2026-04-15;1.00;;EUR",
        ",x,DE,,,,R-2,invoice,2026-04-15,1.00,,EUR",
        "x,,,",
    ],
)
def test_a_line_that_names_nobody_known_may_be_anybodys(folder: Folder, text: str) -> None:
    found = unread(folder, text)
    if text == '"C1':
        assert once(found), "a customer that a good line has, too"
    else:
        assert found == Unread({}, 1)  # type: ignore[arg-type]


def test_a_line_whose_columns_are_clear_is_its_customers(folder: Folder) -> None:
    assert once(unread(folder, "C2,x,DE,,,,R-2,invoice,2026-04-15,x,,EUR"), ("C2",))
    assert once(unread(folder, "C2 ,x,DE,,,,R-2,invoice,2026-04-15,1.00,,EUR"), ("C2",))
