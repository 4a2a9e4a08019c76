"""When is the next attempt, and what did the insurer ask for."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradecredit_sdk._http import RetryPolicy, Timeout
from tradecredit_sdk._http.retry import retry_after
from tradecredit_sdk.errors import ConfigError

NOW = 1_774_944_000.0  # 2026-03-31T08:00:00Z
JUNK = [
    "",
    "soon",
    "-5",
    "nan",
    "inf",
    "-inf",
    "1e3",
    "1_000",
    "0x10",
    "٣",
    "5 seconds",
    "9" * 400,
    "Tue, 99 Foo",
    "\x00",
    "1.2.3",
]


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "5"}, 5.0),
        ({"Retry-After": " 0 "}, 0.0),
        ({"Retry-After": "1.5"}, 1.5),
        ({"Retry-After-Ms": "250"}, 0.25),
        ({"Retry-After-Ms": "250", "Retry-After": "9"}, 0.25),
        ({"Retry-After-Ms": "junk", "Retry-After": "9"}, 9.0),
        ({"Retry-After": "Tue, 31 Mar 2026 08:00:30 GMT"}, 30.0),
        ({"Retry-After": "Tue, 31 Mar 2026 10:00:30 +0200"}, 30.0),
        ({"Retry-After": "Tue, 31 Mar 2026 07:59:00 GMT"}, None),
        # Our clock is an hour ahead of the insurer's: its own Date decides.
        ({"Retry-After": "Tue, 31 Mar 2026 07:00:20 GMT", "Date": "Tue, 31 Mar 2026 07:00:00 GMT"}, 20.0),
        ({}, None),
        *(({"Retry-After": junk}, None) for junk in JUNK),
        *(({"Retry-After-Ms": junk}, None) for junk in JUNK),
    ],
)
def test_retry_after(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers, NOW) == seconds


@given(st.text(max_size=40), st.text(max_size=40))
def test_any_header_gives_a_sane_wait_or_none(asked: str, date: str) -> None:
    seconds = retry_after({"Retry-After": asked, "Date": date}, NOW)
    assert seconds is None or (math.isfinite(seconds) and seconds >= 0)


@given(st.integers(1, 100), st.none() | st.floats(0, 60), st.floats(0, 1))
def test_never_earlier_than_asked_and_never_beyond_the_cap(attempt: int, asked: float | None, dice: float) -> None:
    pause = RetryPolicy().pause_seconds(attempt, asked, dice)
    assert (asked or 0) <= pause <= (asked or 0) + 8.0


def test_full_jitter_grows() -> None:
    policy = RetryPolicy(base_seconds=0.5, cap_seconds=8)
    assert [policy.pause_seconds(attempt, None, 1.0) for attempt in range(1, 8)] == [0.5, 1, 2, 4, 8, 8, 8]
    assert policy.pause_seconds(3, None, 0.0) == 0


@pytest.mark.parametrize(
    "options",
    [
        {"attempts": 0},
        {"attempts": 1.5},
        {"attempts": True},
        {"attempts": None},
        {"base_seconds": -1},
        {"cap_seconds": math.inf},
        {"max_retry_after_seconds": math.nan},
        {"base_seconds": "1"},
    ],
)
def test_policies_without_sense(options: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        RetryPolicy(**options)


@pytest.mark.parametrize("value", [None, 0, -1, math.nan, math.inf, 1e12, True, "30"])
@pytest.mark.parametrize("name", ["connect_seconds", "read_seconds", "total_seconds"])
def test_there_is_no_for_ever(name: str, value: object) -> None:
    with pytest.raises(ConfigError) as caught:
        Timeout(**{name: value})
    assert name in str(caught.value)
