"""Clients of both faces of the sandbox; behind the Allianz Trade face its clock stands at one morning."""

from datetime import datetime, timezone

import pytest
from allianz_client import LAYOUTS, Client
from open_caller import Caller

from tradecredit_sdk.testing.server import RunningSandbox


@pytest.fixture(scope="session")
def running():
    with RunningSandbox(now=datetime(2026, 3, 31, 8, tzinfo=timezone.utc), webhook_seconds=0.05) as running:
        yield running


@pytest.fixture
def engine(running):
    running.reset()
    return running.engine


@pytest.fixture
def client(running, engine):
    client = Client(running.base_url_allianz, "production")
    with client.session:
        yield client


@pytest.fixture(params=LAYOUTS)
def anywhere(running, engine, request):
    client = Client(running.base_url_allianz, request.param)
    with client.session:
        yield client


@pytest.fixture
def call(sandbox):
    caller = Caller(sandbox.base_url_open)
    with caller.session:
        yield caller
