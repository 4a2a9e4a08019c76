"""What it takes to declare by hand."""

from __future__ import annotations

from markupsafe import Markup
from odoo import models
from odoo.tools import format_amount, format_date


class TradecreditOverdue(models.Model):
    _inherit = "tradecredit.overdue"
    _activity_of_last_day = "tradecredit.activity_overdue"

    def _headline(self) -> str:
        return self.env._(
            "Overdue of %(buyer)s: %(left)s", buyer=self.buyer_id.name, left=self._in_words(self.days_left)
        )

    def _facts(self) -> list[tuple[str, str]]:
        return [
            (self.env._("To declare"), format_amount(self.env, self.amount, self.currency_id)),
            (self.env._("Total outstanding"), format_amount(self.env, self.outstanding, self.currency_id)),
        ]

    def _details(self) -> Markup:
        env = self.env
        heads = (env._("Invoice"), env._("Dated"), env._("Originally due"), env._("Agreed since"), env._("Unpaid"))
        return self._as_table(heads, (
            (
                line.number,
                format_date(env, line.invoice_date) or "",
                format_date(env, line.original_due),
                format_date(env, line.agreed_due) or "",
                format_amount(env, line.amount, self.currency_id),
            )
            for line in self.line_ids
        ))  # fmt: skip

    def _what_to_do(self) -> str:
        if self.state in ("to_send", "unknown"):
            return self.env._(
                "The insurer has not confirmed this declaration. Declare it by hand, and record that with the button "
                "Declared by hand: then it is not sent a second time."
            )
        if self.state == "failed":
            return self.env._("The insurer did not take it (%s): mend it or declare it by hand.", self.last_error or "")
        if self.paused:
            return self.env._("It is paused as disputed, and the last day does not wait: resume and declare it.")
        return self.env._("Declare it with the button Declare.")
