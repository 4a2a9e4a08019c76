"""Decide on a release: grant it up to an amount until a day, refuse it, or take it back; always with a reason."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from odoo import api, fields, models

DECISIONS = [("grant", "Let it go ahead"), ("refuse", "Refuse"), ("revoke", "Take the release back")]
USUAL_DAYS = 7


class TradecreditDecideRelease(models.TransientModel):
    _name = "tradecredit.decide.release"
    _description = "Decide on a release"

    release_id = fields.Many2one("tradecredit.release", required=True, readonly=True)
    document = fields.Char(related="release_id.document")
    buyer_id = fields.Many2one(related="release_id.buyer_id")
    wish = fields.Text(related="release_id.wish")
    asked_amount = fields.Monetary(related="release_id.asked_amount")
    currency_id = fields.Many2one(related="release_id.currency_id")
    decision = fields.Selection(DECISIONS, required=True, default="grant")
    amount = fields.Monetary("Up to", help="The release is void when the document grows beyond this amount.")
    expires_on = fields.Date("Until")
    reason = fields.Text(required=True)

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        release = self.env["tradecredit.release"].browse(values.get("release_id"))
        if release.state == "granted":
            values["decision"] = "revoke"
        values.setdefault("amount", release.asked_amount)
        values.setdefault("expires_on", fields.Date.context_today(self) + timedelta(days=USUAL_DAYS))
        return {name: value for name, value in values.items() if name in fields_list}

    def action_decide(self) -> dict[str, Any]:
        """Decide; the release itself verifies who may."""
        self.ensure_one()
        if self.decision == "grant":
            self.release_id.action_grant(self.amount, self.expires_on, self.reason)
        elif self.decision == "refuse":
            self.release_id.action_refuse(self.reason)
        else:
            self.release_id.action_revoke(self.reason)
        return {"type": "ir.actions.act_window_close"}
