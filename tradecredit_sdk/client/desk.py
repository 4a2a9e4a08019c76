"""What the resources of one client share: the insurer, the journal if there is one, and the time."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlsplit

from tradecredit_sdk.client.inputs import an_id
from tradecredit_sdk.client.reference import new_reference
from tradecredit_sdk.config import Settings
from tradecredit_sdk.errors import ConfigError, InvalidInputError, JournalError, NoAnswerError, TradeCreditError
from tradecredit_sdk.insurers.base import Insurer, InsurerBase, Operation
from tradecredit_sdk.journal.entry import Entry, EntryKind, Reconciled, Scope
from tradecredit_sdk.journal.procedure import A, Procedure, Q
from tradecredit_sdk.models.base import RequestModel
from tradecredit_sdk.models.page import Page
from tradecredit_sdk.pagination import Pager, T

if TYPE_CHECKING:
    from tradecredit_sdk.journal import Journal
    from tradecredit_sdk.models.adverse import AdverseReport
    from tradecredit_sdk.models.limit import LimitRequest
    from tradecredit_sdk.models.overdue import OverdueChange, OverdueDeclaration

R = TypeVar("R", "LimitRequest", "OverdueDeclaration", "OverdueChange", "AdverseReport")
_log = logging.getLogger(__name__)


def _utc_now() -> datetime:
    """The time of this machine."""
    return datetime.now(timezone.utc)


@dataclass(frozen=True)
class Clock:
    """The time, replaceable in tests: `now` is aware UTC, `monotonic` and `sleep` are in seconds."""

    now: Callable[[], datetime] = _utc_now
    monotonic: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep


@dataclass(frozen=True)
class Desk:
    """Sends through the journal, or without one."""

    insurer: Insurer
    settings: Settings
    journal: Journal | None
    clock: Clock

    @property
    def scope(self) -> Scope:
        """Where our references are unique."""
        named = self.insurer.policy_and_unit if isinstance(self.insurer, InsurerBase) else None
        policy, unit = named or (self.settings.policy, self.settings.business_unit)
        return Scope(self.insurer.name, _account(self.settings, unit), policy or "")

    def require(self, operation: Operation) -> None:
        """UnsupportedOperationError before anything is written down or sent."""
        self.insurer.capabilities.require(operation, insurer=self.insurer.name)

    def perform(self, operation: Operation, procedure: Procedure[Q, A], reference: str, request: Q) -> A:
        """Send once and never lose it; without a journal, send, and let the error name the reference."""
        self.require(operation)
        if self.journal is not None:
            return self.journal.perform(
                self.scope, procedure, reference, request, wait_seconds=self.settings.total_seconds
            )
        try:
            return procedure.send(request)
        except TradeCreditError as error:
            error.reference = error.reference or reference
            if isinstance(error, NoAnswerError) and reference not in error.message:
                error.message += f"; ask the insurer for reference {reference} before repeating it"
            raise

    def order(self, operation: Operation, procedure: Procedure[R, A], order: R) -> A:
        """`perform` under the order's own reference, or a new one."""
        reference = order.reference or new_reference()
        return self.perform(operation, procedure, reference, order.model_copy(update={"reference": reference}))

    def reconcile(
        self, procedures: Sequence[Procedure[Any, Any]], progress: Callable[[Reconciled], None] | None
    ) -> tuple[Reconciled, ...]:
        """Settle what the journal holds open of these kinds."""
        if self.journal is None:
            raise ConfigError(
                "there is no journal to reconcile: give the client journal=... or set TRADECREDIT_JOURNAL"
            )
        return self.journal.reconcile(self.scope, procedures, progress=progress)

    def entry(self, kind: EntryKind, reference: str) -> Entry | None:
        """What the journal knows under a reference."""
        return None if self.journal is None else self.journal.entry(self.scope, kind, reference)

    def of_buyer(self, kind: EntryKind, buyer_id: str) -> tuple[Entry, ...]:
        """What the journal holds of a kind about one buyer; nothing without a journal."""
        return () if self.journal is None else self.journal.of_buyer(self.scope, kind, buyer_id)

    def by_insurer_id(self, kind: EntryKind, insurer_id: str) -> Entry | None:
        """What the journal holds under an id of the insurer's."""
        return None if self.journal is None else self.journal.by_insurer_id(self.scope, kind, insurer_id)

    def later(self, entry: Entry, kind: EntryKind) -> tuple[Entry, ...]:
        """What of a kind was written down after `entry` and not refused."""
        return () if self.journal is None else self.journal.later(entry, kind)

    def reserve(
        self,
        operation: Operation,
        kind: EntryKind,
        request: R,
        since: datetime,
        passed: Collection[int],
        like: Callable[[Entry], bool] | None = None,
    ) -> Entry | None:
        """Write an order down under its reference unless there is one like it; nothing without a journal."""
        self.require(operation)
        if request.reference is None:
            raise InvalidInputError("reserve needs a reference, under which it is then sent")
        if self.journal is None:
            return None
        return self.journal.reserve(self.scope, kind, request.reference, request, since=since, passed=passed, like=like)

    def give_up(self, kind: EntryKind, reference: str | None) -> None:
        """Forget what was reserved under a reference and never sent: it will not be, as it was refused here."""
        entry = self.entry(kind, reference) if reference is not None else None
        if self.journal is not None and entry is not None and entry.is_reserved:
            self.journal.forget(entry)

    def same_content(self, kind: EntryKind, request: RequestModel, since: datetime) -> tuple[Entry, ...]:
        """What the journal holds of the same content, whatever its reference; nothing without a journal."""
        return () if self.journal is None else self.journal.same_content(self.scope, kind, request, since)

    def update_answer(
        self, kind: EntryKind, insurer_id: str, change: Callable[[dict[str, Any]], dict[str, Any]]
    ) -> None:
        """Let the journal follow what the insurer said later. It is read news: failing to write it harms nothing."""
        if self.journal is None:
            return
        try:
            self.journal.update_answer(self.scope, kind, insurer_id, change)
        except JournalError as error:
            _log.warning("news about %s %s not written down: %s", kind.value, insurer_id, error.message)

    def pager(
        self,
        operation: Operation,
        fetch: Callable[..., Page[T]],
        *,
        buyer_id: str | None,
        cursor: str | None,
        page_size: int | None,
    ) -> Pager[T]:
        """A listing; unsupported ones are refused now and not at the first item."""
        self.require(operation)
        if buyer_id is not None:
            an_id("buyer_id", buyer_id)
        return Pager(lambda at: fetch(buyer_id=buyer_id, cursor=at, page_size=page_size), cursor)


_PORTS = {"https": ":443", "http": ":80"}


def _account(settings: Settings, unit: str | None) -> str:
    """The insurer's address and unit, written one way and without any secret."""
    parts = urlsplit(settings.base_url or settings.environment)
    host = parts.netloc.rpartition("@")[2].lower().removesuffix(_PORTS.get(parts.scheme, ":"))
    place = f"{parts.scheme}://{host}{parts.path.rstrip('/')}" if host else parts.path
    return f"{place}#{unit}" if unit else place
