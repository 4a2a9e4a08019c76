"""`client.overdues`: report unpaid invoices before the policy's deadline, and what becomes of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from tradecredit_sdk.client.desk import Desk
from tradecredit_sdk.client.inputs import an_id, read
from tradecredit_sdk.client.reference import bearing
from tradecredit_sdk.errors import ConflictError, NoAnswerError, TradeCreditError
from tradecredit_sdk.insurers.base import Operation
from tradecredit_sdk.journal.entry import Entry, EntryKind, EntryState, Reconciled
from tradecredit_sdk.journal.procedure import Procedure
from tradecredit_sdk.models.overdue import (
    Instalment,
    Overdue,
    OverdueAction,
    OverdueChange,
    OverdueDeclaration,
    OverdueInvoice,
    OverdueReason,
)
from tradecredit_sdk.pagination import Pager


class Overdues:
    """Declared overdues under the policy. Every sending has a reference; one is made if none is given."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def declare(
        self,
        declaration: OverdueDeclaration | Mapping[str, Any] | None = None,
        *,
        buyer_id: str | None = None,
        invoices: Sequence[OverdueInvoice | Mapping[str, Any]] | None = None,
        reason: OverdueReason | str | None = None,
        reference: str | None = None,
        comment: str | None = None,
    ) -> Overdue:
        """Declare what a buyer has not paid: the total outstanding, not just the late invoice (domain rule 4).

        Due dates are the original ones (rule 2), amounts what is still unpaid, all in one currency. For repetition,
        reference and errors see `limits.request`.
        """
        named = {
            "buyer_id": buyer_id,
            "invoices": None if invoices is None else tuple(invoices),
            "reason": reason,
            "reference": reference,
            "comment": comment,
        }
        wanted = read(OverdueDeclaration, declaration, named)
        return self._desk.order(Operation.DECLARE_OVERDUE, self._declaring(), wanted)

    def get(self, overdue_id: str) -> Overdue:
        """One declared overdue as it stands now; NotFoundError."""
        return self._desk.insurer.get_overdue(an_id("overdue_id", overdue_id))

    def list(
        self, *, buyer_id: str | None = None, cursor: str | None = None, page_size: int | None = None
    ) -> Pager[Overdue]:
        """Declared overdues, newest first."""
        fetch = self._desk.insurer.list_overdues
        return self._desk.pager(Operation.LIST_OVERDUES, fetch, buyer_id=buyer_id, cursor=cursor, page_size=page_size)

    def extend(
        self,
        overdue_id: str,
        new_due_date: date | str,
        invoice: str | None = None,
        *,
        reference: str | None = None,
        comment: str | None = None,
    ) -> Overdue:
        """Ask for a later due date of one invoice, or of all. The policy's clocks keep running on the original one."""
        return self._change(
            overdue_id, OverdueAction.EXTEND, invoice, reference, comment, {"new_due_date": new_due_date}
        )

    def reschedule(
        self,
        overdue_id: str,
        instalments: Sequence[Instalment | Mapping[str, Any]],
        invoice: str | None = None,
        *,
        reference: str | None = None,
        comment: str | None = None,
    ) -> Overdue:
        """Report the payment plan that was agreed with the buyer; it may need the insurer's consent (domain rule 3)."""
        return self._change(
            overdue_id, OverdueAction.RESCHEDULE, invoice, reference, comment, {"instalments": tuple(instalments)}
        )

    def settle(
        self,
        overdue_id: str,
        settled_on: date | str,
        invoice: str | None = None,
        *,
        reference: str | None = None,
        comment: str | None = None,
    ) -> Overdue:
        """Report that one invoice, or all, was paid on that day."""
        return self._change(overdue_id, OverdueAction.SETTLE, invoice, reference, comment, {"settled_on": settled_on})

    def same_content(self, declaration: OverdueDeclaration, *, since: datetime) -> tuple[Entry, ...]:
        """Declarations in the journal of the same, whatever their reference; see `limits.same_content`."""
        return self._desk.same_content(EntryKind.OVERDUE_DECLARATION, declaration, since)

    def declared_before(self, declaration: OverdueDeclaration, entry: Entry) -> tuple[str, ...]:
        """The invoices, by number, that both this declaration and one in the journal name for the same buyer."""
        if entry.payload.get("buyer_id") != declaration.buyer_id:
            return ()
        named = {str(invoice["number"]) for invoice in entry.payload.get("invoices", ())}
        return tuple(invoice.number for invoice in declaration.invoices if invoice.number in named)

    def reserve(
        self, declaration: OverdueDeclaration, *, since: datetime, passed: Collection[int] = ()
    ) -> Entry | None:
        """Write it down, to be declared next, unless one that names one of its invoices is there; see `limits.reserve`."""
        return self._desk.reserve(
            Operation.DECLARE_OVERDUE,
            EntryKind.OVERDUE_DECLARATION,
            declaration,
            since,
            passed,
            like=lambda entry: bool(self.declared_before(declaration, entry)),
        )

    def reconcile(self, *, progress: Callable[[Reconciled], None] | None = None) -> tuple[Reconciled, ...]:
        """Settle every declaration and change whose outcome the journal does not know; see `limits.reconcile`."""
        return self._desk.reconcile((self._declaring(), self._changing()), progress)

    # Parts

    def _change(
        self,
        overdue_id: str,
        action: OverdueAction,
        invoice: str | None,
        reference: str | None,
        comment: str | None,
        what: Mapping[str, Any],
    ) -> Overdue:
        given = {"overdue_id": overdue_id, "invoice": invoice, "reference": reference, "comment": comment}
        change = read(OverdueChange, None, {"action": action, **given, **what})
        return self._desk.order(Operation.CHANGE_OVERDUE, self._changing(), change)

    def _declaring(self) -> Procedure[OverdueDeclaration, Overdue]:
        insurer = self._desk.insurer
        return Procedure(
            kind=EntryKind.OVERDUE_DECLARATION,
            request=OverdueDeclaration,
            send=lambda declaration: bearing(declaration.reference, insurer.declare_overdue(declaration)),
            find=insurer.find_overdue,
            repeatable=insurer.capabilities.idempotent_reference,
            write=lambda answer: answer.model_dump(mode="json"),
            read=Overdue.model_validate,
        )

    def _changing(self) -> Procedure[OverdueChange, Overdue]:
        insurer = self._desk.insurer

        def find(change: OverdueChange, since: datetime) -> Overdue | None:
            overdue = insurer.get_overdue(change.overdue_id)
            return overdue if _shows(overdue, change) else None

        return Procedure(
            kind=EntryKind.OVERDUE_CHANGE,
            request=OverdueChange,
            send=insurer.change_overdue,
            find=find,
            repeatable=insurer.capabilities.idempotent_reference,
            write=lambda answer: answer.model_dump(mode="json"),
            read=Overdue.model_validate,
            overtaken=lambda change, entry: _overtaken(
                change, entry, self._desk.later(entry, EntryKind.OVERDUE_CHANGE)
            ),
        )


