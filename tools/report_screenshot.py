"""Draw docs/images/report.png: run the demo and photograph the top of the page it leaves.

    python tools/report_screenshot.py [PICTURE.png]

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


def photograph(page: Path, picture: Path, *, top: int = 0, height: int = HEIGHT, scheme: str = "light") -> None:
    """The part of the page that begins at `top`, `height` pixels high."""
    picture.parent.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = chromium.launch(playwright)
        view = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, color_scheme=scheme)
        view.goto(page.resolve().as_uri())
        clip = {"x": 0, "y": top, "width": WIDTH, "height": height}
        view.screenshot(path=picture, full_page=True, clip=clip)
        browser.close()


def main() -> None:
    """Run the demo and draw."""
    picture = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "images" / "report.png"
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder) / "report.html"
        command = [sys.executable, "-m", "tradecredit_sdk.cli.demo", "--report", str(page)]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        photograph(page, picture)
    print(picture)


if __name__ == "__main__":
    main()
