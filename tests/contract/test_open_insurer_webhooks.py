"""The `open` insurer against the sandbox over real HTTP: call-backs are signed, repeated, and name what is read again."""

from __future__ import annotations

import queue
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from insurer_questions import request

from tradecredit_sdk import webhooks
from tradecredit_sdk.errors import InvalidRequestError, WebhookError
from tradecredit_sdk.insurers.open import OpenInsurer


def test_webhooks_are_registered_and_removed(insurer: OpenInsurer) -> None:
    webhook = insurer.register_webhook("https://erp.example/hook")
    assert webhook.secret is not None
    assert webhook.secret.get_secret_value().startswith("whsec_")
    (listed,) = insurer.list_webhooks()
    assert (listed.id, listed.secret) == (webhook.id, None)
    for _ in range(2):
        insurer.delete_webhook(webhook.id)
    assert insurer.list_webhooks() == ()
    with pytest.raises(InvalidRequestError):
        insurer.register_webhook("http://erp.example/hook")


class Receiver:
    """An ERP's address for call-backs; refuses the first call, as one does that is just being restarted."""

    def __init__(self) -> None:
        self.calls: queue.Queue[tuple[bytes, dict[str, str]]] = queue.Queue()
        refusals = iter([503])
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.calls.put((body, dict(self.headers.items())))
                self.send_response(next(refusals, 204))
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/hook"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(timeout=5)


def test_a_call_back_is_signed_repeated_and_names_what_is_read_again(insurer: OpenInsurer) -> None:
    receiver = Receiver()
    try:
        webhook = insurer.register_webhook(receiver.url)
        assert webhook.secret is not None
        secret = webhook.secret.get_secret_value()
        application = insurer.request_limit(request("900000001"))
        seen: dict[str, list[str]] = {}
        while (
            "application.decided" not in seen
            or len(seen["application.decided"]) + len(seen.get("limit.granted", [])) < 3
        ):
            body, headers = receiver.calls.get(timeout=10)
            event = webhooks.parse(body=body, headers=headers, secrets=secret)
            seen.setdefault(str(getattr(event.type, "value", event.type)), []).append(event.id)
            assert event in insurer.poll_events().items
            assert event.application_id == application.id
            with pytest.raises(WebhookError):
                webhooks.verify(body=body + b" ", headers=headers, secrets=secret)
    finally:
        receiver.close()
    assert set(seen) == {"application.decided", "limit.granted"}
    assert {len(set(ids)) for ids in seen.values()} == {1}, "the call that was refused came again with its id"
