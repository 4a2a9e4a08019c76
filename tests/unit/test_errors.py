"""The error tree: every class survives pickling, says one line and knows what the caller must know."""

from __future__ import annotations

import copy
import pickle

import pytest

from tradecredit_sdk import errors
from tradecredit_sdk.errors import FieldError, TradeCreditError


def tree(cls: type[TradeCreditError] = TradeCreditError) -> list[type[TradeCreditError]]:
    return [
        cls,
        *(item for child in cls.__subclasses__() for item in tree(child) if item.__module__ == errors.__name__),
    ]


CLASSES = sorted(set(tree()), key=lambda cls: cls.__name__)
FACTS = {
    "code": "invalid_request",
    "status_code": 422,
    "request_id": "req-1",
    "retry_after": 1.5,
    "reference": "REQ-1",
    "attempts": 2,
    "insurer": "open",
    "operation": "request_limit",
    "fields": (FieldError("amount.amount", "must be greater than zero"),),
}


def full(cls: type[TradeCreditError]) -> TradeCreditError:
    error = cls("what happened", **FACTS)
    error.may_have_acted = True
    error.cursor = "page-7"  # added on the way, as the pager does
    return error


def test_the_tree_is_the_one_drawn_in_the_docstring() -> None:
    drawn = {word for word in errors.__doc__.replace("│", " ").split() if word.endswith("Error")}
    assert {cls.__name__ for cls in CLASSES} == drawn


@pytest.mark.parametrize("cls", CLASSES)
@pytest.mark.parametrize("clone", [lambda error: pickle.loads(pickle.dumps(error)), copy.copy, copy.deepcopy])
def test_nothing_is_lost_on_the_way_to_another_process(cls: type[TradeCreditError], clone: object) -> None:
    error = full(cls)
    other = clone(error)
    assert type(other) is cls
    assert other.__dict__ == error.__dict__
    assert (str(other), other.args, other.to_dict()) == (str(error), error.args, error.to_dict())
    assert other.is_retryable == error.is_retryable


@pytest.mark.parametrize("cls", CLASSES)
def test_every_protocol_of_pickle(cls: type[TradeCreditError]) -> None:
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        assert pickle.loads(pickle.dumps(full(cls), protocol)).__dict__ == full(cls).__dict__


@pytest.mark.parametrize("cls", CLASSES)
def test_no_builtin_is_shadowed(cls: type[TradeCreditError]) -> None:
    assert cls.__name__ not in dir(__builtins__)
    assert cls.__doc__


def test_one_line_that_begins_with_the_request_id() -> None:
    error = full(errors.InvalidRequestError)
    error.message = "two\nlines\tand  blanks"
    assert str(error) == "[req-1] two lines and blanks (amount.amount: must be greater than zero)"
    assert str(TradeCreditError("plain")) == "plain"


def test_facts_for_logs() -> None:
    facts = full(errors.RateLimitError).to_dict()
    assert facts["error"] == "RateLimitError"
    assert facts["fields"] == [{"field": "amount.amount", "message": "must be greater than zero"}]
    assert facts["is_retryable"] is facts["may_have_acted"] is True
    assert TradeCreditError("x").to_dict() == {
        "error": "TradeCreditError",
        "message": "x",
        "is_retryable": False,
        "may_have_acted": False,
    }


def test_what_may_be_tried_again_and_what_may_have_happened() -> None:
    retryable = {cls.__name__ for cls in CLASSES if cls.is_retryable}
    acted = {cls.__name__ for cls in CLASSES if cls.may_have_acted}
    assert retryable == {"NotSentError", "NoAnswerError", "RateLimitError", "ServerError"}
    assert acted == {"NoAnswerError", "DeadlineError", "ServerError", "ResponseFormatError"}
