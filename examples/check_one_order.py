"""The credit check by itself: a pure function of what you know, without network, key or account.

python examples/check_one_order.py
"""

from __future__ import annotations

from datetime import date, datetime, timezone

from tradecredit_sdk import CreditLimit, ExchangeRates, Exposure, LimitPosition, Money, Order, Policy, check_order

TODAY = date(2026, 3, 31)

policy = Policy(id="P-1", currency="EUR", insured_percentage="90", max_payment_terms_days=90, max_extension_days=60)
limit = CreditLimit(id="L-1", buyer_id="4711", amount=Money("50000.00", "EUR"), valid_from="2026-01-01")
known = LimitPosition(buyer_id="4711", limits=(limit,), as_of=datetime(2026, 3, 31, 8, tzinfo=timezone.utc))
rates = ExchangeRates("EUR", {"USD": "1.10", "JPY": "160"})

exposure = Exposure(
    open=(Money("22000.00", "EUR"), Money("5500.00", "USD")),  # one amount for each currency
    overdue=Money("3000.00", "EUR"),
    oldest_original_due_date=date(2026, 3, 1),
)

for amount, terms_days in (
    (Money("20000.00", "EUR"), 60),  # exactly at the limit
    (Money("20000.01", "EUR"), 60),  # one cent more
    (Money("3200001", "JPY"), 60),  # one yen more: a debt is rounded up when it is converted
    (Money("100.00", "EUR"), 120),  # longer terms than the policy covers
):
    order = Order(buyer_id="4711", amount=amount, terms_days=terms_days)
    verdict = check_order(order, exposure, known, policy, TODAY, rates)
    print(f"{amount} at {terms_days} days: {verdict.outcome.value}, {verdict.uncovered} not covered")
    for reason in verdict.reasons:
        print(f"    {reason.code.value}: {reason.message}")
