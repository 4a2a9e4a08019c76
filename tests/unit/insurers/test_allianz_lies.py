"""Allianz Trade's interface answers what it should not: each lie is an error that names the field, and never cover."""

from __future__ import annotations

from decimal import Decimal

import pytest
from allianz_samples import LINK, expect_cover, expect_v2, limits, row, v2

from tradecredit_sdk.errors import ResponseFormatError
from tradecredit_sdk.models.money import Money


def wrong_fields(caught: pytest.ExceptionInfo[ResponseFormatError]) -> list[str]:
    assert (caught.value.insurer, caught.value.request_id) == ("allianz-trade", "req-7")
    return [item.field for item in caught.value.fields]


WRONG_AMOUNTS = [True, "", "1.000,00", "100 000", "lots", "1e400", [100000], {"amount": 1}, Decimal("0.001"), 10**15]


@pytest.mark.parametrize("amount", [100000, Decimal("100000.00"), "100000", "100000.00"])
def test_an_amount_is_read_exactly_also_from_a_string_of_digits(allianz, allianz_wire, amount):
    expect_v2(allianz_wire, [v2(amount=amount)])
    expect_cover(allianz_wire, limits(row(amount=amount)))
    insurer = allianz()
    assert insurer.list_limits().items[0].amount == Money("100000", "EUR")
    assert insurer.limit_decision("cover:COV-1").amount == Money("100000", "EUR")


@pytest.mark.parametrize("amount", WRONG_AMOUNTS)
def test_what_is_no_amount_is_no_limit(allianz, allianz_wire, amount):
    expect_v2(allianz_wire, [v2(), v2("COV-2", amount=amount)])
    with pytest.raises(ResponseFormatError) as caught:
        allianz().list_limits()
    assert wrong_fields(caught) == ["1.decision.permanent.permanentAmount"]


@pytest.mark.parametrize("amount", [*WRONG_AMOUNTS, 0, -1, None])
def test_what_is_no_amount_is_no_decision(allianz, allianz_wire, amount):
    expect_cover(allianz_wire, limits(row(amount=amount)))
    with pytest.raises(ResponseFormatError) as caught:
        allianz().limit_decision("cover:COV-1")
    assert wrong_fields(caught) == ["creditLimitsAggregation.creditLimits.0.amount"]


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"coverId": 1}, "0.coverId"),
        ({"coverId": None}, "0.coverId"),
        ({"coverStatusCode": 1}, "0.coverStatusCode"),
        ({"coverStatusCode": ""}, "0.coverStatusCode"),
        ({"company": {"companyId": 1}}, "0.company.companyId"),
        ({"company": "000000001"}, "0.company"),
        ({"decision": "Agreement"}, "0.decision"),
        ({"decision": {"permanent": 100000}}, "0.decision.permanent"),
        ({"currencyCode": 978}, "0.currencyCode"),
    ],
)
def test_a_limit_of_wrong_types(allianz, allianz_wire, changes, field):
    expect_v2(allianz_wire, [{**v2(), **changes}])
    with pytest.raises(ResponseFormatError) as caught:
        allianz().list_limits()
    assert wrong_fields(caught) == [field]


@pytest.mark.parametrize(
    ("cover", "field"),
    [
        ({"creditLimitsAggregation": []}, "creditLimitsAggregation"),
        ({"creditLimitsAggregation": {"creditLimits": {}}}, "creditLimitsAggregation.creditLimits"),
        (limits("AlreadyAgreed"), "creditLimitsAggregation.creditLimits.0"),
        (limits(row(code=None)), "creditLimitsAggregation.creditLimits.0.technicalDecisionStatusCode"),
        (limits(row(start="01.07.2023")), "creditLimitsAggregation.creditLimits.0.startDate"),
        (limits(row(start=20230701)), "creditLimitsAggregation.creditLimits.0.startDate"),
        (limits(row(), row(amount=1)), "creditLimitsAggregation.creditLimits.1.startDate"),
        (limits(row(currencyCode="EURO")), "creditLimitsAggregation.creditLimits.0.amount"),
        (limits(row(currencyCode=978)), "creditLimitsAggregation.creditLimits.0.currencyCode"),
    ],
)
def test_a_cover_of_wrong_types(allianz, allianz_wire, cover, field):
    expect_cover(allianz_wire, cover)
    with pytest.raises(ResponseFormatError) as caught:
        allianz().limit_decision("cover:COV-1")
    assert wrong_fields(caught) == [field]


@pytest.mark.parametrize("body", [[], [limits(row())], "AlreadyAgreed", 7])
def test_a_cover_that_is_none(allianz, allianz_wire, body):
    allianz_wire.expect("GET", "/riskinfo/v3/covers/COV-1", body)
    with pytest.raises(ResponseFormatError) as caught:
        allianz().limit_decision("cover:COV-1")
    assert wrong_fields(caught) == ["answer"]


@pytest.mark.parametrize(
    ("job", "field"),
    [
        ([], "answer"),
        ({}, "jobStatusCode"),
        ({"jobStatusCode": 1}, "jobStatusCode"),
        ({"jobStatusCode": "PROCESSED"}, "resourceUrl"),
        ({"jobStatusCode": "PROCESSED", "resourceUrl": [LINK]}, "resourceUrl"),
    ],
)
def test_a_job_of_wrong_types(allianz, allianz_wire, job, field):
    allianz_wire.expect("GET", "/riskinfo/v3/jobs/J-1", job)
    with pytest.raises(ResponseFormatError) as caught:
        allianz().get_application("J-1")
    assert wrong_fields(caught) == [field]


@pytest.mark.parametrize("body", [{}, "none", 7, [7], [["COV-1"]]])
def test_a_listing_that_is_none(allianz, allianz_wire, body):
    expect_v2(allianz_wire, body)
    with pytest.raises(ResponseFormatError):
        allianz().list_limits()


@pytest.mark.parametrize("content_type", ["text/html; charset=utf-8", "application/json"])
def test_html_for_json(allianz, allianz_wire, content_type):
    page = "<html>Sign in, 4711</html>"
    allianz_wire.expect("GET", "/riskinfo/v3/jobs/J-1", body=page, content_type=content_type)
    with pytest.raises(ResponseFormatError) as caught:
        allianz().get_application("J-1")
    assert "4711" not in str(caught.value)


def test_no_value_of_an_answer_is_in_the_error(allianz, allianz_wire):
    """An error text goes into logs and tickets; the figures of a business do not belong there."""
    expect_v2(allianz_wire, [v2(amount="123456,78")])
    with pytest.raises(ResponseFormatError) as caught:
        allianz().list_limits()
    error = caught.value
    assert "123456" not in str(error) + repr(error.to_dict()) + repr(error.__cause__) + repr(error.__context__)
