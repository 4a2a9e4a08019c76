"""`overdue scan` and `overdue declare --from-scan`: from a ledger to one declaration a buyer, against a running insurer."""

from __future__ import annotations

import json
import os
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

TODAY = datetime.now(timezone.utc).date()
HEADER = "customer,name,buyer_id,document,kind,due_date,amount,currency"


def day(distance: int) -> str:
    return (TODAY + timedelta(days=distance)).isoformat()


def test_a_scan_says_what_must_be_told_by_when(insurer: Any, usual: Path, scan_ledger: Any) -> None:
    done = scan_ledger(usual, "-o", "json")
    assert done.code == 12, done.err
    said = [(row["document"], row["when"], row["to_do"], row["declare"], row["reason"]) for row in done.json]
    assert said == [
        ("R-1", "5 days late", "declare", "1000.00", None),
        ("=R-3", "in 5 days", "declare", "300.00", None),
        ("R-5", "in 10 days", "declare", None, "credited or paid without an invoice: assign it"),
        ("R-2", "in 80 days", "cover stops", "500.00", None),
    ]
    first = done.json[0]
    assert (first["days_left"], first["last_day"], first["step"]) == (-5, day(-5), "notification")
    assert (first["stop_of_cover"], first["date_of_loss"], first["claim"]) == (day(-35), day(85), day(265))
    assert (first["buyer_outstanding"], first["buyer_overdue"], first["buyer_declares"]) == (
        "1500.00",
        "1000.00",
        "1500.00",
    )
    assert [row["line"] for row in done.json] == [2, 4, 6, 3]


def test_a_table_says_it_in_words_and_sums_it_up(insurer: Any, usual: Path, scan_ledger: Any) -> None:
    done = scan_ledger(usual)
    rows = [line for line in done.lines if "R-" in line]
    assert rows[0].startswith("5 days late")
    assert "1,000.00 EUR" in rows[0]
    assert "2 buyers to declare: 1,800.00 EUR" in done.err
    assert "past the last day: 1 invoice." in done.err
    assert "\x1b" not in done.out


@pytest.mark.parametrize(
    ("overdue", "when"),
    [(-90, "today"), (-89, "tomorrow"), (-91, "1 day late"), (-75, "in 15 days"), (-45, "in 15 days")],
)
def test_days_left_in_words(insurer: Any, ledger: Any, overdue: int, when: str, scan_ledger: Any) -> None:
    done = scan_ledger(ledger(f"C,N,900000001,R,invoice,{day(overdue)},1.00,EUR"), "-o", "json")
    assert [row["when"] for row in done.json] == [when]
    assert done.code == (12 if "late" in when else 0)


def test_all_and_days_choose_how_far_it_looks(insurer: Any, ledger: Any, usual: Path, scan_ledger: Any) -> None:
    path = usual
    assert "R-4" in [row["document"] for row in scan_ledger(path, "--all", "-o", "json").json]
    assert "R-4" in [row["document"] for row in scan_ledger(path, "--days", "50", "-o", "json").json]
    nothing = scan_ledger(ledger(f"C-3,N,900000003,R-4,invoice,{day(-10)},300.00,EUR"))
    assert (nothing.code, nothing.out) == (0, "")
    assert "no invoice" in nothing.err


def test_only_listed_buyers_are_declared(insurer: Any, tmp_path: Path, usual: Path, scan_ledger: Any) -> None:
    insured = tmp_path / "insured.txt"
    insured.write_text("900000002\n\n", encoding="utf-8")
    rows = scan_ledger(usual, "--insured", str(insured), "-o", "json").json
    assert {row["document"]: row["declare"] for row in rows}["R-1"] is None
    assert {row["document"]: row["reason"] for row in rows}["R-1"] == "not on the list of insured buyers"
    insured.write_text("C-1\n", encoding="utf-8")
    done = scan_ledger(usual, "--insured", str(insured), "-o", "json")
    assert {row["document"]: row["declare"] for row in done.json}["R-1"] == "1000.00"


