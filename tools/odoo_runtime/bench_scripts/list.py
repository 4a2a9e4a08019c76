# Run by `odoo shell`: open a list of orders of 20 buyers, half of them confirmed, with the columns of the addons if any.
import json
import statistics
import time

from odoo import Command

MOST, FEW, BUYERS, ROUNDS = 80, 10, 20, 12
product = env["product.product"].search([("name", "=", "Bench goods")])
partners = env["res.partner"].search([("name", "=like", "Listed %")]) or env["res.partner"].create(
    [{"name": f"Listed {n}", "is_company": True, "country_id": env.ref("base.de").id} for n in range(BUYERS)]
)
orders = env["sale.order"].search([("partner_id", "in", partners.ids)], limit=MOST, order="id")
if not orders:
    line = Command.create({"product_id": product.id, "product_uom_qty": 1})
    orders = orders.create([{"partner_id": partners[n % BUYERS].id, "order_line": [line]} for n in range(MOST)])
    if "tradecredit.policy" in env:
        policy = env.company.tradecredit_policy_id
        for number, partner in enumerate(partners):
            buyer = env["tradecredit.buyer"]._of_partner(policy, partner)
            buyer.write({"insurer_buyer_id": f"9000003{number:02d}"})
            env["tradecredit.limit"].create(
                {
                    "buyer_id": buyer.id,
                    "insurer_limit_id": f"S{number}",
                    "kind": "permanent",
                    "state": "approved",
                    "amount": 1e6,
                    "currency_id": env.company.currency_id.id,
                    "valid_from": "2020-01-01",
                }
            )
    orders[::2].action_confirm()
env.cr.commit()
shown = env["sale.order"].get_view(env.ref("sale.view_order_tree").id, "list")["models"]["sale.order"]
names = [name for name in shown if name != "tradecredit_panel"]
fields = {
    name: {"fields": {"display_name": {}}} if env["sale.order"]._fields[name].relational else {} for name in names
}
found = {}
for many in (FEW, MOST):
    times, queries = [], []
    for number in range(ROUNDS + 1):
        env.invalidate_all()
        before, started = env.cr.sql_log_count, time.perf_counter()
        rows = env["sale.order"].web_search_read([("id", "in", orders[:many].ids)], fields)["records"]
        if number:  # the first one fills the caches
            times.append(1000 * (time.perf_counter() - started))
            queries.append(env.cr.sql_log_count - before)
        assert len(rows) == many, len(rows)
        assert "tradecredit.policy" not in env or all(row["tradecredit_outcome"] for row in rows)
    found[many] = {"ms": statistics.median(times), "queries": statistics.median(queries)}
print("RESULT " + json.dumps(found))
