"""Who writes what of a buyer: what the insurer says comes from the insurer, and a manager decides what is not checked."""

from odoo import models
from odoo.exceptions import AccessError

MANAGER = "tradecredit.group_manager"
LEGAL_ENTITY = {"policy_id", "company_id", "partner_id", "name", "lock_seq"}
OF_THE_INSURER = {
    "insurer_buyer_id", "insurer_name", "grade", "insurer_status", "status", "insurer_country", "file_read_at", "as_of",
    "insolvent_on", "told_stop_since", "told_stop_until",
}  # fmt: skip


class TradecreditBuyer(models.Model):
    """Rows are made and changed by the methods of this model, which act as superuser once they know who asks."""

    _inherit = "tradecredit.buyer"

    def write(self, vals):
        if not self.env.su:
            if vals.keys() & (LEGAL_ENTITY | OF_THE_INSURER):
                raise AccessError(self.env._(
                    "Which company a buyer is, and what the insurer says of it, is not typed in: find the buyer at the "
                    "insurer, or read its limits."
                ))  # fmt: skip
            if "exempt" in vals and not self.env.user.has_group(MANAGER):
                raise AccessError(self.env._("Only a credit manager decides that a buyer is not insured on purpose."))
        return super().write(vals)