def test_wrong_lines_are_named_and_the_others_read(insurer: Any, ledger: Any, scan_ledger: Any) -> None:
    path = ledger(
        f"C-1,N,900000001,R-1,invoice,{day(-70)},1000.00,EUR,{day(-60)}",
        f"C-2,N,900000002,R-2,invoice,{day(-70)},1000.00,EUR,{day(-100)}",
        f"C-2,N,900000002,R-2,invoice,{day(-70)},1000.00,EUR,{day(-100)}",
        f"C-2,N,900000002,R-2,invoice,{day(-40)},7.00,EUR,",
        f"C-2,N,900000002,R-3,invoice,{day(-70)},1000.00,EUR,",
        f"C-2,N,900000002,R-3,invoice,{day(-71)},1000.00,USD,",
        "C-3,N,900000003,R-4,invoice,31.01.2026,1000.00,EUR,",
        header=f"{HEADER},invoice_date",
    )  # fmt: skip
    done = scan_ledger(path, "-o", "table")
    assert done.code == 4
    for told in (
        f"ledger.csv:2: invoice_date: the due date {day(-70)} is before the invoice date {day(-60)}",
        f"ledger.csv:4: document: invoice R-2 due on {day(-70)} is on line 3, too",
        "ledger.csv:7: currency: invoice R-3 is in EUR on an earlier line",
        "ledger.csv:8: due_date:",
        "could not be read, and not in the result: 4 lines",
    ):
        assert told in done.err
    assert [row["line"] for row in scan_ledger(path, "-o", "json").json] == [3, 5, 6]


def test_a_zone_that_is_not_known(insurer: Any, tradecredit: Any, ledger: Any, usual: Path) -> None:
    done = tradecredit("overdue", "scan", "--ledger", usual, "--zone", "Europe/Berlim")
    assert (done.code, done.out) == (4, "")
    assert "Europe/Berlin" in done.err
    assert tradecredit("overdue", "scan", "--ledger", usual, "--zone", "Europe/Berlin").code == 12


# ---- declare what the scan found -----------------------------------------------------------------------------------


@pytest.fixture(params=["json", "csv", "ndjson"])
def scanned(request: pytest.FixtureRequest, insurer: Any, tmp_path: Path, usual: Path, scan_ledger: Any) -> Path:
    done = scan_ledger(usual, "-o", request.param)
    path = tmp_path / f"scan.{request.param}"
    path.write_text(done.out, encoding="utf-8")
    return path


def declared(insurer: Any) -> dict[str, Any]:
    return {one["buyer_id"]: one for one in insurer.control("GET", "/overdues")["items"]}


def test_one_declaration_a_buyer_and_safe_to_repeat(insurer: Any, tradecredit: Any, scanned: Path) -> None:
    words = ("overdue", "declare", "--from-scan", scanned)
    shown = tradecredit(*words, "--dry-run", "-o", "json")
    assert (shown.code, declared(insurer)) == (0, {})
    assert [(row["buyer_id"], row["total"], row["invoices"]) for row in shown.json] == [
        ("900000001", "1500.00", ["R-1", "R-2"]), ("900000002", "300.00", ["=R-3"]),
    ]  # fmt: skip
    done = tradecredit(*words, "-o", "json")
    assert done.code == 0, done.err
    assert [row["reference"] for row in done.json] == [row["reference"] for row in shown.json]
    assert "2 declared, 0 declared before, 0 skipped, 0 failed" in done.err
    assert "1 invoices are not declared: credited or paid" in done.err
    assert {buyer: one["total"]["amount"] for buyer, one in declared(insurer).items()} == {
        "900000001": "1500.00", "900000002": "300.00",
    }  # fmt: skip
    again = tradecredit(*words, "-o", "json")
    assert [row["id"] for row in again.json] == [row["id"] for row in done.json]
    assert "0 declared, 2 declared before" in again.err
    assert insurer.control("GET", "/overdues")["total"] == 2


def test_after_the_declaration_nothing_is_late_any_more(
    insurer: Any, tradecredit: Any, tmp_path: Path, usual: Path, scan_ledger: Any
) -> None:
    path, out = usual, tmp_path / "scan.json"
    out.write_text(scan_ledger(path, "-o", "json").out, encoding="utf-8")
    assert tradecredit("overdue", "declare", "--from-scan", out).code == 0
    done = scan_ledger(path, "-o", "json")
    assert (done.code, [row["document"] for row in done.json]) == (0, ["R-5"])
    told = {row["document"]: row["declared_on"] for row in scan_ledger(path, "--all", "-o", "json").json}
    assert told["R-1"] == told["R-2"] == day(0)


