"""The credit panel of an order: cover, what is used of it, and why an order would be stopped."""

from __future__ import annotations

from typing import Any

from odoo import api, fields, models
from odoo.addons.tradecredit.models.check_request import Outcome
from odoo.addons.tradecredit.models.reason_text import reason_text
from odoo.exceptions import UserError
from odoo.tools import format_amount, format_date

REQUESTER = "tradecredit.group_requester"
OUTCOMES = [("allowed", "Covered"), ("warning", "Covered, see why"), ("blocked", "Not covered")]


class SaleOrder(models.Model):
    _inherit = "sale.order"

    # A customer reads his own orders, and what is insured of him is none of his business.
    tradecredit_panel = fields.Json(compute="_compute_tradecredit_panel", compute_sudo=True, groups=REQUESTER)
    tradecredit_outcome = fields.Selection(
        OUTCOMES, "Cover", compute="_compute_tradecredit_panel", compute_sudo=True, groups=REQUESTER,
        help="Of a quotation as it would be now, of an order as it was when it was last checked.",
    )  # fmt: skip
    tradecredit_pending = fields.Text(
        "Waiting for the insurer", compute="_compute_tradecredit_panel", compute_sudo=True, groups=REQUESTER,
        help="A limit was asked for, and the insurer has not decided yet.",
    )  # fmt: skip
    tradecredit_check_count = fields.Integer(
        compute="_compute_tradecredit_check_count", compute_sudo=True, groups=REQUESTER
    )

    @api.depends(
        "state", "company_id", "partner_invoice_id", "currency_id", "amount_untaxed", "amount_total", "payment_term_id",
        "tradecredit_state",
    )  # fmt: skip
    @api.depends_context("lang")
    def _compute_tradecredit_panel(self):
        self.tradecredit_panel = self.tradecredit_outcome = self.tradecredit_pending = False
        insured = self.filtered(lambda order: order.company_id.tradecredit_policy_id and order.partner_invoice_id)
        quotations = insured.filtered(lambda order: order.state in ("draft", "sent"))
        options = {"lock": False, "record": False, "together": False}
        outcomes = quotations._tradecredit_run("panel", **options)
        pending, wishes = self._tradecredit_asked(outcomes), self._tradecredit_wishes(outcomes)
        for outcome in outcomes:
            if outcome.verdict is not None:
                order = outcome.request.document
                order.tradecredit_pending = (
                    "\n".join(one._in_words() for one in pending.get(outcome.buyer, ())) or False
                )
                wish = wishes.get(order._origin.id, False)
                order.tradecredit_panel = {**self._tradecredit_panel_of(outcome), "asked": wish}
                order.tradecredit_outcome = outcome.verdict.outcome.value
        confirmed = insured.filtered(lambda order: order.state == "sale")
        for order_id, check in self._tradecredit_last_checks(confirmed).items():
            order = confirmed.browse(order_id)
            order.tradecredit_panel = order._tradecredit_panel_from(check)
            order.tradecredit_outcome = check.outcome

    @api.model
    def _tradecredit_asked(self, outcomes: list[Outcome]) -> dict[Any, Any]:
        """The permanent limits that the insurer has still to decide on, by buyer: of another one it would not hear."""
        buyers = self.env["tradecredit.buyer"].union(*(outcome.buyer for outcome in outcomes))
        return {
            buyer: asked.filtered(lambda one: one.kind == "permanent") for buyer, asked in buyers._pending().items()
        }

    @api.model
    def _tradecredit_wishes(self, outcomes: list[Outcome]) -> dict[int, str]:
        """The releases of stopped orders that nobody has decided on yet, in words."""
        stopped = self.union(*(outcome.request.document for outcome in outcomes if outcome.stops))
        return {
            release.res_id: self.env._(
                "A release of %(amount)s was asked for on %(day)s: nobody has decided yet.",
                amount=format_amount(self.env, release.asked_amount, release.currency_id),
                day=format_date(self.env, release.create_date.date()),
            )
            for release in self.env["tradecredit.release"]._waiting_for(stopped)
        }  # fmt: skip

    def action_tradecredit_pending(self):
        """Open what the insurer has still to decide on."""
        self.ensure_one()
        policy = self.sudo().company_id.tradecredit_policy_id
        buyer = self.env["tradecredit.buyer"].sudo()._of_partner(policy, self.sudo().partner_invoice_id, create=False)
        return buyer.sudo(self.env.su).action_pending()

    def _tradecredit_preview(self) -> Outcome:
        """The check of this one order as it would come out now; UserError where nothing is insured."""
        self.ensure_one()
        found = self._tradecredit_run("panel", lock=False, record=False)
        if not found or found[0].verdict is None:
            raise UserError(self.env._("%s is not subject to credit insurance.", self.display_name))
        return found[0]

    @api.model
    def _tradecredit_last_checks(self, orders) -> dict[int, Any]:
        """The last check that let each order through: what was known then does not change."""
        found = (
            self.env["tradecredit.check"]
            .sudo()
            ._read_group(
                [("res_model", "=", self._name), ("res_id", "in", orders.ids), ("passed", "=", True)],
                ["res_id"],
                ["id:max"],
            )
        )
        checks = self.env["tradecredit.check"].sudo().browse([last for _, last in found])
        return {check.res_id: check for check in checks if check.outcome != "exempt"}

    def _tradecredit_panel_of(self, outcome: Outcome) -> dict[str, Any]:
        """A check of this moment, as the widget shows it."""
        order = outcome.request.document
        values = outcome.values
        return {
            **self._tradecredit_numbers(order.company_id, values, values["outcome"]),
            "reasons": [reason_text(self.env, reason) for reason in values["reasons"]],
            "released": bool(outcome.release),
            "identified": bool(outcome.buyer.insurer_buyer_id),
            "held": order.tradecredit_state,
            "as_of": values["as_of"] and fields.Datetime.to_string(values["as_of"]),
            "past": False,
        }

    def _tradecredit_panel_from(self, check) -> dict[str, Any]:
        """A check on record, as the widget shows it."""
        return {
            **self._tradecredit_numbers(self.company_id, check, check.outcome),
            "reasons": [reason_text(self.env, reason) for reason in check.reasons or []],
            "released": bool(check.release_id),
            "identified": True,
            "held": "no",
            "as_of": check.as_of and fields.Datetime.to_string(check.as_of),
            "past": fields.Datetime.to_string(check.checked_at),
        }

    @api.model
    def _tradecredit_numbers(self, company, values, outcome: str) -> dict[str, Any]:
        """Amounts as text, and where the bar's parts end in percent of its length."""
        currency = company.tradecredit_policy_id.currency_id
        limit, used, order = (values[name] for name in ("limit_amount", "exposure_total", "order_amount"))
        length = max(limit, used + order, 0.0)

        def share(amount: float) -> float:
            return round(100 * min(max(amount, 0.0), length) / length, 2) if length else 0.0

        def text(amount: float) -> str:
            return format_amount(self.env, amount, currency)

        return {
            "outcome": outcome,
            "limit": text(limit) if values["has_limit"] else False,
            "used": text(used),
            "order": text(order),
            "free": text(max(values["available"] - order, 0.0)),
            "over": text(values["uncovered"]) if values["uncovered"] > 0 else False,
            "insured": text(values["insured_share"]),
            "used_share": share(used),
            "order_share": round(share(used + order) - share(used), 2),
            "limit_share": share(limit),
        }

    @api.depends("state", "tradecredit_state")
    def _compute_tradecredit_check_count(self):
        counted = (
            self.env["tradecredit.check"]
            .sudo()
            ._read_group([("res_model", "=", self._name), ("res_id", "in", self.ids)], ["res_id"], ["__count"])
        )
        counts = dict(counted)
        for order in self:
            order.tradecredit_check_count = counts.get(order._origin.id, 0)

    def action_tradecredit_checks(self):
        """The checks of this order, as far as the user may read them."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Credit checks"),
            "res_model": "tradecredit.check",
            "view_mode": "list,form",
            "domain": [("res_model", "=", self._name), ("res_id", "=", self.id)],
        }
