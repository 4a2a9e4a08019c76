"""Jobs, covers and requests as they can be read, version 3, and the covers of version 2."""

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request, Response

from tradecredit_sdk.models.policy import Policy
from tradecredit_sdk.sandbox.engine import Engine
from tradecredit_sdk.sandbox.faces.allianz_trade import covers
from tradecredit_sdk.sandbox.faces.allianz_trade.access import Tokens, main_policy, policy_by_id
from tradecredit_sdk.sandbox.faces.allianz_trade.covers import CoverId
from tradecredit_sdk.sandbox.faces.allianz_trade.jobs import Job
from tradecredit_sdk.sandbox.faces.allianz_trade.requests import CoverRequestSearch, Pagination, Search
from tradecredit_sdk.sandbox.faces.allianz_trade.words import page_of

_ALL = 1_000_000


def reading_router(engine: Engine, tokens: Tokens, job_seconds: float) -> APIRouter:
    """GET and the searches beneath `/riskinfo`."""
    router = APIRouter()
    mine_type = Annotated[tuple[Policy, ...], Depends(tokens.open)]

    @router.get("/v3/jobs/{job_id}")
    def job(job_id: str, request: Request, mine: mine_type) -> dict[str, Any]:
        """Whether the job is processed, and then where to look. That is not a decision yet."""
        now = engine.now()
        found = Job.parse(job_id, now)
        cover_id = CoverId.parse(found.resource_id, mine)
        engine.buyers.get(cover_id.company_id)
        beneath = str(request.url.replace(query="")).rpartition("/jobs/")[0]
        return found.answer(now, job_seconds, f"{beneath}/covers/{cover_id}")

    @router.get("/v3/covers/{cover_id}")
    def cover(cover_id: str, mine: mine_type) -> dict[str, Any]:
        """The position on one company: what was decided, not what is pending."""
        asked = CoverId.parse(cover_id, mine)
        if asked.kind == "grd":
            return covers.grade_answer(covers.find_grade(engine, asked), asked.policy_id)
        return covers.cover_answer(covers.find_cover(engine, asked), engine.now().date())

    @router.post("/v3/covers/search")
    def search_covers(body: Search, response: Response, mine: mine_type) -> list[dict[str, Any]]:
        """All covers of some policies, grades too: a bare array of flat rows."""
        today = engine.now().date()
        rows: list[dict[str, Any]] = []
        for policy in [main_policy(key, mine) for key in body.policies]:
            rows += [covers.cover_answer(one, today) for one in covers.covers_of(engine, policy.id)]
            rows += [covers.grade_answer(one, policy.id) for one in engine.buyers.ordered_grades(policy.id)]
        return list(page_of(rows, body.pagination, response))

    @router.post("/v3/coverRequests/search")
    def search_requests(body: CoverRequestSearch, response: Response, mine: mine_type) -> list[dict[str, Any]]:
        """The requests of some policies, newest first: a bare array."""
        rows: list[dict[str, Any]] = []
        for policy in [main_policy(key, mine) for key in body.policies]:
            rows += map(covers.request_answer, engine.applications.list(policy_id=policy.id, limit=_ALL).items)
        wanted = [row for row in rows if body.request_status_code in (None, row["requestStatusCode"])]
        return list(page_of(wanted, body.pagination, response))

    @router.get("/v2/covers", status_code=206)
    def covers_v2(
        response: Response,
        mine: mine_type,
        policy_id: Annotated[str, Query(alias="policyId")],
        company_id: Annotated[str | None, Query(alias="companyId")] = None,
        business_unit_code: Annotated[str | None, Query(alias="businessUnitCode")] = None,
        page: Annotated[int, Query(ge=1, le=1_000_000)] = 1,
        page_size: Annotated[int, Query(alias="pageSize", ge=1, le=10_000)] = 20,
    ) -> list[dict[str, Any]]:
        """The covers of one policy; every page is answered with 206."""
        found = covers.covers_of(engine, policy_by_id(policy_id, mine).id, company_id or None)
        pagination = Pagination(page=page, pageSize=page_size)
        return [covers.cover_answer_v2(one) for one in page_of(found, pagination, response)]

    return router
