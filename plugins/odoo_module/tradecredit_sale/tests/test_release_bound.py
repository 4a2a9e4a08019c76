"""A release is for one document, payer, policy, term and amount; it is not spent twice, nor given to oneself."""

from datetime import timedelta

from odoo import Command
from odoo.exceptions import UserError

from .common import SaleCommon


class TestReleaseBound(SaleCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stranger = cls._partner("Fremde GmbH", vat="DE136695976")
        cls.until = cls.today + timedelta(days=7)

    def _ask(self, order, user=None):
        releases = self.env["tradecredit.release"].with_user(user or self.seller)
        return releases._ask(order, buyer=self.buyer, policy=self.policy, amount=order.amount_total, wish="please")

    def _released(self, order):
        release = self._ask(order)
        release.with_user(self.manager).action_grant(order.amount_total, self.until, "known for years")
        return release

    def _term(self, days):
        line = {"value": "percent", "value_amount": 100, "nb_days": days}
        return self.env["account.payment.term"].create({"name": f"{days} days", "line_ids": [Command.create(line)]})

    def _assert_stopped(self, order):
        with self.assertRaises(UserError), self.cr.savepoint():
            order.action_confirm()
        self.assertNotEqual(order.sudo().state, "sale")

    def _more(self, order, amount):
        order.write({"order_line": [Command.create({
            "product_id": self.product.id, "price_unit": amount, "tax_ids": [Command.clear()],
        })]})  # fmt: skip

    def test_it_lets_through_what_it_was_given_for(self):
        order = self._order(1500)
        release = self._released(order)
        order.action_confirm()
        self.assertEqual(order.state, "sale")
        self.assertEqual(self._checks(order)[:1].release_id, release)

    def test_not_another_payer(self):
        order = self._order(1500)
        self._released(order)
        order.partner_invoice_id = self.stranger
        self._assert_stopped(order)

    def test_another_contact_of_the_payer_is_the_same_legal_entity(self):
        order = self._order(1500)
        self._released(order)
        order.partner_invoice_id = self.env["res.partner"].create({"name": "Buchhaltung", "parent_id": self.partner.id})
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_not_another_policy(self):
        other = self._create_company(name="Other seller", currency_id=self.euro.id)
        self.env["tradecredit.policy"].create({
            "name": "DEMO-002", "company_id": other.id, "currency_id": self.euro.id, "base_url": "http://127.0.0.1:9",
        })  # fmt: skip
        self.seller.company_ids |= other
        order = self._order(1500).with_context(allowed_company_ids=[other.id, self.company.id])
        self._released(order)
        warehouse = self.env["stock.warehouse"].search([("company_id", "=", other.id)], limit=1)
        order.sudo().write({"company_id": other.id, "warehouse_id": warehouse.id})
        self._assert_stopped(order.with_company(other))

    def test_not_a_longer_term(self):
        order = self._order(500)
        order.payment_term_id = self._term(120)
        self._assert_stopped(order)
        release = self._released(order)
        self.assertEqual(release.terms_days, 120)
        order.payment_term_id = self._term(121)
        self._assert_stopped(order)
        order.payment_term_id = self._term(100)
        order.action_confirm()
        self.assertEqual(order.state, "sale")

    def test_what_is_billed_has_used_it(self):
        order = self._order(1500)
        self._released(order)
        order.action_confirm()
        order.sudo()._create_invoices().action_post()
        self.env.flush_all()
        with self.assertRaises(UserError), self.cr.savepoint():
            self._more(order, 1500)
        with self.assertRaises(UserError), self.cr.savepoint():
            self._more(order, 1)

    def test_what_is_credited_has_not(self):
        order = self._order(1500)
        release = self._ask(order)
        release.with_user(self.manager).action_grant(1600, self.until, "known for years")
        order.action_confirm()
        invoice = order.sudo()._create_invoices()
        invoice.action_post()
        self._more(order, 100)
        credit = invoice._reverse_moves([{"invoice_date": self.today}])
        with self.assertRaises(UserError), self.cr.savepoint():
            self._more(order, 1)  # a draft credit note is a promise
        credit.action_post()
        self.env.flush_all()
        order.order_line.filtered(lambda line: line.price_unit == 1500).product_uom_qty = 0
        self._more(order, 1400)
        self.assertEqual(order.amount_total, 1500)

    def test_nobody_releases_his_own_order_for_a_colleague_who_asks(self):
        self.manager.group_ids |= self.env.ref("sales_team.group_sale_salesman_all_leads")
        sold = self._order(1500, user_id=self.manager.id)
        made = self.env["sale.order"].with_user(self.manager).with_company(self.company).create({
            "partner_id": self.partner.id, "user_id": self.seller.id,
        })  # fmt: skip
        self._more(made, 1500)
        for order in (sold, made):
            with self.subTest(order.user_id.login):
                release = self._ask(order)
                with self.assertRaises(UserError):
                    release.with_user(self.manager).action_grant(1500, self.until, "mine")
                with self.assertRaises(UserError):
                    release.with_user(self.manager).action_refuse("mine")
        self.policy.self_release = True
        release.with_user(self.manager).action_grant(1500, self.until, "allowed here")
        self.assertEqual(release.state, "granted")

    def test_a_request_is_born_a_request_whatever_the_context_says(self):
        order = self._order(1500)
        context = {
            "default_state": "granted", "default_amount": 99_999.0, "default_expires_on": str(self.until),
            "default_decided_by": self.manager.id, "default_reason": "x",
        }  # fmt: skip
        release = self._ask(order.with_context(**context))
        releases = self.env["tradecredit.release"].with_user(self.seller).with_context(**context)
        order = self._order(1600)
        release |= releases._ask(order, buyer=self.buyer, policy=self.policy, amount=1600, wish="please")
        self.assertEqual(release.mapped("state"), ["requested"] * 2)
        self.assertFalse(any(release.mapped("amount")) or release.decided_by or any(release.mapped("expires_on")))
