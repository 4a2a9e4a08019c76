"""Days, moments, codes and ids: what is accepted, what is refused, and in which words."""

from __future__ import annotations

from datetime import date, datetime, timedelta, timezone
from typing import Any

import pytest
from babel import Locale
from pydantic import TypeAdapter, ValidationError

from tradecredit_sdk.models.base import Country, Day, Days, Flag, Id, Instant, Percent, Reference, parse_day
from tradecredit_sdk.models.buyer import Buyer
from tradecredit_sdk.models.country import COUNTRIES, check_country
from tradecredit_sdk.models.event import Event, EventType
from tradecredit_sdk.models.limit import CreditLimit, LimitKind, LimitPosition, LimitRequest, LimitState
from tradecredit_sdk.models.order import Order
from tradecredit_sdk.models.problems import field_problems

EURO = {"amount": "1.00", "currency": "EUR"}


def read(kind: Any, value: object) -> Any:
    return TypeAdapter(kind).validate_python(value)


def refused(kind: Any, value: object) -> str:
    with pytest.raises(ValidationError) as error:
        read(kind, value)
    return field_problems(error.value)[0][1]


def test_a_day_is_a_date_or_its_iso_form() -> None:
    assert read(Day, "2026-03-31") == read(Day, date(2026, 3, 31)) == date(2026, 3, 31)
    assert TypeAdapter(Day).dump_json(date(2026, 3, 31)) == b'"2026-03-31"'


@pytest.mark.parametrize(
    "value",
    ["20240131", "31.01.2024", "01/31/2024", "2024-1-31", "2024-01-31T00:00:00", "2024-01-31 ", "2024-01-31\n", "1706659200", 1706659200,
     "２０２４-01-31", datetime(2024, 1, 31), datetime(2024, 1, 31, tzinfo=timezone.utc), 1.5, True, None, ""],
)  # fmt: skip
def test_no_other_form_of_a_day(value: object) -> None:
    assert "YYYY-MM-DD" in refused(Day, value)


@pytest.mark.parametrize("value", ["2026-02-29", "2026-13-01", "2026-00-10", "0000-01-01"])
def test_a_day_must_exist(value: str) -> None:
    assert refused(Day, value) == "there is no such day in the calendar"
    with pytest.raises(ValueError, match="no such day"):
        parse_day(value)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-31T08:00:00Z", datetime(2026, 3, 31, 8, tzinfo=timezone.utc)),
        ("2026-03-31 08:00:00+00:00", datetime(2026, 3, 31, 8, tzinfo=timezone.utc)),
        ("2026-03-31T08:00:00.5Z", datetime(2026, 3, 31, 8, 0, 0, 500000, tzinfo=timezone.utc)),
        ("2026-03-31T08:00:00.123456789Z", datetime(2026, 3, 31, 8, 0, 0, 123456, tzinfo=timezone.utc)),
        ("2026-03-31T10:30:00.000+0230", datetime(2026, 3, 31, 8, tzinfo=timezone.utc)),
    ],
)
def test_a_moment_keeps_its_zone_in_the_forms_insurers_write(text: str, moment: datetime) -> None:
    assert read(Instant, text) == moment
    assert read(Instant, text).utcoffset() == (timedelta(hours=2, minutes=30) if "0230" in text else timedelta(0))


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("2026-03-31T08:00:00", "time zone"), (datetime(2026, 3, 31, 8), "time zone"), ("2026-03-31", "ISO 8601"),
        (1775000000, "ISO 8601"), ("2026-02-30T08:00:00Z", "no such moment"), ("2026-03-31T25:00:00Z", "no such moment"),
        (date(2026, 3, 31), "ISO 8601"), (None, "ISO 8601"),
    ],
)  # fmt: skip
def test_a_moment_without_its_zone_is_refused(value: object, words: str) -> None:
    assert words in refused(Instant, value)


def test_the_countries_are_those_of_the_world() -> None:
    # CLDR also names groups, and places for which the standard only reserves a code.
    others = {"AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"}
    world = {code for code in Locale("en").territories if len(code) == 2 and code.isalpha()}
    assert world - others == COUNTRIES


@pytest.mark.parametrize(
    ("value", "words"),
    [("UK", "did you mean GB"), ("EL", "did you mean GR"), ("de", "did you mean DE"), (" DE ", "did you mean DE"),
     ("ZZ", "such as DE"), ("DEU", "such as DE"), ("", "such as DE"), (None, "such as DE"), (49, "such as DE")],
)  # fmt: skip
def test_a_country_that_does_not_exist_is_refused_with_a_hint(value: object, words: str) -> None:
    assert words in refused(Country, value)
    with pytest.raises(ValueError, match="ISO 3166-1"):
        check_country(value)


