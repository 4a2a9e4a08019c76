"""What an insurer would not take is refused before it is kept, in the words of the dialog, with what to do instead."""

from __future__ import annotations

from datetime import date
from typing import Any

from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tools import format_amount, format_date

from tradecredit_sdk import Operation, deadlines, tell_by

from .tradecredit_overdue import AT_THE_INSURER
from .tradecredit_report import AMENDMENTS

LONGEST_COMMENT = 1000
DECLARED = (*AT_THE_INSURER, "manual")
ON_ITS_WAY = ("draft", "to_send", "unknown")


class TradecreditReport(models.Model):
    _inherit = "tradecredit.report"

    @api.model
    def _keep(
        self, buyer, *, action: str, overdue=None, adverse_kind: str | bool = False, happened_on: date | bool = False,
        invoice_number: str | bool = False, new_due_date: date | bool = False, instalments=(), outstanding: float = 0.0,
        comment: str | bool = False, currency=None,
    ):  # fmt: skip
        """Write down what the insurer is to be told, in the user's name; nothing is sent yet.

        `instalments` are (day, amount, currency). AccessError without the right; UserError names what is wrong.
        """
        self._check_right_for(buyer.sudo().company_id)
        buyer = buyer.sudo()
        overdue = (overdue or self.env["tradecredit.overdue"]).sudo()
        if overdue and overdue.buyer_id != buyer:
            raise AccessError(self.env._("%s is the declaration of another buyer.", overdue.reference))
        buyer._lock()  # of two people who tell the same at once the second one is told so
        values: dict[str, Any] = {"buyer_id": buyer.id, "overdue_id": overdue.id, "action": action}
        values["currency_id"] = (overdue.currency_id or currency or buyer.policy_id.currency_id).id
        values["comment"] = (comment or "").strip() or False
        if len(comment or "") > LONGEST_COMMENT:
            raise UserError(self.env._("The comment may have %s characters at most.", LONGEST_COMMENT))
        if action == "adverse":
            self._refuse_adverse(buyer, adverse_kind, happened_on, outstanding)
            last = tell_by(happened_on, buyer.policy_id._terms().sdk)
            values |= {
                "adverse_kind": adverse_kind,
                "happened_on": happened_on,
                "outstanding": outstanding,
                "notify_by": last,
            }
        else:
            self._refuse_change(overdue, action)
            values["invoice_number"] = invoice_number
        if action in AMENDMENTS:
            lines = self._concerned(overdue, invoice_number)
            values["notify_by"] = self._ask_by(overdue, lines)
            if action == "extend":
                self._refuse_new_due_date(overdue, lines, new_due_date)
                values["new_due_date"] = new_due_date
            else:
                self._refuse_instalments(overdue, lines, instalments)
                values["instalment_ids"] = [
                    Command.create({"due_date": day, "amount": amount}) for day, amount, _currency in instalments
                ]
        elif action == "withdraw" and not values["comment"]:
            raise UserError(self.env._("Say why it is taken back: the insurer will ask."))
        return self.sudo().create(values).sudo(self.env.su)

    def _refuse_adverse(self, buyer, kind, happened_on, outstanding: float) -> None:
        if not kind or not happened_on:
            raise UserError(self.env._("Say what has happened, and on which day."))
        if happened_on > self._day(buyer):
            raise UserError(self.env._("What is reported has happened: %s has not come yet.",
                format_date(self.env, happened_on)))  # fmt: skip
        if outstanding < 0:
            raise UserError(self.env._("The total outstanding is not negative."))
        known = self.sudo().search([
            ("buyer_id", "=", buyer.id), ("adverse_kind", "=", kind), ("happened_on", "=", happened_on),
            ("state", "!=", "dropped"),
        ], limit=1)  # fmt: skip
        if known:
            raise UserError(self.env._("The insurer is told of that already: %s.", known.display_name))

    def _refuse_change(self, overdue, action: str) -> None:
        if overdue.state not in DECLARED:
            label = dict(overdue._fields["state"]._description_selection(self.env))[overdue.state]
            raise UserError(self.env._(
                "%(reference)s: %(state)s. Only what the insurer has can be extended, rescheduled or withdrawn.",
                reference=overdue.reference, state=label,
            ))  # fmt: skip
        if action in AMENDMENTS and overdue.state == "in_collection":
            raise UserError(self.env._(
                "%s is in collection: the insurer alone agrees on terms now. Pass the buyer's offer on to its collectors.",
                overdue.reference,
            ))  # fmt: skip
        waiting = overdue.report_ids.filtered(lambda one: one.action != "adverse" and one.state in ON_ITS_WAY)
        if waiting:
            raise UserError(self.env._(
                "%s is on its way to the insurer still: wait for the answer, or drop it first.", waiting[0].display_name
            ))  # fmt: skip

    def _concerned(self, overdue, number: str | bool):
        lines = overdue.line_ids.filtered(lambda line: line.state == "open" and number in (False, line._number()))
        if not lines:
            raise UserError(self.env._("Nothing of that is open any more."))
        return lines

    def _ask_by(self, overdue, lines) -> date:
        """Counted like the last day to declare, from the oldest invoice concerned."""
        return deadlines(min(lines.mapped("original_due")), overdue.policy_id._terms().sdk).notification

    def _refuse_new_due_date(self, overdue, lines, new_due_date) -> None:
        if not new_due_date:
            raise UserError(self.env._("Say until when the due date is to be extended."))
        due = max(lines.mapped("original_due"))
        if new_due_date <= due:
            raise UserError(self.env._(
                "%(new)s is no extension: the invoice was due on %(due)s.",
                new=format_date(self.env, new_due_date), due=format_date(self.env, due),
            ))  # fmt: skip
        if new_due_date <= self._day(overdue.buyer_id):
            raise UserError(self.env._(
                "The new due date must be still to come; %s is not.", format_date(self.env, new_due_date)
            ))  # fmt: skip

    def _refuse_instalments(self, overdue, lines, instalments) -> None:
        currency = overdue.currency_id
        if not instalments:
            raise UserError(self.env._("A payment plan has instalments: add them."))
        for day, amount, of_currency in instalments:
            if of_currency != currency:
                raise UserError(self.env._(
                    "The debt is in %(debt)s and an instalment in %(other)s: state all of them in %(debt)s.",
                    debt=currency.name, other=of_currency.name,
                ))  # fmt: skip
            if currency.compare_amounts(amount, 0) <= 0:
                raise UserError(self.env._("Each instalment must be greater than zero."))
            if not day or day <= self._day(overdue.buyer_id):
                raise UserError(self.env._(
                    "An instalment is still to come: %s is not.", format_date(self.env, day) if day else "–"
                ))  # fmt: skip
        debt = sum(lines.mapped("open_amount"))
        total = sum(amount for _day, amount, _currency in instalments)
        if currency.compare_amounts(total, debt):
            raise UserError(self.env._(
                "The instalments add up to %(total)s, and %(debt)s are open.",
                total=format_amount(self.env, total, currency), debt=format_amount(self.env, debt, currency),
            ))  # fmt: skip

    def _day(self, buyer) -> date:
        return self.env["tradecredit.exposure"]._today(buyer.policy_id)

    # What may be told, and not sent

    def _refuse_to_send(self) -> None:
        """UserError when only a person can tell it."""
        adverse = self.action == "adverse"
        policy = self.policy_id
        with policy._asking() as client:
            is_able = client.capabilities.supports(Operation.REPORT_ADVERSE if adverse else Operation.CHANGE_OVERDUE)
        if not is_able:
            raise self._only_by_hand(self.env._("the interface of this insurer does not take it"))
        if adverse and not self.buyer_id.insurer_buyer_id:
            raise self._only_by_hand(
                self.env._("%s is not identified at the insurer: find it there first", self.buyer_id.name)
            )
        if adverse and self.buyer_id.conflict:
            raise UserError(self.buyer_id.conflict)
        if not adverse and not self.overdue_id.insurer_overdue_id:
            raise self._only_by_hand(
                self.env._("%s was declared by hand, and its number there is not known here", self.overdue_id.reference)
            )
        if self.action in AMENDMENTS and self.notify_by < self._day(self.buyer_id):
            raise self._only_by_hand(
                self.env._("the last day to ask for it was %s", format_date(self.env, self.notify_by))
            )

    def _only_by_hand(self, why: str) -> UserError:
        where = self.policy_id.manual_address or self.env._("your insurer's portal or claims desk")
        return UserError(self.env._(
            "%(what)s cannot be sent: %(why)s. Tell the insurer by hand (%(where)s), and record that with Told by hand.",
            what=self._what(), why=why, where=where,
        ))  # fmt: skip
