"""One page of a listing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """`items` of this page, `next_cursor` to continue (None: it was the last), `total` if the insurer states it."""

    items: tuple[T, ...]
    next_cursor: str | None = None
    total: int | None = None
