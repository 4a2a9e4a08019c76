"""A call without a good key: one fresh token after a 401, and nothing is sent without one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import requests
from transport_calls import GET, POST, fails

from tradecredit_sdk._http import Call, StaticToken, Token, TokenAuth, TokenCache, Transport
from tradecredit_sdk.errors import (
    AuthenticationError,
    DeadlineError,
    NoAnswerError,
    NotSentError,
    RateLimitError,
    ResponseFormatError,
    ServerError,
    TradeCreditError,
)


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
