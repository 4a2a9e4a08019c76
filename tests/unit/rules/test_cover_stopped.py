"""The insurer has stopped cover on the buyer: no new delivery is insured, and the verdict says why (domain rule 7)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from order_checks import BLOCKED, TODAY, TOMORROW, YESTERDAY, check, codes, euro, reason, row

from tradecredit_sdk.models.limit import CreditLimit
from tradecredit_sdk.models.policy import Policy
from tradecredit_sdk.models.verdict import ReasonCode
from tradecredit_sdk.rules.cover import Why, cover_in_force


@pytest.mark.parametrize(
    ("stop", "stopped"),
    [
        ({"since": TODAY}, True),
        ({"since": YESTERDAY}, True),
        ({"since": TOMORROW}, False),
        ({"since": YESTERDAY, "until": TODAY}, False),
        ({"since": YESTERDAY, "until": TOMORROW}, True),
        (None, False),
    ],
)
def test_from_its_first_day_to_before_its_last(stop: Any, stopped: bool) -> None:
    verdict = check(limits=[row(stop=stop)])
    assert ("cover_stopped" in codes(verdict)) is stopped
    assert verdict.is_blocked is stopped


def test_the_verdict_says_why_and_insures_nothing() -> None:
    verdict = check(limits=[row(stop={"since": TODAY, "reason": "overdue", "overdue_id": "ovd-000001"})])
    why = reason(verdict, ReasonCode.COVER_STOPPED)
    assert "unpaid beyond the maximum extension period (overdue ovd-000001)" in why.message
    assert why.outcome is BLOCKED
    assert (verdict.insured_share, codes(verdict)) == (euro(0), ["cover_stopped"])
    assert why.to_dict()["params"]["since"] == TODAY.isoformat()


@pytest.mark.parametrize(
    ("why", "words"), [("collection", "in collection"), ("adverse", "adverse information"), ("strike", "strike")]
)
def test_each_reason_has_its_words_and_an_unknown_one_its_own(why: str, words: str) -> None:
    assert words in reason(check(limits=[row(stop={"since": TODAY, "reason": why})]), ReasonCode.COVER_STOPPED).message


def test_it_is_said_once_although_each_row_bears_it() -> None:
    stop = {"since": TODAY}
    rows = [row(stop=stop), row(id="T", kind="temporary", stop=stop, valid_until=TODAY + timedelta(30))]
    assert codes(check(limits=rows)) == ["cover_stopped"]


def test_an_older_row_does_not_count_instead() -> None:
    old, new = row(id="OLD", valid_from=YESTERDAY), row(valid_from=TODAY, stop={"since": TODAY})
    rows = [CreditLimit.model_validate(given) for given in (old, new)]
    cover = cover_in_force(rows, Policy(id="P", currency="EUR"), TODAY)
    assert (cover.total, {item.why for item in cover.excluded}) == (None, {Why.LATER_ROW, Why.STOPPED})


def test_a_refusal_stays_a_refusal() -> None:
    assert codes(check(limits=[row(0, state="refused", stop={"since": TODAY})])) == ["limit_zero"]


def test_the_seller_s_own_limit_does_not_step_in() -> None:
    verdict = check(limits=[row(stop={"since": TODAY})], policy={"discretionary_limit": euro(10_000)})
    assert verdict.is_blocked
