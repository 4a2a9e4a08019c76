"""An invoice that is made again after a credit note for the first one is the same debt."""

from odoo import models
from odoo.tools import SQL


class AccountMoveReversal(models.TransientModel):
    _inherit = "account.move.reversal"

    def reverse_moves(self, is_modify=False):
        action = super().reverse_moves(is_modify)
        if is_modify:
            self.env.flush_all()
            for old, new in zip(self.move_ids, self.new_move_ids.sorted("id"), strict=True):
                self.env.cr.execute(SQL(
                    "UPDATE account_move SET tradecredit_gone_due ="
                    " (SELECT MIN(tradecredit_original_due) FROM account_move_line WHERE move_id = %s) WHERE id = %s",
                    old.id, new.id,
                ))  # fmt: skip
        return action
