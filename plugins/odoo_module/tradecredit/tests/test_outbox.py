"""What is sent to the insurer is sent once, whatever happens on the way."""

from unittest.mock import patch

from odoo import fields
from odoo.exceptions import AccessError, UserError

from tradecredit_sdk.insurers.open import OpenInsurer

from ..models import tradecredit_outbox
from .insurer_common import A_PERSON, HALF, IN_USD, REFUSED, InsurerCommon


class TestOutbox(InsurerCommon):
    def test_a_request_is_sent_and_decided(self):
        application = self._ask(amount=50_000)
        self.assertEqual(application.state, "to_send")
        self._send()
        self.assertEqual(application.state, "approved")
        self.assertEqual((application.granted_amount, application.granted_currency_id.name), (50_000, "EUR"))
        self.assertTrue(application.decided_at)
        row = application.outbox_ids
        self.assertEqual((row.state, row.attempts, row.last_error), ("done", 1, False))
        [received] = self._received()
        self.assertEqual(
            (received["reference"], received["id"]), (application.reference, application.insurer_application_id)
        )
        self.assertLessEqual(len(application.reference), 20)

    def test_the_limit_is_there_as_soon_as_it_is_decided(self):
        self._ask(amount=50_000)
        self._send()
        [limit] = self.buyer.limit_ids
        self.assertEqual((limit.amount, limit.state, limit.kind), (50_000, "approved", "permanent"))
        self.assertTrue(self.buyer.as_of)

    def test_decisions_are_taken_over_in_the_insurers_words(self):
        half = self._ask(self._buyer("Halb", HALF), 40_000)
        refused = self._ask(self._buyer("Nein", REFUSED), 40_000)
        dollars = self._ask(self._buyer("Dollar", IN_USD), 40_000)
        self._send()
        self.assertEqual((half.state, half.granted_amount), ("partly_approved", 20_000))
        self.assertEqual((refused.state, refused.granted_amount), ("refused", 0))
        self.assertTrue(refused.granted_currency_id)
        self.assertEqual(dollars.granted_currency_id.name, "USD")

    def test_whoever_asked_is_told(self):
        application = self._ask()
        self._send()
        [message] = application.message_ids.filtered(lambda one: "Approved" in one.body)
        self.assertIn("50,000.00", message.body)
        self.assertIn(self.salesperson.partner_id, message.notified_partner_ids)

    def test_a_dead_insurer_keeps_the_request(self):
        self.policy.base_url = "http://127.0.0.1:9/open/v1"
        application = self._ask()
        self._send()
        row = application.outbox_ids
        self.assertEqual((application.state, row.state, row.attempts), ("to_send", "pending", 1))
        self.assertGreater(row.next_try, fields.Datetime.now())
        self.assertTrue(row.last_error)
        self._send()
        self.assertEqual(row.attempts, 1, "not before it is due")
        self.policy.base_url = self.sandbox.base_url_open
        self._later()
        self._send()
        self.assertEqual((application.state, row.state), ("approved", "done"))

    def test_one_activity_for_an_outage_until_it_ends(self):
        self.policy.base_url = "http://127.0.0.1:9/open/v1"
        for number in range(3):
            self._ask(self._buyer(f"Kunde {number}", f"90000001{number}"))
        for _run in range(2):
            self._later()
            self._send()
            self._poll()
        [activity] = self._outages()
        self.assertEqual(activity.user_id, self.controller)
        self.assertTrue(self.policy.outage_since)
        rows = self.env["tradecredit.outbox"].search([("policy_id", "=", self.policy.id)])
        self.assertEqual(sum(rows.mapped("attempts")), 2, "one try in each run finds out")
        self.policy.base_url = self.sandbox.base_url_open
        self._poll()
        self.assertFalse(self._outages())
        self.assertFalse(self.policy.outage_since)

    def test_a_lost_answer_is_not_taken_for_a_refusal_and_not_sent_twice(self):
        application = self._ask()
        self.sandbox.faults(rate=1.0, kinds=["reset_after"], paths=["/open/v1"])
        self._send()
        self.assertEqual((application.state, application.outbox_ids.state), ("unknown", "unknown"))
        self.sandbox.faults()
        self._later()
        self._send()
        self.assertEqual(application.state, "approved")
        self.assertEqual(len(self._received()), 1)

    def test_a_lost_answer_is_asked_for_where_a_reference_may_count_twice(self):
        application = self._ask()
        capabilities = OpenInsurer.capabilities
        careful = type(capabilities)(operations=capabilities.operations, idempotent_reference=False)
        with patch.object(OpenInsurer, "capabilities", careful):
            self.sandbox.faults(rate=1.0, kinds=["reset_after"], paths=["/open/v1"])
            self._send()
            row = application.outbox_ids
            self.assertEqual(row.state, "unknown")
            self.assertGreater(row.next_try, fields.Datetime.now() + tradecredit_outbox.LEASE * 0.9)
            self.sandbox.faults()
            self._later()
            with patch.object(OpenInsurer, "request_limit", side_effect=AssertionError("sent blindly")):
                self._send()
        self.assertEqual(application.state, "approved")
        self.assertEqual(len(self._received()), 1)

    def test_what_the_insurer_never_got_is_sent_again_after_asking(self):
        application = self._ask()
        application.outbox_ids.write({"state": "unknown", "attempts": 1})
        capabilities = OpenInsurer.capabilities
        careful = type(capabilities)(operations=capabilities.operations, idempotent_reference=False)
        with patch.object(OpenInsurer, "capabilities", careful):
            self._send()
        self.assertEqual(application.state, "approved")
        self.assertEqual(len(self._received()), 1)

    def test_a_row_left_by_a_dead_process_is_taken_up_after_its_lease(self):
        application = self._ask()
        row = application.outbox_ids
        row.write({"state": "sending", "attempts": 1, "sent_at": fields.Datetime.now()})
        self._send()
        self.assertEqual((row.state, row.attempts), ("sending", 1), "another process may be at it")
        row.sent_at = fields.Datetime.now() - tradecredit_outbox.LEASE
        self._send()
        self.assertEqual((row.state, application.state), ("done", "approved"))

    def test_a_request_the_insurer_does_not_take_has_failed_and_is_not_refused_cover(self):
        application = self._ask(self._buyer("Unbekannt", "999999999"))
        self._send()
        self.assertEqual((application.state, application.outbox_ids.state), ("failed", "refused"))
        self.assertFalse(application.granted_currency_id)
        self.assertFalse(self._outages())

    def test_errors_and_rubbish_are_no_refusals(self):
        for kind in ("500", "503", "garbage", "truncate", "429"):
            with self.subTest(kind):
                self.sandbox.reset()
                application = self._ask(self._buyer(f"Kunde {kind}", HALF))
                self.sandbox.faults(rate=1.0, kinds=[kind], paths=["/open/v1"])
                self._send()
                self.assertIn(application.state, ("to_send", "unknown"))
                self.assertFalse(application.granted_currency_id)
                self.sandbox.faults()
                self._later()
                self._send()
                self.assertEqual(application.state, "partly_approved")
                self.assertEqual(len(self._received()), 1)
                application.buyer_id.active = False

    def test_a_web_server_in_between_refuses_nothing(self):
        application = self._ask()
        page = "<html>Bad request, not found</html>"
        for status in (400, 404, 422):
            with self.subTest(status), self._server((status, "text/html", page)) as address:
                self.policy.base_url = address
                self._later()
                self._send()
                self.assertEqual((application.state, application.outbox_ids.state), ("to_send", "pending"))
                self.assertTrue(self._outages())
        self.policy.base_url = self.sandbox.url + "/wrong/path"
        self._later()
        self._send()
        self.assertEqual((application.state, application.outbox_ids.attempts), ("to_send", 4))

    def test_a_wrong_key_keeps_the_request_and_tells_somebody(self):
        self.policy.api_key = "wrong"
        application = self._ask()
        self._send()
        self.assertEqual(application.state, "to_send")
        self.assertTrue(self._outages())
        self.assertNotIn("wrong", self._outages().note)

    def test_a_policy_is_not_archived_while_something_is_to_be_sent(self):
        application = self._ask()
        with self.assertRaisesRegex(UserError, application.reference):
            self.policy.active = False
        self.env.invalidate_all()
        self._send()
        self.policy.active = False
        self.assertEqual(application.outbox_ids.state, "done")

    def test_one_pending_application_at_a_time(self):
        buyer = self._buyer("Person", A_PERSON)
        self._ask(buyer)
        with self.assertRaisesRegex(UserError, "not decided yet"):
            self._ask(buyer)
        self.assertTrue(self._ask(buyer, kind="temporary", valid_until="2099-01-31"))

    def test_what_an_insurer_would_not_accept_is_refused_here(self):
        for options in ({"amount": 0}, {"kind": "temporary"}, {"valid_until": "2099-01-31"}):
            with self.subTest(options), self.assertRaises(UserError):
                self._ask(**options)
        with self.assertRaisesRegex(UserError, "not identified"):
            self._ask(self._buyer("Niemand", None))

    def test_an_amount_nobody_means_is_refused_here(self):
        for amount in (10**12, 99_999_999_999_999_999, 1e300):
            with self.subTest(amount), self.assertRaisesRegex(UserError, "a digit too many"):
                self._ask(amount=amount)
        self.assertTrue(self._ask(amount=10**12 - 0.01))

    def test_what_cannot_be_sent_does_not_stop_the_others(self):
        broken = self._ask(self._buyer("Kaputt", HALF))
        broken.outbox_ids.payload = {**broken.outbox_ids.payload, "amount": {"amount": "1e17", "currency": "EUR"}}
        whole = self._ask()
        self._send()
        self.assertEqual((broken.state, broken.outbox_ids.state), ("failed", "refused"))
        self.assertIn("amount", broken.last_error)
        self.assertEqual(whole.state, "approved")
        self.assertTrue(self._ask(broken.buyer_id), "the next one can be asked for")

    def test_a_fault_of_the_program_leaves_no_row_behind(self):
        broken, whole = self._ask(self._buyer("Kaputt", HALF)), self._ask()
        request = OpenInsurer.request_limit

        def fails_once(insurer, request_):
            if request_.reference == broken.reference:
                raise RuntimeError("a fault")
            return request(insurer, request_)

        with (
            patch.object(OpenInsurer, "request_limit", fails_once),
            self.assertLogs("odoo.addons.tradecredit.models.tradecredit_outbox", "ERROR"),
        ):
            self._send()
        self.assertEqual((broken.state, broken.outbox_ids.state), ("unknown", "unknown"))
        self.assertEqual(whole.state, "approved")
        self.assertIn("log of the server", broken.outbox_ids.last_error)
        self._later()
        self._send()
        self.assertEqual(broken.state, "partly_approved")

    def test_an_increase_is_asked_where_there_is_a_limit(self):
        self._ask(amount=10_000)
        self._send()
        self.assertEqual(self._ask(amount=20_000).action, "increase")

    def test_cancelling_before_it_was_sent_sends_nothing(self):
        application = self._ask()
        application.with_user(self.salesperson).action_cancel()
        self._send()
        self.assertEqual(application.state, "cancelled")
        self.assertFalse(self._received())

    def test_cancelling_at_the_insurer(self):
        application = self._ask(self._buyer("Person", A_PERSON))
        self._send()
        self.assertEqual(application.state, "referred")
        self.assertFalse(application.is_being_withdrawn)
        application.with_user(self.controller).action_cancel()
        self.assertTrue(application.with_user(self.salesperson).is_being_withdrawn)
        self._send()
        self.assertFalse(application.is_being_withdrawn)
        self.assertEqual(application.state, "cancelled")
        self.assertEqual(self._received()[0]["state"], "cancelled")
        with self.assertRaises(UserError):
            application.with_user(self.controller).action_cancel()

    def test_who_may_ask_and_cancel(self):
        stranger = self._user("stranger", "base.group_partner_manager")
        with self.assertRaises(AccessError):
            self.env["tradecredit.application"].with_user(stranger)._request(self.buyer, amount=1)
        elsewhere = self.env["res.company"].create({"name": "Elsewhere"})
        outsider = self._user("outsider", "tradecredit.group_requester", elsewhere)
        with self.assertRaises(AccessError):
            self.env["tradecredit.application"].with_user(outsider)._request(self.buyer, amount=1)
        application = self._ask()
        colleague = self._user("colleague", "tradecredit.group_requester")
        with self.assertRaises(AccessError):
            application.with_user(colleague).action_cancel()

    def test_a_person_may_say_that_the_insurer_does_not_have_it(self):
        application = self._ask()
        row = application.outbox_ids
        row.write({"state": "unknown", "attempts": 1, "next_try": "2099-01-01 00:00:00"})
        with self.assertRaises(AccessError):
            row.with_user(self.salesperson).action_not_received()
        row.with_user(self.controller).action_not_received()
        self.assertEqual(row.state, "pending")
        self._send()
        self.assertEqual(application.state, "approved")

    def test_a_copied_database_makes_other_references(self):
        sequence = self.env.ref("tradecredit.sequence_application")
        number = sequence.number_next_actual
        references = set()
        for _database in range(2):
            sequence.number_next_actual = number
            references.add(self.env["tradecredit.application"]._new_reference())
        self.assertEqual(len(references), 2)
