"""`tradecredit config`: every setting, its value, and where it came from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tradecredit_sdk.cli.options import Run, pass_run, shared_options
from tradecredit_sdk.cli.output import Column, emit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tradecredit_sdk.config import Settings

NAMES = (
    "insurer", "base_url", "api_key", "policy", "business_unit", "environment", "policy_currency", "unverified",
    "contract_file", "journal_url", "timeout_seconds", "total_seconds", "retries", "profile",
)  # fmt: skip
COLUMNS = (Column("name", "setting"), Column("value", "value"), Column("origin", "from"))


@click.group()
def config() -> None:
    """Show the settings and where each came from."""


@config.command()
@shared_options
@pass_run
def show(run: Run) -> None:
    """Show every setting with its origin; the key itself is never shown."""
    emit(run.output, _settings(run.settings), COLUMNS)


def _settings(settings: Settings) -> Iterator[dict[str, Any]]:
    for name in NAMES:
        value = getattr(settings, name)
        if name == "api_key" and value is not None:
            value = "**********"
        yield {"name": name, "value": None if value is None else str(value), "origin": settings.origin(name)}
