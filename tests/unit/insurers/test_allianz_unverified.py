"""Behind the switch: what is sent is the guess of the table, and nothing more is claimed than a job id."""

from __future__ import annotations

from datetime import datetime, timezone
from decimal import Decimal

import pytest
from allianz_samples import POLICY

from tradecredit_sdk.errors import (
    InvalidInputError,
    NoAnswerError,
    PendingError,
    ResponseFormatError,
    ServerError,
    UnsupportedOperationError,
)
from tradecredit_sdk.models.limit import LimitAction, LimitRequest, LimitState
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.overdue import OverdueChange, OverdueDeclaration, OverdueState

OVERDUE = "/overdues/v1/overdues"
LINK = "https://api.example/overdues/v1/overdues/ovd-1"
DONE = {"jobStatusCode": "PROCESSED", "resourceUrl": LINK}


@pytest.fixture
def insurer(allianz):
    return allianz(unverified=True)


def expect_covers(wire, *cover_ids):
    query = {"policyId": "012345", "businessUnitCode": "EHDK", "companyId": "1", "page": "1", "pageSize": "100"}
    rows = [{"coverId": one, "coverStatusCode": "Agreement", "company": {"companyId": "1"}} for one in cover_ids]
    wire.expect("GET", "/riskinfo/v2/covers", rows, status=206, query=query)


@pytest.mark.parametrize("target", ["cover:COV-1", "cover:COV-1:temporary"])
def test_cancelling_a_limit_is_an_order(insurer, allianz_wire, target):
    allianz_wire.expect("DELETE", "/riskinfo/v3/covers/COV-1", "J-9", status=202)
    cancelled = insurer.cancel_limit(target)
    assert (cancelled.id, cancelled.state, cancelled.action) == ("J-9", LimitState.REQUESTED, LimitAction.CANCEL)


def test_cancelling_what_a_job_made(insurer, allianz_wire):
    link = "https://api.example/riskinfo/v3/covers/COV%201"
    allianz_wire.expect("GET", "/riskinfo/v3/jobs/J-1", {"jobStatusCode": "PROCESSED", "resourceUrl": link})
    allianz_wire.expect("GET", link, {})
    allianz_wire.expect("DELETE", "/riskinfo/v3/covers/COV%201", 17, status=202)
    assert insurer.cancel_limit("J-1").id == "17"


def test_a_job_that_still_runs_made_nothing_to_cancel(insurer, allianz_wire):
    allianz_wire.expect("GET", "/riskinfo/v3/jobs/J-1", {"jobStatusCode": "PENDING"})
    with pytest.raises(PendingError, match="nothing was sent"):
        insurer.cancel_limit("J-1")


def test_a_decrease_changes_the_one_cover(insurer, allianz_wire):
    expect_covers(allianz_wire, "COV-1")
    details = {"creditLimitDetails": {"requestedAmount": Decimal("10.5"), "currencyCode": "EUR"}}
    allianz_wire.expect("PATCH", "/riskinfo/v3/covers/COV-1", "J-2", status=202, sent=details)
    request = LimitRequest(buyer_id="1", amount=Money("10.50", "EUR"), action="decrease", reference="REQ-1")
    answered = insurer.request_limit(request)
    assert (answered.id, answered.reference, answered.action) == ("J-2", "REQ-1", LimitAction.DECREASE)


def test_a_cancellation_by_request(insurer, allianz_wire):
    expect_covers(allianz_wire, "COV-1")
    allianz_wire.expect("DELETE", "/riskinfo/v3/covers/COV-1", "J-3", status=202)
    assert insurer.request_limit(LimitRequest(buyer_id="1", action="cancel", reference="REQ-1")).id == "J-3"


@pytest.mark.parametrize("covers", [[], ["COV-1", "COV-2"]])
def test_which_cover_to_change_is_never_guessed(insurer, allianz_wire, covers):
    expect_covers(allianz_wire, *covers)
    with pytest.raises(InvalidInputError, match=f"has {len(covers)} covers"):
        insurer.request_limit(LimitRequest(buyer_id="1", action="cancel"))


@pytest.mark.parametrize("changes", [{"action": "cancel"}, {"action": "decrease", "amount": Money("1", "EUR")}])
def test_a_change_needs_the_switch(allianz, mock, changes):
    with pytest.raises(UnsupportedOperationError, match="TRADECREDIT_UNVERIFIED=1") as caught:
        allianz().request_limit(LimitRequest(buyer_id="1", **changes))
    assert changes["action"] in str(caught.value)
    assert len(mock.calls) == 0


