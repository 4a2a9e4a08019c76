"""The `open` face: the contract of docs/reference/open-contract.md over the engine, under /open/v1."""

from __future__ import annotations

import re
import zlib
from collections.abc import Callable
from typing import Annotated, Any, TypeVar

from fastapi import APIRouter, Depends, Path, Query, Response
from fastapi.security import HTTPAuthorizationCredentials, HTTPBearer

from tradecredit_sdk.models.limit import LimitState
from tradecredit_sdk.models.overdue import OverdueState
from tradecredit_sdk.models.policy import Policy
from tradecredit_sdk.sandbox import policies
from tradecredit_sdk.sandbox.engine import Engine
from tradecredit_sdk.sandbox.faces import open_wire as wire
from tradecredit_sdk.sandbox.faces import open_wire_after as after_sale
from tradecredit_sdk.sandbox.faces import open_wire_overdues as unpaid
from tradecredit_sdk.sandbox.problem import Problem, invalid, not_found
from tradecredit_sdk.sandbox.records import Slice

T = TypeVar("T")

PREFIX = "/open/v1"
_CURSOR = re.compile(r"(\d{1,15})-([0-9a-f]{8})\Z", re.ASCII)

# Coroutines where nothing waits: a plain function would cost a change of thread each.
_bearer = HTTPBearer(auto_error=False, scheme_name="key", description="The sandbox accepts the key `sandbox`.")

PageSize = Annotated[int, Query(ge=1, le=500)]
Cursor = Annotated[str | None, Query(max_length=64, description="`next_cursor` of the page before")]
BuyerFilter = Annotated[str | None, Query(max_length=64)]
ReferenceFilter = Annotated[str | None, Query(max_length=20)]
PolicyId = Annotated[str, Path(max_length=64, examples=["DEMO-001"])]
BuyerId = Annotated[str, Path(max_length=64, examples=["000004711"])]
ApplicationId = Annotated[str, Path(max_length=64, examples=["app-000001"])]
LimitId = Annotated[str, Path(max_length=64, examples=["lim-000001"])]
OverdueId = Annotated[str, Path(max_length=64, examples=["ovd-000001"])]
ReportId = Annotated[str, Path(max_length=64, examples=["adv-000001"])]
WebhookId = Annotated[str, Path(max_length=64, examples=["whk-000001"])]


