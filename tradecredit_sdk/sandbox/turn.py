"""One turn at the insurer's desk: a transaction and the instant at which it happens."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection


@dataclass(frozen=True, slots=True)
class Turn:
    """`tx` is the open transaction, `now` the sandbox's moment; work that fell due earlier happens at its own moment."""

    tx: Connection
    now: datetime

    @property
    def today(self) -> date:
        """The UTC day of `now`."""
        return self.now.date()

    @property
    def latest_day(self) -> date:
        """The latest day that has begun anywhere on earth: what happened "today" east of here has happened."""
        return (self.now + timedelta(hours=14)).date()
