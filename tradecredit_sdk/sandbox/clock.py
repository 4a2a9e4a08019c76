"""The sandbox clock: real time plus an offset, so that ninety days can pass in a moment."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta, timezone


class Clock:
    """Runs in real time from `start` (None: from now) and can be moved forward; milliseconds, UTC."""

    def __init__(self, start: datetime | None = None, wall: Callable[[], float] = time.time) -> None:
        if start is not None and start.tzinfo is None:
            raise ValueError("the start of the clock needs its time zone")
        self._wall = wall
        self.offset_seconds = 0.0 if start is None else start.timestamp() - wall()

    def now(self) -> datetime:
        """The sandbox's present moment."""
        milliseconds = int((self._wall() + self.offset_seconds) * 1000)
        return datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(milliseconds=milliseconds)

    def move(self, seconds: float) -> None:
        """Let `seconds` pass at once."""
        self.offset_seconds += seconds


def moment(value: datetime) -> str:
    """ISO 8601 in UTC with Z; milliseconds only where there are some."""
    return value.isoformat(timespec="milliseconds" if value.microsecond else "seconds").replace("+00:00", "Z")
