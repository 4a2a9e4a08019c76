"""What a buyer owes, from posted and draft documents, net or gross, in several currencies and companies."""

from datetime import timedelta
from decimal import Decimal

from odoo import Command

from .common import TradecreditCommon


class TestExposure(TradecreditCommon):
    def setUp(self):
        super().setUp()
        self.buyer = self._buyer()
        self._limit(self.buyer, 10_000)
        self.tax = self.env["account.tax"].create({
            "name": "19 %", "amount": 19, "amount_type": "percent", "type_tax_use": "sale",
            "company_id": self.company.id, "country_id": self.company.account_fiscal_country_id.id,
        })  # fmt: skip

    def _owed(self, partner=None):
        exposure = self._check(1, partner, lock=False, record=False).exposure
        return {
            bucket: {money.currency: money.amount for money in getattr(exposure, bucket)}
            for bucket in ("open", "overdue", "draft", "ordered")
            if getattr(exposure, bucket)
        }

    def _pay(self, amount, invoice=None):
        payment = self.env["account.payment"].create({
            "amount": amount, "payment_type": "inbound", "partner_type": "customer", "partner_id": self.partner.id,
            "journal_id": self.company_data["default_journal_bank"].id, "currency_id": self.euro.id,
        })  # fmt: skip
        account = self.company_data["default_journal_bank"].inbound_payment_method_line_ids[:1]
        account.payment_account_id = self.inbound_payment_method_line.payment_account_id or self.env[
            "account.account"
        ].search([("account_type", "=", "asset_current"), ("company_ids", "in", self.company.ids)], limit=1)
        payment.payment_method_line_id = account
        payment.action_post()
        if invoice:
            lines = (payment.move_id.line_ids + invoice.line_ids).filtered(
                lambda line: line.account_id.account_type == "asset_receivable"
            )
            lines.reconcile()
        return payment

    def test_open_overdue_and_draft(self):
        self._invoice(100)
        self._invoice(200, due=-1)
        self._invoice(0.01, due=0)
        self._invoice(50, post=False)
        exposure = self._check(1, lock=False, record=False).exposure
        self.assertEqual(
            self._owed(),
            {
                "open": {"EUR": Decimal("100.01")},
                "overdue": {"EUR": Decimal("200.00")},
                "draft": {"EUR": Decimal("50.00")},
            },
        )
        self.assertEqual(exposure.oldest_original_due_date, self.today - timedelta(days=1))

    def test_net_or_gross_as_the_policy_says(self):
        self._invoice(100, taxes=[self.tax])
        self._invoice(50, taxes=[self.tax], post=False)
        self.assertEqual(self._owed(), {"open": {"EUR": Decimal("100.00")}, "draft": {"EUR": Decimal("50.00")}})
        self.policy.tax_basis = "gross"
        self.assertEqual(self._owed(), {"open": {"EUR": Decimal("119.00")}, "draft": {"EUR": Decimal("59.50")}})

    def test_a_payment_reduces_the_invoice_it_settles(self):
        invoice = self._invoice(100, taxes=[self.tax])
        self._pay(59.50, invoice)
        self.assertEqual(self._owed(), {"open": {"EUR": Decimal("50.00")}})

    def test_a_payment_that_is_not_assigned_counts_without_its_tax(self):
        self._invoice(100, taxes=[self.tax])
        self._pay(119)
        taxes = self.env["account.tax"].search([("type_tax_use", "=", "sale"), ("company_id", "=", self.company.id)])
        highest = max(Decimal(str(tax.amount)) for tax in taxes)
        left = Decimal(100) - Decimal(119) * 100 / (100 + highest)  # as if it settled an invoice with the most tax
        owed = sum(amount["EUR"] for amount in self._owed().values())
        self.assertTrue(left <= owed < left + Decimal("0.01"), (left, owed))

    def test_a_credit_note_reduces_when_it_is_posted_and_not_before(self):
        self._invoice(100)
        note = self._invoice(40, move_type="out_refund", post=False)
        self.assertEqual(self._owed(), {"open": {"EUR": Decimal("100.00")}})
        note.action_post()
        self.assertEqual(self._owed(), {"open": {"EUR": Decimal("60.00")}})

    def test_vendor_bills_do_not_count(self):
        self._invoice(100, move_type="in_invoice")
        self.assertEqual(self._owed(), {})

    def test_other_currencies_and_a_missing_rate(self):
        dollar = self.env.ref("base.USD")
        dollar.active = True
        self.env["res.currency.rate"].search([("currency_id", "=", dollar.id)]).unlink()
        rate = self.env["res.currency.rate"].create({
            "currency_id": dollar.id, "name": self.today - timedelta(days=1), "rate": 1.25, "company_id": self.company.id,
        })  # fmt: skip
        self._invoice(125, currency_id=dollar.id)
        self.assertEqual(self._owed(), {"open": {"USD": Decimal("125.00")}})
        outcome = self._check(9_900)
        self.assertEqual(outcome.verdict.exposure.amount, Decimal("100.00"))
        self.assertFalse(outcome.stops)
        rate.name = self.today + timedelta(days=1)
        outcome = self._check(1)
        self.assertIn("exchange_rate_missing", self._codes(outcome))
        self.assertTrue(outcome.stops)

    def test_another_company_never_leaks_and_a_branch_counts(self):
        other = self.setup_other_company()["company"]
        self._invoice(100)
        # As somebody works who has both companies ticked.
        self.env = self.env(context={**self.env.context, "allowed_company_ids": (self.company + other).ids})
        move = self.env["account.move"].with_company(other).create({
            "move_type": "out_invoice", "partner_id": self.partner.id, "invoice_date": self.today,
            "invoice_line_ids": [Command.create({"name": "goods", "quantity": 1, "price_unit": 777, "tax_ids": []})],
        })  # fmt: skip
        move.action_post()
        self.assertEqual(move.company_id, other)
        self.assertEqual(self._owed(), {"open": {"EUR": Decimal("100.00")}})
        self.assertFalse(other.tradecredit_policy_id)
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        self.assertEqual(branch.tradecredit_policy_id, self.policy)

    def test_a_branch_with_a_policy_of_its_own_is_another_seller(self):
        branch = self.env["res.company"].create({"name": "Branch", "parent_id": self.company.id})
        self._invoice(100)
        # As somebody works who has both companies ticked.
        self.env = self.env(context={**self.env.context, "allowed_company_ids": (self.company + branch).ids})
        receivable = self.company_data["default_account_receivable"]
        self.partner.with_company(branch).property_account_receivable_id = receivable
        move = self.env["account.move"].with_company(branch).create({
            "move_type": "out_invoice", "partner_id": self.partner.id, "invoice_date": self.today,
            "currency_id": self.euro.id,
            "invoice_line_ids": [Command.create({"name": "goods", "quantity": 1, "price_unit": 777, "tax_ids": []})],
        })  # fmt: skip
        move.action_post()
        self.assertEqual(move.company_id, branch)
        self.assertEqual(self._total(self.company), 877)
        own = self.env["tradecredit.policy"].create({
            "name": "BRANCH-1", "company_id": branch.id, "currency_id": self.euro.id,
        })  # fmt: skip
        self.assertEqual((self._total(self.company), self._total(branch)), (100, 777))
        most = max(self.env["account.tax"].search([
            ("company_id", "=", self.company.id), ("type_tax_use", "=", "sale"), ("amount_type", "=", "percent"),
        ]).mapped("amount"))  # fmt: skip
        self.assertTrue(most)
        bank = self.company_data["default_journal_bank"].default_account_id
        entry = self.env["account.move"].with_company(branch).create({"line_ids": [
            Command.create({"account_id": receivable.id, "partner_id": self.partner.id, "credit": 100 + most}),
            Command.create({"account_id": bank.id, "debit": 100 + most}),
        ]})  # fmt: skip
        entry.action_post()
        self.assertEqual(self._total(branch), 677, "its taxes are those of the root")
        entry.button_draft()
        below = self.env["res.company"].create({"name": "Below the branch", "parent_id": branch.id})
        self.assertEqual(below.tradecredit_policy_id, own)
        own.active = False
        self.assertEqual((self._total(self.company), self._total(branch)), (877, 877))

    def _total(self, company):
        exposure = self.env["tradecredit.exposure"]._of(company.tradecredit_policy_id, [tuple(self.partner.ids)])
        [found] = exposure.values()
        return sum(money.amount for bucket in (found.open, found.overdue, found.draft) for money in bucket)

    def test_a_salesperson_with_own_documents_is_told_the_whole_exposure(self):
        self._invoice(9_500)
        checks = self.env["tradecredit.check"].with_user(self.salesperson)
        self.env.invalidate_all()
        from ..models.check_request import CheckRequest

        partner = self.partner.with_user(self.salesperson)
        request = CheckRequest(partner, partner, Decimal(600), Decimal(0), self.euro.with_user(self.salesperson), 30)
        [outcome] = checks._run(self.company.with_user(self.salesperson), [request], trigger="confirm")
        self.assertTrue(outcome.stops)
        self.assertEqual(outcome.verdict.exposure.amount, Decimal("9500.00"))
