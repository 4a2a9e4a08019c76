"""`make demo`: the whole loop of a seller on the example files, against a sandbox insurer of its own.

    python -m tradecredit_sdk.cli.demo [--data FOLDER] [--report FILE.html]

On 10 February the customers are identified and limits requested. Seven weeks pass on the sandbox's clock, in which the
insurer reduces and withdraws some. On 31 March every order is checked and what is overdue is declared. Then the clock
runs on: an invoice is not paid, cover stops and comes back (`demo_clock`). Nothing is kept
but the page; nothing leaves this machine; every run ends the same.
"""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timezone
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tradecredit_sdk.cli import lookups
from tradecredit_sdk.cli.demo_clock import Clock
from tradecredit_sdk.cli.demo_screen import Screen
from tradecredit_sdk.cli.exit_codes import ExitCode
from tradecredit_sdk.cli.failure import describe
from tradecredit_sdk.cli.ledger_files import Ledger, OrderRow, Orders, Parties, read_rates
from tradecredit_sdk.cli.order_check import Debts, check_orders, measure_ledger
from tradecredit_sdk.cli.report import Report, write_report
from tradecredit_sdk.cli.report_lines import Checked, OverdueItems, buyer_lines, name_of, order_lines, overdue_lines
from tradecredit_sdk.errors import PendingError, TradeCreditError
from tradecredit_sdk.models.event import EventType
from tradecredit_sdk.models.exposure import Exposure, OpenItem
from tradecredit_sdk.models.limit import LimitApplication, LimitDecision
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.overdue import Overdue, OverdueDeclaration, OverdueInvoice
from tradecredit_sdk.models.policy import Policy
from tradecredit_sdk.models.rates import ExchangeRates
from tradecredit_sdk.rules.deadlines import deadlines
from tradecredit_sdk.rules.exposure import combine, total_owed

if TYPE_CHECKING:
    from tradecredit_sdk.client import TradeCreditClient
    from tradecredit_sdk.testing.server import RunningSandbox

ASKED_ON, TODAY = date(2026, 2, 10), date(2026, 3, 31)
MORNING = time(8, tzinfo=timezone.utc)
STEPS = [Decimal(step) * 10_000 for step in (1, 2, 3, 4, 5, 6, 8, 10, 15, 20, 25, 30, 40, 50, 60, 80, 100, 150, 200)]
"""Limits are requested in round amounts, in the policy's currency."""
SEASONAL = {"C-1030": date(2026, 3, 15)}
"""Customers for whom cover is requested for a season only, and its last day."""
NEWS = {
    EventType.LIMIT_REDUCED: "reduced",
    EventType.LIMIT_WITHDRAWAL_ANNOUNCED: "withdrawal announced",
    EventType.LIMIT_WITHDRAWN: "withdrawn",
    EventType.LIMIT_EXPIRED: "expired",
}
WAIT_SECONDS = 4
DATA = Path(__file__).resolve().parents[2] / "examples" / "data"


@dataclass
class Book:
    """What the seller's files hold, and what was learnt of each customer."""

    orders: list[OrderRow]
    parties: Parties
    debts: Debts
    overdue: OverdueItems
    rates: ExchangeRates
    policy: Policy
    buyers: dict[str, str]
    items: list[OpenItem]

    def items_of(self, customer: str) -> Iterator[OpenItem]:
        """What this customer owes."""
        return (item for item in self.items if item.customer == customer)

    def customers_of(self, buyer_id: str) -> list[str]:
        """Customer numbers that are this one legal buyer."""
        return [customer for customer, known in self.buyers.items() if known == buyer_id]

    def name(self, buyer_id: str | None) -> str:
        """The buyer's name as the seller writes it."""
        customers = self.customers_of(buyer_id) if buyer_id else []
        return name_of(customers[0], self.parties.by_customer) if customers else "-"


@click.command()
@click.option("--data", type=click.Path(file_okay=False, path_type=Path), default=DATA, help="Where the CSV files are.")
@click.option("--report", type=click.Path(dir_okay=False, path_type=Path), default=Path("build/demo-report.html"),
              show_default=True, help="The page to write.")  # fmt: skip
