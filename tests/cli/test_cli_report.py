"""The page: self-contained, every string escaped, and the bars true to the numbers."""

from __future__ import annotations

import itertools
import os
import re
import stat
from collections import Counter
from datetime import date, timedelta
from decimal import Decimal
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradecredit_sdk.cli.markup import join, tag
from tradecredit_sdk.cli.report import BuyerLine, OrderLine, OverdueLine, Report, render, write_report
from tradecredit_sdk.cli.report_lines import OverdueItems, overdue_lines
from tradecredit_sdk.cli.report_timeline import Mark, Timeline, render_timeline
from tradecredit_sdk.models.exposure import OpenItem
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.overdue import Overdue
from tradecredit_sdk.models.policy import Policy
from tradecredit_sdk.models.verdict import Outcome, Reason, ReasonCode, Verdict

DAY = date(2026, 3, 31)
POLICY = Policy(id="DEMO-001", currency="EUR")
EVIL = "<script>alert('x')</script><img src=x onerror=alert(1)>\"'&"


class Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str | None]] = []
        self.text: list[str] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, name: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags[name] += 1
        self.attributes += attributes
        if name not in ("meta", "link", "br"):
            self.open.append(name)

    def handle_endtag(self, name: str) -> None:
        assert self.open.pop() == name

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def euros(amount: str | int) -> Money:
    return Money(str(amount), "EUR")


def verdict(outcome: Outcome = Outcome.ALLOWED, *messages: str) -> Verdict:
    reasons = tuple(Reason(ReasonCode.LIMIT_EXCEEDED, message, outcome, {}) for message in messages)
    return Verdict(
        outcome, reasons, "EUR", DAY, euros(100), euros(50), euros(60), euros(50), euros(10), euros(45), Decimal(90)
    )


def report(name: str = "Nordlicht", **changes: object) -> Report:
    buyer = BuyerLine(name, "DE", "4711", euros(100), euros(50), euros(60), name)
    order = OrderLine(name, name, None, Money("1234", "JPY"), None, verdict(Outcome.BLOCKED, name))
    overdue = OverdueLine(
        name, "4711", 2, (euros(5), Money("7", "JPY")), date(2026, 1, 20), date(2026, 3, 21), date(2026, 4, 20), name
    )
    parts = {"buyers": [buyer], "orders": [order], "overdues": [overdue], "problems": [name], **changes}
    return Report(title=name, policy=POLICY, day=DAY, **parts)  # type: ignore[arg-type]


def test_no_string_becomes_markup() -> None:
    harmless, evil = Page(render(report())), Page(render(report(EVIL)))
    assert evil.tags == harmless.tags
    assert not evil.tags["script"]
    assert not evil.tags["img"]
    assert evil.text.count(EVIL) == harmless.text.count("Nordlicht")
    assert not [name for name, _ in evil.attributes if name.startswith("on")]


@given(st.text(min_size=1, max_size=30))
@settings(max_examples=60, deadline=None)
def test_whatever_the_name_the_page_keeps_its_shape(name: str) -> None:
    assert Page(render(report(name))).tags == Page(render(report())).tags


def test_the_page_needs_nothing_from_anywhere() -> None:
    text = render(report())
    assert not re.search(r"(src|href)\s*=|url\(|@import|https?://", text)
    assert "default-src 'none'" in text
    assert Page(text).open == []


def test_markup_is_escaped_in_text_and_attributes_alike() -> None:
    assert (
        tag("p", "<b>", class_='"x"', aria_label="a<b", style=None)
        == '<p class="&quot;x&quot;" aria-label="a&lt;b">&lt;b&gt;</p>'
    )
    assert join(tag("i"), "&", None, 5) == "<i></i>&amp;5"


@pytest.mark.parametrize(
    ("limit", "owed", "orders", "said"),
    [
        (100, 50, 20, "70.0 % of the limit"),
        (100, 50, 50, "100.0 % of the limit"),
        (300, 100, "0.01", "33.4 % of the limit"),
        (100, 50, "50.01", "100.1 % of the limit"),
        (100, 500, 0, "500.0 % of the limit"),
        (100, -20, 10, "0.0 % of the limit"),
        (0, 50, 20, "the limit is zero"),
        (None, 50, 20, "no limit on this buyer"),
    ],
)
def test_a_bar_says_its_number_and_never_looks_emptier_than_it_is(
    limit: int | None, owed: int, orders: int | str, said: str
) -> None:
    buyer = BuyerLine("N", "DE", "1", None if limit is None else euros(limit), euros(owed), euros(orders))
    text = render(report(buyers=[buyer]))
    assert said in text
    over = re.findall(r'class="over" style="left:66.67%;width:([\d.]+)%"', text)
    assert bool(over) == (limit not in (0, None) and float(owed) + float(orders) > float(limit or 0))


