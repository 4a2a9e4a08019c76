"""Adverse information is reported once and in time, and stops what it must stop."""

import base64
from datetime import timedelta
from decimal import Decimal

from odoo.exceptions import AccessError, UserError

from ..models.check_request import CheckRequest
from .report_common import ReportCommon

PROOF = base64.b64encode(b"the insurer's mail")


class TestAdverse(ReportCommon):
    def _report(self, kind="bounced_payment", days_ago=1, **values):
        return self._told(
            action="adverse", adverse_kind=kind, happened_on=self._in_days(-days_ago), **values
        )  # fmt: skip

    def test_adverse_information_stops_cover(self):
        self._really_insured()
        report = self._report(outstanding=2_000, comment="the cheque came back")
        self.assertEqual(report.notify_by, self._in_days(9))
        self._send()
        self.assertEqual((report.state, report.cover_state, report.in_time), ("received", "stopped", "yes"))
        self.assertIn("Cover stopped", report.answer)
        self.assertIn("Cover stopped", self.buyer.message_ids[0].body)
        self.assertTrue(all(self.buyer.limit_ids.filtered("active").mapped("stop_since")))
        [told] = self._adverse()
        self.assertEqual(
            (told["reference"], told["kind"], told["outstanding"]["amount"]),
            (report.reference, "bounced_payment", "2000.00"),
        )

    def test_insolvency_moves_the_date_of_loss_and_stops_orders_before_the_insurer_answers(self):
        self._invoice(100, 10)
        self._scan()
        draft = self._found()
        before = draft.loss_on
        self.assertEqual(before, draft.oldest_due + timedelta(days=180))
        report = self._report("insolvency", days_ago=3)
        day = self._in_days(-3)
        self.assertEqual((self.buyer.insolvent_on, draft.loss_on, report.state), (day, day, "to_send"))
        self.assertEqual(self.buyer._positions()[self.buyer.id].buyer_status, "insolvent")
        self.buyer.invalidate_recordset()
        self.assertEqual(self.buyer.cover_state, "stopped")
        self._scan()
        self.assertEqual((draft.stop_on, draft.notify_by), (day, day + timedelta(days=10)))
        with self.assertRaises(AccessError):
            self.buyer.with_user(self.controller).insolvent_on = False
        report.with_user(self.controller).action_drop()
        self.assertFalse(self.buyer.insolvent_on)
        self.assertEqual(draft.loss_on, before)

    def test_insolvency_that_the_insurer_tells_moves_it_too(self):
        self._invoice(100, 10)
        self._scan()
        self.buyer._is_insolvent_now()
        self.assertEqual((self.buyer.insolvent_on, self._found().loss_on), (self.today, self.today))

    def test_insolvency_stays_known_when_rows_become_one(self):
        twin = self._buyer("Twin of Always GmbH", None)
        reports = self.env["tradecredit.report"].with_user(self.controller)
        reports._keep(twin, action="adverse", adverse_kind="insolvency", happened_on=self.today)
        self.assertFalse(self.buyer.insolvent_on)
        (self.buyer | twin)._become_one()
        self.assertEqual((self.buyer.insolvent_on, twin.active), (self.today, False))

    def test_its_last_day_is_watched_and_it_is_told_by_hand(self):
        self.policy.write({"base_url": "http://127.0.0.1:9/open/v1", "manual_address": "claims@insurer.example"})
        report = self._report(days_ago=9, comment="cheque 77")
        self._send()
        self.assertEqual((report.state, report.time_left), ("to_send", "1 day left"))
        for _time in range(2):
            with self._jobs() as env:
                env["tradecredit.overdue"]._cron_watch()
        self.env.invalidate_all()
        [activity] = report.activity_ids
        self.assertEqual(activity.user_id, self.controller)
        mails = self.env["mail.mail"].search([("model", "=", report._name), ("res_id", "=", report.id)])
        [mail] = mails.filtered(lambda one: one.recipient_ids == self.controller.partner_id)
        for fact in ("900000001", "claims@insurer.example", report.reference, "cheque 77", "Bounced payment"):
            self.assertIn(fact, mail.body_html)
        wizard = self.env["tradecredit.declared.by.hand"].with_user(self.controller).create({
            "report_id": report.id, "way": "phone", "proof": PROOF, "insurer_overdue_id": "A-77",
        })  # fmt: skip
        self.assertEqual((wizard.buyer_id, wizard.notify_by), (self.buyer, report.notify_by))
        wizard.action_record()
        self.assertEqual((report.state, report.in_time, report.insurer_report_id), ("manual", "yes", "A-77"))
        self.assertEqual((report.outbox_ids.state, report.activity_ids), ("withdrawn", report.activity_ids.browse()))
        self.policy.base_url = self.sandbox.base_url_open
        self._later()
        self._send()
        self.assertFalse(self._adverse())

    def test_a_lost_report_is_made_once(self):
        report = self._report()
        self.sandbox.faults(rate=1.0, kinds=["reset_after"], paths=["/open/v1"])
        self._send()
        self.assertEqual(report.state, "unknown")
        self.sandbox.faults()
        self._later()
        with self._careful():
            self._send()
        self.assertEqual((report.state, len(self._adverse())), ("received", 1))

    def test_a_lost_report_that_never_arrived_and_was_told_by_hand_is_only_looked_for(self):
        report = self._report()
        self.sandbox.faults(rate=1.0, kinds=["reset_before"], paths=["/open/v1"])
        self._send()
        self.assertEqual(report.outbox_ids.state, "unknown")
        self.env["tradecredit.declared.by.hand"].with_user(self.controller).create({
            "report_id": report.id, "way": "phone", "proof": PROOF,
        }).action_record()  # fmt: skip
        self.sandbox.faults()
        self._later()
        self._send()
        self.assertEqual((report.state, report.outbox_ids.state, self._adverse()), ("manual", "withdrawn", []))

    def _checked(self):
        request = CheckRequest(self.buyer.partner_id, self.buyer.partner_id, Decimal(10), Decimal(0), self.euro, 30)
        [outcome] = self.env["tradecredit.check"]._run(self.company, [request], trigger="confirm", record=False)
        return outcome

    def test_the_seller_s_own_limit_ends_with_what_he_knows(self):
        self.policy.write({"has_discretionary_limit": True, "discretionary_limit": 5_000})
        self.buyer.as_of = self.env.cr.now()
        self.buyer.limit_ids.write({"active": False, "seen_until": self.env.cr.now()})
        for kind in ("legal_action", "bounced_payment", "extension_request"):
            with self.subTest(kind):
                self.assertFalse(self._checked().stops)
                report = self._report(kind)
                outcome = self._checked()
                self.assertTrue(outcome.stops)
                self.assertIn("cover_stopped", [reason.code.value for reason in outcome.verdict.reasons])
                report.with_user(self.controller).action_drop()

    def test_the_insurer_s_limit_stands_until_the_insurer_stops_it(self):
        self.policy.write({"has_discretionary_limit": True, "discretionary_limit": 5_000})
        self.buyer.as_of = self.env.cr.now()
        self._report("legal_action")
        self.assertFalse(self._checked().stops)

    def test_bad_input(self):
        with self.assertRaisesRegex(UserError, "has not come yet"):
            self._report(days_ago=-1)
        with self.assertRaisesRegex(UserError, "not negative"):
            self._report(outstanding=-1)
        self._report()
        with self.assertRaisesRegex(UserError, "told of that already"):
            self._report()
        self.buyer.insurer_buyer_id = False
        with self.assertRaisesRegex(UserError, "not identified at the insurer.*Told by hand"):
            self._report("legal_action")
        self.assertEqual(len(self.buyer.report_ids), 1)
