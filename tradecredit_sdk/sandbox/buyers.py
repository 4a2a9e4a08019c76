"""Buyers at the insurer: found, looked up, graded, and struck by insolvency."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, or_, select, union, update

from tradecredit_sdk.models.event import EventType
from tradecredit_sdk.sandbox import companies, store
from tradecredit_sdk.sandbox.problem import invalid, not_found
from tradecredit_sdk.sandbox.records import Company, Match
from tradecredit_sdk.sandbox.turn import Turn

if TYPE_CHECKING:
    from tradecredit_sdk.sandbox.engine import Engine

_BY_ID = select(store.buyers).where(store.buyers.c.id == bindparam("buyer_id"))
GRADES = (*(str(grade) for grade in range(1, 11)), "NA")


class Buyers:
    """The companies the insurer knows."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def search(
        self,
        *,
        country: str,
        name: str | None = None,
        identifiers: Sequence[tuple[str, str, str | None]] = (),
        town: str | None = None,
        postal_code: str | None = None,
        max_results: int = 10,
    ) -> tuple[Match, ...]:
        """The best hits in `country`, best first; `identifiers` are (type, value, country), an exact one scores 100."""
        with self._engine.turn() as turn:
            rows = turn.tx.execute(select(store.buyers).where(store.buyers.c.country == country)).mappings().all()
        return companies.best(
            ((companies.from_row(row), row["search_name"]) for row in rows),
            name=name,
            identifiers=[(kind, value, where or country) for kind, value, where in identifiers],
            town=town,
            postal_code=postal_code,
            max_results=max_results,
        )

    def get(self, buyer_id: str) -> Company:
        """One buyer; Problem 404 `buyer_not_found`."""
        with self._engine.turn() as turn:
            return self.find(turn, buyer_id)

    def list(
        self, *, query: str | None = None, country: str | None = None, offset: int = 0, limit: int = 50
    ) -> tuple[tuple[Company, ...], int]:
        """A part of the directory by name or id (a part of either is enough), ordered by name, and how many there are."""
        table = store.buyers
        wanted = select(table)
        if country:
            wanted = wanted.where(table.c.country == country)
        if query:
            plain = companies.plain_name(query)
            wanted = wanted.where(
                or_(
                    table.c.search_name.contains(plain, autoescape=True),
                    table.c.name.contains(query, autoescape=True),
                    table.c.id.contains(query, autoescape=True),
                    table.c.vat.contains(query.replace(" ", ""), autoescape=True),
                )
            )
        with self._engine.turn() as turn:
            rows = turn.tx.execute(wanted.order_by(table.c.search_name, table.c.id)).mappings().all()
        return tuple(companies.from_row(row) for row in rows[offset : offset + limit]), len(rows)

    def find(self, turn: Turn, buyer_id: str) -> Company:
        """`get` inside a turn."""
        row = turn.tx.execute(_BY_ID, {"buyer_id": buyer_id}).mappings().first()
        if row is None:
            raise not_found("buyer_not_found", "buyer with this id")
        return companies.from_row(row)

    def set_grade(self, buyer_id: str, grade: str) -> Company:
        """Grade a buyer anew; everyone who has to do with it hears of it."""
        if grade not in GRADES:
            raise invalid("grade", "a grade is 1 (best) to 10 or NA")
        with self._engine.turn() as turn:
            if self.find(turn, buyer_id).grade != grade:
                self._change(turn, buyer_id, EventType.BUYER_GRADE_CHANGED, grade=grade)
            return self.find(turn, buyer_id)

    def declare_insolvent(self, buyer_id: str) -> Company:
        """The buyer is insolvent: limits are withdrawn at once, what is pending is refused. Again changes nothing."""
        with self._engine.turn() as turn:
            if self.find(turn, buyer_id).status != "insolvent":
                self._change(turn, buyer_id, EventType.BUYER_INSOLVENT, status="insolvent", grade="10")
                self._engine.limits.withdraw_all(turn, buyer_id)
                self._engine.applications.refuse_pending(turn, buyer_id)
            return self.find(turn, buyer_id)

    def order_grade(self, policy_id: str, buyer_id: str) -> Company:
        """Order the grade alone, without cover; changes of it are told from then on."""
        with self._engine.turn() as turn:
            company = self.find(turn, buyer_id)
            row = {"policy_id": policy_id, "buyer_id": buyer_id, "ordered_at": turn.now}
            turn.tx.execute(store.grade_orders.insert().prefix_with("OR IGNORE"), row)
            return company

    def ordered_grades(self, policy_id: str) -> tuple[Company, ...]:
        """The buyers whose grade was ordered under a policy."""
        with self._engine.turn() as turn:
            rows = turn.tx.execute(
                select(store.buyers)
                .join(store.grade_orders, store.grade_orders.c.buyer_id == store.buyers.c.id)
                .where(store.grade_orders.c.policy_id == policy_id)
                .order_by(store.buyers.c.id)
            ).mappings()
            return tuple(companies.from_row(row) for row in rows)

    def _change(self, turn: Turn, buyer_id: str, event: EventType, **values: str) -> None:
        turn.tx.execute(update(store.buyers).where(store.buyers.c.id == buyer_id).values(**values))
        tables = (store.applications, store.limits, store.overdues, store.grade_orders)
        concerned = union(*(select(table.c.policy_id).where(table.c.buyer_id == buyer_id) for table in tables))
        for policy_id in sorted(turn.tx.scalars(concerned).all()):
            self._engine.events.emit(turn, event, policy_id, buyer_id)
