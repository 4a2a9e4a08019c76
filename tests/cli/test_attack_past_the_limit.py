"""Ways to get an order past the limit by how the same buyer is written in the files."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path

import pytest

from tradecredit_sdk.models.page import Page
from tradecredit_sdk.sandbox.policies import DEMO_001

LEDGER = "customer,name,country,vat_number,registration_number,buyer_id,document,kind,due_date,amount,tax,currency"
ORDERS = "order,customer,name,country,vat_number,registration_number,buyer_id,amount,tax,currency,terms_days"
BUYER, VAT, REGISTRATION = "900000001", "DE175919696", "HRB 61748 München"


@pytest.fixture
def check_files(insurer, tradecredit, tmp_path: Path) -> Callable[..., tuple[int, list[dict[str, str]], str]]:
    """Cover of 50,000 EUR on one buyer, then a ledger and orders: exit code, verdicts, messages."""
    asked = ("limit", "request", "--buyer", BUYER, "--amount", "50000", "--currency", "EUR", "--reference", "COVER")
    assert tradecredit(*asked).code == 0

    def run(ledger: str, orders: str) -> tuple[int, list[dict[str, str]], str]:
        (tmp_path / "ledger.csv").write_text(f"{LEDGER}\n{ledger}\n", encoding="utf-8")
        (tmp_path / "orders.csv").write_text(f"{ORDERS}\n{orders}\n", encoding="utf-8")
        files = ("--ledger", tmp_path / "ledger.csv", "--orders", tmp_path / "orders.csv")
        done = tradecredit("check-orders", *files, "-o", "csv")
        return done.code, list(csv.DictReader(io.StringIO(done.out))), done.err

    return run


@pytest.mark.parametrize("customer", ["C1 ", " C1", "C1\u200b", "\ufeffC1", "C1\u00a0", "C\u00ad1"])
def test_an_invisible_character_does_not_make_another_debtor(check_files, customer):
    debt = f"{customer},x,DE,,,,R1,invoice,2999-04-30,45000.00,,EUR"
    code, (verdict,), told = check_files(debt, f"S1,C1,x,DE,,,{BUYER},30000.00,,EUR,30")
    assert (code, verdict["outcome"], verdict["codes"]) == (4, "blocked", "exposure_incomplete")
    assert "ledger.csv:2: customer:" in told
    assert "write C1" in told


@pytest.mark.parametrize(
    ("of_the_debt", "of_the_order"),
    [
        ((VAT, "", ""), (VAT, "", BUYER)),
        ((VAT, "", ""), ("", "", BUYER)),
        ((VAT, "", ""), (VAT, REGISTRATION, "")),
        ((VAT, "", ""), ("", REGISTRATION, "")),
        (("", REGISTRATION, ""), (VAT, "", "")),
        (("", "", BUYER), (VAT, "", "")),
    ],
)
def test_two_customer_numbers_of_one_legal_buyer_share_its_limit(check_files, of_the_debt, of_the_order):
    debt = f"C1,x,DE,{','.join(of_the_debt)},R1,invoice,2999-04-30,45000.00,,EUR"
    code, (verdict,), _ = check_files(debt, f"S1,C2,x,DE,{','.join(of_the_order)},30000.00,,EUR,30")
    assert (code, verdict["outcome"], verdict["exposure"]) == (10, "blocked", "45000.00")


def test_orders_of_one_file_compete_under_two_customer_numbers(check_files):
    orders = "\n".join(f"S{n},C{n},x,DE,,,{BUYER},20000.00,,EUR,30" for n in (1, 2, 3))
    code, verdicts, _ = check_files("", orders)
    assert code == 10
    assert [verdict["outcome"] for verdict in verdicts] == ["allowed", "allowed", "blocked"]


def test_a_file_that_says_less_than_was_ordered_does_not_make_it_less(check_files):
    ordered = f"C1,x,DE,,,{BUYER},R1,order,2999-04-30,45000.00,,EUR"
    orders = "\n".join(
        f"{name},C1,x,DE,,,{BUYER},{amount},,EUR,30" for name, amount in (("R1", "1.00"), ("S2", "30000.00"))
    )
    _, verdicts, _ = check_files(ordered, orders)
    assert [verdict["outcome"] for verdict in verdicts] == ["allowed", "blocked"]
    _, (verdict,), _ = check_files(ordered, f"R1,C1,x,DE,,,{BUYER},45000.00,,EUR,30")
    assert verdict["outcome"] == "allowed", "the same order is not counted twice"


def test_a_mistyped_buyer_gets_no_discretionary_cover_in_a_file(check_files):
    code, (verdict,), _ = check_files("", "S1,C1,x,DE,,,0900000003,5000.00,,EUR,30")
    assert (code, verdict["outcome"]) == (10, "blocked")
    assert "buyer_not_identified" in verdict["codes"]


@pytest.mark.parametrize("buyer_id", ["0900000003", "9OOOOOOO3", "..", "\u0669\u06600000003"])
def test_a_mistyped_buyer_gets_no_discretionary_cover(insurer, tradecredit, buyer_id):
    refused = ("limit", "request", "--buyer", "900000003", "--amount", "5000", "--currency", "EUR")
    assert tradecredit(*refused).code == 0
    done = tradecredit("check", "--buyer", buyer_id, "--order", "5000", "--currency", "EUR", "-o", "json")
    assert done.code == 10
    assert [reason["code"] for reason in done.json["reasons"]] == ["buyer_not_identified"]
    assert (done.json["limit"], done.json["available"], done.json["uncovered"]) == (None, "0.00", "5000.00")


def test_a_known_buyer_without_a_decision_has_discretionary_cover(insurer, tradecredit):
    done = tradecredit("check", "--buyer", "900000003", "--order", "5000", "--currency", "EUR", "-o", "json")
    assert (done.code, [reason["code"] for reason in done.json["reasons"]]) == (0, ["discretionary_cover_used"])


def test_customers_that_differ_by_capitals_are_pointed_out(check_files):
    _, _, told = check_files("c1,x,DE,,,,R1,invoice,2999-04-30,45000.00,,EUR", f"S1,C1,x,DE,,,{BUYER},30000.00,,EUR,30")
    assert "customers C1 and c1 differ by capitals only" in told


@pytest.mark.parametrize("given", [(), ("--country", "DE")])
def test_the_insurer_knows_the_country_of_a_buyer_under_discretionary_cover(insurer, tradecredit, given):
    done = tradecredit("check", "--buyer", BUYER, "--order", "100", "--currency", "EUR", *given, "-o", "json")
    assert [reason["code"] for reason in done.json["reasons"]] == ["discretionary_cover_used"]


def test_discretionary_cover_ends_at_the_borders_of_the_policy(insurer, tradecredit, monkeypatch):
    """The insurer's own file says where the buyer is, and the policy does not reach there."""
    covered = DEMO_001.model_copy(update={"covered_countries": ("FR",)})
    monkeypatch.setattr("tradecredit_sdk.insurers.open.OpenInsurer.get_policy", lambda self: covered)
    done = tradecredit("check", "--buyer", BUYER, "--order", "100", "--currency", "EUR", "-o", "json")
    assert done.code == 10
    assert "country_not_covered" in [reason["code"] for reason in done.json["reasons"]]


