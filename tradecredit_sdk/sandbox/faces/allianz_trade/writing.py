"""Requests for cover: each is taken in, and answered with a job id."""

from typing import Annotated

from fastapi import APIRouter, Depends

from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.policy import Policy
from tradecredit_sdk.sandbox.engine import Engine
from tradecredit_sdk.sandbox.faces.allianz_trade.access import Tokens, main_policy
from tradecredit_sdk.sandbox.faces.allianz_trade.asking import ask, cancel
from tradecredit_sdk.sandbox.faces.allianz_trade.callbacks import Callbacks, Wish, read_wish
from tradecredit_sdk.sandbox.faces.allianz_trade.covers import CoverId, find_cover
from tradecredit_sdk.sandbox.faces.allianz_trade.jobs import Job
from tradecredit_sdk.sandbox.faces.allianz_trade.requests import (
    CoverChange,
    CoverRequest,
    CoverRequestV2,
    CreditLimitDetails,
)
from tradecredit_sdk.sandbox.faces.allianz_trade.words import money


def writing_router(engine: Engine, tokens: Tokens, callbacks: Callbacks) -> APIRouter:
    """POST, PATCH and DELETE beneath `/riskinfo`."""
    router = APIRouter()
    mine_type = Annotated[tuple[Policy, ...], Depends(tokens.open)]
    wish_type = Annotated[Wish | None, Depends(read_wish)]

    def started(cover_id: CoverId, application_id: str | None, wish: Wish | None) -> str:
        job = str(Job(engine.now(), str(cover_id)))
        if wish is not None:
            callbacks.promise(wish, job, cover_id, application_id)
        return job

    @router.post("/v3/covers", status_code=202)
    def request_cover(body: CoverRequest, mine: mine_type, wish: wish_type) -> str:
        """Ask for a credit limit, or for the grade alone. The answer is a job id: a bare JSON string."""
        policy = main_policy(body.policy, mine)
        if body.credit_limit_details is None or body.request_type_code == "GradeCover":
            engine.buyers.order_grade(policy.id, body.company_id)
            return started(CoverId("grd", policy.id, body.company_id), None, wish)
        application = ask(
            engine,
            policy.id,
            body.company_id,
            _total(body.credit_limit_details),
            urgent=body.is_request_urgent,
            comment=body.comment,
            reference=body.customer_reference,
        )
        return started(CoverId("cov", policy.id, body.company_id), application.id, wish)

    @router.patch("/v3/covers/{cover_id}", status_code=202)
    def change_cover(cover_id: str, body: CoverChange, mine: mine_type, wish: wish_type) -> str:
        """Ask for another amount. Path and body are a guess."""
        cover = find_cover(engine, CoverId.parse(cover_id, mine))
        application = ask(
            engine,
            cover.policy_id,
            cover.company.id,
            _total(body.credit_limit_details),
            urgent=body.is_request_urgent,
            comment=body.comment,
            reference=body.customer_reference,
        )
        return started(cover.id, application.id, wish)

    @router.delete("/v3/covers/{cover_id}", status_code=202)
    def cancel_cover(cover_id: str, mine: mine_type, wish: wish_type) -> str:
        """Cancel what is pending, else the limit. The path is a guess."""
        cover = find_cover(engine, CoverId.parse(cover_id, mine))
        cancel(engine, cover.policy_id, cover.company.id)
        return started(cover.id, None, wish)

    @router.post("/v2/covers", status_code=202)
    def request_cover_v2(body: CoverRequestV2, mine: mine_type, wish: wish_type) -> str:
        """Ask for a credit limit the old way; the job is one of version 3."""
        policy, data = main_policy(body.policy, mine), body.request_data
        amount = money(data.amount, data.currency_code, "requestData.amount")
        application = ask(
            engine, policy.id, data.company_id, amount, urgent=data.is_request_urgent, comment=data.comment
        )
        return started(CoverId("cov", policy.id, data.company_id), application.id, wish)

    return router


def _total(details: CreditLimitDetails) -> Money:
    return money(details.requested_amount, details.currency_code, "creditLimitDetails.requestedAmount")