def test_an_id_is_a_string_and_keeps_its_zeros() -> None:
    assert read(Id, "000004711") == "000004711"
    for value in (4711, None, "", "a b", "a/b", "a\\b", "a?b", "a#b", "a%2Fb", "a\n", "x" * 65):
        assert refused(Id, value)


def test_a_reference_has_at_most_twenty_plain_characters() -> None:
    assert read(Reference, "Req_42.a-" + "x" * 11) == "Req_42.a-" + "x" * 11
    assert "at most 20" in refused(Reference, "x" * 21)
    for value in ("", "-1", ".1", "a b", "ä", "a/b", "a\n"):
        assert refused(Reference, value)


def test_numbers_and_flags_are_not_guessed() -> None:
    assert read(Days, 30) == 30
    assert read(Flag, False) is False
    for value in ("30", 30.0, True, -1, 3651):
        assert refused(Days, value)
    for value in ("yes", 1, "true", None):
        assert refused(Flag, value)
    for value in ("100.01", -1, 90.0, "ninety", True):
        assert refused(Percent, value)


def test_an_unknown_code_of_an_insurer_stays_text_and_a_known_one_becomes_ours() -> None:
    row = {"id": "L", "buyer_id": "B", "amount": EURO, "valid_from": "2026-03-31"}
    known = CreditLimit.model_validate({**row, "state": "reduced", "kind": "top_up"})
    assert (known.state, known.kind) == (LimitState.REDUCED, LimitKind.TOP_UP)
    assert type(known.state) is LimitState
    unknown = CreditLimit.model_validate({**row, "state": "frozen", "kind": "framework"})
    assert (unknown.state, unknown.kind) == ("frozen", "framework")
    assert type(unknown.state) is str
    event = Event.model_validate({"id": "E", "type": "moon.landed", "occurred_at": "2026-03-31T08:00:00Z"})
    assert not isinstance(event.type, EventType)


def test_what_we_send_refuses_unknown_fields_and_what_we_hear_keeps_them() -> None:
    with pytest.raises(ValidationError) as error:
        LimitRequest.model_validate({"buyer_id": "B", "amount": EURO, "ammount": EURO})
    assert field_problems(error.value) == (("ammount", "is not a known field"),)
    heard = Buyer.model_validate({"id": "B", "name": "N", "country": "DE", "colour": "blue"})
    assert heard.model_extra == {"colour": "blue"}


def test_models_cannot_be_changed_and_hold_no_lists() -> None:
    order = Order.model_validate({"amount": EURO})
    with pytest.raises(ValidationError, match="frozen"):
        order.amount = None  # type: ignore[assignment]
    position = LimitPosition.model_validate({"buyer_id": "B", "limits": [], "applications": []})
    assert position.limits == position.applications == ()


# ---- words ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "path", "words"),
    [
        ({}, "buyer_id", "is missing"),
        ({"buyer_id": 4711}, "buyer_id", "must be a valid string"),
        ({"buyer_id": "a b"}, "buyer_id", "must be an id without blanks"),
        ({"kind": "forever"}, "kind", "must be 'permanent'"),
        ({"reference": "-"}, "reference", "begin with a letter"),
        ({"terms_days": "30"}, "terms_days", "must be a valid integer"),
        ({"terms_days": 3651}, "terms_days", "must be less than or equal to 3650"),
        ({"amount": {"amount": "1.00", "currency": "EUR", "x": 1}}, "amount", "money is written"),
        ({"amount": {"amount": "0.00", "currency": "EUR"}}, "LimitRequest", "amount must be greater than zero"),
        ({"valid_until": "2026-02-30"}, "valid_until", "no such day"),
    ],
)
def test_a_problem_names_the_field_and_what_to_write(given: dict[str, Any], path: str, words: str) -> None:
    usual = {"amount": EURO} if given == {} else {"buyer_id": "B", "amount": EURO}
    with pytest.raises(ValidationError) as error:
        LimitRequest.model_validate({**usual, **given})
    (found, message), *_ = field_problems(error.value)
    assert found == path
    assert words in message
    assert field_problems(error.value, "request")[0][0] == ("request" if path == "LimitRequest" else f"request.{path}")


def test_every_wrong_field_is_named_once_with_its_place() -> None:
    rows = [
        {"id": 7, "buyer_id": "B", "amount": {"amount": 1.5, "currency": "EUR"}, "valid_from": "31.3.2026", "state": 3},
        5,
    ]
    with pytest.raises(ValidationError) as error:
        LimitPosition.model_validate({"buyer_id": "B", "limits": rows})
    problems = dict(field_problems(error.value, "answer"))
    assert set(problems) == {f"answer.limits.0.{name}" for name in ("id", "amount", "valid_from", "state")} | {
        "answer.limits.1"
    }
    assert problems["answer.limits.0.state"] == "must be a valid string"
    assert "1.5" not in str(problems)
