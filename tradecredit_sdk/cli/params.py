"""The kinds of values on the command line: what is accepted, and what to write instead of what is not.

Amounts are exact decimal strings from the first character on; a float never comes into being.
"""

from __future__ import annotations

import hashlib
import re
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

import click

if TYPE_CHECKING:
    from pydantic import BaseModel

    from tradecredit_sdk.models.money import Money

    ParamType = click.ParamType[Any]
else:
    ParamType = click.ParamType  # older versions of click cannot be subscripted


M = TypeVar("M", bound="BaseModel")


class _Converted(ParamType):
    """A value read by `read`, whose ValueError becomes a usage error that names the option."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Read a word of the command line; a value that was read already passes."""
        if not isinstance(value, str):
            return value
        try:
            return self.read(value)
        except ValueError as error:
            self.fail(f"{value!r}: {error}", param, ctx)

    def read(self, word: str) -> Any:
        """The value `word` stands for; ValueError says what to write instead."""
        raise NotImplementedError


class Amount(_Converted):
    """`1250.00`: digits and one decimal point."""

    name = "amount"

    def read(self, word: str) -> Decimal:
        """A Decimal with the digits as written."""
        from tradecredit_sdk.models.money import parse_amount

        try:
            return parse_amount(word)
        except ValueError:
            raise ValueError(
                "write an amount as digits and one decimal point, such as 1250.00 (no thousands separators, no exponent)"
            ) from None


class Currency(_Converted):
    """`EUR`: ISO 4217, in any case."""

    name = "currency"

    def read(self, word: str) -> str:
        """The code in capitals."""
        from tradecredit_sdk.models.money import check_currency

        return check_currency(word.upper())


class Country(_Converted):
    """`DE`: ISO 3166-1 alpha-2, in any case."""

    name = "country"

    def read(self, word: str) -> str:
        """The code in capitals."""
        if not re.fullmatch("[A-Za-z]{2}", word):
            raise ValueError("a country is its two-letter ISO 3166 code, such as DE")
        return word.upper()


class Day(_Converted):
    """`2026-03-31`."""

    name = "date"

    def read(self, word: str) -> date:
        """The calendar day."""
        from tradecredit_sdk.models.base import parse_day

        return parse_day(word)


class IdentifierWord(_Converted):
    """`vat:DE136695976`: the type, a colon, the number."""

    name = "type:value"
    types: ClassVar = ("vat", "registration", "insurer", "lei", "duns")

    def read(self, word: str) -> tuple[str, str]:
        """Type and number."""
        kind, colon, value = word.partition(":")
        if not colon or kind.lower() not in self.types or not value.strip():
            raise ValueError(f"write TYPE:VALUE, such as vat:DE136695976; types are {', '.join(self.types)}")
        return kind.lower(), value.strip()


class InvoiceWord(_Converted):
    """`R-1001,2026-01-31,1250.00`; the number itself may hold commas."""

    name = "number,due_date,amount"

    def read(self, word: str) -> tuple[str, date, Decimal]:
        """Number, original due date, unpaid amount."""
        parts = word.rsplit(",", 2)
        if len(parts) != 3 or not parts[0].strip():
            raise ValueError("write NUMBER,DUE_DATE,AMOUNT, such as R-1001,2026-01-31,1250.00")
        return parts[0].strip(), DAY.read(parts[1].strip()), AMOUNT.read(parts[2].strip())


class InstalmentWord(_Converted):
    """`2026-05-31,500.00`."""

    name = "date,amount"

    def read(self, word: str) -> tuple[date, Decimal]:
        """Due date and amount."""
        day, comma, amount = word.partition(",")
        if not comma:
            raise ValueError("write DATE,AMOUNT, such as 2026-05-31,500.00")
        return DAY.read(day.strip()), AMOUNT.read(amount.strip())


class OfInvoice(_Converted):
    """`R-1001,250.00`: the number of an invoice, which may hold commas, and what is said of it."""

    name = "number,value"

    def __init__(self, value: _Converted, sample: str) -> None:
        self._value, self._sample = value, sample

    def read(self, word: str) -> tuple[str, Any]:
        """Number and value."""
        number, comma, value = word.rpartition(",")
        if not comma or not number.strip():
            raise ValueError(f"write it such as {self._sample}")
        return number.strip(), self._value.read(value.strip())


