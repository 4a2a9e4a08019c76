"""Where the journal is kept, who may read it, and what happens when it cannot be written: nothing is sent."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
import subprocess
import sys
import threading
from collections import deque
from pathlib import Path

import pytest
import sqlalchemy as sa
from fake_insurer import FakeInsurer
from procedures import limit_request, perform

from tradecredit_sdk import ConfigError, Journal, JournalError
from tradecredit_sdk.journal import schema
from tradecredit_sdk.journal.schema import make_engine, parse_url, prepare

posix = pytest.mark.skipif(os.name != "posix", reason="owners and modes are POSIX's")


def test_it_is_kept_in_the_users_state_folder_by_default(insurer: FakeInsurer) -> None:
    with Journal() as journal:
        perform(journal, insurer, limit_request())
        file = Path(journal.url)
    assert file == Path(os.environ["XDG_STATE_HOME"], "tradecredit", "journal.sqlite")
    assert file.exists()


@posix
def test_only_its_owner_can_read_it(tmp_path: Path, insurer: FakeInsurer) -> None:
    file = tmp_path / "new" / "deep" / "journal.sqlite"
    before = os.umask(0)
    try:
        with Journal(str(file)) as journal:
            perform(journal, insurer, limit_request())
            modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in file.parent.iterdir()}
    finally:
        os.umask(before)
    assert modes == dict.fromkeys(("journal.sqlite", "journal.sqlite-wal", "journal.sqlite-shm"), 384)
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_it_opens_at_the_first_use_and_can_be_used_after_closing(tmp_path: Path, insurer: FakeInsurer) -> None:
    file = tmp_path / "journal.sqlite"
    journal = Journal(f"sqlite:///{file}")
    assert repr(journal) == f"Journal('{file}')"
    assert not file.exists()
    journal.open()
    journal.close()
    journal.close()
    perform(journal, insurer, limit_request())
    journal.close()


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("mysql://user:word@host/name", "SQLite or PostgreSQL, not in mysql"),
        ("sqlite://", "in memory would forget"),
        ("sqlite:///:memory:", "in memory would forget"),
        ("sqlite:///file:x?mode=memory&uri=true", "in memory would forget"),
        ("postgresql://user:word@host:port/name", "cannot be read; write postgresql://"),
    ],
)
def test_another_kind_of_place_is_refused_without_showing_passwords(url: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        Journal(url)
    assert "word" not in str(caught.value)


def test_a_password_is_never_shown() -> None:
    journal = Journal("postgresql://me:secret-word@127.0.0.1:1/name")
    assert repr(journal) == "Journal('postgresql+psycopg://***@127.0.0.1:1/name')"
    with pytest.raises(JournalError, match=r"//\*\*\*@127.0.0.1:1/name cannot be used: .*nothing was sent") as caught:
        journal.open()
    assert "secret-word" not in str(caught.value)
    journal.close()


def test_it_writes_through_to_the_disk(tmp_path: Path) -> None:
    url = parse_url(f"{tmp_path}/journal.sqlite")
    engine = make_engine(url)
    prepare(engine)
    with engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == 2
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    engine.dispose()


@pytest.mark.postgres
def test_a_server_that_does_not_write_through_is_told_to(postgres_url: str) -> None:
    import psycopg

    name = postgres_url.rsplit("/", 1)[1]
    with psycopg.connect(postgres_url, autocommit=True) as connection:
        connection.execute(f"ALTER DATABASE {name} SET synchronous_commit TO off")
        connection.execute(f"ALTER DATABASE {name} SET default_transaction_isolation TO 'serializable'")
    engine = make_engine(parse_url(postgres_url))
    with engine.connect() as connection:
        assert connection.exec_driver_sql("SHOW synchronous_commit").scalar() == "on"
        assert connection.exec_driver_sql("SHOW transaction_isolation").scalar() == "read committed"
    engine.dispose()


# What cannot be written is not sent


def refused(journal: Journal, insurer: FakeInsurer, message: str) -> None:
    with pytest.raises(JournalError, match=message) as caught:
        perform(journal, insurer, limit_request("R-new"))
    assert "nothing was sent" in str(caught.value)
    assert "TRADECREDIT_JOURNAL" in str(caught.value)
    assert insurer.sent == []


def test_a_folder_that_cannot_be_made(tmp_path: Path, insurer: FakeInsurer) -> None:
    (tmp_path / "file").write_text("")
    with Journal(f"{tmp_path}/file/journal.sqlite") as journal:
        refused(journal, insurer, "cannot be used: Not a directory|File exists")


def test_a_file_that_is_something_else(tmp_path: Path, insurer: FakeInsurer) -> None:
    (tmp_path / "journal.sqlite").write_text("Dear diary, " * 100)
    with Journal(f"{tmp_path}/journal.sqlite") as journal:
        refused(journal, insurer, "cannot be used: file is not a database")


def test_a_full_disk(tmp_path: Path, insurer: FakeInsurer) -> None:
    with Journal(f"{tmp_path}/journal.sqlite") as journal:
        journal.open()

        def no_more_pages(connection: sqlite3.Connection, *_: object) -> None:
            connection.execute("PRAGMA max_page_count=1")  # SQLite then says what it says on a full disk

        engine = journal._store._opened()
        sa.event.listen(engine, "checkout", no_more_pages)
        requests = (limit_request(f"R-{number}", comment="x" * 1000) for number in range(50))
        with pytest.raises(JournalError, match="disk is full; nothing was sent"):
            deque((perform(journal, insurer, request) for request in requests), maxlen=0)
    assert len(insurer.sent) == len(insurer.references())


@posix
def test_a_disk_that_takes_no_more_bytes(tmp_path: Path) -> None:
    """The operating system itself refuses to let the file grow; in a process of its own."""
    program = f"""
