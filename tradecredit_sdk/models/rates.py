"""Exchange rates, as the seller's ERP keeps them."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from tradecredit_sdk.models.money import DOWNWARDS, UPWARDS, Money, check_currency, parse_amount

_LEAST = Decimal("1e-15")


class ExchangeRates:
    """How much of each currency one unit of `base` buys, as central banks publish: `{"USD": Decimal("1.08")}`.

    Rates must be at least 10**-15 and given as Decimal, int or string; a float is refused.
    """

    __slots__ = ("_rates", "base")

    def __init__(self, base: str, rates: Mapping[str, Decimal | int | str] | None = None) -> None:
        self.base = check_currency(base)
        self._rates: dict[str, Decimal] = {base: Decimal(1)}
        for currency, rate in (rates or {}).items():
            check_currency(currency)
            value = parse_amount(rate)
            if value < _LEAST:
                raise ValueError(f"the rate of {currency} must be greater than zero, and at least 10**-15")
            if currency == base and value != 1:
                raise ValueError(f"the rate of the base currency {base} is 1")
            self._rates[currency] = value

    def convert(self, money: Money, currency: str, *, up: bool) -> Money | None:
        """`money` in `currency`, rounded up (a debt) or down (a cover) so that no cent is lost unseen.

        None when a rate is missing. One division on the exact product, so a value that fits the currency stays exact.
        The result may be larger than an amount that can be given.
        """
        if money.currency == currency:
            return money
        divisor, factor = self._rates.get(money.currency), self._rates.get(currency)
        if divisor is None or factor is None:
            return None
        context = UPWARDS if up else DOWNWARDS
        value = context.divide(context.multiply(money.amount, factor), divisor)
        return Money.rounded(value, currency, ROUND_CEILING if up else ROUND_FLOOR)

    def __repr__(self) -> str:
        return f"ExchangeRates({self.base!r}, {sorted(self._rates)})"
