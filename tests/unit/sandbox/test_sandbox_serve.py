"""`serve`: what it prints, how it ends, and what it says when it cannot begin."""

import re
import signal
import socket
import subprocess
import sys

import pytest
import requests

from tradecredit_sdk.sandbox import serve
from tradecredit_sdk.sandbox.serve import ServeError

SERVE = "import sys; from tradecredit_sdk.sandbox import serve; serve(port=0, state=sys.argv[1] or None, now=sys.argv[2] or None)"


def start(state="", now=""):
    command = [sys.executable, "-c", SERVE, str(state), now]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    said = ""
    while "Ctrl-C stops it." not in said:
        line = process.stdout.readline()
        assert line, process.communicate()
        said += line
    return process, said


def stop(process, number):
    process.send_signal(number)
    out, err = process.communicate(timeout=20)
    return process.returncode, out, err


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_prints_what_to_paste_and_ends_cleanly(number):
    process, said = start()
    address = re.search(r"Sandbox insurer at (http://127\.0\.0\.1:\d+) ", said)[1]
    assert [line.strip() for line in said.splitlines() if "export" in line] == [
        f"export TRADECREDIT_BASE_URL={address}/open/v1",
        "export TRADECREDIT_API_KEY=sandbox",
        "export TRADECREDIT_POLICY=DEMO-001",
        "export TRADECREDIT_INSURER=allianz-trade",
        f"export TRADECREDIT_BASE_URL={address}/allianz-trade",
        "export TRADECREDIT_API_KEY=sandbox",
        "export TRADECREDIT_POLICY=DEMO-001",
    ]
    with requests.Session() as session:  # a client that stays connected does not hold it up
        assert session.get(address + "/", timeout=10).ok
        assert session.get(address + "/docs", timeout=10).ok
        assert stop(process, number) == (0, "The sandbox has stopped.\n", "")


def test_a_state_file_outlives_a_killed_server(tmp_path):
    state = tmp_path / "state.db"
    process, said = start(state, "2026-03-31T08:00:00Z")
    url = re.search(r"http://\S+", said)[0]
    body = {"reference": "R-1", "buyer_id": "900000001", "amount": {"amount": "1.00", "currency": "EUR"}}
    options = {"json": body, "headers": {"Authorization": "Bearer sandbox"}, "timeout": 10}
    first = requests.post(f"{url}/open/v1/policies/DEMO-001/applications", **options)
    assert (first.status_code, first.json()["created_at"][:10]) == (201, "2026-03-31")
    process.kill()
    process.communicate(timeout=20)
    process, said = start(state)
    url = re.search(r"http://\S+", said)[0]
    again = requests.post(f"{url}/open/v1/policies/DEMO-001/applications", **options)
    assert (again.status_code, again.json()) == (200, first.json())
    stop(process, signal.SIGTERM)


def test_a_taken_port_is_said_with_the_remedy():
    with socket.create_server(("127.0.0.1", 0)) as taken, pytest.raises(ServeError) as caught:
        serve(port=taken.getsockname()[1])
    assert re.fullmatch(
        r"port \d+ is in use; stop what listens there, or take a free port with --port 0", caught.value.message
    )


def test_only_this_machine_is_served():
    with pytest.raises(ServeError, match=r"this machine only \(127\.0\.0\.1\), not on 0\.0\.0\.0"):
        serve(host="0.0.0.0", port=0)


@pytest.mark.parametrize("now", ["yesterday", "2026-03-31", "2026-03-31T08:00:00", "2026-13-01T00:00:00Z"])
def test_a_moment_is_a_moment(now):
    with pytest.raises(ServeError, match="write --now 2026-03-31T08:00:00Z"):
        serve(port=0, now=now)


def test_a_wrong_state_file_is_said_and_the_port_given_back(tmp_path):
    notes = tmp_path / "notes.txt"
    notes.write_text("no database\n" * 100)
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(ServeError, match="not a state file of the sandbox"):
        serve(port=port, state=notes)
    with socket.create_server(("127.0.0.1", port)):
        pass