@pytest.mark.parametrize("method", ["DELETE", "PATCH"])
def test_an_order_is_not_repeated_even_where_http_would_allow_it(allianz, allianz_wire, method):
    expect_covers(allianz_wire, "COV-1")
    decrease = method == "PATCH"
    details = {"creditLimitDetails": {"requestedAmount": 1, "currencyCode": "EUR"}} if decrease else None
    allianz_wire.expect(method, "/riskinfo/v3/covers/COV-1", status=503, sent=details)
    request = {"action": "decrease", "amount": Money("1", "EUR")} if decrease else {"action": "cancel"}
    with pytest.raises(ServerError):
        allianz(unverified=True, retries=3).request_limit(LimitRequest(buyer_id="1", **request))


def test_cancelling_by_id_is_not_repeated_either(allianz, allianz_wire):
    """A DELETE is repeatable in HTTP; an order of this insurer is not known to be."""
    allianz_wire.expect("DELETE", "/riskinfo/v3/covers/COV-1", status=503)
    with pytest.raises(ServerError) as caught:
        allianz(unverified=True, retries=3).cancel_limit("cover:COV-1")
    assert caught.value.attempts == 1


def declaration(**changes) -> OverdueDeclaration:
    invoices = tuple(
        {"number": number, "due_date": "2026-01-31", "amount": Money(amount, "EUR")}
        for number, amount in (("R-1", "1250.00"), ("R-2", "0.50"))
    )
    return OverdueDeclaration(**{"buyer_id": "1", "invoices": invoices, "reference": "OVD-7", **changes})


def test_declaring_an_overdue(insurer, allianz_wire):
    body = {
        "overdueCategoryTypeCode": "OVD",
        "policy": POLICY,
        "companyId": "1",
        "customerReference": "OVD-7",
        "invoices": [
            {"invoiceNumber": "R-1", "dueDate": "2026-01-31", "amount": 1250, "currencyCode": "EUR"},
            {"invoiceNumber": "R-2", "dueDate": "2026-01-31", "amount": Decimal("0.5"), "currencyCode": "EUR"},
        ],
    }
    allianz_wire.expect("POST", OVERDUE, "J-5", status=202, sent=body)
    overdue = insurer.declare_overdue(declaration())
    assert (overdue.id, overdue.reference, overdue.buyer_id) == ("1:J-5", "OVD-7", "1")
    assert (overdue.total, overdue.state, overdue.insurer_code) == (
        Money("1250.50", "EUR"),
        OverdueState.DECLARED,
        "OVD",
    )


@pytest.mark.parametrize(
    "changes",
    [
        {"reason": "insolvency"},
        {"comment": "please"},
        {"outstanding": Money("9999", "EUR")},
        {"steps_taken": ({"day": "2026-02-01", "step": "reminder"},)},
        {"collection": {"by": "seller", "until": "2026-05-01"}},
        {
            "invoices": (
                {"number": "R-1", "due_date": "2026-01-31", "amount": Money("1", "EUR"), "disputed": Money("1", "EUR")},
            )
        },
        {
            "invoices": (
                {
                    "number": "R-1",
                    "due_date": "2026-01-31",
                    "amount": Money("1", "EUR"),
                    "agreed_due_date": "2026-03-01",
                },
            )
        },
    ],
)
def test_what_a_declaration_cannot_say_there_is_refused(insurer, mock, changes):
    with pytest.raises(UnsupportedOperationError, match="portal"):
        insurer.declare_overdue(declaration(**changes))
    assert len(mock.calls) == 0


@pytest.mark.parametrize(
    ("body", "state"),
    [
        ({"overdueStatusCode": "Settled"}, OverdueState.SETTLED),
        ({"overdueStatusCode": "Whatever"}, "Whatever"),
        ({}, OverdueState.DECLARED),
    ],
)
def test_reading_an_overdue_follows_its_job(insurer, allianz_wire, body, state):
    allianz_wire.expect("GET", "/overdues/v1/jobs/J-5", DONE)
    allianz_wire.expect("GET", LINK, body)
    overdue = insurer.get_overdue("1:J-5")
    assert (overdue.id, overdue.buyer_id, overdue.state, overdue.raw) == ("1:J-5", "1", state, body)


