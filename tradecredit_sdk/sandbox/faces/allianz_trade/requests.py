"""What a client sends to the Allianz Trade face; lenient where real clients were seen to be loose.

Numbers and flags may be strings, empty strings mean absent, unknown fields are ignored.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator
from pydantic.alias_generators import to_camel

from tradecredit_sdk.models.base import Day


def _absent_if_blank(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


Text = Annotated[
    Annotated[str, StringConstraints(strip_whitespace=True, max_length=1000)] | None, BeforeValidator(_absent_if_blank)
]
Reference = Annotated[
    Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,19}$")] | None,
    BeforeValidator(_absent_if_blank),
]
"""The policyholder's own: at most 20 characters on the portal."""

Key = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Amount = Annotated[Decimal, Field(gt=0, lt=Decimal(10) ** 15, allow_inf_nan=False)]
CurrencyCode = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]


class Body(BaseModel):
    """Field names on the wire are in camel case."""

    model_config = ConfigDict(extra="ignore", hide_input_in_errors=True, alias_generator=to_camel)


class ApiKey(Body):
    """POST …/oauth2/authorize."""

    api_key: Annotated[str, StringConstraints(max_length=4096)]


class PolicyKey(Body):
    """Which policy. `extensionId` empty or absent is the main one; any business unit, or none, is accepted."""

    policy_id: Key
    extension_id: Text = None
    business_unit_code: Text = None


class CreditLimitDetails(Body):
    """The total amount wanted."""

    requested_amount: Amount
    currency_code: CurrencyCode


class CoverRequest(Body):
    """POST /riskinfo/v3/covers."""

    request_type_code: Literal["Primary", "GradeCover"]
    policy: PolicyKey
    company_id: Key
    credit_limit_details: CreditLimitDetails | None = None
    is_request_urgent: bool = False
    customer_reference: Reference = None
    comment: Text = None

    @model_validator(mode="after")
    def _amount(self) -> CoverRequest:
        if self.request_type_code == "Primary" and self.credit_limit_details is None:
            raise ValueError("creditLimitDetails says how much is wanted")
        return self


class CoverChange(Body):
    """PATCH /riskinfo/v3/covers/{coverId}."""

    credit_limit_details: CreditLimitDetails
    is_request_urgent: bool = False
    customer_reference: Reference = None
    comment: Text = None


class RequestData(Body):
    """The inner part of a request of version 2."""

    amount: Amount
    currency_code: CurrencyCode
    company_id: Key
    comment: Text = None
    is_request_urgent: bool = False


class CoverRequestV2(Body):
    """POST /riskinfo/v2/covers."""

    cover_type_code: Literal["CreditLimit"]
    request_origin: Text = None
    request_data: RequestData
    policy: PolicyKey


class Pagination(Body):
    """Which page; `isTotalRequired` asks for the totals."""

    page: int = Field(1, ge=1, le=1_000_000)
    page_size: int = Field(20, ge=1, le=10_000)
    is_total_required: bool = False


class Search(Body):
    """POST …/search: the covers, or the overdues, of several policies."""

    policies: Annotated[list[PolicyKey], Field(min_length=1, max_length=50)]
    pagination: Pagination = Field(default_factory=Pagination)


class CoverRequestSearch(Search):
    """POST /riskinfo/v3/coverRequests/search; without a status all requests fit."""

    request_status_code: Text = None


class CompanyIdentifier(Body):
    """A national number; the values of `idTypeCode` are not known, so it is not looked at."""

    id_type_code: Text = None
    id_value: Text = None


class CompanySearch(Body):
    """What both company searches read."""

    company_name: Text = None
    country_code: Text = None
    town: Text = None
    postal_code: Text = None


class AdvancedSearch(CompanySearch):
    """POST …/companies/advancedSearch."""

    only_active: bool = False
    page: int = Field(1, ge=1, le=1000)
    page_size: int = Field(20, ge=1, le=100)


class Matching(CompanySearch):
    """POST …/companies/matching."""

    requested_size: int = Field(10, ge=1, le=100)
    minimum_score: int = Field(0, ge=0, le=100)
    company_identifiers: Annotated[list[CompanyIdentifier], Field(max_length=20)] = Field(default_factory=list)


class OverdueInvoice(Body):
    """One unpaid invoice; `dueDate` is the original one."""

    invoice_number: Annotated[str, StringConstraints(min_length=1, max_length=40)]
    due_date: Day
    amount: Amount
    currency_code: CurrencyCode


class Instalment(Body):
    """One payment of an agreed plan."""

    due_date: Day
    amount: Amount
    currency_code: CurrencyCode


class Declaration(Body):
    """POST /overdues/v1/overdues with `OVD`: report a state of default."""

    overdue_category_type_code: Literal["OVD"]
    policy: PolicyKey
    company_id: Key
    invoices: Annotated[list[OverdueInvoice], Field(min_length=1, max_length=500)]
    customer_reference: Reference = None
    comment: Text = None


class Extension(Body):
    """POST /overdues/v1/overdues with `EXP`: change the due date of one invoice."""

    overdue_category_type_code: Literal["EXP"]
    policy: PolicyKey
    overdue_id: Key
    invoice_number: Text = None
    new_due_date: Day
    customer_reference: Reference = None
    comment: Text = None


class Rescheduling(Body):
    """POST /overdues/v1/overdues with `RES`: a repayment plan has been agreed."""

    overdue_category_type_code: Literal["RES"]
    policy: PolicyKey
    overdue_id: Key
    instalments: Annotated[list[Instalment], Field(min_length=1, max_length=100)]
    customer_reference: Reference = None
    comment: Text = None


OverdueReport = Annotated[Declaration | Extension | Rescheduling, Field(discriminator="overdue_category_type_code")]
