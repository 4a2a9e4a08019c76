"""What else an insurer is told or asked around an overdue: an extension, a rescheduling, adverse information, a withdrawal.

A report is kept with the decision of the controller and sent by the outbox; what cannot be sent is told by hand, on record.
"""

from __future__ import annotations

from typing import Any

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from tradecredit_sdk import AdverseReport, OverdueChange

from .must_be_told import NOT_TOLD, what_is_wrong
from .tradecredit_overdue import COVER

ACTIONS = [
    ("extend", "Extension"), ("reschedule", "Rescheduling"), ("adverse", "Adverse information"), ("withdraw", "Withdrawal"),
]  # fmt: skip
ADVERSE_KINDS = [
    ("insolvency", "Insolvency"), ("bounced_payment", "Bounced payment"), ("failed_debit", "Failed direct debit"),
    ("legal_action", "Legal action"), ("extension_request", "Wants more time than the maximum extension period"),
    ("other", "Other"),
]  # fmt: skip
STATES = [
    ("draft", "To be told"), ("to_send", "To be sent"), ("unknown", "Sent, not confirmed"), ("failed", "Not accepted"),
    ("received", "Received by the insurer"), ("agreed", "Agreed by the insurer"), ("manual", "Told by hand"),
    ("dropped", "Dropped"),
]  # fmt: skip
AMENDMENTS = ("extend", "reschedule")
BY_PEOPLE = {"message_main_attachment_id", "activity_ids", "message_ids"}


