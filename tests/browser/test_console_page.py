"""The console in a real browser: what it shows, and how it behaves while time goes on."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from console_steps import BY_HAND, FULL, ask, dialog, opened, press, refreshed
from playwright.sync_api import expect

from tradecredit_sdk.models.limit import LimitState
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.sandbox.records import Declared, Invoice

pytestmark = pytest.mark.browser

STATIC = Path(__file__).parents[2] / "tradecredit_sdk" / "sandbox" / "console" / "static"


# ---------------------------------------------------------------- what it shows


def test_every_view_says_what_to_do_while_it_is_empty(page):
    for view, text in (
        ("Applications", "No limit was asked for yet."),
        ("Limits", "No limit is in force."),
        ("Overdues", "No overdue was declared."),
        ("Events", "No webhook was called."),
    ):
        opened(page, view)
        expect(page.locator("section:not([hidden])")).to_contain_text(text)


def test_the_overview_adds_up_by_currency(page, sandbox):
    ask(sandbox, FULL, "50000")
    ask(sandbox, "900000002", "40000")  # half of it is granted
    ask(sandbox, "900000003", "10000")  # refused
    ask(sandbox, "900000009", "1000")  # decided in USD
    day = sandbox.engine.now().date() - timedelta(days=70)
    invoices = (Invoice("R-1", day, Money("1000.00", "EUR")), Invoice("R-2", day, Money("250.00", "EUR")))
    sandbox.engine.overdues.declare("DEMO-001", Declared(FULL, invoices, reference="OVD-7"))
    refreshed(page)
    tiles = page.locator("[data-list=tiles] .tile")
    expect(tiles.nth(3)).to_contain_text("EUR 1.3")
    expect(tiles.nth(0)).to_contain_text("70% of asked · USD 1.1")
    expect(tiles.nth(0)).to_contain_text("EUR 70")
    expect(tiles.nth(1).locator("dd").first).to_have_text("3")
    expect(page.locator("[data-list=topLimits]")).to_contain_text("50% of EUR 40,000 asked")


def test_overdues_and_deliveries_are_shown_and_an_open_detail_stays_open(page, sandbox):
    opened(page, "Overdues")
    day = sandbox.engine.now().date() - timedelta(days=70)
    invoice = Invoice("R-1001", day, Money("1250.00", "EUR"))
    sandbox.engine.overdues.declare("DEMO-001", Declared(FULL, (invoice,), reference="OVD-7"))
    refreshed(page)
    page.get_by_text("1 invoice").click()
    expect(page.get_by_text("R-1001")).to_be_visible()
    sandbox.engine.overdues.declare("DEMO-001", Declared(BY_HAND, (invoice,), reference="OVD-8"))
    refreshed(page)
    expect(page.locator("[data-list=overdues] > .scroll > table > tbody > tr")).to_have_count(2)
    expect(page.get_by_text("R-1001").locator("visible=true")).to_have_count(1)
    sandbox.engine.webhooks.register("DEMO-001", "http://127.0.0.1:9/nobody")
    ask(sandbox, FULL)
    opened(page, "Events")
    expect(page.locator("[data-list=deliveries]")).to_contain_text("no answer")


def test_amounts_stay_exact(page, sandbox):
    """More digits than a JavaScript number holds, and a currency without any after the point."""
    day = sandbox.engine.now().date() - timedelta(days=70)
    invoice = Invoice("R-1", day, Money("900000000000000.55", "EUR"))
    sandbox.engine.overdues.declare("DEMO-001", Declared(FULL, (invoice,), reference="OVD-7"))
    opened(page, "Overdues")
    expect(page.locator("[data-list=overdues]")).to_contain_text("EUR 900,000,000,000,000.55")
    ask(sandbox, FULL, "1500001", "JPY")
    opened(page, "Applications")
    expect(page.locator("[data-list=applications]")).to_contain_text("JPY 1,500,001")


EVIL = '<img src=x onerror="document.title=\'stolen\'"><script>document.title="stolen"</script>&amp;'


def test_what_comes_from_outside_is_text_and_never_markup(page, sandbox):
    ask(sandbox, comment=EVIL)
    refreshed(page)
    expect(page.locator("[data-list=waiting] li")).to_contain_text(EVIL)
    page.get_by_role("button", name="Decide…").click()
    expect(dialog(page)).to_contain_text(EVIL)
    press(page, "Cancel")
    opened(page, "Applications")
    expect(page.locator("[data-list=applications]")).to_contain_text(EVIL)
    assert page.locator("main img, main script").count() == 0
    assert "stolen" not in page.title()


def test_no_script_builds_markup_from_text():
    forbidden = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\b|new Function|DOMParser")
    scripts = sorted(STATIC.glob("*.js"))
    assert len(scripts) > 5
    assert [script.name for script in scripts if forbidden.search(script.read_text(encoding="utf-8"))] == []


# ---------------------------------------------------------------- how it behaves


def test_typing_survives_the_refresh(page, sandbox):
    ask(sandbox)
    refreshed(page)
    page.get_by_role("button", name="Decide…").click()
    dialog(page).get_by_label("Approve a part").check()
    amount = dialog(page).get_by_label("Amount granted, EUR")
    amount.fill("123")
    ask(sandbox, FULL)
    refreshed(page)
    expect(page.locator("[data-list=feed]")).to_contain_text("Limit granted")  # refreshed behind the dialog
    expect(amount).to_have_value("123")
    expect(amount).to_be_focused()


def test_focus_survives_the_refresh(page, sandbox):
    ask(sandbox)
    refreshed(page)
    button = page.get_by_role("button", name="Decide…").first
    button.focus()
    ask(sandbox, "900000004", comment="please look")
    refreshed(page)
    expect(page.locator("[data-list=waiting] li")).to_have_count(2)
    assert page.evaluate("document.activeElement.dataset.key") == "decide-app-000001"


def test_a_refusal_is_told_in_words_and_the_dialog_stays(page, sandbox, complaints):
    application = ask(sandbox)
    refreshed(page)
    page.get_by_role("button", name="Decide…").click()
    sandbox.engine.applications.decide(application.id, LimitState.REFUSED)
    dialog(page).get_by_role("button", name="Decide", exact=True).click()
    expect(dialog(page).get_by_role("alert")).to_contain_text("is refused; nothing is pending")
    complaints.clear()
    page.keyboard.press("Escape")
    expect(dialog(page)).to_have_count(0)


def test_a_silent_sandbox_is_told_and_forgotten_when_it_answers_again(page, complaints):
    page.route("**/sandbox/v1/**", lambda route: route.abort())
    refreshed(page)
    banner = page.get_by_text("The sandbox does not answer.")
    expect(banner).to_be_visible()
    page.unroute("**/sandbox/v1/**")
    refreshed(page)
    expect(banner).to_be_hidden()
    complaints.clear()


def test_views_have_addresses_and_the_keyboard_is_enough(page, sandbox):
    page.goto(f"{sandbox.url}/#limits")
    expect(page.get_by_role("heading", level=1)).to_have_text("Limits")
    page.reload()
    expect(page.locator("nav a[aria-current=page]")).to_have_text("Limits")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    page.goto(f"{sandbox.url}/#nowhere")
    expect(page.get_by_role("heading", level=1)).to_have_text("Overview")


def test_every_control_has_a_name(page, sandbox):
    ask(sandbox)
    for view in ("Overview", "Buyers", "Applications", "Limits", "Faults", "Connect"):
        opened(page, view)
        nameless = page.evaluate(
            """[...document.querySelectorAll('section:not([hidden]) :is(button, input, select, a)')]
               .filter((node) => !node.innerText?.trim() && !node.labels?.length && !node.getAttribute('aria-label'))
               .map((node) => node.outerHTML)"""
        )
        assert nameless == [], view


@pytest.mark.parametrize("width", [360, 800])
def test_it_fits_a_narrow_screen(page, sandbox, width):
    ask(sandbox, comment="x" * 200)
    page.set_viewport_size({"width": width, "height": 800})
    for view in ("overview", "buyers", "applications", "limits", "faults", "connect"):
        page.goto(f"{sandbox.url}/#{view}")
        page.locator("section:not([hidden]) :is([data-list]:not(:empty), .snippet)").first.wait_for()
        assert page.evaluate("document.documentElement.scrollWidth") <= width, view


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_is_readable_in_both_schemes(page, sandbox, scheme):
    """WCAG AA: 4.5 to 1 for the colours that text is written in, on the surfaces it is written on."""
    page.emulate_media(color_scheme=scheme)
    ratios = page.evaluate(
        """() => {
          const style = getComputedStyle(document.documentElement);
          const light = (name) => {
            const hex = style.getPropertyValue(name).trim();
            const [r, g, b] = [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16) / 255)
              .map((value) => (value <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
          };
          const pairs = [['--text', '--surface'], ['--text', '--canvas'], ['--muted', '--surface'], ['--muted', '--canvas'],
            ['--muted', '--sunken'], ['--accent', '--surface'], ['--accent', '--accent-soft'], ['--on-accent', '--accent'],
            ...['good', 'warn', 'bad', 'info', 'idle'].map((name) => [`--${name}`, `--${name}-soft`])];
          return pairs.map(([one, other]) => {
            const [low, high] = [light(one), light(other)].sort((a, b) => a - b);
            return [`${one} on ${other}`, (high + 0.05) / (low + 0.05)];
          });
        }"""
    )
    assert len(ratios) == 13
    assert [pair for pair in ratios if not pair[1] >= 4.5] == []
