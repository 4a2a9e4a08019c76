"""An insurer that never comes to an end."""

from __future__ import annotations

from itertools import count

import pytest

from tradecredit_sdk.errors import ResponseFormatError
from tradecredit_sdk.models.page import Page
from tradecredit_sdk.pagination import Pager


def test_empty_pages_without_end_are_refused():
    numbers = count()
    with pytest.raises(ResponseFormatError, match="empty pages") as caught:
        list(Pager(lambda cursor: Page((), f"c{next(numbers)}")))
    assert caught.value.cursor is not None
    assert next(numbers) < 1000


def test_some_empty_pages_between_full_ones_are_no_end():
    pages = [Page((n,) if n % 50 == 0 else (), f"c{n}" if n < 400 else None) for n in range(401)]
    asked = iter(pages)
    assert list(Pager(lambda cursor: next(asked))) == list(range(0, 401, 50))


@pytest.mark.parametrize(("size", "told"), [(1, "20,000 pages"), (1000, "2,000,000 items")])
def test_full_pages_without_end_are_refused(size, told):
    """Each row and each cursor is new, so nothing but their number tells."""
    numbers = count()
    with pytest.raises(ResponseFormatError, match=told) as caught:
        for _ in Pager(lambda cursor: Page((0,) * size, f"c{next(numbers)}")).pages():
            pass
    assert caught.value.cursor is not None


def test_a_long_listing_with_an_end_is_read_to_its_end():
    last = 19_999
    pages = (Page((n,), f"c{n}" if n < last else None) for n in range(last + 1))
    assert len(list(Pager(lambda cursor: next(pages)))) == last + 1
