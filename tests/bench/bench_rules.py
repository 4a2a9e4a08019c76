"""How fast orders are checked: one by one, and a ledger with its orders from files to formatted verdicts.

Processor time is taken, the best of several short rounds that take turns: a busy machine then changes little.
"""

from __future__ import annotations

import contextlib
import csv
import os
import random
import tempfile
import time
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from pathlib import Path

from tradecredit_sdk.cli.ledger_files import LEDGER_COLUMNS, ORDER_COLUMNS, Ledger, Orders, Parties
from tradecredit_sdk.cli.order_check import check_orders, measure_ledger, record
from tradecredit_sdk.cli.output import emit
from tradecredit_sdk.cli.unread import whose
from tradecredit_sdk.models.exposure import Exposure, ItemKind, OpenItem
from tradecredit_sdk.models.limit import CreditLimit, LimitPosition
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.order import Order
from tradecredit_sdk.models.policy import Policy
from tradecredit_sdk.models.rates import ExchangeRates
from tradecredit_sdk.rules.credit_check import check_order

LEAST_VERDICTS = 30_000
MOST_RATIO = 1.5
TODAY = date(2026, 3, 31)
NOW = datetime(2026, 3, 31, 9, tzinfo=timezone.utc)
RATES = ExchangeRates("EUR", {"USD": "1.0825", "GBP": "0.8421"})
POLICY = Policy(
    id="P", currency="EUR", covered_countries=("AT", "DE", "FR", "US"), discretionary_limit=Money(10_000, "EUR")
)

SMALL = {"lines": 200, "orders": 40, "rounds": 1}
"""Sizes of a trial run."""


