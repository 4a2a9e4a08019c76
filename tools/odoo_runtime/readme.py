"""README.rst and static/description/index.html of an addon, made of the fragments in its folder `readme`.

    python -m tools.odoo_runtime readme

The layout is that of the Odoo community: one Markdown file a section, reStructuredText for the package and the forge, HTML
for the page of the addon in Odoo's list of apps. This file runs as a program in the environment of the checks, which has
the two converters, at fixed versions because what they write is compared.
"""

from __future__ import annotations

import ast
import re
import sys
from pathlib import Path

SECTIONS = {
    "DESCRIPTION": "",
    "CONTEXT": "Use Cases / Context",
    "CONFIGURE": "Configuration",
    "USAGE": "Usage",
    "ROADMAP": "Known issues / Roadmap",
    "DEVELOP": "Development",
    "HISTORY": "Changelog",
}
NOTE = ".. This file is made of the fragments in readme/ by `python -m tools.odoo_runtime readme`; change those.\n"
PAGE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8" />
<title>{title}</title>
</head>
<body>
<div class="container" style="max-width: 50em; margin: 0 auto;">
{body}
</div>
</body>
</html>
"""


def pages(addon: Path) -> dict[Path, str]:
    """Path -> text of what is made."""
    from docutils.core import publish_parts

    manifest = ast.literal_eval((addon / "__manifest__.py").read_text())
    text = _text(addon / "readme", manifest)
    settings = {"initial_header_level": 2, "report_level": 2, "halt_level": 2, "syntax_highlight": "none"}
    body = publish_parts(text, writer="html5", settings_overrides=settings)["html_body"]
    lines = [line.rstrip() for line in PAGE.format(title=manifest["name"], body=body.strip()).splitlines()]
    return {addon / "README.rst": NOTE + "\n" + text, addon / "static/description/index.html": "\n".join(lines) + "\n"}


def _text(folder: Path, manifest: dict[str, object]) -> str:
    name = str(manifest["name"])
    facts = (
        f":Version: {manifest['version']}\n:License: {manifest['license']}\n:Status: {manifest['development_status']}\n"
    )
    parts = [f"{'=' * len(name)}\n{name}\n{'=' * len(name)}\n", facts]
    for fragment, title in SECTIONS.items():
        if (folder / f"{fragment}.md").exists():
            parts += [_heading(title, "=")] if title else []
            parts += [_converted(folder / f"{fragment}.md")]
            # What the addon is comes first, then where to find what.
            parts += [] if title else ["**Table of contents**\n\n.. contents::\n   :local:\n"]
    authors = "".join(f"* {author.strip()}\n" for author in str(manifest["author"]).split(","))
    parts += [_heading("Credits", "="), _heading("Authors", "-"), authors]
    parts += [_heading("Contributors", "-"), _converted(folder / "CONTRIBUTORS.md")]
    return "\n".join(parts)


def _heading(title: str, line: str) -> str:
    return f"{title}\n{line * len(title)}\n"


def _converted(fragment: Path) -> str:
    from m2r2 import convert

    # The converter marks where a piece of markup begins and ends, also where punctuation does.
    return re.sub(r"(?<=\()\\ |\\ (?=[,.:;)])", "", convert(fragment.read_text())).strip() + "\n"


def main(words: list[str]) -> int:
    """[--check] FOLDER...: write what has changed, or only say what has."""
    only_check = "--check" in words
    made = {path: text for folder in words[only_check:] for path, text in pages(Path(folder)).items()}
    changed = [path for path, text in made.items() if not path.exists() or path.read_text() != text]
    for path in changed:
        print(f"{path} is not what its fragments say: python -m tools.odoo_runtime readme" if only_check else path)
        if not only_check:
            path.write_text(made[path])
    return int(only_check and bool(changed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
