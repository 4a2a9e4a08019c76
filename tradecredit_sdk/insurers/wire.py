"""What all insurers over HTTP share: sending a call, and reading the answer with suspicion.

Every doubt about an answer becomes a ResponseFormatError that names the field and never the value. What cannot be read
with certainty is never taken for cover.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from decimal import Decimal
from email.utils import parsedate_to_datetime
from typing import Any, TypeVar, cast

from pydantic import BaseModel, SecretStr, TypeAdapter, ValidationError

from tradecredit_sdk._http import Answer, Call, ErrorDetail, RetryPolicy, Timeout, Transport
from tradecredit_sdk.errors import ConfigError, FieldError, InvalidInputError, ResponseFormatError
from tradecredit_sdk.insurers.base import Insurer, InsurerBase, InsurerSettings
from tradecredit_sdk.models.limit import PENDING_STATES, CreditLimit, LimitDecision, LimitState
from tradecredit_sdk.models.problems import field_problems

M = TypeVar("M", bound=BaseModel)

_GRANTED = frozenset({LimitState.APPROVED, LimitState.PARTLY_APPROVED})
_NOTHING: Mapping[str, str | int | None] = {}
_rows: dict[type[BaseModel], TypeAdapter[Any]] = {}


@dataclass(frozen=True, slots=True)
class Heard:
    """One answer, with what was asked: reads models out of it and names what is wrong."""

    insurer: str
    call: Call
    answer: Answer

    @property
    def body(self) -> Any:
        """The decoded JSON; numbers are Decimal or int."""
        return self.answer.body

    @property
    def told_at(self) -> datetime | None:
        """The insurer's time when it answered, to the second; None where it does not tell it."""
        try:
            moment = parsedate_to_datetime(self.answer.headers.get("Date", ""))
        except (TypeError, ValueError):
            return None
        return moment if moment.tzinfo is not None else moment.replace(tzinfo=timezone.utc)

    def read(self, model: type[M], value: Any, at: str = "") -> M:
        """One model; `at` is the path of `value` in the answer, for the error."""
        try:
            return model.model_validate(value)
        except ValidationError as error:
            problems = _fields(error, at)
        raise self.wrong(*problems)

    def read_rows(self, model: type[M], rows: Any, at: str = "") -> tuple[M, ...]:
        """A list of models, validated in one go."""
        adapter = _rows.get(model)
        if adapter is None:
            adapter = _rows[model] = TypeAdapter(tuple[model, ...])  # type: ignore[valid-type]
        try:
            result: tuple[M, ...] = adapter.validate_python(self.rows(rows, at))
        except ValidationError as error:
            problems = _fields(error, at)
        else:
            return result
        raise self.wrong(*problems)

    def rows(self, value: Any, at: str = "") -> list[Any]:
        """`value` if it is a list."""
        if isinstance(value, list):
            return value
        raise self.wrong(FieldError(at or "answer", "must be a list"))

    def mapping(self, value: Any, at: str = "") -> dict[str, Any]:
        """`value` if it is a JSON object."""
        if isinstance(value, dict):
            return value
        raise self.wrong(FieldError(at or "answer", "must be an object"))

    def same(self, field: str, asked: str | None, given: Any) -> None:
        """Refuse an answer about something else than what was asked."""
        if asked != given:
            raise self.wrong(FieldError(field, "is not the one that was asked for"))

    def wrong(self, *fields: FieldError) -> ResponseFormatError:
        """The error to raise: the insurer's answer is not its contract."""
        return ResponseFormatError(
            f"{self.insurer} answered {self.call.operation} with something that is not its contract",
            fields=fields,
            status_code=self.answer.status,
            request_id=self.answer.request_id,
            reference=self.call.reference,
            attempts=self.answer.attempts,
            insurer=self.insurer,
            operation=self.call.operation,
        )

    def check_decision(self, decision: LimitDecision, at: str = "") -> None:
        """Refuse a decision whose state and amount contradict each other."""
        self.check_amount(
            decision.state, None if decision.amount is None else decision.amount.amount, _join(at, "amount")
        )

    def check_limit(self, limit: CreditLimit, at: str = "") -> None:
        """Refuse a row of cover whose state, amount and announced change contradict each other."""
        if limit.state in PENDING_STATES:
            raise self.wrong(FieldError(_join(at, "state"), "is the state of an application, not of a limit"))
        self.check_amount(limit.state, limit.amount.amount, _join(at, "amount"))
        change = limit.announced_change
        if change is not None and (change.amount.currency != limit.amount.currency or change.amount.amount < 0):
            field = _join(at, "announced_change.amount")
            raise self.wrong(FieldError(field, "must be in the limit's currency and not negative"))

    def check_amount(self, state: LimitState | str, amount: Decimal | None, field: str) -> None:
        """Refuse an amount that contradicts the state beside it."""
        if state in _GRANTED:
            wrong, rule = amount is None or amount <= 0, "must be greater than zero when cover is granted"
        elif state in PENDING_STATES:
            wrong, rule = amount is not None, "must be null while there is no decision"
        elif state == LimitState.REFUSED:
            wrong, rule = amount is None or amount != 0, "must be zero when cover is refused"
        else:
            wrong, rule = amount is not None and amount < 0, "must not be negative"
        if wrong:
            raise self.wrong(FieldError(field, rule))


