"""A server that breaks exchanges, a transport of ours that asks it, and a place for journals of processes that die."""

from __future__ import annotations

import os
import shutil
import ssl
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from fault_server import FaultServer, answer, echo
from transport_calls import QUICK

from tradecredit_sdk._http import StaticToken, Transport


@pytest.fixture
def in_memory() -> Iterator[Path]:
    """A folder whose files outlive every process and never wait for a disk; the usual place where there is none."""
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if os.access(memory, os.W_OK) else None) as folder:
        yield Path(folder)


@pytest.fixture
def server() -> Iterator[FaultServer]:
    with FaultServer(answer()) as running:
        yield running


@pytest.fixture
def transport(server: FaultServer) -> Iterator[Transport]:
    made = Transport(server.url, insurer="open", auth=StaticToken("sandbox"), retry=QUICK)
    yield made
    made.close()


@pytest.fixture(scope="session")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for 127.0.0.1, made for this run."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.fail("the openssl command is missing; install it: apt-get install -y openssl")
    file = tmp_path_factory.mktemp("tls") / "both.pem"
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", str(file) + ".key", "-out", str(file), "-days", "2",
         "-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"],
        check=True, capture_output=True,
    )  # fmt: skip
    return file


@pytest.fixture
def tls_server(certificate: Path) -> Iterator[FaultServer]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, str(certificate) + ".key")
    with FaultServer(echo, tls=context) as running:
        yield running
