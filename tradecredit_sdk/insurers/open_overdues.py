"""Overdues at the `open` insurer: declared, changed, and adverse information reported."""

from __future__ import annotations

from datetime import datetime

from tradecredit_sdk.insurers.open_calls import POLICY, OpenCalls
from tradecredit_sdk.insurers.wire import Heard
from tradecredit_sdk.models.adverse import AdverseReceipt, AdverseReport
from tradecredit_sdk.models.overdue import Overdue, OverdueChange, OverdueDeclaration
from tradecredit_sdk.models.page import Page

OVERDUE = POLICY + "/overdues/{overdue}"
ADVERSE = POLICY + "/adverse-reports"


class OpenOverdues(OpenCalls):
    """What is not paid, and what endangers payment."""

    def declare_overdue(self, declaration: OverdueDeclaration) -> Overdue:
        """Send one declaration; repeated by itself after a lost answer."""
        heard = self._order("declare_overdue", POLICY + "/overdues", declaration)
        overdue = self._overdue(heard)
        heard.same("reference", declaration.reference, overdue.reference)
        heard.same("buyer_id", declaration.buyer_id, overdue.buyer_id)
        return overdue

    def find_overdue(self, declaration: OverdueDeclaration, since: datetime) -> Overdue | None:
        """By reference; ReferenceConflictError when it stands for another declaration there."""
        heard, rows, _ = self._list("find_overdue", "overdues", Overdue, reference=declaration.reference)
        if not rows:
            return None
        overdue = self._only(heard, rows, declaration.reference)
        self._check_policy(heard, overdue, "items.0")
        asked = {(item.number, item.due_date, item.amount) for item in declaration.invoices}
        held = {(item.number, item.due_date, item.amount) for item in overdue.invoices}
        if overdue.buyer_id != declaration.buyer_id or held != asked:
            raise self._conflict(heard, declaration.reference)
        return overdue

    def get_overdue(self, overdue_id: str) -> Overdue:
        """One declared overdue; NotFoundError."""
        heard = self._ask("get_overdue", "GET", OVERDUE, self._ids(overdue=overdue_id))
        overdue = self._overdue(heard)
        heard.same("id", overdue_id, overdue.id)
        return overdue

    def list_overdues(
        self, *, buyer_id: str | None = None, cursor: str | None = None, page_size: int | None = None
    ) -> Page[Overdue]:
        """Newest first."""
        heard, rows, following = self._list("list_overdues", "overdues", Overdue, buyer_id, cursor, page_size)
        for index, overdue in enumerate(rows):
            self._check_policy(heard, overdue, f"items.{index}")
        return Page(rows, following)

    def change_overdue(self, change: OverdueChange) -> Overdue:
        """Extend, reschedule, pay, settle, withdraw or send documents; repeated by itself after a lost answer."""
        heard = self._order("change_overdue", OVERDUE + "/actions", change, overdue=change.overdue_id)
        overdue = self._overdue(heard)
        heard.same("id", change.overdue_id, overdue.id)
        return overdue

    def report_adverse(self, report: AdverseReport) -> AdverseReceipt:
        """Send one report; repeated by itself after a lost answer."""
        heard = self._order("report_adverse", ADVERSE, report)
        receipt = heard.read(AdverseReceipt, {**heard.mapping(heard.body), "raw": heard.body})
        self._check_policy(heard, receipt, "")
        heard.same("reference", report.reference, receipt.reference)
        heard.same("buyer_id", report.buyer_id, receipt.buyer_id)
        return receipt

    def find_adverse(self, report: AdverseReport, since: datetime) -> AdverseReceipt | None:
        """By reference; ReferenceConflictError when it stands for another report there."""
        heard, rows, _ = self._list("find_adverse", "adverse-reports", AdverseReceipt, reference=report.reference)
        if not rows:
            return None
        receipt = self._only(heard, rows, report.reference)
        self._check_policy(heard, receipt, "items.0")
        asked = (report.buyer_id, report.kind, report.happened_on)
        if asked != (receipt.buyer_id, receipt.kind, receipt.happened_on):
            raise self._conflict(heard, report.reference)
        return receipt

    def _overdue(self, heard: Heard) -> Overdue:
        overdue = heard.read(Overdue, {**heard.mapping(heard.body), "raw": heard.body})
        self._check_policy(heard, overdue, "")
        return overdue
