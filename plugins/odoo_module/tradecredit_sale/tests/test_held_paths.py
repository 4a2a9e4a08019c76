"""Ways to a confirmed order on which nobody reads an error: the order is held, and what the customer did stays."""

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import HttpCase, tagged

from .common import SaleCommon

PIXEL = "R0lGODlhAQABAAD/ACwAAAAAAQABAAACADs="


class HeldCommon(SaleCommon):
    def assertHeld(self, order, *, told=True):
        order = order.sudo()
        self.assertIn(order.state, ("draft", "sent"))
        self.assertEqual(order.tradecredit_state, "held")
        self.assertTrue(order.tradecredit_held_since)
        activity = order.activity_ids.filtered(
            lambda one: one.activity_type_id == self.env.ref("tradecredit_sale.activity_held")
        )
        self.assertEqual(len(activity), 1)
        self.assertTrue(activity.user_id.has_group("tradecredit.group_controller"))
        self.assertEqual(self._checks(order)[0].outcome, "blocked")
        notes = order.message_ids.filtered(lambda one: one.subtype_id == self.env.ref("mail.mt_comment"))
        to_customer = notes.filtered(lambda one: order.partner_id in one.partner_ids and "checking it" in one.body)
        self.assertEqual(len(to_customer), int(told))
        for word in ("limit", "insur", "cover", "1,000"):
            self.assertNotIn(word, "".join(to_customer.mapped("body")))


@tagged("post_install", "-at_install")
class TestHeldPaths(HeldCommon):
    # Payments

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.method = cls.env.ref("payment.payment_method_unknown").sudo()
        cls.bank = cls.company_data["default_journal_bank"]
        cls.env["ir.config_parameter"].set_param("sale.automatic_invoice", "False")

    def _provider(self, mode: str):
        """A provider of this custom mode, of the modules that are installed."""
        is_custom = "custom_mode" in self.env["payment.provider"]._fields
        code = {"code": "custom", "custom_mode": mode} if is_custom else {"code": "none"}
        values = {"name": mode, **code, "state": "test", "company_id": self.company.id}
        provider = self.env["payment.provider"].create({
            **values, "payment_method_ids": [Command.set(self.method.ids)], "journal_id": self.bank.id,
        })  # fmt: skip
        self.method.active = True
        provider.support_manual_capture = "full_only"
        self.bank.inbound_payment_method_line_ids[:1].payment_provider_id = provider
        return provider

    def _transaction(self, order, amount: float, state: str, *, mode="wire_transfer", **values):
        provider = self._provider(mode)
        return self.env["payment.transaction"].create({
            "provider_id": provider.id,
            "payment_method_id": self.method.id,
            "reference": f"{order.name}-{state}-{amount}",
            "amount": amount,
            "currency_id": order.currency_id.id,
            "partner_id": order.partner_id.id,
            "operation": "online_direct",
            "sale_order_ids": [Command.set(order.ids)],
            "state": state,
            **values,
        })  # fmt: skip

    def test_a_partial_prepayment_confirms_no_order_beyond_cover(self):
        order = self._order(5000, require_payment=True, prepayment_percent=0.1)
        transaction = self._transaction(order, 500, "done")
        transaction._post_process()
        self.assertTrue(transaction.is_post_processed)
        self.assertTrue(transaction.payment_id)
        self.assertHeld(order)

    def test_a_payment_in_full_confirms_without_cover(self):
        order = self._order(5000)
        self._transaction(order, 5000, "done")._post_process()
        self.assertEqual(order.sudo().state, "sale")

    def test_a_payment_in_full_needs_no_cover_at_all(self):
        """Strangers to the insurer and late payers may pay in advance."""
        self.buyer.insurer_buyer_id = False
        self._invoice(100, due=-120)
        tax = self.company_data["default_tax_sale"]
        order = self._order(0, lines=[{"price_unit": 33.33, "product_uom_qty": 7, "tax_ids": [Command.set(tax.ids)]}])
        order.sudo().action_confirm()
        self.assertHeld(order)
        self._transaction(order, order.amount_total - 0.01, "done")._post_process()
        self.assertHeld(order)
        self._transaction(order, 0.01, "done")._post_process()
        self.assertRecordValues(order.sudo(), [{"state": "sale", "tradecredit_state": "no"}])
        self.assertTrue(all(order.sudo().transaction_ids.mapped("is_post_processed")))
        # More of it is on credit again.
        with self.assertRaisesRegex(UserError, self.partner.name):
            order.order_line.product_uom_qty = 8

    def test_what_is_billed_is_no_payment_in_advance(self):
        order = self._order(500)
        order.action_confirm()
        order.sudo()._create_invoices().action_post()
        order._action_cancel()
        order.action_draft()
        self.buyer.insurer_buyer_id = False
        order.sudo().action_confirm()
        self.assertHeld(order)

    def test_a_held_order_that_was_paid_is_free(self):
        order = self._order(5000)
        order.sudo().action_confirm()
        self.assertHeld(order)
        self._transaction(order, 5000, "done")
        order.action_tradecredit_check_again()
        self.assertEqual(order.tradecredit_state, "released")

    def test_what_was_paid_back_is_on_credit_again(self):
        order = self._order(5000)
        paid = self._transaction(order, 5000, "done")
        back = paid._create_child_transaction(4000, is_refund=True)
        back.state = "done"
        self.assertEqual(order.sudo()._tradecredit_captured(), 1000)
        paid._post_process()
        self.assertHeld(order)

    def test_an_authorised_payment_is_not_money_yet(self):
        order = self._order(5000)
        self._transaction(order, 5000, "authorized")._post_process()
        self.assertHeld(order)

    def test_the_cron_of_payments_holds_and_does_not_fail(self):
        order = self._order(5000)
        transaction = self._transaction(order, 5000, "authorized")
        with self.enter_registry_test_mode():
            self.env.ref("payment.cron_post_process_payment_tx").method_direct_trigger()
        self.assertTrue(transaction.is_post_processed)
        self.assertHeld(order)

    def test_a_wire_that_is_promised_confirms_nothing(self):
        order = self._order(5000)
        self._transaction(order, 5000, "pending")._post_process()
        self.assertEqual(order.sudo().state, "sent")
        order.sudo().action_confirm()
        self.assertHeld(order)

    def test_cash_on_delivery_is_credit(self):
        if "delivery.carrier" not in self.env:
            self.skipTest("delivery is not installed")
        order = self._order(5000)
        transaction = self._transaction(order, 5000, "pending", mode="cash_on_delivery")
        transaction._post_process()
        self.assertTrue(transaction.is_post_processed)
        self.assertHeld(order)
        small = self._order(400)
        self._transaction(small, 400, "pending", mode="cash_on_delivery")._post_process()
        self.assertEqual(small.sudo().state, "sale")

    def test_paying_on_site_is_credit(self):
        if "website_sale_collect" not in self.env.registry._init_modules:
            self.skipTest("website_sale_collect is not installed")
        order = self._order(5000)
        self._transaction(order, 5000, "pending", mode="on_site")._post_process()
        self.assertHeld(order)

    def test_a_second_payment_confirms_what_was_held(self):
        order = self._order(5000, require_payment=True, prepayment_percent=0.1)
        self._transaction(order, 500, "done")._post_process()
        self.assertHeld(order)
        self._transaction(order, 4500, "done")._post_process()
        self.assertRecordValues(order.sudo(), [{"state": "sale", "tradecredit_state": "no"}])
        self.assertFalse(order.sudo().activity_ids)

    # Shop, events, crons

    def test_the_shop_and_the_portal_validate_an_order(self):
        order = self._order(5000).sudo()
        order._validate_order()
        self.assertHeld(order)
        # Confirmed once more, as a customer who reloads the page does: nobody is told twice.
        order._validate_order()
        self.assertHeld(order)

    def test_a_confirmation_past_access_rules_holds(self):
        """Free events, booths, projects and crons call action_confirm so."""
        order = self._order(5000)
        order.sudo().action_confirm()
        self.assertHeld(order)

    def test_other_addons_do_not_act_on_a_held_order(self):
        """Whatever an addon does around `action_confirm`, it does to orders that go ahead."""
        cls = type(self.env["sale.order"])
        self.assertIn("action_confirm", vars(cls))
        seen = []

        def last_loaded(orders):
            seen.append(orders.ids)
            return original(orders)

        original = cls.action_confirm.__wrapped__
        closure = dict(zip(cls.action_confirm.__code__.co_freevars, cls.action_confirm.__closure__, strict=True))
        closure["method"].cell_contents = last_loaded
        self.addCleanup(setattr, closure["method"], "cell_contents", original)
        held, fine = self._order(5000), self._order(500)
        held.sudo().action_confirm()
        self.assertEqual(seen, [])
        (held + fine).sudo().action_confirm()
        self.assertEqual(seen, [fine.ids])

    def test_a_task_for_a_quotation_confirms_nothing_beyond_cover(self):
        if "project.task" not in self.env or "sale_line_id" not in self.env["project.task"]._fields:
            self.skipTest("sale_project is not installed")
        service = self._product("Service", type="service", service_policy="ordered_prepaid")
        order = self._order(5000, lines=[{"product_id": service.id, "price_unit": 5000}])
        project = self.env["project.project"].sudo().create({"name": "Build", "allow_billable": True})
        self.env["project.task"].sudo().create({
            "name": "Task", "project_id": project.id, "sale_line_id": order.order_line.id, "partner_id": self.partner.id,
        })  # fmt: skip
        self.assertHeld(order)