def test_bars_stay_inside_their_track() -> None:
    for owed in (-50, 0, 99, 100, 101, 149, 151, 10**9):
        text = render(report(buyers=[BuyerLine("N", "DE", "1", euros(100), euros(owed), euros(owed + 50))]))
        for left, width in re.findall(r'style="left:([\d.-]+)%;width:([\d.-]+)%"', text):
            assert 0 <= float(left) <= 100
            assert 0 <= float(width) <= 100.01 - float(left)


def test_a_missing_rate_is_said() -> None:
    text = render(report(buyers=[BuyerLine("N", "DE", "1", euros(100), None, None)]))
    assert text.count("rate missing") == 2
    assert "an exchange rate is missing" in text


@pytest.mark.parametrize(
    ("notification", "stop", "declared", "said"),
    [
        (-1, -31, None, "deadline missed"),
        (0, -30, None, "declare now"),
        (20, -10, None, "declare now"),
        (30, 0, None, "watch"),
        (5, -25, "ovd-1", "ovd-1"),
    ],
)
def test_an_overdue_says_what_is_to_be_done(notification: int, stop: int, declared: str | None, said: str) -> None:
    days = (DAY + timedelta(days=stop), DAY + timedelta(days=notification))
    text = render(report(overdues=[OverdueLine("N", "1", 1, (euros(5),), DAY - timedelta(days=99), *days, declared)]))
    assert said in text
    left = f"{notification} day" if notification >= 0 else "1 day too late"
    assert left in text


def test_nothing_to_show_is_a_page_too(tmp_path: Path) -> None:
    page = write_report(report(buyers=[], orders=[], overdues=[], problems=[]), tmp_path / "a" / "b.html")
    text = page.read_text(encoding="utf-8")
    assert "Nothing is overdue" in text
    assert Page(text).open == []
    assert "Lines left out" not in text


@pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")
def test_a_page_with_names_and_debts_is_its_owners_alone(tmp_path: Path) -> None:
    before = os.umask(0o022)
    try:
        page = write_report(report(), tmp_path / "page.html")
        assert stat.S_IMODE(page.stat().st_mode) == 0o600
        page.chmod(0o640)
        write_report(report("Other"), page)
        assert stat.S_IMODE(page.stat().st_mode) == 0o640, "what its owner opened to others stays open"
    finally:
        os.umask(before)
    assert "Other" in page.read_text(encoding="utf-8")
    assert "Nordlicht" not in page.read_text(encoding="utf-8")


def test_the_timeline_says_in_words_and_patterns_what_it_says_in_colours() -> None:
    marks = (
        Mark(date(2026, 4, 13), "due <b>", insured=True),
        Mark(date(2026, 4, 14), "overdue", insured=True),
        Mark(date(2026, 6, 13), "stopped", insured=False),
        Mark(date(2026, 6, 24), "paid", insured=True),
    )
    line = Timeline("Nordlicht", "5.00 EUR", date(2026, 4, 13), date(2026, 6, 12), marks, date(2026, 7, 14))
    text = str(render_timeline(line))
    spans = re.findall(r'<i class="(\w+)" style="left:([\d.]+)%;width:([\d.]+)%"', text.partition("track")[2])
    assert [kind for kind, _, _ in spans] == ["insured", "late", "stopped", "insured"]
    assert sum(float(width) for _, _, width in spans) == pytest.approx(100, abs=0.05)
    edges = [(float(left), float(left) + float(width)) for _, left, width in spans]
    assert all(end == pytest.approx(begin, abs=0.02) for (_, end), (begin, _) in itertools.pairwise(edges))
    assert "1 day after the due date" in text
    assert "due &lt;b&gt;" in text
    assert [text.count(word) for word in ("\N{CHECK MARK} insured", "\N{BALLOT X} not insured")] == [3, 1]


@pytest.mark.parametrize(
    ("state", "more", "expected"),
    [
        ("declared", {}, "ovd-1"),
        ("withdrawn", {}, None),
        ("declared", {"withdrawn_on": "2026-03-30"}, None),
        ("declared", {"settled_on": "2026-03-30"}, None),
        ("declared", {"due_date": "2025-01-31"}, None),
    ],
)
def test_only_what_still_stands_counts_as_declared(state: str, more: dict[str, str], expected: str | None) -> None:
    due = DAY - timedelta(days=99)
    told = {"number": "R-1", "due_date": due.isoformat(), "amount": euros(5).to_dict(), **more}
    declared = Overdue.model_validate({"id": "ovd-1", "buyer_id": "B1", "state": state, "invoices": [told]})
    items = OverdueItems(DAY)
    items.by_customer["C-1"] = [OpenItem(customer="C-1", number="R-1", original_due_date=due, amount=euros(5))]
    (line,) = overdue_lines(items, {}, {"C-1": "B1"}, POLICY, [declared])
    assert line.declared == expected