def problems(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """The documented errors of an operation: those every one has, and `statuses`."""
    schema = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/ProblemWire"}}}
    names = {
        400: "not JSON",
        401: "no valid key",
        404: "not found",
        409: "conflict",
        413: "too large",
        422: "not valid",
    }
    return {status: {"description": names[status], "content": schema} for status in sorted({401, 422, *statuses})}


async def caller(credentials: Annotated[HTTPAuthorizationCredentials | None, Depends(_bearer)]) -> tuple[Policy, ...]:
    """The policies the key in the request sees; Problem 401."""
    found = None if credentials is None else policies.policies_of(credentials.credentials)
    if found is None:
        raise Problem(
            401, "unauthenticated", "Send your key: Authorization: Bearer <key>. The sandbox takes `sandbox`."
        )
    return found


async def own_policy(policy_id: PolicyId, mine: Annotated[tuple[Policy, ...], Depends(caller)]) -> Policy:
    """The policy named in the path, if the key may see it; Problem 404."""
    for policy in mine:
        if policy.id == policy_id:
            return policy
    raise not_found("policy_not_found", "policy with this number")


Mine = Annotated[tuple[Policy, ...], Depends(caller)]
Own = Annotated[Policy, Depends(own_policy)]


class Cursors:
    """Cursors of one listing: a number, bound to the listing and its filters, so that a mistaken one is seen."""

    def __init__(self, listing: str, policy: Policy, **filters: object) -> None:
        self._seal = f"{zlib.crc32(repr((listing, policy.id, sorted(filters.items()))).encode()):08x}"

    def read(self, cursor: str | None) -> int | None:
        """Where to go on; Problem 422 for a cursor of another listing or other filters."""
        if cursor is None:
            return None
        match = _CURSOR.match(cursor)
        if match is None or match[2] != self._seal:
            raise invalid("cursor", "does not belong to this listing with these filters")
        return int(match[1])

    def write(self, last: int) -> str:
        """The cursor that goes on after `last`."""
        return f"{last}-{self._seal}"


def _page(
    listing: str,
    fetch: Callable[..., Slice[T]],
    policy: Policy,
    cursor: str | None,
    page_size: int,
    **filters: object,
) -> tuple[tuple[T, ...], str | None]:
    """The rows behind `cursor`, found by the very filters that the cursor is bound to, and the cursor that continues them."""
    cursors = Cursors(listing, policy, **filters)
    found = fetch(policy_id=policy.id, **filters, after=cursors.read(cursor), limit=page_size)
    return found.items, None if found.last is None else cursors.write(found.last)


def open_router(engine: Engine) -> APIRouter:
    """All routes of the contract."""
    face = APIRouter(prefix=PREFIX)
    for part in (_buyers, _policies, _applications, _decisions, _limits, _overdues, _adverse, _events, _webhooks):
        face.include_router(part(engine))
    return face


def _buyers(engine: Engine) -> APIRouter:
    router = APIRouter(tags=["open: buyers"])

    @router.post("/buyers/search", summary="Find buyers", responses=problems(400, 413))
    def search_buyers(body: wire.BuyerSearch, mine: Mine) -> wire.BuyerHits:
        if body.name is None and not body.identifiers:
            raise invalid("name", "give a name or an identifier to look for")
        hits = engine.buyers.search(
            country=body.country,
            name=body.name,
            identifiers=[(item.type, item.value, item.country) for item in body.identifiers],
            town=body.town,
            postal_code=body.postal_code,
            max_results=body.max_results,
        )
        return wire.BuyerHits(buyers=[wire.BuyerWire.of(hit.company, hit.score) for hit in hits])

    @router.get("/buyers/{buyer_id}", summary="One buyer", responses=problems(404))
    def get_buyer(buyer_id: BuyerId, mine: Mine) -> wire.BuyerWire:
        return wire.BuyerWire.of(engine.buyers.get(buyer_id))

    return router


def _policies(engine: Engine) -> APIRouter:
    router = APIRouter(tags=["open: policies"])

    @router.get("/policies", summary="Your policies", responses=problems())
    def list_policies(mine: Mine) -> wire.PolicyPage:
        return wire.PolicyPage(items=[wire.PolicyWire.of(policy) for policy in mine])

    @router.get("/policies/{policy_id}", summary="One policy", responses=problems(404))
    def get_policy(policy: Own) -> wire.PolicyWire:
        return wire.PolicyWire.of(policy)

    return router


def _applications(engine: Engine) -> APIRouter:
    router, base = APIRouter(tags=["open: applications"]), "/policies/{policy_id}/applications"
    made: dict[int | str, dict[str, Any]] = {
        200: {"description": "the reference was known, with the same content", "model": wire.ApplicationWire},
        201: {"description": "decided at once", "model": wire.ApplicationWire},
        202: {"description": "received; the decision comes later", "model": wire.ApplicationWire},
    }

    @router.post(
        base,
        summary="Apply for a limit",
        status_code=201,
        responses={**made, **problems(400, 404, 409, 413)},
    )
    def apply_for_limit(body: wire.ApplicationRequest, policy: Own, response: Response) -> wire.ApplicationWire:
        application, is_new = engine.applications.submit(policy.id, body.asked())
        response.status_code = 200 if not is_new else 202 if application.is_pending else 201
        return wire.ApplicationWire.of(application)

    @router.get(base, summary="Applications, newest first", responses=problems(404))
    def list_applications(
        policy: Own,
        reference: ReferenceFilter = None,
        buyer_id: BuyerFilter = None,
        state: LimitState | None = None,
        cursor: Cursor = None,
        page_size: PageSize = 50,
    ) -> wire.ApplicationPage:
        filters = {"reference": reference, "buyer_id": buyer_id, "state": state}
        rows, following = _page("applications", engine.applications.list, policy, cursor, page_size, **filters)
        return wire.ApplicationPage(items=[wire.ApplicationWire.of(row) for row in rows], next_cursor=following)

    @router.get(base + "/{application_id}", summary="One application", responses=problems(404))
    def get_application(application_id: ApplicationId, policy: Own) -> wire.ApplicationWire:
        return wire.ApplicationWire.of(engine.applications.get(application_id, policy_id=policy.id))

    @router.get(base + "/{application_id}/decision", summary="Its decision", responses=problems(404))
    def get_decision(application_id: ApplicationId, policy: Own) -> wire.DecisionWire:
        return wire.DecisionWire.of(engine.applications.get(application_id, policy_id=policy.id))

    @router.post(base + "/{application_id}/cancel", summary="Call it back", responses=problems(404, 409))
    def cancel_application(application_id: ApplicationId, policy: Own) -> wire.ApplicationWire:
        return wire.ApplicationWire.of(engine.applications.cancel(application_id, policy_id=policy.id))

    return router


def _decisions(engine: Engine) -> APIRouter:
    router = APIRouter(tags=["open: applications"])

    @router.get(
        "/policies/{policy_id}/decisions",
        summary="Decisions, newest first",
        responses=problems(404),
    )
    def list_decisions(
        policy: Own, buyer_id: BuyerFilter = None, cursor: Cursor = None, page_size: PageSize = 50
    ) -> wire.DecisionPage:
        inbox = engine.applications
        rows, following = _page("decisions", inbox.decided, policy, cursor, page_size, buyer_id=buyer_id)
        return wire.DecisionPage(items=[wire.DecisionWire.of(row) for row in rows], next_cursor=following)

    return router


def _limits(engine: Engine) -> APIRouter:
    router, base = APIRouter(tags=["open: limits"]), "/policies/{policy_id}/limits"

    @router.get(base, summary="Rows of cover, ended ones included", responses=problems(404))
    def list_limits(
        policy: Own, buyer_id: BuyerFilter = None, cursor: Cursor = None, page_size: PageSize = 50
    ) -> wire.LimitPage:
        rows, following = _page("limits", engine.limits.list, policy, cursor, page_size, buyer_id=buyer_id)
        return wire.LimitPage(items=[wire.LimitWire.of(row) for row in rows], next_cursor=following)

    @router.get(base + "/{limit_id}", summary="One row", responses=problems(404))
    def get_limit(limit_id: LimitId, policy: Own) -> wire.LimitWire:
        return wire.LimitWire.of(engine.limits.get(limit_id, policy_id=policy.id))

    @router.post(base + "/{limit_id}/cancel", summary="Give it up", responses=problems(404))
    def cancel_limit(limit_id: LimitId, policy: Own) -> wire.LimitWire:
        return wire.LimitWire.of(engine.limits.cancel(limit_id, policy_id=policy.id))

    return router


def _overdues(engine: Engine) -> APIRouter:
    router, base = APIRouter(tags=["open: overdues"]), "/policies/{policy_id}/overdues"
    made: dict[int | str, dict[str, Any]] = {
        200: {"description": "the reference was known, with the same content", "model": unpaid.OverdueWire},
        201: {"description": "done", "model": unpaid.OverdueWire},
    }
    answers = {**made, **problems(400, 404, 409, 413)}

    @router.post(base, summary="Declare an overdue", status_code=201, responses=answers)
    def declare_overdue(body: unpaid.OverdueRequest, policy: Own, response: Response) -> unpaid.OverdueWire:
        overdue, is_new = engine.overdues.declare(policy.id, body.declared())
        response.status_code = 201 if is_new else 200
        return unpaid.OverdueWire.of(overdue)

    @router.get(base, summary="Overdues, newest first", responses=problems(404))
    def list_overdues(
        policy: Own,
        reference: ReferenceFilter = None,
        buyer_id: BuyerFilter = None,
        state: OverdueState | None = None,
        cursor: Cursor = None,
        page_size: PageSize = 50,
    ) -> unpaid.OverduePage:
        filters = {"reference": reference, "buyer_id": buyer_id, "state": state}
        rows, following = _page("overdues", engine.overdues.list, policy, cursor, page_size, **filters)
        return unpaid.OverduePage(items=[unpaid.OverdueWire.of(row) for row in rows], next_cursor=following)

    @router.get(base + "/{overdue_id}", summary="One overdue", responses=problems(404))
    def get_overdue(overdue_id: OverdueId, policy: Own) -> unpaid.OverdueWire:
        return unpaid.OverdueWire.of(engine.overdues.get(overdue_id, policy_id=policy.id))

    @router.post(
        base + "/{overdue_id}/actions",
        summary="Extend, reschedule, pay, settle, withdraw, or send documents",
        status_code=201,
        responses=answers,
    )
    def change_overdue(
        overdue_id: OverdueId, body: unpaid.ActionRequest, policy: Own, response: Response
    ) -> unpaid.OverdueWire:
        overdue, is_new = engine.overdues.act(policy.id, overdue_id, body.change())
        response.status_code = 201 if is_new else 200
        return unpaid.OverdueWire.of(overdue)

    return router


def _adverse(engine: Engine) -> APIRouter:
    router, base = APIRouter(tags=["open: overdues"]), "/policies/{policy_id}/adverse-reports"
    made: dict[int | str, dict[str, Any]] = {
        200: {"description": "the reference was known, with the same content", "model": unpaid.AdverseWire},
        201: {"description": "received", "model": unpaid.AdverseWire},
    }

    @router.post(base, summary="Report adverse information", status_code=201,
                 responses={**made, **problems(400, 404, 409, 413)})  # fmt: skip
    def report_adverse(body: unpaid.AdverseRequest, policy: Own, response: Response) -> unpaid.AdverseWire:
        adverse, is_new = engine.adverse.report(policy.id, body.reported())
        response.status_code = 201 if is_new else 200
        return unpaid.AdverseWire.of(adverse)

    @router.get(base, summary="Adverse reports, newest first", responses=problems(404))
    def list_adverse(
        policy: Own,
        reference: ReferenceFilter = None,
        buyer_id: BuyerFilter = None,
        cursor: Cursor = None,
        page_size: PageSize = 50,
    ) -> unpaid.AdversePage:
        filters = {"reference": reference, "buyer_id": buyer_id}
        rows, following = _page("adverse", engine.adverse.list, policy, cursor, page_size, **filters)
        return unpaid.AdversePage(items=[unpaid.AdverseWire.of(row) for row in rows], next_cursor=following)

    @router.get(base + "/{report_id}", summary="One adverse report", responses=problems(404))
    def get_adverse(report_id: ReportId, policy: Own) -> unpaid.AdverseWire:
        return unpaid.AdverseWire.of(engine.adverse.get(report_id, policy_id=policy.id))

    return router


def _events(engine: Engine) -> APIRouter:
    router = APIRouter(tags=["open: events"])

    @router.get(
        "/policies/{policy_id}/events",
        summary="What happened, oldest first",
        responses=problems(404),
    )
    def poll_events(policy: Own, cursor: Cursor = None, page_size: PageSize = 50) -> after_sale.EventPage:
        cursors = Cursors("events", policy)
        items, last = engine.events.poll(policy.id, after=cursors.read(cursor) or 0, limit=page_size)
        return after_sale.EventPage(
            items=[after_sale.EventWire.of(item) for item in items], next_cursor=cursors.write(last)
        )

    return router


def _webhooks(engine: Engine) -> APIRouter:
    router, base = APIRouter(tags=["open: webhooks"]), "/policies/{policy_id}/webhooks"

    @router.post(base, summary="Be called", status_code=201, responses=problems(400, 404, 413))
    def register_webhook(body: after_sale.WebhookRequest, policy: Own) -> after_sale.WebhookMade:
        webhook = engine.webhooks.register(policy.id, body.url, body.secret)
        return after_sale.WebhookMade(id=webhook.id, url=webhook.url, secret=webhook.secret)

    @router.get(base, summary="Who is called", responses=problems(404))
    def list_webhooks(policy: Own) -> after_sale.WebhookPage:
        found = engine.webhooks.list(policy.id)
        return after_sale.WebhookPage(items=[after_sale.WebhookWire(id=item.id, url=item.url) for item in found])

    @router.delete(
        base + "/{webhook_id}",
        summary="Be called no more",
        status_code=204,
        response_model=None,
        responses=problems(404),
    )
    def remove_webhook(webhook_id: WebhookId, policy: Own) -> None:
        engine.webhooks.remove(policy.id, webhook_id)

    return router
