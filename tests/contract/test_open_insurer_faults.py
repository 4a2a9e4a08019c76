"""The `open` insurer against a sandbox that breaks exchanges: an order stays one order, and nobody waits for ever."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest
from insurer_questions import SINCE, request

from tradecredit_sdk.errors import NoAnswerError, ResponseFormatError
from tradecredit_sdk.insurers.open import OpenInsurer
from tradecredit_sdk.models.limit import LimitState
from tradecredit_sdk.testing.server import RunningSandbox


@pytest.mark.parametrize("kind", ["500", "503", "429", "reset_before", "reset_after", "truncate", "garbage"])
def test_a_request_survives_a_fault_and_stays_one(insurer: OpenInsurer, sandbox: RunningSandbox, kind: str) -> None:
    """The first answer is spoilt, before or after the insurer acted; the second attempt finds one application."""
    faults = {"rate": 1.0, "seed": 1, "kinds": [kind], "paths": ["/open/v1"], "count": 1, "retry_after_seconds": 0}
    sandbox.control("PUT", "/faults", faults)
    try:
        application = insurer.request_limit(request("900000001"))
    except ResponseFormatError:
        assert kind == "garbage", "an answer that is no JSON is not repeated by itself"
        found = insurer.find_application(request("900000001"), SINCE)
        assert found is not None
        application = found
    assert application.state is LimitState.APPROVED
    assert len(insurer.list_applications(buyer_id="900000001").items) == 1


def test_an_answer_that_never_comes_is_no_answer(connect: Callable[..., OpenInsurer], sandbox: RunningSandbox) -> None:
    faults = {
        "rate": 1.0,
        "seed": 1,
        "kinds": ["reset_after"],
        "paths": ["/open/v1/policies/DEMO-001/applications"],
        "count": 1,
    }
    sandbox.control("PUT", "/faults", faults)
    impatient = connect("open", retries=0)
    with pytest.raises(NoAnswerError) as caught:
        impatient.request_limit(request("900000001"))
    assert caught.value.reference == "REQ-1"
    found = impatient.find_application(request("900000001"), SINCE)
    assert found is not None, "the insurer had acted"
    assert found.state is LimitState.APPROVED


def test_a_dripping_answer_ends_with_the_total_time(
    connect: Callable[..., OpenInsurer], sandbox: RunningSandbox
) -> None:
    sandbox.control(
        "PUT", "/faults", {"rate": 1.0, "seed": 1, "kinds": ["drip"], "paths": ["/open/v1"], "latency_seconds": 0.3}
    )
    started = time.monotonic()
    with pytest.raises(NoAnswerError):
        connect("open", retries=0, total_seconds=1).get_policy()
    assert time.monotonic() - started < 3
