"""The console in a real browser: each button pressed once, and what came of it read from the engine."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tradecredit_sdk.models.limit import LimitKind, LimitState
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.sandbox.records import Asked, Declared, Invoice

pytestmark = pytest.mark.browser

FULL, BY_HAND = "900000001", "900000007"
STATIC = Path(__file__).parents[2] / "tradecredit_sdk" / "sandbox" / "console" / "static"


def ask(sandbox, buyer=BY_HAND, amount="50000", currency="EUR", **more):
    asked = Asked(buyer, amount=Money(amount, currency), reference=f"REQ-{buyer[-2:]}", **more)
    return sandbox.engine.applications.submit("DEMO-001", asked).application


def opened(page, view):
    page.locator(f"nav a[href='#{view.lower()}']").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(view)


def dialog(page):
    return page.get_by_role("dialog")


def press(page, name):
    dialog(page).get_by_role("button", name=name, exact=True).click()
    expect(dialog(page)).to_have_count(0)


def state_of(sandbox, application):
    return sandbox.engine.applications.get(application.id).state


# ---------------------------------------------------------------- each button once


@pytest.mark.parametrize(
    ("choice", "state", "granted"),
    [
        ("Approve in full", LimitState.APPROVED, "50000"),
        ("Approve a part", LimitState.PARTLY_APPROVED, "12500.50"),
        ("Refuse", LimitState.REFUSED, "0"),
    ],
)
def test_a_pending_application_is_decided(page, sandbox, choice, state, granted):
    application = ask(sandbox)
    row = page.locator("[data-list=waiting] li")
    expect(row).to_contain_text("Sandbox")  # found by the page itself, without a reload
    expect(page.locator("[data-badge=pending]")).to_have_text("1")
    row.get_by_role("button", name="Decide…").click()
    expect(dialog(page)).to_contain_text("EUR 50,000")
    dialog(page).get_by_label(choice).check()
    amount = dialog(page).get_by_label("Amount granted, EUR")
    if choice == "Approve a part":
        amount.fill("12500.50")
    else:
        expect(amount).to_be_disabled()
    press(page, "Decide")
    expect(page.get_by_role("status")).to_contain_text("Sandbox")
    expect(page.locator("[data-badge=pending]")).to_be_hidden()
    decision = sandbox.engine.applications.get(application.id).decision
    assert (decision.state, decision.amount) == (state, Money(granted, "EUR"))


def test_an_application_is_decided_from_the_list_too(page, sandbox):
    application = ask(sandbox)
    ask(sandbox, FULL)
    opened(page, "Applications")
    rows = page.locator("[data-list=applications] tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("Referred")  # pending first, although it is the older one
    page.get_by_text("Pending only").click()
    expect(rows).to_have_count(1)
    rows.first.get_by_role("button", name="Decide…").click()
    press(page, "Decide")
    expect(page.locator("[data-list=applications]")).to_contain_text("Nobody waits")
    assert state_of(sandbox, application) is LimitState.APPROVED


def test_a_limit_is_cut_with_notice(page, sandbox):
    ask(sandbox, FULL)
    opened(page, "Limits")
    page.get_by_role("button", name="Cut…").click()
    dialog(page).get_by_label(re.compile("New amount")).fill("20000")
    dialog(page).get_by_label(re.compile("Days of notice")).fill("10")
    press(page, "Cut")
    (row,) = sandbox.engine.limits.list(buyer_id=FULL).items
    assert (row.amount, row.change_amount) == (Money("50000", "EUR"), Money("20000", "EUR"))
    assert row.change_on == sandbox.engine.now().date() + timedelta(days=10)
    expect(page.locator("[data-list=limits]")).to_contain_text("EUR 20,000 from")
    expect(page.locator("[data-list=limits] .fill.leaving")).to_have_attribute("style", "width: 60%;")


def test_a_buyer_is_found_and_made_insolvent_after_a_question(page, sandbox):
    ask(sandbox, FULL)
    opened(page, "Buyers")
    page.get_by_label("Search").fill(FULL)
    row = page.locator("[data-list=buyers] tbody tr")
    expect(row).to_have_count(1)
    row.get_by_role("button", name="Insolvent…").click()
    press(page, "Cancel")
    assert sandbox.engine.buyers.get(FULL).status == "active"
    row.get_by_role("button", name="Insolvent…").click()
    press(page, "Make insolvent")
    expect(row).to_contain_text("Insolvent")
    expect(row.get_by_role("button", name="Insolvent…")).to_have_count(0)
    assert sandbox.engine.buyers.get(FULL).status == "insolvent"
    opened(page, "Events")
    expect(page.locator("[data-list=events]")).to_contain_text("Buyer insolvent")


def test_a_grade_is_changed(page, sandbox):
    opened(page, "Buyers")
    page.get_by_label("Search").fill(FULL)
    row = page.locator("[data-list=buyers] tbody tr")
    expect(row).to_have_count(1)
    row.get_by_role("button", name="Grade…").click()
    dialog(page).get_by_label(re.compile("Grade")).select_option("9")
    press(page, "Change")
    expect(row.locator(".grade")).to_have_text("9")
    assert sandbox.engine.buyers.get(FULL).grade == "9"


def test_search_by_country_and_by_name_with_pages(page, sandbox):
    opened(page, "Buyers")
    rows = page.locator("[data-list=buyers] tbody tr")
    expect(rows).to_have_count(20)
    first = rows.first.inner_text()
    page.get_by_role("button", name="Next").click()
    expect(page.locator("[data-list=buyers] .pager")).to_contain_text("21–40 of")
    assert rows.first.inner_text() != first
    page.get_by_label("Country").select_option(label="Finland")
    known = sandbox.engine.buyers.list(country="FI")[1]
    expect(page.locator("[data-list=buyers] .pager")).to_contain_text(f"of {known}")
    page.get_by_label("Search").fill("nobody is called so")
    expect(page.locator("[data-list=buyers]")).to_contain_text("No company fits.")


@pytest.mark.parametrize(("button", "days"), [("+1 day", 1), ("+10 days", 10), ("+30 days", 30)])
def test_the_clock_is_moved(page, sandbox, button, days):
    before = sandbox.engine.now()
    page.get_by_role("button", name=button).click()
    expect(page.get_by_role("status")).to_contain_text("later")
    assert timedelta(0) <= sandbox.engine.now() - before - timedelta(days=days) < timedelta(minutes=1)
    shown = page.locator("#now").get_attribute("datetime")
    assert shown[:10] == f"{sandbox.engine.now():%Y-%m-%d}"


def test_the_clock_is_set_and_a_step_back_is_explained(page, sandbox, complaints):
    page.get_by_role("button", name="Set…").click()
    moment = dialog(page).get_by_label(re.compile("Day and time"))
    moment.fill("2001-01-01T08:00")
    dialog(page).get_by_role("button", name="Set", exact=True).click()
    expect(dialog(page).get_by_role("alert")).to_contain_text("the clock only moves forward")
    complaints.clear()  # Chromium reports the refusal itself
    wanted = (sandbox.engine.now() + timedelta(days=100)).replace(hour=9, minute=30)
    moment.fill(f"{wanted:%Y-%m-%dT%H:%M}")
    press(page, "Set")
    assert f"{sandbox.engine.now():%Y-%m-%dT%H:%M}" == f"{wanted:%Y-%m-%dT%H:%M}"


def test_faults_are_switched_on_and_off(page, sandbox, complaints):
    opened(page, "Faults")
    form = page.locator("#fault-form")
    for box in form.get_by_role("checkbox").all():
        box.uncheck()
    form.get_by_role("button", name="Switch on").click()
    expect(form.get_by_role("alert")).to_have_text("Choose at least one kind.")
    form.get_by_label("Reset after").check()
    form.get_by_label("503").check()
    page.get_by_label("Share of exchanges").fill("80")
    expect(page.locator("#rate-out")).to_have_text("80 %")
    page.get_by_label("Where").select_option(label="open only")
    page.get_by_label("At most").fill("7")
    form.get_by_role("button", name="Switch on").click()
    expect(page.locator("[data-badge=faults]")).to_be_visible()
    expect(page.locator("[data-list=faultCounts]")).to_contain_text("On: 80%")
    settings = sandbox.control("GET", "/faults")
    assert {"rate": 0.8, "kinds": ["503", "reset_after"], "paths": ["/open/v1"], "count": 7}.items() <= settings.items()
    form.get_by_role("button", name="Switch off").click()
    expect(page.locator("[data-badge=faults]")).to_be_hidden()
    assert not sandbox.control("GET", "/faults")["active"]


def test_the_faults_form_shows_what_is_switched_on(page, sandbox):
    sandbox.faults(rate=0.45, kinds=["drip"], paths=["/allianz-trade"], seed=7)
    page.goto(f"{sandbox.url}/#faults")
    page.reload()
    expect(page.locator("#rate-out")).to_have_text("45 %")
    checked = page.locator("#fault-kinds input:checked")
    expect(checked).to_have_count(1)
    expect(checked).to_have_attribute("value", "drip")
    expect(page.get_by_label("Seed")).to_have_value("7")


def test_the_sandbox_is_reset_after_a_question(page, sandbox):
    ask(sandbox)
    page.get_by_role("button", name="Reset sandbox…").click()
    press(page, "Cancel")
    assert sandbox.engine.applications.count() == 1
    page.get_by_role("button", name="Reset sandbox…").click()
    press(page, "Reset")
    expect(page.locator("[data-list=waiting]")).to_contain_text("No limit was asked for yet.")
    assert sandbox.engine.applications.count() == 0


def test_variables_are_copied(page, sandbox):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    opened(page, "Connect")
    page.get_by_role("button", name="Copy variables for allianz-trade").click()
    expect(page.get_by_role("status")).to_contain_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()").splitlines()
    assert f"export TRADECREDIT_BASE_URL={sandbox.base_url_allianz}" in copied
    assert {"export TRADECREDIT_API_KEY=sandbox", "export TRADECREDIT_POLICY=DEMO-001"} < set(copied)


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
    page.get_by_text("1 invoice").click()
    expect(page.get_by_text("R-1001")).to_be_visible()
    sandbox.engine.overdues.declare("DEMO-001", Declared(BY_HAND, (invoice,), reference="OVD-8"))
    expect(page.locator("[data-list=overdues] > .scroll > table > tbody > tr")).to_have_count(2)
    expect(page.get_by_text("R-1001").locator("visible=true")).to_have_count(1)
    sandbox.engine.webhooks.register("DEMO-001", "http://127.0.0.1:9/nobody")
    ask(sandbox, FULL)
    opened(page, "Events")
    expect(page.locator("[data-list=deliveries]")).to_contain_text("no answer", timeout=15_000)


def test_amounts_stay_exact(page, sandbox):
    ask(sandbox, FULL, "900000000000000.55")
    ask(sandbox, "900000002", "1500001", "JPY", kind=LimitKind.TEMPORARY, valid_until=sandbox.engine.now().date())
    opened(page, "Applications")
    table = page.locator("[data-list=applications]")
    expect(table).to_contain_text("EUR 900,000,000,000,000.55")
    expect(table).to_contain_text("JPY 1,500,001")


EVIL = '<img src=x onerror="document.title=\'stolen\'"><script>document.title="stolen"</script>&amp;'


def test_what_comes_from_outside_is_text_and_never_markup(page, sandbox):
    ask(sandbox, comment=EVIL)
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
    page.get_by_role("button", name="Decide…").click()
    dialog(page).get_by_label("Approve a part").check()
    amount = dialog(page).get_by_label("Amount granted, EUR")
    amount.fill("123")
    ask(sandbox, FULL)
    expect(page.locator("[data-list=feed]")).to_contain_text("Limit granted")  # refreshed behind the dialog
    expect(amount).to_have_value("123")
    expect(amount).to_be_focused()


def test_focus_survives_the_refresh(page, sandbox):
    ask(sandbox)
    button = page.get_by_role("button", name="Decide…").first
    button.focus()
    ask(sandbox, "900000004", comment="please look")
    expect(page.locator("[data-list=waiting] li")).to_have_count(2)
    assert page.evaluate("document.activeElement.dataset.key") == "decide-app-000001"


def test_a_refusal_is_told_in_words_and_the_dialog_stays(page, sandbox, complaints):
    application = ask(sandbox)
    page.get_by_role("button", name="Decide…").click()
    sandbox.engine.applications.decide(application.id, LimitState.REFUSED)
    dialog(page).get_by_role("button", name="Decide", exact=True).click()
    expect(dialog(page).get_by_role("alert")).to_contain_text("is refused; nothing is pending")
    complaints.clear()
    page.keyboard.press("Escape")
    expect(dialog(page)).to_have_count(0)


def test_a_silent_sandbox_is_told_and_forgotten_when_it_answers_again(page, complaints):
    page.route("**/sandbox/v1/**", lambda route: route.abort())
    banner = page.get_by_text("The sandbox does not answer.")
    expect(banner).to_be_visible()
    page.unroute("**/sandbox/v1/**")
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
        page.wait_for_timeout(100)
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
