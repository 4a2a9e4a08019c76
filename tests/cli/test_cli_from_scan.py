"""`overdue declare --from-scan`: what a damaged file, an earlier declaration, a long number or Ctrl-C does to it."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

from tradecredit_sdk.client.overdues import Overdues
from tradecredit_sdk.insurers.base import Operation
from tradecredit_sdk.insurers.open import OpenInsurer

TODAY = datetime.now(timezone.utc).date()
HEADER = "customer,name,buyer_id,document,kind,due_date,amount,currency"


def day(distance: int) -> str:
    return (TODAY + timedelta(days=distance)).isoformat()


def invoice(number: str, amount: str = "100.00", overdue: int = 95, buyer: str = "900000001") -> str:
    return f"{buyer},N {buyer},{buyer},{number},invoice,{day(-overdue)},{amount},EUR"


@pytest.fixture
def scan(insurer: Any, tradecredit: Any, tmp_path: Path) -> Any:
    """Scan these ledger lines and write what was found."""

    def run(*lines: str, output: str = "json", words: tuple[str, ...] = (), header: str = HEADER) -> Path:
        ledger, out = tmp_path / "ledger.csv", tmp_path / f"scan.{output}"
        ledger.write_text("\n".join([header, *lines, ""]), encoding="utf-8")
        done = tradecredit("overdue", "scan", "--ledger", ledger, "--today", day(0), "-o", output, *words)
        assert done.code in (0, 12), done.err
        out.write_text(done.out, encoding="utf-8")
        return out

    return run


@pytest.fixture
def declare(tradecredit: Any) -> Any:
    def run(path: Path, *words: str) -> Any:
        return tradecredit("overdue", "declare", "--from-scan", path, "-o", "json", *words)

    return run


def at_insurer(insurer: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = insurer.control("GET", "/overdues")["items"]
    return found


# ---- earlier declarations ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("how", [["withdraw"], ["settle", "--on", day(0)],
                                 ["pay", "--amount", "100.00", "--currency", "EUR", "--on", day(0)]])  # fmt: skip
@pytest.mark.parametrize("journal", ["kept", "lost"])
def test_what_was_taken_back_is_declared_again_by_the_next_scan(
    how: list[str], journal: str, insurer: Any, tradecredit: Any, scan: Any, declare: Any, tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    first = declare(scan(invoice("R-1")))
    (declared,) = first.json
    assert (first.code, tradecredit("overdue", how[0], declared["id"], *how[1:]).code) == (0, 0)
    if journal == "lost":
        monkeypatch.setenv("TRADECREDIT_JOURNAL", str(tmp_path / "another.sqlite"))
    again = declare(scan(invoice("R-1")))
    (anew,) = again.json
    assert (again.code, anew["state"], anew["repeated"]) == (0, "declared", False), again.err
    assert anew["reference"] != declared["reference"]
    assert len(at_insurer(insurer)) == 2
    repeated = declare(tmp_path / "scan.json")
    assert (repeated.code, repeated.json[0]["id"], repeated.json[0]["repeated"]) == (0, anew["id"], True)
    assert len(at_insurer(insurer)) == 2


def test_the_third_time_is_a_declaration_like_the_first(
    insurer: Any, tradecredit: Any, scan: Any, declare: Any
) -> None:
    for times in (1, 2, 3):
        (declared,) = declare(scan(invoice("R-1"))).json
        assert len(at_insurer(insurer)) == times
        assert tradecredit("overdue", "withdraw", declared["id"]).code == 0


@pytest.mark.parametrize("wider", [False, True])
def test_an_old_scan_does_not_bring_back_what_was_paid_since(
    wider: bool, insurer: Any, tradecredit: Any, scan: Any, declare: Any
) -> None:
    """The cron job that repeats yesterday's file must not declare a debt that is gone."""
    path = scan(invoice("R-1"))
    (declared,) = declare(path).json
    assert tradecredit("overdue", "settle", declared["id"]).code == 0
    if wider:
        rows = json.loads(path.read_text(encoding="utf-8"))
        path.write_text(json.dumps([*rows, {**rows[0], "document": "R-2"}]), encoding="utf-8")
    done = declare(path)
    assert (done.code, done.json[0]["state"], len(at_insurer(insurer))) == (4, "skipped", 1)
    assert "scan again" in done.json[0]["answer"]


def test_an_invoice_that_is_skipped_makes_the_exit_code(
    insurer: Any, tradecredit: Any, scan: Any, declare: Any
) -> None:
    path = scan(invoice("R-1"), invoice("R-2", buyer="900000002"))
    words = ["overdue", "declare", "--buyer", "900000001", "--currency", "EUR", "--reference", "MINE"]
    assert tradecredit(*words, "--invoice", f"R-1,{day(-95)},90.00").code == 0
    done = declare(path)
    assert done.code == 4
    assert {row["buyer_id"]: row["state"] for row in done.json} == {"900000001": "skipped", "900000002": "declared"}


