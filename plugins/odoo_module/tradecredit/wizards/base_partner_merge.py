"""Partners that are merged: their buyers become one, and records of checks speak of the one that stays."""

from odoo import api, models


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = "base.partner.merge.automatic.wizard"

    @api.model
    def _update_foreign_keys(self, src_partners, dst_partner):
        # Whoever may merge partners need not work with buyers.
        self.env["tradecredit.buyer"].sudo()._merge_partners(src_partners, dst_partner)
        self.env.cr.execute("SELECT set_config('tradecredit.merging', 'on', TRUE)")
        done = super()._update_foreign_keys(src_partners, dst_partner)
        self.env.cr.execute("SELECT set_config('tradecredit.merging', '', TRUE)")
        return done
