"""Each fault, seen by a raw socket on the other side of a real server: nothing here is simulated twice."""

import asyncio
import json
import socket
import threading
import time
from contextlib import contextmanager

import pytest
import uvicorn
from pydantic import ValidationError

from tradecredit_sdk.sandbox.faults import FaultKind, FaultMiddleware, FaultPlan, FaultProtocol

BODY = json.dumps({"items": [{"id": f"lim-{number:06d}"} for number in range(200)]}).encode()


class Engine:
    """An app that counts what it has committed."""

    def __init__(self):
        self.commits = 0

    async def __call__(self, scope, receive, send):
        while (await receive()).get("more_body"):
            pass
        self.commits += 1
        body = b"" if scope["path"].endswith("/nothing") else BODY
        headers = [(b"content-type", b"application/json")]
        if body:
            headers.append((b"content-length", str(len(body)).encode()))
        await send({"type": "http.response.start", "status": 200 if body else 204, "headers": headers})
        await send({"type": "http.response.body", "body": body})


@contextmanager
def running(app):
    listener = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, http=FaultProtocol, lifespan="off", log_level="warning", ws="none")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])), daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()


@pytest.fixture(scope="module")
def engine():
    return Engine()


@pytest.fixture(scope="module")
def plan():
    return FaultPlan()


@pytest.fixture(scope="module")
def port(engine, plan):
    with running(FaultMiddleware(engine, plan)) as port:
        yield port


@pytest.fixture(autouse=True)
def _fresh(engine, plan):
    engine.commits = 0
    plan.clear()


def exchange(port, path="/open/v1/policies", fault=None, method="POST"):
    """Send one request, read until the peer closes; return (bytes read, exception that ended the reading)."""
    header = f"X-Sandbox-Fault: {fault}\r\n" if fault else ""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as peer:
        body = b'{"reference": "REQ-1"}'
        head = (
            f"{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{header}Content-Length: {len(body)}\r\n\r\n"
        )
        peer.sendall(head.encode() + body)
        received = b""
        try:
            while piece := peer.recv(65536):
                received += piece
        except OSError as error:
            return received, error
        return received, None


def parts(received):
    head, _, body = received.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    return int(lines[0].split()[1]), headers, body


@pytest.mark.parametrize(("fault", "commits"), [("reset_before", 0), ("reset_after", 1)])
def test_a_reset_is_a_real_reset_without_a_byte_of_an_answer(port, engine, fault, commits, caplog):
    received, error = exchange(port, fault=fault)
    assert (received, type(error)) == (b"", ConnectionResetError)
    assert engine.commits == commits
    assert caplog.records == []  # the server does not complain of the missing answer
    assert parts(exchange(port)[0])[0] == 200  # and goes on serving


@pytest.mark.parametrize("status", [500, 503, 429])
def test_an_ordered_status_comes_before_the_engine_acts(port, plan, engine, status):
    plan.configure({"retry_after_seconds": 7})
    answered, headers, body = parts(exchange(port, fault=str(status))[0])
    assert answered == status
    assert headers.get("retry-after") == (None if status == 500 else "7")
    assert json.loads(body)["status"] == status
    assert engine.commits == 0


def test_latency_delays_the_right_answer(port, plan, engine):
    plan.configure({"latency_seconds": 0.2})
    began = time.monotonic()
    assert parts(exchange(port, fault="latency")[0])[2] == BODY
    assert time.monotonic() - began >= 0.2
    assert engine.commits == 1


def test_a_dripping_body_is_whole_but_slow(port, plan):
    plan.configure({"latency_seconds": 0.01})
    began = time.monotonic()
    status, _, body = parts(exchange(port, fault="drip")[0])
    assert (status, body) == (200, BODY)
    assert time.monotonic() - began >= 0.19


def test_a_truncated_body_is_shorter_than_promised(port, engine):
    received, error = exchange(port, fault="truncate")
    status, headers, body = parts(received)
    assert (status, error) == (200, None)
    assert int(headers["content-length"]) == len(BODY) > len(body) > 0
    assert engine.commits == 1


