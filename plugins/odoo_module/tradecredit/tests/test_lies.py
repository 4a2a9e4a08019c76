"""An insurer whose answers are plausible and wrong: nothing wrong is believed, and nothing else waits for it."""

from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tools import mute_logger

from .insurer_common import A_PERSON, HALF, UNDERWRITER, InsurerCommon

NEWS = "odoo.addons.tradecredit.models.tradecredit_policy_news"


class TestLies(InsurerCommon):
    @contextmanager
    def _limits(self, change):
        """The insurer shows its limits as `change` made them."""

        def of_limits(path, status, body):
            if "/limits" in path and body.get("items"):
                change(body["items"])
            return status, body

        with self._lying(of_limits):
            yield

    def _approved(self):
        self._ask()
        self._send()
        [limit] = self.buyer.limit_ids
        return limit

    def _old(self, *others):
        old = fields.Datetime.now() - timedelta(days=5)
        self.policy.listed_at = old
        self.buyer.union(*others).as_of = old
        return old

    def test_a_limit_that_is_listed_twice_counts_once(self):
        limit, old = self._approved(), self._old()
        with self._limits(lambda items: items.append(dict(items[0]))):
            self._poll()
        self.assertGreater(self.buyer.as_of, old)
        self.assertEqual(self.buyer.limit_ids, limit)

    def test_a_new_limit_that_is_listed_twice_counts_once(self):
        self._approved()
        self._old()
        with self._limits(lambda items: items.extend(dict(items[0], id="L-NEW") for _ in range(2))):
            self._poll()
        self.assertEqual(len(self.buyer.limit_ids), 2)

    def test_a_limit_that_is_listed_as_two_is_not_believed(self):
        limit, old = self._approved(), self._old()
        with self._limits(lambda items: items.append(dict(items[0], amount={"amount": "7.00", "currency": "EUR"}))):
            self._poll()
        self.assertEqual(self.buyer.as_of, old)
        self.assertEqual(self.buyer.limit_ids, limit)
        self.assertTrue(self.policy.outage_error)

    def test_what_a_database_cannot_keep_is_left_out(self):
        self._approved()
        self._old()

        def change(items):
            items[0] |= {
                "conditions": [{"code": "X", "text": "a\x00b \ud800c"}], "insurer_code": "G\x001",
                "max_terms_days": 99_999_999_999,
            }  # fmt: skip

        with self._limits(change):
            self._poll()
        [limit] = self.buyer.limit_ids
        self.assertEqual((limit.conditions, limit.insurer_code, limit.max_terms_days), ("ab c", "G1", 3650))
        [kept] = limit._current_of(self.buyer)[self.buyer.id]
        self.assertEqual(kept.max_terms_days, 3650)

    def test_a_decision_with_such_words_is_a_decision(self):
        application = self._ask(self._buyer("Person", A_PERSON))
        self._send()
        decision = {"state": "approved", "amount": {"amount": "30000.00", "currency": "EUR"}}
        self.sandbox.control("POST", f"/applications/{application.insurer_application_id}/decide", decision)

        def change(path, status, body):
            if path.endswith("/decision"):
                body |= {"reason": "good\x00", "insurer_code": "\x00A"}
            return status, body

        with self._lying(change):
            self._poll()
        self.assertEqual((application.state, application.reason), ("approved", "good"))
        self.assertEqual(application.insurer_code, "A")

    def test_one_application_that_cannot_be_read_keeps_nothing_waiting(self):
        people = [self._buyer("Bad", A_PERSON), self._buyer("Good", UNDERWRITER)]
        bad, good = (self._ask(buyer) for buyer in people)
        self._approved()
        decided = {"state": "approved", "amount": {"amount": "30000.00", "currency": "EUR"}}
        self.sandbox.control("POST", f"/applications/{good.insurer_application_id}/decide", decided)

        for status in (500, 400, 409, 403, 429, 401):

            def change(path, answered, body, status=status):
                if bad.insurer_application_id in path:
                    return status, {"error": {"code": "boom", "message": f"number {status}"}}
                return answered, body

            old = self._old(*people)
            with self.subTest(status), self._lying(change):
                self._poll()
                self.assertGreater(self.buyer.as_of, old)
                self.assertTrue(bad.last_error)
                self.assertEqual(bad.state, "referred")
                self.assertTrue(self.policy.outage_error)
        self.assertEqual(good.state, "approved")
        self._poll()
        self.assertFalse(self.policy.outage_since)

    def test_wrong_files_and_events_keep_no_limits_waiting(self):
        self._approved()
        self._poll()
        cursor = self.policy.event_cursor
        self.assertTrue(cursor)
        for wrong in ("/events", "/buyers/"):

            def change(path, status, body, wrong=wrong):
                return (500, {"error": {"code": "boom", "message": "x"}}) if wrong in path else (status, body)

            self.buyer.file_read_at = False
            old = self._old()
            with self.subTest(wrong), self._lying(change):
                self._poll()
                self.assertGreater(self.buyer.as_of, old)
                self.assertTrue(self.policy.outage_error)
                self.assertEqual(self.policy.event_cursor, cursor)

    def test_an_outage_is_not_waited_for_with_every_application(self):
        asked = self.env["tradecredit.application"]
        for number, name in ((A_PERSON, "Person"), (UNDERWRITER, "Underwriter")):
            asked |= self._ask(self._buyer(name, number))
        self._approved()
        for turn in range(2):
            self.policy.base_url = "http://127.0.0.1:9/open/v1"
            self._poll()
            self.assertTrue(self.policy.outage_error)
            self.assertEqual(len(asked.filtered("last_error")), turn + 1)

    def test_one_policy_that_cannot_be_understood_keeps_no_other_waiting(self):
        self._approved()
        elsewhere = self.env["res.company"].create({"name": "Elsewhere", "currency_id": self.euro.id})
        other = self.env["tradecredit.policy"].create({
            "name": "DEMO-001", "company_id": elsewhere.id, "base_url": self.sandbox.base_url_open,
            "api_key": "sandbox", "currency_id": self.euro.id,
        })  # fmt: skip
        buyer = self.env["tradecredit.buyer"]._of_partner(other, self._partner("Zweite GmbH"))
        buyer.insurer_buyer_id = HALF
        self._old()
        policies = type(self.env["tradecredit.policy"])
        fetch = policies._fetch

        def understood(policy, *arguments):
            if policy == self.policy:
                raise KeyError("a lie that nobody thought of")
            return fetch(policy, *arguments)

        with patch.object(policies, "_fetch", understood), mute_logger(NEWS):
            self._poll()
        self.assertTrue(self.policy.outage_error)
        self.assertNotIn("thought", self.policy.outage_error)
        self.assertTrue(buyer.as_of)
        self.assertFalse(other.outage_error)
