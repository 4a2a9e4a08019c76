"""The timeline of the report: one invoice from its due date on, and what became of cover for new deliveries.

Pieces of the bar differ in pattern as well as in colour, the days on it are numbered, and a table says the same in words.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from tradecredit_sdk.cli.markup import Markup, join, tag


@dataclass(frozen=True)
class Mark:
    """Something that happened on `day`: what, and whether a new delivery would be insured from then on."""

    day: date
    what: str
    insured: bool


@dataclass(frozen=True)
class Timeline:
    """One story: who, what is unpaid, and what happened, in the order of days. `until` is where the bar ends."""

    name: str
    unpaid: str
    due: date
    stop_of_cover: date
    marks: Sequence[Mark]
    until: date


def render_timeline(timeline: Timeline) -> Markup:
    """The bar with its legend, and the table beneath it."""
    spans = _spans(timeline)
    said = "; ".join(f"{mark.day} {mark.what}" for mark in timeline.marks)
    pins = [
        tag("b", str(number), style=f"left:{_percent(timeline, mark.day):.2f}%", title=f"{mark.day}: {mark.what}")
        for number, mark in enumerate(timeline.marks, start=1)
    ]
    bar = tag(
        "div",
        *(
            tag("i", class_=kind, style=f"left:{left:.2f}%;width:{right - left:.2f}%")
            for kind, left, right in spans
            if right > left
        ),
        class_="bar time", role="img", aria_label=said,
    )  # fmt: skip
    legend = tag(
        "div",
        _key("insured", "new deliveries are insured"), _key("late", "overdue, still insured"),
        _key("stopped", "cover has stopped: new deliveries are not insured"),
        class_="legend",
    )  # fmt: skip
    rows = [_row(number, mark, timeline) for number, mark in enumerate(timeline.marks, start=1)]
    head = tag("tr", *(tag("th", name, scope="col") for name in ("#", "Day", "What happens", "New deliveries")))
    table = tag("table", tag("thead", head), tag("tbody", *rows), class_="timeline")
    return join(
        legend,
        tag("div", tag("div", *pins, class_="pins"), bar, class_="track"),
        tag("div", table, class_="scroll"),
    )


def _spans(timeline: Timeline) -> list[tuple[str, float, float]]:
    """Kind, begin and end in hundredths of the width, one after the other."""
    spans, kind, begin = [], "insured", timeline.marks[0].day
    for mark in timeline.marks[1:]:
        now = "stopped" if not mark.insured else "late" if mark.day > timeline.due and kind != "stopped" else "insured"
        spans.append((kind, _percent(timeline, begin), _percent(timeline, mark.day)))
        kind, begin = now, mark.day
    return [*spans, (kind, _percent(timeline, begin), 100.0)]


def _percent(timeline: Timeline, day: date) -> float:
    first = timeline.marks[0].day
    return 100 * (day - first).days / max((timeline.until - first).days, 1)


def _row(number: int, mark: Mark, timeline: Timeline) -> Markup:
    after = (mark.day - timeline.due).days
    when = (
        "the due date"
        if after == 0
        else f"{abs(after)} day{'' if abs(after) == 1 else 's'} {'before' if after < 0 else 'after'} the due date"
    )
    sign = "\N{CHECK MARK} insured" if mark.insured else "\N{BALLOT X} not insured"
    return tag(
        "tr",
        tag("td", str(number), class_="num"),
        tag("td", mark.day, tag("span", when, class_="sub"), class_="id"),
        tag("td", mark.what),
        tag("td", tag("span", sign, class_=f"badge {'ok' if mark.insured else 'late'}")),
    )


def _key(kind: str, meaning: str) -> Markup:
    return tag("span", tag("span", tag("i", class_=kind, style="left:0;width:100%"), class_="bar"), meaning)
