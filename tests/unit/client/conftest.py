"""A client at an insurer that keeps its word, with and without a journal, in a time that waits for nobody."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fake_insurer import FakeInsurer, FakeTime

from tradecredit_sdk import Clock, Journal, TradeCreditClient


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def insurer(tmp_path: Path) -> FakeInsurer:
    return FakeInsurer(tmp_path / "insurer.sqlite")


@pytest.fixture
def journal(tmp_path: Path, time: FakeTime) -> Iterator[Journal]:
    with Journal(f"{tmp_path}/journal.sqlite", clock=time.now, monotonic=time.monotonic, sleep=time.sleep) as journal:
        yield journal


@pytest.fixture
def make_client(insurer: FakeInsurer, time: FakeTime) -> Iterator[Callable[..., TradeCreditClient]]:
    made: list[TradeCreditClient] = []
    clock = Clock(now=time.now, monotonic=time.monotonic, sleep=time.sleep)

    def make(**options: Any) -> TradeCreditClient:
        given = {"insurer": insurer, "policy": "P-1", "base_url": "https://insurer.example", "clock": clock, **options}
        made.append(TradeCreditClient(**given))
        return made[-1]

    yield make
    for client in made:
        client.close()


@pytest.fixture
def bare(make_client: Callable[..., TradeCreditClient]) -> TradeCreditClient:
    """Without a journal."""
    return make_client()


@pytest.fixture
def client(make_client: Callable[..., TradeCreditClient], journal: Journal) -> TradeCreditClient:
    """With a journal."""
    return make_client(journal=journal)
