"""The invented companies: valid numbers, the same file at every run, found by name with a slip or two."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from tradecredit_sdk.models.buyer import Identifier
from tradecredit_sdk.sandbox import companies, policies
from tradecredit_sdk.sandbox.problem import Problem

ALL = companies.from_file()
TOOL = Path(__file__).parents[3] / "tools" / "make_companies.py"


def test_there_are_some_three_hundred_in_twenty_five_countries():
    assert 300 <= len(ALL) <= 320
    assert Counter(company.country for company in ALL).keys() == set(policies.COUNTRIES)
    assert len(policies.COUNTRIES) == 25


@pytest.mark.parametrize("field", ["id", "name", "vat", "registration"])
def test_nothing_stands_for_two_companies(field):
    values = [(company.country, getattr(company, field)) for company in ALL if getattr(company, field)]
    assert [value for value, times in Counter(values).items() if times > 1] == []


@pytest.mark.parametrize("company", ALL, ids=lambda company: company.id)
def test_each_number_is_valid_as_it_stands(company):
    assert company.id.isdigit()
    assert len(company.id) == 9
    assert company.registration
    for kind in ("vat", "registration"):
        value = getattr(company, kind)
        if value:
            assert Identifier(type=kind, value=value, country=company.country).value == value
    assert company.grade in {*map(str, range(1, 11)), "NA"}
    assert company.status in {"active", "insolvent", "ceased"}
    assert all((company.name, company.street, company.postal_code, company.town))


def test_leading_zeros_and_letters_of_the_world_are_there():
    assert sum(company.id.startswith("0") for company in ALL) > 290
    assert sum(not company.name.isascii() for company in ALL) > 80
    assert {company.grade for company in ALL} == {*map(str, range(1, 11)), "NA"}


def test_the_generator_makes_this_very_file():
    done = subprocess.run([sys.executable, str(TOOL), "--check"], check=False, timeout=60)
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("name", "country", "found"),
    [
        ("Nordlicht Handels GmbH", "DE", "Nordlicht Handels GmbH"),
        ("nordlicht", "DE", "Nordlicht Handels GmbH"),
        ("NORDLICHT HANDELS", "DE", "Nordlicht Handels GmbH"),
        ("Nordlciht Handel", "DE", "Nordlicht Handels GmbH"),
        ("Zurawiec", "PL", "Żurawiec"),
        ("Cinarova", "TR", "Çınarova"),
        ("mollerup ost", "DK", "Møllerup Øst"),
        ("ミナホシ", "JP", "ミナホシ"),
        ("株式会社ミナホシ", "JP", "ミナホシ"),
        ("새솔강", "KR", "새솔강"),
        ("云砚", "CN", "云砚"),
        ("Sapucaira", "BR", "Sapucaíra"),
    ],
)
def test_a_name_is_found_in_spite_of_accents_case_forms_and_slips(engine, name, country, found):
    hits = engine.buyers.search(name=name, country=country)
    assert hits
    assert found in hits[0].company.name
    assert 60 <= hits[0].score <= 99
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_the_whole_name_scores_higher_than_a_part_and_a_part_higher_than_a_slip(engine):
    names = ("Nordlicht Handels GmbH", "Nordlicht", "Nordlciht")
    scores = [engine.buyers.search(name=name, country="DE")[0].score for name in names]
    assert scores[0] == 99
    assert scores == sorted(scores, reverse=True)
    assert len(set(scores)) == 3


@pytest.mark.parametrize("name", ["gmbh", "x", "Völlig Unbekannt Weltweit", "?!", "有限公司"])
def test_what_says_nothing_finds_nothing_much(engine, name):
    assert [hit for hit in engine.buyers.search(name=name, country="DE") if hit.score > 80] == []


def test_only_the_country_asked_for(engine):
    assert engine.buyers.search(name="Nordlicht", country="AT") == ()
    assert engine.buyers.search(name="Nordlicht", country="XX") == ()


def test_the_town_decides_between_namesakes(engine):
    one, other = engine.buyers.search(name="Møllerup Øst", country="DK")
    assert one.score == other.score
    assert one.company.town != other.company.town
    for twin in (one, other):
        best, _ = engine.buyers.search(name="Møllerup Øst", country="DK", town=twin.company.town.upper())
        assert best.company == twin.company
        best, _ = engine.buyers.search(name="Møllerup Øst", country="DK", postal_code=twin.company.postal_code)
        assert best.company == twin.company


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("vat", "DE136695976"),
        ("vat", "de 136 695 976"),
        ("vat", "136695976"),
        ("registration", "Hamburg HRB 1234"),
        ("registration", "HRB 1234 Hamburg"),
        ("insurer", "000004711"),
    ],
)
def test_an_exact_number_scores_a_hundred_however_it_is_written(engine, kind, value):
    (hit,) = engine.buyers.search(country="DE", identifiers=[(kind, value, None)])
    assert (hit.company.id, hit.score) == ("000004711", 100)


@pytest.mark.parametrize(
    ("kind", "value"),
    [("vat", "DE136695977"), ("registration", "136695976"), ("insurer", "4711"), ("lei", "x"), ("duns", "DE136695976")],
)
def test_a_number_fits_exactly_or_not_at_all(engine, kind, value):
    assert engine.buyers.search(country="DE", identifiers=[(kind, value, None)]) == ()


def test_every_company_is_found_by_each_of_its_numbers(engine):
    for company in ALL[::7]:
        for kind in ("vat", "registration"):
            if getattr(company, kind):
                hits = engine.buyers.search(country=company.country, identifiers=[(kind, getattr(company, kind), None)])
                assert [hit.company.id for hit in hits] == [company.id]


def test_the_number_beats_the_name_and_both_are_shown(engine):
    hits = engine.buyers.search(country="DE", name="Falkstett", identifiers=[("insurer", "000004711", None)])
    assert hits[0].company.id == "000004711"
    assert any("Falkstett" in hit.company.name for hit in hits[1:])
    assert len(engine.buyers.search(country="DE", name="Falkstett", max_results=1)) == 1


def test_the_directory_is_searched_by_any_part(engine):
    found, total = engine.buyers.list(query="licht hand")
    assert ([company.id for company in found], total) == (["000004711"], 1)
    assert engine.buyers.list(query="00000471")[0][0].id == "000004711"
    assert engine.buyers.list(query="DE 136 695")[0][0].id == "000004711"
    assert engine.buyers.list(query="100%")[1] == 0
    assert engine.buyers.list(country="JP")[1] == 12
    first, total = engine.buyers.list(limit=10)
    second, _ = engine.buyers.list(limit=10, offset=10)
    assert total == len(ALL)
    assert len({*first, *second}) == 20


def test_an_unknown_buyer_is_a_problem(engine):
    with pytest.raises(Problem) as caught:
        engine.buyers.get("nobody")
    assert (caught.value.status, caught.value.code) == (404, "buyer_not_found")
