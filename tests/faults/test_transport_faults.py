"""The transport against real sockets that break: what it says, how long it takes, what it repeats."""

from __future__ import annotations

import contextlib
import gzip
import importlib.util
import shutil
import socket
import ssl
import subprocess
import sys
import threading
import time
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
import requests

from tradecredit_sdk._http import Call, RetryPolicy, StaticToken, Timeout, Token, TokenAuth, TokenCache, Transport
from tradecredit_sdk.errors import (
    APIError,
    ConfigError,
    DeadlineError,
    NoAnswerError,
    NotSentError,
    ResponseFormatError,
    ServerError,
    TradeCreditError,
)

_spec = importlib.util.spec_from_file_location("fault_server", Path(__file__).with_name("fault_server.py"))
assert _spec
assert _spec.loader
faults = sys.modules["fault_server"] = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(faults)
FaultServer, answer, echo, raw, reset = faults.FaultServer, faults.answer, faults.echo, faults.raw, faults.reset

GET = Call("list_limits", "GET", ("limits",))
POST = Call("request_limit", "POST", ("applications",), json={"reference": "R-1"}, reference="R-1")
QUICK = RetryPolicy(base_seconds=0.01, cap_seconds=0.02)
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"


@pytest.fixture
def server() -> Iterator[Any]:
    with FaultServer(answer()) as running:
        yield running


@pytest.fixture
def transport(server: Any) -> Iterator[Transport]:
    made = Transport(server.url, insurer="open", auth=StaticToken("sandbox"), retry=QUICK)
    yield made
    made.close()


def fails(transport: Transport, call: Call) -> TradeCreditError:
    with pytest.raises(TradeCreditError) as caught:
        transport.send(call)
    return caught.value


# Time


def drips(server: Any) -> dict[str, Any]:
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
def test_the_total_time_holds_against_a_peer_that_drips(server: Any, transport: Transport, where: str) -> None:
    server.steps = [drips(server)[where]]
    started = time.monotonic()
    error = fails(transport.with_options(timeout=Timeout(1, 5, 0.4)), POST)
    assert 0.38 < time.monotonic() - started < 0.9
    assert type(error) is DeadlineError
    assert error.reference == "R-1"
    assert len(server.requests) == 1


def test_the_total_time_holds_when_a_peer_falls_silent_late(server: Any, transport: Transport) -> None:
    def step(connection: socket.socket, _: object) -> bool:
        connection.sendall(HEAD)
        server.stopping.wait(0.7)
        connection.sendall(b"X: x\r\n")
        return bool(server.stopping.wait() and False)

    server.steps = [step]
    started = time.monotonic()
    assert type(fails(transport.with_options(timeout=Timeout(1, 5, 0.8)), POST)) is DeadlineError
    assert time.monotonic() - started < 1.3  # 1.5 if the last wait had the time of the first


def test_the_total_time_covers_all_attempts(server: Any, transport: Transport) -> None:
    server.steps = [answer(status=503), reset, server.drip(HEAD, b"X: x\r\n", 0.05)]
    started = time.monotonic()
    error = fails(transport.with_options(timeout=Timeout(1, 5, 0.5)), GET)
    assert time.monotonic() - started < 1.0
    assert (type(error), error.attempts) == (DeadlineError, 3)


def test_the_total_time_holds_on_a_given_session(server: Any) -> None:
    server.steps = [server.drip(HEAD, b"X: x\r\n", 0.05)]
    with requests.Session() as session:
        transport = Transport(server.url, insurer="open", session=session, timeout=Timeout(1, 5, 0.4))
        started = time.monotonic()
        assert type(fails(transport, GET)) is DeadlineError
        assert time.monotonic() - started < 0.9


def test_the_total_time_holds_while_a_token_is_fetched(server: Any, transport: Transport) -> None:
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


