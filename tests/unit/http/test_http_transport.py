"""The rules of one call: what is repeated, what is raised, and what the error knows."""

from __future__ import annotations

import logging
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
import requests
from urllib3.exceptions import MaxRetryError, NewConnectionError, ProtocolError

from tradecredit_sdk import __version__
from tradecredit_sdk._http import (
    Answer,
    Call,
    ErrorDetail,
    RetryPolicy,
    StaticToken,
    Timeout,
    Token,
    TokenAuth,
    TokenCache,
    Transport,
)
from tradecredit_sdk.errors import (
    APIError,
    AuthenticationError,
    ConflictError,
    DeadlineError,
    FieldError,
    InvalidInputError,
    InvalidRequestError,
    NoAnswerError,
    NotFoundError,
    NotSentError,
    PermissionDeniedError,
    RateLimitError,
    ResponseFormatError,
    ServerError,
    TradeCreditError,
)

GET = Call("list_limits", "GET", ("limits",), template="/limits")
POST = Call("request_limit", "POST", ("applications",), json={"reference": "R-1"}, reference="R-1")


def refused() -> requests.ConnectionError:
    return requests.ConnectionError(MaxRetryError(None, "/v1/limits?q=s", NewConnectionError(None, "refused")))  # type: ignore[arg-type]


def lost() -> requests.ConnectionError:
    return requests.ConnectionError(
        ProtocolError("Connection aborted.", ConnectionResetError(104, "Connection reset by peer"))
    )


def fails(transport: Transport, call: Call) -> TradeCreditError:
    with pytest.raises(TradeCreditError) as caught:
        transport.send(call)
    return caught.value


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
    ("status", "cls"),
    [
        (400, InvalidRequestError),
        (401, AuthenticationError),
        (403, PermissionDeniedError),
        (404, NotFoundError),
        (405, APIError),
        (409, ConflictError),
        (410, NotFoundError),
        (418, APIError),
        (422, InvalidRequestError),
        (429, RateLimitError),
        (500, ServerError),
        (502, ServerError),
        (503, ServerError),
        (599, ServerError),
        (300, APIError),
        (304, APIError),
    ],
)
def test_each_status_has_its_error(
    make_transport: Callable[..., Transport], script: Any, reply: Any, status: int, cls: type
) -> None:
    script.steps = [reply(status, b"<html>broken</html>", {"X-Correlation-Id": "corr-1"})]
    error = fails(make_transport(retry=RetryPolicy(attempts=1)), POST)
    assert type(error) is cls
    assert (error.status_code, error.request_id, error.attempts) == (status, "corr-1", 1)
    assert (error.insurer, error.operation, error.reference) == ("open", "request_limit", "R-1")
    assert str(error).startswith("[corr-1] ")
    assert "broken" not in str(error)


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_an_error_that_names_the_host(transport: Transport, script: Any, reply: Any, status: int) -> None:
    script.steps = [reply(status, b"x" * 10, {"Location": "https://user:pass@evil.test/path?token=s3cret"})]
    error = fails(transport, GET)
    assert type(error) is APIError
    assert "evil.test" in str(error)
    assert not any(word in str(error) for word in ("s3cret", "pass", "path"))
    assert len(script.sent) == 1


@pytest.mark.parametrize("location", ["/other?x=s3cret", "https://[", ""])
def test_odd_redirects(transport: Transport, script: Any, reply: Any, location: str) -> None:
    script.steps = [reply(302, b"", {"Location": location})]
    assert "redirected to another path" in str(fails(transport, GET))


def test_the_location_of_a_new_thing_is_kept(transport: Transport, script: Any, reply: Any) -> None:
    script.steps = [reply(201, b"{}", {"Location": "/jobs/1"})]
    assert transport.send(POST).headers["location"] == "/jobs/1"


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


def test_explained_errors(make_transport: Callable[..., Transport], script: Any, reply: Any) -> None:
    def explain(answer: Answer) -> ErrorDetail:
        return ErrorDetail(
            "code\n1", answer.body["detail"], tuple(FieldError(f"f{i}\x1b[0m", "x" * 999) for i in range(50))
        )

    script.steps = [reply(422, b'{"detail": "Amount\\r\\ntoo \\u0007low ' + b"y" * 999 + b'"}')]
    error = fails(make_transport(explain=explain), POST)
    assert error.code == "code 1"
    assert "Amount too low" in error.message
    assert len(error.message) < 400
    assert len(error.fields) == 20
    assert error.fields[0].field == "f0 [0m"
    assert len(error.fields[0].message) == 200
    assert "\n" not in str(error)


