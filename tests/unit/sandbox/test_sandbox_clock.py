"""The clock, what falls due on it, and what is left when a server is killed."""

import sqlite3
import subprocess
import sys
import threading
from datetime import datetime, timedelta, timezone

import pytest

from tradecredit_sdk.models.limit import LimitState
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.sandbox import underwriting as buyer
from tradecredit_sdk.sandbox.engine import Engine
from tradecredit_sdk.sandbox.problem import Problem
from tradecredit_sdk.sandbox.records import Asked
from tradecredit_sdk.sandbox.store import StateFileError

START = datetime(2026, 3, 31, 8, tzinfo=timezone.utc)
ASKED = Asked(buyer.FULL, amount=Money("50000", "EUR"), reference="REQ-1")


def test_it_starts_where_it_is_told_and_runs_in_real_time(engine, wall):
    assert engine.now() == START
    wall.seconds += 1.5
    assert engine.now() == START + timedelta(seconds=1.5)


def test_without_a_start_it_shows_real_time(wall):
    engine = Engine(wall=wall)
    assert engine.now().timestamp() == wall.seconds
    engine.close()


def test_a_start_without_a_time_zone_is_refused(wall):
    with pytest.raises(ValueError, match="time zone"):
        Engine(now=datetime(2026, 3, 31), wall=wall)


def test_it_ends_before_the_calendar_does(engine):
    for _ in range(17):
        engine.advance(days=3660)
    with pytest.raises(Problem):
        engine.advance(days=3660)
    assert engine.now().year == 2196


def test_it_moves_forward_only(engine):
    assert engine.advance(days=1, seconds=1) == START + timedelta(days=1, seconds=1)
    assert engine.set_now(START + timedelta(days=2)) == START + timedelta(days=2)
    for call in (lambda: engine.set_now(START), lambda: engine.advance(days=-1), lambda: engine.advance(days=4000)):
        with pytest.raises(Problem):
            call()
    assert engine.now() == START + timedelta(days=2)


def test_work_falls_due_one_by_one_at_its_own_moment(desk):
    desk.ask(buyer.WITHDRAWN)  # announced after 10 days, withdrawn 30 days later
    desk.ask(buyer.SLOW)  # decided after 3 seconds
    desk.ask(buyer.REDUCED)  # halved after 30 days
    desk.engine.advance(days=365)
    told = [(event.type.value, event.occurred_at) for event in desk.engine.events.list().items][4:]
    assert [kind for kind, _ in told] == ["application.decided", "limit.granted", "limit.withdrawal_announced",
                                          "limit.reduced", "limit.withdrawn"]  # fmt: skip
    assert [(at - START).days for _, at in told] == [0, 0, 10, 30, 39]


