"""Buyers, limits and the policy on the command line, against a running insurer."""

from __future__ import annotations

import csv
import io
import json
import threading
from datetime import date, timedelta
from typing import Any

import pytest

Live = Any
SOON = (date.today() + timedelta(days=90)).isoformat()


def ask(tradecredit: Any, buyer: str, amount: str = "50000", *words: str) -> Any:
    return tradecredit(
        "limit", "request", "--buyer", buyer, "--amount", amount, "--currency", "EUR", "-o", "json", *words
    )


def test_find_gives_a_list_with_id_name_country_and_score(insurer: Live, tradecredit: Any) -> None:
    done = tradecredit("buyer", "find", "Nordlicht", "--country", "de", "-o", "json")
    assert done.code == 0
    best = done.json[0]
    assert (best["id"], best["name"], best["country"]) == ("000004711", "Nordlicht Handels GmbH", "DE")
    assert isinstance(best["score"], int)
    assert best["town"] == "Hamburg"


def test_find_by_number_is_exact(insurer: Live, tradecredit: Any) -> None:
    done = tradecredit("buyer", "find", "--country", "DE", "--id", "vat:DE136695976", "-o", "ndjson")
    assert [json.loads(line)["score"] for line in done.lines] == [100]
    wrong = tradecredit("buyer", "find", "--country", "DE", "--id", "vat:DE136695977")
    assert (wrong.code, wrong.out) == (4, "")
    assert "DE136695977" not in wrong.err
    assert "vat" in wrong.err


def test_nothing_found_is_an_empty_list_and_no_failure(insurer: Live, tradecredit: Any) -> None:
    done = tradecredit("buyer", "find", "Xyzzyx", "--country", "DE", "-o", "json")
    assert (done.code, done.json) == (0, [])
    table = tradecredit("buyer", "find", "Xyzzyx", "--country", "DE")
    assert (table.code, table.out) == (0, "")
    assert "no such company" in table.err
    assert tradecredit("buyer", "find", "--country", "DE").code == 2
    assert tradecredit("buyer", "show", "999999999").code == 4


def test_a_request_gives_id_reference_and_state(insurer: Live, tradecredit: Any) -> None:
    done = ask(tradecredit, "900000002", "50000", "--reference", "REQ-1", "--terms-days", "60")
    assert done.code == 0
    assert {"id", "reference", "state"} <= set(done.json)
    assert (done.json["reference"], done.json["state"]) == ("REQ-1", "partly_approved")
    assert (done.json["amount"], done.json["currency"], done.json["granted"]) == ("50000.00", "EUR", "25000.00")
    again = ask(tradecredit, "900000002", "50000", "--reference", "REQ-1", "--terms-days", "60")
    assert again.json["id"] == done.json["id"]
    other = ask(tradecredit, "900000002", "60000", "--reference", "REQ-1", "--terms-days", "60")
    assert other.code == 4
    assert json.loads(other.err)["error"] == "ReferenceConflictError"
    assert len(tradecredit("limit", "applications", "-o", "json").json) == 1


def test_a_decision_gives_state_amount_currency_and_the_insurers_code(insurer: Live, tradecredit: Any) -> None:
    request = ask(tradecredit, "900000002", "50000", "--reference", "REQ-1").json
    for name in (request["id"], "REQ-1"):
        done = tradecredit("limit", "decision", name, "-o", "json")
        assert done.code == 0
        assert {key: done.json[key] for key in ("state", "amount", "currency", "insurer_code")} == {
            "state": "partly_approved", "amount": "25000.00", "currency": "EUR", "insurer_code": "PART",
        }  # fmt: skip
    missing = tradecredit("limit", "decision", "app-999999", "-o", "json")
    assert missing.code == 4
    assert json.loads(missing.err)["error"] == "NotFoundError"


def test_a_refusal_is_a_decision_of_zero_and_a_currency_may_differ(insurer: Live, tradecredit: Any) -> None:
    refused = tradecredit("limit", "decision", ask(tradecredit, "900000003").json["id"], "-o", "json").json
    assert (refused["state"], refused["amount"]) == ("refused", "0.00")
    dollars = tradecredit("limit", "decision", ask(tradecredit, "900000009").json["id"], "-o", "json").json
    assert (dollars["state"], dollars["currency"]) == ("approved", "USD")


def test_a_pending_decision_is_printed_and_ends_with_eleven(insurer: Live, tradecredit: Any) -> None:
    request = ask(tradecredit, "900000007")
    assert (request.code, request.json["state"]) == (0, "referred")
    assert "limit decision" in request.err
    done = tradecredit("limit", "decision", request.json["id"], "-o", "json")
    assert done.code == 11
    assert (done.json["state"], done.json["amount"], done.json["currency"]) == ("referred", None, None)
    waited = ask(tradecredit, "900000007", "51000", "--wait", "0.2")
    assert (waited.code, waited.json["state"]) == (11, "referred")
    waited = tradecredit("limit", "decision", request.json["id"], "--wait", "0.2")
    assert waited.code == 11
    assert "referred" in waited.out


