"""Against real sockets: the total time holds, whatever the other side does with the connection."""

from __future__ import annotations

import socket
import time
from typing import Any

import pytest
import requests
from fault_server import HEAD, FaultServer, answer, reset
from transport_calls import GET, POST, fails

from tradecredit_sdk._http import Call, Timeout, Token, TokenAuth, TokenCache, Transport
from tradecredit_sdk.errors import DeadlineError, NoAnswerError, NotSentError


def drips(server: FaultServer) -> dict[str, Any]:
    bits = {"every_seconds": 0.05}
    return {
        "body": server.drip(HEAD + b"Content-Length: 100000\r\n\r\n", b" ", **bits),
        "chunked body": server.drip(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\n \r\n", **bits),
        "inside a chunk": server.drip(HEAD + b"Transfer-Encoding: chunked\r\n\r\nffff\r\n", b" ", **bits),
        "body without length": server.drip(HEAD + b"\r\n", b" ", **bits),
        "status line": server.drip(b"HTTP/1.1 200 ", b"O", **bits),
        "header": server.drip(HEAD + b"X-Endless: ", b"x", **bits),
        "many headers": server.drip(HEAD, b"X-Endless: x\r\n", **bits),
        "continue": server.drip(b"", b"HTTP/1.1 100 Continue\r\n\r\n", **bits),
        "nothing": server.silence(),
    }


@pytest.mark.parametrize(
    "where",
    [
        "body",
        "chunked body",
        "inside a chunk",
        "body without length",
        "status line",
        "header",
        "many headers",
        "continue",
        "nothing",
    ],
)
def test_the_total_time_holds_against_a_peer_that_drips(server: FaultServer, transport: Transport, where: str) -> None:
    server.steps = [drips(server)[where]]
    started = time.monotonic()
    error = fails(transport.with_options(timeout=Timeout(1, 5, 0.4)), POST)
    assert 0.38 < time.monotonic() - started < 0.9
    assert type(error) is DeadlineError
    assert error.reference == "R-1"
    assert len(server.requests) == 1


def test_the_total_time_holds_when_a_peer_falls_silent_late(server: FaultServer, transport: Transport) -> None:
    def step(connection: socket.socket, _: object) -> bool:
        connection.sendall(HEAD)
        server.stopping.wait(0.7)
        connection.sendall(b"X: x\r\n")
        return bool(server.stopping.wait() and False)

    server.steps = [step]
    started = time.monotonic()
    assert type(fails(transport.with_options(timeout=Timeout(1, 5, 0.8)), POST)) is DeadlineError
    assert time.monotonic() - started < 1.3  # 1.5 if the last wait had the time of the first


def test_the_total_time_covers_all_attempts(server: FaultServer, transport: Transport) -> None:
    server.steps = [answer(status=503), reset, server.drip(HEAD, b"X: x\r\n", 0.05)]
    started = time.monotonic()
    error = fails(transport.with_options(timeout=Timeout(1, 5, 0.5)), GET)
    assert time.monotonic() - started < 1.0
    assert (type(error), error.attempts) == (DeadlineError, 3)


def test_the_total_time_holds_on_a_given_session(server: FaultServer) -> None:
    server.steps = [server.drip(HEAD, b"X: x\r\n", 0.05)]
    with requests.Session() as session:
        transport = Transport(server.url, insurer="open", session=session, timeout=Timeout(1, 5, 0.4))
        started = time.monotonic()
        assert type(fails(transport, GET)) is DeadlineError
        assert time.monotonic() - started < 0.9


def test_the_total_time_holds_while_a_token_is_fetched(server: FaultServer, transport: Transport) -> None:
    server.steps = [server.drip(HEAD, b"X: x\r\n", 0.05)]
    fetch = Call("get_token", "POST", ("token",), json={"apiKey": "k"}, authenticated=False)
    cache = TokenCache(lambda: Token(transport.send(fetch).body["token"], 60))
    outer = Transport(server.url, insurer="open", auth=TokenAuth(cache), timeout=Timeout(1, 5, 0.4))
    started = time.monotonic()
    error = fails(outer, POST)
    assert time.monotonic() - started < 0.9
    assert type(error) is NotSentError
    assert error.reference == "R-1"
    outer.close()


def test_a_peer_that_does_not_read(server: FaultServer, transport: Transport) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    deaf = Transport(f"http://127.0.0.1:{listener.getsockname()[1]}", insurer="open", timeout=Timeout(1, 1, 0.4))
    started = time.monotonic()
    error = fails(deaf, Call("x", "POST", ("a",), json="x" * 12_000_000))
    assert time.monotonic() - started < 1.5
    assert isinstance(error, NoAnswerError)
    deaf.close()
    listener.close()


def test_silence_between_two_pieces(server: FaultServer, transport: Transport) -> None:
    server.steps = [server.silence()]
    error = fails(transport.with_options(timeout=Timeout(1, 0.2, 30)), POST)
    assert type(error) is NoAnswerError
    assert "TimeoutError" in str(error)
