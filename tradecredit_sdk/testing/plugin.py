"""pytest plugin, active wherever the SDK is installed: the fixture `sandbox` is a running sandbox insurer.

    def test_an_order_is_covered(sandbox):
        with TradeCreditClient(insurer="open", base_url=sandbox.base_url_open, api_key="sandbox", policy="DEMO-001") as client:
            ...
            sandbox.advance(days=30)

One server is started for the whole session, on a free port of this machine, and made new before each test: nothing
asked, companies as in the file, clock at real time, no faults. It needs the extra `[sandbox]`, and only when it is used.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tradecredit_sdk.testing.server import RunningSandbox


@pytest.fixture(scope="session")
def sandbox_server() -> Iterator[RunningSandbox]:
    """The server behind `sandbox`, as the last test left it."""
    try:
        from tradecredit_sdk.testing.server import RunningSandbox
    except ModuleNotFoundError as error:
        pytest.fail(f"the fixture needs {error.name}: pip install 'tradecredit-sdk[sandbox]'", pytrace=False)
    with RunningSandbox() as running:
        yield running


@pytest.fixture
def sandbox(sandbox_server: RunningSandbox) -> RunningSandbox:
    """A running sandbox insurer, new for this test."""
    sandbox_server.reset()
    return sandbox_server
