"""`tradecredit config`: every setting, its value, and where it came from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tradecredit_sdk.cli.noun import Noun
from tradecredit_sdk.cli.options import Run, pass_run, shared_options
from tradecredit_sdk.cli.output import Column, emit

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tradecredit_sdk.config import Settings

COLUMNS = (Column("name", "setting"), Column("value", "value"), Column("origin", "from"))


@click.group(cls=Noun)
def config() -> None:
    """Show the settings and where each came from."""


@config.command()
@shared_options
@pass_run
def show(run: Run) -> None:
    """Show every setting with its origin; the key and passwords are never shown."""
    emit(run.output, _settings(run.settings), COLUMNS)


def _settings(settings: Settings) -> Iterator[dict[str, Any]]:
    for name in type(settings).model_fields:
        yield {"name": name, "value": settings.shown(name), "origin": settings.origin(name)}
