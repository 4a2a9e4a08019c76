"""What proves that the insurer was told stays as it is."""

from odoo import api, models
from odoo.exceptions import UserError

from .must_be_told_watch import WATCHED

OF_NO_CONSEQUENCE = {"access_token", "description"}


class IrAttachment(models.Model):
    _inherit = "ir.attachment"

    def write(self, vals):
        if not self.env.su and vals.keys() - OF_NO_CONSEQUENCE:
            self._tradecredit_keep_proofs()
        return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _tradecredit_keep_proofs(self):
        """Programs with superuser rights delete what a person may delete, so they do not delete a proof either."""
        near = self.sudo().filtered(lambda attachment: attachment.res_model in WATCHED)
        for model, attachments in near.grouped("res_model").items():
            if self.env[model].sudo().search_count([("proof_ids", "in", attachments.ids)], limit=1):
                raise UserError(self.env._("What proves that the insurer was told is neither changed nor deleted."))
