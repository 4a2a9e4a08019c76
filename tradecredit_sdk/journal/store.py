"""The journal in the database: short transactions, each of which leaves a line that a reader could act upon.

No transaction is open while the insurer is called. What keeps two senders apart is a lease on the line: taken in one
transaction, checked by every later one.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import datetime, timedelta, timezone
from enum import Enum
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL
from sqlalchemy.exc import IntegrityError

from tradecredit_sdk.errors import ReferenceConflictError
from tradecredit_sdk.journal import lease
from tradecredit_sdk.journal.entry import OPEN_STATES, Entry, EntryKind, EntryState, Scope, storable
from tradecredit_sdk.journal.schema import clear_errors, entries, make_engine, prepare

_c = entries.c
_OPEN = _c.state.in_([state.value for state in OPEN_STATES])


class Todo(Enum):
    """What whoever looked at an entry has to do with it. With SEND and ASK comes the lease.

    An entry to SEND that was there before is not `sending` yet: `resend` makes it so.
    """

    SEND = "send"
    ASK = "ask the insurer first"
    WAIT = "wait for whoever is sending it"
    NOTHING = "take the recorded outcome"


class Store:
    """All SQL of the journal. Opened at the first use; safe for threads, and after a fork."""

    def __init__(self, url: URL, *, lease_seconds: float, clock: Callable[[], datetime] | None = None) -> None:
        self.url = url
        self.lease_seconds = lease_seconds
        self._lease = timedelta(seconds=lease_seconds)
        self._clock = clock
        self._engine: sa.Engine | None = None
        self._pid = 0
        self._lock = threading.Lock()

    # Taking an entry

    def claim(
        self, scope: Scope, kind: EntryKind, reference: str, payload: dict[str, Any], fingerprint: str, owner: str
    ) -> tuple[Entry, Todo]:
        """Write the entry down, or look at the one that is there; ReferenceConflictError if it is about something else."""
        values = {**_key(scope, kind, reference), "payload": storable(payload), "fingerprint": fingerprint}
        with clear_errors(self.url):
            try:
                entry, todo = self._write_or_take(values, owner)
            except IntegrityError:  # somebody wrote it in the same moment
                entry, todo = self._write_or_take(values, owner)
        if todo is not None:
            return entry, todo
        raise ReferenceConflictError(
            f"reference {reference} already stands for a different {kind.value.replace('_', ' ')}, written down on "
            f"{entry.planned_at:%Y-%m-%d %H:%M} UTC and {entry.state.value}; use a new reference. Nothing was sent",
            reference=reference,
            insurer=scope.insurer,
        )

    def reserve(
        self,
        scope: Scope,
        kind: EntryKind,
        reference: str,
        payload: dict[str, Any],
        fingerprint: str,
        *,
        since: datetime,
        passed: Collection[int],
        like: Callable[[Entry], bool] | None,
    ) -> Entry | None:
        """Write the entry down as planned, unless there is one like it; then return that one, the newest.

        Like it is what `like` says, or what has the same fingerprint: not refused, not among the ids `passed`, and
        open, or written down at or after `since`. Looking and writing are one step: of several at once, one is written.
        """
        alike = [*_in(scope, [kind]), *_recent(since), _c.state != EntryState.REFUSED.value, _c.id.not_in(passed)]
        if like is None:
            alike.append(_c.fingerprint == fingerprint)
        values = {**_key(scope, kind, reference), "payload": storable(payload), "fingerprint": fingerprint}
        with clear_errors(self.url), self._begin() as connection:
            _queue_up(connection, scope, kind)
            for row in connection.execute(sa.select(entries).where(*alike).order_by(_c.id.desc())):
                entry = _entry(row)
                if like is None or like(entry):
                    return entry
            planned = {"state": EntryState.PLANNED.value, "attempts": 0, "planned_at": self._now(connection)}
            connection.execute(entries.insert().values({**values, **planned}))
            return None

    def claim_next(
        self, scope: Scope, kinds: Iterable[EntryKind], after: int, owner: str, only: Collection[int] | None = None
    ) -> tuple[Entry, Todo] | None:
        """The first entry after id `after` (or of `only` these) that is open and that nobody alive is working on."""
        mine = [*_in(scope, kinds), *([] if only is None else [_c.id.in_(only)])]
        with clear_errors(self.url), self._begin() as connection:
            now = self._now(connection)
            leased = sa.select(_c.lease_owner).where(*mine, _OPEN, _c.lease_owner.is_not(None)).distinct()
            owners = list(connection.scalars(leased))
            dead, alive = filter(lease.is_dead, owners), filter(lease.is_alive, owners)
            over = sa.and_(_c.lease_until <= now, _c.lease_owner.not_in(list(alive)))
            free = sa.or_(_c.lease_owner.is_(None), over, _c.lease_owner.in_(list(dead)))
            wanted = (
                sa.select(entries)
                .where(*mine, _c.id > after, _OPEN, free)
                .order_by(_c.id)
                .limit(1)
                .with_for_update(skip_locked=True)
            )
            row = connection.execute(wanted).one_or_none()
            return None if row is None else self._take(connection, _entry(row), owner)

    def resend(self, entry: Entry, owner: str) -> Entry:
        """The insurer surely does not have it: on its way again. LookupError if the lease was lost meanwhile."""
        with clear_errors(self.url), self._begin() as connection:
            now = self._now(connection)
            first = {} if entry.state is EntryState.UNKNOWN else {"first_sent_at": now}
            return self._update(
                connection,
                entry.id,
                owner,
                state=EntryState.SENDING.value,
                attempts=_c.attempts + 1,
                sent_at=now,
                doubtful_since=None,
                lease_until=now + self._lease,
                error=None,
                **first,
            )

    def close_entry(
        self,
        entry: Entry,
        owner: str,
        state: EntryState,
        *,
        insurer_id: str | None = None,
        answer: dict[str, Any] | None = None,
        error: dict[str, Any] | None = None,
    ) -> Entry:
        """Write down what came of it and give up the lease. LookupError if the lease was lost meanwhile."""
        with clear_errors(self.url), self._begin() as connection:
            now = self._now(connection)
            changes: dict[str, Any] = {
                "state": state.value,
                "insurer_id": insurer_id,
                "answer": None if answer is None else storable(answer),
                "error": None if error is None else storable(error),
                "lease_owner": None,
                "lease_until": None,
            }
            if state in (EntryState.ANSWERED, EntryState.REFUSED):
                changes["answered_at"] = now
            if state is EntryState.UNKNOWN and entry.state is EntryState.SENDING:
                changes["doubtful_since"] = now
            return self._update(connection, entry.id, owner, **changes)

    # Reading and mending

    def get(self, scope: Scope, kind: EntryKind, reference: str) -> Entry | None:
        """One entry."""
        return next(self.select(*_is(_key(scope, kind, reference))), None)

    def same_content(self, scope: Scope, kind: EntryKind, fingerprint: str, since: datetime) -> tuple[Entry, ...]:
        """Entries of this content, whatever their reference: open, or written down at or after `since`."""
        return tuple(self.select(*_in(scope, [kind]), *_recent(since), _c.fingerprint == fingerprint))

    def of_buyer(self, scope: Scope, kind: EntryKind, buyer_id: str) -> tuple[Entry, ...]:
        """Entries of a kind about one buyer."""
        # The payload is JSON in ASCII with sorted keys: the text narrows it down, the value decides.
        about = _c.payload.contains(storable({"buyer_id": buyer_id})[1:-1], autoescape=True)
        return tuple(row for row in self.select(*_in(scope, [kind]), about) if row.payload.get("buyer_id") == buyer_id)

    def by_insurer_id(self, scope: Scope, kind: EntryKind, insurer_id: str) -> Entry | None:
        """The newest entry with this id of the insurer's."""
        return next(iter(reversed(tuple(self.select(*_in(scope, [kind]), _c.insurer_id == insurer_id)))), None)

    def later(self, entry: Entry, kind: EntryKind) -> tuple[Entry, ...]:
        """Entries of a kind in the same scope that were written down after this one and not refused."""
        not_refused = _c.state != EntryState.REFUSED.value
        return tuple(self.select(*_in(entry.scope, [kind]), _c.id > entry.id, not_refused))

    def select(self, *where: sa.ColumnElement[bool]) -> Iterator[Entry]:
        """Entries in the order in which they were written down."""
        with clear_errors(self.url), self._opened().execution_options(only_reads=True).begin() as connection:
            rows = connection.execute(sa.select(entries).where(*where).order_by(_c.id)).all()
        return map(_entry, rows)

    def update_answer(
        self, scope: Scope, kind: EntryKind, insurer_id: str, change: Callable[[dict[str, Any]], dict[str, Any]]
    ) -> None:
        """Replace the recorded answer of the entry with the insurer's id, if there is one, by what is known now."""
        with clear_errors(self.url), self._begin() as connection:
            mine = sa.and_(*_in(scope, [kind]), _c.insurer_id == insurer_id)
            for row in connection.execute(sa.select(entries).where(mine).with_for_update()).all():
                answer = _entry(row).answer
                if answer is not None and (changed := change(answer)) != answer:
                    update = entries.update().where(_c.id == row.id).values(answer=storable(changed))
                    connection.execute(update)

    def delete(self, entry_id: int) -> bool:
        """Forget an open entry that nobody alive is working on; False if there is no such entry."""
        with clear_errors(self.url), self._begin() as connection:
            if not self._is_idle(connection, entry_id):
                return False
            connection.execute(entries.delete().where(_c.id == entry_id))
            return True

    def answer_by_hand(self, entry_id: int, insurer_id: str, answer: dict[str, Any]) -> bool:
        """Answer an open entry that nobody alive is working on; False if there is no such entry."""
        with clear_errors(self.url), self._begin() as connection:
            if not self._is_idle(connection, entry_id):
                return False
            values = {
                "state": EntryState.ANSWERED.value,
                "insurer_id": insurer_id,
                "answer": storable(answer),
                "answered_at": self._now(connection),
                "error": None,
                "lease_owner": None,
                "lease_until": None,
            }
            connection.execute(entries.update().where(_c.id == entry_id).values(values))
            return True

    def now(self) -> datetime:
        """The clock by which all users of this journal go: the server's, or this machine's for a file."""
        with clear_errors(self.url), self._opened().execution_options(only_reads=True).begin() as connection:
            return self._now(connection)

    def open(self) -> None:
        """Create or check the tables; JournalError when that is impossible."""
        with clear_errors(self.url):
            self._opened()

    def close(self) -> None:
        """Release connections; may be called twice, and the store may be used again."""
        with self._lock:
            if self._engine is not None:
                self._engine.dispose(close=self._pid == os.getpid())
                self._engine = None

    # Parts

    def _write_or_take(self, values: dict[str, Any], owner: str) -> tuple[Entry, Todo | None]:
        key = {name: values[name] for name in ("insurer", "account", "policy", "kind", "reference")}
        with self._begin() as connection:
            row = connection.execute(sa.select(entries).where(*_is(key)).with_for_update()).one_or_none()
            if row is None:
                return self._plan(connection, values, owner), Todo.SEND
            found = _entry(row)
            is_same = found.fingerprint == values["fingerprint"]
            is_vain = found.state is EntryState.REFUSED and not found.is_final
            if not is_same and not is_vain:
                return found, None
            anew = found.kind is EntryKind.CANCELLATION or not is_same
            if anew and not self._is_leased(found, self._now(connection)):
                # Asked for anew, it takes the place of the earlier one, after all that was written down in between.
                connection.execute(entries.delete().where(_c.id == found.id))
                return self._plan(connection, values, owner), Todo.SEND
            return self._take(connection, found, owner)

    def _plan(self, connection: sa.Connection, values: dict[str, Any], owner: str) -> Entry:
        now = self._now(connection)
        moments = {"planned_at": now, "first_sent_at": now, "sent_at": now, "lease_until": now + self._lease}
        values = {**values, **moments, "state": EntryState.SENDING.value, "attempts": 1, "lease_owner": owner}
        (entry_id,) = connection.execute(entries.insert().values(values)).inserted_primary_key or (None,)
        return self._read(connection, entry_id)

    def _take(self, connection: sa.Connection, entry: Entry, owner: str) -> tuple[Entry, Todo]:
        now = self._now(connection)
        if entry.is_final:
            return entry, Todo.NOTHING
        if self._is_leased(entry, now):
            return entry, Todo.WAIT
        changes: dict[str, Any] = {"lease_owner": owner, "lease_until": now + self._lease}
        if entry.state is EntryState.SENDING:
            # Its sender is gone. Until when may it have been sending? A lease is longer than any call may take.
            stopped = min(now, entry.lease_until or now)
            changes |= {"state": EntryState.UNKNOWN.value, "doubtful_since": stopped}
        elif entry.doubtful_since is not None and entry.doubtful_since > now:  # the clock was set back
            changes |= {"doubtful_since": now}
        taken = self._update(connection, entry.id, entry.lease_owner, **changes)
        return taken, Todo.ASK if taken.state is EntryState.UNKNOWN else Todo.SEND

    def _is_idle(self, connection: sa.Connection, entry_id: int) -> bool:
        """Whether the entry is open and nobody alive is working on it; it stays so until the end of the transaction."""
        row = connection.execute(sa.select(entries).where(_c.id == entry_id).with_for_update()).one_or_none()
        if row is None or _entry(row).state not in OPEN_STATES:
            return False
        return not self._is_leased(_entry(row), self._now(connection))

    def _is_leased(self, entry: Entry, now: datetime) -> bool:
        owner, until = entry.lease_owner, entry.lease_until
        if owner is None or until is None or lease.is_dead(owner):
            return False
        return until > now or lease.is_alive(owner)

    def _update(self, connection: sa.Connection, entry_id: int, owner: str | None, **changes: Any) -> Entry:
        held = _c.lease_owner.is_(None) if owner is None else _c.lease_owner == owner
        if connection.execute(entries.update().where(_c.id == entry_id, held).values(changes)).rowcount != 1:
            raise LookupError(f"entry {entry_id} is no longer ours")
        return self._read(connection, entry_id)

    def _read(self, connection: sa.Connection, entry_id: Any) -> Entry:
        return _entry(connection.execute(sa.select(entries).where(_c.id == entry_id)).one())

    def _now(self, connection: sa.Connection) -> datetime:
        if self._clock is not None:
            return self._clock()
        if connection.dialect.name == "sqlite":
            return datetime.now(timezone.utc)
        now: datetime = connection.execute(sa.select(sa.func.clock_timestamp())).scalar_one()
        return now.astimezone(timezone.utc)

    def _begin(self) -> Any:
        return self._opened().begin()

    def _opened(self) -> sa.Engine:
        with self._lock:
            if self._engine is not None and self._pid != os.getpid():
                self._engine.dispose(close=False)  # a forked child must not use its parent's connections
                self._engine = None
            if self._engine is None:
                engine = make_engine(self.url)
                try:
                    prepare(engine)
                except BaseException:
                    engine.dispose()
                    raise
                self._engine, self._pid = engine, os.getpid()
            return self._engine


