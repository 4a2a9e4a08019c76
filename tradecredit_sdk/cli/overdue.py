"""`tradecredit overdue`: tell the insurer that invoices were not paid, before the policy's deadline."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from tradecredit_sdk.cli.dry_run import show_instead
from tradecredit_sdk.cli.exit_codes import ExitCode
from tradecredit_sdk.cli.failure import refused
from tradecredit_sdk.cli.noun import Noun
from tradecredit_sdk.cli.options import Run, in_zone, pass_run, shared_options, unsafe
from tradecredit_sdk.cli.output import emit, note
from tradecredit_sdk.cli.overdue_changes import CHANGES
from tradecredit_sdk.cli.overdue_record import COLUMNS, overdue_record, show_overdue
from tradecredit_sdk.cli.overdue_scan import scan
from tradecredit_sdk.cli.overdue_terms import more_of_a_declaration, said_besides
from tradecredit_sdk.cli.overdue_waiting import declared_by_hand, waiting
from tradecredit_sdk.cli.params import CURRENCY, DAY, ID, INVOICE, build, money

if TYPE_CHECKING:
    from tradecredit_sdk.models.overdue import OverdueDeclaration

PROTRACTED_DEFAULT = "protracted_default"
OTHER_REASONS = ("insolvency", "dispute", "other")


@click.group(cls=Noun)
def overdue() -> None:
    """Declare unpaid invoices before the policy's deadline.

    Due dates are the original ones: a postponement you agreed to does not move the policy's clocks.
    """


for command in (scan, *CHANGES, waiting, declared_by_hand):
    overdue.add_command(command)


@overdue.command()
@click.option("--buyer", "buyer_id", type=ID, metavar="ID", help="The insurer's id of the debtor.")
@click.option("--currency", type=CURRENCY, metavar="CUR", help="One declaration is in one currency.")
@click.option("--invoice", "invoices", multiple=True, type=INVOICE, metavar="NUMBER,DUE_DATE,AMOUNT",
              help="An unpaid invoice, such as R-1001,2026-01-31,1250.00. Repeatable; further ones may just follow.")  # fmt: skip
@click.argument("more", nargs=-1, type=INVOICE, metavar="[NUMBER,DUE_DATE,AMOUNT]...")
@click.option("--reason", type=click.Choice([PROTRACTED_DEFAULT, *OTHER_REASONS]), default=PROTRACTED_DEFAULT,
              show_default=True)  # fmt: skip
@click.option("--reference", metavar="REF", help="Your own, at most 20 characters; repeating it never declares twice.")
@click.option("--comment", help="For the insurer.")
@click.option("--today", type=DAY, metavar="DATE", help="The day of the declaration (default: today).")
@click.option("--from-scan", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE",
              help="Declare what `overdue scan` wrote as JSON or CSV, one declaration a buyer and currency.")  # fmt: skip
@more_of_a_declaration
@in_zone
@unsafe
@pass_run
def declare(
    run: Run, buyer_id: str, currency: str, invoices: tuple[tuple[str, date, Decimal], ...],
    more: tuple[tuple[str, date, Decimal], ...], reason: str, reference: str | None, comment: str | None,
    today: date | None, from_scan: Path | None, **said: Any,
) -> int:  # fmt: skip
    """Declare what a buyer has not paid: all that is outstanding, not only the latest invoice.

    At least one invoice must be past its due date, unless --reason says why it is declared before. Without --reference,
    a declaration that names an invoice of one within 24 hours is refused, and of one without an outcome at any time.
    With --from-scan an invoice whose declaration stands is skipped, and one buyer's failure does not stop the others.
    """
    if from_scan is not None:
        from tradecredit_sdk.cli.overdue_from_scan import declare_scan

        _alone("--from-scan", ("buyer_id", "currency", "invoices", "more", "reason", "reference", "comment", *said))
        return declare_scan(run, from_scan, today or run.today())
    _needed("buyer_id", "currency", "invoices")
    from tradecredit_sdk.models.overdue import OverdueDeclaration

    named = tuple(
        {"number": number, "due_date": due, "amount": money(amount, currency, "--invoice")}
        for number, due, amount in (*invoices, *more)
    )
    wanted = build(
        OverdueDeclaration,
        buyer_id=buyer_id,
        reason=reason,
        reference=reference,
        comment=comment,
        **said_besides(named, currency, **said),
    )
    day = today or run.today()
    if reason == PROTRACTED_DEFAULT:
        _refuse_early(wanted, day)
    until = said["collect_until"]
    if until is not None and until < day:
        raise click.BadParameter(
            f"{until} is over: to hand it over now, --insurer-collects", param_hint="--collect-until"
        )
    if run.dry_run:
        return show_instead(run, "declare_overdue", wanted)
    client = run.client(journal=True)
    if reference is None:
        from tradecredit_sdk.cli.repeats import declare_once

        wanted = declare_once(client, wanted)
    show_overdue(run.output, client.overdues.declare(wanted, today=day))
    return ExitCode.DONE


@overdue.command()
@click.argument("overdue_id", type=ID, metavar="ID")
@shared_options
@pass_run
def show(run: Run, overdue_id: str) -> None:
    """Show one declared overdue, by the insurer's id of it or by your reference."""
    show_overdue(run.output, run.client(journal=True).overdues.get(overdue_id))


@overdue.command(name="list")
@click.option("--buyer", "buyer_id", type=ID, metavar="ID", help="Only this buyer's.")
@shared_options
@pass_run
def list_(run: Run, buyer_id: str | None) -> None:
    """List what was declared under the policy, newest first."""
    rows = run.client().overdues.list(buyer_id=buyer_id)
    emit(run.output, map(overdue_record, rows), COLUMNS, nothing="nothing was declared under this policy")


@overdue.command()
@shared_options
@pass_run
def reconcile(run: Run) -> int:
    """Ask the insurer what became of declarations whose answer was lost, and send those that never left."""
    from tradecredit_sdk.cli.journal import show_reconciled

    return show_reconciled(run, run.client(journal=True).overdues.reconcile())


def _alone(option: str, others: tuple[str, ...]) -> None:
    """A usage error when one of the others was given, too."""
    context = click.get_current_context()
    given = [name for name in others if context.get_parameter_source(name) is not ParameterSource.DEFAULT]
    if given:
        params = {param.name: param.opts[0] for param in context.command.params}
        raise click.UsageError(f"{option} says all itself: leave out {', '.join(params[name] for name in given)}")


def _needed(*names: str) -> None:
    """A usage error for the first of them that was not given."""
    context = click.get_current_context()
    for param in context.command.params:
        if param.name in names and not context.params[str(param.name)]:
            raise click.MissingParameter(ctx=context, param=param)


def _refuse_early(declaration: OverdueDeclaration, today: date) -> None:
    """RefusedError when nothing is overdue yet. What is outstanding besides an overdue invoice belongs to it (domain rule 4)."""
    early = [
        f"{invoice.number} (due on {invoice.due_date})" for invoice in declaration.invoices if invoice.due_date >= today
    ]
    message = f"{', '.join(early)} {'is' if len(early) == 1 else 'are'} not overdue yet on {today}"
    if len(early) == len(declaration.invoices):
        remedy = (
            "Declare what is unpaid after its due date. If there is a reason to declare it before, such as the buyer's "
            f"insolvency, give it: --reason {' or '.join(OTHER_REASONS)}."
        )
        raise refused(message, "not_overdue", remedy)
    if early:
        note(f"{message}: declared as outstanding beside what is overdue")
