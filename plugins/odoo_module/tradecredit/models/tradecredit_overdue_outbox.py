"""Declarations and what follows them, through the outbox: sent once, looked for before a second time."""

from __future__ import annotations

from itertools import islice
from typing import Any

from odoo import fields, models

from tradecredit_sdk import Operation, Overdue, TradeCreditClient

from . import tradecredit_outbox
from .tradecredit_outbox import NEWEST, looked_for

DECLARATION, CHANGE = "overdue_declaration", "overdue_change"


class TradecreditOutbox(models.Model):
    _inherit = "tradecredit.outbox"

    kind = fields.Selection(
        selection_add=[(DECLARATION, "Overdue declaration"), (CHANGE, "News of an overdue")],
        ondelete={DECLARATION: "cascade", CHANGE: "cascade"},
    )
    overdue_id = fields.Many2one("tradecredit.overdue", readonly=True, ondelete="restrict", index=True)

    _one_subject = models.Constraint(
        "CHECK((application_id IS NULL) <> (overdue_id IS NULL))", "A row is about one record."
    )

    def _waits(self, state: str, why: str | None) -> None:
        if self.kind == DECLARATION:
            open_here = self.overdue_id.state in ("to_send", "unknown")
            self.overdue_id.write(({"state": state} if open_here else {}) | ({"last_error": why} if why else {}))
        elif self.kind == CHANGE:
            if why:
                self.overdue_id.last_error = why
        else:
            super()._waits(state, why)

    def _accepted(self, answer: Any) -> None:
        if self.kind == DECLARATION and answer is None:
            self.state = "withdrawn"  # declared by hand meanwhile, and the insurer has no other
        elif self.kind == DECLARATION:
            self.overdue_id._received(answer)
        elif self.kind == CHANGE:
            self.overdue_id._told(self, answer)
        else:
            super()._accepted(answer)

    def _not_accepted(self, why: str) -> None:
        if self.kind == DECLARATION:
            self.overdue_id._not_accepted(why)
        elif self.kind == CHANGE:
            self.overdue_id.last_error = why
            self.overdue_id._say(self.env._("The insurer did not take a report of payment: %s", why), alarm=True)
        else:
            super()._not_accepted(why)

    def _concluded(self):
        return super()._concluded() or self.overdue_id.buyer_id


def _declare(client: TradeCreditClient, reference: str, payload: dict[str, Any], *, is_repeat: bool) -> Overdue | None:
    """Send once. What a lost attempt may have brought is looked for, unless a second time is known to do no harm."""
    if payload.get("only_look"):
        return looked_for(lambda: _find(client, reference, payload["buyer_id"]))
    if is_repeat and not client.capabilities.idempotent_reference:
        found = looked_for(lambda: _find(client, reference, payload["buyer_id"]))
        if found is not None:
            return found
    return client.overdues.declare(payload)


def _find(client: TradeCreditClient, reference: str, buyer_id: str) -> Overdue | None:
    """What the insurer has under our reference; None if surely nothing, for it was read to the end."""
    newest = islice(client.overdues.list(buyer_id=buyer_id), NEWEST)
    return next((overdue for overdue in newest if overdue.reference == reference), None)


def _change(client: TradeCreditClient, reference: str, payload: dict[str, Any], *, is_repeat: bool) -> Overdue:
    """Pay or settle. A payment that has arrived is seen by its reference, a settlement by the state."""
    given = dict(payload)
    overdue_id, action = given.pop("overdue_id"), given.pop("action")
    if (
        is_repeat
        and not client.capabilities.idempotent_reference
        and client.capabilities.supports(Operation.GET_OVERDUE)
    ):
        known = looked_for(lambda: client.overdues.get(overdue_id))
        is_there = any(payment.reference == reference for payment in known.payments)
        if is_there or (action == "settle" and known.is_closed):
            return known
    return getattr(client.overdues, action)(overdue_id, reference=reference, **given)


tradecredit_outbox.SENDERS |= {DECLARATION: _declare, CHANGE: _change}
tradecredit_outbox.SUBJECTS["tradecredit.overdue"] = "overdue_id"
