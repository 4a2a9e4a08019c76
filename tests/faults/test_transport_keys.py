"""Against real sockets: the key goes to the insurer alone, past redirects, netrc, cookies and proxies."""

from __future__ import annotations

import socket
import time
from pathlib import Path
from typing import Any

import pytest
import requests
from fault_server import FaultServer, answer, raw
from transport_calls import GET, POST, QUICK, fails

from tradecredit_sdk._http import Call, StaticToken, Timeout, Transport
from tradecredit_sdk.errors import APIError, NotSentError


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_no_redirect_is_followed(server: FaultServer, transport: Transport, status: int) -> None:
    with FaultServer(answer()) as elsewhere:
        server.steps = [answer(b"", status, Location=f"{elsewhere.url}/s3cret")]
        error = fails(transport, POST)
        assert elsewhere.connections == 0
    assert type(error) is APIError
    assert "127.0.0.1" in str(error)
    assert "s3cret" not in str(error)
    assert len(server.requests) == 1


def test_netrc_does_not_win(
    server: FaultServer, transport: Transport, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
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


def test_cookies_are_not_kept(server: FaultServer, transport: Transport) -> None:
    server.steps = [answer(Set_Cookie="session=1; Path=/")]
    transport.send(GET)
    transport.send(GET)
    assert "cookie" not in server.requests[1].headers


def test_plain_http_goes_through_no_proxy(
    server: FaultServer, transport: Transport, monkeypatch: pytest.MonkeyPatch
) -> None:
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
