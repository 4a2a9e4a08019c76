"""Money: exact, in a currency, and nothing else."""

from __future__ import annotations

import copy
import json
import pickle
from decimal import ROUND_UP, Context, Decimal, localcontext

import iso4217
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ValidationError

from tradecredit_sdk.models.money import MINOR_UNITS, CurrencyMismatchError, Money, check_currency, parse_amount

# Funds, precious metals, testing and "no currency" are in the list, and nobody is invoiced in them.
NOT_MONEY = {"XAG", "XAU", "XBA", "XBB", "XBC", "XBD", "XDR", "XPD", "XPT", "XSU", "XTS", "XUA", "XXX"}

currencies = st.sampled_from(sorted(MINOR_UNITS))


@st.composite
def moneys(draw: st.DrawFn, currency: str | None = None) -> Money:
    code = currency or draw(currencies)
    units = draw(st.integers(-(10**15) + 1, 10**15 - 1))
    return Money(Decimal(units).scaleb(-MINOR_UNITS[code]), code)


class Holder(BaseModel):
    amount: Money


def test_the_currencies_are_those_of_iso_4217() -> None:
    active = {code.code: code.exponent for code in iso4217.Currency if code.code not in NOT_MONEY}
    ours = {code: digits for code, digits in MINOR_UNITS.items() if code in active}
    assert ours == active
    retired = set(MINOR_UNITS) - set(active)
    assert retired == set(), "codes the published list does not have"


@pytest.mark.parametrize(
    ("amount", "currency", "written", "shown"),
    [
        ("1250", "JPY", "1250", "1,250 JPY"),
        ("1250.5", "EUR", "1250.50", "1,250.50 EUR"),
        ("1250.5", "KWD", "1250.500", "1,250.500 KWD"),
        ("0.0001", "CLF", "0.0001", "0.0001 CLF"),
        (-7, "USD", "-7.00", "-7.00 USD"),
        (Decimal("1E+3"), "EUR", "1000.00", "1,000.00 EUR"),
        (Decimal("100.000"), "EUR", "100.00", "100.00 EUR"),
        ("999999999999999.99", "EUR", "999999999999999.99", "999,999,999,999,999.99 EUR"),
        ("007", "EUR", "7.00", "7.00 EUR"),
        ("+7.00", "EUR", "7.00", "7.00 EUR"),
    ],
)
def test_an_amount_has_the_digits_of_its_currency(amount: object, currency: str, written: str, shown: str) -> None:
    money = Money(amount, currency)  # type: ignore[arg-type]
    assert money.to_dict() == {"amount": written, "currency": currency}
    assert str(money) == shown
    assert repr(money) == f"Money('{written}', '{currency}')"


@pytest.mark.parametrize(
    "amount",
    [
        1.5, 0.0, float("nan"), True, False, None, "", " ", " 1", "1 ", "1_000", "1,000.00", "1.000,00", "1e3", "1E3", "0x10", "NaN", "Infinity",
        "-Infinity", "١٢٣", "１２", "1.", ".5", "--1", "1\n", "100.000", b"1", [1], Decimal("NaN"), Decimal("sNaN"), Decimal("Infinity"), Decimal("1e15"),
        Decimal("1e400"), 10**15, "1000000000000000.00", "1.005", Decimal("0.001"),
    ],
)  # fmt: skip
def test_what_is_not_an_exact_amount_is_refused(amount: object) -> None:
    with pytest.raises(ValueError, match=r"amount|decimals"):
        Money(amount, "EUR")  # type: ignore[arg-type]


@pytest.mark.parametrize("currency", ["eur", "EURO", "", "XXX", "XTS", "DEM", None, 978, "€", ["EUR"], {}])
def test_what_is_not_a_currency_is_refused(currency: object) -> None:
    with pytest.raises(ValueError, match="unknown currency"):
        Money("1.00", currency)  # type: ignore[arg-type]


def test_the_remedy_is_named() -> None:
    with pytest.raises(ValueError, match="did you mean EUR"):
        check_currency("eur")
    with pytest.raises(ValueError, match=r"JPY has \(0\)"):
        Money("1.50", "JPY")


