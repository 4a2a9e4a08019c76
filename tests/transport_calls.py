"""Two calls as insurers make them, one that reads and one that orders, and what comes of a failing one."""

from __future__ import annotations

import pytest

from tradecredit_sdk._http import Call, RetryPolicy, Transport
from tradecredit_sdk.errors import TradeCreditError

GET = Call("list_limits", "GET", ("limits",), template="/limits")
POST = Call("request_limit", "POST", ("applications",), json={"reference": "R-1"}, reference="R-1")
QUICK = RetryPolicy(base_seconds=0.01, cap_seconds=0.02)


def fails(transport: Transport, call: Call) -> TradeCreditError:
    with pytest.raises(TradeCreditError) as caught:
        transport.send(call)
    return caught.value
