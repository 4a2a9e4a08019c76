"""From a status that is no success to the error of our tree, with a remedy and without the body."""

from __future__ import annotations

from urllib.parse import urlsplit

from tradecredit_sdk._http.call import Answer, ErrorDetail
from tradecredit_sdk._http.redact import clean
from tradecredit_sdk.errors import (
    APIError,
    AuthenticationError,
    ConflictError,
    FieldError,
    InvalidRequestError,
    NotFoundError,
    PermissionDeniedError,
    RateLimitError,
    ServerError,
)

_CLASSES: dict[int, tuple[type[APIError], str]] = {
    400: (InvalidRequestError, "the request is not valid"),
    401: (AuthenticationError, "the key was not accepted: check TRADECREDIT_API_KEY and the environment it is for"),
    403: (PermissionDeniedError, "the key may not do this: ask the insurer to allow it"),
    404: (NotFoundError, "there is no such thing, or not for this policy: check the identifier and base_url"),
    408: (APIError, "the insurer gave up waiting for the request"),
    409: (ConflictError, "the state at the insurer does not allow it"),
    410: (NotFoundError, "it is gone"),
    422: (InvalidRequestError, "the request is not valid"),
    429: (RateLimitError, "too many calls"),
}
_NEVER_BETTER = frozenset({501, 505})
_MOST_FIELDS = 20


def status_error(
    answer: Answer, detail: ErrorDetail | None, retry_after: float | None, secrets: tuple[str, ...]
) -> APIError:
    """The error of an answer outside 2xx. Texts of the insurer are shortened, cleaned and freed of our own secrets."""
    detail = detail or ErrorDetail()
    cls, meaning = _meaning(answer)
    said = f": {clean(detail.message, secrets=secrets)}" if detail.message else ""
    pause = f", wait {retry_after:g} s" if retry_after is not None else ""
    error = cls(
        f"{meaning} ({answer.status}{said}{pause})",
        code=clean(detail.code, 80, secrets) if detail.code else None,
        status_code=answer.status,
        request_id=answer.request_id,
        retry_after=retry_after,
        fields=tuple(
            FieldError(clean(item.field, 100, secrets), clean(item.message, 200, secrets))
            for item in detail.fields[:_MOST_FIELDS]
        ),
    )
    if answer.status == 408:
        error.is_retryable = True
    elif answer.status in _NEVER_BETTER:
        error.is_retryable = False
    return error


def _meaning(answer: Answer) -> tuple[type[APIError], str]:
    if 300 <= answer.status < 400:
        return APIError, f"redirected to {_target(answer)}, which is never followed: check base_url"
    if answer.status >= 500:
        return ServerError, "the insurer's server failed"
    return _CLASSES.get(answer.status, (APIError, "the insurer refused the call"))


def _target(answer: Answer) -> str:
    """The host a redirect points to; its path and query may hold what was asked."""
    try:
        host = urlsplit(answer.headers.get("Location", "")).hostname
    except ValueError:
        host = None
    return clean(host, 100) if host else "another path"
