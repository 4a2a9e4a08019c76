"""What the contract tests ask each insurer for."""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from tradecredit_sdk.models.limit import LimitRequest
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.overdue import OverdueDeclaration

SINCE = datetime(2020, 1, 1, tzinfo=timezone.utc)


def request(buyer: str, amount: str = "20000", reference: str = "REQ-1", **more: Any) -> LimitRequest:
    return LimitRequest(buyer_id=buyer, amount=Money(amount, "EUR"), reference=reference, **more)


def declaration(reference: str = "OVD-1", buyer: str = "900000001") -> OverdueDeclaration:
    invoices = tuple(
        {"number": number, "due_date": due, "amount": Money(amount, "EUR")}
        for number, due, amount in (("R-1", "2025-01-31", "1250.00"), ("R-2", "2025-02-28", "0.50"))
    )
    return OverdueDeclaration(buyer_id=buyer, invoices=invoices, reference=reference)
