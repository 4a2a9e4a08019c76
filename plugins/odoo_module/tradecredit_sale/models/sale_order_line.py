"""Order lines: a confirmed order grows through them."""

from odoo import api, models
from odoo.exceptions import AccessError

COMPUTED = {
    "price_subtotal", "price_tax", "price_total", "qty_invoiced", "qty_to_invoice", "untaxed_amount_invoiced",
    "untaxed_amount_to_invoice", "invoice_status", "invoice_lines",
}  # fmt: skip
"""What Odoo computes or links by itself when it invoices, and the check reads."""


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _tradecredit_orders(self, *all_vals):
        """The orders of these lines and those named in the values; past access rules, for nothing is told of them."""
        default = self.env.context.get("default_order_id")
        named = {vals.get("order_id") or default for vals in all_vals} - {None, False}
        return self.sudo().order_id | self.env["sale.order"].sudo().browse(named)

    def _tradecredit_guard(self, *all_vals) -> None:
        if not self.env.su and any(COMPUTED & vals.keys() for vals in all_vals):
            raise AccessError(
                self.env._("Totals of an order and what is invoiced of it are computed, and not written.")
            )

    @api.model_create_multi
    def create(self, vals_list):
        self._tradecredit_guard(*vals_list)
        with self._tradecredit_orders(*vals_list)._tradecredit_watched():
            return super().create(vals_list)

    def write(self, vals):
        self._tradecredit_guard(vals)
        with self._tradecredit_orders(vals)._tradecredit_watched():
            return super().write(vals)

    def unlink(self):
        with self._tradecredit_orders()._tradecredit_watched():
            return super().unlink()
