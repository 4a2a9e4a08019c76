"""The journal's tables, their version, and how a database is opened: SQLite in a file or PostgreSQL by URL.

SQLite writes through to the disk at each commit (`synchronous=FULL`), keeps its file for its owner alone and serialises
writers (`BEGIN IMMEDIATE`). PostgreSQL is told to wait for its own disk even if the server was set up not to.
"""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from tradecredit_sdk._shown_url import shown_url
from tradecredit_sdk.errors import ConfigError, JournalError

VERSION = 1
"""Of the tables below."""

MIGRATIONS: Mapping[int, Sequence[str]] = {}
"""Version -> SQL statements that lead to it from the version before; both databases must understand them."""

_BUSY_SECONDS = 30
_SETUP_LOCK = 0x7C4ED17
"""One process at a time makes the tables (a number of our own for PostgreSQL's advisory locks)."""


class Moment(sa.TypeDecorator[datetime]):
    """An aware moment, kept in UTC also where the database knows no time zones."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """To the database."""
        if value is None:
            return None
        value = value.astimezone(timezone.utc)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """From the database."""
        if value is None:
            return None
        return value.replace(tzinfo=timezone.utc) if value.tzinfo is None else value.astimezone(timezone.utc)


metadata = sa.MetaData()

versions = sa.Table("tradecredit_journal", metadata, sa.Column("version", sa.Integer, nullable=False))

entries = sa.Table(
    "tradecredit_entries",
    metadata,
    sa.Column("id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True),
    sa.Column("insurer", sa.Text, nullable=False),
    sa.Column("account", sa.Text, nullable=False),
    sa.Column("policy", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("reference", sa.Text, nullable=False),
    sa.Column("payload", sa.Text, nullable=False),
    sa.Column("fingerprint", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("attempts", sa.Integer, nullable=False),
    sa.Column("planned_at", Moment, nullable=False),
    sa.Column("first_sent_at", Moment),
    sa.Column("sent_at", Moment),
    sa.Column("doubtful_since", Moment),
    sa.Column("answered_at", Moment),
    sa.Column("insurer_id", sa.Text),
    sa.Column("answer", sa.Text),
    sa.Column("error", sa.Text),
    sa.Column("lease_owner", sa.Text),
    sa.Column("lease_until", Moment),
    sa.UniqueConstraint(
        "insurer", "account", "policy", "kind", "reference", name="tradecredit_entries_one_per_reference"
    ),
    sa.Index("tradecredit_entries_state", "state", "id"),
    sa.Index("tradecredit_entries_insurer_id", "insurer_id"),
)


def parse_url(text: str | None) -> URL:
    """The database meant: a URL, the path of a SQLite file, or None for the platform's state folder."""
    if text is None:
        text = str(default_file())
    if "://" not in text:
        return URL.create("sqlite", database=str(Path(text).expanduser()))
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        # The text may hold a password, so it is not shown, and neither is the error that quotes it.
        raise ConfigError(
            "the journal's URL cannot be read; write postgresql://user@host/name or a file's path"
        ) from None
    if url.get_backend_name() == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if url.get_backend_name() != "sqlite":
        raise ConfigError(f"a journal is kept in SQLite or PostgreSQL, not in {url.get_backend_name()}")
    if url.database in (None, "", ":memory:") or "memory" in str(url.query.get("mode", "")):
        raise ConfigError(
            "a journal in memory would forget what was sent; name a file: sqlite:////var/lib/.../journal.sqlite"
        )
    return url


def default_file() -> Path:
    """Where the journal is when nothing else is said: in the state folder of the user, by the platform's custom."""
    try:
        from platformdirs import user_state_path
    except ImportError:
        raise ConfigError(
            "no place is known for the journal: set TRADECREDIT_JOURNAL or install 'tradecredit-sdk[journal]'"
        ) from None
    return user_state_path("tradecredit", appauthor=False) / "journal.sqlite"


