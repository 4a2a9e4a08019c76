"""Sales orders: no path to a confirmed one goes around the credit check."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from functools import wraps

from odoo import api, fields, models
from odoo.addons.tradecredit.models.check_request import CheckRequest, Outcome
from odoo.exceptions import AccessError
from odoo.tools import SQL

from ..exceptions import NotCoveredError
from .gate import WATCH, Facts, Watch

HELD = [("no", "Not held"), ("held", "Held"), ("released", "Can be confirmed")]
NOT_HELD = {"tradecredit_state": "no", "tradecredit_held_since": False}
OWN_FIELDS = NOT_HELD.keys()
COMPUTED = {"amount_untaxed", "amount_tax", "amount_total", "invoice_status"}
"""Odoo stores what it computes of an order, lets anybody with a program write it, and the check reads it."""

HELD_NOT_RAISED = {
    "sale.order": "_validate_order",
    "payment.transaction": "_post_process",
    "pos.order": "sync_from_ui",
}
"""Methods in which nobody sits who could read a refusal: portal, shop, payments, the point of sale."""


class SaleOrder(models.Model):
    """Two layers. Whether an order may be confirmed is decided in `create` and `write`, which everything goes through.

    How a refusal is delivered is decided before, around `action_confirm`: a person gets an error, and anything else
    leaves the order on hold. The context key `tradecredit_hold` chooses between these two and nothing more.
    """

    _inherit = "sale.order"

    tradecredit_state = fields.Selection(
        HELD, "Credit insurance", default="no", required=True, readonly=True, copy=False,
        groups="base.group_user", index="btree_not_null", help="A held order waits for cover or for a release.",
    )  # fmt: skip
    tradecredit_held_since = fields.Datetime("Held since", readonly=True, copy=False, groups="base.group_user")

    # Around every change

    @contextmanager
    def _tradecredit_watched(self) -> Iterator[Watch]:
        """Check what one change, with all that it sets off, makes of these orders: once, when it is complete.

        A line that is added and another one that is taken off in the same change are judged together.
        """
        cache = self.env.cr.cache
        if WATCH in cache:
            cache[WATCH].add(self)
            yield cache[WATCH]
            return
        watch = cache[WATCH] = Watch()
        try:
            watch.add(self)
            yield watch
            self._tradecredit_settle(watch)
        finally:
            cache.pop(WATCH, None)

    def _tradecredit_settle(self, watch: Watch) -> None:
        """Refuse what the change made of the orders if there is no cover for it."""
        grown: dict[str, list[int]] = {}
        freed = self.env["res.partner"]
        for order in self.sudo().browse(watch.before):
            before = watch.before[order.id]
            facts = order._tradecredit_facts() if order._tradecredit_is_insured() else None
            if before and (not facts or facts.gross < before.gross or facts.payer_id != before.payer_id):
                freed += freed.browse(before.payer_id)
            trigger = facts and facts.changed_since(before)
            if trigger:
                grown.setdefault(trigger, []).append(order.id)
        stopped = []
        for trigger, ids in grown.items():
            outcomes = self.sudo().browse(ids)._tradecredit_run(trigger)
            stopped += [outcome for outcome in outcomes if outcome.stops]
        if stopped:
            raise NotCoveredError(self.env["tradecredit.check"]._message(stopped))
        if freed:
            self._tradecredit_recheck_soon(freed)

    def _tradecredit_is_insured(self) -> bool:
        """Whether this is a confirmed order of a company that has a policy."""
        order = self.sudo()
        return order.state == "sale" and bool(order.company_id.tradecredit_policy_id)

    def _tradecredit_facts(self) -> Facts:
        order = self.sudo()
        payer = order.partner_invoice_id
        payer.fetch(["commercial_partner_id"])  # nothing else of it, which is a lot
        return Facts(
            payer.commercial_partner_id.id,
            order.company_id.id,
            order.currency_id.id,
            order._tradecredit_terms_days(),
            order.amount_untaxed,
            order.amount_total,
            {line.id: line.price_total for line in order.order_line} if order._tradecredit_is_billed() else {},
        )

    def _tradecredit_is_billed(self) -> bool:
        """Whether anything of it is on an invoice, be it a draft."""
        return any(line.qty_invoiced or line.is_downpayment for line in self.order_line)

    def _tradecredit_terms_days(self) -> int:
        """The longest payment term of the order in days; without one it is due at once."""
        lines = self.payment_term_id.line_ids
        today = fields.Date.today()  # any day will do
        return max([0, *((line._get_due_date(today) - today).days for line in lines)])

    def _tradecredit_run(self, trigger: str, **options) -> list[Outcome]:
        """Check these orders, policy by policy; amounts are what is not invoiced yet. Branches are one seller."""
        orders = self.sudo()
        begun = orders - orders._tradecredit_untouched()
        amounts = self.env["tradecredit.exposure"].sudo()._order_amounts(begun)
        paid = begun.filtered(lambda order: order._tradecredit_is_paid(amounts.get(order.id)))
        outcomes = [Outcome.of_nothing(self.env, order._tradecredit_request(amounts)) for order in paid]
        by_policy = (orders - paid).grouped(lambda order: order.company_id.tradecredit_policy_id)
        for _policy, group in sorted(by_policy.items(), key=lambda item: item[0].id):
            requests = [order._tradecredit_request(amounts) for order in group if order.partner_invoice_id]
            # As the user whose click it was, so that the record says who.
            outcomes += self.env["tradecredit.check"]._run(group[0].company_id, requests, trigger=trigger, **options)
        return outcomes

    def _tradecredit_untouched(self):
        """Quotations of which nothing is billed or paid: their totals are what they would add."""
        quotations = self.filtered(
            lambda order: order.state in ("draft", "sent") and not order._tradecredit_is_billed()
        )
        self.env["payment.transaction"].flush_model(["sale_order_ids"])
        # Past the ORM, which reads the transactions too: hardly any order has one.
        paid = SQL("SELECT sale_order_id FROM sale_order_transaction_rel WHERE sale_order_id = ANY(%s)", quotations.ids)
        begun = {id_ for (id_,) in self.env.execute_query(paid)}
        return quotations.filtered(lambda order: order._origin.id not in begun)

    def _tradecredit_is_paid(self, left: tuple[Decimal, Decimal] | None) -> bool:
        """Paid in full, and nothing of it billed: no credit is given, so no cover is needed, not even of a stranger.

        Nothing is `left` to bill of what the point of sale sold, or of what a provider captured and is not posted yet.
        """
        if left is None or self.amount_total <= 0 or any(move.state != "cancel" for move in self.invoice_ids):
            return False
        nothing_left = self.currency_id.is_zero(float(sum(left)))
        return nothing_left or self.currency_id.compare_amounts(self._tradecredit_captured(), self.amount_total) >= 0

    def _tradecredit_captured(self) -> float:
        """What payment providers captured less what they paid back; of a payment captured in parts, the parts."""
        payments = self.transaction_ids | self.transaction_ids.child_transaction_ids
        done = payments.filtered(
            lambda tx: tx.state == "done" and tx.operation != "validation" and tx.currency_id == self.currency_id
        )
        split = done.filtered(lambda tx: tx.operation == tx.source_transaction_id.operation).source_transaction_id
        return sum(tx.amount * self._tradecredit_share(tx) for tx in done - split)

    def _tradecredit_share(self, transaction) -> float:
        """A payment for several orders is shared among them by their totals."""
        orders = transaction.sale_order_ids or transaction.source_transaction_id.sale_order_ids
        return self.amount_total / (sum(orders.mapped("amount_total")) or 1) if len(orders) > 1 else 1

    def _tradecredit_request(self, amounts: dict[int, tuple[Decimal, Decimal]]) -> CheckRequest:
        net, tax = amounts.get(self.id) or (
            Decimal(str(max(self.amount_untaxed, 0))),
            Decimal(str(max(self.amount_tax, 0))),
        )
        return CheckRequest(self, self.partner_invoice_id, net, tax, self.currency_id, self._tradecredit_terms_days())

    @api.model_create_multi
    def create(self, vals_list):
        self._tradecredit_guard(*vals_list)
        vals_list = [NOT_HELD | vals for vals in vals_list]  # the context has no say in it
        with self._tradecredit_watched() as watch:
            orders = super().create(vals_list)
            watch.before.update(dict.fromkeys(orders.ids))  # also of one that is created as confirmed
        return orders

    def write(self, vals):
        self._tradecredit_guard(vals)
        with self._tradecredit_watched():
            done = super().write(vals)
            if vals.get("state") in ("sale", "cancel"):
                self._tradecredit_end_hold()
        return done

    def unlink(self):
        ids = self.ids
        done = super().unlink()
        if watch := self.env.cr.cache.get(WATCH):
            watch.forget(ids)
        return done

    def _tradecredit_guard(self, *all_vals) -> None:
        if self.env.su:
            return
        if any(OWN_FIELDS & vals.keys() for vals in all_vals):
            raise AccessError(self.env._("Whether an order is held is decided by its credit check only."))
        if any(COMPUTED & vals.keys() for vals in all_vals):
            raise AccessError(
                self.env._("Totals of an order and what is invoiced of it are computed, and not written.")
            )

    # Around action_confirm

    def _register_hook(self):
        """Go around all other addons: those loaded later act on orders after `super`, confirmed or not.

        They give out loyalty points, book events, or send the order to a printer.
        """
        super()._register_hook()
        for model, name in HELD_NOT_RAISED.items():
            if model in self.env:
                _wrap(type(self.env[model]), name, _holding)
        _wrap(type(self), "action_confirm", _gated)

    def _unregister_hook(self):
        super()._unregister_hook()
        for model, name in [*HELD_NOT_RAISED.items(), ("sale.order", "action_confirm")]:
            if model in self.env and name in vars(type(self.env[model])):
                delattr(type(self.env[model]), name)

    def _tradecredit_pass(self, trigger: str):
        """Of quotations that are to be confirmed those that may be: an error for a person, the rest is held else."""
        quotations = self.filtered(lambda order: order.state in ("draft", "sent"))
        stopped = [outcome for outcome in quotations._tradecredit_run(trigger) if outcome.stops]
        if not stopped:
            return self
        if not (self.env.su or self.env.context.get("tradecredit_hold")):
            raise NotCoveredError(self.env["tradecredit.check"]._message(stopped))
        held = self.browse([outcome.request.document.id for outcome in stopped])
        held._tradecredit_hold(stopped, tell_customer=True)
        return self - held


def _wrap(cls, name: str, make) -> None:
    if name not in vars(cls):
        setattr(cls, name, make(getattr(cls, name)))


def _holding(method):
    @wraps(method)
    def held_not_raised(self, *args, **kwargs):
        return method(self.with_context(tradecredit_hold=True), *args, **kwargs)

    return held_not_raised


def _gated(method):
    @wraps(method)
    def action_confirm(self):
        # What Odoo refuses anyway is refused in its own words, and is no credit check.
        if any(order._confirmation_error_message() for order in self):
            return method(self)
        with self._tradecredit_watched() as watch:
            passing = self._tradecredit_pass("confirm")
            if not passing:
                return True
            watch.let_through(passing)
            try:
                return method(passing)
            except Exception:
                watch.forget(passing.ids)
                raise

    return action_confirm
