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
        bank = self.books["default_journal_bank"]
        return self._entry(amount, bank.default_account_id, buyer=buyer, journal=bank)

    def _entry(self, amount, account, *, buyer=None, journal=None, **values):
        """The buyer owes so much less, and this account has it."""
        partner, owed = (buyer or self.buyer).partner_id.id, self.books["default_account_receivable"]
        entry = self.env["account.move"].with_company(self.company).create({
            "move_type": "entry", "journal_id": (journal or self.books["default_journal_misc"]).id, "date": self.today,
            "line_ids": [
                Command.create({"account_id": owed.id, "partner_id": partner, "credit": amount}),
                Command.create({"account_id": account.id, "partner_id": partner, "debit": amount, **values}),
            ],
        })  # fmt: skip
        entry.action_post()
        return entry

    def _day(self, days):
        return self.today + timedelta(days=days)

    def _owed(self, move):
        """Its receivable items."""
        return move.line_ids.filtered(lambda line: line.account_type == "asset_receivable")

    def _against(self, invoice, account, **values):
        """An entry that closes the invoice without a payment."""
        entry = self._entry(invoice.amount_total, account, date_maturity=self.today, **values)
        (self._owed(invoice) | entry.line_ids.filtered("credit")).reconcile()
        return entry

    def _unpay(self, invoice):
        """Its payments bounce."""
        payments = self.env["account.payment"].search([("partner_id", "=", invoice.partner_id.id)])
        payments.action_draft()
        payments.action_cancel()

    def _cancel(self, entry):
        entry.button_draft()
        entry.button_cancel()

    def _declared_one(self, amount=1000):
        """An invoice and the declaration that the insurer has of it."""
        invoice = self._invoice(amount, 70)
        self._scan()
        overdue = self._found()
        self._declare(overdue)
        self._send()
        self.assertEqual(overdue.state, "declared", overdue.last_error)
        return invoice, overdue

    def _alarms(self, record):
        """What the policy's controller was told."""
        return record.message_ids.filtered(lambda one: self.controller.partner_id in one.partner_ids)

    def _mails(self, overdue):
        """Those to the controller; each of the others gets one, too."""
        found = self.env["mail.mail"].search([("model", "=", overdue._name), ("res_id", "=", overdue.id)])
        return found.filtered(lambda mail: mail.recipient_ids == self.controller.partner_id)

    def _watch(self):
        with self._jobs() as env:
            env["tradecredit.overdue"]._cron_watch()
        self.env.invalidate_all()

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