def make_engine(url: URL) -> sa.Engine:
    """An engine that writes through; nothing is connected or created yet."""
    sqlite = url.get_backend_name() == "sqlite"
    options: dict[str, Any] = {"connect_args": {"timeout": _BUSY_SECONDS}} if sqlite else _POSTGRESQL_OPTIONS
    try:
        engine = sa.create_engine(url, hide_parameters=True, **options)
    except (ImportError, NoSuchModuleError):
        raise ConfigError("a journal in PostgreSQL needs psycopg: pip install 'tradecredit-sdk[postgres]'") from None
    if sqlite:
        sa.event.listen(engine, "connect", _set_up_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
    else:
        sa.event.listen(engine, "connect", _set_up_postgresql)
    return engine


_POSTGRESQL_OPTIONS: dict[str, Any] = {
    "isolation_level": "READ COMMITTED",
    "pool_pre_ping": True,
    "connect_args": {"connect_timeout": 10, "application_name": "tradecredit"},
}


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # transactions begin where we say, see _begin_sqlite
    with _closing_if_it_fails(connection):
        connection.execute("PRAGMA synchronous=FULL")


def _begin_sqlite(connection: sa.Connection) -> None:
    reads = connection.get_execution_options().get("only_reads", False)
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _set_up_postgresql(connection: Any, _record: Any) -> None:
    connection.autocommit = True
    with _closing_if_it_fails(connection):
        if connection.execute("SHOW synchronous_commit").fetchone()[0] == "off":
            connection.execute("SET synchronous_commit TO on")
    connection.autocommit = False


@contextmanager
def _closing_if_it_fails(connection: Any) -> Iterator[None]:
    try:
        yield
    except BaseException:
        connection.close()  # the pool forgets a connection that could not be set up
        raise


def prepare(engine: sa.Engine, version: int = VERSION, migrations: Mapping[int, Sequence[str]] = MIGRATIONS) -> None:
    """Make the tables, or lead them to `version`; JournalError when they are from a newer one."""
    if engine.dialect.name == "sqlite":
        _make_private(Path(str(engine.url.database)))
        _write_ahead(engine)
    with engine.begin() as connection:
        if engine.dialect.name == "postgresql":
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_SETUP_LOCK)))
        if not sa.inspect(connection).has_table(versions.name):
            metadata.create_all(connection)
            connection.execute(versions.insert().values(version=version))
            return
        found = connection.execute(sa.select(versions.c.version)).scalar_one()
        if found > version:
            raise JournalError(
                f"the journal {shown(engine.url)} has version {found} and this program knows {version}: update "
                "tradecredit-sdk, or name another journal; nothing was sent"
            )
        for step in range(found + 1, version + 1):
            for statement in migrations[step]:
                connection.exec_driver_sql(statement)
        if found < version:
            connection.execute(versions.update().values(version=version))


def _make_private(file: Path) -> None:
    """Create file and folder for the owner alone; leave what exists as it is."""
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))


def _write_ahead(engine: sa.Engine) -> None:
    """Let readers and one writer work side by side. The mode stays in the file, so it is switched once."""
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        if cursor.execute("PRAGMA journal_mode").fetchone()[0] != "wal":
            cursor.execute("PRAGMA journal_mode=WAL")
        cursor.close()
    finally:
        connection.close()


@contextmanager
def clear_errors(url: URL) -> Iterator[None]:
    """Turn what the database or the disk says into a JournalError that names the journal, without any values."""
    try:
        yield
    except _database_errors() as error:
        cause = error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
        reason = cause.strerror if isinstance(cause, OSError) and cause.strerror else str(cause).strip().split("\n")[0]
        raise JournalError(
            f"the journal {shown(url)} cannot be used: {reason}; nothing was sent. Free the disk, allow writing there, or "
            "name another journal with TRADECREDIT_JOURNAL"
        ) from error


def _database_errors() -> tuple[type[Exception], ...]:
    """Also the drivers' own: SQLAlchemy does not wrap what goes wrong while a connection is set up."""
    psycopg: Any = sys.modules.get("psycopg")
    return (SQLAlchemyError, OSError, sqlite3.Error, *([psycopg.Error] if psycopg else []))


def shown(url: URL) -> str:
    """The URL without user, password and the query's values; a file by its path."""
    if url.get_backend_name() == "sqlite":
        return shown_url(str(url.database))
    return shown_url(url.render_as_string(hide_password=True))
