"""A local insurer that answers one question only, so fast that it does not hide what the client costs.

    with LimitServer(rows=20) as server: ...    # server.base_url, server.url

It serves pages of limits in the open contract from a process of its own, and ends when its standard input closes.
"""

from __future__ import annotations

import json
import subprocess
import sys
from functools import lru_cache
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs, urlsplit

POLICY = "DEMO-001"


def limit(number: int) -> dict[str, Any]:
    """One row, as large as a real one."""
    return {
        "id": f"lim-{number:06d}",
        "buyer_id": f"{number:09d}",
        "kind": "permanent",
        "state": "approved",
        "amount": {"amount": f"{1000 + number}.00", "currency": "EUR"},
        "valid_from": "2026-01-01",
        "valid_until": None,
        "announced_change": None,
        "insured_percentage": None,
        "max_terms_days": None,
        "conditions": [],
        "insurer_code": "FULL",
        "application_id": f"app-{number:06d}",
    }


class LimitServer:
    """The server in its own process; `exchanges` of it never leave this machine."""

    def __init__(self, rows: int) -> None:
        """Serve `rows` limits in all."""
        self._rows = rows

    def __enter__(self) -> LimitServer:
        """Start the process and learn its port."""
        command = [sys.executable, __file__, str(self._rows)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self._process.stdout is not None
        port = int(self._process.stdout.readline())
        self.base_url = f"http://127.0.0.1:{port}/open/v1"
        self.url = f"{self.base_url}/policies/{POLICY}/limits"
        return self

    def __exit__(self, *_: object) -> None:
        """Close its input, upon which it ends."""
        self._process.communicate(timeout=10)


@lru_cache(maxsize=2)
def _answer(first: int, size: int, rows: int) -> bytes:
    last = min(first + size, rows)
    page = {
        "items": [limit(number) for number in range(first, last)],
        "next_cursor": str(last) if last < rows else None,
    }
    body = json.dumps(page).encode()
    head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Request-Id: req-1\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


def _serve(rows: int) -> None:
    class Handler(StreamRequestHandler):
        disable_nagle_algorithm = True

        def handle(self) -> None:
            while line := self.rfile.readline():
                while self.rfile.readline() not in (b"\r\n", b""):
                    pass
                query = parse_qs(urlsplit(line.split()[1].decode()).query)
                first = int(query.get("cursor", ["0"])[0])
                self.wfile.write(_answer(first, int(query.get("page_size", ["50"])[0]), rows))

    class Server(ThreadingTCPServer):
        daemon_threads = True

    with Server(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        print(server.server_address[1], flush=True)
        sys.stdin.read()
        server.shutdown()


if __name__ == "__main__":
    _serve(int(sys.argv[1]))
