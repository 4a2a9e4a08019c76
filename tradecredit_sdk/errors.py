"""The error tree: each class answers "did it happen, and may I try again?".

    TradeCreditError
    ├── ConfigError                 nothing was sent: a setting is missing or wrong
    ├── InvalidInputError           nothing was sent: what you gave is wrong (names field and remedy)
    ├── UnsupportedOperationError   nothing was sent: this insurer cannot do it
    ├── ReferenceConflictError      nothing was sent: the reference already stands for something else
    ├── JournalError                nothing was sent: what is to be asked cannot be written down first
    ├── TransportError
    │   ├── NotSentError            surely not received by the insurer: may be repeated
    │   └── NoAnswerError           sent, answer lost: may have been acted upon
    │       └── DeadlineError       ... because the total time ran out
    ├── APIError                    the insurer answered with an error (status_code)
    │   ├── InvalidRequestError     400, 422: see fields
    │   ├── AuthenticationError     401
    │   ├── PermissionDeniedError   403
    │   ├── NotFoundError           404, 410
    │   ├── ConflictError           409
    │   ├── RateLimitError          429: see retry_after
    │   └── ServerError             5xx
    ├── ResponseFormatError         the insurer answered something that is not its contract
    ├── PendingError                a wait ended and the decision is still to come
    └── WebhookError                a call-back is not from the insurer, or too old

`str()` is one line, begins with the request id and never holds a body or a secret. All errors pickle.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class FieldError:
    """One wrong field: its dotted path and what is wrong with it."""

    field: str
    message: str


class TradeCreditError(Exception):
    """Base of all errors of this library.

    `retry_after` is in seconds. `reference` is your own reference of the request concerned, so that a caller who
    crashed can ask for it or repeat it. `attempts` counts what was tried. `may_have_acted`: this attempt, or an earlier
    one of the same call, may have taken effect at the insurer.
    """

    is_retryable = False
    may_have_acted = False

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        status_code: int | None = None,
        request_id: str | None = None,
        retry_after: float | None = None,
        reference: str | None = None,
        attempts: int | None = None,
        insurer: str | None = None,
        operation: str | None = None,
        fields: tuple[FieldError, ...] = (),
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code
        self.status_code = status_code
        self.request_id = request_id
        self.retry_after = retry_after
        self.reference = reference
        self.attempts = attempts
        self.insurer = insurer
        self.operation = operation
        self.fields = fields
        self.cursor: str | None = None

    def __str__(self) -> str:
        prefix = f"[{self.request_id}] " if self.request_id else ""
        wrong = "; ".join(f"{item.field}: {item.message}" for item in self.fields)
        return prefix + " ".join((self.message + (f" ({wrong})" if wrong else "")).split())

    def __reduce__(self) -> tuple[Any, ...]:
        # Keyword-only arguments break the default pickling of exceptions.
        return _rebuild, (type(self), self.message, self.__dict__.copy())

    def to_dict(self) -> dict[str, Any]:
        """The same facts for logs and the command line; only what is known."""
        facts = {key: value for key, value in self.__dict__.items() if value not in (None, ())}
        if self.fields:
            facts["fields"] = [{"field": item.field, "message": item.message} for item in self.fields]
        verdict = {"is_retryable": self.is_retryable, "may_have_acted": self.may_have_acted}
        return {"error": type(self).__name__, **facts, **verdict}


def _rebuild(cls: type[TradeCreditError], message: str, state: dict[str, Any]) -> TradeCreditError:
    error = cls(message)
    error.__dict__.update(state)
    return error


class ConfigError(TradeCreditError):
    """A setting is missing or wrong; nothing was sent."""


class InvalidInputError(TradeCreditError, ValueError):
    """What was given is wrong; nothing was sent."""


class UnsupportedOperationError(TradeCreditError):
    """The insurer cannot do it, or only on an unverified guess that is switched off; nothing was sent."""


class ReferenceConflictError(TradeCreditError):
    """The reference already stands for a different request; nothing was sent."""


class JournalError(TradeCreditError):
    """The journal cannot be read or written (full disk, missing right, newer version); nothing was sent."""


class TransportError(TradeCreditError):
    """No answer was received."""


class NotSentError(TransportError):
    """The insurer surely did not receive it: it may be repeated."""

    is_retryable = True


class NoAnswerError(TransportError):
    """It was sent and the answer was lost: the insurer may have acted. Ask for the reference before repeating."""

    is_retryable = True
    may_have_acted = True


class DeadlineError(NoAnswerError):
    """The total time ran out while an answer was awaited."""

    is_retryable = False


class APIError(TradeCreditError):
    """The insurer answered with an error."""


class InvalidRequestError(APIError):
    """The insurer refused the request as wrong; `fields` says where."""


class AuthenticationError(APIError):
    """The key or token was not accepted."""


class PermissionDeniedError(APIError):
    """The key is known, and may not do this."""


class NotFoundError(APIError):
    """There is no such thing at the insurer, or not for this policy."""


class ConflictError(APIError):
    """The state at the insurer does not allow it."""


class RateLimitError(APIError):
    """Too many calls; wait `retry_after` seconds."""

    is_retryable = True


class ServerError(APIError):
    """The insurer's server failed; it may or may not have acted."""

    is_retryable = True
    may_have_acted = True


class ResponseFormatError(TradeCreditError):
    """The insurer answered something that is not its contract; `fields` says where, without the values."""

    may_have_acted = True


class PendingError(TradeCreditError):
    """A wait ended and the decision is still to come."""


class WebhookError(TradeCreditError):
    """A call-back is not signed by the insurer, too old, or unreadable."""