def test_an_invoice_of_an_earlier_declaration_is_left_to_a_person(
    insurer: Any, tradecredit: Any, scanned: Path
) -> None:
    first = tradecredit(
        "overdue", "declare", "--buyer", "900000002", "--currency", "EUR", "--reference", "MINE",
        "--invoice", f"=R-3,{day(-85)},250.00",
    )  # fmt: skip
    assert first.code == 0, first.err
    done = tradecredit("overdue", "declare", "--from-scan", scanned, "-o", "json")
    states = {row["buyer_id"]: (row["state"], row["answer"]) for row in done.json}
    assert states["900000002"][0] == "skipped"
    assert "MINE" in states["900000002"][1]
    assert states["900000001"][0] not in ("skipped", "failed")
    assert "1 declared, 0 declared before, 1 skipped, 0 failed" in done.err


def test_a_buyer_that_fails_does_not_stop_the_others(insurer: Any, tradecredit: Any, scanned: Path) -> None:
    text = scanned.read_text(encoding="utf-8").replace("900000001", "123456789")
    scanned.write_text(text, encoding="utf-8")
    done = tradecredit("overdue", "declare", "--from-scan", scanned, "-o", "json")
    assert done.code == 4
    states = {row["buyer_id"]: row["state"] for row in done.json}
    assert states["123456789"] == "failed"
    assert states["900000002"] not in ("failed", "skipped")
    assert "1 declared, 0 declared before, 0 skipped, 1 failed" in done.err


def test_instalments_of_one_invoice_are_declared_together(
    insurer: Any, tradecredit: Any, ledger: Any, tmp_path: Path, scan_ledger: Any
) -> None:
    path = ledger(
        f"C-1,N,900000001,R-1,invoice,{day(-80)},10.00,EUR", f"C-1,N,900000001,R-1,invoice,{day(-50)},20.00,EUR"
    )
    out = tmp_path / "scan.json"
    out.write_text(scan_ledger(path, "-o", "json").out, encoding="utf-8")
    assert tradecredit("overdue", "declare", "--from-scan", out).code == 0
    (invoice,) = declared(insurer)["900000001"]["invoices"]
    assert (invoice["number"], invoice["due_date"], invoice["amount"]["amount"]) == ("R-1", day(-80), "30.00")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "has no buyer_id"), ("a,b\n1,2\n", "has no buyer_id, document"), ("[1]", "row 1 has no"), ("[{", "neither JSON nor CSV"),
        ('[{"buyer_id": "", "document": "R", "due_date": "2026-01-01", "declare": "1.00", "currency": "EUR"}]', "no buyer_id"),
        ('[{"buyer_id": "1", "document": "R", "due_date": "2026-01-99", "declare": "1.00", "currency": "EUR"}]', "row 1"),
        ('[{"buyer_id": "1", "document": "R", "due_date": "2026-01-01", "declare": "1,00", "currency": "EUR"}]', "row 1"),
        ('[{"buyer_id": "1", "document": "R", "due_date": "2026-01-01", "declare": "-1.00", "currency": "EUR"}]', "row 1"),
    ],
)  # fmt: skip
def test_a_file_that_is_no_scan_declares_nothing(
    insurer: Any, tradecredit: Any, tmp_path: Path, content: str, said: str
) -> None:
    path = tmp_path / "scan"
    path.write_text(content, encoding="utf-8")
    done = tradecredit("overdue", "declare", "--from-scan", path)
    assert (done.code, done.out) == (4, "")
    assert said in done.err
    assert declared(insurer) == {}


def test_from_scan_stands_alone(insurer: Any, tradecredit: Any, tmp_path: Path) -> None:
    path = tmp_path / "scan"
    path.write_text("[]", encoding="utf-8")
    done = tradecredit("overdue", "declare", "--from-scan", path, "--buyer", "1", "--reason", "other")
    assert done.code == 2
    assert "leave out --buyer, --reason" in done.err
    assert "Missing option '--buyer'" in tradecredit("overdue", "declare").err
    empty = tradecredit("overdue", "declare", "--from-scan", path)
    assert (empty.code, "nothing in the scan" in empty.err) == (0, True)


