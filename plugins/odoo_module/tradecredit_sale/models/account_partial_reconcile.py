"""Payments that settle an invoice: what is overdue may be so no more."""

from odoo import api, models


class AccountPartialReconcile(models.Model):
    _inherit = "account.partial.reconcile"

    @api.model_create_multi
    def create(self, vals_list):
        partials = super().create(vals_list)
        settled = partials.sudo().debit_move_id.filtered(
            lambda line: line.account_id.account_type == "asset_receivable"
        )
        self.env["sale.order"]._tradecredit_recheck_soon(settled.partner_id)
        return partials
