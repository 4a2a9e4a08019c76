"""Run every check of the project, fast ones first, and count them: the last line is `N passed, N failed`.

    python tools/run_suite.py             everything
    python tools/run_suite.py lint types  the named steps only

A step is a command and a way to count what it checked. Quick checks come first, one by one; then two rows of steps run
side by side, one that shares the cores among its tests and one of steps that mostly wait. Every folder under `tests/`
is a step even when nobody listed it here, so no test can be forgotten; a step that ran nothing counts as failed.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree as ET
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOGS = ROOT / "build" / "logs"

FAST_FIRST = ["unit", "typing", "contract", "cli", "docs", "bench", "packaging", "browser", "faults"]
"""Folders of tests in the order they run; others follow by name."""

PARALLEL = {"unit", "typing", "contract", "cli", "docs"}
"""Folders whose tests share the cores; the tests of the others run one by one beside them."""

ADDONS = ROOT / "plugins" / "odoo_module"
"""The addons keep their tests beside them; Odoo itself runs these, in the step `odoo`."""


@dataclass(frozen=True)
class Count:
    """What one step found; `skips` says why each skipped test did not run."""

    passed: int
    failed: int
    skips: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Step:
    """One command; `count` reads (exit code, output) once it has ended."""

    name: str
    command: list[str]
    count: Callable[[int, str], Count]


def one_check(code: int, output: str) -> Count:
    """The whole command is one check."""
    return Count(int(code == 0), int(code != 0))


def contracts(code: int, output: str) -> Count:
    """import-linter's last line: 'Contracts: 6 kept, 0 broken.'."""
    found = re.search(r"Contracts: (\d+) kept, (\d+) broken", output)
    if not found:
        return Count(0, 1)
    kept, broken = int(found[1]), int(found[2])
    return Count(kept, broken or int(code != 0))


def junit(report: Path) -> Callable[[int, str], Count]:
    """Count the tests of a pytest run from its JUnit file, which is missing when pytest itself broke."""

    def count(code: int, output: str) -> Count:
        if not report.exists():
            return Count(0, 1)
        suites = list(ET.parse(report).getroot().iter("testsuite"))
        total, failed, skipped = (
            sum(int(suite.get(name, 0)) for suite in suites for name in names)
            for names in (["tests"], ["failures", "errors"], ["skipped"])
        )
        skips = [
            f"{case.get('name')}: {skip.get('message')}"
            for suite in suites
            for case in suite.iter("testcase")
            for skip in case.iter("skipped")
        ]
        # An error while a test is torn down is reported beside its pass, so the exit code has the last word.
        passed = max(total - failed - skipped, 0)
        return Count(passed, failed or int(code != 0 or passed == 0), skips)

    return count


def pytest_step(folder: str) -> Step:
    """All tests of one folder, in a process of its own."""
    report = LOGS / f"{folder}.xml"
    report.unlink(missing_ok=True)
    workers = ["-n", str(min(os.cpu_count() or 1, 4)), "--dist", "loadgroup"] if folder in PARALLEL else []
    command = [sys.executable, "-m", "pytest", f"tests/{folder}", f"--junit-xml={report}", *workers]
    return Step(folder, command, junit(report))


def own_words(code: int, output: str) -> Count:
    """The last `N passed, N failed` of a command that counts for itself."""
    found = re.findall(r"^(\d+) passed, (\d+) failed$", output, re.MULTILINE)
    if not found:
        return Count(0, 1)
    passed, failed = map(int, found[-1])
    return Count(passed, failed or int(code != 0 or passed == 0))


def odoo_steps() -> list[Step]:
    """The checks of the Odoo community and the tests of the addons, as soon as there is an addon."""
    command = [sys.executable, "-m", "tools.odoo_runtime", "--addons", str(ADDONS)]
    steps = [Step("addons", [*command, "lint"], own_words), Step("odoo", [*command, "test"], own_words)]
    return steps if any(ADDONS.glob("*/__manifest__.py")) else []


def all_steps() -> list[Step]:
    """The checks in the order they run."""
    python = [sys.executable, "-m"]
    folders = sorted(path.parent.relative_to(ROOT / "tests").parts[0] for path in (ROOT / "tests").rglob("test_*.py"))
    known = [name for name in FAST_FIRST if name in folders]
    others = sorted(set(folders) - set(known))
    return [
        Step("lint", [*python, "ruff", "check", "."], one_check),
        Step("format", [*python, "ruff", "format", "--check", "."], one_check),
        Step("imports", [str(Path(sys.executable).with_name("lint-imports"))], contracts),
        Step("types", [*python, "mypy"], one_check),
        *(pytest_step(name) for name in known + others),
        *odoo_steps(),
    ]


def run(step: Step) -> Count:
    """Run one step quietly; show its time, and everything it said when it failed."""
    # Written bytecode makes the hundreds of small processes of the suite start in half the time.
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    started = time.monotonic()
    done = subprocess.run(
        step.command,
        cwd=ROOT,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        check=False,
    )
    seconds = time.monotonic() - started
    (LOGS / f"{step.name}.log").write_text(done.stdout)
    count = step.count(done.returncode, done.stdout)
    mark = "FAIL" if count.failed else "ok"
    skipped = f", {len(count.skips)} skipped" if count.skips else ""
    lines = [
        f"{mark:5} {step.name:10} {count.passed:5} passed, {count.failed} failed{skipped:14} {seconds:6.1f} s",
        *(f"      skipped {reason}" for reason in count.skips),
        *([done.stdout] if count.failed else []),
    ]
    print("\n".join(lines), flush=True)
    return count


def run_all(steps: list[Step]) -> list[Count]:
    """Run the quick checks one by one, then the two rows beside each other; Ctrl-C begins no further step."""
    stopped = threading.Event()

    def row(steps: list[Step]) -> list[Count]:
        return [run(step) for step in steps if not stopped.is_set()]

    tests = [step for step in steps if "pytest" in step.command or step.count is own_words]
    quick = [step for step in steps if step not in tests]
    rows = [[step for step in tests if (step.name in PARALLEL) is shared] for shared in (True, False)]
    counts = row(quick)
    with ThreadPoolExecutor(len(rows)) as pool:
        try:
            return counts + [count for done in pool.map(row, rows) for count in done]
        except KeyboardInterrupt:
            stopped.set()
            raise


def main(names: list[str]) -> int:
    """Run all steps, or those named; 0 only when something ran and nothing failed."""
    LOGS.mkdir(parents=True, exist_ok=True)
    steps = all_steps()
    if unknown := set(names) - {step.name for step in steps}:
        print(f"There is no step {', '.join(sorted(unknown))}; there are {', '.join(step.name for step in steps)}.")
        return 2
    counts = run_all([step for step in steps if not names or step.name in names])
    passed, failed = sum(count.passed for count in counts), sum(count.failed for count in counts)
    print(f"{passed} passed, {failed} failed")
    return int(failed > 0 or passed == 0)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
