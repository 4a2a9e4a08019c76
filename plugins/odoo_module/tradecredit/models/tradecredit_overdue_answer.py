"""What the insurer says of a declaration: acknowledged, cover stopped or back, documents, collection, the end."""

from __future__ import annotations

from datetime import date

from odoo import fields, models

from tradecredit_sdk import CoverState, NotFoundError, Overdue, OverdueState, ResponseFormatError, TradeCreditError

from .insurer_text import plain
from .must_be_told import NOT_TOLD
from .reader_language import in_language_of
from .tradecredit_application import _naive
from .tradecredit_overdue import AT_THE_INSURER, CLOSED

OF_THE_INSURER = {
    OverdueState.DECLARED: "declared", OverdueState.EXTENDED: "declared", OverdueState.RESCHEDULED: "declared",
    OverdueState.DOCUMENTS_REQUESTED: "documents_requested", OverdueState.IN_COLLECTION: "in_collection",
    OverdueState.CLAIMED: "in_collection", OverdueState.SETTLED: "settled", OverdueState.WITHDRAWN: "withdrawn",
    OverdueState.REJECTED: "failed",
}  # fmt: skip
LAST_REVISION = 2**31 - 1
"""The database keeps none beyond."""


class TradecreditOverdue(models.Model):
    _inherit = "tradecredit.overdue"

    def _received(self, answer: Overdue) -> None:
        """The insurer has it."""
        self.ensure_one()
        if other := self._numbered(answer.id):
            raise ResponseFormatError(f"overdue {answer.id} is {other.reference} already")
        self.write({
            "insurer_overdue_id": answer.id,
            "declared_at": self.declared_at or _naive(answer.declared_at) or fields.Datetime.now(),
            "last_error": False,
        })  # fmt: skip
        if self.state in NOT_TOLD:
            self.write({"state": "declared"})
        elif self.state == "manual":  # the lost attempt had arrived after all
            self._say(
                self.env._("The insurer had received %s before it was declared by hand.", self.reference), alarm=True
            )
            self.write({"state": "declared"})
        self._close_warnings()
        self._hear(answer)

    def _numbered(self, number: str):
        """Another declaration that the insurer has under this number."""
        same = [("policy_id", "=", self.policy_id.id), ("insurer_overdue_id", "=", number), ("id", "!=", self.id)]
        return self.search(same, limit=1)

    def _not_accepted(self, why: str) -> None:
        """The insurer did not take it: it is still to be declared, and its last day watched."""
        if self.state not in ("to_send", "unknown"):
            return
        self.write({"state": "failed", "last_error": why})
        self._say(self.env._("The insurer did not take the declaration: %s", why), alarm=True)

    def _hear(self, news: Overdue) -> bool:
        """Take over what the insurer says now; True if it is news. What is older than what is known changes nothing."""
        self.ensure_one()
        revision = min(news.revision or 0, LAST_REVISION)
        if self.heard_at and revision < self.insurer_revision:  # or it has none, unlike what was heard before
            return False
        before = self.state, self.cover_state, self.cover_stopped_from, self.cover_reinstated_from
        was_late, documents_by = self.in_time == "no", self.documents_by
        state = OF_THE_INSURER.get(news.state, "declared")
        cover, missing = news.cover, news.missing_documents
        values = {
            "state": state,
            "insurer_revision": revision,
            "acknowledged_at": _naive(news.acknowledged_at) or self.acknowledged_at,
            "in_time": {True: "yes", False: "no"}.get(news.in_time, False),
            "answer": plain(news.answer),
            "missing_documents": plain(", ".join(str(getattr(one.kind, "value", one.kind)) for one in missing)),
            "documents_by": min((one.due_on for one in missing if one.due_on), default=False),
            "heard_at": fields.Datetime.now(),
            "last_error": plain(news.answer) if state == "failed" else False,
        }
        if values["documents_by"] != documents_by:
            values["warned_days"] = self._fields["warned_days"].default(self)
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
        if state in CLOSED or (before[0] in ("failed", "documents_requested") and state != before[0]):
            self._close_warnings()
        after = self.state, self.cover_state, self.cover_stopped_from, self.cover_reinstated_from
        if before[0] != state:
            self._say_state()
        if self.in_time == "no" and not was_late:
            env = in_language_of(self.policy_id._who_is_told(), self).env
            self._alarm(env._("The insurer says that this was declared too late: what it covers may be lost."))
        return before != after

    def _stop(self) -> tuple[date, date | None] | None:
        """Deliveries from the first day on, and before the other, are not insured."""
        since = self.cover_stopped_from
        if self.state in CLOSED:
            return None
        if self.cover_state in ("stopped", "withdrawn"):
            return since or self.create_date.date(), None
        if self.cover_state == "confirmed" and since:
            return since, None
        if self.cover_state == "reinstated" and since and self.cover_reinstated_from:
            return since, self.cover_reinstated_from
        return None

    def _unheard(self, error: TradeCreditError) -> None:
        """What is wrong with the insurer's answer. One that no longer knows the declaration has to be told anew."""
        self.write({"heard_at": fields.Datetime.now(), "last_error": plain(str(error)[:500])})
        if isinstance(error, NotFoundError) and error.code and self.state in AT_THE_INSURER:
            self.write({"state": "failed", "warned_days": self._fields["warned_days"].default(self)})
            env = in_language_of(self.policy_id._who_is_told(), self).env
            self._alarm(env._("The insurer does not know this declaration any more: ask what became of it."))

    def _say_state(self) -> None:
        label = dict(self._fields["state"]._description_selection(self.env))[self.state]
        parts = [label]
        if self.in_time == "no":
            parts.append(self.env._("too late"))
        parts += [text for text in (self.answer, self.missing_documents) if text]
        alarm = self.state in ("documents_requested", "failed")
        self._say(" – ".join(parts), alarm=alarm)
