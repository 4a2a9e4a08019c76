"""`tradecredit overdue pay` and the others that change what was declared or report adverse information."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tradecredit_sdk.cli.dry_run import show_instead
from tradecredit_sdk.cli.exit_codes import ExitCode
from tradecredit_sdk.cli.options import Run, in_zone, pass_run, unsafe
from tradecredit_sdk.cli.output import Column, emit, emit_one, flat
from tradecredit_sdk.cli.overdue_record import show_overdue
from tradecredit_sdk.cli.params import AMOUNT, CURRENCY, DAY, ID, INSTALMENT, build, hash_of, money

if TYPE_CHECKING:
    from tradecredit_sdk.models.overdue import DocumentRequest

ADVERSE_KINDS = ("insolvency", "bounced_payment", "failed_debit", "legal_action", "extension_request", "other")
_DOCUMENT_COLUMNS = (
    Column("kind", "document"),
    Column("asked_on", "asked on"),
    Column("due_on", "due on"),
    Column("received_on", "received on"),
)
_ADVERSE_COLUMNS = (
    Column("id", "report"),
    Column("reference", "reference"),
    Column("buyer_id", "buyer"),
    Column("kind", "what"),
    Column("happened_on", "happened on"),
    Column("answer", "answer"),
)
_DAYS = ("settled_on", "paid_on")
_WHICH = click.argument("overdue_id", type=ID, metavar="ID")
_INVOICE = click.option("--invoice", metavar="NUMBER", help="Only this invoice; default: all of them.")
_REFERENCE = click.option(
    "--reference", metavar="REF", help="Your own, at most 20 characters; repeating it never does it twice."
)
_COMMENT = click.option("--comment", help="For the insurer.")


@click.command()
@_WHICH
@click.option("--on", "settled_on", type=DAY, metavar="DATE", help="The day of payment (default: today).")
@_INVOICE
@_REFERENCE
@_COMMENT
@in_zone
@unsafe
@pass_run
def settle(run: Run, settled_on: date | None, **said: Any) -> int:
    """Tell the insurer that nothing is owed any more."""
    return _change(run, "settle", settled_on=settled_on, **said)


@click.command()
@_WHICH
@click.option("--amount", required=True, type=AMOUNT, metavar="AMOUNT", help="What the buyer has paid.")
@click.option("--currency", required=True, type=CURRENCY, metavar="CUR")
@click.option("--on", "paid_on", type=DAY, metavar="DATE", help="The day of payment (default: today).")
@_REFERENCE
@_COMMENT
@in_zone
@unsafe
@pass_run
def pay(run: Run, amount: Decimal, currency: str, paid_on: date | None, **said: Any) -> int:
    """Tell the insurer what the buyer has paid.

    It goes to the oldest invoice first, after the date of loss to all pro rata, whatever the buyer wrote on it.
    """
    return _change(run, "pay", amount=money(amount, currency, "--amount"), paid_on=paid_on, **said)


@click.command()
@_WHICH
@click.option("--to", "new_due_date", required=True, type=DAY, metavar="DATE", help="The new due date.")
@_INVOICE
@_REFERENCE
@_COMMENT
@unsafe
@pass_run
def extend(run: Run, new_due_date: date, **said: Any) -> int:
    """Ask the insurer to agree to a later due date."""
    return _change(run, "extend", new_due_date=new_due_date, **said)


@click.command()
@_WHICH
@click.option("--currency", required=True, type=CURRENCY, metavar="CUR")
@click.option("--instalment", "instalments", required=True, multiple=True, type=INSTALMENT, metavar="DATE,AMOUNT",
              help="One payment of the plan, such as 2026-05-31,500.00. Repeatable.")  # fmt: skip
@_REFERENCE
@_COMMENT
@unsafe
@pass_run
def reschedule(run: Run, currency: str, instalments: tuple[tuple[date, Decimal], ...], **said: Any) -> int:
    """Ask the insurer to agree to a payment plan."""
    plan = tuple({"due_date": day, "amount": money(amount, currency, "--instalment")} for day, amount in instalments)
    return _change(run, "reschedule", instalments=plan, **said)


@click.command()
@_WHICH
@_INVOICE
@_REFERENCE
@_COMMENT
@unsafe
@pass_run
def withdraw(run: Run, **said: Any) -> int:
    """Take back what was declared by mistake."""
    return _change(run, "withdraw", **said)


@click.command()
@_WHICH
@click.option("--sent", multiple=True, metavar="KIND=FILE",
              help="A document that was sent, such as delivery_proof=POD-1001.pdf; its name and hash are told. Repeatable.")  # fmt: skip
@_REFERENCE
@_COMMENT
@unsafe
@pass_run
def documents(run: Run, overdue_id: str, sent: tuple[str, ...], reference: str | None, comment: str | None) -> int:
    """Show which documents the insurer asks for, or tell it which were sent."""
    if not sent:
        asked = run.client().overdues.get(overdue_id).documents
        emit(run.output, map(_document_record, asked), _DOCUMENT_COLUMNS, nothing="no document was asked for")
        return ExitCode.DONE
    files = tuple(_document(word) for word in sent)
    return _change(run, "documents", overdue_id, documents=files, reference=reference, comment=comment)


@click.command(name="report-adverse")
@click.option("--buyer", "buyer_id", required=True, type=ID, metavar="ID", help="The insurer's id of the buyer.")
@click.option("--kind", required=True, type=click.Choice(ADVERSE_KINDS), help="What has happened.")
@click.option("--on", "happened_on", type=DAY, metavar="DATE", help="The day it happened (default: today).")
@click.option("--outstanding", type=AMOUNT, metavar="AMOUNT", help="All the buyer owes; with --currency.")
@click.option("--currency", type=CURRENCY, metavar="CUR")
@_REFERENCE
@_COMMENT
@in_zone
@unsafe
@pass_run
def report_adverse(
    run: Run, happened_on: date | None, outstanding: Decimal | None, currency: str | None, **said: Any
) -> int:
    """Report at once what endangers payment: insolvency, a bounced payment, legal action. Nothing need be overdue."""
    from tradecredit_sdk.models.adverse import AdverseReport

    if (outstanding is None) != (currency is None):
        raise click.UsageError("give --outstanding and --currency together")
    owed = None if outstanding is None or currency is None else money(outstanding, currency, "--outstanding")
    report = build(AdverseReport, happened_on=happened_on or run.today(), outstanding=owed, **said)
    if run.dry_run:
        return show_instead(run, "report_adverse", report)
    client = run.client(journal=True)
    if report.reference is None:
        from tradecredit_sdk.cli.repeats import report_once

        report = report_once(client, report, any_day=None if happened_on else "happened_on")
    emit_one(run.output, flat(client.overdues.report_adverse(report)), _ADVERSE_COLUMNS)
    return ExitCode.DONE


CHANGES = (settle, pay, extend, reschedule, withdraw, documents, report_adverse)


def _change(run: Run, action: str, overdue_id: str, **what: Any) -> int:
    """Send a change. The day that nobody gave is today; without a reference, what was sent already is not sent again."""
    from tradecredit_sdk.cli.repeats import change_once
    from tradecredit_sdk.models.overdue import OverdueChange

    any_day = next((name for name in _DAYS if name in what and what[name] is None), None)
    if any_day is not None:
        what[any_day] = run.today()
    change = build(OverdueChange, overdue_id=overdue_id, action=action, **what)
    client = run.client(journal=True)
    if run.dry_run:
        client.overdues.check(change)
        return show_instead(run, "change_overdue", change)
    if change.reference is None:
        change = change_once(client, change, any_day=any_day)
    client.overdues.check(change)
    send = getattr(client.overdues, {"documents": "send_documents"}.get(action, action))
    answer = send(change.overdue_id, **{**what, "reference": change.reference})
    show_overdue(run.output, answer)
    return ExitCode.DONE


def _document(word: str) -> dict[str, Any]:
    """`delivery_proof=POD-1001.pdf`: the kind, and a file that is there."""
    kind, equals, name = word.partition("=")
    path = Path(name)
    if not equals or not kind or not path.is_file():
        raise click.BadParameter(f"{word!r}: write KIND=FILE, and the file must be there", param_hint="--sent")
    return {"kind": kind, "name": path.name, "sha256": hash_of(path)}


def _document_record(document: DocumentRequest) -> dict[str, Any]:
    values: dict[str, Any] = document.model_dump(mode="json")
    return values
