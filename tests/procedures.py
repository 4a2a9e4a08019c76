"""Limit requests as the journal's tests send them, without a client."""

from __future__ import annotations

from typing import Any

from fake_insurer import FakeInsurer

from tradecredit_sdk.journal import EntryKind, Journal, Procedure, Scope
from tradecredit_sdk.models.limit import LimitApplication, LimitRequest

SCOPE = Scope("fake", "https://insurer.example/v1", "P-1")


def requesting(insurer: FakeInsurer) -> Procedure[LimitRequest, LimitApplication]:
    return Procedure(
        kind=EntryKind.LIMIT_REQUEST,
        request=LimitRequest,
        send=insurer.request_limit,
        find=insurer.find_application,
        repeatable=insurer.capabilities.idempotent_reference,
        write=lambda answer: answer.model_dump(mode="json"),
        read=LimitApplication.model_validate,
    )


def limit_request(reference: str = "R-1", amount: str = "1000", **fields: Any) -> LimitRequest:
    return LimitRequest(
        buyer_id="000000001", amount={"amount": amount, "currency": "EUR"}, reference=reference, **fields
    )


def perform(
    journal: Journal, insurer: FakeInsurer, request: LimitRequest, wait_seconds: float = 90
) -> LimitApplication:
    assert request.reference is not None
    return journal.perform(SCOPE, requesting(insurer), request.reference, request, wait_seconds=wait_seconds)
