"""The four forms of data, and what a terminal must never be sent."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from rich.cells import cell_len

from tradecredit_sdk.cli.failure import printable
from tradecredit_sdk.cli.output import Column, emit, emit_as_they_come, emit_one, flat
from tradecredit_sdk.models.limit import CreditLimit, LimitDecision
from tradecredit_sdk.models.money import Money

COLUMNS = (
    Column("id", "id"),
    Column("name", "name"),
    Column("amount", "amount", currency="currency"),
    Column("state", "state"),
    Column("note"),
)
RECORDS: list[dict[str, Any]] = [
    {
        "id": "0001",
        "name": "株式会社さくら商事",
        "amount": "30000.00",
        "currency": "EUR",
        "state": "partly_approved",
        "note": "a",
    },
    {"id": "2", "name": 'Müller, "Söhne"', "amount": None, "currency": None, "state": None, "note": None},
    {"id": "3", "name": "Zero", "amount": "0.00", "currency": "EUR", "state": "refused", "note": ["x", "y"]},
]


def test_json_is_one_list_with_amounts_as_strings(capsys: pytest.CaptureFixture[str]) -> None:
    emit("json", RECORDS, COLUMNS)
    assert json.loads(capsys.readouterr().out) == RECORDS
    emit("json", [], COLUMNS)
    assert json.loads(capsys.readouterr().out) == []


def test_ndjson_is_one_object_a_line_and_nothing_for_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    emit("ndjson", RECORDS, COLUMNS)
    assert [json.loads(line) for line in capsys.readouterr().out.splitlines()] == RECORDS
    emit("ndjson", [], COLUMNS)
    assert capsys.readouterr().out == ""


def test_csv_keeps_its_header_when_empty_and_none_apart_from_zero(capsys: pytest.CaptureFixture[str]) -> None:
    emit("csv", RECORDS, COLUMNS)
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["amount"] for row in rows] == ["30000.00", "", "0.00"]
    assert rows[0]["id"] == "0001"
    assert rows[1]["name"] == RECORDS[1]["name"]
    assert rows[2]["note"] == "x; y"
    emit("csv", [], COLUMNS)
    assert capsys.readouterr().out == "id,name,amount,currency,state,note\n"


@pytest.mark.parametrize("sign", [*"=+-@\t\r\n", *"＝＋－＠"])
def test_no_text_in_csv_is_a_formula(sign: str, capsys: pytest.CaptureFixture[str]) -> None:
    evil = f"{sign}HYPERLINK(1)"
    kept = evil.replace("\r", "\n")
    emit("csv", [{"id": evil, "name": evil, "state": [evil, "b"], "note": [{"message": evil}]}], COLUMNS)
    (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out, newline=""))
    assert [row[name] for name in ("id", "name", "note")] == [f"'{kept}"] * 3
    assert row["state"] == f"'{kept}; b"


def test_a_number_in_csv_stays_a_number_and_json_stays_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    amounts = ["-500.00", "-5", "0.00", "30000.00"]
    emit("csv", [{"amount": amount, "name": "Müller = Söhne", "note": -5} for amount in amounts], COLUMNS)
    rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
    assert [row["amount"] for row in rows] == amounts
    assert {(row["name"], row["note"]) for row in rows} == {("Müller = Söhne", "-5")}
    for word in ("-5e3", "-1+1", "-٥", "--5", "-5.", "+5"):
        emit("csv", [{"name": word}], COLUMNS)
        (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
        assert row["name"] == f"'{word}", "what is no plain number may be a formula"
    emit("json", [{"name": "=1"}], COLUMNS)
    assert json.loads(capsys.readouterr().out) == [{"name": "=1"}]


def test_a_table_aligns_wide_characters_and_tells_none_from_zero(capsys: pytest.CaptureFixture[str]) -> None:
    emit("table", RECORDS, COLUMNS)
    lines = [line.rstrip() for line in capsys.readouterr().out.splitlines()]
    ends = {
        cell_len(line[: line.index(word) + len(word)])
        for line, word in ((lines[2], "30,000.00 EUR"), (lines[4], "0.00 EUR"))
    }
    assert len(ends) == 1, lines
    assert lines[3].split()[-2:] == ["-", "-"]
    assert "0.00 EUR" not in lines[3]
    assert "partly approved" in lines[2]


def test_an_empty_table_is_a_message_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    emit("table", [], COLUMNS, nothing="no such thing")
    caught = capsys.readouterr()
    assert (caught.out, caught.err) == ("", "no such thing\n")


@pytest.mark.parametrize("width", [20, 40, 60, 80, 200])
def test_no_digit_is_cut_off_however_narrow_the_terminal(
    width: int, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", str(width))
    monkeypatch.setenv("TERM", "xterm")
    emit("table", RECORDS, COLUMNS)
    out = re.sub(r"\x1b\[[\d;]*m", "", capsys.readouterr().out)
    assert "30,000.00 EUR" in out or width < 30
    assert "30,000.00EUR" in "".join(out.split())
    assert "…" not in out
    assert all(cell_len(line) <= width for line in out.splitlines())


LONG = [
    {"id": f"SO-{number}", "name": "Grünhagen Elektrotechnik GmbH & Co. KG", "amount": "125000.00", "currency": "EUR",
     "state": "blocked", "reasons": [
         {"message": "The order of 125,000.00 EUR exceeds the available cover of 0.00 EUR by 125,000.00 EUR (limit 10,000.00 EUR)."},
         {"message": "Cover rests on your own discretionary limit of 10,000.00 EUR, not on a decision of the insurer."}]}
    for number in range(3)
]  # fmt: skip
WITH_REASONS = (*COLUMNS[:4], Column("reasons", "why"))


def test_reasons_are_sentences_one_below_the_other(capsys: pytest.CaptureFixture[str]) -> None:
    emit_one("table", LONG[0], WITH_REASONS)
    lines = capsys.readouterr().out.splitlines()
    (first,) = [number for number, line in enumerate(lines) if line.startswith("why")]
    assert lines[first].endswith("(limit 10,000.00 EUR).")
    assert lines[first + 1].strip() == LONG[0]["reasons"][1]["message"]
    assert ".," not in "".join(lines)


def test_a_table_in_a_file_can_be_read_without_turning_the_page(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    emit("table", LONG, WITH_REASONS)
    lines = capsys.readouterr().out.splitlines()
    assert all(cell_len(line) <= 160 for line in lines)
    assert all(sum(word in line for line in lines) == 1 for word in ("SO-0", "SO-1", "SO-2")), "one row an order"
    assert sum("125,000.00 EUR" in line for line in lines) >= 3
    monkeypatch.setenv("COLUMNS", "400")
    emit("table", LONG, WITH_REASONS)
    assert len(capsys.readouterr().out.splitlines()) == 2 + 2 * 3


def test_a_table_in_a_file_is_wider_rather_than_cut(capsys: pytest.CaptureFixture[str]) -> None:
    wide = {"id": "x" * 90, "name": "y " * 60, "amount": "1.00", "currency": "EUR", "state": "z" * 60}
    emit("table", [wide], COLUMNS)
    head, _, first, *_ = capsys.readouterr().out.splitlines()
    assert "id" in head
    assert "x" * 90 in first
    assert "z" * 60 in first
    assert "1.00 EUR" in first
    assert "y " * 19 in first


def test_no_color_is_honoured_and_a_pipe_gets_none(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    emit("table", RECORDS, COLUMNS)
    assert "\x1b" not in capsys.readouterr().out
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("TERM", "xterm-256color")
    emit("table", RECORDS, COLUMNS)
    assert "\x1b[31m" in capsys.readouterr().out
    monkeypatch.setenv("NO_COLOR", "1")
    emit("table", RECORDS, COLUMNS)
    assert "\x1b[31m" not in capsys.readouterr().out


def test_a_name_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    evil = "Evil\x1b]0;owned\x07\x1b[2J\u202eGmbH [bold]x[/bold]\r\nsecond"
    emit("table", [{"id": "1", "name": evil}], COLUMNS)
    out = capsys.readouterr().out
    assert "\x1b" not in out
    assert "\u202e" not in out
    assert "[bold]x[/bold]" in out
    assert printable("a\nb") == "a b"


class Terminal(io.StringIO):
    """A stdout that somebody looks at."""

    encoding = "utf-8"

    def isatty(self) -> bool:
        return True


HOSTILE = "Evil\x1b[2J\x07\x7f\x9b2J\u061c\u200e\u202e\u2066GmbH\u2028株式会社 é\ttab"
STEERING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


@pytest.mark.parametrize("write", [emit, emit_as_they_come])
@pytest.mark.parametrize("output", ["table", "json", "ndjson", "csv"])
def test_no_form_steers_a_terminal(output: str, write: Callable[..., bool], monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr("sys.stdout", screen)
    write(output, [{"id": "1", "name": HOSTILE, "note": [HOSTILE]}], COLUMNS)
    shown = re.sub(r"\x1b\[[0-9;]*m", "", screen.getvalue())  # the colours of the table
    assert not STEERING.search(shown)
    assert "株式会社 é" in shown


@pytest.mark.parametrize("output", ["json", "ndjson"])
def test_json_on_a_terminal_is_the_same_json(output: str, monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr("sys.stdout", screen)
    emit_one(output, {"id": "1", "name": HOSTILE}, COLUMNS)
    assert json.loads(screen.getvalue())["name"] == HOSTILE


def test_csv_on_a_terminal_names_what_it_hides(monkeypatch: pytest.MonkeyPatch) -> None:
    screen = Terminal()
    monkeypatch.setattr("sys.stdout", screen)
    emit_one("csv", {"id": "1", "name": "a\x1b\u202eb\nc"}, COLUMNS)
    assert screen.getvalue().splitlines()[1:] == ['1,"a\\u001b\\u202eb', 'c",,,,']


def test_a_file_gets_the_text_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    emit("csv", [{"id": "1", "name": HOSTILE}], COLUMNS)
    assert next(csv.DictReader(io.StringIO(capsys.readouterr().out, newline="")))["name"] == HOSTILE
    emit("json", [{"id": "1", "name": HOSTILE}], COLUMNS)
    assert "\u202e" in capsys.readouterr().out


def test_one_object_is_one_object_in_every_form(capsys: pytest.CaptureFixture[str]) -> None:
    emit_one("json", RECORDS[0], COLUMNS)
    assert json.loads(capsys.readouterr().out) == RECORDS[0]
    emit_one("ndjson", RECORDS[0], COLUMNS)
    assert json.loads(capsys.readouterr().out) == RECORDS[0]
    emit_one("csv", RECORDS[0], COLUMNS)
    assert len(capsys.readouterr().out.splitlines()) == 2
    emit_one("table", RECORDS[0], COLUMNS)
    assert "30,000.00 EUR" in capsys.readouterr().out


def test_records_are_written_as_they_come(capsys: pytest.CaptureFixture[str]) -> None:
    seen: list[int] = []

    def rows() -> Iterator[dict[str, Any]]:
        for number in range(3):
            if number:
                seen.append(len(capsys.readouterr().out.splitlines()))
            yield {"id": str(number)}

    emit("ndjson", rows(), COLUMNS)
    assert seen == [1, 1]


def test_every_amount_stands_beside_its_currency() -> None:
    decision = LimitDecision(application_id="a", state="referred")
    assert flat(decision)["amount"] is None
    assert flat(decision)["currency"] is None
    row = CreditLimit.model_validate(
        {
            "id": "l",
            "buyer_id": "b",
            "amount": {"amount": "12.50", "currency": "EUR"},
            "valid_from": "2026-01-01",
            "announced_change": {"effective_on": "2026-02-01", "amount": {"amount": "0.00", "currency": "EUR"}},
            "something_new": {"amount": "1", "currency": "USD"},
        }
    )
    assert row.amount == Money("12.50", "EUR")
    record = flat(row)
    assert (record["amount"], record["currency"]) == ("12.50", "EUR")
    assert record["announced_change"] == {"effective_on": "2026-02-01", "amount": "0.00", "currency": "EUR"}
    assert (record["something_new"], record["something_new_currency"]) == ("1", "USD")
