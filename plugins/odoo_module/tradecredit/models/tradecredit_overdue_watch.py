"""What it takes to declare by hand, or to send in time what the insurer asked for."""

from __future__ import annotations

from datetime import date

from markupsafe import Markup
from odoo import api, models
from odoo.fields import Domain
from odoo.tools import format_amount, format_date

ASKED = Domain("state", "=", "documents_requested")


class TradecreditOverdue(models.Model):
    _inherit = "tradecredit.overdue"
    _activity_of_last_day = "tradecredit.activity_overdue"

    @api.model
    def _near(self, until: date) -> Domain:
        return super()._near(until) | (ASKED & self._last_day_is("<=", until))

    @api.model
    def _last_day_is(self, operator: str, value: date | list[date]) -> Domain:
        return (ASKED & Domain("documents_by", operator, value)) | (~ASKED & super()._last_day_is(operator, value))

    def _last_day(self) -> date | bool:
        return self.documents_by if self.state == "documents_requested" else super()._last_day()

    @api.depends("documents_by")
    def _compute_days_left(self):
        return super()._compute_days_left()

    def _headline(self) -> str:
        if self.state == "documents_requested":
            return self.env._(
                "Documents about %(buyer)s: %(left)s", buyer=self.buyer_id.name, left=self._in_words(self.days_left)
            )
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
        if self.state == "documents_requested":
            return self.env._("Send the insurer what it asked for: %s.", self.missing_documents or "–")
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
