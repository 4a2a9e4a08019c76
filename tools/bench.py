"""Run the measurements of tests/bench: a table, build/bench.json, and exit code 1 when a limit is broken.

    python tools/bench.py           all of them
    python tools/bench.py client    only tests/bench/bench_client.py

Each bench_*.py has `run()`, which answers a list of {"name", "value", "unit"} and, where there is a limit to keep,
"limit" and "ok"; `SMALL` are arguments of `run` that make a trial short. Ratios are of two things measured in one run, in turns: they hold on slow machines too.
"""

from __future__ import annotations

import importlib
import json
import platform
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "tests" / "bench"


def load(name: str) -> Any:
    """The module tests/bench/bench_<name>.py."""
    if str(FOLDER) not in sys.path:
        sys.path.insert(0, str(FOLDER))
    return importlib.import_module(f"bench_{name}")


def names() -> list[str]:
    """All benches, by name."""
    return sorted(path.stem.removeprefix("bench_") for path in FOLDER.glob("bench_*.py"))


def line(result: dict[str, Any]) -> str:
    """One line of the table."""
    mark = "" if result.get("ok") is None else "ok" if result["ok"] else "BROKEN"
    value = f"{result['value']:,}"
    return f"{result['name']:62} {value:>12} {result['unit']:12} {result.get('limit') or '':10} {mark}".rstrip()


def main(chosen: list[str]) -> int:
    """Measure, show, write down."""
    if unknown := set(chosen) - set(names()):
        print(f"There is no bench {', '.join(sorted(unknown))}; there are {', '.join(names())}.")
        return 2
    results: list[dict[str, Any]] = []
    for name in chosen or names():
        for result in load(name).run():
            print(line(result), flush=True)
            results.append({"bench": name, **result})
    target = ROOT / "build" / "bench.json"
    target.parent.mkdir(exist_ok=True)
    machine = {"python": platform.python_version(), "system": platform.platform()}
    target.write_text(json.dumps({"machine": machine, "results": results}, indent=2) + "\n")
    broken = [result["name"] for result in results if result.get("ok") is False]
    print(f"\n{target.relative_to(ROOT)}; " + (f"broken: {'; '.join(broken)}" if broken else "all limits kept"))
    return int(bool(broken) or not results)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
