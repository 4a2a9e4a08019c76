"""The control API under /sandbox/v1: what the insurer's staff can do and see, for the console, for tests and for scripts.

Not part of any insurer's contract. Listings are newest first (buyers by name): `{"items": [...], "total": n}`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timezone
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from tradecredit_sdk.models.base import Instant
from tradecredit_sdk.models.limit import LimitState
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.overdue import DocumentKind, OverdueState
from tradecredit_sdk.sandbox import policies
from tradecredit_sdk.sandbox.clock import moment
from tradecredit_sdk.sandbox.console.figures import asked_for, figures
from tradecredit_sdk.sandbox.engine import Engine
from tradecredit_sdk.sandbox.faces.open_wire import ApplicationWire, BuyerWire, Grade, LimitWire
from tradecredit_sdk.sandbox.faces.open_wire_after import EventWire
from tradecredit_sdk.sandbox.faces.open_wire_overdues import AdverseWire, OverdueWire
from tradecredit_sdk.sandbox.faults import FaultPlan
from tradecredit_sdk.sandbox.gate import CONTROL
from tradecredit_sdk.sandbox.problem import Problem, invalid
from tradecredit_sdk.sandbox.records import Delivery

Page = Annotated[int, Query(ge=1, le=1_000_000)]
PageSize = Annotated[int, Query(ge=1, le=500)]
BuyerFilter = Annotated[str | None, Query(max_length=64)]
Listing = dict[str, Any]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


class ClockMove(_In):
    """One of the three; the clock only moves forward."""

    advance_days: Annotated[float, Field(ge=0, le=3660, allow_inf_nan=False)] | None = None
    advance_seconds: Annotated[float, Field(ge=0, le=3660 * 86_400, allow_inf_nan=False)] | None = None
    now: Instant | None = None


class ByHand(_In):
    """`approved` (in full, or `amount`), `partly_approved` (`amount`), or `refused`."""

    state: Literal[LimitState.APPROVED, LimitState.PARTLY_APPROVED, LimitState.REFUSED]
    amount: Money | None = None


class Cut(_In):
    """The new amount, zero to withdraw; with notice the limit counts in full until the day comes."""

    amount: Money
    notice_days: Annotated[int, Field(ge=0, le=365)] = 0


class NewGrade(_In):
    """A grade is "1" (best) to "10", or "NA"."""

    grade: Grade


class Wanted(_In):
    """Which documents the insurer needs, and within how many days."""

    kinds: Annotated[list[DocumentKind], Field(min_length=1, max_length=20)]
    days: Annotated[int, Field(ge=0, le=365)] = 30


class Acknowledging(_In):
    """How long a declaration lies unread from now on, on the sandbox clock; 0: it is answered at once."""

    after_seconds: Annotated[float, Field(ge=0, le=3660 * 86_400, allow_inf_nan=False)]


def control_router(engine: Engine, faults: FaultPlan) -> APIRouter:
    """All routes of the control API."""
    api = APIRouter(prefix=CONTROL)
    for part in (_views(engine), _clock(engine), _staff(engine), _faults(engine, faults)):
        api.include_router(part)
    return api


def _listing(items: Sequence[Any], total: int) -> Listing:
    return {"items": list(items), "total": total}


def _views(engine: Engine) -> APIRouter:
    router = APIRouter(tags=["sandbox: look"])

    @router.get("/overview", summary="How many there are of each thing")
    def overview() -> dict[str, Any]:
        known = [policy.id for one in policies.KEYS.values() for policy in one]
        countries = list(policies.COUNTRIES)
        return {
            **_clock_answer(engine),
            "counts": engine.overview(),
            "totals": figures(engine),
            "policies": known,
            "countries": countries,
        }

    @router.get("/buyers", summary="The directory, by name")
    def buyers(
        query: Annotated[str | None, Query(max_length=200)] = None,
        country: Annotated[str | None, Query(max_length=2)] = None,
        page: Page = 1,
        page_size: PageSize = 50,
    ) -> Listing:
        found, total = engine.buyers.list(query=query, country=country, offset=(page - 1) * page_size, limit=page_size)
        return _listing([BuyerWire.of(company) for company in found], total)

    @router.get("/applications", summary="Applications; `state=pending` those without a decision")
    def applications(
        state: Literal["pending"] | LimitState | None = None,
        buyer_id: BuyerFilter = None,
        page: Page = 1,
        page_size: PageSize = 50,
    ) -> Listing:
        # Every pending application here is `referred`: the sandbox answers all others at once.
        only = LimitState.REFERRED if state == "pending" else state
        offset, inbox = (page - 1) * page_size, engine.applications
        found = inbox.list(buyer_id=buyer_id, state=only, offset=offset, limit=page_size)
        total = inbox.count(buyer_id=buyer_id, state=only)
        return _listing([ApplicationWire.of(item) for item in found.items], total)

    @router.get("/limits", summary="Rows of cover; `state=in_force` those that count now")
    def limits(
        state: Literal["in_force"] | None = None, buyer_id: BuyerFilter = None, page: Page = 1, page_size: PageSize = 50
    ) -> Listing:
        offset, live = (page - 1) * page_size, state == "in_force"
        found = engine.limits.list(buyer_id=buyer_id, live_only=live, offset=offset, limit=page_size, newest_first=True)
        asked = asked_for(engine, [row.application_id for row in found.items])
        items = [
            {
                **LimitWire.of(row).model_dump(mode="json"),
                "policy_id": row.policy_id,
                "asked": asked.get(row.application_id),
            }
            for row in found.items
        ]
        return _listing(items, engine.limits.count(buyer_id=buyer_id, live_only=live))

    @router.get("/overdues", summary="Declared overdues")
    def overdues(
        state: OverdueState | None = None, buyer_id: BuyerFilter = None, page: Page = 1, page_size: PageSize = 50
    ) -> Listing:
        offset = (page - 1) * page_size
        found = engine.overdues.list(buyer_id=buyer_id, state=state, offset=offset, limit=page_size)
        total = engine.overdues.count(buyer_id=buyer_id, state=state)
        return _listing([OverdueWire.of(item) for item in found.items], total)

    @router.get("/adverse-reports", summary="Adverse information that was reported")
    def adverse_reports(buyer_id: BuyerFilter = None, page: Page = 1, page_size: PageSize = 50) -> Listing:
        found = engine.adverse.list(buyer_id=buyer_id, offset=(page - 1) * page_size, limit=page_size)
        return _listing([AdverseWire.of(item) for item in found.items], engine.adverse.count(buyer_id=buyer_id))

    @router.get("/events", summary="Events of all policies")
    def events(buyer_id: BuyerFilter = None, page: Page = 1, page_size: PageSize = 50) -> Listing:
        found = engine.events.list(buyer_id=buyer_id, offset=(page - 1) * page_size, limit=page_size, newest_first=True)
        return _listing([EventWire.of(item) for item in found.items], engine.events.count(buyer_id=buyer_id))

    @router.get("/deliveries", summary="Calls of webhooks, made and waiting")
    def deliveries(buyer_id: BuyerFilter = None, page: Page = 1, page_size: PageSize = 50) -> Listing:
        found = engine.webhooks.deliveries(buyer_id=buyer_id, offset=(page - 1) * page_size, limit=page_size)
        return _listing(list(map(_delivery, found.items)), engine.webhooks.count(buyer_id=buyer_id))

    return router


def _clock(engine: Engine) -> APIRouter:
    router = APIRouter(tags=["sandbox: act"])

    @router.get("/clock", summary="The sandbox clock")
    def clock() -> dict[str, Any]:
        return _clock_answer(engine)

    @router.post("/clock", summary="Move the clock forward; what falls due on the way happens")
    def move_clock(body: ClockMove) -> dict[str, Any]:
        given = [value for value in (body.advance_days, body.advance_seconds, body.now) if value is not None]
        if len(given) != 1:
            raise invalid("advance_days", "give exactly one of advance_days, advance_seconds and now")
        if body.now is not None:
            engine.set_now(body.now.astimezone(timezone.utc))
        else:
            engine.advance(days=body.advance_days or 0, seconds=body.advance_seconds or 0)
        return _clock_answer(engine)

    return router


def _staff(engine: Engine) -> APIRouter:
    router = APIRouter(tags=["sandbox: act"])

    @router.post("/applications/{application_id}/decide", summary="Decide a pending application")
    def decide(application_id: str, body: ByHand) -> ApplicationWire:
        return ApplicationWire.of(engine.applications.decide(application_id, body.state, body.amount))

    @router.post("/limits/{limit_id}/cut", summary="Reduce or withdraw a limit")
    def cut(limit_id: str, body: Cut) -> LimitWire:
        return LimitWire.of(engine.limits.cut(limit_id, body.amount, body.notice_days))

    @router.post("/buyers/{buyer_id}/insolvency", summary="Make a buyer insolvent")
    def insolvency(buyer_id: str) -> BuyerWire:
        return BuyerWire.of(engine.buyers.declare_insolvent(buyer_id))

    @router.post("/buyers/{buyer_id}/grade", summary="Grade a buyer anew")
    def grade(buyer_id: str, body: NewGrade) -> BuyerWire:
        return BuyerWire.of(engine.buyers.set_grade(buyer_id, body.grade))

    @router.post("/buyers/{buyer_id}/reinstate", summary="Cover deliveries to a buyer again, whatever had stopped it")
    def reinstate(buyer_id: str) -> BuyerWire:
        engine.adverse.reinstate(buyer_id)
        return BuyerWire.of(engine.buyers.get(buyer_id))

    @router.post("/overdues/{overdue_id}/acknowledge", summary="Look at a declaration that lies unread")
    def acknowledge(overdue_id: str) -> OverdueWire:
        return OverdueWire.of(engine.overdues.acknowledge(overdue_id))

    @router.post("/overdues/{overdue_id}/documents", summary="Ask for documents")
    def ask_documents(overdue_id: str, body: Wanted) -> OverdueWire:
        return OverdueWire.of(engine.overdues.ask_documents(overdue_id, body.kinds, body.days))

    @router.post("/overdues/{overdue_id}/hand-over", summary="Collect from now on")
    def hand_over(overdue_id: str) -> OverdueWire:
        return OverdueWire.of(engine.overdues.hand_over(overdue_id))

    @router.get("/acknowledging", summary="How long declarations lie unread")
    def acknowledging() -> dict[str, float]:
        return {"after_seconds": engine.overdues.acknowledge_seconds}

    @router.put(
        "/acknowledging", summary="Leave declarations unread for a while; those already there are not concerned"
    )
    def acknowledge_late(body: Acknowledging) -> dict[str, float]:
        engine.overdues.acknowledge_seconds = body.after_seconds
        return {"after_seconds": body.after_seconds}

    return router


def _faults(engine: Engine, plan: FaultPlan) -> APIRouter:
    router = APIRouter(tags=["sandbox: faults"])

    @router.get("/faults", summary="What is broken, and how often it was")
    def faults() -> dict[str, Any]:
        return plan.status()

    @router.put("/faults", summary="Break exchanges on purpose")
    def set_faults(body: dict[str, Any]) -> dict[str, Any]:
        try:
            plan.configure(body)
        except ValidationError as error:
            found = error.errors(include_input=False, include_url=False, include_context=False)
            fields = tuple((".".join(map(str, item["loc"])) or "body", item["msg"]) for item in found)
            raise Problem(422, "invalid_request", "The request is not valid.", fields) from None
        return plan.status()

    @router.delete("/faults", summary="Break nothing")
    def clear_faults() -> dict[str, Any]:
        plan.clear()
        return plan.status()

    @router.post("/reset", summary="Begin anew: nothing asked, no faults, clock at its start")
    def reset() -> dict[str, Any]:
        engine.reset()
        plan.clear()
        return _clock_answer(engine)

    return router


def _clock_answer(engine: Engine) -> dict[str, Any]:
    return {"now": moment(engine.now()), "offset_seconds": round(engine.clock.offset_seconds, 3)}


def _delivery(delivery: Delivery) -> Mapping[str, Any]:
    last = delivery.attempts[-1] if delivery.attempts else None
    return {
        "id": delivery.id,
        "webhook_id": delivery.webhook_id,
        "url": delivery.url,
        "policy_id": delivery.policy_id,
        "event_id": delivery.event_id,
        "event_type": delivery.event_type,
        "buyer_id": delivery.buyer_id,
        "state": delivery.state,
        "attempts": len(delivery.attempts),
        "last_at": _moment_of(last.at) if last else None,
        "last_status": last.status if last else None,
        "last_error": last.error if last else None,
    }


def _moment_of(at: datetime) -> str:
    return moment(at.astimezone(timezone.utc))
