"""How much memory a long listing takes when its rows are looked at and let go."""

from __future__ import annotations

import json
import subprocess
import sys
import tracemalloc
from pathlib import Path

from limit_server import POLICY, LimitServer

MOST_MIB = 60
PAGE = 500
"""The largest page of the open contract: the worst case for memory."""

SMALL = {"rows": 1001}
"""Sizes of a trial run."""


def run(rows: int = 100_000) -> list[dict[str, object]]:
    """List `rows` limits in a fresh process, once watched by the system and once by tracemalloc."""
    with LimitServer(rows) as server:
        grown = {how: _grown_mib(server.base_url, rows, how) for how in ("resident", "allocated")}
    return [
        {
            "name": f"listing {rows:,} limits: {how} memory grows by",
            "value": round(value, 1),
            "unit": "MiB",
            "limit": f"< {MOST_MIB}",
            "ok": value < MOST_MIB,
        }
        for how, value in grown.items()
    ]


def _grown_mib(base_url: str, rows: int, how: str) -> float:
    command = [sys.executable, __file__, base_url, str(rows), how]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True, cwd=Path(__file__).parent)
    return float(json.loads(done.stdout))


def _list_all(base_url: str, rows: int, how: str) -> float:
    from tradecredit_sdk import TradeCreditClient

    with TradeCreditClient(insurer="open", base_url=base_url, api_key="bench", policy=POLICY) as client:
        first = client.limits.list(page_size=1).first()  # connection, models and code are there before we measure
        assert first is not None
        if how == "allocated":
            tracemalloc.start()
        before = _resident_peak_kib()
        seen = sum(1 for _ in client.limits.list(page_size=PAGE))
        assert seen == rows
        if how == "allocated":
            return tracemalloc.get_traced_memory()[1] / 2**20
        return (_resident_peak_kib() - before) / 2**10


def _resident_peak_kib() -> int:
    # Not getrusage: its maximum begins with that of the parent process.
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))


if __name__ == "__main__":
    print(json.dumps(_list_all(sys.argv[1], int(sys.argv[2]), sys.argv[3])))
