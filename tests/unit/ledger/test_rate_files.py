"""The CSV file of exchange rates: a wrong line is not passed over."""

from __future__ import annotations

import pytest
from ledger_lines import Folder

from tradecredit_sdk.cli.ledger_files import read_rates
from tradecredit_sdk.errors import InvalidInputError
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.rates import ExchangeRates


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
