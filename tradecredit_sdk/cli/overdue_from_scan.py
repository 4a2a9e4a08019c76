"""`tradecredit overdue declare --from-scan FILE`: one declaration for each buyer and currency of a scan.

Safe to repeat: the reference of a declaration follows from what is in it, so the journal knows it again; and one that
names an invoice of an earlier declaration is left to a person, unless that one is over, and was when the scan was made.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import date, datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tradecredit_sdk.cli.exit_codes import ExitCode
from tradecredit_sdk.cli.failure import describe
from tradecredit_sdk.cli.output import Column, emit, note, progress
from tradecredit_sdk.cli.overdue_scan_file import Debtor, debtors
from tradecredit_sdk.client.overdue_watch import was_by_hand
from tradecredit_sdk.errors import NotFoundError, TradeCreditError, UnsupportedOperationError
from tradecredit_sdk.journal.entry import OPEN_STATES, Entry, EntryState
from tradecredit_sdk.models.overdue import Overdue, OverdueDeclaration, OverdueState

if TYPE_CHECKING:
    from tradecredit_sdk.cli.options import Run
    from tradecredit_sdk.client import TradeCreditClient

COLUMNS = (
    Column("state", "state"),
    Column("buyer_id", "buyer"),
    Column("name", "name"),
    Column("total", "total", currency="currency"),
    Column("invoices", "invoices"),
    Column("reference", "reference"),
    Column("id", "overdue"),
    Column("answer", "answer"),
    Column("repeated", ""),
)
_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_EVER = datetime(1970, 1, 1, tzinfo=timezone.utc)
_TIMES = 100
"""So often the same may be declared anew after it was taken back."""
_TAKEN_BACK = frozenset({OverdueState.SETTLED, OverdueState.WITHDRAWN})


def declare_scan(run: Run, path: Path, today: date) -> int:
    """Declare what the scan says, buyer by buyer; one that fails does not keep the others from being declared.

    The exit code is that of the first failure; else 4 when one was skipped; else 0.
    """
    found, skipped = debtors(path)
    jobs, results = _jobs(found, today)
    wanted, codes = len(jobs) + len(results), [ExitCode.REFUSED] * len(results)
    for reason, count in sorted(skipped.items()):
        note(f"{count} invoices are not declared: {reason}")
    for debtor in found:
        if debtor.found is not None and debtor.total < debtor.found:
            note(
                f"warning: buyer {debtor.buyer_id}: {debtor.total} of the {debtor.found} that the scan found: rows are missing"
            )
    if run.dry_run:
        return _show(run, jobs, results)
    client = run.client(journal=True)
    try:
        with progress("declaring", len(jobs)) as step:
            for job in jobs:
                record, code = _declare(client, job, today)
                results.append({**job.record(), **record})
                codes += [code] if code is not ExitCode.DONE else []
                step()
    except KeyboardInterrupt:
        _tell(run, results)
        note(f"interrupted after {len(results)} of {wanted}: to declare the others, too, repeat the command")
        raise
    _tell(run, results)
    left = any(one["state"] == "skipped" for one in results)
    return codes[0] if codes else ExitCode.REFUSED if left else ExitCode.DONE


@dataclass(frozen=True)
class Job:
    """One declaration, without its reference."""

    debtor: Debtor
    declaration: OverdueDeclaration

    def under(self, nth: int) -> OverdueDeclaration:
        """The declaration, for the first time or after `nth` earlier ones of the same are over."""
        return self.declaration.model_copy(update={"reference": reference_of(self.declaration, nth)})

    def record(self) -> dict[str, Any]:
        """How it is shown."""
        return {
            "buyer_id": self.declaration.buyer_id,
            "name": self.debtor.name or None,
            "total": f"{self.declaration.total.amount:f}",
            "currency": self.declaration.total.currency,
            "invoices": [invoice.number for invoice in self.declaration.invoices],
            "reference": reference_of(self.declaration),
            "id": None,
            "answer": None,
            "repeated": False,
        }


def reference_of(declaration: OverdueDeclaration, nth: int = 0) -> str:
    """20 characters that follow from buyer, invoices and amounts alone: the same declaration always has the same."""
    content = declaration.model_dump(mode="json", include={"buyer_id", "invoices"})
    content["invoices"].sort(key=lambda invoice: str(invoice["number"]))
    if nth:
        content["again"] = nth
    digest = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).digest()
    number = int.from_bytes(digest[:10], "big")
    return "SCAN" + "".join(_SIGNS[(number >> 5 * place) & 31] for place in range(16))


def _jobs(found: list[Debtor], today: date) -> tuple[list[Job], list[dict[str, Any]]]:
    """What can be declared, and how the buyers are shown that cannot."""
    jobs, failed = [], []
    for debtor in found:
        problem = debtor.problem
        if not problem and debtor.is_early(today):
            problem = f"{', '.join(debtor.numbers)}: not overdue yet on {today}; declare it after its due date"
        if problem:
            failed.append({
                "state": "failed", "buyer_id": debtor.buyer_id, "name": debtor.name or None,
                "total": f"{debtor.total.amount:f}", "currency": debtor.currency, "invoices": debtor.numbers,
                "reference": None, "id": None, "answer": problem, "repeated": False,
            })  # fmt: skip
        else:
            jobs += [Job(debtor, declaration) for declaration in debtor.declarations()]
    return jobs, failed


def _declare(client: TradeCreditClient, job: Job, today: date) -> tuple[dict[str, Any], ExitCode]:
    try:
        return _send(client, job, today), ExitCode.DONE
    except TradeCreditError as error:
        failure = describe(error)
        return {"state": "failed", "answer": f"{failure.message}. {failure.remedy}"}, failure.code


def _send(client: TradeCreditClient, job: Job, today: date) -> dict[str, Any]:
    """Declare it under the first reference that no earlier declaration used up; or say why it is skipped."""
    overdues, over = client.overdues, set[int]()
    known = {entry.reference: entry for entry in overdues.same_content(job.declaration, since=_EVER)}
    first = 0
    while job.under(first + 1).reference in known:
        first += 1
    for nth in range(first, _TIMES):
        declaration = job.under(nth)
        reference = str(declaration.reference)
        same = known.get(reference)
        if same is None:
            other = _reserve(client, job, declaration, over)
            if other is not None and other.reference != reference:
                return {"state": "skipped", "reference": reference, "answer": _why_skipped(client, declaration, other)}
            same = other
        elif same.state is EntryState.ANSWERED and not _stands(client, same, declaration):
            if _is_newer(job, same.planned_at):
                continue
            return {"state": "skipped", "id": same.insurer_id, "answer": _is_over(same.planned_at)}
        overdue = overdues.declare(declaration, today=today)
        if overdue.state in _TAKEN_BACK:  # the insurer knew the reference, and this journal did not
            if overdue.declared_at is not None and _is_newer(job, overdue.declared_at):
                over |= {one.id for one in overdues.same_content(declaration, since=_EVER)}
                continue
            return {"state": "skipped", "id": overdue.id, "answer": _is_over(overdue.declared_at)}
        is_repeated = same is not None and same.state is EntryState.ANSWERED
        return {**_declared(overdue), "reference": reference, "repeated": is_repeated}
    return {"state": "skipped", "answer": f"it was declared {_TIMES} times: declare it with a --reference of your own"}


def _reserve(client: TradeCreditClient, job: Job, declaration: OverdueDeclaration, over: set[int]) -> Entry | None:
    """Write it down, to be sent next; or the earlier declaration that holds one of its invoices still.

    The ids of entries that are `over` stand in nobody's way; more are added.
    """
    while (other := client.overdues.reserve(declaration, since=_EVER, passed=over)) is not None:
        is_over = other.state is EntryState.ANSWERED and not _stands(client, other, declaration)
        if not is_over or not _is_newer(job, other.planned_at):
            return other
        over.add(other.id)
    return None


def _stands(client: TradeCreditClient, entry: Entry, declaration: OverdueDeclaration) -> bool:
    """Whether the insurer still has one of the invoices as declared with `entry`; it is believed where it cannot be asked."""
    if was_by_hand(entry):
        return True
    try:
        overdue = client.overdues.get(str(entry.insurer_id))
    except NotFoundError:  # gone: a sandbox that began anew
        return False
    except UnsupportedOperationError:
        return True
    if overdue.reference not in (None, entry.reference) or overdue.buyer_id != declaration.buyer_id:
        return False
    numbers = {invoice.number for invoice in declaration.invoices}
    is_open = any(invoice.is_open and invoice.number in numbers for invoice in overdue.invoices)
    return overdue.state not in _TAKEN_BACK and (is_open or not overdue.invoices)


def _is_newer(job: Job, moment: datetime) -> bool:
    """Whether the scan saw what had become of a declaration of that moment, and still says: declare."""
    return job.debtor.scanned_at is not None and job.debtor.scanned_at > moment


def _why_skipped(client: TradeCreditClient, declaration: OverdueDeclaration, entry: Entry) -> str:
    both = ", ".join(client.overdues.declared_before(declaration, entry)) or "the same"
    what = f"{both} was declared on {entry.planned_at:%Y-%m-%d} under {entry.reference}"
    if entry.state in OPEN_STATES:
        return f"{what}, whose outcome is not known yet: overdue reconcile"
    if not _stands(client, entry, declaration):
        return _is_over(entry.planned_at)
    return f"{what}; to declare it once more: overdue declare --reference NEW"


def _is_over(declared_at: datetime | None) -> str:
    when = f" on {declared_at:%Y-%m-%d}" if declared_at is not None else ""
    return f"declared{when}, and settled or withdrawn since; this scan does not know it: scan again and declare that"


def _declared(overdue: Overdue) -> dict[str, Any]:
    return {"state": str(getattr(overdue.state, "value", overdue.state)), "id": overdue.id, "answer": overdue.answer}


# ---- what is told --------------------------------------------------------------------------------------------------


def _tell(run: Run, results: list[dict[str, Any]]) -> None:
    emit(run.output, results, COLUMNS, nothing="nothing in the scan is to be declared")
    failed = sum(one["state"] == "failed" for one in results)
    left = sum(one["state"] == "skipped" for one in results)
    before = sum(one["repeated"] for one in results)
    note(f"{len(results) - left - before - failed} declared, {before} declared before, {left} skipped, {failed} failed")


def _show(run: Run, jobs: list[Job], failed: list[dict[str, Any]]) -> int:
    rows = [*failed, *({**job.record(), "state": "would be declared"} for job in jobs)]
    emit(run.output, rows, COLUMNS, nothing="nothing in the scan is to be declared")
    more = f", {len(failed)} could not be" if failed else ""
    note(f"dry run: nothing was sent; {len(jobs)} declarations would be{more}")
    return ExitCode.REFUSED if failed else ExitCode.DONE
