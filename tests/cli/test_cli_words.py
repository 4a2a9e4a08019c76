"""What the command line accepts as a value, and what it says instead of the rest."""

from __future__ import annotations

import contextlib
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradecredit_sdk.cli import params


@given(st.decimals(min_value=0, max_value=10**12, places=2))
def test_an_amount_keeps_every_digit(amount: Decimal) -> None:
    read = params.AMOUNT.read(f"{amount:f}")
    assert isinstance(read, Decimal)
    assert f"{read:f}" == f"{amount:f}"


@pytest.mark.parametrize(
    "word", ["1.000,00", "1,000.00", "1e3", "1_000", "0x10", "NaN", "inf", "", " 5", "١٢", "1.", ".5", "5 EUR"]
)
def test_another_way_to_write_an_amount_is_refused_with_the_right_one(word: str) -> None:
    with pytest.raises(ValueError, match=r"such as 1250\.00"):
        params.AMOUNT.read(word)


@given(st.text(max_size=20))
def test_no_word_becomes_a_float(word: str) -> None:
    with contextlib.suppress(ValueError):
        assert isinstance(params.AMOUNT.read(word), Decimal)


def test_codes_may_be_in_small_letters() -> None:
    assert params.CURRENCY.read("eur") == "EUR"
    assert params.COUNTRY.read("de") == "DE"


@pytest.mark.parametrize("word", ["EURO", "XXX", "", "€", "E1R"])
def test_an_unknown_currency_is_refused(word: str) -> None:
    with pytest.raises(ValueError, match="ISO 4217"):
        params.CURRENCY.read(word)


@pytest.mark.parametrize("word", ["Germany", "D", "", "1A", "ＤＥ"])
def test_a_country_is_two_letters(word: str) -> None:
    with pytest.raises(ValueError, match="ISO 3166"):
        params.COUNTRY.read(word)


@pytest.mark.parametrize(
    "word", ["31.03.2026", "2026-3-31", "2026-02-30", "20260331", "2026-03-31T00:00:00", "today", ""]
)
def test_another_way_to_write_a_day_is_refused(word: str) -> None:
    with pytest.raises(ValueError, match=r"YYYY-MM-DD|day|month"):
        params.DAY.read(word)


def test_an_invoice_number_may_hold_commas() -> None:
    assert params.INVOICE.read("R-1,001,2026-01-31,1250.00") == ("R-1,001", date(2026, 1, 31), Decimal("1250.00"))


@pytest.mark.parametrize("word", ["R-1", "R-1,2026-01-31", ",2026-01-31,5", "R-1,31.01.2026,5", "R-1,2026-01-31,1e3"])
def test_a_malformed_invoice_is_refused(word: str) -> None:
    with pytest.raises(ValueError, match="such as"):
        params.INVOICE.read(word)


def test_an_instalment_is_a_day_and_an_amount() -> None:
    assert params.INSTALMENT.read("2026-05-31,500.00") == (date(2026, 5, 31), Decimal("500.00"))
    with pytest.raises(ValueError, match="DATE,AMOUNT"):
        params.INSTALMENT.read("2026-05-31")


def test_an_identifier_keeps_its_zeros_and_its_colons() -> None:
    assert params.IDENTIFIER.read("VAT:DE136695976") == ("vat", "DE136695976")
    assert params.IDENTIFIER.read("registration:007:1") == ("registration", "007:1")
    for word in ("DE136695976", "iban:DE1", "vat:", "vat: "):
        with pytest.raises(ValueError, match="TYPE:VALUE"):
            params.IDENTIFIER.read(word)