def test_a_peer_that_does_not_read(server: Any, transport: Transport) -> None:
    listener = socket.create_server(("127.0.0.1", 0))
    deaf = Transport(f"http://127.0.0.1:{listener.getsockname()[1]}", insurer="open", timeout=Timeout(1, 1, 0.4))
    started = time.monotonic()
    error = fails(deaf, Call("x", "POST", ("a",), json="x" * 12_000_000))
    assert time.monotonic() - started < 1.5
    assert isinstance(error, NoAnswerError)
    deaf.close()
    listener.close()


def test_silence_between_two_pieces(server: Any, transport: Transport) -> None:
    server.steps = [server.silence()]
    error = fails(transport.with_options(timeout=Timeout(1, 0.2, 30)), POST)
    assert type(error) is NoAnswerError
    assert "TimeoutError" in str(error)


# Sent, not sent, no answer


def test_a_refused_connection_is_not_sent(server: Any) -> None:
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
def test_a_lost_answer_is_repeated_only_where_that_is_safe(server: Any, transport: Transport, fault: str) -> None:
    server.steps = [NO_ANSWERS[fault]]
    error = fails(transport, POST)
    assert (type(error), error.attempts, error.may_have_acted) == (NoAnswerError, 1, True)
    assert error.reference == "R-1"
    assert "s3cret" not in str(error)
    assert len(server.requests) == 1
    server.steps = [NO_ANSWERS[fault], answer()]
    assert transport.send(GET).attempts == 2


def test_a_promised_rest_that_never_comes(server: Any, transport: Transport) -> None:
    server.steps = [raw(HEAD + b"Content-Length: 20\r\n\r\n{}", keep=True)]
    assert type(fails(transport.with_options(timeout=Timeout(1, 0.2, 5)), POST)) is NoAnswerError


def test_more_than_was_promised_spoils_no_other_call(server: Any, transport: Transport) -> None:
    server.steps = [raw(HEAD + b'Content-Length: 5\r\n\r\n{"a": 1}' + b"HTTP/1.1 500 Fake\r\n\r\n", keep=True), echo]
    assert type(fails(transport, POST)) is ResponseFormatError
    time.sleep(0.05)
    assert transport.send(GET).body["target"] == "/limits"


@pytest.mark.parametrize("length", [b"-5", b"junk", b"2\r\nContent-Length: 9"])
def test_odd_lengths_end_somehow(server: Any, transport: Transport, length: bytes) -> None:
    server.steps = [raw(HEAD + b"Content-Length: " + length + b"\r\n\r\n{}")]
    options = transport.with_options(timeout=Timeout(1, 0.3, 1), retry=RetryPolicy(attempts=1))
    with contextlib.suppress(NoAnswerError, ResponseFormatError):
        assert options.send(GET).body == {}


def test_a_connection_that_was_closed_while_idle_is_replaced(server: Any, transport: Transport) -> None:
    server.steps = [answer(keep=False)]
    for _ in range(3):
        transport.send(POST)
        time.sleep(0.02)
    assert server.connections == 3


# Size


def test_a_gzip_bomb(server: Any, transport: Transport) -> None:
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


def test_gzip_is_unpacked(server: Any, transport: Transport) -> None:
    server.steps = [answer(gzip.compress(b'{"amount": 0.10}'), Content_Encoding="gzip")]
    assert str(transport.send(GET).body["amount"]) == "0.10"
    assert server.requests[0].headers["accept-encoding"] == "gzip, deflate"


@pytest.mark.parametrize("status", [200, 500, 302])
def test_an_endless_body_is_not_read(server: Any, transport: Transport, status: int) -> None:
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


# Redirects, keys and proxies


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(server: Any, transport: Transport, status: int) -> None:
    with FaultServer(answer()) as elsewhere:
        server.steps = [answer(b"", status, Location=f"{elsewhere.url}/s3cret")]
        error = fails(transport, POST)
        assert elsewhere.connections == 0
    assert type(error) is APIError
    assert "127.0.0.1" in str(error)
    assert "s3cret" not in str(error)
    assert len(server.requests) == 1


