"""Record that the insurer was told on another way, with its proof, so that it is not sent a second time."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from odoo import api, fields, models
from odoo.exceptions import UserError


class TradecreditDeclaredByHand(models.TransientModel):
    _name = "tradecredit.declared.by.hand"
    _description = "Declared by hand"
    _inherit = ["tradecredit.dialog"]

    overdue_id = fields.Many2one("tradecredit.overdue", readonly=True)
    report_id = fields.Many2one("tradecredit.report", readonly=True)
    buyer_id = fields.Many2one("tradecredit.buyer", compute="_compute_told")
    notify_by = fields.Date("Last day", compute="_compute_told")
    declared_on = fields.Date("Told on", required=True, default=fields.Date.context_today)
    way = fields.Char("How", required=True, help="The insurer's portal, a mail, a letter, a call with whom.")
    insurer_overdue_id = fields.Char(
        "The insurer's number of it", help="If you have one: then its answers are read here."
    )
    proof = fields.Binary(attachment=False, help="The confirmation, the mail, a picture of the screen.")
    proof_name = fields.Char("File name")

    @api.depends("overdue_id", "report_id")
    def _compute_told(self):
        for wizard in self:
            told = wizard.overdue_id or wizard.report_id
            wizard.buyer_id, wizard.notify_by = told.buyer_id, told.notify_by

    def action_record(self) -> dict[str, Any]:
        """Keep it; UserError when the insurer is known to have it, for a day to come, or without what proves it."""
        self.ensure_one()
        told = self.overdue_id or self.report_id
        told._check_right()
        told = told.sudo()
        told.lock_for_update()
        told.invalidate_recordset(["state"])
        told._refuse_by_hand(self.declared_on)
        self._check(told)
        proof = self.env["ir.attachment"].sudo().create({
            "name": self.proof_name or self.env._("Proof"), "datas": self.proof,
            "res_model": told._name, "res_id": told.id,
        })  # fmt: skip
        in_time = not told.notify_by or self.declared_on <= told.notify_by
        told.write({
            "state": "manual",
            "declared_by": self.env.uid,
            "declared_at": datetime.combine(self.declared_on, time(12)),
            "in_time": "yes" if in_time else "no",
            "manual_way": self.way.strip(),
            "last_error": False,
            "proof_ids": [fields.Command.link(proof.id)],
        })  # fmt: skip
        told._is_told_by_hand((self.insurer_overdue_id or "").strip() or False)
        told._close_warnings()
        told.message_post(
            body=self.env._("Declared by hand: %s", self.way.strip()), attachment_ids=proof.ids,
            author_id=self.env.user.partner_id.id,
        )  # fmt: skip
        return {"type": "ir.actions.act_window_close"}

    def _check(self, told) -> None:
        if not self.way.strip():
            raise UserError(self.env._("Say how it was declared."))
        if not self.proof:
            raise UserError(self.env._("Attach what proves it: without proof the insurer may not believe it."))
        if self.declared_on > self.env["tradecredit.exposure"]._today(told.policy_id):
            raise UserError(self.env._("The day of the declaration has not come yet."))
