"""A declaration: what else the insurer is told of it, what it agreed to, and when the loss counts as suffered."""

from __future__ import annotations

from datetime import date
from typing import Any

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from tradecredit_sdk import Overdue, deadlines, has_arrived

from .must_be_told import NOT_TOLD


class TradecreditOverdue(models.Model):
    _inherit = "tradecredit.overdue"

    report_ids = fields.One2many("tradecredit.report", "overdue_id", "Told and asked", copy=False)
    loss_on = fields.Date(
        "Date of loss", compute="_compute_loss_on",
        help="The end of the waiting period, or the day of insolvency if it comes first.",
    )  # fmt: skip

    @api.depends("oldest_due", "declared_at", "state", "buyer_id.insolvent_on")
    def _compute_loss_on(self):
        for overdue in self:
            overdue.loss_on = bool(overdue.oldest_due) and (overdue._clock(overdue.oldest_due).date_of_loss or False)

    def _clock(self, oldest_due: date):
        """The deadlines of this declaration; what was agreed with the buyer moves none of them."""
        told = self.declared_at.date() if self.declared_at else None
        return deadlines(
            oldest_due, self.policy_id._terms().sdk, told, insolvent_on=self.buyer_id.insolvent_on or None
        )  # fmt: skip

    def _take_over_amendments(self, news: Overdue) -> None:
        """Keep the due dates that the insurer agreed to, and see which reports it has done."""
        for invoice in news.invoices:
            if invoice.extended_to is not None:
                self._agree_to(invoice.extended_to, invoice.number)
        for report in self.report_ids.filtered(lambda one: one.state == "received" and one.action != "adverse"):
            if has_arrived(report._sdk_change(), news):
                report.state = "agreed"

    def _agree_to(self, day: date, number: str | bool) -> None:
        """A later due date of one invoice, or of all that are open. All periods run on from the original one."""
        lines = self.line_ids.filtered(
            lambda line: line.agreed_due != day and (line.state == "open" if not number else line._number() == number)
        )
        if not lines:
            return
        lines.write({"agreed_due": day})
        self._say(self.env._(
            "Agreed until %(day)s: %(invoices)s. The last days of the policy do not move.",
            day=format_date(self.env, day), invoices=", ".join(lines.mapped("number")),
        ))  # fmt: skip

    # Buttons

    def _tell(self, action: str, name: str) -> dict[str, Any]:
        return self._open_wizard(
            "tradecredit.make.report", name, default_action=action, default_overdue_id=self.id,
            default_buyer_id=self.buyer_id.id,
        )  # fmt: skip

    def action_extend(self) -> dict[str, Any]:
        """Ask for a later due date."""
        return self._tell("extend", self.env._("Request an extension"))

    def action_reschedule(self) -> dict[str, Any]:
        """Ask for a payment plan."""
        return self._tell("reschedule", self.env._("Request a rescheduling"))

    def action_report_adverse(self) -> dict[str, Any]:
        """Tell what endangers payment."""
        return self._tell("adverse", self.env._("Report adverse information"))

    def action_withdraw(self) -> dict[str, Any] | None:
        """Take the declaration back: at once while it was not sent, else at the insurer."""
        self.ensure_one()
        if self.state != "to_send":
            return self._tell("withdraw", self.env._("Withdraw the declaration"))
        self._check_right()
        self.sudo()._take_back()
        return None

    def _take_back(self):
        """It is a draft again, under a new reference; UserError when it may have been sent already."""
        self.outbox_ids.filtered(lambda row: row.state in ("pending", "sending"))._withdraw()
        self._say(self.env._("Taken back before it was sent."))
        return self._back_to_draft()

    def _refuse_by_hand(self, day) -> None:
        if self.state not in NOT_TOLD:
            raise UserError(self.env._("%s is declared already.", self.reference))
        if self.oldest_due and day < self.oldest_due:
            raise UserError(self.env._("On that day nothing of it was overdue."))

    def _is_told_by_hand(self, number: str | bool) -> None:
        self._stop_sending()
        if other := number and self._numbered(number):
            raise UserError(self.env._(
                "%(number)s is the insurer's number of %(reference)s, the declaration of %(buyer)s: the news of one would be "
                "taken for that of the other. Correct the number, or leave it out.",
                number=number, reference=other.reference, buyer=other.buyer_id.name,
            ))  # fmt: skip
        self.insurer_overdue_id = number
