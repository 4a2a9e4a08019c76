"""One company that the insurer offers as the buyer."""

from typing import Any

from odoo import fields, models
from odoo.exceptions import UserError


class TradecreditFindBuyerLine(models.TransientModel):
    _name = "tradecredit.find.buyer.line"
    _description = "Candidate at the insurer"
    _inherit = ["tradecredit.dialog"]
    _order = "is_exact desc, score desc, id"

    wizard_id = fields.Many2one("tradecredit.find.buyer", required=True, ondelete="cascade")
    insurer_buyer_id = fields.Char("Id", readonly=True, required=True)
    name = fields.Char(readonly=True)
    country = fields.Char(readonly=True)
    identifiers = fields.Char("Numbers", readonly=True)
    address = fields.Char(readonly=True)
    grade = fields.Char(readonly=True)
    status = fields.Char(readonly=True)
    score = fields.Integer(readonly=True)
    is_exact = fields.Boolean("Same number", readonly=True)

    def action_pick(self) -> dict[str, Any]:
        """Take this company for the buyer, and read its limits."""
        self.ensure_one()
        buyer = self.wizard_id.buyer_id
        buyer.check_access("write")
        trusted = buyer.sudo()  # the rows of limits that no longer hold are archived by nobody else
        trusted._identify(self.insurer_buyer_id, **self._on_file())
        trusted.message_post(
            body=self.env._(
                "Identified at the insurer as %(name)s (%(numbers)s), id %(id)s.",
                name=self.name, numbers=self.identifiers or "–", id=self.insurer_buyer_id,
            ),
            author_id=self.env.user.partner_id.id,
        )  # fmt: skip
        try:
            buyer.policy_id._read_for_a_person(buyer)
        except UserError as error:  # identified all the same; the job reads its limits later
            trusted.message_post(body=str(error))
            trusted._limits_changed()
        return {"type": "ir.actions.act_window_close"}

    def _on_file(self) -> dict[str, Any]:
        return {"name": self.name, "grade": self.grade, "status": self.status, "country": self.country}
