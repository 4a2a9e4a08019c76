"""Releases: whoever may decide is told of a request, and what was asked and decided stays readable."""

from datetime import timedelta

from odoo.exceptions import UserError

from .common import TradecreditCommon


class TestReleases(TradecreditCommon):
    def setUp(self):
        super().setUp()
        self.buyer = self._buyer()

    def _ask(self, user=None, **values):
        releases = self.env["tradecredit.release"].with_user(user or self.salesperson)
        asked = {"buyer": self.buyer, "policy": self.policy, "amount": 900.0, "wish": "an old friend", **values}
        return releases._ask(self.partner, **asked).sudo()

    def _grant(self, release):
        release.with_user(self.manager).action_grant(900, self.today + timedelta(days=7), "paid by half")

    def test_a_manager_is_told_of_a_request_until_it_is_decided(self):
        release = self._ask()
        [activity] = release.activity_ids
        self.assertEqual(activity.user_id, self.manager)
        for text in (activity.note, self.partner.message_ids[0].body):
            self.assertIn("an old friend", text)
            self.assertIn("900.00", text)
        self._grant(release)
        self.assertFalse(release.activity_ids)

    def test_nobody_is_told_of_his_own_request_where_somebody_else_decides(self):
        self.assertEqual(self._ask(self.manager).activity_ids.user_id, self.policy._who_is_told(), "no other is there")
        other = self._user("max", "tradecredit.group_manager")
        self.assertEqual(self._ask(self.manager).activity_ids.user_id, other)
        self.policy.responsible_id = self.manager
        self.policy.self_release = True
        self.assertEqual(self._ask(self.manager).activity_ids.user_id, self.manager)

    def test_a_second_request_takes_the_place_of_the_first(self):
        release = self._ask(amount=1)
        self.assertEqual(self._ask(amount=12_600, wish="the right amount"), release)
        self.assertRecordValues(release, [{"asked_amount": 12_600, "wish": "the right amount", "state": "requested"}])
        [activity] = release.activity_ids
        self.assertIn("12,600.00", activity.note)
        self._grant(release)
        self.assertNotEqual(self._ask(), release, "what was decided stays")

    def test_a_request_is_for_an_amount(self):
        for amount in (-100, 0):
            with self.subTest(amount), self.assertRaises(UserError):
                self._ask(amount=amount)

    def test_taking_back_leaves_what_was_granted_and_why(self):
        release = self._ask()
        self._grant(release)
        boss = self._user("max", "tradecredit.group_manager")
        release.with_user(boss).action_revoke("did not pay")
        self.assertRecordValues(release, [{
            "state": "revoked", "reason": "paid by half", "decided_by": self.manager.id,
            "revoke_reason": "did not pay", "revoked_by": boss.id,
        }])  # fmt: skip
        self.assertTrue(release.revoked_at)

    def test_a_decision_is_told_in_the_language_of_whoever_asked(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.salesperson.lang = "fr_FR"
        release = self._ask()
        self._grant(release)
        for record in (release, self.partner):
            self.assertIn("au-delà de l'assurance-crédit", "".join(record.message_ids.mapped("body")))
