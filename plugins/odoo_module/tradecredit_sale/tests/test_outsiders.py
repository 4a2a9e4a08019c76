"""A customer reads his order, and nothing of what his supplier has insured of him; states are set by checks alone."""

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests.common import new_test_user

from .common import SaleCommon

FIELDS = (
    "tradecredit_panel", "tradecredit_outcome", "tradecredit_pending", "tradecredit_check_count", "tradecredit_state",
    "tradecredit_held_since",
)  # fmt: skip


class TestOutsiders(SaleCommon):
    def _someone(self, login, groups, **values):
        return new_test_user(
            self.env, login=f"tc-{login}", groups=groups, company_id=self.company.id,
            company_ids=[Command.set(self.company.ids)], **values,
        )  # fmt: skip

    def test_a_customer_does_not_read_his_suppliers_insurance(self):
        customer = self._someone("customer", "base.group_portal")
        customer.partner_id.parent_id = self.partner
        order = self._order(900, customer.partner_id).sudo()
        order.state = "sent"
        order.message_subscribe(customer.partner_id.ids)
        self.env.flush_all()
        self.env.invalidate_all()
        his = order.with_user(customer)
        self.assertEqual(his.read(["amount_total"])[0]["amount_total"], 900)
        for name in FIELDS:
            with self.subTest(name):
                for act in (
                    lambda name=name: his.read([name]),
                    lambda name=name: his.web_read({name: {}}),
                    lambda name=name: his.search([(name, "=", "2020-01-01" if "since" in name else "held")]),
                ):
                    with self.assertRaises(AccessError):
                        act()
        for model in ("sale.order", "sale.order.line", "payment.transaction", "account.move", "account.move.line"):
            ours = [name for name in self.env[model].with_user(customer).fields_get() if name.startswith("tradecredit")]
            self.assertEqual(ours, [], model)

    def test_a_book_keeper_reads_whether_an_order_is_held_and_no_limits(self):
        clerk = self._someone("clerk", "base.group_user,account.group_account_invoice")
        order = self._order(900).with_user(clerk)
        self.assertEqual(order.read(["tradecredit_state"])[0]["tradecredit_state"], "no")
        for name in FIELDS[:4]:
            with self.subTest(name), self.assertRaises(AccessError):
                order.read([name])
        for kind in ("form", "list", "kanban"):
            self.assertNotIn("tradecredit_panel", order.get_view(view_type=kind)["arch"])

    def test_the_context_does_not_say_whether_an_order_is_held(self):
        orders = self.env["sale.order"].with_user(self.seller).with_context(
            default_tradecredit_state="released", default_tradecredit_held_since="2020-01-01 00:00:00"
        )  # fmt: skip
        order = orders.create({"partner_id": self.partner.id, "company_id": self.company.id})
        self.assertEqual((order.tradecredit_state, order.tradecredit_held_since), ("no", False))

    def test_an_order_in_no_currency_of_this_world_is_stopped_for_a_reason(self):
        points = self.env["res.currency"].create({"name": "PTS", "symbol": "p"})
        order = self._order(100)
        order.sudo().currency_id = points
        self.env.flush_all()
        panel = order.tradecredit_panel
        self.assertEqual(panel["outcome"], "blocked")
        self.assertIn("not known in full", "".join(panel["reasons"]))
        release = (
            self.env["tradecredit.release"]
            .with_user(self.seller)
            ._ask(order, buyer=self.buyer, policy=self.policy, amount=1, wish="please")
        )
        release.with_user(self.manager).action_grant(1, self.today, "yes")
        with self.assertRaises(UserError), self.cr.savepoint():
            order.action_confirm()
        self._order(100).action_confirm()

    def test_the_dialog_tells_nothing_of_an_order_of_another_company(self):
        order = self._order(900).sudo()
        stranger = self._someone("strange", "sales_team.group_sale_manager,tradecredit.group_manager")
        other = self.env["res.company"].create({"name": "Other"})
        stranger.write({"company_id": other.id, "company_ids": [Command.set(other.ids)]})
        dialogs = self.env["tradecredit.order.request"].with_user(stranger)
        for call in (
            lambda: dialogs.create({"order_id": order.id, "kind": "limit"}).read(),
            lambda: dialogs.onchange({"order_id": order.id}, ["order_id"], {"order_id": {}}),
            lambda: dialogs.with_context(default_order_id=order.id).default_get(["order_id", "amount", "reasons"]),
        ):
            self.env.invalidate_all()
            with self.assertRaises(AccessError):
                call()
