"""The policy's terms for overdues, and what the insurer tells of declarations it has."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from odoo import fields, models
from odoo.exceptions import UserError

from tradecredit_sdk import Money, NotFoundError, Operation, Policy, ResponseFormatError, TradeCreditClient

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

    def _read_overdues(self, client: TradeCreditClient, happened: dict[str, set[str]]):
        """Ask for declarations of which there may be news; the buyers of whom something changed."""
        buyers = self.env["tradecredit.buyer"]
        if not client.capabilities.supports(Operation.GET_OVERDUE):
            return buyers
        for overdue in self._overdues_to_hear(happened):
            asked = overdue.insurer_overdue_id
            self._commit()  # no transaction is open while the insurer is asked
            try:
                news = client.overdues.get(asked)
            except (NotFoundError, ResponseFormatError) as error:
                if overdue.state != "manual":  # by hand it may be known under another number
                    overdue.last_error = str(error)[:500]
                overdue.heard_at = fields.Datetime.now()
                continue
            if news.id != asked or news.buyer_id != overdue.buyer_id.insurer_buyer_id:
                overdue.last_error = self.env._("The insurer answered with another declaration.")
            elif overdue._hear(news):
                buyers |= overdue.buyer_id
            self._commit()
        return buyers

    def _overdues_to_hear(self, happened: dict[str, set[str]]):
        """Those not acknowledged yet, those of buyers on whom something happened, and each one once a day."""
        told = [buyer for buyer, events in happened.items() if any(one.startswith("overdue.") for one in events)]
        return self.env["tradecredit.overdue"].search([
            ("policy_id", "=", self.id), ("insurer_overdue_id", "!=", False),
            ("state", "in", ("declared", "documents_requested", "in_collection", "manual")),
            "|", "|", "|",
            ("acknowledged_at", "=", False), ("heard_at", "=", False),
            ("heard_at", "<=", fields.Datetime.now() - timedelta(hours=LISTENING_HOURS)),
            ("buyer_id.insurer_buyer_id", "in", told),
        ])  # fmt: skip