def test_garbage_is_never_the_promised_json_and_at_times_html(port, plan, engine):
    plan.configure({"seed": 1})
    kinds = set()
    for _ in range(12):
        status, headers, body = parts(exchange(port, fault="garbage")[0])
        assert status == 200
        kinds.add(headers["content-type"])
        with pytest.raises(ValueError):
            json.loads(body)
    assert kinds == {"application/json", "text/html; charset=utf-8"}
    assert engine.commits == 12


@pytest.mark.parametrize("fault", ["truncate", "drip", "latency"])
def test_an_answer_without_a_body_survives(port, fault):
    assert parts(exchange(port, "/open/v1/nothing", fault=fault)[0])[0] == 204


@pytest.mark.parametrize("path", ["/", "/docs", "/openapi.json", "/sandbox/v1/faults", "/console/console.js"])
def test_the_sandbox_itself_is_never_touched(port, plan, path):
    plan.configure({"rate": 1, "kinds": ["500"]})
    assert parts(exchange(port, path, fault="reset_before")[0])[2] == BODY
    assert plan.status()["seen"] == 0


def test_paths_choose_the_face(port, plan):
    plan.configure({"rate": 1, "kinds": ["503"], "paths": ["/allianz-trade/riskinfo"]})
    assert parts(exchange(port, "/open/v1/policies")[0])[0] == 200
    assert parts(exchange(port, "/allianz-trade/v1/idp/oauth2/authorize")[0])[0] == 200
    assert parts(exchange(port, "/allianz-trade/riskinfo/v3/covers")[0])[0] == 503


def test_count_ends_the_faults_and_the_status_tells(port, plan):
    plan.configure({"rate": 1, "kinds": ["500"], "count": 2})
    assert [parts(exchange(port)[0])[0] for _ in range(4)] == [500, 500, 200, 200]
    status = plan.status()
    assert (status["seen"], status["injected"], status["remaining"], status["active"]) == (4, {"500": 2}, 0, False)
    plan.clear()
    assert plan.status()["injected"] == {}


def test_an_unknown_fault_in_the_header_is_refused_and_explained(port, engine):
    status, _, body = parts(exchange(port, fault="resett")[0])
    assert status == 400
    assert "reset_before" in json.loads(body)["detail"]
    assert engine.commits == 0


def test_the_same_seed_draws_the_same_faults_at_the_rate_asked():
    def drawn(seed):
        plan = FaultPlan()
        plan.configure({"rate": 0.3, "seed": seed})
        return [plan.draw("/open/v1/x") for _ in range(2000)]

    first = drawn(7)
    assert first == drawn(7) != drawn(8)
    hits = [kind for kind in first if kind]
    assert 500 < len(hits) < 700
    assert set(hits) == set(FaultKind)


@pytest.mark.parametrize(
    ("settings", "field"),
    [
        ({"rate": 1.1}, "rate"),
        ({"kinds": []}, "kinds"),
        ({"kinds": ["explode"]}, "kinds"),
        ({"paths": ["/sandbox/v1"]}, "paths"),
        ({"paths": ["open"]}, "paths"),
        ({"latency_seconds": -1}, "latency_seconds"),
        ({"count": -1}, "count"),
        ({"typo": 1}, "typo"),
    ],
)
def test_wrong_settings_are_refused_and_leave_the_plan_alone(settings, field):
    plan = FaultPlan()
    plan.configure({"rate": 0.5, "kinds": ["500"]})
    with pytest.raises(ValidationError) as caught:
        plan.configure(settings)
    assert caught.value.errors()[0]["loc"][0] == field
    assert plan.status()["rate"] == 0.5


def test_without_our_server_a_reset_is_still_an_error():
    async def call():
        scope = {
            "type": "http",
            "path": "/open/v1/x",
            "method": "GET",
            "headers": [(b"x-sandbox-fault", b"reset_before")],
        }
        await FaultMiddleware(Engine(), FaultPlan())(scope, None, None)

    with pytest.raises(ConnectionResetError, match="FaultProtocol"):
        asyncio.run(call())
