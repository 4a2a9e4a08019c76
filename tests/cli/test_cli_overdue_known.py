"""`overdue scan`: what was declared before, as the insurer or the journal knows it."""

from __future__ import annotations

import csv
import io
import json
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from tradecredit_sdk.errors import ServerError

TODAY = datetime.now(timezone.utc).date()


def day(distance: int) -> str:
    return (TODAY + timedelta(days=distance)).isoformat()


def test_the_clock_runs_without_the_insurer(
    insurer: Any, tradecredit: Any, tmp_path: Path, usual: Path, scan_ledger: Any, know_terms: Any
) -> None:
    path, out = usual, tmp_path / "scan.json"
    out.write_text(scan_ledger(path, "-o", "json").out, encoding="utf-8")
    assert tradecredit("overdue", "declare", "--from-scan", out).code == 0
    insurer.faults(rate=1, kinds=["reset_before"], paths=["/open/v1"])
    alone = scan_ledger(path, "-o", "json")
    assert alone.code == 7
    assert "terms" in json.loads(alone.err.splitlines()[-1])["message"]
    know_terms()
    done = scan_ledger(path, "-o", "csv")
    assert "cannot be reached" in done.err
    rows = list(csv.DictReader(io.StringIO(done.out)))
    assert [(row["document"], row["when"]) for row in rows] == [("R-5", "in 10 days")], "the journal knows the others"
    assert done.code == 0
    forgotten = scan_ledger(path, "--no-journal", "-o", "csv")
    assert forgotten.code == 12


def test_an_insurer_that_fails_is_like_one_that_is_away(
    insurer: Any, monkeypatch: pytest.MonkeyPatch, usual: Path, scan_ledger: Any
) -> None:
    def fails(self: Any, *_: Any, **__: Any) -> Any:
        raise ServerError("down")

    monkeypatch.setattr("tradecredit_sdk.client.overdues.Overdues.list", fails)
    done = scan_ledger(usual, "-o", "json")
    assert done.code == 12
    assert "the journal alone" in done.err


@pytest.mark.parametrize("reachable", [True, False])
@pytest.mark.parametrize("other", ["policy", "address", "unit"])
def test_what_another_policy_declared_under_the_same_number_hides_nothing(
    other: str,
    reachable: bool,
    insurer: Any,
    tradecredit: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    usual: Path,
    scan_ledger: Any,
    know_terms: Any,
) -> None:
    path, out = usual, tmp_path / "scan.json"
    out.write_text(scan_ledger(path, "-o", "json").out, encoding="utf-8")
    assert tradecredit("overdue", "declare", "--from-scan", out).code == 0
    know_terms()
    if other == "policy":
        monkeypatch.setenv("TRADECREDIT_POLICY", "DEMO-003")
        monkeypatch.setenv("TRADECREDIT_API_KEY", "sandbox-3")
    elif other == "address":
        monkeypatch.setenv("TRADECREDIT_BASE_URL", insurer.base_url_open.replace("127.0.0.1", "localhost"))
        insurer.reset()
    else:
        monkeypatch.setenv("TRADECREDIT_BUSINESS_UNIT", "U-2")
        insurer.reset()
    if not reachable:
        insurer.faults(rate=1, kinds=["reset_before"], paths=["/open/v1"])
    done = scan_ledger(path, "-o", "json")
    assert done.code == 12, done.err
    assert {row["document"]: row["declare"] for row in done.json}["R-1"] == "1000.00"


def test_the_list_of_the_insurer_is_believed_over_the_journal(
    insurer: Any,
    tradecredit: Any,
    ledger: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    usual: Path,
    scan_ledger: Any,
) -> None:
    path, out = usual, tmp_path / "scan.json"
    out.write_text(scan_ledger(path, "-o", "json").out, encoding="utf-8")
    assert tradecredit("overdue", "declare", "--from-scan", out).code == 0
    insurer.reset()
    assert scan_ledger(path).code == 12, "the insurer has lost it, or never had it"
    monkeypatch.setenv("TRADECREDIT_RETRIES", "0")
    insurer.faults(rate=1, kinds=["reset_before"], paths=["/open/v1/policies/DEMO-001/overdues"])
    words = ["overdue", "declare", "--buyer", "900000003", "--currency", "EUR", "--reference", "FAX"]
    assert tradecredit(*words, "--invoice", f"R-9,{day(-95)},10.00").code == 7
    assert tradecredit("overdue", "declared-by-hand", "FAX", "--id", "ovd-77", "--proof", path).code == 0
    insurer.faults()
    by_hand = ledger(f"C-3,N,900000003,R-9,invoice,{day(-95)},10.00,EUR")
    row = scan_ledger(by_hand, "--all", "-o", "json").json[0]
    assert (row["declare"], row["declared_on"]) == (None, day(0)), "a person told the insurer, and has the proof"