@tagged("post_install", "-at_install")
class TestPortal(HttpCase, HeldCommon):
    def test_a_signature_on_the_portal_is_kept_while_the_order_is_held(self):
        order = self._order(5000, require_signature=True, require_payment=False).sudo()
        order.action_quotation_sent()
        order._portal_ensure_token()
        self.authenticate(None, None)
        answer = self.make_jsonrpc_request(f"/my/orders/{order.id}/accept", {
            "access_token": order.access_token, "name": "Jörg Groß", "signature": PIXEL,
        })  # fmt: skip
        self.assertIn("sign_ok", answer["redirect_url"])
        order.invalidate_recordset()
        self.assertEqual(order.signed_by, "Jörg Groß")
        self.assertTrue(order.signature)
        self.assertHeld(order)
        page = self.url_open(answer["redirect_url"]).text
        self.assertIn("We are checking your order", page)
        self.assertNotIn("Your order has been confirmed", page)

    def test_a_signature_within_cover_confirms(self):
        order = self._order(1000, require_signature=True, require_payment=False).sudo()
        order.action_quotation_sent()
        order._portal_ensure_token()
        self.authenticate(None, None)
        self.make_jsonrpc_request(f"/my/orders/{order.id}/accept", {
            "access_token": order.access_token, "name": "Jörg Groß", "signature": PIXEL,
        })  # fmt: skip
        order.invalidate_recordset()
        self.assertEqual(order.state, "sale")
