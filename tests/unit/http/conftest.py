"""A scripted insurer behind requests, and a clock that only moves when somebody sleeps."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
import requests
import urllib3
from requests.adapters import BaseAdapter, HTTPAdapter

from tradecredit_sdk._http import Transport

BASE_URL = "https://insurer.test/v1"


@dataclass
class Reply:
    """One answer of the scripted insurer."""

    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str] = field(default_factory=dict)


class Script(BaseAdapter):
    """Plays one step per request: a Reply, an exception to raise, or a function of the request."""

    def __init__(self) -> None:
        super().__init__()
        self.steps: list[Any] = []
        self.sent: list[requests.PreparedRequest] = []
        self.settings: list[dict[str, Any]] = []

    def send(self, request: requests.PreparedRequest, **settings: Any) -> requests.Response:
        self.sent.append(request.copy())
        self.settings.append(settings)
        step = self.steps.pop(0)
        if callable(step):
            step = step(request)
        if isinstance(step, BaseException):
            raise step
        raw = urllib3.HTTPResponse(
            body=io.BytesIO(step.body), status=step.status, headers=step.headers, preload_content=False
        )
        return HTTPAdapter().build_response(request, raw)

    def close(self) -> None:
        pass


class Clock:
    """Seconds that pass only in `sleep`, and a die that always shows the same."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []
        self.dice = 0.5

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds

    def random(self) -> float:
        return self.dice


@pytest.fixture
def reply() -> type[Reply]:
    return Reply


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def script() -> Script:
    return Script()


@pytest.fixture
def make_transport(script: Script, clock: Clock) -> Callable[..., Transport]:
    def make(base_url: str = BASE_URL, **options: Any) -> Transport:
        session = requests.Session()
        session.mount("https://", script)
        session.mount("http://", script)
        times = {"clock": clock, "sleep": clock.sleep, "random": clock.random, "now": lambda: 1_774_944_000.0}
        return Transport(base_url, insurer="open", session=session, **{**times, **options})

    return make


@pytest.fixture
def transport(make_transport: Callable[..., Transport]) -> Transport:
    return make_transport()
