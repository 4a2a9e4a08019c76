"""The sums of open receivables are those of the journal items, whatever is booked and however."""

import random

from odoo import Command
from odoo.tools import mute_logger

from .common import TradecreditCommon


class TestReceivable(TradecreditCommon):
    def setUp(self):
        super().setUp()
        self.dice = random.Random(19)
        self.sums = self.env["tradecredit.receivable"]
        self.other = self._partner("Zweite GmbH")
        self.tax = self.company_data["default_tax_sale"]
        self.bank = self.company_data["default_journal_bank"]
        self.bank.inbound_payment_method_line_ids.payment_account_id = self.env["account.account"].search(
            [("account_type", "=", "asset_current"), ("company_ids", "in", self.company.ids)], limit=1
        )

    def _right(self):
        self.env.flush_all()
        self.assertEqual(self.sums._differences(), [])

    def _pay(self, invoice):
        register = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=invoice.ids
        )  # fmt: skip
        amount = round(self.dice.uniform(0.5, 1) * invoice.amount_residual, 2)
        register.create(
            {"journal_id": self.bank.id, "amount": amount, "payment_difference_handling": "open"}
        ).action_create_payments()

    def _entry(self, amount):
        """A posted payment in the books that belongs to no invoice yet."""
        receivable = self.company_data["default_account_receivable"]
        entry = self.env["account.move"].create({
            "move_type": "entry", "journal_id": self.company_data["default_journal_misc"].id, "date": self.today,
            "line_ids": [
                Command.create({"account_id": receivable.id, "partner_id": self.partner.id, "credit": amount}),
                Command.create({"account_id": self.company_data["default_account_revenue"].id, "debit": amount}),
            ],
        })  # fmt: skip
        entry.action_post()

    def test_whatever_is_booked_the_sums_are_right(self):
        dice = self.dice
        posted = []
        for step in range(40):
            choice = dice.randrange(7) if posted else 0
            invoice = dice.choice(posted) if posted else None
            if choice in (0, 1):
                partner = dice.choice([self.partner, self.other])
                taxes = [self.tax] if dice.random() < 0.7 else []
                posted.append(
                    self._invoice(dice.randint(1, 9_999) / 100, partner, due=dice.randint(-90, 60), taxes=taxes)
                )
            elif choice == 2 and invoice.state == "posted" and invoice.amount_residual > 1:
                self._pay(invoice)
            elif choice == 3 and invoice.state == "posted":
                invoice.button_draft()
                invoice.invoice_line_ids[0].price_unit += 10
                if dice.random() < 0.5:
                    invoice.action_post()
            elif choice == 4 and invoice.state == "draft":
                invoice.button_cancel()
            elif choice == 5 and invoice.state == "posted":
                invoice._reverse_moves([{"date": self.today, "invoice_date": self.today}], cancel=dice.random() < 0.5)
            elif choice == 6:
                self._entry(dice.randint(1, 500))
            with self.subTest(step=step, choice=choice):
                self._right()
        self.sums._cron_fold()
        self._right()

    def test_merged_partners_take_their_debts_along(self):
        self._invoice(100, self.other)
        self._invoice(50)
        wizard = self.env["base.partner.merge.automatic.wizard"].sudo().create({})
        wizard._merge((self.other + self.partner).ids, self.partner)
        self._right()
        self._limit(self._buyer(), 1_000)
        self.assertEqual(self._check(1, lock=False, record=False).verdict.exposure.amount, 150)

    def test_folding_keeps_the_sums_and_leaves_one_row_for_each_day(self):
        for _ in range(3):
            self._invoice(100)
        self._pay(self._invoice(70))
        self.env.flush_all()
        self.sums._cron_fold()
        self._right()
        rows = self.sums.search([("debtor", "=", self.partner.id)])
        self.assertEqual(len(rows), len({row.due for row in rows}))

    def test_sums_that_are_wrong_are_found_and_mended(self):
        self._invoice(100)
        self.env.flush_all()
        self.env.cr.execute("DELETE FROM tradecredit_receivable WHERE debtor = %s", [self.partner.id])
        self.assertTrue(self.sums._differences())
        with self.assertLogs("odoo.addons.tradecredit.models.tradecredit_receivable", "ERROR"):
            self.sums._cron_fold()
        self._right()

    @mute_logger("odoo.models.unlink")
    def test_an_account_that_becomes_another_kind_is_counted_or_not(self):
        self._invoice(100)
        account = self.partner.property_account_receivable_id
        account.non_trade = True
        self._right()
        self.assertFalse(self.sums.search([("debtor", "=", self.partner.id)]))
        account.non_trade = False
        self._right()
        self.assertTrue(self.sums.search([("debtor", "=", self.partner.id)]))

    def test_the_open_amount_without_tax(self):
        invoice = self._invoice(100, taxes=[self.tax])
        line = invoice.line_ids.filtered(lambda line: line.account_id.account_type == "asset_receivable")
        self.assertEqual(line.tradecredit_net_residual, 100)
        self.assertEqual(sum((invoice.line_ids - line).mapped("tradecredit_net_residual")), 0)
