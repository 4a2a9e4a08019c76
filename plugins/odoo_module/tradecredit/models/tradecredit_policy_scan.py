"""Policies: whether overdues are looked for every night, and that none is left to nobody by archiving its policy."""

from __future__ import annotations

from datetime import timedelta

from odoo import fields, models
from odoo.exceptions import UserError

from .must_be_told import NOT_TOLD
from .reader_language import in_language_of
from .tradecredit_overdue import CLOSED

NOT_LOOKED_FOR = "tradecredit.activity_not_looked_for"
LONGEST_SILENCE = timedelta(hours=26)
"""A day, and what a night may be late."""


class TradecreditPolicy(models.Model):
    _inherit = "tradecredit.policy"

    overdues_found_at = fields.Datetime("Overdues looked for at", copy=False, readonly=True)

    def write(self, vals):
        if vals.get("active", True) is False:
            self._refuse_to_archive()
        return super().write(vals)

    def _refuse_to_archive(self) -> None:
        """Nothing is declared, sent or heard for an archived policy."""
        waiting = ("pending", "sending", "unknown")
        for policy in self.sudo():
            open_ones = [
                *self.env["tradecredit.overdue"].sudo().search([
                    ("policy_id", "=", policy.id), ("state", "not in", CLOSED),
                ]).mapped("reference"),
                *self.env["tradecredit.report"].sudo().search([
                    ("policy_id", "=", policy.id), ("state", "in", NOT_TOLD),
                ]).mapped("reference"),
                *self.env["tradecredit.outbox"].sudo().search([
                    ("policy_id", "=", policy.id), ("state", "in", waiting),
                ]).mapped("reference"),
            ]  # fmt: skip
            if open_ones:
                raise UserError(self.env._(
                    "%(policy)s cannot be archived yet: the insurer must be told, or has still to answer, about %(open)s. "
                    "What was delivered under it stays insured by it.",
                    policy=policy.name, open=", ".join(dict.fromkeys(open_ones[:10])),
                ))  # fmt: skip

    # The night

    def _overdues_were_found(self, failed) -> None:
        """But those of these buyers, in whose records something is wrong."""
        self.ensure_one()
        self.overdues_found_at = fields.Datetime.now()
        self.activity_unlink([NOT_LOOKED_FOR])
        if failed:
            told = self._who_is_told()
            env = in_language_of(told, self).env
            self._alarm_of_night(told, env._(
                "The overdues of %s could not be brought in line with the books, which the log of the server tells: their last "
                "days may pass. Declare them by hand, and have it mended.", ", ".join(failed.mapped("name")),
            ))  # fmt: skip

    def _overdues_were_not_found(self) -> None:
        told = self._who_is_told()
        env = in_language_of(told, self).env
        self.activity_unlink([NOT_LOOKED_FOR])
        self._alarm_of_night(told, env._(
            "Overdues were not looked for, which the log of the server tells: last days may pass without a declaration. Have "
            "the nightly job mended.",
        ))  # fmt: skip

    def _alarm_of_night(self, told, text: str) -> None:
        self.activity_schedule(NOT_LOOKED_FOR, user_id=told.id, note=text)

    def _watch_night(self) -> None:
        """Alarm when no night has looked for overdues for more than a day, be it that its job does not run."""
        self.ensure_one()
        last = self.overdues_found_at or self.create_date
        if self.active and last < fields.Datetime.now() - LONGEST_SILENCE and not self._has_alarm():
            self._overdues_were_not_found()

    def _has_alarm(self) -> bool:
        kind = self.env.ref(NOT_LOOKED_FOR)
        return kind in self.activity_ids.activity_type_id
