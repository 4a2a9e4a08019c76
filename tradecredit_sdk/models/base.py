"""The two bases of all models, and the field types shared by them.

What we send is strict (an unknown field is refused here, not at the insurer); what we receive is lenient by
declaration (unknown fields are kept, unknown codes stay strings). All models are frozen; lists are tuples.
"""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from tradecredit_sdk.models.country import check_country
from tradecredit_sdk.models.money import check_currency, parse_amount

_DAY = re.compile(r"\d{4}-\d{2}-\d{2}\Z", re.ASCII)
_INSTANT = re.compile(r"(\d{4}-\d{2}-\d{2})[T ](\d{2}:\d{2}:\d{2})(\.\d{1,9})?(Z|[+-]\d{2}:?\d{2})?\Z", re.ASCII)
E = TypeVar("E", bound=Enum)

INVISIBLE = r"\x00-\x1f\x7f-\x9f\u00ad\u034f\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
"""Characters that nobody sees, for use within brackets of a pattern: with one an id looks like another id."""
ID_PATTERN = rf"^[^\s/\\?#%{INVISIBLE}]+$"
REFERENCE_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"


def parse_day(value: object) -> date:
    """Accept a date or 'YYYY-MM-DD', nothing else: no timestamps, no local formats, no datetimes."""
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if not isinstance(value, str) or not _DAY.match(value):
        raise ValueError("a day is written YYYY-MM-DD, such as 2026-03-31")
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise ValueError("there is no such day in the calendar") from None


def _instant(value: object) -> datetime:
    if isinstance(value, str) and (parts := _INSTANT.match(value)):
        day, time, fraction, zone = parts.groups(default="")
        # Python 3.10 reads six digits of a second and a zone with a colon only.
        second = fraction[:7].ljust(7, "0") if fraction else ""
        offset = "+00:00" if zone == "Z" else zone if len(zone) != 5 else f"{zone[:3]}:{zone[3:]}"
        try:
            value = datetime.fromisoformat(f"{day}T{time}{second}{offset}")
        except ValueError:
            raise ValueError("there is no such moment in the calendar") from None
    if not isinstance(value, datetime):
        raise ValueError("a moment is written as ISO 8601, such as 2026-03-31T08:00:00Z")  # noqa: TRY004
    if value.tzinfo is None:
        raise ValueError("a moment needs its time zone, such as 2026-03-31T08:00:00Z")
    return value


Day = Annotated[date, BeforeValidator(parse_day)]
"""A calendar day, in the policy's own place; on the wire YYYY-MM-DD."""

Instant = Annotated[datetime, BeforeValidator(_instant)]
"""A moment with its time zone; on the wire ISO 8601 with offset or Z."""

Currency = Annotated[str, BeforeValidator(check_currency)]
"""An active ISO 4217 code in capitals."""

Country = Annotated[str, BeforeValidator(check_country), Field(json_schema_extra={"pattern": "^[A-Z]{2}$"})]
"""ISO 3166-1 alpha-2 in capitals."""

Days = Annotated[int, Field(ge=0, le=3650, strict=True)]
"""A number of calendar days, at most ten years."""

Flag = Annotated[bool, Field(strict=True)]
"""True or false, and nothing that merely looks like it."""

Id = Annotated[str, StringConstraints(min_length=1, max_length=64, pattern=ID_PATTERN, strict=True)]
"""An identifier given by an insurer: always a string, so leading zeros survive."""

Reference = Annotated[str, StringConstraints(min_length=1, max_length=20, pattern=REFERENCE_PATTERN)]
"""Your own reference, at most 20 characters (Allianz Trade's limit): letters, digits, dot, dash, underscore."""


Percent = Annotated[Decimal, BeforeValidator(parse_amount), Field(ge=0, le=100)]
"""Per hundred: 90 means 90 %."""


def open_enum(enum: type[E]) -> Any:
    """An enum that survives new codes: known ones become members, unknown ones stay strings."""
    return Annotated[enum | str, Field(union_mode="left_to_right")]


class RequestModel(BaseModel):
    """What we send: unknown fields are refused, values are never coerced silently."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, hide_input_in_errors=True)


class ResponseModel(BaseModel):
    """What an insurer told us: unknown fields are kept, not refused."""

    model_config = ConfigDict(frozen=True, extra="allow", defer_build=True, hide_input_in_errors=True)
