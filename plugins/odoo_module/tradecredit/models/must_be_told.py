"""What an insurer must be told by a last day: under which reference, by whom, and what it says of the time."""

from __future__ import annotations

import secrets
from datetime import timedelta
from decimal import Decimal
from typing import Any

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError

from tradecredit_sdk import Money

from .notice import dialog
from .tradecredit_application import _SIGNS

CONTROLLER = "tradecredit.group_controller"
NOT_TOLD = ("draft", "to_send", "unknown", "failed")
"""The insurer may not know: the last day has to be watched."""
HERE = ("draft", "failed")
"""Nothing was sent, or the insurer did not take it."""


class TradecreditTold(models.AbstractModel):
    """Models of this kind have a `state`, with those of `NOT_TOLD` among its values, and rows in the outbox."""

    _name = "tradecredit.told"
    _description = "What the insurer must be told in time"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _mail_post_access = "read"
    _rec_name = "reference"
    _reference_prefix = ""

    buyer_id = fields.Many2one("tradecredit.buyer", required=True, readonly=True, ondelete="restrict", index=True)
    policy_id = fields.Many2one(related="buyer_id.policy_id", store=True, index=True)
    company_id = fields.Many2one(related="buyer_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(related="buyer_id.partner_id")
    manual_address = fields.Char(related="policy_id.manual_address")
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    reference = fields.Char(
        required=True, readonly=True, copy=False, index=True, default=lambda self: self._new_reference(),
        help="Under which the insurer has it.",
    )  # fmt: skip
    notify_by = fields.Date(
        "Declare by", readonly=True, index=True, help="The last day to declare, in time until its end."
    )
    days_left = fields.Integer(compute="_compute_days_left", search="_search_days_left", aggregator=None)
    time_left = fields.Char("Time left", compute="_compute_days_left")
    in_time = fields.Selection([("yes", "In time"), ("no", "Too late")], "In time?", readonly=True, copy=False)
    answer = fields.Text("The insurer's answer", readonly=True, copy=False)
    declared_by = fields.Many2one("res.users", "Declared by", readonly=True, copy=False, ondelete="restrict")
    declared_at = fields.Datetime("Declared at", readonly=True, copy=False)
    manual_way = fields.Char("How it was declared", readonly=True, copy=False)
    proof_ids = fields.Many2many("ir.attachment", readonly=True, copy=False)
    last_error = fields.Char("What was wrong", readonly=True, copy=False)
    warned_days = fields.Integer(default=99, readonly=True, copy=False, help="Of so many days left people were told.")

    @api.model
    def _new_reference(self) -> str:
        """Random, for a copied database counts on alike; a night may need thousands, and a sequence costs a query each."""
        return self._reference_prefix + "".join(secrets.choice(_SIGNS) for _ in range(14))

    # The time

    @api.depends_context("lang")
    @api.depends("notify_by", "state")
    def _compute_days_left(self):
        exposure = self.env["tradecredit.exposure"]
        days = {policy: exposure._today(policy) for policy in self.policy_id.sudo()}
        for told in self:
            last, is_watched = told._last_day(), told.state in (*NOT_TOLD, "documents_requested")
            left = (last - days[told.policy_id]).days if last else 0
            told.days_left = left
            told.time_left = told._in_words(left) if last and is_watched else False

    def _in_words(self, left: int) -> str:
        if left < 0:
            return self.env._("%s days too late", -left)
        if left == 0:
            return self.env._("Last day is today")
        return self.env._("1 day left") if left == 1 else self.env._("%s days left", left)

    def _search_days_left(self, operator, value):
        today = fields.Date.context_today(self)
        if operator == "in":
            return self._last_day_is("in", [today + timedelta(days=days) for days in value])
        if operator not in ("<", "<=", ">", ">="):
            return NotImplemented
        return self._last_day_is(operator, today + timedelta(days=int(value)))

    # Rights

    def _check_right(self) -> None:
        """The right is looked up here, for a view attribute or a context key stops nobody."""
        for told in self:
            self._check_right_for(told.sudo().company_id)

    @api.model
    def _check_right_for(self, company) -> None:
        user = self.env.user
        if not self.env.su and (not user.has_group(CONTROLLER) or company not in user.company_ids):
            raise AccessError(self.env._("Only a credit controller of %s works declarations.", company.name))

    @api.ondelete(at_uninstall=False)
    def _never_deleted(self):
        raise UserError(self.env._("A declaration is a record and cannot be deleted."))

    # Parts

    def _money(self, amount: float) -> Money:
        return Money.rounded(Decimal(str(self.currency_id.round(amount))), self.currency_id.name)

    def _say(self, body: str, *, alarm: bool = False) -> None:
        """In the chatter; to the policy's controller too, where something is to be done."""
        people = self.policy_id._who_is_told().partner_id if alarm else self.env["res.partner"]
        kind = "mail.mt_comment" if alarm else "mail.mt_note"
        self.message_post(body=body, subtype_xmlid=kind, partner_ids=people.ids)

    def _open_wizard(self, model: str, name: str, **context: Any) -> dict[str, Any]:
        self.ensure_one()
        return dialog(model, name, **context)


def what_is_wrong(error: ValueError) -> str:
    """What the SDK refuses of the values given, in a line."""
    problems = error.errors(include_input=False, include_url=False) if hasattr(error, "errors") else []
    return "; ".join(problem["msg"].removeprefix("Value error, ") for problem in problems) or str(error)
