"""One call over HTTP: signed, within its time, repeated only where that is safe, and told apart in its failures.

`Transport.send` answers with 2xx only. What may have been acted upon is never repeated blindly: a call is repeated when
nothing was sent, when the insurer said that it did not act (429), or when the call is idempotent.
"""

from __future__ import annotations

import copy
import re
import time
import uuid
from collections.abc import Callable, Mapping
from random import random as dice
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from tradecredit_sdk._http import decode
from tradecredit_sdk._http.address import Address
from tradecredit_sdk._http.auth import Auth
from tradecredit_sdk._http.call import Answer, Call, ErrorDetail, Timeout
from tradecredit_sdk._http.deadline import DeadlineAdapter, limited
from tradecredit_sdk._http.retry import RetryPolicy
from tradecredit_sdk._http.run import Run, hide_redirect
from tradecredit_sdk._version import __version__
from tradecredit_sdk.errors import InvalidInputError, TradeCreditError

_HEADER = re.compile(r"[A-Za-z0-9-]+\Z")
_VALUE = re.compile(r"[!-~](?:[ -~]*[!-~])?\Z")
_RESERVED = frozenset({"authorization", "proxy-authorization", "cookie", "host", "content-length", "transfer-encoding"})


class Transport:
    """Sends calls to one insurer. Threads may share it.

    `auth` signs calls. `explain` reads that insurer's error body. A session that is given keeps its proxies,
    certificates and adapters and stays open; only requests' plain adapter is replaced for the base URL, because it
    cannot keep the total time. `max_body_bytes` and `max_values` bound an answer once it is unpacked; what is beyond is
    a ResponseFormatError. `clock`, `sleep`, `random` and `now` (Unix seconds) are for tests.
    """

    def __init__(
        self,
        base_url: str,
        *,
        insurer: str,
        auth: Auth | None = None,
        timeout: Timeout = Timeout(),  # noqa: B008 - frozen
        retry: RetryPolicy = RetryPolicy(),  # noqa: B008 - frozen
        session: requests.Session | None = None,
        user_agent: str | None = None,
        max_body_bytes: int = 8 * 2**20,
        max_values: int = decode.MOST_VALUES,
        explain: Callable[[Answer], ErrorDetail | None] | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        random: Callable[[], float] = dice,
        now: Callable[[], float] = time.time,
    ) -> None:
        self.address = Address.of(base_url)
        self.insurer = insurer
        self.auth = auth or Auth()
        self.timeout = timeout
        self.retry = retry
        self.max_body_bytes, self.max_values = max_body_bytes, max_values
        self.explain = explain
        self.clock, self.sleep, self.random, self.now = clock, sleep, random, now
        self._is_own_session = self._closes_session = session is None
        self.session = _own_session() if session is None else _adopt(session, self.address)
        self._headers = {
            "Accept": "application/json",
            "Accept-Encoding": "gzip, deflate",
            "User-Agent": user_agent or f"tradecredit-sdk/{__version__}",
        }

    def send(self, call: Call) -> Answer:
        """Make the call and answer with a 2xx; anything else raises an error of `tradecredit_sdk.errors`."""
        run = None
        try:
            prepared = self._prepare(call)
            with limited(self.timeout.total_seconds, self.clock) as deadline:
                run = Run(self, call, prepared, deadline)
                return run.answer()
        except TradeCreditError as error:
            failed = run.told(error) if run else error
            failed.insurer = failed.insurer or self.insurer
            failed.operation = failed.operation or call.operation
            failed.reference = failed.reference or call.reference
        raise failed

    def with_options(self, *, timeout: Timeout | None = None, retry: RetryPolicy | None = None) -> Transport:
        """The same transport with other times; it shares the connections and does not close them."""
        other = copy.copy(self)
        other._closes_session = False
        other.timeout = timeout or self.timeout
        other.retry = retry or self.retry
        return other

    def settings(self, request: requests.PreparedRequest) -> dict[str, Any]:
        """Proxies and certificates as requests takes them from session and environment, for `Session.send`.

        Plain http, which is for loopback only, never goes through the environment's proxy: the key would leave this
        machine in clear.
        """
        session = self.session
        if self.address.origin.startswith("http:"):
            return {"proxies": session.proxies, "stream": True, "verify": session.verify, "cert": session.cert}
        return dict(session.merge_environment_settings(request.url, {}, True, None, None))

    def close(self) -> None:
        """Release the connections, unless they belong to somebody else. May be called twice."""
        if self._closes_session:
            self.session.close()

    def _prepare(self, call: Call) -> requests.PreparedRequest:
        url = self.address.url(call.path, call.query) if call.url is None else self.address.follow(call.url, call.query)
        headers = {**self._headers, "X-Correlation-Id": str(uuid.uuid4()), **_checked(call.headers)}
        body = None
        if call.json is not None:
            body = decode.encode(call.json)
            headers["Content-Type"] = "application/json"
        method = call.method.upper()
        try:
            if self._is_own_session:
                prepared = _plain_request(method, url, headers, body)
            else:
                request = requests.Request(method, url, headers=headers, data=body, auth=Auth())
                prepared = self.session.prepare_request(request)
        except ValueError as error:  # requests' own classes for a bad URL or header show its value
            raise InvalidInputError(f"the call cannot be written as HTTP ({type(error).__name__})") from None
        prepared.hooks["response"].append(hide_redirect)
        return prepared


def _checked(headers: Mapping[str, str]) -> Mapping[str, str]:
    """Extra headers; those that decide where a call goes and who makes it are not the caller's to set."""
    for name, value in headers.items():
        if name.lower() in _RESERVED:
            raise InvalidInputError(f"the header {name.title()} is set by the transport: leave it out")
        if not _HEADER.match(name) or not _VALUE.match(value):
            raise InvalidInputError("a header has a name or a value that HTTP cannot carry: use printable ASCII")
    return headers


def _plain_request(method: str, url: str, headers: Mapping[str, str], body: bytes | None) -> requests.PreparedRequest:
    """What `Session.prepare_request` makes when a session adds nothing of its own, at a third of the time.

    No cookies either: a call depends on nothing that went before it.
    """
    prepared = requests.PreparedRequest()
    prepared.prepare_method(method)
    prepared.url = url
    prepared.prepare_headers(headers)
    prepared.prepare_body(body, None)
    return prepared


def _own_session() -> requests.Session:
    session = requests.Session()
    session.mount("https://", DeadlineAdapter())
    session.mount("http://", DeadlineAdapter())
    return session


def _adopt(session: requests.Session, address: Address) -> requests.Session:
    base = address.origin + "/"
    if type(session.get_adapter(base)) is HTTPAdapter:
        session.mount(base, DeadlineAdapter())
    return session