def test_a_day_of_declaration_that_is_still_to_come_is_refused(insurer: Any, ledger: Any, scan_ledger: Any) -> None:
    path = ledger(
        f"C-1,N,900000001,R-1,invoice,{day(-95)},1.00,EUR,{day(1)}",
        f"C-1,N,900000001,R-2,invoice,{day(-95)},1.00,EUR,{day(0)}",
        header=f"{HEADER},declared_on",
    )
    done = scan_ledger(path, "--all")
    assert done.code == 4
    assert f"ledger.csv:2: declared_on: {day(1)} has not come yet" in done.err


@pytest.mark.parametrize("content", ["", "\n \n"])
def test_an_empty_list_of_insured_buyers_excuses_nobody(
    content: str, insurer: Any, tmp_path: Path, usual: Path, scan_ledger: Any
) -> None:
    insured = tmp_path / "insured.txt"
    insured.write_text(content, encoding="utf-8")
    done = scan_ledger(usual, "--insured", insured)
    assert (done.code, done.out) == (4, "")
    assert "insured.txt: is empty" in done.err


def test_insured_buyers_that_are_nowhere_in_the_ledger_are_named(
    insurer: Any, ledger: Any, tmp_path: Path, usual: Path, scan_ledger: Any
) -> None:
    insured = tmp_path / "insured.txt"
    insured.write_text("DE-1\n900000003\nC-2\n", encoding="utf-8")
    done = scan_ledger(usual, "--insured", insured, "-o", "csv")
    assert "insured.txt: 1 of 3 entries are not in ledger.csv: DE-1\n" in done.err
    insured.write_text("DE-1\nDE-2\n", encoding="utf-8")
    none = scan_ledger(usual, "--insured", insured)
    assert (none.code, none.out) == (4, "")
    assert "none of its 2 entries is in ledger.csv" in none.err


def test_however_far_one_looks_what_is_not_due_is_not_declared(insurer: Any, ledger: Any, scan_ledger: Any) -> None:
    path = ledger(f"C-1,N,900000001,R-1,invoice,{day(5)},1.00,EUR", f"C-2,N,900000002,R-2,invoice,{day(-20)},1.00,EUR")
    done = scan_ledger(path, "--days", "400", "-o", "json")
    assert [(row["document"], row["declare"]) for row in done.json] == [("R-2", None), ("R-1", None)]


def test_a_journal_that_cannot_be_read_is_told(
    insurer: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, usual: Path, scan_ledger: Any
) -> None:
    broken = tmp_path / "journal.sqlite"
    broken.write_text("no database at all, but long enough to be looked at by one" * 40)
    monkeypatch.setenv("TRADECREDIT_JOURNAL", str(broken))
    done = scan_ledger(usual)
    assert done.code == 12
    assert "warning: the journal cannot be read" in done.err


def test_the_first_line_of_a_spreadsheet_program_is_passed_over(
    insurer: Any, tmp_path: Path, ledger: Any, scan_ledger: Any
) -> None:
    path = tmp_path / "ledger.csv"
    lines = [
        "sep=;",
        HEADER,
        f"C-1,N,900000001,R-1,invoice,{day(-95)},1000.00,EUR",
        f"C-2,N,900000002,R-2,invoice,{day(-95)},x,EUR",
    ]
    path.write_text("\ufeff" + "\n".join(lines).replace(",", ";"), encoding="utf-8")
    for words in ([], ["--all"]):
        done = scan_ledger(path, "-o", "json", *words)
        assert [(row["document"], row["line"]) for row in done.json] == [("R-1", 3)]
        assert json.loads(done.err.splitlines()[0])["line"] == 4


@pytest.mark.parametrize("first", ["", "sep=,\n"])
def test_a_ledger_without_a_line_is_an_export_that_failed(
    first: str, insurer: Any, tmp_path: Path, ledger: Any, scan_ledger: Any
) -> None:
    path = tmp_path / "ledger.csv"
    path.write_text(f"{first}{HEADER}\n\n", encoding="utf-8")
    done = scan_ledger(path)
    assert (done.code, done.out) == (4, "")
    assert "has a header and no line after it" in done.err


@pytest.mark.parametrize("name", ["-", "pipe"])
def test_a_ledger_that_cannot_be_read_twice_is_refused(
    name: str, insurer: Any, tmp_path: Path, ledger: Any, scan_ledger: Any
) -> None:
    path: Any = name
    if name == "pipe":
        path = tmp_path / "pipe"
        os.mkfifo(path)
    done = scan_ledger(path)
    assert (done.code, done.out) == (4, "")
    assert "the ledger is read more than once: write it to a file" in done.err
