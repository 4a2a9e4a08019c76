# A turn: confirm a one-line order of each buyer.
line = Command.create({"product_id": product.id, "product_uom_qty": 1})
partners = env["res.partner"].search([("name", "=like", "Bench %")], order="id")
for _ in told:
    found = {}
    for partner in partners:
        order = env["sale.order"].create({"partner_id": partner.id, "order_line": [line]})
        found[partner.name] = measured(order.action_confirm)
        assert order.state == "sale", order.state
        order._action_cancel()
        env.cr.commit()
    print(json.dumps(found), file=answers)
