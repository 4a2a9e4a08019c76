"""Confirmation by a person or a program: a refusal says why, and nothing is half done."""

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from .common import SaleCommon


@tagged("post_install", "-at_install")
class TestConfirm(SaleCommon):
    def test_an_order_within_cover_is_confirmed_and_recorded(self):
        order = self._order(1000)
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        check = self._checks(order)
        self.assertRecordValues(check, [{
            "outcome": "allowed", "passed": True, "trigger": "confirm", "order_amount": 1000, "limit_amount": 1000,
            "exposure_total": 0, "user_id": self.seller.id,
        }])  # fmt: skip

    def test_one_cent_beyond_cover_is_refused_with_buyer_numbers_and_reason(self):
        order = self._order(1000.01)
        with self.assertRaises(UserError) as refused:
            order.action_confirm()
        self.assertEqual(order.state, "draft")
        for part in (order.name, self.partner.name, "1,000.01", "1,000.00", "0.01"):
            self.assertIn(part, str(refused.exception))

    def test_a_refusal_from_state_sent_too(self):
        order = self._order(2000)
        order.action_quotation_sent()
        with self.assertRaises(UserError):
            order.action_confirm()
        self.assertEqual(order.state, "sent")

    def test_what_is_confirmed_uses_cover(self):
        self._order(600).action_confirm()
        with self.assertRaises(UserError):
            self._order(600).action_confirm()
        self._order(400).action_confirm()

    def test_no_policy_no_check(self):
        self.policy.active = False
        order = self._order(5000)
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        self.assertFalse(self._checks(order))

    def test_an_insolvency_that_was_reported_stops_orders_whatever_limit_is_left(self):
        order = self._order(100)
        self.env["tradecredit.report"]._keep(
            self.buyer, action="adverse", adverse_kind="insolvency", happened_on=fields.Date.today()
        )
        with self.assertRaisesRegex(UserError, "your own report"):
            order.action_confirm()
        self.assertEqual(order.state, "draft")

    def test_an_exempt_customer_is_not_checked(self):
        self.buyer.exempt = True
        order = self._order(5000)
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_a_stranger_to_the_insurer_is_refused(self):
        with self.assertRaisesRegex(UserError, "not identified"):
            self._order(1, self._partner("Somebody else")).action_confirm()

    def test_what_odoo_refuses_is_no_credit_check(self):
        order = self._order(5000)
        order.action_cancel()
        with self.assertRaises(UserError) as refused:
            order.action_confirm()
        self.assertNotIn("insurance", str(refused.exception))
        self.assertFalse(self._checks(order))

    def test_a_check_costs_at_most_eight_queries(self):
        def queries(order):
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.cr.sql_log_count
            order.action_confirm()
            self.env.flush_all()
            return self.cr.sql_log_count - start

        queries(self._order(10))  # what the registry keeps is kept from here on
        insured = queries(self._order(10))
        self.policy.active = False
        queries(self._order(10))
        self.assertLessEqual(insured - queries(self._order(10)), 8)

    # A batch

    def test_a_batch_that_fits_in_part_is_refused_as_a_whole(self):
        orders = self._order(400) + self._order(500) + self._order(200)
        with self.assertRaises(UserError) as refused:
            orders.action_confirm()
        self.assertEqual(set(orders.mapped("state")), {"draft"})
        self.assertIn(orders[2].name, str(refused.exception))
        self.assertNotIn(orders[1].name, str(refused.exception))

    def test_a_batch_that_nobody_reads_is_confirmed_as_far_as_it_fits(self):
        orders = (self._order(400) + self._order(500) + self._order(200) + self._order(100)).sudo()
        orders.action_confirm()
        self.assertEqual(orders.mapped("state"), ["sale", "sale", "draft", "sale"])
        self.assertEqual(orders.mapped("tradecredit_state"), ["no", "no", "held", "no"])

    def test_a_batch_of_two_companies_is_checked_for_each(self):
        other = self._create_company(name="Other seller", currency_id=self.euro.id)
        self.seller.company_ids = [Command.link(other.id)]
        free = self.env["sale.order"].with_company(other).create({
            "partner_id": self.partner.id, "company_id": other.id, "user_id": self.seller.id,
            "order_line": [Command.create({"product_id": self.product.id, "price_unit": 9000, "tax_ids": False})],
        })  # fmt: skip
        orders = (free + self._order(900)).with_user(self.seller).with_context(allowed_company_ids=[
            other.id, self.company.id])  # fmt: skip
        orders.action_confirm()
        self.assertEqual(set(orders.mapped("state")), {"sale"})
        self.assertEqual(len(self._checks(orders[0])), 0)
        self.assertEqual(self._checks(orders[1]).exposure_total, 0)

    # Around action_confirm

    def test_writing_the_state_is_refused(self):
        order = self._order(2000)
        with self.assertRaises(UserError):
            order.write({"state": "sale", "date_order": fields.Datetime.now()})
        with self.assertRaises(UserError):
            order.sudo().write({"state": "sale"})

    def test_creating_a_confirmed_order_is_refused(self):
        self._order(1000, state="sale")
        with self.assertRaises(UserError):
            self._order(0.01, state="sale")

    def test_context_keys_choose_how_and_never_whether(self):
        keys = {
            "tradecredit_hold": True, "tradecredit_skip": True, "bypass_risk": True, "no_check": True,
            "tradecredit_sale.watch": {}, "tracking_disable": True, "install_mode": True, "import_file": True,
            "module": "tradecredit_sale", "force": True,
        }  # fmt: skip
        order = self._order(2000)
        order.with_context(**keys).action_confirm()
        self.assertEqual((order.state, order.tradecredit_state), ("draft", "held"))
        with self.assertRaises(UserError):
            order.with_context(**keys).write({"state": "sale"})

    def test_being_held_is_not_typed_in(self):
        order = self._order(2000)
        with self.assertRaises(AccessError):
            order.write({"tradecredit_state": "released"})
        with self.assertRaises(AccessError):
            self.env["sale.order"].with_user(self.seller).create({
                "partner_id": self.partner.id, "tradecredit_state": "released",
            })  # fmt: skip

    # Growth of what is confirmed

    def test_growth_beyond_cover_is_refused_on_every_way(self):
        order = self._order(600, lines=[{"price_unit": 900}, {"price_unit": -300}])
        order.action_confirm()
        line, discount = order.order_line
        for name, grow in {
            "quantity": lambda: line.write({"product_uom_qty": 20}),
            "price": lambda: line.write({"price_unit": 1400}),
            "a line more": lambda: order.write({"order_line": [Command.create({
                "product_id": self.product.id, "product_uom_qty": 5, "tax_ids": False})]}),
            "a line made": lambda: self.env["sale.order.line"].with_user(self.seller).create({
                "order_id": order.id, "product_id": self.product.id, "product_uom_qty": 5, "tax_ids": False}),
            "by default": lambda: self.env["sale.order.line"].with_user(self.seller).with_context(
                default_order_id=order.id).create({
                "product_id": self.product.id, "product_uom_qty": 5, "tax_ids": False}),
            "a discount less": lambda: discount.write({"price_unit": 300}),
        }.items():  # fmt: skip
            with self.subTest(name), self.assertRaises(UserError), self.cr.savepoint():
                grow()
        self.assertEqual(order.amount_total, 600)

    def test_growth_within_cover_is_checked_on_what_is_ordered(self):
        order = self._order(600)
        order.action_confirm()
        order.order_line.price_unit = 1000
        self.assertEqual(self._checks(order)[0].trigger, "growth")
        self.assertRecordValues(self._checks(order)[0], [{"order_amount": 1000, "exposure_total": 0, "passed": True}])
        with self.assertRaises(UserError):
            order.order_line.price_unit = 1000.01

    def test_a_line_for_another_in_one_change_is_judged_as_one(self):
        order = self._order(1000)
        order.action_confirm()
        order.write({"order_line": [
            Command.create({"product_id": self.product.id, "product_uom_qty": 10, "tax_ids": False}),
            Command.update(order.order_line.id, {"product_uom_qty": 0}),
        ]})  # fmt: skip
        self.assertEqual(order.amount_total, 1000)
        self.assertEqual(len(self._checks(order)), 1)

    def test_growth_in_the_form(self):
        order = self._order(900)
        order.action_confirm()
        with self.assertRaises(UserError), Form(order) as form, form.order_line.edit(0) as line:
            line.product_uom_qty = 20

    def test_a_decrease_frees_cover_and_raising_again_is_growth(self):
        order = self._order(1000)
        order.action_confirm()
        order.order_line.price_unit = 400
        self._order(600).action_confirm()
        with self.assertRaises(UserError):
            order.order_line.price_unit = 1000

    def test_an_order_beyond_cover_may_shrink(self):
        order = self._order(1000)
        order.action_confirm()
        self.limit.active = False
        self._limit(self.buyer, 100)
        order.order_line.price_unit = 900
        self.assertEqual(order.amount_total, 900)
        order.note = "deliver soon"

    def test_a_locked_order_counts_and_is_checked_after_unlocking(self):
        order = self._order(1000)
        order.action_confirm()
        order.sudo().action_lock()
        with self.assertRaises(UserError):
            self._order(1).action_confirm()
        order.sudo().action_unlock()
        with self.assertRaises(UserError):
            order.order_line.product_uom_qty = 20

    # Another payer, company or currency

    def test_another_payer_is_checked(self):
        order = self._order(1000)
        order.action_confirm()
        stranger = self._partner("Somebody else")
        with self.assertRaisesRegex(UserError, "Somebody else"), self.cr.savepoint():
            order.partner_invoice_id = stranger
        other = self._partner("Other buyer")
        self._limit(self._buyer(other, "900000002"), 1000)
        order.partner_invoice_id = other
        self.assertEqual(self._checks(order)[0].trigger, "payer")
        self._order(1000).action_confirm()

    def test_another_address_of_the_payer_is_no_new_payer(self):
        order = self._order(1000)
        order.action_confirm()
        order.partner_invoice_id = self.env["res.partner"].create({
            "name": "Accounts", "type": "invoice", "parent_id": self.partner.id,
        })  # fmt: skip
        self.assertEqual(len(self._checks(order)), 1)

    def test_the_payer_counts_not_the_customer(self):
        payer = self._partner("Who pays")
        order = self._order(1000, partner_invoice_id=payer.id)
        with self.assertRaisesRegex(UserError, "Who pays"):
            order.action_confirm()

    def test_another_currency_is_checked(self):
        order = self._order(1000)
        order.action_confirm()
        dollar = self.env.ref("base.USD")
        self.env["res.currency.rate"].create({
            "name": "2000-01-01", "currency_id": dollar.id, "company_id": self.company.id, "rate": 0.5,
        })  # fmt: skip
        dollar.active = True
        pricelist = self.env["product.pricelist"].create({
            "name": "Dollars", "currency_id": dollar.id, "company_id": self.company.id,
        })  # fmt: skip
        with self.assertRaises(UserError):
            order.sudo().write({"pricelist_id": pricelist.id})

    def test_a_currency_without_a_rate_is_refused_in_words(self):
        dollar = self.env.ref("base.USD")
        dollar.active = True
        pricelist = self.env["product.pricelist"].create({"name": "Dollars", "currency_id": dollar.id})
        self.env["res.currency.rate"].search([("currency_id", "=", dollar.id)]).unlink()
        with self.assertRaisesRegex(UserError, "exchange rate from USD to EUR is missing"):
            self._order(10, pricelist_id=pricelist.id).action_confirm()

    def test_another_company_is_checked(self):
        other = self._create_company(name="Other seller", currency_id=self.euro.id)
        order = self.env["sale.order"].with_company(other).create({
            "partner_id": self.partner.id, "company_id": other.id,
            "order_line": [Command.create({"product_id": self.product.id, "price_unit": 2000, "tax_ids": False})],
        })  # fmt: skip
        order.action_confirm()
        with self.assertRaises(UserError):
            order.write({"company_id": self.company.id})

    def test_longer_terms_are_checked(self):
        order = self._order(1000)
        order.action_confirm()
        order.payment_term_id = self.env.ref("account.account_payment_term_30days")
        longer = self.env["account.payment.term"].create({
            "name": "180 days", "line_ids": [Command.create({"value": "percent", "value_amount": 100, "nb_days": 180})],
        })  # fmt: skip
        with self.assertRaisesRegex(UserError, "180"):
            order.payment_term_id = longer

    # Cancelled and confirmed again

    def test_cancelling_frees_cover_and_confirming_again_is_checked(self):
        order = self._order(1000)
        order.action_confirm()
        order._action_cancel()
        self._order(600).action_confirm()
        order.action_draft()
        with self.assertRaises(UserError):
            order.action_confirm()
        order.order_line.price_unit = 400
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_a_copy_is_a_new_order(self):
        order = self._order(2000).sudo()
        order.action_confirm()
        self.assertEqual(order.tradecredit_state, "held")
        self.assertRecordValues(order.copy(), [{"tradecredit_state": "no", "tradecredit_held_since": False}])
