"""The time that an answer tells, for the comparison of clocks."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from tradecredit_sdk._http import Answer, Call
from tradecredit_sdk.insurers.wire import Heard

NOON = datetime(2026, 3, 31, 12, 0, 5, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("date", "told"),
    [
        ("Tue, 31 Mar 2026 12:00:05 GMT", NOON),
        ("Tue, 31 Mar 2026 14:00:05 +0200", NOON),
        ("Tue, 31 Mar 2026 12:00:05 -0000", NOON),
        ("yesterday", None),
        ("", None),
        (None, None),
    ],
)
def test_the_date_of_an_answer_is_read_or_left(date: str | None, told: datetime | None) -> None:
    headers = {} if date is None else {"Date": date}
    answer = Answer(status=200, headers=headers, body=None, request_id=None, attempts=1, elapsed_seconds=0.1)
    moment = Heard("open", Call("probe", "GET", ()), answer).told_at
    assert moment == told
    assert moment is None or moment.tzinfo is not None
