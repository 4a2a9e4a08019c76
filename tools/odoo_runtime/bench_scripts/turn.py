# Put before the other scripts of turns: what they are told, and how a step is measured.
import gc
import json  # noqa: F401 - of the scripts that follow, as is Command
import os
import time
from pathlib import Path

from odoo import Command  # noqa: F401

told, answers = os.fdopen(int(os.environ["TOLD"])), os.fdopen(int(os.environ["ANSWERS"]), "w", buffering=1)
env.cr.execute("SELECT pg_backend_pid()")
backend = Path("/proc", str(env.cr.fetchone()[0]), "schedstat")


def cpu_ms():
    database = int(backend.read_text().split()[0]) / 1e6 if backend.exists() else 0  # it is on another machine
    return 1000 * time.process_time() + database


def measured(step):
    """CPU milliseconds and queries of a step in a transaction of its own, with empty caches of records."""
    env.cr.commit()
    env.invalidate_all()
    queries, started = env.cr.sql_log_count, cpu_ms()
    step()
    env.cr.commit()
    return {"ms": cpu_ms() - started, "queries": env.cr.sql_log_count - queries}


product = env["product.product"].search([("name", "=", "Bench goods")])
gc.freeze()
