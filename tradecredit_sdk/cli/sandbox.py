"""`tradecredit sandbox`: a whole insurer on this machine."""

from __future__ import annotations

from pathlib import Path

import click

from tradecredit_sdk.cli.options import Run, pass_run, shared_options


@click.group()
def sandbox() -> None:
    """Run a whole insurer on this machine."""
