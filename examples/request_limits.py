"""Ask for cover on every customer of the ledger that owes more than the seller may grant by itself.

    python examples/request_limits.py

The reference is the customer's number, so running it again asks for nothing twice.
"""

from __future__ import annotations

import csv
from decimal import ROUND_CEILING, Decimal
from pathlib import Path

from tradecredit_sdk import ExchangeRates, Money, PendingError, TradeCreditClient

DATA = Path(__file__).parent / "data"
STEP = Decimal(50_000)


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def main() -> None:
    rates = ExchangeRates("EUR", {row["currency"]: row["rate"] for row in rows("rates.csv")})
    owed: dict[tuple[str, str, str], Money] = {}  # by legal entity: type and value of its number, and country
    for row in rows("ledger.csv"):
        kind = "vat" if row["vat_number"] else "registration"
        number = row[f"{kind}_number"]
        amount = rates.convert(Money(row["amount"], row["currency"]), "EUR", up=True)
        if number and amount is not None:
            entity = kind, number, row["country"]
            owed[entity] = owed.get(entity, Money.zero("EUR")) + amount

    with TradeCreditClient() as client:
        own = client.policies.get().discretionary_limit
        for (kind, number, country), amount in owed.items():
            if own is not None and amount <= own:
                continue
            found = client.buyers.find(
                country=country, identifiers=({"type": kind, "value": number, "country": country},)
            )
            if len(found) != 1:
                print(f"{country} {number}: the insurer knows no such company")
                continue
            wanted = Money((amount.amount / STEP).to_integral_value(ROUND_CEILING) * STEP, "EUR")
            reference = f"2026-{found[0].id}"
            application = client.limits.request(buyer_id=found[0].id, amount=wanted, reference=reference)
            try:
                decision = client.limits.wait(application.id, seconds=1)
                print(f"{found[0].name}: asked {wanted}, {decision.state.value}, {decision.amount}")
            except PendingError:
                print(f"{found[0].name}: asked {wanted}, not decided yet")


if __name__ == "__main__":
    main()
