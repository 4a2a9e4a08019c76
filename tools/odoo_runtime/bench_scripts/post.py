# Run by `odoo shell`: post an invoice whenever told to, in a transaction of its own; CPU milliseconds and queries of each.
import gc
import json
import os
import time
from pathlib import Path

from odoo import Command

told, answers = os.fdopen(int(os.environ["TOLD"])), os.fdopen(int(os.environ["ANSWERS"]), "w", buffering=1)
env.cr.execute("SELECT pg_backend_pid()")
backend = Path("/proc", str(env.cr.fetchone()[0]), "schedstat")


def cpu_ms():
    database = int(backend.read_text().split()[0]) / 1e6 if backend.exists() else 0  # it is on another machine
    return 1000 * time.process_time() + database


partner = env["res.partner"].search([("name", "=", "Bench 2,000")])
product = env["product.product"].search([("name", "=", "Bench goods")])
line = Command.create({"product_id": product.id, "quantity": 1, "price_unit": 100})
invoice = {"move_type": "out_invoice", "partner_id": partner.id, "invoice_line_ids": [line]}
gc.freeze()
for _ in told:
    move = env["account.move"].create(invoice)
    env.cr.commit()
    env.invalidate_all()
    queries, started = env.cr.sql_log_count, cpu_ms()
    move.browse(move.id).action_post()
    env.cr.commit()
    print(json.dumps({"ms": cpu_ms() - started, "queries": env.cr.sql_log_count - queries}), file=answers)