import sys
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
import resource, signal
from pathlib import Path
from fake_insurer import FakeInsurer
from procedures import limit_request, perform
from tradecredit_sdk import Journal, JournalError
insurer = FakeInsurer(Path({str(tmp_path)!r}, "insurer.sqlite"))
with Journal({str(tmp_path / "journal.sqlite")!r}) as journal:
    perform(journal, insurer, limit_request("R-1"))
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, resource.RLIM_INFINITY))
    try:
        perform(journal, insurer, limit_request("R-2"))
    except JournalError as error:
        print(error)
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY,) * 2)
    perform(journal, insurer, limit_request("R-3"))
print(insurer.references())
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    message, held = done.stdout.splitlines()
    assert "nothing was sent" in message
    assert held == "['R-1', 'R-3']"


@posix
def test_a_file_we_may_not_write(tmp_path: Path) -> None:
    """As somebody who is not root, for root may write everything."""
    program = f"""
import os, sys
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
from pathlib import Path
from fake_insurer import FakeInsurer
from procedures import limit_request, perform
from tradecredit_sdk import Journal, JournalError
folder = Path({str(tmp_path)!r})
insurer = FakeInsurer(folder / "insurer.sqlite")
with Journal(str(folder / "journal.sqlite")) as journal:
    perform(journal, insurer, limit_request("R-1"))
for path in folder.glob("journal.sqlite*"):
    path.chmod(0o444)
folder.chmod(0o555)
if os.geteuid() == 0:
    os.seteuid(65534)
try:
    perform(Journal(str(folder / "journal.sqlite")), insurer, limit_request("R-2"))
except JournalError as error:
    print(error)
print(insurer.sent.__len__())
"""
    for path in (tmp_path, *tmp_path.parents):
        if path.owner() in ("root", Path.home().owner()) and str(path).startswith("/tmp/"):
            path.chmod(0o755)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    tmp_path.chmod(0o755)
    message, sent = done.stdout.splitlines()
    assert "journal.sqlite cannot be used: Permission denied; nothing was sent" in message
    assert sent == "1"


def test_a_journal_that_breaks_after_sending_keeps_nobody_from_the_answer(
    tmp_path: Path, insurer: FakeInsurer, caplog: pytest.LogCaptureFixture
) -> None:
    with Journal(f"{tmp_path}/journal.sqlite") as journal:

        def break_it(name: str) -> None:
            if name == "after keeping":
                insurer.step = lambda name: None
                journal.close()
                Path(journal.url).rename(tmp_path / "moved")
                Path(journal.url).write_text("nonsense " * 100)

        insurer.step = break_it
        assert perform(journal, insurer, limit_request()).id == "application-1"
        assert "outcome of limit_request R-1 not written down: the journal" in caplog.text
        journal.close()
        Path(journal.url).unlink()
        (tmp_path / "moved").rename(journal.url)
        assert perform(journal, insurer, limit_request()).id == "application-1"
    assert len(insurer.sent) == 1, "found again by asking"