class TradecreditReport(models.Model):
    _name = "tradecredit.report"
    _description = "Report to the insurer"
    _inherit = ["tradecredit.told"]
    _order = "id desc"
    _reference_prefix = "RP-"

    overdue_id = fields.Many2one(
        "tradecredit.overdue", "Declaration", readonly=True, ondelete="restrict", index="btree_not_null"
    )
    action = fields.Selection(ACTIONS, "What", required=True, readonly=True)
    adverse_kind = fields.Selection(ADVERSE_KINDS, "What happened", readonly=True)
    state = fields.Selection(STATES, required=True, default="draft", readonly=True, copy=False, tracking=True)
    notify_by = fields.Date("Tell by", help="The last day to tell the insurer, in time until its end.")
    invoice_number = fields.Char("Invoice", readonly=True, help="Empty: all that are open.")
    new_due_date = fields.Date(readonly=True, help="It moves no deadline of the policy.")
    instalment_ids = fields.One2many("tradecredit.report.instalment", "report_id", "Instalments", readonly=True)
    happened_on = fields.Date(readonly=True)
    outstanding = fields.Monetary("Total outstanding", readonly=True, help="Of adverse information; zero is not told.")
    comment = fields.Text(readonly=True, help="The insurer reads it.")
    cover_state = fields.Selection(COVER, "Cover", readonly=True, copy=False)
    cover_stopped_from = fields.Date("No cover from", readonly=True, copy=False)
    insurer_report_id = fields.Char("Id at the insurer", readonly=True, copy=False)
    declared_by = fields.Many2one(string="Told by")
    declared_at = fields.Datetime("Told at")
    manual_way = fields.Char("How it was told")
    outbox_ids = fields.One2many("tradecredit.outbox", "report_id", copy=False)

    _one_reference = models.Constraint("UNIQUE(policy_id, reference)", "A reference stands for one report.")
    _about = models.Constraint(
        "CHECK((action = 'adverse' AND adverse_kind IS NOT NULL AND happened_on IS NOT NULL)"
        " OR (action <> 'adverse' AND overdue_id IS NOT NULL))",
        "A report is about a declaration or about what has happened.",
    )

    @api.depends("action", "adverse_kind", "reference")
    def _compute_display_name(self):
        for report in self:
            report.display_name = f"{report._what()} {report.reference}"

    def _what(self) -> str:
        labels = {
            name: dict(self._fields[name]._description_selection(self.env)) for name in ("action", "adverse_kind")
        }
        return labels["adverse_kind"].get(self.adverse_kind) or labels["action"].get(self.action, "")

    def write(self, vals):
        if not self.env.su:
            self._check_right()
            if vals.keys() - BY_PEOPLE:
                raise UserError(self.env._("What the insurer is told is not changed afterwards: use the buttons."))
        return super().write(vals)

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise AccessError(self.env._("Use the buttons of the declaration or the buyer to tell the insurer."))
        return super().create(vals_list)

    # Telling

    def action_send(self) -> None:
        """Hand what was not sent, or not accepted, to the outbox in the user's name.

        AccessError without the right; UserError for what the insurer would not take.
        """
        self._check_right()
        for report in self:
            report.sudo()._send(self.env.user)

    def _send(self, user) -> None:
        self.ensure_one()
        self._hold("draft", "failed")
        self._refuse_to_send()
        if self.state == "failed":  # the insurer knows what it refused under the old one
            self.reference = self._new_reference()
        kind, payload = self._payload()
        now = fields.Datetime.now()
        self.write({"state": "to_send", "declared_by": user.id, "declared_at": now, "last_error": False})
        self.env["tradecredit.outbox"]._put(kind, self, payload)
        self._say_here(self.env._("To be sent to the insurer: %s", self._in_full()))

    def _hold(self, *states: str) -> None:
        """Lock it; UserError when it is none of these any more."""
        self.lock_for_update()
        self.invalidate_recordset(["state"])
        if self.state not in states:
            label = dict(self._fields["state"]._description_selection(self.env))[self.state]
            raise UserError(self.env._("%(report)s: %(state)s already.", report=self.display_name, state=label))

    def _payload(self) -> tuple[str, dict[str, Any]]:
        """The kind of the outbox's row, and what is sent; UserError names what an insurer would not accept."""
        try:
            if self.action == "adverse":
                return "adverse_report", self._sdk_report().model_dump(mode="json", exclude_none=True)
            given = self._sdk_change().model_dump(mode="json", exclude_none=True, exclude={"reference"})
        except ValueError as error:
            raise UserError(self.env._("This cannot be sent: %s", what_is_wrong(error))) from None
        return "overdue_change", {name: value for name, value in given.items() if value not in ([], "")}

    def _sdk_report(self) -> AdverseReport:
        return AdverseReport(
            buyer_id=self.buyer_id.insurer_buyer_id,
            kind=self.adverse_kind,
            happened_on=self.happened_on,
            outstanding=self._money(self.outstanding) if self.outstanding else None,
            reference=self.reference,
            comment=self.comment or None,
        )

    def _sdk_change(self) -> OverdueChange:
        return OverdueChange(
            overdue_id=self.overdue_id.insurer_overdue_id,
            action=self.action,
            invoice=self.invoice_number or None,
            new_due_date=self.new_due_date or None,
            instalments=tuple(
                {"due_date": one.due_date, "amount": self._money(one.amount)} for one in self.instalment_ids
            ),
            reference=self.reference,
            comment=self.comment or None,
        )

    def action_drop(self) -> None:
        """It is not to be told after all: at once while it was not sent; UserError when it may have been."""
        self._check_right()
        for report in self.sudo():
            report._hold("draft", "to_send", "failed")
            report.outbox_ids.filtered(lambda row: row.state == "pending")._withdraw()
            if any(row.state == "sending" for row in report.outbox_ids):
                raise UserError(self.env._("It is being sent at this moment: see what the insurer says."))
            report.state = "dropped"
            report._close_warnings()
            report._say_here(self.env._("Dropped: %s", report._in_full()))

    # By hand

    def action_told_by_hand(self) -> dict[str, Any]:
        """Record that the insurer was told on another way."""
        return self._open_wizard(
            "tradecredit.declared.by.hand", self.env._("Told by hand"), default_report_id=self.id
        )  # fmt: skip

    def _refuse_by_hand(self, day) -> None:
        if self.state not in NOT_TOLD:
            raise UserError(self.env._("%s is told already.", self.reference))
        if self.happened_on and day < self.happened_on:
            raise UserError(self.env._("On that day it had not happened yet."))

    def _is_told_by_hand(self, number: str | bool) -> None:
        """It holds as if the insurer had answered: whoever records it has the agreement in hand."""
        self.outbox_ids._stop_sending()
        self.insurer_report_id = number
        if self.action == "extend":
            self.overdue_id._agree_to(self.new_due_date, self.invoice_number)
        elif self.action == "withdraw":
            self.overdue_id.write({"state": "withdrawn"})
            self.overdue_id._close_warnings()
        self._say_here(self.env._("Told by hand: %s", self._in_full()))


class TradecreditReportInstalment(models.Model):
    _name = "tradecredit.report.instalment"
    _description = "Instalment of a payment plan"
    _order = "due_date, id"

    report_id = fields.Many2one("tradecredit.report", required=True, readonly=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="report_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="report_id.currency_id")
    due_date = fields.Date(required=True, readonly=True)
    amount = fields.Monetary(required=True, readonly=True)

    _positive = models.Constraint("CHECK(amount > 0)", "An instalment is more than zero.")
