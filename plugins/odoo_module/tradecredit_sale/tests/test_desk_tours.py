"""The controllers' desk of held orders and the dialog that asks for cover, in a real browser."""

from odoo.tests import HttpCase, tagged

from .test_held_paths import HeldCommon
from .test_tours import QUOTATIONS


@tagged("post_install", "-at_install")
class TestDeskTours(HttpCase, HeldCommon):
    def _held(self, name: str, amount: float, *, limit: float):
        partner = self._partner(name)
        buyer = self._buyer(partner, insurer_buyer_id=f"9000{partner.id}")
        order = self._order(amount, partner)
        order.sudo().action_confirm()
        self.assertEqual(order.tradecredit_state, "held")
        self._limit(buyer, limit)
        return order.sudo()

    def test_a_controller_works_held_orders(self):
        stays = self._order(5000)
        stays.sudo().action_confirm()
        self.assertHeld(stays)
        free = self._held("Südwind OHG", 300, limit=500)
        free.action_tradecredit_check_again()
        self.assertEqual(free.tradecredit_state, "released")
        covered = self._held("Ostwall AG", 700, limit=900)
        self._order(5000, self._partner("Westend KG"))
        self.start_tour(
            "/odoo/action-tradecredit_sale.action_held_orders",
            "tradecredit_controller_works_held_orders",
            login="tc-carl",
        )
        self.env.invalidate_all()
        self.assertEqual(covered.tradecredit_state, "released")
        self.assertHeld(stays)

    def test_the_dialog_of_requests(self):
        self._invoice(600)
        order = self._order(1000)
        self.start_tour(f"{QUOTATIONS}/{order.id}", "tradecredit_request_dialog", login="tc-seller")
        self.env.invalidate_all()
        self.assertFalse(self.env["tradecredit.release"].search([("res_id", "=", order.id)]))
        self.assertRecordValues(self.buyer.application_ids, [{
            "amount": 2500, "urgent": True, "comment": False, "requested_by": self.seller.id, "state": "to_send",
            "res_model": "sale.order", "res_id": order.id,
        }])  # fmt: skip
        self.assertHeld(order, told=False)
