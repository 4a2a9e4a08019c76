"""When to try again, and how long to wait: full jitter, or what the insurer asked for, never earlier.

The clock, the sleep and the dice are injected, because tenacity's own stop rules look at a clock that a test cannot
move.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime

import tenacity

from tradecredit_sdk._http.call import check_number
from tradecredit_sdk.errors import ConfigError, TradeCreditError

_PLAIN_NUMBER = re.compile(r"\d{1,15}(?:\.\d{1,9})?\Z", re.ASCII)


@dataclass(frozen=True)
class RetryPolicy:
    """How often and how patiently. `attempts` counts the first one. Times in seconds.

    If the insurer asks for more than `max_retry_after_seconds`, or for more than the time left, the error is raised at
    once with `retry_after` set.
    """

    attempts: int = 3
    base_seconds: float = 0.5
    cap_seconds: float = 8.0
    max_retry_after_seconds: float = 60.0

    def __post_init__(self) -> None:
        if not isinstance(self.attempts, int):
            raise ConfigError("retry attempts must be a whole number")
        check_number("retry attempts", self.attempts, least=1, most=100)
        for name in ("base_seconds", "cap_seconds", "max_retry_after_seconds"):
            check_number(f"retry {name}", getattr(self, name), most=86_400)

    def pause_seconds(self, attempt: int, asked: float | None, dice: float) -> float:
        """The wait after this attempt; `dice` is between 0 and 1. What was asked is a floor, the jitter goes on top."""
        jitter: float = dice * min(self.cap_seconds, self.base_seconds * 2.0 ** (attempt - 1))
        return jitter if asked is None else asked + jitter


def retrying(
    policy: RetryPolicy,
    *,
    may_repeat: Callable[[BaseException], bool],
    seconds_left: Callable[[], float],
    sleep: Callable[[float], None],
    random: Callable[[], float],
    before_sleep: Callable[[TradeCreditError, float], None],
) -> tenacity.Retrying:
    """The loop of one call. The last error itself is raised, not a wrapper of tenacity's."""

    def failure(state: tenacity.RetryCallState) -> TradeCreditError:
        error = state.outcome.exception() if state.outcome else None
        assert isinstance(error, TradeCreditError)  # noqa: S101 - may_repeat let only these through
        return error

    def wait(state: tenacity.RetryCallState) -> float:
        return policy.pause_seconds(state.attempt_number, failure(state).retry_after, random())

    def stop(state: tenacity.RetryCallState) -> bool:
        asked = failure(state).retry_after
        too_long = asked is not None and asked > policy.max_retry_after_seconds
        return state.attempt_number >= policy.attempts or too_long or state.upcoming_sleep >= seconds_left()

    return tenacity.Retrying(
        sleep=sleep,
        wait=wait,
        stop=stop,
        retry=tenacity.retry_if_exception(may_repeat),
        before_sleep=lambda state: before_sleep(failure(state), state.upcoming_sleep),
        reraise=True,
    )


def retry_after(headers: Mapping[str, str], now: float) -> float | None:
    """Seconds the insurer asks to wait: `retry-after-ms`, seconds or an HTTP date; None for junk or the past.

    A date is compared with the answer's own `Date` if there is one, so that a wrong local clock (`now`, Unix seconds)
    makes no call too early.
    """
    milliseconds = headers.get("Retry-After-Ms", "").strip()
    if _PLAIN_NUMBER.match(milliseconds):
        return float(milliseconds) / 1000
    asked = headers.get("Retry-After", "").strip()
    if _PLAIN_NUMBER.match(asked):
        return float(asked)
    until, sent = _moment(asked), _moment(headers.get("Date", ""))
    seconds = None if until is None else until - (now if sent is None else sent)
    return seconds if seconds is not None and seconds >= 0 else None


def _moment(text: str) -> float | None:
    try:
        moment: datetime = parsedate_to_datetime(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)).timestamp()
    except (TypeError, ValueError, OverflowError):
        return None
