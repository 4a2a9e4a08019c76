"""Processes that send limit requests until each has a definite outcome; the tests kill them and start them again.

One interpreter forks them all, so that a start costs no second. Each line of input is JSON: an order to start, which is
answered with the process's number, or {"end_of": number}, which is answered with how it ended, null while it runs.
A sender tries each request once and puts back what may be tried again, so that all repetition goes through the journal;
it ends when all have an outcome, or after so many `tries` of each.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import sys
import time
import traceback
from collections import deque
from typing import Any

from tradecredit_sdk import (
    Journal,
    LimitApplication,
    Money,
    NoAnswerError,
    ResponseFormatError,
    Settings,
    TradeCreditClient,
    TradeCreditError,
)
from tradecredit_sdk._http import RetryPolicy
from tradecredit_sdk.insurers import allianz_trade, open  # noqa: A004, F401 - loaded once, before the forks

ENDS: dict[int, int] = {}


def make_client(order: dict[str, Any], journal: Journal) -> TradeCreditClient:
    """A client that gives up soon and pauses little."""
    settings = Settings.load(
        insurer=order["insurer"],
        base_url=order["base_url"],
        api_key="sandbox",
        policy="DEMO-001",
        policy_currency="EUR",
        total_seconds=20,
        timeout_seconds=5,
    )
    client = TradeCreditClient(settings, journal=journal)
    insurer: Any = client._desk.insurer
    insurer._transport.retry = RetryPolicy(attempts=order["attempts"], base_seconds=0.01, cap_seconds=0.05)
    return client


def ask(client: TradeCreditClient, order: dict[str, Any], number: int) -> LimitApplication:
    """The n-th request; each has an amount of its own."""
    buyers = order["buyers"]
    return client.limits.request(
        buyer_id=buyers[number % len(buyers)],
        amount=Money(1000 + number, "EUR"),
        reference=f"R-{number}",
    )


def may_be_tried_again(error: TradeCreditError) -> bool:
    """Garbage instead of an answer is a lost answer."""
    return error.is_retryable or isinstance(error, (NoAnswerError, ResponseFormatError))


def send_all(order: dict[str, Any]) -> None:
    """Send until done. A wait for somebody else's sending is short: there is other work."""
    numbers = list(range(*order["numbers"]))
    random.Random(order["seed"]).shuffle(numbers)
    todo = deque((number, 1) for number in numbers)
    until = time.monotonic() + order["seconds"]
    journal = Journal(order["journal"], settle_seconds=order["settle_seconds"])
    with journal, make_client(order, journal) as client:
        with contextlib.suppress(TradeCreditError):
            client.limits.reconcile()
        while todo and time.monotonic() < until:
            number, tried = todo.popleft()
            try:
                ask(client, order, number)
            except TradeCreditError as error:
                if not may_be_tried_again(error):
                    raise
                if tried != order["tries"]:
                    todo.append((number, tried + 1))
    if todo:
        raise TimeoutError(f"{len(todo)} without an outcome")


def start(order: dict[str, Any]) -> int:
    """Fork a sender; returns its number."""
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        send_all(order)
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def end_of(pid: int) -> int | None:
    """The exit code, negative for a signal; None while it runs."""
    if pid not in ENDS:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if not ended:
            return None
        ENDS[pid] = os.waitstatus_to_exitcode(status)
    return ENDS[pid]


def main() -> None:
    """Serve until the end of input."""
    for line in sys.stdin:
        order = json.loads(line)
        print(json.dumps(end_of(order["end_of"]) if "end_of" in order else start(order)), flush=True)


if __name__ == "__main__":
    main()
