"""Declarations and what follows them, through the outbox: sent once, looked for before a second time."""

from __future__ import annotations

from itertools import islice
from typing import Any

from odoo import fields, models

from tradecredit_sdk import (
    Overdue,
    OverdueChange,
    OverdueDeclaration,
    ResponseFormatError,
    TradeCreditClient,
    has_arrived,
)

from . import tradecredit_outbox
from .tradecredit_outbox import NEWEST, Way

DECLARATION, CHANGE = "overdue_declaration", "overdue_change"


class TradecreditOutbox(models.Model):
    _inherit = "tradecredit.outbox"

    kind = fields.Selection(
        selection_add=[(DECLARATION, "Overdue declaration"), (CHANGE, "News of an overdue")],
        ondelete={DECLARATION: "cascade", CHANGE: "cascade"},
    )
    overdue_id = fields.Many2one("tradecredit.overdue", readonly=True, ondelete="restrict", index=True)


class TradecreditOverdue(models.Model):
    _inherit = "tradecredit.overdue"

    def _outbox_waits(self, row, state: str, why: str | None) -> None:
        values = {"last_error": why} if why else {}
        if row.kind == DECLARATION and self.state in ("to_send", "unknown"):
            values["state"] = state
        self.write(values)

    def _outbox_accepted(self, row, answer: Overdue) -> None:
        if row.kind == DECLARATION:
            self._received(answer)
        else:
            self._told(row, answer)

    def _outbox_refused(self, row, why: str) -> None:
        if row.kind == DECLARATION:
            self._not_accepted(why)
        else:
            self.last_error = why
            self._say(self.env._("The insurer did not take a report of payment: %s", why), alarm=True)

    def _outbox_concluded(self):
        return self.buyer_id


def _declare(client: TradeCreditClient, _reference: str, payload: dict[str, Any]) -> Overdue:
    return _as_declared(client.overdues.declare(payload), payload)


def _find(client: TradeCreditClient, reference: str, payload: dict[str, Any]) -> Overdue | None:
    """What the insurer has under our reference; None if surely nothing, for it was read to the end."""
    newest = islice(client.overdues.list(buyer_id=payload["buyer_id"]), NEWEST)
    found = next((overdue for overdue in newest if overdue.reference == reference), None)
    return found and _as_declared(found, payload)


def _as_declared(answer: Overdue, payload: dict[str, Any]) -> Overdue:
    """The answer, if it is about these invoices and amounts; an insurer need not name any of them."""
    declared = OverdueDeclaration(**payload).invoices
    wanted = {invoice.number: invoice.amount for invoice in declared}
    named = {invoice.number: invoice.amount for invoice in answer.invoices}
    missing = [number for number, amount in wanted.items() if named.get(number) != amount]
    currencies = {answer.total.currency} if answer.total is not None else set()
    is_nothing = not named and answer.total is not None and not answer.total.amount and not answer.is_closed
    if (named and missing) or is_nothing or currencies - {amount.currency for amount in wanted.values()}:
        numbers = ", ".join((missing or list(wanted))[:5])
        raise ResponseFormatError(f"overdue {answer.id} does not hold what was declared: {numbers}")
    return answer


def _change(client: TradeCreditClient, reference: str, payload: dict[str, Any]) -> Overdue:
    """Payload: `overdue_id`, `action`, and what the client's method of that name takes."""
    overdue_id, action = payload.pop("overdue_id"), payload.pop("action")
    return getattr(client.overdues, action)(overdue_id, reference=reference, **payload)


def _find_change(client: TradeCreditClient, reference: str, payload: dict[str, Any]) -> Overdue | None:
    """The overdue, if it stands as the change wanted it."""
    known = client.overdues.get(payload["overdue_id"])
    is_over = payload["action"] == "settle" and known.is_closed
    return known if is_over or has_arrived(OverdueChange(**payload, reference=reference), known) else None


tradecredit_outbox.WAYS |= {DECLARATION: Way(_declare, _find), CHANGE: Way(_change, _find_change)}
tradecredit_outbox.SUBJECTS["tradecredit.overdue"] = "overdue_id"
