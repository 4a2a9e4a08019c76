# Run by `odoo shell` where the addons are installed: one cron run over 1,000 held orders of 50 buyers.
import json
import time
from datetime import timedelta

from odoo import Command, fields

ORDERS, BUYERS = 1_000, 50
product = env["product.product"].search([("name", "=", "Bench goods")])
policy = env.company.tradecredit_policy_id
partners = env["res.partner"].create(
    [{"name": f"Held {n}", "is_company": True, "country_id": env.ref("base.de").id} for n in range(BUYERS)]
)
for number, partner in enumerate(partners):
    buyer = env["tradecredit.buyer"]._of_partner(policy, partner)
    buyer.write({"insurer_buyer_id": f"9000002{number:02d}", "as_of": fields.Datetime.now()})
    env["tradecredit.limit"].create(
        {
            "buyer_id": buyer.id,
            "insurer_limit_id": f"H{number}",
            "kind": "permanent",
            "state": "approved",
            "amount": 50,
            "currency_id": env.company.currency_id.id,
            "valid_from": fields.Date.today() - timedelta(days=1),
        }
    )
orders = env["sale.order"].create(
    [
        {
            "partner_id": partners[n % BUYERS].id,
            "order_line": [Command.create({"product_id": product.id, "product_uom_qty": 1})],
        }
        for n in range(ORDERS)
    ]
)
orders.write({"tradecredit_state": "held", "tradecredit_held_since": fields.Datetime.now()})
env.cr.commit()
env.invalidate_all()
started = time.perf_counter()
env.ref("tradecredit_sale.cron_recheck").method_direct_trigger()
seconds = time.perf_counter() - started
held = env["sale.order"].search_count([("id", "in", orders.ids), ("tradecredit_state", "=", "held")])
assert held == ORDERS, held  # nothing fits, so every order was looked at and stays held
print("RESULT " + json.dumps({"ms": 1000 * seconds / ORDERS}))
