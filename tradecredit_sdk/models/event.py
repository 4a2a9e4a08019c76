"""Events: the insurer raises, cuts and withdraws limits on its own; these say so.

An event says "look again": it names what changed, and the caller re-reads it before acting.
"""

from __future__ import annotations

from enum import Enum

from tradecredit_sdk.models.base import Id, Instant, ResponseModel, open_enum


class EventType(str, Enum):
    """What happened."""

    APPLICATION_DECIDED = "application.decided"
    LIMIT_GRANTED = "limit.granted"
    LIMIT_REDUCED = "limit.reduced"
    LIMIT_WITHDRAWAL_ANNOUNCED = "limit.withdrawal_announced"
    LIMIT_WITHDRAWN = "limit.withdrawn"
    LIMIT_EXPIRED = "limit.expired"
    LIMIT_CANCELLED = "limit.cancelled"
    BUYER_GRADE_CHANGED = "buyer.grade_changed"
    BUYER_INSOLVENT = "buyer.insolvent"
    OVERDUE_DECLARED = "overdue.declared"
    OVERDUE_CHANGED = "overdue.changed"
    OVERDUE_ACKNOWLEDGED = "overdue.acknowledged"
    OVERDUE_DOCUMENTS_REQUESTED = "overdue.documents_requested"
    OVERDUE_HANDED_OVER = "overdue.handed_over"
    COVER_STOPPED = "cover.stopped"
    COVER_REINSTATED = "cover.reinstated"


class Event(ResponseModel):
    """One thing that happened at the insurer; `id` is stable, so a repeated delivery can be recognised."""

    id: Id
    type: open_enum(EventType)  # type: ignore[valid-type]
    occurred_at: Instant
    policy_id: str | None = None
    buyer_id: str | None = None
    application_id: str | None = None
    limit_id: str | None = None
    overdue_id: str | None = None