def test_what_was_refused_can_be_declared_once_it_is_right(
    insurer: Any, tradecredit: Any, scan: Any, declare: Any
) -> None:
    """The insurer holds R-1 in a declaration of which this journal knows nothing; then that one is withdrawn."""
    path = scan(invoice("R-1"))
    words = ["overdue", "declare", "--buyer", "900000001", "--currency", "EUR", "--invoice", f"R-1,{day(-95)},90.00"]
    made = tradecredit(*words, "--no-journal", "-o", "json").json
    refused = declare(path)
    assert (refused.code, refused.json[0]["state"]) == (4, "failed")
    assert tradecredit("overdue", "withdraw", made["id"], "--no-journal").code == 0
    done = declare(path)
    assert (done.code, done.json[0]["state"]) == (0, "declared")
    assert done.json[0]["reference"] == refused.json[0]["reference"]


# ---- damaged files -------------------------------------------------------------------------------------------------


def test_a_torn_file_declares_nothing(insurer: Any, scan: Any, declare: Any) -> None:
    path = scan(invoice("R-1"), invoice("R-2", overdue=90, buyer="900000002"), output="csv")
    whole = path.read_text(encoding="utf-8")
    head, first, second = whole.splitlines()
    for torn in (second.rpartition(",")[0], second[:40], f"{second},more"):
        path.write_text("\n".join([head, first, torn]), encoding="utf-8")
        done = declare(path)
        assert (done.code, done.out, at_insurer(insurer)) == (4, "", []), torn
        assert "row 3: has" in json.loads(done.err)["message"]
    path.write_text(f"{whole}\n\n", encoding="utf-8")
    assert declare(path).code == 0, "empty lines at the end harm nobody"


@pytest.mark.parametrize("output", ["json", "ndjson", "csv"])
def test_rows_that_are_missing_are_told(output: str, insurer: Any, scan: Any, declare: Any) -> None:
    path = scan(invoice("R-1", "1250.00"), invoice("R-2", "50.00", overdue=94), output=output)
    assert "rows are missing" not in declare(path, "--dry-run").err
    text = path.read_text(encoding="utf-8")
    fewer = json.dumps(json.loads(text)[:1]) if output == "json" else "\n".join(text.splitlines()[:-1])
    path.write_text(fewer, encoding="utf-8")
    done = declare(path, "--dry-run")
    assert done.code == 0
    assert "warning: buyer 900000001: 1,250.00 EUR of the 1,300.00 EUR that the scan found" in done.err


@pytest.mark.parametrize("output", ["json", "ndjson", "csv"])
def test_a_row_that_stands_twice_declares_nothing(output: str, insurer: Any, scan: Any, declare: Any) -> None:
    path = scan(invoice("R-1", "1250.00"), output=output)
    text = path.read_text(encoding="utf-8")
    if output == "json":
        path.write_text(json.dumps(json.loads(text) * 2), encoding="utf-8")
    else:
        path.write_text(text + text.splitlines()[-1] + "\n", encoding="utf-8")
    done = declare(path)
    assert (done.code, done.out, at_insurer(insurer)) == (4, "", [])
    assert f"invoice R-1 due on {day(-95)} stands on row" in json.loads(done.err)["message"]


def test_more_than_is_unpaid_is_not_declared(insurer: Any, scan: Any, declare: Any) -> None:
    path = scan(invoice("R-1", "1250.00"))
    text = path.read_text(encoding="utf-8").replace('"declare": "1250.00"', '"declare": "12500.00"')
    path.write_text(text, encoding="utf-8")
    done = declare(path)
    assert (done.code, at_insurer(insurer)) == (4, [])
    assert "declare is 12,500.00 EUR, and 1,250.00 EUR are unpaid" in json.loads(done.err)["message"]


# ---- one buyer fails -----------------------------------------------------------------------------------------------


def test_a_number_that_is_too_long_fails_its_buyer_alone(
    insurer: Any, tradecredit: Any, scan: Any, declare: Any, tmp_path: Path
) -> None:
    long = "R-" + "1" * 39
    path = scan(invoice(long), invoice("R-2"), invoice("R-3", buyer="900000002"))
    told = tradecredit("overdue", "scan", "--ledger", tmp_path / "ledger.csv", "--today", day(0)).err
    assert "ledger.csv:2: document: the number has 41 characters" in told
    for words in (["--dry-run"], []):
        done = declare(path, *words)
        assert done.code == 4
        rows = {row["buyer_id"]: row for row in done.json}
        assert (rows["900000001"]["state"], rows["900000001"]["total"]) == ("failed", "200.00")
        assert sorted(rows["900000001"]["invoices"]) == sorted([long, "R-2"])
        assert long in rows["900000001"]["answer"]
        assert rows["900000002"]["state"] in ("declared", "would be declared")
    assert [one["buyer_id"] for one in at_insurer(insurer)] == ["900000002"]


