"""Releases of orders: for the order's payment term, and for what is billed of it as well as for the rest."""

from __future__ import annotations

from decimal import Decimal

from odoo import api, models


class TradecreditRelease(models.Model):
    _inherit = "tradecredit.release"

    @api.model
    def _terms_of(self, document, policy) -> int:
        if document._name != "sale.order":
            return super()._terms_of(document, policy)
        return document.sudo()._tradecredit_terms_days()

    @api.model
    def _billed(self, document) -> tuple[Decimal, Decimal]:
        if document._name != "sale.order":
            return super()._billed(document)
        lines = document.sudo().order_line.invoice_lines  # also what the user may not see uses the release up
        net, gross = Decimal(0), Decimal(0)
        for line in lines.filtered(lambda line: line.parent_state != "cancel"):
            sign = -1 if line.move_id.move_type == "out_refund" else 1
            if sign < 0 and line.parent_state == "draft":  # a promise
                continue
            day = line.invoice_date or line.date
            for_currency = (document.currency_id, line.company_id, day)
            net += sign * Decimal(str(line.currency_id._convert(line.price_subtotal, *for_currency)))
            gross += sign * Decimal(str(line.currency_id._convert(line.price_total, *for_currency)))
        return max(net, Decimal(0)), max(gross - net, Decimal(0))
