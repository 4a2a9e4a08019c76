"""One call over the wire: what is sent, over which session, and what the log says of it."""

from __future__ import annotations

import logging
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
import requests
from transport_calls import GET, fails

from tradecredit_sdk import __version__
from tradecredit_sdk._http import Answer, Call, RetryPolicy, Timeout, Transport
from tradecredit_sdk.errors import InvalidInputError, ResponseFormatError


def test_a_call_and_its_answer(transport: Transport, script: Any, reply: Any) -> None:
    script.steps = [reply(body=b'{"amount": 99999999999999.99}', headers={"x-request-id": "req-1", "X-Total": "7"})]
    answer = transport.send(
        Call("request_limit", "post", ("a b",), json={"amount": Decimal("0.10")}, headers={"X-Own": "1"})
    )
    assert (answer.status, answer.body, answer.request_id) == (200, {"amount": Decimal("99999999999999.99")}, "req-1")
    assert (answer.attempts, answer.headers["x-total"]) == (1, "7")
    (sent,) = script.sent
    assert (sent.method, sent.url, sent.body) == ("POST", "https://insurer.test/v1/a%20b", b'{"amount":0.10}')
    assert sent.headers["Content-Type"] == sent.headers["Accept"] == "application/json"
    assert sent.headers["User-Agent"] == f"tradecredit-sdk/{__version__}"
    assert sent.headers["X-Own"] == "1"
    assert script.settings[0]["timeout"] == (3.05, 30.0)


def test_empty_answers(transport: Transport, script: Any, reply: Any) -> None:
    script.steps = [reply(204, b"")]
    assert transport.send(Call("x", "DELETE", ("webhooks", "1"))).body is None


def test_the_representations_are_discreet() -> None:
    secret = Call("x", "GET", ("s3cret",), query={"a": "s3cret"}, json="s3cret", headers={"a": "s3cret"}, url="s3cret")
    answer = Answer(200, {"a": "s3cret"}, {"a": "s3cret"}, "req-1", 1, 0.1)
    assert "s3cret" not in repr(secret) + repr(answer)


@pytest.mark.parametrize(
    "name", ["Authorization", "host", "COOKIE", "Content-Length", "transfer-encoding", "Proxy-Authorization"]
)
def test_headers_that_are_not_the_callers(transport: Transport, script: Any, name: str) -> None:
    error = fails(transport, Call("x", "GET", ("a",), headers={name: "s3cret"}))
    assert isinstance(error, InvalidInputError)
    assert "s3cret" not in str(error)
    assert script.sent == []


@pytest.mark.parametrize("value", ["a\r\nX-Evil: s3cret", " s3cret", "s3cret ", "s3cret\x00", "s3crèt\u20ac", ""])
def test_headers_that_would_break_out(value: str) -> None:
    for transport in (
        Transport("https://insurer.test", insurer="open"),
        Transport("https://insurer.test", insurer="open", session=requests.Session()),
    ):
        error = fails(transport, Call("x", "GET", ("a",), headers={"X-Own": value}))
        assert isinstance(error, InvalidInputError)
        assert "s3cr" not in str(error)
        assert error.__cause__ is None
        transport.close()


def test_links_are_followed_to_the_own_origin_only(transport: Transport, script: Any, reply: Any) -> None:
    script.steps = [reply()]
    transport.send(Call("x", "GET", url="https://insurer.test/covers/1"))
    assert script.sent[0].url == "https://insurer.test/covers/1"
    error = fails(transport, Call("x", "GET", url="https://evil.test/covers/1"))
    assert isinstance(error, ResponseFormatError)
    assert not error.may_have_acted
    assert len(script.sent) == 1


def test_the_correlation_id_of_the_caller_is_kept(transport: Transport, script: Any, reply: Any) -> None:
    script.steps = [reply()]
    assert transport.send(Call("x", "GET", ("a",), headers={"x-correlation-id": "mine"})).request_id == "mine"


def test_other_times_on_the_same_connections(transport: Transport, script: Any, reply: Any) -> None:
    script.steps = [reply(503)]
    other = transport.with_options(timeout=Timeout(1, 2, 3), retry=RetryPolicy(attempts=1))
    fails(other, GET)
    assert script.settings[0]["timeout"] == (1, 2)
    assert other.session is transport.session
    assert transport.timeout == Timeout()


def test_a_given_session_stays_open_and_its_adapters_stay() -> None:
    class Session(requests.Session):
        closed = False

        def close(self) -> None:
            self.closed = True
            super().close()

    class Adapter(requests.adapters.HTTPAdapter):
        pass

    session = Session()
    own = Adapter()
    session.mount("https://custom.test", own)
    plain = session.get_adapter("https://other.test")
    Transport("https://custom.test/v1", insurer="open", session=session).close()
    Transport("https://insurer.test/v1", insurer="open", session=session).close()
    assert session.get_adapter("https://custom.test/v1/x") is own
    assert session.get_adapter("https://insurer.test/v1/x") is not plain
    assert session.get_adapter("https://other.test") is plain
    assert not session.closed
    session.close()


def test_a_given_session_adds_what_it_has(make_transport: Callable[..., Transport], script: Any, reply: Any) -> None:
    transport = make_transport()
    transport.session.headers["X-Company"] = "nordlicht"
    script.steps = [reply()]
    transport.send(GET)
    assert script.sent[0].headers["X-Company"] == "nordlicht"


def test_logs_name_the_template_only(
    make_transport: Callable[..., Transport], script: Any, reply: Any, caplog: Any
) -> None:
    caplog.set_level(logging.DEBUG, "tradecredit_sdk")
    script.steps = [reply(503, headers={"X-Request-Id": "req-1"}), reply(headers={"X-Request-Id": "req-2"})]
    make_transport().send(
        Call(
            "list_limits",
            "GET",
            ("policies", "P-4711", "limits"),
            template="/policies/{policy}/limits",
            query={"buyer_id": "000004711"},
        )
    )
    lines = [(record.name, record.levelname, record.getMessage()) for record in caplog.records]
    assert lines == [
        ("tradecredit_sdk.http", "DEBUG", "GET /policies/{policy}/limits: 503 in 0 ms, attempt 1, request req-1"),
        (
            "tradecredit_sdk.http",
            "WARNING",
            "GET /policies/{policy}/limits: attempt 1 of 3 failed (ServerError), request req-1, next in 0.25 s",
        ),
        ("tradecredit_sdk.http", "DEBUG", "GET /policies/{policy}/limits: 200 in 0 ms, attempt 2, request req-2"),
    ]
    assert not any(record.exc_info for record in caplog.records)
