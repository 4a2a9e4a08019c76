# Run by `odoo shell`: a policy, and a limit that is far away for each buyer of the bench.
from datetime import timedelta

from odoo import fields

company = env.company
policy = env["tradecredit.policy"].create(
    {
        "name": "BENCH",
        "company_id": company.id,
        "insurer": "open",
        "base_url": "http://127.0.0.1:9/open/v1",
        "currency_id": company.currency_id.id,
        "all_countries": True,
        "tax_basis": "net",
        "max_extension_days": 3650,
    }
)
for number, partner in enumerate(env["res.partner"].search([("name", "=like", "Bench %")])):
    buyer = env["tradecredit.buyer"]._of_partner(policy, partner)
    buyer.write({"insurer_buyer_id": f"90000010{number}", "as_of": fields.Datetime.now()})
    env["tradecredit.limit"].create(
        {
            "buyer_id": buyer.id,
            "insurer_limit_id": f"L{number}",
            "kind": "permanent",
            "state": "approved",
            "amount": 1e9,
            "currency_id": company.currency_id.id,
            "valid_from": fields.Date.today() - timedelta(days=1),
        }
    )
env.cr.commit()
print("RESULT configured")
