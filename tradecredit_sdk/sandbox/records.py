"""What the engine knows and gives away: plain frozen records, which the faces translate into their wires.

Days are UTC calendar days of the sandbox clock; moments are aware and in UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Generic, TypeVar

from tradecredit_sdk.models.adverse import AdverseKind
from tradecredit_sdk.models.event import EventType
from tradecredit_sdk.models.limit import PENDING_STATES, LimitAction, LimitKind, LimitState, StopReason
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.overdue import (
    Collector,
    CoverState,
    DocumentKind,
    OverdueAction,
    OverdueReason,
    OverdueState,
    StepKind,
)

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
class Stop:
    """Cover has stopped on a buyer: deliveries from `since` on and before `until` are not insured."""

    since: date
    until: date | None
    reason: StopReason
    overdue_id: str | None


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
    stop: Stop | None = None


@dataclass(frozen=True, slots=True)
class Invoice:
    """One unpaid invoice; `due_date` is the original one, `paid` what payments have brought."""

    number: str
    due_date: date
    amount: Money
    extended_to: date | None = None
    settled_on: date | None = None
    invoice_date: date | None = None
    agreed_due_date: date | None = None
    disputed: Money | None = None
    paid: Money | None = None
    withdrawn_on: date | None = None

    @property
    def is_open(self) -> bool:
        """Whether something of it may still be owed."""
        return self.settled_on is None and self.withdrawn_on is None

    @property
    def unpaid(self) -> Money:
        """What is open of it."""
        if not self.is_open:
            return Money.zero(self.amount.currency)
        return self.amount if self.paid is None else self.amount - self.paid


@dataclass(frozen=True, slots=True)
class Instalment:
    """One payment of an agreed plan."""

    due_date: date
    amount: Money


@dataclass(frozen=True, slots=True)
class Step:
    """Something that was done to collect."""

    day: date
    step: StepKind
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Collection:
    """Who collects; `until` is the seller's last day."""

    by: Collector
    until: date | None = None


@dataclass(frozen=True, slots=True)
class Declared:
    """What a policyholder declares as unpaid, in one currency; `outstanding` is all the buyer owes, if stated."""

    buyer_id: str
    invoices: tuple[Invoice, ...]
    reason: OverdueReason = OverdueReason.PROTRACTED_DEFAULT
    comment: str | None = None
    reference: str | None = None
    outstanding: Money | None = None
    steps_taken: tuple[Step, ...] = ()
    collection: Collection | None = None


@dataclass(frozen=True, slots=True)
class DocumentSent:
    """A document the policyholder has sent."""

    kind: DocumentKind
    name: str
    sha256: str | None = None


@dataclass(frozen=True, slots=True)
class Change:
    """What a policyholder reports on a declared overdue; `invoice` None means all that are open."""

    action: OverdueAction
    invoice: str | None = None
    new_due_date: date | None = None
    instalments: tuple[Instalment, ...] = ()
    settled_on: date | None = None
    comment: str | None = None
    reference: str | None = None
    amount: Money | None = None
    paid_on: date | None = None
    documents: tuple[DocumentSent, ...] = ()


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment and the invoices it went to, by number."""

    reference: str | None
    paid_on: date
    amount: Money
    allocated: tuple[tuple[str, Money], ...]


@dataclass(frozen=True, slots=True)
class Document:
    """What the insurer asked for."""

    kind: DocumentKind
    asked_on: date
    due_on: date
    received_on: date | None = None


@dataclass(frozen=True, slots=True)
class CoverNote:
    """What became of cover: see the contract."""

    state: CoverState
    stopped_from: date | None = None
    reinstated_from: date | None = None


@dataclass(frozen=True, slots=True)
class Overdue:
    """A declared overdue. `total` counts what is open; `answer` is what the insurer says about cover.

    `state` is what is shown: `documents_requested` while some are missing; `stage` is how far it is apart from that.
    """

    id: str
    policy_id: str
    declared: Declared
    state: OverdueState
    stage: OverdueState
    total: Money
    instalments: tuple[Instalment, ...]
    answer: str
    code: str
    declared_at: datetime
    acknowledged_at: datetime | None
    in_time: bool
    revision: int
    cover: CoverNote | None
    payments: tuple[Payment, ...]
    documents: tuple[Document, ...]


@dataclass(frozen=True, slots=True)
class Reported:
    """Adverse information as the policyholder reports it."""

    buyer_id: str
    kind: AdverseKind
    happened_on: date
    outstanding: Money | None = None
    comment: str | None = None
    reference: str | None = None


@dataclass(frozen=True, slots=True)
class Adverse:
    """Adverse information the insurer has received, and what it did to cover."""

    id: str
    policy_id: str
    reported: Reported
    answer: str
    cover: CoverNote | None
    in_time: bool
    reported_at: datetime


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
