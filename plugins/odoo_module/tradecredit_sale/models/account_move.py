"""Journal entries: an invoice without an order takes cover, and what is paid or credited gives it back."""

from odoo import models

TAKES_COVER = ("out_invoice", "out_receipt")


class AccountMove(models.Model):
    _inherit = "account.move"

    def _post(self, soft=True):
        self._tradecredit_lock_buyers()
        posted = super()._post(soft)
        giving = posted.sudo().line_ids.filtered(
            lambda line: line.account_id.account_type == "asset_receivable" and line.balance < 0
        )
        self.env["sale.order"]._tradecredit_recheck_soon(giving.partner_id)
        return posted

    def _tradecredit_lock_buyers(self) -> None:
        """Let a confirmation that runs at this moment wait and see the invoice; one of an order takes nothing new."""
        direct = self.sudo().filtered(
            lambda move: (
                move.move_type in TAKES_COVER
                and move.state == "draft"
                and any(not line.sale_line_ids for line in move.invoice_line_ids if line.display_type == "product")
            )
        )
        buyers = self.env["tradecredit.buyer"].sudo()
        for company, moves in direct.grouped("company_id").items():
            if policy := company.tradecredit_policy_id:
                families = buyers._families(policy, moves.commercial_partner_id)
                buyers |= buyers.browse({row for family in families.values() for row in family.buyer_ids})
        buyers._lock()
