"""`check` and `check-orders` against a running insurer: verdicts, exit codes, malformed input, the page."""

from __future__ import annotations

import csv
import io
import json
import os
import threading
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest

LEDGER = "customer,name,country,vat_number,registration_number,buyer_id,document,kind,due_date,amount,tax,currency"
ORDERS = "order,customer,name,country,vat_number,registration_number,buyer_id,amount,tax,currency,terms_days"
TODAY = datetime.now(timezone.utc).date()  # what the sandbox's calendar shows
DAY = TODAY.isoformat()


def day(distance: int) -> str:
    return (TODAY + timedelta(days=distance)).isoformat()


SOON, TOO_LATE = day(30), day(-71)


def limit(tradecredit: Any, buyer: str, amount: str) -> None:
    done = tradecredit(
        "limit", "request", "--buyer", buyer, "--amount", amount, "--currency", "EUR", "--terms-days", "60"
    )
    assert done.code == 0, done.err


@pytest.fixture
def files(tmp_path: Path) -> Any:
    def write(ledger: list[str], orders: list[str], rates: list[str] | None = None) -> list[str]:
        words = []
        for name, header, lines in (
            ("ledger", LEDGER, ledger),
            ("orders", ORDERS, orders),
            ("rates", "base,currency,rate", rates),
        ):
            if lines is not None:
                path = tmp_path / f"{name}.csv"
                path.write_text("\n".join([header, *lines, ""]), encoding="utf-8")
                words += [f"--{name}", str(path)]
        return ["check-orders", *words]

    return write


def check(tradecredit: Any, *words: str) -> Any:
    return tradecredit("check", "--buyer", "900000002", "--currency", "EUR", "-o", "json", *words)


def test_exactly_at_the_limit_passes_and_one_cent_more_does_not(insurer: Any, tradecredit: Any) -> None:
    limit(tradecredit, "900000002", "50000")
    done = check(tradecredit, "--order", "21000.00", "--exposure", "4000")
    assert done.code == 0
    assert {key: done.json[key] for key in ("outcome", "reasons", "limit", "exposure", "available", "uncovered", "currency")} == {
        "outcome": "allowed", "reasons": [], "limit": "25000.00", "exposure": "4000.00", "available": "21000.00",
        "uncovered": "0.00", "currency": "EUR",
    }  # fmt: skip
    done = check(tradecredit, "--order", "21000.01", "--exposure", "4000")
    assert done.code == 10
    assert (done.json["outcome"], done.json["uncovered"]) == ("blocked", "0.01")
    (reason,) = done.json["reasons"]
    assert reason["code"] == "limit_exceeded"
    assert "21,000.01 EUR" in reason["message"]


def test_no_limit_is_null_and_not_zero(insurer: Any, tradecredit: Any) -> None:
    done = tradecredit("check", "--buyer", "900000001", "--order", "20000", "--currency", "EUR", "-o", "json")
    assert done.code == 10
    assert done.json["limit"] == "10000.00", "the policy's discretionary limit"
    limit(tradecredit, "900000003", "50000")
    zero = tradecredit("check", "--buyer", "900000003", "--order", "20000", "--currency", "EUR", "-o", "json").json
    assert zero["limit"] == "0.00"
    assert [reason["code"] for reason in zero["reasons"]] == ["limit_zero"]


def test_a_warning_is_done(insurer: Any, tradecredit: Any) -> None:
    done = tradecredit("check", "--buyer", "900000001", "--order", "2000", "--currency", "EUR", "-o", "json")
    assert (done.code, done.json["outcome"]) == (0, "warning")
    assert [reason["code"] for reason in done.json["reasons"]] == ["discretionary_cover_used"]


def test_a_pending_decision_blocks(insurer: Any, tradecredit: Any) -> None:
    limit(tradecredit, "900000007", "50000")
    done = tradecredit("check", "--buyer", "900000007", "--order", "20000", "--currency", "EUR", "-o", "json")
    assert done.code == 10
    assert "pending_decision" in {reason["code"] for reason in done.json["reasons"]}


