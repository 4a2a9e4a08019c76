"""What a broken exchange means: surely not sent, or sent and the answer lost.

Only a connection that was never made is "not sent". A time-out while reading, a reset, garbage or a truncated answer
say nothing about what the insurer did, so whatever is not clear counts as "may have been acted upon".
"""

from __future__ import annotations

import re
import ssl
from collections.abc import Iterator

import requests
from requests import exceptions as failures
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError

from tradecredit_sdk._http.redact import clean
from tradecredit_sdk.errors import ConfigError, NoAnswerError, NotSentError, ResponseFormatError, TradeCreditError

_NEVER_CONNECTED = (failures.ConnectTimeout, ConnectTimeoutError, NewConnectionError)
_SETTINGS = (failures.InvalidURL, failures.InvalidSchema, failures.MissingSchema)  # InvalidHeader is the answer's
_TUNNEL = re.compile(r"Tunnel connection failed: (\d{3})")


def sending_failed(failure: BaseException, where: str) -> TradeCreditError:
    """The error for an exchange that broke before an answer began; `where` is the host and names no path."""
    chain = list(_chain(failure))
    if isinstance(failure, _SETTINGS) or not isinstance(failure, requests.RequestException | HTTPError):
        # A bare OSError is requests' way to say that the CA bundle or the client certificate is not there.
        remedy = "check base_url, the proxy variables and REQUESTS_CA_BUNDLE"
        return ConfigError(f"a call to {where} could not be prepared ({type(failure).__name__}): {remedy}")
    tunnel = next((found for item in chain if (found := _TUNNEL.search(str(item)))), None)
    if tunnel:
        remedy = "check the proxy variables"
        return _with_cause(NotSentError(f"the proxy would not connect to {where} ({tunnel.group(1)}): {remedy}"), chain)
    if any(isinstance(item, ssl.SSLCertVerificationError) for item in chain):
        remedy = "check base_url, and REQUESTS_CA_BUNDLE if the certificate is your company's own"
        error = NotSentError(f"the certificate of {where} is not trusted{_why(chain)}: {remedy}")
        error.is_retryable = False
        return _with_cause(error, chain)
    if any(isinstance(item, _NEVER_CONNECTED) for item in chain):
        return _with_cause(NotSentError(f"could not connect to {where}{_why(chain)}; nothing was sent"), chain)
    return _with_cause(NoAnswerError(f"no answer from {where}{_why(chain)}; it may have been acted upon"), chain)


def reading_failed(failure: BaseException, where: str) -> TradeCreditError:
    """The error for an answer that began and did not arrive whole."""
    chain = list(_chain(failure))
    if isinstance(failure, failures.ContentDecodingError):
        return ResponseFormatError(f"the answer of {where} cannot be unpacked")
    return _with_cause(
        NoAnswerError(f"the answer of {where} broke off{_why(chain)}; it may have been acted upon"), chain
    )


def _chain(failure: BaseException) -> Iterator[BaseException]:
    """The failure and everything inside it: the libraries nest by cause, by context, by argument and by `reason`."""
    waiting, seen = [failure], set()
    while waiting:
        item = waiting.pop(0)
        if id(item) not in seen:
            seen.add(id(item))
            yield item
            inner = (item.__cause__, item.__context__, getattr(item, "reason", None), *item.args)
            waiting.extend(part for part in inner if isinstance(part, BaseException))


def _system_error(chain: list[BaseException]) -> OSError | None:
    """The innermost word of the operating system; it holds no URL, unlike everything around it."""
    own = (item for item in reversed(chain) if isinstance(item, OSError))
    return next((item for item in own if not isinstance(item, requests.RequestException)), None)


def _why(chain: list[BaseException]) -> str:
    system = _system_error(chain)
    if system is None:
        return f" ({type(chain[-1]).__name__})"
    text = clean(system.strerror, 120) if system.errno is not None and system.strerror else ""
    return f" ({type(system).__name__}{': ' + text if text else ''})"


def _with_cause(error: TradeCreditError, chain: list[BaseException]) -> TradeCreditError:
    """Chain a fresh copy of the system's error. The library's own exceptions hold URL, headers and body."""
    system = _system_error(chain)
    if system is not None and system.errno is not None:
        error.__cause__ = type(system)(system.errno, system.strerror)
    return error
