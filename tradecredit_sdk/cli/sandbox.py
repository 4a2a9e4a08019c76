"""`tradecredit sandbox`: a whole insurer on this machine."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from tradecredit_sdk.cli.noun import Noun
from tradecredit_sdk.cli.options import shared_options
from tradecredit_sdk.cli.params import MOMENT


@click.group(cls=Noun)
def sandbox() -> None:
    """Run a whole insurer on this machine."""


@sandbox.command()
@click.option("--port", type=click.IntRange(0, 65535), default=8585, show_default=True, help="0 takes a free one.")
@click.option("--state", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE",
              help="SQLite file that keeps its state; default: in memory, gone at the end.")  # fmt: skip
@click.option(
    "--now", type=MOMENT, metavar="MOMENT", help="What its clock shows at the start, such as 2026-03-31T08:00:00Z."
)
@shared_options
def serve(port: int, state: Path | None, now: datetime | None) -> None:
    """Serve the sandbox insurer on 127.0.0.1 until Ctrl-C, with a web console at /.

    It prints the settings that point `tradecredit` at it.
    """
    from tradecredit_sdk.sandbox import serve as serve_sandbox

    serve_sandbox(port=port, state=state, now=now)
