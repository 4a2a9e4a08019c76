"""Faults on demand: what a network and a tired server do to an exchange, so that a client can be tried against it.

A plan says which share of the exchanges on an insurer's face goes wrong, and how; the header `X-Sandbox-Fault: KIND`
breaks one single exchange. The control API, the console and the documentation pages are never touched.

| kind | what the client sees | has the engine acted? |
| --- | --- | --- |
| `latency` | the right answer, `latency_seconds` late | yes |
| `500`, `503`, `429` | that status; the last two with `Retry-After` | no |
| `reset_before` | the connection is reset (TCP RST), no byte of an answer | no |
| `reset_after` | the same | yes |
| `drip` | the right answer, its body in small pieces `latency_seconds` apart | yes |
| `truncate` | `Content-Length` promises more than comes, then the connection closes | yes |
| `garbage` | status 200 and something that is not the promised JSON, at times an HTML page | yes |
"""

from __future__ import annotations

import asyncio
import json
import random
import socket
import struct
import threading
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from enum import Enum
from typing import Annotated, Any

from pydantic import Field, StringConstraints
from uvicorn.protocols.http.h11_impl import H11Protocol

from tradecredit_sdk.models.base import RequestModel

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[MutableMapping[str, Any], Receive, Send], Awaitable[None]]

FACES = ("/open/", "/allianz-trade/")
"""Only exchanges with an insurer can go wrong."""

_PIECES = 20
_STATUSES = {
    "429": ("Too Many Requests", "rate_limited"),
    "500": ("Internal Server Error", "internal"),
    "503": ("Service Unavailable", "unavailable"),
}
_GARBAGE: tuple[tuple[bytes, bytes], ...] = (
    (b"text/html; charset=utf-8", b"<!doctype html><title>Gateway</title><h1>Please try again later</h1>"),
    (b"application/json", b'{"items": [{"id": "lim-0000'),
    (b"application/json", b"\x00\xff\xfe not json at all"),
)


class FaultKind(str, Enum):
    """How an exchange goes wrong; the table above tells what each one means."""

    LATENCY = "latency"
    INTERNAL = "500"
    UNAVAILABLE = "503"
    RATE_LIMITED = "429"
    RESET_BEFORE = "reset_before"
    RESET_AFTER = "reset_after"
    DRIP = "drip"
    TRUNCATE = "truncate"
    GARBAGE = "garbage"


class FaultSettings(RequestModel):
    """What goes wrong: `rate` is the share of exchanges (0 to 1), `kinds` are drawn evenly, `seed` makes it repeatable.

    `paths` are the beginnings of the paths concerned, on an insurer's face; `count` is how many faults there will be at most, None for no
    end. `latency_seconds` also is the pause between the pieces of a dripping body (at most 20 pieces).
    """

    rate: float = Field(0.0, ge=0, le=1)
    kinds: tuple[FaultKind, ...] = Field(tuple(FaultKind), min_length=1)
    paths: tuple[Annotated[str, StringConstraints(pattern=r"^/(open|allianz-trade)(/|$)")], ...] = (
        "/open/v1",
        "/allianz-trade",
    )
    seed: int | None = None
    count: int | None = Field(None, ge=0)
    latency_seconds: float = Field(0.05, ge=0, le=60)
    retry_after_seconds: int = Field(1, ge=0, le=3600)


class FaultPlan:
    """Draws the fault of each exchange and counts what was injected; one for each running sandbox."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.clear()

    def configure(self, settings: FaultSettings | Mapping[str, Any]) -> None:
        """Replace the plan and begin counting anew; pydantic's ValidationError names what is wrong in a mapping."""
        plan = settings if isinstance(settings, FaultSettings) else FaultSettings.model_validate(settings)
        with self._lock:
            self.settings = plan
            self._random = random.Random(plan.seed)
            self._left = plan.count
            self._seen = 0
            self._injected: Counter[str] = Counter()

    def clear(self) -> None:
        """Let every exchange pass."""
        self.configure(FaultSettings())

    def status(self) -> dict[str, Any]:
        """The settings, whether faults are `active`, exchanges `seen` and faults `injected` by kind, as JSON values."""
        with self._lock:
            return {
                **self.settings.model_dump(mode="json"),
                "active": self.settings.rate > 0 and self._left != 0,
                "remaining": self._left,
                "seen": self._seen,
                "injected": dict(self._injected),
            }

    def draw(self, path: str, asked: FaultKind | None = None) -> FaultKind | None:
        """The fault of one exchange, None to let it pass. One that was `asked` for by header is always granted."""
        with self._lock:
            if asked is None:
                if not path.startswith(self.settings.paths):
                    return None
                self._seen += 1
                if self._left == 0 or self._random.random() >= self.settings.rate:
                    return None
                asked = self._random.choice(self.settings.kinds)
                if self._left is not None:
                    self._left -= 1
            self._injected[asked.value] += 1
            return asked

    def garbage(self) -> tuple[bytes, bytes]:
        """A content type and a body that is not what the client was promised."""
        with self._lock:
            return self._random.choice(_GARBAGE)


