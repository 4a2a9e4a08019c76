"""Listings of any length, one page in memory at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from typing import Generic, TypeVar

from tradecredit_sdk.errors import ResponseFormatError, TradeCreditError
from tradecredit_sdk.models.page import Page

T = TypeVar("T")

MOST_EMPTY_PAGES = 100
"""So many in a row may be a filter that finds little; more are a listing without an end."""
MOST_PAGES, MOST_ITEMS = 20_000, 2_000_000
"""No portfolio is as long as that: a listing that goes on has no end."""


class Pager(Generic[T]):
    """The items of a listing: iterate them, or take `.pages()`, `.first()` or `.to_list(limit=...)`.

    Nothing is read before that, and each iteration begins anew. `cursor` is where to continue: give it to the same
    call after a break, and the page that was not finished comes again. It is None at the beginning and at the end.
    An error carries it as its own `cursor`. A listing that leads back to a page it had already, into empty pages without
    end, or beyond `MOST_PAGES` or `MOST_ITEMS`, is refused with ResponseFormatError instead of going on for ever.
    """

    def __init__(self, fetch: Callable[[str | None], Page[T]], cursor: str | None = None) -> None:
        self._fetch = fetch
        self._start = cursor
        self.cursor = cursor

    def pages(self) -> Iterator[Page[T]]:
        """One page after the other."""
        self.cursor = self._start
        seen: set[str | None] = set()
        empty = items = 0
        while True:
            seen.add(self.cursor)
            try:
                page = self._fetch(self.cursor)
                if page.next_cursor is not None and page.next_cursor in seen:
                    raise ResponseFormatError("the listing leads back to a page it had already")
                empty = 0 if page.items else empty + 1
                if empty > MOST_EMPTY_PAGES:
                    raise ResponseFormatError(f"the listing goes on after {MOST_EMPTY_PAGES} empty pages")
                items += len(page.items)
                if page.next_cursor is not None and (len(seen) >= MOST_PAGES or items >= MOST_ITEMS):
                    raise ResponseFormatError(f"the listing goes on after {len(seen):,} pages with {items:,} items")
            except TradeCreditError as error:
                error.cursor = self.cursor
                raise
            yield page
            self.cursor = page.next_cursor
            if page.next_cursor is None:
                return

    def __iter__(self) -> Iterator[T]:
        for page in self.pages():
            yield from page.items

    def first(self) -> T | None:
        """The first item, or None if there is none."""
        return next(iter(self), None)

    def to_list(self, limit: int | None = None) -> list[T]:
        """All items, or the first `limit`, in memory."""
        return list(islice(self, limit))
