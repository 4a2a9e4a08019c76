"""Stops of cover: while one lasts, nothing that is newly delivered to the buyer is insured (domain rules 6 to 8).

One stop for each policy and buyer. Its causes are overdues that are open and adverse reports nobody has lifted; when the
last of them is gone, cover is reinstated: as if it had never stopped, or from a day on.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import delete, insert, select

from tradecredit_sdk.models.event import EventType
from tradecredit_sdk.models.limit import StopReason
from tradecredit_sdk.models.overdue import CoverState, OverdueState
from tradecredit_sdk.sandbox import store
from tradecredit_sdk.sandbox.records import Stop
from tradecredit_sdk.sandbox.turn import Turn

if TYPE_CHECKING:
    from tradecredit_sdk.sandbox.engine import Engine


class Cause(NamedTuple):
    """Why cover is stopped, and from when."""

    since: date
    reason: StopReason
    overdue_id: str | None


class Stops:
    """Which buyers nothing more may be delivered to under cover."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def of(self, turn: Turn, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Stop]:
        """The stops by policy and buyer, those among `keys` that have one."""
        wanted = set(keys)
        table = store.cover_stops
        query = select(table).where(table.c.buyer_id.in_({buyer_id for _, buyer_id in wanted}))
        return {
            (row["policy_id"], row["buyer_id"]): Stop(
                row["since"], row["until"], StopReason(row["reason"]), row["overdue_id"]
            )
            for row in turn.tx.execute(query).mappings()
            if (row["policy_id"], row["buyer_id"]) in wanted
        }

    def renew(self, turn: Turn, policy_id: str, buyer_id: str, reinstated_from: date | None = None) -> None:
        """Stop cover or reinstate it, as its causes are now; `reinstated_from` for when none is left.

        Tells when cover stops, stops from an earlier day or for another reason, and when it is reinstated.
        """
        key = (policy_id, buyer_id)
        before = self.of(turn, [key]).get(key)
        lasting = before if before is not None and before.until is None else None
        causes = self._causes(turn, policy_id, buyer_id)
        if not causes:
            if lasting is not None:
                day = reinstated_from or turn.today
                gap = None if day <= lasting.since else Stop(lasting.since, day, lasting.reason, lasting.overdue_id)
                self._write(turn, key, gap)
                subject = {"overdue_id": lasting.overdue_id}
                self._engine.events.emit(turn, EventType.COVER_REINSTATED, policy_id, buyer_id, **subject)
            return
        first = min(causes, key=lambda cause: (cause.since, cause.overdue_id or ""))
        now = Stop(first.since, None, first.reason, first.overdue_id)
        if now != lasting:
            self._write(turn, key, now)
            self._engine.events.emit(turn, EventType.COVER_STOPPED, policy_id, buyer_id, overdue_id=now.overdue_id)

    def _causes(self, turn: Turn, policy_id: str, buyer_id: str) -> list[Cause]:
        overdues, reports, found = store.overdues, store.adverse_reports, []
        query = select(overdues).where(
            overdues.c.policy_id == policy_id,
            overdues.c.buyer_id == buyer_id,
            overdues.c.cover_state == CoverState.STOPPED.value,
        )
        for row in turn.tx.execute(query).mappings():
            in_collection = row["stage"] == OverdueState.IN_COLLECTION.value
            reason = StopReason.COLLECTION if in_collection else StopReason.OVERDUE
            found.append(Cause(row["stopped_from"], reason, row["id"]))
        query = select(reports.c.stopped_from).where(
            reports.c.policy_id == policy_id,
            reports.c.buyer_id == buyer_id,
            reports.c.cover_state == CoverState.STOPPED.value,
        )
        return found + [Cause(day, StopReason.ADVERSE, None) for day in turn.tx.scalars(query)]

    def _write(self, turn: Turn, key: tuple[str, str], stop: Stop | None) -> None:
        table, (policy_id, buyer_id) = store.cover_stops, key
        turn.tx.execute(delete(table).where(table.c.policy_id == policy_id, table.c.buyer_id == buyer_id))
        if stop is not None:
            facts = {"since": stop.since, "until": stop.until, "reason": stop.reason.value}
            row = {"policy_id": policy_id, "buyer_id": buyer_id, **facts, "overdue_id": stop.overdue_id}
            turn.tx.execute(insert(table), row)
