"""A file of orders: one legal buyer shares one limit, orders compete, nothing that is owed is forgotten."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradecredit_sdk.cli.ledger_files import OrderRow
from tradecredit_sdk.cli.order_check import Debts, check_orders, measure_ledger, record
from tradecredit_sdk.cli.unread import Unread
from tradecredit_sdk.models.exposure import Exposure, OpenItem
from tradecredit_sdk.models.limit import LimitPosition
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.order import Order
from tradecredit_sdk.models.policy import Policy, TaxBasis
from tradecredit_sdk.models.rates import ExchangeRates
from tradecredit_sdk.models.verdict import Outcome, Verdict

TODAY = date(2026, 3, 31)
NOW = datetime(2026, 3, 31, 9, tzinfo=timezone.utc)
POLICY = Policy(id="P", currency="EUR")


def euro(amount: int) -> Money:
    return Money(amount, "EUR")


def order(
    amount: int, customer: str = "C1", buyer_id: str | None = None, number: str = "SO-1", line: int = 2
) -> OrderRow:
    return OrderRow(line, customer, Order(number=number, buyer_id=buyer_id, amount=euro(amount), terms_days=30))


def position(buyer_id: str = "B1", limit: int = 100) -> LimitPosition:
    row = {"id": "L", "buyer_id": buyer_id, "amount": euro(limit), "valid_from": date(2026, 1, 1)}
    return LimitPosition.model_validate({"buyer_id": buyer_id, "limits": [row], "as_of": NOW})


def check(
    *orders: OrderRow,
    owed: dict[str, int] | None = None,
    buyers: dict[str, str] | None = None,
    positions: list[LimitPosition] | None = None,
    unreadable: dict[str, int] | None = None,
    anybodys: int = 0,
    doubtful: dict[str, frozenset[str]] | None = None,
) -> list[tuple[OrderRow, Verdict]]:
    debts = Debts({customer: Exposure(open=euro(amount)) for customer, amount in (owed or {}).items()}, {})
    known = {"C1": "B1"} if buyers is None else buyers
    limits = {item.buyer_id: item for item in ([position()] if positions is None else positions)}
    unread = Unread(Counter(unreadable or {}), anybodys)
    return check_orders(orders, debts, known, limits, POLICY, TODAY, None, NOW, doubtful=doubtful or {}, unread=unread)


def outcomes(checked: list[tuple[OrderRow, Verdict]]) -> list[str]:
    return ["ok" if not verdict.is_blocked else verdict.reasons[0].code.value for _, verdict in checked]


def test_orders_of_one_buyer_compete_in_the_order_of_the_file() -> None:
    checked = check(order(60), order(60), order(40), order(1))
    assert outcomes(checked) == ["ok", "limit_exceeded", "ok", "limit_exceeded"]
    assert [verdict.available for _, verdict in checked] == [euro(100), euro(40), euro(40), euro(0)]


def test_an_order_with_a_warning_goes_ahead_and_uses_cover() -> None:
    policy = POLICY.model_copy(update={"discretionary_limit": euro(50)})
    limits = {"B1": LimitPosition(buyer_id="B1", as_of=NOW)}
    checked = list(check_orders([order(30), order(30)], Debts({}, {}), {"C1": "B1"}, limits, policy, TODAY, None, NOW))
    assert [verdict.outcome for _, verdict in checked] == [Outcome.WARNING, Outcome.BLOCKED]


def test_customers_that_are_one_legal_buyer_share_one_limit_and_all_their_debts() -> None:
    checked = check(order(30), order(30, "C2"), owed={"C1": 20, "C2": 20, "C3": 10, "C4": 99},
                    buyers={"C1": "B1", "C2": "B1", "C3": "B1", "C4": "B4"})  # fmt: skip
    assert [verdict.exposure for _, verdict in checked] == [euro(50), euro(80)]
    assert outcomes(checked) == ["ok", "limit_exceeded"]


def test_an_order_that_names_its_buyer_brings_its_customers_debt_along_from_the_start() -> None:
    checked = check(order(50), order(1, "C9", "B1"), owed={"C1": 10, "C9": 50})
    assert outcomes(checked) == ["limit_exceeded", "ok"]
    assert checked[0][1].exposure == euro(60)


def test_the_row_that_comes_out_names_the_buyer() -> None:
    rows = [row for row, _ in check(order(1), order(1, "C9", "B9"), order(1, "C8"), buyers={"C1": "B1", "C9": "OTHER"})]
    assert [row.order.buyer_id for row in rows] == ["B1", "B9", None]


def test_who_is_not_identified_is_not_anybody_else() -> None:
    checked = check(order(1, "C8"), order(1, "C9"), owed={"C8": 7}, buyers={})
    assert outcomes(checked) == ["buyer_not_identified"] * 2
    assert [verdict.exposure for _, verdict in checked] == [euro(7), euro(0)]


def test_an_identified_buyer_without_a_position_was_never_asked_for() -> None:
    assert outcomes(check(order(1), positions=[])) == ["no_limit"]


def test_ledger_lines_that_could_not_be_read_block_all_orders_of_the_buyer() -> None:
    checked = check(order(1), order(1, "C2"), order(1, "C3"), buyers={"C1": "B1", "C2": "B1", "C3": "B3"},
                    positions=[position(), position("B3")], unreadable={"C2": 2})  # fmt: skip
    assert outcomes(checked) == ["exposure_incomplete", "exposure_incomplete", "ok"]
    assert checked[0][1].reasons[0].params == {"unreadable": 2}


def test_blocked_orders_use_nothing_up() -> None:
    assert outcomes(check(order(101), order(100))) == ["limit_exceeded", "ok"]


def test_nothing_in_nothing_out() -> None:
    assert check() == []


def item(amount: int, number: str, kind: str = "order", customer: str = "C1") -> OpenItem:
    return OpenItem.model_validate({"customer": customer, "number": number, "kind": kind, "amount": euro(amount)})


def check_held(lines: list[OpenItem], *orders: OrderRow, policy: Policy = POLICY) -> list[tuple[OrderRow, Verdict]]:
    """Orders of one buyer with a limit of 100, some of which the ledger holds already."""
    debts = measure_ledger(lines, orders, policy, TODAY)
    return check_orders(orders, debts, {"C1": "B1", "C2": "B1"}, {"B1": position()}, policy, TODAY, None, NOW)


def test_an_order_to_be_checked_is_kept_apart_from_the_rest_of_the_ledger() -> None:
    items = [item(5, "SO-1"), item(7, "SO-2"), item(9, "SO-1", "invoice"), item(11, "SO-1", customer="C2")]
    owed, held = measure_ledger(items, [order(5)], POLICY, TODAY)
    assert (owed["C1"].ordered, owed["C1"].open) == ((euro(7),), (euro(9),))
    assert owed["C2"].ordered == (euro(11),)
    assert held == {("C1", "SO-1"): {"EUR": euro(5)}}


def test_an_order_the_ledger_holds_already_is_not_counted_twice() -> None:
    ((_, verdict),) = check_held([item(60, "SO-1"), item(30, "SO-2")], order(60))
    assert (verdict.outcome, verdict.exposure, verdict.available) == (Outcome.ALLOWED, euro(30), euro(70))


@pytest.mark.parametrize("is_first", [True, False])
def test_an_order_of_the_ledger_that_does_not_go_ahead_is_owed_all_the_same(is_first: bool) -> None:
    held = OrderRow(2, "C1", Order(number="SO-1", amount=euro(60), terms_days=365))
    orders = [held, order(50, number="SO-2")] if is_first else [order(50, number="SO-2"), held]
    checked = {row.order.number: verdict for row, verdict in check_held([item(60, "SO-1")], *orders)}
    assert checked["SO-1"].is_blocked
    assert (checked["SO-2"].is_blocked, checked["SO-2"].exposure) == (True, euro(60))
    small = check_held([item(60, "SO-1")], held, order(40, number="SO-2"))
    assert not small[1][1].is_blocked


def test_orders_of_one_number_take_the_place_of_its_lines_once() -> None:
    lines = [item(30, "SO-1"), item(30, "SO-1", customer="C1")]
    checked = check_held(lines, order(40), order(40), order(20), order(1))
    assert [verdict.exposure for _, verdict in checked] == [euro(20), euro(40), euro(80), euro(100)]
    assert outcomes(checked) == ["ok", "ok", "ok", "limit_exceeded"]


def test_a_file_that_says_less_than_was_ordered_does_not_make_it_less() -> None:
    checked = check_held([item(90, "SO-1")], order(1), order(11, number="SO-2"))
    assert outcomes(checked) == ["ok", "limit_exceeded"]
    assert checked[1][1].exposure == euro(90)


def test_an_order_in_another_currency_is_not_the_one_of_the_ledger() -> None:
    rates = ExchangeRates("EUR", {"USD": "1.00"})
    foreign = order(99)._replace(order=Order(number="SO-1", buyer_id="B1", amount=Money(99, "USD"), terms_days=30))
    debts = measure_ledger([item(12, "SO-1")], [foreign], POLICY, TODAY)
    ((_, verdict),) = check_orders([foreign], debts, {"C1": "B1"}, {"B1": position()}, POLICY, TODAY, rates, NOW)
    assert verdict.exposure == euro(12)


def test_held_lines_count_on_the_tax_basis_of_the_policy() -> None:
    taxed = OpenItem.model_validate({**item(50, "SO-1").model_dump(), "tax": euro(10)})
    gross = POLICY.model_copy(update={"tax_basis": TaxBasis.GROSS})
    assert measure_ledger([taxed], [order(1)], POLICY, TODAY).held == {("C1", "SO-1"): {"EUR": euro(50)}}
    assert measure_ledger([taxed], [order(1)], gross, TODAY).held == {("C1", "SO-1"): {"EUR": euro(60)}}
    ((_, verdict),) = check_held([taxed], order(50), policy=gross)
    assert verdict.exposure == euro(10), "the order states no tax, so that part of the line is not this order"


def test_a_doubtful_customers_debt_counts_to_all_it_may_be_of() -> None:
    checked = check(order(50), order(50, "C3"), owed={"C2": 60}, buyers={"C1": "B1", "C3": "B3"},
                    positions=[position(), position("B3")], doubtful={"C2": frozenset({"B1", "B3"})})  # fmt: skip
    assert outcomes(checked) == ["limit_exceeded", "limit_exceeded"]


def test_a_line_that_may_be_anybodys_blocks_everybody() -> None:
    checked = check(order(1), order(1, "C3"), buyers={"C1": "B1", "C3": "B3"}, positions=[position(), position("B3")],
                    unreadable={"C1": 1}, anybodys=2)  # fmt: skip
    assert outcomes(checked) == ["exposure_incomplete", "exposure_incomplete"]
    assert [verdict.reasons[0].params["unreadable"] for _, verdict in checked] == [3, 2]


def test_a_line_of_output_has_the_numbers_as_text() -> None:
    row, verdict = check(order(120, line=17))[0]
    line = record(row, verdict)
    assert {
        "line": 17,
        "number": "SO-1",
        "customer": "C1",
        "buyer_id": "B1",
        "outcome": "blocked",
    }.items() <= line.items()
    assert (line["limit"], line["order"], line["uncovered"]) == ("100.00", "120.00", "20.00")


@given(st.lists(st.tuples(st.integers(0, 60), st.sampled_from(["C1", "C2", "C3"])), max_size=12), st.integers(0, 120))
def test_what_goes_ahead_never_exceeds_the_limit_all_together(wanted: list[tuple[int, str]], owed: int) -> None:
    rows = [order(amount, customer) for amount, customer in wanted]
    shared: dict[str, Any] = {"owed": {"C2": owed}, "buyers": {"C1": "B1", "C2": "B1", "C3": "B3"}}
    checked = check(*rows, positions=[position(), position("B3")], **shared)
    assert len(checked) == len(rows)
    gone = Counter[str]()
    for row, verdict in checked:
        if not verdict.is_blocked:
            gone[str(row.order.buyer_id)] += int(row.order.amount.amount)
    assert gone["B1"] == 0 or gone["B1"] + owed <= 100
    assert gone["B3"] <= 100
