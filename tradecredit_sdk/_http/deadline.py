"""One limit of time for everything a call does, kept even while a peer sends one byte now and then.

A read timeout alone is per piece: a server that drips a byte each second holds a caller for hours, in the headers as
well as in the body. Here each wait on the socket is cut to the time that is left. Two things can outlast it, while
nothing is sent: the system's look-up of a host's name, and a host with several addresses, each of which gets the time
to connect. A third one is an answer that came whole and in time: it is decoded to the end, because throwing it away
would leave open what the insurer did. That is bounded by the answer's size and number of values (`decode`).
"""

from __future__ import annotations

import http.client
import io
import os
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import NewConnectionError

_HOSTS, _POOL_SIZE = 4, 64


class Deadline:
    """The moment when a call must have ended, on an injected clock."""

    __slots__ = ("_at", "_clock")

    def __init__(self, seconds: float, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._at = clock() + seconds

    def left(self) -> float:
        """Seconds that are left; zero or less when it is over."""
        return self._at - self._clock()


_current: ContextVar[Deadline | None] = ContextVar("tradecredit_deadline", default=None)


def seconds_left() -> float | None:
    """The time left of the call this thread is making; None outside of one."""
    deadline = _current.get()
    return None if deadline is None else deadline.left()


@contextmanager
def limited(seconds: float, clock: Callable[[], float]) -> Iterator[Deadline]:
    """Everything inside, calls made on the way included (a token), ends within `seconds` or the outer limit."""
    outer = seconds_left()
    deadline = Deadline(seconds if outer is None else min(seconds, outer), clock)
    before = _current.set(deadline)
    try:
        yield deadline
    finally:
        _current.reset(before)


class _TimedReader(io.RawIOBase):
    """A socket's reading side that waits no longer than the call has time."""

    def __init__(self, raw: io.RawIOBase, sock: socket.socket, deadline: Deadline) -> None:
        self._raw = raw
        self._sock = sock
        self._deadline = deadline
        self._piece = sock.gettimeout()
        self.at_end = False

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._deadline.left()
        if left <= 0:
            raise TimeoutError("the total time is over")
        self._sock.settimeout(left if self._piece is None else min(self._piece, left))
        count = self._raw.readinto(buffer)
        self.at_end = count == 0
        return count

    def close(self) -> None:
        self._raw.close()
        super().close()


class _TimedResponse(http.client.HTTPResponse):
    """Reads status line, headers and body through a `_TimedReader`; the answer of a proxy's CONNECT too."""

    def __init__(self, sock: socket.socket, *args: Any, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        self._reader: _TimedReader | None = None
        deadline = _current.get()
        if deadline is not None:
            self._reader = _TimedReader(self.fp.detach(), sock, deadline)
            self.fp = io.BufferedReader(self._reader)

    def begin(self) -> None:
        """Read status line and headers. The standard library takes headers that break off for complete ones."""
        super().begin()
        if self._reader is not None and self._reader.at_end:
            raise http.client.RemoteDisconnected("the headers broke off")


class _TimedHTTP(HTTPConnection):
    response_class = _TimedResponse


class _TimedHTTPS(HTTPSConnection):
    response_class = _TimedResponse

    def connect(self) -> None:
        """Connect; whatever breaks in a proxy's tunnel or in the handshake is told as "not connected", so not sent."""
        try:
            super().connect()
        except (OSError, http.client.HTTPException) as error:
            raise NewConnectionError(self, "the connection was not completed") from error


class _HTTPPool(HTTPConnectionPool):
    ConnectionCls = _TimedHTTP


class _HTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _TimedHTTPS


_POOLS = {"http": _HTTPPool, "https": _HTTPSPool}


class DeadlineAdapter(HTTPAdapter):
    """requests' own adapter with timed sockets; it never repeats anything by itself."""

    _process = 0  # also after unpickling, which skips __init__

    def __init__(self) -> None:
        super().__init__(_HOSTS, _POOL_SIZE, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = _POOLS
        self._process = os.getpid()

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        manager = super().proxy_manager_for(proxy, **kwargs)
        if not proxy.lower().startswith("socks"):  # those have pools of their own, which reach the proxy
            manager.pool_classes_by_scheme = _POOLS
        return manager

    def send(self, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        """Send; in a forked child with connections of its own, because two processes on one socket mix up answers."""
        if self._process != os.getpid():
            self.proxy_manager = {}
            self.init_poolmanager(_HOSTS, _POOL_SIZE)
        return super().send(request, *args, **kwargs)