def test_waiting_ends_with_the_decision(insurer: Live, tradecredit: Any) -> None:
    underwriter = threading.Timer(0.3, insurer.advance, kwargs={"seconds": 10})
    underwriter.start()
    done = ask(tradecredit, "900000004", "50000", "--wait", "30")
    underwriter.join()
    assert (done.code, done.json["state"], done.json["granted"]) == (0, "approved", "50000.00")
    assert done.json["decision"]["amount"] == "50000.00"


def test_a_temporary_limit_needs_its_last_day(insurer: Live, tradecredit: Any) -> None:
    assert ask(tradecredit, "900000001", "10000", "--kind", "temporary").code == 4
    done = ask(tradecredit, "900000001", "10000", "--kind", "temporary", "--until", SOON)
    assert done.code == 0
    assert tradecredit("limit", "list", "-o", "json").json[0]["valid_until"] == SOON


@pytest.mark.parametrize(
    ("amount", "currency", "code", "said"),
    [
        ("1.000,00", "EUR", 2, "1250.00"),
        ("1e3", "EUR", 2, "1250.00"),
        ("abc", "EUR", 2, "1250.00"),
        ("-5", "EUR", 4, "greater than zero"),
        ("0", "EUR", 4, "greater than zero"),
        ("1.000", "EUR", 2, "write 1000 if the point is for thousands"),
        ("12.345", "EUR", 2, "more decimals than EUR"),
        ("100.5", "JPY", 2, "more decimals than JPY"),
        ("100", "XXX", 2, "ISO 4217"),
        ("9" * 20, "EUR", 2, "1250.00"),
    ],
)
def test_a_wrong_amount_or_currency_is_never_sent(
    amount: str, currency: str, code: int, said: str, insurer: Live, tradecredit: Any
) -> None:
    done = tradecredit("limit", "request", "--buyer", "900000001", "--amount", amount, "--currency", currency)
    assert (done.code, done.out) == (code, "")
    assert said in " ".join(done.err.split())
    assert tradecredit("limit", "applications", "-o", "json").json == []


REQUEST = ["limit", "request", "--buyer", "900000001", "--amount", "5", "--currency", "EUR"]
DECLARE = ["overdue", "declare", "--buyer", "900000001", "--currency", "EUR", "--invoice", "R-1,2026-01-31,5"]
CHECK = ["check", "--buyer", "900000001", "--order", "5", "--currency", "EUR"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([*REQUEST, "--amount", "-5"], "--amount: must be greater than zero"),
        ([*REQUEST, "--amount", "0"], "--amount: must be greater than zero"),
        ([*REQUEST, "--buyer", "a/../b"], "--buyer: must be an id"),
        ([*REQUEST, "--buyer", ""], "--buyer: must have at least 1 character"),
        ([*REQUEST, "--reference", "x" * 21], "--reference: must have at most 20 characters"),
        ([*REQUEST, "--reference", "ä"], "--reference: must be letters"),
        ([*REQUEST, "--kind", "temporary"], "a temporary limit needs --until, its last day"),
        ([*REQUEST, "--until", SOON], "--until: belongs to a temporary limit"),
        ([*REQUEST, "--comment", "x" * 1001], "--comment: must have at most 1000"),
        ([*DECLARE, "R-2,2026-01-31,-5"], "--invoice R-2: the unpaid amount must be greater than zero"),
        ([*DECLARE, "R-1,2026-01-31,6"], "invoice given twice: R-1"),
        ([*DECLARE, "--buyer", "#"], "--buyer: must be an id"),
        ([*CHECK, "--order", "-5"], "--order: must not be negative"),
        ([*CHECK, "--tax", "-5"], "--tax: must not be negative"),
        ([*CHECK, "--buyer", ""], "--buyer: must have at least 1 character"),
        (["buyer", "find", "", "--country", "DE"], "NAME: must have at least 1 character"),
        (["buyer", "find", "--id", "vat:DE1", "--country", "DE"], "--id vat: "),
        (["buyer", "show", ""], "ID: must have at least 1 character"),
        (["limit", "decision", "a b"], "REQUEST: must be an id"),
        (["limit", "list", "--buyer", "?"], "--buyer: must be an id"),
        (["overdue", "settle", ""], "ID: must have at least 1 character"),
    ],
    ids=lambda value: " ".join(value)[-40:] if isinstance(value, list) else "",
)
def test_a_value_that_makes_no_sense_is_refused_by_the_name_of_its_option(
    words: list[str], said: str, insurer: Live, tradecredit: Any
) -> None:
    done = tradecredit(*words)
    assert (done.code, done.out) == (4, "")
    assert said in done.err
    assert "Nothing was sent" in done.err
    for internal in ("LimitRequest", "OverdueDeclaration", "BuyerQuery", "Order ", "buyer_id", "valid_until"):
        assert internal not in done.err
    facts = json.loads(tradecredit(*words, "-o", "json").err)
    assert (facts["error"], facts["exit_code"]) == ("InvalidInputError", 4)
    assert said.split()[0].rstrip(":") in str(facts)
    assert insurer.control("GET", "/applications")["total"] == insurer.control("GET", "/overdues")["total"] == 0


