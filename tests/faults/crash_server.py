"""Forks a process per line of standard input, lets it send requests, and kills it at the instant it is told.

They are limit requests, or what `kind` names in `overdue_calls`.

Every statement, every commit and every step at the insurer is such an instant. One interpreter serves them all, so that
hundreds of deaths take seconds. Each line of output says how one process ended and what it had passed.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import signal
import sys
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

import sqlalchemy as sa
from fake_insurer import FakeInsurer
from overdue_calls import at_work, declare_first, send
from procedures import SCOPE, limit_request, perform, requesting

from tradecredit_sdk.errors import NoAnswerError
from tradecredit_sdk.journal import Journal

ENGINE_INSTANTS = ("begin", "before_cursor_execute", "after_cursor_execute", "commit")


class Instants:
    """Counts instants and dies at one of them; None lives on."""

    def __init__(self, die_at: int | None) -> None:
        self.passed = 0
        self._die_at = die_at

    def __call__(self, *_: object, **__: object) -> None:
        if self.passed == self._die_at:
            os.kill(os.getpid(), signal.SIGKILL)
        self.passed += 1


def live(order: dict[str, Any]) -> dict[str, Any]:
    """One process: do what `order` says, or die."""
    instant = Instants(order["die_at"])
    if order["die_at"] is not None:
        for name in ENGINE_INSTANTS:
            sa.event.listen(sa.Engine, name, instant)
        sa.event.listen(sa.pool.Pool, "checkin", instant)  # after the end of a transaction
    insurer = FakeInsurer(Path(order["insurer"]), idempotent=order["idempotent"])
    insurer.step = instant
    insurer.faults = order["faults"]
    with Journal(order["journal"], settle_seconds=0.02) as journal:
        if "kind" in order:
            _about_overdues(journal, insurer, order)
            return {"passed": instant.passed}
        if order["reconcile"]:
            journal.reconcile(SCOPE, [requesting(insurer)])
        for reference in order["references"]:
            with contextlib.suppress(NoAnswerError):
                perform(journal, insurer, limit_request(reference), wait_seconds=10)
    return {"passed": instant.passed}


def _about_overdues(journal: Journal, insurer: FakeInsurer, order: dict[str, Any]) -> None:
    with at_work(insurer, journal) as client:
        if order.get("first"):
            declare_first(client)
        if order["reconcile"]:
            client.overdues.reconcile()
        for reference in order["references"]:
            with contextlib.suppress(NoAnswerError):
                send(client, order["kind"], reference)


def main() -> None:
    """Serve until the end of input. Orders marked `warm` are lived by the server itself: its children need not learn."""
    for line in sys.stdin:
        if json.loads(line).get("warm"):
            print(json.dumps(live(json.loads(line))), flush=True)
            gc.collect()
            gc.freeze()
            continue
        pid = os.fork()
        if pid == 0:
            report: dict[str, Any] = {}
            try:
                report = live(json.loads(line))
            finally:
                print(json.dumps(report), flush=True)
                os._exit(0 if report else 1)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        if status:
            print(json.dumps({"killed": status == -signal.SIGKILL}), flush=True)


if __name__ == "__main__":
    main()
