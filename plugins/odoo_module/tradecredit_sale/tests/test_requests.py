"""What a salesperson asks for on an order and is no matter of a click: somebody is told, and the order waits."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import SaleCommon


@tagged("post_install", "-at_install")
class TestRequests(SaleCommon):
    def _ask(self, order, user, **values):
        dialog = self.env["tradecredit.order.request"].with_user(user)
        return dialog.create({"order_id": order.id, "kind": "limit", "amount": 12_600, **values}).action_send()

    def test_a_buyer_nobody_has_found_yet_is_found_by_a_controller(self):
        stranger = self._partner("Stranger")
        order = self._order(12_600, stranger)
        said = self._ask(order, self.seller, wish="A new site")
        self.assertIn("Stranger", said["params"]["message"])
        self.assertEqual(order.tradecredit_state, "held")
        self.assertTrue(order.sudo().activity_ids)
        buyer = self.env["tradecredit.buyer"].search([("partner_id", "=", stranger.id)])
        [activity] = buyer.activity_ids
        self.assertEqual(activity.user_id, self.policy._who_is_told())
        for text in ("12,600.00", "A new site", self.seller.name, order.name):
            self.assertIn(text, activity.note)
        self._ask(order, self.seller)
        self.assertEqual(len(buyer.activity_ids), 1, "told once")
        buyer.sudo()._identify("900000002", name="Stranger")
        self.assertFalse(buyer.activity_ids)

    def test_a_controller_finds_the_buyer_himself(self):
        order = self._order(12_600, self._partner("Stranger"), user=self.controller)
        with self.assertRaisesRegex(UserError, "not identified"):
            self._ask(order, self.controller)