def demo(data: Path, report: Path) -> None:
    """Run the whole loop on the example files against a sandbox insurer of its own."""
    from tradecredit_sdk.client import TradeCreditClient
    from tradecredit_sdk.testing.server import RunningSandbox

    screen = Screen()
    screen.title()
    start = datetime.combine(ASKED_ON, MORNING)
    with tempfile.TemporaryDirectory() as folder, RunningSandbox(now=start, underwriter_seconds=2) as sandbox:
        screen.step(f"A sandbox insurer runs at {sandbox.url}; its calendar shows {ASKED_ON:%d %B %Y}.")
        journal = str(Path(folder) / "journal.sqlite")
        with TradeCreditClient(
            insurer="open", base_url=sandbox.base_url_open, api_key="sandbox", policy="DEMO-001", journal=journal
        ) as client:
            book = _read(data, client, screen)
            _identify(client, book, screen)
            _request_limits(client, book, screen)
            _let_time_pass(client, book, sandbox, screen)
            checked = _check(client, book, screen)
            declared = _declare(client, book, screen)
            timeline = Clock(client, sandbox, book, screen).run(TODAY)
    page = Report(
        title="Credit check on 31 March 2026",
        policy=book.policy,
        day=TODAY,
        buyers=buyer_lines(checked, book.parties.by_customer),
        orders=order_lines(checked, book.parties.by_customer),
        overdues=overdue_lines(book.overdue, book.parties.by_customer, book.buyers, book.policy, declared),
        timeline=timeline,
    )
    screen.end(write_report(page, report))


def _read(data: Path, client: TradeCreditClient, screen: Screen) -> Book:
    parties, overdue, policy = Parties(), OverdueItems(TODAY), client.policies.get()
    order_file, ledger = Orders(data / "orders.csv", parties), Ledger(data / "ledger.csv", parties)
    orders, items = list(order_file), list(overdue.watch(ledger))
    if ledger.problems or order_file.problems:
        raise click.ClickException("; ".join(str(problem) for problem in [*ledger.problems, *order_file.problems]))
    debts = measure_ledger(items, orders, policy, TODAY)
    screen.step(
        f"{len(items)} open items and {len(orders)} orders of {len(parties.by_customer)} customers are read from {_near(data)}."
    )
    buyers = lookups.known_buyers(parties.by_customer)
    return Book(orders, parties, debts, overdue, read_rates(data / "rates.csv"), policy, buyers, items)


def _near(path: Path) -> Path:
    """The path from here, where that is shorter."""
    return path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path


def _identify(client: TradeCreditClient, book: Book, screen: Screen) -> None:
    parties = book.parties.by_customer
    wanted = lookups.to_identify(parties, parties)
    with screen.progress("Identifying the customers by VAT and registration number", len(wanted)) as step:
        book.buyers.update(lookups.identify(client, parties, wanted, step).buyers)
    unknown = [name_of(customer, parties) for customer in parties if customer not in book.buyers]
    screen.step(
        f"{len(book.buyers)} customers are {len(set(book.buyers.values()))} legal buyers at the insurer; "
        f"not identified: {', '.join(unknown) or 'none'}."
    )


def _request_limits(client: TradeCreditClient, book: Book, screen: Screen) -> None:
    """Ask for what each buyer will need, except where the seller's own discretionary limit is enough."""
    wanted = {buyer_id: _needed(book, buyer_id) for buyer_id in dict.fromkeys(book.buyers.values())}
    own = book.policy.discretionary_limit
    ask = {buyer: need for buyer, need in wanted.items() if need is not None and (own is None or need > own)}
    applications: list[LimitApplication] = []
    with screen.progress("Requesting limits", len(ask)) as step:
        for buyer_id, amount in ask.items():
            customer = book.customers_of(buyer_id)[0]
            until = SEASONAL.get(customer)
            applications.append(
                client.limits.request(
                    buyer_id=buyer_id,
                    amount=amount,
                    kind="temporary" if until else "permanent",
                    valid_until=until,
                    terms_days=_terms(book, buyer_id),
                    reference=f"DEMO-{customer}",
                )
            )
            step()
    decisions = _wait(client, applications, screen)
    screen.step(f"{len(applications)} limits are requested; the insurer has decided:")
    screen.decisions(Counter(str(decision.model_dump(mode="json")["state"]) for decision in decisions))