def test_the_list_in_every_form(insurer: Live, tradecredit: Any) -> None:
    for buyer in ("900000001", "900000002"):
        ask(tradecredit, buyer, "40000")
    rows = tradecredit("limit", "list", "-o", "json").json
    assert {(row["buyer_id"], row["amount"], row["currency"]) for row in rows} == {
        ("900000001", "40000.00", "EUR"),
        ("900000002", "20000.00", "EUR"),
    }
    assert [json.loads(line)["id"] for line in tradecredit("limit", "list", "-o", "ndjson").lines] == [
        row["id"] for row in rows
    ]
    table = list(csv.DictReader(io.StringIO(tradecredit("limit", "list", "-o", "csv").out)))
    assert [row["amount"] for row in table] == [row["amount"] for row in rows]
    assert "20,000.00 EUR" in tradecredit("limit", "list").out
    (row,) = tradecredit("limit", "list", "--buyer", "900000002", "-o", "json").json
    assert row["state"] == "partly_approved"


def test_an_announced_change_stands_in_the_list(insurer: Live, tradecredit: Any) -> None:
    ask(tradecredit, "900000006", "40000")
    insurer.advance(days=11)
    (row,) = tradecredit("limit", "list", "-o", "json").json
    assert row["state"] == "withdrawal_announced"
    assert row["announced_amount"] == "0.00"
    assert row["announced_on"] > row["valid_from"]


def test_a_limit_and_a_request_are_cancelled_once(insurer: Live, tradecredit: Any) -> None:
    request = ask(tradecredit, "900000007").json["id"]
    for _ in range(2):
        done = tradecredit("limit", "cancel", request, "-o", "json")
        assert (done.code, done.json["state"]) == (0, "cancelled")
    ask(tradecredit, "900000001")
    (row,) = tradecredit("limit", "list", "-o", "json").json
    assert tradecredit("limit", "cancel", row["id"], "-o", "json").json["state"] == "cancelled"
    assert tradecredit("limit", "cancel", "lim-999999").code == 4


@pytest.mark.parametrize(
    "words",
    [
        ["limit", "request", "--buyer", "900000001", "--amount", "5000", "--currency", "EUR", "--reference", "R-1"],
        ["limit", "cancel", "lim-000001"],
        ["overdue", "declare", "--buyer", "900000001", "--currency", "EUR", "--invoice", "R-1,2026-01-31,5.00"],
        ["overdue", "settle", "ovd-000001", "--on", "2026-03-31"],
        ["overdue", "extend", "ovd-000001", "--to", SOON],
        ["overdue", "reschedule", "ovd-000001", "--currency", "EUR", "--instalment", f"{SOON},5.00"],
    ],
    ids=lambda words: " ".join(words[:2]),
)
def test_a_dry_run_shows_what_would_be_sent_and_sends_nothing(
    words: list[str], insurer: Live, tradecredit: Any
) -> None:
    for line in ([*words, "--dry-run", "-o", "json"], ["--dry-run", "-o", "json", *words]):
        done = tradecredit(*line)
        assert done.code == 0, done.err
        assert done.json["dry_run"] is True
        assert done.json["policy"] == "DEMO-001"
        assert done.json["request"]
        assert "nothing was sent" in done.err
    assert insurer.control("GET", "/applications")["total"] == 0
    assert insurer.control("GET", "/overdues")["total"] == 0
    assert tradecredit("journal", "list", "-o", "json").json == []


def test_a_dry_run_is_readable_in_a_table(insurer: Live, tradecredit: Any) -> None:
    done = tradecredit(*REQUEST, "--terms-days", "30", "--dry-run")
    assert done.code == 0
    shown = [line.split(maxsplit=1)[-1] if line.startswith("request") else line.strip() for line in done.lines]
    assert {"buyer_id: 900000001", "action: new", "amount: 5.00 EUR", "terms_days: 30", "urgent: no"} <= set(shown)
    declared = tradecredit(*DECLARE, "R-2,2026-02-15,1800", "--dry-run").out
    assert "invoices: R-1, 2026-01-31, 5.00 EUR" in declared
    assert "invoices: R-2, 2026-02-15, 1,800.00 EUR" in declared
    plan = ("overdue", "reschedule", "ovd-1", "--currency", "EUR", "--instalment", f"{SOON},5", "--dry-run")
    assert f"instalments: {SOON}, 5.00 EUR" in tradecredit(*plan).out
    assert "target_id: lim-1" in tradecredit("limit", "cancel", "lim-1", "--dry-run").out
    for out in (done.out, declared):
        assert not set("{}'[]") & set(out)


