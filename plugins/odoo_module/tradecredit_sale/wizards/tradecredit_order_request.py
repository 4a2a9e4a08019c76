"""The dialog on an order: ask the insurer for a limit, or a credit manager for a release."""

from odoo import api, fields, models
from odoo.addons.tradecredit.models.notice import notice
from odoo.exceptions import UserError
from odoo.tools import format_amount

CONTROLLER = "tradecredit.group_controller"
KINDS = [("limit", "Limit"), ("release", "Release")]


class TradecreditOrderRequest(models.TransientModel):
    _name = "tradecredit.order.request"
    _description = "Request for a limit or a release of an order"
    _inherit = ["tradecredit.dialog"]

    order_id = fields.Many2one("sale.order", required=True, readonly=True, ondelete="cascade")
    kind = fields.Selection(KINDS, required=True, default="limit")
    currency_id = fields.Many2one("res.currency", readonly=True)
    amount = fields.Monetary(help="A limit for everything the buyer would owe, or the amount of the order to release.")
    reasons = fields.Text("What is in the way", readonly=True)
    urgent = fields.Boolean()
    wish = fields.Text("Why it is asked for")

    @api.model
    def default_get(self, fields_list):
        values = super().default_get(fields_list)
        order = self.env["sale.order"].browse(values.get("order_id"))
        if order:
            order.check_access("write")
            outcome = order._tradecredit_preview()
            known = outcome.values
            used = known["exposure_total"] if values.get("kind") != "release" else 0.0
            values["currency_id"] = order.sudo().company_id.tradecredit_policy_id.currency_id.id
            values["amount"] = max(used, 0.0) + known["order_amount"]
            values["reasons"] = "\n".join(order.tradecredit_panel["reasons"])
        return values

    def action_send(self):
        """Send the request in the user's name; the order waits for what comes of it."""
        self.ensure_one()
        order = self.order_id
        order.check_access("write")
        if order.state not in ("draft", "sent"):
            raise UserError(self.env._("%s is no quotation any more.", order.name))
        policy = order.sudo().company_id.tradecredit_policy_id
        known = order._tradecredit_preview().values  # refuses where nothing is insured
        buyer = self.env["tradecredit.buyer"].sudo()._of_partner(policy, order.sudo().partner_invoice_id)
        said = None
        if self.kind == "release":
            self._ask_release(order, buyer, policy, known["order_amount"])
        elif buyer._must_be_found() and not self.env.user.has_group(CONTROLLER):
            said = self._have_it_found(order, buyer)
        else:
            self.env["tradecredit.application"]._request(
                buyer.with_env(self.env), amount=self.amount, currency=self.currency_id, urgent=self.urgent,
                comment=self.wish or None, document=order,
            )  # fmt: skip
        stopped = [outcome for outcome in order._tradecredit_run("request") if outcome.stops]
        if stopped:
            order._tradecredit_hold(stopped, tell_customer=False)
        return said or {"type": "ir.actions.client", "tag": "soft_reload"}

    def _have_it_found(self, order, buyer):
        """A controller finds the buyer first, and asks for the limit then."""
        amount = format_amount(self.env, self.amount, buyer.policy_id.currency_id)
        wish = self.env._("A limit of %(amount)s is wanted for %(order)s.", amount=amount, order=order.name)
        return notice(buyer.with_env(self.env)._have_it_found(*filter(None, (wish, self.wish))))

    def _ask_release(self, order, buyer, policy, least: float) -> None:
        if not self.env.user.has_group("tradecredit.group_requester"):
            raise UserError(self.env._("You may not ask for releases."))
        if not (self.wish or "").strip():
            raise UserError(self.env._("Say why the order should be released."))
        if policy.currency_id.compare_amounts(self.amount, least) < 0:
            raise UserError(self.env._(
                "A release of less does not help: the order is for %s.", format_amount(self.env, least, policy.currency_id)
            ))  # fmt: skip
        self.env["tradecredit.release"]._ask(
            order, buyer=buyer, policy=policy, amount=self.amount, wish=self.wish.strip()
        )
