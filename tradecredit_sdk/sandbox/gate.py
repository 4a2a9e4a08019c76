"""The door of the sandbox: who may come in, how much they may bring, and how errors are told.

Only requests addressed to this machine are let in (a web page that points its own name at 127.0.0.1 stays outside), bodies
end at one MiB, every answer carries `X-Request-Id` and echoes `X-Correlation-Id`, every error is problem+json (RFC 9457).
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Mapping, MutableMapping, Sequence
from http import HTTPStatus
from itertools import count
from typing import Any
from urllib.parse import urlsplit

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException

from tradecredit_sdk.sandbox.problem import Problem

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

MAX_BODY_BYTES = 2**20
CONTROL = "/sandbox/v1"
_log = logging.getLogger(__name__)
_HOSTS = frozenset({"127.0.0.1", "localhost", "::1"})
_IN_OTHER_WORDS = {
    "extra_forbidden": "is not a field of this request",
    "missing": "is missing",
    "model_attributes_type": "must be a JSON object",
}
_CODES = {
    400: "malformed",
    401: "unauthenticated",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    413: "too_large",
    415: "unsupported_media_type",
}


class Gate:
    """ASGI middleware around the whole application."""

    def __init__(self, app: App) -> None:
        self.app = app
        self._numbers = count(1)

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Let one exchange through, or answer it here."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        request_id = f"req-{next(self._numbers):06d}"
        scope.setdefault("state", {})["request_id"] = request_id
        correlation = headers.get("x-correlation-id")

        started = False

        async def send_with_ids(message: Message) -> None:
            nonlocal started
            if message["type"] == "http.response.start":
                started = True
                answer = MutableHeaders(scope=message)
                answer["X-Request-Id"] = request_id
                if correlation is not None:
                    answer["X-Correlation-Id"] = correlation
            await send(message)

        problem = _stranger(headers) or _foreign_page(scope, headers)
        body = b""
        if problem is None:
            try:
                body = await _whole_body(receive)
            except Problem as too_large:
                problem = too_large
        if problem is not None:
            await problem_response(problem, request_id)(scope, receive, send_with_ids)
            return
        try:
            await self.app(scope, _replay(body, receive), send_with_ids)
        except Exception:
            if started:
                raise
            _log.exception("%s %s broke", scope["method"], request_id)
            problem = Problem(500, "internal", "Something broke; the sandbox's log says what.")
            await problem_response(problem, request_id)(scope, receive, send_with_ids)


def _stranger(headers: Headers) -> Problem | None:
    """Names other than this machine's own are not served: DNS rebinding ends here."""
    try:
        host = urlsplit(f"//{headers.get('host', '')}").hostname
    except ValueError:
        host = None
    return None if host in _HOSTS else Problem(403, "forbidden", "The sandbox answers to 127.0.0.1 and localhost only.")


def _foreign_page(scope: MutableMapping[str, Any], headers: Headers) -> Problem | None:
    """A page of another site can neither order something here nor send what a plain form can send."""
    if scope["method"] in ("GET", "HEAD", "OPTIONS") or not scope["path"].startswith(CONTROL):
        return None
    origin = headers.get("origin")
    if origin is not None and urlsplit(origin).netloc != headers.get("host"):
        return Problem(403, "forbidden", "The control API is for this machine's own pages and programs.")
    has_body = headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
    if has_body and headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        return Problem(415, "unsupported_media_type", "Send application/json.")
    return None


async def _whole_body(receive: Receive) -> bytes:
    pieces, size, more = [], 0, True
    while more:
        message = await receive()
        if message["type"] != "http.request":
            break
        piece, more = message.get("body", b""), message.get("more_body", False)
        size += len(piece)
        if size > MAX_BODY_BYTES:
            raise Problem(413, "too_large", "A body is at most 1 MiB.")
        pieces.append(piece)
    return b"".join(pieces)


def _replay(body: bytes, receive: Receive) -> Receive:
    """Hand the body on as if it came now; whatever comes later is the connection's own."""
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def again() -> Message:
        return waiting.pop() if waiting else await receive()

    return again


# ---------------------------------------------------------------------- errors


def problem_response(problem: Problem, request_id: str | None) -> Response:
    """An RFC 9457 answer."""
    content = {
        "type": "about:blank",
        "title": HTTPStatus(problem.status).phrase,
        "status": problem.status,
        "code": problem.code,
        "detail": problem.detail,
        "request_id": request_id,
        "errors": [{"field": field, "message": message} for field, message in problem.fields],
    }
    headers = {"WWW-Authenticate": "Bearer"} if problem.status == 401 else {}
    if problem.status == 413:
        headers["Connection"] = "close"
    return JSONResponse(content, problem.status, headers, "application/problem+json")


def tell_errors_as_problems(app: FastAPI) -> None:
    """Give every error of the application one form, those of the framework as well."""

    def answer(request: Request, problem: Problem) -> Response:
        return problem_response(problem, request.scope["state"].get("request_id"))

    async def refusal(request: Request, error: Exception) -> Response:
        return answer(request, error if isinstance(error, Problem) else Problem(500, "internal", "Something broke."))

    async def invalid_input(request: Request, error: Exception) -> Response:
        found = error.errors() if isinstance(error, RequestValidationError) else []
        return answer(request, _from_validation(found, request.headers.get("content-type", "")))

    async def of_the_framework(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        detail = {404: "There is nothing at this address.", 405: "This address does not take this method."}
        problem = Problem(status, _CODES.get(status, "internal"), detail.get(status, "The request cannot be read."))
        response = answer(request, problem)
        response.headers.update(getattr(error, "headers", None) or {})
        return response

    app.add_exception_handler(Problem, refusal)
    app.add_exception_handler(RequestValidationError, invalid_input)
    app.add_exception_handler(HTTPException, of_the_framework)


def _from_validation(found: Sequence[Any], content_type: str) -> Problem:
    """What pydantic found, by field; values are not repeated."""
    kinds = {(item["type"], tuple(item["loc"])) for item in found}
    if any(kind == "json_invalid" for kind, _ in kinds):
        return Problem(400, "malformed", "The body is not JSON.")
    if ("model_attributes_type", ("body",)) in kinds and not content_type.startswith("application/json"):
        return Problem(400, "malformed", "Send JSON, with Content-Type: application/json.")
    fields = tuple((".".join(map(str, item["loc"][1:])) or "body", _plain(item)) for item in found)
    return Problem(422, "invalid_request", "The request is not valid.", fields)


def _plain(item: Mapping[str, Any]) -> str:
    message = _IN_OTHER_WORDS.get(item["type"]) or str(item["msg"]).removeprefix("Value error, ")
    return message[:1].lower() + message[1:]
