"""The policy: every number the rules use is a parameter here, never a constant in the code.

The defaults are the values seen most often; replace them by those of your own policy.
"""

from __future__ import annotations

from decimal import Decimal
from enum import Enum
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from tradecredit_sdk.models.base import Currency, Days, Id, Percent, RequestModel
from tradecredit_sdk.models.money import Money

CountryCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]
"""As the insurer lists it: a code we do not know must not make the whole policy unreadable."""


_TEN_YEARS_HOURS = 10 * 366 * 24


def _not_negative(money: Money) -> Money:
    if money.amount < 0:
        raise ValueError("must not be negative")
    return money


class TaxBasis(str, Enum):
    """Whether amounts count with VAT. Most policies exclude it (domain rule 18)."""

    NET = "net"
    GROSS = "gross"


class StaleAction(str, Enum):
    """What an order check does when the limit data is older than `limit_max_age_hours`."""

    WARN = "warn"
    BLOCK = "block"
    USE_LAST = "use_last"


class WaitingPeriodStart(str, Enum):
    """From where the waiting period runs (domain rule 20): insurers differ."""

    ORIGINAL_DUE_DATE = "original_due_date"
    NOTIFICATION = "notification"


class Policy(RequestModel):
    """The terms of one insurance policy; a term that is not one of these is refused, lest a typing error pass for a default.

    All periods are calendar days. `covered_countries` None means every country; an empty tuple means none.
    `discretionary_limit` is what the seller may grant by itself while the insurer has never decided on the buyer
    (domain rules 13-15); None means there is no such right. `order_tolerance_percent` lets an order pass beyond the
    limit by that share of the limit, as a warning; 0 means not by a cent.
    """

    id: Id
    insurer: str = "open"
    currency: Currency
    insured_percentage: Percent = Decimal(90)
    max_payment_terms_days: Days = 90
    max_extension_days: Days = 60
    """Maximum extension period (domain rule 1), from the original due date."""
    notification_days: Days = 30
    """After the end of the maximum extension period: last day to declare the overdue (domain rule 4)."""
    waiting_period_days: Days = 180
    waiting_period_start: WaitingPeriodStart = WaitingPeriodStart.ORIGINAL_DUE_DATE
    claim_filing_days: Days = 180
    """After the date of loss: last day to file the claim (domain rule 21)."""
    reinstatement_days: Days = 30
    """After the stop of cover: paid until then, cover returns for all deliveries (domain rule 8); later, for new ones only."""
    adverse_information_days: Days = 10
    """After learning of adverse information, such as an insolvency: last day to tell the insurer (domain rule 6)."""
    overdue_threshold: Annotated[Money, AfterValidator(_not_negative)] | None = None
    """A buyer who owes less than this beyond due dates need not be declared; None: every overdue must be."""
    covered_countries: tuple[CountryCode, ...] | None = None
    discretionary_limit: Annotated[Money, AfterValidator(_not_negative)] | None = None
    tax_basis: TaxBasis = TaxBasis.NET
    order_tolerance_percent: Percent = Decimal(0)
    limit_max_age_hours: int = Field(24, ge=0, le=_TEN_YEARS_HOURS, strict=True)
    """Limit data older than this is stale."""
    on_stale_limit: StaleAction = StaleAction.WARN
