"""Who a customer of the CSV files is: lines complete each other, and a contradiction is a wrong line."""

from __future__ import annotations

import pytest
from ledger_lines import GOOD, LEDGER, ORDER, ORDERS, Folder, line, named, order, problems

from tradecredit_sdk.cli.ledger_files import Ledger, Orders, Parties


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
    assert named(ledger) == {"C1": 1}


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
