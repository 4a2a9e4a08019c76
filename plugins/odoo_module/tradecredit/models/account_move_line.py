"""Receivable lines: what of an open amount is not tax, kept so that nobody has to add it up when an order is confirmed."""

from decimal import ROUND_CEILING, Decimal

from odoo import api, fields, models


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

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
