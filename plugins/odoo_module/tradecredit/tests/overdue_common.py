"""A seller with books and a policy at the sandbox insurer, whose clock is moved along with the buyers' invoices."""

from __future__ import annotations

from datetime import timedelta

from odoo import SUPERUSER_ID, Command, fields
from odoo.addons.account.tests.common import AccountTestInvoicingCommon
from odoo.tests import tagged

from .insurer_common import ALWAYS, InsurerCommon


@tagged("post_install", "-at_install")
class OverdueCommon(InsurerCommon, AccountTestInvoicingCommon):
    @classmethod
    def get_default_groups(cls):
        admin = cls.env.ref("tradecredit.group_administrator") | cls.env.ref("base.group_system")
        return super().get_default_groups() | admin

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(user=SUPERUSER_ID)  # as in the other tests of the insurer; people are named where they matter
        cls.today = fields.Date.today()
        cls.books, cls.company = cls.company_data, cls.company_data["company"].with_env(cls.env)
        cls.company.currency_id = cls.euro
        cls.env.user.company_ids |= cls.company
        cls.policy.active = False
        cls.policy = cls.env["tradecredit.policy"].create({
            "name": "DEMO-001", "company_id": cls.company.id, "base_url": cls.sandbox.base_url_open,
            "api_key": "sandbox", "currency_id": cls.euro.id,
        })  # fmt: skip
        cls.salesperson = cls._user("sam", "tradecredit.group_requester")
        cls.controller = cls._user("cora", "tradecredit.group_controller")
        cls.controller.email = "cora@example.com"
        cls.policy.responsible_id = cls.controller
        cls.buyer = cls._buyer("Sandbox Always Books GmbH", ALWAYS)
        cls._insure(cls.buyer)
        cls.overdues = cls.env["tradecredit.overdue"]

    @classmethod
    def _insure(cls, buyer):
        cls.env["tradecredit.limit"].create({
            "buyer_id": buyer.id, "insurer_limit_id": f"L-{buyer.id}", "amount": 100_000, "currency_id": cls.euro.id,
            "valid_from": cls.today - timedelta(days=400),
        })  # fmt: skip

    def _really_insured(self):
        """With a limit at the insurer, too, which alone has cover to stop."""
        self.buyer.limit_ids.write({"active": False, "seen_until": fields.Datetime.now()})
        self._ask(amount=50_000)
        self._send()

    def _invoice(self, amount, late, buyer=None, *, move_type="out_invoice", currency=None, post=True):
        """An invoice that has been due for `late` days."""
        due = self.today - timedelta(days=late)
        move = self.env["account.move"].with_company(self.company).create({
            "move_type": move_type,
            "partner_id": (buyer or self.buyer).partner_id.id,
            "invoice_date": min(due, self.today) - timedelta(days=30),
            "invoice_date_due": due,
            "invoice_payment_term_id": False,
            "currency_id": (currency or self.euro).id,
            "journal_id": self.books["default_journal_sale"].id,
            "invoice_line_ids": [Command.create({
                "name": "goods", "quantity": 1, "price_unit": amount, "tax_ids": [Command.clear()],
                "account_id": self.books["default_account_revenue"].id,
            })],
        })  # fmt: skip
        if post:
            move.action_post()
        return move

    def _pay(self, invoice, amount=None):
        register = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        )  # fmt: skip
        values = {"journal_id": self.books["default_journal_bank"].id, "payment_difference_handling": "open"}
        register.create(values | ({"amount": amount} if amount else {})).action_create_payments()

    def _loose(self, amount, buyer=None):
        """A payment in the books that belongs to no invoice yet."""
        entry = self.env["account.move"].with_company(self.company).create({
            "move_type": "entry", "journal_id": self.books["default_journal_misc"].id, "date": self.today,
            "line_ids": [
                Command.create({
                    "account_id": self.books["default_account_receivable"].id,
                    "partner_id": (buyer or self.buyer).partner_id.id, "credit": amount,
                }),
                Command.create({"account_id": self.books["default_account_revenue"].id, "debit": amount}),
            ],
        })  # fmt: skip
        entry.action_post()
        return entry

    def _scan(self):
        """Run the nightly job."""
        with self._jobs() as env:
            env["tradecredit.overdue"]._cron_scan()
        self.env.invalidate_all()

    def _found(self, buyer=None):
        return self.overdues.search([("buyer_id", "=", (buyer or self.buyer).id)], order="id")

    def _declare(self, overdue):
        overdue.with_user(self.controller).action_declare()

    def _declared(self):
        """What the insurer has."""
        return self.sandbox.control("GET", "/overdues")["items"]
