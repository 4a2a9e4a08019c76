"""The same command twice, without a reference: the insurer hears of it once."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from tradecredit_sdk.cli import repeats
from tradecredit_sdk.journal import Journal
from tradecredit_sdk.journal.store import Store

LATE = (datetime.now(timezone.utc).date() - timedelta(days=70)).isoformat()


def request(tradecredit: Any, *words: str, buyer: str = "900000001", amount: str = "5000") -> Any:
    asked = ["limit", "request", "--buyer", buyer, "--amount", amount, "--currency", "EUR"]
    return tradecredit(*asked, "-o", "json", *words)


def declare(tradecredit: Any, *words: str, amount: str = "5.00") -> Any:
    invoice = f"R-1,{LATE},{amount}"
    declared = ["overdue", "declare", "--buyer", "900000001", "--currency", "EUR", "--invoice", invoice]
    return tradecredit(*declared, "-o", "json", *words)


def asked(insurer: Any, what: str = "applications") -> int:
    return int(insurer.control("GET", f"/{what}")["total"])


def test_the_same_request_is_refused_with_the_way_to_see_it_and_to_ask_again(insurer: Any, tradecredit: Any) -> None:
    first = request(tradecredit)
    again = request(tradecredit, "-o", "table")
    assert (first.code, again.code, again.out) == (0, 4, "")
    reference = first.json["reference"]
    assert f"under reference {reference} and is approved ({first.json['id']})" in again.err
    assert f"tradecredit limit decision {reference}" in again.err
    assert "--reference NEW" in again.err
    facts = json.loads(request(tradecredit).err)
    assert (facts["error"], facts["code"], facts["reference"], facts["exit_code"]) == (
        "InvalidInputError", "repeated", reference, 4,
    )  # fmt: skip
    assert asked(insurer) == 1
    assert request(tradecredit, "--reference", "NEW").json["reference"] == "NEW"
    assert asked(insurer) == 2
    assert tradecredit("limit", "decision", reference).code == 0, "what the message advises works"


def test_another_request_is_not_a_repetition(insurer: Any, tradecredit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    for words in ({}, {"amount": "6000"}, {"buyer": "900000002"}):
        assert request(tradecredit, **words).code == 0
    assert request(tradecredit, "--terms-days", "30").code == 0
    monkeypatch.setenv("TRADECREDIT_API_KEY", "sandbox-3")
    monkeypatch.setenv("TRADECREDIT_POLICY", "DEMO-003")
    assert request(tradecredit).code == 0, "another policy"
    assert asked(insurer) == 5


def test_what_is_written_differently_is_the_same(insurer: Any, tradecredit: Any) -> None:
    assert request(tradecredit, amount="5000").code == 0
    assert request(tradecredit, "--action", "new", "--kind", "permanent", amount="5000.00").code == 4


@pytest.mark.parametrize("ended", ["refused", "cancelled", "forgotten"])
def test_what_no_longer_stands_may_be_asked_for_anew(ended: str, insurer: Any, tradecredit: Any) -> None:
    buyer = "900000003" if ended == "refused" else "900000007"
    first = request(tradecredit, buyer=buyer)
    if ended == "cancelled":
        assert tradecredit("limit", "cancel", first.json["id"]).code == 0
    if ended == "forgotten":
        insurer.reset()
    assert request(tradecredit, buyer=buyer).code == 0


def test_a_sandbox_that_began_anew_gives_the_old_id_to_another(insurer: Any, tradecredit: Any) -> None:
    first = request(tradecredit)
    insurer.reset()
    other = request(tradecredit, buyer="900000002")
    assert first.json["id"] == other.json["id"]
    assert request(tradecredit).code == 0


def test_a_day_later_it_may_be_meant(insurer: Any, tradecredit: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    yesterday = datetime.now(timezone.utc) - repeats.RECENT - timedelta(minutes=1)
    with monkeypatch.context() as earlier:
        earlier.setattr(Store, "_now", lambda *_: yesterday)
        assert request(tradecredit).code == 0
    assert request(tradecredit).code == 0
    assert request(tradecredit).code == 4


def test_a_request_without_an_outcome_is_taken_up_again(
    insurer: Any, tradecredit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRADECREDIT_RETRIES", "0")
    insurer.faults(rate=1, kinds=["reset_after"], paths=["/open/v1"])
    lost = request(tradecredit)
    assert (lost.code, asked(insurer)) == (7, 1)
    insurer.faults()
    done = request(tradecredit)
    reference = json.loads(lost.err)["reference"]
    assert (done.code, done.json["reference"], asked(insurer)) == (0, reference, 1)
    assert f"taking up {reference} again" in done.err


def test_a_request_that_never_left_is_sent_once(
    insurer: Any, tradecredit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRADECREDIT_RETRIES", "0")
    insurer.faults(rate=1, kinds=["429"], paths=["/open/v1"], retry_after_seconds=7)
    assert request(tradecredit).code == 5
    insurer.faults()
    assert request(tradecredit).code == 0
    assert tradecredit("limit", "reconcile", "-o", "json").json == []
    assert asked(insurer) == 1


def test_without_a_journal_there_is_nothing_to_compare_with(insurer: Any, tradecredit: Any) -> None:
    assert [request(tradecredit, "--no-journal").code for _ in range(2)] == [0, 0]


def test_the_same_declaration_is_refused_with_the_way_to_see_it(insurer: Any, tradecredit: Any) -> None:
    first = declare(tradecredit)
    again = declare(tradecredit, "-o", "table")
    assert (first.code, again.code, again.out) == (0, 4, "")
    assert f"under reference {first.json['reference']} and is declared" in again.err
    assert f"tradecredit overdue show {first.json['id']}" in again.err
    assert tradecredit("overdue", "settle", first.json["id"]).code == 0
    assert "is settled" in declare(tradecredit).err, "a paid invoice is not declared anew by mistake"
    for other in (declare(tradecredit, amount="6.00"), declare(tradecredit, "--reason", "insolvency")):
        assert other.code == 4
        assert "a declaration with R-1 was sent" in other.err
    assert declare(tradecredit, "--reference", "AGAIN").code == 0
    assert asked(insurer, "overdues") == 2
    insurer.reset()
    assert declare(tradecredit).code == 0


def test_the_insurer_that_cannot_be_asked_is_believed_to_have_it(
    insurer: Any, tradecredit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from dataclasses import replace

    from tradecredit_sdk.insurers.base import Operation
    from tradecredit_sdk.insurers.open import OpenInsurer

    able = OpenInsurer.capabilities
    fewer = replace(able, operations=able.operations - {Operation.LIMIT_DECISION})
    monkeypatch.setattr(OpenInsurer, "capabilities", fewer)
    assert request(tradecredit).code == 0
    again = request(tradecredit)
    assert again.code == 4
    assert "is received" in again.err


def test_only_what_is_surely_at_the_insurer_is_refused(insurer: Any, tradecredit: Any) -> None:
    """A refusal in the journal, such as a wrong date, is not something the insurer has."""
    assert request(tradecredit, "--kind", "temporary", "--until", "2020-01-01").code == 4
    again = request(tradecredit, "--kind", "temporary", "--until", "2020-01-01")
    assert again.code == 4
    assert json.loads(again.err).get("code") != "repeated"
    with Journal() as book:
        assert len(list(book.entries())) == 2


def test_invoices_in_another_order_or_company_are_the_same_invoices(insurer: Any, tradecredit: Any) -> None:
    declared = ["overdue", "declare", "--currency", "EUR", "-o", "json"]
    two = [f"R-1,{LATE},5.00", f"R-2,{LATE},6.00"]
    assert tradecredit(*declared, "--buyer", "900000001", "--invoice", *two).code == 0
    turned = tradecredit(*declared, "--buyer", "900000001", "--invoice", *reversed(two))
    assert turned.code == 4
    assert "the same was sent" in turned.err
    wider = tradecredit(*declared, "--buyer", "900000001", "--invoice", f"R-3,{LATE},1.00", two[1])
    assert wider.code == 4
    assert "a declaration with R-2 was sent" in wider.err
    assert tradecredit(*declared, "--buyer", "900000002", "--invoice", *two).code == 0, "another buyer's"
    assert tradecredit(*declared, "--buyer", "900000001", "--invoice", f"R-3,{LATE},1.00").code == 0
    assert asked(insurer, "overdues") == 3


def test_an_invoice_whose_declaration_has_no_outcome_is_not_declared_with_others(
    insurer: Any, tradecredit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRADECREDIT_RETRIES", "0")
    insurer.faults(rate=1, kinds=["reset_after"], paths=["/open/v1"])
    assert declare(tradecredit).code == 7
    insurer.faults()
    other = declare(tradecredit, amount="6.00")
    assert other.code == 4
    assert "a declaration with R-1 was written down" in other.err
    assert "tradecredit overdue reconcile" in other.err
    assert asked(insurer, "overdues") == 1


@pytest.mark.parametrize("ask", [request, declare])
def test_what_has_no_outcome_is_taken_up_again_however_old_it_is(
    ask: Any, insurer: Any, tradecredit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRADECREDIT_RETRIES", "0")
    insurer.faults(rate=1, kinds=["reset_after"], paths=["/open/v1"])
    long_ago = datetime.now(timezone.utc) - timedelta(days=20)
    with monkeypatch.context() as earlier:
        earlier.setattr(Store, "_now", lambda *_: long_ago)
        assert ask(tradecredit).code == 7
    insurer.faults()
    assert "taking up" in ask(tradecredit).err
    assert asked(insurer, "applications" if ask is request else "overdues") == 1


@pytest.mark.parametrize("noun", ["applications", "overdues"])
def test_of_the_same_command_several_times_at_once_one_reaches_the_insurer(
    noun: str, insurer: Any, process: Any, tmp_path: Any
) -> None:
    words = {
        "applications": ["limit", "request", "--buyer", "900000001", "--amount", "5000", "--currency", "EUR"],
        "overdues": [
            "overdue",
            "declare",
            "--buyer",
            "900000001",
            "--currency",
            "EUR",
            "--invoice",
            f"R-1,{LATE},5.00",
        ],
    }
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: process(*words[noun], TRADECREDIT_JOURNAL=f"{tmp_path}/j.sqlite"), range(4)))
    assert {one.code for one in done} <= {0, 4}
    assert asked(insurer, noun) == 1


# ---- a declaration that was refused --------------------------------------------------------------------------------


def test_a_declaration_that_was_refused_does_not_use_up_its_reference(insurer: Any, tradecredit: Any) -> None:
    tomorrow = (datetime.now(timezone.utc).date() + timedelta(days=2)).isoformat()
    refused = declare(tradecredit, "--reference", "MINE", "--step", f"{tomorrow},reminder")
    assert refused.code == 4
    done = declare(tradecredit, "--reference", "MINE", "--step", f"{LATE},reminder")
    assert (done.code, done.json["reference"], asked(insurer, "overdues")) == (0, "MINE", 1)
    other = declare(tradecredit, "--reference", "MINE", amount="6.00")
    assert (other.code, json.loads(other.err)["error"]) == (4, "ReferenceConflictError"), "now it is used up"


def test_a_declaration_that_was_refused_is_sent_again_when_it_is_repeated(insurer: Any, tradecredit: Any) -> None:
    first = declare(tradecredit, "--no-journal")
    refused = declare(tradecredit, "--reference", "MINE")
    assert (refused.code, json.loads(refused.err)["code"]) == (4, "invoice_declared")
    assert tradecredit("overdue", "withdraw", first.json["id"], "--no-journal").code == 0
    assert declare(tradecredit, "--reference", "MINE").code == 0


def test_what_is_refused_here_is_not_left_to_be_sent_later(
    insurer: Any, tradecredit: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    yesterday = datetime.now(timezone.utc) - repeats.RECENT - timedelta(minutes=1)
    with monkeypatch.context() as earlier:
        earlier.setattr(Store, "_now", lambda *_: yesterday)
        assert declare(tradecredit).code == 0
    again = declare(tradecredit)
    assert (again.code, json.loads(again.err)["code"]) == (4, "invoice_declared")
    assert tradecredit("overdue", "waiting", "-o", "json").json == []
    assert tradecredit("overdue", "reconcile", "-o", "json").json == []
