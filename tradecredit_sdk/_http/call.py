"""What goes into the transport and what comes out: one call, one answer, and the times a call may take.

The representations show no path value, query, header or body: these carry names of companies, amounts and keys.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from tradecredit_sdk.errors import ConfigError, FieldError

_ONE_DAY_SECONDS = 86_400.0
_REPEATABLE = frozenset({"GET", "HEAD", "OPTIONS", "PUT", "DELETE"})


@dataclass(frozen=True)
class Timeout:
    """How long a call may take, in seconds. There is no "for ever": None, zero and infinity are refused.

    `connect_seconds` is for one connection, `read_seconds` for the silence between two pieces of an answer, and
    `total_seconds` for everything together: all attempts, the pauses between them and a token that is fetched first.
    """

    connect_seconds: float = 3.05
    read_seconds: float = 30.0
    total_seconds: float = 90.0

    def __post_init__(self) -> None:
        for item in fields(self):
            check_number(f"timeout {item.name}", getattr(self, item.name), above=0, most=_ONE_DAY_SECONDS)


def check_number(name: str, value: object, *, above: float | None = None, least: float = 0, most: float) -> None:
    """Refuse with ConfigError what is no finite number inside the bounds."""
    number = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    if not number or value > most or (value <= above if above is not None else value < least):  # type: ignore[operator]
        bounds = f"greater than {above:g}" if above is not None else f"at least {least:g}"
        raise ConfigError(f"{name} must be a number {bounds} and at most {most:g}")


@dataclass(frozen=True)
class Call:
    """One exchange to make.

    `path` holds the segments as given; each is quoted, dot segments are refused. `url` is a link given by the insurer
    and is used instead of `path`; it must lead to the configured origin. `template` is what logs show instead of the
    path. `idempotent` says whether it may be repeated after a lost answer; None decides by the method. `json` is the
    body: dict, list, str, int, bool, None and Decimal, which is written exactly; floats are refused.
    """

    operation: str
    method: str
    path: tuple[str, ...] = field(default=(), repr=False)
    template: str = ""
    query: Mapping[str, str | int | None] = field(default_factory=dict, repr=False)
    json: Any = field(default=None, repr=False)
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    idempotent: bool | None = None
    reference: str | None = None
    url: str | None = field(default=None, repr=False)
    authenticated: bool = True

    @property
    def is_repeatable(self) -> bool:
        """True if it may be sent again although it may already have been acted upon."""
        return self.method.upper() in _REPEATABLE if self.idempotent is None else self.idempotent


@dataclass(frozen=True)
class Answer:
    """What came back: `body` is decoded JSON with numbers as int or Decimal, or None if there was none.

    `headers` ignore case. `elapsed_seconds` covers all `attempts`.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: Any = field(repr=False)
    request_id: str | None
    attempts: int
    elapsed_seconds: float


@dataclass(frozen=True)
class ErrorDetail:
    """What an insurer's error body says, read by that insurer's `explain`; shown to users, so texts are shortened."""

    code: str | None = None
    message: str | None = None
    fields: tuple[FieldError, ...] = ()
