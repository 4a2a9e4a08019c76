"""What is made of an answer: each status has its error, and a body that is not the contract is one too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from transport_calls import GET, POST, fails

from tradecredit_sdk._http import Answer, ErrorDetail, RetryPolicy, Transport
from tradecredit_sdk.errors import (
    APIError,
    AuthenticationError,
    ConflictError,
    FieldError,
    InvalidRequestError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    ResponseFormatError,
    ServerError,
)


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
