"""Secrets are planted wherever a call has room for them; none comes out through logs, errors or representations."""

from __future__ import annotations

import io
import logging
import pickle
import traceback
from collections.abc import Callable
from typing import Any

import pytest
import requests
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from urllib3.exceptions import MaxRetryError, NewConnectionError, ProtocolError, ReadTimeoutError

from tradecredit_sdk._http import (
    Answer,
    Call,
    ErrorDetail,
    RetryPolicy,
    StaticToken,
    Token,
    TokenAuth,
    TokenCache,
    Transport,
)
from tradecredit_sdk.errors import FieldError, TradeCreditError

PLACES = ("key", "path", "query", "body", "header", "answer")
SECRETS = st.fixed_dictionaries(
    {place: st.integers(10**9, 10**10 - 1).map(lambda n, p=place: f"s3cret-{p}-{n}") for place in PLACES}
)
STATUSES = st.sampled_from([200, 201, 302, 400, 401, 403, 404, 409, 422, 429, 500, 503])
BREAKS = st.sampled_from(["refused", "lost", "slow", "proxy", "tls", "other"])


def broken(kind: str, request: requests.PreparedRequest) -> Exception:
    """Failures as requests raises them, with the whole request in their texts and attributes."""
    url, key = request.url, request.headers.get("Authorization")
    inner: dict[str, Exception] = {
        "refused": MaxRetryError(None, url, NewConnectionError(None, f"{url} refused {key}")),
        "lost": ProtocolError(f"Connection aborted {url} {key}", ConnectionResetError(104, "Connection reset by peer")),
        "slow": ReadTimeoutError(None, url, f"Read timed out {url}"),
        "proxy": MaxRetryError(None, url, OSError(f"Tunnel connection failed: 407 {url} {key}")),
        "tls": MaxRetryError(None, url, OSError(f"bad certificate {url}")),
        "other": ValueError(f"{url} {key} {request.body!r}"),
    }
    return requests.ConnectionError(inner[kind], request=request)


def echo(answer: Answer) -> ErrorDetail:
    """An insurer's reader that repeats our key wherever it can."""
    said = str(answer.body.get("echo"))
    return ErrorDetail(f"code-{said}", f"wrong key {said}", (FieldError(said, said),))


class Ear(logging.Handler):
    """Everything the library logs, formatted, with tracebacks and arguments."""

    def __init__(self) -> None:
        super().__init__(logging.DEBUG)
        self.heard = io.StringIO()
        self.setFormatter(logging.Formatter("%(name)s %(message)s %(args)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self.heard.write(self.format(record) + repr(record.args) + "\n")


def everything_shown(error: BaseException) -> str:
    """All ways a person or a program looks at an error, its causes included."""
    parts = [*traceback.format_exception(type(error), error, error.__traceback__)]
    seen: BaseException | None = error
    while seen is not None:
        parts += [str(seen), repr(seen), repr(seen.args), repr(vars(seen))]
        parts.append(repr(pickle.loads(pickle.dumps(seen))))
        seen = seen.__cause__ or seen.__context__
    if isinstance(error, TradeCreditError):
        parts.append(repr(error.to_dict()))
    return "\n".join(parts)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    secrets=SECRETS, steps=st.lists(STATUSES | BREAKS, min_size=4, max_size=4), html=st.booleans(), post=st.booleans()
)
def test_no_secret_comes_out(
    make_transport: Callable[..., Transport],
    script: Any,
    reply: Any,
    secrets: dict[str, str],
    steps: list[Any],
    html: bool,
    post: bool,
) -> None:
    def step(kind: Any) -> Any:
        if isinstance(kind, str):
            return lambda request: broken(kind, request)
        body = (
            f'{{"echo": "{secrets["key"]}", "x": "{secrets["answer"]}"}}' if not html else f"<html>{secrets['answer']}"
        )
        headers = {"Location": f"https://evil.test/{secrets['answer']}", "X-Request-Id": f"{secrets['key']}"}
        return reply(kind, body.encode(), headers)

    script.steps = [step(kind) for kind in steps]
    transport = make_transport(auth=StaticToken(secrets["key"]), explain=echo)
    call = Call(
        "request_limit",
        "POST" if post else "GET",
        ("policies", secrets["path"]),
        template="/policies/{policy}",
        query={"name": secrets["query"]},
        json={"comment": secrets["body"]},
        headers={"X-Own": secrets["header"]},
    )
    ear, logger = Ear(), logging.getLogger("tradecredit_sdk")
    level = logger.level
    logger.addHandler(ear)
    logger.setLevel(logging.DEBUG)
    try:
        shown = repr(call) + repr(transport) + repr(transport.send(call))
    except TradeCreditError as error:
        shown = repr(call) + repr(transport) + everything_shown(error)
    finally:
        logger.removeHandler(ear)
        logger.setLevel(level)
    shown += ear.heard.getvalue()
    assert "s3cret" not in shown, shown
    assert script.sent[-1].headers["Authorization"] == f"Bearer {secrets['key']}"


@pytest.mark.parametrize("step", [400, 401, 403, 422, 500, "lost", "refused", "other"])
def test_the_key_that_fetches_tokens_never_comes_out(
    make_transport: Callable[..., Transport], script: Any, reply: Any, step: Any, caplog: Any
) -> None:
    caplog.set_level(logging.DEBUG, "tradecredit_sdk")
    echoed = reply(step, b'{"echo": "s3cret-key"}', {"X-Request-Id": "s3cret-key"}) if isinstance(step, int) else None
    script.steps = [echoed or (lambda request: broken(step, request))]
    inner = make_transport(explain=echo, retry=RetryPolicy(attempts=1))

    def fetch() -> Token:
        call = Call("get_token", "POST", ("token",), json={"apiKey": "s3cret-key"}, authenticated=False)
        return Token(inner.send(call).body["access_token"], 3600)

    outer = make_transport(auth=TokenAuth(TokenCache(fetch)), explain=echo)
    with pytest.raises(TradeCreditError) as caught:
        outer.send(Call("list_limits", "GET", ("limits",)))
    assert b"s3cret-key" in script.sent[0].body
    assert "s3cret" not in everything_shown(caught.value)
    assert "s3cret" not in caplog.text


def test_a_token_in_an_answer_is_no_text_for_a_log(
    make_transport: Callable[..., Transport], script: Any, reply: Any, caplog: Any
) -> None:
    caplog.set_level(logging.DEBUG, "tradecredit_sdk")
    script.steps = [reply(200, b'{"access_token": "s3cret-token", "expires_in": "soon"}')]
    inner = make_transport()

    def fetch() -> Token:
        body = inner.send(
            Call("get_token", "POST", ("token",), json={"apiKey": "s3cret-key"}, authenticated=False)
        ).body
        return Token(body["access_token"], body["expires_in"])

    with pytest.raises(TradeCreditError) as caught:
        make_transport(auth=TokenAuth(TokenCache(fetch))).send(Call("list_limits", "GET", ("limits",)))
    assert "s3cret" not in everything_shown(caught.value) + caplog.text
