"""What every insurer offers: the canonical calls, and what it can and cannot do as data.

An insurer turns canonical models into its own wire and back. It raises the errors of `tradecredit_sdk.errors` only, and
calls nothing outside its `Capabilities`. A new one subclasses `InsurerBase`, writes the calls it has and registers its
class under the entry point group `tradecredit.insurers`.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any, NoReturn, Protocol, cast, runtime_checkable

from pydantic import SecretStr

from tradecredit_sdk.errors import ConfigError, UnsupportedOperationError
from tradecredit_sdk.models.adverse import AdverseReceipt, AdverseReport
from tradecredit_sdk.models.buyer import Buyer, BuyerQuery
from tradecredit_sdk.models.event import Event
from tradecredit_sdk.models.limit import CreditLimit, LimitApplication, LimitDecision, LimitRequest
from tradecredit_sdk.models.overdue import Overdue, OverdueChange, OverdueDeclaration
from tradecredit_sdk.models.page import Page
from tradecredit_sdk.models.policy import Policy

ENTRY_POINTS = "tradecredit.insurers"
"""The entry point group under which insurers are found by name."""


class Operation(str, Enum):
    """The canonical calls; each value is the name of the method."""

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
    REPORT_ADVERSE = "report_adverse"
    GET_POLICY = "get_policy"
    POLL_EVENTS = "poll_events"


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What an insurer's API can do; an operation that is missing here fails before anything is sent.

    `unverified` operations rest on a guess about the insurer's API and are refused until the user switches them on
    (`unverified_on`). `notes` says, for an operation that is missing or a guess, what is not known and what to do instead.
    `idempotent_reference`: sending the same reference twice is known to create one request, so repeating is safe.
    `lookup_may_cost`: a buyer search may be billed, so it happens on purpose only. `max_page_size` is the largest page.
    """

    operations: frozenset[Operation]
    unverified: frozenset[Operation] = frozenset()
    idempotent_reference: bool = False
    lookup_may_cost: bool = False
    webhooks: bool = False
    max_page_size: int = 100
    unverified_on: bool = False
    notes: Mapping[Operation, str] = field(default_factory=dict, hash=False)

    def supports(self, operation: Operation) -> bool:
        """Whether the call would be sent."""
        return operation in self.operations or (self.unverified_on and operation in self.unverified)

    def require(self, operation: Operation, *, insurer: str) -> None:
        """Raise UnsupportedOperationError, before anything is sent, unless the call is supported."""
        if self.supports(operation):
            return
        note = self.notes.get(operation, "")
        if operation in self.unverified:
            raise unverified_error(operation.value, insurer=insurer, operation=operation, note=note)
        raise UnsupportedOperationError(
            f"{operation.value} is not something {insurer} offers"
            + (f": {note}" if note else "")
            + "; nothing was sent",
            code="unsupported",
            insurer=insurer,
            operation=operation.value,
        )


def unverified_error(what: str, *, insurer: str, operation: Operation, note: str = "") -> UnsupportedOperationError:
    """The error for what rests on a guess that is switched off: says what is not known, and how to switch it on."""
    return UnsupportedOperationError(
        f"{what} at {insurer} rests on a guess, because the insurer's reference is not public"
        + (f" ({note})" if note else "")
        + "; nothing was sent. To use it nevertheless set TRADECREDIT_UNVERIFIED=1, and correct the guess with "
        "TRADECREDIT_CONTRACT_FILE if you have the reference",
        code="unverified",
        insurer=insurer,
        operation=operation.value,
    )


