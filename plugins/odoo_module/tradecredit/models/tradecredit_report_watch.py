"""What it takes to tell the insurer by hand."""

from __future__ import annotations

from markupsafe import Markup
from odoo import models
from odoo.tools import format_amount, format_date


class TradecreditReport(models.Model):
    _inherit = "tradecredit.report"
    _activity_of_last_day = "tradecredit.activity_report"

    def _headline(self) -> str:
        return self.env._(
            "%(what)s, %(buyer)s: %(left)s",
            what=self._what(), buyer=self.buyer_id.name, left=self._in_words(self.days_left),
        )  # fmt: skip

    def _facts(self) -> list[tuple[str, str]]:
        env = self.env
        facts = [(env._("To tell"), self._what())]
        if self.overdue_id:
            overdue = self.overdue_id
            facts.append((env._("Declaration"), overdue.insurer_overdue_id or overdue.reference))
        if self.invoice_number:
            facts.append((env._("Invoice"), self.invoice_number))
        if self.new_due_date:
            facts.append((env._("New due date"), format_date(env, self.new_due_date)))
        if self.happened_on:
            facts.append((env._("Happened on"), format_date(env, self.happened_on)))
        if self.outstanding:
            facts.append((env._("Total outstanding"), format_amount(env, self.outstanding, self.currency_id)))
        if self.comment:
            facts.append((env._("Comment"), self.comment))
        return facts

    def _details(self) -> Markup:
        if not self.instalment_ids:
            return Markup("")
        heads = (self.env._("Due date"), self.env._("Amount"))
        return self._as_table(heads, (
            (format_date(self.env, one.due_date), format_amount(self.env, one.amount, self.currency_id))
            for one in self.instalment_ids
        ))  # fmt: skip

    def _what_to_do(self) -> str:
        if self.state in ("to_send", "unknown"):
            return self.env._(
                "The insurer has not confirmed this. Tell it by hand, and record that with the button Told by hand: then it "
                "is not sent a second time."
            )
        if self.state == "failed":
            return self.env._("The insurer did not take it (%s): mend it or tell it by hand.", self.last_error or "")
        return self.env._("Send it, or tell it by hand and record that.")
