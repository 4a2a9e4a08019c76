"""A tiny HTTP server on a real socket that breaks exchanges in the ways networks do.

Each request plays the next step of a script; the last step repeats. A step gets the connection and the request, writes
bytes as it likes, and returns True to keep the connection open.
"""

from __future__ import annotations

import contextlib
import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable
from dataclasses import dataclass
from types import TracebackType


@dataclass(frozen=True)
class Request:
    """What arrived, headers in lower case."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes


Step = Callable[[socket.socket, Request], "bool | None"]

HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
"""How a good answer begins; its length and the blank line are still to come."""


class FaultServer:
    """Listens on a free loopback port until the end of the `with` block."""

    def __init__(self, *steps: Step, tls: ssl.SSLContext | None = None) -> None:
        self.steps = list(steps)
        self.requests: list[Request] = []
        self.connections = 0
        self.stopping = threading.Event()
        self._tls = tls
        self._lock = threading.Lock()
        self._open: set[socket.socket] = set()
        self._threads: list[threading.Thread] = []
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port: int = self._listener.getsockname()[1]
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.port}"

    def __enter__(self) -> FaultServer:
        self._start(self._accept)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stopping.set()
        # Closing alone does not wake a thread inside accept().
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        with self._lock:
            for connection in self._open:
                _quietly(connection.shutdown, socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)
            assert not thread.is_alive()

    def _start(self, work: Callable[..., None], *args: object) -> None:
        thread = threading.Thread(target=work, args=args)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while not self.stopping.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self.connections += 1
            self._start(self._serve, connection)

    def _serve(self, connection: socket.socket) -> None:
        try:
            if self._tls:
                connection.settimeout(5)
                connection = self._tls.wrap_socket(connection, server_side=True)
            with self._lock:
                self._open.add(connection)
            connection.settimeout(30)
            while not self.stopping.is_set() and (request := _receive(connection)):
                with self._lock:
                    self.requests.append(request)
                    step = self.steps.pop(0) if len(self.steps) > 1 else self.steps[0]
                if not step(connection, request):
                    break
        except OSError:
            pass  # the client went away, which is what many tests are about
        finally:
            with self._lock:
                self._open.discard(connection)
            connection.close()

    # Steps

    def drip(self, head: bytes, piece: bytes, every_seconds: float) -> Step:
        """Send `head` and then one piece now and then, for ever."""

        def step(connection: socket.socket, _: Request) -> bool:
            connection.sendall(head)
            while not self.stopping.wait(every_seconds):
                connection.sendall(piece)
            return False

        return step

    def silence(self) -> Step:
        """Receive, and say nothing."""
        return lambda *_: self.stopping.wait() and False


def answer(body: bytes = b"{}", status: int = 200, keep: bool = True, **headers: str) -> Step:
    """A whole answer with a right length; header names with _ for -."""
    lines = [f"HTTP/1.1 {status} Status", *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items())]
    return raw("\r\n".join([*lines, f"Content-Length: {len(body)}", "", ""]).encode() + body, keep=keep)


def echo(connection: socket.socket, request: Request) -> bool:
    """Answer with what was asked."""
    body = json.dumps({"target": request.target, "body": request.body.decode(), "headers": request.headers})
    return bool(answer(body.encode())(connection, request))


def raw(data: bytes, *, keep: bool = False) -> Step:
    """Exactly these bytes, and the end of the connection."""

    def step(connection: socket.socket, _: Request) -> bool:
        connection.sendall(data)
        return keep

    return step


def reset(connection: socket.socket, _: Request) -> bool:
    """Received, and then a reset instead of an answer."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return False


def _receive(connection: socket.socket) -> Request | None:
    data = b""
    while b"\r\n\r\n" not in data:
        if not (piece := connection.recv(65536)):
            return None
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
    while len(body) < int(headers.get("content-length", 0)):
        if not (piece := connection.recv(65536)):
            return None
        body += piece
    method, target, _ = first.split(" ")
    return Request(method, target, headers, body)


def _quietly(call: Callable[..., object], *args: object) -> None:
    with contextlib.suppress(OSError):
        call(*args)
