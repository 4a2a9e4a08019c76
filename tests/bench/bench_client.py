"""What a call through the client costs over the same exchange with a bare `requests.Session` and `json.loads`."""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable

import requests
from limit_server import POLICY, LimitServer

from tradecredit_sdk import TradeCreditClient

ROWS = 20
MOST = 1.6
KEY = "bench"

SMALL = {"rounds": 1, "calls": 2}
"""Sizes of a trial run."""


def run(rounds: int = 40, calls: int = 40) -> list[dict[str, object]]:
    """Alternate rounds of `calls` exchanges each way; the ratio is the median of the rounds' ratios."""
    with (
        LimitServer(ROWS) as server,
        requests.Session() as session,
        TradeCreditClient(insurer="open", base_url=server.base_url, api_key=KEY, policy=POLICY) as client,
    ):
        headers = {"Authorization": f"Bearer {KEY}", "Accept": "application/json"}

        def bare() -> int:
            answer = session.get(server.url, params={"page_size": ROWS}, headers=headers, timeout=(3, 30))
            answer.raise_for_status()
            return len(json.loads(answer.content)["items"])

        def through_client() -> int:
            return len(client.limits.list(page_size=ROWS).to_list())

        assert bare() == through_client() == ROWS
        pairs = [(_seconds(bare, calls), _seconds(through_client, calls)) for _ in range(rounds)]

    ratio = statistics.median(ours / theirs for theirs, ours in pairs)
    bare_ms, client_ms = (statistics.median(column) / calls * 1000 for column in zip(*pairs, strict=True))
    return [
        {"name": "limits.list, 20 rows: requests + json.loads", "value": round(bare_ms, 3), "unit": "ms"},
        {"name": "limits.list, 20 rows: through the client", "value": round(client_ms, 3), "unit": "ms"},
        {
            "name": "limits.list, 20 rows: ratio",
            "value": round(ratio, 3),
            "unit": "x",
            "limit": f"<= {MOST}",
            "ok": ratio <= MOST,
        },
    ]


def _seconds(call: Callable[[], int], calls: int) -> float:
    started = time.perf_counter()
    for _ in range(calls):
        call()
    return time.perf_counter() - started
