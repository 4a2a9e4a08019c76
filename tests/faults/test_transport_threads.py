"""Many threads, one transport: connections are kept and shared, and one token is fetched for all."""

from __future__ import annotations

import contextlib
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from fault_server import FaultServer, answer, echo
from transport_calls import GET, POST, QUICK

from tradecredit_sdk._http import Call, RetryPolicy, Token, TokenAuth, TokenCache, Transport
from tradecredit_sdk.errors import TradeCreditError


def test_one_connection_serves_many_calls(server: FaultServer, transport: Transport) -> None:
    server.steps = [
        answer(),
        answer(b'{"x": 1}', 404),
        answer(b"", 204),
        answer(b"<html>", 200),
        answer(b"", 422),
        answer(),
    ]
    for _ in range(5):
        with contextlib.suppress(TradeCreditError):
            transport.send(GET)
    transport.with_options(retry=RetryPolicy(attempts=1)).send(POST)
    assert server.connections == 1


def test_threads_share_one_transport(server: FaultServer, transport: Transport) -> None:
    server.steps = [echo]

    def ask(number: int) -> bool:
        return bool(transport.send(Call("x", "GET", (str(number),))).body["target"] == f"/{number}")

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(ask, range(400)))
    assert server.connections <= 16


def test_a_forked_child_has_connections_of_its_own(server: FaultServer) -> None:
    server.steps = [echo]
    program = f"""
import os
from tradecredit_sdk._http import Call, Transport
transport = Transport("{server.url}", insurer="open")
ask = lambda name: transport.send(Call("x", "GET", (name,))).body["target"]
assert ask("before") == "/before"
child = os.fork()
if child == 0:
    for number in range(20):
        assert ask(f"child-{{number}}") == f"/child-{{number}}"
    os._exit(0)
for number in range(20):
    assert ask(f"parent-{{number}}") == f"/parent-{{number}}"
assert os.waitpid(child, 0)[1] == 0
transport.close()
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, timeout=30, check=False)
    assert done.returncode == 0, done.stderr
    assert server.connections == 2


class TokenServer:
    """Issues tokens slowly and accepts only the newest one."""

    def __init__(self, server: FaultServer) -> None:
        self.issued = 0
        self.refused: Counter[str] = Counter()
        self._lock = threading.Lock()
        server.steps = [self]

    def __call__(self, connection: socket.socket, request: Any) -> bool:
        if request.target == "/token":
            time.sleep(0.1)
            with self._lock:
                self.issued += 1
                body = b'{"access_token": "token-%d", "expires_in": 3600}' % self.issued
            return bool(answer(body)(connection, request))
        given = request.headers.get("authorization", "")
        with self._lock:
            good = given == f"Bearer token-{self.issued}"
            self.refused[given] += not good
        return bool(answer(b"{}", 200 if good else 401)(connection, request))

    def revoke(self) -> None:
        with self._lock:
            self.issued += 1


@pytest.fixture
def tokens(server: FaultServer) -> TokenServer:
    return TokenServer(server)


def token_transport(server: FaultServer, clock: Any = time.monotonic) -> Transport:
    plain = Transport(server.url, insurer="open", retry=QUICK)
    call = Call("get_token", "POST", ("token",), json={"apiKey": "key-4711"}, authenticated=False)

    def fetch() -> Token:
        body = plain.send(call).body
        return Token(body["access_token"], body["expires_in"])

    transport = Transport(
        server.url, insurer="open", auth=TokenAuth(TokenCache(fetch, clock=clock)), retry=QUICK, session=plain.session
    )
    transport.close = plain.close  # type: ignore[method-assign]
    return transport


def send_from_fifty_threads(transport: Transport) -> list[int]:
    together = threading.Barrier(50)

    def ask(_: int) -> int:
        together.wait(20)
        return transport.send(POST).status

    with ThreadPoolExecutor(50) as pool:
        return list(pool.map(ask, range(50)))


def test_fifty_threads_without_a_token_fetch_one(server: FaultServer, tokens: TokenServer) -> None:
    transport = token_transport(server)
    assert send_from_fifty_threads(transport) == [200] * 50
    assert (tokens.issued, tokens.refused.total()) == (1, 0)
    transport.close()


def test_fifty_threads_with_an_expired_token_fetch_one(server: FaultServer, tokens: TokenServer) -> None:
    now = [0.0]
    transport = token_transport(server, clock=lambda: now[0])
    transport.send(GET)
    now[0] = 3600.0
    assert send_from_fifty_threads(transport) == [200] * 50
    assert (tokens.issued, tokens.refused.total()) == (2, 0)
    transport.close()


def test_fifty_threads_with_a_revoked_token_fetch_one(server: FaultServer, tokens: TokenServer) -> None:
    transport = token_transport(server)
    transport.send(GET)
    tokens.revoke()
    assert send_from_fifty_threads(transport) == [200] * 50
    assert tokens.issued == 3  # the first, the one revoked into nothing, and one refresh
    assert 1 <= tokens.refused["Bearer token-1"] <= 50
    assert sum(1 for item in server.requests if item.target == "/token") == 2
    transport.close()
