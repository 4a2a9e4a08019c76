"""A process that dies at any instant and is started again neither loses a request nor sends it twice."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fake_insurer import FakeInsurer

from tradecredit_sdk.journal import EntryState, Journal

Run = Callable[..., dict[str, Any]]
MOST_INSTANTS = 60
SITUATIONS: dict[str, list[str]] = {"answer comes": [], "answer lost": ["after"], "request lost": ["before"]}


@pytest.fixture(scope="module")
def server() -> Iterator[Run]:
    """Let a process live until it is done or dead; tells how many instants it passed, or that it was killed."""
    script = Path(__file__).with_name("crash_server.py")
    process = subprocess.Popen([sys.executable, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def order(die_at: int | None = None, **what: Any) -> dict[str, Any]:
        assert process.stdout is not None
        lived = {"die_at": die_at, "reconcile": False, "references": [], "faults": [], "idempotent": False, **what}
        print(json.dumps(lived), file=process.stdin, flush=True)
        report: dict[str, Any] = json.loads(process.stdout.readline())
        assert report.get("killed", bool(report)), "the process failed; see its error output"
        return report

    with process:
        yield order
        assert process.stdin is not None
        process.stdin.close()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def run(request: pytest.FixtureRequest, server: Run, in_memory: Path) -> Run:
    """The same, with one journal and one insurer."""
    url = f"{in_memory}/journal.sqlite" if request.param == "sqlite" else request.getfixturevalue("postgres_url")
    for again in (False, True):  # both ways, and asking and repeating on the second
        faults = ["before", "before"] if not again else []
        where = {"journal": url, "insurer": f"{in_memory}/insurer.sqlite"}
        server(**where, references=["R-warm"], faults=faults, reconcile=again, warm=True)

    def order(**what: Any) -> dict[str, Any]:
        return server(journal=url, insurer=f"{in_memory}/insurer.sqlite", **what)

    order.journal, order.insurer = url, in_memory / "insurer.sqlite"  # type: ignore[attr-defined]
    return order


def check(run: Any, references: list[str], attempts: int = 2) -> None:
    with Journal(run.journal) as journal:
        entries = list(journal.entries())
    assert sorted(entry.reference for entry in entries) == sorted(["R-warm", *references])
    assert {entry.state for entry in entries} == {EntryState.ANSWERED}
    assert max(entry.attempts for entry in entries) <= attempts
    assert len({entry.insurer_id for entry in entries}) == len(entries)
    assert sorted(FakeInsurer(run.insurer).references()) == sorted(["R-warm", *references]), "lost or doubled"


@pytest.mark.parametrize("idempotent", [True, False], ids=["references count", "doubles possible"])
@pytest.mark.parametrize("again", ["perform", "reconcile"])
def test_killed_once(run: Run, idempotent: bool, again: str) -> None:
    references = []
    for die_at in range(MOST_INSTANTS):
        references.append(f"R-{die_at}")
        lived = run(references=references[-1:], idempotent=idempotent, die_at=die_at)
        if "passed" in lived:
            break
    assert 15 < die_at < MOST_INSTANTS - 1, "the instants were not all reached"
    # Who died before it wrote anything down has asked for nothing, so all are performed again even after reconciling.
    run(references=references, idempotent=idempotent, reconcile=again == "reconcile")
    check(run, references)


@pytest.mark.parametrize("situation", SITUATIONS)
def test_killed_again_while_it_settles_what_was_left(run: Run, situation: str) -> None:
    """The first one leaves an outcome, maybe unknown; the second dies at each instant of asking and repeating."""
    references = [f"R-{number}" for number in range(MOST_INSTANTS)]
    run(references=references, faults=SITUATIONS[situation] * MOST_INSTANTS)
    for die_at in range(MOST_INSTANTS):
        lived = run(references=references[die_at : die_at + 1], die_at=die_at)
        if "passed" in lived:
            break
    assert (3 if situation == "answer comes" else 15) < die_at < MOST_INSTANTS - 1, "the instants were not all reached"
    run(references=references, reconcile=True)
    check(run, references, attempts=3)


@pytest.mark.parametrize("situation", ["answer lost", "request lost"])
def test_killed_while_it_reconciles_all(run: Run, situation: str) -> None:
    references = [f"R-{number}" for number in range(3)]
    run(references=references, faults=SITUATIONS[situation] * len(references))
    for die_at in range(5, 5 * MOST_INSTANTS, 5):
        lived = run(reconcile=True, die_at=die_at)
        if "passed" in lived:
            break
    assert "passed" in lived
    check(run, references, attempts=1 + die_at // 5)


def test_killed_while_it_makes_the_journal(server: Run, in_memory: Path) -> None:
    for die_at in range(MOST_INSTANTS):
        where = {"journal": f"{in_memory}/{die_at}.sqlite", "insurer": f"{in_memory}/insurer.sqlite"}
        first = server(**where, references=[f"R-{die_at}"], die_at=die_at)
        with Journal(where["journal"]) as journal:
            journal.open()
            assert len(list(journal.entries())) <= 1
        if "passed" in first:
            break
    assert 20 < die_at < MOST_INSTANTS - 1, "the instants were not all reached"
