"""What Allianz Trade surely can do and nobody outside knows how: cancel and amend covers, declare overdues.

Official are only these: orders to change or delete exist and are answered with a job id, and overdues have the
categories OVD (declare), EXP (extend one invoice) and RES (reschedule). The paths and names are guesses, all of them in
`allianz_tables`; nothing here is sent unless `unverified` is on. An overdue's id is `<companyId>:<jobId>`.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from tradecredit_sdk.errors import InvalidInputError, NoAnswerError, PendingError, UnsupportedOperationError
from tradecredit_sdk.insurers import allianz_wire as wire
from tradecredit_sdk.insurers.allianz_calls import AllianzCalls, cover_of
from tradecredit_sdk.insurers.allianz_wire import COVER, TEMPORARY, Node
from tradecredit_sdk.insurers.base import Operation, unverified_error
from tradecredit_sdk.insurers.wire import Heard
from tradecredit_sdk.models.limit import CreditLimit, LimitAction, LimitApplication, LimitRequest, LimitState
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.overdue import (
    Overdue,
    OverdueAction,
    OverdueChange,
    OverdueDeclaration,
    OverdueReason,
    OverdueState,
)

# Whether these can be said there, and how, is not known. A guessed name might be ignored without a word.
_UNKNOWN_OF_DECLARATIONS = ("outstanding", "steps_taken", "collection")
_UNKNOWN_OF_INVOICES = ("invoice_date", "agreed_due_date", "disputed")


class AllianzUnverified(AllianzCalls):
    """The calls behind the `unverified` switch."""

    def cancel_limit(self, target_id: str) -> LimitApplication | CreditLimit:
        """Order the cancellation of a cover, given its limit, its request or the job that made it."""
        if target_id.startswith(COVER):
            cover_id = target_id.removeprefix(COVER).removesuffix(TEMPORARY)
        else:
            progress, heard = self._outcome("cancel_limit", "job", target_id)
            if progress != "processed":
                raise self._working("cancel_limit", "the request")
            cover_id = cover_of(heard, Node(heard, heard.body))
        heard = self._ask(
            "cancel_limit", "DELETE", self._contract.path("cancel_cover"), {"cover": cover_id}, idempotent=False
        )
        return heard.read(
            LimitApplication,
            {
                "id": wire.job_id(heard),
                "state": LimitState.REQUESTED,
                "action": LimitAction.CANCEL,
                "raw": heard.body,
            },
        )

    def _change_cover(self, request: LimitRequest) -> LimitApplication:
        """Order a decrease or a cancellation of the one cover the company has."""
        if not self.capabilities.unverified_on:
            raise unverified_error(
                f"request_limit with action {request.action.value}",
                insurer=self.name,
                operation=Operation.REQUEST_LIMIT,
                note="that covers can be changed and deleted is official, with which path and body is not known",
            )
        covers = {row["coverId"].needed() for row in self._covers("request_limit", request.buyer_id)}
        if len(covers) != 1:
            raise InvalidInputError(
                f"company {request.buyer_id} has {len(covers)} covers under this policy; to {request.action.value} one, it "
                "must be the only one",
                insurer=self.name,
                operation="request_limit",
                reference=request.reference,
            )
        cancel = request.amount is None
        heard = self._ask(
            "request_limit",
            "DELETE" if cancel else "PATCH",
            self._contract.path("cancel_cover" if cancel else "amend_cover"),
            {"cover": covers.pop()},
            json=None if request.amount is None else {"creditLimitDetails": wire.amount_body(request.amount)},
            idempotent=False,
            reference=request.reference,
        )
        return wire.ordered(heard, request)

    def declare_overdue(self, declaration: OverdueDeclaration) -> Overdue:
        """Order category OVD. Its reference does not travel along, so it is never repeated by itself."""
        if declaration.reason is not OverdueReason.PROTRACTED_DEFAULT or declaration.comment:
            raise self._cannot(
                "declare_overdue", "a declaration with a comment or another reason than protracted default"
            )
        said = [name for name in _UNKNOWN_OF_DECLARATIONS if getattr(declaration, name) is not None]
        said += [
            name for name in _UNKNOWN_OF_INVOICES if any(getattr(one, name) is not None for one in declaration.invoices)
        ]
        if said:
            raise self._cannot("declare_overdue", f"{', '.join(said)} of a declaration")
        heard = self._order("declare_overdue", "overdue_declare", self._declared(declaration), declaration.reference)
        invoices = [invoice.model_dump() for invoice in declaration.invoices]
        total = declaration.invoices[0].amount
        for invoice in declaration.invoices[1:]:
            total += invoice.amount
        found = {
            "id": f"{declaration.buyer_id}:{wire.job_id(heard)}",
            "reference": declaration.reference,
            "state": OverdueState.DECLARED,
            "buyer_id": declaration.buyer_id,
            "invoices": invoices,
            "total": total,
            "reason": declaration.reason.value,
            "insurer_code": self._contract.code("overdue_declare"),
            "raw": heard.body,
        }
        return heard.read(Overdue, found)

    def find_overdue(self, declaration: OverdueDeclaration, since: datetime) -> Overdue | None:
        """Cannot be told: no way to list overdues is known, so the outcome stays unknown."""
        raise NoAnswerError(
            "allianz-trade has no known way to look for a declared overdue: see in the insurer's portal whether it arrived",
            reference=declaration.reference,
            insurer=self.name,
            operation="find_overdue",
        )

    def get_overdue(self, overdue_id: str) -> Overdue:
        """Follow the job; a status that is not known stays the insurer's own word."""
        buyer_id, job_id = _parts(overdue_id)
        found: dict[str, Any] = {"id": overdue_id, "buyer_id": buyer_id, "state": OverdueState.DECLARED}
        progress, heard = self._outcome("get_overdue", "overdue_job", job_id)
        if progress != "processed":
            state = OverdueState.DECLARED if progress == "pending" else progress
            return heard.read(Overdue, {**found, "state": state, "raw": heard.body})
        status = Node(heard, heard.body)[self._contract.name("overdue_status")].text()
        if status is not None:
            found |= {"state": self._contract.word("overdue_states", status), "insurer_code": status}
        return heard.read(Overdue, {**found, "raw": heard.body})

    def change_overdue(self, change: OverdueChange) -> Overdue:
        """Order category EXP (one invoice) or RES; that something was paid has no known category."""
        if change.comment or change.action not in (OverdueAction.EXTEND, OverdueAction.RESCHEDULE):
            raise self._cannot(
                "change_overdue", "a comment on a change, a settlement, a payment, a withdrawal or a document"
            )
        if change.action is OverdueAction.EXTEND and change.invoice is None:
            raise self._cannot("change_overdue", "an extension of more than one invoice at a time")
        buyer_id, job_id = _parts(change.overdue_id)
        progress, made = self._outcome("change_overdue", "overdue_job", job_id)
        if progress != "processed":
            raise self._working("change_overdue", "the declaration", change.reference)
        name = self._contract.name
        details: dict[str, Any] = {name("overdue_id"): Node(made, made.body)[name("overdue_id")].needed()}
        if change.new_due_date is not None:
            category, state = "overdue_extend", OverdueState.EXTENDED
            details[name("overdue_invoice_number")] = change.invoice
            details[name("overdue_new_due_date")] = change.new_due_date.isoformat()
        else:
            category, state = "overdue_reschedule", OverdueState.RESCHEDULED
            details[name("overdue_instalments")] = [
                {name("overdue_due_date"): one.due_date.isoformat(), **self._amount(one.amount)}
                for one in change.instalments
            ]
        heard = self._order("change_overdue", category, details, change.reference)
        wire.job_id(heard)
        found = {
            "id": change.overdue_id,
            "buyer_id": buyer_id,
            "state": state,
            "instalments": [one.model_dump() for one in change.instalments],
            "insurer_code": self._contract.code(category),
            "raw": heard.body,
        }
        return heard.read(Overdue, found)

    def _declared(self, declaration: OverdueDeclaration) -> dict[str, Any]:
        name = self._contract.name
        invoices = [
            {
                name("overdue_invoice_number"): invoice.number,
                name("overdue_due_date"): invoice.due_date.isoformat(),
                **self._amount(invoice.amount),
            }
            for invoice in declaration.invoices
        ]
        return {"companyId": declaration.buyer_id, name("overdue_invoices"): invoices}

    def _amount(self, amount: Money) -> dict[str, Any]:
        return {self._contract.name("overdue_amount"): wire.number(amount), "currencyCode": amount.currency}

    def _order(self, operation: str, category: str, details: dict[str, Any], reference: str | None) -> Heard:
        body = {
            self._contract.name("overdue_category"): self._contract.code(category),
            "policy": self._policy.body(),
            **details,
        }
        name = self._contract.find("names", "request_reference")
        if name is not None and reference is not None:
            body[name] = reference
        return self._post(operation, "overdues", body, idempotent=False, reference=reference)

    def _working(self, operation: str, on: str, reference: str | None = None) -> PendingError:
        return PendingError(
            f"{self.name} is still working on {on}; repeat this when that is done; nothing was sent",
            reference=reference,
            insurer=self.name,
            operation=operation,
        )

    def _cannot(self, operation: str, what: str) -> UnsupportedOperationError:
        return UnsupportedOperationError(
            f"{what} has no known form at {self.name}; use the insurer's portal; nothing was sent",
            code="unsupported",
            insurer=self.name,
            operation=operation,
        )


def _parts(overdue_id: str) -> tuple[str, str]:
    buyer_id, colon, job_id = overdue_id.partition(":")
    if not (buyer_id and colon and job_id):
        raise InvalidInputError("an overdue of allianz-trade is named <companyId>:<jobId>, as declare_overdue gave it")
    return buyer_id, job_id