class FaultMiddleware:
    """ASGI layer that spoils exchanges by plan; must be the outermost one, and served through `FaultProtocol`."""

    def __init__(self, app: App, plan: FaultPlan) -> None:
        self.app = app
        self.plan = plan

    async def __call__(self, scope: MutableMapping[str, Any], receive: Receive, send: Send) -> None:
        """Serve one exchange, or spoil it."""
        if scope["type"] != "http" or not scope["path"].startswith(FACES):
            await self.app(scope, receive, send)
            return
        asked = dict(scope["headers"]).get(b"x-sandbox-fault")
        try:
            wanted = FaultKind(asked.decode("latin-1")) if asked is not None else None
        except ValueError:
            known = ", ".join(kind.value for kind in FaultKind)
            detail = f"X-Sandbox-Fault is one of {known}."
            await _answer(send, *_problem(400, "Bad Request", "malformed", detail))
            return
        kind = self.plan.draw(scope["path"], wanted)
        await self._serve(kind, scope, receive, send)

    async def _serve(
        self, kind: FaultKind | None, scope: MutableMapping[str, Any], receive: Receive, send: Send
    ) -> None:
        settings = self.plan.settings
        if kind is None:
            await self.app(scope, receive, send)
        elif kind is FaultKind.LATENCY:
            await asyncio.sleep(settings.latency_seconds)
            await self.app(scope, receive, send)
        elif kind.value in _STATUSES:
            title, code = _STATUSES[kind.value]
            status, headers, body = _problem(int(kind.value), title, code, "A fault ordered at the sandbox.")
            if kind is not FaultKind.INTERNAL:
                headers.append((b"retry-after", str(settings.retry_after_seconds).encode()))
            await _answer(send, status, headers, body)
        elif kind is FaultKind.RESET_BEFORE:
            await _reset(scope, receive)
        else:
            await self._spoil(kind, await _record(self.app, scope, receive), scope, receive, send)

    async def _spoil(
        self,
        kind: FaultKind,
        answer: tuple[Message, bytes],
        scope: MutableMapping[str, Any],
        receive: Receive,
        send: Send,
    ) -> None:
        """The engine has acted and `answer` is what it said; hand it on damaged, or not at all."""
        start, body = answer
        if kind is FaultKind.RESET_AFTER:
            await _reset(scope, receive)
        elif kind is FaultKind.GARBAGE:
            content_type, body = self.plan.garbage()
            await _answer(send, 200, [(b"content-type", content_type)], body)
        elif kind is FaultKind.DRIP:
            await _drip(send, start, body, self.plan.settings.latency_seconds)
        elif body and scope["method"] != "HEAD":
            await _truncate(scope, receive, send, start, body)
        else:  # nothing to cut off
            await _answer(send, start["status"], start["headers"], body)


class FaultProtocol(H11Protocol):
    """uvicorn's own HTTP protocol, which also hands the connection to the app: a reset cannot be said in ASGI."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Put the transport into the state that uvicorn copies into every scope of this connection."""
        super().connection_made(transport)
        self.app_state = {**self.app_state, "transport": transport}


def _transport(scope: MutableMapping[str, Any]) -> asyncio.Transport:
    transport: asyncio.Transport | None = scope.get("state", {}).get("transport")
    if transport is None:
        raise ConnectionResetError("a fault of the sandbox; serve it through FaultProtocol to see a real reset")
    return transport


async def _gone(receive: Receive) -> None:
    """Wait until the server has noticed the end of the connection, so that it does not complain of a missing answer."""
    while (await receive())["type"] != "http.disconnect":
        pass


async def _reset(scope: MutableMapping[str, Any], receive: Receive) -> None:
    """End the connection with RST: a socket that does not linger drops everything unsent and resets the peer."""
    transport = _transport(scope)
    transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    await _gone(receive)


async def _truncate(scope: MutableMapping[str, Any], receive: Receive, send: Send, start: Message, body: bytes) -> None:
    transport = _transport(scope)
    await send({**start, "headers": _with_length(start["headers"], body)})
    await send({"type": "http.response.body", "body": body[: len(body) // 2], "more_body": True})
    transport.close()
    await _gone(receive)


async def _drip(send: Send, start: Message, body: bytes, pause: float) -> None:
    await send(start)
    size = max(1, -(-len(body) // _PIECES))
    for begin in range(0, len(body), size):
        await send({"type": "http.response.body", "body": body[begin : begin + size], "more_body": True})
        await asyncio.sleep(pause)
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _record(app: App, scope: MutableMapping[str, Any], receive: Receive) -> tuple[Message, bytes]:
    """Let the app answer into a bag instead of onto the wire."""
    start: Message = {}
    pieces: list[bytes] = []

    async def keep(message: Message) -> None:
        if message["type"] == "http.response.start":
            start.update(message)
        else:
            pieces.append(message.get("body", b""))

    await app(scope, receive, keep)
    return start, b"".join(pieces)


def _problem(status: int, title: str, code: str, detail: str) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """An RFC 9457 answer, as on the open face."""
    problem = {"type": "about:blank", "title": title, "status": status, "code": code, "detail": detail}
    headers = [(b"content-type", b"application/problem+json"), (b"x-request-id", b"req-fault")]
    return status, headers, json.dumps(problem).encode()


def _with_length(headers: list[tuple[bytes, bytes]], body: bytes) -> list[tuple[bytes, bytes]]:
    kept = [(name, value) for name, value in headers if name.lower() != b"content-length"]
    return [*kept, (b"content-length", str(len(body)).encode())]


async def _answer(send: Send, status: int, headers: list[tuple[bytes, bytes]], body: bytes) -> None:
    # An answer without a body may not even say that its length is zero (204).
    headers = _with_length(headers, body) if body else headers
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
