"""What an error says about the request that ended with it."""

from __future__ import annotations

from tradecredit_sdk.errors import (
    APIError,
    AuthenticationError,
    ConfigError,
    ConflictError,
    InvalidInputError,
    InvalidRequestError,
    NotFoundError,
    NotSentError,
    PermissionDeniedError,
    RateLimitError,
    ReferenceConflictError,
    ResponseFormatError,
    TradeCreditError,
    UnsupportedOperationError,
)
from tradecredit_sdk.journal.entry import EntryState

_NOTHING_SENT = (
    NotSentError,
    AuthenticationError,
    PermissionDeniedError,
    RateLimitError,
    ConfigError,
    UnsupportedOperationError,
    ResponseFormatError,  # of the call for a token
)
_REFUSALS = (InvalidRequestError, NotFoundError, ConflictError, InvalidInputError, ReferenceConflictError)
_LATER_STATUS = frozenset({408, 425, 429})


def state_after(error: TradeCreditError) -> EntryState:
    """What an error says about the request: surely not there, surely not wanted, or anybody's guess."""
    if error.may_have_acted:
        return EntryState.UNKNOWN
    if isinstance(error, _REFUSALS):
        return EntryState.REFUSED
    if isinstance(error, _NOTHING_SENT):
        return EntryState.PLANNED
    if isinstance(error, APIError):  # a status with no class of its own, such as 413 or a redirect
        final = 400 <= (error.status_code or 0) < 500 and error.status_code not in _LATER_STATUS
        return EntryState.REFUSED if final else EntryState.PLANNED
    return EntryState.UNKNOWN