class StepWord(_Converted):
    """`2026-02-10,reminder`."""

    name = "date,step"
    steps: ClassVar = ("reminder", "phone_call", "visit", "formal_notice", "payment_promise", "payment_plan", "lawyer",
                       "legal_action", "other")  # fmt: skip

    def read(self, word: str) -> tuple[date, str]:
        """Day and step."""
        day, _, step = word.partition(",")
        if step.strip() not in self.steps:
            raise ValueError(f"write DATE,STEP, such as 2026-02-10,reminder; steps are {', '.join(self.steps)}")
        return DAY.read(day.strip()), step.strip()


class MomentWord(_Converted):
    """`2026-03-31T08:00:00Z`."""

    name = "moment"

    def read(self, word: str) -> datetime:
        """The moment, with its time zone."""
        from pydantic import TypeAdapter, ValidationError

        from tradecredit_sdk.models.base import Instant

        try:
            moment: datetime = TypeAdapter(Instant).validate_python(word)
        except ValidationError as error:
            from tradecredit_sdk.models.problems import field_problems

            raise ValueError(field_problems(error)[0][1]) from None
        return moment


class IdWord(ParamType):
    """An id given by an insurer. A wrong one is refused by validation, like one that the insurer does not know."""

    name = "id"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The id as it is; InvalidInputError names the option."""
        from tradecredit_sdk.client.inputs import an_id

        return an_id(typed_name(param) if param else "id", value)


AMOUNT, CURRENCY, COUNTRY, DAY = Amount(), Currency(), Country(), Day()
IDENTIFIER, INVOICE, INSTALMENT = IdentifierWord(), InvoiceWord(), InstalmentWord()
ID, MOMENT, STEP = IdWord(), MomentWord(), StepWord()
AGREED, DISPUTED = OfInvoice(DAY, "R-1001,2026-03-01"), OfInvoice(AMOUNT, "R-1001,250.00")
SECONDS = click.FloatRange(min=0, max=30 * 86400)


def money(amount: Decimal, currency: str, option: str) -> Money:
    """An exact amount; a usage error that names `option` when the currency has fewer decimals."""
    from tradecredit_sdk.models.money import Money

    try:
        return Money(f"{amount:f}", currency)
    except ValueError as error:
        # Where a point separates thousands, 1.000 is not 1.
        hint = f"; write {amount * 1000:.0f} if the point is for thousands" if amount.as_tuple().exponent == -3 else ""
        raise click.BadParameter(f"{amount}: {error}{hint}", param_hint=option) from None


def hash_of(path: Path) -> str:
    """The SHA-256 of a file in hexadecimal, however large it is."""
    with path.open("rb") as file:
        digest = hashlib.sha256()
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()


def typed_name(param: click.Parameter) -> str:
    """How a person calls it on the command line: `--amount`, `NAME`."""
    return param.opts[0] if isinstance(param, click.Option) else param.human_readable_name


def build(model: type[M], **values: Any) -> M:
    """A model of these values; InvalidInputError names the options that gave them, not the fields of the model.

    Fields and parameters of the command have the same names.
    """
    from pydantic import ValidationError

    from tradecredit_sdk.errors import FieldError, InvalidInputError
    from tradecredit_sdk.models.problems import field_problems

    try:
        return model(**values)
    except ValidationError as error:
        problems = field_problems(error)
    names = {str(param.name): typed_name(param) for param in click.get_current_context().command.params}
    placed = [_as_typed(path, message, names, values) for path, message in problems]
    general = "; ".join(message for option, message in placed if not option)
    fields = tuple(FieldError(option, message) for option, message in placed if option)
    raise InvalidInputError(general or "a value is wrong", fields=fields)


def _as_typed(path: str, message: str, names: dict[str, str], values: dict[str, Any]) -> tuple[str, str]:
    """The option and what is wrong with it; without an option when it is about several or about none."""
    first, *rest = path.split(".")
    if first not in names:  # the model as a whole: its message may begin with a field, or mention some
        text = re.sub(r"[a-z_]+", lambda word: names.get(word[0], word[0]), message)
        option, _, what = text.partition(" ")
        return (option, what) if option in names.values() else ("", text)
    if rest and rest[0].isdigit():  # one of several: called by what it begins with, such as an invoice's number
        return f"{names[first]} {next(iter(values[first][int(rest[0])].values()))}", message
    return names[first], message
