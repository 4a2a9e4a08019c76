"""`client.overdues`: report unpaid invoices before the policy's deadline, and what becomes of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Collection as AnyOf
from datetime import date, datetime, timezone
from itertools import islice
from typing import Any

from tradecredit_sdk.client.desk import Desk
from tradecredit_sdk.client.inputs import an_id, read
from tradecredit_sdk.client.overdue_changes import (
    changing,
    newer,
    refuse_early,
    refuse_implausible,
    refuse_overpaid,
    refuse_twice,
    reporting,
)
from tradecredit_sdk.client.overdue_watch import Waiting, declared_by_hand, waiting
from tradecredit_sdk.client.reference import bearing
from tradecredit_sdk.errors import InvalidInputError, NoAnswerError, NotFoundError
from tradecredit_sdk.insurers.base import Operation
from tradecredit_sdk.journal.entry import Entry, EntryKind, EntryState, Reconciled
from tradecredit_sdk.journal.procedure import Procedure
from tradecredit_sdk.models.adverse import AdverseKind, AdverseReceipt, AdverseReport
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.overdue import (
    Collection,
    CollectionStep,
    DocumentSent,
    Instalment,
    Overdue,
    OverdueAction,
    OverdueChange,
    OverdueDeclaration,
    OverdueInvoice,
    OverdueReason,
)
from tradecredit_sdk.models.policy import Policy
from tradecredit_sdk.pagination import Pager
from tradecredit_sdk.rules.calendar import latest_day

_NEWEST = 10_000
"""So many overdues are looked through for a reference that only the insurer can know."""
_LONG_AGO = datetime(2000, 1, 1, tzinfo=timezone.utc)


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
        outstanding: Money | Mapping[str, Any] | None = None,
        steps_taken: Sequence[CollectionStep | Mapping[str, Any]] | None = None,
        collection: Collection | Mapping[str, Any] | None = None,
        today: date | None = None,
    ) -> Overdue:
        """Declare what a buyer has not paid: the total outstanding, not just the late invoice (domain rule 4).

        Due dates are the original ones (rule 2), amounts what is still unpaid, all in one currency. For repetition,
        reference and errors see `limits.request`. InvalidInputError, too, when another declaration holds one of the
        invoices: one in the journal without an outcome, or one that the insurer says is open; and when none is past its due
        date and no `reason` says why. `today` is your day; without it, the day that has begun anywhere on earth.
        """
        named = {
            "buyer_id": buyer_id,
            "invoices": None if invoices is None else tuple(invoices),
            "reason": reason,
            "reference": reference,
            "comment": comment,
            "outstanding": outstanding,
            "steps_taken": None if steps_taken is None else tuple(steps_taken),
            "collection": collection,
        }
        wanted = read(OverdueDeclaration, declaration, named)
        try:
            refuse_early(wanted, today or latest_day(self._desk.clock.now()))
            refuse_twice(self._desk, wanted)
        except InvalidInputError:
            self._desk.give_up(EntryKind.OVERDUE_DECLARATION, wanted.reference)
            raise
        return self._desk.order(Operation.DECLARE_OVERDUE, self._declaring(), wanted)

    def get(self, overdue_id: str) -> Overdue:
        """One declared overdue as it stands now, by the insurer's id of it or by your reference; NotFoundError."""
        known = self._known(an_id("overdue_id", overdue_id))
        try:
            overdue = self._desk.insurer.get_overdue(known)
        except NotFoundError:
            found = self._by_reference(overdue_id) if known == overdue_id else None
            if found is None:
                raise
            overdue = found
        self._hear(overdue)
        return overdue

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
        """Report that nothing is owed any more of one invoice, or of all: paid, credited or otherwise settled."""
        return self._change(overdue_id, OverdueAction.SETTLE, invoice, reference, comment, {"settled_on": settled_on})

    def pay(
        self,
        overdue_id: str,
        amount: Money | Mapping[str, Any],
        paid_on: date | str,
        *,
        reference: str | None = None,
        comment: str | None = None,
    ) -> Overdue:
        """Report what the buyer has paid. The policy says to which invoices it goes (domain rule 35, `rules.payments`).

        InvalidInputError, and nothing is sent, when it is more than what was open when the insurer was last heard, or in
        another currency; the insurer refuses what it alone can know.
        """
        what = {"amount": amount, "paid_on": paid_on}
        return self._change(overdue_id, OverdueAction.PAY, None, reference, comment, what)

    def withdraw(
        self, overdue_id: str, invoice: str | None = None, *, reference: str | None = None, comment: str | None = None
    ) -> Overdue:
        """Take back what was declared by mistake: one invoice, or all."""
        return self._change(overdue_id, OverdueAction.WITHDRAW, invoice, reference, comment, {})

    def send_documents(
        self,
        overdue_id: str,
        documents: Sequence[DocumentSent | Mapping[str, Any]],
        *,
        reference: str | None = None,
        comment: str | None = None,
    ) -> Overdue:
        """Tell the insurer which of the documents it asked for were sent; see `Overdue.missing_documents`."""
        what = {"documents": tuple(documents)}
        return self._change(overdue_id, OverdueAction.DOCUMENTS, None, reference, comment, what)

    def report_adverse(
        self,
        report: AdverseReport | Mapping[str, Any] | None = None,
        *,
        buyer_id: str | None = None,
        kind: AdverseKind | str | None = None,
        happened_on: date | str | None = None,
        outstanding: Money | Mapping[str, Any] | None = None,
        reference: str | None = None,
        comment: str | None = None,
    ) -> AdverseReceipt:
        """Report at once what endangers payment, whether something is overdue or not (domain rule 6).

        For repetition, reference and errors see `limits.request`.
        """
        named = {
            "buyer_id": buyer_id,
            "kind": kind,
            "happened_on": happened_on,
            "outstanding": outstanding,
            "reference": reference,
            "comment": comment,
        }
        wanted = read(AdverseReport, report, named)
        return self._desk.order(Operation.REPORT_ADVERSE, reporting(self._desk), wanted)

    def find_adverse(self, report: AdverseReport | Mapping[str, Any]) -> AdverseReceipt | None:
        """What the insurer has of a report whose answer was lost, by its reference; None if surely nothing.

        ReferenceConflictError when the reference stands for another report there.
        """
        wanted = read(AdverseReport, report, {})
        if wanted.reference is None:
            raise InvalidInputError("find_adverse needs the reference under which the report was sent")
        self._desk.require(Operation.REPORT_ADVERSE)
        return self._desk.insurer.find_adverse(wanted, _LONG_AGO)

    def waiting(self, policy: Policy, today: date) -> tuple[Waiting, ...]:
        """What the journal holds that surely or possibly is not at the insurer, the least time left first; no network.

        Each has its last day and all it takes to declare it by hand.
        """
        return waiting(self._desk, policy, today)

    def declared_by_hand(
        self, reference: str, *, insurer_id: str, declared_on: date | str, proof: str, comment: str | None = None
    ) -> Overdue:
        """Record that a declaration in the journal reached the insurer on another way, so that it is not sent again.

        `insurer_id` is the insurer's number of it, `proof` where the proof is kept, such as a file name with its hash.
        InvalidInputError when the journal holds no such declaration without an outcome.
        """
        return declared_by_hand(
            self._desk, reference, insurer_id=insurer_id, declared_on=declared_on, proof=proof, comment=comment
        )

    def same_content(self, declaration: OverdueDeclaration, *, since: datetime) -> tuple[Entry, ...]:
        """Declarations in the journal of the same, whatever their reference; see `limits.same_content`."""
        return self._desk.same_content(EntryKind.OVERDUE_DECLARATION, declaration, since)

    def declared_before(self, declaration: OverdueDeclaration, entry: Entry) -> tuple[str, ...]:
        """The invoices, by number, that both this declaration and one in the journal name for the same buyer."""
        if entry.payload.get("buyer_id") != declaration.buyer_id:
            return ()
        named = {str(invoice["number"]) for invoice in entry.payload.get("invoices", ())}
        return tuple(invoice.number for invoice in declaration.invoices if invoice.number in named)

    def insurer_id(self, overdue_id: str) -> str:
        """The insurer's id of an overdue, by that id or by your reference.

        NoAnswerError when the declaration of that reference has no outcome yet.
        """
        return self._known(an_id("overdue_id", overdue_id))

    def check(self, change: OverdueChange) -> None:
        """InvalidInputError for what can hardly be meant, as far as the journal knows the overdue; no network.

        More than is open, paid before there was an invoice, settled before it was due, a plan of more than twice the debt.
        """
        first = self._desk.entry(EntryKind.OVERDUE_CHANGE, change.reference or "")
        if first is not None and not first.is_reserved:
            return  # a repetition gets what came of the first one
        change = change.model_copy(update={"overdue_id": self.insurer_id(change.overdue_id)})
        try:
            refuse_overpaid(self._desk, change)
            refuse_implausible(self._desk, change)
        except InvalidInputError:
            self._desk.give_up(EntryKind.OVERDUE_CHANGE, change.reference)
            raise

    def reserve(
        self,
        order: OverdueDeclaration | OverdueChange | AdverseReport,
        *,
        since: datetime,
        passed: AnyOf[int] = (),
        like: Callable[[Entry], bool] | None = None,
    ) -> Entry | None:
        """Write it down, to be sent next, unless there is one like it; see `limits.reserve`.

        Like a declaration is one that names one of its invoices, like others what asks for the same, or what `like` says.
        """
        if isinstance(order, OverdueDeclaration):
            kind, operation = EntryKind.OVERDUE_DECLARATION, Operation.DECLARE_OVERDUE
            like = like or (lambda entry: bool(self.declared_before(order, entry)))
            return self._desk.reserve(operation, kind, order, since, passed, like)
        if isinstance(order, OverdueChange):
            kind, operation = EntryKind.OVERDUE_CHANGE, Operation.CHANGE_OVERDUE
            return self._desk.reserve(operation, kind, order, since, passed, like)
        kind, operation = EntryKind.ADVERSE_REPORT, Operation.REPORT_ADVERSE
        return self._desk.reserve(operation, kind, order, since, passed, like)

    def reconcile(self, *, progress: Callable[[Reconciled], None] | None = None) -> tuple[Reconciled, ...]:
        """Settle every declaration, change and adverse report whose outcome is not known; see `limits.reconcile`."""
        procedures = (self._declaring(), changing(self._desk), reporting(self._desk))
        done = self._desk.reconcile(procedures, progress)
        for one in done:
            if isinstance(one.answer, Overdue):
                self._hear(one.answer)
        return done

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
        known = self._known(an_id("overdue_id", overdue_id))
        given = {"overdue_id": known, "invoice": invoice, "reference": reference, "comment": comment}
        change = read(OverdueChange, None, {"action": action, **given, **what})
        try:
            refuse_overpaid(self._desk, change)
        except InvalidInputError:
            self._desk.give_up(EntryKind.OVERDUE_CHANGE, change.reference)
            raise
        overdue = self._desk.order(Operation.CHANGE_OVERDUE, changing(self._desk), change)
        self._hear(overdue)
        return overdue

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

    def _known(self, overdue_id: str) -> str:
        """The insurer's id, where the journal knows the word given as a reference of ours."""
        entry = self._desk.entry(EntryKind.OVERDUE_DECLARATION, overdue_id)
        if entry is None or entry.state is EntryState.REFUSED:
            return overdue_id
        if entry.insurer_id is None:
            raise NoAnswerError(
                f"overdue declaration {overdue_id} is {entry.state.value}: whether the insurer has it is not known yet; "
                "reconcile first",
                reference=overdue_id,
                insurer=self._desk.insurer.name,
            )
        return entry.insurer_id

    def _by_reference(self, reference: str) -> Overdue | None:
        """The overdue that carries this reference, among the newest ones."""
        if not self._desk.insurer.capabilities.supports(Operation.LIST_OVERDUES):
            return None
        newest = islice(self.list(), _NEWEST)
        return next((overdue for overdue in newest if overdue.reference == reference), None)

    def _hear(self, news: Overdue) -> None:
        """Let the journal's answer follow, however often and in whatever order news comes."""
        if news.invoices:
            self._desk.update_answer(EntryKind.OVERDUE_DECLARATION, news.id, lambda answer: newer(answer, news))
