"""Only payments and credit notes settle what was declared; whatever else the books do waits for a person."""

from odoo.tools import mute_logger

from .overdue_common import OverdueCommon


class TestOverdueBooks(OverdueCommon):
    def _night(self):
        self._scan()
        self._send()

    def _is_not_settled(self, overdue, words, amount=1000):
        """The insurer is told nothing, and the controller what to look at, once."""
        for _night in range(2):
            self._night()
        self.assertEqual([(one["state"], one["payments"]) for one in self._declared()], [("declared", [])])
        self.assertEqual((overdue.state, overdue.open_amount), ("declared", amount))
        self.assertIn(words, overdue.doubt)
        self.assertEqual(len(self._alarms(overdue)), 1)
        self.assertEqual(overdue.activity_ids.user_id, self.controller)

    def _doubtful_account(self):
        return self.books["default_account_receivable"].copy({"name": "Doubtful debtors", "code": "121999"})

    def test_a_bad_debt_write_off(self):
        invoice, overdue = self._declared_one()
        entry = self._against(invoice, self.books["default_account_expense"])
        self._is_not_settled(overdue, entry.name)
        with self.assertRaisesRegex(Exception, "credit controller"):
            overdue.with_user(self.salesperson).action_confirm_settled()
        overdue.with_user(self.controller).action_confirm_settled()
        self.assertFalse(overdue.doubt or overdue.activity_ids)
        self._night()
        self.assertEqual((overdue.state, self._declared()[0]["state"]), ("settled", "settled"))

    def test_a_payment_with_a_loss_in_it(self):
        invoice, overdue = self._declared_one()
        wizard = self.env["account.payment.register"].with_context(active_model="account.move", active_ids=invoice.ids)
        wizard.create({
            "journal_id": self.books["default_journal_bank"].id, "amount": 100, "payment_difference_handling": "reconcile",
            "writeoff_account_id": self.books["default_account_expense"].id,
        }).action_create_payments()  # fmt: skip
        self.assertFalse(invoice.amount_residual)
        self._night()
        self.assertEqual((overdue.state, overdue.open_amount), ("declared", 1000))
        self.assertIn("900.00", overdue.doubt)

    def test_a_part_that_was_written_off_is_not_reported_as_paid(self):
        invoice, overdue = self._declared_one()
        entry = self._entry(400, self.books["default_account_expense"])
        (self._owed(invoice) | entry.line_ids.filtered("credit")).reconcile()
        self._pay(invoice, 250)
        self._night()
        self.assertEqual(overdue.reported_paid, 250)
        self.assertEqual((overdue.open_amount, overdue.has_gone_lines), (750, True))

    def test_an_account_that_is_not_trade_any_more(self):
        invoice, overdue = self._declared_one()
        self._owed(invoice).account_id.non_trade = True
        self._is_not_settled(overdue, "trade receivables")
        self._owed(invoice).account_id.non_trade = False
        self._night()
        self.assertFalse(overdue.doubt or overdue.activity_ids)

    def test_a_corrected_partner(self):
        invoice, overdue = self._declared_one()
        invoice.button_draft()
        invoice.partner_id = self._partner("Nicht versichert GmbH")
        invoice.action_post()
        self._is_not_settled(overdue, "Nicht versichert GmbH")
        self.env["tradecredit.make.report"].with_user(self.controller).create({
            "action": "withdraw", "overdue_id": overdue.id, "buyer_id": self.buyer.id, "comment": "Another buyer's",
        }).action_send()  # fmt: skip
        self._send()
        self.assertEqual(overdue.state, "withdrawn")

    def test_a_cancelled_invoice(self):
        invoice, overdue = self._declared_one()
        self._cancel(invoice)
        self._is_not_settled(overdue, "not posted")

    def test_an_archived_buyer(self):
        _invoice, overdue = self._declared_one()
        self.buyer.with_user(self.controller).active = False
        self._night()
        self.assertEqual((overdue.open_amount, self._declared()[0]["state"]), (1000, "declared"))
        self.assertFalse(overdue.doubt, "it still owes")

    def test_an_entry_that_belongs_to_nothing(self):
        _invoice, overdue = self._declared_one()
        self._entry(1000, self.books["default_account_revenue"])
        self._night()
        self.assertEqual((overdue.state, overdue.open_amount), ("declared", 1000))

    def test_money_that_is_not_assigned_settles_nothing(self):
        invoice, overdue = self._declared_one()
        entry = self._loose(1000)
        self._night()
        self.assertEqual((overdue.state, overdue.reported_paid), ("declared", 0))
        self.assertIn("assign it", overdue.doubt)
        (self._owed(invoice) | self._owed(entry)).reconcile()
        self._night()
        self.assertEqual(overdue.state, "settled")

    def test_a_debt_on_another_account_is_the_same_debt(self):
        invoice, overdue = self._declared_one()
        entry = self._against(invoice, self._doubtful_account())
        self._night()
        self.assertEqual((overdue.open_amount, overdue.line_ids.move_line_id.move_id), (1000, entry))
        self.assertEqual((self._declared()[0]["state"], self._found()), ("declared", overdue))
        self.assertFalse(overdue.doubt)
        self._pay_item(entry.line_ids.filtered("debit"))
        self._night()
        self.assertEqual(overdue.state, "settled")

    def _pay_item(self, item):
        payment = self._loose(item.amount_residual)
        self._owed(payment).account_id = item.account_id
        (item | self._owed(payment)).reconcile()

    def test_merged_partners(self):
        twin = self._partner("Zwilling GmbH")
        _invoice, overdue = self._declared_one()
        late = self._invoice(100, 60, post=False)
        late.partner_id = twin
        late.invoice_date_due = self._day(-60)
        late.action_post()
        self.env.flush_all()
        with mute_logger("odoo.sql_db", "odoo.addons.base.wizard.base_partner_merge"):
            merge = self.env["base.partner.merge.automatic.wizard"].create({})
            merge._merge((twin | self.buyer.partner_id).ids, twin)
        self.env.invalidate_all()
        self._night()
        found = self.overdues.search([("line_ids.move_id", "=", late.id)])
        self.assertEqual((overdue.open_amount, overdue.state, found.state), (1000, "declared", "draft"))

    # The clock

    def _original(self, move):
        self.env.flush_all()
        self.env.invalidate_all()
        return self._owed(move).mapped("tradecredit_original_due")

    def test_another_account_keeps_the_clock(self):
        invoice = self._invoice(1000, 70)
        self._against(invoice, self._doubtful_account())
        self._scan()
        self.assertEqual(self._found().oldest_due, invoice.invoice_date_due)
        self.assertEqual(self.env["tradecredit.receivable"]._differences(), [])

    def test_an_entry_whose_line_is_made_anew_keeps_the_clock(self):
        owed = self.books["default_account_receivable"]
        line = {"account_id": owed.id, "partner_id": self.buyer.partner_id.id, "debit": 500}
        entry = self.env["account.move"].with_company(self.company).create({
            "move_type": "entry", "journal_id": self.books["default_journal_misc"].id, "date": self._day(-90),
            "line_ids": [
                (0, 0, {**line, "date_maturity": self._day(-70)}),
                (0, 0, {"account_id": self.books["default_account_revenue"].id, "credit": 500}),
            ],
        })  # fmt: skip
        entry.action_post()
        first = self._original(entry)
        entry.button_draft()
        old = entry.line_ids.filtered("debit")
        entry.write({"line_ids": [(2, old.id), (0, 0, {**line, "date_maturity": self._day(30)})]})
        entry.action_post()
        self.assertEqual(self._original(entry), first)

    def test_an_invoice_made_again_keeps_the_clock(self):
        invoice = self._invoice(1000, 70)
        self._scan()
        draft, first = self._found(), self._original(invoice)
        wizard = self.env["account.move.reversal"].with_context(active_model="account.move", active_ids=invoice.ids)
        action = wizard.create({"journal_id": invoice.journal_id.id, "date": self.today}).modify_moves()
        again = self.env["account.move"].browse(action["res_id"])
        again.write({"invoice_date": self.today, "invoice_date_due": self._day(60)})
        again.action_post()
        self.assertEqual(self._original(again), first)
        self._scan()
        self.assertEqual((draft.state, draft.line_ids.move_id, draft.oldest_due), ("draft", again, first[0]))

    def test_a_correction_of_the_clock_is_said_on_the_declaration_and_to_managers(self):
        invoice = self._invoice(100, 80)
        manager = self._user("boss", "tradecredit.group_manager")
        self._scan()
        draft = self._found()
        controller = self._user("both", "tradecredit.group_controller,account.group_account_manager")
        self._owed(invoice).with_user(controller)._tradecredit_correct_original_due(self._day(365), "please")
        [said] = draft.message_ids.filtered(lambda one: "please" in one.body)
        self.assertLessEqual((manager | self.controller).partner_id, said.partner_ids)
        self._scan()
        self.assertEqual(draft.state, "settled")
        self.assertIn(invoice.name, draft.message_ids[0].body)
