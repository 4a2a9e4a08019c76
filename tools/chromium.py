"""Start the Chromium of this machine: for the browser tests, and for the pictures of the documentation."""

from __future__ import annotations

import os
import shutil

from playwright.sync_api import Browser, Playwright

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
REMEDY = "there is no Chromium: install it (apt-get install -y --no-install-recommends chromium), or set CHROMIUM to the program"
# It runs as root too, and talks to nobody but the page.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def launch(playwright: Playwright, *flags: str) -> Browser:
    """A browser, to be closed; FileNotFoundError says how to get one."""
    program = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        raise FileNotFoundError(REMEDY)
    return playwright.chromium.launch(executable_path=program, args=[*FLAGS, *flags])
