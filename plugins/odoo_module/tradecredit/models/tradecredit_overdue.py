"""A declaration of overdue: what a buyer has not paid, told to the insurer before the policy's last day."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import format_date

from tradecredit_sdk import OverdueDeclaration

from .must_be_told import HERE, NOT_TOLD, what_is_wrong

STATES = [
    ("draft", "To be declared"), ("to_send", "To be sent"), ("unknown", "Sent, not confirmed"),
    ("failed", "Not accepted"), ("manual", "Declared by hand"), ("declared", "Declared"),
    ("documents_requested", "Documents requested"), ("in_collection", "In collection"), ("settled", "Settled"),
    ("withdrawn", "Withdrawn"),
]  # fmt: skip
AT_THE_INSURER = ("declared", "documents_requested", "in_collection")
USUAL = ("draft", "declared")
CLOSED = ("settled", "withdrawn")
TOLD = ("to_send", "unknown", "manual", *AT_THE_INSURER)
"""Invoices of these are not declared again."""
COVER = [
    ("confirmed", "Will stop"), ("stopped", "Stopped"), ("withdrawn", "Withdrawn"), ("rests", "Rests, disputed"),
    ("reinstated", "Reinstated"),
]  # fmt: skip
REASONS = [
    ("protracted_default", "Does not pay"), ("insolvency", "Insolvent"), ("dispute", "Disputed"), ("other", "Other"),
]  # fmt: skip
BY_PEOPLE = {"reason", "comment", "line_ids", "message_main_attachment_id", "activity_ids", "message_ids"}
MOST_INVOICES = 500
"""In one declaration; the total outstanding is told all the same."""


class TradecreditOverdue(models.Model):
    _name = "tradecredit.overdue"
    _description = "Overdue declaration"
    _inherit = ["tradecredit.told"]
    _order = "notify_by, id"
    _reference_prefix = "OV-"

    state = fields.Selection(
        STATES, required=True, default="draft", readonly=True, copy=False, tracking=True, group_expand="_group_states"
    )
    line_ids = fields.One2many("tradecredit.overdue.line", "overdue_id", "Invoices", copy=False)
    invoice_count = fields.Integer(compute="_compute_totals", store=True)
    amount = fields.Monetary("Declared", compute="_compute_totals", store=True)
    open_amount = fields.Monetary("Open now", compute="_compute_totals", store=True)
    late_amount = fields.Monetary("Overdue", readonly=True, help="What is open beyond original due dates.")
    outstanding = fields.Monetary("Total outstanding", readonly=True, help="All that the buyer owes in this currency.")
    reported_paid = fields.Monetary("Payments reported", readonly=True, help="What the insurer was told of since.")
    oldest_due = fields.Date("Oldest due date", readonly=True, help="The original one.")
    stop_on = fields.Date("Cover stops after", readonly=True, help="The end of the maximum extension period.")
    age = fields.Selection(
        [("1", "1 to 30 days"), ("2", "31 to 60 days"), ("3", "61 to 90 days"), ("4", "More than 90 days")],
        "Overdue since", readonly=True, help="By the oldest original due date.",
    )  # fmt: skip
    reason = fields.Selection(REASONS, required=True, default="protracted_default", tracking=True)
    comment = fields.Text(help="What the insurer should know, and what was done to collect.")
    paused = fields.Boolean("Paused, disputed", readonly=True, copy=False, tracking=True)
    pause_reason = fields.Char("Why it is paused", readonly=True, copy=False, tracking=True)
    insurer_overdue_id = fields.Char("Id at the insurer", readonly=True, copy=False, index=True)
    insurer_revision = fields.Integer(readonly=True, copy=False)
    acknowledged_at = fields.Datetime("Acknowledged at", readonly=True, copy=False)
    cover_state = fields.Selection(COVER, "Cover", readonly=True, copy=False)
    cover_stopped_from = fields.Date("No cover from", readonly=True, copy=False)
    cover_reinstated_from = fields.Date("Cover again from", readonly=True, copy=False)
    missing_documents = fields.Char("Documents asked for", readonly=True, copy=False)
    documents_by = fields.Date("To be sent by", readonly=True, copy=False)
    collected_by = fields.Selection(
        [("seller", "You"), ("insurer", "The insurer")], "Who collects", readonly=True, copy=False
    )
    collect_until = fields.Date("You collect until", readonly=True, copy=False)
    collection = fields.Char(compute="_compute_collection")
    heard_at = fields.Datetime("Insurer heard at", readonly=True, copy=False)
    outbox_ids = fields.One2many("tradecredit.outbox", "overdue_id", copy=False)

    _one_reference = models.Constraint("UNIQUE(policy_id, reference)", "A reference stands for one declaration.")
    _one_at_the_insurer = models.UniqueIndex(
        "(policy_id, insurer_overdue_id) WHERE insurer_overdue_id IS NOT NULL",
        "The insurer has each declaration under a number of its own.",
    )
    _one_to_declare = models.UniqueIndex(
        "(buyer_id, currency_id) WHERE state = 'draft'", "What a buyer owes in one currency is prepared once."
    )

    @api.model
    def _group_states(self, states, domain):
        """Those of the usual way stand on the board when nothing is in them, too."""
        return [state for state, _label in STATES if state in USUAL or state in states]

    # Shown

    @api.depends("buyer_id.name", "reference")
    def _compute_display_name(self):
        for overdue in self:
            overdue.display_name = f"{overdue.buyer_id.name} ({overdue.reference})"

    @api.depends("line_ids.amount", "line_ids.open_amount")
    def _compute_totals(self):
        for overdue in self:
            overdue.invoice_count = len(overdue.line_ids.filtered("amount"))
            overdue.amount = sum(overdue.line_ids.mapped("amount"))
            overdue.open_amount = sum(overdue.line_ids.mapped("open_amount"))

    @api.depends_context("lang")
    @api.depends("collected_by", "collect_until", "state")
    def _compute_collection(self):
        for overdue in self:
            overdue.collection = overdue.state not in CLOSED and overdue._who_collects()

    def _who_collects(self) -> str:
        """Own dunning until the agreed day, then the insurer."""
        if self.collected_by == "insurer":
            return self.env._("The insurer collects")
        if self._must_be_handed_over(self.env["tradecredit.exposure"]._today(self.policy_id.sudo())):
            return self.env._("To be handed over to the insurer since %s", format_date(self.env, self.collect_until))
        if self.collect_until:
            return self.env._("You collect until %s, then the insurer", format_date(self.env, self.collect_until))
        return self.env._("You collect")

    def _must_be_handed_over(self, today) -> bool:
        return bool(self.collected_by != "insurer" and self.collect_until and self.collect_until < today)

    def _for_invoice(self) -> str:
        """How far it is, how long there is time, and who collects."""
        label = dict(self._fields["state"]._description_selection(self.env))[self.state]
        parts = [label, self.time_left if self.state in NOT_TOLD else self.collection]
        if self.paused:
            parts.append(self.env._("paused, disputed"))
        return " – ".join(part for part in parts if part)

    # Rights

    def _check_open_here(self) -> None:
        for overdue in self:
            if overdue.state not in HERE:
                raise UserError(
                    self.env._("%s was handed to the insurer: it is not changed any more.", overdue.reference)
                )

    def write(self, vals):
        if not self.env.su:
            self._check_right()
            if vals.keys() - BY_PEOPLE:
                raise UserError(self.env._("A declaration follows the books and the insurer: use its buttons."))
            if vals.keys() & {"reason", "comment", "line_ids"}:
                self._check_open_here()
        return super().write(vals)

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise AccessError(self.env._("Declarations are prepared from the books."))
        return super().create(vals_list)

    # Declaring

    def action_declare(self) -> None:
        """Declare these in the user's name: kept, and sent by the outbox as soon as this is committed.

        AccessError without the right; UserError for what an insurer would not accept, or what was declared already.
        """
        self._check_right()
        for overdue in self:
            overdue.sudo()._declare(self.env.user)

    def _declare(self, user, *, is_fresh: bool = False) -> None:
        """`is_fresh`: the books were read just now."""
        self.ensure_one()
        self.lock_for_update()
        self.invalidate_recordset(["state"])
        if self.state not in HERE:
            label = dict(self._fields["state"]._description_selection(self.env))[self.state]
            raise UserError(
                self.env._("%(reference)s is declared already: %(state)s.", reference=self.reference, state=label)
            )
        if self.paused:
            raise UserError(self.env._("%(reference)s is paused (%(why)s): resume it first.",
                reference=self.reference, why=self.pause_reason))  # fmt: skip
        if not is_fresh:
            self._refresh()
        if self.state not in HERE:
            raise UserError(self.env._("Nothing of %s is overdue any more.", self.buyer_id.name))
        if self.state == "failed":
            self._forget_the_insurer()
        payload = self._sdk_declaration().model_dump(mode="json", exclude_none=True)
        values: dict[str, Any] = {"state": "to_send", "declared_by": user.id, "last_error": False}
        values |= {"collected_by": "seller", "collect_until": False}
        if "collection" in payload:
            values |= {
                "collected_by": payload["collection"]["by"],
                "collect_until": payload["collection"].get("until", False),
            }
        self.write(values)
        self.env["tradecredit.outbox"]._put("overdue_declaration", self, payload)

    def _sdk_declaration(self) -> OverdueDeclaration:
        """What is sent; UserError names what an insurer would not accept."""
        if not self.buyer_id.insurer_buyer_id:
            raise UserError(self.env._("%s is not identified at the insurer: find it there first.", self.buyer_id.name))
        if self.buyer_id.conflict:
            raise UserError(self.buyer_id.conflict)
        try:
            return OverdueDeclaration(
                buyer_id=self.buyer_id.insurer_buyer_id,
                invoices=tuple(self._sdk_invoices()),
                reason=self.reason,
                reference=self.reference,
                comment=self.comment or None,
                outstanding=self._money(max(self.outstanding, self.amount)),
                collection=self._sdk_collection(),
            )
        except ValueError as error:
            raise UserError(
                self.env._("%(buyer)s cannot be declared: %(why)s", buyer=self.buyer_id.name, why=what_is_wrong(error))
            ) from None

    def _forget_the_insurer(self) -> None:
        """What comes next is another declaration to it; it knows what it refused under the old reference."""
        nothing = ("insurer_overdue_id", "insurer_revision", "heard_at", "acknowledged_at", "in_time", "cover_state",
                   "cover_stopped_from", "cover_reinstated_from", "missing_documents", "documents_by", "declared_at",
                   "manual_way", "last_error")  # fmt: skip
        self.write({**dict.fromkeys(nothing, False), "reference": self._new_reference()})

    def _sdk_invoices(self) -> list[dict[str, Any]]:
        """By number: an invoice due in parts is one invoice, due when its first part is."""
        invoices = []
        for number, lines in self.line_ids.filtered("amount").grouped(lambda line: line._number()).items():
            due, agreed = (
                min(lines.mapped("original_due")),
                max([day for day in lines.mapped("agreed_due") if day], default=None),
            )
            disputed = sum(min(line.disputed_amount, line.amount) for line in lines)
            invoices.append({
                "number": number,
                "due_date": due,
                "amount": self._money(sum(lines.mapped("amount"))),
                "invoice_date": lines[0].invoice_date or None,
                "agreed_due_date": agreed if agreed and agreed > due else None,
                "disputed": self._money(disputed) if disputed else None,
            })  # fmt: skip
        return invoices

    def _sdk_collection(self) -> dict[str, Any] | None:
        policy = self.policy_id
        if not policy.has_collection_days:
            return None
        until = self.oldest_due + timedelta(days=policy.collection_days)
        is_over = until < self.env["tradecredit.exposure"]._today(policy)
        return {"by": "insurer"} if is_over else {"by": "seller", "until": until}

    def action_prepare_again(self) -> None:
        """What the insurer did not take, or was recorded by mistake, goes back to the drafts, with what is open now."""
        self._check_right()
        for overdue in self.sudo().filtered(lambda one: one.state in ("failed", "manual")):
            if overdue.state == "manual":
                overdue._say_decided(self.env._("The record that it was declared by hand was a mistake."))
            overdue._back_to_draft()

    def _back_to_draft(self):
        """It is to be declared again: by itself, or in the draft that there is of the buyer already, which is returned."""
        self._forget_the_insurer()
        other = self.search([
            ("buyer_id", "=", self.buyer_id.id), ("currency_id", "=", self.currency_id.id), ("state", "=", "draft"),
        ])  # fmt: skip
        if other:
            self.state = "withdrawn"
            self._close_warnings()
            self.message_post(body=self.env._("It goes on in %s.", other.reference))
        else:
            self.write({"state": "draft", "warned_days": self._fields["warned_days"].default(self)})
        draft = other or self
        draft._refresh()
        return draft

    def action_resume(self) -> None:
        """The dispute is settled."""
        self._check_right()
        self.sudo().write({"paused": False, "pause_reason": False})

    def _pause(self, why: str) -> None:
        """The buyer disputes: nothing is declared by itself meanwhile. No deadline moves, so its last day is still watched."""
        self._check_right()
        if not why.strip():
            raise UserError(self.env._("Say what is disputed."))
        if any(overdue.state in CLOSED for overdue in self):
            raise UserError(self.env._("Nothing is open any more."))
        if any(overdue.state == "unknown" for overdue in self):
            raise UserError(self.env._("The insurer may have it already: wait until that is known."))
        for overdue in self.sudo():
            draft = overdue._take_back() if overdue.state == "to_send" else overdue
            draft.write({"paused": True, "pause_reason": why.strip()})

    def _stop_sending(self) -> None:
        self.outbox_ids.filtered(lambda row: row.kind == "overdue_declaration")._stop_sending()

    # Buttons and views

    def action_declared_by_hand(self) -> dict[str, Any]:
        """Record that it was declared on another way."""
        return self._open_wizard(
            "tradecredit.declared.by.hand", self.env._("Declared by hand"), default_overdue_id=self.id
        )

    def action_pause(self) -> dict[str, Any]:
        """The buyer disputes."""
        return self._open_wizard("tradecredit.pause.overdue", self.env._("Pause, disputed"), default_overdue_id=self.id)

    def _action_shown(self) -> dict[str, Any]:
        """Open these."""
        action = {
            "type": "ir.actions.act_window",
            "name": self.env._("Overdue declarations"),
            "res_model": self._name,
            "context": {"create": False},
        }
        if len(self) == 1:
            return action | {"res_id": self.id, "view_mode": "form"}
        return action | {"domain": [("id", "in", self.ids)], "view_mode": "list,form"}
