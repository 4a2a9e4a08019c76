"""Money: an exact amount and its ISO 4217 currency, never one without the other.

Units: `amount` is in the currency's major unit (12.50 EUR, 1250 JPY) with exactly its minor-unit digits.
Floats are refused because they cannot hold a cent exactly. Source of the digits: ISO 4217 list one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Context, Decimal, InvalidOperation
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

# ISO 4217 active codes by number of minor-unit digits.
_DIGITS: dict[int, str] = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    2: (
        "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BOV BRL BSD BTN BWP BYN BZD CAD CDF CHE CHF "
        "CHW CNY COP COU CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL "
        "HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU "
        "MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR "
        "SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD USN UYU UZS VED "
        "VES WST XAD XCD XCG YER ZAR ZMW ZWG"
    ),
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
MINOR_UNITS: dict[str, int] = {code: digits for digits, codes in _DIGITS.items() for code in codes.split()}
"""Currency code -> number of digits after the decimal point."""

_QUANTUM = {code: Decimal(1).scaleb(-digits) for code, digits in MINOR_UNITS.items()}
# An amount with all its minor digits, as machines write it: known to be right at one look.
_FORMS = {
    digits: re.compile(r"-?\d{1,15}" + (rf"\.\d{{{digits}}}" if digits else "") + r"\Z", re.ASCII) for digits in _DIGITS
}
_USUAL = {code: _FORMS[digits] for code, digits in MINOR_UNITS.items()}
_HUNDREDTH = Decimal("0.01")
_MIN, _MAX = Decimal(-10) ** 15, Decimal(10) ** 15
_MAX_RESULT = Decimal(10) ** 50
_NUMBER = re.compile(r"[+-]?\d{1,16}(\.\d{1,12})?\Z", re.ASCII)
# Own context: a caller who lowers the precision of his thread must not change what is insured.
EXACT = Context(prec=60)
# The same where 60 digits may not suffice: what is cut off then goes the way the result is rounded.
UPWARDS = Context(prec=60, rounding=ROUND_CEILING)
DOWNWARDS = Context(prec=60, rounding=ROUND_FLOOR)


class CurrencyMismatchError(ValueError):
    """Two amounts of different currencies were added or compared; convert one of them first."""


def check_currency(code: object) -> str:
    """Return `code` if it is an active ISO 4217 code in capitals, else raise ValueError naming it."""
    if isinstance(code, str) and code in MINOR_UNITS:
        return code
    # Only what looks like a code is repeated: anything else may be a secret in the wrong column.
    given = f" {code}" if isinstance(code, str) and code.isascii() and code.isalpha() and len(code) <= 4 else ""
    hint = f"; did you mean {code.upper()}?" if isinstance(code, str) and code.upper() in MINOR_UNITS else ""
    raise ValueError(f"unknown currency{given}: use an ISO 4217 code such as EUR{hint}")


def parse_amount(value: object) -> Decimal:
    """Turn an int, Decimal or plain decimal string into a finite Decimal below 10**15; ValueError otherwise."""
    if isinstance(value, bool) or not isinstance(value, (int, str, Decimal)):
        kind = type(value).__name__
        raise ValueError(f"an amount must be a Decimal, an int or a string such as '1250.00', not {kind}")  # noqa: TRY004
    if isinstance(value, str) and not _NUMBER.match(value):
        raise ValueError("an amount is written with digits and one decimal point, such as '1250.00'")
    amount = Decimal(value)
    if not amount.is_finite() or not _MIN < amount < _MAX:
        raise ValueError("an amount must be a finite number below 10**15")
    return amount


class Money:
    """An immutable amount in a currency; equal, hashable and ordered within one currency.

    Raises ValueError for a float, an unknown currency, or more decimals than the currency has.
    """

    __slots__ = ("amount", "currency")

    amount: Decimal
    currency: str

    def __new__(cls, amount: Decimal | int | str, currency: str) -> Money:
        """Check both; an int, a Decimal or a string such as '1250.00'."""
        if type(amount) is str and type(currency) is str:
            usual = _USUAL.get(currency)
            if usual is not None and usual.match(amount):
                return _make(Decimal(amount) or _ZERO[currency].amount, currency)
        check_currency(currency)
        value = parse_amount(amount)
        digits, exact = MINOR_UNITS[currency], value.quantize(_QUANTUM[currency], None, EXACT)
        # Written, 100.000 EUR is a hundred to some people and a hundred thousand to others.
        written = len(amount.partition(".")[2]) if isinstance(amount, str) else 0
        if exact != value or written > digits:
            raise ValueError(f"more decimals than {currency} has ({digits}); round it yourself first")
        return _make(exact or _ZERO[currency].amount, currency)

    @classmethod
    def zero(cls, currency: str) -> Money:
        """Nothing, in `currency`."""
        return _ZERO[check_currency(currency)]

    @classmethod
    def total(cls, moneys: Iterable[Money], currency: str) -> Money:
        """The sum of amounts that are all in `currency`; zero when there are none."""
        total = _ZERO[check_currency(currency)].amount
        for money in moneys:
            if money.currency != currency:
                raise _mismatch(_ZERO[currency], money)
            total = _add(total, money.amount)
        return _make(total, currency)

    @classmethod
    def rounded(cls, amount: Decimal, currency: str, rounding: str = ROUND_HALF_EVEN) -> Money:
        """Round `amount` to the currency's minor unit; for results, which may be larger than what can be given."""
        if not isinstance(amount, Decimal) or not amount.is_finite() or amount.copy_abs() >= _MAX_RESULT:
            raise ValueError("only a finite Decimal below 10**50 can be rounded to money")
        exact = amount.quantize(_QUANTUM[check_currency(currency)], rounding, EXACT)
        return _make(exact, currency) if exact else _ZERO[currency]

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"Money is immutable; cannot set {name}")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"Money is immutable; cannot delete {name}")

    def __reduce__(self) -> tuple[Callable[[Decimal, str], Money], tuple[Decimal, str]]:
        return _make, (self.amount, self.currency)

    def __add__(self, other: Money) -> Money:
        if self.currency != other.currency:
            raise _mismatch(self, other)
        return _make(_add(self.amount, other.amount), self.currency) if other.amount else self

    def __sub__(self, other: Money) -> Money:
        if self.currency != other.currency:
            raise _mismatch(self, other)
        return _make(_subtract(self.amount, other.amount), self.currency) if other.amount else self

    def __neg__(self) -> Money:
        return _make(EXACT.minus(self.amount), self.currency)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Money) and self.currency == other.currency and self.amount == other.amount

    def __hash__(self) -> int:
        return hash((self.amount, self.currency))

    def __lt__(self, other: Money) -> bool:
        if self.currency != other.currency:
            raise _mismatch(self, other)
        return self.amount < other.amount

    def __le__(self, other: Money) -> bool:
        if self.currency != other.currency:
            raise _mismatch(self, other)
        return self.amount <= other.amount

    def __gt__(self, other: Money) -> bool:
        if self.currency != other.currency:
            raise _mismatch(self, other)
        return self.amount > other.amount

    def __ge__(self, other: Money) -> bool:
        if self.currency != other.currency:
            raise _mismatch(self, other)
        return self.amount >= other.amount

    def __bool__(self) -> bool:
        raise TypeError("Money has no truth value, because 0 and none differ; ask `.amount == 0` or `is None`")

    def __str__(self) -> str:
        return f"{self.amount:,f} {self.currency}"

    def __repr__(self) -> str:
        return f"Money('{self.amount:f}', '{self.currency}')"

    def share(self, percent: Decimal) -> Money:
        """`percent` per hundred of this amount, rounded down: what is insured is never overstated."""
        value = DOWNWARDS.multiply(DOWNWARDS.multiply(self.amount, percent), _HUNDREDTH)
        return _make(value.quantize(_QUANTUM[self.currency], ROUND_FLOOR, EXACT), self.currency)

    def to_dict(self) -> dict[str, str]:
        """`{"amount": "1250.00", "currency": "EUR"}`: the form of JSON, exact."""
        # Never in the form 1E+3: the amount has exactly the digits of its currency.
        return {"amount": str(self.amount), "currency": self.currency}

    @classmethod
    def parse(cls, value: object) -> Money:
        """Accept a Money or a mapping with exactly `amount` and `currency`; ValueError otherwise."""
        if isinstance(value, Money):
            return value
        if isinstance(value, dict) and value.keys() == {"amount", "currency"}:
            return cls(value["amount"], value["currency"])
        raise ValueError('money is written {"amount": "1250.00", "currency": "EUR"}')

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            _validator(cls.parse),
            serialization=core_schema.plain_serializer_function_ser_schema(
                Money.to_dict,
                return_schema=core_schema.dict_schema(core_schema.str_schema(), core_schema.str_schema()),
                when_used="json",
            ),
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> dict[str, Any]:
        digits, letters = r"^-?\d{1,15}(\.\d{1,4})?$", "^[A-Z]{3}$"
        return {
            "type": "object",
            "properties": {
                "amount": {"type": "string", "pattern": digits, "title": "Amount"},
                "currency": {"type": "string", "pattern": letters, "title": "Currency"},
            },
            "required": ["amount", "currency"],
        }


# The slots themselves: past our own __setattr__, which refuses everybody, and quicker than object's.
_set_amount, _set_currency = Money.__dict__["amount"].__set__, Money.__dict__["currency"].__set__
_add, _subtract = EXACT.add, EXACT.subtract


def _make(amount: Decimal, currency: str) -> Money:
    """Build from a value already known to be exact: the fast path of our own arithmetic."""
    money = object.__new__(Money)
    _set_amount(money, amount)
    _set_currency(money, currency)
    return money


_ZERO = {code: _make(Decimal(0).quantize(quantum), code) for code, quantum in _QUANTUM.items()}


def _mismatch(left: Money, right: Money) -> CurrencyMismatchError:
    return CurrencyMismatchError(f"cannot combine {left.currency} with {right.currency}; convert one of them first")


def _validator(parse: Callable[[object], Money]) -> Callable[[object], Money]:
    def validate(value: object) -> Money:
        try:
            return parse(value)
        except (ValueError, InvalidOperation) as error:
            raise PydanticCustomError("money", "{reason}", {"reason": str(error)}) from None

    return validate