def test_discretionary_cover_in_a_file_without_countries(insurer, tradecredit, tmp_path):
    (tmp_path / "ledger.csv").write_text("customer,document,kind,due_date,amount,currency\n", encoding="utf-8")
    (tmp_path / "orders.csv").write_text(
        f"order,customer,buyer_id,amount,currency,terms_days\nS1,C1,{BUYER},100.00,EUR,30\n", encoding="utf-8"
    )
    files = ("--ledger", tmp_path / "ledger.csv", "--orders", tmp_path / "orders.csv")
    done = tradecredit("check-orders", *files, "-o", "json")
    assert [row["codes"] for row in done.json] == [["discretionary_cover_used"]]


def codes_of(done) -> list[str]:
    return [reason["code"] for reason in done.json["reasons"]]


@pytest.mark.parametrize("struck_now", [False, True])
def test_an_insolvent_buyer_has_no_discretionary_cover(insurer, tradecredit, tmp_path, struck_now):
    buyer = "900000004" if struck_now else "900000008"
    if struck_now:
        insurer.control("POST", f"/buyers/{buyer}/insolvency")
    done = tradecredit("check", "--buyer", buyer, "--order", "5000", "--currency", "EUR", "-o", "json")
    assert (done.code, codes_of(done)) == (10, ["buyer_insolvent", "no_limit"])
    (tmp_path / "ledger.csv").write_text(f"{LEDGER}\n", encoding="utf-8")
    (tmp_path / "orders.csv").write_text(f"{ORDERS}\nS1,C1,x,DE,,,{buyer},5000.00,,EUR,30\n", encoding="utf-8")
    files = ("--ledger", tmp_path / "ledger.csv", "--orders", tmp_path / "orders.csv")
    done = tradecredit("check-orders", *files, "-o", "json")
    assert (done.code, done.json[0]["codes"]) == (10, ["buyer_insolvent", "no_limit"])


