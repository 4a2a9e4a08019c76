"""From verdicts and open items to the lines of the report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from tradecredit_sdk.cli.ledger_files import OrderRow, Party
from tradecredit_sdk.cli.report import BuyerLine, OrderLine, OverdueLine
from tradecredit_sdk.models.exposure import ItemKind, OpenItem
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.overdue import Overdue
from tradecredit_sdk.models.policy import Policy
from tradecredit_sdk.models.verdict import ReasonCode, Verdict
from tradecredit_sdk.rules.deadlines import deadlines

Checked = tuple[OrderRow, Verdict]

NOT_KNOWN = ReasonCode.BUYER_NOT_IDENTIFIED
_REMARKS = {
    NOT_KNOWN: "find the legal entity",
    ReasonCode.STOP_OF_COVER: "cover has stopped",
    ReasonCode.COVER_STOPPED: "the insurer has stopped cover",
    ReasonCode.LIMIT_WITHDRAWN: "limit withdrawn",
    ReasonCode.LIMIT_EXPIRED: "limit expired",
    ReasonCode.WITHDRAWAL_ANNOUNCED: "withdrawal announced",
    ReasonCode.REDUCTION_ANNOUNCED: "reduction announced",
    ReasonCode.PENDING_DECISION: "decision pending",
    ReasonCode.DISCRETIONARY_COVER_USED: "your own discretionary limit",
}


class OverdueItems:
    """Lets the open items of a ledger pass, and keeps the unpaid invoices that are past their due date."""

    def __init__(self, today: date) -> None:
        self.today = today
        self.by_customer: dict[str, list[OpenItem]] = {}

    def watch(self, items: Iterable[OpenItem]) -> Iterator[OpenItem]:
        """The same items."""
        today, invoice = self.today, ItemKind.INVOICE
        for item in items:
            due = item.original_due_date
            if due is not None and due < today and item.kind is invoice and item.amount.amount > 0:
                self.by_customer.setdefault(item.customer, []).append(item)
            yield item


def order_lines(checked: Sequence[Checked], parties: Mapping[str, Party]) -> list[OrderLine]:
    """One line an order, in the order of the file."""
    return [
        OrderLine(
            number=row.order.number,
            name=name_of(row.customer, parties),
            buyer_id=row.order.buyer_id,
            amount=row.order.amount,
            terms_days=row.order.terms_days,
            verdict=verdict,
        )
        for row, verdict in checked
    ]


def buyer_lines(checked: Sequence[Checked], parties: Mapping[str, Party]) -> list[BuyerLine]:
    """One line a legal buyer: its cover, what it owed before the orders, and all its orders together."""
    by_buyer: dict[str, list[Checked]] = {}
    for row, verdict in checked:
        by_buyer.setdefault(row.order.buyer_id or f"customer {row.customer}", []).append((row, verdict))
    lines = []
    for group in by_buyer.values():
        row, first = group[0]
        party = parties.get(row.customer)
        known = row.order.buyer_id is not None
        codes = {reason.code for _, verdict in group for reason in verdict.reasons}
        line = BuyerLine(
            name=name_of(row.customer, parties),
            country=(party.country if party else None) or "",
            buyer_id=row.order.buyer_id,
            limit=first.limit,
            exposure=first.exposure,
            orders=_total([verdict.order for _, verdict in group]),
            remark=", ".join(word for code, word in _REMARKS.items() if code in codes and (known or code is NOT_KNOWN)),
        )
        lines.append(line)
    return lines


def overdue_lines(
    overdue: OverdueItems,
    parties: Mapping[str, Party],
    buyers: Mapping[str, str],
    policy: Policy,
    declared: Iterable[Overdue] = (),
) -> list[OverdueLine]:
    """One line a legal buyer that owes past the due date, with the deadlines of its oldest invoice."""
    known = {
        (item.buyer_id, invoice.number, invoice.due_date): item.id
        for item in declared
        if not item.is_closed
        for invoice in item.invoices
        if invoice.is_open
    }
    groups: dict[str, list[OpenItem]] = {}
    for customer, items in overdue.by_customer.items():
        groups.setdefault(buyers.get(customer, f"customer {customer}"), []).extend(items)
    lines = []
    for key, items in groups.items():
        oldest = min(items, key=lambda item: item.original_due_date or date.max)
        due = oldest.original_due_date or date.max
        days = deadlines(due, policy)
        buyer_id = buyers.get(oldest.customer)
        line = OverdueLine(
            name=name_of(oldest.customer, parties),
            buyer_id=buyer_id,
            invoices=len(items),
            unpaid=_by_currency(item.amount for item in items),
            oldest_due=due,
            stop_of_cover=days.stop_of_cover,
            notification=days.notification,
            declared=known.get((key, oldest.number, due)),
        )
        lines.append(line)
    return lines


def name_of(customer: str, parties: Mapping[str, Party]) -> str:
    """The customer's name, or its number where the files give no name."""
    party = parties.get(customer)
    return (party.name if party else None) or customer


def _total(amounts: Sequence[Money | None]) -> Money | None:
    total: Money | None = None
    for money in amounts:
        if money is None:
            return None
        total = money if total is None else total + money
    return total


def _by_currency(amounts: Iterable[Money]) -> tuple[Money, ...]:
    sums: dict[str, Money] = {}
    for money in amounts:
        sums[money.currency] = sums[money.currency] + money if money.currency in sums else money
    return tuple(sums[currency] for currency in sorted(sums))
