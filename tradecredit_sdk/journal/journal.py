"""The journal: nothing is asked of an insurer before it is written down, nothing is asked twice, nothing is lost."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any, TypeVar

from pydantic import ValidationError

from tradecredit_sdk.errors import (
    AuthenticationError,
    ConfigError,
    ConflictError,
    DeadlineError,
    JournalError,
    NoAnswerError,
    PermissionDeniedError,
    ReferenceConflictError,
    ResponseFormatError,
    TradeCreditError,
    UnsupportedOperationError,
)
from tradecredit_sdk.journal import lease
from tradecredit_sdk.journal.entry import (
    Entry,
    EntryKind,
    EntryState,
    Reconciled,
    Scope,
    fingerprint_of,
    payload_of,
    revive,
)
from tradecredit_sdk.journal.outcome import state_after
from tradecredit_sdk.journal.procedure import A, Identified, Procedure, Q
from tradecredit_sdk.journal.schema import entries, parse_url, shown
from tradecredit_sdk.journal.store import Store, Todo
from tradecredit_sdk.models.base import RequestModel

_log = logging.getLogger(__name__)

SETTLE_SECONDS = 30.0
"""How long after its sender stopped a request may still appear at the insurer."""

LEASE_SECONDS = 300.0
"""Longer than any one call takes with all its attempts; only a killed process on another machine makes anyone wait so long."""

_HOPELESS = (AuthenticationError, PermissionDeniedError, ConfigError)


class Journal:
    """What was asked of insurers and what came of it, in SQLite or PostgreSQL.

    `url` is a SQLAlchemy URL or the path of a SQLite file; None is the platform's state folder. Opened at the first
    use; JournalError, before anything is sent, when it cannot be written. Safe for threads; processes and machines may
    share one. `settle_seconds`: see `Procedure.repeatable`. Clock and sleep can be replaced in tests.
    """

    def __init__(
        self,
        url: str | None = None,
        *,
        settle_seconds: float = SETTLE_SECONDS,
        lease_seconds: float = LEASE_SECONDS,
        clock: Callable[[], datetime] | None = None,
        monotonic: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._store = Store(parse_url(url), lease_seconds=lease_seconds, clock=clock)
        self._settle = timedelta(seconds=settle_seconds)
        self._monotonic = monotonic
        self._sleep = sleep

    @property
    def lease_seconds(self) -> float:
        """How long an entry belongs to its sender; at least as long as a call may take."""
        return self._store.lease_seconds

    @property
    def url(self) -> str:
        """Where it is, without a password."""
        return shown(self._store.url)

    def __repr__(self) -> str:
        return f"Journal({self.url!r})"

    def open(self) -> None:
        """Create or check the tables now; JournalError when that is impossible."""
        self._store.open()

    def close(self) -> None:
        """Release connections; may be called twice."""
        self._store.close()

    def __enter__(self) -> Journal:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def entries(self, *, states: Sequence[EntryState] | None = None) -> Iterator[Entry]:
        """All entries, or those in these states, in the order in which they were written down."""
        return self._store.select(*([entries.c.state.in_([state.value for state in states])] if states else []))

    def entry(self, scope: Scope, kind: EntryKind, reference: str) -> Entry | None:
        """One entry by its reference."""
        return self._store.get(scope, kind, reference)

    def same_content(self, scope: Scope, kind: EntryKind, request: RequestModel, since: datetime) -> tuple[Entry, ...]:
        """Entries that ask for the same as `request`, whatever their reference: open, or written down at or after `since`."""
        return self._store.same_content(scope, kind, fingerprint_of(request), since)

    def reserve(
        self,
        scope: Scope,
        kind: EntryKind,
        reference: str,
        request: RequestModel,
        *,
        since: datetime,
        passed: Collection[int] = (),
        like: Callable[[Entry], bool] | None = None,
    ) -> Entry | None:
        """Write `request` down under its reference, to be performed next, unless there is one like it; then that one.

        Like it is what asks for the same, or what `like` says, among what `same_content` looks at; entries that were
        refused, and those whose ids are in `passed`, do not count. Of several who reserve at once, one gets None.
        """
        payload, fingerprint = payload_of(request), fingerprint_of(request)
        return self._store.reserve(scope, kind, reference, payload, fingerprint, since=since, passed=passed, like=like)

    def of_buyer(self, scope: Scope, kind: EntryKind, buyer_id: str) -> tuple[Entry, ...]:
        """What of a kind was written down about one buyer, in whatever state, oldest first."""
        return self._store.of_buyer(scope, kind, buyer_id)

    def by_insurer_id(self, scope: Scope, kind: EntryKind, insurer_id: str) -> Entry | None:
        """The entry whose answer has this id of the insurer's; the newest, where it was given again."""
        return self._store.by_insurer_id(scope, kind, insurer_id)

    def later(self, entry: Entry, kind: EntryKind) -> tuple[Entry, ...]:
        """What of a kind was written down after `entry` in its scope and was not refused."""
        return self._store.later(entry, kind)

    def forget(self, entry: Entry) -> bool:
        """Give up an entry without a definite outcome: a person knows that the insurer does not have it, or cancelled it there.

        False when it has a definite outcome, is being sent at this moment, or is not there.
        """
        return self._store.delete(entry.id)

    def answer_by_hand(self, entry: Entry, insurer_id: str, answer: dict[str, Any]) -> bool:
        """Close an entry without a definite outcome as answered: a person has seen to it on another way.

        False when it has a definite outcome, is being sent at this moment, or is not there.
        """
        return self._store.answer_by_hand(entry.id, insurer_id, answer)

    def update_answer(
        self, scope: Scope, kind: EntryKind, insurer_id: str, change: Callable[[dict[str, Any]], dict[str, Any]]
    ) -> None:
        """Let a recorded answer follow what the insurer has said since."""
        self._store.update_answer(scope, kind, insurer_id, change)

    # Sending

    def perform(
        self, scope: Scope, procedure: Procedure[Q, A], reference: str, request: Q, *, wait_seconds: float
    ) -> A:
        """Send `request` once, whoever else tries the same, or return what came of it before.

        Blocks for at most `wait_seconds` on somebody else, and on an insurer where a lost request may still appear.
        Raises what the insurer refused, the first time and every time; ReferenceConflictError when the reference stands
        for something else; NoAnswerError, with the reference, when it may be at the insurer.
        """
        payload, fingerprint = payload_of(request), fingerprint_of(request)
        deadline = self._monotonic() + wait_seconds
        pause = 0.01
        while True:
            with lease.holding() as owner:
                entry, todo = self._store.claim(scope, procedure.kind, reference, payload, fingerprint, owner)
                if todo is Todo.NOTHING:
                    return _recorded(procedure, entry)
                if todo is not Todo.WAIT:
                    result = self._work(procedure, entry, todo, request, owner)
                    if isinstance(result, Reconciled):
                        if result.error is not None:
                            raise result.error
                        answer: A = result.answer
                        return answer
                    pause = result
            left = deadline - self._monotonic()
            if left <= (pause if todo is Todo.ASK else 0):
                raise _not_yet(entry, todo, pause)
            self._sleep(min(pause, left))
            pause = min(pause * 1.5, 0.5)

    def reconcile(
        self,
        scope: Scope,
        procedures: Sequence[Procedure[Any, Any]],
        *,
        progress: Callable[[Reconciled], None] | None = None,
    ) -> tuple[Reconciled, ...]:
        """Bring every entry of these kinds to a definite outcome: ask where the outcome is unknown, send what was not sent.

        Each is reported to `progress` when it is done. Entries that somebody alive is working on are left to them; one
        that still may appear at the insurer is looked at again once that is no longer possible. What the insurer cannot
        tell stays unknown, with the reason in `error`. Raises what concerns all of them: a wrong key, a full disk.
        """
        by_kind = {procedure.kind: procedure for procedure in procedures}
        results: dict[int, Reconciled] = {}
        early = self._pass(scope, by_kind, results, progress, only=None)
        while early:
            self._sleep(min(early.values()))
            early = self._pass(scope, by_kind, results, progress, only=list(early))
        return tuple(results[key] for key in sorted(results))

    def _pass(
        self,
        scope: Scope,
        procedures: dict[EntryKind, Procedure[Any, Any]],
        results: dict[int, Reconciled],
        progress: Callable[[Reconciled], None] | None,
        only: Sequence[int] | None,
    ) -> dict[int, float]:
        """Look once at every open entry, or `only` these; return which cannot be decided yet, and for how many seconds."""
        early: dict[int, float] = {}
        last = 0
        while True:
            with lease.holding() as owner:
                claimed = self._store.claim_next(scope, procedures, last, owner, only)
                if claimed is None:
                    return early
                entry, todo = claimed
                last = entry.id
                result = self._work_safely(procedures[entry.kind], entry, todo, owner)
            if not isinstance(result, Reconciled):
                early[entry.id] = result
                continue
            results[entry.id] = result
            if progress is not None:
                progress(result)
            if isinstance(result.error, _HOPELESS):
                raise result.error

    def _work_safely(self, procedure: Procedure[Any, Any], entry: Entry, todo: Todo, owner: str) -> Reconciled | float:
        """`_work` on what was written down; what goes wrong with one entry must not keep the others from being reconciled."""
        try:
            request = _readable(entry, procedure.request.model_validate, entry.payload)
        except JournalError as error:
            return Reconciled(self._close(entry, owner, _open_state(entry), error=error.to_dict()), error=error)
        try:
            return self._work(procedure, entry, todo, request, owner)
        except TradeCreditError:
            raise
        except Exception as trouble:
            _log.exception("%s %s could not be worked on", entry.kind.value, entry.reference)
            fault = TradeCreditError(
                f"{entry.kind.value.replace('_', ' ')} {entry.reference} could not be worked on "
                f"({type(trouble).__name__}) and stays open; this is a fault of tradecredit-sdk or of its insurer's module",
                reference=entry.reference,
                insurer=entry.scope.insurer,
            )
            return Reconciled(self._close(entry, owner, _open_state(entry), error=fault.to_dict()), error=fault)

    def _work(self, procedure: Procedure[Q, A], entry: Entry, todo: Todo, request: Q, owner: str) -> Reconciled | float:
        """Ask if needed, send if needed, write down what came of it; or the seconds until asking can decide."""
        if entry.state is EntryState.SENDING:
            return self._send(procedure, entry, request, owner)
        asked = todo is Todo.ASK
        try:
            found = procedure.find(request, entry.first_sent_at or entry.planned_at) if asked else None
            overtaken = None if found is not None else procedure.overtaken(request, entry)
        except TradeCreditError as error:
            return self._cannot_tell(entry, owner, error)
        if found is not None:
            return self._answered(procedure, entry, owner, found)
        if overtaken is not None:
            _name(overtaken, entry)
            state = EntryState.REFUSED if isinstance(overtaken, ConflictError) else _open_state(entry)
            return Reconciled(self._close(entry, owner, state, error=overtaken.to_dict()), error=overtaken)
        early = self._too_early(entry) if asked and not procedure.repeatable else timedelta(0)
        if early > timedelta(0):
            self._close(entry, owner, EntryState.UNKNOWN, error=entry.error)
            return early.total_seconds()
        try:
            sending = self._store.resend(entry, owner)
        except LookupError:
            return 0.05  # the lease ran out while we asked, and somebody else took over
        return self._send(procedure, sending, request, owner, again=asked)

    def _send(
        self, procedure: Procedure[Q, A], entry: Entry, request: Q, owner: str, *, again: bool = False
    ) -> Reconciled:
        try:
            answer = procedure.send(request)
        except TradeCreditError as error:
            _name(error, entry)
            state = state_after(error)
            if state is EntryState.PLANNED and again:
                state = EntryState.UNKNOWN  # this one was not sent, an earlier one may still arrive
            return Reconciled(self._close(entry, owner, state, error=error.to_dict()), error=error)
        return self._answered(procedure, entry, owner, answer)

    def _answered(self, procedure: Procedure[Q, A], entry: Entry, owner: str, answer: A) -> Reconciled:
        try:
            written = procedure.write(answer)
        except UnicodeError:  # half a surrogate pair in the name of a field
            error = ResponseFormatError(
                f"{entry.scope.insurer} answered {entry.kind.value.replace('_', ' ')} {entry.reference} with text that is "
                "no Unicode; it has it, and what it says cannot be kept",
                reference=entry.reference,
                insurer=entry.scope.insurer,
            )
            return Reconciled(self._close(entry, owner, EntryState.UNKNOWN, error=error.to_dict()), error=error)
        closed = self._close(entry, owner, EntryState.ANSWERED, insurer_id=answer.id, answer=written)
        return Reconciled(closed, answer=answer)

    def _cannot_tell(self, entry: Entry, owner: str, error: TradeCreditError) -> Reconciled:
        _name(error, entry)
        if isinstance(error, ReferenceConflictError):  # the insurer holds something else under it: ours was not taken
            closed = self._close(entry, owner, EntryState.REFUSED, error=error.to_dict())
            return Reconciled(closed, error=error)
        if isinstance(error, UnsupportedOperationError):
            error = NoAnswerError(
                f"whether {entry.scope.insurer} received {entry.kind.value.replace('_', ' ')} {entry.reference} is unknown, and "
                f"it cannot be asked ({error.message}); look it up at the insurer before anything is repeated",
                reference=entry.reference,
                insurer=entry.scope.insurer,
                operation=error.operation,
            )
        return Reconciled(self._close(entry, owner, _open_state(entry), error=error.to_dict()), error=error)

    def _close(self, entry: Entry, owner: str, state: EntryState, **outcome: Any) -> Entry:
        """Write the outcome down. If that fails now, the entry stays as open as it was and is reconciled later."""
        try:
            return self._store.close_entry(entry, owner, state, **outcome)
        except (JournalError, LookupError) as error:
            reason = error.message if isinstance(error, JournalError) else "another process took it over"
            _log.warning("outcome of %s %s not written down: %s", entry.kind.value, entry.reference, reason)
            return entry

    def _too_early(self, entry: Entry) -> timedelta:
        """How much longer a request whose sender stopped may still appear at the insurer."""
        left = (entry.doubtful_since or entry.planned_at) + self._settle - self._store.now()
        return min(left, self._settle)


