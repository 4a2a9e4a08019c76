"""How changes of overdues and adverse reports go through the journal, and what is refused before anything is sent."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from pydantic import ValidationError

from tradecredit_sdk.client.desk import Desk
from tradecredit_sdk.client.reference import bearing
from tradecredit_sdk.errors import ConflictError, InvalidInputError, NoAnswerError, TradeCreditError
from tradecredit_sdk.insurers.base import Operation
from tradecredit_sdk.journal.entry import OPEN_STATES, Entry, EntryKind, EntryState
from tradecredit_sdk.journal.procedure import Procedure
from tradecredit_sdk.models.adverse import AdverseReceipt, AdverseReport
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.overdue import (
    Overdue,
    OverdueAction,
    OverdueChange,
    OverdueDeclaration,
    OverdueReason,
)
from tradecredit_sdk.models.overdue_arrival import has_arrived

_ADDED = frozenset({OverdueAction.PAY, OverdueAction.DOCUMENTS})
"""These add to what is there: no later one takes the place of an earlier one."""


def changing(desk: Desk) -> Procedure[OverdueChange, Overdue]:
    """A change: sent once, found again by what it leaves behind, and not sent over a later one."""
    insurer = desk.insurer

    def find(change: OverdueChange, _: object) -> Overdue | None:
        overdue = insurer.get_overdue(change.overdue_id)
        return overdue if has_arrived(change, overdue) else None

    return Procedure(
        kind=EntryKind.OVERDUE_CHANGE,
        request=OverdueChange,
        send=insurer.change_overdue,
        find=find,
        repeatable=insurer.capabilities.idempotent_reference,
        write=lambda answer: answer.model_dump(mode="json"),
        read=Overdue.model_validate,
        overtaken=lambda change, entry: _overtaken(change, entry, desk.later(entry, EntryKind.OVERDUE_CHANGE)),
    )


def reporting(desk: Desk) -> Procedure[AdverseReport, AdverseReceipt]:
    """An adverse report: sent once, found again by its reference."""
    insurer = desk.insurer
    return Procedure(
        kind=EntryKind.ADVERSE_REPORT,
        request=AdverseReport,
        send=lambda report: bearing(report.reference, insurer.report_adverse(report)),
        find=lambda report, since: insurer.find_adverse(report, since),
        repeatable=insurer.capabilities.idempotent_reference,
        write=lambda answer: answer.model_dump(mode="json"),
        read=AdverseReceipt.model_validate,
    )


def newer(answer: dict[str, Any], news: Overdue) -> dict[str, Any]:
    """Of what the journal holds and what was heard, the newer one; news that came late changes nothing."""
    told = news.model_dump(mode="json")
    if any(
        None not in (answer.get(name), told[name]) and answer[name] != told[name] for name in ("reference", "buyer_id")
    ):
        return answer  # the insurer began anew, and the id is another overdue now
    known = answer.get("revision")
    if known is not None and news.revision is not None and news.revision < known:
        return answer
    return {**told, "reference": told["reference"] or answer.get("reference")}


def refuse_early(declaration: OverdueDeclaration, today: date) -> None:
    """InvalidInputError when none of it is past its due date and nothing says why it is declared before."""
    first = min(invoice.due_date for invoice in declaration.invoices)
    if declaration.reason is OverdueReason.PROTRACTED_DEFAULT and first >= today:
        raise InvalidInputError(
            f"nothing of it is overdue yet on {today}, the first due date is {first}: declare it after that, or give the "
            "reason; nothing was sent",
            code="not_overdue",
        )


def refuse_twice(desk: Desk, declaration: OverdueDeclaration) -> None:
    """InvalidInputError when another declaration of the buyer surely holds one of its invoices.

    What the journal remembers may have been settled since, so the insurer is asked; if it cannot be, it decides itself.
    """
    numbers = {invoice.number for invoice in declaration.invoices}
    for entry in desk.of_buyer(EntryKind.OVERDUE_DECLARATION, declaration.buyer_id):
        named = [number for invoice in entry.payload["invoices"] if (number := str(invoice["number"])) in numbers]
        if not named or entry.reference == declaration.reference or entry.state is EntryState.REFUSED:
            continue
        if entry.state in OPEN_STATES:
            raise InvalidInputError(
                f"{_invoices(named)} in declaration {entry.reference} already, which is {entry.state.value}: reconcile that "
                "one, or give it up with journal forget if the insurer does not have it; nothing was sent",
                code="invoice_declared",
                reference=entry.reference,
                insurer=desk.insurer.name,
            )
        still = [number for number in named if number in _open_at_insurer(desk, entry)]
        if still:
            raise InvalidInputError(
                f"{_invoices(still)} in overdue {entry.insurer_id} already ({entry.reference}): change or withdraw that one; "
                "nothing was sent",
                code="invoice_declared",
                reference=entry.reference,
                insurer=desk.insurer.name,
            )


def refuse_overpaid(desk: Desk, change: OverdueChange) -> None:
    """InvalidInputError for a payment of more than was open when the insurer was last heard; debts only shrink."""
    first = desk.entry(EntryKind.OVERDUE_CHANGE, change.reference or "")
    if change.amount is None or (first is not None and not first.is_reserved):
        return  # a repetition gets what came of the first one
    entry = desk.by_insurer_id(EntryKind.OVERDUE_DECLARATION, change.overdue_id)
    known = None if entry is None else _recorded(entry)
    left = None if known is None else known.unpaid
    if left is None:
        return
    wrong = ""
    if left.currency != change.amount.currency:
        wrong = f"is in {change.amount.currency}, and overdue {change.overdue_id} in {left.currency}: convert it first"
    elif change.amount > left:
        wrong = f"of {change.amount} is more than the {left} that overdue {change.overdue_id} still has open"
    if wrong:
        raise InvalidInputError(f"the payment {wrong}; nothing was sent", code="overpaid", insurer=desk.insurer.name)


def refuse_implausible(desk: Desk, change: OverdueChange) -> None:
    """InvalidInputError for a slip of the pen, as far as what the insurer said last shows it.

    Paid before there was an invoice, settled before it was due, a payment plan of more than twice the debt.
    """
    entry = desk.by_insurer_id(EntryKind.OVERDUE_DECLARATION, change.overdue_id)
    known = None if entry is None else _recorded(entry)
    invoices = [one for one in known.invoices if change.invoice in (None, one.number)] if known is not None else []
    wrong = ""
    if change.paid_on is not None and change.paid_on < min(
        filter(None, (one.invoice_date for one in invoices)), default=change.paid_on
    ):
        wrong = f"paid_on {change.paid_on} is before the invoices were written"
    elif change.settled_on is not None and change.settled_on < min(
        (one.due_date for one in invoices), default=change.settled_on
    ):
        wrong = f"settled_on {change.settled_on} is before anything was due: withdraw it if it was paid then"
    elif change.instalments and known is not None and known.unpaid is not None:
        debt = max(known.unpaid, known.outstanding or known.unpaid)
        plan = [part.amount for part in change.instalments]
        if all(part.currency == debt.currency for part in plan) and Money.total(plan, debt.currency) > debt + debt:
            wrong = f"the plan of {Money.total(plan, debt.currency)} is more than twice the debt of {debt}"
    if wrong:
        raise InvalidInputError(f"{wrong}; nothing was sent", code="implausible", insurer=desk.insurer.name)


def _open_at_insurer(desk: Desk, entry: Entry) -> set[str]:
    """The invoices of a declaration that the insurer says are open; empty when it cannot say so now."""
    if entry.insurer_id is None or not desk.insurer.capabilities.supports(Operation.GET_OVERDUE):
        return set()
    try:
        overdue = desk.insurer.get_overdue(entry.insurer_id)
    except TradeCreditError:
        return set()
    ours = overdue.buyer_id == entry.payload["buyer_id"] and overdue.reference in (None, entry.reference)
    if overdue.is_closed or not ours:
        return set()
    return {invoice.number for invoice in overdue.invoices if invoice.unpaid.amount > 0}


def _recorded(entry: Entry) -> Overdue | None:
    try:
        return Overdue.model_validate(entry.answer)
    except ValidationError:  # written down by another version
        return None


def _invoices(numbers: Sequence[str]) -> str:
    return (
        f"{'invoice' if len(numbers) == 1 else 'invoices'} {', '.join(numbers)} {'is' if len(numbers) == 1 else 'are'}"
    )


def _overtaken(change: OverdueChange, entry: Entry, later: Sequence[Entry]) -> TradeCreditError | None:
    """Why an older change must not be sent any more: the latest word on an invoice is the one that counts."""
    if change.action in _ADDED:
        return None
    for other in reversed(later):
        invoice = other.payload.get("invoice")
        if other.payload.get("overdue_id") != change.overdue_id or other.payload.get("action") in _ADDED:
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
