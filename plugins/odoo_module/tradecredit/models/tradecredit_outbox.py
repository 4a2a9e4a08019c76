"""What is to be sent to insurers: each row is committed before and after it is sent, so that nothing is lost or doubled."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import timedelta
from itertools import islice
from typing import Any, NamedTuple

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain

from tradecredit_sdk import (
    ConflictError,
    InvalidInputError,
    InvalidRequestError,
    LimitApplication,
    NoAnswerError,
    NotFoundError,
    RateLimitError,
    ReferenceConflictError,
    TradeCreditClient,
    TradeCreditError,
    UnsupportedOperationError,
)

from .error_text import error_text
from .insurer_text import plain
from .reader_language import in_language_of

_logger = logging.getLogger(__name__)
KINDS = [("limit_request", "Limit application"), ("cancellation", "Cancellation")]
STATES = [
    ("pending", "To be sent"), ("sending", "Being sent"), ("unknown", "Outcome not known"), ("done", "Done"),
    ("refused", "Not accepted"), ("withdrawn", "Withdrawn before it was sent"),
]  # fmt: skip
SUBJECTS = {"tradecredit.application": "application_id"}
"""The field that holds the record a row is about, by its model; other models add theirs.

Such a model hears what becomes of a row: `_outbox_waits(row, state, why)` while it is `to_send`, or `unknown` whether the
insurer has it; `_outbox_accepted(row, answer)`; `_outbox_refused(row, why)`; and `_outbox_concluded()`, the buyers on whom
the insurer has decided something by then, so that their limits are worth reading.
"""
ONLY_LOOK = "only_look"
"""In a payload: it was told on another way, so that a lost attempt is looked for and nothing is sent."""
CRON = "tradecredit.cron_send"
CONTROLLER = "tradecredit.group_controller"

LEASE = timedelta(minutes=10)
"""Longer than any call: a row that is being sent for longer belongs to a process that ended."""
FIRST_PAUSE, LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)
NEWEST = 10_000
"""So many applications are looked through for one of ours."""
REFUSED_HERE = (InvalidInputError, UnsupportedOperationError, ReferenceConflictError)
REFUSED_THERE = (InvalidRequestError, ConflictError)


class TradecreditOutbox(models.Model):
    _name = "tradecredit.outbox"
    _description = "Outbox of the insurer"
    _order = "id desc"
    _rec_name = "reference"

    kind = fields.Selection(KINDS, required=True, readonly=True)
    application_id = fields.Many2one("tradecredit.application", readonly=True, ondelete="restrict", index=True)
    policy_id = fields.Many2one("tradecredit.policy", required=True, readonly=True, ondelete="restrict", index=True)
    company_id = fields.Many2one(related="policy_id.company_id", store=True, index=True)
    reference = fields.Char(required=True, readonly=True, index=True)
    payload = fields.Json(required=True, readonly=True)
    state = fields.Selection(STATES, required=True, default="pending", readonly=True, index=True)
    attempts = fields.Integer(readonly=True)
    next_try = fields.Datetime(required=True, readonly=True, default=fields.Datetime.now)
    last_error = fields.Char("What was wrong", readonly=True)
    sent_at = fields.Datetime("Last attempt", readonly=True)
    done_at = fields.Datetime(readonly=True)

    _once = models.Constraint("UNIQUE(policy_id, kind, reference)", "This was put into the outbox already.")

    @api.model
    def _put(self, kind: str, subject, payload: dict[str, Any], reference: str | None = None):
        """Keep what is to be sent about a record, under its reference or one of its own; sent when this is committed."""
        reference = reference or subject.reference
        row = self.search([
            ("policy_id", "=", subject.policy_id.id), ("kind", "=", kind), ("reference", "=", reference),
        ])  # fmt: skip
        if not row:
            row = self.create({
                "kind": kind, SUBJECTS[subject._name]: subject.id, "policy_id": subject.policy_id.id,
                "reference": reference, "payload": payload,
            })  # fmt: skip
        self.env.ref(CRON).sudo()._trigger()
        return row

    def _subject(self):
        """The record that this row is about."""
        self.ensure_one()
        return next(self[name] for name in SUBJECTS.values() if self[name])

    @api.ondelete(at_uninstall=False)
    def _never_deleted(self):
        raise UserError(self.env._("What was sent to the insurer is a record and cannot be deleted."))

    def _withdraw(self) -> None:
        """Do not send; UserError when it may have been sent already."""
        self.lock_for_update()
        if any(row.state != "pending" for row in self):
            raise UserError(
                self.env._("It is being sent already: wait until the insurer has it, then cancel it there.")
            )
        self.state = "withdrawn"

    def action_try_now(self) -> None:
        """Do not wait for the next try; what may have been received is still asked for first."""
        self._check_right()
        waiting = self.sudo().filtered(lambda row: row.state in ("pending", "unknown"))
        waiting.next_try = fields.Datetime.now()
        self.env.ref(CRON).sudo()._trigger()

    def action_not_received(self) -> None:
        """A person has asked the insurer, who does not have it: send it again."""
        self._check_right()
        lost = self.sudo().filtered(lambda row: row.state == "unknown")
        lost.write({"state": "pending", "next_try": fields.Datetime.now()})
        for row in lost:
            row._subject().message_post(
                body=self.env._("The insurer says it does not have %s: it is sent again.", row.reference),
                author_id=self.env.user.partner_id.id,
            )
        self.env.ref(CRON).sudo()._trigger()

    def _check_right(self) -> None:
        self.check_access("read")
        if not self.env.user.has_group(CONTROLLER):
            raise AccessError(self.env._("Only a credit controller works the outbox."))

    # Sending

    @api.model
    def _due(self) -> Domain:
        now = fields.Datetime.now()
        waiting = Domain("state", "in", ("pending", "unknown")) & Domain("next_try", "<=", now)
        abandoned = Domain("state", "=", "sending") & Domain("sent_at", "<=", now - LEASE)
        return waiting | abandoned

    @api.model
    def _cron_send(self) -> None:
        """Send what is due, one row after the other; an insurer that does not answer is left alone until the next run."""
        jobs, silent = self.env["ir.cron"], set()
        due = self.search(self._due(), order="id")
        jobs._commit_progress(remaining=len(due))
        for row in due:
            if row.policy_id.id not in silent and not row._deliver_alone():
                silent.add(row.policy_id.id)
            if not jobs._commit_progress(processed=1):
                break
        self._plan_next()

    def _plan_next(self) -> None:
        """Come back when the next row is due, not only when the job's turn comes."""
        waiting = self.search([("state", "in", ("pending", "unknown"))], order="next_try", limit=1)
        if waiting:
            self.env.ref(CRON).sudo()._trigger(at=max(waiting.next_try, fields.Datetime.now() + FIRST_PAUSE))

    def _deliver_alone(self) -> bool:
        """Send this row; what is wrong with it keeps no other waiting, and it is tried again when its lease is over."""
        reference = self.reference
        try:
            return self._deliver()
        except Exception:
            self.env.cr.rollback()
            _logger.exception("what became of %s could not be kept", reference)
            return True

    def _deliver(self) -> bool:
        """Send this row; False when the insurer cannot be reached or understood, and others need not try.

        Nothing is locked and no transaction is open while the insurer is asked.
        """
        self.ensure_one()
        policy = self.policy_id
        try:
            client = policy._client()
        except TradeCreditError as error:  # a setting is missing: nothing was sent
            self._put_off(error)
            policy._failed(error)
            return False
        with client:
            payload, reference, kind = self.payload, self.reference, self.kind
            is_repeat = self._claim()
            if is_repeat is None:
                return True
            try:
                answer = _ask(client, kind, reference, payload, is_repeat=is_repeat)
                policy._repeated(lambda: self._settle(answer))
            except TradeCreditError as error:
                self.env.cr.rollback()
                return self._settle_failure(error, client)
            except Exception:  # a fault of the program must not keep this row and all after it for ever
                self.env.cr.rollback()
                _logger.exception("%s could not be sent, or its answer not be kept", reference)
                self._lost()
                return True
            policy._answered()
            self._commit()
            if buyers := self._subject()._outbox_concluded():
                policy._follow_up(client, buyers)
        return True

    def _commit(self) -> None:
        self.env["ir.cron"]._commit_progress()

    def _claim(self) -> bool | None:
        """Take the row for this process, committed: whether it may have been sent before; None if it is another's."""
        self._commit()  # from here on what others committed is seen
        mine = self.try_lock_for_update().filtered_domain(self._due())
        if not mine:
            return None
        is_repeat = self.state != "pending"
        self.write({"state": "sending", "attempts": self.attempts + 1, "sent_at": fields.Datetime.now()})
        if is_repeat:
            self._subject()._outbox_waits(self, "unknown", None)
        self._commit()
        return is_repeat

    def _stop_sending(self) -> None:
        """It was told on another way: what was not sent stays here, what may have arrived is only looked for."""
        for row in self:
            if row.state == "pending":
                row._withdraw()
            elif row.state in ("sending", "unknown"):
                row.payload = {**row.payload, ONLY_LOOK: True}

    def _settle(self, answer: Any) -> None:
        """The insurer has it; or surely has not, and it was told on another way meanwhile."""
        state = "withdrawn" if answer is None else "done"
        self.write({"state": state, "done_at": fields.Datetime.now(), "last_error": False})
        if answer is not None:
            self._subject()._outbox_accepted(self, answer)

    def _settle_failure(self, error: TradeCreditError, client: TradeCreditClient) -> bool:
        """What is known after an error; True when the insurer answered all the same."""
        if error.may_have_acted:
            pause = None if client.capabilities.idempotent_reference or WAYS[self.kind].find is None else LEASE
            self._put_off(error, state="unknown", pause=pause)
        elif _is_refusal(error):
            self.write({"state": "refused", "done_at": fields.Datetime.now(), "last_error": _words(error)})
            self._subject()._outbox_refused(self, _words(error))
            return True
        else:
            self._put_off(error)
            if isinstance(error, RateLimitError):
                return False  # it answers, and wants to be left alone for a while
        self.policy_id._failed(error)
        return False

    def _lost(self) -> None:
        """Nobody knows whether the insurer has it."""
        error = NoAnswerError("an unexpected error, which the log of the server tells")
        self._put_off(error, state="unknown", pause=LONGEST_PAUSE)

    def _put_off(self, error: TradeCreditError, *, state: str = "pending", pause: timedelta | None = None) -> None:
        """Try again later: after what the insurer asks for, or twice as long each time."""
        if pause is None:
            pause = min(FIRST_PAUSE * 2 ** min(max(self.attempts - 1, 0), 10), LONGEST_PAUSE)
        pause = max(pause, timedelta(seconds=min(error.retry_after or 0, 86_400)))
        self.write({"state": state, "next_try": fields.Datetime.now() + pause, "last_error": _words(error)})
        self._subject()._outbox_waits(self, "unknown" if state == "unknown" else "to_send", self._for_people(error))

    def _for_people(self, error: TradeCreditError) -> str:
        """What the controller reads on the application or declaration; the row keeps the words of the SDK."""
        policy = in_language_of(self.policy_id._who_is_told(), self.policy_id)
        return policy.env._(
            "The insurer of policy %(policy)s: %(error)s", policy=policy.name, error=error_text(policy, error)
        )