@pytest.mark.parametrize("body", [b'{"unexpected": 1}', b"[]", b'"text"', b"<html>"])
def test_an_odd_error_body_does_not_hide_the_refusal(
    make_transport: Callable[..., Transport], script: Any, reply: Any, body: bytes
) -> None:
    script.steps = [reply(422, body)]
    transport = make_transport(explain=lambda answer: ErrorDetail(message=answer.body["detail"]))
    assert isinstance(fails(transport, POST), InvalidRequestError)


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (b"<html>s3cret</html>", {"Content-Type": "text/html; charset=utf-8"}),
        (b"\x00\xff s3cret", {"Content-Type": "s3cret"}),
        (b'{"s3cret": ', {}),
        (b"[1e999999999]", {}),
        (b"{}", {"Content-Encoding": "gzip, gzip"}),
        (b"{}", {"Content-Encoding": "gzip"}),
        (b"{}", {"Content-Length": "99999999999"}),
    ],
)
def test_answers_that_are_not_the_contract(
    transport: Transport, script: Any, reply: Any, body: bytes, headers: dict[str, str]
) -> None:
    script.steps = [reply(200, body, headers)]
    error = fails(transport, POST)
    assert type(error) is ResponseFormatError
    assert error.may_have_acted
    assert error.status_code == 200
    assert "s3cret" not in str(error)
    assert error.__cause__ is None


def test_no_chain_of_encodings_is_unpacked(transport: Transport, script: Any, reply: Any) -> None:
    script.steps = [reply(200, b"{}", {"Content-Encoding": "gzip, gzip"})]
    assert "packed more than once" in str(fails(transport, GET))


def test_html_for_json_is_named(transport: Transport, script: Any, reply: Any) -> None:
    script.steps = [reply(200, b"<html>", {"Content-Type": "text/html; charset=utf-8"})]
    assert "text/html" in str(fails(transport, GET))


def test_too_large_answers(make_transport: Callable[..., Transport], script: Any, reply: Any) -> None:
    transport = make_transport(max_body_bytes=1000)
    script.steps = [reply(200, b" " * 998 + b"{}"), reply(200, b" " * 999 + b"{}")]
    assert transport.send(GET).body == {}
    assert "larger than 1000 bytes" in str(fails(transport, GET))


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


class Tokens:
    """Counts fetches; `failure` is raised instead."""

    def __init__(self) -> None:
        self.count = 0
        self.failure: TradeCreditError | None = None

    def __call__(self) -> Token:
        self.count += 1
        if self.failure:
            raise self.failure
        return Token(f"token-{self.count}", 3600)


def signed(script: Any) -> list[str]:
    return [sent.headers.get("Authorization") for sent in script.sent]


def test_one_repeat_after_401(make_transport: Callable[..., Transport], script: Any, reply: Any) -> None:
    tokens = Tokens()
    script.steps = [reply(401), reply(201)]
    answer = make_transport(auth=TokenAuth(TokenCache(tokens))).send(POST)
    assert (answer.status, answer.attempts) == (201, 1)
    assert signed(script) == ["Bearer token-1", "Bearer token-2"]


def test_exactly_one_repeat_after_401(make_transport: Callable[..., Transport], script: Any, reply: Any) -> None:
    tokens = Tokens()
    script.steps = [reply(503), reply(401), reply(503), reply(401)]
    error = fails(make_transport(auth=TokenAuth(TokenCache(tokens))), GET)
    assert isinstance(error, AuthenticationError)
    assert len(script.sent) == 4
    assert tokens.count == 2


def test_a_static_key_is_not_repeated(make_transport: Callable[..., Transport], script: Any, reply: Any) -> None:
    script.steps = [reply(401)]
    error = fails(make_transport(auth=StaticToken("key-4711")), GET)
    assert "TRADECREDIT_API_KEY" in str(error)
    assert signed(script) == ["Bearer key-4711"]


@pytest.mark.parametrize(
    ("failure", "cls"),
    [
        (NoAnswerError("lost", request_id="req-t"), NotSentError),
        (DeadlineError("over"), NotSentError),
        (ServerError("down", status_code=503, retry_after=7), NotSentError),
        (AuthenticationError("wrong key", status_code=401), AuthenticationError),
        (RateLimitError("too many", retry_after=9), RateLimitError),
        (ResponseFormatError("no token"), ResponseFormatError),
    ],
)
def test_without_a_token_nothing_is_sent(
    make_transport: Callable[..., Transport], script: Any, failure: TradeCreditError, cls: type
) -> None:
    tokens = Tokens()
    tokens.failure = failure
    failure.may_have_acted = True
    error = fails(make_transport(auth=TokenAuth(TokenCache(tokens))), POST)
    assert type(error) is cls
    assert not error.may_have_acted
    assert error.retry_after == failure.retry_after
    assert (error.reference, script.sent, tokens.count) == ("R-1", [], 1)


def test_a_call_without_authentication(
    make_transport: Callable[..., Transport], script: Any, reply: Any, monkeypatch: Any, tmp_path: Any
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine insurer.test login me password s3cret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    assert requests.utils.get_netrc_auth("https://insurer.test") == ("me", "s3cret")
    script.steps = [reply(), reply()]
    transport = make_transport(auth=StaticToken("key-4711"))
    transport.send(Call("get_token", "POST", ("token",), json={"apiKey": "x"}, authenticated=False))
    transport.send(GET)
    assert signed(script) == [None, "Bearer key-4711"]


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
