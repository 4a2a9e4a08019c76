"""The addons speak four languages besides English, completely, and what is filled into their texts is the same in each."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import polib
import pytest

from tools.odoo_runtime import translations

ADDONS = Path(__file__).resolve().parents[3] / "plugins" / "odoo_module"
NAMES = ["tradecredit", "tradecredit_sale"]
LANGUAGES = ["de", "es", "fr", "zh_CN"]
FILLED_IN = re.compile(r"%\(\w+\)s|%[sd]|</?\w+[^>]*>")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("addon", NAMES)
def test_every_text_is_translated(addon: str, language: str) -> None:
    folder = ADDONS / addon / "i18n"
    texts = {entry.msgid for entry in polib.pofile(folder / f"{addon}.pot")}
    words = {entry.msgid: entry for entry in polib.pofile(folder / f"{language}.po")}
    remedy = "python -m tools.odoo_runtime translations"
    assert texts - words.keys() == set(), remedy
    assert words.keys() - texts == set(), remedy
    assert [text for text, entry in words.items() if not entry.translated()] == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("addon", NAMES)
def test_what_is_filled_in_is_the_same(addon: str, language: str) -> None:
    for entry in polib.pofile(ADDONS / addon / "i18n" / f"{language}.po"):
        assert _filled_in(entry.msgstr) == _filled_in(entry.msgid), entry.msgstr
        assert (entry.msgstr[:1] + entry.msgstr[-1:]).isspace() == (entry.msgid[:1] + entry.msgid[-1:]).isspace()


def test_no_language_is_forgotten() -> None:
    for addon in NAMES:
        assert sorted(path.stem for path in (ADDONS / addon / "i18n").glob("*.po")) == LANGUAGES


def files(folder: Path, addon: str, texts: list[str], words: dict[str, str]) -> Path:
    """The template and the German file of an addon that never was."""
    i18n = folder / addon / "i18n"
    i18n.mkdir(parents=True)
    for name, entries in ((f"{addon}.pot", dict.fromkeys(texts, "")), ("de.po", words)):
        file = polib.POFile()
        file.extend(polib.POEntry(msgid=text, msgstr=word) for text, word in entries.items())
        file.save(str(i18n / name))
    return i18n / "de.po"


def read(path: Path) -> dict[str, tuple[str, bool]]:
    return {entry.msgid: (entry.msgstr, entry.fuzzy) for entry in polib.pofile(path)}


def test_a_text_that_changed_keeps_its_words_to_be_looked_at(tmp_path: Path) -> None:
    old = {"The limit is used up.": "Das Limit ist ausgeschöpft.", "Buyer": "Käufer"}
    path = files(tmp_path, "one", ["The limit is all used up.", "Buyer", "Something else"], old)
    assert translations.bring_up_to_date([path]) == 2
    assert read(path) == {
        "Buyer": ("Käufer", False),
        "Something else": ("", False),
        "The limit is all used up.": ("Das Limit ist ausgeschöpft.", True),
    }


def test_a_text_of_another_addon_is_translated_like_there(tmp_path: Path) -> None:
    first = files(tmp_path, "one", ["Buyer"], {"Buyer": "Käufer"})
    second = files(tmp_path, "two", ["Buyer"], {})
    assert translations.bring_up_to_date([first, second]) == 0
    assert read(second) == {"Buyer": ("Käufer", False)}


def test_a_new_language_begins_with_all_texts(tmp_path: Path) -> None:
    german = files(tmp_path, "one", ["Buyer", "Limit"], {})
    italian = german.with_name("it.po")
    assert translations.bring_up_to_date([italian]) == 2
    assert read(italian) == {"Buyer": ("", False), "Limit": ("", False)}


def _filled_in(text: str) -> Counter[str]:
    """Placeholders and marks, without the words that a title says."""
    return Counter(FILLED_IN.findall(re.sub(r'title="[^"]*"', "title", text)))
