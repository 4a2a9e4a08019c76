"""A server process that is killed while it reports adverse information: every report arrives exactly once."""

from odoo import fields
from odoo.tests import tagged

from .killed_common import ToldKilled


@tagged("-standard", "-at_install", "post_install", "database_breaking")
class TestReportKilled(ToldKilled):
    subject, arrived, path = "report_id", "received", "/adverse-reports"

    def _tell(self, env, buyers):
        reports = env["tradecredit.report"]
        for buyer in buyers:
            reports |= reports._keep(
                buyer, action="adverse", adverse_kind="legal_action", happened_on=fields.Date.today()
            )  # fmt: skip
        reports.action_send()
        return reports
