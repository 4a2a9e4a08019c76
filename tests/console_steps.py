"""What a person does at the console, for its tests."""

from playwright.sync_api import expect

from tradecredit_sdk.models.money import Money
from tradecredit_sdk.sandbox.records import Asked

FULL, BY_HAND = "900000001", "900000007"


def ask(sandbox, buyer=BY_HAND, amount="50000", currency="EUR", **more):
    asked = Asked(buyer, amount=Money(amount, currency), reference=f"REQ-{buyer[-2:]}", **more)
    return sandbox.engine.applications.submit("DEMO-001", asked).application


def opened(page, view):
    page.locator(f"nav a[href='#{view.lower()}']").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(view)


def refreshed(page):
    """Let the page's own timer come due now; it refreshes every two and a half seconds."""
    page.clock.fast_forward(2500)


def dialog(page):
    return page.get_by_role("dialog")


def press(page, name):
    dialog(page).get_by_role("button", name=name, exact=True).click()
    expect(dialog(page)).to_have_count(0)


def state_of(sandbox, application):
    return sandbox.engine.applications.get(application.id).state