def _wait(client: TradeCreditClient, applications: list[LimitApplication], screen: Screen) -> list[LimitDecision]:
    pending = [application for application in applications if application.is_pending]
    decisions = [application.decision for application in applications if application.decision is not None]
    with screen.progress("Waiting for the underwriter", len(pending)) as step:
        for application in pending:
            try:
                decisions.append(client.limits.wait(application.id, seconds=WAIT_SECONDS))
            except PendingError:
                decisions.append(client.limits.decision(application.id))
            step()
    return decisions


def _needed(book: Book, buyer_id: str) -> Money | None:
    """What the buyer owes and has ordered, in the policy's currency, as a round amount; None when a rate is missing."""
    customers, currency = book.customers_of(buyer_id), book.policy.currency
    owed, _ = total_owed(combine(book.debts.owed.get(one, Exposure()) for one in customers), currency, book.rates)
    total = owed.amount if owed is not None else None
    for row in book.orders:
        if row.customer in customers:
            amount = book.rates.convert(row.order.amount, currency, up=True)
            total = None if total is None or amount is None else total + amount.amount
    if total is None or total <= 0:
        return None
    own = book.policy.discretionary_limit
    if own is not None and total <= own.amount:
        return Money(total, currency)
    return Money(next((step for step in STEPS if step >= total), total), currency)


def _terms(book: Book, buyer_id: str) -> int:
    """The longest terms its orders have, as far as the policy goes."""
    customers, most = book.customers_of(buyer_id), book.policy.max_payment_terms_days
    return min(max(row.order.terms_days or most for row in book.orders if row.customer in customers), most)


def _let_time_pass(client: TradeCreditClient, book: Book, sandbox: RunningSandbox, screen: Screen) -> None:
    bookmark = None
    while (page := client.events.poll(bookmark)).items:
        bookmark = page.next_cursor
    sandbox.set_now(datetime.combine(TODAY, MORNING))
    screen.step(f"Seven weeks pass. On {TODAY:%d %B %Y} the insurer has changed on its own:")
    last: dict[str, str] = {}  # of one limit the latest news is what counts
    while (page := client.events.poll(bookmark)).items:
        bookmark = page.next_cursor
        last.update({book.name(event.buyer_id): NEWS[event.type] for event in page.items if event.type in NEWS})
    screen.news({what: [name for name, news in last.items() if news == what] for what in NEWS.values()})


def _check(client: TradeCreditClient, book: Book, screen: Screen) -> list[Checked]:
    limits = lookups.positions(client, set(book.buyers.values()))
    now = datetime.now(timezone.utc)
    checked = list(check_orders(book.orders, book.debts, book.buyers, limits, book.policy, TODAY, book.rates, now))
    screen.step(f"{len(checked)} orders are checked against the cover in force:")
    screen.verdicts(checked, book.parties.by_customer)
    return checked


def _declare(client: TradeCreditClient, book: Book, screen: Screen) -> list[Overdue]:
    """Declare every buyer whose oldest invoice is beyond the maximum extension period and still in time."""
    declared: list[Overdue] = []
    missed = []
    for customer, items in book.overdue.by_customer.items():
        days = deadlines(min(item.original_due_date or TODAY for item in items), book.policy)
        if days.notification < TODAY:
            missed.append(name_of(customer, book.parties.by_customer))
        if customer not in book.buyers or not days.stop_of_cover < TODAY <= days.notification:
            continue
        declaration = OverdueDeclaration(
            buyer_id=book.buyers[customer],
            invoices=tuple(
                OverdueInvoice(number=item.number, due_date=item.original_due_date or TODAY, amount=item.amount)
                for item in items
            ),
            reference=f"OVD-{customer}",
        )
        declared.append(client.overdues.declare(declaration))
    screen.step(f"{len(book.overdue.by_customer)} customers are overdue; {len(declared)} of them must be declared now:")
    screen.overdues(declared, book.name, missed)
    return declared


def main() -> int:
    """Run the demo and return the exit code."""
    try:
        demo.main(standalone_mode=False)
    except (KeyboardInterrupt, click.Abort):
        print("\nThe demo was interrupted; nothing is left running.", file=sys.stderr)  # noqa: T201
        return ExitCode.INTERRUPTED
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except TradeCreditError as error:
        failure = describe(error)
        failure.write(as_json=False)
        return failure.code
    return ExitCode.DONE


if __name__ == "__main__":
    sys.exit(main())
