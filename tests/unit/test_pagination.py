"""Pages without end, without loops, and from where one stopped."""

from __future__ import annotations

import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradecredit_sdk import Page, Pager, ResponseFormatError, ServerError


class Listing:
    """Numbers in pages; counts what is fetched."""

    def __init__(self, count: int, size: int, fail_at: str | None = "never") -> None:
        self.count, self.size, self.fail_at = count, size, fail_at
        self.fetched: list[str | None] = []

    def __call__(self, cursor: str | None) -> Page[int]:
        self.fetched.append(cursor)
        if cursor == self.fail_at:
            raise ServerError("oops", status_code=500)
        start = int(cursor or 0)
        end = min(start + self.size, self.count)
        return Page(tuple(range(start, end)), str(end) if end < self.count else None)


def test_nothing_is_fetched_before_it_is_wanted() -> None:
    listing = Listing(10, 3)
    pager = Pager(listing)
    assert listing.fetched == []
    assert pager.first() == 0
    assert listing.fetched == [None]
    assert pager.to_list(limit=4) == [0, 1, 2, 3]
    assert listing.fetched == [None, None, "3"]


def test_an_empty_listing() -> None:
    pager = Pager(Listing(0, 3))
    assert pager.first() is None
    assert pager.to_list() == []
    assert [page.items for page in pager.pages()] == [()]


@given(st.integers(0, 40), st.integers(1, 10), st.integers(0, 45))
def test_stopping_and_resuming_loses_nothing(count: int, size: int, stop_after: int) -> None:
    pager = Pager(Listing(count, size))
    seen = []
    for item in pager:
        if len(seen) == stop_after:
            break
        seen.append(item)
    else:
        assert seen == list(range(count))
        assert pager.cursor is None
        return
    resumed = Pager(Listing(count, size), pager.cursor).to_list()
    assert sorted({*seen, *resumed}) == list(range(count))
    assert len(set(seen) & set(resumed)) < size


def test_each_iteration_begins_where_the_pager_began() -> None:
    pager = Pager(Listing(10, 3), cursor="6")
    assert list(pager) == list(pager) == [6, 7, 8, 9]


def test_an_error_says_where_to_continue() -> None:
    pager = Pager(Listing(10, 3, fail_at="6"))
    seen: list[int] = []
    with pytest.raises(ServerError) as caught:
        seen.extend(pager)
    assert seen == [0, 1, 2, 3, 4, 5]
    assert caught.value.cursor == pager.cursor == "6"
    assert caught.value.to_dict()["cursor"] == "6"
    assert pickle.loads(pickle.dumps(caught.value)).cursor == "6"
    assert list(Pager(Listing(10, 3), caught.value.cursor)) == [6, 7, 8, 9]


@pytest.mark.parametrize("loop", [{None: "a", "a": "a"}, {None: "a", "a": "b", "b": "a"}])
def test_a_listing_that_turns_in_a_circle_is_refused(loop: dict[str | None, str]) -> None:
    pager = Pager(lambda cursor: Page((cursor,), loop[cursor]))
    with pytest.raises(ResponseFormatError, match="leads back to a page it had already"):
        pager.to_list(limit=1000)
