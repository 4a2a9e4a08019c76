"""Allianz Trade's lists, exchange by exchange: limits in the pages of version 2, waiting requests, grades."""

from __future__ import annotations

from datetime import date, datetime, timezone
from decimal import Decimal

import pytest
from allianz_samples import COVER, POLICY, expect_v2, expect_waiting, limits, pages, row, v2

from tradecredit_sdk.errors import ConfigError, InvalidInputError, ResponseFormatError
from tradecredit_sdk.models.limit import AnnouncedChange, LimitState
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.policy import Policy
from tradecredit_sdk.rules.cover import cover_in_force


def test_limits_come_in_pages_of_206_until_a_short_one(allianz, allianz_wire):
    insurer = allianz()
    expect_v2(allianz_wire, [v2("COV-1"), v2("COV-2", "000000002")], size=2)
    first = insurer.list_limits(page_size=2)
    expect_v2(allianz_wire, [v2("COV-3", "000000003", Decimal("99999999999999.99"))], page=2, size=2)
    second = insurer.list_limits(page_size=2, cursor=first.next_cursor)
    assert [one.id for one in first.items + second.items] == ["cover:COV-1", "cover:COV-2", "cover:COV-3"]
    assert second.next_cursor is None
    limit = second.items[0]
    assert (limit.buyer_id, limit.state, limit.insurer_code) == ("000000003", LimitState.APPROVED, "Agreement")
    assert limit.amount == Money("99999999999999.99", "EUR")


def test_a_full_page_may_be_the_last(allianz, allianz_wire):
    insurer = allianz()
    expect_v2(allianz_wire, [v2()], size=1)
    cursor = insurer.list_limits(page_size=1).next_cursor
    expect_v2(allianz_wire, [], page=2, size=1)
    page = insurer.list_limits(page_size=1, cursor=cursor)
    assert (page.items, page.next_cursor) == ((), None)


def test_a_server_that_knows_no_pages_does_not_loop_for_ever(allianz, allianz_wire):
    insurer = allianz()
    expect_v2(allianz_wire, [v2()], size=1)
    cursor = insurer.list_limits(page_size=1).next_cursor
    expect_v2(allianz_wire, [v2()], page=2, size=1)
    with pytest.raises(ResponseFormatError, match="repeats"):
        insurer.list_limits(page_size=1, cursor=cursor)


@pytest.mark.parametrize("cursor", ["0", "-1", "x", "1.5", "\u0661", "~"])
def test_a_cursor_of_somebody_else(allianz, cursor):
    with pytest.raises(InvalidInputError, match="cursor"):
        allianz().list_limits(cursor=cursor)


def test_rows_that_are_no_cover(allianz, allianz_wire):
    """A row without an amount is a decision, too (rule 15); zero or less is no cover, whatever the word beside it."""
    rows = [
        v2("A", amount=None),
        {**v2("B"), "decision": {}},
        {**v2("C"), "decision": {"permanent": None}},
        v2("D", amount=0),
        v2("E", amount=-1),
        v2("F", amount=0, status="Refusal"),
        v2("G", status="Something"),
        v2("H", status="approved"),
        v2("I", amount=None, status="Refusal"),
        v2("J", amount=None, status="CheckPolicy"),
        v2("K", amount=None, status="InProgress"),
    ]
    expect_v2(allianz_wire, rows)
    found = {one.id: one for one in allianz().list_limits().items}
    assert set(found) == {f"cover:{name}" for name in "ABCDEFGHI"}, "a grade and a waiting request are no decision"
    for name in "ABCI":
        known = found[f"cover:{name}"]
        assert (known.state, known.amount) == (known.insurer_code, Money.zero("EUR"))
        assert not isinstance(known.state, LimitState), "the word is known, what it stands for is not"
    for name in "DEF":
        assert (found[f"cover:{name}"].state, found[f"cover:{name}"].amount) == (LimitState.REFUSED, Money.zero("EUR"))
    assert found["cover:G"].state == "Something"
    assert not isinstance(found["cover:H"].state, LimitState)


