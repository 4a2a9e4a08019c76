"""Uninstalling leaves no function in the database."""

from .models.tradecredit_exposure import FUNCTIONS


def uninstall_hook(env):
    """They are made by `init`, of which Odoo keeps no account."""
    for function in FUNCTIONS:
        function.drop(env.cr)
