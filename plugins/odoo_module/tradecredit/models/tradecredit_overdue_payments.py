"""What is paid, credited or written off after a declaration is told to the insurer.

The policy says to which invoices a payment goes, whatever the buyer wrote on it; so the sum is told, and once nothing is
left, that all is settled. One report at a time: the next night tells what has happened since.
"""

from __future__ import annotations

import logging
from datetime import date

from odoo import api, models
from odoo.tools import format_amount

from tradecredit_sdk import Overdue

from .tradecredit_overdue import AT_THE_INSURER

_logger = logging.getLogger(__name__)


class TradecreditOverdue(models.Model):
    _inherit = "tradecredit.overdue"

    @api.model
    def _report_payments(self, policy):
        """Put into the outbox what the insurer does not know yet; the buyers of whom that was not possible."""
        failed = self.env["tradecredit.buyer"]
        known = [("policy_id", "=", policy.id), ("state", "in", AT_THE_INSURER), ("insurer_overdue_id", "!=", False)]
        for overdue in self.search(known):
            news, is_over = -overdue._unknown_to_insurer(), overdue._is_over()
            is_news = is_over or (
                news > 0 and overdue.open_amount
            )  # to the insurer all that is paid is settled for ever
            if overdue._is_reporting() or not is_news:
                continue
            try:
                with self.env.cr.savepoint():
                    overdue._report(news, is_over=is_over)
            except Exception:
                _logger.exception("payments of %s could not be reported", overdue.reference)
                failed |= overdue.buyer_id
        return failed

    def _is_reporting(self) -> bool:
        return any(
            row.kind == "overdue_change" and row.state in ("pending", "sending", "unknown") for row in self.outbox_ids
        )

    def _report(self, amount: float, *, is_over: bool) -> None:
        """Tell that so much was paid, or that nothing is owed any more."""
        day = self._paid_on().isoformat()
        payload = {"overdue_id": self.insurer_overdue_id, "action": "settle", "settled_on": day}
        if not is_over:
            paid = self._money(amount).to_dict()
            payload = {"overdue_id": self.insurer_overdue_id, "action": "pay", "amount": paid, "paid_on": day}
        refused = self.outbox_ids.filtered(lambda row: row.kind == "overdue_change" and row.state == "refused")
        days = ("paid_on", "settled_on")
        what = {name: value for name, value in payload.items() if name not in days}
        if any({name: row.payload.get(name) for name in what} == what for row in refused):
            return  # a person was told, and the insurer does not change its mind every night
        self.env["tradecredit.outbox"]._put("overdue_change", self, payload, reference=self._new_reference())
        what = self.env._("all is settled") if is_over else format_amount(self.env, amount, self.currency_id)
        self.message_post(body=self.env._("To be reported as paid: %s", what))

    def _paid_on(self) -> date:
        """The last day on which something of it was paid or credited."""
        lines = self.line_ids.move_line_id
        days = [day for day in lines.matched_credit_ids.mapped("max_date") if day]
        today = self.env["tradecredit.exposure"]._today(self.policy_id)
        return min(max(days, default=today), today)

    def _told(self, row, answer: Overdue) -> None:
        """A report has reached the insurer."""
        if row.payload["action"] == "pay":
            self.reported_paid += float(row.payload["amount"]["amount"])
        else:
            self.reported_paid = self.amount
        self.last_error = False
        self._hear(answer)
