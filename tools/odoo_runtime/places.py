"""Where everything lies, and what the environment may say about it.

Shared by all clones of the repository, in the cache folder: Odoo itself, the PostgreSQL cluster, Odoo's files and the
template databases. Of one clone, under its build folder: the Python environment, which holds that clone's SDK, and logs.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / "odoo"
LOGS = BUILD / "logs"
ADDONS = ROOT / "plugins" / "odoo_module"


def cache_folder() -> Path:
    """`TRADECREDIT_ODOO_CACHE`, or the user's cache.

    PostgreSQL does not run as root, and the account it then runs as cannot enter root's home: root's cache is /var/cache.
    """
    if named := os.environ.get("TRADECREDIT_ODOO_CACHE"):
        return Path(named).expanduser().resolve()
    if os.geteuid() == 0:
        return Path("/var/cache/tradecredit-odoo")
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "tradecredit-odoo"


CACHE = cache_folder()
RUNNING = CACHE / "running"
"""One file for each clone with a server in the background."""


def short_hash(*parts: object) -> str:
    """Eight letters and digits that change when any of the parts does."""
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:8]


PLACE = short_hash(ROOT)
"""Tells this clone from others that share the cache."""
