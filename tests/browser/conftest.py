"""A real Chromium, looking at a running sandbox; what the page complains of fails the test."""

import os
import shutil

import pytest
from playwright.sync_api import expect, sync_playwright

PATIENCE_MS = 30_000  # a loaded machine is slow, not wrong
expect.set_options(timeout=PATIENCE_MS)

FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@pytest.fixture(scope="session")
def browser():
    program = (
        os.environ.get("CHROMIUM")
        or shutil.which("chromium")
        or shutil.which("chromium-browser")
        or shutil.which("google-chrome")
    )
    if program is None:
        pytest.skip("no Chromium: apt-get install chromium, or set CHROMIUM to the program")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def complaints():
    """What the page says on its console as an error, or throws; a test may take out what it expects."""
    return []


@pytest.fixture
def page(browser, sandbox, complaints):
    context = browser.new_context(locale="en-GB", viewport={"width": 1440, "height": 900})
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on(
        "request",
        lambda request: None if request.url.startswith((sandbox.url, "data:")) else complaints.append(request.url),
    )
    page.goto(sandbox.url)
    page.locator("[data-list=tiles] .tile").first.wait_for()
    yield page
    context.close()
    assert complaints == []
