"""`tradecredit events`: the insurer raises, cuts and withdraws limits on its own; here one hears of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from tradecredit_sdk.cli.noun import Noun
from tradecredit_sdk.cli.options import Run, pass_run, shared_options
from tradecredit_sdk.cli.output import Column, emit, emit_as_they_come, emit_one, flat, note

if TYPE_CHECKING:
    from tradecredit_sdk.client import TradeCreditClient

COLUMNS = (
    Column("id", "event"),
    Column("occurred_at", "when"),
    Column("type", "what"),
    Column("buyer_id", "buyer"),
    Column("application_id", "request"),
    Column("limit_id", "limit"),
    Column("overdue_id", "overdue"),
)


@click.group(cls=Noun)
def events() -> None:
    """Hear of limits the insurer changed on its own."""


@events.command()
@click.option("--cursor", metavar="C", help="Only what came after; default: from the beginning.")
@click.option("--follow", is_flag=True, help="Keep asking until Ctrl-C, one event a line.")
@click.option(
    "--interval",
    type=click.FloatRange(min=0.1),
    default=5.0,
    show_default=True,
    metavar="SECONDS",
    help="Between two questions.",
)
@shared_options
@pass_run
def poll(run: Run, cursor: str | None, follow: bool, interval: float) -> None:
    """Show events, oldest first, and the cursor to continue from.

    The cursor is on stderr, and with `-o json` beside the events: {"items": [...], "next_cursor": "..."}. An event says
    "look again": read what it names before you act.
    """
    stream = _Stream(run.client(), cursor)
    records = stream.records(interval if follow else None)
    try:
        if follow:
            emit_as_they_come(run.output, records, COLUMNS)
        elif run.output == "json":
            emit_one("json", {"items": list(records), "next_cursor": stream.cursor}, COLUMNS)
        else:
            emit(run.output, records, COLUMNS, nothing="nothing happened since")
    finally:
        if stream.has_read:
            note(f"continue with: --cursor {stream.cursor}")


class _Stream:
    """Events page by page; `cursor` is behind the last page that was read, `has_read` whether there was one."""

    def __init__(self, client: TradeCreditClient, cursor: str | None) -> None:
        self.client = client
        self.cursor = cursor
        self.has_read = False

    def records(self, interval: float | None) -> Iterator[dict[str, Any]]:
        """Every event until there is no newer one, or for ever with `interval` seconds between two questions."""
        while True:
            page = self.client.events.poll(cursor=self.cursor)
            yield from map(flat, page.items)
            self.cursor, self.has_read = page.next_cursor or self.cursor, True
            if not page.items and interval is None:
                return
            if not page.items:
                time.sleep(interval or 0)
