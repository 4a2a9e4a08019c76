"""`tradecredit check-orders`: a ledger and orders in, one verdict a line out."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tradecredit_sdk.cli.exit_codes import ExitCode
from tradecredit_sdk.cli.options import Run, pass_run, shared_options
from tradecredit_sdk.cli.output import Column, emit, note, progress
from tradecredit_sdk.cli.params import DAY
from tradecredit_sdk.cli.policy import policy_or_usual

if TYPE_CHECKING:
    from tradecredit_sdk.cli.csv_records import RowProblem
    from tradecredit_sdk.cli.ledger_files import OrderRow, Party
    from tradecredit_sdk.cli.lookups import Owners
    from tradecredit_sdk.client import TradeCreditClient
    from tradecredit_sdk.models.policy import Policy
    from tradecredit_sdk.models.verdict import Verdict

COLUMNS = (
    Column("number", "order"),
    Column("customer", "customer"),
    Column("name", "name"),
    Column("buyer_id", ""),
    Column("outcome", "verdict"),
    Column("order", "amount", currency="currency"),
    Column("uncovered", "above the limit", currency="currency"),
    Column("limit", ""),
    Column("exposure", ""),
    Column("available", ""),
    Column("insured_share", ""),
    Column("codes", ""),
    Column("reasons", "why"),
    Column("line", ""),
)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command(name="check-orders")
@click.option("--ledger", required=True, type=_FILE, metavar="FILE", help="CSV file of open items.")
@click.option("--orders", required=True, metavar="FILE", help="CSV file of orders to check; - reads standard input.",
              type=click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path))  # fmt: skip
@click.option("--rates", type=_FILE, metavar="FILE", help="CSV file of exchange rates: base, currency, rate.")
@click.option("--today", type=DAY, metavar="DATE", help="The day of the check (default: today).")
@click.option(
    "--report", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE.html", help="Write a page, too."
)
@click.option("--identify/--no-identify", default=None, help="Look for customers without buyer_id by their numbers; "
              "default: where the insurer does not bill it.")  # fmt: skip
@shared_options
@pass_run
def check_orders(
    run: Run, ledger: Path, orders: Path, rates: Path | None, today: date | None, report: Path | None,
    identify: bool | None,
) -> int:  # fmt: skip
    """Check a file of orders against a ledger of open items.

    One verdict an order, in the order of the file; orders that go ahead use up cover for those after them. Lines that
    cannot be read are named on stderr, the others are processed. Exit code 4: some lines could not be read; else 10:
    at least one order is blocked; else 0.
    """
    from tradecredit_sdk.cli.ledger_files import Ledger, Orders, Parties, check_headers, read_rates
    from tradecredit_sdk.cli.lookups import as_on_file, if_known, positions, undecided_on_file
    from tradecredit_sdk.cli.order_check import check_orders as verdicts
    from tradecredit_sdk.cli.order_check import identified, measure_ledger, record
    from tradecredit_sdk.cli.report_lines import OverdueItems, name_of
    from tradecredit_sdk.cli.unread import whose

    day = today or date.today()  # noqa: DTZ011 - the seller's own calendar day
    known_rates = read_rates(rates) if rates else None
    parties = Parties()
    ledger_file, overdue = Ledger(ledger, parties), OverdueItems(day)
    with _readable(orders) as readable:
        order_file = Orders(readable, parties)
        check_headers(ledger_file, order_file)
        wanted = list(order_file)
    client = run.client()
    policy = policy_or_usual(client, "EUR")
    items = overdue.watch(ledger_file) if report is not None else ledger_file
    debts = measure_ledger(items, wanted, policy, day)
    _warn_of_capitals(parties.by_customer)
    buyers, doubtful = _buyers(client, parties.by_customer, wanted, identify)
    _warn_of_doubt(doubtful)
    limits = positions(client, {row.order.buyer_id or buyers.get(row.customer, "") for row in wanted} - {""})
    filed = undecided_on_file(client, limits)
    limits = {buyer_id: as_on_file(position, filed) for buyer_id, position in limits.items()}
    wanted = [row._replace(order=if_known(identified(row, buyers).order, filed)) for row in wanted]
    buyers = {customer: buyer_id for customer, buyer_id in buyers.items() if filed.get(buyer_id, True)}
    unread = whose(ledger_file.problems, parties.by_customer, buyers)
    now = datetime.now(timezone.utc)
    checked = verdicts(wanted, debts, buyers, limits, policy, day, known_rates, now, doubtful=doubtful, unread=unread)
    problems = [*ledger_file.problems, *order_file.problems]
    complain(problems, as_json=run.output in ("json", "ndjson"))
    rows = (
        {
            **record(row, verdict),
            "name": name_of(row.customer, parties.by_customer),
            "codes": [reason.code.value for reason in verdict.reasons],
        }
        for row, verdict in checked
    )
    emit(run.output, rows, COLUMNS, nothing="there is no order to check")
    if report is not None:
        _write_report(report, client, policy, day, checked, overdue, parties.by_customer, buyers, problems)
    if unread.anybodys:
        lines = "1 line of the ledger names" if unread.anybodys == 1 else f"{unread.anybodys} lines of the ledger name"
        note(f"{lines} no customer that is known and may be anybody's: every order is blocked until that is mended")
    if problems:
        note(f"{len(problems)} lines of the input could not be read; they are not in the result")
        return ExitCode.REFUSED
    return ExitCode.BLOCKED if any(verdict.is_blocked for _, verdict in checked) else ExitCode.DONE


@contextmanager
def _readable(path: Path) -> Iterator[Path]:
    """The file itself, or what standard input holds, as a file by the name of `stdin`."""
    if str(path) != "-":
        yield path
        return
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "stdin"
        copy.write_bytes(sys.stdin.buffer.read())
        yield copy


def _buyers(
    client: TradeCreditClient, parties: dict[str, Party], orders: Iterable[OrderRow], wanted: bool | None
) -> Owners:
    """Whose each customer is, from the files, and from the insurer if that is free or was asked for."""
    from tradecredit_sdk.cli import lookups

    known = lookups.known_buyers(parties)
    of_orders = dict.fromkeys(row.customer for row in orders)
    missing = lookups.to_identify(parties, of_orders)
    # Debt under a customer number without an id may be that of a buyer whose id the orders give.
    doubtful = any(party.identifiers and not party.buyer_id for party in parties.values())
    given = list(dict.fromkeys(known[one] for one in of_orders if one in known)) if doubtful else []
    may_cost = client.capabilities.lookup_may_cost
    if not (missing or given) or wanted is False or (may_cost and wanted is None):
        if missing and may_cost and wanted is None:
            note(
                f"{len(missing)} customers have no buyer_id, and {client.name} may bill a search: give --identify to look for "
                "them by VAT and registration number, or --no-identify to leave it"
            )
        found = lookups.same_entity(parties)
        return found._replace(buyers={**found.buyers, **known})
    with progress("identifying the customers", len(missing) + len(given)) as step:
        filed = lookups.on_file(client, given, step)
        hits = [(buyer, ()) for buyer in filed.values() if buyer is not None]
        found = lookups.identify(client, parties, missing, step, hits)
        return found._replace(buyers={**found.buyers, **known})


def _warn_of_doubt(doubtful: Mapping[str, Collection[str]]) -> None:
    for customer, candidates in doubtful.items():
        note(
            f"warning: the numbers of customer {customer} are those of buyers {' and '.join(sorted(candidates))}: what it "
            "owes counts to each of them, until a buyer_id says whose it is"
        )


def _warn_of_capitals(customers: Iterable[str]) -> None:
    alike: dict[str, list[str]] = {}
    for customer in customers:
        alike.setdefault(customer.casefold(), []).append(customer)
    for names in alike.values():
        if len(names) > 1:
            note(
                f"warning: customers {' and '.join(sorted(names))} differ by capitals only and count as different debtors"
            )


def complain(problems: list[RowProblem], *, as_json: bool) -> None:
    """Name on stderr each line that could not be read, for `as_json` as one object a line."""
    for problem in problems:
        if as_json:
            facts = {"file": problem.file, "line": problem.line, "column": problem.column, "message": problem.message}
            note(json.dumps(facts))
        else:
            place = f"{problem.file}:{problem.line}: " + (f"{problem.column}: " if problem.column else "")
            note(place + problem.message)


def _write_report(
    path: Path, client: TradeCreditClient, policy: Policy, day: date, checked: list[tuple[OrderRow, Verdict]],
    overdue: Any, parties: dict[str, Party], buyers: dict[str, str], problems: list[RowProblem],
) -> None:  # fmt: skip
    from tradecredit_sdk.cli.report import Report, write_report
    from tradecredit_sdk.cli.report_lines import buyer_lines, order_lines, overdue_lines
    from tradecredit_sdk.insurers.base import Operation

    can_list = client.capabilities.supports(Operation.LIST_OVERDUES)
    declared = client.overdues.list() if can_list and overdue.by_customer else ()
    page = Report(
        title=f"Credit check of {len(checked):,} orders",
        policy=policy,
        day=day,
        buyers=buyer_lines(checked, parties),
        orders=order_lines(checked, parties),
        overdues=overdue_lines(overdue, parties, buyers, policy, declared),
        problems=[str(problem) for problem in problems],
    )
    note(f"report: {write_report(page, path)}")
