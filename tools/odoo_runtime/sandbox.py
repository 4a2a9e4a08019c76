"""The sandbox insurer beside Odoo. Odoo's process finds it by `TRADECREDIT_SANDBOX_URL`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from . import processes
from .places import LOGS

URL = "TRADECREDIT_SANDBOX_URL"
USUAL_PORT = 8585
SECONDS_TO_START = 60


def start(port: int, log: Path, inherit: Sequence[int] = (), state: Path | None = None) -> processes.Process:
    """Start it and wait until it answers; with `state`, it keeps what it knows in that file."""
    words = [sys.executable, "-m", "tradecredit_sdk.cli", "sandbox", "serve", "--port", str(port)]
    words += ["--state", str(state)] if state else []
    env = {name: value for name, value in os.environ.items() if not name.startswith("TRADECREDIT_")}
    process = processes.start("the sandbox insurer", words, port=port, log=log, env=env, inherit=inherit)
    try:
        processes.wait_until_it_answers(process, "/sandbox/v1/clock", log, SECONDS_TO_START)
    except BaseException:
        process.stop()
        raise
    return process


@contextmanager
def beside() -> Iterator[str]:
    """A new one until the end; its URL."""
    port = processes.free_port()
    process = start(port, LOGS / f"sandbox-of-tests-{port}.log")
    try:
        yield process.url
    finally:
        process.stop()
