"""Payments, withdrawals, documents, adverse information and what waits for its last day, on the command line."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

TODAY = datetime.now(timezone.utc).date()


def day(distance: int) -> str:
    return (TODAY + timedelta(days=distance)).isoformat()


@pytest.fixture
def declared(insurer: Any, tradecredit: Any) -> Any:
    """A buyer with a limit, and two invoices declared as OVD-1."""
    limit = ["--buyer", "900000001", "--amount", "50000", "--currency", "EUR", "--reference", "REQ-1"]
    assert tradecredit("limit", "request", *limit).code == 0
    done = declare(tradecredit, f"R-1,{day(-70)},1000", f"R-2,{day(-40)},500", "--reference", "OVD-1")
    assert done.code == 0, done.err
    return done.json


def declare(tradecredit: Any, *words: str) -> Any:
    return tradecredit(
        "overdue", "declare", "--buyer", "900000001", "--currency", "EUR", "-o", "json", "--invoice", *words
    )


def test_everything_can_be_said(insurer: Any, tradecredit: Any) -> None:
    words = [f"R-1,{day(-70)},1000", "--agreed", f"R-1,{day(-10)}", "--disputed", "R-1,250.00", "--outstanding", "1500",
             "--step", f"{day(-60)},reminder", "--step", f"{day(-50)},phone_call", "--collect-until", day(20)]  # fmt: skip
    done = declare(tradecredit, *words, "--reference", "OVD-1").json
    assert done["invoices"][0]["agreed_due_date"] == day(-10)
    assert done["invoices"][0]["disputed"] == "250.00"
    assert (done["outstanding"], done["collection"]) == ("1500.00", {"by": "seller", "until": day(20)})
    assert [step["step"] for step in done["steps_taken"]] == ["reminder", "phone_call"]
    handed = declare(tradecredit, f"R-2,{day(-70)},1", "--insurer-collects", "--reference", "OVD-2").json
    assert handed["state"] == "in_collection"


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--agreed", f"R-9,{day(-10)}"], 2, "no invoice R-9"),
        (["--agreed", "R-1,soon"], 2, "YYYY-MM-DD"),
        (["--disputed", "250.00"], 2, "R-1001,250.00"),
        (["--disputed", "R-1,2000.00"], 4, "at most the unpaid amount"),
        (["--agreed", f"R-1,{day(-71)}"], 4, "later than due_date"),
        (["--outstanding", "1.00"], 4, "at least the 1,000.00 EUR"),
        (["--step", f"{day(-1)},threat"], 2, "steps are reminder"),
        (["--collect-until", day(5), "--insurer-collects"], 2, "leave out --collect-until"),
    ],
)
def test_what_makes_no_sense_is_not_sent(
    words: list[str], code: int, said: str, insurer: Any, tradecredit: Any
) -> None:
    done = declare(tradecredit, f"R-1,{day(-70)},1000", *words)
    assert (done.code, done.out) == (code, "")
    assert said in done.err
    assert insurer.control("GET", "/overdues")["total"] == 0


def test_paid_in_parts_and_shown_by_reference(insurer: Any, tradecredit: Any, declared: Any) -> None:
    assert declared["cover"]["state"] == "stopped"
    pay = ["overdue", "pay", "OVD-1", "--currency", "EUR", "-o", "json"]
    part = tradecredit(*pay, "--amount", "1200", "--reference", "P-1").json
    assert [(one["number"], one["paid"]) for one in part["invoices"]] == [("R-1", "1000.00"), ("R-2", "200.00")]
    assert (part["total"], part["oldest_due_date"]) == ("300.00", day(-40))
    assert tradecredit(*pay, "--amount", "1200", "--reference", "P-1").json["total"] == "300.00"
    too_much = tradecredit(*pay, "--amount", "300.01")
    assert (too_much.code, too_much.out) == (4, "")
    assert "more than the 300.00 EUR" in too_much.err
    done = tradecredit(*pay, "--amount", "300").json
    assert (done["state"], done["cover"]["state"]) == ("settled", "reinstated")
    assert tradecredit("overdue", "show", "OVD-1", "-o", "json").json["id"] == declared["id"]
    assert tradecredit("overdue", "show", "OVD-9").code == 4


@pytest.mark.parametrize("words", [["settle"], ["extend", "--to", day(40)], ["withdraw"],
                                   ["reschedule", "--currency", "EUR", "--instalment", f"{day(30)},1500"]])  # fmt: skip
def test_a_reference_of_ones_own_is_used_once(words: list[str], insurer: Any, tradecredit: Any, declared: Any) -> None:
    command = ["overdue", words[0], "OVD-1", *words[1:], "--reference", "ACT-1", "-o", "json"]
    first = tradecredit(*command)
    assert first.code == 0, first.err
    assert tradecredit(*command).json == first.json
    assert [entry["reference"] for entry in tradecredit("journal", "list", "-o", "json").json][-1] == "ACT-1"


def test_the_dry_run_sends_nothing(insurer: Any, tradecredit: Any, declared: Any) -> None:
    for words in (
        ["pay", "OVD-1", "--amount", "5", "--currency", "EUR"],
        ["withdraw", "OVD-1"],
        ["report-adverse", "--buyer", "900000001", "--kind", "insolvency"],
    ):
        shown = tradecredit("overdue", *words, "--dry-run", "-o", "json")
        assert (shown.code, shown.json["dry_run"]) == (0, True)
    assert tradecredit("overdue", "show", "OVD-1", "-o", "json").json["revision"] == declared["revision"]


def test_an_amendment_after_the_last_day_is_refused_with_the_day(insurer: Any, tradecredit: Any, declared: Any) -> None:
    insurer.advance(days=21)
    done = tradecredit("overdue", "extend", "OVD-1", "--to", day(200))
    assert done.code == 4
    assert f"The last day to ask for that was {day(20)}" in done.err


def test_documents_are_shown_and_sent(insurer: Any, tradecredit: Any, declared: Any, tmp_path: Path) -> None:
    assert tradecredit("overdue", "documents", "OVD-1", "-o", "json").json == []
    insurer.control("POST", f"/overdues/{declared['id']}/documents", {"kinds": ["delivery_proof"], "days": 14})
    (asked,) = tradecredit("overdue", "documents", "OVD-1", "-o", "json").json
    assert (asked["kind"], asked["due_on"], asked["received_on"]) == ("delivery_proof", day(14), None)
    assert tradecredit("overdue", "show", "OVD-1", "-o", "json").json["state"] == "documents_requested"
    proof = tmp_path / "POD.pdf"
    proof.write_bytes(b"signed")
    missing = tradecredit("overdue", "documents", "OVD-1", "--sent", "delivery_proof=nowhere.pdf")
    assert (missing.code, "must be there" in missing.err) == (2, True)
    sent = ["overdue", "documents", "OVD-1", "--sent", f"delivery_proof={proof}", "-o", "json"]
    planned = tradecredit(*sent, "--dry-run").json["request"]["documents"]
    assert planned == [{"kind": "delivery_proof", "name": "POD.pdf", "sha256": hashlib.sha256(b"signed").hexdigest()}]
    assert tradecredit(*sent).json["documents"][0]["received_on"] == day(0)


def test_adverse_information_stops_cover(insurer: Any, tradecredit: Any, declared: Any) -> None:
    words = ["overdue", "report-adverse", "--buyer", "900000001", "--kind", "bounced_payment", "--reference", "ADV-1"]
    done = tradecredit(*words, "--outstanding", "1500", "--currency", "EUR", "-o", "json").json
    assert (done["cover"]["state"], done["in_time"]) == ("stopped", True)
    assert tradecredit(*words).code == 4, "the same reference with other content"
    assert tradecredit(*words[:-2], "--outstanding", "5").code == 2
    assert tradecredit(*words[:-2], "--on", day(3)).code == 4


def test_what_waits_is_listed_and_recorded_when_declared_by_hand(
    insurer: Any, tradecredit: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    profile = tmp_path / "config.toml"
    profile.write_text('[profiles.shop.terms]\nid = "DEMO-001"\ncurrency = "EUR"\n')
    monkeypatch.setenv("TRADECREDIT_CONFIG", str(profile))
    monkeypatch.setenv("TRADECREDIT_PROFILE", "shop")
    monkeypatch.setenv("TRADECREDIT_RETRIES", "0")
    live = insurer.base_url_open
    monkeypatch.setenv("TRADECREDIT_BASE_URL", live)
    insurer.control("PUT", "/faults", {"rate": 1, "kinds": ["reset_before"], "paths": ["/open/v1"]})
    assert declare(tradecredit, f"R-1,{day(-89)},1000", "--reference", "OVD-1").code == 7
    shown = tradecredit("overdue", "waiting", "-o", "json")
    assert shown.code == 0, shown.err
    (row,) = shown.json
    assert (row["reference"], row["last_day"], row["days_left"], row["is_late"]) == ("OVD-1", day(1), 1, False)
    assert row["request"]["invoices"][0]["amount"] == {"amount": "1000.00", "currency": "EUR"}
    assert tradecredit("overdue", "waiting", "--today", day(2)).code == 12
    proof = tmp_path / "fax.pdf"
    proof.write_bytes(b"OK 12:00")
    by_hand = ["overdue", "declared-by-hand", "OVD-1", "--id", "ovd-77", "--proof", proof, "-o", "json"]
    done = tradecredit(*by_hand)
    assert done.code == 0, done.err
    assert f"fax.pdf, SHA-256 {hashlib.sha256(b'OK 12:00').hexdigest()}" in done.json["answer"]
    assert tradecredit("overdue", "waiting", "-o", "json").json == []
    again = tradecredit(*by_hand)
    assert (again.code, json.loads(again.err)["error"]) == (4, "InvalidInputError")
    insurer.control("DELETE", "/faults")
    assert tradecredit("overdue", "reconcile", "-o", "json").json == []
    assert insurer.control("GET", "/overdues")["total"] == 0


def test_today_is_the_day_where_the_company_is(
    insurer: Any, tradecredit: Any, declared: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tradecredit_sdk.cli import options

    class Evening(datetime):
        """Half past ten in the evening, UTC."""

        @classmethod
        def now(cls, tz: Any = None) -> Any:
            return datetime(TODAY.year, TODAY.month, TODAY.day, 22, 30, tzinfo=timezone.utc).astimezone(tz)

    monkeypatch.setattr(options, "datetime", Evening)
    settle = ["overdue", "settle", "OVD-1", "--dry-run", "-o", "json"]
    for zone, on in (("Europe/London", day(0)), ("Asia/Tokyo", day(1)), ("America/Lima", day(0))):
        assert tradecredit(*settle, "--zone", zone).json["request"]["settled_on"] == on, zone
    for words in (["settle", "OVD-1"], ["pay", "OVD-1", "--amount", "1", "--currency", "EUR"], ["waiting"],
                  ["report-adverse", "--buyer", "900000001", "--kind", "insolvency"],
                  ["declare", "--buyer", "900000001", "--currency", "EUR", "--invoice", f"R-3,{day(-70)},1"]):  # fmt: skip
        wrong = tradecredit("overdue", *words, "--zone", "Asia/Tokio")
        assert (wrong.code, "--zone: no time zone 'Asia/Tokio'" in wrong.err) == (4, True), words


def test_what_waits_is_listed_with_the_usual_terms_when_nobody_tells_the_policy(
    insurer: Any, tradecredit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRADECREDIT_RETRIES", "0")
    insurer.faults(rate=1, kinds=["reset_before"], paths=["/open/v1"])
    assert declare(tradecredit, f"R-1,{day(-91)},1000", "--reference", "OVD-1").code == 7
    shown = tradecredit("overdue", "waiting", "-o", "json")
    assert (shown.code, [row["last_day"] for row in shown.json]) == (12, [day(-1)]), shown.err
    assert "cannot be reached and the profile file has no [terms]; counting with the usual ones" in shown.err


def test_what_waits_elsewhere_is_not_passed_over(
    insurer: Any, tradecredit: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    empty = tradecredit("overdue", "waiting")
    assert (empty.code, "warning: this journal is new or empty" in empty.err) == (0, True)
    monkeypatch.setenv("TRADECREDIT_RETRIES", "0")
    insurer.faults(rate=1, kinds=["reset_before"], paths=["/open/v1"])
    assert declare(tradecredit, f"R-1,{day(-91)},1000", "--reference", "OVD-1").code == 7
    insurer.faults()
    monkeypatch.setenv("TRADECREDIT_POLICY", "DEMO-003")
    monkeypatch.setenv("TRADECREDIT_API_KEY", "sandbox-3")
    book = tmp_path / "books.sqlite"
    other = tradecredit("overdue", "waiting")
    assert "nothing that was written down here waits" in other.err
    assert f"1 more wait in this journal under open at {insurer.base_url_open}, policy DEMO-001: OVD-1" in other.err
    assert "new or empty" not in other.err
    monkeypatch.setenv("TRADECREDIT_JOURNAL", str(book))
    assert f"journal: {book}, 0 entries" in tradecredit("overdue", "waiting").err
    assert tradecredit("overdue", "waiting", "--no-journal").code == 2


def test_a_change_without_an_outcome_is_named_with_what_waits(
    insurer: Any, tradecredit: Any, declared: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRADECREDIT_RETRIES", "0")
    insurer.faults(rate=1, kinds=["reset_after"], paths=["/open/v1"])
    assert tradecredit("overdue", "withdraw", "OVD-1", "--reference", "ACT-9").code == 7
    insurer.faults()
    assert "changes without an outcome: ACT-9" in tradecredit("overdue", "waiting").err


def test_nothing_was_declared_by_hand_on_a_day_that_is_still_to_come(
    insurer: Any, tradecredit: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TRADECREDIT_RETRIES", "0")
    insurer.faults(rate=1, kinds=["reset_before"], paths=["/open/v1"])
    assert declare(tradecredit, f"R-1,{day(-70)},1000", "--reference", "OVD-1").code == 7
    proof = tmp_path / "fax.pdf"
    proof.write_bytes(b"OK")
    words = ["overdue", "declared-by-hand", "OVD-1", "--id", "ovd-77", "--proof", proof, "--on", day(2)]
    done = tradecredit(*words)
    assert (done.code, f"{day(2)} has not come yet" in done.err) == (4, True)
    assert [row["reference"] for row in tradecredit("overdue", "waiting", "-o", "json").json] == ["OVD-1"]


def test_the_table_of_an_overdue_says_all_that_matters(insurer: Any, tradecredit: Any, declared: Any) -> None:
    words = [f"R-3,{day(-70)},1000", "--disputed", "R-3,250.00", "--collect-until", day(20), "--reference", "OVD-3"]
    assert declare(tradecredit, *words).code == 0
    pay = ["overdue", "pay", "OVD-3", "--amount", "400", "--currency", "EUR", "--on", day(0)]
    paid = tradecredit(*pay)
    shown = tradecredit("overdue", "show", "OVD-3")
    for text in (paid.out, shown.out):
        said = {line[:19].strip(): line[19:].strip() for line in text.splitlines()}
        assert said["invoices"] == f"R-3 due {day(-70)} 1,000.00 EUR (paid 400.00 EUR, disputed 250.00 EUR)"
        assert said["who collects"] == f"seller until {day(20)}"
        assert said["payments"] == f"400.00 EUR on {day(0)}"
        assert said["cover"].startswith("stopped, stopped from ")
        assert said["declared on"] == day(0)
    as_json = tradecredit("overdue", "show", "OVD-3", "-o", "json").json
    assert "each_invoice" not in as_json


@pytest.mark.parametrize("more", [[], ["--dry-run"]])
@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["settle", "OVD-1", "--on", day(-71)], "is before anything was due"),
        (["settle", "OVD-1", "--on", day(-41), "--invoice", "R-2"], "is before anything was due"),
        (["reschedule", "OVD-1", "--currency", "EUR", "--instalment", f"{day(9)},3000.01"], "more than twice the debt"),
        (["pay", "OVD-2", "--amount", "1", "--currency", "EUR", "--on", day(-101)], "before the invoices were written"),
    ],
)
def test_what_can_hardly_be_meant_is_not_sent(
    words: list[str], said: str, more: list[str], insurer: Any, tradecredit: Any, declared: Any, tmp_path: Path
) -> None:
    row = {"buyer_id": "900000002", "document": "R-9", "due_date": day(-70), "invoice_date": day(-100),
           "declare": "5.00", "currency": "EUR"}  # fmt: skip
    scan = tmp_path / "scan.json"
    scan.write_text(json.dumps([row]))
    (other,) = tradecredit("overdue", "declare", "--from-scan", scan, "-o", "json").json
    done = tradecredit("overdue", *[other["id"] if word == "OVD-2" else word for word in words], *more)
    assert (done.code, said in done.err) == (4, True), done.err
    assert tradecredit("overdue", "reconcile", "-o", "json").json == []


def test_what_is_unusual_but_may_be_meant_is_sent(insurer: Any, tradecredit: Any, declared: Any) -> None:
    plan = ["overdue", "reschedule", "OVD-1", "--currency", "EUR", "--instalment", f"{day(9)},1600.00"]
    assert tradecredit(*plan).code == 0, "interest and costs"
    assert tradecredit("overdue", "settle", "OVD-1", "--on", day(-69)).code == 0


def test_nobody_collects_until_a_day_that_is_over(insurer: Any, tradecredit: Any) -> None:
    done = declare(tradecredit, f"R-1,{day(-70)},1000", "--collect-until", day(-1), "--today", day(0))
    assert (done.code, "--insurer-collects" in done.err) == (2, True)
