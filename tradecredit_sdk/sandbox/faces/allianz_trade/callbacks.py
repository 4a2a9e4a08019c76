"""Call-backs: the service calls the client instead of being polled, and only ever says "look again".

A header of the request carries base64 of `{"callbackUrl", "timeToLive", "extendedNotification"}`; its name is unknown, and
so are the payload and what counts as success. Three calls in all, thirty seconds apart, are official. What was promised
is forgotten when the server stops.
"""

from __future__ import annotations

import base64
import json
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from fastapi import Request
from pydantic import Field, ValidationError

from tradecredit_sdk.sandbox.engine import Engine
from tradecredit_sdk.sandbox.faces.allianz_trade import names
from tradecredit_sdk.sandbox.faces.allianz_trade.covers import CoverId
from tradecredit_sdk.sandbox.faces.allianz_trade.requests import Body
from tradecredit_sdk.sandbox.problem import Problem
from tradecredit_sdk.sandbox.webhooks import call, check_url

_LOOK_SECONDS = 0.05
_MOST = 1000


class Wish(Body):
    """What the header asks for; `timeToLive` is taken as hours."""

    callback_url: str
    time_to_live: int = Field(24, ge=1, le=24 * 365)
    extended_notification: bool = False


def read_wish(request: Request) -> Wish | None:
    """FastAPI dependency: the header, None without one; Problem 400 when it cannot be read."""
    header = request.headers.get(names.CALLBACK_HEADER.word)
    if header is None:
        return None
    try:
        wish = Wish.model_validate_json(base64.b64decode(header, validate=True))
        check_url(wish.callback_url)
    except (ValueError, ValidationError, Problem):
        detail = f"{names.CALLBACK_HEADER.word} is base64 of a JSON object with callbackUrl (https) and timeToLive."
        raise Problem(400, "malformed", detail) from None
    return wish


@dataclass
class _Notice:
    """One notification on its way; `is_due` looks at the sandbox, `next_at` is real time."""

    url: str
    body: dict[str, Any]
    is_due: Callable[[], bool]
    ends_at: datetime
    calls: int = 0
    next_at: float = field(default=0.0)


class Callbacks:
    """Keeps its promises in a thread that lives as long as there are any."""

    def __init__(self, engine: Engine, job_seconds: float) -> None:
        self._engine, self._job_seconds = engine, job_seconds
        self._lock = threading.Lock()
        self._notices: list[_Notice] = []
        self._thread: threading.Thread | None = None
        self._stopped = threading.Event()

    def promise(self, wish: Wish, job_id: str, cover_id: CoverId, application_id: str | None) -> None:
        """Tell of the job's end and, where it was wished, of the decision; Problem 503 when too much is waiting."""
        now = self._engine.now()
        ends_at = now + timedelta(hours=wish.time_to_live)
        subject = {"jobId": job_id, "companyId": cover_id.company_id, "coverId": str(cover_id)}

        def job_is_done() -> bool:
            return self._engine.now() >= now + timedelta(seconds=self._job_seconds)

        def is_decided() -> bool:
            return job_is_done() and (
                application_id is None or not self._engine.applications.get(application_id).is_pending
            )

        notices = [_Notice(wish.callback_url, {"notificationType": "technical", **subject}, job_is_done, ends_at)]
        if wish.extended_notification:
            body = {"notificationType": "functional", **subject}
            notices.append(_Notice(wish.callback_url, body, is_decided, ends_at))
        with self._lock:
            if len(self._notices) + len(notices) > _MOST:
                raise Problem(503, "unavailable", "Too many call-backs are waiting.")
            self._notices += notices
            if self._thread is None:
                self._thread = threading.Thread(target=self._keep_promises, name="callbacks", daemon=True)
                self._thread.start()

    def close(self) -> None:
        """Forget what is waiting and end the thread."""
        self._stopped.set()
        with self._lock:
            self._notices.clear()
            thread = self._thread
        if thread is not None:
            thread.join()

    def _keep_promises(self) -> None:
        while not self._stopped.is_set():
            with self._lock:
                if not self._notices:
                    self._thread = None
                    return
                waiting = list(self._notices)
            for notice in waiting:
                if self._stopped.is_set() or self._is_done_or_lost(notice):
                    self._forget(notice)
            self._stopped.wait(_LOOK_SECONDS)

    def _is_done_or_lost(self, notice: _Notice) -> bool:
        try:
            return self._is_done(notice)
        except Problem:  # what it was about is gone: the sandbox was reset
            return True

    def _is_done(self, notice: _Notice) -> bool:
        """Call if it is time to; True when there will be no further call."""
        if self._engine.now() >= notice.ends_at:
            return True
        if time.monotonic() < notice.next_at or not notice.is_due():
            return False
        notice.calls += 1
        _, error = call(notice.url, json.dumps(notice.body).encode(), {})
        notice.next_at = time.monotonic() + self._engine.webhooks.seconds
        return error is None or notice.calls >= self._engine.webhooks.calls

    def _forget(self, notice: _Notice) -> None:
        with self._lock:
            if notice in self._notices:
                self._notices.remove(notice)
