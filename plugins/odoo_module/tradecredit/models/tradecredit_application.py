"""An application for a limit: what was asked of the insurer on one buyer, and what it decided."""

from __future__ import annotations

import secrets
from decimal import Decimal
from typing import Any

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_amount, format_date

from tradecredit_sdk import LimitApplication, LimitDecision, LimitRequest, LimitState, Money

from .insurer_text import plain

REQUESTER = "tradecredit.group_requester"
CONTROLLER = "tradecredit.group_controller"
ACTIONS = [("new", "New limit"), ("increase", "Increase"), ("decrease", "Decrease"), ("cancel", "Cancel the limit")]
KINDS = [("permanent", "Permanent"), ("temporary", "Temporary")]
STATES = [
    ("draft", "Draft"), ("to_send", "To be sent"), ("unknown", "Sent, not confirmed"), ("requested", "Requested"),
    ("referred", "With an underwriter"), ("approved", "Approved"), ("partly_approved", "Partly approved"),
    ("refused", "Refused"), ("cancelled", "Cancelled"), ("superseded", "Superseded"), ("failed", "Not accepted"),
]  # fmt: skip
SPEAKING = ("to_send", "unknown", "requested", "referred", "refused")
"""A check has to know of these: of what may still come, and of a refusal, which ends the discretionary limit."""
PENDING = ("to_send", "unknown", "requested", "referred")
AT_THE_INSURER = ("requested", "referred")
# What became of the limit later is told by its own rows.
DECIDED = {
    LimitState.APPROVED: "approved", LimitState.PARTLY_APPROVED: "partly_approved", LimitState.REFUSED: "refused",
    LimitState.REDUCED: "partly_approved", LimitState.WITHDRAWAL_ANNOUNCED: "approved",
    LimitState.WITHDRAWN: "cancelled", LimitState.EXPIRED: "superseded", LimitState.CANCELLED: "cancelled",
    LimitState.SUPERSEDED: "superseded",
}  # fmt: skip
_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class TradecreditApplication(models.Model):
    _name = "tradecredit.application"
    _description = "Application for a credit limit"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _mail_post_access = "read"
    _order = "id desc"
    _rec_name = "reference"

    buyer_id = fields.Many2one("tradecredit.buyer", required=True, readonly=True, ondelete="restrict", index=True)
    policy_id = fields.Many2one(related="buyer_id.policy_id", store=True, index=True)
    company_id = fields.Many2one(related="buyer_id.company_id", store=True, index=True)
    action = fields.Selection(ACTIONS, required=True, default="new", readonly=True)
    kind = fields.Selection(KINDS, required=True, default="permanent", readonly=True)
    amount = fields.Monetary("Asked for", readonly=True, help="The total wanted, not the difference.")
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    valid_until = fields.Date("Until", readonly=True)
    terms_days = fields.Integer("Payment term", readonly=True, help="In days from delivery; 0: not stated.")
    urgent = fields.Boolean(readonly=True)
    comment = fields.Text(readonly=True, groups=CONTROLLER)
    own_comment = fields.Text("Your comment", compute="_compute_own_comment", compute_sudo=True)
    reference = fields.Char(
        required=True, readonly=True, copy=False, index=True, help="Under which the insurer has it."
    )
    state = fields.Selection(STATES, required=True, default="draft", readonly=True, copy=False, tracking=True)
    insurer_application_id = fields.Char("Id at the insurer", readonly=True, copy=False, index=True)
    granted_amount = fields.Monetary("Granted", currency_field="granted_currency_id", readonly=True, copy=False)
    granted_currency_id = fields.Many2one("res.currency", readonly=True, copy=False, help="Empty: nothing decided.")
    insurer_code = fields.Char("The insurer's word", readonly=True, copy=False)
    reason = fields.Text("The insurer's reason", readonly=True, copy=False)
    decided_at = fields.Datetime("Decided at", readonly=True, copy=False)
    last_error = fields.Char("What was wrong", readonly=True, copy=False)
    requested_by = fields.Many2one("res.users", "Requested by", required=True, readonly=True, ondelete="restrict")
    res_model = fields.Char("Document model", readonly=True)
    res_id = fields.Many2oneReference("Document id", model_field="res_model", readonly=True)
    is_being_withdrawn = fields.Boolean(compute="_compute_is_being_withdrawn", compute_sudo=True)
    outbox_ids = fields.One2many("tradecredit.outbox", "application_id", groups=CONTROLLER, copy=False)

    _one_reference = models.Constraint("UNIQUE(policy_id, reference)", "A reference stands for one application.")
    _document_idx = models.Index("(res_model, res_id)")

    @api.depends("comment", "requested_by")
    @api.depends_context("uid")
    def _compute_own_comment(self):
        """What somebody else wrote of a buyer is for the insurer and whoever works all buyers."""
        for application in self:
            application.own_comment = application.requested_by.id == self.env.uid and application.comment

    @api.depends("state", "outbox_ids.state")
    def _compute_is_being_withdrawn(self):
        for application in self:
            on_its_way = application.outbox_ids.filtered(
                lambda row: row.kind == "cancellation" and row.state in ("pending", "sending", "unknown", "done")
            )
            application.is_being_withdrawn = application._is_pending() and bool(on_its_way)

    # Asking

    @api.model
    def _request(
        self, buyer, *, amount: float = 0.0, currency=None, action: str | None = None, kind: str = "permanent",
        valid_until=None, terms_days: int | None = None, urgent: bool = False, comment: str | None = None, document=None,
    ):  # fmt: skip
        """Ask for a limit in the user's name: it is kept, and sent by the outbox as soon as this is committed.

        Without an `action` an increase is asked where there is a limit, else a new one. AccessError without the right;
        UserError for a buyer that is not identified, while the same is pending, or what an insurer would not accept.
        """
        self._check_right(buyer, REQUESTER)
        buyer = buyer.sudo()  # asked for by people who do not write limits
        if not buyer.insurer_buyer_id:
            raise UserError(self.env._("%s is not identified at the insurer: find it there first.", buyer.name))
        if buyer.conflict:
            raise UserError(buyer.conflict)
        currency = currency or buyer.policy_id.currency_id
        if action is None:
            self._refuse_the_impossible(
                buyer, amount=amount, currency=currency, kind=kind, valid_until=valid_until, terms_days=terms_days,
                comment=comment,
            )  # fmt: skip
        buyer._lock()  # of two people who ask at once the second is told that the first one has asked
        pending = buyer.application_ids.filtered(lambda one: one._is_pending() and one.kind == kind)
        if pending:
            raise UserError(self.env._(
                "The insurer has not decided yet on %(reference)s of %(amount)s.",
                reference=pending[0].reference, amount=format_amount(self.env, pending[0].amount, pending[0].currency_id),
            ))  # fmt: skip
        held = buyer.limit_ids.filtered(lambda row: row.active and row.kind == kind and row.amount > 0)
        application = self.sudo().create({
            "buyer_id": buyer.id,
            "action": action or ("increase" if held else "new"),
            "kind": kind,
            "amount": amount,
            "currency_id": currency.id,
            "valid_until": valid_until,
            "terms_days": terms_days,
            "urgent": urgent,
            "comment": comment,
            "requested_by": self.env.uid,
            "res_model": document._name if document else False,
            "res_id": document.id if document else False,
        })  # fmt: skip
        application._send()
        return application.sudo(self.env.su)

    @api.model
    def _check_right(self, record, group: str) -> None:
        user = self.env.user
        if not self.env.su and (not user.has_group(group) or record.sudo().company_id not in user.company_ids):
            raise AccessError(
                self.env._("You may not ask the insurer for limits of %s.", record.sudo().company_id.name)
            )

    @api.model_create_multi
    def create(self, vals_list):
        for vals in vals_list:
            if not vals.get("reference"):
                vals["reference"] = self._new_reference()
            vals.setdefault("requested_by", self.env.uid)
        applications = super().create(vals_list)
        for application in applications:
            application.message_subscribe(application.requested_by.partner_id.ids)
        return applications

    @api.ondelete(at_uninstall=False)
    def _never_deleted(self):
        raise UserError(self.env._("What was asked of the insurer is a record and cannot be deleted."))

    @api.model
    def _new_reference(self) -> str:
        """At most 20 characters, fixed before anything is sent; random too, for a copied database counts on alike."""
        number = self.env["ir.sequence"].sudo().next_by_code("tradecredit.application") or "TC"
        return f"{number}-{''.join(secrets.choice(_SIGNS) for _ in range(8))}"[:20]

    def action_send(self) -> None:
        """Hand drafts to the outbox."""
        for application in self:
            application._check_right(application, REQUESTER)
            application.sudo()._send()

    def _send(self) -> None:
        for application in self.filtered(lambda one: one.state == "draft"):
            payload = application._sdk_request().model_dump(mode="json", exclude_none=True)
            application.state = "to_send"
            self.env["tradecredit.outbox"]._put("limit_request", application, payload)

    def _sdk_request(self) -> LimitRequest:
        """What is sent; UserError names what an insurer would not accept."""
        self.ensure_one()
        amount = Money.rounded(Decimal(str(self.amount)), self.currency_id.name) if self.action != "cancel" else None
        try:
            return LimitRequest(
                buyer_id=self.buyer_id.insurer_buyer_id,
                action=self.action,
                kind=self.kind,
                amount=amount,
                valid_until=self.valid_until or None,
                terms_days=self.terms_days or None,
                urgent=self.urgent,
                reference=self.reference,
                comment=self.comment or None,
            )
        except ValueError as error:
            problems = error.errors(include_input=False, include_url=False) if hasattr(error, "errors") else []
            text = "; ".join(problem["msg"].removeprefix("Value error, ") for problem in problems) or str(error)
            raise UserError(self.env._("This application cannot be sent: %s", text)) from None

    def action_cancel(self) -> None:
        """Take an application back: at once while it was not sent, else at the insurer."""
        for application in self:
            group = REQUESTER if application.requested_by == self.env.user else CONTROLLER
            application._check_right(application, group)
            application.sudo()._cancel()

    def _cancel(self) -> None:
        if self.state == "draft":
            self.state = "cancelled"
        elif self.state == "to_send":
            self.outbox_ids._withdraw()
            self.state = "cancelled"
        elif self.state in AT_THE_INSURER:
            self.env["tradecredit.outbox"]._put("cancellation", self, {"target_id": self.insurer_application_id})
        else:
            raise UserError(self.env._("%s is no longer pending and cannot be cancelled.", self.reference))

    # For the SDK

    def _is_pending(self) -> bool:
        """A decision of the insurer is still to come."""
        return self.state in PENDING

    def _action_shown(self) -> dict[str, Any]:
        """Open these."""
        action = {"type": "ir.actions.act_window", "name": self.env._("Applications"), "res_model": self._name}
        if len(self) == 1:
            return action | {"res_id": self.id, "view_mode": "form"}
        return action | {"domain": [("id", "in", self.ids)], "view_mode": "list,form"}

    def _in_words(self) -> str:
        """What was asked for and when, and how far it is."""
        labels = {
            name: dict(self._fields[name]._description_selection(self.env)) for name in ("action", "kind", "state")
        }
        is_amount = self.action != "cancel"
        return self.env._(
            "%(what)s (%(kind)s), asked for on %(day)s: %(state)s",
            what=format_amount(self.env, self.amount, self.currency_id) if is_amount else labels["action"]["cancel"],
            kind=labels["kind"][self.kind], day=format_date(self.env, self.create_date.date()),
            state=labels["state"][self.state],
        )  # fmt: skip

    def _sdk_application(self) -> LimitApplication:
        """The application as the SDK's rules read it."""
        self.ensure_one()
        amount = None
        if self.action != "cancel":
            amount = Money.rounded(Decimal(str(self.amount)), self.currency_id.name)
        return LimitApplication(
            id=self.insurer_application_id or self.reference,
            reference=self.reference,
            state=self.state if self.state in ("referred", "refused") else "requested",
            buyer_id=self.buyer_id.insurer_buyer_id,
            action=self.action,
            kind=self.kind,
            amount=amount,
        )

    # What the insurer said

    def _received(self, answer: LimitApplication) -> None:
        """The insurer has it, and may have decided at once."""
        self.ensure_one()
        values: dict[str, Any] = {"insurer_application_id": answer.id, "last_error": False}
        if self.state in ("to_send", "unknown"):
            values["state"] = "requested"
        self.write(values)
        if answer.decision is not None:
            self._decided(answer.decision)
        elif answer.state == LimitState.REFERRED and self._is_pending():
            self.state = "referred"

    def _decided(self, decision: LimitDecision) -> bool:
        """Take a decision over, once; True if it is one. Amounts and words are the insurer's own."""
        self.ensure_one()
        if decision.is_pending or not self._is_pending():
            if decision.state == LimitState.REFERRED and self.state == "requested":
                self.state = "referred"
            return False
        values: dict[str, Any] = {
            "state": DECIDED[decision.state],
            "insurer_code": plain(decision.insurer_code),
            "reason": plain(decision.reason),
            "decided_at": _naive(decision.decided_at) or fields.Datetime.now(),
            "last_error": False,
        }
        if decision.amount is not None:
            currency = self.env["res.currency"].with_context(active_test=False).search(
                [("name", "=", decision.amount.currency)]
            )  # fmt: skip
            values |= {"granted_amount": float(decision.amount.amount), "granted_currency_id": currency.id}
        self.write(values)
        self._tell()
        return True

    def _not_accepted(self, why: str) -> None:
        """The insurer did not take the application: that is no decision on cover."""
        self.write({"state": "failed", "last_error": why})
        self._tell()

    # What becomes of it in the outbox

    def _outbox_waits(self, row, state: str, why: str | None) -> None:
        if row.kind == "limit_request":
            self.write({"state": state} | ({"last_error": why} if why else {}))

    def _outbox_accepted(self, row, answer) -> None:
        if row.kind == "limit_request":
            self._received(answer)
        elif self._is_pending():
            self.state = "cancelled"

    def _outbox_refused(self, row, why: str) -> None:
        if row.kind == "limit_request":
            self._not_accepted(why)
        else:
            self.last_error = why

    def _outbox_concluded(self):
        return self.buyer_id.browse() if self._is_pending() else self.buyer_id

    def _tell(self) -> None:
        """Tell whoever asked, here and on the document."""
        label = dict(self._fields["state"]._description_selection(self.env))[self.state]
        parts = [self.env._("Credit limit on %(buyer)s: %(state)s", buyer=self.buyer_id.name, state=label)]
        if self.granted_currency_id:
            parts.append(format_amount(self.env, self.granted_amount, self.granted_currency_id))
        parts += [text for text in (self.reason, self.state == "failed" and self.last_error) if text]
        body = " – ".join(parts)
        self.message_post(body=body, subtype_xmlid="mail.mt_comment", partner_ids=self.requested_by.partner_id.ids)
        if self.res_model in self.env and hasattr(self.env[self.res_model], "message_post"):
            document = self.env[self.res_model].browse(self.res_id).exists()
            if document:
                document.message_post(body=body)


def _naive(moment: Any) -> Any:
    """A moment as Odoo stores it: UTC without saying so."""
    return moment and (moment - moment.utcoffset()).replace(tzinfo=None)
