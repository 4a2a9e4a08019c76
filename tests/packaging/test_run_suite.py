"""The runner of the whole suite counts honestly: what broke, what ran nothing, what nobody listed."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def suite() -> ModuleType:
    spec = importlib.util.spec_from_file_location("run_suite", ROOT / "tools" / "run_suite.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules["run_suite"] = module
    spec.loader.exec_module(module)
    return module


def pytest_run(suite: ModuleType, folder: Path, source: str | None) -> tuple[int, int, list[str]]:
    report = folder / "report.xml"
    if source is not None:
        (folder / "test_it.py").write_text(source)
    command = [sys.executable, "-m", "pytest", "-c", "/dev/null", f"--junit-xml={report}", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, cwd=folder)
    count = suite.junit(report)(done.returncode, done.stdout)
    return count.passed, count.failed, count.skips


@pytest.mark.parametrize(
    ("source", "passed", "failed"),
    [
        ("def test_a(): pass\ndef test_b(): pass\n", 2, 0),
        ("def test_a(): pass\ndef test_b(): assert False\n", 1, 1),
        ("import nonsense\ndef test_a(): pass\n", 0, 1),
        ("import pytest\n@pytest.fixture\ndef f():\n yield\n 1/0\ndef test_a(f): pass\n", 0, 1),
        ("x = 1\n", 0, 1),
        (None, 0, 1),
    ],
    ids=["passes", "fails", "cannot be imported", "breaks in the end", "has no test", "is empty"],
)
def test_a_folder_of_tests_is_counted(suite: ModuleType, tmp_path: Path, source: str, passed: int, failed: int) -> None:
    assert pytest_run(suite, tmp_path, source) == (passed, failed, [])


def test_a_skipped_test_is_neither_and_says_why(suite: ModuleType, tmp_path: Path) -> None:
    source = "import pytest\ndef test_a(): pass\ndef test_b(): pytest.skip('no moon')\n"
    assert pytest_run(suite, tmp_path, source) == (1, 0, ["test_b: no moon"])


@pytest.mark.parametrize(
    ("output", "code", "expected"),
    [
        ("Contracts: 6 kept, 0 broken.", 0, (6, 0)),
        ("Contracts: 4 kept, 2 broken.", 1, (4, 2)),
        ("Module 'x' does not exist.", 1, (0, 1)),
        ("Contracts: 6 kept, 0 broken.", 1, (6, 1)),
    ],
)
def test_import_contracts_count_one_each(suite: ModuleType, output: str, code: int, expected: tuple[int, int]) -> None:
    count = suite.contracts(code, output)
    assert (count.passed, count.failed) == expected


@pytest.mark.parametrize(
    ("output", "code", "expected"),
    [
        ("12 passed, 0 failed in 3.2 s\nsummary\n12 passed, 0 failed\n", 0, (12, 0)),
        ("1 passed, 0 failed\n11 passed, 2 failed\n", 1, (11, 2)),
        ("12 passed, 0 failed\n", 1, (12, 1)),
        ("0 passed, 0 failed\n", 0, (0, 1)),
        ("Odoo cannot run without them.\n", 1, (0, 1)),
        ("", 0, (0, 1)),
    ],
)
def test_a_runner_that_counts_is_believed_when_it_ends_well(
    suite: ModuleType, output: str, code: int, expected: tuple[int, int]
) -> None:
    count = suite.own_words(code, output)
    assert (count.passed, count.failed) == expected


def test_addons_are_tested_as_soon_as_there_is_one(
    suite: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(suite, "ADDONS", tmp_path)
    assert not {"addons", "odoo"} & {step.name for step in suite.all_steps()}
    (tmp_path / "an_addon").mkdir()
    (tmp_path / "an_addon" / "__manifest__.py").write_text("{}")
    assert {"addons", "odoo"} <= {step.name for step in suite.all_steps()}


def test_no_folder_of_tests_is_forgotten(suite: ModuleType) -> None:
    folders = {path.relative_to(ROOT / "tests").parts[0] for path in (ROOT / "tests").rglob("test_*.py")}
    assert folders <= {step.name for step in suite.all_steps()}
    assert suite.main(["no such step"]) == 2
