"""`tradecredit policy`: the terms every rule uses."""

from __future__ import annotations

import click

from tradecredit_sdk.cli.options import Run, pass_run, shared_options
from tradecredit_sdk.cli.output import Column, emit_one, flat

COLUMNS = (
    Column("id", "policy"),
    Column("insurer", "insurer"),
    Column("currency", "currency"),
    Column("insured_percentage", "insured percentage"),
    Column("max_payment_terms_days", "maximum payment terms (days)"),
    Column("max_extension_days", "maximum extension period (days)"),
    Column("notification_days", "days to declare after that"),
    Column("waiting_period_days", "waiting period (days)"),
    Column("waiting_period_start", "waiting period runs from"),
    Column("claim_filing_days", "days to file the claim"),
    Column("covered_countries", "covered countries"),
    Column("discretionary_limit", "discretionary limit", currency="discretionary_limit_currency"),
    Column("tax_basis", "tax basis"),
    Column("order_tolerance_percent", "order tolerance (percent)"),
    Column("limit_max_age_hours", "limit data may be old (hours)"),
    Column("on_stale_limit", "and older data"),
)


@click.group()
def policy() -> None:
    """Show the terms of the policy."""


@policy.command()
@shared_options
@pass_run
def show(run: Run) -> None:
    """Show the terms of the configured policy, from the insurer or, where it tells none, from the profile file."""
    emit_one(run.output, flat(run.client().policies.get()), COLUMNS)
