"""Processes in the background: known by a file, and only ended when they are still the ones that were started."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from http import HTTPStatus
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from .commands import tail
from .steps import OdooRuntimeError

PATIENCE_SECONDS = 20.0
MOMENT_SECONDS = 0.1


@dataclass(frozen=True)
class Process:
    """A process and the moment its kernel says it started, since numbers are used again."""

    name: str
    pid: int
    started: str
    port: int

    @property
    def alive(self) -> bool:
        """Whether it still runs."""
        return self.started == _started(self.pid) != ""

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    def stop(self) -> None:
        """Ask it and its children to end, and insist after a while."""
        for word in (signal.SIGTERM, signal.SIGKILL):
            if not self.alive:
                return
            with suppress(ProcessLookupError):
                os.killpg(self.pid, word)
            deadline = time.monotonic() + PATIENCE_SECONDS
            while self.alive and time.monotonic() < deadline:
                time.sleep(MOMENT_SECONDS)


def _started(pid: int) -> str:
    """Clock ticks since boot; "" for a process that is gone or only waits to be buried."""
    try:
        fields = Path("/proc", str(pid), "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return ""
    return "" if fields[0] == "Z" else fields[19]


def start(
    name: str,
    command: Sequence[str],
    *,
    port: int,
    log: Path,
    env: Mapping[str, str],
    inherit: Sequence[int] = (),
) -> Process:
    """Start it in a session of its own, so that it goes on without us."""
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as output:
        child = subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=env,
            pass_fds=inherit,
            start_new_session=True,
        )
    return Process(name, child.pid, _started(child.pid), port)


def ending_with_us(command: Sequence[str]) -> list[str]:
    """The command, made to end when we do, even if we are killed; where util-linux is missing, only when we end well."""
    setpriv = shutil.which("setpriv")
    return [*([setpriv, "--pdeathsig", "INT"] if setpriv else []), *command]


def wait_until_it_answers(process: Process, path: str, log: Path, seconds: float) -> None:
    """Until `path` is answered with 200."""
    deadline = time.monotonic() + seconds
    while process.alive and time.monotonic() < deadline:
        if _answers(process.port, path):
            return
        time.sleep(MOMENT_SECONDS)
    raise OdooRuntimeError(f"{tail(log)}\n{process.name} did not answer on {process.url}{path} (all it said: {log}).")


def _answers(port: int, path: str) -> bool:
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request("GET", path)
        return connection.getresponse().status == HTTPStatus.OK
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def free_port(wanted: int | None = None) -> int:
    """A port nobody listens on: `wanted` if it is free, else any."""
    for port in (wanted, 0) if wanted else (0,):
        with socket.socket() as probe, suppress(OSError):
            # A server that ended a moment ago leaves its port in a state that does not hinder the next one.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(("127.0.0.1", port))
            return int(probe.getsockname()[1])
    raise OdooRuntimeError("no port is free on 127.0.0.1")


def port_of_user(name: str, preferred: int) -> int:
    """The port that the environment variable `name` demands, which must be free; else the preferred one or any."""
    demanded = os.environ.get(name)
    if not demanded:
        return free_port(preferred)
    if not demanded.isdecimal() or not 0 < int(demanded) < 65536:
        raise OdooRuntimeError(f"{name}={demanded} is no port: name one from 1 to 65535.")
    if free_port(int(demanded)) != int(demanded):
        raise OdooRuntimeError(f"Something listens on {name}={demanded} already: name another port, or none.")
    return int(demanded)


def remember(path: Path, processes: Sequence[Process]) -> None:
    """Write them to the file that `recall` reads."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps([asdict(process) for process in processes], indent=1))


def recall(path: Path) -> list[Process]:
    """Those of the file that still run."""
    try:
        known = [Process(**item) for item in json.loads(path.read_text())]
    except FileNotFoundError:
        return []
    return [process for process in known if process.alive]
