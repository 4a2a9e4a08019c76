"""What a release is decided on: the document as it is now, and what a check says of it."""

from __future__ import annotations

from typing import Any

from odoo import api, fields, models
from odoo.exceptions import UserError

from .reason_text import reason_text

CONTROLLER = "tradecredit.group_controller"


class TradecreditRelease(models.Model):
    _inherit = "tradecredit.release"

    document_amount = fields.Monetary(
        "Document now", compute="_compute_document", compute_sudo=True, groups=CONTROLLER,
        help="What the document adds to what is owed, as it is now.",
    )  # fmt: skip
    uncovered = fields.Monetary("Not covered", compute="_compute_document", compute_sudo=True, groups=CONTROLLER)
    has_limit = fields.Boolean(compute="_compute_document", compute_sudo=True, groups=CONTROLLER)
    limit_amount = fields.Monetary("Limit", compute="_compute_document", compute_sudo=True, groups=CONTROLLER)
    exposure_total = fields.Monetary("Used", compute="_compute_document", compute_sudo=True, groups=CONTROLLER)
    reasons = fields.Text("What is in the way", compute="_compute_document", compute_sudo=True, groups=CONTROLLER)

    @api.depends("res_model", "res_id", "state")
    @api.depends_context("lang")
    def _compute_document(self):
        for release in self:
            known = release._checked_now()
            release.document_amount = known.get("order_amount", 0.0)
            release.uncovered = known.get("uncovered", 0.0)
            release.has_limit = known.get("has_limit", False)
            release.limit_amount = known.get("limit_amount", 0.0)
            release.exposure_total = known.get("exposure_total", 0.0)
            release.reasons = "\n".join(reason_text(self.env, reason) for reason in known.get("reasons", ())) or False

    def _checked_now(self) -> dict[str, Any]:
        """The values of a check written nowhere; nothing where the document is gone or cannot be checked."""
        document = self._document()
        if not hasattr(document, "_tradecredit_preview"):
            return {}
        try:
            return document._tradecredit_preview().values
        except UserError:  # it is not subject to credit insurance any more
            return {}

    def _document(self):
        return self.env[self.res_model].browse(self.res_id).exists() if self.res_model in self.env else None

    def action_open_document(self) -> dict[str, Any]:
        """Open the document that is to go ahead."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.document,
            "res_model": self.res_model,
            "res_id": self.res_id,
            "view_mode": "form",
        }