def test_terms_country_rates_and_the_oldest_invoice_count(insurer: Any, tradecredit: Any, tmp_path: Path) -> None:
    limit(tradecredit, "900000002", "50000")
    codes = {
        ("--terms-days", "120"): "payment_terms_too_long",
        ("--country", "AE"): "country_not_covered",
        ("--oldest-due", TOO_LATE, "--today", DAY): "stop_of_cover",
    }
    for words, code in codes.items():
        done = check(tradecredit, "--order", "100", *words)
        assert (done.code, [reason["code"] for reason in done.json["reasons"]]) == (10, [code])
    dollars = ["check", "--buyer", "900000002", "--currency", "USD", "--order", "110.00", "-o", "json"]
    assert tradecredit(*dollars).json["reasons"][0]["code"] == "exchange_rate_missing"
    rates = tmp_path / "rates.csv"
    rates.write_text("base,currency,rate\nEUR,USD,1.10\n")
    done = tradecredit(*dollars, "--rates", rates)
    assert (done.code, done.json["order"], done.json["currency"]) == (0, "100.00", "EUR")
    rates.write_text("base,currency,rate\nEUR,USD,-1\nEUR,XXX,2\n")
    done = tradecredit(*dollars, "--rates", rates)
    assert done.code == 4
    assert [field["field"] for field in json.loads(done.err)["fields"]] == [
        "line 2, column rate",
        "line 3, column rate",
    ]


def test_a_decision_in_another_currency_is_no_cover_without_a_rate(
    insurer: Any, tradecredit: Any, tmp_path: Path
) -> None:
    limit(tradecredit, "900000009", "50000")
    words = ["check", "--buyer", "900000009", "--order", "100.00", "--currency", "EUR", "-o", "json"]
    done = tradecredit(*words)
    assert (done.code, done.json["limit"]) == (10, None)
    assert [reason["code"] for reason in done.json["reasons"]] == ["exchange_rate_missing"]
    rates = tmp_path / "rates.csv"
    rates.write_text("base,currency,rate\nEUR,USD,1.10\n")
    done = tradecredit(*words, "--rates", rates)
    assert (done.code, done.json["limit"], done.json["currency"]) == (0, "50000.00", "EUR")


def test_a_table_says_what_json_says(insurer: Any, tradecredit: Any) -> None:
    limit(tradecredit, "900000002", "50000")
    done = tradecredit("check", "--buyer", "900000002", "--order", "26000", "--currency", "EUR")
    assert done.code == 10
    assert "blocked" in done.out
    assert "25,000.00 EUR" in done.out


@pytest.mark.parametrize(("words", "code"), [(["--order", "-1"], 4), (["--order", "1,0"], 2), (["--order", "1", "--tax", "-1"], 4),
                                            (["--order", "1", "--today", "31.03.2026"], 2), (["--order", "1", "--terms-days", "x"], 2)])  # fmt: skip
def test_a_wrong_order_is_named(words: list[str], code: int, insurer: Any, tradecredit: Any) -> None:
    done = check(tradecredit, *words)
    assert (done.code, done.out) == (code, "")
    assert json.loads(done.err)["exit_code"] == code


def test_one_verdict_an_order_and_orders_compete(insurer: Any, tradecredit: Any, files: Any) -> None:
    limit(tradecredit, "900000002", "50000")
    words = files(
        [f"C-1,Half,DE,DE715936098,,,R-1,invoice,{SOON},5000.00,,EUR"],
        ["O-1,C-1,,DE,,,,15000.00,,EUR,30", "O-2,C-1,,DE,,,,5000.01,,EUR,30", "O-3,C-1,,DE,,,,5000.00,,EUR,30"],
    )
    done = tradecredit(*words, "--today", DAY, "-o", "json")
    assert done.code == 10
    assert [(row["number"], row["outcome"], row["exposure"]) for row in done.json] == [
        ("O-1", "allowed", "5000.00"), ("O-2", "blocked", "20000.00"), ("O-3", "allowed", "20000.00"),
    ]  # fmt: skip
    assert {row["buyer_id"] for row in done.json} == {"900000002"}, "identified by VAT number"
    assert {row["name"] for row in done.json} == {"Half"}
    lines = tradecredit(*words, "--today", DAY, "-o", "ndjson").lines
    assert [json.loads(line)["line"] for line in lines] == [2, 3, 4]
    rows = list(csv.DictReader(io.StringIO(tradecredit(*words, "--today", DAY, "-o", "csv").out)))
    assert [row["codes"] for row in rows] == ["", "limit_exceeded", ""]
    assert "O-2" in tradecredit(*words, "--today", DAY).out


def test_all_allowed_is_zero(insurer: Any, tradecredit: Any, files: Any) -> None:
    limit(tradecredit, "900000001", "50000")
    assert tradecredit(*files([], ["O-1,C-1,,DE,,,900000001,15000.00,,EUR,30"]), "-o", "json").code == 0


