"""Draw the icons of the addons: static/description/icon.svg -> icon.png, in Chromium.

python tools/make_icons.py
"""

from __future__ import annotations

import sys
from pathlib import Path

from playwright.sync_api import sync_playwright

sys.path.insert(0, str(Path(__file__).parent))
import chromium

ADDONS = Path(__file__).resolve().parent.parent / "plugins" / "odoo_module"
PIXELS = 128


def main() -> None:
    """Draw each one at the size Odoo shows at most."""
    with sync_playwright() as playwright:
        browser = chromium.launch(playwright)
        page = browser.new_page(viewport={"width": PIXELS, "height": PIXELS})
        for drawing in sorted(ADDONS.glob("*/static/description/icon.svg")):
            page.set_content(f"<style>body{{margin:0}}svg{{display:block}}</style>{drawing.read_text()}")
            page.screenshot(path=drawing.with_suffix(".png"), omit_background=True)
            print(drawing.with_suffix(".png"))
        browser.close()


if __name__ == "__main__":
    main()
