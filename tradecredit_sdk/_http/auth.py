"""Keys and tokens, set through requests' AuthBase: a session header would lose against a user's .netrc.

A token is fetched by one thread while the others wait or go on with the old one; no lock is held during the network
call. Before `mandatory` a caller must wait for the new token; between `advisory` and `mandatory` one caller fetches
and the others use what they have. After a failed fetch there is a pause, so that a wrong key does not hammer the
insurer and lock the account.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn

from requests import PreparedRequest
from requests.auth import AuthBase

from tradecredit_sdk._http.deadline import seconds_left
from tradecredit_sdk.errors import ConfigError, DeadlineError, NotSentError, ResponseFormatError, TradeCreditError


class Auth(AuthBase):
    """Signs a request. This one signs nothing, and being there keeps a user's .netrc away."""

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        return request

    def renew(self, request: PreparedRequest) -> bool:
        """The insurer answered 401 to this request: drop what it was signed with; True if a repeat makes sense."""
        return False


class StaticToken(Auth):
    """A key that is sent as it is: `Authorization: Bearer <key>`. Blanks around it are cut off."""

    def __init__(self, secret: str) -> None:
        secret = secret.strip()
        if not _is_token(secret):
            raise ConfigError("the API key is empty or has characters that no HTTP header can carry")
        self._secret = secret

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._secret}"
        return request

    def __repr__(self) -> str:
        return "StaticToken(***)"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a key is not pickled, because it would lie there in clear")


@dataclass(frozen=True, repr=False)
class Token:
    """An access token and how long it lives, counted from when it was asked for."""

    value: str
    expires_in_seconds: float

    def __post_init__(self) -> None:
        if not isinstance(self.value, str) or not _is_token(self.value):
            raise ResponseFormatError("the insurer's access token is empty or no text that a header can carry")
        seconds = self.expires_in_seconds
        if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 < seconds < math.inf:
            raise ResponseFormatError("the insurer's access token has no lifetime in seconds above zero")

    def __repr__(self) -> str:
        return f"Token(***, expires_in_seconds={self.expires_in_seconds})"

    def __reduce__(self) -> NoReturn:
        raise TypeError("a token is not pickled, because it would lie there in clear")


class TokenCache:
    """The current token, fetched once for all threads.

    `fetch` gets a new token over the network and raises errors of this library. Thresholds are seconds before the
    end of the token's life; for short-lived tokens they shrink to a half and a tenth of it.
    """

    def __init__(
        self,
        fetch: Callable[[], Token],
        *,
        advisory_seconds: float = 300.0,
        mandatory_seconds: float = 30.0,
        pause_seconds: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._fetch = fetch
        self._advisory_seconds = advisory_seconds
        self._mandatory_seconds = mandatory_seconds
        self._pause_seconds = pause_seconds
        self._clock = clock
        self._changed = threading.Condition()
        self._token: Token | None = None
        self._advisory_at = -math.inf
        self._mandatory_at = -math.inf
        self._fetching = False
        self._failure: TradeCreditError | None = None
        self._paused_until = -math.inf

    def get(self) -> str:
        """A token that is good for now. Raises what the fetch raised, or NotSentError when time is over waiting."""
        with self._changed:
            while True:
                now = self._clock()
                usable = self._token if now < self._mandatory_at else None
                if usable and (now < self._advisory_at or self._fetching or now < self._paused_until):
                    return usable.value
                if not self._fetching:
                    break
                self._wait()
            if self._failure is not None and now < self._paused_until:
                raise _copy(self._failure)
            self._fetching = True
        return self._refresh(now, usable)

    def invalidate(self, value: str) -> None:
        """Forget this token, unless another thread replaced it already."""
        with self._changed:
            if self._token is not None and self._token.value == value:
                self._token = None
                self._mandatory_at = -math.inf

    def _wait(self) -> None:
        left = seconds_left()
        if not self._changed.wait(timeout=left) and left is not None:
            raise NotSentError("the total time ran out while another thread fetched an access token; nothing was sent")

    def _refresh(self, asked_at: float, usable: Token | None) -> str:
        token, failure = None, None
        try:
            token = self._fetch()
        except TradeCreditError as error:
            failure = error
        finally:
            with self._changed:
                self._fetching = False
                self._keep(token, failure, asked_at)
                self._changed.notify_all()
        if token is not None:
            return token.value
        if usable is not None:
            return usable.value
        raise failure  # type: ignore[misc]

    def _keep(self, token: Token | None, failure: TradeCreditError | None, asked_at: float) -> None:
        # A copy, because the caller whose fetch it was adds its own reference to the original.
        self._failure = None if failure is None else _copy(failure)
        if token is not None:
            life = token.expires_in_seconds
            self._token = token
            self._advisory_at = asked_at + life - min(self._advisory_seconds, life / 2)
            self._mandatory_at = asked_at + life - min(self._mandatory_seconds, life / 10)
        elif failure is not None and not isinstance(failure, DeadlineError):  # one hurried caller stops nobody else
            self._paused_until = self._clock() + max(self._pause_seconds, failure.retry_after or 0)


class TokenAuth(Auth):
    """Signs with the cache's token, and gets a new one after a 401."""

    def __init__(self, cache: TokenCache) -> None:
        self._cache = cache

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._cache.get()}"
        return request

    def renew(self, request: PreparedRequest) -> bool:
        self._cache.invalidate(request.headers.get("Authorization", "").removeprefix("Bearer "))
        return True


def _is_token(text: str) -> bool:
    return text.isascii() and text.isprintable() and bool(text) and " " not in text


def _copy(error: TradeCreditError) -> TradeCreditError:
    """The same facts in a new exception: one instance raised in many threads would collect all their tracebacks."""
    rebuild: Any = error.__reduce__()
    copy: TradeCreditError = rebuild[0](*rebuild[1])
    return copy
