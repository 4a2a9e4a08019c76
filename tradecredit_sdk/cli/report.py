"""One self-contained HTML page with the outcome: limits used, orders by verdict, overdues by deadline.

No script, no picture, nothing loaded from anywhere; every string is escaped (`markup`). Bars say with a pattern and a
number what they say with a colour, so the page can be read without colours and on paper.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, Decimal
from importlib.resources import files
from pathlib import Path
from string import Template

from tradecredit_sdk.cli.markup import Markup, join, tag
from tradecredit_sdk.cli.report_timeline import Timeline, render_timeline
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.policy import Policy
from tradecredit_sdk.models.verdict import Outcome, Verdict

_SIGNS = {
    Outcome.BLOCKED: "\N{BALLOT X} blocked",
    Outcome.WARNING: "! warning",
    Outcome.ALLOWED: "\N{CHECK MARK} allowed",
}
_SOON_DAYS = 14


@dataclass(frozen=True)
class BuyerLine:
    """One legal buyer. Amounts are in the policy's currency, None when a rate is missing.

    `limit` None means not insured; `orders` is the sum of the orders that were checked; `remark` a word on its limit.
    """

    name: str
    country: str
    buyer_id: str | None
    limit: Money | None
    exposure: Money | None
    orders: Money | None
    remark: str = ""


@dataclass(frozen=True)
class OrderLine:
    """One order with its verdict; `amount` in the order's own currency."""

    number: str
    name: str
    buyer_id: str | None
    amount: Money
    terms_days: int | None
    verdict: Verdict


@dataclass(frozen=True)
class OverdueLine:
    """What one buyer has not paid. `unpaid` by currency; days are the policy's, from the oldest original due date.

    `declared` is the insurer's id of the declaration, None when there is none.
    """

    name: str
    buyer_id: str | None
    invoices: int
    unpaid: tuple[Money, ...]
    oldest_due: date
    stop_of_cover: date
    notification: date
    declared: str | None = None


@dataclass(frozen=True)
class Report:
    """All the page shows. `problems` are the input lines that could not be read."""

    title: str
    policy: Policy
    day: date
    buyers: Sequence[BuyerLine]
    orders: Sequence[OrderLine]
    overdues: Sequence[OverdueLine]
    problems: Sequence[str] = ()
    timeline: Timeline | None = None


def write_report(report: Report, path: Path) -> Path:
    """Write the page, making its folder when needed; OSError.

    It tells customers' names and debts: a new file is its owner's alone, one that exists keeps its permissions.
    """
    page = render(report)
    path.parent.mkdir(parents=True, exist_ok=True)
    private = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(private, "w", encoding="utf-8") as file:
        file.write(page)
    return path.resolve()


def render(report: Report) -> str:
    """The whole page as text."""
    policy = report.policy
    body = join(
        _cards(report), _limits(report.buyers), _orders(report.orders), _overdues(report.overdues, report.day),
        _timeline(report.timeline), _problems(report.problems),
    )  # fmt: skip
    subtitle = f"As of {report.day}. Policy {policy.id} at {policy.insurer}, amounts in {policy.currency} unless said otherwise."
    footer = (
        f"Insured percentage {policy.insured_percentage} %, payment terms at most {policy.max_payment_terms_days} days, "
        f"maximum extension period {policy.max_extension_days} days, overdues to be declared within "
        f"{policy.notification_days} days after it; tax basis {policy.tax_basis.value}. A verdict tells whether an order "
        "would ship under cover as it stands; it changes no right or duty under the policy."
    )
    page = Template(files("tradecredit_sdk.cli").joinpath("report.html").read_text(encoding="utf-8"))
    return page.substitute(title=join(report.title), subtitle=join(subtitle), body=body, footer=join(footer))


def _cards(report: Report) -> Markup:
    counts = {outcome: sum(line.verdict.outcome is outcome for line in report.orders) for outcome in Outcome}
    limits = _sum((buyer.limit for buyer in report.buyers), report.policy.currency)
    used = _sum((buyer.exposure for buyer in report.buyers if buyer.limit is not None), report.policy.currency)
    urgent = sum(line.declared is None and line.stop_of_cover < report.day for line in report.overdues)
    blocked = _sum((line.verdict.order for line in report.orders if line.verdict.is_blocked), report.policy.currency)
    return tag(
        "div",
        _card(f"{len(report.orders):,}", "orders", f"{counts[Outcome.ALLOWED]} allowed, {counts[Outcome.WARNING]} with a "
              f"warning, {counts[Outcome.BLOCKED]} blocked"),
        _card(f"{blocked.amount:,.0f}", blocked.currency, "of orders are blocked: not insured in full as they stand"),
        _card(f"{limits.amount:,.0f}", limits.currency, f"cover in force, {used.amount:,.0f} of it owed by insured buyers"),
        _card(f"{len(report.overdues)}", "overdue buyers", f"{urgent} past the maximum extension period and not declared"),
        class_="cards",
    )  # fmt: skip


