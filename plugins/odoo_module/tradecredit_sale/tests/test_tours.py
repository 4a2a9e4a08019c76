"""What each person sees, in a real browser, with a real insurer beside Odoo."""

from __future__ import annotations

import json
import os
from urllib.request import Request, urlopen

from odoo.addons.tradecredit.tests.insurer_common import A_PERSON, LoopbackMixin
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from .test_held_paths import HeldCommon

QUOTATIONS = "/odoo/action-sale.action_quotations_with_onboarding"


@tagged("post_install", "-at_install")
class TestTours(LoopbackMixin, HttpCase, HeldCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.insurer = os.environ["TRADECREDIT_SANDBOX_URL"]
        cls.policy.write({"base_url": f"{cls.insurer}/open/v1", "api_key": "sandbox"})
        cls.buyer.insurer_buyer_id = A_PERSON

    def setUp(self):
        super().setUp()
        self._insurer("POST", "reset")
        self._invoice(600)

    def _insurer(self, method: str, path: str, **body):
        request = Request(f"{self.insurer}/sandbox/v1/{path}", json.dumps(body).encode(), method=method)
        request.add_header("Content-Type", "application/json")
        with urlopen(request, timeout=10) as answer:
            return json.loads(answer.read() or "null")

    def _run_jobs(self):
        for name in ("tradecredit.cron_send", "tradecredit.cron_poll", "tradecredit_sale.cron_recheck"):
            self.env.ref(name).method_direct_trigger()

    def _show(self, order, tour: str, login="tc-seller"):
        self.start_tour(f"{QUOTATIONS}/{order.id}", tour, login=login)
        self.env.invalidate_all()

    def _decide(self, amount: str) -> dict:
        """Let the insurer receive what waits in the outbox, decide on it, and Odoo hear of it; what was received."""
        self._run_jobs()
        [asked] = [row for row in self._insurer("GET", "applications")["items"] if row["state"] == "referred"]
        decision = {"state": "approved", "amount": {"amount": amount, "currency": "EUR"}}
        self._insurer("POST", f"applications/{asked['id']}/decide", **decision)
        self._run_jobs()
        self.env.invalidate_all()
        return asked

    def test_a_salesperson_is_stopped_asks_for_a_limit_and_goes_through(self):
        self.limit.active = False  # the insurer's own takes its place
        self.env["tradecredit.application"].with_user(self.seller)._request(self.buyer, amount=1000)
        self._decide("1000.00")
        order = self._order(1000)
        with mute_logger("odoo.http"):  # says that it refused
            self._show(order, "tradecredit_salesperson_is_stopped")
        self.assertRecordValues(order.sudo(), [{"state": "draft", "tradecredit_state": "held"}])

        self.assertEqual(self._decide("1600.00")["comment"], "A second site opens.")
        self.assertRecordValues(
            self.buyer.application_ids.sorted("id")[-1],
            [{"state": "approved", "action": "increase", "granted_amount": 1600, "requested_by": self.seller.id}],
        )
        self.assertEqual(order.sudo().tradecredit_state, "released")

        self._show(order, "tradecredit_salesperson_goes_through")
        self.assertRecordValues(order.sudo(), [{"state": "sale", "tradecredit_state": "no"}])
        self.assertEqual(self._checks(order)[0].limit_amount, 1600)

    def test_a_manager_releases_with_a_reason(self):
        order = self._order(1600)
        self._show(order, "tradecredit_salesperson_asks_for_release")
        self.start_tour(
            "/odoo/action-tradecredit.tradecredit_release_action", "tradecredit_manager_releases", login="tc-mona"
        )
        release = self.env["tradecredit.release"].search([("res_id", "=", order.id)])
        self.assertRecordValues(release, [{
            "state": "granted", "amount": 1600, "decided_by": self.manager.id, "requested_by": self.seller.id,
            "reason": "Known for years, delivered in two parts.",
        }])  # fmt: skip
        self._show(order, "tradecredit_salesperson_confirms_released")
        self.assertEqual(order.sudo().state, "sale")
        self.assertEqual(self._checks(order)[0].release_id, release)

    def test_a_customer_signs_an_order_that_is_held(self):
        order = self._order(5000, require_signature=True, require_payment=False).sudo()
        order.action_quotation_sent()
        order._portal_ensure_token()
        self.start_tour(order.get_portal_url(), "tradecredit_customer_signs", login=None)
        self.env.invalidate_all()
        self.assertTrue(order.signature)
        self.assertEqual(order.signed_by, "Jörg Groß")
        self.assertHeld(order)