def test_a_stated_country_does_not_beat_the_insurers_own(insurer, tradecredit, monkeypatch, tmp_path):
    covered = DEMO_001.model_copy(update={"covered_countries": ("DE",)})
    monkeypatch.setattr("tradecredit_sdk.insurers.open.OpenInsurer.get_policy", lambda self: covered)
    abroad = next(iter(insurer.control("GET", "/buyers?country=TR")["items"]))["id"]
    done = tradecredit(
        "check", "--buyer", abroad, "--order", "100", "--currency", "EUR", "--country", "DE", "-o", "json"
    )
    assert (done.code, codes_of(done)) == (10, ["country_not_covered", "discretionary_cover_used"])
    (tmp_path / "ledger.csv").write_text(f"{LEDGER}\n", encoding="utf-8")
    (tmp_path / "orders.csv").write_text(f"{ORDERS}\nS1,C1,x,DE,,,{abroad},100.00,,EUR,30\n", encoding="utf-8")
    files = ("--ledger", tmp_path / "ledger.csv", "--orders", tmp_path / "orders.csv")
    assert tradecredit("check-orders", *files, "-o", "json").json[0]["codes"][0] == "country_not_covered"


def test_a_refusal_whose_row_is_gone_still_ends_discretionary_cover(insurer, tradecredit, monkeypatch, tmp_path):
    """Domain rule 15; some insurers list no row for a refusal, only the application."""
    refused = ("limit", "request", "--buyer", "900000003", "--amount", "5000", "--currency", "EUR")
    assert tradecredit(*refused).code == 0
    monkeypatch.setattr(
        "tradecredit_sdk.insurers.open.OpenInsurer.list_limits", lambda self, **given: Page(items=(), next_cursor=None)
    )
    done = tradecredit("check", "--buyer", "900000003", "--order", "5000", "--currency", "EUR", "-o", "json")
    assert (done.code, codes_of(done)) == (10, ["no_limit"])
    (tmp_path / "ledger.csv").write_text(f"{LEDGER}\n", encoding="utf-8")
    (tmp_path / "orders.csv").write_text(f"{ORDERS}\nS1,C1,x,DE,,,900000003,100.00,,EUR,30\n", encoding="utf-8")
    files = ("--ledger", tmp_path / "ledger.csv", "--orders", tmp_path / "orders.csv")
    assert tradecredit("check-orders", *files, "-o", "json").json[0]["codes"] == ["no_limit"]


OWED = "R1,invoice,2999-04-30,45000.00,,EUR"
ORDER = f"S1,C1,x,DE,,,{BUYER},30000.00,,EUR,30"


