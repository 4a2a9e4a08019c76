"""Both faces of the sandbox: insurers of ours that are connected to it, and bare clients that see its wire.

Behind the bare client of the Allianz Trade face the sandbox's clock starts at one morning.
"""

from contextlib import ExitStack, closing
from datetime import datetime, timezone

import pytest
from allianz_client import LAYOUTS, Client
from open_caller import Caller

from tradecredit_sdk.config import Settings
from tradecredit_sdk.insurers.base import load_insurer
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


@pytest.fixture
def connect(sandbox):
    """Make an insurer of ours with what the sandbox prints, and whatever else a test gives."""
    addresses = {"open": sandbox.base_url_open, "allianz-trade": sandbox.base_url_allianz}
    with ExitStack() as made:

        def make(name, **changes):
            usual = {"base_url": addresses[name], "api_key": "sandbox", "policy": "DEMO-001"}
            times = {"timeout_seconds": 5, "total_seconds": 20}
            settings = Settings(insurer=name, **{**usual, **times, **changes})
            return made.enter_context(closing(load_insurer(name).from_settings(settings)))

        yield make


@pytest.fixture
def insurer(connect):
    """The `open` one, written like the face it talks to from docs/reference/open-contract.md; the other has its own."""
    return connect("open")
