"""Receive the insurer's call-backs with Python's own web server: verify, answer at once, then work.

    TRADECREDIT_WEBHOOK_SECRET=whsec_... python examples/receive_webhooks.py 8600

A real service keeps the event ids it has seen in a database; here a set does.
"""

from __future__ import annotations

import os
import sys
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from tradecredit_sdk import WebhookError
from tradecredit_sdk.webhooks import parse

MOST_BYTES = 65_536
seen: set[str] = set()


class CallBack(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length", 0))
        if length > MOST_BYTES:
            self.send_error(413)
            return
        body = self.rfile.read(length)  # the bytes as they came: the signature is over them
        try:
            event = parse(body=body, headers=dict(self.headers), secrets=[os.environ["TRADECREDIT_WEBHOOK_SECRET"]])
        except WebhookError as error:
            print(f"refused: {error}", flush=True)
            self.send_error(400)
            return
        self.send_response(204)
        self.end_headers()
        if event.id not in seen:  # it may come twice
            seen.add(event.id)
            print(f"{event.id} {getattr(event.type, 'value', event.type)} buyer {event.buyer_id}", flush=True)

    def log_message(self, *_: object) -> None:
        """Nothing: the events are the log."""


if __name__ == "__main__":
    with ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 8600), CallBack) as server:
        print(f"listening on http://127.0.0.1:{server.server_port}/", flush=True)
        server.serve_forever()
