"""Events: what happened, in order, for polling and for webhooks."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any

from sqlalchemy import RowMapping, insert

from tradecredit_sdk.models.event import EventType
from tradecredit_sdk.sandbox import store
from tradecredit_sdk.sandbox.records import Event, Slice
from tradecredit_sdk.sandbox.turn import Turn

if TYPE_CHECKING:
    from tradecredit_sdk.sandbox.engine import Engine


_INSERT = insert(store.events)


class Events:
    """The insurer's log, one for each policy."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def list(
        self,
        *,
        policy_id: str | None = None,
        buyer_id: str | None = None,
        after: int | None = None,
        offset: int = 0,
        limit: int = 50,
        newest_first: bool = False,
    ) -> Slice[Event]:
        """Events, oldest first unless told otherwise."""
        where = store.equal(store.events, policy_id=policy_id, buyer_id=buyer_id)
        with self._engine.turn() as turn:
            rows, last = store.fetch_slice(
                turn.tx, store.events, where, limit=limit, after=after, offset=offset, newest_first=newest_first
            )
        return Slice(tuple(map(from_row, rows)), last)

    def poll(self, policy_id: str, *, after: int = 0, limit: int = 50) -> tuple[tuple[Event, ...], int]:
        """The events after number `after`, oldest first, and the number to go on from next time."""
        with self._engine.turn() as turn:
            rows, _ = store.fetch_slice(
                turn.tx, store.events, store.equal(store.events, policy_id=policy_id), limit=limit, after=after
            )
        return tuple(map(from_row, rows)), rows[-1]["seq"] if rows else after

    def count(self, *, policy_id: str | None = None, buyer_id: str | None = None) -> int:
        """How many there are."""
        with self._engine.turn() as turn:
            return store.count(turn.tx, store.events, store.equal(store.events, policy_id=policy_id, buyer_id=buyer_id))

    def emit(self, turn: Turn, kind: EventType, policy_id: str, buyer_id: str, **subject: str | None) -> None:
        """Write an event down and send it on its way; `subject` is application_id, limit_id or overdue_id."""
        seq, made = self._engine.store.new_id(store.events)
        row: dict[str, Any] = {
            "seq": seq,
            "id": made,
            "type": kind.value,
            "occurred_at": turn.now,
            "policy_id": policy_id,
            "buyer_id": buyer_id,
            **dict.fromkeys(("application_id", "limit_id", "overdue_id")),
            **subject,
        }
        turn.tx.execute(_INSERT, row)
        self._engine.webhooks.enqueue(turn, policy_id, made, buyer_id)


def from_row(row: RowMapping) -> Event:
    """Back from the database."""
    values = {field.name: row[field.name] for field in fields(Event)}
    return Event(**{**values, "type": EventType(row["type"])})