def test_what_is_not_due_yet_is_not_declared(insurer: Any, scan: Any, declare: Any) -> None:
    path = scan(invoice("R-1"), invoice("R-2", overdue=-5), invoice("R-3", buyer="900000002"))
    rows = [{**row, "due_date": day(0)} if row["document"] == "R-3" else row for row in json.loads(path.read_text())]
    path.write_text(json.dumps(rows), encoding="utf-8")
    done = declare(path, "--today", day(0))
    states = {row["buyer_id"]: (row["state"], row["invoices"]) for row in done.json}
    assert states == {"900000001": ("declared", ["R-1", "R-2"]), "900000002": ("failed", ["R-3"])}
    assert done.code == 4


def test_instalments_keep_what_is_disputed_of_each(insurer: Any, scan: Any, declare: Any) -> None:
    lines = [
        f"{invoice('R-1', overdue=95)},30.00",
        f"{invoice('R-1', overdue=65)},",
        f"{invoice('R-1', overdue=35)},5.00",
    ]
    assert declare(scan(*lines, header=f"{HEADER},disputed")).code == 0
    ((declared,),) = [one["invoices"] for one in at_insurer(insurer)]
    assert (declared["amount"]["amount"], declared["disputed"]["amount"]) == ("300.00", "35.00")


def test_more_invoices_than_one_declaration_takes_share_the_overdue_ones(insurer: Any, scan: Any, declare: Any) -> None:
    lines = [invoice(f"R-{number}", overdue=95 if number < 3 else -5) for number in range(600)]
    done = declare(scan(*lines))
    assert (done.code, sum(len(row["invoices"]) for row in done.json)) == (0, 600), done.err
    assert [row["state"] for row in done.json] == ["declared", "declared"]


def test_ctrl_c_tells_what_was_declared(
    insurer: Any, tradecredit: Any, scan: Any, declare: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = scan(invoice("R-1"), invoice("R-2", overdue=94, buyer="900000002"))
    send = Overdues.declare

    def interrupted(self: Any, declaration: Any, **more: Any) -> Any:
        if declaration.buyer_id == "900000002":
            raise KeyboardInterrupt
        return send(self, declaration, **more)

    with monkeypatch.context() as once:
        once.setattr(Overdues, "declare", interrupted)
        done = declare(path)
    assert (done.code, [row["state"] for row in done.json]) == (130, ["declared"])
    assert "interrupted after 1 of 2" in done.err
    again = declare(path)
    assert (again.code, [row["repeated"] for row in again.json]) == (0, [True, False])
    assert len(at_insurer(insurer)) == 2


def test_of_several_at_once_each_declares_what_no_other_does(
    insurer: Any, scan: Any, process: Any, tmp_path: Path
) -> None:
    path = scan(*(invoice(f"R-{number}", buyer=f"90000000{number}") for number in range(1, 6)))
    words = ["overdue", "declare", "--from-scan", path, "-o", "json"]
    with ThreadPoolExecutor(3) as pool:
        done = list(pool.map(lambda _: process(*words, TRADECREDIT_JOURNAL=f"{tmp_path}/j.sqlite"), range(3)))
    assert [one.code for one in done] == [0, 0, 0], [one.err for one in done]
    assert len({json.dumps([row["id"] for row in one.json]) for one in done}) == 1
    assert len(at_insurer(insurer)) == 5


def test_of_an_insurer_that_shows_nothing_the_journal_is_believed(
    insurer: Any, tradecredit: Any, scan: Any, declare: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    able = OpenInsurer.capabilities
    shown = {Operation.LIST_OVERDUES, Operation.GET_OVERDUE}
    monkeypatch.setattr(OpenInsurer, "capabilities", replace(able, operations=able.operations - shown))
    path = scan(invoice("R-1"))
    assert declare(path).code == 0
    rows = json.loads(scan(invoice("R-1"), words=("--all",)).read_text(encoding="utf-8"))
    assert [(row["declare"], row["declared_on"]) for row in rows] == [(None, day(0))]
    wider = scan(invoice("R-1"), invoice("R-2"), words=("--no-journal",))
    done = declare(wider)
    assert (done.code, done.json[0]["state"], len(at_insurer(insurer))) == (4, "skipped", 1)
