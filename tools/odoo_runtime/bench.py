"""Time confirmations, lists of orders and postings: native Odoo, our addons, and the modules of the OCA, on the same data.

The three databases are copies of one, with the same invoices. Each round starts one process for each; medians over all
rounds are compared, so that what else the machine does touches all three alike.
"""

from __future__ import annotations

import json
import statistics
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
ROUNDS = 3
MOST_QUERIES = 8
MOST_RECHECK_MS = 20
"""For each of 1,000 held orders, in one run of the cron."""
MOST_RATIO = {"Bench 2,000": 1.3, "Bench 22,000": 1.5}
"""Buyer, by the number of open receivable lines -> `action_confirm` at most so many times native."""
POSTINGS, FIRST_POSTINGS = 200, 10
MOST_POSTING_RATIO = 1.05
"""Of posting an invoice; processor time, which other programs disturb less than the clock."""


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


def measure(all_three: list[Variant]) -> list[dict[str, Any]]:
    """Rounds of all variants, and what comes of them."""
    found: dict[str, dict[str, dict[str, list[float]]]] = {}
    for number in range(ROUNDS):
        with timed(f"round {number + 1} of {ROUNDS}"):
            for variant in all_three:
                for buyer, measured in json.loads(shell(variant, "measure")).items():
                    kept = found.setdefault(buyer, {}).setdefault(variant.name, {"ms": [], "queries": []})
                    for what, values in measured.items():
                        kept[what] += values
    results: list[dict[str, Any]] = []
    for buyer, by_variant in found.items():
        middle = {
            name: {what: statistics.median(values) for what, values in measured.items()}
            for name, measured in by_variant.items()
        }
        native, ours, oca = (middle[name] for name in ("native", "ours", "oca"))
        most, extra = MOST_RATIO[buyer], ours["queries"] - native["queries"]
        ratio = ours["ms"] / native["ms"]
        results += [
            {"name": f"{buyer}: native", "value": round(native["ms"], 1), "unit": "ms"},
            {
                "name": f"{buyer}: ours / native",
                "value": round(ratio, 2),
                "unit": "x",
                "limit": most,
                "ok": ratio <= most,
            },
            {
                "name": f"{buyer}: queries more",
                "value": extra,
                "unit": "",
                "limit": MOST_QUERIES,
                "ok": extra <= MOST_QUERIES,
            },
            {"name": f"{buyer}: OCA / native", "value": round(oca["ms"] / native["ms"], 2), "unit": "x"},
            {"name": f"{buyer}: queries more, OCA", "value": oca["queries"] - native["queries"], "unit": ""},
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
        {"name": "List of 80 orders: queries more than 10", "value": grown, "unit": "", "limit": 0, "ok": grown <= 0},
        {"name": "List of 80 orders: queries more", "value": more, "unit": ""},
        {"name": "List of 80 orders: ours / native", "value": round(ratio, 2), "unit": "x"},
    ]


def measure_posting(native: Variant, ours: Variant) -> list[dict[str, Any]]:
    """Posting an invoice: its receivable is counted, and its original due date kept."""
    players = {variant.database: variant.addons for variant in (native, ours)}
    found = turns.take_turns(SCRIPTS / "post.py", players, warm_up=FIRST_POSTINGS, times=POSTINGS)
    middle = {
        name: {what: statistics.median(one[what] for one in measured) for what in ("ms", "queries")}
        for name, measured in found.items()
    }
    before, after = middle[native.database], middle[ours.database]
    ratio, more = after["ms"] / before["ms"], after["queries"] - before["queries"]
    return [
        {"name": "Posting an invoice: native", "value": round(before["ms"], 1), "unit": "ms"},
        {
            "name": "Posting an invoice: ours / native",
            "value": round(ratio, 3),
            "unit": "x",
            "limit": MOST_POSTING_RATIO,
            "ok": ratio <= MOST_POSTING_RATIO,
        },
        {"name": "Posting an invoice: queries more", "value": more, "unit": ""},
    ]


def run_bench(addons: Path) -> bool:
    """Measure, show, write build/bench-odoo.json; True when all limits are kept."""
    with variants(addons) as all_three:
        results = measure(all_three)
        with timed("opening a list of 80 orders"):
            results += measure_list(all_three)
        with timed(f"posting {POSTINGS} invoices in turns"):
            results += measure_posting(*all_three[:2])
        with timed("checking 1,000 held orders again"):
            each = json.loads(shell(all_three[1], "recheck"))["ms"]
        name = "1,000 held orders: re-check of each"
        ok = each <= MOST_RECHECK_MS
        results.append({"name": name, "value": round(each, 1), "unit": "ms", "limit": MOST_RECHECK_MS, "ok": ok})
    for row in results:
        mark = "" if "ok" not in row else "ok" if row["ok"] else "BROKEN"
        limit = f"<= {row['limit']}" if "limit" in row else ""
        print(f"{row['name']:40} {row['value']:>10} {row['unit']:4} {limit:8} {mark}".rstrip())
    target = ROOT / "build" / "bench-odoo.json"
    target.write_text(json.dumps(results, indent=2) + "\n")
    print(f"\n{target.relative_to(ROOT)}")
    return all(row.get("ok", True) for row in results)
