"""What the contract tests ask each insurer for."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

from tradecredit_sdk.models.limit import LimitRequest
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.overdue import OverdueDeclaration

TODAY = datetime.now(timezone.utc).date()
SINCE = datetime(2020, 1, 1, tzinfo=timezone.utc)


def request(buyer: str, amount: str = "20000", reference: str = "REQ-1", **more: Any) -> LimitRequest:
    return LimitRequest(buyer_id=buyer, amount=Money(amount, "EUR"), reference=reference, **more)


def declaration(reference: str = "OVD-1", buyer: str = "900000001") -> OverdueDeclaration:
    invoices = tuple(
        {"number": number, "due_date": TODAY - timedelta(days=ago), "amount": Money(amount, "EUR")}
        for number, ago, amount in (("R-1", 70, "1250.00"), ("R-2", 40, "0.50"))
    )
    return OverdueDeclaration(buyer_id=buyer, invoices=invoices, reference=reference)