def _card(number: str, unit: str, what: str) -> Markup:
    return tag("div", tag("b", number, " ", tag("small", unit)), tag("span", what, class_="what"), class_="card")


def _limits(buyers: Sequence[BuyerLine]) -> Markup:
    rows = [
        tag(
            "tr",
            tag(
                "td",
                tag("span", buyer.name, class_="name"),
                tag("span", _identity(buyer.buyer_id, buyer.country), class_="sub"),
            ),
            tag("td", _bar(buyer), tag("span", _said(buyer), class_="sub")),
            _number(buyer.limit, "not insured"),
            _number(buyer.exposure, "rate missing"),
            _number(buyer.orders, "rate missing"),
        )
        for buyer in sorted(buyers, key=_pressure, reverse=True)
    ]
    legend = tag(
        "div",
        _key("used", "owed today"), _key("order", "orders to check, inside the limit"), _key("over", "beyond the limit"),
        tag("span", tag("b", "\N{BOX DRAWINGS HEAVY VERTICAL}"), " the limit; the bar ends at one and a half times the limit"),
        class_="legend",
    )  # fmt: skip
    return _section("Limits used", "Each buyer against its cover in force, the fullest first.", legend,
                    _table(("Buyer", "Use of the limit", "#Limit", "#Owed", "#Orders"), rows))  # fmt: skip


def _pressure(buyer: BuyerLine) -> tuple[int, Decimal, str]:
    share = _percent(buyer)
    wanted = sum((money.amount for money in (buyer.exposure, buyer.orders) if money is not None), Decimal(0))
    return (0, wanted, buyer.name) if share is None else (1, share, buyer.name)


def _percent(buyer: BuyerLine) -> Decimal | None:
    """Owed and ordered in hundredths of the limit, rounded up; None without a limit or a rate."""
    if buyer.limit is None or buyer.exposure is None or buyer.orders is None or buyer.limit.amount <= 0:
        return None
    wanted = max(buyer.exposure.amount + buyer.orders.amount, Decimal(0))
    return (wanted * 100 / buyer.limit.amount).quantize(Decimal("0.1"), ROUND_CEILING)


def _said(buyer: BuyerLine) -> str:
    share = _percent(buyer)
    if share is not None:
        said = f"{share} % of the limit with these orders"
    elif buyer.limit is None:
        said = "no limit on this buyer"
    elif buyer.limit.amount <= 0:
        said = "the limit is zero: no cover"
    else:
        said = "an exchange rate is missing"
    return f"{said}; {buyer.remark}" if buyer.remark else said


def _bar(buyer: BuyerLine) -> Markup:
    share = _percent(buyer)
    if share is None or buyer.limit is None or buyer.exposure is None:
        return tag("div", class_="bar none", role="img", aria_label=_said(buyer))
    owed = min(max(buyer.exposure.amount * 100 / buyer.limit.amount, Decimal(0)), Decimal(150))
    inside, total = min(owed, Decimal(100)), min(share, Decimal(150))
    parts = [
        ("used", Decimal(0), inside),
        ("order", inside, min(total, Decimal(100))),
        ("over", Decimal(100), max(owed, total)),
    ]
    return tag(
        "div",
        *(_piece(kind, start, end) for kind, start, end in parts if end > start),
        tag("i", class_="mark", style="left:66.67%"),
        class_="bar", role="img", aria_label=_said(buyer),
    )  # fmt: skip


def _piece(kind: str, start: Decimal, end: Decimal) -> Markup:
    """A piece of a bar; `start` and `end` in hundredths of the limit, which stands at two thirds of the width."""
    return tag(
        "i", class_=kind, style=f"left:{start / Decimal('1.5'):.2f}%;width:{(end - start) / Decimal('1.5'):.2f}%"
    )


def _key(kind: str, meaning: str) -> Markup:
    return tag("span", tag("span", tag("i", class_=kind, style="left:0;width:100%"), class_="bar"), meaning)


def _orders(orders: Sequence[OrderLine]) -> Markup:
    groups = [(outcome, [line for line in orders if line.verdict.outcome is outcome]) for outcome in _SIGNS]
    split = tag(
        "div",
        *(
            tag("span", f"{_SIGNS[outcome]} {len(lines)}", class_=outcome.value, style=f"flex:{len(lines)}")
            for outcome, lines in reversed(groups)
            if lines
        ),
        class_="split",
    )
    parts: list[Markup] = []
    for outcome, lines in groups:
        if lines:
            title = tag(
                "h3", tag("span", _SIGNS[outcome], class_=f"badge {outcome.value}"), _count(len(lines), "order")
            )
            head = ("Order", "Buyer", "#Amount", "#Terms", "#Above limit", "Why")
            parts += [title, _table(head, [_order(line) for line in lines], "orders")]
    return _section("Orders by verdict", "Every reason that applies; blocked orders first.", split, *parts)


