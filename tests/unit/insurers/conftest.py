"""Settings without a config file, and a wire that checks what is sent: body, headers, a timeout, checked certificates."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
import responses
from pydantic import SecretStr
from responses import matchers

from tradecredit_sdk.insurers.allianz_trade import AllianzTradeInsurer
from tradecredit_sdk.insurers.open import OpenInsurer

OPEN = "https://insurer.example/open/v1"
ALLIANZ = "https://api.example"


@dataclass(frozen=True)
class FakeSettings:
    base_url: str | None = OPEN
    api_key: SecretStr | None = field(default=SecretStr("key-42"))
    policy: str | None = "DEMO-001"
    business_unit: str | None = None
    environment: str = "production"
    policy_currency: str | None = "EUR"
    unverified: bool = False
    contract_file: Path | None = None
    timeout_seconds: float = 5
    total_seconds: float = 20
    retries: int = 0


class Wire:
    """Registers one expected exchange after the other; an exchange that differs in anything fails."""

    def __init__(self, mock: responses.RequestsMock, base: str, token: str) -> None:
        self.mock, self.base, self.token = mock, base, token

    def expect(
        self,
        method: str,
        path: str,
        answer: Any = None,
        *,
        status: int = 200,
        sent: Any = None,
        query: dict[str, str] | None = None,
        body: Any = None,
        content_type: str = "application/json",
        headers: dict[str, str] | None = None,
        authorised: bool = True,
    ) -> None:
        match = [
            matchers.query_param_matcher(query or {}),
            _careful,
            _sends(sent),
        ]
        if authorised:
            match.append(matchers.header_matcher({"Authorization": f"Bearer {self.token}"}))
        self.mock.add(
            method,
            path if path.startswith("http") else self.base + path,
            body=body if body is not None else ("" if answer is None else encode(answer)),
            status=status,
            content_type=content_type,
            headers={"X-Request-Id": "req-7", **(headers or {})},
            match=match,
        )


def _careful(request: Any) -> tuple[bool, str]:
    """Every call has a timeout and checks the certificate."""
    assert all(0 < seconds < 100 for seconds in request.req_kwargs["timeout"])
    assert request.req_kwargs["verify"]
    return True, ""


def _sends(expected: Any) -> Any:
    def matches(request: Any) -> tuple[bool, str]:
        sent = json.loads(request.body, parse_float=Decimal) if request.body else None
        assert sent == expected
        return True, ""

    return matches


def encode(value: Any) -> str:
    """JSON with Decimals as exact numbers, written independently of the library."""
    marks: dict[str, str] = {}

    def mark(item: Any) -> str:
        name = f"\0{len(marks)}\0"
        marks[json.dumps(name)] = str(item)
        return name

    text = json.dumps(value, default=mark)
    for name, number in marks.items():
        text = text.replace(name, number)
    return text


@pytest.fixture
def mock() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(
        registry=responses.registries.OrderedRegistry, assert_all_requests_are_fired=True
    ) as active:
        yield active


@pytest.fixture
def settings() -> FakeSettings:
    return FakeSettings()


@pytest.fixture
def open_wire(mock: responses.RequestsMock) -> Wire:
    return Wire(mock, OPEN, "key-42")


@pytest.fixture
def open_insurer(settings: FakeSettings) -> Iterator[OpenInsurer]:
    insurer = OpenInsurer.from_settings(settings)
    yield insurer
    insurer.close()
    insurer.close()


@pytest.fixture
def bare_wire(mock: responses.RequestsMock) -> Callable[..., Wire]:
    """Allianz Trade's wire without an expected token."""
    return lambda base=ALLIANZ: Wire(mock, base, "token-1")


@pytest.fixture
def allianz_wire(mock: responses.RequestsMock) -> Wire:
    """The token is already expected: it is the first thing that is sent."""
    wire = Wire(mock, ALLIANZ, "token-1")
    wire.expect(
        "POST",
        "/v1/idp/oauth2/authorize",
        {"access_token": "token-1", "token_type": "Bearer", "expires_in": 3600},
        sent={"apiKey": "key-42"},
        authorised=False,
    )
    return wire


@pytest.fixture
def allianz(settings: FakeSettings) -> Iterator[Any]:
    """Make an Allianz Trade insurer with changed settings."""
    made = []

    def make(**changes: Any) -> AllianzTradeInsurer:
        defaults = {"base_url": ALLIANZ, "policy": "012345", "business_unit": "EHDK"}
        insurer = AllianzTradeInsurer.from_settings(replace(settings, **{**defaults, **changes}))
        made.append(insurer)
        return insurer

    yield make
    for insurer in made:
        insurer.close()
