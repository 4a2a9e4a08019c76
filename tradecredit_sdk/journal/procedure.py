"""How one kind of entry is sent, found again at the insurer, and read back from the journal."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Generic, Protocol, TypeVar

from tradecredit_sdk.errors import TradeCreditError
from tradecredit_sdk.journal.entry import Entry, EntryKind
from tradecredit_sdk.models.base import RequestModel


class Identified(Protocol):
    """What an insurer answers with: it has the insurer's id."""

    @property
    def id(self) -> str:
        """The insurer's own."""


Q = TypeVar("Q", bound=RequestModel)
A = TypeVar("A", bound=Identified)


def _nothing_came_after(request: object, entry: Entry) -> None:
    """Nothing that was asked for later speaks against sending it."""


@dataclass(frozen=True)
class Procedure(Generic[Q, A]):
    """All that the journal must know of one kind.

    `send` sends the request once. `find(request, since)` returns what the insurer holds for it, sent at or after
    `since`, None if surely nothing, and raises when that cannot be told. `repeatable`: sending it twice makes one, so
    a repetition need not wait until a late first one can no longer appear. `overtaken(request, entry)` says why
    something left open must not be sent any more, because of what came after it: a ConflictError closes the entry as
    refused, any other error leaves it open for a person to look at.
    """

    kind: EntryKind
    request: type[Q]
    send: Callable[[Q], A]
    find: Callable[[Q, datetime], A | None]
    repeatable: bool
    write: Callable[[A], dict[str, Any]]
    read: Callable[[dict[str, Any]], A]
    overtaken: Callable[[Q, Entry], TradeCreditError | None] = _nothing_came_after
