"""A payment, a change or a report given twice without a reference: the insurer hears of it once."""

from __future__ import annotations

import json
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest

from tradecredit_sdk.cli import repeats
from tradecredit_sdk.cli.options import Run
from tradecredit_sdk.journal.store import Store

TODAY = datetime.now(timezone.utc).date()


def day(distance: int) -> str:
    return (TODAY + timedelta(days=distance)).isoformat()


PAY = ["pay", "OVD-1", "--amount", "400", "--currency", "EUR", "--on", day(0)]
REPORT = ["report-adverse", "--buyer", "900000001", "--kind", "bounced_payment", "--on", day(0)]
COMMANDS = {
    "pay": PAY,
    "report": REPORT,
    "settle": ["settle", "OVD-1", "--on", day(0)],
    "extend": ["extend", "OVD-1", "--to", day(40)],
    "withdraw": ["withdraw", "OVD-1", "--invoice", "R-1"],
    "reschedule": ["reschedule", "OVD-1", "--currency", "EUR", "--instalment", f"{day(30)},1500"],
}


@pytest.fixture
def overdue(insurer: Any, tradecredit: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Two invoices declared as OVD-1, and a way to send something about them."""
    monkeypatch.setenv("TRADECREDIT_RETRIES", "0")
    words = ["overdue", "declare", "--buyer", "900000001", "--currency", "EUR", "--reference", "OVD-1", "--invoice"]
    assert tradecredit(*words, f"R-1,{day(-70)},1000", f"R-2,{day(-40)},500").code == 0
    return lambda *words: tradecredit("overdue", *words, "-o", "json")


def heard(insurer: Any) -> tuple[int, int]:
    """The revision of the overdue, which every change raises, and how many reports there are."""
    (overdue,) = insurer.control("GET", "/overdues")["items"]
    return overdue["revision"], insurer.engine.adverse.count()


@pytest.mark.parametrize("name", COMMANDS)
def test_what_was_answered_is_refused_when_it_is_repeated(name: str, insurer: Any, overdue: Any) -> None:
    first = overdue(*COMMANDS[name])
    assert first.code == 0, first.err
    before = heard(insurer)
    again = overdue(*COMMANDS[name])
    assert (again.code, again.out, heard(insurer)) == (4, "", before)
    facts = json.loads(again.err)
    assert facts["code"] == "repeated"
    assert "--reference NEW" in facts["remedy"]


@pytest.mark.parametrize("fault", ["reset_before", "reset_after"])
@pytest.mark.parametrize("name", COMMANDS)
def test_what_has_no_outcome_is_taken_up_again(name: str, fault: str, insurer: Any, overdue: Any) -> None:
    revision, reports = heard(insurer)
    insurer.faults(rate=1, kinds=[fault], paths=["/open/v1"])
    lost = overdue(*COMMANDS[name])
    assert lost.code == 7
    insurer.faults()
    done = overdue(*COMMANDS[name])
    assert done.code == 0, done.err
    assert f"taking up {json.loads(lost.err)['reference']} again" in done.err
    once = (revision, reports + 1) if name == "report" else (revision + 1, reports)
    assert heard(insurer) == once


def test_a_second_payment_of_the_same_sum_is_given_a_reference(insurer: Any, overdue: Any) -> None:
    totals = [overdue(*PAY).json["total"], overdue(*PAY, "--reference", "SECOND").json["total"]]
    assert totals == ["1100.00", "700.00"]
    assert overdue(*PAY[:-1], day(-1)).json["total"] == "300.00", "that of another day is another"


def test_a_day_later_the_same_sum_may_be_meant(insurer: Any, overdue: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    yesterday = datetime.now(timezone.utc) - repeats.RECENT - timedelta(minutes=1)
    with monkeypatch.context() as earlier:
        earlier.setattr(Store, "_now", lambda *_: yesterday)
        assert overdue(*PAY).code == 0
    assert overdue(*PAY).code == 0
    assert overdue(*PAY).code == 4


@pytest.mark.parametrize("words", [PAY[:-2], REPORT[:-2], ["settle", "OVD-1"]])
def test_what_was_lost_yesterday_is_not_given_anew_with_todays_date(
    words: list[str], insurer: Any, overdue: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    insurer.faults(rate=1, kinds=["reset_after"], paths=["/open/v1"])
    with monkeypatch.context() as earlier:
        earlier.setattr(Run, "today", lambda _: TODAY - timedelta(days=1))
        assert overdue(*words).code == 7
    insurer.faults()
    before = heard(insurer)
    again = overdue(*words)
    assert (again.code, heard(insurer)) == (4, before)
    assert "tradecredit overdue reconcile" in json.loads(again.err)["remedy"]


def test_an_insurer_that_began_anew_hears_it_again(insurer: Any, tradecredit: Any, overdue: Any) -> None:
    assert overdue(*REPORT).code == 0
    insurer.reset()
    assert overdue(*REPORT).code == 0


def test_a_payment_that_is_too_large_is_not_left_to_be_sent_later(insurer: Any, tradecredit: Any, overdue: Any) -> None:
    for more in ([], ["--dry-run"]):
        done = overdue("pay", "OVD-1", "--amount", "1500.01", "--currency", "EUR", *more)
        assert (done.code, json.loads(done.err)["code"]) == (4, "overpaid")
    assert tradecredit("overdue", "reconcile", "-o", "json").json == []
    assert all(one["kind"] != "overdue_change" for one in tradecredit("journal", "list", "-o", "json").json)
