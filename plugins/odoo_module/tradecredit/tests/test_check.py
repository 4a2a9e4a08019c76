"""The check, its record, and what can be done to a record."""

from datetime import timedelta
from decimal import Decimal

import psycopg2
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form
from odoo.tools import mute_logger

from ..models.check_request import CheckRequest
from .common import TradecreditCommon


class TestCheck(TradecreditCommon):
    def setUp(self):
        super().setUp()
        self.buyer = self._buyer()

    def test_exactly_at_the_limit_passes_and_a_cent_more_does_not(self):
        self._limit(self.buyer, 1_000)
        self._invoice(400)
        self.assertFalse(self._check("600.00").stops)
        outcome = self._check("600.01")
        self.assertTrue(outcome.stops)
        self.assertEqual(outcome.check.uncovered, 0.01)

    def test_none_and_zero_differ(self):
        self.assertEqual(self._codes(self._check(1)), ["no_limit"])
        self._limit(self.buyer, 0, state="refused")
        outcome = self._check(1)
        self.assertEqual(self._codes(outcome), ["limit_zero"])
        self.assertTrue(outcome.check.has_limit)

    def test_a_refusal_ends_the_discretionary_limit_even_if_no_limit_shows_it(self):
        self.policy.write({"has_discretionary_limit": True, "discretionary_limit": 5_000})
        self.assertFalse(self._check(1).stops)
        self.env["tradecredit.application"].sudo().create(
            {"buyer_id": self.buyer.id, "amount": 100, "currency_id": self.euro.id, "state": "refused"}
        )
        self.assertTrue(self._check(1).stops)

    def test_an_unidentified_buyer_is_stopped(self):
        outcome = self._check(1, self._partner("Niemand GmbH"))
        self.assertEqual(outcome.verdict.reasons[0].code.value, "buyer_not_identified")
        self.assertTrue(outcome.check.buyer_id)

    def test_orders_of_a_batch_use_cover_one_after_the_other(self):
        self._limit(self.buyer, 1_000)
        requests = [
            CheckRequest(self.partner, self.partner, Decimal(amount), Decimal(0), self.euro, 30)
            for amount in (600, 600, 400)
        ]
        outcomes = self.env["tradecredit.check"]._run(self.company, requests, trigger="confirm")
        self.assertEqual([outcome.stops for outcome in outcomes], [False, True, False])

    def test_a_company_without_a_policy_checks_nothing(self):
        self.policy.active = False
        outcome = self._check(1_000_000)
        self.assertFalse(outcome.stops)
        self.assertIsNone(outcome.verdict)
        self.assertFalse(outcome.check)

    def test_an_exempt_partner_is_not_checked_in_this_company_only(self):
        self.buyer.exempt = True
        self.assertIsNone(self._check(1).verdict)

    def test_old_limit_data_does_what_the_policy_says(self):
        self._limit(self.buyer, 1_000)
        self._buyer(heard=30)
        for action, stops in [("use_last", False), ("warn", False), ("block", True)]:
            self.policy.on_stale_limit = action
            outcome = self._check(1)
            self.assertEqual(outcome.stops, stops)
            self.assertEqual(self._codes(outcome), [] if action == "use_last" else ["limit_stale"])

    def test_stop_of_cover(self):
        self._limit(self.buyer, 1_000)
        self._invoice(10, due=-61)
        self.assertEqual(self._codes(self._check(1)), ["stop_of_cover"])

    def test_the_record_keeps_what_was_known(self):
        limit = self._limit(self.buyer, 1_000)
        self._invoice(400)
        check = self._check("600.01").check
        self.assertEqual(
            (
                check.outcome,
                check.passed,
                check.limit_amount,
                check.exposure_total,
                check.order_amount,
                check.available,
            ),
            ("blocked", False, 1_000, 400, 600.01, 600),
        )
        self.assertEqual(check.exposure["open"], [{"amount": "400.00", "currency": "EUR"}])
        self.assertEqual(check.reasons[0]["code"], "limit_exceeded")
        limit.active = False
        self.assertEqual(check.limits["limits"][0]["amount"], {"amount": "1000.00", "currency": "EUR"})
        self.assertIn("€", check.reason_text)

    def test_the_refusal_names_buyer_numbers_and_every_reason(self):
        self._limit(self.buyer, 1_000, max_terms_days=30)
        outcome = self._check("1000.01", terms_days=60)
        text = self.env["tradecredit.check"]._message([outcome])
        for part in ("Nordlicht Handel GmbH", "0.01", "1,000.00", "60 days", "30 days"):
            self.assertIn(part, text)

    def test_nobody_changes_a_record(self):
        self._limit(self.buyer, 1_000)
        check = self._check(1).check
        with self.assertRaises(UserError):
            check.sudo().write({"outcome": "blocked"})
        with self.assertRaises(UserError):
            check.sudo().unlink()
        for user in (self.salesperson, self.controller, self.manager):
            with self.assertRaises(UserError):
                check.with_user(user).write({"passed": False})
            with self.assertRaises(AccessError):
                self.env["tradecredit.check"].with_user(user).create({"trigger": "x"})
        for statement in ("UPDATE tradecredit_check SET passed = FALSE", "DELETE FROM tradecredit_check"):
            with mute_logger("odoo.sql_db"), self.assertRaises(psycopg2.Error), self.env.cr.savepoint():
                self.env.cr.execute(statement)

    def test_a_preview_writes_nothing(self):
        before = self.env["tradecredit.check"].search_count([])
        partner = self._partner("Neu GmbH")
        self.assertTrue(self._check(1, partner, lock=False, record=False).stops)
        self.assertEqual(self.env["tradecredit.check"].search_count([]), before)
        self.assertFalse(self.env["tradecredit.buyer"].search([("partner_id", "=", partner.id)]))

    def test_the_number_of_queries_does_not_grow_with_the_batch(self):
        self._limit(self.buyer, 1_000_000)
        partners = [self._partner(f"Kunde {n}", vat=f"DE{100000000 + n}") for n in range(20)]
        for number, partner in enumerate(partners):
            self._limit(self._buyer(partner, f"9100000{number:02d}"), 1_000)

        def requests(some):
            return [CheckRequest(p, p, Decimal(1), Decimal(0), self.euro, 30) for p in some]

        checks = self.env["tradecredit.check"]
        counts = []
        for some in (partners[:2], partners):
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            checks._run(self.company, requests(some), trigger="confirm", lock=False, record=False)
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])


