"""What was asked of the insurer and what came of it: nothing asked twice, nothing lost.

Extra `[journal]` (SQLAlchemy Core); PostgreSQL needs `[postgres]`.
"""

from __future__ import annotations

from tradecredit_sdk.errors import ConfigError

try:
    import sqlalchemy as _sqlalchemy  # noqa: F401
except ImportError:
    raise ConfigError("a journal needs SQLAlchemy: pip install 'tradecredit-sdk[journal]'") from None

from tradecredit_sdk.journal.entry import Entry, EntryKind, EntryState, Scope
from tradecredit_sdk.journal.journal import Journal, Reconciled
from tradecredit_sdk.journal.procedure import Procedure

__all__ = ["Entry", "EntryKind", "EntryState", "Journal", "Procedure", "Reconciled", "Scope"]
