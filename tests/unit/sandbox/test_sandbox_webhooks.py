"""Webhooks: signed as a receiver's library expects, repeated three times, never sent where they must not go."""

import json
import threading
import time
from datetime import datetime, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from standardwebhooks.webhooks import Webhook as Receiver

from tradecredit_sdk.sandbox import underwriting as buyer
from tradecredit_sdk.sandbox.clock import moment
from tradecredit_sdk.sandbox.problem import Problem
from tradecredit_sdk.sandbox.webhooks import check_url, signed_headers
from tradecredit_sdk.sandbox.worker import Worker

SECRET = "whsec_" + "c2FuZGJveC1zYW5kYm94LXNhbmRib3gtc2FuZGJveA=="


class Hook:
    """A receiver that answers as told and keeps what came."""

    def __init__(self):
        self.calls, self.answers = [], []
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                hook.calls.append((self.path, dict(self.headers.items()), body))
                status = hook.answers.pop(0) if hook.answers else 204
                self.send_response(status)
                if status in (301, 302, 307, 308):
                    self.send_header("Location", "/elsewhere")
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook?tenant=7"
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


@pytest.fixture
def hook():
    hook = Hook()
    yield hook
    hook.close()


def states(engine):
    return [(item.state, len(item.attempts)) for item in engine.webhooks.deliveries().items]


def test_an_event_is_sent_with_a_signature_the_reference_library_accepts(desk, hook):
    desk.wall.seconds = time.time()
    webhook = desk.engine.webhooks.register("DEMO-001", hook.url)
    application = desk.ask(buyer.FULL)
    desk.engine.webhooks.send_due()
    assert len(hook.calls) == 2
    for path, headers, body in hook.calls:
        content = Receiver(webhook.secret).verify(body, {name.lower(): value for name, value in headers.items()})
        assert path == "/hook?tenant=7"
        assert headers["Content-Type"] == "application/json"
        assert content["id"] == headers["webhook-id"]
    assert [json.loads(body)["type"] for *_, body in hook.calls] == ["application.decided", "limit.granted"]
    assert json.loads(hook.calls[0][2]) == {
        "id": "evt-000001", "type": "application.decided", "occurred_at": moment(application.created_at), "policy_id": "DEMO-001",
        "buyer_id": buyer.FULL, "application_id": application.id, "limit_id": "lim-000001", "overdue_id": None,
    }  # fmt: skip
    assert states(desk.engine) == [("delivered", 1)] * 2


def test_the_signature_is_that_of_the_scheme():
    # Computed with the reference library.
    at = datetime.fromtimestamp(1_700_000_000, timezone.utc)
    headers = signed_headers(SECRET, "evt-1", b"{}", at)
    assert headers["webhook-signature"] == Receiver(SECRET).sign("evt-1", at, "{}")
    assert headers["webhook-timestamp"] == "1700000000"


def test_three_calls_in_all_thirty_seconds_apart(desk, hook):
    desk.engine.webhooks.register("DEMO-002", hook.url, SECRET)
    hook.answers = [500, 404, 503, 503]
    desk.engine.buyers.order_grade("DEMO-002", "000004711")
    desk.engine.buyers.set_grade("000004711", "5")
    desk.engine.webhooks.send_due()
    assert (states(desk.engine), len(hook.calls)) == ([("pending", 1)], 1)
    assert desk.engine.webhooks.seconds_to_next() == pytest.approx(30, abs=0.01)
    desk.wall.seconds += 29
    desk.engine.webhooks.send_due()
    assert len(hook.calls) == 1
    for calls in (2, 3):
        desk.wall.seconds += 30
        desk.engine.webhooks.send_due()
        assert len(hook.calls) == calls
    desk.wall.seconds += 300
    desk.engine.webhooks.send_due()
    assert (states(desk.engine), len(hook.calls)) == ([("failed", 3)], 3)
    delivery = desk.engine.webhooks.deliveries().items[0]
    assert [(attempt.status, attempt.error) for attempt in delivery.attempts] == [
        (500, "answered 500"), (404, "answered 404"), (503, "answered 503")]  # fmt: skip
    assert len({headers["webhook-id"] for _, headers, _ in hook.calls}) == 1
    assert len({headers["webhook-timestamp"] for _, headers, _ in hook.calls}) == 3


def test_moving_the_sandbox_clock_does_not_hurry_the_calls(desk, hook):
    desk.engine.webhooks.register("DEMO-001", hook.url, SECRET)
    hook.answers = [500]
    desk.engine.buyers.order_grade("DEMO-001", "000004711")
    desk.engine.buyers.set_grade("000004711", "5")
    desk.engine.webhooks.send_due()
    desk.engine.advance(days=30)
    desk.engine.webhooks.send_due()
    assert len(hook.calls) == 1


def test_a_later_success_ends_it(desk, hook):
    desk.engine.webhooks.register("DEMO-001", hook.url, SECRET)
    hook.answers = [500, 200]
    desk.engine.buyers.order_grade("DEMO-001", "000004711")
    desk.engine.buyers.set_grade("000004711", "5")
    for _ in range(4):
        desk.engine.webhooks.send_due()
        desk.wall.seconds += 30
    assert (states(desk.engine), len(hook.calls)) == ([("delivered", 2)], 2)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirects_are_failures_and_not_followed(desk, hook, status):
    desk.engine.webhooks.register("DEMO-001", hook.url, SECRET)
    hook.answers = [status]
    desk.ask(buyer.REFUSED)
    desk.engine.webhooks.send_due()
    assert states(desk.engine) == [("pending", 1)]
    assert [path for path, *_ in hook.calls] == ["/hook?tenant=7"]


