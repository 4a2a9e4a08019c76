"""What a customer owes: buckets, tax basis, the oldest original due date, several accounts of one buyer."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from tradecredit_sdk.models.exposure import Exposure, OpenItem
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.policy import Policy, TaxBasis
from tradecredit_sdk.models.rates import ExchangeRates
from tradecredit_sdk.rules.exposure import combine, convert, measure, total_owed

TODAY = date(2026, 3, 31)
LATE = TODAY - timedelta(1)
NET = Policy(id="P", currency="EUR")
GROSS = NET.model_copy(update={"tax_basis": TaxBasis.GROSS})


def euro(amount: int | str) -> Money:
    return Money(amount, "EUR")


def item(amount: int | str, due: date | None = None, **given: Any) -> OpenItem:
    money = given.pop("money", euro(amount))
    return OpenItem.model_validate({"customer": "C", "number": "1", "original_due_date": due, "amount": money, **given})


def owed(*items: OpenItem, policy: Policy = NET) -> Exposure:
    return measure(items, policy, TODAY)["C"]


def test_each_kind_has_its_bucket() -> None:
    found = owed(
        item(1, TODAY), item(2, LATE), item(4), item(8, kind="draft"), item(16, kind="order"),
        item(-32, TODAY, kind="credit_note"), item(-64, LATE, kind="credit_note"),
    )  # fmt: skip
    assert found.open == (euro(1 + 4 - 32),)
    assert found.overdue == (euro(2 - 64),)
    assert found.draft == (euro(8),)
    assert found.ordered == (euro(16),)


def test_overdue_is_from_the_day_after() -> None:
    assert owed(item(1, TODAY)).overdue == ()
    assert owed(item(1, LATE)).open == ()


def test_the_policys_tax_basis_decides() -> None:
    items = [
        item(100, LATE, tax=euro(19)),
        item(50, kind="order", tax=euro("9.50")),
        item(-10, kind="credit_note", tax=euro("-1.90")),
    ]
    net, gross = owed(*items), owed(*items, policy=GROSS)
    assert (net.overdue, net.ordered, net.open) == ((euro(100),), (euro(50),), (euro(-10),))
    assert (gross.overdue, gross.ordered, gross.open) == ((euro(119),), (euro("59.50"),), (euro("-11.90"),))


def test_a_draft_below_zero_does_not_count() -> None:
    assert owed(item(-5, kind="draft"), item(7, kind="draft")).draft == (euro(7),)


def test_the_oldest_original_due_date_is_that_of_an_unpaid_invoice() -> None:
    old = TODAY - timedelta(100)
    assert owed(item(1, LATE), item(1, old)).oldest_original_due_date == old
    assert owed(item(1, TODAY + timedelta(5))).oldest_original_due_date == TODAY + timedelta(5)
    assert owed(item(1, LATE), item(0, old)).oldest_original_due_date == LATE
    assert owed(item(1, LATE), item(-9, old, kind="credit_note")).oldest_original_due_date == LATE
    assert owed(item(1, LATE), item(9, old, kind="order")).oldest_original_due_date == LATE
    assert owed(item(1, LATE), item(9, old, kind="draft")).oldest_original_due_date == LATE
    assert owed(item(1)).oldest_original_due_date is None
    assert owed(item(0, old, tax=euro(0))).oldest_original_due_date is None
    assert owed(item(1, LATE), item(0, old, tax=euro(2))).oldest_original_due_date == old, "only its tax is unpaid"


def test_currencies_stay_apart_and_customers_too() -> None:
    found = measure(
        [item(1), item(2, money=Money(2, "USD")), item(3, customer="D"), item(4, money=Money(4, "USD"))], NET, TODAY
    )
    assert found["C"].open == (euro(1), Money(6, "USD"))
    assert found["D"].open == (euro(3),)
    assert measure([], NET, TODAY) == {}


def test_a_sum_may_be_larger_than_what_can_be_given() -> None:
    most = "999999999999999.99"
    assert owed(item(most), item(most)).open[0].amount > 10**15


def test_today_is_a_day() -> None:
    with pytest.raises(ValueError, match="YYYY-MM-DD"):
        measure([], NET, datetime(2026, 3, 31))


def test_several_accounts_are_one_debtor() -> None:
    old = TODAY - timedelta(70)
    together = combine(
        [
            Exposure(open=euro(1), overdue=euro(2), oldest_original_due_date=LATE, unreadable=1),
            Exposure(open=(euro(4), Money(5, "USD")), oldest_original_due_date=old, unreadable=2),
            Exposure(draft=euro(8), ordered=euro(16)),
        ]
    )
    assert together == Exposure(
        open=(euro(1), euro(4), Money(5, "USD")), overdue=euro(2), draft=euro(8), ordered=euro(16), oldest_original_due_date=old,
        unreadable=3,
    )  # fmt: skip
    assert combine([]) == Exposure()


def test_the_total_is_rounded_up_once_for_each_currency() -> None:
    rates = ExchangeRates("EUR", {"USD": "3"})
    exposure = Exposure(
        open=(euro(1), Money("0.01", "USD")), overdue=Money("0.01", "USD"), draft=Money("0.01", "USD"), ordered=euro(2)
    )
    assert total_owed(exposure, "EUR", rates) == (euro("3.01"), ())
    assert total_owed(Exposure(open=Money("0.01", "USD")), "EUR", rates) == (euro("0.01"), ())
    assert total_owed(Exposure(open=Money("-0.01", "USD")), "EUR", rates) == (euro(0), ())
    assert total_owed(Exposure(), "EUR") == (euro(0), ())


def test_a_missing_rate_makes_the_total_unknown_and_is_named() -> None:
    exposure = Exposure(open=(euro(1), Money(2, "USD")), overdue=Money(3, "GBP"))
    assert total_owed(exposure, "EUR") == (None, ("USD", "GBP"))
    assert total_owed(exposure, "EUR", ExchangeRates("EUR", {"USD": 1})) == (None, ("GBP",))


def test_converting_goes_the_cautious_way() -> None:
    rates = ExchangeRates("EUR", {"USD": "3", "JPY": "1"})
    cent = Money("0.01", "USD")
    assert convert(cent, "EUR", rates, up=True) == euro("0.01")
    assert convert(cent, "EUR", rates, up=False) == euro(0)
    assert convert(Money(3, "USD"), "JPY", rates, up=True) == Money(1, "JPY")
    assert convert(cent, "USD", None, up=True) is cent
    assert convert(cent, "EUR", None, up=True) is None
    assert "EUR" in repr(rates)
