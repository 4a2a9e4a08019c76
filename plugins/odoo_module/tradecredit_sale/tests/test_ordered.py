"""The bucket `ordered`: confirmed and not invoiced, counted once on its way to a posted invoice and a payment."""

from decimal import Decimal

from odoo import Command
from odoo.tests import tagged

from .common import SaleCommon


@tagged("post_install", "-at_install")
class TestOrdered(SaleCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._limit(cls.buyer, 1_000_000)

    def _owed(self):
        """What the buyer owes by bucket, as numbers; currencies are not mixed here."""
        policy = self.policy
        family = (self.partner.id,)
        exposure = self.env["tradecredit.exposure"]._of(policy, [family])[family]
        return {
            name: float(sum(money.amount for money in getattr(exposure, name)))
            for name in ("open", "overdue", "draft", "ordered")
        }

    def assertOwed(self, **buckets):
        self.assertEqual({name: amount for name, amount in self._owed().items() if amount}, buckets)

    def _confirmed(self, *args, **values):
        order = self._order(*args, **values).sudo()
        order.action_confirm()
        return order

    def test_an_order_counts_once_until_it_is_an_invoice(self):
        order = self._confirmed(1000)
        self.assertOwed(ordered=1000)
        invoice = order._create_invoices()
        self.assertOwed(draft=1000)
        invoice.action_post()
        self.assertOwed(open=1000)
        order._action_cancel()
        self.assertOwed(open=1000)

    def test_quotations_and_cancelled_orders_count_nothing(self):
        self._order(1000)
        self._confirmed(500)._action_cancel()
        self.assertOwed()

    def test_what_is_invoiced_in_part_counts_in_two_buckets(self):
        order = self._confirmed(0, lines=[{"product_uom_qty": 10, "price_unit": 100}])
        invoice = order._create_invoices()
        invoice.invoice_line_ids.quantity = 4
        invoice.action_post()
        self.assertOwed(open=400, ordered=600)

    def test_a_delivery_policy_line_counts_before_it_is_delivered(self):
        product = self._product("By delivery", invoice_policy="delivery", type="service", service_type="manual")
        order = self._confirmed(0, lines=[{"product_id": product.id, "product_uom_qty": 10, "price_unit": 100}])
        self.assertEqual(order.untaxed_amount_to_invoice if "untaxed_amount_to_invoice" in order._fields else 0, 0)
        self.assertOwed(ordered=1000)
        order.order_line.qty_delivered = 6
        self.assertOwed(ordered=1000)
        order._create_invoices().action_post()
        self.assertOwed(open=600, ordered=400)
        order.order_line.qty_delivered = 12
        self.assertOwed(open=600, ordered=600)

    def test_a_down_payment_is_not_counted_twice(self):
        order = self._confirmed(1000)
        wizard = self.env["sale.advance.payment.inv"].with_context(active_model="sale.order", active_ids=order.ids)
        down = wizard.create({"advance_payment_method": "fixed", "fixed_amount": 300})._create_invoices(order)
        self.assertOwed(draft=300, ordered=700)
        down.action_post()
        self.assertOwed(open=300, ordered=700)
        final = order._create_invoices(final=True)
        self.assertOwed(open=300, draft=700)
        final.action_post()
        self.assertOwed(open=1000)

    def test_tax_counts_as_the_policy_says(self):
        tax = self.env["account.tax"].create({"name": "19%", "amount": 19, "company_id": self.company.id})
        self._confirmed(1000, lines=[{"price_unit": 1000, "tax_ids": [Command.set(tax.ids)]}])
        self.assertOwed(ordered=1000)
        self.policy.tax_basis = "gross"
        self.assertOwed(ordered=1190)

    def test_a_discount_line_reduces(self):
        self._confirmed(0, lines=[{"price_unit": 1000}, {"price_unit": -250}])
        self.assertOwed(ordered=750)

    def test_orders_of_contacts_and_other_payers(self):
        contact = self.env["res.partner"].create({"name": "Branch", "type": "invoice", "parent_id": self.partner.id})
        self._confirmed(100, partner_invoice_id=contact.id)
        self.assertOwed(ordered=100)
        other = self._partner("Pays itself")
        self._limit(self._buyer(other, "900000002"), 1000)
        self._confirmed(200, partner_invoice_id=other.id)
        self.assertOwed(ordered=100)

    def test_no_order_of_another_company(self):
        other = self._create_company(name="Other seller", currency_id=self.euro.id)
        self.env["sale.order"].with_company(other).create({
            "partner_id": self.partner.id, "company_id": other.id,
            "order_line": [Command.create({"product_id": self.product.id, "price_unit": 5000, "tax_ids": False})],
        }).action_confirm()  # fmt: skip
        self._confirmed(100)
        self.assertOwed(ordered=100)

    def test_money_that_came_in_reduces_and_a_promise_does_not(self):
        method = self.env.ref("payment.payment_method_unknown").sudo()
        provider = self.env["payment.provider"].create({
            "name": "Somebody", "code": "none", "state": "test", "company_id": self.company.id,
            "payment_method_ids": [Command.set(method.ids)],
        })  # fmt: skip
        order = self._confirmed(1000)

        def pay(amount, state, **values):
            return self.env["payment.transaction"].create({
                "provider_id": provider.id, "payment_method_id": method.id, "reference": f"{amount} {state}",
                "amount": amount, "currency_id": self.euro.id, "partner_id": self.partner.id, "state": state,
                "operation": "online_direct", "sale_order_ids": [Command.set(order.ids)], **values,
            })  # fmt: skip

        pay(500, "pending")
        self.assertOwed(ordered=1000)
        paid = pay(400, "done")
        self.assertOwed(ordered=600)
        pay(-100, "done", source_transaction_id=paid.id, operation="refund", sale_order_ids=False)
        self.assertOwed(ordered=700)
        pay(5000, "done")
        self.assertOwed()

    def test_several_orders_and_what_one_of_them_would_add(self):
        first, second = self._confirmed(100), self._confirmed(200)
        amounts = self.env["tradecredit.exposure"]._order_amounts(first + second)
        self.assertEqual(amounts, {first.id: (Decimal(100), Decimal(0)), second.id: (Decimal(200), Decimal(0))})
        family = (self.partner.id,)
        exposure = self.env["tradecredit.exposure"]._of(self.policy, [family], first)[family]
        self.assertEqual([money.amount for money in exposure.ordered], [Decimal(200)])

    def test_the_number_of_orders_costs_no_queries(self):
        for _ in range(3):
            self._confirmed(10)
        family = (self.partner.id,)
        self.env["tradecredit.exposure"]._of(self.policy, [family])
        self.env.flush_all()
        with self.assertQueryCount(1):
            self.env["tradecredit.exposure"]._of(self.policy, [family])
