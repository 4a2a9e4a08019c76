"""What may be shown in a log line or an error text: an allow-list, one line, and never a secret.

Shown are: operation, method, path template, status, milliseconds, request id, attempt, class names, host and port of
the base URL, a media type, and what an insurer's own reader took out of an error body. Everything else stays inside.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

_MASK = "***"
_SHORTEST_SECRET = 4
_REQUEST_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/+=@-]{0,127}\Z")
_MEDIA_TYPE = re.compile(r"\s*([a-z]+/[a-z0-9.+-]{1,60})\s*(?:;|\Z)", re.IGNORECASE)


def clean(text: object, limit: int = 300, secrets: Iterable[str] = ()) -> str:
    """One line without control characters, at most `limit` characters, with the given secrets masked."""
    line = " ".join("".join(char if char.isprintable() else " " for char in str(text)).split())
    for secret in secrets:
        line = line.replace(secret, _MASK)
    return line if len(line) <= limit else line[: limit - 1] + "…"


def request_id(headers: Mapping[str, str], sent: str, secrets: Iterable[str] = ()) -> str:
    """The insurer's name for this exchange, or the correlation id we sent if it gave none that can be shown."""
    for name in ("X-Request-Id", "X-Correlation-Id"):
        given = headers.get(name, "")
        if _REQUEST_ID.match(given) and not any(secret in given for secret in secrets):
            return given
    return sent


def media_type(headers: Mapping[str, str]) -> str:
    """What the answer says it is, such as `text/html`, without parameters."""
    match = _MEDIA_TYPE.match(headers.get("Content-Type", ""))
    return match.group(1).lower() if match else "no stated type"


def secrets_in(authorization: str | None, body: Any) -> tuple[str, ...]:
    """Texts that must never be repeated to anybody: the key in a header, and every text in a body that holds keys."""
    found = [authorization.rpartition(" ")[2]] if authorization else []
    waiting = [body]
    while waiting:
        value = waiting.pop()
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, dict):
            waiting.extend(value.values())
        elif isinstance(value, list | tuple):
            waiting.extend(value)
    return tuple(sorted((item for item in found if len(item) >= _SHORTEST_SECRET), key=len, reverse=True))
