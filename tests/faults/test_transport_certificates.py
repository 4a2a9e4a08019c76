"""Against real sockets with TLS: an insurer that cannot be believed is sent nothing."""

from __future__ import annotations

import socket
import threading
import time
from pathlib import Path

import pytest
from fault_server import HEAD, FaultServer
from transport_calls import GET, POST, QUICK, fails

from tradecredit_sdk._http import StaticToken, Timeout, Transport
from tradecredit_sdk.errors import ConfigError, DeadlineError, NotSentError


def test_an_untrusted_certificate_is_not_sent(tls_server: FaultServer) -> None:
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
    tls_server: FaultServer, certificate: Path, monkeypatch: pytest.MonkeyPatch
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
