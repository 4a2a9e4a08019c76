"""The sandbox insurer beside Odoo. Odoo's process finds it by `TRADECREDIT_SANDBOX_URL`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from . import processes
from .places import LOGS

NAME = "the sandbox insurer"
URL = "TRADECREDIT_SANDBOX_URL"
USUAL_PORT = 8585
SECONDS_TO_START = 60


def command(port: int, *more: str) -> list[str]:
    """How it is started."""
    return [sys.executable, "-m", "tradecredit_sdk.cli", "sandbox", "serve", "--port", str(port), *more]


def start(command: Sequence[str], port: int, log: Path, inherit: Sequence[int] = ()) -> processes.Process:
    """Start it and wait until it answers."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("TRADECREDIT_")}
    process = processes.start(NAME, command, port=port, log=log, env=env, inherit=inherit)
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
    log = LOGS / f"sandbox-of-tests-{port}.log"
    process = start(processes.ending_with_us(command(port)), port, log)
    try:
        yield process.url
    finally:
        process.stop()
