"""The insurer behind the sandbox: buyers, applications, limits, overdues, events and webhooks, on a clock that moves.

    engine = Engine(state="sandbox.db", now=datetime(2026, 3, 31, 8, tzinfo=timezone.utc))
    receipt = engine.applications.submit("DEMO-001", Asked(buyer_id="900000001", amount=Money("50000", "EUR"), reference="REQ-1"))
    engine.advance(days=30)
    engine.limits.list(policy_id="DEMO-001", buyer_id="900000001").items

Every call is one *turn*: it is alone, happens at one instant of the sandbox clock, and is committed as a whole or not
at all. Before a turn begins, all work that has fallen due since the last one is done, in the order in which it was due
and at the instant at which it was due, each piece exactly once. Refusals are raised as `Problem`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta, timezone
from pathlib import Path

from sqlalchemy import insert, select, update

from tradecredit_sdk.models.limit import LimitState
from tradecredit_sdk.sandbox import companies, store
from tradecredit_sdk.sandbox.adverse import AdverseFile
from tradecredit_sdk.sandbox.applications import Applications
from tradecredit_sdk.sandbox.buyers import Buyers
from tradecredit_sdk.sandbox.clock import Clock
from tradecredit_sdk.sandbox.events import Events
from tradecredit_sdk.sandbox.limits import Limits
from tradecredit_sdk.sandbox.overdues import Overdues
from tradecredit_sdk.sandbox.problem import invalid
from tradecredit_sdk.sandbox.schedule import Schedule
from tradecredit_sdk.sandbox.stops import Stops
from tradecredit_sdk.sandbox.store import StateFileError, Store
from tradecredit_sdk.sandbox.turn import Turn
from tradecredit_sdk.sandbox.webhooks import Webhooks

_LATEST = datetime(2200, 1, 1, tzinfo=timezone.utc)
_MAX_MOVE = timedelta(days=3660)


class Engine:
    """One insurer.

    `state` None keeps everything in memory. `now` starts the clock at that moment, None at the real one; a state file
    goes on with its own clock. `underwriter_seconds` is how long a referred application takes, on the sandbox clock;
    the calls of a webhook are `webhook_seconds` of real time apart, `webhook_calls` in all. `wall` is for tests.
    Raises StateFileError when the file cannot be used.
    """

    def __init__(
        self,
        state: Path | str | None = None,
        *,
        now: datetime | None = None,
        underwriter_seconds: float = 3.0,
        webhook_seconds: float = 30.0,
        webhook_calls: int = 3,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._wall, self._start = wall, now
        self.clock = Clock(now, wall)
        self.store = Store(state)
        self.schedule = Schedule()
        self.events = Events(self)
        self.buyers = Buyers(self)
        self.applications = Applications(self, underwriter_seconds)
        self.limits = Limits(self)
        self.stops = Stops(self)
        self.overdues = Overdues(self)
        self.adverse = AdverseFile(self)
        self.webhooks = Webhooks(self, webhook_seconds, webhook_calls, wall)
        try:
            self._begin(state)
        except BaseException:
            self.close()
            raise

    # ------------------------------------------------------------------ turns

    @contextmanager
    def turn(self) -> Iterator[Turn]:
        """Alone, at one instant, as a whole; due work is done first. For the parts of the engine and for the faces."""
        with self.store.lock:
            now = self.clock.now()
            self._do_due_work(now)
            with self.store.begin() as tx:
                yield Turn(tx, now)

    def tick(self) -> None:
        """Do what has fallen due."""
        with self.store.lock:
            self._do_due_work(self.clock.now())

    def _do_due_work(self, now: datetime) -> None:
        while self.schedule.is_due(now):
            with self.store.begin() as tx:
                self.schedule.do_next(tx, now)

    # ------------------------------------------------------------------ clock

    def now(self) -> datetime:
        """The present moment of the sandbox clock, aware, UTC, milliseconds."""
        return self.clock.now()

    def advance(self, *, days: float = 0, seconds: float = 0) -> datetime:
        """Let time pass at once and do everything that falls due on the way; returns the new moment."""
        step = timedelta(days=days, seconds=seconds)
        if not timedelta(0) <= step <= _MAX_MOVE:
            raise invalid("advance_days", "the clock moves forward, at most ten years at a time")
        with self.store.lock:
            if self.clock.now() + step > _LATEST:
                raise invalid("advance_days", f"the clock ends in {_LATEST.year}; reset the sandbox to begin anew")
            self.clock.move(step.total_seconds())
            self._save_clock()
            self.tick()
            return self.clock.now()

    def set_now(self, moment: datetime) -> datetime:
        """Move the clock forward to `moment`."""
        with self.store.lock:
            step = moment - self.clock.now()
            if step < timedelta(0):
                raise invalid("now", "the clock only moves forward; reset the sandbox to begin anew")
            return self.advance(seconds=step.total_seconds())

    # ------------------------------------------------------------------ whole

    def overview(self) -> dict[str, int]:
        """How many there are of each thing: buyers, applications, pending, limits, limits_in_force, overdues, events, deliveries."""
        tables = ("buyers", "applications", "limits", "overdues", "events", "deliveries")
        with self.turn() as turn:
            numbers = {name: store.count(turn.tx, getattr(store, name)) for name in tables}
        pending = self.applications.count(state=LimitState.REFERRED)
        return {**numbers, "pending": pending, "limits_in_force": self.limits.count(live_only=True)}

    def reset(self) -> None:
        """Begin anew: companies as in the file, nothing asked, clock at its start. Webhooks are forgotten, too."""
        with self.store.lock:
            self.store.clear()
            self.webhooks.forget_cache()
            self.overdues.acknowledge_seconds = 0.0
            self.clock = Clock(self._start, self._wall)
            self._fill()

    def close(self) -> None:
        """Let go of the state file; may be called twice."""
        self.store.close()

    def _begin(self, state: Path | str | None) -> None:
        with self.store.begin() as tx:
            offset = tx.scalar(select(store.settings.c.value).where(store.settings.c.key == "offset_seconds"))
        if offset is None:
            self._fill()
            return
        kept = Clock(wall=self._wall)
        kept.offset_seconds = float(offset)
        if self._start is not None and self._start < kept.now() - timedelta(seconds=1):
            raise StateFileError(
                f"the clock of {state} already stands at {kept.now():%Y-%m-%dT%H:%M:%SZ} and cannot go back; "
                "leave out --now or choose another --state file"
            )
        if self._start is None:
            self.clock = kept
        self._save_clock()
        with self.store.begin() as tx:
            self.schedule.load(tx)

    def _fill(self) -> None:
        with self.store.begin() as tx:
            tx.execute(insert(store.buyers), [companies.as_row(company) for company in companies.from_file()])
            tx.execute(insert(store.settings), {"key": "offset_seconds", "value": repr(self.clock.offset_seconds)})
            self.schedule.load(tx)

    def _save_clock(self) -> None:
        with self.store.begin() as tx:
            row = update(store.settings).where(store.settings.c.key == "offset_seconds")
            tx.execute(row.values(value=repr(self.clock.offset_seconds)))
