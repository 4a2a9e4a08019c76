"""An honest insurer in a file: it keeps what it was sent, loses answers when told to, and duplicates when it may.

Several processes can share one by its path. It is no double of any real insurer's wire; it only keeps the promises of
`tradecredit_sdk.insurers.base.Insurer`.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

from tradecredit_sdk.errors import ConflictError, NoAnswerError, NotFoundError, TradeCreditError
from tradecredit_sdk.insurers.base import Capabilities, InsurerBase, Operation
from tradecredit_sdk.models.adverse import AdverseReceipt, AdverseReport
from tradecredit_sdk.models.buyer import Buyer, BuyerQuery
from tradecredit_sdk.models.event import Event
from tradecredit_sdk.models.limit import CreditLimit, LimitApplication, LimitDecision, LimitRequest
from tradecredit_sdk.models.overdue import Overdue, OverdueChange, OverdueDeclaration
from tradecredit_sdk.models.page import Page
from tradecredit_sdk.models.policy import Policy

EPOCH = datetime(2026, 3, 31, 8, tzinfo=timezone.utc)
ALL = Capabilities(operations=frozenset(Operation), idempotent_reference=True)


class FakeInsurer(InsurerBase):
    """`faults` are used up one per sending: "before" (lost, not kept), "after" (kept, answer lost), "late", or an error.

    A request sent with the fault "late" is kept when `arrive()` is called. `step` is called before and after keeping.
    """

    name = "fake"

    def __init__(self, path: Path, *, idempotent: bool = True, capabilities: Capabilities = ALL) -> None:
        self.path = path
        self.capabilities = replace(capabilities, idempotent_reference=idempotent)
        self.faults: list[str | TradeCreditError] = []
        self.find_errors: list[TradeCreditError] = []
        self.sent: list[tuple[str, Any]] = []
        self.closed = 0
        self.step: Callable[[str], None] = lambda name: None
        self.decide_at_once = True
        self.wanted_documents: tuple[str, ...] = ()
        self.polls_until_decided = 0
        self._late: list[Callable[[], Any]] = []
        with self._db() as db:
            db.execute("CREATE TABLE IF NOT EXISTS kept (id INTEGER PRIMARY KEY, kind TEXT, reference TEXT, body TEXT)")

    def _db(self) -> Any:
        return closing(sqlite3.connect(self.path, timeout=30, isolation_level=None))

    def kept(self, kind: str) -> list[dict[str, Any]]:
        """What it holds, oldest first."""
        with self._db() as db:
            rows = db.execute("SELECT id, body FROM kept WHERE kind = ? ORDER BY id", (kind,)).fetchall()
        return [{**json.loads(body), "id": f"{kind}-{number}"} for number, body in rows]

    def references(self, kind: str = "application") -> list[str]:
        """References of all that is held, doubles included."""
        return [row["reference"] for row in self.kept(kind)]

    def arrive(self) -> None:
        """What was under way arrives."""
        for keep in self._late:
            keep()
        self._late.clear()

    def _receive(self, kind: str, request: Any) -> dict[str, Any]:
        self.sent.append((kind, request))
        fault = self.faults.pop(0) if self.faults else None
        if isinstance(fault, TradeCreditError):
            raise fault
        if fault == "before":
            raise NoAnswerError("reset", attempts=1)
        if fault == "late":
            self._late.append(lambda: self._keep(kind, request))
            raise NoAnswerError("reset", attempts=1)
        self.step("before keeping")
        kept = self._keep(kind, request)
        self.step("after keeping")
        if fault == "after":
            raise NoAnswerError("reset", attempts=1)
        return kept

    def _keep(self, kind: str, request: Any) -> dict[str, Any]:
        body = request.model_dump(mode="json")
        with self._db() as db:
            db.execute("BEGIN IMMEDIATE")
            row = db.execute(
                "SELECT id, body FROM kept WHERE kind = ? AND reference = ?", (kind, request.reference)
            ).fetchone()
            if row is None or not self.capabilities.idempotent_reference:
                insert = "INSERT INTO kept (kind, reference, body) VALUES (?, ?, ?)"
                row = (db.execute(insert, (kind, request.reference, json.dumps(body))).lastrowid, json.dumps(body))
            elif json.loads(row[1]) != body:
                db.execute("ROLLBACK")
                raise ConflictError("reference reused", code="reference_reused", status_code=409)
            db.execute("COMMIT")
        return {**json.loads(row[1]), "id": f"{kind}-{row[0]}"}

    def _find(self, kind: str, reference: str | None) -> dict[str, Any] | None:
        if self.find_errors:
            raise self.find_errors.pop(0)
        return next((row for row in self.kept(kind) if row["reference"] == reference), None)

    # Limits

    def _application(self, row: dict[str, Any]) -> LimitApplication:
        facts = {key: row[key] for key in ("id", "reference", "buyer_id", "action", "kind", "amount")}
        if not self.decide_at_once:
            return LimitApplication(**facts, state="referred", raw=row)
        decision = {"application_id": row["id"], "state": "approved", "amount": row["amount"], "limit_id": "L-1"}
        return LimitApplication(**facts, state="approved", decision=decision, raw=row)

    def request_limit(self, request: LimitRequest) -> LimitApplication:
        return self._application(self._receive("application", request))

    def find_application(self, request: LimitRequest, since: datetime) -> LimitApplication | None:
        row = self._find("application", request.reference)
        return None if row is None else self._application(row)

    def get_application(self, application_id: str) -> LimitApplication:
        for row in self.kept("application"):
            if row["id"] == application_id:
                return self._application(row)
        raise NotFoundError("no such application", status_code=404)

    def list_applications(
        self, *, buyer_id: str | None = None, cursor: str | None = None, page_size: int | None = None
    ) -> Page[LimitApplication]:
        rows = [self._application(row) for row in reversed(self.kept("application"))]
        return _page([row for row in rows if buyer_id in (None, row.buyer_id)], cursor, page_size)

    def limit_decision(self, application_id: str) -> LimitDecision:
        if self.find_errors:
            raise self.find_errors.pop(0)
        application = self.get_application(application_id)
        if self.polls_until_decided > 0:
            self.polls_until_decided -= 1
            self.decide_at_once = self.polls_until_decided == 0
        if application.decision is None:
            return LimitDecision(application_id=application_id, state="referred", reference=application.reference)
        return application.decision

    def list_limits(
        self, *, buyer_id: str | None = None, cursor: str | None = None, page_size: int | None = None
    ) -> Page[CreditLimit]:
        rows = [
            CreditLimit(id=f"L-{n}", buyer_id=row["buyer_id"], amount=row["amount"], valid_from="2026-03-31")
            for n, row in enumerate(self.kept("application"), start=1)
            if buyer_id in (None, row["buyer_id"])
        ]
        return _page(rows, cursor, page_size)

    def cancel_limit(self, target_id: str) -> LimitApplication | CreditLimit:
        self.sent.append(("cancel", target_id))
        fault = self.faults.pop(0) if self.faults else None
        if isinstance(fault, TradeCreditError):
            raise fault
        if fault is not None:
            raise NoAnswerError("reset", attempts=1)
        if target_id.startswith("L-"):
            amount = {"amount": "0", "currency": "EUR"}
            return CreditLimit(id=target_id, buyer_id="B1", state="cancelled", amount=amount, valid_from="2026-03-31")
        return self.get_application(target_id).model_copy(update={"state": "cancelled"})

    # Overdues

    def _overdue(self, row: dict[str, Any]) -> Overdue:
        changes = [change for change in self.kept("change") if change["overdue_id"] == row["id"]]
        invoices = [dict(item) for item in row["invoices"]]
        for change in changes:
            for item in invoices:
                if change["invoice"] in (None, item["number"]):
                    item |= {"extended_to": change["new_due_date"]} if change["new_due_date"] else {}
                    item |= {"settled_on": change["settled_on"]} if change["settled_on"] else {}
                    item |= {"withdrawn_on": "2026-03-31"} if change["action"] == "withdraw" else {}
        states = {"extend": "extended", "reschedule": "rescheduled", "settle": "settled", "withdraw": "withdrawn"}
        payments = [change for change in changes if change["action"] == "pay"]
        left = sum(Decimal(change["amount"]["amount"]) for change in payments)
        for item in sorted(invoices, key=lambda one: one["due_date"]):
            part = min(left, Decimal(item["amount"]["amount"]))
            item |= {"paid": {**item["amount"], "amount": str(part)}}
            left -= part
        sent = {one["kind"] for change in changes for one in change["documents"] or ()}
        return Overdue(
            id=row["id"],
            reference=row["reference"],
            buyer_id=row["buyer_id"],
            state=states.get(changes[-1]["action"], "declared") if changes else "declared",
            invoices=invoices,
            payments=[{name: one[name] for name in ("reference", "paid_on", "amount")} for one in payments],
            documents=[
                {"kind": kind, "received_on": "2026-03-31" if kind in sent else None} for kind in self.wanted_documents
            ],
            revision=1 + len(changes),
            instalments=next((change["instalments"] for change in changes if change["instalments"]), ()),
        )

    def declare_overdue(self, declaration: OverdueDeclaration) -> Overdue:
        return self._overdue(self._receive("overdue", declaration))

    def find_overdue(self, declaration: OverdueDeclaration, since: datetime) -> Overdue | None:
        row = self._find("overdue", declaration.reference)
        return None if row is None else self._overdue(row)

    def get_overdue(self, overdue_id: str) -> Overdue:
        for row in self.kept("overdue"):
            if row["id"] == overdue_id:
                return self._overdue(row)
        raise NotFoundError("no such overdue", status_code=404)

    def list_overdues(
        self, *, buyer_id: str | None = None, cursor: str | None = None, page_size: int | None = None
    ) -> Page[Overdue]:
        rows = [self._overdue(row) for row in reversed(self.kept("overdue")) if buyer_id in (None, row["buyer_id"])]
        return _page(rows, cursor, page_size)

    def change_overdue(self, change: OverdueChange) -> Overdue:
        self._receive("change", change)
        return self.get_overdue(change.overdue_id)

    def report_adverse(self, report: AdverseReport) -> AdverseReceipt:
        return _receipt(self._receive("adverse", report))

    def find_adverse(self, report: AdverseReport, since: datetime) -> AdverseReceipt | None:
        row = self._find("adverse", report.reference)
        return None if row is None else _receipt(row)

    # Buyers, policy, events

    def find_buyers(self, query: BuyerQuery) -> tuple[Buyer, ...]:
        self.sent.append(("find_buyers", query))
        return (Buyer(id="000004711", name="Nordlicht Handels GmbH", country=query.country, score=97),)

    def get_buyer(self, buyer_id: str) -> Buyer:
        return Buyer(id=buyer_id, name="Nordlicht Handels GmbH", country="DE")

    def get_policy(self) -> Policy:
        return Policy(id="P-1", insurer="fake", currency="EUR")

    def poll_events(self, *, cursor: str | None = None, page_size: int | None = None) -> Page[Event]:
        if cursor == "c1":
            return Page((), "c1")
        return Page((Event(id="evt-1", type="limit.reduced", occurred_at=EPOCH),), "c1")

    def probe(self) -> None:
        self.sent.append(("probe", None))

    def close(self) -> None:
        self.closed += 1


def _receipt(row: dict[str, Any]) -> AdverseReceipt:
    facts = {name: row[name] for name in ("id", "reference", "buyer_id", "kind", "happened_on", "outstanding")}
    return AdverseReceipt(**facts)


def _page(rows: list[Any], cursor: str | None, page_size: int | None) -> Page[Any]:
    start, size = int(cursor or 0), page_size or 2
    following = str(start + size) if start + size < len(rows) else None
    return Page(tuple(rows[start : start + size]), following)


class FakeTime:
    """A clock that goes only when somebody sleeps."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.slept: list[float] = []
        self.while_asleep: Callable[[], None] = lambda: None

    def now(self) -> datetime:
        """The moment."""
        return EPOCH + timedelta(seconds=self.seconds)

    def monotonic(self) -> float:
        """Seconds."""
        return self.seconds

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        assert seconds >= 0
        self.slept.append(seconds)
        self.seconds += seconds
        self.while_asleep()
