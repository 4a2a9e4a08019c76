"""What every insurer offers: the canonical calls, and what it can and cannot do as data.

An insurer turns canonical models into its own wire and back. It raises the errors of `tradecredit_sdk.errors` only, and
calls nothing outside its `Capabilities`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Protocol, runtime_checkable

from tradecredit_sdk.models.buyer import Buyer, BuyerQuery
from tradecredit_sdk.models.event import Event
from tradecredit_sdk.models.limit import CreditLimit, LimitApplication, LimitDecision, LimitRequest
from tradecredit_sdk.models.overdue import Overdue, OverdueChange, OverdueDeclaration
from tradecredit_sdk.models.page import Page
from tradecredit_sdk.models.policy import Policy


class Operation(str, Enum):
    """The canonical calls."""

    FIND_BUYERS = "find_buyers"
    GET_BUYER = "get_buyer"
    REQUEST_LIMIT = "request_limit"
    GET_APPLICATION = "get_application"
    LIST_APPLICATIONS = "list_applications"
    LIMIT_DECISION = "limit_decision"
    LIST_LIMITS = "list_limits"
    CANCEL_LIMIT = "cancel_limit"
    DECLARE_OVERDUE = "declare_overdue"
    GET_OVERDUE = "get_overdue"
    LIST_OVERDUES = "list_overdues"
    CHANGE_OVERDUE = "change_overdue"
    GET_POLICY = "get_policy"
    POLL_EVENTS = "poll_events"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an insurer's API can do; an operation that is missing here fails before anything is sent.

    `unverified` operations rest on a guess about the insurer's API and are refused unless the user switched them on.
    `idempotent_reference`: sending the same reference twice is known to create one request, so repeating is safe.
    `lookup_may_cost`: a buyer search may be billed, so it happens on purpose only. `max_page_size` is the largest page.
    """

    operations: frozenset[Operation]
    unverified: frozenset[Operation] = frozenset()
    idempotent_reference: bool = False
    lookup_may_cost: bool = False
    webhooks: bool = False
    max_page_size: int = 100


@runtime_checkable
class Insurer(Protocol):
    """One insurer on the wire. Listing calls take the cursor of the previous page; None starts at the beginning."""

    name: str
    capabilities: Capabilities

    def find_buyers(self, query: BuyerQuery) -> tuple[Buyer, ...]:
        """Candidates, best first; an empty tuple when there is none."""

    def get_buyer(self, buyer_id: str) -> Buyer:
        """One company by the insurer's id; NotFoundError."""

    def request_limit(self, request: LimitRequest) -> LimitApplication:
        """Send one application. `request.reference` is set. NoAnswerError when it may have been received."""

    def find_application(self, request: LimitRequest, since: datetime) -> LimitApplication | None:
        """What the insurer holds for this request, sent at or after `since`; None if surely nothing."""

    def get_application(self, application_id: str) -> LimitApplication:
        """One application with its decision, if there is one; NotFoundError."""

    def list_applications(
        self, *, buyer_id: str | None = None, cursor: str | None = None, page_size: int | None = None
    ) -> Page[LimitApplication]:
        """Applications under the policy, newest first."""

    def limit_decision(self, application_id: str) -> LimitDecision:
        """The decision, or a pending one with state `requested` or `referred`."""

    def list_limits(
        self, *, buyer_id: str | None = None, cursor: str | None = None, page_size: int | None = None
    ) -> Page[CreditLimit]:
        """All rows of cover under the policy, ended ones included while the insurer shows them."""

    def cancel_limit(self, target_id: str) -> LimitApplication | CreditLimit:
        """Cancel a pending application or a limit by its id; cancelling twice is not an error."""

    def declare_overdue(self, declaration: OverdueDeclaration) -> Overdue:
        """Send one declaration. `declaration.reference` is set."""

    def find_overdue(self, declaration: OverdueDeclaration, since: datetime) -> Overdue | None:
        """What the insurer holds for this declaration; None if surely nothing."""

    def get_overdue(self, overdue_id: str) -> Overdue:
        """One declared overdue; NotFoundError."""

    def list_overdues(
        self, *, buyer_id: str | None = None, cursor: str | None = None, page_size: int | None = None
    ) -> Page[Overdue]:
        """Declared overdues under the policy, newest first."""

    def change_overdue(self, change: OverdueChange) -> Overdue:
        """Extend, reschedule or settle; the same `reference` twice changes once."""

    def get_policy(self) -> Policy:
        """The terms of the configured policy."""

    def poll_events(self, *, cursor: str | None = None, page_size: int | None = None) -> Page[Event]:
        """Events after `cursor`, oldest first; `next_cursor` is where to continue next time, also when empty."""

    def probe(self) -> None:
        """One cheap authorised call, for `doctor`; raises what is wrong."""

    def close(self) -> None:
        """Release connections; may be called twice."""
