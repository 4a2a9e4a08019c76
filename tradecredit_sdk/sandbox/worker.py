"""What goes on while nobody asks: due work is done and webhooks are called, in one thread that ends cleanly."""

from __future__ import annotations

import logging
import threading

from tradecredit_sdk.sandbox.engine import Engine

_LONGEST_NAP_SECONDS = 1.0
_log = logging.getLogger(__name__)


class Worker:
    """Started with the server and stopped with it; `stop` waits for a call under way, a few seconds at most."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._wake = threading.Event()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="sandbox-worker", daemon=True)
        engine.schedule.on_change = self._wake.set
        engine.webhooks.on_change = self._wake.set

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End; may be called twice."""
        self._stop.set()
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._wake.clear()
            try:
                self._engine.tick()
                self._engine.webhooks.send_due(self._stop.is_set)
                nap = self._nap()
            except Exception:
                # The next request meets the same fault and tells it; this thread must not die of it.
                _log.exception("work of the sandbox failed")
                nap = _LONGEST_NAP_SECONDS
            self._wake.wait(nap)

    def _nap(self) -> float:
        """Seconds to the next thing to do; the clock may be moved meanwhile, so never for long."""
        waits = [_LONGEST_NAP_SECONDS]
        due = self._engine.schedule.next_at
        if due is not None:
            waits.append((due - self._engine.now()).total_seconds())
        call = self._engine.webhooks.seconds_to_next()
        if call is not None:
            waits.append(call)
        return max(0.0, min(waits))
