"""Odoo 19: the folder ODOO_HOME names, or the distribution's package, unpacked beside the machine's own packages.

Nothing is installed into the system: apt gets its own lists and cache, checks signatures as ever, and only downloads.
"""

from __future__ import annotations

import os
import platform
import shutil
from pathlib import Path

from .commands import answer, run
from .places import CACHE
from .steps import OdooRuntimeError, Step

ODOO_PACKAGE = "odoo-19"
SUITE = "sid"
"""The suite of Debian that carries it; what it needs besides comes from the machine's own suite."""

BESIDE = (
    "libjs-jquery",
    "libjs-jquery-form",
    "libjs-underscore",
    "fonts-font-awesome",
    "fonts-glyphicons-halflings",
    "fonts-inconsolata",
    "fonts-montserrat",
    "fonts-ocr-b",
    "fonts-roboto-unhinted",
    "gsfonts",
)
"""Where links in Odoo's static files lead to; without jquery the log-in page answers 500."""

REMOVED = Path("mail/static/lib/selfie_segmentation/selfie_segmentation.js")
"""Debian leaves this file out, but the list of assets names it: an empty one keeps the web client from complaining."""

UNPACKED = CACHE / "odoo"
KEYRINGS = tuple(Path("/usr/share/keyrings", f"debian-archive-keyring.{end}") for end in ("pgp", "gpg"))
BY_HAND = "Or set ODOO_HOME to a folder that holds the `odoo` package of Odoo 19."


def odoo_home() -> Path:
    """The folder that PYTHONPATH must name; what ODOO_HOME says is checked."""
    if named := os.environ.get("ODOO_HOME"):
        home = Path(named).expanduser().resolve()
        if not (home / "odoo" / "release.py").exists():
            raise OdooRuntimeError(
                f"ODOO_HOME={named} holds no folder `odoo` with Odoo in it: name the folder above it."
            )
        return home
    return UNPACKED / "usr/lib/python3/dist-packages"


def addon_folders(home: Path) -> list[Path]:
    """Folders of Odoo's own addons besides odoo/addons, which Odoo finds by itself: a source checkout has one."""
    return [home / "addons"] if (home / "addons").is_dir() else []


def release(home: Path) -> str:
    """What this Odoo is, so that what was made with another is not used: its version and when it came here."""
    stated = home / "odoo" / "release.py"
    return f"{home} {stated.stat().st_mtime_ns}" if stated.exists() else str(home)


def steps() -> list[Step]:
    """Fetch and unpack, unless ODOO_HOME is given."""
    if os.environ.get("ODOO_HOME"):
        return []
    return [Step("odoo", ODOO_PACKAGE, f"fetching {ODOO_PACKAGE} (120 MB) and unpacking it into {UNPACKED}", _fetch)]


def _fetch() -> None:
    apt = CACHE / "apt"
    (apt / "lists" / "partial").mkdir(parents=True, exist_ok=True)
    (apt / "cache" / "archives" / "partial").mkdir(parents=True, exist_ok=True)
    own = platform.freedesktop_os_release().get("VERSION_CODENAME", SUITE)
    (apt / "sources.list").write_text(_sources(_mirror(), {own, SUITE}))
    options = {
        "Dir::Etc::SourceList": apt / "sources.list",
        "Dir::Etc::SourceParts": "/dev/null",
        "Dir::State::Lists": apt / "lists",
        "Dir::Cache": apt / "cache",
        "APT::Default-Release": own,
        "APT::Sandbox::User": "root",
        "Acquire::Languages": "none",
        "Acquire::Retries": 3,
    }
    command = ["apt-get", *(word for name, value in options.items() for word in ("-o", f"{name}={value}"))]
    remedy = f"Nothing else was changed: mend it and run the same command again. {BY_HAND}"
    run([*command, "update"], "apt-update.log", remedy=remedy)
    debs = apt / "debs"
    debs.mkdir(exist_ok=True)
    # apt-get goes on with a file that came only in part, and leaves a whole one as it is.
    run([*command, "download", ODOO_PACKAGE, *BESIDE], "apt-download.log", cwd=debs, remedy=remedy)
    _unpack(sorted(debs.glob("*.deb")))
    shutil.rmtree(apt)


def _unpack(debs: list[Path]) -> None:
    making = UNPACKED.with_name("odoo.making")
    for old in (making, UNPACKED):
        shutil.rmtree(old, ignore_errors=True)
    for deb in debs:
        run(["dpkg-deb", "-x", deb, making], "unpack.log", remedy=BY_HAND)
    packages = making / "usr/lib/python3/dist-packages"
    # Beside `odoo` the package carries copies of its tests and tools, which nothing reads.
    for extra in packages.iterdir():
        if extra.name != "odoo" and extra.is_dir():
            shutil.rmtree(extra)
    removed = packages / "odoo" / "addons" / REMOVED
    removed.parent.mkdir(parents=True, exist_ok=True)
    removed.touch()
    making.rename(UNPACKED)


def _mirror() -> str:
    """The address the machine's own sources name, so that proxies and mirrors stay as its owner chose."""
    wanted = ["Created-By: Packages", "--format", "$(RELEASE) $(REPO_URI)"]
    lines = answer(["apt-get", "indextargets", "--no-release-info", *wanted]).split("\n")
    own = platform.freedesktop_os_release()
    mirrors = [line.split(" ")[1] for line in lines if line.startswith(f"{own.get('VERSION_CODENAME', SUITE)} ")]
    if own.get("ID") != "debian" or not mirrors:
        raise OdooRuntimeError(
            f"Odoo is built here from Debian's package {ODOO_PACKAGE}, and this machine has no Debian sources. {BY_HAND}"
        )
    return mirrors[0]


def _sources(mirror: str, suites: set[str]) -> str:
    keyring = next((path for path in KEYRINGS if path.exists()), None)
    signed = f"[signed-by={keyring}] " if keyring else ""
    return "".join(f"deb {signed}{mirror} {suite} main\n" for suite in sorted(suites))
