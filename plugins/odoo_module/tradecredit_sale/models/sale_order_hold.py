"""Held orders: who is told, when they are checked again, and what a person can do about them."""

from __future__ import annotations

from odoo import api, fields, models
from odoo.addons.tradecredit.models.notice import notice
from odoo.addons.tradecredit.models.reader_language import in_language_of
from odoo.exceptions import UserError, ValidationError
from odoo.tools import plaintext2html
from psycopg2 import OperationalError

HELD_ACTIVITY = "tradecredit_sale.activity_held"
RECHECK_BATCH = 100
REQUESTER = "tradecredit.group_requester"


class SaleOrder(models.Model):
    _inherit = "sale.order"

    # On hold and off again

    def _tradecredit_hold(self, outcomes, *, tell_customer: bool) -> None:
        """Put these orders on hold: what the customer signed or paid stays, controllers are told, he is told too."""
        reasons = {outcome.request.document.id: outcome for outcome in outcomes}
        for order in self.sudo():
            outcome = reasons[order.id]
            is_new = order.tradecredit_state != "held"
            if is_new:
                order.write({
                    "tradecredit_state": "held",
                    "tradecredit_held_since": order.tradecredit_held_since or fields.Datetime.now(),
                })  # fmt: skip
            texts = in_language_of(order.user_id, order).env["tradecredit.check"]
            order.message_post(body=plaintext2html(texts._message([outcome])))
            if is_new:
                order._tradecredit_tell_controller()
                if tell_customer:
                    order._tradecredit_tell_customer()

    def _tradecredit_tell_controller(self) -> None:
        controller = self.company_id.tradecredit_policy_id._who_is_told()
        self.activity_schedule(
            HELD_ACTIVITY,
            user_id=controller.id,
            note=in_language_of(controller, self).env._(
                "This order waits for cover: ask for a limit, or decide on a release."
            ),
        )

    def _tradecredit_tell_customer(self) -> None:
        """In his language, and without a word about his credit: it says what happens next."""
        order = self.with_context(lang=self.partner_id.lang or self.env.lang)
        order.message_post(
            body=order.env._(
                "Thank you for your order. We are checking it and will confirm it as soon as possible; there is nothing "
                "you need to do. What you signed or paid stays valid."
            ),
            subtype_xmlid="mail.mt_comment",
            partner_ids=order.partner_id.ids,
        )

    def _tradecredit_end_hold(self) -> None:
        for order in self.sudo().filtered(lambda order: order.tradecredit_state != "no"):
            order.write({"tradecredit_state": "no", "tradecredit_held_since": False})
            order.activity_unlink([HELD_ACTIVITY])

    # Checked again

    @api.model
    def _tradecredit_recheck_soon(self, partners) -> None:
        """Something changed for these payers: have held orders of their legal entities checked after this transaction."""
        orders = self.sudo()
        if not partners or not orders.search_count(orders._tradecredit_waiting(), limit=1):
            return
        heads = partners.sudo().commercial_partner_id
        members = set(heads.ids)
        for policy in self.env["tradecredit.policy"].sudo().search([]):  # pylint: disable=no-search-all; one a company
            for family in self.env["tradecredit.buyer"].sudo()._families(policy, heads).values():
                members.update(family.partner_ids)
        waiting = [*orders._tradecredit_waiting(), ("partner_invoice_id.commercial_partner_id", "in", list(members))]
        if orders.search_count(waiting, limit=1):
            self.env.ref("tradecredit_sale.cron_recheck").sudo()._trigger()

    @api.model
    def _tradecredit_waiting(self) -> list:
        return [("tradecredit_state", "in", ("held", "released")), ("state", "in", ("draft", "sent"))]

    @api.model
    def _cron_tradecredit_recheck(self) -> None:
        """Check held orders again, the longest held first."""
        orders = self.sudo().search(self._tradecredit_waiting(), order="tradecredit_held_since, id")
        cron = self.env["ir.cron"]
        cron._commit_progress(remaining=len(orders))
        for start in range(0, len(orders), RECHECK_BATCH):
            batch = orders[start : start + RECHECK_BATCH].exists()
            batch._tradecredit_recheck(commit=True)
            if not cron._commit_progress(len(batch)):
                break

    def _tradecredit_recheck(self, *, commit: bool = False) -> None:
        """Which of these held orders may go ahead now, first come first served.

        It is a look without locks; one that confirms itself is then checked as any other confirmation is.
        """
        orders = self.sudo()
        for outcome in orders._tradecredit_run("recheck", lock=False, record=False):
            order = outcome.request.document
            if outcome.stops:
                if order.tradecredit_state == "released":
                    order._tradecredit_hold([outcome], tell_customer=False)
            elif order.company_id.tradecredit_policy_id.auto_confirm:
                order._tradecredit_confirm_itself(outcome)
                if commit:
                    self.env["ir.cron"]._commit_progress()
            else:
                order._tradecredit_free(outcome)

    def _tradecredit_free(self, outcome) -> None:
        """Cover is there, or somebody released the order; a person confirms it."""
        if self.tradecredit_state != "held":
            return
        self.write({"tradecredit_state": "released"})
        self.activity_unlink([HELD_ACTIVITY])
        order = in_language_of(self.user_id, self)
        if outcome.release:
            body = order.env._(
                "A credit manager released this order: it can be confirmed. What goes beyond the cover is not insured."
            )
        else:
            body = order.env._("There is cover for this order now: it can be confirmed.")
        order.message_post(
            body=body,
            subtype_xmlid="mail.mt_note",
            partner_ids=self.user_id.partner_id.ids,
        )

    def _tradecredit_confirm_itself(self, outcome) -> None:
        order = self.with_company(self.company_id).with_context(tradecredit_hold=True, send_email=True)
        try:
            with self.env.cr.savepoint():
                order.action_confirm()
                if order.state == "sale":
                    order._tradecredit_invoice_paid()
        except OperationalError:
            # Somebody else uses the buyer's cover right now: the next run sees what is left.
            self.env.ref("tradecredit_sale.cron_recheck").sudo()._trigger()
        except (UserError, ValidationError) as error:
            self._tradecredit_free(outcome)
            order = in_language_of(self.user_id, self)
            order.message_post(body=order.env._("This order could not confirm itself: %s", error))

    def _tradecredit_invoice_paid(self) -> None:
        """Money came in while the order was held: bill it as Odoo does right after a payment, where that is wanted."""
        paid = self.transaction_ids.filtered(lambda tx: tx.state == "done" and tx.operation != "validation")
        automatic = self.env["ir.config_parameter"].sudo().get_param("sale.automatic_invoice")
        if paid and automatic and automatic.lower() != "false":
            paid._invoice_sale_orders()
            paid.invoice_ids.filtered(lambda move: move.state == "draft").action_post()

    def _tradecredit_released(self) -> None:
        """A release of this order was decided on."""
        waiting = self.filtered(lambda order: order.state in ("draft", "sent") and order.tradecredit_state != "no")
        if waiting:
            self.env.ref("tradecredit_sale.cron_recheck").sudo()._trigger()
            waiting.filtered(
                lambda order: not order.company_id.tradecredit_policy_id.auto_confirm
            )._tradecredit_recheck()

    # What a person can do

    def action_tradecredit_check_again(self):
        """Check now, on the record, and say what came of it; held orders that fit may be confirmed from here on."""
        self.check_access("write")
        stopped = self.browse()
        for outcome in self._tradecredit_run("recheck"):
            order = outcome.request.document
            stopped += order if outcome.stops else self.browse()
            if order.tradecredit_state == "no":
                continue
            if outcome.stops:
                order._tradecredit_hold([outcome], tell_customer=False)
            else:
                order._tradecredit_free(outcome)
        if stopped:
            names = ", ".join(stopped.mapped("display_name"))
            return notice(self.env._("Checked: there is no cover for %s. The order says why.", names), "warning")
        return notice(self.env._("Checked: nothing is in the way."))

    def action_tradecredit_request(self):
        """Open the dialog that asks the insurer for a limit, or a credit manager for a release."""
        self.ensure_one()
        self.check_access("write")
        kind = self.env.context.get("tradecredit_request", "limit")
        title = self.env._("Request limit") if kind == "limit" else self.env._("Request release")
        return {
            "type": "ir.actions.act_window",
            "name": title,
            "res_model": "tradecredit.order.request",
            "view_mode": "form",
            "target": "new",
            "context": {"default_order_id": self.id, "default_kind": kind},
        }
