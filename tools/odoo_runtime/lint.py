"""The checks of the Odoo community on the addons: pylint-odoo and the two programs of its pre-commit hooks."""

from __future__ import annotations

import subprocess
import sys
import venv
from collections.abc import Iterator
from pathlib import Path

from .commands import run
from .manifests import Addons
from .places import BUILD, ROOT, short_hash
from .steps import Step, ensure

FOLDER = BUILD / "lint"
GROUP = "addons"
"""Their dependency group. It has an environment of its own, for what it pins is no business of the SDK."""
CONFIGURATION = "lint.cfg"
README = [str(FOLDER / "bin" / "python"), str(Path(__file__).with_name("readme.py"))]


def check(addons: Addons) -> bool:
    """Run each program on each addon; the last line is `N passed, N failed`. True if all is well."""
    ensure([_installed()], BUILD / "done")
    outcomes = [_passes(addons.folder, command) for command in _commands(addons)]
    print(f"{outcomes.count(True)} passed, {outcomes.count(False)} failed")
    return all(outcomes)


def write_readmes(addons: Addons) -> bool:
    """Make README.rst and index.html of each addon; they are named if they changed."""
    ensure([_installed()], BUILD / "done")
    return subprocess.run([*README, *(addons.folder / name for name in addons.names)], check=False).returncode == 0


def _installed() -> Step:
    made_from = short_hash(sys.version, sys.base_prefix, ROOT, (ROOT / "pyproject.toml").read_text())
    return Step("lint", made_from, "installing the checks of the Odoo community into build/odoo/lint", _install)


def _install() -> None:
    venv.create(FOLDER, symlinks=True)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input"]
    group = f"{ROOT / 'pyproject.toml'}:{GROUP}"
    remedy = "Mend what the lines above say and run the same command again."
    # Dependency groups (PEP 735) need pip 25.1, which `make` puts beside the tools of the tests.
    run([*pip, "--python", FOLDER / "bin" / "python", "install", "--group", group], "lint-pip.log", remedy=remedy)


def _commands(addons: Addons) -> Iterator[list[str]]:
    """Each on one addon, so that what fails is named."""
    programs = FOLDER / "bin"
    for name in addons.names:
        yield [str(programs / "pylint"), f"--rcfile={CONFIGURATION}", name]
        yield [str(programs / "oca-checks-odoo-module"), f"--config={CONFIGURATION}", name]
        yield [*README, "--check", name]
        if texts := sorted(str(path.relative_to(addons.folder)) for path in (addons.folder / name).glob("i18n/*.po*")):
            yield [str(programs / "oca-checks-po"), f"--config={CONFIGURATION}", *texts]


def _passes(folder: Path, command: list[str]) -> bool:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    words = [Path(word).name if Path(word).is_absolute() else word for word in command if not word.startswith("--")]
    print(f"{'FAIL' if done.returncode else 'ok':5} {' '.join(words)}", flush=True)
    if done.returncode:
        print(done.stdout + done.stderr, flush=True)
    return done.returncode == 0
