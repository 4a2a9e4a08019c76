"""Values of a CSV cell: read strictly, and when they are wrong, how they should have been written."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal

from tradecredit_sdk.models.base import INVISIBLE, parse_day
from tradecredit_sdk.models.money import Money, check_currency

_DOT_LAST = re.compile(r"-?\d{1,3}([,' \u00a0\u202f]\d{3})+(\.\d+)?\Z", re.ASCII)  # 1,250.00
_COMMA_LAST = re.compile(r"-?\d{1,3}([.' \u00a0\u202f]\d{3})*,\d+\Z|-?\d+,\d+\Z", re.ASCII)  # 1.250,00
_DOUBTFUL = re.compile(r"-?\d{1,3},\d{3}\Z", re.ASCII)  # 1,250
_FLOAT = re.compile(r"-?\d+(\.\d+)?[eE][+-]?\d{1,3}\Z", re.ASCII)
_DAY_FIRST = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})\Z", re.ASCII)
_COMPACT = re.compile(r"(\d{4})[/.]?(\d{2})[/.]?(\d{2})\Z", re.ASCII)
_WITH_TIME = re.compile(r"(\d{4}-\d{2}-\d{2})[T ]\d", re.ASCII)
_SERIAL = re.compile(r"[3-6]\d{4}\Z", re.ASCII)
_SERIAL_ZERO = date(1899, 12, 30)
_INVISIBLE = re.compile(f"[{INVISIBLE}]")


class WrongValueError(ValueError):
    """A cell is wrong: its column and the remedy."""

    def __init__(self, column: str, message: str) -> None:
        super().__init__(message)
        self.column = column


def read_money(amount: str, currency: str, column: str = "amount") -> Money:
    """Money from two cells; WrongValueError names the wrong one of the columns."""
    try:
        return Money(amount, currency)
    except ValueError as error:
        problem = error
    try:
        check_currency(currency)
    except ValueError as error:
        raise WrongValueError("currency", str(error)) from None
    raise WrongValueError(column, _amount_remedy(amount, currency, str(problem)))


def read_day(text: str, column: str) -> date:
    """A day from a cell."""
    try:
        return parse_day(text)
    except ValueError as error:
        raise WrongValueError(column, f"{shown(text)}: {_day_remedy(text) or error}") from None


def read_whole(text: str, column: str) -> int:
    """A whole number from a cell, without a unit and without decimals."""
    if text.isascii() and text.isdigit() and len(text) < 10:
        return int(text)
    digits = re.match(r"\d{1,4}(?=\D|\Z)", text, re.ASCII)
    raise WrongValueError(column, f"{shown(text)}: write a whole number, such as {digits[0] if digits else 30}")


def visible(text: str) -> str:
    """The text without blanks around it and without characters that nobody sees."""
    return _INVISIBLE.sub("", text).strip()


def shown(text: str) -> str:
    """The value as a message may show it: short, and on one line."""
    return ascii(text if len(text) <= 24 else text[:21] + "...") if text else "is empty"


def _amount_remedy(text: str, currency: str, problem: str) -> str:
    if not text:
        return "is empty: write the amount, 0.00 for nothing"
    plain = None
    if _DOUBTFUL.match(text):
        problem = "is the comma for thousands or for decimals? write digits and one decimal point"
    elif _DOT_LAST.match(text):
        plain = re.sub(r"[^\d.-]", "", text, flags=re.ASCII)
        problem = "no thousands separators"
    elif _COMMA_LAST.match(text):
        plain = re.sub(r"[^\d,-]", "", text, flags=re.ASCII).replace(",", ".")
        problem = "no decimal commas"
    elif _FLOAT.match(text):
        plain = f"{Decimal(text):f}"
        problem = "no powers of ten"
    elif text != text.strip():
        plain, problem = text.strip(), "no blanks"
    elif re.match(r"\(.*\)\Z|.*-\Z|[\u2212\u2013].*", text):
        plain, problem = "-" + text.strip("()-\u2212\u2013"), "a minus stands before the number"
    elif "more decimals" in problem and re.match(r"-?\d{1,3}(\.\d{3})+\Z", text, re.ASCII):
        thousands = text.replace(".", "")
        return f"{shown(text)}: {problem.partition(';')[0]}; write {thousands} if the dot is for thousands"
    return f"{shown(text)}: {problem}" + (f"; write {plain}" if plain and _is_money(plain, currency) else "")


def _is_money(text: str, currency: str) -> bool:
    try:
        Money(text, currency)
    except ValueError:
        return False
    return True


def _day_remedy(text: str) -> str | None:
    """How the day is written, where there is no doubt which day it is: 03/04/2026 is two days."""
    meant = None
    if found := _DAY_FIRST.match(text):
        meant = f"{found[3]}-{int(found[2]):02}-{int(found[1]):02}"
    elif found := _COMPACT.match(text):
        meant = "-".join(found.groups())
    elif found := _WITH_TIME.match(text):
        meant = found[1]
    elif _SERIAL.match(text):
        meant = (_SERIAL_ZERO + timedelta(days=int(text))).isoformat()
    elif text != text.strip():
        meant = text.strip()
    try:
        return f"write {parse_day(meant)}" if meant else None
    except ValueError:
        return None
