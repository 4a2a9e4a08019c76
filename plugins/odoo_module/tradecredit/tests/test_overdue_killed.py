"""A server process that is killed while it declares: every declaration arrives exactly once."""

from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .test_killed import TestKilled


@tagged("-standard", "-at_install", "post_install", "database_breaking")
class TestOverdueKilled(TestKilled):
    allow_inherited_tests_method = True

    def setUp(self):
        super().setUp()
        with self._env() as env:
            applications = env["tradecredit.application"].browse(self.application_ids)
            applications.action_cancel()  # what was asked for is not what this is about
            due = fields.Date.today() - timedelta(days=70)
            overdues = env["tradecredit.overdue"].create([
                {
                    "buyer_id": buyer.id, "currency_id": env.ref("base.EUR").id, "oldest_due": due, "outstanding": 100,
                    "stop_on": due + timedelta(days=60), "notify_by": due + timedelta(days=90),
                    "line_ids": [
                        fields.Command.create({"number": f"INV/{buyer.id}", "original_due": due, "open_amount": 100, "amount": 100})
                    ],
                }
                for buyer in applications.buyer_id.sorted("id")
            ])  # fmt: skip
            for overdue in overdues:
                overdue._declare(env.user, is_fresh=True)
            self.overdue_ids = overdues.ids

    def _rows(self):
        with self._env() as env:
            rows = env["tradecredit.outbox"].search([("overdue_id", "in", self.overdue_ids)], order="id")
            return [(row.state, row.attempts, row.overdue_id.state) for row in rows]

    def _received(self):
        return [one["reference"] for one in self.sandbox.control("GET", "/overdues")["items"]]

    def _check_the_rest(self):
        self.assertEqual(self._rows()[0][:2], ("sending", 1))
        self._send()
        self.assertEqual(self._rows()[0][:2], ("sending", 1), "nobody knows yet that its process is dead")
        self._let_the_lease_end()
        self._send()
        self.assertEqual([(row, overdue) for row, _attempts, overdue in self._rows()], [("done", "declared")] * 3)
        references = self._received()
        self.assertEqual((len(references), len(set(references))), (3, 3))
