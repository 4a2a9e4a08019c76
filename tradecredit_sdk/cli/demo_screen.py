"""How the demo looks in a terminal, and in a pipe."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.padding import Padding
from rich.panel import Panel
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn
from rich.table import Table
from rich.text import Text

from tradecredit_sdk.cli.report_lines import Checked, name_of
from tradecredit_sdk.models.overdue import Overdue
from tradecredit_sdk.models.verdict import Outcome, Verdict

if TYPE_CHECKING:
    from tradecredit_sdk.cli.ledger_files import Party

_STYLES = {Outcome.ALLOWED: "green", Outcome.WARNING: "yellow", Outcome.BLOCKED: "red"}
_SIGNS = {Outcome.ALLOWED: "\N{CHECK MARK}", Outcome.WARNING: "!", Outcome.BLOCKED: "\N{BALLOT X}"}
_DECISION_STYLES = {"approved": "green", "partly_approved": "yellow", "refused": "red"}
_PIPE_WIDTH, _TABLE_WIDTH = 120, 90


class Screen:
    """Writes to stdout; progress bars only where a person looks."""

    def __init__(self) -> None:
        self.console = Console(highlight=False)
        if not self.console.is_terminal and "COLUMNS" not in os.environ:
            self.console.width = _PIPE_WIDTH
        self._number = 0

    def title(self) -> None:
        """What this is."""
        self.console.print(
            Panel(
                "Identify the buyers, request limits, hear what the insurer changes, check every order, declare what is "
                "overdue, and let the clock run until cover stops and comes back: on invented companies, against an insurer that runs on this machine.",
                title="[bold]tradecredit demo[/]",
                border_style="blue",
                padding=(1, 2),
            )
        )

    def step(self, what: str) -> None:
        """One step of the loop that is done."""
        self._number += 1
        self.console.print(Text.assemble((f"\n{self._number}  ", "bold blue"), (what, "bold")))

    @contextmanager
    def progress(self, what: str, total: int) -> Iterator[Callable[[], None]]:
        """A bar while something takes its time; the yielded function counts one."""
        parts = (SpinnerColumn(), TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
        with Progress(*parts, console=self.console, transient=True, disable=not self.console.is_terminal) as bar:
            task = bar.add_task(what, total=total)
            yield lambda: bar.advance(task)

    def decisions(self, counts: Counter[str]) -> None:
        """How many of each."""
        for state, count in counts.most_common():
            words = state.replace("_", " ")
            self._line(Text.assemble((f"{count:>4} ", "bold"), (words, _DECISION_STYLES.get(state, "cyan"))))

    def news(self, news: Mapping[str, Sequence[str]]) -> None:
        """What the insurer did on its own, and to whose limits."""
        for what, names in news.items():
            if names:
                self._line(Text.assemble((f"{what}: ", "yellow"), ", ".join(names)))

    def verdicts(self, checked: Sequence[Checked], parties: Mapping[str, Party]) -> None:
        """Every order with its verdict and why."""
        if self.console.width < _TABLE_WIDTH:
            for row, verdict in checked:
                who = f"  {row.order.number}  {row.order.amount}  {name_of(row.customer, parties)}"
                self._line(Text.assemble(_word(verdict), who))
                for reason in verdict.reasons:
                    self.console.print(Padding(Text(reason.message, style="dim"), (0, 0, 0, 6), expand=False))
        else:
            self.console.print(_verdict_table(checked, parties))
        counts = Counter(verdict.outcome for _, verdict in checked)
        parts = [(f"{_SIGNS[outcome]} {counts[outcome]} {outcome.value}   ", _STYLES[outcome]) for outcome in Outcome]
        self._line(Text.assemble(*parts))

    def overdues(self, declared: Sequence[Overdue], name: Callable[[str], str], missed: Sequence[str]) -> None:
        """What was declared, and what was not in time."""
        for overdue in declared:
            oldest = min(invoice.due_date for invoice in overdue.invoices)
            amount = f"{overdue.total}, oldest due {oldest}"
            self._line(Text.assemble(("declared  ", "green"), f"{name(overdue.buyer_id)}: {amount} ({overdue.id})"))
        for customer in missed:
            self._line(Text.assemble(("too late  ", "red"), f"{customer}: the last day to declare has passed"))

    def moment(self, day: date, what: str, *, insured: bool) -> None:
        """One day on which something happens, and whether new deliveries are insured from then on."""
        sign, style = ("\N{CHECK MARK}", "green") if insured else ("\N{BALLOT X}", "red")
        self._line(Text.assemble((f"{day}  ", "bold"), (f"{sign} ", style), what))

    def verdict(self, number: str, verdict: Verdict) -> None:
        """One order and why."""
        why = "; ".join(reason.message for reason in verdict.reasons) or "inside the cover in force"
        self._line(Text.assemble("            ", (f"{number}: ", "bold"), _word(verdict), f"  {why}"))

    def end(self, page: Path) -> None:
        """Where the page is and what to try next."""
        self.step("The sandbox has stopped. The outcome as a page for people:")
        self._line(Text(str(page), style="bold underline"))
        self.console.print(
            Panel(
                Text.assemble(
                    ("make sandbox", "bold"), "                          the insurer again, with its console in your browser\n",
                    (". .venv/bin/activate", "bold"), "                  then, with the variables it prints:\n",
                    ("tradecredit doctor", "bold"), "                    is everything as it should be?\n",
                    ("tradecredit buyer find Nordlicht --country DE", "bold"), "\n",
                    ("python examples/check_one_order.py", "bold"), "    the credit check by itself\n",
                    ("docs/tutorial.md", "bold"), "                      the same loop step by step",
                ),
                title="what to try next",
                border_style="blue",
                padding=(1, 2),
            )
        )  # fmt: skip

    def _line(self, text: Text) -> None:
        self.console.print(Padding(text, (0, 0, 0, 3), expand=False))


def _word(verdict: Verdict) -> Text:
    return Text(f"{_SIGNS[verdict.outcome]} {verdict.outcome.value}", style=_STYLES[verdict.outcome])


def _verdict_table(checked: Sequence[Checked], parties: Mapping[str, Party]) -> Table:
    table = Table(box=SIMPLE_HEAD, pad_edge=False, header_style="bold", expand=True)
    table.add_column("order", no_wrap=True)
    table.add_column("customer", ratio=2, overflow="fold")
    table.add_column("amount", justify="right", no_wrap=True)
    table.add_column("verdict", no_wrap=True)
    table.add_column("why", ratio=5, overflow="fold")
    for row, verdict in checked:
        why = Text("\n".join(reason.message for reason in verdict.reasons))
        name = Text(name_of(row.customer, parties))
        table.add_row(row.order.number, name, str(row.order.amount), _word(verdict), why)
    return table
