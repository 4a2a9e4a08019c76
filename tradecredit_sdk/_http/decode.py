"""JSON both ways without losing a cent: numbers become Decimal exactly and are written exactly.

`json` alone reads `99999999999999.99` as a float, which is another amount. NaN and Infinity are no JSON and no amounts.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from json.encoder import encode_basestring_ascii
from typing import Any, NoReturn

from tradecredit_sdk.errors import InvalidInputError

MOST_VALUES = 250_000
"""A page of 500 rows has some 15,000. As many numbers, texts and objects as this take 60 MB and under a second."""

_MAX_DEPTH = 64
_MAX_DIGITS = 64


class DecodeError(Exception):
    """Why a body is not the JSON we take; the text says where, and shows nothing of it."""


def decode(body: bytes, most_values: int = MOST_VALUES) -> Any:
    """The value of a UTF-8 JSON document, None for an empty one; DecodeError for anything else.

    A document that may hold more than `most_values` values is refused before any of them is built: a byte or two of
    JSON can become a hundred in memory. Before each value but the outermost stands a comma or an opening bracket, and
    those are counted wherever they stand, in texts too: that takes no time, and errs to the safe side only.
    """
    if 1 + body.count(b",") + body.count(b"[") + body.count(b"{") > most_values:
        raise DecodeError(f"it may hold more than {most_values} values; ask for smaller pages")
    try:
        text = body.decode("utf-8-sig")
        if not text or text.isspace():
            return None
        value = _DECODER.decode(text)
    except UnicodeDecodeError:
        raise DecodeError("not UTF-8") from None
    except json.JSONDecodeError as error:
        raise DecodeError(f"not JSON at line {error.lineno}, column {error.colno}") from None
    except RecursionError:
        raise DecodeError("nested too deep") from None
    except ValueError:
        raise DecodeError("a whole number with thousands of digits") from None  # Python's own limit
    _check_depth(value)
    return value


def encode(value: Any) -> bytes:
    """A JSON document in ASCII; Decimals as numbers with all their digits, floats refused with InvalidInputError."""
    return "".join(_write(value, "body", 0)).encode("ascii")


def _number(text: str) -> Decimal:
    try:
        number = Decimal(text)
    except InvalidOperation:
        raise DecodeError("a number with an exponent beyond all bounds") from None
    if len(text) > _MAX_DIGITS or abs(number.adjusted()) > _MAX_DIGITS:
        raise DecodeError(f"a number with more than {_MAX_DIGITS} digits")
    return number


def _constant(text: str) -> NoReturn:
    raise DecodeError(f"{text} is no JSON number")


_DECODER = json.JSONDecoder(parse_float=_number, parse_constant=_constant)


def _check_depth(value: Any) -> None:
    """Refuse what later code could not walk without exhausting the stack."""
    level = [value] if isinstance(value, dict | list) else []
    for _ in range(_MAX_DEPTH):
        inside = []
        for outer in level:
            for inner in outer.values() if type(outer) is dict else outer:
                if type(inner) is dict or type(inner) is list:
                    inside.append(inner)  # noqa: PERF401 - one flat loop is twice as fast here
        if not inside:
            return
        level = inside
    raise DecodeError("nested too deep")


def _write(value: Any, where: str, depth: int) -> Iterator[str]:
    if depth > _MAX_DEPTH:
        raise InvalidInputError(f"{where} is nested too deep to be written as JSON")
    if isinstance(value, str):
        yield encode_basestring_ascii(value)
    elif value is None or isinstance(value, bool | int):
        yield json.dumps(value)
    elif isinstance(value, Decimal):
        yield _digits(value, where)
    elif isinstance(value, dict):
        for index, (key, inner) in enumerate(value.items()):
            if not isinstance(key, str):
                raise InvalidInputError(f"{where} has a key that is not a string")
            yield f"{',' if index else '{'}{encode_basestring_ascii(key)}:"
            yield from _write(inner, f"{where}.{key}", depth + 1)
        yield "}" if value else "{}"
    elif isinstance(value, list | tuple):
        for index, inner in enumerate(value):
            yield "," if index else "["
            yield from _write(inner, f"{where}[{index}]", depth + 1)
        yield "]" if value else "[]"
    else:
        remedy = "use Decimal for amounts" if isinstance(value, float) else "convert it to text first"
        raise InvalidInputError(f"{where} is a {type(value).__name__}, which JSON cannot carry exactly: {remedy}")


def _digits(value: Decimal, where: str) -> str:
    if not math.isfinite(value) or abs(value.adjusted()) > _MAX_DIGITS or len(value.as_tuple().digits) > _MAX_DIGITS:
        raise InvalidInputError(f"{where} is not a finite number of at most {_MAX_DIGITS} digits")
    return format(value, "f")
