"""Tokens are fetched once, early enough, and not hammered for."""

from __future__ import annotations

import pickle
import threading
from collections.abc import Callable
from typing import Any

import pytest
import requests

from tradecredit_sdk._http import StaticToken, Token, TokenAuth, TokenCache
from tradecredit_sdk._http.deadline import limited
from tradecredit_sdk.errors import (
    AuthenticationError,
    ConfigError,
    DeadlineError,
    NotSentError,
    ResponseFormatError,
    TradeCreditError,
)


class Source:
    """Gives tokens t1, t2 ... or raises what it is told to."""

    def __init__(self, seconds: float = 3600) -> None:
        self.seconds = seconds
        self.fetched = 0
        self.failure: TradeCreditError | None = None

    def __call__(self) -> Token:
        self.fetched += 1
        if self.failure:
            raise self.failure
        return Token(f"t{self.fetched}", self.seconds)


@pytest.fixture
def source() -> Source:
    return Source()


@pytest.fixture
def cache(source: Source, clock: Any) -> TokenCache:
    return TokenCache(source, clock=clock)


def test_one_fetch_until_the_advisory_threshold(cache: TokenCache, source: Source, clock: Any) -> None:
    assert cache.get() == cache.get() == "t1"
    clock.now += 3600 - 301
    assert cache.get() == "t1"
    clock.now += 1
    assert cache.get() == "t2"
    assert source.fetched == 2


def test_the_life_counts_from_the_question(source: Source, clock: Any) -> None:
    def slow() -> Token:
        clock.now += 100
        return source()

    cache = TokenCache(slow, clock=clock)
    cache.get()
    clock.now += 3600 - 300 - 100
    assert cache.get() == "t2"


def test_short_lived_tokens_are_used_at_all(source: Source, clock: Any) -> None:
    source.seconds = 60
    cache = TokenCache(source, clock=clock)
    cache.get()
    clock.now += 29
    assert cache.get() == "t1"
    clock.now += 1
    assert cache.get() == "t2"


def test_a_failed_early_refresh_keeps_the_old_token_and_pauses(cache: TokenCache, source: Source, clock: Any) -> None:
    cache.get()
    clock.now += 3400
    source.failure = NotSentError("refused")
    assert [cache.get() for _ in range(5)] == ["t1"] * 5
    assert source.fetched == 2
    clock.now += 5
    source.failure = None
    assert cache.get() == "t3"


def test_a_token_close_to_its_end_is_not_used(source: Source, clock: Any) -> None:
    def slow() -> Token:
        clock.now += 10
        return source()

    cache = TokenCache(slow, clock=clock)
    asked_at = clock.now
    cache.get()
    source.failure = NotSentError("refused")
    clock.now = asked_at + 3600 - 30 - 11
    assert cache.get() == "t1"
    clock.now = asked_at + 3600 - 30
    with pytest.raises(NotSentError):
        cache.get()


def test_a_failed_necessary_refresh_is_raised_and_pauses(cache: TokenCache, source: Source, clock: Any) -> None:
    source.failure = AuthenticationError("wrong key", status_code=401, request_id="req-1")
    errors = []
    for _ in range(3):
        with pytest.raises(AuthenticationError) as caught:
            cache.get()
        errors.append(caught.value)
    assert source.fetched == 1
    assert {str(error) for error in errors} == {"[req-1] wrong key"}
    assert len(set(map(id, errors))) == 3  # threads must not share one instance and its traceback
    clock.now += 5
    source.failure = None
    assert cache.get() == "t2"


def test_the_pause_is_as_long_as_the_insurer_asked(cache: TokenCache, source: Source, clock: Any) -> None:
    source.failure = TradeCreditError("later", retry_after=120)
    with pytest.raises(TradeCreditError):
        cache.get()
    clock.now += 119
    with pytest.raises(TradeCreditError):
        cache.get()
    assert source.fetched == 1


def test_one_hurried_caller_does_not_stop_the_others(cache: TokenCache, source: Source) -> None:
    source.failure = DeadlineError("its time ran out")
    with pytest.raises(DeadlineError):
        cache.get()
    source.failure = None
    assert cache.get() == "t2"


