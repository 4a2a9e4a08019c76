"""What may be shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradecredit_sdk._http.redact import clean, media_type, request_id, secrets_in


@given(st.text(max_size=500), st.integers(2, 300))
def test_one_clean_line(text: str, limit: int) -> None:
    line = clean(text, limit)
    assert len(line) <= limit
    assert line.isprintable() or not line
    assert line == " ".join(line.split())


@given(st.text(max_size=50), st.text(max_size=50), st.text(alphabet="abcd1234-_=", min_size=8, max_size=40))
def test_secrets_are_masked(before: str, after: str, secret: str) -> None:
    assert secret not in clean(f"{before} {secret} {after}", 300, (secret,))


def test_a_secret_is_masked_before_the_text_is_cut() -> None:
    assert "s3cre" not in clean("x" * 8 + " s3cret-key-4711", 15, ("s3cret-key-4711",))


@pytest.mark.parametrize(
    ("headers", "shown"),
    [
        ({"X-Request-Id": "req-000012", "X-Correlation-Id": "c"}, "req-000012"),
        ({"X-Correlation-Id": "c-1"}, "c-1"),
        ({}, "sent"),
        ({"X-Request-Id": ""}, "sent"),
        ({"X-Request-Id": "x" * 200}, "sent"),
        ({"X-Request-Id": "two words"}, "sent"),
        ({"X-Request-Id": "a\x1b[0m"}, "sent"),
        ({"X-Request-Id": "Bearer:key-4711"}, "sent"),
        ({"X-Request-Id": "Nordlicht <b>", "X-Correlation-Id": "c-1"}, "c-1"),
    ],
)
def test_request_ids(headers: dict[str, str], shown: str) -> None:
    assert request_id(headers, "sent", ("key-4711",)) == shown


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("text/html; charset=utf-8", "text/html"),
        ("Application/Problem+JSON", "application/problem+json"),
        ("", "no stated type"),
        ("text/html s3cret", "no stated type"),
        ("x" * 999, "no stated type"),
    ],
)
def test_media_types(value: str, shown: str) -> None:
    assert media_type({"Content-Type": value}) == shown


def test_all_texts_of_a_body_with_keys_are_secret_and_the_longest_comes_first() -> None:
    body = {"apiKey": "key-4711", "more": [1, {"deep": "longer-key-4711"}], "short": "abc"}
    found = secrets_in("Bearer token-12", body)
    assert found[0] == "longer-key-4711"
    assert set(found) == {"longer-key-4711", "key-4711", "token-12"}
    assert secrets_in(None, None) == ()
