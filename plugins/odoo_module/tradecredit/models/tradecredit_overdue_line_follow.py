"""A declared or prepared invoice in the books: where it went, and what is to be looked at by a person."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from odoo import fields, models
from odoo.tools import format_amount

from .tradecredit_overdue import TOLD
from .tradecredit_overdue_books import NOTHING, Books, Fact, Item


class TradecreditOverdueLine(models.Model):
    _inherit = "tradecredit.overdue.line"

    is_gone = fields.Boolean("To look at", readonly=True, help="It went another way than by payments or credit notes.")
    is_accepted = fields.Boolean("Settled by a person", readonly=True)

    def _item_id(self) -> int:
        """Of its journal item; of none when that was deleted."""
        return self.move_line_id.id or -self.id

    def _as_item(self) -> Item:
        """As it was when it was in the books."""
        open_amount, amount = (Decimal(str(self.currency_id.round(value))) for value in (self.open_amount, self.amount))
        return Item(
            self._item_id(), -self._item_id(), self.move_id.id, (self.overdue_id.buyer_id, self.currency_id), self.number,
            self.invoice_date or None, self.original_due, self.agreed_due or None, open_amount, open_amount, amount,
        )  # fmt: skip

    def _go_after(self, books: Books, spare: dict[int, list[Item]]) -> None:
        """A corrected invoice may have other journal items, and an entry may have moved all of the debt to one of its own."""
        fact = books.facts.get(self.move_line_id.id)
        if fact is not None and not (fact.is_over and fact.aside):
            return
        key = (books.owner_of(self.overdue_id), self.currency_id)
        for move_id in fact.move_ids if fact else self.move_id.ids:
            for item in spare[move_id]:
                if item.key == key and (fact is None or item.gross == fact.aside):
                    spare[move_id].remove(item)
                    self.move_line_id = item.line_id
                    books.told |= {item.line_id: self.overdue_id} if self.overdue_id.state in TOLD else {}
                    return

    def _open_of(self, books: Books) -> tuple[dict[str, Any], str | None]:
        """What is open of a declared invoice, and what is to be looked at."""
        item = books.item_of(self)
        if item is None:
            why = self._why_gone(books)
            return ({}, why) if why else ({"open_amount": 0.0, "state": "paid"}, None)
        fact = books.facts.get(item.line_id)
        aside = NOTHING if fact is None or self.is_accepted else fact.aside * item.open / item.gross
        why = self._went_by(fact) if aside else None
        return {"open_amount": self.currency_id.round(float(item.left + aside)), "state": "open"}, why

    def _why_gone(self, books: Books) -> str | None:
        """What is to be looked at of an invoice that is not open any more; None when it was paid."""
        env, fact = self.env, books.facts.get(self.move_line_id.id)
        if self.is_accepted or books.item_of(self) or (fact and fact.is_paid):
            return None
        if fact is None:
            return env._("%s: its journal item was deleted.", self.number)
        if fact.state != "posted":
            return env._("%s is not posted any more.", self.number)
        if fact.aside:
            return self._went_by(fact)
        if not fact.is_trade:
            return env._("%s is not on an account of trade receivables any more.", self.number)
        if books.owner.get(fact.partner_id) != books.owner_of(self.overdue_id):
            debtor = env["res.partner"].browse(fact.partner_id)
            return env._("%(number)s is owed by %(debtor)s now.", number=self.number, debtor=debtor.name or "–")
        return env._("%s is not counted for this policy any more.", self.number)

    def _went_by(self, fact: Fact) -> str:
        return self.env._(
            "%(number)s: %(amount)s of it went by %(entries)s, which is neither a payment nor a credit note.",
            number=self.number, amount=format_amount(self.env, float(fact.aside), self.currency_id),
            entries=", ".join(self.env["account.move"].browse(fact.move_ids).mapped("name")),
        )  # fmt: skip
