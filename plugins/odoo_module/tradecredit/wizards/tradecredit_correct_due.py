"""Correct the original due date of an invoice that was posted with a wrong one."""

from __future__ import annotations

from typing import Any

from odoo import api, fields, models


class TradecreditCorrectDue(models.TransientModel):
    _name = "tradecredit.correct.due"
    _description = "Correct an original due date"
    _inherit = ["tradecredit.dialog"]

    move_id = fields.Many2one("account.move", "Invoice", required=True, readonly=True)
    line_id = fields.Many2one(
        "account.move.line",
        "Part",
        required=True,
        domain="[('move_id', '=', move_id), ('account_type', '=', 'asset_receivable')]",
    )
    original_due = fields.Date(related="line_id.tradecredit_original_due")
    due = fields.Date("Correct date", required=True)
    reason = fields.Text(required=True)

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        move = self.env["account.move"].browse(self.env.context.get("active_id"))
        owed = move.line_ids.filtered(lambda line: line.account_type == "asset_receivable").sorted("date_maturity")
        values.update(move_id=move.id, line_id=owed[:1].id)
        return {name: value for name, value in values.items() if name in fields_list}

    def action_correct(self) -> dict[str, Any]:
        """Correct it; the journal item itself verifies who may."""
        self.ensure_one()
        self.line_id._tradecredit_correct_original_due(self.due, self.reason)
        return {"type": "ir.actions.act_window_close"}
