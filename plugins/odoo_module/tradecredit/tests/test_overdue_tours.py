"""A controller works what is overdue, in a real browser, with a real insurer beside Odoo or without one that answers."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import timedelta
from unittest.mock import patch

from odoo.tests import HttpCase, tagged

from .insurer_common import HALF, REFUSED
from .overdue_common import OverdueCommon

BOARD = "/odoo/action-tradecredit.tradecredit_overdue_action"


@tagged("post_install", "-at_install")
class TestOverdueTours(HttpCase, OverdueCommon):
    def setUp(self):
        super().setUp()
        self.buyer.partner_id.name = "Nordlicht Handel GmbH"

    @contextmanager
    def _jobs(self):
        """As in the other tests; a test of the browser has its registry in test mode already."""
        self.env.flush_all()
        with self.registry.cursor() as cr:
            yield self.env(cr=cr, user=self.env.ref("base.user_root").id, su=True)
        self.env.invalidate_all()

    def _named(self, number: str, amount: float, late: int, buyer=None):
        invoice = self._invoice(amount, late, buyer, post=False)
        invoice.name = number
        invoice.action_post()
        return invoice

    def _other(self, name: str, insurer_buyer_id: str):
        buyer = self._buyer(name, insurer_buyer_id)
        self._insure(buyer)
        return buyer

    def _tour(self, name: str):
        self.start_tour(BOARD, name, login=self.controller.login)
        self.env.invalidate_all()

    def test_from_the_scan_to_the_acknowledgement(self):
        self._named("INV/OLDEST", 1200, 90)
        self._named("INV/COMING", 300, -20)
        self._named("INV/NEXT", 700, 86, self._other("Westkamp AG", HALF))
        self._named("INV/LATER", 500, 10, self._other("Spätzeit OHG", REFUSED))
        self.sandbox.control("PUT", "/acknowledging", {"after_seconds": 3600})
        self._scan()
        self._tour("tradecredit_controller_declares")
        overdue = self._found()
        self.assertEqual((overdue.state, overdue.declared_by), ("to_send", self.controller))
        self._send()
        self.sandbox.advance(seconds=3700)
        self._poll()
        [declared] = self._declared()
        self.assertEqual((declared["reference"], declared["id"]), (overdue.reference, overdue.insurer_overdue_id))
        self._tour("tradecredit_controller_sees_the_acknowledgement")

    def test_by_hand_while_the_insurer_cannot_be_reached(self):
        self._named("INV/OLDEST", 1200, 89)
        reachable = self.policy.base_url
        self.policy.write({"base_url": "http://127.0.0.1:9/open/v1", "manual_address": "claims@insurer.example"})
        ago = self.today - timedelta(days=9)
        with patch.object(self.registry["tradecredit.exposure"], "_today", lambda _exposure, _policy: ago):
            self._scan()
            overdue = self._found()
            self._declare(overdue)
            self._send()
            self.assertFalse(overdue.activity_ids)
        with self._jobs() as env:
            env["tradecredit.overdue"]._cron_watch()
        self.assertEqual((overdue.state, overdue.days_left), ("to_send", 1))
        self.assertRegex(overdue.last_error, "^The insurer of policy DEMO-001: nothing answers .* may reach it.$")
        mails = self.env["mail.mail"].search([("model", "=", overdue._name), ("res_id", "=", overdue.id)])
        self.assertIn(self.controller.partner_id, mails.recipient_ids)
        self._tour("tradecredit_controller_declares_by_hand")
        self.assertRecordValues(
            overdue, [{"state": "manual", "manual_way": "Portal", "in_time": "yes", "last_error": False}]
        )
        self.assertEqual(overdue.proof_ids.raw, b"Received today")

        self.policy.base_url = reachable
        self._later()
        self._send()
        self.assertEqual((overdue.state, overdue.outbox_ids.state), ("manual", "withdrawn"))
        self.assertFalse(self._declared())
