"""Errors of the SDK in the user's language, with the names that the fields of the policy have on the screen."""

from __future__ import annotations

from typing import Any

from tradecredit_sdk import (
    AuthenticationError,
    ConfigError,
    ConflictError,
    InvalidRequestError,
    NoAnswerError,
    NotFoundError,
    NotSentError,
    PermissionDeniedError,
    RateLimitError,
    ResponseFormatError,
    ServerError,
    TradeCreditError,
    UnsupportedOperationError,
)


def error_text(policy: Any, error: TradeCreditError) -> str:
    """What is the matter and what to do; the SDK's English for what is not known here."""
    for kind, make in _TEXTS.items():
        if isinstance(error, kind):
            text = make(policy, error)
            break
    else:
        text = str(error)
    if error.request_id and not isinstance(error, NotSentError):
        text = policy.env._("%(text)s The insurer knows this call as %(id)s.", text=text, id=error.request_id)
    return text


def _setting(policy: Any, error: TradeCreditError) -> str:
    set_up = policy.sudo()  # whether something is filled in, not what
    if not set_up.base_url and set_up.insurer == "open":
        return policy.env._("the field Address of the policy is empty.")
    if not set_up.api_key:
        return policy.env._("the field Key of the policy is empty.")
    if "currency" in error.message.lower():
        return policy.env._(
            "the currency in the field Currency of the policy is not known: %s.", set_up.currency_id.name
        )
    if "base_url" in error.message:
        return policy.env._("the field Address of the policy must be a whole address that begins with https://.")
    if "BUSINESS_UNIT" in error.message:
        return policy.env._("this insurer has business units: fill in the field Business unit, such as ACI or EHSE.")
    if "key" in error.message.lower():
        return policy.env._("the field Key of the policy has characters that no key has.")
    return policy.env._("a setting of the policy is missing or cannot be used: check its page Connection.")


def _not_found(policy: Any, error: TradeCreditError) -> str:
    if "buyer" in (error.code or ""):
        return policy.env._("it does not know this buyer.")
    return policy.env._("it does not know what was asked for: check the fields Number and Address of the policy.")


def _own_words(policy: Any, error: TradeCreditError) -> str:
    wrong = "; ".join(f"{item.field}: {item.message}" for item in error.fields)
    return policy.env._("it does not accept this: %s", f"{error.message} ({wrong})" if wrong else error.message)


def _too_many(policy: Any, error: TradeCreditError) -> str:
    if error.retry_after:
        return policy.env._("it was asked too often: wait %s seconds.", round(error.retry_after))
    return policy.env._("it was asked too often: wait a few minutes.")


# The first that fits.
_TEXTS = {
    ConfigError: _setting,
    UnsupportedOperationError: lambda policy, error: policy.env._("its interface does not offer this."),
    NotSentError: lambda policy, error: policy.env._(
        "nothing answers at its address: check the field Address of the policy, and whether this server may reach it."
    ),
    NoAnswerError: lambda policy, error: policy.env._("it did not answer in time: try again in a few minutes."),
    AuthenticationError: lambda policy, error: policy.env._(
        "it does not accept the key: check the field Key of the policy."
    ),
    PermissionDeniedError: lambda policy, error: policy.env._(
        "the key is known but may not do this: check the field Number of the policy, or ask the insurer."
    ),
    NotFoundError: _not_found,
    RateLimitError: _too_many,
    ServerError: lambda policy, error: policy.env._("its server has a fault: try again in a few minutes."),
    ResponseFormatError: lambda policy, error: policy.env._(
        "what answers is not its interface: check the fields Insurer and Address of the policy."
    ),
    InvalidRequestError: _own_words,
    ConflictError: _own_words,
}