def _order(line: OrderLine) -> Markup:
    verdict = line.verdict
    reasons = [reason.message for reason in verdict.reasons] or ["inside the cover in force"]
    return tag(
        "tr",
        tag("td", line.number, class_="id"),
        tag("td", tag("span", line.name, class_="name"), tag("span", _identity(line.buyer_id, ""), class_="sub")),
        tag("td", str(line.amount), class_="num"),
        tag("td", "-" if line.terms_days is None else f"{line.terms_days} d", class_="num"),
        _number(verdict.uncovered, "unknown"),
        tag("td", tag("ul", *(tag("li", reason) for reason in reasons), class_="why")),
    )


def _overdues(overdues: Sequence[OverdueLine], day: date) -> Markup:
    if not overdues:
        return _section("Overdues by deadline", "Nothing is overdue.")
    lead = (
        "Cover stops for new deliveries after the stop of cover; an overdue that is not declared by its last day loses its "
        "cover. All days run from the original due date."
    )
    rows = [_overdue(line, day) for line in sorted(overdues, key=lambda line: (line.notification, line.name))]
    head = ("Buyer", "#Invoices", "#Unpaid", "Oldest due", "Stop of cover", "Declare by", "State")
    return _section("Overdues by deadline", lead, _table(head, rows))


def _overdue(line: OverdueLine, day: date) -> Markup:
    left = (line.notification - day).days
    return tag(
        "tr",
        tag("td", tag("span", line.name, class_="name"), tag("span", _identity(line.buyer_id, ""), class_="sub")),
        tag("td", line.invoices, class_="num"),
        tag("td", *_lines(str(money) for money in line.unpaid), class_="num"),
        tag("td", line.oldest_due, tag("span", f"{(day - line.oldest_due).days} days ago", class_="sub"), class_="id"),
        tag("td", line.stop_of_cover, _passed(line.stop_of_cover, day), class_="id"),
        tag("td", line.notification, tag("span", _days_left(left), class_="sub"), class_="id"),
        tag("td", _overdue_state(line, day, left)),
    )


def _overdue_state(line: OverdueLine, day: date, left: int) -> Markup:
    if line.declared:
        return join(tag("span", "\N{CHECK MARK} declared", class_="badge ok"), tag("span", line.declared, class_="sub"))
    if left < 0:
        return tag("span", "\N{BALLOT X} deadline missed", class_="badge late")
    if line.stop_of_cover < day:
        return tag("span", "! declare now", class_="badge soon" if left > _SOON_DAYS else "badge late")
    return tag("span", "watch", class_="badge")


def _passed(stop: date, day: date) -> Markup:
    left = (stop - day).days
    return tag("span", "cover has stopped" if left < 0 else _days_left(left), class_="sub")


def _days_left(left: int) -> str:
    return f"{_count(left, 'day')} left" if left >= 0 else f"{_count(-left, 'day')} too late"


def _timeline(timeline: Timeline | None) -> Markup | None:
    if timeline is None:
        return None
    lead = (
        f"{timeline.name} owes {timeline.unpaid}, due on {timeline.due}. New deliveries are insured until "
        f"{timeline.stop_of_cover}, the end of the maximum extension period; the numbers are those of the table."
    )
    return _section("The clock of one overdue", lead, render_timeline(timeline))


def _problems(problems: Sequence[str]) -> Markup | None:
    if not problems:
        return None
    lead = f"{_count(len(problems), 'line')} of the input could not be read; nothing on this page counts them."
    return _section("Lines left out", lead, tag("ul", *(tag("li", problem) for problem in problems)))


def _section(title: str, lead: str, *children: Markup) -> Markup:
    return tag("section", tag("h2", title), tag("p", lead, class_="lead"), *children)


def _table(head: Iterable[str], rows: Iterable[Markup], kind: str | None = None) -> Markup:
    """A table; a heading that begins with # stands over numbers. `kind` names fixed column widths of the style sheet."""
    cells = (tag("th", name.lstrip("#"), scope="col", class_="num" if name.startswith("#") else None) for name in head)
    table = tag("table", tag("thead", tag("tr", *cells)), tag("tbody", *rows), class_=kind)
    return tag("div", table, class_="scroll")


def _number(money: Money | None, missing: str) -> Markup:
    """An amount in the policy's currency, or the word for why there is none."""
    return tag("td", f"{money.amount:,f}" if money is not None else tag("span", missing, class_="soft"), class_="num")


def _lines(texts: Iterable[str]) -> list[Markup]:
    return [tag("div", text) for text in texts]


def _identity(buyer_id: str | None, country: str) -> str:
    return ", ".join(part for part in (country, f"id {buyer_id}" if buyer_id else "not identified") if part)


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _sum(amounts: Iterable[Money | None], currency: str) -> Money:
    total = Money.zero(currency)
    for money in amounts:
        if money is not None:
            total = total + money
    return total
