"""What the engine knows and gives away: plain frozen records, which the faces translate into their wires.

Days are UTC calendar days of the sandbox clock; moments are aware and in UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, TypeVar

from tradecredit_sdk.models.event import EventType
from tradecredit_sdk.models.limit import PENDING_STATES, LimitAction, LimitKind, LimitState
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.overdue import OverdueAction, OverdueReason, OverdueState

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Slice(Generic[T]):
    """A part of a listing; `last` continues it (`after=`), None when there is nothing more."""

    items: tuple[T, ...]
    last: int | None


@dataclass(frozen=True, slots=True)
class Company:
    """A buyer as the insurer has it on file; numbers may be empty. Grade "1" (best) to "10" or "NA"."""

    id: str
    name: str
    country: str
    vat: str
    registration: str
    street: str
    postal_code: str
    town: str
    grade: str
    status: str


@dataclass(frozen=True, slots=True)
class Match:
    """A search hit and how well it fits, 0 to 100."""

    company: Company
    score: int


@dataclass(frozen=True, slots=True)
class Asked:
    """What a policyholder asks for; `reference` None only where a wire has none. `amount` is the total wanted."""

    buyer_id: str
    action: LimitAction = LimitAction.NEW
    kind: LimitKind = LimitKind.PERMANENT
    amount: Money | None = None
    valid_until: date | None = None
    terms_days: int | None = None
    urgent: bool = False
    comment: str | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """A condition of a decision."""

    code: str
    text: str


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer to one application; amount zero refuses cover. `limit_id` is the row that holds it, if any."""

    state: LimitState
    amount: Money
    code: str
    reason: str | None
    conditions: tuple[Condition, ...]
    limit_id: str | None
    valid_from: date | None
    valid_until: date | None
    decided_at: datetime


@dataclass(frozen=True, slots=True)
class Application:
    """A request the insurer has received."""

    id: str
    policy_id: str
    asked: Asked
    state: LimitState
    created_at: datetime
    decision: Decision | None

    @property
    def is_pending(self) -> bool:
        """True while nobody has decided and nobody has called it back."""
        return self.state in PENDING_STATES


@dataclass(frozen=True, slots=True)
class Limit:
    """One dated row of cover. `is_live`: the row of its kind that counts now or was refused last; others are history."""

    id: str
    policy_id: str
    buyer_id: str
    kind: LimitKind
    state: LimitState
    amount: Money
    valid_from: date
    valid_until: date | None
    change_on: date | None
    change_amount: Money | None
    insured_percentage: str | None
    max_terms_days: int | None
    conditions: tuple[Condition, ...]
    code: str
    application_id: str | None
    is_live: bool


@dataclass(frozen=True, slots=True)
class Invoice:
    """One unpaid invoice; `due_date` is the original one."""

    number: str
    due_date: date
    amount: Money
    extended_to: date | None = None
    settled_on: date | None = None


@dataclass(frozen=True, slots=True)
class Instalment:
    """One payment of an agreed plan."""

    due_date: date
    amount: Money


@dataclass(frozen=True, slots=True)
class Declared:
    """What a policyholder declares as unpaid, in one currency."""

    buyer_id: str
    invoices: tuple[Invoice, ...]
    reason: OverdueReason = OverdueReason.PROTRACTED_DEFAULT
    comment: str | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What a policyholder reports on a declared overdue; `invoice` None means all that are not settled."""

    action: OverdueAction
    invoice: str | None = None
    new_due_date: date | None = None
    instalments: tuple[Instalment, ...] = ()
    settled_on: date | None = None
    comment: str | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Overdue:
    """A declared overdue. `total` counts what is not settled; `answer` is what the insurer says about cover."""

    id: str
    policy_id: str
    declared: Declared
    state: OverdueState
    total: Money
    instalments: tuple[Instalment, ...]
    answer: str
    code: str
    declared_at: datetime


@dataclass(frozen=True, slots=True)
class Event:
    """One thing that happened at the insurer, at the instant it was due."""

    id: str
    type: EventType
    occurred_at: datetime
    policy_id: str
    buyer_id: str | None
    application_id: str | None
    limit_id: str | None
    overdue_id: str | None


@dataclass(frozen=True, slots=True)
class Webhook:
    """Where a policyholder wants to be called."""

    id: str
    policy_id: str
    url: str
    secret: str


@dataclass(frozen=True, slots=True)
class Attempt:
    """One call: real time, HTTP status or None, and what went wrong."""

    at: datetime
    status: int | None
    error: str | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event on its way to one webhook: `pending`, `delivered` or `failed`."""

    id: str
    webhook_id: str
    url: str
    policy_id: str
    event_id: str
    event_type: EventType
    buyer_id: str | None
    state: str
    attempts: tuple[Attempt, ...]
