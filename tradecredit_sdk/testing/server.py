"""A sandbox insurer that runs beside your test, in a thread of this process, on a free port of this machine."""

from __future__ import annotations

import asyncio
import http.client
import json
import threading
from datetime import datetime
from types import TracebackType
from typing import Any

from tradecredit_sdk.sandbox.app import create_app
from tradecredit_sdk.sandbox.engine import Engine
from tradecredit_sdk.sandbox.faults import FaultPlan
from tradecredit_sdk.sandbox.gate import CONTROL
from tradecredit_sdk.sandbox.serve import listen, make_server

_PATIENCE_SECONDS = 20


class RunningSandbox:
    """Use it in a `with` block, or take the fixture `sandbox`.

    `url` is its address, `base_url_open` and `base_url_allianz` those of its two interfaces (key `sandbox`, policy
    `DEMO-001`); `engine` is the insurer itself. Options are those of `Engine`; webhooks are repeated after 0.2 seconds here.
    """

    def __init__(
        self, *, now: datetime | None = None, underwriter_seconds: float = 3.0, webhook_seconds: float = 0.2
    ) -> None:
        self.engine = Engine(now=now, underwriter_seconds=underwriter_seconds, webhook_seconds=webhook_seconds)
        self._plan = FaultPlan()
        self._server = make_server(create_app(self.engine, self._plan))
        self._listener = listen("127.0.0.1", 0)
        self._thread = threading.Thread(target=self._run, name="sandbox", daemon=True)
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self.base_url_open = f"{self.url}/open/v1"
        self.base_url_allianz = f"{self.url}/allianz-trade"

    def control(self, method: str, path: str, body: Any = None) -> Any:
        """Call the control API, e.g. `control("POST", "/buyers/900000001/insolvency")`; its JSON, AssertionError if refused."""
        connection = http.client.HTTPConnection(self.url.removeprefix("http://"), timeout=_PATIENCE_SECONDS)
        try:
            content = None if body is None else json.dumps(body)
            connection.request(method, CONTROL + path, content, {"Content-Type": "application/json"})
            answer = connection.getresponse()
            text = answer.read().decode()
        finally:
            connection.close()
        if answer.status >= 400:
            raise AssertionError(f"{method} {CONTROL}{path} answered {answer.status}: {text}")
        return json.loads(text)

    def advance(self, *, days: float = 0, seconds: float = 0) -> datetime:
        """Let time pass on the sandbox clock; what falls due on the way happens. Returns the new moment."""
        return self.engine.advance(days=days, seconds=seconds)

    def set_now(self, moment: datetime) -> datetime:
        """Move the sandbox clock forward to `moment`."""
        return self.engine.set_now(moment)

    def faults(self, **settings: Any) -> None:
        """Break exchanges from now on (`rate`, `kinds`, `paths`, `seed`, `count`, ...); without settings, break nothing."""
        self._plan.configure(settings)

    def reset(self) -> None:
        """Begin anew: nothing asked, no faults, clock at its start."""
        self._plan.clear()
        self.engine.reset()

    def close(self) -> None:
        """End the server; may be called twice."""
        self._server.should_exit = True
        if self._thread.is_alive():
            self._thread.join(_PATIENCE_SECONDS)
        self._listener.close()
        self.engine.close()

    def __enter__(self) -> RunningSandbox:
        # The listener already takes connections: whoever comes early waits until the thread serves.
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _run(self) -> None:
        asyncio.run(self._server.serve([self._listener]))
