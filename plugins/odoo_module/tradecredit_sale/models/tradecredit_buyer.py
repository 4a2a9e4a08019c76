"""Insured buyers: news of their limits may set held orders free."""

from odoo import models


class TradecreditBuyer(models.Model):
    _inherit = "tradecredit.buyer"

    def _limits_changed(self) -> None:
        super()._limits_changed()
        self.env["sale.order"]._tradecredit_recheck_soon(self.partner_id)
