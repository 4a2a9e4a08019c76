"""One call over its attempts: what was tried, what may have been acted upon, and how it ended."""

from __future__ import annotations

import logging
from contextlib import closing
from typing import TYPE_CHECKING, Any

import requests
from urllib3.exceptions import HTTPError

from tradecredit_sdk._http import decode, redact
from tradecredit_sdk._http.auth import Auth
from tradecredit_sdk._http.body import read
from tradecredit_sdk._http.call import Answer, Call
from tradecredit_sdk._http.deadline import Deadline
from tradecredit_sdk._http.failure import reading_failed, sending_failed
from tradecredit_sdk._http.retry import retry_after, retrying
from tradecredit_sdk._http.status import status_error
from tradecredit_sdk.errors import (
    APIError,
    DeadlineError,
    NoAnswerError,
    NotSentError,
    RateLimitError,
    ResponseFormatError,
    ServerError,
    TradeCreditError,
)

if TYPE_CHECKING:
    from tradecredit_sdk._http.transport import Transport

log = logging.getLogger("tradecredit_sdk.http")

_FAILURES = (requests.RequestException, HTTPError, OSError)
_ERROR_BODY_BYTES = 64 * 1024
_LOCATION = "tradecredit_location"


class Run:
    """The state of one call; used once, by one thread."""

    def __init__(self, transport: Transport, call: Call, request: requests.PreparedRequest, deadline: Deadline) -> None:
        self._transport = transport
        self._call = call
        self._request = request
        self._deadline = deadline
        self._auth = transport.auth if call.authenticated else Auth()
        self._started = transport.clock()
        self._correlation_id: str = request.headers["X-Correlation-Id"]
        self._attempts = 0
        self._renewed = False
        self._failure: TradeCreditError | None = None
        self._may_have_acted = False

    def answer(self) -> Answer:
        """Try until there is a success, or an error that must not or need not be tried again."""
        transport = self._transport
        loop = retrying(
            transport.retry,
            may_repeat=self._may_repeat,
            seconds_left=self._deadline.left,
            sleep=transport.sleep,
            random=transport.random,
            before_sleep=self._log_pause,
        )
        return loop(self._attempt)

    def told(self, error: TradeCreditError) -> TradeCreditError:
        """The error as the caller must see it: not "not sent" when an earlier attempt may have been acted upon."""
        if isinstance(error, NotSentError) and self._may_have_acted:
            over = self._deadline.left() <= 0
            unclear = (DeadlineError if over else NoAnswerError)(
                f"an earlier attempt may have been acted upon; the last one: {error.message}"
            )
            unclear.__cause__ = error.__cause__
            error = unclear
        if self._may_have_acted:
            error.may_have_acted = True
        error.request_id = error.request_id or self._correlation_id
        error.attempts = self._attempts
        return error

    def _may_repeat(self, error: BaseException) -> bool:
        """Only what this call's own exchange raised: a token that could not be had was tried often enough."""
        if error is not self._failure or not self._failure.is_retryable:
            return False
        return isinstance(error, NotSentError | RateLimitError) or self._call.is_repeatable

    def _attempt(self) -> Answer:
        self._attempts += 1
        self._sign()
        answer = self._exchange()
        if answer.status == 401 and not self._renewed and self._auth.renew(self._request):
            self._renewed = True  # a 401 was not acted upon, so this one repeat is safe for every method
            self._sign()
            answer = self._exchange()
        if 200 <= answer.status < 300:
            return answer
        raise self._failed(self._refused(answer))

    def _sign(self) -> None:
        try:
            self._auth(self._request)
        except TradeCreditError as error:
            failure = error
        else:
            return
        if isinstance(failure, NoAnswerError | ServerError):
            failure = NotSentError(
                f"no access token, so nothing was sent: {failure.message}",
                status_code=failure.status_code,
                retry_after=failure.retry_after,
                request_id=failure.request_id,
            )
        failure.may_have_acted = False  # whatever became of the token, the call itself was not sent
        raise failure

    def _exchange(self) -> Answer:
        """Send once and read the answer, whatever its status."""
        transport, left = self._transport, self._deadline.left()
        if left <= 0:
            raise self._failed(NotSentError(f"{self._over()} before anything was sent"))
        started = transport.clock()
        timeout = (min(transport.timeout.connect_seconds, left), min(transport.timeout.read_seconds, left))
        failure: TradeCreditError
        try:
            response = transport.session.send(
                self._request, timeout=timeout, allow_redirects=False, **transport.settings(self._request)
            )
        except _FAILURES as error:
            failure = sending_failed(error, transport.address.host)
        else:
            with closing(response):
                return self._received(response, started)
        raise self._failed(failure)

    def _received(self, response: requests.Response, started: float) -> Answer:
        headers = response.headers
        location = getattr(response, _LOCATION, None)
        if location is not None:
            headers["Location"] = location
        request_id = redact.request_id(headers, self._correlation_id, self._secrets())
        body = self._body(response, request_id)
        now = self._transport.clock()
        if log.isEnabledFor(logging.DEBUG):
            template = self._call.template or self._call.operation
            log.debug(
                "%s %s: %d in %d ms, attempt %d, request %s",
                self._request.method, template, response.status_code, (now - started) * 1000, self._attempts, request_id,
            )  # fmt: skip
        return Answer(response.status_code, headers, body, request_id, self._attempts, now - self._started)

    def _body(self, response: requests.Response, request_id: str) -> Any:
        """Decoded JSON. A body that broke off or is no JSON is an error after a 2xx only; a refusal stays a refusal."""
        success = 200 <= response.status_code < 300
        if response.status_code // 100 in (1, 3):
            return None
        most = self._transport.max_body_bytes if success else _ERROR_BODY_BYTES
        failure: TradeCreditError
        try:
            return decode.decode(read(response, most, self._deadline), self._transport.max_values)
        except ResponseFormatError as error:
            failure = error
        except decode.DecodeError as error:
            failure = ResponseFormatError(f"JSON was expected, {redact.media_type(response.headers)} came: {error}")
        except _FAILURES as error:
            failure = reading_failed(error, self._transport.address.host)
        if not success:
            return None
        failure.may_have_acted = True
        failure.request_id, failure.status_code = request_id, response.status_code
        raise self._failed(failure)

    def _refused(self, answer: Answer) -> APIError:
        transport, detail = self._transport, None
        if transport.explain is not None and answer.body is not None:
            try:
                detail = transport.explain(answer)
            except Exception as error:  # an odd error body must not hide the refusal itself
                log.debug("the error body could not be read: %s", type(error).__name__)
        return status_error(answer, detail, retry_after(answer.headers, transport.now()), self._secrets())

    def _failed(self, failure: TradeCreditError) -> TradeCreditError:
        """Remember how this attempt ended; a lost answer at the end of the time is a DeadlineError."""
        if isinstance(failure, NoAnswerError) and self._deadline.left() <= 0:
            cause = failure.__cause__
            failure = DeadlineError(f"{self._over()} while an answer was awaited; it may have been acted upon")
            failure.__cause__ = cause
        self._failure = failure
        self._may_have_acted = self._may_have_acted or failure.may_have_acted
        return failure

    def _over(self) -> str:
        return f"the total time of {self._transport.timeout.total_seconds:g} s ran out"

    def _secrets(self) -> tuple[str, ...]:
        hidden_body = None if self._call.authenticated else self._call.json
        return redact.secrets_in(self._request.headers.get("Authorization"), hidden_body)

    def _log_pause(self, error: TradeCreditError, seconds: float) -> None:
        log.warning(
            "%s %s: attempt %d of %d failed (%s), request %s, next in %.2f s",
            self._request.method,
            self._call.template or self._call.operation,
            self._attempts,
            self._transport.retry.attempts,
            type(error).__name__,
            error.request_id or self._correlation_id,
            seconds,
        )


def hide_redirect(response: requests.Response, **_: Any) -> None:
    """Keep requests from reading a redirect's whole body, which it does even when told not to follow."""
    if response.is_redirect:
        setattr(response, _LOCATION, response.headers.pop("Location"))
