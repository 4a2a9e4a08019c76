"""What comes back after a declaration, and what an insurer could mix up or is never told of by itself."""

import base64
from datetime import timedelta

from odoo import Command

from .overdue_common import OverdueCommon

PROOF = base64.b64encode(b"confirmation of the portal")


class TestOverdueMore(OverdueCommon):
    def _by_hand(self, overdue):
        self.env["tradecredit.declared.by.hand"].with_user(self.controller).create({
            "overdue_id": overdue.id, "way": "portal", "proof": PROOF, "proof_name": "proof.txt",
        }).action_record()  # fmt: skip

    def _withdraw(self, overdue):
        self.env["tradecredit.make.report"].with_user(self.controller).create({
            "action": "withdraw", "overdue_id": overdue.id, "buyer_id": self.buyer.id, "comment": "More is open",
        }).action_send()  # fmt: skip
        self._send()

    def _at_the_insurer(self):
        return [
            (one["state"], sum(float(invoice["amount"]["amount"]) for invoice in one["invoices"]))
            for one in self._declared()
        ]

    def _drafted(self, late=70):
        self._scan()
        overdue = self._found()
        self._declare(overdue)
        self._send()
        return overdue

    def _is_declared_anew(self, overdue):
        """A controller is told once how much the insurer does not know; withdrawn, all of it is prepared again."""
        for _night in range(2):
            self._scan()
            self._send()
        self.assertTrue(overdue.has_more_open)
        self.assertIn("1,000.00", overdue.doubt)
        self.assertEqual((len(self._alarms(overdue)), len(overdue.activity_ids)), (1, 1))
        self.assertEqual(self._found(), overdue)
        self._withdraw(overdue)
        self._scan()
        again = self._found() - overdue
        self.assertEqual((overdue.state, again.state, again.amount), ("withdrawn", "draft", 1000))
        self._declare(again)
        self._send()
        self.assertEqual(again.state, "declared", again.last_error)
        self.assertIn(("declared", 1000), self._at_the_insurer())

    def test_a_payment_that_bounced_after_the_declaration(self):
        invoice = self._invoice(1000, 70)
        self._pay(invoice, 600)
        overdue = self._drafted()
        self.assertEqual(overdue.amount, 400)
        self._unpay(invoice)
        self._is_declared_anew(overdue)

    def test_a_payment_on_account_that_was_undone(self):
        self._invoice(1000, 70)
        entry = self._loose(600)
        overdue = self._drafted()
        self._cancel(entry)
        self._is_declared_anew(overdue)

    def test_another_part_of_a_declared_invoice(self):
        term = self.env["account.payment.term"].create({"name": "t", "line_ids": [
            Command.create({"value": "percent", "value_amount": 50, "nb_days": days}) for days in (0, 30)
        ]})  # fmt: skip
        invoice = self._invoice(1000, 70, post=False)
        invoice.write({"invoice_date": self._day(-80), "invoice_payment_term_id": term.id})
        invoice.action_post()
        entry = self._loose(500)
        overdue = self._drafted()
        self.assertEqual(overdue.amount, 500)
        self._cancel(entry)
        self._is_declared_anew(overdue)

    def test_a_reported_payment_that_bounced_is_told_by_hand(self):
        invoice = self._invoice(1000, 70)
        overdue = self._drafted()
        self._pay(invoice, 600)
        self._scan()
        self._send()
        self.assertEqual(overdue.reported_paid, 600)
        self._unpay(invoice)
        self._scan()
        self.assertIn("400.00", overdue.doubt)
        overdue.with_user(self.controller).action_insurer_knows()
        self.assertEqual((overdue.doubt, overdue.reported_paid, overdue.has_more_open), (False, 0, False))
        self._pay(invoice, 300)
        self._scan()
        self._send()
        self.assertEqual(overdue.reported_paid, 300)

    def test_a_payment_of_all_that_bounced_is_prepared_again(self):
        invoice = self._invoice(1000, 70)
        overdue = self._drafted()
        self._pay(invoice)
        self._scan()
        self._send()
        self.assertEqual(overdue.state, "settled")
        self._unpay(invoice)
        self._scan()
        again = self._found() - overdue
        self.assertEqual((again.state, again.amount, again.oldest_due), ("draft", 1000, invoice.invoice_date_due))
        self._declare(again)
        self._send()
        self.assertEqual(again.state, "declared", again.last_error)

    def test_a_refused_report_of_payment_is_not_sent_every_night(self):
        self._invoice(1000, 70)
        overdue = self._drafted()
        self._loose(30)
        self._scan()
        row = overdue.outbox_ids.filtered(lambda one: one.kind == "overdue_change")
        row.write({"state": "refused", "payload": {**row.payload, "paid_on": self._day(-1).isoformat()}})
        self._scan()
        self.assertEqual(overdue.outbox_ids.filtered(lambda one: one.kind == "overdue_change"), row)
        self._loose(5)
        self._scan()
        self.assertEqual(len(overdue.outbox_ids.filtered(lambda one: one.kind == "overdue_change")), 2)

    # Numbers

    def test_two_invoices_with_one_number_are_two(self):
        journal = self.books["default_journal_sale"].copy({"code": "SALB"})
        one, two = self._invoice(100, 70, post=False), self._invoice(200, 70, post=False)
        two.journal_id = journal
        one.name = two.name = "INV/2026/00077"
        (one | two).action_post()
        overdue = self._drafted()
        sent = {invoice["number"]: float(invoice["amount"]["amount"]) for invoice in self._declared()[0]["invoices"]}
        self.assertEqual(sent, {"INV/2026/00077": 100, f"INV/2026/00077 #{two.id}": 200})
        self._scan()
        self.assertEqual(sorted(overdue.line_ids.mapped("number")), sorted(sent))

    def test_the_lines_of_an_opening_entry_are_debts_of_their_own(self):
        owed, partner = self.books["default_account_receivable"].id, self.buyer.partner_id.id
        entry = self.env["account.move"].with_company(self.company).create({
            "move_type": "entry", "journal_id": self.books["default_journal_misc"].id, "date": self._day(-150),
            "line_ids": [
                *(
                    Command.create({
                        "name": name, "account_id": owed, "partner_id": partner, "debit": amount,
                        "date_maturity": self._day(days),
                    })
                    for name, amount, days in (("OLD-1", 500, -80), ("OLD-1", 200, -70), (False, 300, 20))
                ),
                Command.create({"account_id": self.books["default_account_revenue"].id, "credit": 1000}),
            ],
        })  # fmt: skip
        entry.action_post()
        self._drafted()
        sent = sorted((one["number"], one["due_date"]) for one in self._declared()[0]["invoices"])
        second = self._owed(entry).sorted("debit")[0]
        self.assertEqual(sent, sorted([
            ("OLD-1", self._day(-80).isoformat()), (f"OLD-1 #{second.id}", self._day(-70).isoformat()),
            (entry.name, self._day(20).isoformat()),
        ]))  # fmt: skip

    # By hand, and collection

    def test_what_was_declared_by_hand_is_settled_by_hand(self):
        invoice = self._invoice(100, 84)
        self._scan()
        overdue = self._found()
        self._by_hand(overdue)
        self._scan()
        self.assertFalse(overdue.doubt)
        self._pay(invoice)
        self._scan()
        self.assertIn("tell the insurer by hand", overdue.doubt)
        self.assertTrue(overdue.activity_ids)
        overdue.with_user(self.controller).action_confirm_settled()
        self.assertEqual((overdue.state, overdue.doubt, len(overdue.activity_ids)), ("settled", False, 0))

    def test_a_record_by_hand_by_mistake_is_taken_back(self):
        invoice = self._invoice(100, 80)
        self._scan()
        overdue = self._found()
        self._by_hand(overdue)
        proof = overdue.proof_ids
        second = self._invoice(50, 20)
        self._scan()
        draft = self._found() - overdue
        self.assertEqual(draft.line_ids.move_id, second)
        overdue.with_user(self.controller).action_prepare_again()
        self.assertEqual((overdue.state, overdue.proof_ids), ("withdrawn", proof), "it goes on in the draft")
        self.assertEqual(draft.line_ids.move_id, invoice | second)
        self._by_hand(draft)
        draft.with_user(self.controller).action_prepare_again()
        self.assertEqual((draft.state, draft.declared_at, draft.days_left), ("draft", False, 10))

    def test_the_day_of_handing_over_is_said(self):
        self.policy.write({"has_collection_days": True, "collection_days": 75})
        self._invoice(1000, 70)
        overdue = self._drafted()
        self.assertEqual(overdue.collect_until, self._day(5))
        self.assertIn("You collect until", overdue.collection)
        overdue.collect_until = self.today - timedelta(days=1)
        self.assertIn("To be handed over", overdue.collection)
        self._scan()
        self.assertIn("hand it over", overdue.doubt)
        overdue.with_user(self.controller).action_handed_over()
        self.assertEqual((overdue.doubt, overdue.collection), (False, "The insurer collects"))