@pytest.mark.parametrize(("word", "state"), [("PENDING", OverdueState.DECLARED), ("FAILED", "FAILED")])
def test_while_the_job_runs_the_overdue_is_declared(insurer, allianz_wire, word, state):
    allianz_wire.expect("GET", "/overdues/v1/jobs/J-5", {"jobStatusCode": word})
    assert insurer.get_overdue("1:J-5").state == state


@pytest.mark.parametrize("overdue_id", ["J-5", ":J-5", "1:"])
def test_an_id_of_another_form_is_refused(insurer, mock, overdue_id):
    with pytest.raises(InvalidInputError, match="<companyId>:<jobId>"):
        insurer.get_overdue(overdue_id)
    assert len(mock.calls) == 0


@pytest.mark.parametrize(
    ("change", "details", "state"),
    [
        (
            {"action": "extend", "invoice": "R-1", "new_due_date": "2026-05-31"},
            {"overdueCategoryTypeCode": "EXP", "invoiceNumber": "R-1", "newDueDate": "2026-05-31"},
            OverdueState.EXTENDED,
        ),
        (
            {"action": "reschedule", "instalments": [{"due_date": "2026-06-30", "amount": Money("5", "EUR")}]},
            {
                "overdueCategoryTypeCode": "RES",
                "instalments": [{"dueDate": "2026-06-30", "amount": 5, "currencyCode": "EUR"}],
            },
            OverdueState.RESCHEDULED,
        ),
    ],
)
def test_extending_and_rescheduling(insurer, allianz_wire, change, details, state):
    allianz_wire.expect("GET", "/overdues/v1/jobs/J-5", DONE)
    allianz_wire.expect("GET", LINK, {"overdueId": "ovd-1"})
    body = {"policy": POLICY, "overdueId": "ovd-1", "customerReference": "ACT-1", **details}
    allianz_wire.expect("POST", OVERDUE, {"jobId": 6}, status=202, sent=body)
    overdue = insurer.change_overdue(OverdueChange(overdue_id="1:J-5", reference="ACT-1", **change))
    assert (overdue.id, overdue.buyer_id, overdue.state) == ("1:J-5", "1", state)


@pytest.mark.parametrize(
    "change",
    [
        {"action": "settle", "settled_on": "2026-04-02"},
        {"action": "pay", "amount": Money("1", "EUR"), "paid_on": "2026-04-02"},
        {"action": "withdraw"},
        {"action": "documents", "documents": ({"kind": "invoice", "name": "R-1.pdf"},)},
        {"action": "extend", "new_due_date": "2026-05-31"},
        {"action": "extend", "invoice": "R-1", "new_due_date": "2026-05-31", "comment": "please"},
    ],
)
def test_a_change_without_a_known_form_is_refused(insurer, mock, change):
    with pytest.raises(UnsupportedOperationError, match="nothing was sent"):
        insurer.change_overdue(OverdueChange(overdue_id="1:J-5", **change))
    assert len(mock.calls) == 0


def test_a_change_waits_for_the_declaration(insurer, allianz_wire):
    allianz_wire.expect("GET", "/overdues/v1/jobs/J-5", {"jobStatusCode": "PENDING"})
    change = OverdueChange(
        overdue_id="1:J-5", action="extend", invoice="R-1", new_due_date="2026-05-31", reference="ACT-1"
    )
    with pytest.raises(PendingError) as caught:
        insurer.change_overdue(change)
    assert caught.value.reference == "ACT-1"


def test_an_overdue_without_its_id_is_not_changed(insurer, allianz_wire):
    allianz_wire.expect("GET", "/overdues/v1/jobs/J-5", DONE)
    allianz_wire.expect("GET", LINK, {})
    change = OverdueChange(overdue_id="1:J-5", action="extend", invoice="R-1", new_due_date="2026-05-31")
    with pytest.raises(ResponseFormatError):
        insurer.change_overdue(change)


def test_a_lost_declaration_cannot_be_looked_for(insurer):
    with pytest.raises(NoAnswerError) as caught:
        insurer.find_overdue(declaration(), datetime(2026, 3, 31, tzinfo=timezone.utc))
    assert caught.value.reference == "OVD-7"
