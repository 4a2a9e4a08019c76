"""The last day is watched without the network, and a declaration by hand is on record with its proof."""

import base64
from datetime import timedelta

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form

from .overdue_common import OverdueCommon

PROOF = base64.b64encode(b"confirmation of the portal")


class TestOverdueDeadline(OverdueCommon):
    def _by_hand(self, overdue, **values):
        wizard = self.env["tradecredit.declared.by.hand"].with_user(self.controller).create({
            "overdue_id": overdue.id, "way": "portal", "proof": PROOF, "proof_name": "proof.txt", **values,
        })  # fmt: skip
        wizard.action_record()

    def test_people_are_told_once_for_each_threshold(self):
        self.policy.write({"base_url": "http://127.0.0.1:9/open/v1", "manual_address": "claims@insurer.example"})
        invoice = self._invoice(100, 84)
        self._scan()
        overdue = self._found()
        self.assertFalse(overdue.activity_ids)
        self._declare(overdue)
        self._send()
        for extension, mails, words in ((59, 1, "5 days left"), (59, 1, "5 days left"), (57, 1, "3 days left"),
                                        (55, 2, "1 day left"), (54, 3, "Last day is today"), (52, 4, "2 days too late")):  # fmt: skip
            self.policy.max_extension_days = extension
            overdue.notify_by = invoice.invoice_date_due + self._days(extension + 30)
            self._watch()
            with self.subTest(extension=extension):
                self.assertEqual(len(self._mails(overdue)), mails)
                self.assertEqual(overdue.time_left, words)
                [activity] = overdue.activity_ids
                self.assertEqual(activity.user_id, self.controller)
        body = self._mails(overdue)[:1].body_html
        mails = self.env["mail.mail"].search([("model", "=", overdue._name), ("res_id", "=", overdue.id)])
        self.assertFalse(mails.mail_message_id & overdue.message_ids, "the activity says it there once")
        for fact in (invoice.name, "900000001", "claims@insurer.example", "DEMO-001", overdue.reference, "100.00"):
            self.assertIn(fact, body)

    def test_people_read_what_is_to_be_done_now(self):
        self._invoice(100, 87)
        self._scan()
        overdue = self._found()
        [activity] = overdue.activity_ids
        self.assertIn("with the button Declare.", activity.note)
        overdue.with_user(self.controller)._pause("quality")
        self.assertIn("It is paused as disputed", activity.note)
        overdue.with_user(self.controller).action_resume()
        self._declare(overdue)
        self.assertIn("The insurer has not confirmed this declaration.", activity.note)

    def _days(self, days):
        return timedelta(days=days)

    def test_by_hand_nothing_is_sent_any_more(self):
        self._invoice(100, 84)
        self._scan()
        overdue = self._found()
        self._declare(overdue)
        self._by_hand(overdue, insurer_overdue_id="P-77")
        self.assertEqual((overdue.state, overdue.outbox_ids.state), ("manual", "withdrawn"))
        self.assertEqual((overdue.in_time, overdue.proof_ids.raw), ("yes", b"confirmation of the portal"))
        self._send()
        self.assertFalse(self._declared())
        self._poll()
        self._scan()
        self.assertEqual((overdue.state, self._found()), ("manual", overdue))

    def test_what_may_have_arrived_is_looked_for_and_not_sent(self):
        self._invoice(100, 84)
        self._scan()
        overdue = self._found()
        self._declare(overdue)
        self.sandbox.faults(rate=1.0, kinds=["reset_before"], paths=["/open/v1"])
        self._send()
        self.assertEqual(overdue.state, "unknown")
        self._by_hand(overdue)
        self.sandbox.faults()
        self._later()
        self._send()
        self.assertEqual((overdue.state, overdue.outbox_ids.state), ("manual", "withdrawn"))
        self.assertFalse(self._declared())

    def test_what_had_arrived_is_found(self):
        self._invoice(100, 84)
        self._scan()
        overdue = self._found()
        self._declare(overdue)
        self.sandbox.faults(rate=1.0, kinds=["reset_after"], paths=["/open/v1"])
        self._send()
        self._by_hand(overdue)
        self.sandbox.faults()
        self._later()
        self._send()
        self.assertEqual((overdue.state, len(self._declared())), ("declared", 1))
        self.assertTrue(overdue.message_ids.filtered(lambda one: "before it was declared by hand" in one.body))

    def test_a_declaration_by_hand_needs_its_facts(self):
        self._invoice(100, 84)
        self._scan()
        overdue = self._found()
        for values in ({"declared_on": self.today + self._days(1)}, {"declared_on": self.today - self._days(90)},
                       {"way": "  "}, {"proof": False}):  # fmt: skip
            with self.subTest(values), self.assertRaises(UserError):
                self._by_hand(overdue, **values)
            self.assertEqual((overdue.state, len(overdue.proof_ids)), ("draft", 0))
        wizard = self.env["tradecredit.declared.by.hand"].create({"overdue_id": overdue.id, "way": "x", "proof": PROOF})
        with self.assertRaises(AccessError):
            wizard.with_user(self.salesperson).action_record()
        dialog = self.env["tradecredit.declared.by.hand"].with_user(self.controller).with_context(
            **overdue.with_user(self.controller).action_declared_by_hand()["context"]
        )  # fmt: skip
        form = Form(dialog)
        form.way = "letter"
        form.proof = PROOF
        form.save().action_record()
        self.assertEqual(overdue.state, "manual")

    def test_a_pause_needs_a_reason_and_stops_no_clock(self):
        self._invoice(100, 84)
        self._scan()
        overdue = self._found()
        with self.assertRaises(UserError):
            overdue._pause(" ")
        overdue.with_user(self.controller)._pause("Half of it was broken")
        with self.assertRaisesRegex(UserError, "Half of it was broken"):
            self._declare(overdue)
        before = overdue.notify_by
        self._scan()
        self.assertEqual((overdue.notify_by, overdue.paused), (before, True))
        overdue.notify_by = self.today
        self._watch()
        self.assertIn("disputed", self._mails(overdue).body_html)
