"""Accounts: which of them hold what customers owe."""

from odoo import models


class AccountAccount(models.Model):
    _inherit = "account.account"

    def write(self, vals):
        done = super().write(vals)
        if vals.keys() & {"account_type", "non_trade"}:
            self.env["tradecredit.receivable"].sudo()._rebuild()
        return done
