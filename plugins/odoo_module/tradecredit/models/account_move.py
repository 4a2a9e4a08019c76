"""Journal entries: what the database keeps of them when they are posted is read anew."""

from odoo import models


class AccountMove(models.Model):
    _inherit = "account.move"

    def _post(self, soft=True):
        posted = super()._post(soft)
        self.env["account.move.line"].invalidate_model(["tradecredit_original_due"], flush=False)
        return posted
