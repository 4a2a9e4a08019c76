"""The policy's terms for overdues, and what the insurer tells of declarations it has."""

from __future__ import annotations

import logging
from datetime import timedelta
from decimal import Decimal
from typing import Any

from odoo import api, fields, models
from odoo.exceptions import UserError

from tradecredit_sdk import (
    Money,
    NotFoundError,
    Operation,
    Policy,
    ResponseFormatError,
    TradeCreditClient,
    TradeCreditError,
)

from .tradecredit_overdue import AT_THE_INSURER
from .tradecredit_policy_news import MOST_WRONG, OF_EVERYTHING

_logger = logging.getLogger(__name__)
LISTENING_HOURS = 24
"""How long nothing is asked about a declaration of which no event tells."""


class TradecreditPolicy(models.Model):
    _inherit = "tradecredit.policy"

    reinstatement_days = fields.Integer(
        "Reinstatement period", default=30, help="Paid within so many days after cover has stopped, it counts as if it never had."
    )  # fmt: skip
    adverse_information_days = fields.Integer(
        "Adverse information", default=10, help="Days to tell the insurer of an insolvency or a payment that bounced."
    )
    has_overdue_threshold = fields.Boolean(
        "Threshold for overdues", tracking=True, help="Not set: every overdue has to be declared."
    )
    overdue_threshold = fields.Monetary(
        "Declare from", tracking=True, help="A buyer who owes less than this beyond due dates is not declared."
    )
    declare_automatically = fields.Boolean(
        "Declare by itself", tracking=True,
        help="An overdue is declared without a click as soon as its maximum extension period is over.",
    )  # fmt: skip
    has_collection_days = fields.Boolean(
        "Insurer collects", tracking=True, help="Not set: you collect, until you hand a debt over."
    )
    collection_days = fields.Integer(
        "From day", default=90, tracking=True,
        help="You collect until so many days after the original due date, then the insurer does.",
    )  # fmt: skip

    has_time_zone = fields.Boolean("Has a time zone", compute="_compute_has_time_zone")
    manual_address = fields.Char(
        "Declare by hand at",
        help="Portal, mail or telephone of the insurer, for the day its interface does not answer.",
    )

    _overdue_days = models.Constraint(
        "CHECK(LEAST(reinstatement_days, adverse_information_days, collection_days) >= 0"
        " AND GREATEST(reinstatement_days, adverse_information_days, collection_days) <= 3650)",
        "A period lies between 0 and 3650 days.",
    )
    _threshold = models.Constraint("CHECK(overdue_threshold >= 0)", "A threshold is not negative.")

    @api.depends("company_id.partner_id.tz")
    def _compute_has_time_zone(self):
        for policy in self:
            policy.has_time_zone = bool(policy.company_id.sudo().partner_id.tz)

    def _sdk_policy(self) -> Policy:
        currency = self.currency_id.name
        threshold = None
        if self.has_overdue_threshold:
            threshold = Money.rounded(Decimal(str(self.overdue_threshold)), currency)
        return super()._sdk_policy().model_copy(update={
            "reinstatement_days": self.reinstatement_days,
            "adverse_information_days": self.adverse_information_days,
            "overdue_threshold": threshold,
        })  # fmt: skip

    def _values_of(self, terms: Policy) -> dict[str, Any]:
        least = terms.overdue_threshold
        if least is not None and least.currency != terms.currency:
            raise UserError(self.env._("The threshold for overdues is in %s, unlike the policy.", least.currency))
        return super()._values_of(terms) | {
            "reinstatement_days": terms.reinstatement_days,
            "adverse_information_days": terms.adverse_information_days,
            "has_overdue_threshold": least is not None,
            "overdue_threshold": float(least.amount) if least is not None else 0.0,
        }

    # What the insurer tells of declarations

    def _read_overdues(self, client: TradeCreditClient, happened: dict[str, set[str]], wrong: list[TradeCreditError]):
        """Ask for declarations of which there may be news; the buyers of whom something changed.

        What is `wrong` is noted on the declaration, which is the last one to be asked for in the next run.
        """
        buyers = self.env["tradecredit.buyer"]
        if not client.capabilities.supports(Operation.GET_OVERDUE):
            return buyers
        for overdue in self._overdues_to_hear(happened):
            try:
                if self._hear_of(client, overdue):
                    buyers |= overdue.buyer_id
                continue
            except OF_EVERYTHING:
                raise
            except TradeCreditError as failure:
                error = failure
            except Exception:
                _logger.exception("what the insurer says of an overdue could not be kept")
                error = ResponseFormatError("an unexpected error, which the log of the server tells")
            self.env.cr.rollback()
            overdue._unheard(error)
            self._commit()
            if not isinstance(error, (NotFoundError, ResponseFormatError)):
                wrong.append(error)
                if len(wrong) >= MOST_WRONG:
                    break
        return buyers

    def _hear_of(self, client: TradeCreditClient, overdue) -> bool:
        """Whether the insurer has news of this declaration, taken over and committed."""
        asked = overdue.insurer_overdue_id
        self._commit()  # no transaction is open while the insurer is asked
        news = client.overdues.get(asked)
        if news.id != asked or news.buyer_id != overdue.buyer_id.insurer_buyer_id:
            raise ResponseFormatError(f"overdue {asked} was asked for, and another one was answered: {news.id}")
        return self._repeated(lambda: overdue._hear(news))

    def _overdues_to_hear(self, happened: dict[str, set[str]]):
        """Those not acknowledged yet, those of buyers on whom something happened, and each one once a day."""
        of_cover = ("overdue.", "cover.")
        told = [buyer for buyer, events in happened.items() if any(one.startswith(of_cover) for one in events)]
        return self.env["tradecredit.overdue"].search([
            ("policy_id", "=", self.id), ("insurer_overdue_id", "!=", False),
            ("state", "in", (*AT_THE_INSURER, "manual", "failed")),
            "|", "|", "|",
            ("acknowledged_at", "=", False), ("heard_at", "=", False),
            ("heard_at", "<=", fields.Datetime.now() - timedelta(hours=LISTENING_HOURS)),
            ("buyer_id.insurer_buyer_id", "in", told),
        ], order="heard_at NULLS FIRST, id")  # fmt: skip
