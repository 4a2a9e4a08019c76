"""The last days of what may not have reached the insurer: watched here, whether anybody answers or not."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from datetime import date, timedelta

from markupsafe import Markup
from odoo import api, models
from odoo.fields import Domain
from odoo.tools import format_date, plaintext2html

from .must_be_told import CONTROLLER, NOT_TOLD

_logger = logging.getLogger(__name__)
WATCHED = ("tradecredit.overdue", "tradecredit.report")
WARN_DAYS = (5, 1, 0, -1)
"""People are told once for each: so many days before the last day, on it, and when it has passed."""
HEAD = Markup('<th style="padding: 2px 16px 2px 0; text-align: left; vertical-align: top">%s</th>')
CELL = Markup('<td style="padding: 2px 16px 2px 0">%s</td>')
"""Mail programs know no style but this."""


class TradecreditTold(models.AbstractModel):
    _inherit = "tradecredit.told"
    _activity_of_last_day = ""

    @api.model
    def _cron_watch(self) -> None:
        """Tell people once for each threshold; nothing is asked of the insurer."""
        policies = self.env["tradecredit.policy"].with_context(active_test=False)
        for policy in policies.search([]):  # pylint: disable=no-search-all; a few a company
            policy._watch_night()
            for name in WATCHED:
                self.env[name]._watch(policy)

    @api.model
    def _watch(self, policy) -> None:
        jobs = self.env["ir.cron"]
        today = self.env["tradecredit.exposure"]._today(policy)
        for told in self.search(Domain("policy_id", "=", policy.id) & self._near(today + timedelta(max(WARN_DAYS)))):
            reference = told.reference
            try:
                with self.env.cr.savepoint():
                    told._warn_in_time(today)
            except Exception:  # what is wrong with one keeps no other unwatched
                _logger.exception("nobody could be told of the last day of %s", reference)
            jobs._commit_progress()

    @api.model
    def _near(self, until: date) -> Domain:
        """Those whose last day comes by then."""
        return Domain("state", "in", NOT_TOLD) & self._last_day_is("<=", until)

    def _last_day(self) -> date | bool:
        """The one that is watched."""
        return self.notify_by

    @api.model
    def _last_day_is(self, operator: str, value: date | list[date]) -> Domain:
        """Those whose `_last_day` compares so."""
        return Domain("notify_by", operator, value)

    def _warn_in_time(self, today: date) -> None:
        left = (self._last_day() - today).days
        step = min(days for days in WARN_DAYS if max(left, -1) <= days)
        if step < self.warned_days:
            self._warn()
        if step != self.warned_days:
            self.warned_days = step

    def _alarm(self, what: str) -> None:
        """Something is lost unless somebody acts: in the chatter, and an activity until that is done."""
        responsible = self.policy_id._who_is_told()
        self._say(what, alarm=True)
        self.activity_schedule(self._activity_of_last_day, user_id=responsible.id, note=plaintext2html(what))

    def _warn(self) -> None:
        """An activity for the policy's controller, and a mail to all of them with what it takes to tell it by hand."""
        self.ensure_one()
        responsible, controllers = self.policy_id._who_is_told(), self._controllers()
        self.activity_unlink([self._activity_of_last_day])
        for user in responsible | controllers:
            subject, body = self._words_for(user)
            if user == responsible:
                # The mail below says more than the one of an activity.
                self.with_context(mail_activity_quick_update=True).activity_schedule(
                    self._activity_of_last_day, date_deadline=self._last_day(), user_id=user.id, note=body
                )
            self._mail(user, subject, body)

    def _words_for(self, user) -> tuple[str, str]:
        """Subject and text; who can only have somebody else do it reads nothing of what is owed."""
        speaking = self._for(user)
        if user in self._controllers():
            return speaking._headline(), speaking._by_hand()
        env, company = speaking.env, self.company_id.name
        return env._("Nobody may declare for %s", company), env._(
            "The insurer must be told something by %(day)s (%(reference)s), and nobody of %(company)s has the right to: make "
            "somebody a credit controller there.",
            day=format_date(env, self._last_day()), reference=self.reference, company=company,
        )  # fmt: skip

    def _mail(self, user, subject: str, body: str) -> None:
        self.env["mail.mail"].sudo().create({
            "subject": subject,
            "body_html": body,
            "recipient_ids": [(4, user.partner_id.id)],
            "author_id": self.company_id.partner_id.id,
            "email_from": self.company_id.email_formatted or user.email_formatted,
            "message_type": "user_notification",  # the activity has it among the messages
            "model": self._name,
            "res_id": self.id,
        })  # fmt: skip

    def write(self, vals):
        """What there is to do may have changed since people were told."""
        done = super().write(vals)
        if vals.keys() & {"state", "paused"}:
            self.sudo().filtered(lambda told: told.state in NOT_TOLD)._renew_warnings()
        return done

    def _renew_warnings(self) -> None:
        kind = self.env.ref(self._activity_of_last_day)
        for activity in self.activity_ids.filtered(lambda one: one.activity_type_id == kind):
            told = self.browse(activity.res_id)
            activity.note = told._words_for(activity.user_id)[1]

    def _for(self, user):
        """Texts are written in the language of whoever reads them."""
        return self.with_context(lang=user.lang or self.env.lang)

    def _controllers(self):
        users = self.env.ref(CONTROLLER).sudo().all_user_ids
        company = self.company_id
        return users.filtered(lambda user: user.active and not user.share and company in user.company_ids)

    def _close_warnings(self) -> None:
        """The insurer need not be told any more."""
        self.activity_feedback([self._activity_of_last_day])

    # All that it takes to tell it without this program

    def _by_hand(self) -> Markup:
        env, policy = self.env, self.policy_id
        rows = [
            (env._("What to do"), self._what_to_do()),
            (env._("Last day"), f"{format_date(env, self._last_day())} ({self._in_words(self.days_left)})"),
            (env._("Policy"), policy.name),
            (env._("Where"), policy.manual_address or env._("your insurer's portal or claims desk")),
            (env._("Buyer"), self.buyer_id.name),
            (env._("Id at the insurer"), self.buyer_id.insurer_buyer_id or env._("not identified")),
            (env._("VAT number"), self.partner_id.vat or "–"),
            (env._("Our reference"), self.reference),
            *self._facts(),
        ]
        facts = Markup("").join(Markup("<tr>%s%s</tr>") % (HEAD % head, CELL % value) for head, value in rows)
        return Markup("<table>%s</table>") % facts + self._details()

    def _headline(self) -> str:
        """The subject of the mail."""
        raise NotImplementedError

    def _what_to_do(self) -> str:
        raise NotImplementedError

    def _facts(self) -> list[tuple[str, str]]:
        """What is told, as headings and values."""
        raise NotImplementedError

    def _details(self) -> Markup:
        """What does not fit into one line each."""
        raise NotImplementedError

    def _as_table(self, heads: Iterable[str], lines: Iterable[Iterable[str]]) -> Markup:
        head = Markup("").join(HEAD % one for one in heads)
        body = Markup("").join(Markup("<tr>%s</tr>") % Markup("").join(CELL % cell for cell in line) for line in lines)
        return Markup('<table style="margin-top: 8px"><tr>%s</tr>%s</table>') % (head, body)
