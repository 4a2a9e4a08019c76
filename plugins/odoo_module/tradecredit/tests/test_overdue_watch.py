"""Who is told of last days: somebody who may do it, for each of them, and of documents too."""

from datetime import timedelta

from odoo import Command
from odoo.tools import mute_logger

from .insurer_common import HALF
from .overdue_common import OverdueCommon

CONTROLLER = "tradecredit.group_controller"


class TestOverdueWatch(OverdueCommon):
    def setUp(self):
        super().setUp()
        self._invoice(100, 84)
        self._scan()
        self.overdue = self._found()
        self.overdue.notify_by = self.today

    def _watch(self):
        with self._jobs() as env:
            env["tradecredit.overdue"]._cron_watch()
        self.env.invalidate_all()

    def _mails(self, overdue=None):
        overdue = overdue or self.overdue
        return self.env["mail.mail"].search([("model", "=", overdue._name), ("res_id", "=", overdue.id)])

    def _people(self):
        """Who has got a mail."""
        return self.env["res.users"].search([("partner_id", "in", self._mails().recipient_ids.ids)])

    def test_who_lost_the_right_is_not_told(self):
        other = self._user("second", CONTROLLER)
        self.controller.group_ids -= self.env.ref(CONTROLLER)
        self._watch()
        self.assertNotIn(self.controller, self.overdue.activity_ids.user_id | self._people())
        self.assertIn(other, self._people())
        self.assertTrue(self.overdue.activity_ids.user_id.has_group(CONTROLLER))

    def test_who_left_the_company_is_not_told(self):
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        self.controller.write({"company_ids": [Command.set(elsewhere.ids)], "company_id": elsewhere.id})
        self._watch()
        self.assertNotIn(self.controller, self.overdue.activity_ids.user_id | self._people())
        self.assertIn(self.company, self.overdue.activity_ids.user_id.company_ids)

    def test_where_nobody_has_the_right_somebody_is_asked_to_give_it(self):
        users = self.env.ref(CONTROLLER).sudo().all_user_ids
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        for user in users.filtered("active"):
            user.write({"company_ids": [Command.set(elsewhere.ids)], "company_id": elsewhere.id})
        self.controller.active = False
        self._watch()
        asked = self.overdue.activity_ids.user_id
        self.assertTrue(asked.active)
        [mail] = self._mails()
        self.assertEqual(mail.recipient_ids, asked.partner_id)
        self.assertIn(self.company.name, mail.body_html)
        for secret in (self.buyer.name, "100.00", self.overdue.line_ids.number):
            self.assertNotIn(secret, f"{mail.subject} {mail.body_html} {self.overdue.activity_ids.note}")

    def test_one_that_cannot_be_told_of_keeps_no_other_unwatched(self):
        other = self._buyer("Zweite GmbH", HALF)
        self._insure(other)
        self._invoice(100, 84, other)
        self._scan()
        second = self._found(other)
        (self.overdue | second).notify_by = self.today
        overdues = type(second)
        warn, first_id = overdues._warn, self.overdue.id

        def failing(one):
            if one.id == first_id:
                raise ValueError(one)
            return warn(one)

        self.patch(overdues, "_warn", failing)
        with mute_logger("odoo.addons.tradecredit.models.must_be_told_watch"):
            self._watch()
        self.assertTrue(self._mails(second))
        self.assertEqual((second.warned_days, self.overdue.warned_days), (0, 99))
        self.patch(overdues, "_warn", warn)
        self._watch()
        self.assertTrue(self._mails())

    def test_documents_have_a_last_day_too(self):
        self._declare(self.overdue)
        self._send()
        self.env.invalidate_all()
        number = self.overdue.insurer_overdue_id
        self.sandbox.control("POST", f"/overdues/{number}/documents", {"kinds": ["invoice"], "days": 4})
        self.overdue.heard_at = False
        self._poll()
        self.env.invalidate_all()
        self.assertEqual(self.overdue.state, "documents_requested")
        self._watch()
        [activity] = self.overdue.activity_ids
        self.assertEqual((activity.user_id, activity.date_deadline), (self.controller, self.overdue.documents_by))
        self.assertIn("invoice", self._mails()[:1].body_html)
        self.assertEqual(self.overdue.days_left, (self.overdue.documents_by - self.today).days)
        self.assertIn("left", self.overdue.time_left)
        self.assertEqual(self.overdues.search([("days_left", "<=", 4)]), self.overdue)
        self.assertFalse(self.overdues.search([("days_left", "<", self.overdue.days_left)]))
        before = len(self._mails())
        self._watch()
        self.assertEqual(len(self._mails()), before)
        self.overdue.documents_by = self.today - timedelta(days=1)
        self._watch()
        self.assertGreater(len(self._mails()), before)

    def test_a_company_without_a_time_zone_is_told_so(self):
        self.company.partner_id.tz = False
        self.assertFalse(self.policy.has_time_zone)
        self.company.partner_id.tz = "Pacific/Kiritimati"
        self.assertTrue(self.policy.has_time_zone)
        self.assertEqual(self.policy._terms().zone, "Pacific/Kiritimati")
