"""A request whose answer was lost: only one clear match is taken, and None means surely nothing."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

import pytest
from allianz_samples import POLICY

from tradecredit_sdk.errors import NoAnswerError, NotFoundError
from tradecredit_sdk.models.limit import LimitRequest, LimitState
from tradecredit_sdk.models.money import Money

SENT = datetime(2026, 3, 31, 8, 0, tzinfo=timezone.utc)
REQUEST = LimitRequest(buyer_id="000000001", amount=Money("50000", "DKK"), reference="REQ-1")
PAGES = {"page": 1, "pageSize": 1000, "isTotalRequired": True}


@pytest.fixture
def find(allianz, allianz_wire):
    """Look for REQUEST; each argument is what the insurer shows, in the order it is asked."""

    def run(listed=(), waiting=(), covers=(), searched=None, again=None, after=timedelta(hours=1), **settings):
        query = {
            "policyId": "012345",
            "businessUnitCode": "EHDK",
            "companyId": "000000001",
            "page": "1",
            "pageSize": "100",
        }
        allianz_wire.expect("GET", "/riskinfo/v2/covers", list(listed), status=206, query=query)
        sent = {"policies": [POLICY], "requestStatusCode": "InProgress", "pagination": PAGES}
        allianz_wire.expect("POST", "/riskinfo/v3/coverRequests/search", list(waiting), sent=sent)
        for cover_id, cover in covers:
            allianz_wire.expect("GET", f"/riskinfo/v3/covers/{cover_id}", cover)
        if again is not None:
            allianz_wire.expect("POST", "/riskinfo/v3/coverRequests/search", list(again), sent=sent)
        if searched is not None:
            sent = {"policies": [POLICY], "pagination": PAGES}
            allianz_wire.expect("POST", "/riskinfo/v3/covers/search", list(searched), sent=sent)
        insurer = allianz(**settings)
        insurer._now = lambda: SENT + after
        return insurer.find_application(REQUEST, SENT)

    return run


def listed(cover="COV-1") -> dict:
    return {"coverId": cover, "coverStatusCode": "Agreement", "company": {"companyId": "000000001"}, "decision": None}


def waiting(cover="COV-1", amount=50000, currency="DKK", day="2026-03-31", **more) -> dict:
    details = {"requestedAmount": amount, "currencyCode": currency}
    return {"requestId": f"R-{cover}", "coverId": cover, "creditLimitDetails": details, "creationDate": day, **more}


def cover(cover_id, amount, start) -> tuple[str, dict]:
    row = {"technicalDecisionStatusCode": "AlreadyAgreed", "amount": amount, "startDate": start}
    return cover_id, {"coverId": cover_id, "creditLimitsAggregation": {"creditLimits": [row]}}


def test_one_waiting_request_of_this_company_amount_and_day(find):
    found = find([listed()], [waiting("COV-9", 1), waiting()])
    assert (found.id, found.reference, found.buyer_id) == ("cover:COV-1", "REQ-1", "000000001")
    assert (found.state, found.amount) == (LimitState.REFERRED, Money("50000", "DKK"))


@pytest.mark.parametrize("more", [{"companyId": "000000001"}, {"company": {"companyId": "000000001"}}])
def test_the_request_may_name_its_company_itself(find, more):
    assert find([], [waiting(**more)]).id == "cover:COV-1"


def test_or_its_cover_names_it(find):
    found = find([], [waiting()], [("COV-1", {"coverId": "COV-1", "companyId": "000000001"})])
    assert found.id == "cover:COV-1"


def test_a_request_of_another_company_is_not_ours(find):
    elsewhere = waiting("COV-7", companyId="000000002")
    unnamed = ("COV-8", {"coverId": "COV-8", "companyId": "000000003"})
    assert find([], [elsewhere, waiting("COV-8")], [unnamed], []) is None


@pytest.mark.parametrize("change", [{"amount": 50001}, {"currency": "EUR"}, {"day": "2026-03-29"}])
def test_another_amount_currency_or_day_is_not_ours(find, change):
    with pytest.raises(NoAnswerError, match="whether this request changed it"):
        find([listed()], [waiting(**change)], [cover("COV-1", 10, "2020-01-01")])


@pytest.mark.parametrize(
    ("rows", "covers"),
    [
        ([waiting(), waiting("COV-2")], []),
        ([waiting(day="2026-03-30")], []),
        ([waiting(day=None)], []),
        ([waiting("COV-8")], [("COV-8", {"coverId": "COV-8"})]),
    ],
)
def test_what_cannot_be_told_stays_unknown(find, rows, covers):
    with pytest.raises(NoAnswerError) as caught:
        find([listed(), listed("COV-2")], rows, covers)
    assert caught.value.reference == "REQ-1"
    assert caught.value.operation == "find_application"


def test_a_limit_of_this_amount_that_began_since(find):
    found = find([listed()], [], [cover("COV-1", 50000, "2026-03-31")], again=[], policy_currency="DKK")
    assert (found.id, found.state, found.decision.amount) == ("cover:COV-1", LimitState.APPROVED, Money("50000", "DKK"))
    assert (found.reference, found.buyer_id) == ("REQ-1", "000000001")


@pytest.mark.parametrize(
    "covers",
    [
        [cover("COV-1", 30000, "2026-03-31")],
        [cover("COV-1", 50000, "2026-03-30")],
        [cover("COV-1", 50000, None)],
        [("COV-1", {"coverId": "COV-1"})],
    ],
)
def test_a_cover_that_may_have_changed_or_not_stays_unknown(find, covers):
    with pytest.raises(NoAnswerError):
        find([listed()], [], covers)


def test_two_new_limits_of_this_amount_stay_unknown(find):
    covers = [cover("COV-1", 50000, "2026-03-31"), cover("COV-2", 50000, "2026-04-01")]
    with pytest.raises(NoAnswerError, match="several covers"):
        find([listed("COV-2"), listed("COV-1")], [], covers)


def test_no_cover_and_no_request_after_a_while_is_surely_nothing(find):
    others = [
        {"companyId": "000000002", "coverStatusCode": "Agreement"},
        {"companyId": "000000001", "coverStatusCode": "CheckPolicy", "gradePolicyCoverGradeCode": "04"},
    ]
    assert find([], [], [], others) is None


def test_a_cover_that_only_the_search_shows_stays_unknown(find):
    """A refusal may leave a row without an amount."""
    with pytest.raises(NoAnswerError):
        find([], [], [], [{"companyId": "000000001", "coverStatusCode": "Refusal"}])


@pytest.mark.parametrize("minutes", [0, 1, 14])
def test_a_job_that_may_still_be_running_is_not_nothing(find, minutes):
    with pytest.raises(NoAnswerError, match="quarter of an hour"):
        find([], [], [], [], after=timedelta(minutes=minutes))


def test_a_listing_that_is_gone_is_not_nothing(allianz, allianz_wire):
    query = {"policyId": "012345", "businessUnitCode": "EHDK", "companyId": "000000001", "page": "1", "pageSize": "100"}
    allianz_wire.expect("GET", "/riskinfo/v2/covers", status=404, query=query)
    with pytest.raises(NotFoundError):
        allianz().find_application(REQUEST, SENT)


@pytest.mark.parametrize("changes", [{"action": "cancel", "amount": None}, {"action": "decrease"}])
def test_a_change_of_a_cover_cannot_be_looked_for(allianz, changes):
    with pytest.raises(NoAnswerError):
        allianz().find_application(LimitRequest(**{**dict(REQUEST), **changes}), SENT)


def test_with_the_guessed_name_of_a_reference_it_is_found_by_it(find):
    rows = [waiting(), waiting("COV-2", 1, "EUR", "2020-01-01", customerReference="REQ-1")]
    assert find([listed()], rows, unverified=True).id == "cover:COV-2"


def test_requests_on_later_pages_are_seen(allianz, allianz_wire):
    insurer = allianz()
    insurer._now = lambda: SENT + timedelta(hours=1)
    query = {"policyId": "012345", "businessUnitCode": "EHDK", "companyId": "000000001", "page": "1", "pageSize": "100"}
    allianz_wire.expect("GET", "/riskinfo/v2/covers", [listed("COV-1")], status=206, query=query)
    full = [waiting(f"OTHER-{n}", n) for n in range(1000)]
    for page, rows in ((1, full), (2, [waiting()])):
        sent = {"policies": [POLICY], "requestStatusCode": "InProgress", "pagination": {**PAGES, "page": page}}
        allianz_wire.expect("POST", "/riskinfo/v3/coverRequests/search", rows, sent=sent)
    assert insurer.find_application(REQUEST, SENT).id == "cover:COV-1"
