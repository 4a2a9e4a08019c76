"""A sandbox whose clock stands at one morning, and clients of its Allianz Trade face."""

from datetime import datetime, timezone

import pytest
from allianz_client import LAYOUTS, Client

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
