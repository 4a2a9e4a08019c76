"""`tradecredit check`: whether one order may ship under cover."""

from __future__ import annotations

from datetime import date, datetime, timezone
from decimal import Decimal
from pathlib import Path

import click

from tradecredit_sdk.cli.exit_codes import ExitCode
from tradecredit_sdk.cli.options import Run, pass_run, shared_options
from tradecredit_sdk.cli.output import Column, emit_one
from tradecredit_sdk.cli.params import AMOUNT, COUNTRY, CURRENCY, DAY, ID, build, money
from tradecredit_sdk.cli.policy import policy_or_usual

COLUMNS = (
    Column("outcome", "verdict"),
    Column("reasons", "why"),
    Column("limit", "limit", currency="currency"),
    Column("exposure", "exposure", currency="currency"),
    Column("order", "order", currency="currency"),
    Column("available", "available", currency="currency"),
    Column("uncovered", "above the limit", currency="currency"),
    Column("insured_share", "borne by the insurer", currency="currency"),
    Column("buyer_id", "buyer"),
    Column("day", "on"),
)


@click.command()
@click.option("--buyer", "buyer_id", required=True, type=ID, metavar="ID", help="The insurer's id of the legal debtor.")
@click.option("--order", "amount", required=True, type=AMOUNT, metavar="N", help="The order's amount without tax.")
@click.option("--currency", required=True, type=CURRENCY, metavar="CUR", help="Of --order, --tax and --exposure.")
@click.option("--tax", type=AMOUNT, metavar="N", help="Tax on top; it counts if the policy is on a gross basis.")
@click.option("--exposure", type=AMOUNT, metavar="N", default="0", help="What the buyer owes without this order.")
@click.option("--oldest-due", type=DAY, metavar="DATE", help="Original due date of the oldest unpaid invoice.")
@click.option("--terms-days", type=click.IntRange(0, 3650), metavar="N", help="Payment terms; default: the policy's.")
@click.option("--country", type=COUNTRY, metavar="CC", help="The buyer's country, if the insurer does not know it.")
@click.option("--today", type=DAY, metavar="DATE", help="The day of the check (default: today).")
@click.option("--rates", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE",
              help="CSV file with exchange rates, for amounts in other currencies than the policy's.")  # fmt: skip
@shared_options
@pass_run
def check(
    run: Run, buyer_id: str, amount: Decimal, currency: str, tax: Decimal | None, exposure: Decimal,
    oldest_due: date | None, terms_days: int | None, country: str | None, today: date | None, rates: Path | None,
) -> int:  # fmt: skip
    """Check one order against the cover in force.

    Policy and limits are read fresh from the insurer. Exit code 0: allowed, or allowed with a warning. 10: blocked. Every reason that applies is named.
    """
    from tradecredit_sdk.cli.ledger_files import read_rates
    from tradecredit_sdk.cli.lookups import as_on_file, if_known, undecided_on_file
    from tradecredit_sdk.models.exposure import Exposure
    from tradecredit_sdk.models.order import Order
    from tradecredit_sdk.rules.credit_check import check_order

    known_rates = read_rates(rates) if rates else None
    order = build(
        Order,
        buyer_id=buyer_id,
        amount=money(amount, currency, "--order"),
        tax=None if tax is None else money(tax, currency, "--tax"),
        terms_days=terms_days,
        country=country,
    )
    owed = Exposure(open=money(exposure, currency, "--exposure"), oldest_original_due_date=oldest_due)
    client = run.client()
    policy = policy_or_usual(client, currency)
    limits = client.limits.position(buyer_id)
    filed = undecided_on_file(client, {buyer_id: limits})
    order, limits = if_known(order, filed), as_on_file(limits, filed)
    verdict = check_order(
        order, owed, limits, policy, today or date.today(), known_rates, datetime.now(timezone.utc)  # noqa: DTZ011
    )  # fmt: skip
    emit_one(run.output, {**verdict.to_dict(), "buyer_id": buyer_id}, COLUMNS)
    return ExitCode.BLOCKED if verdict.is_blocked else ExitCode.DONE