T = TypeVar("T", bound=Identified)
R = TypeVar("R")


def _recorded(procedure: Procedure[Any, T], entry: Entry) -> T:
    if entry.state is EntryState.REFUSED:
        raise revive(entry.error or {})
    return _readable(entry, procedure.read, entry.answer or {})


def _readable(entry: Entry, read: Callable[[Any], R], value: Any) -> R:
    try:
        return read(value)
    except ValidationError:
        raise JournalError(
            f"{entry.kind.value.replace('_', ' ')} {entry.reference} was written down by another version of tradecredit-sdk, "
            "and this one cannot read it: update it; nothing was sent",
            reference=entry.reference,
        ) from None


def _open_state(entry: Entry) -> EntryState:
    """What stays of an entry whose sending is not decided: what was surely not sent is still surely not sent."""
    return EntryState.UNKNOWN if entry.state is EntryState.SENDING else entry.state


def _name(error: TradeCreditError, entry: Entry) -> None:
    error.reference = entry.reference


def _not_yet(entry: Entry, todo: Todo, seconds: float) -> NoAnswerError:
    facts: dict[str, Any] = {"reference": entry.reference, "insurer": entry.scope.insurer}
    what = f"{entry.kind.value.replace('_', ' ')} {entry.reference}"
    if todo is Todo.ASK:
        return NoAnswerError(
            f"{what} was sent, is not at {entry.scope.insurer} and may still arrive there; repeat it in {seconds:.0f} seconds",
            retry_after=seconds,
            **facts,
        )
    return DeadlineError(f"{what} is being sent by another process, and its result has not come in time", **facts)
