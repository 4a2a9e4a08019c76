"""No last day passes in silence: drafts stay while something is owed, and what is wrong with one harms no other."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.exceptions import UserError
from odoo.tools import mute_logger

from .insurer_common import HALF
from .overdue_common import OverdueCommon

SCAN = "odoo.addons.tradecredit.models.tradecredit_overdue_scan"


class TestOverdueKept(OverdueCommon):
    def _drafted(self, late=84, amount=100):
        invoice = self._invoice(amount, late)
        self._scan()
        return invoice, self._found()

    def _other(self):
        other = self._buyer("Zweite GmbH", HALF)
        self._insure(other)
        return other

    # Drafts

    def test_an_archived_buyer_or_partner_still_owes(self):
        _invoice, draft = self._drafted()
        self.buyer.with_user(self.controller).active = False
        self._scan()
        self.assertEqual((draft.state, draft.late_amount, draft.doubt), ("draft", 100, False))
        self.buyer.active = True
        self.buyer.partner_id.active = False
        self._scan()
        self.assertEqual((draft.state, draft.late_amount), ("draft", 100))

    def test_an_archived_buyer_who_is_late_for_the_first_time(self):
        self.buyer.active = False
        _invoice, draft = self._drafted()
        self.assertEqual((draft.state, draft.buyer_id), ("draft", self.buyer))

    def test_an_invoice_that_is_corrected_hides_no_last_day(self):
        invoice, draft = self._drafted(89)
        invoice.button_draft()
        self._scan()
        self.assertEqual((draft.state, draft.late_amount, draft.days_left), ("draft", 100, 1))
        self.assertIn("not posted", draft.doubt)
        self.assertTrue(self._mails(draft))
        invoice.action_post()
        self._scan()
        self.assertEqual((draft.state, draft.doubt), ("draft", False))
        self._pay(invoice)
        self._scan()
        self.assertEqual(draft.state, "settled")

    def test_a_part_that_went_another_way_stays_until_a_person_says_so(self):
        _invoice, draft = self._drafted()
        second = self._invoice(50, 70)
        self._scan()
        self._against(second, self.books["default_account_expense"])
        self._scan()
        self.assertEqual((draft.late_amount, draft.amount), (150, 150))
        draft.with_user(self.controller).action_confirm_settled()
        self.assertEqual((draft.late_amount, draft.amount, draft.doubt), (100, 100, False))

    def test_a_buyer_who_is_not_insured_any_more(self):
        _invoice, draft = self._drafted()
        self.buyer.exempt = True
        self._scan()
        self.assertEqual(draft.state, "draft")
        self.assertIn("not insured", draft.doubt)

    def test_two_ids_of_one_legal_entity_hide_nothing(self):
        other = self._other()
        self.env.cr.execute("DELETE FROM tradecredit_limit WHERE buyer_id = %s", [self.buyer.id])
        self.env.invalidate_all()
        invoice = self._invoice(100, 80, other)
        self._scan()
        draft = self._found(other)
        self.buyer.partner_id.vat = other.partner_id.vat = "DE175919696"
        self.env.flush_all()
        self._scan()
        self.assertEqual((draft.state, draft.line_ids.move_id), ("draft", invoice))
        self.assertFalse(self.overdues.search([("line_ids.move_id", "=", invoice.id), ("id", "!=", draft.id)]))

    def test_a_dispute_survives_a_payment_that_came_and_went(self):
        invoice, draft = self._drafted()
        line = draft.line_ids.with_user(self.controller)
        with self.assertRaises(UserError):
            line.disputed_amount = 100.01
        line.disputed_amount = 40
        self._invoice(10, 70)
        for _time in range(2):
            entry = self._loose(100)
            self._scan()
            self._cancel(entry)
        self._scan()
        self.assertEqual(draft.line_ids.filtered(lambda one: one.move_id == invoice).disputed_amount, 40)
        entry = self._loose(110)
        self._scan()
        self.assertEqual(draft.state, "settled")
        self._cancel(entry)
        self._scan()
        again = self._found() - draft
        self.assertEqual(sum(again.line_ids.mapped("disputed_amount")), 40)

    def test_a_dispute_of_a_thousandth_too_much(self):
        dinar = self.env.ref("base.KWD")
        dinar.active = True
        self._invoice(100, 70, currency=dinar)
        self._scan()
        line = self._found().line_ids.with_user(self.controller)
        with self.assertRaises(UserError):
            line.disputed_amount = 100.001
        line.disputed_amount = 99.999

    # What else is to be declared

    def test_the_threshold_counts_all_currencies_and_what_was_declared(self):
        self.policy.write({"has_overdue_threshold": True, "overdue_threshold": 100})
        dollar = self.env.ref("base.USD")
        self.env["res.currency.rate"].create({
            "currency_id": dollar.id, "rate": 1.5, "name": "2020-01-01", "company_id": self.company.id,
        })  # fmt: skip
        self._invoice(60, 80)
        self._scan()
        self.assertFalse(self._found())
        self._invoice(61, 75, currency=dollar)
        self._scan()
        first = self._found()
        self.assertEqual(first.mapped("currency_id.name"), ["EUR", "USD"])
        self._declare(first[0])
        self._send()
        late = self._invoice(60, 70)
        self._scan()
        self.assertEqual((self._found() - first).line_ids.move_id, late)

    def test_an_own_limit_covers_who_was_never_asked_about(self):
        self.policy.write({"has_discretionary_limit": True, "discretionary_limit": 5_000})
        company = self._partner("Ohne Zeile GmbH")
        person = self.env["res.partner"].create({"name": "Erika Muster", "country_id": company.country_id.id})
        for partner in (company, person):
            invoice = self._invoice(100, 84, post=False)
            invoice.partner_id = partner
            invoice.invoice_date_due = self._day(-84)
            invoice.action_post()
        self._scan()
        found = self.overdues.search([("policy_id", "=", self.policy.id)])
        self.assertEqual(found.partner_id, company)
        self.policy.write({"all_countries": False, "country_ids": [fields.Command.set(self.env.ref("base.fr").ids)]})
        stranger = self._partner("Auch ohne Zeile GmbH")
        self._invoice(100, 84, post=False).write({"partner_id": stranger.id})
        self._scan()
        self.assertFalse(self.env["tradecredit.buyer"].search([("partner_id", "=", stranger.id)]))

    def test_another_invoice_while_the_first_is_not_confirmed(self):
        first, draft = self._drafted(70)
        self._declare(draft)
        self.sandbox.faults(rate=1.0, kinds=["reset_before"], paths=["/open/v1"])
        self._send()
        self.assertEqual(draft.state, "unknown")
        late = self._invoice(5000, 90)
        self._scan()
        second = self._found() - draft
        self.assertEqual((second.line_ids.move_id, second.days_left, draft.line_ids.move_id), (late, 0, first))
        self.assertTrue(self._mails(second))

    def test_what_the_insurer_rejected_is_to_be_declared(self):
        invoice, draft = self._drafted(70)
        self._declare(draft)
        self._send()
        with self.policy._client() as client:
            news = client.overdues.get(draft.insurer_overdue_id)
        draft._hear(news.model_copy(update={"state": "rejected", "revision": 900, "answer": "No such buyer"}))
        self.assertEqual(draft.state, "failed")
        old = draft.insurer_overdue_id
        second = self._invoice(30, 20)
        self._scan()
        self.assertEqual(draft.line_ids.move_id, invoice | second)
        self.sandbox.control("POST", "/reset")
        self._declare(draft)
        self._send()
        self.assertEqual((draft.state, draft.last_error), ("declared", False))
        self.assertTrue(old)
        self.assertLess(draft.insurer_revision, 900)

    def test_an_insolvency_shortens_the_time(self):
        _invoice, draft = self._drafted(5)
        self.buyer.insurer_status = "insolvent"
        self._scan()
        self.assertEqual(draft.notify_by, self._day(10))
        self.assertEqual(draft.stop_on, self.today)

    def test_what_fell_due_after_an_insolvency(self):
        self.buyer.insurer_status = "insolvent"
        self.buyer.insolvent_on = self._day(-60)
        _invoice, draft = self._drafted(2)
        self.assertEqual(draft.notify_by, self._day(8))

    # The night

    def test_a_fault_with_one_buyer_keeps_no_other_waiting(self):
        _invoice, draft = self._drafted()
        other = self._other()
        self._invoice(100, 84, other)
        follow = type(draft)._follow_draft

        def failing(one, books, items):
            if one.buyer_id == self.buyer:
                raise ValueError("something of this buyer")
            return follow(one, books, items)

        with patch.object(type(draft), "_follow_draft", failing), mute_logger(SCAN):
            self._scan()
        self.assertTrue(self._found(other))
        self.assertIn(self.buyer.name, self.policy.activity_ids.note)
        self._scan()
        self.assertFalse(self.policy.activity_ids)

    def test_a_click_while_the_night_runs(self):
        invoice, other = self._invoice(100, 84), self._other()
        self._invoice(100, 84, other)
        read = type(self.overdues)._read_books

        def clicked_after_reading(overdues, policy, buyers, declarations):
            books = read(overdues, policy, buyers, declarations)
            if buyers is None:
                invoice.with_env(overdues.env).action_tradecredit_overdue()
            return books

        with patch.object(type(self.overdues), "_read_books", clicked_after_reading), mute_logger("odoo.sql_db"):
            self._scan()
        self.assertEqual((len(self._found()), len(self._found(other))), (1, 1))
        self.assertFalse(self.policy.activity_ids)

    def test_a_night_that_fails_is_told(self):
        with patch.object(type(self.overdues), "_scan", side_effect=ValueError), mute_logger(SCAN):
            self._scan()
        self.assertEqual(self.policy.activity_ids.user_id, self.controller)
        self._scan()
        self.assertFalse(self.policy.activity_ids)

    def test_nights_that_never_come_are_told_once(self):
        self.policy.overdues_found_at = fields.Datetime.now() - timedelta(hours=25)
        self._watch()
        self.assertFalse(self.policy.activity_ids)
        self.policy.overdues_found_at -= timedelta(hours=2)
        self._watch()
        self._watch()
        self.assertEqual(len(self.policy.activity_ids), 1)

    # The policy

    def test_a_policy_with_open_business_is_not_archived(self):
        invoice, draft = self._drafted(70)
        with self.assertRaisesRegex(UserError, draft.reference):
            self.policy.active = False
        self._declare(draft)
        self._send()
        with self.assertRaisesRegex(UserError, draft.reference):
            self.policy.write({"active": False})
        self._pay(invoice)
        self._scan()
        self._send()
        self.policy.active = False

    def test_what_an_archived_policy_left_is_sent_and_watched(self):
        _invoice, draft = self._drafted(70)
        self._declare(draft)
        second = self._invoice(10, 20)
        self._scan()
        second = self._found() - draft
        second.notify_by = self.today
        self.env.flush_all()
        self.env.cr.execute("UPDATE tradecredit_policy SET active = FALSE WHERE id = %s", [self.policy.id])
        self.env.invalidate_all()
        self.env.registry.clear_cache()
        self._send()
        self._watch()
        self.assertEqual(draft.state, "declared")
        self.assertTrue(self._mails(second))
