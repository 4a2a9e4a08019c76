"""Decide on a release: grant it up to an amount until a day or refuse it, and later take it back; always with a reason."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from odoo import api, fields, models

DECISIONS = [("grant", "Let it go ahead"), ("refuse", "Refuse")]
USUAL_DAYS = 7


class TradecreditDecideRelease(models.TransientModel):
    _name = "tradecredit.decide.release"
    _description = "Decide on a release"
    _inherit = ["tradecredit.dialog"]

    release_id = fields.Many2one("tradecredit.release", required=True, readonly=True)
    document = fields.Char(related="release_id.document")
    buyer_id = fields.Many2one(related="release_id.buyer_id")
    wish = fields.Text(related="release_id.wish")
    asked_amount = fields.Monetary(related="release_id.asked_amount")
    state = fields.Selection(related="release_id.state")
    granted_amount = fields.Monetary("Granted up to", related="release_id.amount")
    granted_until = fields.Date("Granted until", related="release_id.expires_on")
    currency_id = fields.Many2one(related="release_id.currency_id")
    document_amount = fields.Monetary(related="release_id.document_amount")
    uncovered = fields.Monetary(related="release_id.uncovered")
    has_limit = fields.Boolean(related="release_id.has_limit")
    limit_amount = fields.Monetary(related="release_id.limit_amount")
    exposure_total = fields.Monetary(related="release_id.exposure_total")
    reasons = fields.Text(related="release_id.reasons")
    is_less = fields.Boolean(compute="_compute_is_less", help="The document would stay on hold.")
    decision = fields.Selection(DECISIONS, required=True, default="grant")
    amount = fields.Monetary("Up to", help="The release is void when the document grows beyond this amount.")
    expires_on = fields.Date("Until")
    reason = fields.Text(required=True)

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        release = self.env["tradecredit.release"].browse(values.get("release_id"))
        values.setdefault("amount", release.asked_amount)
        values.setdefault("expires_on", fields.Date.context_today(self) + timedelta(days=USUAL_DAYS))
        return {name: value for name, value in values.items() if name in fields_list}

    @api.depends("amount", "document_amount", "decision")
    def _compute_is_less(self):
        for wizard in self:
            short = wizard.currency_id.compare_amounts(wizard.amount, wizard.document_amount) < 0
            wizard.is_less = wizard.decision == "grant" and short

    def action_open_document(self) -> dict[str, Any]:
        """Look at the document before deciding."""
        return self.release_id.action_open_document()

    def action_decide(self) -> dict[str, Any]:
        """Decide; the release itself verifies who may."""
        self.ensure_one()
        if self.decision == "grant":
            self.release_id.action_grant(self.amount, self.expires_on, self.reason)
        else:
            self.release_id.action_refuse(self.reason)
        return {"type": "ir.actions.act_window_close"}

    def action_take_back(self) -> dict[str, Any]:
        """Revoke what was granted; the release itself verifies who may."""
        self.ensure_one()
        self.release_id.action_revoke(self.reason)
        return {"type": "ir.actions.act_window_close"}
