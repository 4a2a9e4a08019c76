"""Where the sandbox keeps what it knows: SQLite in memory or in a file, through SQLAlchemy Core.

One connection and one lock: whoever holds the lock is alone, so every act is atomic. A file is opened in WAL mode with
an exclusive lock: what was committed survives a killed server, and two servers can not share one file.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime, timezone
from pathlib import Path

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    ColumnElement,
    Connection,
    Date,
    Dialect,
    Index,
    Integer,
    MetaData,
    RowMapping,
    String,
    Table,
    Text,
    TypeDecorator,
    create_engine,
    func,
    select,
)
from sqlalchemy.exc import DatabaseError
from sqlalchemy.pool import StaticPool
from sqlalchemy.schema import SchemaItem

SCHEMA_VERSION = 2


class StateFileError(Exception):
    """The state file cannot be used; the message says why and what to do."""


class Instant(TypeDecorator[datetime]):
    """An aware moment as text of fixed width, so that it sorts as it passes."""

    impl = String(24)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> str | None:
        """To `2026-03-31T08:00:00.000Z`."""
        if value is None:
            return None
        return value.astimezone(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")

    def process_result_value(self, value: str | None, dialect: Dialect) -> datetime | None:
        """Back to an aware datetime."""
        return None if value is None else datetime.fromisoformat(value.replace("Z", "+00:00"))


metadata = MetaData()

_PREFIXES: dict[Table, str] = {}
"""How the ids of a table begin."""


def _numbered(name: str, prefix: str, *columns: SchemaItem) -> Table:
    """A table whose rows are numbered, with an id made of the number: see `Store.new_id`."""
    number = Column("seq", Integer, primary_key=True)
    table = Table(name, metadata, number, Column("id", String, nullable=False, unique=True), *columns)
    _PREFIXES[table] = prefix
    return table


settings = Table("settings", metadata, Column("key", String, primary_key=True), Column("value", String))

buyers = Table(
    "buyers",
    metadata,
    *(Column(name, String, nullable=False) for name in ("name", "vat", "registration", "street", "postal_code")),
    *(Column(name, String, nullable=False) for name in ("town", "grade", "status", "search_name")),
    Column("id", String, primary_key=True),
    Column("country", String, nullable=False, index=True),
)

applications = _numbered(
    "applications",
    "app",
    Column("policy_id", String, nullable=False),
    Column("reference", String),
    Column("buyer_id", String, nullable=False),
    Column("action", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("amount", String),
    Column("currency", String),
    Column("valid_until", Date),
    Column("terms_days", Integer),
    Column("urgent", Boolean, nullable=False),
    Column("comment", Text),
    Column("state", String, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("decided_amount", String),
    Column("decided_currency", String),
    Column("code", String),
    Column("reason", Text),
    Column("conditions", JSON),
    Column("limit_id", String),
    Column("decided_from", Date),
    Column("decided_until", Date),
    Column("decided_at", Instant),
    Index("application_reference", "policy_id", "reference", unique=True),
    Index("application_buyer", "buyer_id", "seq"),
)

limits = _numbered(
    "limits",
    "lim",
    Column("policy_id", String, nullable=False),
    Column("buyer_id", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("state", String, nullable=False),
    Column("amount", String, nullable=False),
    Column("currency", String, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_until", Date),
    Column("change_on", Date),
    Column("change_amount", String),
    Column("insured_percentage", String),
    Column("max_terms_days", Integer),
    Column("conditions", JSON, nullable=False),
    Column("code", String, nullable=False),
    Column("application_id", String),
    Column("is_live", Boolean, nullable=False),
    Index("limit_policy", "policy_id", "seq"),
    Index("limit_buyer", "buyer_id", "policy_id", "is_live"),
)

overdues = _numbered(
    "overdues",
    "ovd",
    Column("policy_id", String, nullable=False),
    Column("reference", String),
    Column("buyer_id", String, nullable=False),
    Column("state", String, nullable=False),
    Column("reason", String, nullable=False),
    Column("comment", Text),
    Column("currency", String, nullable=False),
    Column("invoices", JSON, nullable=False),
    Column("instalments", JSON, nullable=False),
    Column("answer", Text, nullable=False),
    Column("code", String, nullable=False),
    Column("declared_at", Instant, nullable=False),
    Column("acknowledged_at", Instant),
    Column("in_time", Boolean, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("stage", String, nullable=False),
    Column("outstanding", String),
    Column("steps_taken", JSON, nullable=False),
    Column("collector", String),
    Column("collected_until", Date),
    Column("payments", JSON, nullable=False),
    Column("documents", JSON, nullable=False),
    Column("cover_state", String),
    Column("stopped_from", Date),
    Column("reinstated_from", Date),
    Column("content", Text, nullable=False),
    Index("overdue_reference", "policy_id", "reference", unique=True),
    Index("overdue_buyer", "buyer_id", "policy_id", "state"),
)

overdue_actions = Table(
    "overdue_actions",
    metadata,
    Column("policy_id", String, primary_key=True),
    Column("reference", String, primary_key=True),
    Column("overdue_id", String, nullable=False),
    Column("content", Text, nullable=False),
)

adverse_reports = _numbered(
    "adverse_reports",
    "adv",
    Column("policy_id", String, nullable=False),
    Column("reference", String),
    Column("buyer_id", String, nullable=False),
    Column("kind", String, nullable=False),
    Column("happened_on", Date, nullable=False),
    Column("outstanding", String),
    Column("currency", String),
    Column("comment", Text),
    Column("answer", Text, nullable=False),
    Column("cover_state", String),
    Column("stopped_from", Date),
    Column("reinstated_from", Date),
    Column("in_time", Boolean, nullable=False),
    Column("reported_at", Instant, nullable=False),
    Index("adverse_reference", "policy_id", "reference", unique=True),
    Index("adverse_buyer", "buyer_id", "policy_id"),
)

cover_stops = Table(
    "cover_stops",
    metadata,
    Column("policy_id", String, primary_key=True),
    Column("buyer_id", String, primary_key=True),
    Column("since", Date, nullable=False),
    Column("until", Date),
    Column("reason", String, nullable=False),
    Column("overdue_id", String),
)

events = _numbered(
    "events",
    "evt",
    Column("type", String, nullable=False),
    Column("occurred_at", Instant, nullable=False),
    Column("policy_id", String, nullable=False),
    Column("buyer_id", String),
    Column("application_id", String),
    Column("limit_id", String),
    Column("overdue_id", String),
    Index("event_policy", "policy_id", "seq"),
)

due_work = Table(
    "due_work",
    metadata,
    Column("seq", Integer, primary_key=True),
    Column("due_at", Instant, nullable=False, index=True),
    Column("task", String, nullable=False),
    Column("subject", String, nullable=False, index=True),
)

grade_orders = Table(
    "grade_orders",
    metadata,
    Column("policy_id", String, primary_key=True),
    Column("buyer_id", String, primary_key=True),
    Column("ordered_at", Instant, nullable=False),
)

webhooks = _numbered(
    "webhooks",
    "whk",
    Column("policy_id", String, nullable=False, index=True),
    Column("url", String, nullable=False),
    Column("secret", String, nullable=False),
)

deliveries = _numbered(
    "deliveries",
    "dlv",
    Column("webhook_id", String, nullable=False, index=True),
    Column("event_id", String, nullable=False),
    Column("buyer_id", String),
    Column("state", String, nullable=False),
    Column("next_at", Instant, index=True),
    Column("attempts", JSON, nullable=False),
)


class Store:
    """The database of one sandbox; `state` None keeps everything in memory."""

    def __init__(self, state: Path | str | None = None) -> None:
        self.lock = threading.RLock()
        self.generation = 0
        """How often everything was forgotten: what was read before is of another world."""
        url = "sqlite://" if state is None else f"sqlite:///{Path(state).absolute()}"
        self._engine = create_engine(url, poolclass=StaticPool, connect_args={"check_same_thread": False, "timeout": 1})
        try:
            with ExitStack() as undo:
                undo.callback(self._engine.dispose)
                self._connection = self._engine.connect()
                undo.callback(self._connection.close)
                _prepare(self._connection, state)
                undo.pop_all()
        except DatabaseError as error:
            raise StateFileError(_why(state, str(error.orig))) from None
        with self.begin() as tx:
            self._last = {table: tx.scalar(select(func.max(table.c.seq))) or 0 for table in _PREFIXES}

    @contextmanager
    def begin(self) -> Iterator[Connection]:
        """Alone until the end of the block; committed as a whole, or not at all when it raises."""
        with self.lock, self._connection.begin():
            yield self._connection

    def new_id(self, table: Table) -> tuple[int, str]:
        """The next number of a table and the id made of it, such as (12, 'app-000012')."""
        self._last[table] += 1
        return self._last[table], f"{_PREFIXES[table]}-{self._last[table]:06d}"

    def clear(self) -> None:
        """Forget everything."""
        with self.begin() as tx:
            for table in metadata.sorted_tables:
                tx.execute(table.delete())
            self._last = dict.fromkeys(_PREFIXES, 0)
            self.generation += 1

    def close(self) -> None:
        """Let go of the file; may be called twice."""
        with self.lock:
            self._connection.close()
            self._engine.dispose()


def fetch_slice(
    tx: Connection,
    table: Table,
    where: Sequence[ColumnElement[bool]],
    *,
    limit: int,
    after: int | None = None,
    offset: int = 0,
    newest_first: bool = False,
) -> tuple[list[RowMapping], int | None]:
    """The rows that fit, and the number to continue after, None at the end."""
    query = select(table).where(*where)
    if after is not None:
        query = query.where(table.c.seq < after if newest_first else table.c.seq > after)
    query = query.order_by(table.c.seq.desc() if newest_first else table.c.seq).limit(limit + 1).offset(offset)
    rows = list(tx.execute(query).mappings())
    last = rows[limit - 1]["seq"] if len(rows) > limit else None
    return rows[:limit], last


def count(tx: Connection, table: Table, where: Sequence[ColumnElement[bool]] = ()) -> int:
    """How many rows fit."""
    return tx.scalar(select(func.count()).select_from(table).where(*where)) or 0


def equal(table: Table, **columns: str | None) -> list[ColumnElement[bool]]:
    """Conditions on columns; None is no condition."""
    return [table.c[name] == value for name, value in columns.items() if value is not None]


def _prepare(connection: Connection, state: Path | str | None) -> None:
    """Take a file for this process alone, and make the tables where there are none."""
    if state is not None:
        connection.exec_driver_sql("PRAGMA locking_mode=EXCLUSIVE")
        _check_version(connection, state)
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")
        connection.exec_driver_sql("PRAGMA synchronous=NORMAL")
    metadata.create_all(connection)
    connection.exec_driver_sql(f"PRAGMA user_version={SCHEMA_VERSION}")
    connection.commit()


def _check_version(connection: Connection, state: Path | str) -> None:
    """Leave alone what another program or another version wrote; an empty file is a new one."""
    version = connection.exec_driver_sql("PRAGMA user_version").scalar()
    is_empty = connection.exec_driver_sql("SELECT count(*) FROM sqlite_master").scalar() == 0
    if version == 0 and not is_empty:
        raise StateFileError(f"{state} is not a state file of the sandbox; choose another --state file")
    if version not in (0, SCHEMA_VERSION):
        raise StateFileError(f"{state} was written by another version of the sandbox; choose another --state file")


def _why(state: Path | str | None, reason: str) -> str:
    if "locked" in reason:
        return f"{state} is in use by another sandbox; stop that one or choose another --state file"
    if "not a database" in reason:
        return f"{state} is not a state file of the sandbox; choose another --state file"
    return f"{state} cannot be opened ({reason}); choose another --state file"
