"""Record that a declaration reached the insurer on another way, with its proof, so that it is not sent a second time."""

from __future__ import annotations

from datetime import datetime, time
from typing import Any

from odoo import fields, models
from odoo.exceptions import UserError

from ..models.tradecredit_overdue import NOT_TOLD


class TradecreditDeclaredByHand(models.TransientModel):
    _name = "tradecredit.declared.by.hand"
    _description = "Declared by hand"

    overdue_id = fields.Many2one("tradecredit.overdue", required=True, readonly=True)
    buyer_id = fields.Many2one(related="overdue_id.buyer_id")
    notify_by = fields.Date(related="overdue_id.notify_by")
    declared_on = fields.Date(required=True, default=fields.Date.context_today)
    way = fields.Char("How", required=True, help="The insurer's portal, a mail, a letter, a call with whom.")
    insurer_overdue_id = fields.Char(
        "The insurer's number of it", help="If you have one: then its answers are read here."
    )
    proof = fields.Binary(attachment=False, help="The confirmation, the mail, a picture of the screen.")
    proof_name = fields.Char("File name")

    def action_record(self) -> dict[str, Any]:
        """Keep it; UserError when the insurer is known to have it, for a day to come, or without what proves it."""
        self.ensure_one()
        self.overdue_id._check_right()
        overdue = self.overdue_id.sudo()
        overdue.lock_for_update()
        overdue.invalidate_recordset(["state"])
        self._check(overdue)
        overdue._stop_sending()
        proof = self.env["ir.attachment"].sudo().create({
            "name": self.proof_name or self.env._("Proof"), "datas": self.proof,
            "res_model": overdue._name, "res_id": overdue.id,
        })  # fmt: skip
        in_time = not overdue.notify_by or self.declared_on <= overdue.notify_by
        overdue.write({
            "state": "manual",
            "declared_by": self.env.uid,
            "declared_at": datetime.combine(self.declared_on, time(12)),
            "in_time": "yes" if in_time else "no",
            "manual_way": self.way.strip(),
            "insurer_overdue_id": (self.insurer_overdue_id or "").strip() or False,
            "proof_ids": [fields.Command.link(proof.id)],
        })  # fmt: skip
        overdue._close_warnings()
        overdue.message_post(
            body=self.env._("Declared by hand: %s", self.way.strip()), attachment_ids=proof.ids,
            author_id=self.env.user.partner_id.id,
        )  # fmt: skip
        return {"type": "ir.actions.act_window_close"}

    def _check(self, overdue) -> None:
        today = self.env["tradecredit.exposure"]._today(overdue.policy_id)
        if overdue.state not in NOT_TOLD:
            raise UserError(self.env._("%s is declared already.", overdue.reference))
        if not self.way.strip():
            raise UserError(self.env._("Say how it was declared."))
        if not self.proof:
            raise UserError(self.env._("Attach what proves it: without proof the insurer may not believe it."))
        if self.declared_on > today:
            raise UserError(self.env._("The day of the declaration has not come yet."))
        if overdue.oldest_due and self.declared_on < overdue.oldest_due:
            raise UserError(self.env._("On that day nothing of it was overdue."))
