"""The documentation builds without a warning, loads nothing from elsewhere, and leaves nothing of the public face out."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from tradecredit_sdk import errors
from tradecredit_sdk.cli.app import cli
from tradecredit_sdk.cli.exit_codes import ExitCode
from tradecredit_sdk.cli.failure import describe
from tradecredit_sdk.config import Settings
from tradecredit_sdk.models.verdict import ReasonCode

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"

pytestmark = pytest.mark.xdist_group("site")  # built once
ELSEWHERE = re.compile(
    r"""<(?:script|img|iframe|source)[^>]+src=["'](?:https?:)?//|"""
    r"""<link[^>]+rel=["']?(?:stylesheet|preconnect|preload|icon)["']?[^>]+href=["'](?:https?:)?//|"""
    r"""@import\s+(?:url\()?["']?(?:https?:)?//|url\(["']?(?:https?:)?//"""
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr  # without --quiet: it would hide warnings from --strict
    return folder


def test_the_site_loads_nothing_from_another_host(site: Path) -> None:
    pages = [path for path in site.rglob("*") if path.suffix in (".html", ".css")]
    assert len(pages) > 30
    loads = {
        f"{path.relative_to(site)}: {found[0]}"
        for path in pages
        for found in [ELSEWHERE.search(path.read_text())]
        if found
    }
    assert loads == set()


def commands(command: click.Command, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    yield path
    if isinstance(command, click.Group):
        context = click.Context(command)
        for label in command.list_commands(context):
            child = command.get_command(context, label)
            if child is not None and not child.hidden:
                yield from commands(child, (*path, label))


def test_every_command_is_in_the_command_line_reference(site: Path) -> None:
    text = re.sub(r"<[^>]+>", "", (site / "reference" / "cli.html").read_text())
    paths = [" ".join(path) for path in commands(cli, ("tradecredit",))]
    assert len(paths) > 20
    assert [path for path in paths if path not in text] == []


def test_every_public_name_has_an_entry_in_the_reference(site: Path) -> None:
    import tradecredit_sdk

    text = "\n".join(path.read_text() for path in (site / "reference").glob("*.html"))
    missing = [
        name
        for name in tradecredit_sdk.__all__
        if name != "__version__" and not re.search(rf'id="tradecredit_sdk\.[\w.]*\b{name}"', text)
    ]
    assert missing == []


def test_every_reason_is_explained() -> None:
    text = (DOCS / "reference" / "reason-codes.md").read_text()
    assert [code.value for code in ReasonCode if f"`{code.value}`" not in text] == []


def test_every_error_is_in_the_tables() -> None:
    names = [name for name, thing in vars(errors).items() if inspect.isclass(thing) and issubclass(thing, Exception)]
    for page in ("reference/errors.md", "troubleshooting.md"):
        text = (DOCS / page).read_text()
        assert [name for name in names if name not in text] == [], page


def test_the_table_of_errors_names_the_exit_codes_of_the_command() -> None:
    text = (DOCS / "reference" / "errors.md").read_text()
    rows = dict(re.findall(r"^\| `(\w+Error)`[^|]*\| (\d+) \|", text, re.MULTILINE))
    assert len(rows) > 15
    assert rows == {name: str(int(describe(getattr(errors, name)("x")).code)) for name in rows}


def test_every_exit_code_is_in_the_table() -> None:
    text = (DOCS / "reference" / "errors.md").read_text()
    assert [code for code in ExitCode if f"| {code.value} |" not in text] == []


def test_every_variable_and_setting_is_in_the_table() -> None:
    sources = "\n".join(path.read_text() for path in (ROOT / "tradecredit_sdk").rglob("*.py"))
    settings = set(Settings.model_fields) | {"api_key_file", "api_key_command"}
    derived = {f"TRADECREDIT_{name.upper()}" for name in settings - {"journal_url", "terms"}}
    written = set(re.findall(r"\bTRADECREDIT_[A-Z_]*[A-Z]\b", sources))
    text = (DOCS / "reference" / "configuration.md").read_text()
    assert sorted(name for name in derived | written | settings if f"`{name}`" not in text) == []
