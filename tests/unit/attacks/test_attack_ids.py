"""Ids that look like another id."""

from __future__ import annotations

import pytest

from tradecredit_sdk.client.inputs import an_id
from tradecredit_sdk.errors import InvalidInputError


@pytest.mark.parametrize("mark", ["\u200b", "\ufeff", "\u202e", "\u00ad", "\x00", "\x1b", "\x7f", "\u2060", "\u2066"])
@pytest.mark.parametrize("place", ["{}900000003", "900{}000003", "900000003{}"])
def test_an_id_has_no_invisible_characters(mark, place):
    with pytest.raises(InvalidInputError):
        an_id("buyer_id", place.format(mark))


@pytest.mark.parametrize("good", ["000004711", "A-1_b.c~x", "Ä12", "Nürnberg:7"])
def test_an_id_may_be_any_visible_word(good):
    assert an_id("buyer_id", good) == good