class TestRelease(TradecreditCommon):
    def setUp(self):
        super().setUp()
        self._limit(self._buyer(), 1_000)
        self.release = (
            self.env["tradecredit.release"]
            .with_user(self.salesperson)
            ._ask(self.partner, buyer=self._buyer(), policy=self.policy, amount=1_500, wish="Long-standing customer")
        )
        self.later = self.today + timedelta(days=7)

    def test_only_a_manager_decides_and_never_on_his_own_request(self):
        for user in (self.salesperson, self.controller):
            with self.assertRaises(AccessError):
                self.release.with_user(user).action_grant(2_000, self.later, "because")
        own = (
            self.env["tradecredit.release"]
            .with_user(self.manager)
            ._ask(self.controller.partner_id, buyer=self._buyer(), policy=self.policy, amount=1, wish="mine")
        )
        with self.assertRaises(UserError):
            own.with_user(self.manager).action_grant(2_000, self.later, "because")
        self.policy.self_release = True
        own.with_user(self.manager).action_grant(2_000, self.later, "because")
        self.assertEqual(own.state, "granted")

    def test_a_release_lets_pass_up_to_its_amount_until_its_day(self):
        self.assertTrue(self._check(1_500).stops)
        self.release.with_user(self.manager).action_grant(1_500, self.later, "Prepaid half of it")
        outcome = self._check(1_500)
        self.assertFalse(outcome.stops)
        self.assertEqual(outcome.check.release_id, self.release)
        self.assertEqual((outcome.check.outcome, outcome.check.passed), ("blocked", True))
        self.assertTrue(self._check("1500.01").stops)

    def test_a_revoked_or_expired_release_lets_nothing_pass(self):
        release = self.release.with_user(self.manager)
        with self.assertRaises(UserError):
            release.action_grant(1_500, self.today - timedelta(days=1), "late")
        release.action_grant(1_500, self.today, "today only")
        self.assertFalse(self._check(1_500).stops)
        release.action_revoke("changed my mind")
        self.assertTrue(self._check(1_500).stops)

    def test_reason_amount_and_day_are_needed(self):
        release = self.release.with_user(self.manager)
        for amount, day, reason in [(0, self.later, "x"), (1, False, "x"), (1, self.later, "  ")]:
            with self.assertRaises(UserError):
                release.action_grant(amount, day, reason)

    def _dialog(self):
        wizard = self.env["tradecredit.decide.release"].with_user(self.manager)
        return Form(wizard.with_context(default_release_id=self.release.id))

    def test_the_dialog_offers_what_fits(self):
        form = self._dialog()
        self.assertEqual([value for value, _ in form._view["fields"]["decision"]["selection"]], ["grant", "refuse"])
        self.assertFalse(form._get_modifier("decision", "invisible"))
        form.reason = "Known for years"
        asked = form.save()
        with self.assertRaises(UserError):
            asked.action_take_back()
        asked.action_decide()
        self.assertEqual((self.release.state, self.release.amount), ("granted", 1_500))

        form = self._dialog()
        self.assertTrue(form._get_modifier("decision", "invisible"))
        self.assertTrue(form._get_modifier("amount", "invisible"))
        form.reason = "Changed my mind"
        granted = form.save()
        with self.assertRaises(UserError):
            granted.action_decide()
        granted.action_take_back()
        self.assertEqual((self.release.state, self.release.revoke_reason), ("revoked", "Changed my mind"))

    def test_a_release_is_a_record(self):
        with self.assertRaises(UserError):
            self.release.with_user(self.manager).write({"state": "granted", "amount": 9e9})
        with self.assertRaises(UserError):
            self.release.sudo().write({"amount": 9e9})
        with self.assertRaises(UserError):
            self.env["tradecredit.release"].with_user(self.manager).create({"state": "granted"})
        with self.assertRaises(UserError):
            self.release.sudo().unlink()
        self.release.with_user(self.manager).action_grant(1_500, self.later, "ok")
        with self.assertRaises(UserError):
            self.release.with_user(self.manager).action_grant(9_999, self.later, "more")
