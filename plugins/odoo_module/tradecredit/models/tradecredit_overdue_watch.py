"""The last days of declarations that may not have reached the insurer: watched here, whether anybody answers or not."""

from __future__ import annotations

from datetime import timedelta

from markupsafe import Markup
from odoo import api, models
from odoo.tools import format_amount, format_date

from .tradecredit_overdue import CONTROLLER, NOT_TOLD

ACTIVITY = "tradecredit.activity_overdue"
WARN_DAYS = (5, 1, 0, -1)
"""People are told once for each: so many days before the last day, on it, and when it has passed."""


class TradecreditOverdue(models.Model):
    _inherit = "tradecredit.overdue"

    @api.model
    def _cron_watch(self) -> None:
        """Tell people once for each threshold; nothing is asked of the insurer."""
        jobs = self.env["ir.cron"]
        for policy in self.env["tradecredit.policy"].search([]):  # pylint: disable=no-search-all; one a company
            today = self.env["tradecredit.exposure"]._today(policy)
            near = self.search([
                ("policy_id", "=", policy.id), ("state", "in", NOT_TOLD),
                ("notify_by", "<=", today + timedelta(days=max(WARN_DAYS))),
            ])  # fmt: skip
            for overdue in near:
                left = (overdue.notify_by - today).days
                step = min(days for days in WARN_DAYS if max(left, -1) <= days)
                if step == overdue.warned_days:
                    continue
                if step < overdue.warned_days:
                    overdue._warn()
                overdue.warned_days = step
                jobs._commit_progress()

    def _warn(self) -> None:
        """An activity for the policy's controller, and a mail to all of them with what it takes to declare by hand."""
        self.ensure_one()
        responsible = self.policy_id._who_is_told()
        self.activity_unlink([ACTIVITY])
        # The mail below says more than the one of an activity.
        self.with_context(mail_activity_quick_update=True).activity_schedule(
            ACTIVITY, date_deadline=self.notify_by, user_id=responsible.id, note=self._for(responsible)._by_hand(),
        )  # fmt: skip
        for user in responsible | self._controllers():
            speaking = self._for(user)
            self.env["mail.mail"].sudo().create({
                "subject": speaking.env._(
                    "Overdue of %(buyer)s: %(left)s", buyer=self.buyer_id.name, left=speaking._in_words(self.days_left)
                ),
                "body_html": speaking._by_hand(),
                "recipient_ids": [(4, user.partner_id.id)],
                "author_id": self.company_id.partner_id.id,
                "email_from": self.company_id.email_formatted or responsible.email_formatted,
                "model": self._name,
                "res_id": self.id,
            })  # fmt: skip

    def _for(self, user):
        """Texts are written in the language of whoever reads them."""
        return self.with_context(lang=user.lang or self.env.lang)

    def _controllers(self):
        users = self.env.ref(CONTROLLER).sudo().all_user_ids
        company = self.company_id
        return users.filtered(lambda user: user.active and not user.share and company in user.company_ids)

    def _close_warnings(self) -> None:
        """Nothing has to be declared any more."""
        self.activity_feedback([ACTIVITY])

    def _by_hand(self) -> Markup:
        """All that it takes to declare this without this program."""
        env, policy = self.env, self.policy_id
        rows = [
            (env._("What to do"), self._what_to_do()),
            (env._("Last day"), f"{format_date(env, self.notify_by)} ({self._in_words(self.days_left)})"),
            (env._("Policy"), policy.name),
            (env._("Where"), policy.manual_address or env._("your insurer's portal or claims desk")),
            (env._("Buyer"), self.buyer_id.name),
            (env._("Id at the insurer"), self.buyer_id.insurer_buyer_id or env._("not identified")),
            (env._("VAT number"), self.partner_id.vat or "–"),
            (env._("Our reference"), self.reference),
            (env._("To declare"), format_amount(env, self.amount, self.currency_id)),
            (env._("Total outstanding"), format_amount(env, self.outstanding, self.currency_id)),
        ]
        facts = Markup("").join(Markup("<tr><th>%s</th><td>%s</td></tr>") % row for row in rows)
        heads = (env._("Invoice"), env._("Dated"), env._("Originally due"), env._("Agreed since"), env._("Unpaid"))
        head = Markup("").join(Markup("<th>%s</th>") % one for one in heads)
        lines = Markup("").join(
            Markup("<tr><td>%s</td><td>%s</td><td>%s</td><td>%s</td><td>%s</td></tr>") % (
                line.number,
                format_date(env, line.invoice_date) or "",
                format_date(env, line.original_due),
                format_date(env, line.agreed_due) or "",
                format_amount(env, line.amount, self.currency_id),
            )
            for line in self.line_ids
        )  # fmt: skip
        return Markup("<table>%s</table><table><tr>%s</tr>%s</table>") % (facts, head, lines)

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