def test_netrc_does_not_win(server: Any, transport: Transport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login me password pass\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    transport.send(GET)
    transport.send(Call("get_token", "POST", ("token",), authenticated=False))
    with requests.Session() as session:
        given = Transport(server.url, insurer="open", auth=StaticToken("sandbox"), session=session)
        given.send(GET)
        given.send(Call("get_token", "POST", ("token",), authenticated=False))
    assert [item.headers.get("authorization") for item in server.requests] == ["Bearer sandbox", None] * 2


def test_cookies_are_not_kept(server: Any, transport: Transport) -> None:
    server.steps = [answer(Set_Cookie="session=1; Path=/")]
    transport.send(GET)
    transport.send(GET)
    assert "cookie" not in server.requests[1].headers


def test_plain_http_goes_through_no_proxy(server: Any, transport: Transport, monkeypatch: pytest.MonkeyPatch) -> None:
    with FaultServer(answer()) as proxy:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
            monkeypatch.setenv(name, proxy.url)
        for name in ("NO_PROXY", "no_proxy"):
            monkeypatch.delenv(name)
        assert requests.utils.get_environ_proxies(server.url)["http"] == proxy.url
        transport.send(GET)
        assert proxy.connections == 0


@pytest.mark.parametrize(
    ("step", "cls"),
    [
        (raw(b"HTTP/1.1 407 Proxy Authentication Required\r\n\r\n"), NotSentError),
        (raw(b"HTTP/1.1 502 Bad Gateway\r\n\r\n"), NotSentError),
        (raw(b""), NotSentError),
        ("drip", NotSentError),
    ],
)
def test_https_goes_through_the_proxy_of_the_environment(step: Any, cls: type, monkeypatch: pytest.MonkeyPatch) -> None:
    with FaultServer(step) as proxy:
        if step == "drip":
            proxy.steps = [proxy.drip(b"HTTP/1.1 200 OK\r\n", b"X: x\r\n", 0.05)]
        monkeypatch.setenv("HTTPS_PROXY", proxy.url.replace("//", "//me:s3cret@"))
        transport = Transport(
            "https://insurer.invalid/v1",
            insurer="open",
            auth=StaticToken("key-4711"),
            timeout=Timeout(1, 5, 0.5),
            retry=QUICK,
        )
        started = time.monotonic()
        error = fails(transport, POST)
        assert time.monotonic() - started < 1.0
        transport.close()
    assert isinstance(error, cls)
    assert "s3cret" not in str(error) + repr(error.__cause__)
    assert (proxy.requests[0].method, proxy.requests[0].target) == ("CONNECT", "insurer.invalid:443")
    assert "key-4711" not in str(proxy.requests)
    if step != "drip":
        assert error.attempts == 3


def test_a_proxy_that_is_not_there_is_not_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        monkeypatch.setenv("HTTPS_PROXY", f"http://me:s3cret@127.0.0.1:{unused.getsockname()[1]}")
        transport = Transport("https://insurer.invalid/v1", insurer="open", retry=QUICK)
        error = fails(transport, POST)
        transport.close()
    assert type(error) is NotSentError
    assert "s3cret" not in str(error)


# Certificates


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for 127.0.0.1, made for this run."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("needs the openssl command")
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(file) + ".key", "-out", str(file), "-days", "2",
         "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"],
        check=True, capture_output=True,
    )  # fmt: skip
    return file


@pytest.fixture
def tls_server(certificate: Path) -> Iterator[Any]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, str(certificate) + ".key")
    with FaultServer(echo, tls=context) as running:
        yield running


def test_an_untrusted_certificate_is_not_sent(tls_server: Any) -> None:
    transport = Transport(tls_server.url, insurer="open", auth=StaticToken("sandbox"), retry=QUICK)
    error = fails(transport, POST)
    assert (type(error), error.attempts) == (NotSentError, 1)
    assert "REQUESTS_CA_BUNDLE" in str(error)
    assert tls_server.requests == []
    transport.close()