@pytest.mark.parametrize("how", [["settle", "--on", day(0)], ["withdraw"]])
@pytest.mark.parametrize("reachable", [True, False])
def test_what_was_taken_back_inside_an_open_overdue_is_not_declared_any_more(
    how: list[str], reachable: bool, insurer: Any, tradecredit: Any, ledger: Any, scan_ledger: Any, know_terms: Any
) -> None:
    two = [f"R-1,{day(-95)},1000.00", f"R-2,{day(-94)},500.00"]
    words = ["overdue", "declare", "--buyer", "900000001", "--currency", "EUR", "--reference", "OVD-1", "--invoice"]
    assert tradecredit(*words, *two).code == 0
    assert tradecredit("overdue", how[0], "OVD-1", "--invoice", "R-1", *how[1:]).code == 0
    path = ledger(
        f"C-1,N,900000001,R-1,invoice,{day(-95)},1000.00,EUR", f"C-1,N,900000001,R-2,invoice,{day(-94)},500.00,EUR"
    )
    if not reachable:
        know_terms()
        insurer.faults(rate=1, kinds=["reset_before"], paths=["/open/v1"])
    rows = scan_ledger(path, "--all", "-o", "json").json
    assert {row["document"]: row["declare"] for row in rows} == {"R-1": "1000.00", "R-2": None}


def test_an_older_declaration_that_is_closed_hides_no_newer_one(
    insurer: Any, tradecredit: Any, ledger: Any, scan_ledger: Any
) -> None:
    words = ["overdue", "declare", "--buyer", "900000001", "--currency", "EUR", "--invoice", f"R-1,{day(-95)},9.00"]
    assert tradecredit(*words, "--reference", "OLD").code == 0
    assert tradecredit("overdue", "withdraw", "OLD").code == 0
    assert tradecredit(*words, "--reference", "NEW").code == 0
    (row,) = scan_ledger(ledger(f"C-1,N,900000001,R-1,invoice,{day(-95)},9.00,EUR"), "--all", "-o", "json").json
    assert (row["declare"], row["declared_on"]) == (None, day(0))


def test_what_was_declared_too_little_or_otherwise_is_told(
    insurer: Any, tradecredit: Any, ledger: Any, scan_ledger: Any
) -> None:
    words = ["overdue", "declare", "--buyer", "900000001", "--currency", "EUR", "--reference", "OVD-1", "--invoice"]
    assert tradecredit(*words, f"R-1,{day(-95)},100.00", f"R-2,{day(-30)},50.00").code == 0
    path = ledger(
        f"C-1,N,900000001,R-1,invoice,{day(-95)},900.00,EUR", f"C-1,N,900000001,R-2,invoice,{day(-94)},50.00,EUR"
    )
    done = scan_ledger(path, "-o", "json")
    rows = {row["document"]: row for row in done.json}
    assert rows["R-1"]["reason"] == f"declared on {day(0)}: 100.00 of 900.00 EUR; withdraw that and declare all"
    assert (rows["R-2"]["declare"], rows["R-2"]["declared_on"]) == ("50.00", None)
    assert f"50.00 EUR due on {day(-30)} were declared on {day(0)}" in rows["R-2"]["reason"]
    assert done.code == 12
    assert "declared for less than is unpaid: 1 invoice" in scan_ledger(path).err
    alone = ledger(f"C-1,N,900000001,R-1,invoice,{day(-95)},900.00,EUR")
    assert scan_ledger(alone).code == 12, "the last day to declare the rest has passed"
