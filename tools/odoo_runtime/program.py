"""How Odoo is called: its configuration, its environment, its command line."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

from . import cluster, interpreter, package
from .places import BUILD, CACHE, short_hash

LEFT_OUT = ("ODOO_", "PYTHON", "PG", "TRADECREDIT_")
"""Variables that mean something to Odoo, its interpreter or the SDK in it, and were not set for this one."""


def files() -> Path:
    """Odoo's files: attachments of each database, sessions. Each server of databases has its own."""
    if cluster.is_ours():
        return CACHE / "data"
    return CACHE / f"data-{short_hash(os.environ['PGHOST'], os.environ.get('PGPORT'))}"


def environment(addons: Path | None = None, **more: str) -> dict[str, str]:
    """Ours without what would mislead it, and what names its configuration and its database server.

    `addons` is a folder of addons besides Odoo's own.
    """
    kept = {name: value for name, value in os.environ.items() if not name.startswith(LEFT_OUT)}
    loopback = ",".join(filter(None, [kept.get("NO_PROXY"), "127.0.0.1,localhost"]))
    return {
        **kept,
        **cluster.environment(),
        "PYTHONPATH": str(package.odoo_home()),
        "PYTHONUNBUFFERED": "1",
        "ODOO_RC": str(_configuration(addons)),
        "NO_PROXY": loopback,
        "no_proxy": loopback,
        **more,
    }


def _configuration(addons: Path | None) -> Path:
    """The configuration file for this folder of addons; several may be in use at once."""
    folders = [*package.addon_folders(package.odoo_home()), *([addons] if addons else [])]
    settings = {
        "addons_path": ",".join(map(str, folders)),
        "data_dir": files(),
        "http_interface": "127.0.0.1",
        "list_db": False,
    }
    text = "[options]\n" + "".join(f"{name} = {value}\n" for name, value in settings.items() if value != "")
    path = BUILD / f"odoo-{short_hash(text)}.conf"
    files().mkdir(parents=True, exist_ok=True)
    BUILD.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        path.write_text(text)
    return path


def command(*words: str) -> list[str]:
    """`words` as Odoo's own command line takes them: server options, or a command such as shell first."""
    return [str(interpreter.PYTHON), "-m", "odoo", *words]


def call(addons: Path, *words: str) -> int:
    """Run Odoo in the foreground until it ends; its exit code."""
    child = subprocess.Popen(command(*words), env=environment(addons))
    # A terminal sends Ctrl-C to Odoo as well, which then ends in its own time: wait for it.
    signal.signal(signal.SIGINT, lambda *_: None)
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    return child.wait()
