"""The policies of the sandbox and the keys that open them. A key sees its own policies only."""

from __future__ import annotations

from decimal import Decimal

from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.policy import Policy, StaleAction, TaxBasis, WaitingPeriodStart
from tradecredit_sdk.sandbox.problem import not_found

COUNTRIES = (
    "AT", "BE", "BR", "CA", "CH", "CN", "CZ", "DE", "DK", "ES", "FI", "FR", "GB", "IT", "JP", "KR", "MX", "NL", "NO",
    "PL", "PT", "SE", "SG", "TR", "US",
)  # fmt: skip
"""Where the sandbox knows companies."""

DEMO_001 = Policy(
    id="DEMO-001",
    currency="EUR",
    insured_percentage=Decimal(90),
    max_payment_terms_days=90,
    max_extension_days=60,
    covered_countries=COUNTRIES,
    discretionary_limit=Money("10000.00", "EUR"),
)
DEMO_002 = Policy(
    id="DEMO-002",
    currency="USD",
    insured_percentage=Decimal(85),
    max_payment_terms_days=60,
    max_extension_days=30,
    notification_days=15,
    waiting_period_start=WaitingPeriodStart.NOTIFICATION,
    covered_countries=("CA", "DE", "GB", "MX", "US"),
    tax_basis=TaxBasis.GROSS,
    order_tolerance_percent=Decimal(5),
    on_stale_limit=StaleAction.BLOCK,
)
DEMO_003 = Policy(id="DEMO-003", currency="EUR", max_payment_terms_days=120, covered_countries=None)

KEYS: dict[str, tuple[Policy, ...]] = {"sandbox": (DEMO_001,), "sandbox-2": (DEMO_002,), "sandbox-3": (DEMO_003,)}
"""API key -> the policies it sees."""

ONE_LIMIT_AT_A_TIME = frozenset({"DEMO-003"})
"""Policies under which `new` is refused (409 `limit_exists`) where a limit is in force; the others decide anew."""

_BY_ID = {policy.id: policy for policies in KEYS.values() for policy in policies}


def policies_of(key: str) -> tuple[Policy, ...] | None:
    """The policies a key sees; None for a key nobody knows."""
    return KEYS.get(key)


def get_policy(policy_id: str) -> Policy:
    """One policy by its id; Problem 404 `policy_not_found`."""
    if policy_id not in _BY_ID:
        raise not_found("policy_not_found", "policy of this number")
    return _BY_ID[policy_id]
