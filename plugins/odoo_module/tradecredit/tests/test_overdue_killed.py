"""A server process that is killed while it declares: every declaration arrives exactly once."""

from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .killed_common import ToldKilled


@tagged("-standard", "-at_install", "post_install", "database_breaking")
class TestOverdueKilled(ToldKilled):
    subject, arrived, path = "overdue_id", "declared", "/overdues"

    def _tell(self, env, buyers):
        due = fields.Date.today() - timedelta(days=70)
        overdues = env["tradecredit.overdue"].create([
            {
                "buyer_id": buyer.id, "currency_id": env.ref("base.EUR").id, "oldest_due": due, "outstanding": 100,
                "stop_on": due + timedelta(days=60), "notify_by": due + timedelta(days=90),
                "line_ids": [
                    fields.Command.create({"number": f"INV/{buyer.id}", "original_due": due, "open_amount": 100, "amount": 100})
                ],
            }
            for buyer in buyers
        ])  # fmt: skip
        for overdue in overdues:
            overdue._declare(env.user, is_fresh=True)
        return overdues
