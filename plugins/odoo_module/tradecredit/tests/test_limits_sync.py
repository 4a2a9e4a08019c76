"""What the insurer shows is taken over with its history; what cannot be believed changes nothing."""

import json
from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.tools import mute_logger

from tradecredit_sdk import CreditLimit, Money

from .insurer_common import A_PERSON, ALWAYS, IN_USD, REDUCED_LATER, WITH_CONDITIONS, InsurerCommon

NEWS = "odoo.addons.tradecredit.models.tradecredit_policy_news"


class TestLimitsSync(InsurerCommon):
    def _history(self, buyer):
        return self.env["tradecredit.limit"].with_context(active_test=False).search([("buyer_id", "=", buyer.id)])

    def _in_force(self, buyer):
        """Amounts of rows that the insurer shows and has not ended."""
        return buyer.limit_ids.filtered(lambda row: row.state not in ("superseded", "expired")).mapped("amount")

    def _approved(self, buyer=None, amount=50_000):
        application = self._ask(buyer, amount)
        self._send()
        return application

    def _old(self):
        """Let the limits have been read an hour ago."""
        long_ago = fields.Datetime.now() - timedelta(hours=12)
        self.policy.listed_at = long_ago
        self.env["tradecredit.buyer"].search([("policy_id", "=", self.policy.id)]).as_of = long_ago
        return long_ago

    def test_a_person_at_the_insurer_decides_later(self):
        buyer = self._buyer("Person", A_PERSON)
        application = self._approved(buyer)
        self.assertEqual(application.state, "referred")
        self._poll()
        self.assertEqual(application.state, "referred")
        decision = {"state": "approved", "amount": {"amount": "30000.00", "currency": "EUR"}}
        self.sandbox.control("POST", f"/applications/{application.insurer_application_id}/decide", decision)
        self._poll()
        self.assertEqual((application.state, application.granted_amount), ("approved", 30_000))
        self.assertEqual(buyer.limit_ids.mapped("amount"), [30_000])

    def test_a_reduction_adds_a_row_and_keeps_the_one_before(self):
        buyer = self._buyer("Später weniger", REDUCED_LATER)
        self._approved(buyer, 80_000)
        [before] = buyer.limit_ids
        self.sandbox.advance(days=31)
        self._poll()
        self.assertFalse(before.active)
        self.assertEqual((before.amount, before.state), (80_000, "approved"))
        self.assertTrue(before.seen_until)
        self.assertFalse(before.valid_until)
        ended, now = buyer.limit_ids.sorted("valid_from")
        self.assertEqual((now.amount, now.state), (40_000, "reduced"))
        self.assertEqual((ended.amount, ended.insurer_limit_id), (80_000, before.insurer_limit_id))
        self.assertEqual(ended.valid_until, now.valid_from - timedelta(days=1))

    def test_an_announced_change_is_on_the_row(self):
        self._approved()
        [limit] = self.buyer.limit_ids
        cut = {"amount": {"amount": "10000.00", "currency": "EUR"}, "notice_days": 30}
        self.sandbox.control("POST", f"/limits/{limit.insurer_limit_id}/cut", cut)
        self._poll()
        [limit] = self.buyer.limit_ids
        self.assertEqual((limit.amount, limit.change_amount), (50_000, 10_000))
        self.assertGreater(limit.change_on, fields.Date.today())
        [kept] = limit._current_of(self.buyer)[self.buyer.id]
        self.assertEqual(kept.announced_change.amount, Money("10000.00", "EUR"))

    def test_nothing_new_writes_no_rows(self):
        self._approved(self._buyer("Bedingt", WITH_CONDITIONS))
        self._approved(self._buyer("Dollar", IN_USD))
        self._approved()
        before = self.env["tradecredit.limit"].with_context(active_test=False).search_count([])
        old = self._old()
        self._poll()
        self.assertEqual(self.env["tradecredit.limit"].with_context(active_test=False).search_count([]), before)
        self.assertGreater(self.buyer.as_of, old)

    def test_a_row_is_the_insurers_row_again(self):
        buyer = self._buyer("Bedingt", WITH_CONDITIONS)
        self._approved(buyer)
        with self.policy._client() as client:
            [shown] = client.limits.list(buyer_id=WITH_CONDITIONS)
        [row] = buyer.limit_ids
        [kept] = row._current_of(buyer)[buyer.id]
        for name in CreditLimit.model_fields.keys() - {"conditions", "application_id"}:
            self.assertEqual(getattr(kept, name), getattr(shown, name), name)
        self.assertEqual([one.text for one in kept.conditions], [one.text for one in shown.conditions])
        self.assertTrue(kept.conditions)
        self.assertEqual(kept.max_terms_days, 30)

    def test_what_was_shown_is_never_changed(self):
        self._approved()
        with self.assertRaises(UserError):
            self.buyer.limit_ids.write({"amount": 1_000_000})

    def test_the_dead_leave_everything_as_it_was(self):
        self._approved()
        old = self._old()
        self.policy.base_url = "http://127.0.0.1:9/open/v1"
        self._poll()
        self.assertEqual(self.buyer.as_of, old)
        self.assertEqual(self.buyer.limit_ids.mapped("amount"), [50_000])
        self.assertEqual(len(self._outages()), 1)

    def test_rubbish_leaves_everything_as_it_was(self):
        self._approved()
        row = {"id": "L1", "buyer_id": ALWAYS, "kind": "permanent", "state": "approved", "valid_from": "2026-01-01"}
        lies = {
            "html": (200, "text/html", "<html>maintenance</html>"),
            "error": (500, "text/html", "<html>oops</html>"),
            "no list": (200, "application/json", "{}"),
            "currency": (200, "application/json", self._page(row | {"amount": {"amount": "1.00", "currency": "EURO"}})),
            "negative": (200, "application/json", self._page(row | {"amount": {"amount": "-1.00", "currency": "EUR"}})),
            "no money": (200, "application/json", self._page(row | {"amount": "1000000"})),
            "no end": (200, "application/json", self._page(next_cursor="again")),
        }
        for lie, answer in lies.items():
            with self.subTest(lie), self._server(answer) as address:
                old = self._old()
                self.policy.base_url = address
                self._poll()
                self.assertEqual(self.buyer.as_of, old)
                self.assertEqual(self.buyer.limit_ids.mapped("amount"), [50_000])
        self.assertEqual(len(self._outages()), 1)

    def _page(self, *items, next_cursor=None):
        return json.dumps({"items": list(items), "next_cursor": next_cursor})

    def test_a_currency_that_odoo_lacks_changes_nothing(self):
        self._approved()
        old = self._old()
        self.env["res.currency"].search([("name", "=", "EUR")]).name = "EUX"
        self._poll()
        self.assertEqual(self.buyer.as_of, old)
        self.assertTrue(self.policy.outage_error)

    def test_limits_of_another_buyer_are_not_taken_over(self):
        self._approved()
        other = self._buyer("Fremd", A_PERSON)
        with self.policy._client() as client:
            [limit] = client.limits.list(buyer_id=ALWAYS)
        answer = self._page(limit.model_dump(mode="json", exclude={"application_id"}))
        with self._server((200, "application/json", answer)) as address:
            self.policy.base_url = address
            with self.assertRaises(UserError):
                self.policy.with_user(self.controller)._read_for_a_person(other)
        self.assertFalse(other.limit_ids)
        self.assertFalse(other.as_of)

    def test_the_decision_on_another_application_decides_nothing(self):
        buyer = self._buyer("Person", A_PERSON)
        application = self._approved(buyer)
        answer = {
            "application_id": "A-unknown", "state": "approved", "amount": {"amount": "9999999.00", "currency": "EUR"},
            "items": [], "next_cursor": None,
        }  # fmt: skip
        with self._server((200, "application/json", json.dumps(answer))) as address:
            self.policy.base_url = address
            self._poll()
        self.assertEqual(application.state, "referred")
        self.assertFalse(application.granted_currency_id)
        self.assertTrue(application.last_error)

    def test_an_application_the_insurer_lost_is_not_refused(self):
        application = self._approved(self._buyer("Person", A_PERSON))
        self.sandbox.reset()
        self._poll()
        self.assertEqual(application.state, "referred")
        self.assertTrue(application.last_error)

    def test_older_news_does_not_undo_newer(self):
        self._approved()
        with self.policy._client() as client:
            as_of, found = self.policy._fetch(client)
        self.assertTrue(found)
        self.buyer.as_of = as_of + timedelta(seconds=1)
        self.policy._take_over(self.buyer, {}, as_of)
        self.assertEqual(self.buyer.limit_ids.mapped("amount"), [50_000])
        self.policy._take_over(self.buyer, {}, as_of + timedelta(seconds=1))
        self.assertFalse(self.buyer.limit_ids)
        self.assertEqual(len(self._history(self.buyer)), 1)

    def test_many_pages_are_read_to_the_end(self):
        for number in range(101, 111):
            self._ask(self._buyer(f"Kunde {number}", self._nth_company(number)), 5_000)
        self._send()
        with self.policy._client() as client:
            self.assertEqual(client.limits.list(page_size=3).first() is not None, True)
            shown = client.limits.list(page_size=3).to_list(limit=100)
            _as_of, found = self.policy._fetch(client)
        self.assertEqual(sum(map(len, found.values())), len(shown))
        self.assertGreaterEqual(len(shown), 5)

    def _nth_company(self, number):
        return self.sandbox.control("GET", f"/buyers?page={number}&page_size=1")["items"][0]["id"]

    def test_between_listings_events_say_where_to_look(self):
        self._approved()
        self._poll()
        listed = self.policy.listed_at
        self.assertTrue(self.policy.event_cursor)
        [limit] = self.buyer.limit_ids
        cut = {"amount": {"amount": "10000.00", "currency": "EUR"}, "notice_days": 0}
        self.sandbox.control("POST", f"/limits/{limit.insurer_limit_id}/cut", cut)
        self.sandbox.control("POST", f"/buyers/{ALWAYS}/grade", {"grade": "9"})
        self._poll()
        self.assertEqual(self.policy.listed_at, listed)
        self.assertEqual(self._in_force(self.buyer), [10_000])
        self.assertEqual(self.buyer.grade, "9")

    def test_other_addons_hear_of_changes_and_cannot_undo_them(self):
        self._approved(amount=50_000)
        heard = []
        buyers = type(self.env["tradecredit.buyer"])

        def listen(changed):
            heard.append(changed.ids)
            raise ValueError("trouble of another addon")

        [limit] = self.buyer.limit_ids
        cut = {"amount": {"amount": "10000.00", "currency": "EUR"}, "notice_days": 0}
        self.sandbox.control("POST", f"/limits/{limit.insurer_limit_id}/cut", cut)
        self.patch(buyers, "_limits_changed", listen)
        with mute_logger(NEWS):
            self._poll()
        self.assertEqual(heard, [self.buyer.ids])
        self.assertEqual(self._in_force(self.buyer), [10_000])
