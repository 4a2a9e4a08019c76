"""Reports through the outbox, and what the insurer says of them."""

from __future__ import annotations

from typing import Any

from odoo import fields, models
from odoo.tools import format_amount, format_date

from tradecredit_sdk import AdverseReceipt, CoverState, TradeCreditClient

from . import tradecredit_outbox
from .insurer_text import plain
from .reader_language import in_language_of
from .tradecredit_outbox import Way

ADVERSE = "adverse_report"


class TradecreditOutbox(models.Model):
    _inherit = "tradecredit.outbox"

    kind = fields.Selection(selection_add=[(ADVERSE, "Adverse information")], ondelete={ADVERSE: "cascade"})
    report_id = fields.Many2one("tradecredit.report", readonly=True, ondelete="restrict", index="btree_not_null")

    _one_subject = models.Constraint(
        "CHECK(num_nonnulls(application_id, overdue_id, report_id) = 1)", "A row is about one record."
    )


class TradecreditReport(models.Model):
    _inherit = "tradecredit.report"

    def _outbox_waits(self, row, state: str, why: str | None) -> None:
        values = {"last_error": why} if why else {}
        if self.state in ("to_send", "unknown"):
            values["state"] = state
        self.write(values)

    def _outbox_accepted(self, row, answer: Any) -> None:
        """The insurer has it; whether it agrees is seen on the overdue, now or later."""
        if self.state == "manual":  # the lost attempt had arrived after all
            self._say_here(
                self.env._("The insurer had received %s before it was told by hand.", self.reference), alarm=True
            )
        self.write({"state": "received", "last_error": False})
        self._close_warnings()
        if isinstance(answer, AdverseReceipt):
            self._take_receipt(answer)
        else:
            self.answer = plain(answer.answer)
            self.overdue_id._hear(answer)
        parts = [self._in_full(), dict(self._fields["state"]._description_selection(self.env))[self.state]]
        if self.in_time == "no":
            parts.append(self.env._("too late"))
        if self.answer:
            parts.append(self.answer)
        self._say_here(" – ".join(parts), alarm=self.in_time == "no")
        if self.in_time == "no":
            env = in_language_of(self.policy_id._who_is_told(), self).env
            self._alarm(env._("The insurer says that it was told too late: what it covers may be lost."))

    def _take_receipt(self, receipt: AdverseReceipt) -> None:
        values: dict[str, Any] = {
            "insurer_report_id": plain(receipt.id),
            "answer": plain(receipt.answer),
            "in_time": {True: "yes", False: "no"}.get(receipt.in_time, False),
        }
        if receipt.cover is not None:
            values["cover_state"] = receipt.cover.state.value if isinstance(receipt.cover.state, CoverState) else False
            values["cover_stopped_from"] = receipt.cover.stopped_from or False
        self.write(values)

    def _outbox_refused(self, row, why: str) -> None:
        """The insurer did not take it: it is still to be told, and its last day watched."""
        if self.state not in ("to_send", "unknown"):
            return
        self.write({"state": "failed", "last_error": why})
        self._say_here(
            self.env._("The insurer did not take this: %(what)s. %(why)s", what=self._in_full(), why=why), alarm=True
        )

    def _outbox_concluded(self):
        return self.buyer_id

    # In words

    def _say_here(self, body: str, *, alarm: bool = False) -> None:
        """Where people look: on the declaration, or on the buyer where there is none; and on the report itself."""
        self._say(body, alarm=alarm)
        (self.overdue_id or self.buyer_id).message_post(body=body)

    def _in_full(self) -> str:
        """What is told, in a line."""
        env, parts = self.env, [self._what()]
        if self.invoice_number:
            parts.append(self.invoice_number)
        if self.new_due_date:
            parts.append(env._("until %s", format_date(env, self.new_due_date)))
        if self.happened_on:
            parts.append(env._("on %s", format_date(env, self.happened_on)))
        parts += [
            f"{format_date(env, one.due_date)}: {format_amount(env, one.amount, self.currency_id)}"
            for one in self.instalment_ids
        ]
        return ", ".join(parts)


def _report(client: TradeCreditClient, _reference: str, payload: dict[str, Any]) -> AdverseReceipt:
    return client.overdues.report_adverse(payload)


def _find_report(client: TradeCreditClient, _reference: str, payload: dict[str, Any]) -> AdverseReceipt | None:
    return client.overdues.find_adverse(payload)


tradecredit_outbox.WAYS[ADVERSE] = Way(_report, _find_report)
tradecredit_outbox.SUBJECTS["tradecredit.report"] = "report_id"
