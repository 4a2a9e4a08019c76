"""What becomes of declared and prepared invoices in the books. Only what was paid or credited is over by itself.

An invoice that went another way, because it was written off, moved, corrected or cancelled, stays as it was until a
controller has looked at it: nothing else could tell a settled debt from a lost one.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_amount, format_date, plaintext2html

from tradecredit_sdk import deadlines

from .tradecredit_overdue import AT_THE_INSURER, CLOSED, TOLD
from .tradecredit_overdue_books import Books, Item
from .tradecredit_overdue_scan import _first

DOUBT = "tradecredit.activity_doubt"


class TradecreditOverdue(models.Model):
    _inherit = "tradecredit.overdue"

    doubt = fields.Text("To look at", readonly=True, copy=False, help="What the books alone cannot decide.")
    has_gone_lines = fields.Boolean(compute="_compute_has_gone_lines")
    has_more_open = fields.Boolean(compute="_compute_has_more_open")

    @api.depends("line_ids.is_gone")
    def _compute_has_gone_lines(self):
        for overdue in self:
            overdue.has_gone_lines = any(overdue.line_ids.mapped("is_gone"))

    @api.depends("state", "amount", "open_amount", "reported_paid")
    def _compute_has_more_open(self):
        for overdue in self:
            overdue.has_more_open = overdue.state in TOLD and overdue._unknown_to_insurer() > 0

    # Reading

    def _read_what_became(self, books: Books) -> None:
        """Of invoices that are not simply open any more; lines follow a debt to the journal item that has it now."""
        lines = self.line_ids
        asked = lines.filtered(lambda line: line.overdue_id.state in TOLD or not books.item_of(line)).move_line_id
        books.facts = self._facts_of(asked.ids)
        spare = defaultdict(list)
        taken = set(lines.move_line_id.ids) | books.told.keys()
        for item in books.items.values():
            if item.line_id not in taken:
                spare[item.move_id].append(item)
        for line in lines:
            if not line.is_accepted and (line.move_id or line.move_line_id) and not books.item_of(line):
                line._go_after(books, spare)

    # Following

    def _follow_draft(self, books: Books, items: list[Item]) -> None:
        """What was not declared yet is what is open now; it is closed when nothing is to be declared."""
        self.ensure_one()
        buyer, listed = books.owner_of(self), {item.line_id for item in items}
        doubts, kept = [], []
        for line in self.line_ids.filtered(lambda one: one.move_line_id.id not in listed and one.amount):
            if why := line._why_gone(books):
                doubts.append(why)
                kept.append(line._as_item())
        wanted = sorted([*items, *kept], key=lambda item: item.due)
        debt = [*books.debts.get((buyer, self.currency_id), ()), *kept]
        values = self._wanted(books, buyer, debt, wanted, is_kept=bool(kept))
        if values is None:
            self._nothing_left(books)
            return
        if buyer not in books.insured:
            doubts.append(self.env._("%s is not insured any more as far as is known here.", buyer.name))
        if buyer != self.buyer_id and self.state == "draft" and len(books.declarations[buyer, self.currency_id]) == 1:
            values["buyer_id"] = buyer.id
        changes = {name: value for name, value in values.items() if _of(self, name) != value}
        if "notify_by" in changes:
            changes["warned_days"] = self._fields["warned_days"].default(self)
        self.write(changes)
        self._take_items(_first(items), gone={item.line_id for item in kept})
        self._look_at(doubts)

    def _take_items(self, items: list[Item], gone: set[int]) -> None:
        """Lines as in the books. A line in doubt stays; what was disputed of one is known when it comes back."""
        wanted = {item.line_id: item for item in items}
        spare = self.env["tradecredit.overdue.line"]
        for line in self.line_ids:
            item = wanted.pop(line.move_line_id.id, None)
            is_gone = line._item_id() in gone
            if item or is_gone:
                values = {"is_gone": is_gone, **(item.values | {"state": "open"} if item else {})}
            elif line.disputed_amount:
                values = {"is_gone": False, "amount": 0.0, "open_amount": 0.0, "state": "paid"}
            else:
                spare |= line
                continue
            if changes := _changes(line, values):
                line.write(changes)
        spare.unlink()
        self.line_ids.create([{"overdue_id": self.id, **item.values} for item in wanted.values()])

    def _nothing_left(self, books: Books) -> None:
        numbers = ", ".join(self.line_ids.filtered("amount").mapped("number"))
        self.line_ids.write({"open_amount": 0.0, "state": "paid", "is_gone": False})
        self.state = "settled"
        self._close_warnings()
        self._look_at([])
        self.message_post(body=self.env._("Nothing of this is to be declared any more: %s", numbers))

    @api.model
    def _add_to_declared(self, books: Books, items: list[Item], new: list[Item]) -> list[Item]:
        """Further parts of a declared invoice cannot be declared by themselves: they go to its declaration. The others."""
        holders = {item.document: books.told[item.line_id] for item in items if item.line_id in books.told}
        rest = []
        for item in new:
            if overdue := holders.get(item.document):
                overdue.line_ids.create({"overdue_id": overdue.id, **item.values, "amount": 0.0})
            else:
                rest.append(item)
        return rest

    def _follow_told(self, books: Books) -> None:
        """What was declared keeps its amounts; what is open of it follows the books."""
        for overdue in self:
            doubts = []
            for line in overdue.line_ids:
                values, why = line._open_of(books)
                if why:
                    doubts.append(why)
                if changes := _changes(line, values | {"is_gone": bool(why)}):
                    line.write(changes)
            overdue._look_at([*doubts, *overdue._what_else(books)])

    def _what_else(self, books: Books) -> list[str]:
        """What the insurer does not know, or waits for, though the books are plain."""
        said, env = [], self.env
        more = self._unknown_to_insurer()
        if more > 0 and not self._is_reporting():
            day = self._last_day_of_more(books)
            said.append(env._(
                "%(open)s are open and the insurer knows of %(known)s: tell it of the rest by %(day)s. Withdraw this "
                "declaration and declare all anew, or tell it by hand and press The insurer knows.",
                open=format_amount(env, self.open_amount, self.currency_id),
                known=format_amount(env, self.open_amount - more, self.currency_id), day=format_date(env, day),
            ))  # fmt: skip
        if not self.open_amount and not self._is_over() and not any(self.line_ids.mapped("is_gone")):
            said.append(
                env._("What was paid on account is all that is open: assign it to the invoices, and it is settled.")
            )
        if self.state == "manual" and self._is_over():
            said.append(env._("All of it is paid: tell the insurer by hand, then press Settled."))
        elif self.state in (*AT_THE_INSURER, "manual") and self._must_be_handed_over(books.today):
            said.append(env._(
                "You collected until %s: hand it over to the insurer now, then press Handed over.",
                format_date(env, self.collect_until),
            ))  # fmt: skip
        return said

    def _is_over(self) -> bool:
        """Nothing of it is open, and all of it was paid or credited, or a person has said so."""
        return bool(self.line_ids) and all(line.state == "paid" for line in self.line_ids)

    def _unknown_to_insurer(self) -> float:
        """How much more is open than it was told of, less what was reported as paid."""
        return self.currency_id.round(self.open_amount - self.amount + self.reported_paid)

    def _last_day_of_more(self, books: Books) -> date:
        lines = self.line_ids.filtered(lambda line: line.open_amount > line.amount) or self.line_ids.filtered(
            "open_amount"
        )
        return deadlines(min(lines.mapped("original_due")), books.policy._terms().sdk).notification

    def _look_at(self, doubts: list[str]) -> None:
        """A controller is told once of what he has to look at, and again when it is something else."""
        text = "\n".join(doubts) or False
        if text == self.doubt:
            return
        self.doubt = text
        self.activity_unlink([DOUBT])
        if text:
            responsible = self.policy_id._who_is_told()
            self.with_context(mail_activity_quick_update=True).activity_schedule(
                DOUBT, user_id=responsible.id, note=plaintext2html(text)
            )
            self._say(text, alarm=True)

    # Deciding

    def action_confirm_settled(self) -> None:
        """A controller says that what went another way is settled all the same."""
        self._check_right()
        for overdue in self.sudo():
            gone = overdue.line_ids.filtered("is_gone")
            is_over = overdue.state == "manual" and overdue._is_over()
            if not gone and not is_over:
                raise UserError(self.env._("Nothing of %s waits for this.", overdue.reference))
            gone.write({"is_accepted": True, "is_gone": False})
            overdue._say_decided(self.env._("Settled: %s", ", ".join((gone or overdue.line_ids).mapped("number"))))
            overdue._refresh()
            if is_over or (overdue.state == "manual" and overdue._is_over()):
                overdue.state = "settled"
                overdue._look_at([])

    def action_insurer_knows(self) -> None:
        """A controller has told the insurer by hand how much is open."""
        self._check_right()
        for overdue in self.sudo().filtered("has_more_open"):
            for line in overdue.line_ids.filtered(lambda one: one.open_amount > one.amount):
                line.amount = line.open_amount
            overdue.reported_paid = max(overdue.amount - overdue.open_amount, 0.0)
            known = format_amount(self.env, overdue.open_amount, overdue.currency_id)
            overdue._say_decided(self.env._("The insurer knows that %s are open.", known))
            overdue._refresh()

    def action_handed_over(self) -> None:
        """A controller has handed the debt over for collection."""
        self._check_right()
        for overdue in self.sudo().filtered(lambda one: one.state in (*AT_THE_INSURER, "manual")):
            overdue.collected_by = "insurer"
            overdue._say_decided(self.env._("Handed over to the insurer."))
            overdue._refresh()

    @api.model
    def _clock_was_corrected(self, item, said: str) -> None:
        """Managers hear of it too: one person alone has moved a last day of what is prepared or declared."""
        for line in item.env["tradecredit.overdue.line"].search([("move_line_id", "=", item.id)]):
            overdue = line.overdue_id
            if overdue.state not in CLOSED:
                people = overdue.policy_id._who_is_told() | overdue.policy_id._people("tradecredit.group_manager")
                body = f"{line.number}: {said}"
                overdue.message_post(body=body, subtype_xmlid="mail.mt_comment", partner_ids=people.partner_id.ids)

    def _say_decided(self, body: str) -> None:
        self.message_post(body=body, author_id=self.env.user.partner_id.id)


def _of(record, name: str) -> Any:
    """A value as it is written."""
    return record[name].id if record._fields[name].type == "many2one" else record[name]


def _changes(line, values: dict[str, Any]) -> dict[str, Any]:
    """Those of the values that the row does not have."""
    changed = {}
    for name, value in values.items():
        is_money = line._fields[name].type == "monetary"
        old = _of(line, name)
        if line.currency_id.compare_amounts(old, value) if is_money else old != value:
            changed[name] = value
    return changed