def test_the_currency_of_limits_must_come_from_somewhere(allianz, allianz_wire):
    insurer = allianz(policy_currency=None)
    expect_v2(allianz_wire, [])
    assert insurer.list_limits().items == (), "nothing to read needs no currency"
    expect_v2(allianz_wire, [v2("COV-1", permanent={"permanentAmount": 5, "currencyCode": "SEK"})])
    assert insurer.list_limits().items[0].amount == Money("5", "SEK")
    expect_v2(allianz_wire, [v2()])
    with pytest.raises(ConfigError, match="TRADECREDIT_POLICY_CURRENCY"):
        insurer.list_limits()


def test_limits_seen_today_are_in_force_today_for_everybody(allianz, allianz_wire):
    """At 11:00 in UTC it is still the day before on Baker Island."""
    insurer = allianz()
    insurer._now = lambda: datetime(2026, 3, 31, 11, 0, tzinfo=timezone.utc)
    expect_v2(allianz_wire, [v2()])
    assert insurer.list_limits().items[0].valid_from == date(2026, 3, 30)


def test_for_one_buyer_the_cover_tells_since_when(allianz, allianz_wire):
    insurer = allianz()
    insurer._now = lambda: datetime(2026, 3, 31, 13, 0, tzinfo=timezone.utc)
    rows = [v2("COV-1"), v2("COV-2", amount=7), v2("COV-3", amount=8)]
    expect_v2(allianz_wire, rows, company="000000001")
    allianz_wire.expect("GET", "/riskinfo/v3/covers/COV-1", COVER)
    allianz_wire.expect("GET", "/riskinfo/v3/covers/COV-2", COVER)
    allianz_wire.expect("GET", "/riskinfo/v3/covers/COV-3", status=404)
    found = insurer.list_limits(buyer_id="000000001").items
    assert [one.valid_from for one in found] == [date(2023, 7, 1), date(2026, 3, 31), date(2026, 3, 31)]


@pytest.mark.parametrize(("status", "state"), [("Refusal", "refused"), ("Terminated", "withdrawn")])
def test_a_refusing_word_without_an_amount_is_read_where_its_guess_is_allowed(allianz, allianz_wire, status, state):
    expect_v2(allianz_wire, [v2(amount=None, status=status)])
    (limit,) = allianz(unverified=True).list_limits().items
    assert (limit.state, limit.amount, limit.insurer_code) == (state, Money.zero("EUR"), status)


def test_a_refusal_without_an_amount_ends_discretionary_cover(allianz, allianz_wire):
    expect_v2(allianz_wire, [v2(amount=None, status="Refusal")])
    policy = Policy(id="P", currency="EUR", discretionary_limit=Money("10", "EUR"))
    assert cover_in_force(allianz().list_limits().items, policy, date(2026, 3, 31)).total is None


def one_buyers(allianz, allianz_wire, *rows):
    """The limit of 100,000 of one buyer on 2026-03-31, whose cover has these rows."""
    insurer = allianz()
    insurer._now = lambda: datetime(2026, 3, 31, 13, 0, tzinfo=timezone.utc)
    expect_v2(allianz_wire, [v2()], company="000000001")
    allianz_wire.expect("GET", "/riskinfo/v3/covers/COV-1", limits(*rows))
    return insurer.list_limits(buyer_id="000000001").items[0]


def test_the_end_in_the_cover_is_the_last_day(allianz, allianz_wire):
    limit = one_buyers(allianz, allianz_wire, row(endDate="2026-04-30"))
    assert (limit.valid_from, limit.valid_until) == (date(2023, 7, 1), date(2026, 4, 30))


@pytest.mark.parametrize("amount", [0, 40000])
def test_a_later_row_with_less_is_an_announced_change(allianz, allianz_wire, amount):
    limit = one_buyers(
        allianz, allianz_wire, row(amount=amount, start="2026-05-01", code="Reduced"), row(endDate="2026-04-30")
    )
    assert (limit.valid_from, limit.valid_until) == (date(2023, 7, 1), None)
    assert limit.announced_change == AnnouncedChange(effective_on=date(2026, 5, 1), amount=Money(amount, "EUR"))


