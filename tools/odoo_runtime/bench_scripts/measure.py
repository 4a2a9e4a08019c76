# Run by `odoo shell`: confirm one-line orders, each in a transaction of its own; milliseconds and queries of each.
import json
import time

from odoo import Command

ROUNDS = 12
product = env["product.product"].search([("name", "=", "Bench goods")])
found = {}
for partner in env["res.partner"].search([("name", "=like", "Bench %")], order="id"):
    times, queries = [], []
    for number in range(ROUNDS + 1):
        order = env["sale.order"].create(
            {"partner_id": partner.id, "order_line": [Command.create({"product_id": product.id, "product_uom_qty": 1})]}
        )
        env.cr.commit()
        env.invalidate_all()
        order = order.browse(order.id)
        before, started = env.cr.sql_log_count, time.perf_counter()
        order.action_confirm()
        env.cr.commit()
        if number:  # the first one fills the caches
            times.append(1000 * (time.perf_counter() - started))
            queries.append(env.cr.sql_log_count - before)
        assert order.state == "sale", order.state
        order._action_cancel()
        env.cr.commit()
    found[partner.name] = {"ms": times, "queries": queries}
print("RESULT " + json.dumps(found))
