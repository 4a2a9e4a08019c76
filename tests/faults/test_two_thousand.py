"""Two thousand requests through an insurer that breaks three exchanges in ten, by processes that are killed on the way.

At the end the insurer holds each request exactly once, and the journal knows of every one what came of it.
"""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import requests
import sender

from tradecredit_sdk import EntryState, Journal, NoAnswerError

SECONDS = 500
"""Far more than it takes, for machines that are busy with something else."""

KINDS = ["latency", "500", "503", "429", "reset_before", "reset_after", "truncate", "garbage"]


class Sandbox:
    """The insurer's other side, where nothing is broken."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.session = requests.Session()

    def control(self, method: str, path: str, **options: Any) -> Any:
        answer = self.session.request(method, f"{self.url}/sandbox/v1/{path}", timeout=30, **options)
        answer.raise_for_status()
        return answer.json()

    def break_exchanges(self, rate: float, **settings: Any) -> None:
        faults = {"rate": rate, "seed": 7, "kinds": KINDS, "latency_seconds": 0.02, "retry_after_seconds": 0}
        self.control("PUT", "faults", json={**faults, "count": None, **settings})

    def received(self) -> int:
        count: int = self.control("GET", "overview")["counts"]["applications"]
        return count

    def all(self, what: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = []
        while True:
            page = self.control("GET", what, params={"page": len(rows) // 200 + 1, "page_size": 200})
            rows += page["items"]
            if len(rows) >= page["total"] or not page["items"]:
                return rows


@pytest.fixture(scope="module")
def served() -> Iterator[Sandbox]:
    """A sandbox as a user starts it."""
    command = [sys.executable, "-m", "tradecredit_sdk.cli", "sandbox", "serve", "--port", "0"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, encoding="utf-8")
    assert server.stdout is not None
    try:
        url = next(line for line in server.stdout if "BASE_URL" in line and "/open/" in line)
        made = Sandbox(url.split("=", 1)[1].strip().removesuffix("/open/v1"))
        yield made
        made.session.close()
    finally:
        server.send_signal(signal.SIGINT)
        server.communicate(timeout=20)


@pytest.fixture
def sandbox(served: Sandbox) -> Sandbox:
    """Begun anew for this test."""
    served.control("POST", "reset")
    return served


class Senders:
    """Some sending processes, and the hand that kills them."""

    def __init__(self, orders: list[dict[str, Any]]) -> None:
        self._orders = orders
        self._pids: list[int] = []

    def __enter__(self) -> Senders:
        command = [sys.executable, str(Path(sender.__file__))]
        self._parent = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self._pids = [self._tell(order) for order in self._orders]
        return self

    def __exit__(self, *_: object) -> None:
        for pid in self._pids:
            if self._tell({"end_of": pid}) is None:
                os.kill(pid, signal.SIGKILL)
        self._parent.communicate(timeout=20)

    def _tell(self, what: dict[str, Any]) -> Any:
        assert self._parent.stdin is not None
        assert self._parent.stdout is not None
        print(json.dumps(what), file=self._parent.stdin, flush=True)
        return json.loads(self._parent.stdout.readline())

    def are_at_work(self) -> bool:
        return any(self._tell({"end_of": pid}) is None for pid in self._pids)

    def kill_one(self, chance: random.Random) -> bool:
        """kill -9, and start it again; False when all are done. The dead one is not even buried at once."""
        running = [index for index, pid in enumerate(self._pids) if self._tell({"end_of": pid}) is None]
        if not running:
            return False
        index = chance.choice(running)
        os.kill(self._pids[index], signal.SIGKILL)
        self._pids[index] = self._tell(self._orders[index])
        return True

    def wait(self, until: float) -> None:
        while self._pids:
            assert time.monotonic() < until, "too slow"
            code = self._tell({"end_of": self._pids[-1]})
            assert code in (None, 0), "a sender gave up; see its error output"
            if code == 0:
                self._pids.pop()
            time.sleep(0.05)


def send_and_kill(
    sandbox: Sandbox, orders: list[dict[str, Any]], *, total: int, kills: int, seed: int, seconds: float
) -> None:
    """Let the senders work; kill one each time another share has arrived at the insurer, after a random moment."""
    chance = random.Random(seed)
    until = time.monotonic() + seconds
    with Senders(orders) as senders:
        for number in range(kills):
            while sandbox.received() < number * total // (kills + 1):
                assert senders.are_at_work(), "all senders have ended early; see their error output"
                assert time.monotonic() < until, "too slow"
                time.sleep(0.05)
            time.sleep(chance.uniform(0, 0.3))
            assert senders.kill_one(chance)
        senders.wait(until)


def open_orders(sandbox: Sandbox, journal: str, total: int, senders: int) -> list[dict[str, Any]]:
    """Neighbours share a tenth of the numbers, so that they also meet on the same reference."""
    buyers = [buyer["id"] for buyer in sandbox.all("buyers") if buyer["status"] == "active"]
    share = total // senders + 1
    common = {
        "insurer": "open",
        "base_url": f"{sandbox.url}/open/v1",
        "journal": journal,
        "buyers": buyers,
        "settle_seconds": 1,
        "seconds": SECONDS,
        "tries": None,
    }
    starts = [index * share for index in range(senders)]
    return [
        {**common, "seed": start, "attempts": 1 + start % 2, "numbers": [start, min(start + share * 11 // 10, total)]}
        for start in starts
    ]


def check(sandbox: Sandbox, journal: Journal, total: int) -> None:
    references = {f"R-{number}" for number in range(total)}
    entries = list(journal.entries())
    assert {entry.reference for entry in entries} == references
    assert len(entries) == total
    assert Counter(entry.state for entry in entries) == {EntryState.ANSWERED: total}
    held = sandbox.all("applications")
    assert len(held) == total, "lost or doubled"
    assert {row["reference"]: row["id"] for row in held} == {entry.reference: entry.insurer_id for entry in entries}


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.parametrize(
    ("total", "senders", "kills", "database"),
    [(2000, 3, 15, "sqlite"), pytest.param(200, 2, 5, "postgresql", marks=pytest.mark.postgres)],
)
def test_nothing_is_lost_and_nothing_doubled(
    sandbox: Sandbox,
    in_memory: Path,
    request: pytest.FixtureRequest,
    total: int,
    senders: int,
    kills: int,
    database: str,
) -> None:
    url = f"{in_memory}/journal.sqlite" if database == "sqlite" else str(request.getfixturevalue("postgres_url"))
    orders = open_orders(sandbox, url, total, senders)
    sandbox.break_exchanges(0.3)
    send_and_kill(sandbox, orders, total=total, kills=kills, seed=11, seconds=SECONDS)
    with Journal(url, settle_seconds=1) as journal, sender.make_client(orders[0], journal) as client:
        sandbox.break_exchanges(0)
        client.limits.reconcile()
        check(sandbox, journal, total)
        asked_before = sandbox.received()
        for number in range(0, total, 97):  # and whoever asks again gets what is there
            assert sender.ask(client, orders[0], number).reference == f"R-{number}"
        assert sandbox.received() == asked_before


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_an_insurer_that_keeps_no_reference_gets_nothing_twice(sandbox: Sandbox, in_memory: Path) -> None:
    """What it cannot tell stays unknown, and is there exactly once: nobody repeats it on a guess."""
    total = 200
    url = f"{in_memory}/journal.sqlite"
    (order, *_) = open_orders(sandbox, url, total, 1)
    assert len(set(order["buyers"][:total])) == total, "one request for each company"
    place = {"insurer": "allianz-trade", "base_url": f"{sandbox.url}/allianz-trade"}
    half = [[0, total * 6 // 10], [total * 4 // 10, total]]
    orders = [
        {**order, **place, "attempts": 3, "tries": 2, "seed": seed, "numbers": numbers}
        for seed, numbers in enumerate(half)
    ]
    # Not the call for a token: after a failed one there is a pause, in which the tries would be used up.
    sandbox.break_exchanges(0.3, paths=["/allianz-trade/riskinfo"])
    send_and_kill(sandbox, orders, total=total, kills=5, seed=5, seconds=SECONDS)
    sandbox.break_exchanges(0)
    with Journal(url, settle_seconds=1) as journal, sender.make_client(orders[0], journal) as client:
        insurer: Any = client._desk.insurer
        insurer._now = lambda: datetime.now(timezone.utc) + timedelta(minutes=20)  # a job has had its time to show
        still = [one for one in client.limits.reconcile() if not one.is_definite]
        entries = list(journal.entries())
    assert {entry.reference for entry in entries} == {f"R-{number}" for number in range(total)}
    received = Counter(row["buyer_id"] for row in sandbox.all("applications"))
    assert received == dict.fromkeys(order["buyers"][:total], 1), "lost or doubled"
    states = Counter(entry.state for entry in entries)
    assert states[EntryState.ANSWERED] + states[EntryState.UNKNOWN] == total
    assert states[EntryState.ANSWERED] > total * 8 // 10
    assert {one.entry.reference for one in still} == {e.reference for e in entries if e.state is EntryState.UNKNOWN}
    assert all(isinstance(one.error, NoAnswerError) and one.error.reference == one.entry.reference for one in still)
