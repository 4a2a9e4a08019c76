"""Faults through the whole sandbox: what the engine has kept is what the table of faults says."""

import json

import pytest
import requests

FACES = ("/open/v1", "/allianz-trade")
HEADERS = {"Authorization": "Bearer sandbox"}
APPLICATION = {"reference": "REQ-1", "buyer_id": "900000001", "amount": {"amount": "1000.00", "currency": "EUR"}}


def send(sandbox, fault=None):
    headers = HEADERS if fault is None else {**HEADERS, "X-Sandbox-Fault": fault}
    body = {"action": "new", "kind": "permanent", **APPLICATION}
    return requests.post(
        f"{sandbox.base_url_open}/policies/DEMO-001/applications", json=body, headers=headers, timeout=10
    )


@pytest.mark.parametrize(
    ("fault", "error", "kept"),
    [
        ("reset_before", requests.ConnectionError, 0),
        ("reset_after", requests.ConnectionError, 1),
        ("truncate", requests.exceptions.ChunkedEncodingError, 1),
    ],
)
def test_no_answer_and_what_was_kept(sandbox, fault, error, kept):
    with pytest.raises(error):
        send(sandbox, fault)
    assert sandbox.engine.applications.count() == kept
    assert send(sandbox).status_code == (200 if kept else 201)  # the reference tells what happened
    assert sandbox.engine.applications.count() == 1


@pytest.mark.parametrize(
    ("fault", "status", "code"), [("503", 503, "unavailable"), ("429", 429, "rate_limited"), ("500", 500, "internal")]
)
def test_refusals_are_problems_with_a_request_id(sandbox, fault, status, code):
    answer = send(sandbox, fault)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["X-Request-Id"]
    assert sandbox.engine.applications.count() == 0


@pytest.mark.parametrize(("fault", "status"), [("latency", 201), ("drip", 201), ("garbage", 200)])
def test_answers_that_arrive(sandbox, fault, status):
    sandbox.faults(latency_seconds=0.001, seed=1)
    answer = send(sandbox, fault)
    assert answer.status_code == status
    if fault == "garbage":
        with pytest.raises(ValueError):
            json.loads(answer.text)
    else:
        assert answer.json()["reference"] == "REQ-1"
    assert sandbox.engine.applications.count() == 1


@pytest.mark.parametrize("face", FACES)
def test_the_control_api_orders_counts_and_ends_faults(sandbox, face):
    settings = {"rate": 1, "kinds": ["503"], "paths": [face], "count": 1, "retry_after_seconds": 9}
    assert sandbox.control("PUT", "/faults", settings)["active"]
    answers = [
        requests.get(f"{sandbox.url}{face}/nothing", headers=HEADERS, timeout=10) for face in FACES for _ in "12"
    ]
    broken = [answer for answer in answers if answer.status_code == 503]
    assert [answer.headers["Retry-After"] for answer in broken] == ["9"]
    assert broken[0].url.startswith(sandbox.url + face)
    assert sandbox.control("GET", "/faults")["injected"] == {"503": 1}
    assert sandbox.control("DELETE", "/faults")["injected"] == {}


def test_wrong_settings_name_the_field(sandbox):
    with pytest.raises(AssertionError, match="rate"):
        sandbox.control("PUT", "/faults", {"rate": 2})


def test_the_console_loads_nothing_from_elsewhere_and_shows_no_python(sandbox):
    page = requests.get(sandbox.url, timeout=10)
    assert page.headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self';")
    assert "http" not in page.text.replace("https://www.w3.org", "")
    for name in ("main.js", "base.css", "icon.svg"):
        file = requests.get(f"{sandbox.url}/console/{name}", timeout=10)
        assert (file.status_code, file.headers["X-Content-Type-Options"]) == (200, "nosniff")
    assert (
        requests.get(f"{sandbox.url}/console/main.js", timeout=10).headers["Content-Type"].startswith("text/javascript")
    )
    for name in ("figures.py", "../figures.py", "%2e%2e/figures.py", "__init__.py", ""):
        assert requests.get(f"{sandbox.url}/console/{name}", timeout=10).status_code == 404
