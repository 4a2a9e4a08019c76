"""What is repeated and how long it may take: only what is safe, never earlier than asked, and within the total time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests
from transport_calls import GET, POST, fails
from urllib3.exceptions import MaxRetryError, NewConnectionError, ProtocolError

from tradecredit_sdk._http import Call, Timeout, Transport
from tradecredit_sdk.errors import ConflictError, DeadlineError, NoAnswerError, NotSentError, ServerError


def refused() -> requests.ConnectionError:
    return requests.ConnectionError(MaxRetryError(None, "/v1/limits?q=s", NewConnectionError(None, "refused")))  # type: ignore[arg-type]


def lost() -> requests.ConnectionError:
    return requests.ConnectionError(
        ProtocolError("Connection aborted.", ConnectionResetError(104, "Connection reset by peer"))
    )


def test_reads_are_repeated_with_full_jitter(transport: Transport, script: Any, reply: Any, clock: Any) -> None:
    script.steps = [reply(503), lost(), reply()]
    answer = transport.send(GET)
    assert (answer.attempts, clock.slept) == (3, [0.25, 0.5])
    assert len({sent.headers["X-Correlation-Id"] for sent in script.sent}) == 1
    assert answer.request_id == script.sent[0].headers["X-Correlation-Id"]
    assert answer.elapsed_seconds == pytest.approx(0.75)


def test_the_last_error_itself_is_raised(transport: Transport, script: Any, reply: Any) -> None:
    script.steps = [reply(503), reply(502), reply(500)]
    error = fails(transport, GET)
    assert (type(error), error.status_code, error.attempts) == (ServerError, 500, 3)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 410, 418, 422, 501, 505])
def test_what_will_not_get_better_is_not_repeated(transport: Transport, script: Any, reply: Any, status: int) -> None:
    script.steps = [reply(status)]
    assert not fails(transport, GET).is_retryable


def test_not_sent_is_repeated_for_every_method(transport: Transport, script: Any, reply: Any) -> None:
    script.steps = [refused(), refused(), reply()]
    assert transport.send(POST).attempts == 3


def test_too_many_calls_is_repeated_for_every_method(transport: Transport, script: Any, reply: Any, clock: Any) -> None:
    script.steps = [reply(429, headers={"Retry-After": "5"}), reply(201)]
    assert transport.send(POST).status == 201
    assert clock.slept == [5.25]


@pytest.mark.parametrize("failure", [lost(), requests.ReadTimeout("slow"), 500, 503, 408])
def test_a_post_that_may_have_been_acted_upon_is_not_repeated(
    transport: Transport, script: Any, reply: Any, failure: Any
) -> None:
    script.steps = [reply(failure, headers={"Retry-After": "1"}) if isinstance(failure, int) else failure]
    error = fails(transport, POST)
    assert error.is_retryable
    assert error.may_have_acted == (failure != 408)  # 408 says that the request never arrived whole
    assert (error.attempts, error.reference) == (1, "R-1")


@pytest.mark.parametrize("failure", [lost(), 500, 503, 408])
def test_a_post_that_is_idempotent_is_repeated(transport: Transport, script: Any, reply: Any, failure: Any) -> None:
    script.steps = [reply(failure) if isinstance(failure, int) else failure, reply(201)]
    assert transport.send(Call("x", "POST", ("a",), json={}, idempotent=True)).attempts == 2


def test_a_get_can_be_declared_unsafe(transport: Transport, script: Any) -> None:
    script.steps = [lost()]
    assert fails(transport, Call("x", "GET", ("a",), idempotent=False)).attempts == 1


@pytest.mark.parametrize("asked", ["61", "Tue, 31 Mar 2026 08:02:00 GMT"])
def test_a_wait_beyond_the_ceiling_is_raised_at_once(
    transport: Transport, script: Any, reply: Any, clock: Any, asked: str
) -> None:
    script.steps = [reply(429, headers={"Retry-After": asked})]
    error = fails(transport, GET)
    assert (error.retry_after, clock.slept) == ({"61": 61.0}.get(asked, 120.0), [])
    assert "wait" in str(error)


def test_a_wait_beyond_the_time_left_is_raised_at_once(
    make_transport: Callable[..., Transport], script: Any, reply: Any, clock: Any
) -> None:
    script.steps = [reply(503, headers={"Retry-After": "20"})]
    error = fails(make_transport(timeout=Timeout(total_seconds=20)), GET)
    assert (type(error), error.retry_after, clock.slept) == (ServerError, 20.0, [])


def test_junk_in_retry_after_is_ignored(transport: Transport, script: Any, reply: Any, clock: Any) -> None:
    script.steps = [reply(503, headers={"Retry-After": "-1"}), reply()]
    transport.send(GET)
    assert clock.slept == [0.25]


def test_not_sent_after_a_lost_answer_is_no_answer(transport: Transport, script: Any) -> None:
    script.steps = [lost(), refused(), refused()]
    error = fails(transport, GET)
    assert type(error) is NoAnswerError
    assert error.attempts == 3


def test_a_refusal_after_a_lost_answer_says_so(transport: Transport, script: Any, reply: Any) -> None:
    script.steps = [lost(), reply(409)]
    error = fails(transport, Call("x", "POST", ("a",), json={}, idempotent=True))
    assert type(error) is ConflictError
    assert error.may_have_acted


def test_the_time_is_over_before_the_answer(make_transport: Callable[..., Transport], script: Any, clock: Any) -> None:
    def hang(_: object) -> requests.ReadTimeout:
        clock.now += 10
        return requests.ReadTimeout("slow")

    script.steps = [hang]
    error = fails(make_transport(timeout=Timeout(total_seconds=10)), GET)
    assert type(error) is DeadlineError
    assert "10 s" in str(error)


def test_the_time_is_over_while_connecting(make_transport: Callable[..., Transport], script: Any, clock: Any) -> None:
    def hang(_: object) -> requests.ConnectTimeout:
        clock.now += 10
        return requests.ConnectTimeout("slow")

    script.steps = [hang]
    assert type(fails(make_transport(timeout=Timeout(total_seconds=10)), GET)) is NotSentError
    script.steps = [lost(), hang]
    assert type(fails(make_transport(timeout=Timeout(total_seconds=10)), GET)) is DeadlineError


def test_each_attempt_gets_the_time_that_is_left(
    make_transport: Callable[..., Transport], script: Any, reply: Any, clock: Any
) -> None:
    def slow(_: object) -> requests.ReadTimeout:
        clock.now += 8
        return requests.ReadTimeout("slow")

    script.steps = [slow, reply()]
    make_transport(timeout=Timeout(read_seconds=8, total_seconds=10)).send(GET)
    assert [item["timeout"] for item in script.settings] == [(3.05, 8), (1.75, 1.75)]


def test_true_cause_without_the_url(transport: Transport, script: Any) -> None:
    script.steps = [lost()]
    error = fails(transport, POST)
    assert "insurer.test" in str(error)
    assert "Connection reset by peer" in str(error)
    assert type(error.__cause__) is ConnectionResetError
    assert error.__context__ is None
