"""What the insurer says of a declaration: acknowledged, cover stopped or back, documents, collection, the end."""

from __future__ import annotations

from odoo import fields, models

from tradecredit_sdk import CoverState, Overdue, OverdueState

from .must_be_told import NOT_TOLD
from .tradecredit_application import _naive
from .tradecredit_overdue import CLOSED

OF_THE_INSURER = {
    OverdueState.DECLARED: "declared", OverdueState.EXTENDED: "declared", OverdueState.RESCHEDULED: "declared",
    OverdueState.DOCUMENTS_REQUESTED: "documents_requested", OverdueState.IN_COLLECTION: "in_collection",
    OverdueState.CLAIMED: "in_collection", OverdueState.SETTLED: "settled", OverdueState.WITHDRAWN: "withdrawn",
    OverdueState.REJECTED: "failed",
}  # fmt: skip


class TradecreditOverdue(models.Model):
    _inherit = "tradecredit.overdue"

    def _received(self, answer: Overdue) -> None:
        """The insurer has it."""
        self.ensure_one()
        self.write({"insurer_overdue_id": answer.id, "declared_at": self.declared_at or _naive(answer.declared_at) or fields.Datetime.now(),
                    "last_error": False})  # fmt: skip
        if self.state in NOT_TOLD:
            self.write({"state": "declared"})
        elif self.state == "manual":  # the lost attempt had arrived after all
            self._say(
                self.env._("The insurer had received %s before it was declared by hand.", self.reference), alarm=True
            )
            self.write({"state": "declared"})
        self._close_warnings()
        self._hear(answer)

    def _not_accepted(self, why: str) -> None:
        """The insurer did not take it: it is still to be declared, and its last day watched."""
        if self.state not in ("to_send", "unknown"):
            return
        self.write({"state": "failed", "last_error": why})
        self._say(self.env._("The insurer did not take the declaration: %s", why), alarm=True)

    def _hear(self, news: Overdue) -> bool:
        """Take over what the insurer says now; True if it is news. What is older than what is known changes nothing."""
        self.ensure_one()
        if self.heard_at and news.revision is not None and news.revision < self.insurer_revision:
            return False
        before = self.state, self.cover_state, self.cover_stopped_from, self.cover_reinstated_from
        state = OF_THE_INSURER.get(news.state, "declared")
        cover, missing = news.cover, news.missing_documents
        values = {
            "state": state,
            "insurer_revision": news.revision or 0,
            "acknowledged_at": _naive(news.acknowledged_at) or self.acknowledged_at,
            "in_time": {True: "yes", False: "no"}.get(news.in_time, False),
            "answer": news.answer or False,
            "missing_documents": ", ".join(str(getattr(one.kind, "value", one.kind)) for one in missing) or False,
            "documents_by": min((one.due_on for one in missing if one.due_on), default=False),
            "heard_at": fields.Datetime.now(),
            "last_error": False,
        }
        if cover is not None:
            values |= {
                "cover_state": cover.state.value if isinstance(cover.state, CoverState) else False,
                "cover_stopped_from": cover.stopped_from or False,
                "cover_reinstated_from": cover.reinstated_from or False,
            }
        if news.collection is not None:
            by = str(getattr(news.collection.by, "value", news.collection.by))
            values |= {
                "collected_by": by if by in ("seller", "insurer") else False,
                "collect_until": news.collection.until or False,
            }
        self.write(values)
        self._take_over_amendments(news)
        if state in CLOSED:
            self._close_warnings()
        after = self.state, self.cover_state, self.cover_stopped_from, self.cover_reinstated_from
        if before[0] != state:
            self._say_state()
        return before != after

    def _say_state(self) -> None:
        label = dict(self._fields["state"]._description_selection(self.env))[self.state]
        parts = [label]
        if self.in_time == "no":
            parts.append(self.env._("too late"))
        parts += [text for text in (self.answer, self.missing_documents) if text]
        alarm = self.state in ("documents_requested", "failed")
        self._say(" – ".join(parts), alarm=alarm)
