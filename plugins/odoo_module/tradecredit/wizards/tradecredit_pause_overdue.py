"""Pause a declaration that the buyer disputes, with the reason."""

from __future__ import annotations

from typing import Any

from odoo import fields, models


class TradecreditPauseOverdue(models.TransientModel):
    _name = "tradecredit.pause.overdue"
    _description = "Pause a declaration"
    _inherit = ["tradecredit.dialog"]

    overdue_id = fields.Many2one("tradecredit.overdue", required=True, readonly=True)
    reason = fields.Char("What is disputed", required=True)

    def action_pause(self) -> dict[str, Any]:
        """Pause it; the last day is watched all the same."""
        self.ensure_one()
        self.overdue_id._pause(self.reason)
        return {"type": "ir.actions.act_window_close"}
