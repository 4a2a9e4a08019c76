"""One line of the journal: what was to be asked of the insurer, how far it got, and what came of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any

from tradecredit_sdk import errors
from tradecredit_sdk.models.base import RequestModel


class EntryKind(str, Enum):
    """What is asked. A reference is unique within its kind."""

    LIMIT_REQUEST = "limit_request"
    CANCELLATION = "cancellation"
    OVERDUE_DECLARATION = "overdue_declaration"
    OVERDUE_CHANGE = "overdue_change"
    ADVERSE_REPORT = "adverse_report"


class EntryState(str, Enum):
    """How far it got.

    `planned`: written, surely not at the insurer. `sending`: on its way. `answered`: the insurer has it. `refused`:
    the insurer will not have it as it is. `unknown`: it may be at the insurer; it is asked before anything is repeated.
    """

    PLANNED = "planned"
    SENDING = "sending"
    ANSWERED = "answered"
    REFUSED = "refused"
    UNKNOWN = "unknown"


OPEN_STATES = frozenset({EntryState.PLANNED, EntryState.SENDING, EntryState.UNKNOWN})
"""Without a definite outcome."""


_DAY_BY_DAY = frozenset({EntryKind.OVERDUE_DECLARATION, EntryKind.ADVERSE_REPORT})
"""Whether the insurer takes these depends on the day and on what else it has."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a reference is unique: one policy in one account of one insurer. `account` holds no secret."""

    insurer: str
    account: str
    policy: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One line. `payload` is the request and `answer` the insurer's answer, both as canonical models in JSON form.

    `attempts` counts sendings. Moments are aware, UTC: `first_sent_at` is the earliest moment at which the insurer can
    have got it, `doubtful_since` the latest. `error` has the form of `TradeCreditError.to_dict()`.
    """

    id: int
    scope: Scope
    kind: EntryKind
    reference: str
    payload: dict[str, Any]
    fingerprint: str
    state: EntryState
    attempts: int
    planned_at: datetime
    first_sent_at: datetime | None
    sent_at: datetime | None
    doubtful_since: datetime | None
    answered_at: datetime | None
    insurer_id: str | None
    answer: dict[str, Any] | None
    error: dict[str, Any] | None
    lease_owner: str | None
    lease_until: datetime | None

    @property
    def is_reserved(self) -> bool:
        """Whether it was written down to be sent next, and nobody has begun to send it."""
        return self.state is EntryState.PLANNED and self.attempts == 0

    @property
    def is_final(self) -> bool:
        """Whether a repetition gets the recorded outcome and nothing is sent.

        A refusal because something is not there, or was already wrong in our own eyes, may be tried again: nothing of
        it is at the insurer. What was refused of a declaration or a report may be right a day later, or once an earlier one
        is withdrawn. A cancellation is never final: its reference is the id of what it ends, and an insurer may give that id
        to a later limit.
        """
        if self.kind is EntryKind.CANCELLATION:
            return False
        if self.state is EntryState.REFUSED:
            if self.kind in _DAY_BY_DAY:
                return False
            again = {errors.NotFoundError.__name__, errors.InvalidInputError.__name__}
            return (self.error or {}).get("error") not in again
        return self.state is EntryState.ANSWERED


@dataclass(frozen=True)
class Reconciled:
    """What became of one entry: `answer` is the insurer's canonical answer, `error` why there is none."""

    entry: Entry
    answer: Any = None
    error: errors.TradeCreditError | None = None

    @property
    def is_definite(self) -> bool:
        """Whether the insurer surely has it or surely will not have it."""
        return self.entry.state not in OPEN_STATES


def canonical(value: Any) -> str:
    """JSON with sorted keys, so that equal content is equal text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def storable(value: Mapping[str, Any]) -> str:
    """JSON in ASCII: JSON may hold half a surrogate pair or a NUL, which no database takes as text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), default=str)


def payload_of(request: RequestModel) -> dict[str, Any]:
    """The request as it is written down."""
    return request.model_dump(mode="json", exclude_none=True)


def fingerprint_of(request: RequestModel) -> str:
    """Equal for equal content, in whatever order invoices or instalments are given.

    Defaults are left out, so that a field added later does not change old fingerprints.
    """
    content = request.model_dump(mode="json", exclude_defaults=True, exclude={"reference"})
    content = {
        name: sorted(value, key=canonical) if isinstance(value, list) else value for name, value in content.items()
    }
    return hashlib.sha256(canonical(content).encode(errors="surrogatepass")).hexdigest()


def revive(facts: Mapping[str, Any]) -> errors.TradeCreditError:
    """The error that `to_dict()` described."""
    cls = getattr(errors, str(facts.get("error")), None)
    if not (isinstance(cls, type) and issubclass(cls, errors.TradeCreditError)):
        cls = errors.TradeCreditError
    fields = tuple(errors.FieldError(item["field"], item["message"]) for item in facts.get("fields", ()))
    names = (
        "code",
        "status_code",
        "request_id",
        "retry_after",
        "reference",
        "attempts",
        "insurer",
        "operation",
    )
    return cls(str(facts.get("message", "")), fields=fields, **{name: facts.get(name) for name in names})
