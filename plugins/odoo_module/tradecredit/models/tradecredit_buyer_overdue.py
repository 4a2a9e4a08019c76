"""Insured buyers and partners: their declarations, for the buttons on the forms."""

from __future__ import annotations

from typing import Any

from odoo import api, fields, models

from .must_be_told import CONTROLLER
from .tradecredit_overdue import CLOSED


class TradecreditBuyer(models.Model):
    _inherit = "tradecredit.buyer"

    overdue_ids = fields.One2many("tradecredit.overdue", "buyer_id", "Declarations", groups=CONTROLLER, copy=False)
    overdue_count = fields.Integer("Open declarations", compute="_compute_overdue_count", groups=CONTROLLER)

    @api.depends("overdue_ids.state")
    def _compute_overdue_count(self):
        groups = self.env["tradecredit.overdue"]._read_group(
            [("buyer_id", "in", self.ids), ("state", "not in", CLOSED)], ["buyer_id"], ["__count"]
        )  # fmt: skip
        counts = {buyer.id: count for buyer, count in groups}
        for buyer in self:
            buyer.overdue_count = counts.get(buyer.id, 0)

    def action_overdues(self) -> dict[str, Any]:
        """All declarations of these buyers."""
        return self._action_of("tradecredit.overdue", self.env._("Overdue declarations"))
