"""A real PostgreSQL of our own: made in a temporary folder, on loopback, gone at the end of the tests."""

from __future__ import annotations

import contextlib
import os
import pwd
import secrets
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

REMEDY = "PostgreSQL's programs are missing; install them: apt-get install -y --no-install-recommends postgresql"


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """The URL of the server's own database; the password is made up for this run."""
    programs = _programs()
    folder = Path(tempfile.mkdtemp(prefix="tc-pg-", dir="/tmp"))  # the path of a socket must be short
    password = secrets.token_hex(12)
    word = folder / "password"
    word.write_text(password)
    prefix = _unprivileged(folder)
    data, port, log = folder / "data", _free_port(), (folder / "log").open("wb")
    try:
        init = [
            "initdb",
            "-D",
            str(data),
            "-U",
            "tradecredit",
            "-A",
            "scram-sha-256",
            f"--pwfile={word}",
            "-N",
            "-E",
            "UTF8",
        ]
        subprocess.run([*prefix, str(programs / init[0]), *init[1:]], check=True, stdout=log, stderr=log, cwd=folder)
        # -F: what is tested is the death of our processes, not of the machine, so nothing waits for its disk.
        serve = ["-F", "-D", str(data), "-p", str(port), "-h", "127.0.0.1", "-k", str(folder)]
        server = subprocess.Popen([*prefix, str(programs / "postgres"), *serve], stdout=log, stderr=log, cwd=folder)
        try:
            url = f"postgresql://tradecredit:{password}@127.0.0.1:{port}/postgres"
            _wait_for(url, server, folder / "log")
            yield url
        finally:
            server.terminate()  # "smart": waits for nobody, because every test has closed its connections
            try:
                server.wait(10)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait(10)
    finally:
        log.close()
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgres_url(postgres_server: str) -> Iterator[str]:
    """The URL of a database made for this test."""
    import psycopg

    name = f"t{secrets.token_hex(6)}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield postgres_server.rsplit("/", 1)[0] + f"/{name}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


def _programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    program = str(found[-1]) if found else shutil.which("initdb")
    if program is None:
        pytest.fail(REMEDY)
    return Path(program).parent


def _unprivileged(folder: Path) -> list[str]:
    """Words before a command: not root, which PostgreSQL refuses, and ended with us even if we are killed."""
    prefix = ["setpriv", "--pdeathsig", "INT"] if shutil.which("setpriv") else []
    if os.geteuid() != 0:
        return prefix
    if not prefix:
        pytest.fail("PostgreSQL does not run as root: install setpriv (util-linux) or run the tests as another user")
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
        except KeyError:
            continue
        for path in (folder, *folder.iterdir()):
            os.chown(path, user.pw_uid, user.pw_gid)
        return [*prefix, f"--reuid={user.pw_uid}", f"--regid={user.pw_gid}", "--clear-groups"]
    return pytest.fail("there is no user postgres or nobody to run PostgreSQL as")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(url: str, server: subprocess.Popen[bytes], log: Path) -> None:
    import psycopg

    deadline = time.monotonic() + 60
    while server.poll() is None and time.monotonic() < deadline:
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(url, connect_timeout=5).close()
            return
        time.sleep(0.05)
    pytest.fail(f"PostgreSQL did not start:\n{log.read_text()[-2000:]}")