class HttpInsurer(InsurerBase):
    """An insurer that is reached through a `Transport`."""

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def _ask(
        self,
        operation: str,
        method: str,
        template: str,
        ids: Mapping[str, str],
        *,
        query: Mapping[str, str | int | None] = _NOTHING,
        json: Any = None,
        idempotent: bool | None = None,
        reference: str | None = None,
    ) -> Heard:
        """Send one call; `template` is the path with `{names}` that `ids` fill, the options are those of `Call`."""
        call = Call(
            operation=operation,
            method=method,
            path=fill(template, ids),
            template=template,
            query=query,
            json=json,
            idempotent=idempotent,
            reference=reference,
        )
        return Heard(self.name, call, self._transport.send(call))

    def send(
        self,
        method: str,
        path: Sequence[str],
        *,
        query: Mapping[str, str | int | None] | None = None,
        json: Any = None,
        idempotent: bool | None = None,
    ) -> Answer:
        """Any call beneath the base URL, by the segments of its path; nothing of the answer is checked."""
        call = Call("request", method, tuple(path), query=query or {}, json=json, idempotent=idempotent)
        return self._transport.send(call)

    def with_options(self, *, timeout_seconds: float, total_seconds: float, retries: int) -> Insurer:
        """The same insurer with other times; it shares the connections."""
        other = copy.copy(self)
        timeout = replace(self._transport.timeout, read_seconds=timeout_seconds, total_seconds=total_seconds)
        retry = replace(self._transport.retry, attempts=retries + 1)
        other._transport = self._transport.with_options(timeout=timeout, retry=retry)
        return cast("Insurer", other)

    def _page_size(self, page_size: int | None) -> int | None:
        if page_size is not None and not 1 <= page_size <= self.capabilities.max_page_size:
            raise InvalidInputError(f"page_size must be 1 to {self.capabilities.max_page_size} at {self.name}")
        return page_size

    def close(self) -> None:
        """Release connections; may be called twice."""
        self._transport.close()


def fill(template: str, ids: Mapping[str, str]) -> tuple[str, ...]:
    """The segments of a path template: '/limits/{limit}' with {'limit': 'L-1'} -> ('limits', 'L-1')."""
    return tuple(ids[part[1:-1]] if part.startswith("{") else part for part in template.strip("/").split("/"))


def need(settings: InsurerSettings, insurer: str, *names: str) -> tuple[str, ...]:
    """The values of these settings, secrets in clear; ConfigError names every missing one with its variable."""
    values = [getattr(settings, name) for name in names]
    plain = tuple(value.get_secret_value() if isinstance(value, SecretStr) else value for value in values)
    missing = [name for name, value in zip(names, plain, strict=True) if not value]
    if missing:
        variables = ", ".join(f"TRADECREDIT_{name.upper()}" for name in missing)
        raise ConfigError(f"{insurer} needs {' and '.join(missing)}: set {variables} or put it into a profile")
    return plain


def connect(
    settings: InsurerSettings,
    *,
    insurer: str,
    base_url: str,
    auth: Any,
    session: Any = None,
    explain: Callable[[Answer], ErrorDetail | None] | None = None,
) -> Transport:
    """A transport with the timeouts and retries of the settings."""
    return Transport(
        base_url,
        insurer=insurer,
        auth=auth,
        timeout=Timeout(read_seconds=settings.timeout_seconds, total_seconds=settings.total_seconds),
        retry=RetryPolicy(attempts=settings.retries + 1),
        session=session,
        explain=explain,
    )


def _fields(error: ValidationError, at: str) -> list[FieldError]:
    named = field_problems(error, at)
    return [FieldError("answer" if field == error.title else field, message) for field, message in named]


def _join(*parts: str) -> str:
    return ".".join(part for part in parts if part)
