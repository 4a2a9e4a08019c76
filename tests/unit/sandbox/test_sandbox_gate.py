"""The door: who is let in, how much may be brought, and that every error is a problem with a number."""

import json
import re
import socket

import pytest
import requests

PATH = "/open/v1/policies/DEMO-001/limits"
KEY = {"Authorization": "Bearer sandbox"}


def raw(sandbox, request):
    """Send bytes as they are; status, headers, body."""
    with socket.create_connection(("127.0.0.1", int(sandbox.url.rsplit(":", 1)[1])), timeout=10) as peer:
        peer.sendall(request)
        received = b""
        while piece := peer.recv(65536):
            received += piece
    head, _, body = received.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines[1:])}
    return int(lines[0].split()[1]), headers, body


def get(sandbox, host, path=PATH):
    head = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer sandbox\r\nConnection: close\r\n\r\n"
    return raw(sandbox, head.encode())


def is_problem(answer, status, code):
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert body.keys() == {"type", "title", "status", "code", "detail", "request_id", "errors"}
    assert (body["status"], body["code"], body["request_id"]) == (status, code, answer.headers["X-Request-Id"])
    return body


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "127.0.0.1:8585", "localhost:1", "[::1]:9", "LOCALHOST"])
def test_this_machine_is_served_by_its_names(sandbox, host):
    assert get(sandbox, host)[0] == 200


@pytest.mark.parametrize(
    "host",
    ["evil.example", "127.0.0.1.evil.example", "evil.example:8585", "", "[", "localhost.evil.example", "0.0.0.0"],
)
@pytest.mark.parametrize("path", [PATH, "/", "/docs", "/sandbox/v1/overview"])
def test_other_names_are_not_served_so_that_no_web_page_gets_in(sandbox, host, path):
    status, headers, body = get(sandbox, host, path)
    assert (status, json.loads(body)["code"]) == (403, "forbidden")
    assert headers["x-request-id"]


def test_control_needs_json_so_that_no_form_can_order(sandbox):
    url = sandbox.url + "/sandbox/v1/clock"
    body = '{"advance_days": 1}'
    for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x", ""):
        is_problem(
            requests.post(url, data=body, headers={"Content-Type": kind}, timeout=10), 415, "unsupported_media_type"
        )
    before = sandbox.control("GET", "/clock")["offset_seconds"]
    assert requests.post(url, data=body, headers={"Content-Type": "Application/JSON; charset=utf-8"}, timeout=10).ok
    assert sandbox.control("GET", "/clock")["offset_seconds"] - before == pytest.approx(86400, abs=1)


@pytest.mark.parametrize("origin", ["https://evil.example", "null", "http://127.0.0.1:1", "http://localhost"])
@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/reset"), ("DELETE", "/faults"), ("POST", "/buyers/900000001/insolvency")]
)
def test_control_is_not_for_pages_of_other_places(sandbox, origin, method, path):
    answer = requests.request(method, f"{sandbox.url}/sandbox/v1{path}", headers={"Origin": origin}, timeout=10)
    is_problem(answer, 403, "forbidden")


def test_control_is_for_the_sandboxs_own_page(sandbox):
    headers = {"Origin": sandbox.url}
    assert requests.post(sandbox.url + "/sandbox/v1/reset", headers=headers, timeout=10).ok


def test_no_other_site_may_read_anything(sandbox):
    answer = requests.get(sandbox.url + PATH, headers={**KEY, "Origin": "https://evil.example"}, timeout=10)
    assert not [name for name in answer.headers if name.lower().startswith("access-control")]


def test_a_body_ends_at_one_mebibyte(sandbox):
    url = sandbox.base_url_open + "/buyers/search"
    base = b'{"name": "Nordlicht", "country": "DE"}'
    headers = {**KEY, "Content-Type": "application/json"}
    fits = base + b" " * (2**20 - len(base))
    assert requests.post(url, data=fits, headers=headers, timeout=10).status_code == 200
    is_problem(requests.post(url, data=fits + b" ", headers=headers, timeout=10), 413, "too_large")
    chunks = (b" " * 1024 for _ in range(1025))
    is_problem(requests.post(url, data=chunks, headers=headers, timeout=10), 413, "too_large")


