"""Adverse information: what endangers payment, told by policyholders, stops cover at once (domain rules 6 and 7)."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import RowMapping, insert, select, update

from tradecredit_sdk.models.adverse import AdverseKind
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.overdue import CoverState
from tradecredit_sdk.sandbox import policies, store
from tradecredit_sdk.sandbox.overdue_rows import cover_of, cover_row
from tradecredit_sdk.sandbox.problem import Problem, invalid, not_found
from tradecredit_sdk.sandbox.records import Adverse, CoverNote, Reported, Slice
from tradecredit_sdk.sandbox.turn import Turn

if TYPE_CHECKING:
    from tradecredit_sdk.sandbox.engine import Engine


class AdverseNote(NamedTuple):
    """A report and whether it was made now; False when its reference was known with the same content."""

    adverse: Adverse
    is_new: bool


class AdverseFile:
    """What policyholders have told of their buyers."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def report(self, policy_id: str, reported: Reported) -> AdverseNote:
        """Receive a report and answer it. Problems: 404, 409 `reference_reused`, 422."""
        with self._engine.turn() as turn:
            known = self._by_reference(turn, policy_id, reported)
            if known is not None:
                return AdverseNote(known, is_new=False)
            days = policies.get_policy(policy_id).adverse_information_days
            self._engine.buyers.find(turn, reported.buyer_id)
            if reported.happened_on > turn.latest_day:
                raise invalid("happened_on", f"has not come yet: today is {turn.today}")
            if reported.outstanding is not None and reported.outstanding.amount < 0:
                raise invalid("outstanding.amount", "must not be negative")
            answer, cover = self._judge(turn, policy_id, reported)
            in_time = turn.today <= reported.happened_on + timedelta(days=days)
            if not in_time:
                answer += f" Reported more than {days} days after it happened."
            seq, made = self._engine.store.new_id(store.adverse_reports)
            owed = reported.outstanding
            row = {
                "seq": seq,
                "id": made,
                "policy_id": policy_id,
                "reference": reported.reference,
                "buyer_id": reported.buyer_id,
                "kind": reported.kind.value,
                "happened_on": reported.happened_on,
                "outstanding": None if owed is None else str(owed.amount),
                "currency": None if owed is None else owed.currency,
                "comment": reported.comment,
                "answer": answer,
                "in_time": in_time,
                "reported_at": turn.now,
                **cover_row(cover),
            }
            turn.tx.execute(insert(store.adverse_reports), row)
            if cover is not None and cover.state is CoverState.WITHDRAWN:
                self._engine.limits.withdraw_all(turn, reported.buyer_id, policy_id)
            elif cover is not None and cover.state is CoverState.STOPPED:
                self._engine.stops.renew(turn, policy_id, reported.buyer_id)
            return AdverseNote(self._find(turn, made), is_new=True)

    def get(self, report_id: str, *, policy_id: str | None = None) -> Adverse:
        """One report; Problem 404 `not_found`."""
        with self._engine.turn() as turn:
            return self._find(turn, report_id, policy_id)

    def list(
        self,
        *,
        policy_id: str | None = None,
        buyer_id: str | None = None,
        reference: str | None = None,
        after: int | None = None,
        offset: int = 0,
        limit: int = 50,
    ) -> Slice[Adverse]:
        """Reports that fit, newest first."""
        where = store.equal(store.adverse_reports, policy_id=policy_id, buyer_id=buyer_id, reference=reference)
        with self._engine.turn() as turn:
            rows, last = store.fetch_slice(
                turn.tx, store.adverse_reports, where, limit=limit, after=after, offset=offset, newest_first=True
            )
        return Slice(tuple(map(_from_row, rows)), last)

    def count(self, *, buyer_id: str | None = None) -> int:
        """How many fit."""
        with self._engine.turn() as turn:
            where = store.equal(store.adverse_reports, buyer_id=buyer_id)
            return store.count(turn.tx, store.adverse_reports, where)

    def reinstate(self, buyer_id: str) -> None:
        """The insurer covers deliveries to the buyer again from today on, whatever was reported or is still unpaid."""
        with self._engine.turn() as turn:
            self._engine.buyers.find(turn, buyer_id)
            policy_ids: set[str] = set()
            for table in (store.adverse_reports, store.overdues):
                stopped = (table.c.buyer_id == buyer_id) & (table.c.cover_state == CoverState.STOPPED.value)
                policy_ids |= set(turn.tx.scalars(select(table.c.policy_id).where(stopped)))
                values = {"cover_state": CoverState.REINSTATED.value, "reinstated_from": turn.today}
                if table is store.overdues:
                    values |= {
                        "answer": f"Cover is reinstated for deliveries from {turn.today} on.",
                        "revision": table.c.revision + 1,
                    }
                turn.tx.execute(update(table).where(stopped).values(**values))
            for policy_id in sorted(policy_ids):
                self._engine.stops.renew(turn, policy_id, buyer_id, turn.today)

    def _judge(self, turn: Turn, policy_id: str, reported: Reported) -> tuple[str, CoverNote | None]:
        if not self._engine.limits.has_cover(turn, policy_id, reported.buyer_id):
            return "Noted; no limit is in force on this buyer, and your own discretionary limit ends.", None
        if reported.kind is AdverseKind.INSOLVENCY:
            note = CoverNote(CoverState.WITHDRAWN, turn.today)
            return "Limit cancelled; deliveries from today on are not insured.", note
        if reported.kind is AdverseKind.OTHER:
            return "Noted; the limit is confirmed.", CoverNote(CoverState.CONFIRMED)
        return f"Cover stopped for deliveries from {turn.today} on.", CoverNote(CoverState.STOPPED, turn.today)

    def _by_reference(self, turn: Turn, policy_id: str, reported: Reported) -> Adverse | None:
        if reported.reference is None:
            return None
        table = store.adverse_reports
        query = select(table).where(table.c.policy_id == policy_id, table.c.reference == reported.reference)
        row = turn.tx.execute(query).mappings().first()
        if row is None:
            return None
        known = _from_row(row)
        if known.reported != reported:
            raise Problem(409, "reference_reused", f"This reference was used for {known.id}, with other content.")
        return known

    def _find(self, turn: Turn, report_id: str, policy_id: str | None = None) -> Adverse:
        table = store.adverse_reports
        row = turn.tx.execute(select(table).where(table.c.id == report_id)).mappings().first()
        if row is None or policy_id not in (None, row["policy_id"]):
            raise not_found("not_found", "adverse report with this id")
        return _from_row(row)


def _from_row(row: RowMapping) -> Adverse:
    reported = Reported(
        row["buyer_id"],
        AdverseKind(row["kind"]),
        row["happened_on"],
        None if row["outstanding"] is None else Money(row["outstanding"], row["currency"]),
        row["comment"],
        row["reference"],
    )
    return Adverse(
        row["id"], row["policy_id"], reported, row["answer"], cover_of(row), row["in_time"], row["reported_at"]
    )
