"""Ask the insurer for an extension or a rescheduling, tell it adverse information, or take a declaration back."""

from __future__ import annotations

from typing import Any

from odoo import api, fields, models

from ..models.tradecredit_report import ACTIONS, ADVERSE_KINDS, AMENDMENTS


class TradecreditMakeReport(models.TransientModel):
    _name = "tradecredit.make.report"
    _description = "Tell the insurer"
    _inherit = ["tradecredit.dialog"]

    action = fields.Selection(ACTIONS, "What", required=True, readonly=True)
    buyer_id = fields.Many2one("tradecredit.buyer", required=True, readonly=True)
    overdue_id = fields.Many2one("tradecredit.overdue", "Declaration", readonly=True)
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    line_id = fields.Many2one(
        "tradecredit.overdue.line", "Invoice", domain="[('overdue_id', '=', overdue_id), ('state', '=', 'open')]",
        help="Empty: all that are open.",
    )  # fmt: skip
    original_due = fields.Date("Originally due", compute="_compute_concerned")
    open_amount = fields.Monetary("Open now", compute="_compute_concerned")
    last_day = fields.Date(compute="_compute_concerned", help="The last day to ask the insurer for it.")
    new_due_date = fields.Date()
    instalment_ids = fields.One2many("tradecredit.make.report.instalment", "wizard_id", "Instalments")
    left = fields.Monetary("Still to be spread", compute="_compute_left")
    adverse_kind = fields.Selection(ADVERSE_KINDS, "What happened")
    happened_on = fields.Date(default=fields.Date.context_today)
    outstanding = fields.Monetary(
        "Total outstanding", compute="_compute_outstanding", store=True, readonly=False,
        help="All that the buyer owes; zero is not told.",
    )  # fmt: skip
    comment = fields.Text(help="The insurer reads it.")

    @api.depends("buyer_id", "overdue_id")
    def _compute_currency_id(self):
        for wizard in self:
            wizard.currency_id = wizard.overdue_id.currency_id or wizard.buyer_id.policy_id.currency_id

    @api.depends("overdue_id")
    def _compute_outstanding(self):
        for wizard in self:
            wizard.outstanding = wizard.overdue_id.outstanding

    @api.depends("overdue_id", "line_id", "action")
    def _compute_concerned(self):
        reports = self.env["tradecredit.report"]
        for wizard in self:
            lines = wizard.line_id or wizard.overdue_id.line_ids.filtered(lambda line: line.state == "open")
            wizard.original_due = max(lines.mapped("original_due"), default=False)
            wizard.open_amount = sum(lines.mapped("open_amount"))
            is_asked = lines and wizard.action in AMENDMENTS
            wizard.last_day = is_asked and reports._ask_by(wizard.overdue_id, lines)

    @api.depends("open_amount", "instalment_ids.amount")
    def _compute_left(self):
        for wizard in self:
            wizard.left = wizard.open_amount - sum(wizard.instalment_ids.mapped("amount"))

    def _keep(self):
        self.ensure_one()
        return self.env["tradecredit.report"]._keep(
            self.buyer_id,
            action=self.action,
            overdue=self.overdue_id,
            adverse_kind=self.adverse_kind,
            happened_on=self.happened_on,
            invoice_number=self.line_id._number() if self.line_id else False,
            new_due_date=self.new_due_date,
            instalments=[(one.due_date, one.amount, one.currency_id) for one in self.instalment_ids],
            outstanding=self.outstanding,
            comment=self.comment,
        )

    def action_send(self) -> dict[str, Any]:
        """Keep it and hand it to the outbox; UserError says what is wrong, and nothing is kept."""
        with self.env.cr.savepoint():
            self._keep().action_send()
        return {"type": "ir.actions.act_window_close"}

    def action_by_hand(self) -> dict[str, Any]:
        """Keep it, and ask how the insurer was told."""
        return self._keep().action_told_by_hand()


class TradecreditMakeReportInstalment(models.TransientModel):
    _name = "tradecredit.make.report.instalment"
    _description = "Instalment to be asked for"
    _inherit = ["tradecredit.dialog"]
    _order = "due_date, id"

    wizard_id = fields.Many2one("tradecredit.make.report", required=True, ondelete="cascade")
    due_date = fields.Date(required=True)
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id", store=True, readonly=False)
    amount = fields.Monetary(required=True)

    @api.depends("wizard_id.currency_id")
    def _compute_currency_id(self):
        for instalment in self:
            instalment.currency_id = instalment.currency_id or instalment.wizard_id.currency_id
