"""Take the pictures of the console that the README and the docs show: docs/images/console.png and console-dark.png.

Starts a sandbox of its own, tells it a story of a few weeks, and looks at it with Chromium. Run it after a change of the
console: `python tools/screenshots.py` (needs Playwright, and Chromium on the path or in the variable CHROMIUM).
"""

from __future__ import annotations

import sys
from datetime import date, datetime, timezone
from pathlib import Path

import chromium
from playwright.sync_api import Page, sync_playwright

from tradecredit_sdk.models.limit import LimitAction, LimitKind
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.overdue import OverdueAction
from tradecredit_sdk.sandbox.engine import Engine
from tradecredit_sdk.sandbox.records import Asked, Change, Declared, Invoice
from tradecredit_sdk.testing.server import RunningSandbox

IMAGES = Path(__file__).parents[1] / "docs" / "images"
BEGIN = datetime(2026, 3, 2, 8, 12, tzinfo=timezone.utc)
POLICY = "DEMO-001"
ADDRESS = "127.0.0.1:8585"
SIZE = {"width": 1440, "height": 900}


def tell_story(engine: Engine) -> None:
    """Some weeks of a seller's life: requests in several currencies, a cut, a withdrawal, overdues, questions still open."""
    buyers = _pick(engine)
    wanted = ["180000", "95000", "420000", "60000", "250000", "75000", "140000", "310000", "45000", "120000", "85000"]
    for number, (buyer, amount) in enumerate(zip(buyers, wanted, strict=False), 1):
        _ask(engine, buyer, Money(amount, "EUR"), f"REQ-{number:03d}")
        engine.advance(days=1, seconds=4711)
    _ask(engine, buyers[12], Money("90000", "GBP"), "REQ-020")
    _ask(engine, buyers[13], Money("150000", "USD"), "REQ-021")
    _ask(engine, buyers[14], Money("60000", "EUR"), "REQ-022", kind=LimitKind.TEMPORARY, until=date(2026, 6, 30))
    engine.advance(days=2, seconds=9000)
    rows = [row for row in engine.limits.list(policy_id=POLICY, live_only=True).items if row.amount.amount > 50000]
    engine.limits.cut(rows[1].id, Money(rows[1].amount.amount // 2, rows[1].amount.currency), notice_days=30)
    engine.advance(seconds=3100)
    engine.limits.cut(rows[4].id, Money("0", rows[4].amount.currency), notice_days=30)
    engine.advance(days=1)
    for buyer, amount, due in ((buyers[3], "18250.40", date(2026, 1, 31)), (buyers[8], "7420.00", date(2026, 2, 14))):
        invoice = Invoice(f"R-{due:%m%d}", due, Money(amount, "EUR"))
        overdue = engine.overdues.declare(POLICY, Declared(buyer, (invoice,), reference=f"OVD-{due:%m%d}")).overdue
        engine.advance(seconds=5400)
    change = Change(OverdueAction.EXTEND, new_due_date=date(2026, 4, 30), reference="ACT-1")
    engine.overdues.act(POLICY, overdue.id, change)
    engine.advance(seconds=7200)
    engine.applications.underwriter_seconds = 10 * 86400
    _ask(engine, "900000007", Money("50000", "EUR"), "REQ-030")
    engine.advance(seconds=2700)
    _ask(
        engine,
        buyers[15],
        Money("220000", "EUR"),
        "REQ-031",
        comment="Framework order for 2026, see attached call-off plan",
    )
    engine.advance(seconds=1500)
    _ask(engine, buyers[16], Money("65000", "CHF"), "REQ-032", comment="New subsidiary of a known group")
    engine.advance(seconds=660)


def _pick(engine: Engine) -> list[str]:
    """Good companies of many countries, one after the other."""
    by_country: dict[str, list[str]] = {}
    for company in engine.buyers.list(limit=1000)[0]:
        if (
            company.grade in ("2", "3", "4", "5")
            and company.status == "active"
            and not company.id.startswith("9000000")
        ):
            by_country.setdefault(company.country, []).append(company.id)
    return [
        by_country[country][0]
        for country in [
            "DE",
            "FR",
            "IT",
            "NL",
            "PL",
            "ES",
            "AT",
            "DK",
            "SE",
            "CZ",
            "BE",
            "FI",
            "GB",
            "US",
            "PT",
            "CH",
            "NO",
        ]
    ]


def _ask(
    engine: Engine,
    buyer: str,
    amount: Money,
    reference: str,
    *,
    kind: LimitKind = LimitKind.PERMANENT,
    until: date | None = None,
    comment: str | None = None,
) -> None:
    asked = Asked(buyer, LimitAction.NEW, kind, amount, until, 60, comment=comment, reference=reference)
    application = engine.applications.submit(POLICY, asked).application
    if application.is_pending and comment is None and buyer != "900000007":
        engine.advance(seconds=4)


def main() -> None:
    """Write both pictures, and those of the views named on the command line."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with RunningSandbox(now=BEGIN) as sandbox, sync_playwright() as playwright:
        tell_story(sandbox.engine)
        # The pictures show the port that people will see.
        here = f"--host-resolver-rules=MAP {ADDRESS} {sandbox.url.removeprefix('http://')}"
        browser = chromium.launch(playwright, here)
        for scheme, suffix in (("light", ""), ("dark", "-dark")):
            context = browser.new_context(viewport=SIZE, color_scheme=scheme, locale="en-GB")
            page = context.new_page()
            _shoot(page, f"http://{ADDRESS}/", IMAGES / f"console{suffix}.png")
            for view in sys.argv[1:]:
                _shoot(page, f"http://{ADDRESS}/#{view}", Path(f"console-{view}{suffix}.png"))
            context.close()
        browser.close()


def _shoot(page: Page, url: str, target: Path) -> None:
    page.goto(url)
    page.wait_for_load_state("networkidle")
    page.wait_for_selector("section:not([hidden]) [data-list]:not(:empty), section:not([hidden]) .snippet")
    page.screenshot(path=target)
    print(target)


if __name__ == "__main__":
    main()
