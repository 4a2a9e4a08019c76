"""What callers give: a model, a mapping or named values. What is wrong with it is an InvalidInputError, field by field."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from pydantic import TypeAdapter, ValidationError

from tradecredit_sdk.errors import FieldError, InvalidInputError
from tradecredit_sdk.models.base import Id, RequestModel
from tradecredit_sdk.models.problems import field_problems

M = TypeVar("M", bound=RequestModel)
_ID: TypeAdapter[str] = TypeAdapter(Id)


def read(model: type[M], given: M | Mapping[str, Any] | None, named: Mapping[str, Any]) -> M:
    """The model meant; named values that are None were not given."""
    named = {name: value for name, value in named.items() if value is not None}
    if given is not None:
        if named:
            raise InvalidInputError(f"give a {model.__name__} or named values, not both: {', '.join(named)}")
        if isinstance(given, model):
            return given
        if not isinstance(given, Mapping):
            raise InvalidInputError(f"give a {model.__name__}, a mapping or named values, not {type(given).__name__}")
        named = given
    try:
        return model.model_validate(dict(named))
    except ValidationError as error:
        fields = tuple(FieldError(*problem) for problem in field_problems(error))
    raise InvalidInputError(f"this is no valid {model.__name__}; nothing was sent", fields=fields)


def an_id(name: str, value: object) -> str:
    """An id of the insurer's, checked as the models check it: a string, for a number would lose its leading zeros."""
    try:
        return _ID.validate_python(value)
    except ValidationError as error:
        fields = tuple(FieldError(*problem) for problem in field_problems(error, name))
    raise InvalidInputError("this is no id; nothing was sent", fields=fields)
