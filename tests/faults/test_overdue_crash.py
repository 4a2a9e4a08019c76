"""`kill -9` at every step of sending something about an overdue: before, during and after the insurer's commit."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fake_insurer import FakeInsurer
from overdue_calls import FIRST, KEPT, KINDS, MANY, at_work, declare_first

from tradecredit_sdk.journal import EntryState, Journal

Run = Callable[..., dict[str, Any]]
STEP = {"declare": 1, "pay": 2, "report": 2, "settle": 8, "extend": 8, "withdraw": 8}
"""Every instant of a declaration; fewer of what goes the same way through the journal."""


@pytest.fixture(scope="module")
def server() -> Iterator[Run]:
    """Let a process live until it is done or dead; tells how many instants it passed, or that it was killed."""
    script = Path(__file__).with_name("crash_server.py")
    process = subprocess.Popen([sys.executable, str(script)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def order(**what: Any) -> dict[str, Any]:
        assert process.stdout is not None
        usual = {"die_at": None, "reconcile": False, "references": [], "faults": [], "idempotent": False}
        print(json.dumps({**usual, **what}), file=process.stdin, flush=True)
        report: dict[str, Any] = json.loads(process.stdout.readline())
        assert report.get("killed", bool(report)), "the process failed; see its error output"
        return report

    with process, tempfile.TemporaryDirectory() as folder:
        for kind in KINDS:  # what a process learns only once, it learns here
            for again in (False, True):
                where = {
                    "journal": f"{folder}/{kind}.sqlite",
                    "insurer": f"{folder}/{kind}-insurer.sqlite",
                    "kind": kind,
                }
                order(**where, references=[], reconcile=again, first=True, warm=True)
                order(**where, references=["W-1"], faults=["before"], reconcile=again, warm=True)
        yield order
        assert process.stdin is not None
        process.stdin.close()


class Place:
    """One journal and one insurer, where FIRST is declared."""

    def __init__(self, folder: Path, kind: str, server: Run) -> None:
        self.journal, self.insurer = f"{folder}/journal.sqlite", folder / "insurer.sqlite"
        self.kind, self._server = kind, server
        with Journal(self.journal) as journal, at_work(FakeInsurer(self.insurer), journal) as client:
            declare_first(client)

    def __call__(self, **what: Any) -> dict[str, Any]:
        return self._server(journal=self.journal, insurer=str(self.insurer), kind=self.kind, **what)

    def check(self, references: list[str]) -> None:
        """Each arrived, each once, and the journal knows it."""
        with Journal(self.journal) as journal:
            entries = [entry for entry in journal.entries() if entry.reference != FIRST]
        assert sorted(entry.reference for entry in entries) == sorted(references)
        assert {entry.state for entry in entries} == {EntryState.ANSWERED}
        held = FakeInsurer(self.insurer).references(KEPT.get(self.kind, "change"))
        assert sorted(set(held) - {FIRST}) == sorted(references), "lost"
        assert len(held) == len(set(held)), "doubled"


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, server: Run, in_memory: Path) -> Place:
    return Place(in_memory, request.param, server)


@pytest.mark.parametrize("idempotent", [True, False], ids=["references count", "doubles possible"])
def test_killed_at_every_instant_it_arrives_once(place: Place, idempotent: bool) -> None:
    references = []
    for die_at in range(0, MANY, STEP[place.kind]):
        references.append(f"X-{die_at}")
        lived = place(references=references[-1:], idempotent=idempotent, die_at=die_at)
        if "passed" in lived:
            break
    assert 15 < die_at < MANY - STEP[place.kind], "the instants were not all reached"
    place(references=references, idempotent=idempotent, reconcile=True)
    place.check(references)


@pytest.mark.parametrize("fault", ["before", "after"])
def test_killed_while_it_asks_what_became_of_it(place: Place, fault: str) -> None:
    references = ["X-0", "X-1"]
    place(references=references, faults=[fault, fault])
    for die_at in range(0, 3 * MANY, 7):
        if "passed" in place(reconcile=True, die_at=die_at):
            break
    assert die_at < 3 * MANY - 7
    place.check(references)