def test_malformed_lines_are_named_and_the_others_processed(insurer: Any, tradecredit: Any, files: Any) -> None:
    limit(tradecredit, "900000001", "50000")
    words = files(
        ["C-9,,DE,,,900000009,R-1,invoice,31.03.2026,5.00,,EUR"],
        [
            "O-1,C-1,,DE,,,900000001,15000.00,,EUR,30",
            "O-2,C-1,,DE,,,900000001,1e3,,EUR,30",
            "O-3,C-1,,DE,,,900000001,100.00,,EURO,30",
            "O-4,C-1,,DE,,,900000001,100.00,,EUR",
            "O-5,C-1,,DE,,,900000001,-1.00,,EUR,30",
            "O-6,C-1,,DE,,,900000001,200.00,,EUR,30",
        ],
    )
    done = tradecredit(*words, "--today", DAY, "-o", "csv")
    assert done.code == 4
    assert [row["number"] for row in csv.DictReader(io.StringIO(done.out))] == ["O-1", "O-6"]
    places = [line.split(": ")[:2] for line in done.err.splitlines()]
    assert places[:4] == [
        ["ledger.csv:2", "due_date"],
        ["orders.csv:3", "amount"],
        ["orders.csv:4", "currency"],
        places[3],
    ]
    assert places[3][0] == "orders.csv:5"
    assert places[4] == ["orders.csv:6", "amount"]
    assert "5 lines" in done.err
    facts = [json.loads(line) for line in tradecredit(*words, "--today", DAY, "-o", "json").err.splitlines()[:-1]]
    assert [(fact["file"], fact["line"]) for fact in facts] == [
        ("ledger.csv", 2),
        *(("orders.csv", line) for line in (3, 4, 5, 6)),
    ]


def test_a_ledger_line_that_cannot_be_read_blocks_its_customer(insurer: Any, tradecredit: Any, files: Any) -> None:
    limit(tradecredit, "900000001", "50000")
    words = files([f"C-1,,DE,,,900000001,R-1,invoice,{SOON},oops,,EUR"], ["O-1,C-1,,DE,,,900000001,5.00,,EUR,30"])
    done = tradecredit(*words, "--today", DAY, "-o", "json")
    assert done.code == 4
    assert [reason["code"] for reason in done.json[0]["reasons"]] == ["exposure_incomplete"]


def test_a_file_that_is_no_such_file_is_refused(insurer: Any, tradecredit: Any, files: Any, tmp_path: Path) -> None:
    words = files([], [])
    assert tradecredit("check-orders", "--ledger", tmp_path / "none.csv", "--orders", words[-1]).code == 2
    broken = tmp_path / "broken.csv"
    broken.write_text("a,b\n1,2\n")
    done = tradecredit(*words[:-1], broken)
    assert (done.code, done.out) == (4, "")
    assert "is missing" in done.err
    broken.write_bytes(b"\xff\xfeo\0r\0")
    assert "UTF-16" in tradecredit(*words[:-1], broken).err


