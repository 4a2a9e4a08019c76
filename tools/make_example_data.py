"""Write examples/data/ledger.csv and orders.csv from the story below and the companies the sandbox knows.

    python tools/make_example_data.py

The seller is a German company on 2026-03-31: domestic sales carry 19 % tax, all others none. An invoice due before
2026-01-30 is beyond the maximum extension period of 60 days; one due before 2025-12-31 was not declared in time.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TARGET = ROOT / "examples" / "data"
LEDGER = [
    "customer",
    "name",
    "country",
    "vat_number",
    "registration_number",
    "buyer_id",
    "document",
    "kind",
    "due_date",
    "amount",
    "tax",
    "currency",
]
ORDERS = [
    "order",
    "customer",
    "name",
    "country",
    "vat_number",
    "registration_number",
    "buyer_id",
    "amount",
    "tax",
    "currency",
    "terms_days",
]
KINDS = {"I": ("invoice", "R"), "C": ("credit_note", "G"), "D": ("draft", "E"), "O": ("order", "A")}

# Buyer at the sandbox | number that identifies it | currency | open items: kind due amount | orders: amount/terms
STORY = """
000004711 vat EUR | I 04-15 48200.00, I 04-30 61750.50, C 04-15 -3200.00, O - 22000.00 | 74000.00/60 18500.00/60
000004711 vat EUR | I 05-12 17640.00 | 26400.00/60
008328407 vat EUR | I 04-08 92300.00, I 05-10 118400.00, D 05-31 35000.00 | 125000.00/45 48000.00/45
012414490 vat EUR | I 04-20 41800.00, I 03-20 12950.00 | 58000.00/60 9800.00/30
012124146 vat EUR | I 04-02 8400.00 | 11900.00/60 7400.00/30
016542551 vat EUR | I 04-22 63500.00, I 05-05 44000.00 | 38500.00/60 120000.00/60
018944016 vat EUR | I 02-24 7350.00 | 16800.00/30
900000007 vat EUR | I 04-18 21500.00 | 44500.00/60 6900.00/30
900000009 vat EUR | I 04-25 36000.00 | 52000.00/60
007652315 vat EUR | I 04-14 28800.00, I 05-02 31250.00 | 46000.00/60
009418630 vat EUR | I 04-10 12600.00 | 24000.00/30
030800662 vat EUR | I 04-28 23400.00, I 03-27 9100.00 | 19500.00/60
016866835 vat EUR | I 04-06 55200.00, O - 41000.00 | 88000.00/60 32500.00/90
012833481 vat CHF | I 04-17 67400.00, I 05-08 29900.00 | 54000.00/45
009954681 vat CHF | I 04-12 18200.00 | 24500.00/90 12000.00/60
030201893 vat CHF | I 04-26 9700.00 | 16500.00/60
029009927 registration CAD | I 04-21 14800.00 | 19500.00/45 7200.00/30
009895988 registration CNY | I 04-21 385000.00, I 05-19 512000.00 | 640000.00/90
001896438 vat CZK | I 04-09 1480000.00, C 04-09 -120000.00 | 2350000.00/60
030993964 vat DKK | I 04-16 412000.00, D 05-15 98000.00 | 265000.00/45
028871695 vat DKK | I 01-12 186000.00, I 02-14 94500.00 | 72000.00/30
034801999 vat EUR | I 04-24 138000.00, I 05-22 94000.00 | 110000.00/60 64000.00/30
008618068 vat EUR | I 01-19 27450.00, I 02-19 31800.00, I 04-19 22600.00 | 29500.00/60
020435301 vat EUR | I 04-13 74200.00 | 51000.00/30 26800.00/60
018174594 vat EUR | I 04-11 246000.00, I 05-11 188500.00, O - 92000.00 | 310000.00/60 145000.00/45
015529174 vat EUR | I 02-28 43700.00, I 04-27 58200.00 | 67500.00/60
000665881 vat GBP | I 04-23 86400.00, I 05-14 73950.00 | 98000.00/60 41500.00/30
008841636 vat GBP | I 04-18 26800.00, D 05-18 9900.00 | 38000.00/60
007459192 vat EUR | I 01-26 64300.00, I 03-26 48100.00, I 04-26 57700.00 | 83000.00/60 21000.00/60
020515352 vat EUR | I 04-15 19400.00 | 27600.00/60
001372885 registration JPY | I 04-20 14850000, I 05-20 9720000 | 22400000/60 8600000/90
023573140 registration JPY | I 04-30 31200000 | 18500000/60
018577260 registration USD | I 04-29 74800.00 | 61500.00/90
031957490 vat MXN | I 04-16 1240000.00 | 980000.00/60
025243931 vat EUR | I 04-07 83100.00, I 05-07 66400.00, C 05-07 -4150.00 | 92500.00/45
025363733 vat EUR | I 04-19 3850.00 | 4200.00/30
012675299 vat NOK | I 04-22 918000.00 | 1260000.00/45 340000.00/30
014036724 vat PLN | I 04-18 386000.00, I 05-16 214500.00 | 455000.00/60
034081205 vat PLN | I 12-11 68400.00, I 01-11 41200.00, I 02-11 22700.00 | 36500.00/30
001276600 vat EUR | I 04-25 92800.00 | 104000.00/120 38200.00/60
032237455 vat SEK | I 04-14 1085000.00 | 1420000.00/45
022229432 vat SEK | I 04-05 642000.00, I 05-05 388000.00 | 510000.00/30
009400342 registration USD | I 04-28 118600.00, D 05-28 42000.00 | 134000.00/60
005381188 vat EUR | I 03-16 51900.00, I 04-16 38600.00 | 72400.00/90
002807534 registration USD | I 04-13 164000.00, I 05-13 92500.00 | 148000.00/30 77500.00/60
029762725 registration USD | I 04-17 37900.00, I 01-16 8450.00 | 31600.00/60
none DE Kaufhaus Adlerstein EUR | I 04-09 5600.00 | 8300.00/30
none AE Al Waha Trading LLC USD | | 46500.00/60
"""


def customers() -> Iterator[tuple[dict[str, str], str, list[list[str]], list[list[str]]]]:
    """Each customer of the story: its columns, currency, open items and orders."""
    with (ROOT / "tradecredit_sdk/sandbox/data/companies.csv").open(encoding="utf-8", newline="") as file:
        companies = {row["id"]: row for row in csv.DictReader(file)}
    for place, line in enumerate(STORY.strip().splitlines()):
        who, items, orders = (part.strip() for part in line.split("|"))
        key, second, *rest = who.split()
        columns = {"customer": f"C-{1001 + place}", "vat_number": "", "registration_number": "", "buyer_id": ""}
        if key == "none":
            columns |= {"country": second, "name": " ".join(rest[:-1])}
        else:
            company = companies[key]
            columns |= {
                "country": company["country"],
                "name": company["name"],
                f"{second}_number": company[second if second == "vat" else "registration"],
            }
        listed = [item.split() for item in items.split(",") if item.strip()]
        yield columns, rest[-1], listed, [order.split("/") for order in orders.split()]


def tax_of(amount: str, country: str) -> str:
    """German sales tax on domestic sales, nothing on others; with the digits of the amount."""
    value = Decimal(amount)
    if country == "DE":
        return f"{value * Decimal('0.19'):.2f}"
    return f"{Decimal(0):.{max(-value.as_tuple().exponent, 0)}f}"


def write(name: str, header: list[str], rows: list[dict[str, str]]) -> None:
    """One CSV file, in UTF-8 with line feeds."""
    with (TARGET / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, header, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def main() -> None:
    """Number the documents in the order of the story and write both files."""
    ledger: list[dict[str, str]] = []
    orders: list[dict[str, str]] = []
    for columns, currency, items, wanted in customers():
        for kind, due, amount in items:
            word, letter = KINDS[kind]
            year = "2025" if due.startswith("12") else "2026"
            tax = tax_of(amount, columns["country"])
            document = f"{letter}-{2601001 + len(ledger)}"
            day = "" if due == "-" else f"{year}-{due}"
            ledger.append(
                {
                    **columns,
                    "document": document,
                    "kind": word,
                    "due_date": day,
                    "amount": amount,
                    "tax": tax,
                    "currency": currency,
                }
            )
        for amount, terms in wanted:
            number = f"SO-{26101 + len(orders)}"
            tax = tax_of(amount, columns["country"])
            orders.append(
                {**columns, "order": number, "amount": amount, "tax": tax, "currency": currency, "terms_days": terms}
            )
    write("ledger.csv", LEDGER, ledger)
    write("orders.csv", ORDERS, orders)
    print(f"{len(ledger)} open items and {len(orders)} orders of {len({row['customer'] for row in orders})} customers")


if __name__ == "__main__":
    main()
