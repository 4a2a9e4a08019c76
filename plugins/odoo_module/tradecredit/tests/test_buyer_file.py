"""What the insurer has on file of a buyer, its state and country, is kept, shown, and decides on orders."""

from dataclasses import replace
from decimal import Decimal
from unittest.mock import patch

from odoo import fields

from tradecredit_sdk import ReasonCode
from tradecredit_sdk.insurers.open import OpenInsurer

from ..models.check_request import CheckRequest
from ..models.reason_text import reason_text
from ..models.tradecredit_buyer import TOLD
from .insurer_common import ALWAYS, HALF, InsurerCommon

INSOLVENT = "900000008"


class TestBuyerFile(InsurerCommon):
    def setUp(self):
        super().setUp()
        self.policy.write({"has_discretionary_limit": True, "discretionary_limit": 10_000})

    def _check(self, buyer=None, amount=100, **options):
        payer = (buyer or self.buyer).partner_id
        request = CheckRequest(payer, payer, Decimal(amount), Decimal(0), self.euro, 30)
        [outcome] = self.env["tradecredit.check"]._run(self.company, [request], trigger="confirm", **options)
        return outcome

    def _codes(self, outcome) -> list[str]:
        return [reason.code.value for reason in outcome.verdict.reasons]

    def _declare_insolvent(self, buyer_id=ALWAYS):
        self.sandbox.control("POST", f"/buyers/{buyer_id}/insolvency")

    def _as_if_it_may_cost(self):
        return patch.object(OpenInsurer, "capabilities", replace(OpenInsurer.capabilities, lookup_may_cost=True))

    def test_the_company_that_is_picked_brings_its_state_and_country(self):
        [found] = self.sandbox.control("GET", f"/buyers?query={INSOLVENT}")["items"]
        buyer = self._buyer("Sandbox Insolvent GmbH", None)
        wizard = (
            self.env["tradecredit.find.buyer"]
            .with_user(self.controller)
            .create({
                "buyer_id": buyer.id,
                "name": found["name"],
                "country_id": self.env.ref("base.de").id,
            })
        )  # fmt: skip
        wizard.action_search()
        wizard.line_ids.filtered(lambda line: line.insurer_buyer_id == INSOLVENT).action_pick()
        self.assertRecordValues(
            buyer, [{"insurer_status": "insolvent", "status": "insolvent", "insurer_country": "DE"}]
        )
        outcome = self._check(buyer)
        self.assertTrue(outcome.stops)
        self.assertIn("buyer_insolvent", self._codes(outcome))
        self.assertIn("insolvent", self.env["tradecredit.check"]._message([outcome]))
        self.assertEqual(outcome.check.limits["buyer_status"], "insolvent")
        self.assertEqual(buyer.cover_state, "stopped")

    def test_the_file_of_an_identified_buyer_is_read_once(self):
        self._poll()
        self.assertRecordValues(
            self.buyer, [{"status": "active", "insurer_country": "DE", "grade": self._shown(ALWAYS)["grade"]}]
        )
        self.assertTrue(self.buyer.file_read_at)
        with patch.object(OpenInsurer, "get_buyer", side_effect=AssertionError("asked again, though events tell")):
            self._poll()

    def _shown(self, buyer_id):
        return self.sandbox.control("GET", f"/buyers?query={buyer_id}")["items"][0]

    def test_insolvency_is_heard_of_by_an_event_and_stops_orders(self):
        self._ask(amount=50_000)  # who has to do with a buyer hears of it
        self._send()
        self._poll()
        self.assertFalse(self._check().stops)
        self._declare_insolvent()
        with patch.object(type(self.buyer), "_limits_changed", autospec=True) as told:
            self._poll()
        self.assertIn(self.buyer.id, {buyer_id for call in told.call_args_list for buyer_id in call.args[0].ids})
        self.assertEqual((self.buyer.status, self.buyer.grade), ("insolvent", "10"))
        self.assertIn("buyer_insolvent", self._codes(self._check()))

    def test_of_what_became_known_others_are_told_although_no_limit_changed(self):
        self._poll()
        self.buyer.insurer_status = "insolvent"
        self.buyer.file_read_at = False
        with patch.object(type(self.buyer), "_limits_changed", autospec=True) as told:
            self._poll()
        self.assertEqual(self.buyer.status, "active")
        self.assertEqual([call.args[0].ids for call in told.call_args_list], [self.buyer.ids])

    def test_where_a_look_up_may_cost_nothing_but_the_event_is_read(self):
        self._ask(amount=50_000)
        self._send()
        self._declare_insolvent()
        with (
            self._as_if_it_may_cost(),
            patch.object(OpenInsurer, "get_buyer", side_effect=AssertionError("a look-up that may be billed")),
        ):
            self._poll()
            self.buyer.with_user(self.salesperson).action_read_limits()
        self.assertEqual(self.buyer.status, "insolvent")
        self.assertFalse(self.buyer.file_read_at)

    def test_a_file_grows_old_where_no_events_tell(self):
        known = OpenInsurer.capabilities.operations
        mute = replace(
            OpenInsurer.capabilities, operations=frozenset(one for one in known if one.value != "poll_events")
        )
        with patch.object(OpenInsurer, "capabilities", mute):
            self._poll()
            self._declare_insolvent()
            self._poll()
            self.assertEqual(self.buyer.status, "active", "read a moment ago")
            self.buyer.file_read_at = fields.Datetime.subtract(fields.Datetime.now(), hours=25)
            self._poll()
        self.assertEqual(self.buyer.status, "insolvent")

    def test_a_click_reads_it_too(self):
        self._declare_insolvent()
        self.buyer.with_user(self.salesperson).action_read_limits()
        self.assertEqual(self.buyer.status, "insolvent")

    def test_a_file_that_cannot_be_read_changes_nothing(self):
        self._poll()
        unknown = self._buyer("Fehlt", "999999999")
        self._poll()
        self.assertFalse(unknown.insurer_status)
        self.assertTrue(unknown.file_read_at, "it is not asked for at each run")
        self.assertFalse(self._outages())

    def test_the_chatter_says_when_it_changed(self):
        self.buyer.insurer_status = "active"
        self.env.cr.precommit.run()  # a change is noted at the end of a transaction
        self._declare_insolvent()
        self._poll()
        self.env.cr.precommit.run()
        changes = self.buyer.message_ids.tracking_value_ids.filtered(lambda value: value.field_id.name == "status")
        self.assertIn(("Active", "Insolvent"), [(change.old_value_char, change.new_value_char) for change in changes])

    def test_words_that_are_not_known_here_are_shown_as_they_are(self):
        self.buyer.insurer_status = " INSOLVENT "
        self.assertEqual(self.buyer.status, "insolvent")
        self.buyer.insurer_status = "under observation"
        self.assertEqual((self.buyer.status, self.buyer.insurer_status), ("unknown", "under observation"))
        self.assertNotIn("buyer_insolvent", self._codes(self._check()))

    def test_discretionary_cover_follows_the_country_on_file(self):
        self.policy.write({"all_countries": False, "country_ids": [fields.Command.set(self.env.ref("base.de").ids)]})
        self.assertFalse(self._check().stops)
        self.buyer.insurer_country = "BR"
        self.assertIn("country_not_covered", self._codes(self._check()))

    def test_another_company_has_another_file(self):
        self.buyer.write({"insurer_status": "insolvent", "insurer_country": "DE"})
        self.buyer._identify(HALF, name="Half")
        self.assertRecordValues(self.buyer, [{"status": False, "insurer_status": False, "insurer_country": False}])
        self.buyer.write({"insurer_status": "insolvent", "insurer_country": "DE"})
        self.buyer.with_user(self.controller).action_forget()
        self.assertRecordValues(self.buyer, [{"status": False, "insurer_status": False, "insurer_country": False}])

    def test_it_costs_no_query(self):
        self.env.flush_all()
        self.env.invalidate_all()
        self.buyer.fetch(TOLD)
        with self.assertQueryCount(2):
            self.buyer._positions()
        queries = []
        with patch.object(type(self.env.cr), "execute", autospec=True, side_effect=self._noting(queries)):
            self._check()
            self.env.flush_all()
            self.env.invalidate_all()
            queries.clear()
            self._check(lock=False, record=False)
        read = [query for query in queries if 'FROM "tradecredit_buyer"' in query]
        self.assertEqual(len(read), 1, read)

    def _noting(self, queries):
        execute = type(self.env.cr).execute

        def noting(cursor, query, *arguments, **options):
            queries.append(getattr(query, "code", query))
            return execute(cursor, query, *arguments, **options)

        return noting

    def test_every_reason_has_words(self):
        for code in ReasonCode:
            with self.subTest(code=code.value):
                params = _AnyParams()
                self.assertNotEqual(
                    reason_text(self.env, {"code": code.value, "message": "the SDK's", "params": params}), "the SDK's"
                )


class _AnyParams(dict):
    """Whatever a reason asks for."""

    def __missing__(self, name):
        if name == "currency":
            return "EUR"
        if name.endswith(("_on", "_from", "_until", "_date", "stop_of_cover", "since", "until")):
            return "2026-03-31"
        return ["R1"] if name == "requested" else "1"
