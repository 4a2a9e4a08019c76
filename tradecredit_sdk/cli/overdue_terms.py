"""What else a declaration can say: agreed due dates, disputes, the whole debt, what was done to collect, and who collects."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar

import click

from tradecredit_sdk.cli.params import AGREED, AMOUNT, DAY, DISPUTED, STEP, money

F = TypeVar("F", bound=Callable[..., Any])

_OPTIONS = (
    click.option("--agreed", multiple=True, metavar="NUMBER,DATE", type=AGREED,
                 help="A later due date you agreed on for an invoice; it moves no deadline. Repeatable."),
    click.option("--disputed", multiple=True, metavar="NUMBER,AMOUNT", type=DISPUTED,
                 help="So much of an invoice the buyer disputes. Repeatable."),
    click.option("--outstanding", type=AMOUNT, metavar="AMOUNT", help="All the buyer owes (default: the invoices)."),
    click.option("--step", "steps", multiple=True, metavar="DATE,STEP", type=STEP,
                 help="What was done to collect, such as 2026-02-10,reminder. Repeatable."),
    click.option("--collect-until", type=DAY, metavar="DATE", help="You collect until this day, then the insurer."),
    click.option("--insurer-collects", is_flag=True, help="The insurer collects from now on."),
)  # fmt: skip


def more_of_a_declaration(command: F) -> F:
    """Give `declare` the options for what else there is to say; they arrive as one keyword each."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def said_besides(
    invoices: tuple[dict[str, Any], ...],
    currency: str,
    *,
    agreed: tuple[tuple[str, date], ...],
    disputed: tuple[tuple[str, Decimal], ...],
    outstanding: Decimal | None,
    steps: tuple[tuple[date, str], ...],
    collect_until: date | None,
    insurer_collects: bool,
) -> dict[str, Any]:
    """The fields of a declaration, invoices included; a usage error for a number that no invoice has."""
    by_number = {invoice["number"]: dict(invoice) for invoice in invoices}
    for option, name, pairs in (("--agreed", "agreed_due_date", agreed), ("--disputed", "disputed", disputed)):
        for number, value in pairs:
            if number not in by_number:
                raise click.BadParameter(f"there is no invoice {number} in this declaration", param_hint=option)
            by_number[number][name] = money(value, currency, option) if isinstance(value, Decimal) else value
    if insurer_collects and collect_until is not None:
        raise click.UsageError("--insurer-collects begins at once: leave out --collect-until")
    collection: dict[str, Any] | None = None
    if insurer_collects:
        collection = {"by": "insurer"}
    elif collect_until is not None:
        collection = {"by": "seller", "until": collect_until}
    said = {
        "outstanding": None if outstanding is None else money(outstanding, currency, "--outstanding"),
        "steps_taken": tuple({"day": day, "step": step} for day, step in steps) or None,
        "collection": collection,
    }
    # An invoice named twice must be seen by the model, which refuses it.
    more = tuple(by_number[invoice["number"]] for invoice in invoices)
    return {"invoices": more, **said}
