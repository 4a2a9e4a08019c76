"""A server process that is killed while it reports adverse information: every report arrives exactly once."""

from odoo import fields
from odoo.tests import tagged

from .test_killed import TestKilled


@tagged("-standard", "-at_install", "post_install", "database_breaking")
class TestReportKilled(TestKilled):
    allow_inherited_tests_method = True

    def setUp(self):
        super().setUp()
        with self._env() as env:
            applications = env["tradecredit.application"].browse(self.application_ids)
            applications.action_cancel()  # what was asked for is not what this is about
            reports = env["tradecredit.report"]
            for buyer in applications.buyer_id.sorted("id"):
                report = reports._keep(
                    buyer, action="adverse", adverse_kind="legal_action", happened_on=fields.Date.today()
                )  # fmt: skip
                report.action_send()
                reports |= report
            self.report_ids = reports.ids

    def _rows(self):
        with self._env() as env:
            rows = env["tradecredit.outbox"].search([("report_id", "in", self.report_ids)], order="id")
            return [(row.state, row.attempts, row.report_id.state) for row in rows]

    def _received(self):
        return [one["reference"] for one in self.sandbox.control("GET", "/adverse-reports")["items"]]

    def _check_the_rest(self):
        self.assertEqual(self._rows()[0][:2], ("sending", 1))
        self._send()
        self.assertEqual(self._rows()[0][:2], ("sending", 1), "nobody knows yet that its process is dead")
        self._let_the_lease_end()
        self._send()
        self.assertEqual([(row, report) for row, _attempts, report in self._rows()], [("done", "received")] * 3)
        references = self._received()
        self.assertEqual((len(references), len(set(references))), (3, 3))
