"""Where a payment goes: the sum is exact, no debt falls below zero, and the order is the policy's (domain rule 35)."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradecredit_sdk import Debt, Money, allocate, pro_rata
from tradecredit_sdk.models.money import MINOR_UNITS

DAY = date(2026, 3, 31)
CURRENCIES = st.sampled_from(["EUR", "JPY", "KWD"])


def money(units: int, currency: str = "EUR") -> Money:
    return Money(Decimal(units).scaleb(-MINOR_UNITS[currency]), currency)


@st.composite
def debts(draw: st.DrawFn) -> list[Debt]:
    currency = draw(CURRENCIES)
    dues = st.dates(date(2025, 1, 1), date(2026, 3, 1))
    amounts = st.integers(0, 10**9)
    drawn = draw(
        st.lists(st.tuples(dues, amounts), min_size=1, max_size=12).filter(lambda rows: any(b for _, b in rows))
    )
    return [Debt(f"R-{number}", due, money(amount, currency)) for number, (due, amount) in enumerate(drawn)]


@st.composite
def payments(draw: st.DrawFn) -> tuple[list[Debt], Money]:
    owed = draw(debts())
    currency = owed[0].unpaid.currency
    total = sum(int(debt.unpaid.amount.scaleb(MINOR_UNITS[currency])) for debt in owed)
    return owed, money(draw(st.integers(1, total)), currency)


@given(payments(), st.booleans())
def test_the_parts_are_the_payment_and_never_more_than_the_debt(case: tuple[list[Debt], Money], lost: bool) -> None:
    owed, payment = case
    parts = allocate(payment, owed, paid_on=DAY, date_of_loss=DAY if lost else None)
    assert Money.total((part.amount for part in parts), payment.currency) == payment
    open_by_number = {debt.number: debt.unpaid for debt in owed}
    assert all(0 < part.amount.amount <= open_by_number[part.number].amount for part in parts)
    assert len({part.number for part in parts}) == len(parts)


@given(payments())
def test_before_the_loss_no_younger_invoice_is_touched_while_an_older_one_is_open(
    case: tuple[list[Debt], Money],
) -> None:
    owed, payment = case
    got = {part.number: part.amount for part in allocate(payment, owed, paid_on=DAY, date_of_loss=DAY + timedelta(1))}
    in_order = sorted((debt for debt in owed if debt.unpaid.amount), key=lambda debt: (debt.due_date, debt.number))
    left = [debt.unpaid - got.get(debt.number, Money.zero(payment.currency)) for debt in in_order]
    first_open = next((index for index, rest in enumerate(left) if rest.amount), len(left))
    assert all(debt.number not in got for debt in in_order[first_open + 1 :])


@given(payments())
def test_after_the_loss_everybody_gets_its_share_to_the_minor_unit(case: tuple[list[Debt], Money]) -> None:
    owed, payment = case
    got = {part.number: part.amount.amount for part in allocate(payment, owed, paid_on=DAY, date_of_loss=DAY)}
    total = sum(debt.unpaid.amount for debt in owed)
    unit = Decimal(1).scaleb(-MINOR_UNITS[payment.currency])
    for debt in owed:
        exact = payment.amount * debt.unpaid.amount / total
        assert abs(got.get(debt.number, Decimal(0)) - exact) < unit


@given(payments(), st.data())
def test_two_payments_go_where_one_of_both_would(case: tuple[list[Debt], Money], data: st.DataObject) -> None:
    owed, payment = case
    units = int(payment.amount.scaleb(MINOR_UNITS[payment.currency]))
    first = money(data.draw(st.integers(0, units)), payment.currency)
    sums: dict[str, Money] = {}
    for part in (first, payment - first):
        if part.amount:
            left = [
                Debt(debt.number, debt.due_date, debt.unpaid - sums.get(debt.number, Money.zero(payment.currency)))
                for debt in owed
            ]
            for number, amount in allocate(part, left, paid_on=DAY, date_of_loss=None):
                sums[number] = sums.get(number, Money.zero(payment.currency)) + amount
    assert sums == dict(allocate(payment, owed, paid_on=DAY, date_of_loss=None))


def test_a_worked_example() -> None:
    """3,000 paid on 1,000 of January, 1,500 of February and 2,500 of March."""
    owed = [
        Debt("R-3", date(2026, 3, 31), Money("2500.00", "EUR")),
        Debt("R-1", date(2026, 1, 31), Money("1000.00", "EUR")),
        Debt("R-2", date(2026, 2, 28), Money("1500.00", "EUR")),
    ]
    paid, loss = Money("3000.00", "EUR"), date(2026, 7, 30)
    before = allocate(paid, owed, paid_on=date(2026, 7, 29), date_of_loss=loss)
    assert [(part.number, str(part.amount.amount)) for part in before] == [
        ("R-1", "1000.00"), ("R-2", "1500.00"), ("R-3", "500.00"),
    ]  # fmt: skip
    after = allocate(paid, owed, paid_on=loss, date_of_loss=loss)
    assert [(part.number, str(part.amount.amount)) for part in after] == [
        ("R-1", "600.00"), ("R-2", "900.00"), ("R-3", "1500.00"),
    ]  # fmt: skip


def test_a_recovery_is_shared_by_what_each_party_lost() -> None:
    """Of a loss of 100,000 the insurer bore 90,000; 1,000.01 comes in (domain rule 36)."""
    insurer, seller = pro_rata(Money("1000.01", "EUR"), [Money("90000", "EUR"), Money("10000", "EUR")])
    assert (str(insurer.amount), str(seller.amount)) == ("900.01", "100.00")


@pytest.mark.parametrize(
    ("payment", "owed", "message"),
    [
        ("10.01", [Debt("R", DAY, money(1000))], "more than the 10.00 EUR that are open"),
        ("1.00", [], "more than the 0.00 EUR"),
        ("1.00", [Debt("R", DAY, money(0))], "more than the 0.00 EUR"),
        ("0.00", [Debt("R", DAY, money(1000))], "greater than zero"),
        ("1.00", [Debt("R", DAY, Money("5", "USD"))], "in EUR and the debt is not"),
    ],
)
def test_what_cannot_be_allocated_is_refused(payment: str, owed: list[Debt], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        allocate(Money(payment, "EUR"), owed, paid_on=DAY, date_of_loss=None)


@pytest.mark.parametrize("weights", [[], [money(0)], [money(-1), money(2)], [Money("1", "USD")]])
def test_nothing_is_shared_by_nobody(weights: list[Money]) -> None:
    with pytest.raises(ValueError, match=r"shared by nobody|below zero"):
        pro_rata(money(1), weights)
