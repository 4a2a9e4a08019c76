"""How Odoo is called: its configuration, its environment, its command line."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from . import cluster, interpreter, package
from .places import BUILD, CACHE

FILES = CACHE / "data"
"""Odoo's files: attachments of each database, sessions."""

CONFIGURATION = BUILD / "odoo.conf"
LEFT_OUT = ("ODOO_", "PYTHON", "PG")
"""Variables that mean something to Odoo or its interpreter and were not set for this one."""


def configure(addons: Path) -> None:
    """Write the configuration file that every command of this clone reads."""
    folders = [*package.addon_folders(package.odoo_home()), addons]
    settings = {
        "addons_path": ",".join(map(str, folders)),
        "data_dir": FILES,
        "http_interface": "127.0.0.1",
        "list_db": False,
    }
    FILES.mkdir(parents=True, exist_ok=True)
    CONFIGURATION.parent.mkdir(parents=True, exist_ok=True)
    CONFIGURATION.write_text("[options]\n" + "".join(f"{name} = {value}\n" for name, value in settings.items()))


def environment(**more: str) -> dict[str, str]:
    """Ours without what would mislead it, and what names its files, its database server and its configuration."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(LEFT_OUT)}
    loopback = ",".join(filter(None, [kept.get("NO_PROXY"), "127.0.0.1,localhost"]))
    return {
        **kept,
        **cluster.environment(),
        "PYTHONPATH": str(package.odoo_home()),
        "PYTHONUNBUFFERED": "1",
        "ODOO_RC": str(CONFIGURATION),
        "NO_PROXY": loopback,
        "no_proxy": loopback,
        **more,
    }


def command(*words: str) -> list[str]:
    """`words` as Odoo's own command line takes them: server options, or a command such as shell first."""
    return [str(interpreter.PYTHON), "-m", "odoo", *words]


def call(*words: str) -> int:
    """Run Odoo in the foreground until it ends; its exit code."""
    return subprocess.run(command(*words), env=environment(), check=False).returncode
