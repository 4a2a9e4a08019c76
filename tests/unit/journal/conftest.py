"""A journal in each database it can be kept in, an insurer that keeps its word, and a time that waits for nobody."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fake_insurer import FakeInsurer, FakeTime

from tradecredit_sdk.journal import Journal


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def journal_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/journal.sqlite"
    return str(request.getfixturevalue("postgres_url"))


@pytest.fixture
def time() -> FakeTime:
    return FakeTime()


@pytest.fixture
def make_journal(journal_url: str, time: FakeTime) -> Iterator[Callable[..., Journal]]:
    """Open the journal once more, as another process would."""
    opened: list[Journal] = []

    def make(**options: Any) -> Journal:
        given = {"clock": time.now, "monotonic": time.monotonic, "sleep": time.sleep, **options}
        opened.append(Journal(journal_url, **given))
        return opened[-1]

    yield make
    for journal in opened:
        journal.close()


@pytest.fixture
def journal(make_journal: Callable[..., Journal]) -> Journal:
    return make_journal()


@pytest.fixture
def insurer(tmp_path: Path) -> FakeInsurer:
    return FakeInsurer(tmp_path / "insurer.sqlite")


@pytest.fixture
def forgetful(tmp_path: Path) -> FakeInsurer:
    """An insurer that makes two of what it is sent twice."""
    return FakeInsurer(tmp_path / "insurer.sqlite", idempotent=False)
