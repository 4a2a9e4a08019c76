"""Odoo's own tests of accounting and sales, without our addons and with them: with them, nothing more may fail.

Most of these tests run when everything is installed; the others run while their module is being installed, and only
then. So both sides start from a database that has neither module, and install what they need. The tests of the addons
themselves do not run: the tags name Odoo's modules only.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from . import databases, suite
from .logs import Findings
from .manifests import Addons
from .places import LOGS, ROOT
from .steps import OdooRuntimeError

TAGS = "/account,/sale"
MODULES = ["account", "sale_management"]
"""Tours of `sale` skip where `sale_management`, with its menus, is not installed."""
START = databases.Template(frozenset({"web"}), demo=False)
SECONDS = 7200.0
"""For each side."""
TARGET = ROOT / "build" / "odoo-suites.json"


@dataclass(frozen=True)
class Side:
    """One of the two runs, and how long it took."""

    name: str
    findings: Findings
    seconds: float

    def facts(self) -> dict[str, Any]:
        """What is written down of it."""
        found = self.findings
        return {
            "passed": found.passed,
            "failing": sorted(found.broken),
            "skipped": dict(sorted(found.skipped.items())),
            "log_records_warning_or_worse": len(found.noise),
            "seconds": round(self.seconds),
        }


def worse(without: Findings, with_addons: Findings) -> list[str]:
    """Tests that pass without the addons and not with them, also because they are skipped or never start.

    Set-ups of whole classes that break with the addons only are named too.
    """
    lost = set(without.good) - set(with_addons.good)
    return sorted(lost | (set(with_addons.broken) - set(without.broken)))


def compare(addons: Addons, seconds: float) -> bool:
    """Run both sides one after the other, show and write down what was found; True when nothing more fails."""
    without, with_addons = _sides(addons, seconds)
    more = worse(without.findings, with_addons.findings)
    for line in table(without, with_addons):
        print(line)
    for name in more:
        print(f"\npasses without the addons, and not with them: {name}")
        print(with_addons.findings.broken.get(name) or with_addons.findings.skipped.get(name) or "it did not run")
    facts = {side.name: side.facts() for side in (without, with_addons)}
    facts = {"tags": TAGS, **facts, "worse": more}
    TARGET.write_text(json.dumps(facts, indent=2, ensure_ascii=False) + "\n")
    print(f"\n{TARGET.relative_to(ROOT)}; the logs are in {LOGS}")
    return not more


def _sides(addons: Addons, seconds: float) -> Iterator[Side]:
    ours = {"without": (None, MODULES), "with": (addons.folder, [*MODULES, *addons.names])}
    for name, (folder, modules) in ours.items():
        with databases.trial(START) as database:
            started = time.monotonic()
            job = suite.Run(f"odoo-tests-{name}", folder, modules, TAGS, database)
            findings = suite.carry_out(job, seconds)
            if not (findings.ended and findings.started):
                raise OdooRuntimeError(f"Odoo's own tests {name} the addons did not run to their end; see {job.log}.")
            yield Side(name, findings, time.monotonic() - started)


def table(*sides: Side) -> list[str]:
    """Both sides beside each other."""
    rows: list[tuple[str, list[object]]] = [
        (f"Odoo's own tests, {TAGS}", [f"{side.name} addons" for side in sides]),
        ("passed", [side.findings.passed for side in sides]),
        ("failing", [len(side.findings.broken) for side in sides]),
        ("skipped", [len(side.findings.skipped) for side in sides]),
        ("WARNING or worse in the log", [len(side.findings.noise) for side in sides]),
        ("seconds", [round(side.seconds) for side in sides]),
    ]
    return [f"{title:36}" + "".join(f"{value:>16}" for value in values) for title, values in rows]
