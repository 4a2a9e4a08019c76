"""The insurer's clocks start at the first due date of an invoice, whatever happens to it afterwards."""

import random
from datetime import timedelta

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tools import mute_logger

from .common import TradecreditCommon


class TestOriginalDue(TradecreditCommon):
    def _invoice(self, *args, **values):
        """Booked by a request of its own, as people do."""
        invoice = super()._invoice(*args, **values)
        self.env.flush_all()
        return invoice

    def _line(self, move):
        return move.line_ids.filtered(lambda line: line.account_id.account_type == "asset_receivable")

    def _original(self, move):
        """In days from today, of each part."""
        self.env.flush_all()
        self.env.invalidate_all()
        return sorted((line.tradecredit_original_due - self.today).days for line in self._line(move))

    def _day(self, days):
        return self.today + timedelta(days=days)

    def _term(self, *days):
        share = 100 / len(days)
        return self.env["account.payment.term"].create({
            "name": f"{days}",
            "line_ids": [
                Command.create({"value": "percent", "value_amount": share, "nb_days": day}) for day in days
            ],
        })  # fmt: skip

    def _sums_are_right(self):
        self.env.flush_all()
        self.assertEqual(self.env["tradecredit.receivable"]._differences(), [])

    def test_a_draft_has_none_and_posting_keeps_it_at_once(self):
        invoice = self._invoice(100, due=5, post=False)
        self.assertFalse(self._line(invoice).tradecredit_original_due)
        invoice.action_post()
        # Without asking for a flush.
        self.assertEqual(self._line(invoice).tradecredit_original_due, self._day(5))
        self.assertFalse((invoice.line_ids - self._line(invoice)).filtered("tradecredit_original_due"))
        bill = self._invoice(100, move_type="in_invoice")
        self.assertFalse(bill.line_ids.filtered("tradecredit_original_due"))

    def test_an_agreed_later_date_moves_no_clock(self):
        invoice = self._invoice(100, due=-3)
        invoice.invoice_date_due = self._day(60)
        self._line(invoice).date_maturity = self._day(60)
        self.assertEqual(self._original(invoice), [-3])
        exposure = self._check(1, lock=False, record=False).exposure
        self.assertEqual(exposure.oldest_original_due_date, self._day(-3))
        self.assertEqual([money.amount for money in exposure.overdue], [100])
        self._sums_are_right()

    def test_posting_again_moves_it_to_an_earlier_day_only(self):
        invoice = self._invoice(100, due=10)
        for due, expected in ((40, 10), (5, 5), (30, 5)):
            invoice.button_draft()
            invoice.invoice_date_due = self._day(due)
            invoice.action_post()
            self.assertEqual(self._line(invoice).date_maturity, self._day(due))
            self.assertEqual(self._original(invoice), [expected])
            self._sums_are_right()

    def test_a_new_payment_term_counts_from_what_was_there(self):
        invoice = self._invoice(100, due=30)
        invoice.button_draft()
        invoice.invoice_payment_term_id = self._term(30, 60)
        invoice.action_post()
        self.assertEqual(self._original(invoice), [30, 30])
        parts = self._invoice(100, due=0, invoice_payment_term_id=self._term(30, 60).id)
        self.assertEqual(self._original(parts), [30, 60])
        parts.button_draft()
        parts.invoice_payment_term_id = self._term(90)
        parts.action_post()
        self.assertEqual(self._original(parts), [30])
        self._sums_are_right()

    @mute_logger("odoo.models.unlink")
    def test_parts_that_were_removed_are_remembered(self):
        invoice = self._invoice(100, due=20)
        invoice.button_draft()
        gone = self._line(invoice)
        invoice.invoice_line_ids.unlink()
        self.assertFalse(gone.exists())
        invoice.write({
            "invoice_date_due": self._day(90),
            "invoice_line_ids": [Command.create({"name": "goods", "quantity": 1, "price_unit": 80, "tax_ids": []})],
        })  # fmt: skip
        invoice.action_post()
        self.assertEqual(self._original(invoice), [20])

    def test_a_copy_and_a_credit_note_start_anew(self):
        invoice = self._invoice(100, due=-10)
        copied = invoice.copy({"invoice_date": self.today, "invoice_date_due": self._day(15)})
        self.assertFalse(self._line(copied).tradecredit_original_due)
        copied.action_post()
        self.assertEqual(self._original(copied), [(copied.invoice_date_due - self.today).days])
        note = invoice._reverse_moves([{"date": self.today, "invoice_date": self.today}])
        self.assertFalse(self._line(note).tradecredit_original_due)

    def test_what_is_booked_in_sql_is_kept_too(self):
        invoice = self._invoice(100, due=7, post=False)
        self.env.flush_all()
        line = self._line(invoice)
        self.env.cr.execute("UPDATE account_move_line SET parent_state = 'posted' WHERE id = %s", [line.id])
        self.env.cr.execute("UPDATE account_move_line SET date_maturity = %s WHERE id = %s", [self._day(50), line.id])
        self.assertEqual(self._original(invoice), [7])

    def test_an_item_from_before_the_addon_is_kept_when_it_changes(self):
        invoice = self._invoice(100, due=7)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE account_move_line SET tradecredit_original_due = NULL WHERE move_id = %s", [invoice.id]
        )
        self.env.invalidate_all()
        self._sums_are_right()
        self._line(invoice).date_maturity = self._day(50)
        self.assertEqual(self._original(invoice), [7])
        self._sums_are_right()

    def test_whatever_is_done_it_never_gets_later(self):
        dice = random.Random(4)
        invoice = self._invoice(100, due=40)
        kept = [40]
        for step in range(25):
            if invoice.state == "posted":
                if dice.random() < 0.4:
                    self._line(invoice)[0].date_maturity = self._day(dice.randint(1, 120))
                else:
                    invoice.button_draft()
            else:
                change = dice.randrange(3)
                if change == 0:
                    invoice.invoice_payment_term_id = self._term(
                        *sorted(dice.sample(range(1, 120), dice.randint(1, 3)))
                    )
                elif change == 1:
                    invoice.invoice_payment_term_id = False
                    invoice.invoice_date_due = self._day(dice.randint(1, 120))
                else:
                    invoice.invoice_line_ids[0].price_unit = dice.randint(1, 500)
                invoice.action_post()
            with self.subTest(step=step):
                now = self._original(invoice)
                self.assertLessEqual(now[0], kept[0])
                self.assertLessEqual(now[-1], kept[-1])
                self._sums_are_right()
                kept = now

    def test_nobody_sets_it_by_hand(self):
        invoice = self._invoice(100, due=-3)
        for line in (self._line(invoice), self._line(invoice).sudo()):
            with self.assertRaises(AccessError):
                line.write({"tradecredit_original_due": self._day(60)})
            with self.assertRaises(AccessError):
                line.write({"tradecredit_original_due": False})
        with self.assertRaises(AccessError):
            self._line(invoice).copy({"tradecredit_original_due": self._day(60)})
        found = self.env["account.move.line"].load(
            [".id", "tradecredit_original_due"], [[str(self._line(invoice).id), str(self._day(60))]]
        )
        self.assertTrue(found["messages"])
        self.assertEqual(self._original(invoice), [-3])

    def _correct(self, invoice, due, reason="Typing error", user=None):
        wizard = self.env["tradecredit.correct.due"].with_user(user or self.controller).with_context(
            active_model="account.move", active_id=invoice.id
        )  # fmt: skip
        wizard.create({"due": due, "reason": reason}).action_correct()

    def test_a_controller_corrects_it_with_a_reason(self):
        self.controller.group_ids += self.env.ref("account.group_account_readonly")
        invoice = self._invoice(100, due=-3)
        self._correct(invoice, self._day(4))
        self.assertEqual(self._original(invoice), [4])
        message = invoice.message_ids[0]
        self.assertEqual(message.author_id, self.controller.partner_id)
        self.assertIn("Typing error", message.body)
        self._sums_are_right()
        invoice.button_draft()
        invoice.invoice_date_due = self._day(30)
        invoice.action_post()
        self.assertEqual(self._original(invoice), [4])

    def test_bad_corrections_change_nothing(self):
        self.controller.group_ids += self.env.ref("account.group_account_readonly")
        self.salesperson.group_ids += self.env.ref("account.group_account_readonly")
        invoice = self._invoice(100, due=-3)
        for due, reason in ((self._day(-3), "same"), (self._day(-30), "before the invoice"), (self._day(4), " ")):
            with self.subTest(reason=reason), self.assertRaises(UserError):
                self._correct(invoice, due, reason)
        with self.assertRaises(AccessError):
            self._correct(invoice, self._day(4), user=self.salesperson)
        with self.assertRaises(AccessError):
            self._line(invoice).with_user(self.salesperson)._tradecredit_correct_original_due(self._day(4), "no")
        draft = self._invoice(100, post=False)
        with self.assertRaises(UserError):
            self._correct(draft, self._day(4))
        self.assertEqual(self._original(invoice), [-3])
