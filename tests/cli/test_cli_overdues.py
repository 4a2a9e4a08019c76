"""Overdues, events and settings on the command line, against a running insurer."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from tradecredit_sdk.cli.failure import SANDBOX_LINES
from tradecredit_sdk.errors import NoAnswerError

TODAY = datetime.now(timezone.utc).date()


def day(distance: int) -> str:
    return (TODAY + timedelta(days=distance)).isoformat()


def declare(tradecredit: Any, *words: str) -> Any:
    return tradecredit("overdue", "declare", "--buyer", "900000002", "--currency", "EUR", "-o", "json", *words)


def test_invoices_are_declared_together_and_once(insurer: Any, tradecredit: Any) -> None:
    words = [
        "--invoice",
        f"R-1,{day(-70)},1250.00",
        f"R-2,001,{day(-60)},800",
        "--invoice",
        f"R-3,{day(-50)},0.50",
        "--reference",
        "OVD-1",
    ]
    done = declare(tradecredit, *words)
    assert done.code == 0, done.err
    assert (done.json["state"], done.json["total"], done.json["total_currency"]) == ("declared", "2050.50", "EUR")
    assert done.json["oldest_due_date"] == day(-70)
    assert {invoice["number"]: invoice["amount"] for invoice in done.json["invoices"]} == {
        "R-1": "1250.00",
        "R-2,001": "800.00",
        "R-3": "0.50",
    }
    assert declare(tradecredit, *words).json["id"] == done.json["id"]
    assert len(tradecredit("overdue", "list", "-o", "json").json) == 1


def test_an_overdue_is_shown_extended_rescheduled_and_settled(insurer: Any, tradecredit: Any) -> None:
    overdue = declare(tradecredit, "--invoice", f"R-1,{day(-70)},1000", f"R-2,{day(-60)},500").json["id"]
    assert tradecredit("overdue", "show", overdue, "-o", "json").json["id"] == overdue
    extended = tradecredit("overdue", "extend", overdue, "--to", day(40), "--invoice", "R-1", "-o", "json").json
    assert (extended["state"], extended["invoices"][0]["extended_to"]) == ("extended", day(40))
    assert extended["oldest_due_date"] == day(-70), "the policy's clocks run on the original due date"
    plan = ["--instalment", f"{day(30)},700.00", "--instalment", f"{day(60)},800"]
    planned = tradecredit("overdue", "reschedule", overdue, "--currency", "EUR", *plan, "-o", "json").json
    assert [item["amount"] for item in planned["instalments"]] == ["700.00", "800.00"]
    part = tradecredit("overdue", "settle", overdue, "--on", day(0), "--invoice", "R-1", "-o", "json").json
    assert (part["total"], part["oldest_due_date"]) == ("500.00", day(-60))
    done = tradecredit("overdue", "settle", overdue, "-o", "json")
    assert (done.json["state"], done.json["oldest_due_date"]) == ("settled", None)
    again = tradecredit("overdue", "extend", overdue, "--to", day(50), "-o", "json")
    assert again.code == 4
    assert json.loads(again.err)["error"] == "ConflictError"
    assert "settled" in tradecredit("overdue", "list").out


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--invoice", "R-1"], 2, "NUMBER,DUE_DATE,AMOUNT"),
        (["--invoice", "R-1,31.01.2026,5"], 2, "YYYY-MM-DD"),
        (["--invoice", "R-1,2026-01-31,1e3"], 2, "1250.00"),
        (["--invoice", "R-1,2026-01-31,-5"], 4, "greater than zero"),
        (["--invoice", "R-1,2026-01-31,5", "R-1,2026-01-31,5"], 4, "twice"),
        ([], 2, "--invoice"),
    ],
)
def test_a_wrong_invoice_is_never_sent(words: list[str], code: int, said: str, insurer: Any, tradecredit: Any) -> None:
    done = declare(tradecredit, *words)
    assert (done.code, done.out) == (code, "")
    assert said in done.err
    assert insurer.control("GET", "/overdues")["total"] == 0


def test_what_is_not_overdue_is_not_declared_without_a_reason(insurer: Any, tradecredit: Any) -> None:
    early = ["--invoice", f"R-1,{day(20)},5.00", f"R-2,{day(30)},6.00"]
    for more in ([], ["--reference", "OVD-1"], ["--dry-run"]):
        done = declare(tradecredit, *early, *more, "-o", "table", "--today", day(0))
        assert (done.code, done.out) == (4, "")
        assert f"R-1 (due on {day(20)}), R-2 (due on {day(30)})" in done.err
        assert f"on {day(0)}" in done.err
        assert "--reason insolvency" in done.err
    facts = json.loads(declare(tradecredit, *early).err)
    assert (facts["error"], facts["code"], facts["exit_code"]) == ("InvalidInputError", "not_overdue", 4)
    assert declare(tradecredit, "--invoice", f"R-1,{day(0)},5.00", "--today", day(0)).code == 4, "due on this very day"
    assert insurer.control("GET", "/overdues")["total"] == 0
    assert tradecredit("journal", "list", "-o", "json").json == []
    for reason in ("insolvency", "dispute", "other"):
        assert declare(tradecredit, *early, "--reason", reason, "--reference", reason).code == 0
        assert tradecredit("overdue", "withdraw", reason).code == 0
    assert declare(tradecredit, *early, "--today", day(21), "--reference", "LATE").code == 0


def test_all_that_is_outstanding_is_declared_with_what_is_overdue(insurer: Any, tradecredit: Any) -> None:
    done = declare(tradecredit, "--invoice", f"R-1,{day(-70)},5.00", f"R-2,{day(30)},6.00", "--today", day(0))
    assert (done.code, done.json["total"]) == (0, "11.00")
    assert f"R-2 (due on {day(30)}) is not overdue yet" in done.err


def test_events_come_once_with_a_cursor_to_continue_from(insurer: Any, tradecredit: Any) -> None:
    tradecredit("limit", "request", "--buyer", "900000005", "--amount", "40000", "--currency", "EUR")
    first = tradecredit("events", "poll", "-o", "json")
    assert first.code == 0
    assert {item["type"] for item in first.json["items"]} >= {"application.decided", "limit.granted"}
    cursor = first.json["next_cursor"]
    assert f"--cursor {cursor}" in first.err
    assert tradecredit("events", "poll", "--cursor", cursor, "-o", "json").json == {"items": [], "next_cursor": cursor}
    insurer.advance(days=31)
    news = tradecredit("events", "poll", "--cursor", cursor, "-o", "ndjson")
    assert [json.loads(line)["type"] for line in news.lines] == ["limit.reduced"]
    assert "limit.reduced" in tradecredit("events", "poll", "--cursor", cursor).out
    assert "limit.reduced" in tradecredit("events", "poll", "--cursor", cursor, "-o", "csv").lines[1]


@pytest.mark.parametrize(
    "words", [["--cursor", "nonsense"], ["--cursor", "nonsense", "-o", "json"], ["--follow", "--cursor", "nonsense"]]
)
def test_a_cursor_that_leads_nowhere_is_not_one_to_continue_with(
    words: list[str], insurer: Any, tradecredit: Any
) -> None:
    done = tradecredit("events", "poll", *words)
    assert (done.code, done.out) == (4, "")
    assert "cursor" in done.err
    assert "continue with" not in done.err


def test_what_was_read_before_a_failure_need_not_be_read_again(
    insurer: Any, tradecredit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tradecredit_sdk.client.events import Events

    tradecredit("limit", "request", "--buyer", "900000005", "--amount", "40000", "--currency", "EUR")
    poll, pages = Events.poll, []

    def once(events: Events, **options: Any) -> Any:
        if pages:
            raise NoAnswerError("the line is dead")
        pages.append(poll(events, **options))
        return pages[0]

    monkeypatch.setattr(Events, "poll", once)
    done = tradecredit("events", "poll", "-o", "ndjson")
    assert done.code == 7
    assert len(done.lines) == len(pages[0].items) > 0
    assert f"continue with: --cursor {pages[0].next_cursor}" in done.err


def test_settings_say_where_they_come_from_and_keep_the_key(
    tradecredit: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    profile = tmp_path / "config.toml"
    profile.write_text('[profiles.shop]\ninsurer = "open"\npolicy = "P-7"\nretries = 1\n')
    monkeypatch.setenv("TRADECREDIT_CONFIG", str(profile))
    monkeypatch.setenv("TRADECREDIT_API_KEY", "s3cret-key")
    monkeypatch.setenv("TRADECREDIT_JOURNAL", "postgresql+psycopg://me:passw0rd@db/x")
    done = tradecredit("--profile", "shop", "config", "show", "-o", "json")
    rows = {row["name"]: row for row in done.json}
    assert rows["policy"]["value"] == "P-7"
    assert str(profile) in rows["policy"]["origin"]
    assert rows["api_key"]["origin"] == "environment TRADECREDIT_API_KEY"
    assert rows["timeout_seconds"]["origin"] == "default"
    for output in ("table", "json", "ndjson", "csv"):
        shown = tradecredit("config", "show", "--profile", "shop", "-o", output)
        assert "s3cret-key" not in shown.out + shown.err
        assert "passw0rd" not in shown.out + shown.err
        assert "P-7" in shown.out
    assert tradecredit("--profile", "nonsense", "config", "show").code == 2


def test_with_nothing_configured_the_message_says_how_to_start(tradecredit: Any) -> None:
    done = tradecredit("limit", "list")
    assert (done.code, done.out) == (2, "")
    for line in (
        "tradecredit sandbox serve",
        "TRADECREDIT_BASE_URL=http://127.0.0.1:8585/open/v1",
        "TRADECREDIT_BASE_URL=http://127.0.0.1:8585/allianz-trade",
        "TRADECREDIT_API_KEY=sandbox",
        "TRADECREDIT_POLICY=DEMO-001",
    ):
        assert line in done.err
        assert line in SANDBOX_LINES
    facts = json.loads(tradecredit("limit", "list", "-o", "json").err)
    assert (facts["code"], facts["exit_code"]) == ("not_configured", 2)
