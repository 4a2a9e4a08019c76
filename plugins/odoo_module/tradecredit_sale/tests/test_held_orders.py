"""Held orders: requests, releases, checks again, and orders that confirm themselves."""

from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import SaleCommon


@tagged("post_install", "-at_install")
class TestHeldOrders(SaleCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cron = cls.env.ref("tradecredit_sale.cron_recheck").sudo()

    def _held(self, amount=5000):
        order = self._order(amount)
        order.sudo().action_confirm()
        self.assertEqual(order.tradecredit_state, "held")
        return order

    def _triggered(self) -> int:
        return self.env["ir.cron.trigger"].sudo().search_count([("cron_id", "=", self.cron.id)])

    def _recheck(self):
        with self.enter_registry_test_mode():
            self.cron.method_direct_trigger()
        self.env.invalidate_all()

    def _raise_limit(self):
        self._limit(self.buyer, 100_000)
        self.limit.active = False
        self.buyer._limits_changed()

    # What sets them free

    def test_a_new_limit_sets_a_held_order_free(self):
        order = self._held()
        before = self._triggered()
        self._raise_limit()
        self.assertGreater(self._triggered(), before)
        self._recheck()
        self.assertRecordValues(order, [{"state": "draft", "tradecredit_state": "released"}])
        self.assertFalse(order.sudo().activity_ids)
        order.action_confirm()
        self.assertRecordValues(order, [{"state": "sale", "tradecredit_state": "no", "tradecredit_held_since": False}])

    def test_orders_confirm_themselves_where_the_company_wants_it(self):
        self.policy.auto_confirm = True
        order = self._held()
        self._raise_limit()
        self._recheck()
        self.assertRecordValues(order, [{"state": "sale", "tradecredit_state": "no"}])
        self.assertEqual(self._checks(order)[0].outcome, "allowed")

    def test_first_held_first_served(self):
        self.policy.auto_confirm = True
        first, second, third = self._held(1500), self._held(1600), self._held(1200)
        self._limit(self.buyer, 3000)
        self.limit.active = False
        self._recheck()
        self.assertEqual((first + second + third).mapped("state"), ["sale", "draft", "sale"])

    def test_what_was_free_is_held_again_when_cover_is_gone(self):
        order = self._held(1500)
        self._raise_limit()
        self._recheck()
        self.assertEqual(order.tradecredit_state, "released")
        self.buyer.sudo().limit_ids.active = False
        self._recheck()
        self.assertEqual(order.tradecredit_state, "held")
        self.assertEqual(len(order.sudo().activity_ids), 1)

    def test_payment_and_credit_note_and_less_of_an_order_ask_for_a_check(self):
        invoice = self._invoice(900)
        other = self._order(50)
        other.action_confirm()
        order = self._held(500)
        for name, free in {
            "payment": lambda: self.env["account.payment.register"].with_context(
                active_model="account.move", active_ids=invoice.ids).create({})._create_payments(),
            "credit note": lambda: self._invoice(100, move_type="out_refund"),
            "a smaller order": lambda: other.order_line.write({"price_unit": 10}),
            "a cancelled order": lambda: other._action_cancel(),
        }.items():  # fmt: skip
            before = self._triggered()
            with self.subTest(name):
                free()
                self.assertGreater(self._triggered(), before)
        self._recheck()
        self.assertEqual(order.tradecredit_state, "released")

    def test_nothing_is_asked_for_where_nothing_waits(self):
        before = self._triggered()
        self._invoice(100, move_type="out_refund")
        self._held()
        self._invoice(100, self._partner("Somebody else"), move_type="out_refund")
        self.assertEqual(self._triggered(), before)

    def test_a_cancelled_order_is_not_held(self):
        order = self._held()
        order._action_cancel()
        self.assertRecordValues(order, [{"tradecredit_state": "no", "tradecredit_held_since": False}])
        self.assertFalse(order.sudo().activity_ids)

    def test_an_order_that_cannot_confirm_itself_says_why(self):
        self.policy.auto_confirm = True
        order = self._held()
        order.sudo().order_line.product_id = False
        self._raise_limit()
        self._recheck()
        self.assertRecordValues(order, [{"state": "draft", "tradecredit_state": "released"}])
        self.assertIn("could not confirm itself", "".join(order.message_ids.mapped("body")))

    # Releases

    def _release(self, order):
        form = Form(
            self.env["tradecredit.order.request"].with_user(self.seller).with_context(
                default_order_id=order.id, default_kind="release"
            )
        )  # fmt: skip
        self.assertEqual(form.amount, order.amount_total)
        self.assertIn("more than the cover", form.reasons)
        form.wish = "An old friend"
        form.save().action_send()
        return self.env["tradecredit.release"].search([("res_model", "=", "sale.order"), ("res_id", "=", order.id)])

    def test_a_release_lets_one_order_through_up_to_its_amount(self):
        order = self._order(5000)
        release = self._release(order)
        self.assertEqual((release.state, order.tradecredit_state), ("requested", "held"))
        with self.assertRaises(UserError):
            order.action_confirm()
        with self.assertRaises(AccessError):
            release.with_user(self.seller).action_grant(5000, self.today, "Because I say so")
        release.with_user(self.manager).action_grant(5000, self.today + timedelta(days=7), "Paid for ten years")
        self.assertEqual(order.tradecredit_state, "released")
        self.assertIn("Paid for ten years", "".join(order.message_ids.mapped("body")))
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        self.assertEqual(self._checks(order)[0].release_id, release)
        with self.assertRaises(UserError):
            order.order_line.price_unit = 5000.01

    def test_a_released_order_is_not_called_covered(self):
        order = self._order(5000)
        self._release(order).with_user(self.manager).action_grant(5000, self.today, "Yes")
        said = "".join(order.message_ids.mapped("body"))
        self.assertIn("A credit manager released this order", said)
        self.assertNotIn("There is cover", said)

    def test_a_request_is_seen_on_the_order_until_it_is_decided(self):
        order = self._order(5000)
        release = self._release(order)
        order.invalidate_recordset()
        self.assertRegex(order.tradecredit_panel["asked"], r"5,000\.00")
        release.with_user(self.manager).action_refuse("No")
        order.invalidate_recordset()
        self.assertFalse(order.tradecredit_panel["asked"])

    def test_a_release_is_asked_for_the_whole_order(self):
        order = self._order(5000)
        wizard = self.env["tradecredit.order.request"].with_user(self.seller)
        for amount in (-100, 0, 1, 4999.99):
            with self.subTest(amount), self.assertRaisesRegex(UserError, r"5,000\.00"):
                wizard.create(
                    {"order_id": order.id, "kind": "release", "amount": amount, "wish": "Please"}
                ).action_send()

    def test_whoever_decides_sees_what_he_decides_on(self):
        self._invoice(400)
        order = self._order(5000)
        release = self._release(order)
        dialog = self.env["tradecredit.decide.release"].with_user(self.manager)
        form = Form(dialog.with_context(default_release_id=release.id))
        self.assertEqual((form.document_amount, form.uncovered, form.limit_amount), (5000, 4400, 1000))
        self.assertIn("more than the cover", form.reasons)
        self.assertFalse(form.is_less)
        form.amount = 5
        self.assertTrue(form.is_less, "the order would stay on hold")
        action = release.with_user(self.manager).action_open_document()
        self.assertEqual((action["res_model"], action["res_id"]), ("sale.order", order.id))
        self.assertNotIn("uncovered", release.with_user(self.seller).fields_get())

    def test_what_jobs_write_is_in_the_language_of_the_salesperson(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.seller.lang = "fr_FR"
        order = self._held()
        self._raise_limit()
        self._recheck()
        said = "".join(order.message_ids.mapped("body"))
        self.assertIn("maintenant garantie", said)
        self.assertIn("la garantie restante", said)
        self.assertNotIn("There is cover", said)

    def test_reasons_stand_in_lines_of_their_own(self):
        order = self._order(5000, payment_term_id=self.env.ref("account.account_payment_term_45days").id)
        self.policy.max_payment_terms_days = 30
        order.sudo().action_confirm()
        [said] = [body for body in order.message_ids.mapped("body") if "cannot go ahead" in body]
        self.assertGreaterEqual(said.count("<br"), 2)
        self.assertNotIn("&lt;", said)

    def test_a_release_of_less_or_gone_by_does_not_help(self):
        order = self._order(5000)
        release = self._release(order)
        release.with_user(self.manager).action_grant(4999, self.today, "A part")
        self.assertEqual(order.tradecredit_state, "held")
        with self.assertRaises(UserError):
            order.action_confirm()

    def test_a_refused_release_leaves_the_order_held(self):
        order = self._order(5000)
        self._release(order).with_user(self.manager).action_refuse("No")
        self.assertEqual(order.tradecredit_state, "held")

    def test_a_release_confirms_the_order_where_the_company_wants_it(self):
        self.policy.auto_confirm = True
        order = self._order(5000)
        release = self._release(order)
        release.with_user(self.manager).action_grant(5000, self.today, "Yes")
        self._recheck()
        self.assertEqual(order.state, "sale")

    def test_a_release_needs_a_wish_and_a_reason_to_be_asked_for(self):
        order = self._order(5000)
        wizard = self.env["tradecredit.order.request"].with_user(self.seller)
        with self.assertRaises(UserError):
            wizard.create({"order_id": order.id, "kind": "release", "amount": 5000}).action_send()

    # A limit

    def test_a_limit_is_asked_for_from_the_order(self):
        order = self._order(5000)
        self._invoice(300)
        action = order.with_context(tradecredit_request="limit").action_tradecredit_request()
        form = Form(self.env["tradecredit.order.request"].with_user(self.seller).with_context(**action["context"]))
        self.assertEqual(form.amount, 5300)
        form.save().action_send()
        application = self.env["tradecredit.application"].search([("res_id", "=", order.id)])
        self.assertRecordValues(application, [{
            "res_model": "sale.order", "amount": 5300, "state": "to_send", "requested_by": self.seller.id,
            "action": "increase",
        }])  # fmt: skip
        self.assertEqual(order.tradecredit_state, "held")
        # Of another one the insurer would not hear before it has decided.
        self.env.invalidate_all()
        self.assertRegex(order.tradecredit_pending, r"5,300\.00.*To be sent")
        self.assertEqual(order.action_tradecredit_pending()["res_id"], application.id)
        self.assertEqual(self._order(1).tradecredit_pending, order.tradecredit_pending)
        self.assertFalse(self._order(1, self._partner("Somebody else")).tradecredit_pending)
        application.sudo().state = "refused"
        self.env.invalidate_all()
        self.assertFalse(order.tradecredit_pending)

    def test_check_again(self):
        order = self._held()
        said = order.action_tradecredit_check_again()["params"]
        self.assertEqual(said["type"], "warning")
        self.assertIn(order.name, said["message"])
        self.assertEqual((order.tradecredit_state, self._checks(order)[0].trigger), ("held", "recheck"))
        self._raise_limit()
        self.assertEqual(self._order(1).action_tradecredit_check_again()["params"]["type"], "success")
        order.action_tradecredit_check_again()
        self.assertEqual(order.tradecredit_state, "released")

    # The panel

    def test_the_panel_tells_a_salesperson_all_he_needs(self):
        self._invoice(400)
        order = self._order(1000)
        panel = order.tradecredit_panel
        self.assertEqual(order.tradecredit_outcome, "blocked")
        shown = {name: panel[name] for name in ("limit", "used", "order", "over")}
        for name, number in {"limit": "1,000.00", "used": "400.00", "order": "1,000.00", "over": "400.00"}.items():
            self.assertIn(number, shown[name])
        self.assertEqual(len(panel["reasons"]), 1)
        self.assertAlmostEqual(panel["used_share"] + panel["order_share"], 100, delta=0.1)
        self.assertAlmostEqual(panel["limit_share"], 71.43)
        self.assertFalse(self._checks(order))

    def test_the_panel_of_a_confirmed_order_is_what_was_known_then(self):
        order = self._order(1000)
        order.action_confirm()
        self.limit.active = False
        order.invalidate_recordset()
        self.assertEqual(order.tradecredit_outcome, "allowed")
        self.assertIn("1,000.00", order.tradecredit_panel["limit"])
        self.assertTrue(order.tradecredit_panel["past"])

    def test_quotations_in_a_list_do_not_use_each_other_s_cover(self):
        orders = self._order(800) + self._order(900)
        self.assertEqual(orders.mapped("tradecredit_outcome"), ["allowed", "allowed"])

    def test_a_new_order_in_the_form_shows_its_panel(self):
        with Form(self.env["sale.order"].with_user(self.seller).with_company(self.company)) as form:
            form.partner_id = self.partner
            with form.order_line.new() as line:
                line.product_id = self.product
                line.product_uom_qty = 20
            self.assertEqual(form.tradecredit_outcome, "blocked")

    def test_a_list_of_orders_takes_a_constant_number_of_queries(self):
        def queries(orders):
            orders.mapped("tradecredit_outcome")
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.cr.sql_log_count
            orders.mapped("tradecredit_outcome")
            return self.cr.sql_log_count - start

        def some(count):
            orders = self.env["sale.order"]
            for number in range(count):
                partner = self._partner(f"Buyer {count}-{number}")
                self._limit(self._buyer(partner, f"9{count}{number}"), 100)
                orders += self._order(50 if number % 2 else 5000, partner).sudo()
            orders[:2].filtered(lambda order: order.amount_total < 100).action_confirm()
            return orders

        few, many = some(4), some(16)
        self.assertEqual(queries(many), queries(few))
