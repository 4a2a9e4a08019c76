"""Read the ledger, see which deadlines run, and declare what must be declared before its last day.

    python examples/declare_what_is_overdue.py                 only shows
    python examples/declare_what_is_overdue.py --declare       sends, too

The reference is made of customer and month, so running it twice declares nothing twice.
"""

from __future__ import annotations

import csv
import sys
from collections import defaultdict
from datetime import date
from pathlib import Path

from tradecredit_sdk import Money, OverdueDeclaration, OverdueInvoice, TradeCreditClient, deadlines

LEDGER = Path(__file__).parent / "data" / "ledger.csv"
TODAY = date(2026, 3, 31)


def main(*, declare: bool) -> None:
    unpaid: dict[tuple[str, str, str], list[OverdueInvoice]] = defaultdict(list)
    with LEDGER.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["kind"] == "invoice" and row["vat_number"] and date.fromisoformat(row["due_date"]) < TODAY:
                invoice = OverdueInvoice(
                    number=row["document"],
                    due_date=row["due_date"],  # the original one: an agreed postponement does not move it
                    amount=Money(row["amount"], row["currency"]),
                )
                unpaid[row["customer"], row["country"], row["vat_number"]].append(invoice)

    with TradeCreditClient() as client:
        policy = client.policies.get()
        for (customer, country, vat), invoices in unpaid.items():
            days = deadlines(min(invoice.due_date for invoice in invoices), policy)
            total = sum((invoice.amount for invoice in invoices[1:]), invoices[0].amount)
            print(
                f"{customer}  {total!s:>18}  cover stops after {days.stop_of_cover}, declare by {days.notification}",
                end="  ",
            )
            if not days.stop_of_cover < TODAY <= days.notification:
                print("too late" if days.notification < TODAY else "not yet")
            elif not declare:
                print("declare now")
            else:
                (buyer,) = client.buyers.find(
                    country=country, identifiers=({"type": "vat", "value": vat, "country": country},)
                )
                reference = f"{customer}-{TODAY:%Y%m}"
                declaration = OverdueDeclaration(buyer_id=buyer.id, invoices=tuple(invoices), reference=reference)
                print("declared:", client.overdues.declare(declaration).id)


if __name__ == "__main__":
    main(declare="--declare" in sys.argv[1:])
