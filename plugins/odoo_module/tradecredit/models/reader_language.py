"""Texts are written in the language of whoever reads them, not of the job or the customer at whose click they come up."""

from __future__ import annotations

from typing import Any


def in_language_of(user: Any, record: Any) -> Any:
    """The record, speaking the language of this user; as it is where there is none."""
    return record.with_context(lang=user.lang) if user.lang else record
