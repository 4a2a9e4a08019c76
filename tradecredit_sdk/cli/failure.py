"""From an error to what a person reads and a script sees: exit code, where, and the remedy."""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from typing import Any

from tradecredit_sdk import errors
from tradecredit_sdk.cli.exit_codes import ExitCode

NOT_CONFIGURED = "not_configured"
SANDBOX_LINES = """\
Start the sandbox insurer in a second terminal and point this one at it:

  tradecredit sandbox serve

  export TRADECREDIT_INSURER=open
  export TRADECREDIT_BASE_URL=http://127.0.0.1:8585/open/v1
  export TRADECREDIT_API_KEY=sandbox
  export TRADECREDIT_POLICY=DEMO-001

or, for Allianz Trade's interface of the same sandbox:

  export TRADECREDIT_INSURER=allianz-trade
  export TRADECREDIT_BASE_URL=http://127.0.0.1:8585/allianz-trade

With your own insurer take its address, key and policy instead; `tradecredit doctor` tests them."""

_INSTALL = {
    "rich": "cli", "platformdirs": "cli", "sqlalchemy": "cli", "tomli": "cli", "fastapi": "sandbox", "uvicorn": "sandbox",
}  # fmt: skip

# The most particular class of an error's tree decides.
_BY_CLASS: dict[type[errors.TradeCreditError], tuple[ExitCode, str]] = {
    errors.TradeCreditError: (ExitCode.OTHER, ""),
    errors.ConfigError: (ExitCode.USAGE, "`tradecredit config show` lists every setting and where it came from."),
    errors.InvalidInputError: (ExitCode.REFUSED, "Nothing was sent; correct the value and repeat."),
    errors.UnsupportedOperationError: (ExitCode.REFUSED, "Nothing was sent."),
    errors.ReferenceConflictError: (ExitCode.REFUSED, "Give another --reference, or leave it out and one is made."),
    errors.JournalError: (ExitCode.OTHER, "See TRADECREDIT_JOURNAL; --no-journal works without one."),
    errors.NotSentError: (ExitCode.NETWORK, "Check TRADECREDIT_BASE_URL and the network."),
    errors.NoAnswerError: (ExitCode.NETWORK, "Repeat it later."),
    errors.TransportError: (ExitCode.NETWORK, "Check TRADECREDIT_BASE_URL and the network."),
    errors.AuthenticationError: (
        ExitCode.AUTHENTICATION,
        "Check that TRADECREDIT_API_KEY is this insurer's key for this environment.",
    ),
    errors.PermissionDeniedError: (ExitCode.AUTHENTICATION, "Ask the insurer to allow this to your key."),
    errors.NotFoundError: (ExitCode.REFUSED, "Check the id, and that it belongs to the policy TRADECREDIT_POLICY."),
    errors.InvalidRequestError: (ExitCode.REFUSED, "Correct what is named and repeat."),
    errors.ConflictError: (ExitCode.REFUSED, "Look at its present state, then decide."),
    errors.RateLimitError: (ExitCode.RATE_LIMIT, "Wait a little and repeat."),
    errors.ServerError: (ExitCode.SERVER, "Repeat it later."),
    errors.APIError: (ExitCode.OTHER, ""),
    errors.ResponseFormatError: (
        ExitCode.SERVER,
        "Check TRADECREDIT_BASE_URL (a proxy or another site may have answered); --verbose shows the exchange.",
    ),
    errors.PendingError: (ExitCode.PENDING, "Ask again later: tradecredit limit decision REQUEST"),
    errors.WebhookError: (ExitCode.OTHER, ""),
}


_FOR_THE_DOCTOR = (errors.TransportError, errors.AuthenticationError, errors.NotFoundError)
"""Behind these may be a wrong setting."""


