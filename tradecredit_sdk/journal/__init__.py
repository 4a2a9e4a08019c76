"""What was asked of the insurer and what came of it: nothing asked twice, nothing lost.

`Journal` needs the extra `[journal]` (SQLAlchemy Core), in PostgreSQL `[postgres]`; it is loaded when it is asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tradecredit_sdk.journal.entry import Entry, EntryKind, EntryState, Reconciled, Scope
from tradecredit_sdk.journal.procedure import Procedure

if TYPE_CHECKING:
    from tradecredit_sdk.journal.journal import Journal

__all__ = ["Entry", "EntryKind", "EntryState", "Journal", "Procedure", "Reconciled", "Scope"]


def __getattr__(name: str) -> Any:
    if name != "Journal":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        from tradecredit_sdk.journal.journal import Journal
    except ModuleNotFoundError as error:
        if error.name != "sqlalchemy":
            raise
        message = "a journal needs SQLAlchemy: pip install 'tradecredit-sdk[journal]'"
        raise ModuleNotFoundError(message, name=error.name) from None
    return Journal
