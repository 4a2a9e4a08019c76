"""The texts of the addons: the template of each addon, taken from Odoo itself, and its files of translations.

    python -m tools.odoo_runtime translations

A text that is new is left empty in each language, or has the words of one that is gone and much like it, marked fuzzy:
the tests ask for all of them. A text that the other addon has translated already is taken from there.
"""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING

from . import databases, program, suite
from .commands import run
from .manifests import Addons
from .steps import timed

if TYPE_CHECKING:
    import polib

ALIKE = 0.6
DATES = ("POT-Creation-Date", "PO-Revision-Date")
"""They would change each time."""


def update(addons: Addons, kept: str | None) -> None:
    """Write i18n/*.pot and bring i18n/*.po up to date; `kept` is a database to use and keep."""
    _export(addons, kept)
    folders = [addons.folder / name / "i18n" for name in addons.names]
    for language in sorted({path.name for folder in folders for path in folder.glob("*.po")}):
        missing = bring_up_to_date([folder / language for folder in folders])
        print(f"{language}: {missing} to translate" if missing else f"{language}: complete")


def _export(addons: Addons, kept: str | None) -> None:
    template = suite.template_of(addons)
    env = program.environment(addons.folder)
    with databases.kept(template, kept) if kept else databases.trial(template) as name:
        word = "-u" if databases.installed(name, addons.names) else "-i"
        with timed("reading the texts of the addons"):
            words = ["-d", name, "--no-http", "--stop-after-init", word, ",".join(addons.names)]
            run(program.command(*words), "texts.log", env=env)
            run(program.command("i18n", "export", "-d", name, *addons.names), "texts.log", env=env)
    for name in addons.names:
        _without_dates(addons.folder / name / "i18n" / f"{name}.pot")


def _without_dates(path: Path) -> None:
    import polib

    template = polib.pofile(path)
    for date in DATES:
        template.metadata.pop(date, None)
    template.save()


def bring_up_to_date(paths: list[Path]) -> int:
    """Give the files of one language, one an addon, the texts of their templates; how many are left to translate."""
    import polib

    files = {path: polib.pofile(path) if path.exists() else _new(path) for path in paths}
    words = {entry.msgid: entry.msgstr for file in files.values() for entry in file if entry.translated()}
    missing = 0
    for path, file in files.items():
        file.merge(polib.pofile(path.with_name(f"{path.parent.parent.name}.pot")))
        gone = [entry.msgid for entry in file.obsolete_entries() if entry.msgid in words]
        for entry in [entry for entry in file if not entry.obsolete and not entry.translated()]:
            _suggest(entry, words, gone)
            missing += not entry.translated()
        file[:] = sorted((entry for entry in file if not entry.obsolete), key=lambda entry: entry.msgid)
        file.save(path)
    return missing


def _suggest(entry: polib.POEntry, words: dict[str, str], gone: list[str]) -> None:
    if entry.msgid in words:
        entry.msgstr = words[entry.msgid]
        entry.flags = [flag for flag in entry.flags if flag != "fuzzy"]
    elif alike := difflib.get_close_matches(entry.msgid, gone, n=1, cutoff=ALIKE):
        entry.msgstr, entry.previous_msgid = words[alike[0]], alike[0]
        entry.flags.append("fuzzy")


def _new(path: Path) -> polib.POFile:
    import polib

    file = polib.POFile()
    file.metadata = {
        "Project-Id-Version": "tradecredit_sdk",
        "Language": path.stem,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
    }
    return file