@pytest.mark.parametrize("fault", ["plain http", "closed", "silent"])
def test_a_handshake_that_fails_is_not_sent(fault: str) -> None:
    """The server gets bytes of TLS and no request, so even an order may be repeated."""
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            while True:
                try:
                    connection, _ = listener.accept()
                except OSError:
                    return
                accepted.append(connection)
                if fault == "plain http":
                    connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")
                if fault != "silent":
                    connection.close()

        accepted: list[socket.socket] = []
        thread = threading.Thread(target=serve)
        thread.start()
        transport = Transport(f"https://127.0.0.1:{listener.getsockname()[1]}", insurer="open", retry=QUICK)
        error = fails(transport.with_options(timeout=Timeout(0.2, 5, 5)), POST)
        transport.close()
        listener.shutdown(socket.SHUT_RDWR)
    thread.join(5)
    for connection in accepted:
        connection.close()
    assert (type(error), error.attempts, len(accepted)) == (NotSentError, 3, 3)
    assert error.__cause__ is None or "127.0.0.1" not in repr(error.__cause__)


def test_a_company_certificate_by_environment(
    tls_server: Any, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))
    transport = Transport(tls_server.url, insurer="open", auth=StaticToken("sandbox"), retry=QUICK)
    assert transport.send(GET).body["headers"]["authorization"] == "Bearer sandbox"
    tls_server.steps = [tls_server.drip(HEAD, b"X: x\r\n", 0.05)]
    started = time.monotonic()
    assert type(fails(transport.with_options(timeout=Timeout(1, 5, 0.4)), POST)) is DeadlineError
    assert time.monotonic() - started < 0.9
    transport.close()


def test_a_certificate_file_that_is_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/no/such/file.pem")
    transport = Transport("https://insurer.invalid", insurer="open", retry=QUICK)
    error = fails(transport, POST)
    assert type(error) is ConfigError
    assert "REQUESTS_CA_BUNDLE" in str(error)
    transport.close()


# Connections and threads


def test_one_connection_serves_many_calls(server: Any, transport: Transport) -> None:
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


def test_threads_share_one_transport(server: Any, transport: Transport) -> None:
    server.steps = [echo]

    def ask(number: int) -> bool:
        return bool(transport.send(Call("x", "GET", (str(number),))).body["target"] == f"/{number}")

    with ThreadPoolExecutor(16) as pool:
        assert all(pool.map(ask, range(400)))
    assert server.connections <= 16


def test_a_forked_child_has_connections_of_its_own(server: Any) -> None:
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

    def __init__(self, server: Any) -> None:
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
def tokens(server: Any) -> TokenServer:
    return TokenServer(server)


def token_transport(server: Any, clock: Any = time.monotonic) -> Transport:
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


def test_fifty_threads_without_a_token_fetch_one(server: Any, tokens: TokenServer) -> None:
    transport = token_transport(server)
    assert send_from_fifty_threads(transport) == [200] * 50
    assert (tokens.issued, tokens.refused.total()) == (1, 0)
    transport.close()


def test_fifty_threads_with_an_expired_token_fetch_one(server: Any, tokens: TokenServer) -> None:
    now = [0.0]
    transport = token_transport(server, clock=lambda: now[0])
    transport.send(GET)
    now[0] = 3600.0
    assert send_from_fifty_threads(transport) == [200] * 50
    assert (tokens.issued, tokens.refused.total()) == (2, 0)
    transport.close()


def test_fifty_threads_with_a_revoked_token_fetch_one(server: Any, tokens: TokenServer) -> None:
    transport = token_transport(server)
    transport.send(GET)
    tokens.revoke()
    assert send_from_fifty_threads(transport) == [200] * 50
    assert tokens.issued == 3  # the first, the one revoked into nothing, and one refresh
    assert 1 <= tokens.refused["Bearer token-1"] <= 50
    assert sum(1 for item in server.requests if item.target == "/token") == 2
    transport.close()
