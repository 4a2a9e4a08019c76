"""Order lines: a confirmed order grows through them."""

from odoo import api, models


class SaleOrderLine(models.Model):
    _inherit = "sale.order.line"

    def _tradecredit_orders(self, *all_vals):
        """The orders of these lines and those named in the values; past access rules, for nothing is told of them."""
        default = self.env.context.get("default_order_id")
        named = {vals.get("order_id") or default for vals in all_vals} - {None, False}
        return self.sudo().order_id | self.env["sale.order"].sudo().browse(named)

    @api.model_create_multi
    def create(self, vals_list):
        with self._tradecredit_orders(*vals_list)._tradecredit_watched():
            return super().create(vals_list)

    def write(self, vals):
        with self._tradecredit_orders(vals)._tradecredit_watched():
            return super().write(vals)

    def unlink(self):
        with self._tradecredit_orders()._tradecredit_watched():
            return super().unlink()