def test_nobody_there_is_a_failure_with_a_reason(desk, hook):
    hook.close()
    desk.engine.webhooks.register("DEMO-001", hook.url, SECRET)
    desk.ask(buyer.REFUSED)
    desk.engine.webhooks.send_due()
    (delivery,) = desk.engine.webhooks.deliveries(buyer_id=buyer.REFUSED).items
    assert (delivery.attempts[0].status, delivery.attempts[0].error) == (None, "no answer (ConnectionRefusedError)")


def test_each_policy_hears_of_its_own_events_only(desk, hook):
    desk.engine.webhooks.register("DEMO-001", hook.url, SECRET)
    desk.ask(buyer.FULL, policy="DEMO-003")
    desk.engine.webhooks.send_due()
    assert hook.calls == []


def test_removed_means_no_more_calls_not_even_those_on_their_way(desk, hook):
    webhook = desk.engine.webhooks.register("DEMO-001", hook.url, SECRET)
    desk.ask(buyer.FULL)
    desk.engine.webhooks.remove("DEMO-003", webhook.id)
    assert [item.id for item in desk.engine.webhooks.list("DEMO-001")] == [webhook.id]
    desk.engine.webhooks.remove("DEMO-001", webhook.id)
    desk.engine.webhooks.remove("DEMO-001", webhook.id)
    desk.ask(buyer.FULL)
    desk.engine.webhooks.send_due()
    assert hook.calls == []


def test_an_answer_that_comes_after_a_reset_belongs_to_the_old_world(desk, hook):
    desk.engine.webhooks.register("DEMO-001", hook.url, SECRET)
    desk.ask(buyer.REFUSED)

    class Resetting(BaseHTTPRequestHandler):
        def do_POST(self):
            desk.engine.reset()
            desk.engine.webhooks.register("DEMO-001", hook.url, SECRET)
            desk.ask(buyer.REFUSED)
            self.send_response(500)
            self.end_headers()

        def log_message(self, *args):
            pass

    hook.server.RequestHandlerClass = Resetting
    stop = iter([False, True])
    desk.engine.webhooks.send_due(lambda: next(stop))
    assert states(desk.engine) == [("pending", 0)]


@pytest.mark.parametrize(
    "url",
    ["http://example.com/hook", "http://192.168.1.1/", "ftp://127.0.0.1/", "file:///etc/passwd", "https://", "//x", "x",
     "http://127.0.0.1@example.com/", "https://user:pw@example.com/", "http://127.0.0.1.example.com/", "http://[::1", "",
     "http://127.0.0.1:99999/", "https://exa mple.com/", "https://example.com/\r\nX-Evil: 1", "https://exämple.com/"],
)  # fmt: skip
def test_only_https_or_this_machine(engine, url):
    with pytest.raises(Problem) as caught:
        engine.webhooks.register("DEMO-001", url)
    assert (caught.value.status, caught.value.fields[0][0]) == (422, "url")


@pytest.mark.parametrize(
    "url", ["https://erp.example/hook", "http://127.0.0.1:9/x", "http://localhost/", "http://[::1]:80/"]
)
def test_addresses_that_may_be_called(url):
    assert check_url(url).hostname


@pytest.mark.parametrize("secret", ["secret", "whsec_", "whsec_%%%", "whsec_c2hvcnQ=", "whsec_" + "QUFB" * 30])
def test_a_secret_is_of_the_scheme(engine, secret):
    with pytest.raises(Problem) as caught:
        engine.webhooks.register("DEMO-001", "https://erp.example/", secret)
    assert caught.value.fields[0][0] == "secret"


# ---------------------------------------------------------------- the worker


def until(condition, seconds=5.0):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.01)
    assert condition()


def test_the_worker_does_what_is_due_and_calls_without_being_asked(desk, hook):
    before = {thread for thread in threading.enumerate() if thread.name == "sandbox-worker"}
    worker = Worker(desk.engine)
    worker.start()
    try:
        desk.engine.webhooks.register("DEMO-001", hook.url, SECRET)
        desk.ask(buyer.SLOW)
        desk.wall.seconds += 3
        until(lambda: len(hook.calls) == 2)
        desk.engine.webhooks.seconds = 0.01
        hook.answers = [500, 500]
        desk.ask(buyer.REFUSED)
        until(lambda: len(hook.calls) == 3)
        desk.wall.seconds += 30
        until(lambda: len(hook.calls) == 4)
    finally:
        worker.stop()
        worker.stop()
    assert {thread for thread in threading.enumerate() if thread.name == "sandbox-worker"} == before


def test_the_worker_survives_a_fault(desk, hook, monkeypatch, caplog):
    faults = [RuntimeError("broken")]
    tick = desk.engine.tick
    monkeypatch.setattr(desk.engine, "tick", lambda: (_ for _ in ()).throw(faults.pop()) if faults else tick())
    monkeypatch.setattr("tradecredit_sdk.sandbox.worker._LONGEST_NAP_SECONDS", 0.01)
    desk.engine.webhooks.register("DEMO-001", hook.url, SECRET)
    worker = Worker(desk.engine)
    worker.start()
    try:
        desk.ask(buyer.REFUSED)
        until(lambda: hook.calls)
    finally:
        worker.stop()
    assert "work of the sandbox failed" in caplog.text
