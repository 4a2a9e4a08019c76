"""Buyers are found at the insurer on a click, and limits are asked for in a person's name."""

from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form

from tradecredit_sdk.insurers.open import OpenInsurer

from .insurer_common import ALWAYS, HALF, InsurerCommon


class TestWizards(InsurerCommon):
    def setUp(self):
        super().setUp()
        self.company_data = self.sandbox.control("GET", "/buyers?country=DE&page=3&page_size=1")["items"][0]

    def _wizard(self, buyer, user=None):
        return Form(
            self.env["tradecredit.find.buyer"]
            .with_user(user or self.controller)
            .with_context(default_buyer_id=buyer.id)
        )  # fmt: skip

    def _number(self, kind: str) -> str:
        with self.policy._client() as client:
            known = client.buyers.get(self.company_data["id"]).identifiers
        return next(one.value for one in known if str(one.type.value) == kind)

    def _unknown(self, **values):
        partner = self._partner(self.company_data["name"], **values)
        return self.env["tradecredit.buyer"]._of_partner(self.policy, partner)

    def test_find_by_name_and_pick(self):
        buyer = self._unknown()
        form = self._wizard(buyer)
        self.assertEqual((form.name, form.country_id.code), (self.company_data["name"], "DE"))
        wizard = form.save()
        wizard.action_search()
        line = wizard.line_ids.filtered(lambda one: one.insurer_buyer_id == self.company_data["id"])
        self.assertTrue(line.identifiers)
        line.action_pick()
        self.assertEqual(buyer.insurer_buyer_id, self.company_data["id"])
        self.assertEqual(buyer.insurer_name, line.name)
        self.assertTrue(buyer.as_of, "its limits are read at once")
        self.assertIn(self.company_data["id"], buyer.message_ids[0].body)

    def test_the_same_number_is_shown_first(self):
        wizard = self._wizard(self._unknown(vat=self._number("vat"))).save()
        wizard.action_search()
        self.assertTrue(wizard.line_ids[0].is_exact)
        self.assertEqual(wizard.line_ids[0].insurer_buyer_id, self.company_data["id"])

    def test_nothing_is_asked_before_the_click(self):
        buyer = self._unknown()
        with patch.object(OpenInsurer, "find_buyers", side_effect=AssertionError("a look-up that may be billed")):
            self._wizard(buyer).save()

    def test_a_wrong_number_is_said_before_anything_is_asked(self):
        wizard = self._wizard(self._unknown()).save()
        wizard.vat = "DE123"
        with (
            patch.object(OpenInsurer, "find_buyers", side_effect=AssertionError("asked")),
            self.assertRaisesRegex(UserError, "DE123"),
        ):
            wizard.action_search()

    def test_nothing_to_look_for_is_said_in_the_words_of_the_form(self):
        wizard = self._wizard(self._unknown()).save()
        wizard.name = " "
        with self.assertRaisesRegex(UserError, "name or a number"):
            wizard.action_search()
        wizard.registration = "?"
        with self.assertRaisesRegex(UserError, r"Registration number: \?.*Germany"):
            wizard.action_search()

    def test_what_cannot_be_asked_is_said_in_the_words_of_the_form(self):
        self._ask(amount=25_000)
        self._send()
        dialog = self.env["tradecredit.request.limit"].with_user(self.salesperson)
        past = {"kind": "temporary", "valid_until": "2020-01-31"}
        for values, words in (
            ({"amount": 1}, r"limit of .*25,000\.00"),
            ({"amount": 25_000}, r"limit of .*25,000\.00"),
            ({"amount": -1}, "greater than zero"),
            ({"amount": 5_000, **past}, "2020"),
            ({"amount": 5_000, "kind": "temporary"}, "Until"),
            ({"amount": 50_000, "terms_days": -5}, "payment term"),
            ({"amount": 50_000, "terms_days": 10**6}, "payment term"),
            ({"amount": 50_000, "comment": "x" * 1001}, "comment"),
        ):
            with self.subTest(values), self.assertRaisesRegex(UserError, words):
                dialog.create({"buyer_id": self.buyer.id, "currency_id": self.euro.id, **values}).action_send()
        # What is left of a limit that is cut counts, not what there was.
        limit = self.buyer.limit_ids
        limit.active = False
        limit.copy(
            {
                "buyer_id": self.buyer.id,
                "active": True,
                "insurer_limit_id": "cut",
                "change_on": "2099-01-01",
                "change_amount": 5_000,
            }
        )
        self.assertTrue(self._ask(amount=20_000))

    def test_one_company_cannot_be_two_buyers(self):
        wizard = self._wizard(self._unknown()).save()
        wizard.sudo().line_ids = [Command.create({"insurer_buyer_id": ALWAYS, "name": "Sandbox Always GmbH"})]
        with self.assertRaisesRegex(UserError, f"cannot be {wizard.buyer_id.name} too.*one legal entity"):
            wizard.line_ids.action_pick()

    def test_another_company_has_other_limits(self):
        self._ask(amount=50_000)
        self._send()
        self.assertTrue(self.buyer.limit_ids)
        wizard = self._wizard(self.buyer).save()
        wizard.sudo().line_ids = [Command.create({"insurer_buyer_id": HALF, "name": "Half"})]
        wizard.line_ids.action_pick()
        self.assertFalse(self.buyer.limit_ids)
        self.assertEqual(self.buyer.with_context(active_test=False).limit_count, 1)

    def test_picked_though_the_limits_cannot_be_read(self):
        wizard = self._wizard(self._unknown()).save()
        wizard.sudo().line_ids = [Command.create({"insurer_buyer_id": HALF, "name": "Half"})]
        self.policy.base_url = "http://127.0.0.1:9/open/v1"
        wizard.line_ids.action_pick()
        self.assertEqual(wizard.buyer_id.insurer_buyer_id, HALF)
        self.assertFalse(wizard.buyer_id.as_of)

    def test_a_salesperson_does_not_look_up(self):
        with self.assertRaises(AccessError):
            self.env["tradecredit.find.buyer"].with_user(self.salesperson).create({"buyer_id": self.buyer.id})

    def test_new_buyers_are_found_by_their_exact_number_once(self):
        buyer = self._unknown(vat=self._number("vat"))
        nobody = self._unknown()
        self._poll()
        self.assertEqual(buyer.insurer_buyer_id, self.company_data["id"])
        self.assertTrue(buyer.as_of)
        self.assertFalse(nobody.insurer_buyer_id, "a name proves nothing")
        with patch.object(OpenInsurer, "find_buyers", side_effect=AssertionError("again")):
            self._poll()

    def test_what_may_cost_is_not_looked_up_by_a_job(self):
        buyer = self._unknown(vat=self._number("vat"))
        capabilities = OpenInsurer.capabilities
        costly = type(capabilities)(operations=capabilities.operations, idempotent_reference=True, lookup_may_cost=True)
        with patch.object(OpenInsurer, "capabilities", costly):
            self._poll()
            self.assertFalse(buyer.insurer_buyer_id)
            self.assertTrue(self._wizard(buyer).may_cost)
        self.policy.find_automatically = False
        self._poll()
        self.assertFalse(buyer.insurer_buyer_id)

    def test_request_from_the_partner(self):
        partner = self.buyer.partner_id.with_user(self.salesperson).with_company(self.company)
        action = partner.action_tradecredit_request()
        form = Form(
            self.env[action["res_model"]].with_user(self.salesperson).with_context(**action["context"])
        )  # fmt: skip
        self.assertEqual(form.currency_id, self.euro)
        form.amount = 30_000
        form.terms_days = 60
        shown = form.save().action_send()
        application = self.env[shown["res_model"]].browse(shown["res_id"])
        self.assertEqual((application.requested_by, application.terms_days), (self.salesperson, 60))
        self._send()
        self.assertEqual(application.state, "approved")
        self.assertEqual(partner.tradecredit_cover, 30_000)
        self.assertEqual(partner.with_user(self.controller).tradecredit_used, 0)
        self.assertEqual(partner.tradecredit_cover_state, "free")

    def test_a_salesperson_may_begin_a_buyer(self):
        partner = self._partner("Neu GmbH").with_user(self.salesperson).with_company(self.company)
        action = partner.action_tradecredit_buyer()
        buyer = self.env["tradecredit.buyer"].browse(action["res_id"])
        self.assertEqual(buyer.partner_id, partner)
        self.assertEqual(buyer.cover_state, "unidentified")
        self.assertTrue(buyer.cover_note)
        with self.assertRaisesRegex(UserError, "not identified"):
            self._ask(buyer)

    def test_a_salesperson_has_a_buyer_found(self):
        buyer = self._buyer("Neu GmbH", None).with_user(self.salesperson)
        views = buyer.get_views([(False, "form")])["views"]
        self.assertIn("action_have_it_found", views["form"]["arch"])
        buyer.action_have_it_found()
        action = buyer.action_request_limit()
        wizard = self.env[action["res_model"]].with_user(self.salesperson).with_context(**action["context"])
        wizard.create({"amount": 7_000, "currency_id": self.euro.id}).action_send()
        [activity] = buyer.sudo().activity_ids
        self.assertEqual(activity.user_id, self.controller)
        self.assertIn("7,000.00", activity.note)
        self.assertFalse(buyer.application_ids)
        views = buyer.with_user(self.controller).get_views([(False, "form")])["views"]
        self.assertNotIn("action_have_it_found", views["form"]["arch"])

    def test_a_manager_decides_on_a_release(self):
        manager = self._user("mona", "tradecredit.group_manager")
        releases = self.env["tradecredit.release"].with_user(self.salesperson)
        asked = {"buyer": self.buyer, "policy": self.policy, "amount": 900.0, "wish": "a good customer"}
        one, two = (releases._ask(self._partner(name), **asked) for name in ("Order 1", "Order 2"))
        dialogs = self.env["tradecredit.decide.release"].with_user(manager)
        form = Form(dialogs.with_context(default_release_id=one.id))
        self.assertEqual(form.amount, 900)
        form.reason = "paid in advance by half"
        form.save().action_decide()
        self.assertEqual((one.state, one.amount, one.decided_by), ("granted", 900, manager))
        form = Form(dialogs.with_context(default_release_id=one.id))
        form.reason = "did not pay"
        form.save().action_take_back()
        self.assertEqual(one.state, "revoked")
        form = Form(dialogs.with_context(default_release_id=two.id))
        form.decision = "refuse"
        form.reason = "too much"
        form.save().action_decide()
        self.assertEqual(two.state, "refused")
        with self.assertRaises(AccessError):
            self.env["tradecredit.decide.release"].with_user(self.controller).create({"release_id": two.id})

    def test_forgetting_a_wrong_match(self):
        self._ask(amount=50_000)
        self._send()
        self.buyer.with_user(self.controller).action_forget()
        self.assertFalse(self.buyer.insurer_buyer_id or self.buyer.limit_ids or self.buyer.as_of)
        self.assertEqual(self.buyer.cover_state, "unidentified")
        with self.assertRaises(AccessError):
            self.buyer.with_user(self.salesperson).action_forget()

    def test_the_figures_of_many_buyers_take_a_constant_number_of_queries(self):
        def queries(count):
            buyers = self.env["tradecredit.buyer"].union(
                *(self._buyer(f"Kunde {count} {n}", f"8{count:04}{n:04}") for n in range(count))
            )
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.env.cr.sql_log_count
            buyers.mapped("available")
            return self.env.cr.sql_log_count - before

        queries(2)
        self.assertLessEqual(queries(30), queries(3) + 2)

    def test_what_is_pending_is_shown_instead_of_the_button(self):
        self.assertFalse(self.buyer.pending_note)
        self._ask(amount=50_000)
        buyer = self.buyer.with_user(self.salesperson)
        self.assertRegex(buyer.pending_note, r"50,000\.00.*Permanent.*To be sent")
        self.assertTrue(buyer.is_permanent_pending)
        self.assertFalse(buyer.is_temporary_pending)
        self.assertEqual(buyer.action_pending()["res_id"], self.buyer.application_ids.id)
        form = Form(buyer)
        tree = form._view["tree"]
        [ask] = tree.xpath("//button[@name='action_request_limit'][not(contains(@context, 'temporary'))]")
        self.assertEqual(ask.get("invisible"), "not insurer_buyer_id or is_permanent_pending")
        # The two kinds add up, so of the other one may be asked.
        self._ask(amount=10_000, kind="temporary", valid_until="2099-12-31")
        self.assertEqual(len(buyer.pending_note.splitlines()), 2)
        self.assertTrue(buyer.is_temporary_pending)
        self._send()
        self.assertFalse(buyer.pending_note)