class InsurerSettings(Protocol):
    """What an insurer reads of the settings; `config.Settings` has more."""

    @property
    def base_url(self) -> str | None:
        """Where the insurer's interface begins."""

    @property
    def api_key(self) -> SecretStr | None:
        """The secret the insurer gave you."""

    @property
    def policy(self) -> str | None:
        """The policy's number as the insurer writes it."""

    @property
    def business_unit(self) -> str | None:
        """The insurer's unit that runs the policy, where it has such units."""

    @property
    def environment(self) -> str:
        """`production` or `uat`."""

    @property
    def policy_currency(self) -> str | None:
        """ISO 4217 code of amounts the insurer states without one."""

    @property
    def unverified(self) -> bool:
        """Whether calls that rest on a guess may be sent."""

    @property
    def contract_file(self) -> Path | str | None:
        """TOML or JSON file that corrects the insurer's table of paths and names."""

    @property
    def timeout_seconds(self) -> float:
        """Longest silence while an answer is awaited."""

    @property
    def total_seconds(self) -> float:
        """Longest time for one call with all its attempts."""

    @property
    def retries(self) -> int:
        """How often a safe call is repeated after the first attempt."""


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
        """Extend, reschedule, pay, settle, withdraw or send documents; the same `reference` twice changes once."""

    def report_adverse(self, report: AdverseReport) -> AdverseReceipt:
        """Report adverse information on a buyer. `report.reference` is set."""

    def find_adverse(self, report: AdverseReport, since: datetime) -> AdverseReceipt | None:
        """What the insurer holds for this report; None if surely nothing."""

    def get_policy(self) -> Policy:
        """The terms of the configured policy."""

    def poll_events(self, *, cursor: str | None = None, page_size: int | None = None) -> Page[Event]:
        """Events after `cursor`, oldest first; `next_cursor` is where to continue next time, also when empty."""

    def send(
        self,
        method: str,
        path: Sequence[str],
        *,
        query: Mapping[str, str | int | None] | None = None,
        json: Any = None,
        idempotent: bool | None = None,
    ) -> Any:
        """The way out: any call of the insurer's own interface, by the segments of its path, with its usual safety."""

    def with_options(self, *, timeout_seconds: float, total_seconds: float, retries: int) -> Insurer:
        """The same insurer with other times; it shares the connections."""

    def probe(self) -> datetime | None:
        """One cheap authorised call, for `doctor`; raises what is wrong. The insurer's time, None where it is not told."""

    def close(self) -> None:
        """Release connections; may be called twice."""


