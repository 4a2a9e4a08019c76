"""What cannot be asked of an insurer is refused before it is kept, in the words of the form."""

from __future__ import annotations

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import format_amount, format_date

MOST = 10**12
"""No buyer gets a limit like this, in whatever currency; above it Odoo no longer keeps the cents."""
LONGEST_TERM = 3650
LONGEST_COMMENT = 1000
IN_FORCE = ("approved", "partly_approved", "reduced")


class TradecreditApplication(models.Model):
    _inherit = "tradecredit.application"

    @api.model
    def _refuse_the_impossible(
        self, buyer, *, amount: float, currency, kind: str, valid_until, terms_days: int | None, comment: str | None
    ) -> None:
        """UserError names the field and what it must be."""
        if amount <= 0:
            raise UserError(self.env._("The amount wanted must be greater than zero."))
        if amount >= MOST:
            raise UserError(self.env._(
                "%s cannot be asked for: is there a digit too many?", format_amount(self.env, amount, currency)
            ))  # fmt: skip
        if not 0 <= (terms_days or 0) <= LONGEST_TERM:
            raise UserError(self.env._("The payment term is a number of days between 0 and %s.", LONGEST_TERM))
        if len(comment or "") > LONGEST_COMMENT:
            raise UserError(self.env._("The comment may have %s characters at most.", LONGEST_COMMENT))
        if kind == "temporary":
            self._refuse_a_day_gone_by(buyer, valid_until)
        else:
            self._refuse_less_than_there_is(buyer, amount, currency)

    def _refuse_a_day_gone_by(self, buyer, valid_until) -> None:
        if not valid_until:
            raise UserError(self.env._("A temporary limit needs its last day: fill in Until."))
        if str(valid_until) < str(self.env["tradecredit.exposure"]._today(buyer.policy_id)):
            raise UserError(self.env._(
                "The last day of a temporary limit must not have passed; %s has.", format_date(self.env, valid_until)
            ))  # fmt: skip

    def _refuse_less_than_there_is(self, buyer, amount: float, currency) -> None:
        """A total that is no more than what is in force is a slip, or the difference; of less nobody asks from here."""
        held = buyer.limit_ids.filtered(
            lambda row: row.active and row.kind == "permanent" and row.state in IN_FORCE and row.currency_id == currency
        )
        stays = max((row.change_amount if row.change_on else row.amount for row in held), default=0.0)
        if currency.compare_amounts(amount, stays) <= 0 < stays:
            raise UserError(self.env._(
                "There is a limit of %s already: ask for the total that is wanted, which must be more.",
                format_amount(self.env, stays, currency),
            ))  # fmt: skip