def test_each_piece_of_work_is_done_once_however_many_look(desk):
    for number in range(20):
        desk.ask(buyer.SLOW, reference=f"R-{number}")
    desk.wall.seconds += 10
    threads = [threading.Thread(target=desk.engine.tick) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert desk.happened().count("application.decided") == 20


def test_reset_is_as_new(desk):
    desk.ask(buyer.SLOW, reference="R")
    desk.engine.buyers.declare_insolvent("000004711")
    desk.engine.webhooks.register("DEMO-001", "http://127.0.0.1:1/")
    desk.engine.advance(days=100)
    desk.engine.reset()
    assert desk.engine.now() == START
    assert desk.engine.overview() == {
        "buyers": 311, "applications": 0, "limits": 0, "overdues": 0, "events": 0, "deliveries": 0, "pending": 0,
        "limits_in_force": 0,
    }  # fmt: skip
    assert desk.engine.buyers.get("000004711").status == "active"
    assert desk.engine.webhooks.list("DEMO-001") == ()
    assert desk.ask(buyer.FULL, reference="R").id == "app-000001"
    assert desk.engine.webhooks.deliveries().items == ()


# ---------------------------------------------------------------- state file


def test_a_state_file_is_taken_up_again_with_its_clock(tmp_path, wall):
    file = tmp_path / "state.db"
    engine = Engine(file, now=START, wall=wall)
    engine.applications.submit("DEMO-001", ASKED)
    slow = engine.applications.submit("DEMO-001", Asked(buyer.SLOW, amount=Money("1", "EUR"))).application
    engine.advance(days=5)
    engine.close()
    engine.close()
    wall.seconds += 60
    again = Engine(file, wall=wall)
    assert again.now() == START + timedelta(days=5, seconds=60)
    assert not again.applications.submit("DEMO-001", ASKED).is_new
    assert again.applications.get(slow.id).state is LimitState.APPROVED
    third = again.applications.submit("DEMO-001", Asked(buyer.FULL, amount=Money("1", "EUR"))).application
    assert third.id == "app-000003"
    again.close()


def test_due_work_survives_a_restart(tmp_path, wall):
    file = tmp_path / "state.db"
    engine = Engine(file, now=START, wall=wall)
    slow = engine.applications.submit("DEMO-001", Asked(buyer.SLOW, amount=Money("1", "EUR"))).application
    engine.close()
    wall.seconds += 60
    engine = Engine(file, wall=wall)
    decided = engine.applications.get(slow.id)
    assert decided.decision.decided_at == START + timedelta(seconds=3)
    engine.close()


def test_the_clock_of_a_state_file_does_not_go_back(tmp_path, wall):
    file = tmp_path / "state.db"
    engine = Engine(file, now=START, wall=wall)
    engine.advance(days=5)
    engine.close()
    with pytest.raises(StateFileError, match=r"already stands at 2026-04-05T08:00:00Z .* leave out --now"):
        Engine(file, now=START, wall=wall)
    later = Engine(file, now=START + timedelta(days=9), wall=wall)
    assert later.now() == START + timedelta(days=9)
    later.close()


def test_two_sandboxes_cannot_share_a_file(tmp_path):
    file = tmp_path / "state.db"
    engine = Engine(file)
    with pytest.raises(StateFileError, match="in use by another sandbox"):
        Engine(file)
    engine.close()
    Engine(file).close()


def test_a_file_of_another_kind_is_left_alone(tmp_path):
    text = tmp_path / "notes.txt"
    text.write_text("These are my notes, and they are longer than a header.\n" * 50)
    before = text.read_bytes()
    with pytest.raises(StateFileError, match="not a state file"):
        Engine(text)
    assert text.read_bytes() == before
    with pytest.raises(StateFileError, match="cannot be opened"):
        Engine(tmp_path / "nowhere" / "state.db")


def test_a_database_of_another_program_or_version_is_left_alone(tmp_path):
    newer = tmp_path / "newer.db"
    with sqlite3.connect(newer) as database:
        database.execute("PRAGMA user_version=99")
    database.close()
    with pytest.raises(StateFileError, match="another version"):
        Engine(newer)
    foreign = tmp_path / "foreign.db"
    with sqlite3.connect(foreign) as database:
        database.execute("CREATE TABLE invoices (id INTEGER)")
    database.close()
    with pytest.raises(StateFileError, match="not a state file"):
        Engine(foreign)


KILLED = """
import os, signal, sys
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.sandbox.engine import Engine
from tradecredit_sdk.sandbox.records import Asked
engine = Engine(sys.argv[1])
for number in range(1000):
    engine.applications.submit("DEMO-001", Asked("900000001", amount=Money("1000", "EUR"), reference=f"R-{number}"))
    print(number, flush=True)
"""


def test_a_killed_server_keeps_all_it_has_acknowledged(tmp_path):
    file = tmp_path / "state.db"
    process = subprocess.Popen([sys.executable, "-c", KILLED, str(file)], stdout=subprocess.PIPE, text=True)
    last = -1
    for line in process.stdout:
        last = int(line)
        if last >= 40:
            process.kill()
            break
    last = max([last, *map(int, process.stdout.read().split())])
    process.wait()
    process.stdout.close()
    engine = Engine(file)
    kept = [item.asked.reference for item in engine.applications.list(limit=500).items][::-1]
    # One more may have been committed than was said.
    assert kept[: last + 1] == [f"R-{number}" for number in range(last + 1)]
    assert last + 1 <= len(kept) <= last + 2
    rows = engine.limits.list(limit=500).items
    assert [row.is_live for row in rows] == [False] * (len(kept) - 1) + [True]
    engine.close()
