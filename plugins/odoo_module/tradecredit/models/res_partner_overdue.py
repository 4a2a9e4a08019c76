"""Partners: the open declarations of their legal entity."""

from __future__ import annotations

from typing import Any

from odoo import api, fields, models

from .must_be_told import CONTROLLER


class ResPartner(models.Model):
    _inherit = "res.partner"

    tradecredit_overdue_count = fields.Integer(
        "Open declarations", compute="_compute_tradecredit_overdue_count", groups=CONTROLLER
    )

    @api.depends_context("company")
    def _compute_tradecredit_overdue_count(self):
        for partner in self:
            partner.tradecredit_overdue_count = partner.tradecredit_buyer_id.overdue_count

    def action_tradecredit_overdues(self) -> dict[str, Any]:
        """All declarations of the legal entity."""
        self.ensure_one()
        return self.tradecredit_buyer_id.action_overdues()
