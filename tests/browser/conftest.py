"""A real Chromium, looking at a running sandbox; what the page complains of fails the test."""

import chromium
import pytest
from playwright.sync_api import expect, sync_playwright

PATIENCE_MS = 30_000  # a loaded machine is slow, not wrong
expect.set_options(timeout=PATIENCE_MS)


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        try:
            browser = chromium.launch(playwright, "--process-per-site")
        except FileNotFoundError as missing:
            pytest.fail(str(missing), pytrace=False)
        yield browser
        browser.close()


@pytest.fixture
def complaints():
    """What the page says on its console as an error, or throws; a test may take out what it expects."""
    return []


@pytest.fixture(scope="session")
def profile(browser):
    """One for all tests, for the console keeps nothing in it: a fresh one each would read and compile all anew."""
    context = browser.new_context(locale="en-GB", viewport={"width": 1440, "height": 900})
    context.set_default_timeout(PATIENCE_MS)
    yield context
    context.close()


@pytest.fixture
def page(profile, sandbox, complaints):
    page = profile.new_page()
    page.clock.install()  # it goes by itself, and a test may let it leap
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "request",
        lambda request: None if request.url.startswith((sandbox.url, "data:")) else complaints.append(request.url),
    )
    page.goto(sandbox.url)
    page.locator("[data-list=tiles] .tile").first.wait_for()
    yield page
    page.close()
    assert complaints == []
