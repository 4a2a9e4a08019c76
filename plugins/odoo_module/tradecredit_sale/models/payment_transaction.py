"""Payment transactions: an order that is held is not confirmed by what comes after a payment."""

from odoo import models


class PaymentTransaction(models.Model):
    _inherit = "payment.transaction"

    def _check_amount_and_confirm_order(self):
        # A held order is told that its payment arrived, as any other that a payment did not confirm.
        return super()._check_amount_and_confirm_order().filtered(lambda order: order.state == "sale")