def test_neither_the_amount_nor_what_is_no_code_is_repeated() -> None:
    for amount, currency in (("12.345", "EUR"), ("sk_live_1", "EUR"), ("1.00", "sk_live_1")):
        with pytest.raises(ValueError, match=r".") as refused:
            Money(amount, currency)
        assert "12.345" not in str(refused.value)
        assert "sk_live" not in str(refused.value)


def test_money_has_no_truth_value() -> None:
    with pytest.raises(TypeError, match="0 and none differ"):
        bool(Money(0, "EUR"))


def test_money_cannot_be_changed() -> None:
    money = Money(1, "EUR")
    for change in (lambda: setattr(money, "amount", Decimal(2)), lambda: delattr(money, "currency")):
        with pytest.raises(AttributeError, match="immutable"):
            change()
    assert copy.deepcopy(money) == money


def test_there_is_one_zero() -> None:
    for zero in (
        Money("-0.00", "EUR"),
        -Money(0, "EUR"),
        Money.rounded(Decimal("-0.001"), "EUR"),
        Money(1, "EUR") - Money(1, "EUR"),
    ):
        assert str(zero) == "0.00 EUR"
        assert zero == Money.zero("EUR")


def test_currencies_do_not_mix() -> None:
    euro, dollar = Money(1, "EUR"), Money(1, "USD")
    for mix in (
        lambda: euro + dollar, lambda: euro - dollar, lambda: euro < dollar, lambda: euro <= dollar, lambda: euro > dollar,
        lambda: euro >= dollar,
    ):  # fmt: skip
        with pytest.raises(CurrencyMismatchError, match="EUR with USD"):
            mix()
    assert euro != dollar
    assert euro != 1
    assert len({euro, dollar, Money("1.00", "EUR")}) == 2


def test_zero_of_another_currency_does_not_mix_either() -> None:
    with pytest.raises(CurrencyMismatchError):
        Money(1, "EUR") + Money(0, "USD")
    with pytest.raises(CurrencyMismatchError):
        Money(1, "EUR") - Money(0, "USD")


@given(moneys("EUR"), moneys("EUR"))
def test_sums_are_exact_in_any_context(left: Money, right: Money) -> None:
    with localcontext(Context(prec=4, rounding=ROUND_UP)):
        assert (left + right) - right == left
        assert (left < right) == (left.amount < right.amount)
        assert Money.zero("EUR") - -left == left
        assert left.share(Decimal(100)) == left
    cents = int(left.amount.scaleb(2)) + int(right.amount.scaleb(2))
    assert int((left + right).amount.scaleb(2)) == cents


@given(moneys())
def test_money_survives_text_pickle_and_json(money: Money) -> None:
    assert Money.parse(money.to_dict()) == money
    assert Money(money.amount, money.currency) == money
    assert Money(str(money.amount), money.currency) == money
    assert pickle.loads(pickle.dumps(money)) == money
    assert hash(pickle.loads(pickle.dumps(money))) == hash(money)
    held = Holder(amount=money)
    assert Holder.model_validate_json(held.model_dump_json()) == held
    assert json.loads(held.model_dump_json())["amount"] == money.to_dict()


def test_a_sum_beyond_what_can_be_given_still_pickles() -> None:
    large = Money("999999999999999.99", "EUR")
    assert pickle.loads(pickle.dumps(large + large)) == large + large


@pytest.mark.parametrize(
    "value",
    ["1.00 EUR", 1, ["1.00", "EUR"], {"amount": "1.00"}, {"amount": 1.0, "currency": "EUR"},
     {"amount": "1.00", "currency": "EUR", "x": 1}, {"value": "1.00", "currency": "EUR"}],
)  # fmt: skip
def test_money_in_a_model_has_one_form(value: object) -> None:
    with pytest.raises(ValidationError):
        Holder.model_validate({"amount": value})


def test_a_float_in_json_is_refused_where_it_would_lose_a_cent() -> None:
    with pytest.raises(ValidationError):
        Holder.model_validate_json('{"amount": {"amount": 99999999999999.99, "currency": "EUR"}}')


def test_parse_amount_takes_plain_numbers_only() -> None:
    assert parse_amount("12.5") == Decimal("12.5")
    assert parse_amount(12) == Decimal(12)
    with pytest.raises(ValueError, match="not float"):
        parse_amount(12.5)
