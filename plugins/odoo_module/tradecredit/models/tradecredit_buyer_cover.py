"""What is insured and used now, shown on the buyer: the very numbers that an order is checked by."""

from decimal import Decimal

from odoo import api, fields, models

from .check_request import CheckRequest
from .reason_text import reason_text
from .tradecredit_application import PENDING

CONTROLLER = "tradecredit.group_controller"
STATES = [
    ("unidentified", "Not identified"), ("none", "No limit"), ("stopped", "Stopped"), ("used_up", "Used up"),
    ("attention", "Look closer"), ("free", "Free"),
]  # fmt: skip


class TradecreditBuyer(models.Model):
    _inherit = "tradecredit.buyer"

    currency_id = fields.Many2one(related="policy_id.currency_id")
    cover_state = fields.Selection(STATES, "Cover", compute="_compute_cover")
    has_cover = fields.Boolean(compute="_compute_cover", help="A limit of zero is a decision; no limit is not insured.")
    cover = fields.Monetary("Insured", compute="_compute_cover")
    # What others sold to the buyer is for whoever works all buyers; a salesperson sees it on orders of his own.
    used = fields.Monetary(compute="_compute_cover", groups=CONTROLLER)
    available = fields.Monetary("Left", compute="_compute_cover", groups=CONTROLLER)
    cover_note = fields.Text("Why", compute="_compute_cover", groups=CONTROLLER)
    pending_note = fields.Text("Waiting for the insurer", compute="_compute_pending")
    is_permanent_pending = fields.Boolean(compute="_compute_pending")
    is_temporary_pending = fields.Boolean(compute="_compute_pending")
    check_count = fields.Integer(compute="_compute_counts")
    application_count = fields.Integer(compute="_compute_counts")
    limit_count = fields.Integer(compute="_compute_counts", help="With all that were shown before.")

    @api.depends_context("lang")
    @api.depends("insurer_buyer_id", "as_of", "limit_ids.active", "application_ids.state", "policy_id.active")
    def _compute_cover(self):
        for company, buyers in self.grouped("company_id").items():
            insured = buyers.filtered(lambda buyer: buyer.policy_id.active and isinstance(buyer.id, int))
            (buyers - insured).update(dict.fromkeys(("cover_state", "has_cover", "cover_note"), False))
            (buyers - insured).update(dict.fromkeys(("cover", "used", "available"), 0.0))
            for buyer, outcome in zip(insured, insured._previews(company), strict=True):
                buyer.update(_shown(self.env, outcome))

    def _previews(self, company):
        """A check of nothing on each buyer, written nowhere."""
        nothing = self.env["res.partner"]  # no document: nobody released it, and nothing is left out
        requests = [
            CheckRequest(nothing, buyer.partner_id, Decimal(0), Decimal(0), buyer.policy_id.currency_id)
            for buyer in self.sudo()
        ]
        checks = self.env["tradecredit.check"]
        return checks._run(company, requests, trigger="preview", lock=False, record=False) if requests else []

    @api.depends_context("lang")
    @api.depends("application_ids.state")
    def _compute_pending(self):
        pending = self._pending()
        for buyer in self:
            asked = pending.get(buyer, self.env["tradecredit.application"])
            kinds = asked.mapped("kind")
            buyer.pending_note = "\n".join(application._in_words() for application in asked) or False
            buyer.is_permanent_pending = "permanent" in kinds
            buyer.is_temporary_pending = "temporary" in kinds

    def _pending(self) -> dict:
        """What the insurer has still to decide on, by buyer: of one kind one application."""
        wanted = [("buyer_id", "in", self.ids), ("state", "in", PENDING)]
        return self.env["tradecredit.application"].search(wanted, order="id").grouped("buyer_id")

    def _compute_counts(self):
        models_of = {
            "check_count": "tradecredit.check",
            "application_count": "tradecredit.application",
            "limit_count": "tradecredit.limit",
        }
        for name, model in models_of.items():
            groups = self.env[model].with_context(active_test=False)._read_group(
                [("buyer_id", "in", self.ids)], ["buyer_id"], ["__count"]
            )  # fmt: skip
            counts = {buyer.id: count for buyer, count in groups}
            for buyer in self:
                buyer[name] = counts.get(buyer.id, 0)

    def _action_of(self, model: str, name: str) -> dict:
        return {
            "type": "ir.actions.act_window",
            "name": name,
            "res_model": model,
            "view_mode": "list,form",
            "domain": [("buyer_id", "in", self.ids)],
            "context": {"active_test": False, "create": False},
        }

    def action_pending(self) -> dict:
        """What the insurer has still to decide on."""
        pending = self._pending().get(self, self.env["tradecredit.application"])
        return pending._action_shown()

    def action_checks(self) -> dict:
        """All checks on these buyers."""
        return self._action_of("tradecredit.check", self.env._("Credit checks"))

    def action_applications(self) -> dict:
        """All that was asked of the insurer."""
        return self._action_of("tradecredit.application", self.env._("Applications"))

    def action_limits(self) -> dict:
        """All limits, also as they were shown before."""
        return self._action_of("tradecredit.limit", self.env._("Limits and their history"))


def _shown(env, outcome) -> dict:
    """What a preview says, in fields."""
    verdict = outcome.verdict
    if verdict is None:  # not insured on purpose
        return {"cover_state": False, "has_cover": False, "cover": 0, "used": 0, "available": 0, "cover_note": False}
    values = outcome.values
    codes = {reason.code.value for reason in verdict.reasons}
    if "buyer_not_identified" in codes:
        state = "unidentified"
    elif codes & {"buyer_insolvent", "cover_stopped"}:
        state = "stopped"
    elif not values["has_limit"]:
        state = "none"
    elif values["limit_amount"] <= 0:  # a decision: the insurer grants nothing
        state = "stopped"
    elif values["available"] <= 0:
        state = "used_up"
    elif verdict.is_blocked:
        state = "stopped"
    else:
        state = "attention" if codes else "free"
    return {
        "cover_state": state,
        "has_cover": values["has_limit"],
        "cover": values["limit_amount"],
        "used": values["exposure_total"],
        "available": values["available"],
        "cover_note": "\n".join(reason_text(env, reason.to_dict()) for reason in verdict.reasons) or False,
    }
