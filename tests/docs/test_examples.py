"""Every example runs as it stands, against a sandbox, and does what it says."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from datetime import date, datetime, timezone
from pathlib import Path

import pytest

from tradecredit_sdk import Money, TradeCreditClient
from tradecredit_sdk.testing.server import RunningSandbox
from tradecredit_sdk.webhooks import sign

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "examples"
MARCH = datetime(2026, 3, 31, 8, tzinfo=timezone.utc)
RUN_BELOW = {
    "check_one_order.py", "declare_what_is_overdue.py", "limit_for_a_buyer.py", "nightly.sh", "receive_webhooks.py",
    "request_limits.py", "watch_the_insurer.py",
}  # fmt: skip

Done = subprocess.CompletedProcess[str]
Run = Callable[..., Done]


@pytest.fixture
def march() -> Iterator[RunningSandbox]:
    with RunningSandbox(now=MARCH, underwriter_seconds=0.2) as running:
        yield running


def environment(sandbox: RunningSandbox) -> dict[str, str]:
    return {
        **os.environ,
        "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
        "PYTHONIOENCODING": "utf-8",
        "TRADECREDIT_BASE_URL": sandbox.base_url_open,
        "TRADECREDIT_API_KEY": "sandbox",
        "TRADECREDIT_POLICY": "DEMO-001",
    }


@pytest.fixture
def run(march: RunningSandbox) -> Run:
    def example(*words: str, code: int = 0) -> Done:
        program = sys.executable if words[0].endswith(".py") else "sh"
        done = subprocess.run(
            [program, str(EXAMPLES / words[0]), *words[1:]],
            env=environment(march), capture_output=True, text=True, encoding="utf-8", timeout=60, check=False,
        )  # fmt: skip
        assert done.returncode == code, done.stderr or done.stdout
        return done

    return example


def client(sandbox: RunningSandbox) -> TradeCreditClient:
    return TradeCreditClient(insurer="open", base_url=sandbox.base_url_open, api_key="sandbox", policy="DEMO-001")


def test_every_example_is_run_here() -> None:
    assert {path.name for path in EXAMPLES.iterdir() if path.suffix in (".py", ".sh")} == RUN_BELOW
    for path in EXAMPLES.glob("*.py"):
        assert len(path.read_text().splitlines()) <= 62, path.name


def test_one_order_is_checked_without_any_insurer(run: Run) -> None:
    lines = run("check_one_order.py").stdout.splitlines()
    assert [line for line in lines if not line.startswith(" ")] == [
        "20,000.00 EUR at 60 days: allowed, 0.00 EUR not covered",
        "20,000.01 EUR at 60 days: blocked, 0.01 EUR not covered",
        "3,200,001 JPY at 60 days: blocked, 0.01 EUR not covered",
        "100.00 EUR at 120 days: blocked, 0.00 EUR not covered",
    ]


def test_a_limit_is_found_asked_for_and_granted(run: Run, march: RunningSandbox) -> None:
    out = run("limit_for_a_buyer.py").stdout
    assert "000004711  Nordlicht Handels GmbH, Hamburg" in out
    assert "approved: 50,000.00 EUR (FULL)" in out
    with client(march) as asked:
        assert [row.amount for row in asked.limits.list(buyer_id="000004711")] == [Money("50000.00", "EUR")]
    assert "knows no Xyzzyx" in run("limit_for_a_buyer.py", "Xyzzyx", "DE", "1.00", "EUR", code=1).stdout


def test_limits_are_requested_once_however_often_it_runs(run: Run, march: RunningSandbox) -> None:
    first = run("request_limits.py").stdout
    assert "Nordlicht Handels GmbH: asked 150,000.00 EUR, approved, 150,000.00 EUR" in first
    assert "Isarwiek Lebensmittel GmbH" not in first  # owes less than the discretionary limit
    assert "Sandbox Handprüfung GmbH: asked 50,000.00 EUR, not decided yet" in first
    assert run("request_limits.py").stdout == first
    with client(march) as asked:
        references = [application.reference for application in asked.limits.applications()]
    assert len(references) == len(set(references)) == first.count("asked")


def test_what_is_overdue_is_declared_in_time_and_once(run: Run, march: RunningSandbox) -> None:
    shown = run("declare_what_is_overdue.py").stdout
    assert shown.count("declare now") == 3
    assert shown.count("too late") == 1
    assert "C-1029      112,400.00 EUR  cover stops after 2026-03-27, declare by 2026-04-26  declare now" in shown
    for _ in range(2):
        assert run("declare_what_is_overdue.py", "--declare").stdout.count("declared: ovd-") == 3
    with client(march) as asked:
        assert len(asked.overdues.list().to_list()) == 3


def test_events_are_shown_once_and_the_cover_read_anew(run: Run, march: RunningSandbox, tmp_path: Path) -> None:
    bookmark = str(tmp_path / "bookmark.txt")
    with client(march) as asked:
        asked.limits.request(buyer_id="900000005", amount=Money("40000.00", "EUR"))
    assert (
        "900000005: application.decided, limit.granted; cover now 40,000.00 EUR"
        in run("watch_the_insurer.py", bookmark).stdout
    )
    assert run("watch_the_insurer.py", bookmark).stdout == ""
    march.advance(days=31)
    assert "900000005: limit.reduced; cover now 20,000.00 EUR" in run("watch_the_insurer.py", bookmark).stdout


def test_a_limit_without_an_exchange_rate_does_not_read_like_none(
    run: Run, march: RunningSandbox, tmp_path: Path
) -> None:
    with client(march) as asked:
        asked.limits.request(buyer_id="900000009", amount=Money("40000.00", "EUR"))  # decided in US dollars
    out = run("watch_the_insurer.py", str(tmp_path / "bookmark.txt")).stdout
    assert "900000009: application.decided, limit.granted; cover not known: no rate from USD to EUR" in out


def test_call_backs_are_verified_and_told_once(march: RunningSandbox) -> None:
    secret = "whsec_" + "c2VjcmV0IHNlY3JldCBzZWNyZXQgc2VjcmV0"
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [sys.executable, str(EXAMPLES / "receive_webhooks.py"), str(port)],
        env={**environment(march), "TRADECREDIT_WEBHOOK_SECRET": secret}, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert server.stdout is not None
        assert "listening" in server.stdout.readline()
        said = server.stdout

        def event(number: int) -> bytes:
            told = {
                "id": f"evt-{number}",
                "type": "limit.reduced",
                "occurred_at": "2026-03-31T08:00:00Z",
                "buyer_id": "b1",
            }
            return json.dumps(told).encode()

        def post(body: bytes, **headers: str) -> int:
            signed = sign(body=body, secret=secret, event_id=json.loads(body)["id"])
            call = urllib.request.Request(f"http://127.0.0.1:{port}/", data=body, headers={**signed, **headers})
            try:
                with urllib.request.urlopen(call, timeout=10) as answer:
                    return int(answer.status)
            except urllib.error.HTTPError as error:
                with error:
                    return error.code

        assert [post(event(1)), post(event(1)), post(event(2))] == [204, 204, 204]
        assert post(event(3), **{"webhook-signature": "v1,AAAA"}) == 400
        told = sorted(said.readline().split(":")[0].strip() for _ in range(3))  # by several threads
        assert told == ["evt-1 limit.reduced buyer b1", "evt-2 limit.reduced buyer b1", "refused"]
    finally:
        server.terminate()
        server.communicate(timeout=10)


def test_the_nightly_job_leaves_verdicts_a_page_and_a_bookmark(run: Run, tmp_path: Path) -> None:
    run("request_limits.py")
    run("nightly.sh", str(tmp_path), code=10)
    cursor = (tmp_path / "cursor").read_text()
    assert len((tmp_path / "verdicts.csv").read_text().splitlines()) == 67
    assert "Credit check of 66 orders" in (tmp_path / "report.html").read_text()
    run("nightly.sh", str(tmp_path), code=10)
    assert (tmp_path / "cursor").read_text() == cursor
    assert json.loads((tmp_path / "events.json").read_text())["items"] == []


def test_the_days_of_the_examples_are_those_of_the_data() -> None:
    assert MARCH.date() == date(2026, 3, 31)
    assert "31 March 2026" in (EXAMPLES / "data" / "README.md").read_text()
