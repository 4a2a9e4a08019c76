"""The console in a real browser: each button pressed once, and what came of it read from the engine."""

import re
from datetime import timedelta

import pytest
from console_steps import FULL, ask, dialog, opened, press, refreshed, state_of
from playwright.sync_api import expect

from tradecredit_sdk.models.limit import LimitState
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.overdue import OverdueState
from tradecredit_sdk.sandbox.records import Declared, Invoice

pytestmark = pytest.mark.browser


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
    refreshed(page)
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


def test_an_overdue_is_acknowledged_documents_are_asked_for_and_it_is_handed_over(page, sandbox):
    ask(sandbox, FULL)
    overdues, today = sandbox.engine.overdues, sandbox.engine.now().date()
    overdues.acknowledge_seconds = 86_400
    unpaid = Invoice("R-1", today - timedelta(days=70), Money("100.00", "EUR"))
    made = overdues.declare("DEMO-001", Declared(FULL, (unpaid,), reference="O-1")).overdue
    opened(page, "Overdues")
    row = page.locator("[data-list=overdues] tbody > tr").first
    expect(row).to_contain_text("Received; the answer follows.")
    row.get_by_role("button", name="Acknowledge").click()
    expect(row).to_contain_text("cover stopped, since")
    row.get_by_role("button", name="Documents…").click()
    press(page, "Ask")
    expect(row).to_contain_text("missing: invoice, delivery proof")
    row.get_by_role("button", name="Hand over…").click()
    press(page, "Hand over")
    expect(row).to_contain_text("insurer collects")
    expect(row.get_by_role("button", name="Hand over…")).to_have_count(0)
    kept = overdues.get(made.id)
    assert (kept.stage, kept.state) == (OverdueState.IN_COLLECTION, OverdueState.DOCUMENTS_REQUESTED)
    opened(page, "Limits")
    expect(page.locator("[data-list=limits] tbody tr").first).to_contain_text("Stopped since")
