"""Damage to a CSV file costs the damaged line and no other; a file that is no table is refused as a whole."""

from __future__ import annotations

import pytest
from ledger_lines import GOOD, LEDGER, Folder, line, named, problems

from tradecredit_sdk.cli.ledger_files import Ledger
from tradecredit_sdk.errors import InvalidInputError

# ---- wrong lines ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (GOOD.rsplit(",", 1)[0], "has 11 values where the header names 12 columns"),
        (
            GOOD.replace("Nordlicht GmbH", "Nordlicht, GmbH"),
            "has 13 values where the header names 12 columns; put quotes",
        ),
        ("C1", "has 1 values"),
    ],
)
def test_a_line_of_another_width(folder: Folder, text: str, words: str) -> None:
    ledger = folder.ledger(GOOD, text, GOOD)
    assert len(list(ledger)) == 2
    assert problems(ledger) == [(3, "")]
    assert words in ledger.problems[0].message
    assert named(ledger) == {"C1": 1}


OPEN_QUOTES = [
    'C2,"Nordlicht GmbH,DE,,,,R-2,invoice,2026-04-15,1.00,,EUR',
    'C2,"Nordlicht" GmbH,DE,,,,R-2,invoice,2026-04-15,1.00,,EUR',
    'C2,Nordlicht GmbH,DE,,,,R-2,invoice,2026-04-15,1.00,,"EUR',
]


@pytest.mark.parametrize("broken", OPEN_QUOTES)
@pytest.mark.parametrize("after", [0, 1, 5])
@pytest.mark.parametrize("quoted", [False, True])
def test_an_open_quote_swallows_no_line_after_it(folder: Folder, broken: str, after: int, quoted: bool) -> None:
    good = line(name="Nordlicht, GmbH") if quoted else GOOD
    ledger = folder.ledger(good, broken, *[good] * after)
    assert len(list(ledger)) == 1 + after
    assert problems(ledger) == [(3, "")]
    assert "quote" in ledger.problems[0].message
    assert named(ledger) == {"C2": 1}


def test_two_open_quotes_that_close_each_other_hide_nothing(folder: Folder) -> None:
    first, second = (
        'C2,"Nordlicht,DE,,,,R-2,invoice,2026-04-15,1.00,,EUR',
        'C3,Nord",DE,,,,R-3,invoice,2026-04-15,1.00,,EUR',
    )
    ledger = folder.ledger(GOOD, first, line(customer="C8"), line(customer="C9"), second, GOOD)
    assert [item.customer for item in ledger] == ["C1", "C8", "C9", "C3", "C1"]
    assert problems(ledger) == [(3, "")]


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_a_line_that_closes_the_quote_of_the_line_before_is_not_lost(folder: Folder, newline: str) -> None:
    first, second = (
        'C2,"Nordlicht,DE,,,,R-2,invoice,2026-04-15,1.00,,EUR',
        'C3,Nord",DE,,,,R-3,invoice,2026-04-15,1.00,,EUR',
    )
    ledger = folder.ledger(first, second, GOOD, newline=newline)
    assert [item.customer for item in ledger] == ["C3", "C1"]
    assert problems(ledger) == [(2, "")]


def test_a_customer_number_that_is_broken_itself_names_nobody(folder: Folder) -> None:
    ledger = folder.ledger('"C2,Nordlicht GmbH', GOOD)
    assert len(list(ledger)) == 1
    assert problems(ledger) == [(2, "")]
    assert named(ledger) == {}


def test_every_line_may_be_broken(folder: Folder) -> None:
    ledger = folder.ledger(*OPEN_QUOTES, GOOD, *OPEN_QUOTES)
    assert [item.customer for item in ledger] == ["C1"]
    assert [number for number, _ in problems(ledger)] == [2, 3, 4, 6, 7, 8]


def test_an_open_quote_in_a_long_file_is_found(folder: Folder) -> None:
    good = line(name="x" * 200)
    ledger = folder.ledger(OPEN_QUOTES[0], *[good] * 2000)
    assert len(list(ledger)) == 2000
    assert problems(ledger) == [(2, "")]


def test_bytes_that_are_not_utf_8_are_named_where_they_stand(folder: Folder) -> None:
    lines = [LEDGER, GOOD, line(name="Müller", customer="C2"), line(name="日本", customer="C3")]
    content = "\n".join(lines).encode().replace("ü".encode(), b"\xfc")
    ledger = Ledger(folder.raw("ledger.csv", content))
    assert [item.customer for item in ledger] == ["C1", "C3"]
    assert problems(ledger) == [(3, "name")]
    assert "0xFC is not UTF-8: save the file in UTF-8" in ledger.problems[0].message
    assert named(ledger) == {"C2": 1}


def test_nul_bytes_are_named(folder: Folder) -> None:
    damaged = line(name="Nord?licht", customer="C2").replace("?", "\0")
    ledger = folder.ledger(GOOD, damaged, GOOD)
    assert [item.customer for item in ledger] == ["C1", "C1"]
    assert problems(ledger) == [(3, "name")]
    assert "NUL" in ledger.problems[0].message


def test_bytes_in_a_line_that_is_broken_too(folder: Folder) -> None:
    content = f"{LEDGER}\n{GOOD}\n".encode() + b'C2,"M\xfcller,DE\n' + GOOD.encode()
    ledger = Ledger(folder.raw("ledger.csv", content))
    assert len(list(ledger)) == 2
    assert problems(ledger) == [(3, "")]


# ---- wrong files ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("header", "words"),
    [
        (
            LEDGER.replace("amount", "ammount"),
            ["amount: is missing", "ammount: is not a known column: did you mean amount?"],
        ),
        (LEDGER + ",salesman", ["salesman: is not a known column: known are customer, name"]),
        (LEDGER + ",amount", ["amount: is there twice"]),
        (LEDGER + ",", ["number 13: is not a known column"]),
        (LEDGER.replace(",", "\t"), ["columns are separated by , or by ;"]),
        (GOOD, ["customer: is missing", "currency: is missing"]),
        ('"' + LEDGER, ["is missing"]),
        ("x", ["customer: is missing"]),
    ],
)
def test_a_wrong_header_is_explained_in_full(folder: Folder, header: str, words: list[str]) -> None:
    ledger = folder.ledger(GOOD, header=header)
    with pytest.raises(InvalidInputError) as error:
        list(ledger)
    assert "ledger.csv: the header in line 1 is wrong" in str(error.value)
    assert all(word in str(error.value) for word in words)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty; its first line must name the columns: customer, name"),
        (b"\n  \n", "is empty"),
        (f"{LEDGER}\n{GOOD}".encode("utf-16"), "UTF-16: save it in UTF-8"),
        (f"{LEDGER}\n".encode("utf-16-le"), "not a text file"),
        (b"PK\x03\x04\x00\x00", "not a text file in UTF-8: save it as CSV"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "not a text file"),
    ],
)
def test_a_file_that_is_no_table(folder: Folder, content: bytes, words: str) -> None:
    with pytest.raises(InvalidInputError, match=words):
        list(Ledger(folder.raw("ledger.csv", content)))


def test_a_file_that_cannot_be_opened(folder: Folder) -> None:
    for path in (folder.path / "nowhere.csv", folder.path):
        with pytest.raises(InvalidInputError, match="cannot be read"):
            list(Ledger(path))
