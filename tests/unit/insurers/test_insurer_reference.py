"""docs/reference/insurers.md says of each call and each name what the code's own tables say.

`python tests/unit/insurers/test_insurer_reference.py` writes the tables anew.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tradecredit_sdk.insurers.allianz_tables import TABLE, Entry, Trust
from tradecredit_sdk.insurers.allianz_trade import CAPABILITIES as ALLIANZ
from tradecredit_sdk.insurers.allianz_trade import AllianzTradeInsurer
from tradecredit_sdk.insurers.base import Operation
from tradecredit_sdk.insurers.open import OpenInsurer

PAGE = Path(__file__).resolve().parents[3] / "docs" / "reference" / "insurers.md"
TABLES = re.compile(
    r"(?P<start><!-- table: (?P<name>[a-z-]+) -->\n\n)(?P<rows>(?:(?!<!--).)*?)(?P<end>\n\n<!-- end of table -->)",
    re.DOTALL,
)


def operations() -> Iterator[str]:
    yield "| call | `open` | `allianz-trade` | |"
    yield "| --- | --- | --- | --- |"
    for operation in Operation:
        ours = "yes" if operation in OpenInsurer.capabilities.operations else "no"
        theirs = "yes" if operation in ALLIANZ.operations else "no"
        theirs = "behind `unverified`" if operation in ALLIANZ.unverified else theirs
        yield f"| `{operation.value}` | {ours} | {theirs} | {ALLIANZ.notes.get(operation, '')} |"


def trust(entry: Entry) -> str:
    return f"{entry.trust.value}, {entry.seen}×" if entry.seen else entry.trust.value


def entries() -> Iterator[str]:
    yield "| section | key | value | how well known |"
    yield "| --- | --- | --- | --- |"
    for entry in TABLE:
        value = f"`{entry.value}`" if entry.value else ""
        yield f"| `{entry.section}` | `{entry.key}` | {value} | {trust(entry)} |"


RENDERED = {"operations": operations, "allianz-trade": entries}


@pytest.mark.parametrize("name", RENDERED)
def test_the_page_says_what_the_table_says(name: str) -> None:
    (rows,) = [found["rows"] for found in TABLES.finditer(PAGE.read_text()) if found["name"] == name]
    assert rows == "\n".join(RENDERED[name]())


def test_the_page_explains_every_label() -> None:
    text = PAGE.read_text()
    for label in Trust:
        assert f"| {label.value} |" in text


def test_what_the_page_promises_of_page_sizes_is_so() -> None:
    text = PAGE.read_text()
    for insurer in (OpenInsurer, AllianzTradeInsurer):
        size = (ALLIANZ if insurer is AllianzTradeInsurer else insurer.capabilities).max_page_size
        assert f"| `{insurer.name}` | {size:,} |" in text


if __name__ == "__main__":
    PAGE.write_text(
        TABLES.sub(lambda one: one["start"] + "\n".join(RENDERED[one["name"]]()) + one["end"], PAGE.read_text())
    )