def test_a_writer_that_holds_the_file_is_waited_for(tmp_path: Path, insurer: FakeInsurer) -> None:
    with Journal(f"{tmp_path}/journal.sqlite") as journal:
        journal.open()
        with contextlib.closing(sqlite3.connect(journal.url, isolation_level=None, check_same_thread=False)) as other:
            other.execute("BEGIN IMMEDIATE")
            threading.Timer(0.3, other.execute, ["COMMIT"]).start()
            assert perform(journal, insurer, limit_request()).id == "application-1"


# Versions


def test_a_newer_version_is_refused(tmp_path: Path, insurer: FakeInsurer) -> None:
    with Journal(f"{tmp_path}/journal.sqlite") as journal:
        perform(journal, insurer, limit_request())
        journal.close()
        with contextlib.closing(sqlite3.connect(journal.url, isolation_level=None)) as database:
            database.execute("UPDATE tradecredit_journal SET version = 99")
        with pytest.raises(JournalError, match="has version 99 and this program knows 1: update tradecredit-sdk"):
            perform(journal, insurer, limit_request())
    assert len(insurer.sent) == 1


def test_an_older_version_is_led_to_ours_step_by_step(journal_url: str, insurer: FakeInsurer) -> None:
    with Journal(journal_url) as journal:
        perform(journal, insurer, limit_request())
    steps = {
        2: ["ALTER TABLE tradecredit_entries ADD COLUMN note TEXT", "UPDATE tradecredit_entries SET note = 'two'"],
        3: ["UPDATE tradecredit_entries SET note = note || ' three'"],
    }
    engine = make_engine(parse_url(journal_url))
    try:
        with pytest.raises(sa.exc.SQLAlchemyError):
            prepare(engine, 3, {**steps, 3: ["UPDATE no_such_table SET x = 1"]})
        for _ in range(2):
            prepare(engine, 3, steps)
        with engine.connect() as connection:
            assert connection.exec_driver_sql("SELECT note FROM tradecredit_entries").scalar() == "two three"
            assert connection.execute(sa.select(schema.versions.c.version)).scalars().all() == [3]
    finally:
        engine.dispose()


def test_many_processes_may_make_it_at_once(journal_url: str) -> None:
    program = f"from tradecredit_sdk import Journal; journal = Journal({journal_url!r}); input(); journal.open(); journal.close()"
    processes = [
        subprocess.Popen([sys.executable, "-c", program], stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    for process in processes:
        assert process.stdin is not None
        process.stdin.write("\n")
        process.stdin.flush()
    assert [process.communicate(timeout=60)[1] for process in processes] == [""] * 4


def test_an_entry_of_a_newer_program_is_not_misread(tmp_path: Path, insurer: FakeInsurer) -> None:
    from procedures import SCOPE, requesting

    with Journal(f"{tmp_path}/journal.sqlite") as journal:
        insurer.faults = ["before"]
        with contextlib.suppress(Exception):
            perform(journal, insurer, limit_request())
        with contextlib.closing(sqlite3.connect(journal.url, isolation_level=None)) as database:
            database.execute("""UPDATE tradecredit_entries SET payload = '{"buyer_id":"1","colour":"red"}'""")
        (one,) = journal.reconcile(SCOPE, [requesting(insurer)])
        assert isinstance(one.error, JournalError)
        assert "R-1 was written down by another version" in one.error.message
        assert one.error.reference == "R-1"
        assert not one.is_definite
    assert len(insurer.sent) == 1


def test_a_forked_child_uses_connections_of_its_own(journal_url: str, tmp_path: Path) -> None:
    program = f"""
import os, sys
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
from pathlib import Path
from fake_insurer import FakeInsurer
from procedures import limit_request, perform
from tradecredit_sdk import Journal
insurer = FakeInsurer(Path({str(tmp_path)!r}, "insurer.sqlite"))
with Journal({journal_url!r}) as journal:
    perform(journal, insurer, limit_request("R-1"))
    pid = os.fork()
    perform(journal, insurer, limit_request("child" if pid == 0 else "parent"))
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
    perform(journal, insurer, limit_request("R-2"))
    print(sorted(entry.reference for entry in journal.entries()))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['R-1', 'R-2', 'child', 'parent']"
