"""`tradecredit overdue scan`: which invoices of a ledger must be told to the insurer, by when, and for how much."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import date, datetime, timezone
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tradecredit_sdk.cli.exit_codes import ExitCode
from tradecredit_sdk.cli.options import Run, in_zone, pass_run, shared_options
from tradecredit_sdk.cli.output import Column, emit, note, progress
from tradecredit_sdk.cli.params import DAY
from tradecredit_sdk.errors import InvalidInputError
from tradecredit_sdk.models.exposure import ItemKind, OpenItem

if TYPE_CHECKING:
    from tradecredit_sdk.cli.ledger_files import Party
    from tradecredit_sdk.cli.ledger_sieve import SievedLedger
    from tradecredit_sdk.models.policy import Policy
    from tradecredit_sdk.rules.overdue_scan import BuyerScan, Clock, Told

COLUMNS = (
    Column("when", "when"),
    Column("to_do", "what"),
    Column("last_day", "last day"),
    Column("customer", "customer"),
    Column("name", "name"),
    Column("buyer_id", "buyer"),
    Column("document", "invoice"),
    Column("due_date", "due date"),
    Column("unpaid", "unpaid", currency="currency"),
    Column("declare", "declare now", currency="currency"),
    Column("reason", "why not"),
    Column("step", ""), Column("days_left", ""), Column("need", ""), Column("max_extension", ""),
    Column("stop_of_cover", ""), Column("notification", ""), Column("date_of_loss", ""), Column("claim", ""),
    Column("declared_on", ""), Column("invoice_date", ""), Column("agreed_due_date", ""), Column("disputed", ""),
    Column("buyer_outstanding", ""), Column("buyer_credits", ""), Column("buyer_overdue", ""),
    Column("buyer_declares", ""), Column("scanned_at", ""), Column("line", ""),
)  # fmt: skip
TO_DO = {"stop_of_cover": "cover stops", "notification": "declare", "date_of_loss": "date of loss", "claim": "claim"}
_Invoice = tuple[str, str, "date | None"]
LONGEST_NUMBER = 40
"""Characters of an invoice's number in a declaration."""
_EXCUSED = frozenset({"not_insured", "credited", "below_threshold"})
_LEDGER = click.Path(exists=True, dir_okay=False, allow_dash=True, path_type=Path)
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.command()
@click.option("--ledger", required=True, type=_LEDGER, metavar="FILE", help="CSV file of open items.")
@click.option("--days", type=click.IntRange(0, 3650), default=15, show_default=True, metavar="N",
              help="Show what has its last day within N days, or had it.")  # fmt: skip
