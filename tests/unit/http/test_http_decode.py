"""Numbers survive JSON both ways; hostile documents are refused without being shown."""

from __future__ import annotations

import json
import tracemalloc
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradecredit_sdk._http.decode import MOST_VALUES, DecodeError, decode, encode
from tradecredit_sdk.errors import InvalidInputError

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(10**30), 10**30)
    | st.text()
    | st.decimals(
        allow_nan=False, allow_infinity=False, min_value=Decimal(-(10**30)), max_value=Decimal(10**30), places=6
    )
)
DOCUMENTS = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4), max_leaves=20
)


@given(DOCUMENTS)
def test_round_trip(value: Any) -> None:
    assert decode(encode(value)) == value


@given(DOCUMENTS)
def test_what_we_write_is_json(value: Any) -> None:
    json.loads(encode(value))


@pytest.mark.parametrize(
    "text", ["99999999999999.99", "1234567.10", "0.30", "-0.01", "1e3", "12345678901234567890.12345678901234567890"]
)
def test_fractions_are_exact(text: str) -> None:
    value = decode(f'{{"amount": {text}}}'.encode())["amount"]
    assert isinstance(value, Decimal)
    assert str(value) == str(Decimal(text))


def test_amounts_are_written_without_exponent() -> None:
    assert (
        encode([Decimal("1E+3"), Decimal("1234567.10"), Decimal("1E-7"), Decimal("0.00")])
        == b"[1000,1234567.10,0.0000001,0.00]"
    )


@pytest.mark.parametrize("body", [b"", b" \r\n", b"\xef\xbb\xbf"])
def test_no_body_is_none(body: bytes) -> None:
    assert decode(body) is None


def test_bare_scalars() -> None:
    assert decode(b'"job-1"') == "job-1"
    assert decode(b"4711") == 4711


@pytest.mark.parametrize(
    "body",
    [
        b"<html>secret</html>",
        b'{"a": NaN}',
        b'{"a": -Infinity}',
        b'{"a": 1e99999999999999999999}',
        b'{"a": 1e400}',
        b'{"a": 0.' + b"1" * 100 + b"}",
        b'{"a": ' + b"1" * 5000 + b"}",
        b'{"secret": 1',
        b'{"a": 1} secret',
        b"\xff\xfe{\x00}\x00",
        b"[" * 100_000,
        b"[" * 65 + b"]" * 65,
        b'{"a":' * 65 + b"1" + b"}" * 65,
    ],
)
def test_what_is_no_json_of_ours(body: bytes) -> None:
    with pytest.raises(DecodeError) as caught:
        decode(body)
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None


@pytest.mark.parametrize("unit", [b"[]", b"1", b"0.1", b'""', b"null", b'{"a":{}}', b"[" * 40 + b"]" * 40])
def test_more_values_than_an_answer_may_hold_are_refused_before_they_are_built(unit: bytes) -> None:
    body = b"[" + b",".join([unit] * (2 * MOST_VALUES)) + b"]"
    tracemalloc.start()
    with pytest.raises(DecodeError, match=f"more than {MOST_VALUES} values"):
        decode(body)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2**16


def test_the_number_of_values_can_be_set() -> None:
    with pytest.raises(DecodeError, match="more than 4 values"):
        decode(b"[0,1,2,3]", most_values=4)
    assert decode(b"[0,1,2,3]", most_values=5) == [0, 1, 2, 3]


@given(DOCUMENTS)
def test_as_many_values_as_there_are_are_enough(value: Any) -> None:
    """Commas and brackets inside texts count as well; the bound is never below the true number."""
    body = encode(value)
    marks = body.count(b",") + body.count(b"[") + body.count(b"{") + 1
    assert decode(body, most_values=marks) == value
    assert _values(value) <= marks


def _values(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(_values(item) for item in inner)


def test_depth_inside_the_limit() -> None:
    assert decode(b"[" * 64 + b"]" * 64)


@pytest.mark.parametrize(
    ("value", "where"),
    [
        ({"amount": 1.5}, "body.amount"),
        ({"rows": [{"amount": Decimal("NaN")}]}, "body.rows[0].amount"),
        (Decimal("Infinity"), "body"),
        (Decimal("1E+400"), "body"),
        ({"when": object()}, "body.when"),
        ({1: 2}, "body"),
        (b"bytes", "body"),
    ],
)
def test_what_json_cannot_carry_exactly(value: Any, where: str) -> None:
    with pytest.raises(InvalidInputError) as caught:
        encode(value)
    assert str(caught.value).startswith(where + " ")


def test_a_document_without_end() -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(InvalidInputError):
        encode(endless)
