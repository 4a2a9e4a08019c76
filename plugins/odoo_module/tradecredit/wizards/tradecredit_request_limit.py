"""Ask the insurer for a limit on a buyer."""

from __future__ import annotations

from typing import Any

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_amount

from ..models.notice import notice
from ..models.tradecredit_application import CONTROLLER, KINDS


class TradecreditRequestLimit(models.TransientModel):
    _name = "tradecredit.request.limit"
    _description = "Request a credit limit"
    _inherit = ["tradecredit.dialog"]

    buyer_id = fields.Many2one("tradecredit.buyer", required=True, readonly=True)
    policy_id = fields.Many2one(related="buyer_id.policy_id")
    is_identified = fields.Boolean(compute="_compute_is_identified")
    currency_id = fields.Many2one("res.currency", required=True)
    amount = fields.Monetary("Total wanted", required=True, help="The total, not the difference to the limit there is.")
    kind = fields.Selection(KINDS, required=True, default="permanent")
    valid_until = fields.Date("Until", help="The last day of a temporary limit.")
    terms_days = fields.Integer("Payment term", help="In days from delivery; 0: not stated.")
    urgent = fields.Boolean(help="The insurer may bill it.")
    comment = fields.Text(help="A comment is read by a person: it may cost you an automatic answer.")
    res_model = fields.Char()
    res_id = fields.Many2oneReference(model_field="res_model")

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        buyer = self.env["tradecredit.buyer"].browse(values.get("buyer_id"))
        if "currency_id" in fields_list:
            values.setdefault("currency_id", buyer.policy_id.currency_id.id)
        return values

    @api.depends("buyer_id.insurer_buyer_id")
    def _compute_is_identified(self):
        for wizard in self:
            wizard.is_identified = bool(wizard.buyer_id.insurer_buyer_id)

    def action_send(self) -> dict[str, Any]:
        """Hand the application to the outbox and show it."""
        self.ensure_one()
        if self.buyer_id._must_be_found() and not self.env.user.has_group(CONTROLLER):
            amount = format_amount(self.env, self.amount, self.currency_id)
            wish = self.env._("A limit of %s is wanted.", amount)
            return notice(self.buyer_id._have_it_found(*filter(None, (wish, self.comment))))
        document = self._document()
        application = self.env["tradecredit.application"]._request(
            self.buyer_id,
            amount=self.amount,
            currency=self.currency_id,
            kind=self.kind,
            valid_until=self.valid_until if self.kind == "temporary" else None,
            terms_days=self.terms_days or None,
            urgent=self.urgent,
            comment=self.comment or None,
            document=document,
        )
        return {
            "type": "ir.actions.act_window",
            "res_model": application._name,
            "res_id": application.id,
            "view_mode": "form",
        }

    def _document(self) -> Any:
        """The one that asks, or None; it is told of the decision, so it has to be one that the user may change."""
        if not (self.res_model and self.res_id):
            return None
        if self.res_model not in self.env:
            raise UserError(self.env._("There are no documents of the kind %s.", self.res_model))
        document = self.env[self.res_model].browse(self.res_id)
        document.check_access("write")
        return document