@click.option("--all", "everything", is_flag=True, help="Show every unpaid invoice, whatever time it has.")
@click.option(
    "--insured", type=_FILE, metavar="FILE", help="Only these are declared: buyer ids or customers, one a line."
)
@click.option("--rates", type=_FILE, metavar="FILE", help="CSV file of exchange rates, for the policy's threshold.")
@click.option("--today", type=DAY, metavar="DATE", help="The day to count from (default: today).")
@in_zone
@shared_options
@pass_run
def scan(
    run: Run, ledger: Path, days: int, everything: bool, insured: Path | None, rates: Path | None, today: date | None
) -> int:  # fmt: skip
    """Find what of a ledger must be declared, and by when.

    The most urgent comes first. `declare --from-scan` takes the JSON or CSV this writes. Policy and earlier declarations
    come from the insurer; when it cannot be reached, from the profile file and the journal. Exit code 4: some lines could
    not be read; else 12: a last day has passed; else 0.
    """
    from tradecredit_sdk.cli.csv_blocks import BLOCK
    from tradecredit_sdk.cli.ledger_files import read_rates
    from tradecredit_sdk.cli.ledger_sieve import SievedLedger
    from tradecredit_sdk.cli.orders import complain
    from tradecredit_sdk.cli.overdue_insured import listed, name_strangers
    from tradecredit_sdk.cli.overdue_known import declared_before, policy_here
    from tradecredit_sdk.rules.overdue_scan import near_until

    _check_file(ledger)
    day = today or run.today()
    known_rates = read_rates(rates) if rates else None
    wanted = None if insured is None else listed(insured)
    client = run.client()
    policy = policy_here(client)
    sieved = SievedLedger(ledger, near_until(policy, day, days))
    found = Findings(sieved, policy, day, days, everything=everything)
    with progress("reading the ledger", ledger.stat().st_size // BLOCK + 1) as step:
        found.read(step)
    if insured is not None and wanted is not None:
        name_strangers(wanted, [*found.parties, *found.buyers.values()], insured, ledger)
    scans = found.scan(declared_before(client, run, day), wanted, known_rates)
    complain(sieved.problems, as_json=run.output in ("json", "ndjson"))
    emit(run.output, found.rows(scans), COLUMNS, nothing=f"no invoice has its last day within {days} days of {day}")
    for one in scans:
        for clock in one.clocks:
            if clock.to_declare is not None and len(clock.item.number) > LONGEST_NUMBER:
                note(f"{ledger.name}:{found.lines[_key(clock.item)]}: document: {_in_the_way(clock)}")
    if run.output == "table":
        _sum_up(scans, found)
    if sieved.problems:
        note(f"could not be read, and not in the result: {_counted(len(sieved.problems), 'line')} of the ledger")
        return ExitCode.REFUSED
    return (
        ExitCode.PAST_DUE
        if any(_is_missed(one, clock, day) for one in scans for clock in one.clocks)
        else ExitCode.DONE
    )


def _check_file(ledger: Path) -> None:
    """InvalidInputError for what cannot be read twice, and for a header without a line: an export that failed."""
    if not ledger.is_file():
        raise InvalidInputError(f"{ledger}: the ledger is read more than once: write it to a file")
    with ledger.open("rb") as stream:
        lines = (
            line for line in stream if line.strip() and not line.lower().lstrip(b'\xef\xbb\xbf"').startswith(b"sep=")
        )
        if len(list(islice(lines, 2))) == 1:
            raise InvalidInputError(f"{ledger}: has a header and no line after it: was anything exported?")


@dataclass
class Findings:
    """What one ledger gives: its items with something near, their lines, and the buyers they belong to."""

    ledger: SievedLedger
    policy: Policy
    today: date
    days: int
    everything: bool = False
    scanned_at: str = field(default_factory=lambda: datetime.now(timezone.utc).isoformat())
    _texts: dict[tuple[date | None, date | None], dict[str, str | None]] = field(default_factory=dict)

    def read(self, step: Any = lambda: None) -> None:
        """Read the file; what is there twice becomes a problem."""
        from tradecredit_sdk.cli import lookups
        from tradecredit_sdk.cli.order_check import uncollected

        self.lines: dict[_Invoice, int] = {}
        items = iter(self.ledger) if self.everything else self.ledger.near_items(step)
        with uncollected():
            self.items = list(self._without_doubles(items))
        self.parties: Mapping[str, Party] = self.ledger.parties.by_customer
        self.buyers = {**lookups.same_entity(self.parties).buyers, **lookups.known_buyers(self.parties)}

    def scan(
        self, declared: Mapping[tuple[str, str], Told], insured: Collection[str] | None = None, rates: Any = None
    ) -> list[BuyerScan]:
        """One result a buyer and currency, the most urgent first. `insured` are buyer ids or customer numbers."""
        from tradecredit_sdk.rules import overdue_scan

        keys = None if insured is None else {self.buyers.get(one, one) for one in insured}
        results = overdue_scan.scan(
            self.items, self.policy, self.today, days=self.days, buyers=self.buyers, declared=declared, insured=keys,
            rates=rates, everything=self.everything,
        )  # fmt: skip
        return list(results)

    def rows(self, scans: Iterable[BuyerScan]) -> Iterator[dict[str, Any]]:
        """One row an invoice, the most urgent first: what has little time, and all that is declared with it."""
        rows = [
            (clock.days_left if clock.days_left is not None else date.max.toordinal(), one, clock)
            for one in scans
            for clock in one.clocks
            if self.everything or _needs_a_row(clock) or _is_within(clock, self.days)
        ]
        for _, one, clock in sorted(rows, key=lambda row: (row[0], row[1].buyer, row[2].item.number)):
            yield self._row(one, clock)

    def _row(self, one: BuyerScan, clock: Clock) -> dict[str, Any]:
        item, party = clock.item, self.parties.get(clock.item.customer)
        buyer_id = self.buyers.get(item.customer)
        return {
            "when": when(clock.days_left),
            "to_do": TO_DO.get(clock.step.value, "") if clock.step else None,
            "last_day": _text(clock.last_day),
            "customer": item.customer,
            "name": party.name if party else None,
            "buyer_id": buyer_id,
            "document": item.number,
            "due_date": _text(item.original_due_date),
            "unpaid": f"{clock.unpaid.amount:f}",
            "currency": one.currency,
            "declare": f"{clock.to_declare.amount:f}" if clock.to_declare is not None and buyer_id else None,
            "reason": self._why_not(one, clock, buyer_id),
            "step": clock.step.value if clock.step else None,
            "days_left": clock.days_left,
            "need": one.need.value,
            **self._days(clock),
            "declared_on": _text(clock.declared_on),
            "invoice_date": _text(item.invoice_date),
            "agreed_due_date": _text(item.agreed_due_date),
            "disputed": f"{item.disputed.amount:f}" if item.disputed is not None and item.disputed.amount else None,
            "buyer_outstanding": f"{one.outstanding.amount:f}",
            "buyer_credits": f"{one.credits.amount:f}",
            "buyer_overdue": f"{one.overdue.amount:f}",
            "buyer_declares": f"{one.declared.amount:f}",
            "scanned_at": self.scanned_at,
            "line": self.lines[_key(item)],
        }

    def _days(self, clock: Clock) -> dict[str, str | None]:
        """The days of the clock as texts; those of invoices of one due date are the same."""
        key = clock.item.original_due_date, clock.declared_on
        if key not in self._texts:
            self._texts[key] = {one.name: _text(getattr(clock.deadlines, one.name)) for one in fields(clock.deadlines)}
        return self._texts[key]

    def _why_not(self, one: BuyerScan, clock: Clock, buyer_id: str | None) -> str | None:
        """Why an invoice is not declared now, or what stands in its way; None where all is well."""
        if clock.declared_on is not None:
            return f"declared on {clock.declared_on}" + _too_little(clock)
        if clock.to_declare is not None:
            if not buyer_id:
                return "no buyer id: say in the ledger who the insurer says it is"
            return _in_the_way(clock)
        return {
            "declare": "credited or paid without an invoice: assign it",
            "credited": "credited or paid without an invoice: assign it",
            "below_threshold": f"below the threshold of {self.policy.overdue_threshold}",
            "not_insured": "not on the list of insured buyers",
        }.get(one.need.value, "not yet")

    def _without_doubles(self, items: Iterable[OpenItem]) -> Iterator[OpenItem]:
        currencies: dict[tuple[str, str], str] = {}
        for item in items:
            if item.kind is not ItemKind.INVOICE:
                yield item
                continue
            line, currency = self.ledger.line, item.amount.currency
            first = self.lines.setdefault(_key(item), line)
            known = currencies.setdefault((item.customer, item.number), currency)
            if first != line:
                message = (
                    f"invoice {item.number} due on {item.original_due_date} is on line {first}, too: remove one of them"
                )
                self.ledger.records.problem(line, "document", message, item.customer)
            elif known != currency:
                message = f"invoice {item.number} is in {known} on an earlier line: an invoice has one currency"
                self.ledger.records.problem(line, "currency", message, item.customer)
            elif item.declared_on is not None and item.declared_on > self.today:
                message = f"{item.declared_on} has not come yet, so nothing is declared: today is {self.today}"
                self.ledger.records.problem(line, "declared_on", message, item.customer)
            else:
                yield item


def _key(item: OpenItem) -> _Invoice:
    """What tells two lines of invoices apart; an invoice paid in instalments has several due dates."""
    return item.customer, item.number, item.original_due_date


def when(days_left: int | None) -> str | None:
    """The days left in words, which say by themselves what is late."""
    if days_left is None:
        return None
    if days_left < 0:
        return f"{-days_left} day{'s' if days_left < -1 else ''} late"
    return {0: "today", 1: "tomorrow"}.get(days_left, f"in {days_left} days")


def _too_little(clock: Clock) -> str:
    if clock.undeclared is None or clock.told is None or clock.told.amount is None:
        return ""
    told = clock.told.amount
    return f": {told.amount:,f} of {told + clock.undeclared}; withdraw that and declare all"


def _in_the_way(clock: Clock) -> str | None:
    """Why the insurer will hardly take it as it is."""
    number, told = clock.item.number, clock.told
    if len(number) > LONGEST_NUMBER:
        return f"the number has {len(number)} characters, and a declaration takes {LONGEST_NUMBER}: declare it by hand"
    if told is not None:
        return f"under this number {told.amount} due on {told.due_date} were declared on {told.on}: withdraw that first"
    return None


def _needs_a_row(clock: Clock) -> bool:
    return clock.is_due or clock.to_declare is not None or clock.undeclared is not None


def _is_within(clock: Clock, days: int) -> bool:
    return clock.days_left is not None and clock.days_left <= days


def _is_missed(one: BuyerScan, clock: Clock, today: date) -> bool:
    """Whether a last day has passed; also of what was declared too little, which nobody can declare in time any more."""
    if clock.undeclared is not None and clock.deadlines.notification < today:
        return True
    return clock.is_missed and (clock.declared_on is not None or one.need.value not in _EXCUSED)


def _sum_up(scans: list[BuyerScan], found: Findings) -> None:
    to_declare = [one for one in scans if one.declared.amount and one.buyer in found.buyers.values()]
    missed = sum(_is_missed(one, clock, found.today) for one in scans for clock in one.clocks)
    if to_declare:
        buyers = len({one.buyer for one in to_declare})
        totals = ", ".join(str(total) for total in _totals(to_declare))
        note(f"{_counted(buyers, 'buyer')} to declare: {totals}")
    too_little = sum(clock.undeclared is not None for one in scans for clock in one.clocks)
    if too_little:
        note(f"declared for less than is unpaid: {_counted(too_little, 'invoice')}; see why not")
    if missed:
        note(f"past the last day: {_counted(missed, 'invoice')}. Declare or claim all the same, and ask your insurer")


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}{'' if count == 1 else 's'}"


def _totals(scans: list[BuyerScan]) -> list[Any]:
    sums: dict[str, Any] = {}
    for one in scans:
        sums[one.currency] = sums[one.currency] + one.declared if one.currency in sums else one.declared
    return [sums[currency] for currency in sorted(sums)]


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
