"""Partners: whose debt a confirmed order is."""

from odoo import models

OWNER = {"parent_id", "is_company", "commercial_partner_id"}


class ResPartner(models.Model):
    _inherit = "res.partner"

    def write(self, vals):
        if not vals.keys() & OWNER:
            return super().write(vals)
        # The contact who pays moves to another company: his orders are checked there.
        orders = self.env["sale.order"].sudo().with_context(active_test=False).search([
            ("state", "=", "sale"), ("invoice_status", "!=", "invoiced"), ("partner_invoice_id", "child_of", self.ids),
        ])  # fmt: skip
        with orders._tradecredit_watched():
            return super().write(vals)