def test_a_later_row_with_more_is_no_cover_yet(allianz, allianz_wire):
    limit = one_buyers(allianz, allianz_wire, row(endDate="2026-04-30"), row(amount=200000, start="2026-05-01"))
    assert (limit.valid_until, limit.announced_change) == (date(2026, 4, 30), None)


def test_a_row_that_is_surely_temporary_says_nothing_of_the_permanent_limit(allianz, allianz_wire):
    temporary = row(start="2026-02-01", endDate="2026-04-30", creditLimitTypeCode="Temporary")
    limit = one_buyers(allianz, allianz_wire, row(), temporary)
    assert (limit.valid_from, limit.valid_until) == (date(2023, 7, 1), None)


def test_a_temporary_limit_needs_its_guess_and_its_end(allianz, allianz_wire):
    whole = {"temporaryAmount": 500, "startDate": "2026-01-01", "endDate": "2026-06-30"}
    rows = [v2("A", temporary=whole), v2("B", temporary={"temporaryAmount": 500})]
    insurer = allianz(unverified=True)
    expect_v2(allianz_wire, rows)
    found = {one.id: one for one in insurer.list_limits().items}
    assert set(found) == {"cover:A", "cover:A:temporary", "cover:B"}
    limit = found["cover:A:temporary"]
    assert (limit.kind, limit.amount, limit.valid_until) == ("temporary", Money("500", "EUR"), date(2026, 6, 30))


def test_a_temporary_limit_is_left_out_without_the_switch(allianz, allianz_wire):
    whole = {"temporaryAmount": 500, "startDate": "2026-01-01", "endDate": "2026-06-30"}
    expect_v2(allianz_wire, [v2("A", temporary=whole)])
    assert [one.id for one in allianz().list_limits().items] == ["cover:A"]


def test_the_waiting_requests_of_one_company(allianz, allianz_wire):
    insurer = allianz()
    details = {"requestedAmount": 50000, "currencyCode": "DKK"}
    rows = [
        {"requestId": "R1", "coverId": "COV-1", "creditLimitDetails": details, "creationDate": "2025-05-01"},
        {"requestId": "R2", "coverId": "COV-2", "creditLimitDetails": None},
    ]
    expect_waiting(allianz_wire, rows, size=2)
    page = insurer.list_applications(page_size=2)
    assert [(one.id, one.state, one.amount) for one in page.items] == [
        ("cover:COV-1", LimitState.REFERRED, Money("50000", "DKK")),
        ("cover:COV-2", LimitState.REFERRED, None),
    ]
    assert page.items[0].raw == rows[0]

    expect_v2(allianz_wire, [v2("COV-2", "000000002", 1)], company="000000002")
    expect_waiting(allianz_wire, rows)
    (only,) = insurer.list_applications(buyer_id="000000002").items
    assert (only.id, only.buyer_id) == ("cover:COV-2", "000000002")


def test_grades_are_in_the_rows_that_carry_nothing_else(allianz, allianz_wire):
    rows = [
        {
            "companyId": "1",
            "companyName": "EXAMPLE AB",
            "companyCountryCode": "SE",
            "coverStatusCode": "CheckPolicy",
            "gradePolicyCoverGradeCode": "04",
        },
        {
            "companyId": "2",
            "companyName": "OTHER AB",
            "companyCountryCode": "SE",
            "coverStatusCode": "Agreement",
            "gradePolicyCoverGradeCode": None,
        },
        {
            "companyId": "3",
            "companyName": "THIRD AB",
            "companyCountryCode": "SE",
            "coverStatusCode": "CheckPolicy",
            "gradePolicyCoverGradeCode": "NA",
        },
    ]
    sent = {"policies": [POLICY], "pagination": pages(1, 3)}
    allianz_wire.expect("POST", "/riskinfo/v3/covers/search", rows, sent=sent)
    page = allianz().list_grades(page_size=3)
    assert [(one.id, one.name, one.country, one.grade) for one in page.items] == [
        ("1", "EXAMPLE AB", "SE", "04"),
        ("3", "THIRD AB", "SE", "NA"),
    ]
    assert page.next_cursor == "2~1"
