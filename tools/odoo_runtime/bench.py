"""Time confirmations, lists of orders and postings: native Odoo, our addons, and the modules of the OCA, on the same data.

The three databases are copies of one, with the same invoices. One process of each takes turns with the others, so that what
else the machine does touches all alike. Times are of processors, of Odoo and of its session of the
database together: other programs disturb them less than the clock. A ratio is the median of the ratios of each turn.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import databases, program, turns
from .commands import run
from .places import BUILD, ROOT
from .steps import OdooRuntimeError, timed

SCRIPTS = Path(__file__).with_name("bench_scripts")
RESULT = "RESULT "
OTHERS = BUILD / "other-modules"
PEERS = ["odoo-addon-account-financial-risk==19.0.*", "odoo-addon-sale-financial-risk==19.0.*"]
"""AGPL-3: installed for comparison, never part of the project."""
NATIVE = frozenset({"account", "sale_management"})
MOST_QUERIES = 8
MOST_RECHECK_MS = 20
"""For each of 1,000 held orders, in one run of the cron."""
MOST_RATIO = {"Bench 2,000": 1.3, "Bench 22,000": 1.5}
"""Buyer, by the number of open receivable lines -> `action_confirm` at most so many times native."""
MOST_POSTING_RATIO = 1.05
WARM_UP, CONFIRMATIONS, POSTINGS = 10, 40, 200
"""Turns. A worker of Odoo lives for hours, and its session keeps a plan from the sixth use on."""


@dataclass(frozen=True)
class Variant:
    """One copy of the database and what is installed in it."""

    name: str
    addons: Path | None
    modules: str = ""
    script: str = ""

    @property
    def database(self) -> str:
        """Its name."""
        return f"tradecredit_bench_{self.name}"


def shell(variant: Variant, script: str) -> str:
    """What a script of `bench_scripts` answers from inside Odoo."""
    done = subprocess.run(
        program.command("shell", "-d", variant.database, "--no-http", "--log-level", "error"),
        input=(SCRIPTS / f"{script}.py").read_text(),
        env=program.environment(variant.addons),
        capture_output=True,
        text=True,
        check=False,
    )
    for line in done.stdout.splitlines():
        if RESULT in line:
            return line.split(RESULT, 1)[1]
    raise OdooRuntimeError(f"{script} in {variant.name} gave no result:\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")


@contextmanager
def variants(addons: Path) -> Iterator[list[Variant]]:
    """The three databases, dropped at the end."""
    seed = Variant("seed", None)
    all_three = [
        Variant("native", None),
        Variant("ours", addons, "tradecredit_sale", "ours"),
        Variant("oca", OTHERS / "odoo" / "addons", "sale_financial_risk", "oca"),
    ]
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--upgrade", "--target", OTHERS]
    run([*pip, *PEERS], "bench-pip.log")
    try:
        with timed("making 24,000 invoices"):
            databases.copy(databases.Template(NATIVE, demo=False).ensure(), seed.database)
            shell(seed, "seed")
        for variant in all_three:
            with timed(f"making the database {variant.name}"):
                databases.copy(seed.database, variant.database)
                if variant.modules:
                    install = ["-d", variant.database, "-i", variant.modules, "--no-http", "--stop-after-init"]
                    log = f"bench-{variant.name}.log"
                    run(program.command(*install), log, env=program.environment(variant.addons))
                    shell(variant, variant.script)
        yield all_three
    finally:
        for variant in [seed, *all_three]:
            databases.drop(variant.database)


def bounded(name: str, value: float, unit: str, limit: float) -> dict[str, Any]:
    """A row of the result that has a limit."""
    return {"name": name, "value": value, "unit": unit, "limit": limit, "ok": value <= limit}


def measure(all_three: list[Variant]) -> list[dict[str, Any]]:
    """Confirmations of a one-line order for each buyer."""
    addons = {variant.database: variant.addons for variant in all_three}
    found = turns.take_turns(SCRIPTS / "confirm.py", addons, warm_up=WARM_UP, times=CONFIRMATIONS)
    results: list[dict[str, Any]] = []
    native, ours, oca = (variant.database for variant in all_three)
    for buyer, measured in found.items():
        usual = measured.median(native, "queries")
        others = measured.ratio(oca, native, "ms")
        results += [
            {"name": f"{buyer}: native", "value": round(measured.median(native, "ms"), 1), "unit": "ms"},
            bounded(f"{buyer}: ours / native", round(measured.ratio(ours, native, "ms"), 2), "x", MOST_RATIO[buyer]),
            bounded(f"{buyer}: queries more", measured.median(ours, "queries") - usual, "", MOST_QUERIES),
            {"name": f"{buyer}: OCA / native", "value": round(others, 2), "unit": "x"},
            {"name": f"{buyer}: queries more, OCA", "value": measured.median(oca, "queries") - usual, "unit": ""},
        ]
    return results


def measure_list(all_three: list[Variant]) -> list[dict[str, Any]]:
    """A list of 80 orders with the columns of the addons: as many queries as one of ten."""
    few, many = "10", "80"
    opened = {variant.name: json.loads(shell(variant, "list")) for variant in all_three if variant.name != "oca"}
    ours = opened["ours"]
    grown = ours[many]["queries"] - ours[few]["queries"]
    more = ours[many]["queries"] - opened["native"][many]["queries"]
    ratio = ours[many]["ms"] / opened["native"][many]["ms"]
    return [
        bounded("List of 80 orders: queries more than 10", grown, "", 0),
        {"name": "List of 80 orders: queries more", "value": more, "unit": ""},
        {"name": "List of 80 orders: ours / native", "value": round(ratio, 2), "unit": "x"},
    ]


def measure_posting(native: Variant, ours: Variant) -> list[dict[str, Any]]:
    """Posting an invoice: its receivable is counted, and its original due date kept."""
    addons = {variant.database: variant.addons for variant in (native, ours)}
    [(what, measured)] = turns.take_turns(SCRIPTS / "post.py", addons, warm_up=WARM_UP, times=POSTINGS).items()
    before, after = native.database, ours.database
    more = measured.median(after, "queries") - measured.median(before, "queries")
    return [
        {"name": f"{what}: native", "value": round(measured.median(before, "ms"), 1), "unit": "ms"},
        bounded(f"{what}: ours / native", round(measured.ratio(after, before, "ms"), 3), "x", MOST_POSTING_RATIO),
        {"name": f"{what}: queries more", "value": more, "unit": ""},
    ]


def run_bench(addons: Path) -> bool:
    """Measure, show, write build/bench-odoo.json; True when all limits are kept."""
    with variants(addons) as all_three:
        with timed(f"confirming {CONFIRMATIONS} orders of each buyer in turns"):
            results = measure(all_three)
        with timed("opening a list of 80 orders"):
            results += measure_list(all_three)
        with timed(f"posting {POSTINGS} invoices in turns"):
            results += measure_posting(*all_three[:2])
        with timed("checking 1,000 held orders again"):
            each = json.loads(shell(all_three[1], "recheck"))["ms"]
        results.append(bounded("1,000 held orders: re-check of each", round(each, 1), "ms", MOST_RECHECK_MS))
    for row in results:
        mark = "" if "ok" not in row else "ok" if row["ok"] else "BROKEN"
        limit = f"<= {row['limit']}" if "limit" in row else ""
        print(f"{row['name']:40} {row['value']:>10} {row['unit']:4} {limit:8} {mark}".rstrip())
    target = ROOT / "build" / "bench-odoo.json"
    target.write_text(json.dumps(results, indent=2) + "\n")
    print(f"\n{target.relative_to(ROOT)}")
    return all(row.get("ok", True) for row in results)