def _key(scope: Scope, kind: EntryKind, reference: str) -> dict[str, str]:
    place = {"insurer": scope.insurer, "account": scope.account, "policy": scope.policy}
    return {**place, "kind": kind.value, "reference": reference}


def _is(key: dict[str, str]) -> list[sa.ColumnElement[bool]]:
    return [_c[name] == value for name, value in key.items()]


def _in(scope: Scope, kinds: Iterable[EntryKind]) -> list[sa.ColumnElement[bool]]:
    place = [_c.insurer == scope.insurer, _c.account == scope.account, _c.policy == scope.policy]
    return [*place, _c.kind.in_([kind.value for kind in kinds])]


def _recent(since: datetime) -> list[sa.ColumnElement[bool]]:
    """Of an open entry nobody knows whether it is at the insurer, however old it is."""
    return [sa.or_(_OPEN, _c.planned_at >= since)]


def _queue_up(connection: sa.Connection, scope: Scope, kind: EntryKind) -> None:
    """One at a time until the end of the transaction. SQLite has one writer anyway."""
    if connection.dialect.name == "postgresql":
        what = "\n".join((scope.insurer, scope.account, scope.policy, kind.value))
        number = int.from_bytes(hashlib.sha256(what.encode()).digest()[:8], "big", signed=True)
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(number)))


def _entry(row: Any) -> Entry:
    values = dict(row._mapping)
    scope = Scope(*(values.pop(name) for name in ("insurer", "account", "policy")))
    for name in ("payload", "answer", "error"):
        values[name] = None if values[name] is None else json.loads(values[name])
    values["kind"], values["state"] = EntryKind(values["kind"]), EntryState(values["state"])
    return Entry(scope=scope, **values)