def _overtaken(change: OverdueChange, entry: Entry, later: Sequence[Entry]) -> TradeCreditError | None:
    """Why an older change must not be sent any more: the latest word on an invoice is the one that counts."""
    for other in reversed(later):
        invoice = other.payload.get("invoice")
        if other.payload.get("overdue_id") != change.overdue_id:
            continue
        if None not in (invoice, change.invoice) and invoice != change.invoice:
            continue
        what = f"{change.action.value} {entry.reference} of overdue {change.overdue_id}"
        newer = f"{other.payload.get('action')} {other.reference} of {other.planned_at:%Y-%m-%d %H:%M} UTC"
        facts: dict[str, Any] = {"code": "overtaken", "insurer": entry.scope.insurer, "operation": "change_overdue"}
        if other.state is EntryState.ANSWERED:
            remedy = "Look at the overdue, and give the change anew if it is still meant"
            return ConflictError(f"{what} is not sent any more: {newer} is later, and answered. {remedy}", **facts)
        remedy = "It is decided once that one has an outcome: reconcile again"
        return NoAnswerError(f"{what} waits: {newer} is later, and {other.state.value}. {remedy}", **facts)
    return None


def _shows(overdue: Overdue, change: OverdueChange) -> bool:
    """Whether the overdue stands as the change wanted it, so that the change has arrived."""
    if change.action is OverdueAction.RESCHEDULE:
        return overdue.instalments == change.instalments
    invoices = [item for item in overdue.invoices if change.invoice in (None, item.number)]
    if change.action is OverdueAction.EXTEND:
        return bool(invoices) and all(item.extended_to == change.new_due_date for item in invoices)
    return bool(invoices) and all(item.settled_on == change.settled_on for item in invoices)