@dataclass(frozen=True)
class Failure:
    """`code` for the shell, `message` what, `where` at which call, `remedy` what to do, `facts` for `-o json`."""

    code: ExitCode
    message: str
    where: str = ""
    remedy: str = ""
    facts: dict[str, Any] | None = None

    def write(self, *, as_json: bool) -> None:
        """Write it to stderr, as one JSON object or as a few lines."""
        if as_json:
            text = json.dumps({**(self.facts or {}), "exit_code": int(self.code), "remedy": self.remedy}, default=str)
        else:
            text = "\n".join(
                f"{label}: {printable(value, keep_lines=True)}"
                for label, value in (("error", self.message), ("where", self.where), ("help", self.remedy))
                if value
            )
        print(text, file=sys.stderr, flush=True)  # noqa: T201


class RefusedError(Exception):
    """The command line itself will not do it; `failure` says why and what to do instead."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.message)
        self.failure = failure


def refused(message: str, code: str, remedy: str, **known: Any) -> RefusedError:
    """The error for a value that the command line will not send; for `-o json` an InvalidInputError with a `code`."""
    facts = errors.InvalidInputError(message, code=code, **known).to_dict()
    return RefusedError(Failure(ExitCode.REFUSED, message, remedy=f"Nothing was sent. {remedy}", facts=facts))


def describe(error: errors.TradeCreditError, *, to_doctor: bool = True) -> Failure:
    """Turn an error of the library into what the command line says about it; `to_doctor` False is for the doctor itself."""
    code, remedy = next(_BY_CLASS[kind] for kind in type(error).__mro__ if kind in _BY_CLASS)
    if error.code == NOT_CONFIGURED:
        remedy = SANDBOX_LINES
    elif isinstance(error, errors.RateLimitError) and error.retry_after:
        remedy = f"Wait {error.retry_after:g} seconds and repeat."
    elif isinstance(error, (errors.NoAnswerError, errors.ServerError)) and error.reference:
        remedy = (
            f"The insurer may have acted on {error.reference}. Ask it: `tradecredit limit reconcile` or `tradecredit "
            f"overdue reconcile`. Repeating the same command with --reference {error.reference} never asks twice."
        )
    elif to_doctor and isinstance(error, _FOR_THE_DOCTOR):
        remedy += " `tradecredit doctor` tells more."
    where = " at ".join(part for part in (error.operation, error.insurer) if part)
    return Failure(code, str(error), where, remedy, error.to_dict())


def missing_extra(error: ModuleNotFoundError) -> Failure | None:
    """How to install what is missing; None when it is not one of ours."""
    module = (error.name or "").partition(".")[0]
    if module not in _INSTALL:
        return None
    message = f"this needs {module}, which is not installed: pip install 'tradecredit-sdk[{_INSTALL[module]}]'"
    return Failure(ExitCode.OTHER, message, facts={"error": "MissingExtra", "message": message})


def unexpected(error: BaseException) -> Failure:
    """One line for a mistake of our own. Its text is left out: nobody checked that it holds no secret."""
    frame = error.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    place = f" in {frame.tb_frame.f_code.co_name}, line {frame.tb_lineno}" if frame else ""
    message = f"unexpected {type(error).__name__}{place}: this is a mistake in tradecredit"
    remedy = "TRADECREDIT_DEBUG=1 in the environment shows the whole traceback; please report it."
    return Failure(ExitCode.OTHER, message, "", remedy, {"error": type(error).__name__, "message": message})


def unreadable(error: OSError) -> Failure:
    """A file or a device that could not be used."""
    message = f"{error.strerror or 'input or output failed'}" + (f": {error.filename}" if error.filename else "")
    return Failure(ExitCode.OTHER, message, "", "", {"error": type(error).__name__, "message": message})


# Control characters move cursors, and direction marks reorder what is read: an insurer's text must do neither.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")


def printable(text: str, *, keep_lines: bool = False) -> str:
    """`text` without characters that could steer a terminal; line breaks become blanks unless kept."""
    text = _CONTROL.sub("\N{REPLACEMENT CHARACTER}", text)
    return text if keep_lines else " ".join(text.split())


def escaped(text: str) -> str:
    r"""`text` with such characters written as `\u202e`, which is the same text in JSON; lines and tabs stay."""
    return _CONTROL.sub(lambda found: json.dumps(found.group())[1:-1], text)
