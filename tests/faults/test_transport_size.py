"""Against a real socket: no answer takes more memory than it may."""

from __future__ import annotations

import gzip
import socket
import time
import tracemalloc

import pytest
from fault_server import FaultServer, answer
from transport_calls import GET, QUICK, fails

from tradecredit_sdk._http import RetryPolicy, Transport
from tradecredit_sdk.errors import APIError, ResponseFormatError, ServerError


def test_a_gzip_bomb(server: FaultServer, transport: Transport) -> None:
    bomb = gzip.compress(b" " * 64 * 2**20, 1)
    server.steps = [answer(bomb, Content_Encoding="gzip")]
    small = Transport(server.url, insurer="open", max_body_bytes=2**20, retry=QUICK)
    tracemalloc.start()
    error = fails(small, GET)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "larger than 1048576 bytes" in str(error)
    assert peak < 40 * 2**20
    small.close()


def test_gzip_is_unpacked(server: FaultServer, transport: Transport) -> None:
    server.steps = [answer(gzip.compress(b'{"amount": 0.10}'), Content_Encoding="gzip")]
    assert str(transport.send(GET).body["amount"]) == "0.10"
    assert server.requests[0].headers["accept-encoding"] == "gzip, deflate"


@pytest.mark.parametrize("status", [200, 500, 302])
def test_an_endless_body_is_not_read(server: FaultServer, transport: Transport, status: int) -> None:
    def endless(connection: socket.socket, _: object) -> bool:
        connection.sendall(b"HTTP/1.1 %d Status\r\nLocation: /x\r\n\r\n" % status)
        while not server.stopping.is_set():
            connection.sendall(b" " * 65536)
        return False

    server.steps = [endless]
    started = time.monotonic()
    error = fails(Transport(server.url, insurer="open", max_body_bytes=2**20, retry=RetryPolicy(attempts=1)), GET)
    assert time.monotonic() - started < 5
    assert type(error) is {200: ResponseFormatError, 500: ServerError, 302: APIError}[status]


@pytest.mark.parametrize("unit", [b"[],", b"0.1,", b'{"a":{}},', b"[" * 60 + b"]" * 60 + b","])
def test_a_bomb_of_tiny_values(unit: bytes, server: FaultServer) -> None:
    most = 2**20
    body = b"[" + unit * (most // len(unit) - 1) + b"0]"
    server.steps = [answer(gzip.compress(body), Content_Encoding="gzip")]
    small = Transport(server.url, insurer="open", max_body_bytes=most, max_values=10_000, retry=QUICK)
    tracemalloc.start()
    error = fails(small, GET)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    small.close()
    assert type(error) is ResponseFormatError
    assert "more than 10000 values" in str(error)
    assert peak < 4 * most


def test_the_usual_bounds_keep_an_answer_small(server: FaultServer, transport: Transport) -> None:
    """What passes both bounds, 250,000 values and 8 MiB, is built in a moment."""
    body = b"[" + b",".join([b"0.1"] * 249_999) + b"]"
    server.steps = [answer(gzip.compress(body), Content_Encoding="gzip")]
    started = time.monotonic()
    assert len(transport.send(GET).body) == 249_999
    assert time.monotonic() - started < 5
    server.steps = [answer(gzip.compress(b" " * (8 * 2**20 + 1)), Content_Encoding="gzip")]
    assert "larger than 8388608 bytes" in str(fails(transport, GET))