class InsurerBase:
    """Common ground of insurers: every call checks `capabilities` first, and a call that is not written is refused.

    A subclass writes the methods it has; each method named like an `Operation` is guarded when the class is made, so no
    call outside the capabilities can reach the wire.
    """

    name: str
    capabilities: Capabilities

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for operation in Operation:
            method = cls.__dict__.get(operation.value)
            if method is not None:
                setattr(cls, operation.value, _guarded(operation, method))

    def _missing(self, operation: Operation) -> NoReturn:
        self.capabilities.require(operation, insurer=self.name)
        raise NotImplementedError(f"{type(self).__name__} claims {operation.value} in its capabilities and lacks it")

    def find_buyers(self, query: BuyerQuery) -> tuple[Buyer, ...]:
        """See `Insurer.find_buyers`."""
        self._missing(Operation.FIND_BUYERS)

    def get_buyer(self, buyer_id: str) -> Buyer:
        """See `Insurer.get_buyer`."""
        self._missing(Operation.GET_BUYER)

    def request_limit(self, request: LimitRequest) -> LimitApplication:
        """See `Insurer.request_limit`."""
        self._missing(Operation.REQUEST_LIMIT)

    def get_application(self, application_id: str) -> LimitApplication:
        """See `Insurer.get_application`."""
        self._missing(Operation.GET_APPLICATION)

    def list_applications(
        self, *, buyer_id: str | None = None, cursor: str | None = None, page_size: int | None = None
    ) -> Page[LimitApplication]:
        """See `Insurer.list_applications`."""
        self._missing(Operation.LIST_APPLICATIONS)

    def limit_decision(self, application_id: str) -> LimitDecision:
        """See `Insurer.limit_decision`."""
        self._missing(Operation.LIMIT_DECISION)

    def list_limits(
        self, *, buyer_id: str | None = None, cursor: str | None = None, page_size: int | None = None
    ) -> Page[CreditLimit]:
        """See `Insurer.list_limits`."""
        self._missing(Operation.LIST_LIMITS)

    def cancel_limit(self, target_id: str) -> LimitApplication | CreditLimit:
        """See `Insurer.cancel_limit`."""
        self._missing(Operation.CANCEL_LIMIT)

    def declare_overdue(self, declaration: OverdueDeclaration) -> Overdue:
        """See `Insurer.declare_overdue`."""
        self._missing(Operation.DECLARE_OVERDUE)

    def get_overdue(self, overdue_id: str) -> Overdue:
        """See `Insurer.get_overdue`."""
        self._missing(Operation.GET_OVERDUE)

    def list_overdues(
        self, *, buyer_id: str | None = None, cursor: str | None = None, page_size: int | None = None
    ) -> Page[Overdue]:
        """See `Insurer.list_overdues`."""
        self._missing(Operation.LIST_OVERDUES)

    def change_overdue(self, change: OverdueChange) -> Overdue:
        """See `Insurer.change_overdue`."""
        self._missing(Operation.CHANGE_OVERDUE)

    def report_adverse(self, report: AdverseReport) -> AdverseReceipt:
        """See `Insurer.report_adverse`."""
        self._missing(Operation.REPORT_ADVERSE)

    def find_adverse(self, report: AdverseReport, since: datetime) -> AdverseReceipt | None:
        """See `Insurer.find_adverse`."""
        self._missing(Operation.REPORT_ADVERSE)

    def get_policy(self) -> Policy:
        """See `Insurer.get_policy`."""
        self._missing(Operation.GET_POLICY)

    def poll_events(self, *, cursor: str | None = None, page_size: int | None = None) -> Page[Event]:
        """See `Insurer.poll_events`."""
        self._missing(Operation.POLL_EVENTS)

    def send(
        self,
        method: str,
        path: Sequence[str],
        *,
        query: Mapping[str, str | int | None] | None = None,
        json: Any = None,
        idempotent: bool | None = None,
    ) -> Any:
        """See `Insurer.send`."""
        raise UnsupportedOperationError(
            f"{self.name} has no interface for calls of your own; nothing was sent",
            code="unsupported",
            insurer=self.name,
        )

    @property
    def policy_and_unit(self) -> tuple[str, str | None] | None:
        """The policy and its business unit as this insurer reads them; None: as the settings say.

        Override it where one policy can be written in several ways: references are unique in it.
        """
        return None

    def with_options(self, *, timeout_seconds: float, total_seconds: float, retries: int) -> Insurer:
        """See `Insurer.with_options`; an insurer without connections has no times."""
        return cast("Insurer", self)


def _guarded(operation: Operation, method: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(method)
    def call(self: InsurerBase, *args: Any, **kwargs: Any) -> Any:
        self.capabilities.require(operation, insurer=self.name)
        return method(self, *args, **kwargs)

    return call


class InsurerFactory(Protocol):
    """What an entry point of the group names: usually the insurer's class."""

    def from_settings(self, settings: InsurerSettings, session: Any = None) -> Insurer:
        """Make the insurer; ConfigError when a setting is missing. `session` is a `requests.Session` to use."""


def load_insurer(name: str) -> InsurerFactory:
    """Find an insurer by its entry point name; ConfigError lists the known names."""
    found = {point.value: point for point in entry_points(group=ENTRY_POINTS) if point.name == name}
    if not found:
        known = ", ".join(sorted({point.name for point in entry_points(group=ENTRY_POINTS)})) or "none is installed"
        raise ConfigError(f"unknown insurer {name!r}; known: {known}; set TRADECREDIT_INSURER to one of them")
    if len(found) > 1:
        raise ConfigError(f"insurer {name!r} is offered twice: {', '.join(sorted(found))}; uninstall one of them")
    (point,) = found.values()
    try:
        factory = point.load()
    except (ImportError, AttributeError) as error:
        raise ConfigError(f"insurer {name!r} cannot be loaded from {point.value}: {error}") from error
    if not callable(getattr(factory, "from_settings", None)):
        raise ConfigError(f"insurer {name!r} ({point.value}) has no from_settings(settings, session=None)")
    return cast("InsurerFactory", factory)
