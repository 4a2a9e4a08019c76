"""A real Chromium, looking at a running sandbox; what the page complains of fails the test."""

import chromium
import pytest
from playwright.sync_api import expect, sync_playwright

PATIENCE_MS = 30_000  # a loaded machine is slow, not wrong
expect.set_options(timeout=PATIENCE_MS)

SIZE = {"width": 1440, "height": 900}


@pytest.fixture(scope="session")
def browser():
    with sync_playwright() as playwright:
        try:
            browser = chromium.launch(playwright)
        except FileNotFoundError as missing:
            pytest.fail(str(missing), pytrace=False)
        yield browser
        browser.close()


@pytest.fixture
def complaints():
    """What the page says on its console as an error, or throws; a test may take out what it expects."""
    return []


@pytest.fixture(scope="session")
def window(browser):
    """One for all tests: to open another takes longer than what most of them do in it."""
    context = browser.new_context(locale="en-GB", viewport=SIZE)
    context.set_default_timeout(PATIENCE_MS)
    window = context.new_page()
    window.clock.install()  # it goes by itself, and a test may let it leap
    yield window
    context.close()


@pytest.fixture
def page(window, sandbox, complaints):
    """The console, just opened in a window that is as it was at first."""
    window.goto("about:blank")
    window.unroute_all()
    window.set_viewport_size(SIZE)
    window.emulate_media(color_scheme="light")
    listeners = {
        "console": lambda message: complaints.append(message.text) if message.type == "error" else None,
        "pageerror": lambda error: complaints.append(str(error)),
        "request": lambda request: (
            None if request.url.startswith((sandbox.url, "data:")) else complaints.append(request.url)
        ),
    }
    for event, listener in listeners.items():
        window.on(event, listener)
    window.goto(sandbox.url)
    window.locator("[data-list=tiles] .tile").first.wait_for()
    yield window
    for event, listener in listeners.items():
        window.remove_listener(event, listener)
    assert complaints == []
