"""A declared overdue, and the dialog that tells or asks the insurer more about it."""

from datetime import timedelta
from unittest.mock import patch

from odoo.fields import Command

from tradecredit_sdk.insurers.open import OpenInsurer

from .overdue_common import OverdueCommon


class ReportCommon(OverdueCommon):
    def _declared_overdue(self, late=70):
        self._invoice(100, late)
        self._invoice(200, late - 5)
        self._scan()
        overdue = self._found()
        self._declare(overdue)
        self._send()
        self.assertEqual(overdue.state, "declared")
        return overdue

    def _in_days(self, days):
        return self.today + timedelta(days=days)

    def _wizard(self, overdue=None, user=None, **values):
        given = {"buyer_id": self.buyer.id, "overdue_id": overdue.id if overdue else False, **values}
        return self.env["tradecredit.make.report"].with_user(user or self.controller).create(given)

    def _plan(self, *parts, currency=None):
        return [
            Command.create({"due_date": day, "amount": amount} | ({"currency_id": currency.id} if currency else {}))
            for day, amount in parts
        ]

    def _told(self, overdue=None, **values):
        """Send it, and have it received."""
        self._wizard(overdue, **values).action_send()
        return self._last()

    def _last(self):
        return self.env["tradecredit.report"].search([("buyer_id", "=", self.buyer.id)], limit=1)

    def _adverse(self):
        return self.sandbox.control("GET", "/adverse-reports")["items"]

    def _careful(self):
        """An insurer that counts a reference sent twice as two."""
        operations = OpenInsurer.capabilities.operations
        return patch.object(
            OpenInsurer,
            "capabilities",
            type(OpenInsurer.capabilities)(operations=operations, idempotent_reference=False),
        )