def test_every_answer_has_a_number_and_echoes_yours(sandbox):
    numbers = set()
    for path in (PATH, "/nowhere", "/docs", "/sandbox/v1/clock"):
        answer = requests.get(sandbox.url + path, headers={**KEY, "X-Correlation-Id": "order 4711"}, timeout=10)
        assert answer.headers["X-Correlation-Id"] == "order 4711"
        assert re.fullmatch(r"req-\d{6}", answer.headers["X-Request-Id"])
        numbers.add(answer.headers["X-Request-Id"])
    assert len(numbers) == 4
    assert "X-Correlation-Id" not in requests.get(sandbox.url + PATH, headers=KEY, timeout=10).headers


@pytest.mark.parametrize(
    "path", ["/nowhere", "/open/v1", "/open/v2/policies", "/sandbox/v1/nothing", "/open/v1/policies/"]
)
def test_unknown_addresses(sandbox, path):
    is_problem(requests.get(sandbox.url + path, headers=KEY, timeout=10, allow_redirects=False), 404, "not_found")


def test_unknown_methods_name_those_that_are_known(sandbox):
    answer = requests.put(sandbox.url + "/open/v1/policies", headers=KEY, timeout=10)
    is_problem(answer, 405, "method_not_allowed")
    assert answer.headers["Allow"] == "GET"


@pytest.mark.parametrize(
    ("body", "kind"),
    [(b"{", "application/json"), (b"", "application/json"), (b"\xff", "application/json"), (b"[" * 100_000, "application/json"),
     (b"<xml/>", "text/xml"), (b'{"name": "x", "country": "DE"}', "text/plain")],
    ids=["half", "empty", "not utf-8", "deep", "xml", "plain"],
)  # fmt: skip
def test_what_is_not_json_is_malformed(sandbox, body, kind):
    url = sandbox.base_url_open + "/buyers/search"
    answer = requests.post(url, data=body, headers={**KEY, "Content-Type": kind}, timeout=10)
    if body == b"":
        assert is_problem(answer, 422, "invalid_request")["errors"] == [{"field": "body", "message": "is missing"}]
    else:
        is_problem(answer, 400, "malformed")


def test_each_wrong_field_is_named_and_no_value_repeated(sandbox):
    body = {"nmae": "SECRET-1", "country": "de SECRET-2", "max_results": "SECRET-3",
            "identifiers": [{"type": "SECRET-4", "value": "", "country": None}]}  # fmt: skip
    answer = requests.post(sandbox.base_url_open + "/buyers/search", json=body, headers=KEY, timeout=10)
    errors = {error["field"]: error["message"] for error in is_problem(answer, 422, "invalid_request")["errors"]}
    assert errors.keys() == {"nmae", "country", "max_results", "identifiers.0.type", "identifiers.0.value"}
    assert errors["nmae"] == "is not a field of this request"
    assert "SECRET" not in answer.text


def test_an_unexpected_fault_is_a_500_that_tells_nothing(sandbox, monkeypatch, caplog):
    def broken(*args, **options):
        raise RuntimeError("SECRET")

    monkeypatch.setattr(sandbox.engine.limits, "list", broken)
    answer = requests.get(sandbox.url + PATH, headers=KEY, timeout=10)
    is_problem(answer, 500, "internal")
    assert "SECRET" not in answer.text
    monkeypatch.undo()
    assert requests.get(sandbox.url + PATH, headers=KEY, timeout=10).ok


def test_the_pages_need_nothing_from_elsewhere(sandbox):
    page = requests.get(sandbox.url + "/docs", timeout=10).text
    used = re.findall(r'(?:src|href)="([^"]+)"', page)
    assert len(used) >= 3
    for address in used:
        assert address.startswith("/"), address
        assert requests.get(sandbox.url + address, timeout=10).ok
    assert "http://" not in page.replace(sandbox.url, "")
    assert "https://" not in page
