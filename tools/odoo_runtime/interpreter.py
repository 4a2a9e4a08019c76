"""The Python environment Odoo runs in: Odoo's requirements and, from the working tree, the SDK."""

from __future__ import annotations

import shutil
import sys
import venv
from pathlib import Path

from .commands import answer, run
from .places import BUILD, ROOT, short_hash
from .steps import OdooRuntimeError, Step

FOLDER = BUILD / "python"
PYTHON = FOLDER / "bin" / "python"
WITH = "[sandbox]"
"""The addons' tests start a sandbox insurer of their own."""
REQUIREMENTS = Path(__file__).with_name("requirements.txt")


def steps() -> list[Step]:
    """One environment for each clone: the SDK in it is the clone's own, as it is at the moment."""
    made_from = short_hash(
        sys.version, sys.base_prefix, ROOT, WITH, REQUIREMENTS.read_text(), (ROOT / "pyproject.toml").read_text()
    )
    return [Step("python", made_from, "installing Odoo's requirements and the SDK into build/odoo/python", _install)]


def _install() -> None:
    """What is there already is brought up to date in place: another run may be using it."""
    if _version(PYTHON) != sys.version:
        shutil.rmtree(FOLDER, ignore_errors=True)
    # Debian keeps the pip of new environments in a package of its own; the pip we have installs anywhere since 22.3.
    venv.create(FOLDER, symlinks=True)
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input"]
    remedy = "Mend what the lines above say and run the same command again."
    run([*pip, "install", "--quiet", "pip>=22.3"], "pip-itself.log", remedy=remedy)
    run(
        [*pip, "--python", PYTHON, "install", "--requirement", REQUIREMENTS, "--editable", f"{ROOT}{WITH}"],
        "pip.log",
        remedy=remedy,
    )


def _version(python: Path) -> str:
    try:
        return answer([python, "-c", "import sys; print(sys.version)"]).strip()
    except OdooRuntimeError:
        return ""
