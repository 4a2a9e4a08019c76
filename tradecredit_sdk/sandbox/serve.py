"""Serve the sandbox on this machine until Ctrl-C or SIGTERM."""

from __future__ import annotations

import asyncio
import errno
import signal
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import click
import uvicorn
from fastapi import FastAPI
from pydantic import TypeAdapter, ValidationError

from tradecredit_sdk.models.base import Instant
from tradecredit_sdk.sandbox.app import create_app
from tradecredit_sdk.sandbox.engine import Engine
from tradecredit_sdk.sandbox.faults import FaultProtocol
from tradecredit_sdk.sandbox.store import StateFileError

DEFAULT_PORT = 8585
_LOOPBACK = frozenset({"127.0.0.1", "localhost"})


class ServeError(click.ClickException):
    """The sandbox cannot be served; the message says why and what to do."""


def serve(
    host: str = "127.0.0.1",
    port: int = DEFAULT_PORT,
    state: Path | str | None = None,
    *,
    now: datetime | str | None = None,
    underwriter_seconds: float = 3.0,
    webhook_seconds: float = 30.0,
    say: Callable[[str], None] = click.echo,
) -> None:
    """Serve until interrupted. `port` 0 takes a free one; `state` is the SQLite file, None keeps all in memory.

    Prints, through `say`, where it listens and the variables to set. Raises ServeError when the address is not this
    machine's, the port is taken, the state file cannot be used or `now` is not a moment.
    """
    start = _moment(now)
    listener = listen(host, port)
    try:
        engine = Engine(state, now=start, underwriter_seconds=underwriter_seconds, webhook_seconds=webhook_seconds)
    except StateFileError as error:
        listener.close()
        raise ServeError(str(error)) from None
    try:
        say(welcome(f"http://{host}:{listener.getsockname()[1]}", state))
        asyncio.run(make_server(create_app(engine)).serve([listener]))
    finally:
        engine.close()
        listener.close()
    say("The sandbox has stopped.")


class _Server(uvicorn.Server):
    """uvicorn raises the signal once more when it has stopped; here a signal is a wish that was granted."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Stop at SIGINT and SIGTERM; elsewhere than in the main thread signals are not ours."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {number: signal.signal(number, self.handle_exit) for number in (signal.SIGINT, signal.SIGTERM)}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


def make_server(app: FastAPI) -> uvicorn.Server:
    """A uvicorn server that can reset connections and does not wait for clients that stay."""
    config = uvicorn.Config(
        app, http=FaultProtocol, ws="none", log_config=None, access_log=False, timeout_graceful_shutdown=3
    )
    return _Server(config)


def listen(host: str, port: int) -> socket.socket:
    """Take the port; ServeError says what to do when it is not to be had."""
    if host not in _LOOPBACK:
        raise ServeError(f"the sandbox listens on this machine only (127.0.0.1), not on {host}")
    # asyncio switches Nagle's delay off for sockets that say TCP, and only for those; 40 ms an answer otherwise.
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        why = "is in use" if error.errno == errno.EADDRINUSE else f"cannot be used ({error.strerror})"
        raise ServeError(f"port {port} {why}; stop what listens there, or take a free port with --port 0") from None
    return listener


def welcome(address: str, state: Path | str | None) -> str:
    """What to know and what to paste."""
    kept = "in memory, gone at the end" if state is None else str(state)
    return f"""\
Sandbox insurer at {address}   (state: {kept})
  console        {address}/
  API pages      {address}/docs

To use it, paste one of these into your shell:

  # open
  export TRADECREDIT_BASE_URL={address}/open/v1
  export TRADECREDIT_API_KEY=sandbox
  export TRADECREDIT_POLICY=DEMO-001

  # allianz-trade
  export TRADECREDIT_INSURER=allianz-trade
  export TRADECREDIT_BASE_URL={address}/allianz-trade
  export TRADECREDIT_API_KEY=sandbox
  export TRADECREDIT_POLICY=DEMO-001

Ctrl-C stops it."""


def _moment(now: datetime | str | None) -> datetime | None:
    try:
        return None if now is None else TypeAdapter(Instant).validate_python(now)
    except ValidationError:
        raise ServeError(f"{now!r} is not a moment; write --now 2026-03-31T08:00:00Z") from None
