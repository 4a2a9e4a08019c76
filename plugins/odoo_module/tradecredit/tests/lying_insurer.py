"""Stands between Odoo and the sandbox insurer, and changes what it answers."""

from __future__ import annotations

import http.client
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any
from urllib.parse import urlsplit

HOP = ("host", "content-length", "accept-encoding")


@contextmanager
def changed_answers(base_url: str, change: Callable[[str, int, Any], tuple[int, Any]]) -> Iterator[str]:
    """The address of a server that passes everything on and answers with `change(path, status, body)`."""
    there = urlsplit(base_url).netloc

    class Handler(BaseHTTPRequestHandler):
        def _answer(self):
            sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            connection = http.client.HTTPConnection(there, timeout=20)
            headers = {name: value for name, value in self.headers.items() if name.lower() not in HOP}
            connection.request(self.command, self.path, sent or None, headers)
            answer = connection.getresponse()
            status, body = change(self.path, answer.status, json.loads(answer.read()))
            connection.close()
            body = json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        do_GET = do_POST = do_PUT = do_DELETE = _answer  # noqa: N815

        def log_message(self, *_arguments):
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}{urlsplit(base_url).path}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
