"""The web shop: a customer pays, promises to pay, or orders for nothing."""

from odoo.tests import tagged

from .shop_common import ShopCommon


@tagged("post_install", "-at_install")
class TestShopPaths(ShopCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.demo = cls._provider("demo")
        cls.sample = cls._product("Sample", type="service", website_published=True, list_price=0.0)

    # Nothing to pay

    def test_an_order_for_nothing_is_confirmed(self):
        order = self._fill_cart(product=self.sample)
        self.assertEqual(order.amount_total, 0)
        self._check_out()
        page = self._page("/shop/payment/validate")
        self.env.invalidate_all()
        self.assertEqual(order.state, "sale")
        self.assertIn(order.name, page)
        self.assertEqual(self._checks(order)[0].outcome, "allowed")

    def test_an_order_for_nothing_is_held_where_cover_has_stopped(self):
        self._invoice(100, due=-120)
        order = self._fill_cart(product=self.sample)
        self._check_out()
        page = self._page("/shop/payment/validate")
        self.env.invalidate_all()
        self.assertHeld(order)
        self.assertIn(order.name, page)
        # Reloading tells nobody a second time.
        self._page("/shop/payment/validate")
        self.env.invalidate_all()
        self.assertHeld(order)

    # Money that came, money that is promised

    def test_a_payment_in_full_is_no_credit(self):
        order = self._fill_cart(10)
        self.assertEqual(order.amount_total, 5000)
        page = self._pay(order, self.demo, "done")
        self.assertEqual(order.state, "sale")
        self.assertIn("Thank you for your order", page)

    def test_a_payment_in_full_of_a_stranger_is_no_credit(self):
        self.buyer.insurer_buyer_id = False
        order = self._fill_cart(10)
        self._pay(order, self.demo, "done")
        self.assertRecordValues(order, [{"state": "sale", "tradecredit_state": "no"}])
        self.assertFalse(self._checks(order))

    def test_an_authorised_payment_of_more_than_cover_is_kept_and_the_order_held(self):
        self.demo.capture_manually = True
        order = self._fill_cart(10)
        self._pay(order, self.demo, "done")
        transaction = order.transaction_ids
        self.assertRecordValues(transaction, [{"state": "authorized", "amount": 5000, "is_post_processed": True}])
        self.assertHeld(order)
        # What was authorised can still be captured, and then nothing is on credit.
        transaction._capture()
        self.assertEqual(transaction.state, "done")
        transaction._post_process()
        self.assertRecordValues(order, [{"state": "sale", "tradecredit_state": "no"}])

    def test_an_authorised_payment_within_cover_confirms(self):
        self.demo.capture_manually = True
        order = self._fill_cart(2)
        self._pay(order, self.demo, "done")
        self.assertEqual(order.state, "sale")

    def test_a_wire_that_is_promised_leaves_a_quotation(self):
        order = self._fill_cart(10)
        self._pay(order, self._provider("custom", "wire_transfer"))
        self.assertRecordValues(order.transaction_ids, [{"state": "pending", "amount": 5000}])
        # Odoo waits for the wire; the one who confirms by hand meets the check.
        self.assertRecordValues(order, [{"state": "sent", "tradecredit_state": "no"}])

    def test_cash_on_delivery_beyond_cover_is_held_and_reserves_nothing(self):
        shelf = self._stocked(20)
        order = self._deliver(self._fill_cart(10, product=shelf))
        self._pay(order, self._provider("custom", "cash_on_delivery"))
        self.assertRecordValues(order.transaction_ids, [{"state": "pending", "amount": 5000}])
        self.assertHeld(order)
        self.assertFalse(order.picking_ids)
        self.assertEqual(shelf.free_qty, 20)

    def test_cash_on_delivery_within_cover_reserves_stock(self):
        shelf = self._stocked(20)
        order = self._deliver(self._fill_cart(2, product=shelf))
        self._pay(order, self._provider("custom", "cash_on_delivery"))
        self.assertEqual(order.state, "sale")
        self.assertEqual(order.picking_ids.state, "assigned")
        self.assertEqual(shelf.free_qty, 18)

    def test_a_held_order_ships_when_there_is_cover(self):
        shelf = self._stocked(20)
        order = self._deliver(self._fill_cart(10, product=shelf))
        self._pay(order, self._provider("custom", "cash_on_delivery"))
        self.assertHeld(order)
        self.policy.auto_confirm = True
        self.limit.active = False
        self._limit(self.buyer, 6000)
        order._tradecredit_recheck()
        self.assertRecordValues(order, [{"state": "sale", "tradecredit_state": "no"}])
        self.assertEqual(order.picking_ids.state, "assigned")
        self.assertEqual(shelf.free_qty, 10)
        self.assertFalse(order.activity_ids)

    def _stocked(self, quantity: float):
        """Goods on stock, which somebody has to bring."""
        goods = self._product("Cupboard", is_storable=True, website_published=True, list_price=500.0)
        warehouse = self.env["stock.warehouse"].search([("company_id", "=", self.company.id)], limit=1)
        self.website.warehouse_id = warehouse
        self.env["stock.quant"]._update_available_quantity(goods, warehouse.lot_stock_id, quantity)
        return goods.with_company(self.company)

    def _deliver(self, order):
        """Choose a carrier that brings for nothing and takes cash."""
        carrier = self.env["delivery.carrier"].create({
            "name": "Van", "delivery_type": "fixed", "fixed_price": 0.0, "is_published": True, "allow_cash_on_delivery": True,
            "product_id": self._product("Delivery", type="service", list_price=0.0).id, "company_id": self.company.id,
        })  # fmt: skip
        self.make_jsonrpc_request("/shop/set_delivery_method", {"dm_id": carrier.id})
        return order
