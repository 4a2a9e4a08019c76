"""Numbers that name a company: check digits, separators, prefixes and leading zeros."""

from __future__ import annotations

from importlib import import_module

import pytest
from pydantic import ValidationError
from stdnum.eu.vat import MEMBER_STATES

from tradecredit_sdk.models.buyer import BuyerQuery, Identifier
from tradecredit_sdk.models.country import COUNTRIES
from tradecredit_sdk.models.identifier import _REGISTRATION, bare_number, normalise_identifier


@pytest.mark.parametrize(
    ("kind", "given", "country", "kept"),
    [
        ("vat", "DE 136 695 976", "DE", "DE136695976"),
        ("vat", "136695976", "DE", "DE136695976"),
        ("vat", "de136695976", "DE", "DE136695976"),
        ("vat", "FR 40 303 265 045", "FR", "FR40303265045"),
        ("vat", "U13585627", "AT", "ATU13585627"),
        ("vat", "ATU13585627", "AT", "ATU13585627"),
        ("vat", "NL4495445B01", "NL", "NL004495445B01"),
        ("vat", "094259216", "GR", "EL094259216"),
        ("vat", "EL 094259216", "GR", "EL094259216"),
        ("vat", "CHE-107.787.577 IVA", "CH", "CHE107787577IVA"),
        ("vat", "GB 980 7806 84", "GB", "980780684"),
        ("registration", "001 326 420", "FR", "001326420"),
        ("registration", "0403.019.261", "BE", "0403019261"),
        ("registration", "HRB 1234 Hamburg", "DE", "Hamburg HRB 1234"),
        ("registration", "00123456", "GB", "00123456"),
        ("registration", "5860 7 1234", "SI", None),
        ("lei", "213800KUD8LAJWSQ9D15", None, "213800KUD8LAJWSQ9D15"),
        ("lei", "2138 00KU D8LA JWSQ 9D15", "GB", "213800KUD8LAJWSQ9D15"),
        ("duns", "001234567", None, "001234567"),
        ("insurer", "  000004711 ", None, "000004711"),
        ("vat", "12345", "XK", "12345"),
    ],
)  # fmt: skip
def test_a_number_is_kept_in_one_form(kind: str, given: str, country: str | None, kept: str | None) -> None:
    if kept is None:
        with pytest.raises(ValueError, match="not a valid registration number"):
            normalise_identifier(kind, given, country)
        return
    assert normalise_identifier(kind, given, country) == kept
    assert normalise_identifier(kind, kept, country) == kept
    assert Identifier.model_validate({"type": kind, "value": given, "country": country}).value == kept


@pytest.mark.parametrize(
    ("kind", "value", "country", "words"),
    [
        ("vat", "DE136695977", "DE", "not a valid vat number of DE"),
        ("vat", "FR40303265045", "DE", "not a valid vat number of DE"),
        ("vat", "DE136695976", None, "needs its country"),
        ("registration", "123", None, "needs its country"),
        ("registration", "732829321", "FR", "not a valid registration number of FR"),
        ("lei", "213800KUD8LAJWSQ9D16", None, "not a valid lei number"),
        ("duns", "   ", None, "must not be empty"),
    ],
)
def test_a_wrong_number_is_refused_and_not_repeated(kind: str, value: str, country: str | None, words: str) -> None:
    with pytest.raises(ValueError, match=words) as refused:
        normalise_identifier(kind, value, country)
    assert not value.strip() or value not in str(refused.value)


def test_numbers_are_never_numbers() -> None:
    with pytest.raises(ValidationError):
        Identifier.model_validate({"type": "duns", "value": 1234567})


@pytest.mark.parametrize("country", sorted(_REGISTRATION))
def test_every_register_has_its_check(country: str) -> None:
    assert country in COUNTRIES
    module = import_module(f"stdnum.{_REGISTRATION[country]}")
    assert callable(module.validate)
    with pytest.raises(ValueError, match=f"of {country}"):
        normalise_identifier("registration", "!", country)


@pytest.mark.parametrize("country", sorted(code.upper() for code in MEMBER_STATES if code not in ("el", "xi")))
def test_vat_numbers_of_the_union_are_checked(country: str) -> None:
    with pytest.raises(ValueError, match=f"not a valid vat number of {country}"):
        normalise_identifier("vat", f"{country}1", country)


def test_a_search_needs_something_to_look_for() -> None:
    with pytest.raises(ValidationError, match="a name or an identifier"):
        BuyerQuery(country="DE")
    assert BuyerQuery(country="DE", name="N").max_results == 10


@pytest.mark.parametrize(
    ("country", "one", "other"),
    [
        ("DE", "DE175919696", "DE 175 919 696"),
        ("DE", "DE175919696", "175919696"),
        ("DE", "HRB 61748 München", "München HRB 61748"),
        ("DE", "Deggendorf HRB 12", "HRB 12 Deggendorf"),
        ("GR", "EL094259216", "094259216"),
        ("ES", "ESA12345674", "A-12345674"),
        ("CH", "CHE-123.456.788", "CHE123456788"),
    ],
)
def test_numbers_are_compared_bare(country: str, one: str, other: str) -> None:
    assert bare_number(one, country) == bare_number(other, country)


def test_other_numbers_are_other_numbers() -> None:
    different = ["DE175919696", "HRB 175919696", "HRB 61748 München", "HRA 61748 München", "HRB 61748 Köln", "061748"]
    assert len({bare_number(one, "DE") for one in different}) == len(different)
