"""Invoices: whether they are declared, by when they must be, and who collects."""

from __future__ import annotations

from typing import Any

from odoo import api, fields, models
from odoo.exceptions import UserError

from .must_be_told import CONTROLLER

REQUESTER = "tradecredit.group_requester"
INVOICES = ("out_invoice", "out_receipt")


class AccountMove(models.Model):
    _inherit = "account.move"

    tradecredit_overdue_line_ids = fields.One2many(
        "tradecredit.overdue.line", "move_id", "Overdue declarations", groups=CONTROLLER, copy=False
    )
    tradecredit_overdue_note = fields.Char(
        "Overdue declaration", compute="_compute_tradecredit_overdue_note", compute_sudo=True, groups=REQUESTER
    )
    tradecredit_can_declare = fields.Boolean(
        compute="_compute_tradecredit_overdue_note", compute_sudo=True, groups=REQUESTER
    )

    @api.depends_context("lang")
    @api.depends("tradecredit_overdue_line_ids.overdue_id.state", "payment_state", "state", "invoice_date_due")
    def _compute_tradecredit_overdue_note(self):
        today = fields.Date.context_today(self)
        for move in self:
            overdue = move._tradecredit_overdue()
            move.tradecredit_overdue_note = overdue._for_invoice() if overdue else False
            is_late = move.invoice_date_due and move.invoice_date_due < today
            is_open = (
                move.state == "posted" and move.move_type in INVOICES and move.payment_state in ("not_paid", "partial")
            )
            move.tradecredit_can_declare = bool(
                is_open and is_late and not overdue and move.company_id.tradecredit_policy_id
            )

    def _tradecredit_overdue(self):
        """The declaration that has this invoice, the last one where there were several."""
        return self.tradecredit_overdue_line_ids.overdue_id.sorted("id")[-1:]

    def action_tradecredit_overdue(self) -> dict[str, Any]:
        """Open the declaration, prepared now when there is none; UserError when nothing is to be declared."""
        self.ensure_one()
        self.check_access("read")
        self.env["tradecredit.overdue"].check_access("read")
        move = self.sudo()  # prepared from the books, as the nightly job does it
        if not move._tradecredit_overdue():
            policy = move.company_id.tradecredit_policy_id
            if not policy:
                raise UserError(self.env._("%s has no trade credit policy.", move.company_id.name))
            buyers = self.env["tradecredit.buyer"].sudo()
            buyer = buyers._of_partner(policy, move.commercial_partner_id)
            self.env["tradecredit.overdue"].sudo()._scan(policy, buyer)
            move.invalidate_recordset(["tradecredit_overdue_line_ids"])
        overdue = move._tradecredit_overdue()
        if not overdue:
            raise UserError(self.env._(
                "Nothing of %s is to be declared: it is not insured, not late, below the threshold or paid on account.",
                move.commercial_partner_id.name,
            ))  # fmt: skip
        return overdue.sudo(self.env.su)._action_shown()
