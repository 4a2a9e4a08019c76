"""Overdues: only the codes OVD, EXP and RES are known of this interface; every path and other name is invented."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response

from tradecredit_sdk.models.overdue import OverdueAction
from tradecredit_sdk.models.policy import Policy
from tradecredit_sdk.sandbox import records
from tradecredit_sdk.sandbox.engine import Engine
from tradecredit_sdk.sandbox.faces.allianz_trade import names
from tradecredit_sdk.sandbox.faces.allianz_trade.access import Tokens, main_policy
from tradecredit_sdk.sandbox.faces.allianz_trade.covers import number
from tradecredit_sdk.sandbox.faces.allianz_trade.jobs import Job
from tradecredit_sdk.sandbox.faces.allianz_trade.requests import (
    Declaration,
    Extension,
    OverdueReport,
    Rescheduling,
    Search,
)
from tradecredit_sdk.sandbox.faces.allianz_trade.words import in_our_words, money, page_of
from tradecredit_sdk.sandbox.problem import not_found
from tradecredit_sdk.sandbox.records import Declared, Overdue

_ALL = 1_000_000


def overdues_router(engine: Engine, tokens: Tokens, job_seconds: float) -> APIRouter:
    """`/overdues/v1/…`: invented, so that a client's switch for unverified calls can be tried."""
    router = APIRouter()
    mine_type = Annotated[tuple[Policy, ...], Depends(tokens.open)]

    @router.post("/overdues", status_code=202)
    def report(body: OverdueReport, mine: mine_type) -> str:
        """Declare (OVD), extend (EXP) or reschedule (RES); the answer is a job id."""
        policy = main_policy(body.policy, mine)
        with in_our_words():
            if isinstance(body, Declaration):
                overdue = engine.overdues.declare(policy.id, _declared(body)).overdue
            else:
                overdue = engine.overdues.act(policy.id, body.overdue_id, _change(body)).overdue
        return str(Job(engine.now(), overdue.id))

    @router.get("/jobs/{job_id}")
    def job(job_id: str, request: Request, mine: mine_type) -> dict[str, Any]:
        """Whether the job is processed, and then where to look."""
        now = engine.now()
        found = Job.parse(job_id, now)
        overdue = _mine(engine, found.resource_id, mine)
        beneath = str(request.url.replace(query="")).rpartition("/jobs/")[0]
        return found.answer(now, job_seconds, f"{beneath}/overdues/{overdue.id}")

    @router.get("/overdues/{overdue_id}")
    def overdue(overdue_id: str, mine: mine_type) -> dict[str, Any]:
        """One declared overdue."""
        return _answer(_mine(engine, overdue_id, mine))

    @router.post("/overdues/search")
    def search(body: Search, response: Response, mine: mine_type) -> list[dict[str, Any]]:
        """The overdues of some policies, newest first: a bare array."""
        rows: list[Overdue] = []
        for policy in [main_policy(key, mine) for key in body.policies]:
            rows += engine.overdues.list(policy_id=policy.id, limit=_ALL).items
        return [_answer(row) for row in page_of(rows, body.pagination, response)]

    return router


def _mine(engine: Engine, overdue_id: str, mine: tuple[Policy, ...]) -> Overdue:
    overdue = engine.overdues.get(overdue_id)
    if overdue.policy_id not in {policy.id for policy in mine}:
        raise not_found("not_found", "overdue with this id")
    return overdue


def _declared(body: Declaration) -> Declared:
    invoices = tuple(
        records.Invoice(one.invoice_number, one.due_date, money(one.amount, one.currency_code, "invoices.amount"))
        for one in body.invoices
    )
    return Declared(body.company_id, invoices, comment=body.comment, reference=body.customer_reference)


def _change(body: Extension | Rescheduling) -> records.Change:
    if isinstance(body, Extension):
        return records.Change(
            OverdueAction.EXTEND,
            invoice=body.invoice_number,
            new_due_date=body.new_due_date,
            comment=body.comment,
            reference=body.customer_reference,
        )
    instalments = tuple(
        records.Instalment(one.due_date, money(one.amount, one.currency_code, "instalments.amount"))
        for one in body.instalments
    )
    return records.Change(
        OverdueAction.RESCHEDULE, instalments=instalments, comment=body.comment, reference=body.customer_reference
    )


def _answer(overdue: Overdue) -> dict[str, Any]:
    declared, currency = overdue.declared, overdue.total.currency
    return {
        "overdueId": overdue.id,
        "overdueCategoryTypeCode": overdue.code if overdue.code in ("EXP", "RES") else "OVD",
        "overdueStatusCode": names.OVERDUE_STATUS[overdue.state].word,
        "policy": {"policyId": overdue.policy_id, "extensionId": ""},
        "companyId": declared.buyer_id,
        "customerReference": declared.reference,
        "declarationDate": overdue.declared_at.date().isoformat(),
        "answer": overdue.answer,
        "totalAmount": number(overdue.total),
        "currencyCode": currency,
        "invoices": [
            {
                "invoiceNumber": one.number,
                "dueDate": one.due_date.isoformat(),
                "amount": number(one.amount),
                "currencyCode": currency,
                "newDueDate": one.extended_to.isoformat() if one.extended_to else None,
                "settlementDate": one.settled_on.isoformat() if one.settled_on else None,
            }
            for one in declared.invoices
        ],
        "instalments": [
            {"dueDate": one.due_date.isoformat(), "amount": number(one.amount), "currencyCode": currency}
            for one in overdue.instalments
        ],
    }
