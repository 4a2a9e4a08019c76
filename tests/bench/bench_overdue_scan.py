"""How fast a large ledger is scanned for overdues, against reading it with the csv module; and that memory stays flat.

One buyer in a hundred is late by far, with all of its invoices; the others pay within the maximum extension period. The
scan goes from the file to formatted rows. Processor time, the best of several rounds that take turns; memory is the peak
of a process of its own, for a tenth of the lines and for all, of the same buyers with the same late invoices.
"""

from __future__ import annotations

import contextlib
import csv
import json
import os
import random
import subprocess
import sys
import tempfile
from datetime import date, timedelta
from pathlib import Path

from bench_rules import _fastest, _judged

from tradecredit_sdk.cli.ledger_files import LEDGER_COLUMNS
from tradecredit_sdk.cli.ledger_sieve import SievedLedger
from tradecredit_sdk.cli.output import emit
from tradecredit_sdk.cli.overdue_scan import COLUMNS, Findings
from tradecredit_sdk.models.policy import Policy
from tradecredit_sdk.rules.overdue_scan import near_until

MOST_RATIO = 1.5
MOST_MIB = 8
TODAY = date(2026, 3, 31)
POLICY = Policy(id="P", currency="EUR")
DAYS = 15
EACH = 25
"""Lines a buyer in the small ledger; the large one has as many again from the same buyers, none of them late."""

SMALL = {"lines": 2000, "rounds": 1}
"""Sizes of a trial run."""


def run(lines: int = 1_000_000, rounds: int = 4) -> list[dict[str, object]]:
    """The ratio to csv.reader is the one that is judged; csv.DictReader is what most programs use."""
    with tempfile.TemporaryDirectory() as folder:
        path, tenth = Path(folder, "ledger.csv"), Path(folder, "tenth.csv")
        buyers = max(100, lines // EACH)
        write_ledger(path, lines, buyers)
        plain, whole, names = _fastest(
            [lambda: _read(path), lambda: scan(path), lambda: _read_by_name(path)], rounds
        )  # fmt: skip
        write_ledger(tenth, lines // 10, buyers // 10, late=buyers // 100)
        write_ledger(path, lines, buyers // 10, late=buyers // 100)
        grown = _peak_mib(path) - _peak_mib(tenth)
    many = f"{lines:,} ledger lines"
    return [
        {"name": f"{many}: csv.reader alone", "value": round(plain, 3), "unit": "s"},
        {"name": f"{many}: csv.DictReader alone", "value": round(names, 3), "unit": "s"},
        {"name": f"{many}: overdue scan", "value": round(whole, 3), "unit": "s"},
        _judged(f"{many}: ratio to csv.reader", round(whole / plain, 3), "x", f"<= {MOST_RATIO}", ok=whole <= MOST_RATIO * plain),
        {"name": f"{many}: ratio to csv.DictReader", "value": round(whole / names, 3), "unit": "x"},
        _judged(f"{many}: more memory than a tenth of them", round(max(grown, 0.0), 1), "MiB", f"< {MOST_MIB}", ok=grown < MOST_MIB),
    ]  # fmt: skip


def scan(path: Path) -> int:
    """What the command does between its arguments and its exit code; policy and earlier declarations are there already."""
    ledger = SievedLedger(path, near_until(POLICY, TODAY, DAYS))
    found = Findings(ledger, POLICY, TODAY, DAYS)
    found.read()
    scans = found.scan({})
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
        emit("csv", found.rows(scans), COLUMNS)
    assert not ledger.problems
    return len(found.items)


def write_ledger(path: Path, lines: int, buyers: int, late: int | None = None) -> None:
    """`late` buyers, one in a hundred if not said, have invoices beyond the extension among their first `EACH` lines."""
    late = buyers // 100 if late is None else late
    dice = random.Random(1)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([*LEDGER_COLUMNS][:12])
        for number in range(lines):
            buyer = number % buyers
            if number >= buyers * EACH:
                buyer = late + number % (buyers - late)
            overdue = dice.randint(46, 89) if buyer < late and number // buyers % 5 == 0 else dice.randint(-60, 30)
            kind, sign = ("credit_note", "-") if number % 25 == 0 else ("invoice", "")
            amount, tax = f"{sign}{dice.randint(100, 250_000) / 100:.2f}", f"{sign}{dice.randint(10, 40_000) / 100:.2f}"
            who = [f"C-{buyer}", f"Käufer {buyer} GmbH", "DE", "", "", f"{buyer:09d}"]
            due = (TODAY - timedelta(overdue)).isoformat()
            writer.writerow([*who, f"R-{number}", kind, due, amount, tax, "USD" if number % 10 == 0 else "EUR"])


def _read(path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as stream:
        for _ in csv.reader(stream):
            pass


def _read_by_name(path: Path) -> None:
    with path.open(encoding="utf-8", newline="") as stream:
        for _ in csv.DictReader(stream):
            pass


def _peak_mib(path: Path) -> float:
    command = [sys.executable, __file__, str(path)]
    folders = os.pathsep.join([str(Path(__file__).parent), *sys.path])
    done = subprocess.run(
        command, stdout=subprocess.PIPE, text=True, check=True, env={**os.environ, "PYTHONPATH": folders}
    )
    return float(json.loads(done.stdout))


def _resident_peak_kib() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))


if __name__ == "__main__":
    scan(Path(sys.argv[1]))
    print(json.dumps(_resident_peak_kib() / 2**10))
