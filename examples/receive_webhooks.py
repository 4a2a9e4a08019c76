"""Receive the insurer's call-backs with Python's own web server: verify, answer at once, then work.

    TRADECREDIT_WEBHOOK_SECRET=whsec_... python examples/receive_webhooks.py 8600

A real service keeps its queue and the event ids it has seen in a database; here a queue and a set do.
"""

from __future__ import annotations

import os
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue

from tradecredit_sdk import Event, WebhookError
from tradecredit_sdk.webhooks import parse

MOST_BYTES = 65_536
arrived: Queue[Event] = Queue()


def work() -> None:
    """One after the other, so that an event that comes twice at the same moment is still told once."""
    seen: set[str] = set()
    while event := arrived.get():
        if event.id not in seen:
            seen.add(event.id)
            print(f"{event.id} {getattr(event.type, 'value', event.type)} buyer {event.buyer_id}", flush=True)


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
        arrived.put(event)  # kept first: what is answered with 204 is never sent again
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Nothing: the events are the log."""


if __name__ == "__main__":
    threading.Thread(target=work, daemon=True).start()
    with ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1]) if len(sys.argv) > 1 else 8600), CallBack) as server:
        print(f"listening on http://127.0.0.1:{server.server_port}/", flush=True)
        server.serve_forever()
