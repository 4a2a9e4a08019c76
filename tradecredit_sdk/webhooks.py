"""Call-backs of an insurer: whether it is really the insurer, whether it is fresh, and what it says.

`verify()` answers the first two and returns the event's id, `parse()` returns the typed event as well, `sign()` makes
the headers, for tests and for senders. An event id that was seen before is a repeated delivery: answer 2xx and do nothing.

Scheme: Standard Webhooks (https://www.standardwebhooks.com), symmetric signatures `v1`. Give the body as the bytes
that arrived: a body that was decoded and written again no longer carries its signature.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import json
import re
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from decimal import Decimal
from typing import Any

from pydantic import ValidationError

from tradecredit_sdk.errors import ConfigError, FieldError, InvalidInputError, WebhookError
from tradecredit_sdk.models.event import Event
from tradecredit_sdk.models.problems import field_problems

ID_HEADER, TIMESTAMP_HEADER, SIGNATURE_HEADER = "webhook-id", "webhook-timestamp", "webhook-signature"
_PREFIX = "whsec_"
_KEY_BYTES = range(24, 65)
_SECONDS = re.compile(r"\d{1,11}\Z", re.ASCII)
# No dot: it separates the signed parts, so an id with one could be cut elsewhere and still verify.
_EVENT_ID = re.compile(r"[^\s.]{1,64}\Z", re.ASCII)


def verify(
    *,
    body: bytes,
    headers: Mapping[str, str],
    secrets: str | Iterable[str],
    tolerance_seconds: float = 300,
    now: datetime | None = None,
) -> str:
    """Return the event's id if one of `secrets` signed this body not more than `tolerance_seconds` ago or ahead.

    Several secrets let you change them without a gap. Raises WebhookError when the call is not to be trusted,
    ConfigError for an unusable secret, InvalidInputError for a body that is not bytes or a tolerance that is not
    greater than zero (there is no way to switch the check off).
    """
    if not isinstance(body, (bytes, bytearray, memoryview)):
        raise InvalidInputError("give the body as the bytes that arrived, not as decoded text")
    if isinstance(tolerance_seconds, bool) or not 0 < tolerance_seconds <= 86_400:
        raise InvalidInputError("tolerance_seconds must be greater than zero and at most 86400")
    keys = _keys(secrets)
    event_id, timestamp, given = _read_headers(headers)
    content = _content(event_id, timestamp, bytes(body))
    expected = [_signature(key, content) for key in keys]
    # Every pair is compared in full, so that time tells nothing about which one was close.
    matches = [hmac.compare_digest(mine, theirs) for mine in expected for theirs in given]
    if not any(matches):
        raise WebhookError("no signature matches; check that the secret is the one shown when the webhook was made")
    age = _instant(now).timestamp() - int(timestamp)
    if abs(age) > tolerance_seconds:
        where = "old" if age > 0 else "far in the future"
        raise WebhookError(f"the call is {abs(age):.0f} seconds too {where} to trust; check both clocks")
    return event_id


def parse(
    *,
    body: bytes,
    headers: Mapping[str, str],
    secrets: str | Iterable[str],
    tolerance_seconds: float = 300,
    now: datetime | None = None,
) -> Event:
    """Verify, then return the event; a type we do not know stays a string. Raises as `verify`, WebhookError if unreadable."""
    event_id = verify(body=body, headers=headers, secrets=secrets, tolerance_seconds=tolerance_seconds, now=now)
    try:
        content = json.loads(bytes(body), parse_float=Decimal)
    except (ValueError, RecursionError):
        raise WebhookError("the body is signed and is not JSON") from None
    try:
        event = Event.model_validate(content)
    except ValidationError as error:
        fields = tuple(FieldError(*problem) for problem in field_problems(error))
        raise WebhookError("the body is signed and is not an event", fields=fields) from None
    if event.id != event_id:
        raise WebhookError(f"the event in the body is not the one of the {ID_HEADER} header")
    return event


def sign(*, body: bytes, secret: str, event_id: str, at: datetime | None = None) -> dict[str, str]:
    """Return the three headers that make `body` verifiable: for your tests, or if you send call-backs yourself."""
    if not isinstance(body, (bytes, bytearray, memoryview)):
        raise InvalidInputError("sign the body as the bytes that will be sent")
    if not _EVENT_ID.match(event_id):
        raise InvalidInputError("an event id has 1 to 64 characters without blanks and dots")
    (key,) = _keys(secret)
    timestamp = str(int(_instant(at).timestamp()))
    signature = _signature(key, _content(event_id, timestamp, bytes(body)))
    return {ID_HEADER: event_id, TIMESTAMP_HEADER: timestamp, SIGNATURE_HEADER: signature.decode()}


def _read_headers(headers: Mapping[str, str]) -> tuple[str, str, list[bytes]]:
    lower: dict[str, Any] = {str(name).lower(): value for name, value in headers.items()}
    missing = [name for name in (ID_HEADER, TIMESTAMP_HEADER, SIGNATURE_HEADER) if not lower.get(name)]
    if missing:
        raise WebhookError(f"the call is not signed: {', '.join(missing)} missing")
    event_id, timestamp, signatures = (str(lower[name]) for name in (ID_HEADER, TIMESTAMP_HEADER, SIGNATURE_HEADER))
    if not _EVENT_ID.match(event_id):
        raise WebhookError(f"{ID_HEADER} is not an event id")
    if not _SECONDS.match(timestamp):
        raise WebhookError(f"{TIMESTAMP_HEADER} is not a number of seconds")
    return event_id, timestamp, [item.encode("utf-8", "replace") for item in signatures.split()]


def _keys(secrets: str | Iterable[str]) -> list[bytes]:
    keys = [_key(secret) for secret in ([secrets] if isinstance(secrets, str) else secrets)]
    if not keys:
        raise ConfigError("no webhook secret is given")
    return keys


def _key(secret: str) -> bytes:
    try:
        key = base64.b64decode(secret.strip().removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise ConfigError(f"a webhook secret is {_PREFIX} and base64") from None
    if len(key) not in _KEY_BYTES:
        raise ConfigError(f"a webhook secret holds {_KEY_BYTES[0]} to {_KEY_BYTES[-1]} bytes, this one {len(key)}")
    return key


def _content(event_id: str, timestamp: str, body: bytes) -> bytes:
    return f"{event_id}.{timestamp}.".encode() + body


def _signature(key: bytes, content: bytes) -> bytes:
    return b"v1," + base64.b64encode(hmac.new(key, content, hashlib.sha256).digest())


def _instant(moment: datetime | None) -> datetime:
    if moment is None:
        return datetime.now(timezone.utc)
    if moment.tzinfo is None:
        raise InvalidInputError("a moment needs its time zone, such as datetime.now(timezone.utc)")
    return moment
