# Run by `odoo shell`: the other modules with all that they can count, and a limit that is far away.
partners = env["res.partner"].search([("name", "=like", "Bench %")])
flags = [name for name in partners._fields if name.startswith("risk_") and name.endswith("_include")]
partners.write({"credit_limit": 1e9, **dict.fromkeys(flags, True)})
env.cr.commit()
print("RESULT configured")
