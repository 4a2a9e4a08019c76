"""What was wrong with a value, field by field, in words for people and without the values themselves.

pydantic's own error holds what was given, which may be somebody's business figures or a secret; these pairs do not.
"""

from __future__ import annotations

import re
from typing import Any

from pydantic import ValidationError

from tradecredit_sdk.models.base import ID_PATTERN, REFERENCE_PATTERN

_SUBJECT = re.compile(r"^(Input|String|Tuple|List|Value|Data|Decimal) should ")
_BRANCH = re.compile(r"str-enum\[.*\]|str")  # which half of an open enum refused the value
_WORDS = {
    "missing": "is missing",
    "extra_forbidden": "is not a known field",
    "tuple_type": "must be a list",
    ID_PATTERN: "must be an id without blanks, invisible characters or any of / \\ ? # %",
    REFERENCE_PATTERN: "must be letters, digits, dots, dashes and underscores, and begin with a letter or a digit",
}


def field_problems(error: ValidationError, at: str = "") -> tuple[tuple[str, str], ...]:
    """Pairs of dotted path and message: `(("amount.currency", "unknown currency ..."), ...)`.

    `at` is put before each path. What is wrong with the whole, not with one field, has the path `at`, or the name of
    the model when there is none.
    """
    problems: dict[str, str] = {}
    for item in error.errors(include_input=False, include_url=False):
        path = [str(part) for part in item["loc"]]
        if len(path) > 1 and _BRANCH.fullmatch(path[-1]):
            path.pop()
        problems[".".join([at, *path] if at else path) or error.title] = _message(item)
    return tuple(problems.items())


def _message(item: Any) -> str:
    context = item.get("ctx", {})
    if item["type"] == "value_error":
        return str(context["error"])
    known = _WORDS.get(context.get("pattern", item["type"]))
    return known or _SUBJECT.sub("must ", item["msg"])
