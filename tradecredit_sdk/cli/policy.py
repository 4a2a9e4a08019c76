"""`tradecredit policy`: the terms every rule uses."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from tradecredit_sdk.cli.noun import Noun
from tradecredit_sdk.cli.options import Run, pass_run, shared_options
from tradecredit_sdk.cli.output import Column, emit_one, flat, note

if TYPE_CHECKING:
    from tradecredit_sdk.client import TradeCreditClient
    from tradecredit_sdk.models.policy import Policy

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
    Column("reinstatement_days", "paid so many days after the stop, cover returns for all"),
    Column("adverse_information_days", "days to tell adverse information"),
    Column("overdue_threshold", "overdues to declare, from", currency="overdue_threshold_currency"),
    Column("covered_countries", "covered countries"),
    Column("discretionary_limit", "discretionary limit", currency="discretionary_limit_currency"),
    Column("tax_basis", "tax basis"),
    Column("order_tolerance_percent", "order tolerance (percent)"),
    Column("limit_max_age_hours", "limit data may be old (hours)"),
    Column("on_stale_limit", "and older data"),
)


@click.group(cls=Noun)
def policy() -> None:
    """Show the terms of the policy."""


@policy.command()
@shared_options
@pass_run
def show(run: Run) -> None:
    """Show the terms of the configured policy, from the insurer or, where it tells none, from the profile file."""
    emit_one(run.output, flat(run.client().policies.get()), COLUMNS)


def policy_or_usual(client: TradeCreditClient, currency: str) -> Policy:
    """The policy of the insurer or of the profile file; else the usual terms, and a message that says so."""
    from tradecredit_sdk.errors import UnsupportedOperationError

    try:
        return client.policies.get()
    except UnsupportedOperationError:
        return usual_policy(client, currency, f"{client.name} does not tell the policy's terms")


def usual_policy(client: TradeCreditClient, currency: str, why: str) -> Policy:
    """The usual terms, and a message that says that they are counted with, and why."""
    from tradecredit_sdk.models.policy import Policy

    settings = client.settings
    policy = Policy(id=settings.policy or "unknown", insurer=client.name, currency=settings.policy_currency or currency)
    note(
        f"warning: {why} and the profile file has no [terms]; counting with the usual ones: {policy.currency}, payment terms "
        f"{policy.max_payment_terms_days} days, maximum extension period {policy.max_extension_days} days, "
        f"{policy.notification_days} days to declare after it, {policy.insured_percentage} % insured"
    )
    return policy
