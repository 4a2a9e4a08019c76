"""Allianz Trade's requests, exchange by exchange: an order is answered with a job, and a job leads to a cover."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from allianz_samples import COVER, DONE, LINK, expect_waiting, order, request

from tradecredit_sdk.errors import ResponseFormatError, ServerError, UnsupportedOperationError
from tradecredit_sdk.models.limit import LimitState
from tradecredit_sdk.models.money import Money


@pytest.mark.parametrize(
    ("answer", "job"),
    [("J-1", "J-1"), (4711, "4711"), ({"jobId": "J-1"}, "J-1"), ({"jobId": 4711, "more": 1}, "4711"), (" J-1 ", "J-1")],
)
def test_an_order_is_answered_with_a_job_id(allianz, allianz_wire, answer, job):
    body = order(urgent=True)
    allianz_wire.expect("POST", "/riskinfo/v3/covers", answer, status=202, sent=body)
    application = allianz().request_limit(request(urgent=True, action="increase"))
    assert (application.id, application.reference, application.state) == (job, "REQ-1", LimitState.REQUESTED)
    assert (application.buyer_id, application.amount, application.raw) == ("000000001", Money("100000", "DKK"), answer)
    assert application.is_pending


@pytest.mark.parametrize(
    "answer", [None, "", "  ", True, [], ["J-1"], {}, {"jobId": None}, {"jobId": {"id": 1}}, Decimal("1.5")]
)
def test_an_order_whose_job_id_cannot_be_read_names_our_reference(allianz, allianz_wire, answer):
    body = order(Decimal("0.01"))
    allianz_wire.expect("POST", "/riskinfo/v3/covers", answer, status=202, sent=body)
    with pytest.raises(ResponseFormatError) as caught:
        allianz().request_limit(request(amount=Money("0.01", "DKK")))
    assert caught.value.reference == "REQ-1"


@pytest.mark.parametrize("status", [500, 502, 503])
def test_an_order_is_never_repeated_by_itself(allianz, allianz_wire, status):
    """A repeated request can cost a fee, and no reference is known to travel along."""
    body = order()
    allianz_wire.expect("POST", "/riskinfo/v3/covers", status=status, sent=body)
    with pytest.raises(ServerError) as caught:
        allianz(retries=3).request_limit(request())
    assert caught.value.attempts == 1


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"terms_days": 60}, "request_terms_days"),
        ({"comment": "please"}, "request_comment"),
        ({"kind": "temporary", "valid_until": "2026-12-31"}, "temporary"),
    ],
)
def test_what_has_no_known_name_is_refused_and_not_dropped(allianz, changes, name):
    with pytest.raises(UnsupportedOperationError, match=name) as caught:
        allianz().request_limit(request(**changes))
    assert "TRADECREDIT_CONTRACT_FILE" in str(caught.value)


@pytest.mark.parametrize("word", ["PENDING", "pending", "Pending"])
def test_a_running_job_is_a_request(allianz, allianz_wire, word):
    insurer = allianz()
    for _ in range(2):
        allianz_wire.expect("GET", "/riskinfo/v3/jobs/J-1", {"jobStatusCode": word})
    assert insurer.get_application("J-1").state is LimitState.REQUESTED
    decision = insurer.limit_decision("J-1")
    assert (decision.application_id, decision.state, decision.is_pending) == ("J-1", LimitState.REQUESTED, True)


@pytest.mark.parametrize("word", ["FAILED", "approved", "Processing"])
def test_a_job_in_a_state_nobody_has_seen_is_no_answer(allianz, allianz_wire, word):
    allianz_wire.expect("GET", "/riskinfo/v3/jobs/J-1", {"jobStatusCode": word})
    application = allianz().get_application("J-1")
    assert application.is_pending
    assert not isinstance(application.state, LimitState)
    assert word in application.state


@pytest.mark.parametrize(
    "job",
    [
        DONE,
        {"jobStatusCode": "processed", "ressourceUrl": LINK},
        {"jobStatusCode": "PROCESSED", "resourceUrl": "/riskinfo/v3/covers/COV-1"},
        {"jobStatusCode": "PROCESSED", "resourceUrl": "riskinfo/v3/covers/COV-1", "ressourceUrl": None},
    ],
)
def test_a_processed_job_leads_to_its_cover(allianz, allianz_wire, job):
    allianz_wire.expect("GET", "/riskinfo/v3/jobs/J-1", job)
    allianz_wire.expect("GET", "/riskinfo/v3/covers/COV-1", COVER)
    expect_waiting(allianz_wire)
    decision = allianz().limit_decision("J-1")
    assert (decision.application_id, decision.state) == ("J-1", LimitState.APPROVED)
    assert (decision.amount, decision.insurer_code) == (Money("100000", "EUR"), "AlreadyAgreed")
    assert decision.valid_from == date(2023, 7, 1)


def test_a_processed_job_is_not_yet_a_decision(allianz, allianz_wire):
    """While an underwriter has the request, the cover still shows the limit from before."""
    allianz_wire.expect("GET", "/riskinfo/v3/jobs/J-1", DONE)
    allianz_wire.expect("GET", "/riskinfo/v3/covers/COV-1", {"coverId": "COV-1", "companyId": "000000001", **COVER})
    expect_waiting(allianz_wire, [{"requestId": "R", "coverId": "COV-0"}, {"requestId": "R", "coverId": "COV-1"}])
    application = allianz().get_application("J-1")
    assert (application.state, application.decision) == (LimitState.REFERRED, None)
    assert application.buyer_id == "000000001"


def test_the_token_never_leaves_for_another_host(allianz, allianz_wire):
    link = "https://elsewhere.example/riskinfo/v3/covers/COV-1"
    allianz_wire.expect("GET", "/riskinfo/v3/jobs/J-1", {"jobStatusCode": "PROCESSED", "resourceUrl": link})
    with pytest.raises(ResponseFormatError, match=r"elsewhere\.example"):
        allianz().get_application("J-1")
