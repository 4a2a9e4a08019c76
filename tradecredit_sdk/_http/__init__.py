"""Transport, retry, authentication and redaction: the only place that knows `requests` and `tenacity`."""

from tradecredit_sdk._http.auth import Auth, StaticToken, Token, TokenAuth, TokenCache
from tradecredit_sdk._http.call import Answer, Call, ErrorDetail, Timeout
from tradecredit_sdk._http.retry import RetryPolicy
from tradecredit_sdk._http.transport import Transport

__all__ = [
    "Answer",
    "Auth",
    "Call",
    "ErrorDetail",
    "RetryPolicy",
    "StaticToken",
    "Timeout",
    "Token",
    "TokenAuth",
    "TokenCache",
    "Transport",
]
