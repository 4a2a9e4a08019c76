"""The log of an Odoo test run: nothing bad is overlooked, nothing good is counted twice."""

from __future__ import annotations

import pytest

from tools.odoo_runtime.logs import Findings, read, records

LOGGER = "odoo.addons.gate.tests.test_gate"
END = "odoo.tests.result: 0 failed, 0 error(s) of 2 tests when loading database 'trial'"


def line(text: str, level: str = "INFO", database: str = "trial") -> str:
    return f"2026-03-31 08:00:00,123 4711 {level} {database} {text}"


def started(name: str) -> str:
    return line(f"{LOGGER}: Starting {name} ... ")


def broken(name: str, kind: str = "FAIL", logger: str = LOGGER) -> str:
    return line(f'{logger}: {kind}: {name}\nTraceback (most recent call last):\n  File "x.py", line 1', "ERROR")


def found(*lines: str, end: str = END) -> Findings:
    text = "\n".join([*lines, *([line(end)] if end else [])])
    return read(f"{item}\n" for item in text.split("\n"))


def counts(findings: Findings) -> tuple[int, int]:
    return findings.passed, findings.failed


def test_tests_that_found_nothing_have_passed() -> None:
    findings = found(started("TestGate.test_a"), started("TestGate.test_b"))
    assert counts(findings) == (2, 0)
    assert findings.complaints() == []


def test_the_same_name_in_two_modules_is_two_tests() -> None:
    findings = found(started("TestGate.test_a"), started("TestGate.test_a").replace("gate", "hold"))
    assert counts(findings) == (2, 0)


@pytest.mark.parametrize("kind", ["FAIL", "ERROR"])
def test_a_broken_test_is_named_with_its_traceback(kind: str) -> None:
    findings = found(started("TestGate.test_a"), started("TestGate.test_b"), broken("TestGate.test_b", kind))
    assert counts(findings) == (1, 1)
    assert findings.complaints() == [
        f'{LOGGER} TestGate.test_b\n{kind}: TestGate.test_b\nTraceback (most recent call last):\n  File "x.py", line 1'
    ]


def test_broken_subtests_make_one_broken_test() -> None:
    subtests = [broken(f"Subtest TestGate.test_a (amount={amount})") for amount in (1, 2)]
    findings = found(started("TestGate.test_a"), *subtests)
    assert counts(findings) == (0, 1)
    assert "amount=1" in findings.complaints()[0]
    assert "amount=2" in findings.complaints()[0]


def test_each_class_whose_setup_breaks_counts() -> None:
    names = [f"setUpClass (odoo.addons.gate.tests.test_gate.Test{name})" for name in "AB"]
    findings = found(started("TestC.test_c"), *(broken(name, "ERROR", "odoo.tests.suite") for name in names))
    assert counts(findings) == (1, 2)


def test_a_skipped_test_counts_as_failed() -> None:
    findings = found(started("T.test_a"), started("T.test_b"), line(f"{LOGGER}: skipped T.test_b : Chrome not found "))
    assert counts(findings) == (1, 1)
    assert findings.complaints() == [f"{LOGGER} T.test_b was skipped: Chrome not found"]


@pytest.mark.parametrize("level", ["WARNING", "ERROR", "CRITICAL"])
def test_a_bad_record_counts_as_failed_with_all_its_lines(level: str) -> None:
    findings = found(started("T.test_a"), line("odoo.modules: no access rules\nfor model x", level))
    assert counts(findings) == (1, 1)
    assert findings.complaints() == [f"{level} odoo.modules: no access rules\nfor model x"]


@pytest.mark.parametrize("text", ["it said ERROR", "the WARNING was heeded", "FAIL: not a test"])
def test_bad_words_in_a_good_record_do_not_count(text: str) -> None:
    assert counts(found(started("T.test_a"), line(f"odoo.x: {text}"))) == (1, 0)


def test_a_log_without_an_end_has_failed() -> None:
    findings = found(started("T.test_a"), end="")
    assert counts(findings) == (1, 1)
    assert findings.complaints() == ["Odoo did not reach the end of its tests."]


def test_a_run_without_tests_has_failed() -> None:
    findings = found()
    assert counts(findings) == (0, 1)
    assert findings.complaints() == ["No test ran."]


def test_an_empty_log_has_failed() -> None:
    assert counts(read([])) == (0, 1)


def test_what_stands_before_the_first_record_is_left_out() -> None:
    texts = [
        record.text for record in records(["Running as user 'root'.\n", line("a: one\n"), " more\n", line("b: two")])
    ]
    assert texts == ["one\n more", "two"]


def test_a_record_of_no_database_is_read_too() -> None:
    assert found(started("T.test_a"), line("odoo.http: slow", "WARNING", "?")).failed == 1