def test_a_dry_run_still_reads_and_says_so(insurer: Live, tradecredit: Any) -> None:
    assert tradecredit("--dry-run", "policy", "show", "-o", "json").json["id"] == "DEMO-001"
    for words in (["--help"], ["limit", "request", "--help"]):
        assert "what only reads is sent all the same" in " ".join(tradecredit(*words).out.split())


def test_a_dry_run_refuses_what_the_real_one_would_refuse(insurer: Live, tradecredit: Any) -> None:
    done = tradecredit("--dry-run", "limit", "request", "--buyer", "900000001", "--amount", "-5", "--currency", "EUR")
    assert (done.code, done.out) == (4, "")
    assert "greater than zero" in done.err


def test_the_policy_in_every_form(insurer: Live, tradecredit: Any) -> None:
    policy = tradecredit("policy", "show", "-o", "json").json
    assert (policy["id"], policy["currency"], policy["insured_percentage"]) == ("DEMO-001", "EUR", "90")
    assert (policy["discretionary_limit"], policy["discretionary_limit_currency"]) == ("10000.00", "EUR")
    (row,) = csv.DictReader(io.StringIO(tradecredit("policy", "show", "-o", "csv").out))
    assert row["max_payment_terms_days"] == "90"
    assert "10,000.00 EUR" in tradecredit("policy", "show").out


def test_the_journal_remembers_and_reconciles(insurer: Live, tradecredit: Any) -> None:
    insurer.faults(rate=1, kinds=["reset_after"], paths=["/open/v1/policies/DEMO-001/applications"], count=1)
    lost = tradecredit(
        "-o",
        "json",
        "limit",
        "request",
        "--buyer",
        "900000001",
        "--amount",
        "5000",
        "--currency",
        "EUR",
        "--reference",
        "R-1",
    )
    # The journal asked the insurer by reference, or says that the outcome is unknown: never a second sending.
    assert lost.code in (0, 7), lost.err
    insurer.faults()
    done = tradecredit("limit", "reconcile", "-o", "json")
    assert done.code == 0
    (entry,) = tradecredit("journal", "list", "-o", "json").json
    assert (entry["reference"], entry["state"], entry["insurer"]) == ("R-1", "answered", "open")
    assert insurer.control("GET", "/applications")["total"] == 1
    assert tradecredit("journal", "list", "--state", "unknown", "-o", "json").json == []
    assert "R-1" in tradecredit("journal", "list").out
    assert tradecredit("overdue", "reconcile", "-o", "json").json == []


def test_without_a_journal_nothing_is_written(insurer: Live, tradecredit: Any) -> None:
    ask(tradecredit, "900000001", "5000", "--no-journal")
    assert tradecredit("journal", "list", "-o", "json").json == []
    assert insurer.control("GET", "/applications")["total"] == 1
    done = tradecredit("--no-journal", "limit", "reconcile")
    assert done.code == 2
    assert "journal" in done.err


def test_the_loop_at_allianz_trade(allianz: Live, tradecredit: Any) -> None:
    found = tradecredit("buyer", "find", "Nordlicht", "--country", "DE", "-o", "json")
    assert found.code == 0, found.err
    assert found.json[0]["id"] == "000004711"
    asked = tradecredit(
        "limit",
        "request",
        "--buyer",
        "900000001",
        "--amount",
        "50000",
        "--currency",
        "EUR",
        "--wait",
        "20",
        "-o",
        "json",
    )
    assert asked.code == 0, asked.err
    assert asked.json["state"] == "approved"
    decision = tradecredit("limit", "decision", asked.json["id"], "-o", "json")
    assert (decision.code, decision.json["amount"], decision.json["currency"]) == (0, "50000.00", "EUR")
    assert decision.json["insurer_code"]
    checked = tradecredit("check", "--buyer", "900000001", "--order", "50000", "--currency", "EUR", "-o", "json")
    assert (checked.code, checked.json["limit"]) == (0, "50000.00")
    assert "does not tell the policy's terms" in checked.err
    declared = tradecredit(
        "overdue", "declare", "--buyer", "900000001", "--currency", "EUR", "--invoice", "R-1,2026-01-31,5.00"
    )
    assert declared.code == 4
    assert "declare_overdue at allianz-trade" in declared.err
