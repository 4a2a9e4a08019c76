"""Receivable lines: since when they count as due, and what of an open amount is not tax."""

from decimal import ROUND_CEILING, Decimal

from odoo import api, fields, models

ORIGINAL_DUE = "COALESCE(tradecredit_original_due, date_maturity, date)"
"""The day from which the insurer counts, of a journal item, in SQL: an item that nobody changed needs no memory."""


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    tradecredit_original_due = fields.Date(
        "Original due date",
        readonly=True,
        copy=False,
        help="The due date when the invoice was first posted. The insurer's deadlines run from it: a later due date that "
        "was agreed with the buyer does not move them.",
    )

    tradecredit_net_residual = fields.Monetary(
        "Open without tax",
        currency_field="currency_id",
        compute="_compute_tradecredit_net_residual",
        store=True,
        help="The same share of the open amount as of the whole invoice, rounded up: what a policy without tax counts.",
    )

    @api.depends(
        "amount_residual_currency", "move_id.amount_untaxed", "move_id.amount_total", "account_id.account_type"
    )
    def _compute_tradecredit_net_residual(self):
        for line in self:
            residual, move = line.amount_residual_currency, line.move_id
            if not residual or line.account_id.account_type != "asset_receivable":
                line.tradecredit_net_residual = 0
            elif move.move_type == "entry" or not move.amount_total:
                line.tradecredit_net_residual = residual
            else:
                exact = Decimal(str(residual)) * Decimal(str(move.amount_untaxed)) / Decimal(str(move.amount_total))
                cent = Decimal(1).scaleb(-line.currency_id.decimal_places)
                line.tradecredit_net_residual = float(exact.quantize(cent, ROUND_CEILING))
