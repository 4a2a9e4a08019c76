# A turn: post an invoice.
partner = env["res.partner"].search([("name", "=", "Bench 2,000")])
line = Command.create({"product_id": product.id, "quantity": 1, "price_unit": 100})
invoice = {"move_type": "out_invoice", "partner_id": partner.id, "invoice_line_ids": [line]}
for _ in told:
    print(json.dumps({"Posting an invoice": measured(env["account.move"].create(invoice).action_post)}), file=answers)