class Way(NamedTuple):
    """How a kind is told to the insurer; called with (client, reference, payload) outside any transaction."""

    send: Callable[[TradeCreditClient, str, dict[str, Any]], Any]
    find: Callable[[TradeCreditClient, str, dict[str, Any]], Any] | None = None
    """What the insurer has of a lost attempt, None if surely nothing. Absent: a second time does no harm."""


def _ask(client: TradeCreditClient, kind: str, reference: str, payload: dict[str, Any], *, is_repeat: bool) -> Any:
    """Send once: what may have been received is looked for first, unless a second time is known to do no harm.

    None when it is only looked for, and the insurer surely does not have it.
    """
    way, given = WAYS[kind], dict(payload)
    only_look = given.pop(ONLY_LOOK, False)
    harmless = way.find is None or client.capabilities.idempotent_reference
    if only_look or (is_repeat and not harmless):
        found = looked_for(lambda: way.find(client, reference, given))
        if found is not None or only_look:
            return found
    return way.send(client, reference, given)


def looked_for(find: Callable[[], Any]) -> Any:
    """What the insurer has of an attempt before this one; an error says that it may have it."""
    try:
        return find()
    except TradeCreditError as error:
        error.may_have_acted = True
        raise


def _find(client: TradeCreditClient, reference: str, _payload: dict[str, Any]) -> LimitApplication | None:
    """What the insurer has under our reference; None if surely nothing, for it was read to the end."""
    newest = islice(client.limits.applications(), NEWEST)
    return next((application for application in newest if application.reference == reference), None)


WAYS: dict[str, Way] = {
    "limit_request": Way(lambda client, _reference, payload: client.limits.request(payload), _find),
    "cancellation": Way(lambda client, _reference, payload: client.limits.cancel(payload["target_id"])),
}


def _is_refusal(error: TradeCreditError) -> bool:
    """Whether the insurer itself, or its interface, says that it will never take this.

    An answer without the insurer's own code or fields comes from something in between, and proves nothing; so does "not
    found", unless it is the buyer: the address or the policy's number may be wrong.
    """
    if isinstance(error, NotFoundError):
        return "buyer" in (error.code or "")
    if isinstance(error, REFUSED_THERE):
        return bool(error.code or error.fields)
    return isinstance(error, REFUSED_HERE)


def _words(error: TradeCreditError) -> str | bool:
    return plain(str(error)[:500])
