"""The companies of the sandbox: read from the company file, found by name or number, changed by what happens to them.

Names are compared without accents, case, punctuation and legal forms, and a slip of the pen is forgiven; a number
fits exactly or not at all. Only companies of the country asked for are looked at.
"""

from __future__ import annotations

import csv
import re
import unicodedata
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, fields
from difflib import SequenceMatcher
from functools import lru_cache
from importlib import resources

from tradecredit_sdk.models.identifier import normalise_identifier
from tradecredit_sdk.sandbox.records import Company, Match

MINIMUM_SCORE = 60
"""Hits below this are not shown."""

EXACT_NUMBER = 100
_EXACT_NAME = 99
_ADDRESS_BONUS = 3

# What NFKD leaves whole.
_LETTERS = str.maketrans(
    {"ß": "ss", "ø": "o", "Ø": "o", "ł": "l", "Ł": "l", "æ": "ae", "Æ": "ae", "œ": "oe", "Œ": "oe", "ı": "i", "đ": "d"}  # noqa: RUF001
)
_LEGAL_FORMS = frozenset(
    {
        "a", "ab", "ag", "aps", "as", "asa", "b", "bv", "c", "co", "corp", "corporation", "cv", "gmbh", "inc", "kg",
        "lda", "limited", "llc", "ltd", "ltda", "ltee", "n", "nv", "o", "oy", "oyj", "p", "plc", "pte", "r", "rl", "s",
        "sa", "sarl", "sas", "sl", "sp", "spa", "srl", "sro", "sti", "v", "z",
    }
)  # fmt: skip
_CJK_FORMS = ("股份有限公司", "有限公司", "株式会社", "有限会社", "주식회사", "(주)")


@lru_cache(maxsize=1)
def from_file() -> tuple[Company, ...]:
    """The invented companies that come with the sandbox."""
    text = resources.files(__package__).joinpath("data/companies.csv").read_text(encoding="utf-8")
    return tuple(Company(**row) for row in csv.DictReader(text.splitlines()))


def as_row(company: Company) -> dict[str, str]:
    """The database row of a company."""
    return {**asdict(company), "search_name": plain_name(company.name)}


def from_row(row: object) -> Company:
    """Back from the database."""
    return Company(**{field.name: row[field.name] for field in fields(Company)})  # type: ignore[index]


def plain_name(name: str) -> str:
    """A name as it is compared: `Ærø & Søn ApS` becomes `aero son`."""
    for form in _CJK_FORMS:
        name = name.replace(form, " ")
    bare = unicodedata.normalize("NFKD", name.translate(_LETTERS).casefold())
    # Korean syllables are taken apart by NFKD; putting them together again loses nothing.
    bare = unicodedata.normalize("NFC", "".join(sign for sign in bare if not unicodedata.combining(sign)))
    words = re.findall(r"\w+", bare)
    kept = [word for word in words if word not in _LEGAL_FORMS]
    return " ".join(kept or words)


def name_score(wanted: str, known: str) -> int:
    """How well two plain names fit, 0 to 100: the better of the whole names and of the words asked for."""
    if wanted == known:
        return _EXACT_NAME
    whole = SequenceMatcher(None, wanted, known).ratio()
    # Scripts without blanks: a part of the name is a word of it.
    part = 0.9 if len(wanted) > 1 and wanted in known else 0.0
    words, there = wanted.split(), known.split()
    if not words or not there:
        return 0
    found = sum(len(word) * max(_likeness(word, other) for other in there) for word in words)
    share = found / sum(map(len, words))
    return round(97 * max(whole, part, share * (0.9 + 0.1 * min(1, len(words) / len(there)))))


@lru_cache(maxsize=4096)
def _likeness(word: str, other: str) -> float:
    if word == other:
        return 1.0
    ratio = SequenceMatcher(None, word, other).ratio()
    return ratio if ratio >= 0.7 else 0.0


def plain_number(kind: str, value: str, country: str | None) -> str:
    """A number as it is compared: letters and digits only, in the form python-stdnum gives it where it can."""
    with suppress(ValueError):  # a wrong number simply fits nobody
        value = normalise_identifier(kind, value, country)
    return "".join(sign for sign in value.upper() if sign.isalnum())


def best(
    candidates: Iterable[tuple[Company, str]],
    *,
    name: str | None,
    identifiers: Sequence[tuple[str, str, str | None]],
    town: str | None,
    postal_code: str | None,
    max_results: int,
) -> tuple[Match, ...]:
    """The best of `candidates` (company, plain name), best first; identifiers are (type, value, country)."""
    wanted = {(kind, plain_number(kind, value, country)) for kind, value, country in identifiers}
    plain = plain_name(name) if name else None
    matches = []
    for company, known in candidates:
        score = EXACT_NUMBER if wanted & numbers_of(company) else 0
        if not score and plain:
            score = min(_EXACT_NAME, name_score(plain, known) + _address_bonus(company, town, postal_code))
        if score >= MINIMUM_SCORE:
            matches.append(Match(company, score))
    return tuple(sorted(matches, key=lambda match: (-match.score, match.company.id))[:max_results])


def numbers_of(company: Company) -> set[tuple[str, str]]:
    """Every number a company can be found by."""
    numbers = {("insurer", company.id)}
    for kind, value in (("vat", company.vat), ("registration", company.registration)):
        if value:
            numbers.add((kind, plain_number(kind, value, company.country)))
    return numbers


def _address_bonus(company: Company, town: str | None, postal_code: str | None) -> int:
    same_town = town is not None and plain_name(town) == plain_name(company.town)
    same_code = postal_code is not None and postal_code.replace(" ", "") == company.postal_code.replace(" ", "")
    return _ADDRESS_BONUS * (same_town or same_code)
