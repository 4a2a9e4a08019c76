"""Draw docs/images/report.png and report-clock.png: run the demo and photograph the page it leaves, its top and its clock.

    python tools/report_screenshot.py [FOLDER]

Needs Playwright, and Chromium on the path or in the variable CHROMIUM.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

import chromium
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
WIDTH, HEIGHT = 1180, 1500


def photograph(page: Path, folder: Path) -> list[Path]:
    """The top of the page, and the section with the clock of one overdue."""
    top, clock = folder / "report.png", folder / "report-clock.png"
    with sync_playwright() as playwright:
        browser = chromium.launch(playwright)
        view = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme="light")
        view.goto(page.resolve().as_uri())
        view.screenshot(path=top)
        view.locator("section", has_text="The clock of one overdue").screenshot(path=clock)
        browser.close()
    return [top, clock]


def main() -> None:
    """Run the demo and draw."""
    pictures = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "images"
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "report.html"
        command = [sys.executable, "-m", "tradecredit_sdk.cli.demo", "--report", str(page)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        for picture in photograph(page, pictures):
            print(picture)


if __name__ == "__main__":
    main()
