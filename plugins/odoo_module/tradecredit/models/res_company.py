"""Companies: which policy insures their sales."""

from odoo import api, fields, models


class ResCompany(models.Model):
    _inherit = "res.company"

    # With its archived policies, for the cache of a list does not follow what is archived.
    tradecredit_policy_ids = fields.One2many(
        "tradecredit.policy",
        "company_id",
        "Trade credit policies",
        context={"active_test": False},
        groups="tradecredit.group_controller",
    )
    tradecredit_policy_id = fields.Many2one(
        "tradecredit.policy",
        "Trade credit policy",
        compute="_compute_tradecredit_policy_id",
        compute_sudo=True,
        groups="tradecredit.group_requester",
        help="The active policy of the company; a branch is insured by that of the company it belongs to.",
    )

    @api.depends("tradecredit_policy_ids.active", "parent_path")
    def _compute_tradecredit_policy_id(self):
        for company in self:
            policies = self.env["tradecredit.policy"]
            policies.flush_model(["company_id", "active"])
            company.tradecredit_policy_id = policies.browse(policies._id_of_company(company._origin.id) or False)
