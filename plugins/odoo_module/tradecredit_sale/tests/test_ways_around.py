"""Ways around the credit check that a person with a program might try: none of them leads to a covered order."""

from __future__ import annotations

from decimal import Decimal

from odoo import Command
from odoo.addons.tradecredit.models.check_request import CheckRequest
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from .common import SaleCommon


@tagged("post_install", "-at_install")
class TestWaysAround(SaleCommon):
    def setUp(self):
        super().setUp()
        self.seller.group_ids |= self.env.ref("base.group_partner_manager")

    def _used(self, partner=None) -> float:
        payer = partner or self.partner
        request = CheckRequest(payer, payer, Decimal(0), Decimal(0), self.euro, 0)
        [outcome] = self.env["tradecredit.check"]._run(
            self.company, [request], trigger="preview", lock=False, record=False
        )
        return outcome.values["exposure_total"]

    def assertStopped(self, orders):
        with self.assertRaises(UserError), self.cr.savepoint():
            orders.action_confirm()

    def _payment(self, amount: float, orders):
        return self.env["payment.transaction"].create({
            "provider_id": self.env["payment.provider"].search([], limit=1).id,
            "payment_method_id": self.env["payment.method"].search([], limit=1).id,
            "reference": f"paid {orders.ids}", "amount": amount, "currency_id": self.euro.id, "state": "done",
            "partner_id": self.partner.id, "operation": "online_direct", "sale_order_ids": [Command.set(orders.ids)],
        })  # fmt: skip

    # What Odoo computes

    def test_nobody_writes_what_is_computed_of_an_order(self):
        order = self._order(5000)
        for values in ({"amount_untaxed": 1, "amount_total": 1}, {"invoice_status": "invoiced"}):
            with self.subTest(values), self.assertRaisesRegex(AccessError, "computed"):
                order.write(values)
        for name in ("qty_invoiced", "price_subtotal", "price_total", "untaxed_amount_to_invoice"):
            with self.subTest(name), self.assertRaisesRegex(AccessError, "computed"):
                order.order_line.write({name: 0})
        with self.assertRaisesRegex(AccessError, "computed"):
            order.write({"order_line": [Command.create({"product_id": self.product.id, "qty_invoiced": 1})]})
        with self.assertRaisesRegex(AccessError, "computed"):
            order.copy({"amount_total": 1})
        self.assertStopped(order)

    def test_goods_that_are_called_a_down_payment_are_goods(self):
        order = self._order(5000)
        order.order_line.is_downpayment = True
        self.assertStopped(order)
        covered = self._order(900)
        covered.action_confirm()
        covered.order_line.is_downpayment = True
        self.assertEqual(self._used(), 900)

    def test_a_new_line_in_place_of_an_invoiced_one_is_new_debt(self):
        order = self._order(1000)
        order.action_confirm()
        order.sudo()._create_invoices().action_post()
        new = Command.create({"product_id": self.product.id, "price_unit": 1000, "tax_ids": [Command.clear()]})
        for change in ({"price_unit": 0}, {"product_uom_qty": 0}):
            with self.subTest(change), self.assertRaises(UserError), self.cr.savepoint():
                order.write({"order_line": [Command.update(order.order_line.id, change), new]})
        self.assertEqual(self._used(), 1000)

    def test_what_was_not_invoiced_may_be_replaced_after_the_limit_was_cut(self):
        order = self._order(900)
        order.action_confirm()
        self.limit.active = False
        new = Command.create({"product_id": self.product.id, "price_unit": 900, "tax_ids": [Command.clear()]})
        order.write({"order_line": [Command.update(order.order_line.id, {"product_uom_qty": 0}), new]})
        self.assertEqual(order.amount_total, 900)

    # Who owes it

    def test_the_numbers_that_join_partners_are_not_written(self):
        stranger = self._partner("Stranger").with_user(self.seller)
        with self.assertRaisesRegex(AccessError, "computed"):
            stranger.tradecredit_vat = self.partner.tradecredit_vat
        with self.assertRaisesRegex(AccessError, "computed"):
            stranger.create({"name": "Other", "tradecredit_vat": self.partner.tradecredit_vat})

    def test_a_controller_takes_a_number_from_an_insured_buyer_and_nobody_else(self):
        self.partner.vat = "DE136695976"
        twin = self._partner("Twin", vat=self.partner.vat)
        self._order(900, twin).action_confirm()
        for partner in (twin, self.partner):
            for vat in (False, "DE129273398"):
                with self.assertRaisesRegex(AccessError, "credit controller"), self.cr.savepoint():
                    partner.with_user(self.seller).vat = vat
        self.assertStopped(self._order(900))
        self.controller.group_ids |= self.env.ref("base.group_partner_manager")
        twin.with_user(self.controller).vat = False
        self.assertFalse(twin.tradecredit_vat)

    def test_a_number_that_joins_nobody_insured_is_anybodys_to_change(self):
        stranger = self._partner("Stranger", vat="DE136695976").with_user(self.seller)
        stranger.vat = "DE129273398"
        self.partner.with_user(self.seller).phone = "+49 40 1234"

    def test_an_exemption_is_of_one_partner(self):
        exempt = self._partner("Town hall", vat="DE136695976")
        self.env["tradecredit.buyer"]._of_partner(self.policy, exempt).exempt = True
        stranger = self._partner("Stranger")
        stranger.with_user(self.seller).vat = exempt.vat
        self.assertStopped(self._order(90_000, stranger))

    def test_an_order_that_passes_for_an_exemption_is_on_record(self):
        self.buyer.exempt = True
        order = self._order(90_000)
        order.action_confirm()
        self.assertRecordValues(self._checks(order), [
            {"outcome": "exempt", "passed": True, "order_amount": 90_000, "buyer_id": self.buyer.id, "user_id": self.seller.id},
        ])  # fmt: skip
        self.assertFalse(order.sudo().tradecredit_panel)

    def test_a_payer_does_not_take_his_order_to_a_company_without_cover(self):
        exempt = self._partner("Town hall")
        self.env["tradecredit.buyer"]._of_partner(self.policy, exempt).exempt = True
        payer = self.env["res.partner"].create({"name": "Jo", "country_id": self.germany.id, "parent_id": exempt.id})
        order = self._order(90_000, payer)
        order.action_confirm()
        for parent in (False, self._partner("Stranger").id):
            with self.assertRaises(UserError), self.cr.savepoint():
                payer.with_user(self.seller).parent_id = parent
        self.assertEqual(payer.parent_id, exempt)

    # Many at once

    def test_branches_of_one_seller_share_the_cover(self):
        branches = self.env["res.company"].create([
            {"name": name, "parent_id": self.company.id} for name in ("North", "South")
        ])  # fmt: skip
        self.seller.company_ids |= branches
        orders = self.env["sale.order"]
        for branch in branches:
            orders |= self.env["sale.order"].with_user(self.seller).with_company(branch).with_context(
                allowed_company_ids=self.seller.company_ids.ids
            ).create({
                "partner_id": self.partner.id, "company_id": branch.id, "payment_term_id": False,
                "order_line": [Command.create({
                    "product_id": self.product.id, "price_unit": 600, "tax_ids": [Command.clear()],
                })],
            })  # fmt: skip
        self.assertStopped(orders)

    def test_one_company_in_two_countries_has_one_cover(self):
        self.partner.vat = "DE136695976"
        twin = self._partner("Twin", vat=self.partner.vat, country_id=self.env.ref("base.at").id)
        self.assertStopped(self._order(600, twin) + self._order(600))

    # What was paid

    def test_one_payment_does_not_pay_two_orders(self):
        orders = self._order(3000) + self._order(3000)
        self._payment(3000, orders.sudo())
        self.assertStopped(orders)

    def test_a_captured_payment_settles_what_was_billed_first(self):
        order = self._order(0, lines=[{"price_unit": 1000}, {"price_unit": 1000}])
        self._payment(1000, order.sudo())
        order.action_confirm()
        self.assertEqual(self._used(), 1000)
        invoice = order.sudo()._create_invoices()
        invoice.invoice_line_ids[1:].unlink()
        invoice.action_post()
        receivable = invoice.line_ids.filtered(lambda line: line.account_id.account_type == "asset_receivable")
        payment = self.env["account.bank.statement.line"].create({
            "journal_id": self.company_data["default_journal_bank"].id, "amount": 1000, "partner_id": self.partner.id,
            "payment_ref": "bank", "date": self.today,
        })  # fmt: skip
        open_line = payment.move_id.line_ids.filtered(
            lambda line: line.account_id == payment.journal_id.suspense_account_id
        )
        open_line.account_id = receivable.account_id
        (open_line + receivable).reconcile()
        self.assertEqual(self._used(), 1000)

    def test_a_draft_of_less_than_nothing_gives_no_cover(self):
        self._invoice(1000)
        self._invoice(-1000, post=False)
        self.assertEqual(self._used(), 1000)
