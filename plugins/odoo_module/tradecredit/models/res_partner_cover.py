"""Partners: what is insured and used of the legal entity, for the button on the form."""

from __future__ import annotations

from odoo import api, fields, models
from odoo.exceptions import UserError

CONTROLLER = "tradecredit.group_controller"
REQUESTER = "tradecredit.group_requester"


class ResPartner(models.Model):
    _inherit = "res.partner"

    tradecredit_is_insured = fields.Boolean(
        "Company has a policy", compute="_compute_tradecredit_cover", groups=REQUESTER
    )  # fmt: skip
    tradecredit_buyer_id = fields.Many2one(
        "tradecredit.buyer", "Insured buyer", compute="_compute_tradecredit_cover", groups=REQUESTER
    )
    tradecredit_currency_id = fields.Many2one(
        "res.currency", "Currency of the policy", compute="_compute_tradecredit_cover", groups=REQUESTER
    )
    tradecredit_cover_state = fields.Selection(
        "_selection_tradecredit_cover", "Credit insurance", compute="_compute_tradecredit_cover", groups=REQUESTER
    )
    tradecredit_cover = fields.Monetary(
        "Insured", currency_field="tradecredit_currency_id", compute="_compute_tradecredit_cover", groups=REQUESTER
    )
    tradecredit_used = fields.Monetary(
        "Used", currency_field="tradecredit_currency_id", compute="_compute_tradecredit_cover", groups=CONTROLLER
    )

    @api.model
    def _selection_tradecredit_cover(self):
        return self.env["tradecredit.buyer"]._fields["cover_state"]._description_selection(self.env)

    @api.depends_context("company")
    def _compute_tradecredit_cover(self):
        """For the user's company; the row of the buyer may not exist yet."""
        policy = self.env.company.sudo().tradecredit_policy_id
        buyers = self.env["tradecredit.buyer"].sudo()
        for partner in self:
            is_known = isinstance(partner.id, int) and policy
            buyer = buyers._of_partner(policy, partner, create=False) if is_known else buyers
            partner.tradecredit_is_insured = bool(policy)
            partner.tradecredit_buyer_id = buyer
            partner.tradecredit_currency_id = policy.currency_id
            partner.tradecredit_cover_state = buyer.cover_state
            partner.tradecredit_cover = buyer.cover
            partner.tradecredit_used = buyer.used

    def action_tradecredit_buyer(self) -> dict:
        """Open the insured buyer, made when there is none."""
        self.ensure_one()
        buyer = self._tradecredit_buyer()
        return {
            "type": "ir.actions.act_window",
            "name": buyer.name,
            "res_model": buyer._name,
            "res_id": buyer.id,
            "view_mode": "form",
        }

    def action_tradecredit_request(self) -> dict:
        """Ask for a limit on the legal entity of this partner."""
        self.ensure_one()
        return self._tradecredit_buyer().action_request_limit()

    def _tradecredit_buyer(self):
        policy = self.env.company.sudo().tradecredit_policy_id
        if not policy:
            raise UserError(self.env._("%s has no trade credit policy.", self.env.company.name))
        self.check_access("read")
        buyers = self.env["tradecredit.buyer"]
        buyers.check_access("read")
        # A requester may begin a buyer, and write nothing on it.
        return buyers.sudo()._of_partner(policy, self).sudo(self.env.su)
