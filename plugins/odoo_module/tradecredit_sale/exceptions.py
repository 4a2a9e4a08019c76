"""Refusals that the web client shows under a title of their own (static/src/tradecredit_refusal)."""

from odoo.exceptions import UserError


class NotCoveredError(UserError):
    """An order would go beyond what is insured."""
