"""Write the sandbox's company file: some 300 invented companies in 25 countries, the same ones at every run.

    python tools/make_companies.py            rewrite tradecredit_sdk/sandbox/data/companies.csv
    python tools/make_companies.py --check    exit code 1 when the file is not what this program makes

Numbers are drawn at random and completed with the check digits that python-stdnum accepts, so they are valid in form;
the companies are not real.
"""

from __future__ import annotations

import csv
import io
import random
import string
import sys
from collections.abc import Iterator
from itertools import product
from pathlib import Path

from company_words import COUNTRIES, Words

from tradecredit_sdk.models.buyer import Identifier

FILE = Path(__file__).resolve().parent.parent / "tradecredit_sdk" / "sandbox" / "data" / "companies.csv"
COLUMNS = ["id", "name", "country", "vat", "registration", "street", "postal_code", "town", "grade", "status"]
SEED = 4505
PER_COUNTRY = 12
GRADES = [
    "1",
    "2",
    "2",
    "3",
    "3",
    "3",
    "4",
    "4",
    "4",
    "4",
    "5",
    "5",
    "5",
    "6",
    "6",
    "6",
    "7",
    "7",
    "8",
    "8",
    "9",
    "10",
    "NA",
]

FIXED = {
    "900000001": ("Zusage", "2"),
    "900000002": ("Halbe Zusage", "5"),
    "900000003": ("Absage", "9"),
    "900000004": ("Kurze Prüfung", "4"),
    "900000005": ("Herabsetzung", "6"),
    "900000006": ("Aufhebung", "7"),
    "900000007": ("Handprüfung", "4"),
    "900000008": ("Insolvenz", "10"),
    "900000009": ("US-Dollar", "3"),
    "900000010": ("Bedingung", "5"),
}
"""The buyers whose behaviour is fixed, with their grades; `underwriting.py` says what each one does."""

POSTAL_WORDS = {"SE": 2, "CZ": 2, "GB": 2, "CA": 2, "NL": 2}


def number(pattern: str, kind: str, country: str, chance: random.Random) -> str:
    """Draw the `#` of `pattern` and search the `?` until the number is valid; empty when there is no pattern."""
    while pattern:
        drawn = "".join(chance.choice(string.digits) if sign == "#" else sign for sign in pattern)
        for candidate in filled(drawn):
            try:
                value = Identifier(type=kind, value=candidate, country=country).value  # type: ignore[arg-type]
            except ValueError:
                continue
            # Normalising twice changes nothing, or a number read back from the file would be another one.
            if Identifier(type=kind, value=value, country=country).value == value:  # type: ignore[arg-type]
                return value
    return ""


def filled(drawn: str) -> Iterator[str]:
    """Every way to write characters for the `?`."""
    signs = string.digits + (string.ascii_uppercase if drawn.count("?") == 1 or drawn.startswith("9132") else "")
    for choice in product(signs, repeat=drawn.count("?")):
        left = iter(choice)
        yield "".join(next(left) if sign == "?" else sign for sign in drawn)


def company(country: str, words: Words, root: str, name: str, chance: random.Random) -> dict[str, str]:
    """One row without its id."""
    *postal, town = chance.choice(words.of("places")).split(" ", POSTAL_WORDS.get(country, 1))
    registration = number(words.registration.replace("{town}", town), "registration", country, chance)
    return {
        "name": name.replace("{root}", root).replace("{trade}", chance.choice(words.of("trades"))),
        "country": country,
        "vat": number(words.vat.replace("{registration}", registration), "vat", country, chance),
        "registration": registration,
        "street": chance.choice(words.of("streets")).replace("{n}", str(chance.randint(1, 180))),
        "postal_code": " ".join(postal),
        "town": town,
        "grade": chance.choice(GRADES),
        "status": "active",
    }


def country_rows(country: str, words: Words, chance: random.Random) -> list[dict[str, str]]:
    """The companies of one country; two roots serve twice, as sister companies do."""
    roots = words.of("roots")
    chosen = roots + chance.sample(roots, PER_COUNTRY - len(roots))
    rows: dict[str, dict[str, str]] = {}
    for root in chosen:
        row = company(country, words, root, chance.choice(words.of("names")), chance)
        while row["name"] in rows:
            row = company(country, words, root, chance.choice(words.of("names")), chance)
        rows[row["name"]] = row
    return list(rows.values())


def all_rows() -> list[dict[str, str]]:
    """Every company, in the order of its id; the example of the `open` contract among them."""
    chance = random.Random(SEED)
    rows = [row for country, words in COUNTRIES.items() for row in country_rows(country, words, chance)]
    for row in chance.sample(rows, 7):
        row["status"], row["grade"] = ("ceased", "NA") if row["grade"] == "NA" else ("insolvent", "10")
    for row in chance.sample([row for row in rows if row["status"] == "active"], 3):
        row["status"], row["grade"] = "ceased", "NA"
    ids = [f"{value:09d}" for value in chance.sample(range(10_000, 40_000_000), len(rows))]
    for row, made in zip(rows, ids, strict=True):
        row["id"] = made
    return sorted([*rows, example(), *fixed_rows(chance)], key=lambda row: row["id"])


def example() -> dict[str, str]:
    """The company of the contract's examples, so that they can be tried as they stand."""
    address = {"street": "Hafenstr. 1", "postal_code": "20457", "town": "Hamburg"}
    numbers = {"vat": "DE136695976", "registration": "Hamburg HRB 1234"}
    return {"id": "000004711", "name": "Nordlicht Handels GmbH", "country": "DE", **numbers, **address, "grade": "4", "status": "active"}  # fmt: skip


def fixed_rows(chance: random.Random) -> list[dict[str, str]]:
    """The buyers of fixed behaviour."""
    rows = []
    for made, (word, grade) in FIXED.items():
        row = company("DE", COUNTRIES["DE"], "Sandbox", f"{{root}} {word} GmbH", chance)
        rows.append({**row, "id": made, "grade": grade, "status": "insolvent" if word == "Insolvenz" else "active"})
    return rows


def as_csv(rows: list[dict[str, str]]) -> str:
    """The text of the file."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, COLUMNS, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def main() -> int:
    """Write or check."""
    text = as_csv(all_rows())
    if "--check" in sys.argv[1:]:
        return int(FILE.read_text(encoding="utf-8") != text)
    FILE.parent.mkdir(exist_ok=True)
    FILE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
