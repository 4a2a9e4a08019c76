# Run by `odoo shell`: two buyers with 2,000 and 22,000 posted invoices, each a document of its own.
from odoo import Command, fields

INVOICES = {"Bench 2,000": 2_000, "Bench 22,000": 22_000}


def columns(table):
    env.cr.execute("SELECT column_name FROM information_schema.columns WHERE table_name = %s", [table])
    return [name for (name,) in env.cr.fetchall() if name != "id"]


def clone(move, times):
    """Copy a posted invoice with its lines, in SQL: the ORM would take a quarter of an hour."""
    env.flush_all()
    names = columns("account_move")
    shown = ", ".join(f'"{name}"' for name in names)
    taken = ", ".join("'BENCH/' || m.id || '/' || n" if name == "name" else f'm."{name}"' for name in names)
    env.cr.execute(
        f"INSERT INTO account_move ({shown}) SELECT {taken} FROM account_move m, generate_series(1, %s) n "
        "WHERE m.id = %s RETURNING id",
        [times, move.id],
    )
    ids = [row[0] for row in env.cr.fetchall()]
    names = columns("account_move_line")
    shown = ", ".join(f'"{name}"' for name in names)
    taken = ", ".join("copied" if name == "move_id" else f'l."{name}"' for name in names)
    env.cr.execute(
        f"INSERT INTO account_move_line ({shown}) SELECT {taken} FROM account_move_line l, unnest(%s) copied "
        "WHERE l.move_id = %s",
        [ids, move.id],
    )


tax = env["account.tax"].search([("type_tax_use", "=", "sale"), ("company_id", "=", env.company.id)], limit=1)
env["product.product"].create(
    {
        "name": "Bench goods",
        "type": "consu",
        "list_price": 100,
        "invoice_policy": "order",
        "taxes_id": [Command.set(tax.ids)],
    }
)
for name, count in INVOICES.items():
    partner = env["res.partner"].create(
        {"name": name, "is_company": True, "country_id": env.ref("base.de").id, "vat": f"DE{175919696 + count}"}
    )
    move = env["account.move"].create(
        {
            "move_type": "out_invoice",
            "partner_id": partner.id,
            "invoice_date": fields.Date.today(),
            "invoice_line_ids": [
                Command.create({"name": "goods", "quantity": 1, "price_unit": 1, "tax_ids": [Command.set(tax.ids)]})
            ],
        }
    )
    move.action_post()
    clone(move, count - 1)
env.cr.execute("ANALYZE")
env.cr.commit()
print("RESULT seeded")
