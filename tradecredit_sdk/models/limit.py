"""Limits: what is asked of the insurer, what it decides, and the rows that are then in force.

Two levels, never mixed: an application that was *processed* is not yet a *decision* (an underwriter may still look
at it). Neutral vocabulary: UN/EDIFACT 4505 (request) and 4507 (response); the insurer's own code is always kept.
"""

from __future__ import annotations

from datetime import date
from enum import Enum
from typing import Annotated, Any

from pydantic import Field, StringConstraints, model_validator

from tradecredit_sdk.models.base import (
    Day,
    Days,
    Flag,
    Id,
    Instant,
    Percent,
    Reference,
    RequestModel,
    ResponseModel,
    open_enum,
)
from tradecredit_sdk.models.money import Money


class LimitAction(str, Enum):
    """What is asked (UN/EDIFACT 4505: 2 new, 3 increase, 7 reduction, 6 cancellation)."""

    NEW = "new"
    INCREASE = "increase"
    DECREASE = "decrease"
    CANCEL = "cancel"


class LimitKind(str, Enum):
    """How a row counts: a temporary limit adds to the permanent one while it is valid (domain rule 31).

    A top-up is a second insurer's cover above the first (rule 32); a discretionary one is the seller's own (13-15).
    """

    PERMANENT = "permanent"
    TEMPORARY = "temporary"
    DISCRETIONARY = "discretionary"
    TOP_UP = "top_up"


class LimitState(str, Enum):
    """Where an application or a limit stands."""

    REQUESTED = "requested"
    REFERRED = "referred"
    APPROVED = "approved"
    PARTLY_APPROVED = "partly_approved"
    REFUSED = "refused"
    REDUCED = "reduced"
    WITHDRAWAL_ANNOUNCED = "withdrawal_announced"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"


PENDING_STATES = frozenset({LimitState.REQUESTED, LimitState.REFERRED})
"""No decision yet."""

EDIFACT_4507: dict[LimitState, str] = {
    LimitState.REFERRED: "6",
    LimitState.APPROVED: "2",
    LimitState.PARTLY_APPROVED: "5",
    LimitState.REFUSED: "3",
    LimitState.REDUCED: "9",
    LimitState.WITHDRAWN: "8",
    LimitState.CANCELLED: "8",
}
"""Our state -> UN/EDIFACT 4507 credit limit response code, where one exists."""


class LimitRequest(RequestModel):
    """An application for a credit limit on one buyer, in your own words before any insurer's.

    `amount` is the total wanted, not the difference (except for `cancel`, where it is absent). `terms_days` is the
    payment term counted from delivery. `comment` and `urgent` may cost an automatic answer or a fee: send them only
    on purpose. `reference` (at most 20 characters) is fixed before anything is sent and makes the request findable.
    """

    buyer_id: Id
    action: LimitAction = LimitAction.NEW
    kind: LimitKind = LimitKind.PERMANENT
    amount: Money | None = None
    valid_until: Day | None = None
    terms_days: Days | None = None
    urgent: Flag = False
    reference: Reference | None = None
    comment: Annotated[str, StringConstraints(max_length=1000)] | None = None

    @model_validator(mode="after")
    def _complete(self) -> LimitRequest:
        if self.action is LimitAction.CANCEL:
            if self.amount is not None:
                raise ValueError("a cancellation carries no amount")
        elif self.amount is None or self.amount.amount <= 0:
            raise ValueError("amount must be greater than zero")
        if self.kind not in (LimitKind.PERMANENT, LimitKind.TEMPORARY):
            raise ValueError("only permanent and temporary limits can be requested from an insurer")
        if self.kind is LimitKind.TEMPORARY and self.valid_until is None and self.action is not LimitAction.CANCEL:
            raise ValueError("a temporary limit needs valid_until, its last day")
        if self.kind is LimitKind.PERMANENT and self.valid_until is not None:
            raise ValueError("valid_until belongs to a temporary limit")
        return self


class Condition(ResponseModel):
    """A condition the insurer attached to its decision, in its own words."""

    code: str | None = None
    text: str