def test_what_one_caller_adds_to_its_error_stays_with_it(cache: TokenCache, source: Source) -> None:
    source.failure = AuthenticationError("wrong key")
    with pytest.raises(AuthenticationError) as first:
        cache.get()
    first.value.reference = "REQ-1"
    with pytest.raises(AuthenticationError) as second:
        cache.get()
    assert second.value.reference is None


def test_invalidate_drops_only_the_token_that_was_refused(cache: TokenCache, source: Source) -> None:
    cache.get()
    cache.invalidate("t1")
    assert cache.get() == "t2"
    cache.invalidate("t1")  # a late 401 of another thread
    assert cache.get() == "t2"
    assert source.fetched == 2


def test_others_use_the_old_token_while_one_refreshes(clock: Any) -> None:
    entered, leave = threading.Event(), threading.Event()
    first = [Token("old", 3600)]

    def fetch() -> Token:
        if first:
            return first.pop()
        entered.set()
        assert leave.wait(10)
        return Token("new", 3600)

    cache = TokenCache(fetch, clock=clock)
    cache.get()
    clock.now += 3400
    got: list[str] = []
    thread = threading.Thread(target=lambda: got.append(cache.get()))
    thread.start()
    assert entered.wait(10)
    assert cache.get() == "old"  # would hang if the lock were held during the fetch
    leave.set()
    thread.join(10)
    assert got == ["new"]
    assert cache.get() == "new"


def in_thread(work: Callable[[], Any]) -> threading.Thread:
    thread = threading.Thread(target=work)
    thread.start()
    return thread


def test_a_waiting_caller_keeps_its_own_time(clock: Any) -> None:
    entered, leave = threading.Event(), threading.Event()

    def fetch() -> Token:
        entered.set()
        assert leave.wait(10)
        return Token("new", 3600)

    cache = TokenCache(fetch, clock=clock)
    thread = in_thread(cache.get)
    assert entered.wait(10)
    with limited(0.02, clock), pytest.raises(NotSentError):
        cache.get()
    leave.set()
    thread.join(10)


def test_an_interrupted_fetch_lets_the_next_one_try(clock: Any) -> None:
    steps: list[Any] = [KeyboardInterrupt(), Token("t", 3600)]

    def fetch() -> Token:
        step = steps.pop(0)
        if isinstance(step, BaseException):
            raise step
        return step

    cache = TokenCache(fetch, clock=clock)
    with pytest.raises(KeyboardInterrupt):
        cache.get()
    assert cache.get() == "t"


def test_signing() -> None:
    request = requests.Request("GET", "https://insurer.test", auth=StaticToken("  key-4711\n")).prepare()
    assert request.headers["Authorization"] == "Bearer key-4711"
    request = requests.Request("GET", "https://insurer.test", auth=TokenAuth(TokenCache(Source()))).prepare()
    assert request.headers["Authorization"] == "Bearer t1"


@pytest.mark.parametrize("secret", ["", "  ", "two words", "new\nline", "schlüssel", "tab\tbed", "\x00"])
def test_keys_that_no_header_can_carry(secret: str) -> None:
    with pytest.raises(ConfigError) as caught:
        StaticToken(secret)
    assert not secret.strip() or secret not in str(caught.value)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("", 1), ("a b", 1), (None, 1), ("a", 0), ("a", -1), ("a", None), ("a", "3600"), ("a", float("inf")), ("a", True)],
)
def test_tokens_that_are_none(value: Any, seconds: Any) -> None:
    with pytest.raises(ResponseFormatError):
        Token(value, seconds)


@pytest.mark.parametrize(
    "holder", [StaticToken("key-4711"), Token("key-4711", 60), TokenAuth(TokenCache(lambda: Token("key-4711", 60)))]
)
def test_keys_are_neither_shown_nor_pickled(holder: object) -> None:
    assert "key-4711" not in repr(holder) + str(holder)
    with pytest.raises((TypeError, pickle.PicklingError)):
        pickle.dumps(holder)
