"""PostgreSQL: the server PGHOST names, or a private cluster in the cache folder, reached by a socket only.

The private one runs while somebody uses it. Every user holds a shared lock, which a server in the background inherits;
the last one to leave stops it.
"""

from __future__ import annotations

import os
import pwd
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from .commands import Account, answer, run
from .locks import alone, among, last_one
from .places import CACHE
from .steps import OdooRuntimeError, Step

FOLDER = CACHE / "postgresql"
DATA = FOLDER / "data"
USERS = CACHE / "locks" / "postgresql-users"
START = CACHE / "locks" / "postgresql-start"
OWNER = "tradecredit"
LONGEST_SOCKET_FOLDER = 90

SETTINGS = {
    "listen_addresses": "",
    "unix_socket_directories": str(FOLDER),
    "max_connections": "200",
    "synchronous_commit": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "512MB",
}
"""Nothing listens on a network. A power cut may lose the last moment of a trial database, never its soundness."""


def is_ours() -> bool:
    """Whether we run the server ourselves."""
    return not os.environ.get("PGHOST")


def environment() -> dict[str, str]:
    """What tells Odoo, psql and psycopg which server is meant."""
    if is_ours():
        return {"PGHOST": str(FOLDER), "PGPORT": "5432", "PGUSER": OWNER}
    return {name: value for name, value in os.environ.items() if name.startswith("PG")}


def steps() -> list[Step]:
    """Make the cluster, unless there is a server already."""
    return [Step("postgresql", str(DATA), f"making a PostgreSQL cluster in {FOLDER}", _make)] if is_ours() else []


@contextmanager
def in_use() -> Iterator[list[int]]:
    """A running server until the end; gives the descriptors a child must inherit to go on using it after us."""
    if not is_ours():
        if os.environ.get("PGUSER") == "postgres":
            raise OdooRuntimeError(
                "Odoo refuses to work as PGUSER=postgres: name another role that may create databases."
            )
        try:
            sql("SELECT 1")
        except OdooRuntimeError as error:
            raise OdooRuntimeError(
                f"The server of PGHOST={os.environ['PGHOST']} does not let us in. {error}"
            ) from error
        yield []
        return
    try:
        with among(USERS) as descriptor:
            with alone(START):
                if not _running():
                    _control("start", "-l", str(FOLDER / "log"))
            yield [descriptor]
    finally:
        stop_if_unused()


def stop_if_unused() -> None:
    """Stop the private server when nobody uses it any more."""
    if not is_ours() or not DATA.exists():
        return
    with last_one(USERS) as unused:
        if unused and _running():
            _control("stop", "-m", "fast")


def sql(statement: str, database: str = "postgres") -> list[str]:
    """The rows that a statement gives, columns separated by |."""
    command: list[str | Path] = [
        program("psql"),
        "-X",
        "-A",
        "-t",
        "-q",
        "-v",
        "ON_ERROR_STOP=1",
        "-d",
        database,
        "-c",
        statement,
    ]
    return answer(command, {**os.environ, **environment()}).splitlines()


@lru_cache
def program(name: str) -> Path:
    """One of PostgreSQL's programs, of the newest version; Debian keeps the server's out of PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"), key=lambda path: float(path.parts[-3]))
    if path := found[-1] if found else shutil.which(name):
        return Path(path)
    raise OdooRuntimeError(f"PostgreSQL's program {name} is missing: sudo apt-get install postgresql")


def _running() -> bool:
    try:
        pid = int((DATA / "postmaster.pid").read_text().split()[0])
        os.kill(pid, 0)
    except (FileNotFoundError, ProcessLookupError):
        return False
    return Path(f"/proc/{pid}/cwd").resolve() == DATA.resolve()


def _control(*words: str) -> None:
    # Started by way of a file, not a pipe: the server keeps what it inherits, and a pipe would never end.
    run(
        [program("pg_ctl"), "-D", DATA, "-w", "-t", "60", *words],
        "pg_ctl.log",
        cwd=FOLDER,
        account=_account(),
        remedy=f"The server's own log is {FOLDER}/log.",
    )


def _make() -> None:
    if len(str(FOLDER)) > LONGEST_SOCKET_FOLDER:
        raise OdooRuntimeError(
            f"{FOLDER} is too long a path for a socket: set TRADECREDIT_ODOO_CACHE to a shorter one."
        )
    shutil.rmtree(DATA, ignore_errors=True)
    FOLDER.mkdir(parents=True, exist_ok=True)
    FOLDER.chmod(0o700)
    account = _account()
    if account:
        _let_in(account)
    # Trust is enough: only those whom the folder lets in reach the socket, this account and root.
    run(
        [program("initdb"), "-D", DATA, "-U", OWNER, "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8"],
        "initdb.log",
        cwd=FOLDER,
        account=account,
    )
    with (DATA / "postgresql.conf").open("a") as settings:
        settings.writelines(f"{name} = '{value}'\n" for name, value in SETTINGS.items())


def _account() -> Account | None:
    """Whom the server runs as; None is ourselves."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            found = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(found.pw_uid, found.pw_gid)
    raise OdooRuntimeError("PostgreSQL does not run as root, and there is no user postgres or nobody to run it as.")


def _let_in(account: Account) -> None:
    closed = next((path for path in FOLDER.parents if not path.stat().st_mode & 0o001), None)
    if closed:
        raise OdooRuntimeError(
            f"PostgreSQL does not run as root, and its account cannot enter {closed}: "
            "set TRADECREDIT_ODOO_CACHE to a folder that everybody can enter."
        )
    os.chown(FOLDER, account.user, account.group)
