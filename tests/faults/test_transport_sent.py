"""Against real sockets that break: sent, not sent and no answer are told apart, and only what is safe is repeated."""

from __future__ import annotations

import contextlib
import gzip
import socket
import time

import pytest
from fault_server import HEAD, FaultServer, answer, echo, raw, reset
from transport_calls import GET, POST, QUICK, fails

from tradecredit_sdk._http import RetryPolicy, Timeout, Transport
from tradecredit_sdk.errors import NoAnswerError, NotSentError, ResponseFormatError


def test_a_refused_connection_is_not_sent(server: FaultServer) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        transport = Transport(f"http://127.0.0.1:{unused.getsockname()[1]}", insurer="open", retry=QUICK)
        error = fails(transport, POST)
    assert (type(error), error.attempts) == (NotSentError, 3)
    assert "Connection refused" in str(error)
    assert type(error.__cause__) is ConnectionRefusedError
    transport.close()


def test_a_connection_that_is_not_accepted_is_not_sent() -> None:
    with socket.create_server(("127.0.0.1", 0), backlog=0) as full:
        waiting = [socket.socket() for _ in range(4)]
        for sock in waiting:
            sock.setblocking(False)
            sock.connect_ex(full.getsockname())
        transport = Transport(
            f"http://127.0.0.1:{full.getsockname()[1]}",
            insurer="open",
            timeout=Timeout(0.2, 1, 1),
            retry=RetryPolicy(attempts=1),
        )
        started = time.monotonic()
        error = fails(transport, POST)
        assert time.monotonic() - started < 0.8
        for sock in waiting:
            sock.close()
        transport.close()
    assert type(error) is NotSentError


def test_an_unknown_host_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: object, **__: object) -> None:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    transport = Transport("https://insurer.invalid", insurer="open", retry=QUICK)
    error = fails(transport, POST)
    assert type(error) is NotSentError
    assert "insurer.invalid" in str(error)
    assert "Name or service not known" in str(error)
    transport.close()


NO_ANSWERS = {
    "reset": reset,
    "closed": raw(b""),
    "garbage": raw(b"\x00\x01garbage\r\n\r\n"),
    "half a status": raw(b"HTTP/1.1 2"),
    "half the headers": raw(HEAD + b"X-Half"),
    "truncated": raw(HEAD + b'Content-Length: 20\r\n\r\n{"id": "s3cret'),
    "truncated where it could be whole": raw(HEAD + b"Content-Length: 20\r\n\r\n{}"),
    "truncated chunks": raw(HEAD + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n"),
    "broken chunks": raw(HEAD + b"Transfer-Encoding: chunked\r\n\r\ns3cret\r\n{}\r\n"),
    "truncated gzip": raw(
        HEAD + b"Content-Encoding: gzip\r\nContent-Length: 99\r\n\r\n" + gzip.compress(b"{}" * 99)[:20]
    ),
    "endless line": raw(HEAD + b"X-Long: " + b"x" * 70_000 + b"\r\n\r\n"),
    "too many headers": raw(HEAD + b"X: x\r\n" * 200 + b"\r\n"),
}


@pytest.mark.parametrize("fault", NO_ANSWERS)
def test_a_lost_answer_is_repeated_only_where_that_is_safe(
    server: FaultServer, transport: Transport, fault: str
) -> None:
    server.steps = [NO_ANSWERS[fault]]
    error = fails(transport, POST)
    assert (type(error), error.attempts, error.may_have_acted) == (NoAnswerError, 1, True)
    assert error.reference == "R-1"
    assert "s3cret" not in str(error)
    assert len(server.requests) == 1
    server.steps = [NO_ANSWERS[fault], answer()]
    assert transport.send(GET).attempts == 2


def test_a_promised_rest_that_never_comes(server: FaultServer, transport: Transport) -> None:
    server.steps = [raw(HEAD + b"Content-Length: 20\r\n\r\n{}", keep=True)]
    assert type(fails(transport.with_options(timeout=Timeout(1, 0.2, 5)), POST)) is NoAnswerError


def test_more_than_was_promised_spoils_no_other_call(server: FaultServer, transport: Transport) -> None:
    server.steps = [raw(HEAD + b'Content-Length: 5\r\n\r\n{"a": 1}' + b"HTTP/1.1 500 Fake\r\n\r\n", keep=True), echo]
    assert type(fails(transport, POST)) is ResponseFormatError
    time.sleep(0.05)
    assert transport.send(GET).body["target"] == "/limits"


@pytest.mark.parametrize("length", [b"-5", b"junk", b"2\r\nContent-Length: 9"])
def test_odd_lengths_end_somehow(server: FaultServer, transport: Transport, length: bytes) -> None:
    server.steps = [raw(HEAD + b"Content-Length: " + length + b"\r\n\r\n{}")]
    options = transport.with_options(timeout=Timeout(1, 0.3, 1), retry=RetryPolicy(attempts=1))
    with contextlib.suppress(NoAnswerError, ResponseFormatError):
        assert options.send(GET).body == {}


def test_a_connection_that_was_closed_while_idle_is_replaced(server: FaultServer, transport: Transport) -> None:
    server.steps = [answer(keep=False)]
    for _ in range(3):
        transport.send(POST)
        time.sleep(0.02)
    assert server.connections == 3