class LimitDecision(ResponseModel):
    """What the insurer decided on one application.

    `amount` is what it grants in total: zero means refused cover, None means there is no decision yet. Its currency
    may differ from the requested one. `insurer_code` is the insurer's own word, verbatim.
    """

    application_id: Id
    state: open_enum(LimitState)  # type: ignore[valid-type]
    amount: Money | None = None
    insurer_code: str | None = None
    reason: str | None = None
    conditions: tuple[Condition, ...] = ()
    buyer_id: Id | None = None
    reference: str | None = None
    limit_id: Id | None = None
    valid_from: Day | None = None
    valid_until: Day | None = None
    decided_at: Instant | None = None

    @property
    def is_pending(self) -> bool:
        """True while an answer is still to come. An unknown code is not an answer."""
        return self.state in PENDING_STATES or not isinstance(self.state, LimitState)


class LimitApplication(ResponseModel):
    """A request the insurer has received. `state` tells how far it is; `decision` is there once there is one."""

    id: Id
    reference: str | None = None
    state: open_enum(LimitState)  # type: ignore[valid-type]
    buyer_id: Id | None = None
    action: open_enum(LimitAction) = LimitAction.NEW  # type: ignore[valid-type]
    kind: open_enum(LimitKind) = LimitKind.PERMANENT  # type: ignore[valid-type]
    amount: Money | None = None
    decision: LimitDecision | None = None
    created_at: Instant | None = None
    raw: Any = Field(None, repr=False, exclude=True)
    """The insurer's answer, verbatim."""

    @property
    def is_pending(self) -> bool:
        """True while the insurer has not decided. An unknown code is not an answer."""
        if self.decision is not None:
            return self.decision.is_pending
        return self.state in PENDING_STATES or not isinstance(self.state, LimitState)


class AnnouncedChange(ResponseModel):
    """A reduction or withdrawal the insurer announced: from `effective_on` the row counts `amount` (0 = withdrawn).

    Goods shipped before that day stay covered at the old amount (domain rule 11).
    """

    effective_on: Day
    amount: Money


class StopReason(str, Enum):
    """Why the insurer has stopped cover on a buyer (domain rules 6 and 7)."""

    OVERDUE = "overdue"
    COLLECTION = "collection"
    ADVERSE = "adverse"


class CoverStop(ResponseModel):
    """The insurer has stopped cover: deliveries from `since` on, and before `until`, are not insured.

    `until` None means until reinstated. What was delivered before `since` stays insured at the limit's amount.
    """

    since: Day
    until: Day | None = None
    reason: open_enum(StopReason) = StopReason.OVERDUE  # type: ignore[valid-type]
    overdue_id: Id | None = None

    def holds_on(self, day: date) -> bool:
        """Whether a delivery on this day is not insured because of it."""
        return self.since <= day and (self.until is None or day < self.until)


class CreditLimit(ResponseModel):
    """One dated, typed row of cover on one buyer; the cover in force is derived from all rows (`rules.cover`).

    `amount` zero means the insurer decided on no cover; no row at all means the buyer is not insured. `valid_from` and
    `valid_until` are both inside; `valid_until` None means until changed.
    """

    id: Id
    buyer_id: Id
    kind: open_enum(LimitKind) = LimitKind.PERMANENT  # type: ignore[valid-type]
    state: open_enum(LimitState) = LimitState.APPROVED  # type: ignore[valid-type]
    amount: Money
    valid_from: Day
    valid_until: Day | None = None
    announced_change: AnnouncedChange | None = None
    insured_percentage: Percent | None = None
    """Per hundred, when it differs from the policy's (domain rule 17)."""
    max_terms_days: int | None = Field(None, ge=0, strict=True)
    conditions: tuple[Condition, ...] = ()
    insurer_code: str | None = None
    application_id: Id | None = None
    stop: CoverStop | None = None
    """Cover has stopped for new deliveries, or did for some days."""


class LimitPosition(ResponseModel):
    """All that is known of one buyer's limits at one moment: what `rules.credit_check` is given.

    `as_of` is when the insurer was last heard (None = never); it decides whether the data is stale. `applications` are
    decided ones too: a refusal may be the only trace of a decision. `buyer_status` and `buyer_country` are what the
    insurer has on file of the buyer (`Buyer.status`, `Buyer.country`), None where it was not asked: insolvency stops
    cover, and discretionary cover holds in the policy's countries only, whatever the order says.
    """

    buyer_id: Id
    limits: tuple[CreditLimit, ...] = ()
    applications: tuple[LimitApplication, ...] = ()
    as_of: Instant | None = None
    buyer_status: str | None = None
    buyer_country: str | None = None