def test_every_file_with_a_wrong_header_is_named_at_once(
    insurer: Any, tradecredit: Any, files: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = files([], [])
    (tmp_path / "ledger.csv").write_text("customer,document,due_date,currency\n")
    (tmp_path / "orders.csv").write_bytes(b"\xff\xfeo\0r\0")
    monkeypatch.setenv("TRADECREDIT_BASE_URL", "http://127.0.0.1:9/open/v1")
    done = tradecredit(*words)
    assert (done.code, done.out) == (4, ""), "before anything is asked of the insurer"
    assert "ledger.csv: the header in line 1 is wrong" in done.err
    assert "orders.csv: is written in UTF-16" in done.err
    facts = json.loads(tradecredit(*words, "-o", "json").err)
    assert facts["fields"] == [{"field": "ledger.csv, amount", "message": "is missing"}]
    (tmp_path / "orders.csv").write_text(f"{ORDERS}\n")
    facts = json.loads(tradecredit(*words, "-o", "json").err)
    assert facts["fields"] == [{"field": "amount", "message": "is missing"}]
    assert "ledger.csv" in facts["message"]


def test_a_ledger_may_come_through_a_pipe(insurer: Any, tradecredit: Any, files: Any, tmp_path: Path) -> None:
    limit(tradecredit, "900000001", "50000")
    words = files(
        [f"C-1,,DE,,,900000001,R-1,invoice,{SOON},40000.00,,EUR"], ["O-1,C-1,,DE,,,900000001,20000.00,,EUR,30"]
    )
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    writer = threading.Thread(target=lambda: pipe.write_bytes((tmp_path / "ledger.csv").read_bytes()), daemon=True)
    writer.start()
    done = tradecredit("check-orders", "--ledger", pipe, *words[3:], "-o", "json")
    writer.join(10)
    assert (done.code, done.json[0]["exposure"]) == (10, "40000.00"), done.err


def test_orders_come_from_standard_input(insurer: Any, tradecredit: Any, process: Any, files: Any) -> None:
    limit(tradecredit, "900000001", "50000")
    words = [*files([], [])[:-1], "-", "-o", "json"]
    done = process(
        *words, stdin=f"{ORDERS}\nO-1,C-1,,DE,,,900000001,15000.00,,EUR,30\nO-2,C-1,,DE,,,900000001,x,,EUR,30\n"
    )
    assert done.code == 4
    assert [row["number"] for row in done.json] == ["O-1"]
    assert json.loads(done.err.splitlines()[0])["file"] == "stdin"


def test_a_customer_is_looked_up_once_and_only_by_number(
    insurer: Any, tradecredit: Any, files: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tradecredit_sdk.client.buyers import Buyers

    asked: list[Any] = []
    find = Buyers.find
    monkeypatch.setattr(
        Buyers, "find", lambda self, *words, **named: (asked.append((words, named)), find(self, *words, **named))[1]
    )
    orders = [
        "O-1,C-1,Nordlicht Handels GmbH,DE,DE136695976,,,100.00,,EUR,30",
        "O-2,C-1,Nordlicht Handels GmbH,DE,DE136695976,,,100.00,,EUR,30",
        "O-3,C-2,Nordlicht Sued,DE,DE136695976,,,100.00,,EUR,30",
        "O-4,C-3,Nordlicht Handels GmbH,DE,,,,100.00,,EUR,30",
    ]
    done = tradecredit(*files([], orders), "-o", "json")
    assert [row["buyer_id"] for row in done.json] == ["000004711", "000004711", "000004711", None]
    assert len(asked) == 1
    assert not asked[0][0], "the name is not looked for"
    assert "buyer_not_identified" in {reason["code"] for reason in done.json[3]["reasons"]}
    asked.clear()
    off = tradecredit(*files([], orders), "--no-identify", "-o", "json")
    assert not asked
    assert {row["buyer_id"] for row in off.json} == {None}


def test_a_search_that_may_be_billed_happens_on_purpose_only(
    insurer: Any, tradecredit: Any, files: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    from tradecredit_sdk.insurers.open import OpenInsurer

    monkeypatch.setattr(OpenInsurer, "capabilities", replace(OpenInsurer.capabilities, lookup_may_cost=True))
    words = files([], ["O-1,C-1,,DE,DE136695976,,,100.00,,EUR,30"])
    done = tradecredit(*words, "-o", "json")
    assert done.json[0]["buyer_id"] is None
    assert "--identify" in done.err
    assert tradecredit(*words, "--identify", "-o", "json").json[0]["buyer_id"] == "000004711"


def test_the_page_shows_what_the_check_found(insurer: Any, tradecredit: Any, files: Any, tmp_path: Path) -> None:
    limit(tradecredit, "900000002", "50000")
    words = files(
        [
            f"C-1,<script>alert(1)</script>,DE,,,900000002,R-1,invoice,{TOO_LATE},5000.00,,EUR",
            "C-1,,DE,,,900000002,R-2,invoice,x,1.00,,EUR",
        ],
        ["O-1,C-1,,DE,,,900000002,1500.00,,EUR,30"],
    )
    assert (
        tradecredit(
            "overdue", "declare", "--buyer", "900000002", "--currency", "EUR", "--invoice", f"R-1,{TOO_LATE},5000"
        ).code
        == 0
    )
    page = tmp_path / "out" / "page.html"
    done = tradecredit(*words, "--today", DAY, "--report", page, "-o", "json")
    assert done.code == 4
    assert str(page) in done.err
    text = page.read_text(encoding="utf-8")
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "<script" not in text
    assert "ovd-000001" in text
    assert "The insurer has stopped cover" in text
    assert "ledger.csv, line 3, column due_date" in text
