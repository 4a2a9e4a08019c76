"""What goes wrong between us and the insurer, and in the shell: exit codes, quiet ends, no secret anywhere."""

from __future__ import annotations

import http.server
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
SECRET = "k3y-that-must-not-be-seen"
LIST = ["limit", "list", "-o", "json"]


@pytest.fixture(autouse=True)
def _no_retries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRADECREDIT_RETRIES", "0")


@pytest.fixture
def answering(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """An insurer that answers everything in one way: call it with body, content type and status."""
    says: dict[str, Any] = {"body": b"{}", "kind": "application/json", "status": 200}

    class Liar(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(says["status"])
            self.send_header("Content-Type", says["kind"])
            self.send_header("Content-Length", str(len(says["body"])))
            self.end_headers()
            self.wfile.write(says["body"])

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers.get("Content-Length", 0)))
            self.do_GET()

        def log_message(self, *_: object) -> None:
            """Nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Liar) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        monkeypatch.setenv("TRADECREDIT_BASE_URL", f"http://127.0.0.1:{server.server_port}/open/v1")
        monkeypatch.setenv("TRADECREDIT_API_KEY", SECRET)
        monkeypatch.setenv("TRADECREDIT_POLICY", "DEMO-001")

        def answer(body: Any, kind: str = "application/json", status: int = 200) -> None:
            text = body if isinstance(body, (bytes, str)) else json.dumps(body)
            says.update(body=text if isinstance(text, bytes) else text.encode(), kind=kind, status=status)

        yield answer
        server.shutdown()
        thread.join()


ROW = {
    "id": "lim-1",
    "buyer_id": "b",
    "kind": "permanent",
    "state": "approved",
    "amount": {"amount": "5.00", "currency": "EUR"},
    "valid_from": "2026-01-01",
}


@pytest.mark.parametrize(
    "body",
    [
        "<html>Welcome</html>", "", "{", "[]", '"text"', {"items": 5}, {"items": [5]}, {"items": [{**ROW, "amount": 5}]},
        {"items": [{**ROW, "amount": "5.00"}]},
        {"items": [{**ROW, "amount": {"amount": "5.00", "currency": "EURO"}}]}, {"items": [{**ROW, "valid_from": "01.01.2026"}]},
        {"items": [{**ROW, "id": 7}]},
    ],
    ids=str,
)  # fmt: skip
def test_an_insurer_that_lies_is_code_six(body: Any, answering: Any, tradecredit: Any) -> None:
    answering(body)
    done = tradecredit(*LIST)
    assert (done.code, done.out) == (6, ""), done.err
    facts = json.loads(done.err)
    assert facts["error"] == "ResponseFormatError"
    assert "TRADECREDIT_BASE_URL" in facts["remedy"]


@pytest.mark.parametrize(
    ("status", "code"),
    [(400, 4), (401, 3), (403, 3), (404, 4), (409, 4), (422, 4), (429, 5), (500, 6), (503, 6), (302, 1)],
)
def test_every_status_has_its_code(status: int, code: int, answering: Any, tradecredit: Any) -> None:
    answering({"code": "x", "detail": "no"}, "application/problem+json", status)
    done = tradecredit(*LIST)
    assert (done.code, done.out) == (code, ""), done.err
    assert json.loads(done.err)["exit_code"] == code


def test_a_wrong_key_is_three_and_is_not_repeated(
    insurer: Any, tradecredit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRADECREDIT_API_KEY", SECRET)
    done = tradecredit("limit", "list", "--verbose")
    assert done.code == 3
    assert "tradecredit doctor" in done.err
    assert SECRET not in done.out + done.err


def test_too_many_calls_are_five_and_say_how_long_to_wait(insurer: Any, tradecredit: Any) -> None:
    insurer.faults(rate=1, kinds=["429"], paths=["/open/v1"], retry_after_seconds=7)
    done = tradecredit(*LIST)
    assert done.code == 5
    assert json.loads(done.err)["remedy"] == "Wait 7 seconds and repeat."


@pytest.mark.parametrize(
    ("kind", "codes"),
    [("500", {6}), ("503", {6}), ("garbage", {6}), ("reset_before", {7}), ("truncate", {6, 7}), ("drip", {7})],
)
def test_broken_exchanges_have_their_code(
    kind: str, codes: set[int], insurer: Any, tradecredit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRADECREDIT_TOTAL_SECONDS", "0.5")
    insurer.faults(rate=1, kinds=[kind], paths=["/open/v1"])
    done = tradecredit(*LIST)
    assert done.code in codes, done.err
    assert done.out == ""


def test_nobody_there_is_seven_and_nothing_was_sent(tradecredit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in (("BASE_URL", "http://127.0.0.1:9/open/v1"), ("API_KEY", SECRET), ("POLICY", "P")):
        monkeypatch.setenv(f"TRADECREDIT_{name}", value)
    done = tradecredit("limit", "request", "--buyer", "b", "--amount", "5", "--currency", "EUR", "-o", "json")
    assert (done.code, done.out) == (7, "")
    assert json.loads(done.err)["error"] == "NotSentError"


def test_an_answer_that_was_lost_names_the_reference(
    insurer: Any, tradecredit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    insurer.faults(rate=1, kinds=["reset_after"], paths=["/open/v1"])
    words = ["limit", "request", "--buyer", "900000001", "--amount", "5", "--currency", "EUR", "--reference", "R-1"]
    done = tradecredit(*words, "--no-journal")
    assert done.code == 7
    assert "--reference R-1" in done.err
    insurer.faults()
    assert tradecredit(*words, "-o", "json").json["reference"] == "R-1"
    assert insurer.control("GET", "/applications")["total"] == 1


@pytest.mark.parametrize("output", ["table", "json", "ndjson", "csv"])
def test_no_secret_comes_out_even_when_all_is_told(
    output: str, answering: Any, tradecredit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRADECREDIT_DEBUG", "1")
    said = []
    for status in (200, 401, 422, 500):
        answering(
            {"items": [], "next_cursor": None, "code": "x", "detail": f"your key {SECRET} is wrong"}, status=status
        )
        for words in (["limit", "list"], ["doctor"], ["config", "show"], ["buyer", "find", "x", "--country", "DE"],
                      ["limit", "request", "--buyer", "b", "--amount", "5", "--currency", "EUR"]):  # fmt: skip
            done = tradecredit(*words, "--verbose", "-o", output)
            said.append(done.out + done.err)
    assert SECRET not in "".join(said)
    assert any("DEBUG" in text for text in said)


def test_verbose_tells_every_exchange_without_bodies(insurer: Any, tradecredit: Any) -> None:
    done = tradecredit("-v", "buyer", "find", "Nordlicht", "--country", "DE", "-o", "json")
    assert "POST /buyers/search: 200" in done.err
    assert "Nordlicht" not in done.err
    assert "Bearer" not in done.err
    assert tradecredit("buyer", "find", "Nordlicht", "--country", "DE", "-o", "json").err == ""


def shell(*words: str, **extra: Any) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tradecredit_sdk.cli", *words]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8", **extra
    )


@pytest.mark.parametrize(
    "words",
    [["--help"], ["limit", "list", "-o", "ndjson"], ["limit", "list"], ["policy", "show", "-o", "json"]],
    ids=" ".join,
)
def test_a_reader_who_has_seen_enough_ends_it_quietly(words: list[str], insurer: Any, tradecredit: Any) -> None:
    tradecredit("limit", "request", "--buyer", "900000001", "--amount", "5", "--currency", "EUR")
    reading, writing = os.pipe()
    os.close(reading)
    command = [sys.executable, "-m", "tradecredit_sdk.cli", *words]
    done = subprocess.run(command, stdout=writing, stderr=subprocess.PIPE, text=True, timeout=60, check=False)
    os.close(writing)
    assert (done.returncode, done.stderr) == (0, "")


def test_a_closed_pipe_does_not_turn_a_block_into_a_pass(insurer: Any) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    words = ["check", "--buyer", "900000001", "--order", "99999", "--currency", "EUR"]
    done = subprocess.run(
        [sys.executable, "-m", "tradecredit_sdk.cli", *words], stdout=writing, timeout=60, check=False
    )
    os.close(writing)
    assert done.returncode == 10


def test_ctrl_c_is_130_and_says_where_to_continue(insurer: Any, tradecredit: Any) -> None:
    tradecredit("limit", "request", "--buyer", "900000001", "--amount", "5", "--currency", "EUR")
    with shell("events", "poll", "--follow", "--interval", "30", "-o", "ndjson") as running:
        assert running.stdout is not None
        assert json.loads(running.stdout.readline())["type"] == "application.decided"
        running.stdout.readline()
        time.sleep(0.3)
        running.send_signal(signal.SIGINT)
        _, err = running.communicate(timeout=20)
    assert running.returncode == 130
    assert "--cursor" in err
    assert "Traceback" not in err


def test_ctrl_c_while_waiting_is_130_and_says_how_to_go_on(insurer: Any, tradecredit: Any) -> None:
    words = ["--buyer", "900000007", "--amount", "5000", "--currency", "EUR", "--reference", "WAIT-1", "--wait", "60"]
    with shell("limit", "request", *words, "-o", "json") as running:
        assert running.stderr is not None
        first = running.stderr.readline()
        time.sleep(0.2)
        running.send_signal(signal.SIGINT)
        out, err = running.communicate(timeout=20)
    assert (running.returncode, out) == (130, "")
    assert "reference WAIT-1" in first
    assert "tradecredit limit decision WAIT-1" in first
    assert "interrupted" in err
    assert "Traceback" not in err
    asked = tradecredit("limit", "decision", "WAIT-1", "-o", "json")
    assert (asked.code, asked.json["state"]) == (11, "referred")
    assert insurer.control("GET", "/applications")["total"] == 1


def test_the_sandbox_says_what_to_set_and_serves_it(
    tradecredit: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    with shell(
        "sandbox", "serve", "--port", "0", "--state", str(tmp_path / "s.sqlite"), "--now", "2026-03-31T08:00:00Z"
    ) as running:
        assert running.stdout is not None
        printed = []
        for line in running.stdout:
            printed.append(line.strip())
            if "Ctrl-C" in line:
                break
        variables = [line.removeprefix("export ").split("=", 1) for line in printed if line.startswith("export ")]
        for name, value in variables[:3]:
            monkeypatch.setenv(name, value)
        assert tradecredit("doctor").code == 0
        assert tradecredit("limit", "request", "--buyer", "900000001", "--amount", "5", "--currency", "EUR").code == 0
        (row,) = tradecredit(*LIST).json
        assert row["valid_from"] == "2026-03-31"
        running.send_signal(signal.SIGINT)
        running.communicate(timeout=20)
    assert running.returncode == 0
    assert tradecredit("doctor").code == 7


@pytest.mark.parametrize(("words", "port"), [([], "8585"), (["PORT=9000"], "9000")])
def test_make_serves_the_sandbox_where_it_is_told(words: list[str], port: str) -> None:
    environment = {name: value for name, value in os.environ.items() if name not in ("PORT", "MAKEFLAGS")}
    done = subprocess.run(
        ["make", "-n", "sandbox", *words], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert f"sandbox serve --port {port}\n" in done.stdout


def test_what_keeps_the_sandbox_from_starting_is_one_and_a_wrong_value_is_two(
    insurer: Any, tradecredit: Any, tmp_path: Any
) -> None:
    junk = tmp_path / "junk.sqlite"
    junk.write_text("no database")
    for words, code, said in (
        (["--port", insurer.url.rpartition(":")[2]], 1, "is in use"),
        (["--port", "0", "--state", tmp_path / "nowhere" / "state.sqlite"], 1, "another --state file"),
        (["--port", "0", "--state", junk], 1, "is not a state file"),
        (["--port", "0", "--state", tmp_path], 2, "'--state'"),
        (["--port", "70000"], 2, "'--port'"),
        (["--port", "0", "--now", "tomorrow"], 2, "'--now'"),
        (["--port", "0", "--now", "2026-03-31T08:00:00"], 2, "2026-03-31T08:00:00Z"),
        (["--port", "0", "--now", "2026-02-30T08:00:00Z"], 2, "no such moment"),
    ):
        done = tradecredit("sandbox", "serve", *words)
        assert (done.code, done.out) == (code, ""), words
        assert said in done.err
        facts = json.loads(tradecredit("-o", "json", "sandbox", "serve", *words).err)
        assert facts["exit_code"] == code


def test_a_terminal_without_unicode_gets_escapes_instead_of_a_crash(insurer: Any, process: Any) -> None:
    done = process("buyer", "find", "--country", "JP", "--id", "registration:4767916901419", PYTHONIOENCODING="ascii")
    assert done.code == 0, done.err
    assert "001372885" in done.out
    done = process(
        "buyer", "find", "--country", "JP", "--id", "registration:4767916901419", "-o", "json", PYTHONIOENCODING="ascii"
    )
    assert done.json[0]["name"] == "株式会社暁浜機械工業"
