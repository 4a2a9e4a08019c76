"""What a release is good for: one document, legal entity, policy and payment term, and its amount once."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from odoo import api, fields, models

from tradecredit_sdk import ExchangeRates, Money

from .check_request import CheckRequest


class TradecreditRelease(models.Model):
    _inherit = "tradecredit.release"

    terms_days = fields.Integer(
        "Payment term", readonly=True, help="In days, when the release was asked for: it is void for a longer term."
    )

    def _sellers(self):
        """Whoever made the document or sells by it."""
        people, document = self.env["res.users"], self._document()
        return people.union(*(document[name] for name in ("user_id", "create_uid") if document and name in document))

    @api.model
    def _terms_of(self, document, policy) -> int:
        """The payment term of a document in days; where nothing is known of it, the longest that is insured."""
        return policy.max_payment_terms_days

    @api.model
    def _billed(self, document) -> tuple[Decimal, Decimal]:
        """What of a document is billed and not credited (without tax, tax), in its currency."""
        return Decimal(0), Decimal(0)

    @api.model
    def _granted_for(self, documents, policy, day: date):
        """Releases under this policy that let one of these documents go ahead on this day."""
        return self.sudo().search([
            ("res_model", "=", documents._name), ("res_id", "in", documents.ids), ("state", "=", "granted"),
            ("expires_on", ">=", day), ("policy_id", "=", policy.id),
        ])  # fmt: skip

    def _covering(self, request: CheckRequest, buyers, left: Money, rates: ExchangeRates):
        """The one of these that lets the document pass, if there is one: all of it, what is `left` and what is billed.

        It is for the legal entity of these `buyers` and no other, and for no longer term than it was asked for.
        """
        mine = self.filtered(lambda one: one.res_id == request.document.id and one.buyer_id in buyers)
        if not mine:
            return mine
        policy = mine.policy_id
        net, tax = self._billed(request.document)
        billed = net if policy.tax_basis == "net" else net + tax
        billed = rates.convert(Money.rounded(billed, request.currency.name), left.currency, up=True)
        days = policy.max_payment_terms_days if request.terms_days is None else request.terms_days
        # A float of the amount as it was typed, read as text, is the number that was meant.
        return mine.filtered(
            lambda one: (
                billed is not None
                and one.currency_id.name == left.currency
                and Decimal(str(one.amount)) >= left.amount + billed.amount
                and one.terms_days >= days
            )
        )[:1]