@pytest.mark.parametrize(
    "line",
    [
        f'"C1","Firma "Best" GmbH","DE","","","{BUYER}","R1","invoice","2999-04-30","45000.00","","EUR"',
        f'"C2","Firma "Best" GmbH","DE","","","{BUYER}","R1","invoice","2999-04-30","45000.00","","EUR"',
        f"C2,x, Inc.,DE,,,{BUYER},{OWED}",
        f"C2,x,DE,DE175919697,,{BUYER},{OWED}",
        f"C2;x;DE;;;{BUYER};{OWED.replace(',', ';')}",
        f",x,DE,,,{BUYER},{OWED}",
        f"C2,x,DE,,,{BUYER},R0,invoice,2999-04-30,1.00,,EUR\nC2,x,DE,,,900000002,{OWED}",
    ],
)
def test_debt_on_a_broken_line_that_states_the_buyer_blocks_its_orders(check_files, line):
    other = "S2,C9,x,DE,,,900000003,100.00,,EUR,30"
    code, verdicts, _ = check_files(line, f"{ORDER}\n{other}")
    assert (code, verdicts[0]["outcome"], verdicts[0]["codes"]) == (4, "blocked", "exposure_incomplete")
    assert verdicts[1]["outcome"] == "warning", "it is not anybody's"


@pytest.mark.parametrize("line", [f",x,DE,,,,{OWED}", f'"C2","Firma "Best" GmbH","DE","","","",{OWED}', "C2;x;DE"])
def test_debt_that_may_be_anybodys_blocks_all(check_files, line):
    code, verdicts, told = check_files(line, f"{ORDER}\nS2,C9,x,DE,,,900000003,100.00,,EUR,30")
    assert code == 4
    assert ["exposure_incomplete" in verdict["codes"] for verdict in verdicts] == [True, True]
    assert "1 line of the ledger names no customer that is known and may be anybody's" in told


def test_debt_of_a_customer_who_may_be_two_buyers_counts_to_both(check_files):
    ledger = f"C2,x,DE,{VAT},,,{OWED}\nC4,x,DE,{VAT},,900000002,R9,invoice,2999-04-30,1.00,,EUR"
    code, (verdict,), told = check_files(ledger, ORDER.replace("DE,,", f"DE,{VAT},"))
    assert (code, verdict["outcome"], verdict["exposure"]) == (10, "blocked", "45000.00")
    assert f"customer C2 are those of buyers {BUYER} and 900000002" in told


@pytest.mark.parametrize("orders", [("R1", "S2"), ("S2", "R1")])
def test_an_order_of_the_ledger_that_is_blocked_is_owed_all_the_same(check_files, orders):
    lines = {"R1": f"R1,C1,x,DE,,,{BUYER},45000.00,,EUR,365", "S2": f"S2,C1,x,DE,,,{BUYER},30000.00,,EUR,30"}
    ledger = f"C1,x,DE,,,{BUYER},R1,order,,45000.00,,EUR"
    _, verdicts, _ = check_files(ledger, "\n".join(lines[number] for number in orders))
    assert [verdict["outcome"] for verdict in verdicts] == ["blocked", "blocked"]


@pytest.mark.parametrize("number", [f"{VAT},", f",{REGISTRATION}"])
def test_a_second_customer_number_shares_the_limit_at_allianz_trade(
    allianz, tradecredit, tmp_path, monkeypatch, number
):
    """Its kinds of numbers have names of their own, and no country."""
    monkeypatch.delenv("TRADECREDIT_POLICY")
    settings = tmp_path / "config.toml"
    settings.write_text('[profiles.default]\npolicy = "DEMO-001"\n[profiles.default.terms]\ncurrency = "EUR"\n')
    monkeypatch.setenv("TRADECREDIT_CONFIG", str(settings))
    monkeypatch.setenv("TRADECREDIT_POLICY_CURRENCY", "EUR")
    asked = ("limit", "request", "--buyer", BUYER, "--amount", "50000", "--currency", "EUR", "--reference", "COVER")
    assert tradecredit(*asked).code == 0
    (tmp_path / "ledger.csv").write_text(f"{LEDGER}\nC2,x,DE,{number},,{OWED}\n", encoding="utf-8")
    (tmp_path / "orders.csv").write_text(f"{ORDERS}\n{ORDER}\n", encoding="utf-8")
    files = ("--ledger", tmp_path / "ledger.csv", "--orders", tmp_path / "orders.csv")
    done = tradecredit("check-orders", *files, "-o", "json")
    assert [(row["outcome"], row["exposure"]) for row in done.json] == [("blocked", "45000.00")]