def run(lines: int = 100_000, orders: int = 20_000, rounds: int = 5) -> list[dict[str, object]]:
    """Verdicts a second; and the whole way of `check-orders` against reading the files and building the models alone."""
    cases = [_case(number) for number in range(200)]
    rate = round(len(cases) / _fastest([lambda: _check(cases)], rounds * 30)[0])
    with tempfile.TemporaryDirectory() as folder:
        ledger_path, orders_path = Path(folder, "ledger.csv"), Path(folder, "orders.csv")
        buyers = max(1, lines // 20)
        _write_ledger(ledger_path, lines, buyers)
        _write_orders(orders_path, orders, buyers)
        positions = {f"{number:09d}": _position(number) for number in range(buyers)}
        plain, whole = _fastest(
            [lambda: _read_only(ledger_path, orders_path), lambda: _check_files(ledger_path, orders_path, positions)],
            rounds,
        )
    files = f"{lines:,} ledger lines, {orders:,} orders"
    return [
        _judged("check_order", rate, "verdicts/s", f">= {LEAST_VERDICTS:,}", ok=rate >= LEAST_VERDICTS),
        {"name": f"{files}: csv and models alone", "value": round(plain, 3), "unit": "s"},
        {"name": f"{files}: check-orders", "value": round(whole, 3), "unit": "s"},
        _judged(f"{files}: ratio", round(whole / plain, 3), "x", f"<= {MOST_RATIO}", ok=whole <= MOST_RATIO * plain),
    ]


def _judged(name: str, value: float, unit: str, limit: str, *, ok: bool) -> dict[str, object]:
    return {"name": name, "value": value, "unit": unit, "limit": limit, "ok": ok}


def _fastest(jobs: list[Callable[[], object]], rounds: int) -> list[float]:
    """The least processor seconds of each job; the jobs take turns."""
    for job in jobs:
        job()
    taken: list[list[float]] = [[] for _ in jobs]
    for _ in range(rounds):
        for job, seconds in zip(jobs, taken, strict=True):
            started = time.process_time()
            job()
            seconds.append(time.process_time() - started)
    return [min(seconds) for seconds in taken]


# ---- one by one ----------------------------------------------------------------------------------------------------

Case = tuple[Order, Exposure, LimitPosition]


def _check(cases: list[Case]) -> None:
    for order, exposure, position in cases:
        check_order(order, exposure, position, POLICY, TODAY, RATES, NOW)


def _case(number: int) -> Case:
    """Most orders pass. One in ten is too large, and one in twenty each in dollars, at long terms, stopped, or new."""
    dice = random.Random(number)
    currency = "USD" if number % 20 == 1 else "EUR"
    order = Order(
        number=f"SO-{number}",
        buyer_id=f"{number:09d}",
        amount=Money(f"{60_000 if number % 10 == 5 else dice.randint(100, 9_000)}.{dice.randint(10, 99)}", currency),
        terms_days=120 if number % 20 == 2 else 30,
        country="DE",
    )
    oldest = TODAY - timedelta(90 if number % 20 == 3 else dice.randint(-30, 50))
    exposure = Exposure(
        open=(Money(dice.randint(0, 20_000), "EUR"),),
        overdue=(Money(dice.randint(0, 2_000), "EUR"),),
        ordered=(Money(dice.randint(0, 2_000), "EUR"),),
        oldest_original_due_date=oldest,
    )
    return order, exposure, LimitPosition(buyer_id=order.buyer_id, as_of=NOW) if number % 20 == 4 else _position(number)


def _position(number: int) -> LimitPosition:
    """An old row, the one in force, and for every third buyer a temporary one on top."""
    buyer_id, until = f"{number:09d}", date(2025, 12, 31)
    old = CreditLimit(
        id="1", buyer_id=buyer_id, amount=Money(20_000, "EUR"), valid_from=date(2025, 1, 1), valid_until=until
    )
    rows = [old, CreditLimit(id="2", buyer_id=buyer_id, amount=Money(50_000, "EUR"), valid_from=date(2026, 1, 1))]
    if number % 3 == 0:
        season = {"valid_from": date(2026, 3, 1), "valid_until": date(2026, 5, 31)}
        rows.append(CreditLimit(id="3", buyer_id=buyer_id, kind="temporary", amount=Money(10_000, "EUR"), **season))
    return LimitPosition(buyer_id=buyer_id, limits=tuple(rows), as_of=NOW)


# ---- from file to verdict ------------------------------------------------------------------------------------------


def _read_only(ledger_path: Path, orders_path: Path) -> tuple[list[OpenItem], list[Order]]:
    """The plain program: both files with the csv module into lists of the same models. No error is explained."""
    with orders_path.open(encoding="utf-8", newline="") as stream:
        orders = [
            Order(
                number=row["order"],
                buyer_id=row["buyer_id"] or None,
                amount=Money(row["amount"], row["currency"]),
                tax=Money(row["tax"], row["currency"]) if row["tax"] else None,
                terms_days=int(row["terms_days"]) if row["terms_days"] else None,
                country=row["country"] or None,
            )
            for row in csv.DictReader(stream)
        ]
    with ledger_path.open(encoding="utf-8", newline="") as stream:
        items = [
            OpenItem(
                customer=row["customer"],
                number=row["document"],
                kind=ItemKind(row["kind"]),
                original_due_date=row["due_date"] or None,
                amount=Money(row["amount"], row["currency"]),
                tax=Money(row["tax"], row["currency"]) if row["tax"] else None,
            )
            for row in csv.DictReader(stream)
        ]
    return items, orders


def _check_files(ledger_path: Path, orders_path: Path, positions: dict[str, LimitPosition]) -> None:
    """What the command does between its arguments and its exit code; the limits are there already."""
    parties = Parties()
    orders = list(Orders(orders_path, parties))
    ledger = Ledger(ledger_path, parties)
    debts = measure_ledger(ledger, orders, POLICY, TODAY)
    buyers = {customer: party.buyer_id for customer, party in parties.by_customer.items() if party.buyer_id}
    unread = whose(ledger.problems, parties.by_customer, buyers)
    verdicts = check_orders(orders, debts, buyers, positions, POLICY, TODAY, RATES, NOW, unread=unread)
    with Path(os.devnull).open("w") as nowhere, contextlib.redirect_stdout(nowhere):
        emit("ndjson", (record(row, verdict) for row, verdict in verdicts), ())
    assert not ledger.problems


def _write_ledger(path: Path, lines: int, buyers: int) -> None:
    dice = random.Random(1)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow([*LEDGER_COLUMNS][:12])
        for number in range(lines):
            due = TODAY + timedelta(dice.randint(-50, 60))
            kind, sign = ("credit_note", "-") if number % 25 == 0 else ("invoice", "")
            amount, tax = f"{sign}{dice.randint(100, 250_000) / 100:.2f}", f"{sign}{dice.randint(10, 40_000) / 100:.2f}"
            currency = "USD" if number % 10 == 0 else "EUR"
            writer.writerow([*_who(number % buyers), f"R-{number}", kind, due.isoformat(), amount, tax, currency])


def _write_orders(path: Path, orders: int, buyers: int) -> None:
    dice = random.Random(2)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(ORDER_COLUMNS)
        for number in range(orders):
            amount, tax = f"{dice.randint(100, 900_000) / 100:.2f}", f"{dice.randint(10, 90_000) / 100:.2f}"
            currency = "USD" if number % 20 == 0 else "EUR"
            writer.writerow([f"SO-{number}", *_who(number % buyers), amount, tax, currency, dice.choice((30, 60, ""))])


def _who(buyer: int) -> list[str]:
    return [f"C-{buyer}", f"Käufer {buyer} GmbH", "DE", "", "", f"{buyer:09d}"]


if __name__ == "__main__":
    for result in run():
        print(result)
