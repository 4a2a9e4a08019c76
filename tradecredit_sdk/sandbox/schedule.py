"""What falls due by itself: decisions of the underwriter, reviews, announced changes, the end of temporary limits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timezone

from sqlalchemy import Connection, delete, func, insert, select

from tradecredit_sdk.sandbox.store import due_work
from tradecredit_sdk.sandbox.turn import Turn

Handler = Callable[[Turn, str], None]


def start_of(day: date) -> datetime:
    """The first instant of a UTC day."""
    return datetime(day.year, day.month, day.day, tzinfo=timezone.utc)


class Schedule:
    """Work that waits in the store; the earliest moment is kept at hand, so that asking whether something is due costs nothing."""

    def __init__(self) -> None:
        self._handlers: dict[str, Handler] = {}
        self.next_at: datetime | None = None
        self.on_change: Callable[[], None] = lambda: None

    def handle(self, task: str, handler: Handler) -> None:
        """Name who does `task`; the handler is given a turn at the instant at which it was due, and the subject's id."""
        self._handlers[task] = handler

    def add(self, turn: Turn, due_at: datetime, task: str, subject: str) -> None:
        """Do `task` on `subject` when the sandbox clock reaches `due_at`."""
        turn.tx.execute(insert(due_work), {"due_at": due_at, "task": task, "subject": subject})
        if self.next_at is None or due_at < self.next_at:
            self.next_at = due_at
            self.on_change()

    def drop(self, turn: Turn, subject: str) -> None:
        """Nothing more is to be done about `subject`."""
        if self.next_at is not None:
            turn.tx.execute(delete(due_work).where(due_work.c.subject == subject))

    def is_due(self, now: datetime) -> bool:
        """Whether `do_next` has something to do."""
        return self.next_at is not None and self.next_at <= now

    def do_next(self, tx: Connection, now: datetime) -> None:
        """Do the piece of work that fell due first, in the transaction that takes it off the list."""
        query = select(due_work).where(due_work.c.due_at <= now).order_by(due_work.c.due_at, due_work.c.seq).limit(1)
        row = tx.execute(query).mappings().first()
        if row is not None:
            tx.execute(delete(due_work).where(due_work.c.seq == row["seq"]))
            self._handlers[row["task"]](Turn(tx, row["due_at"]), row["subject"])
        self.load(tx)

    def load(self, tx: Connection) -> None:
        """Look up the earliest moment anew."""
        self.next_at = tx.scalar(select(func.min(due_work.c.due_at)))
