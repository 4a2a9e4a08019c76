"""The bodies of the `open` contract (docs/reference/open-contract.md) and how the engine's records become them.

What comes in is strict: an unknown field, a number for a string or a day in another form is an error of that field.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

from tradecredit_sdk.models.base import parse_day
from tradecredit_sdk.models.limit import LimitAction, LimitKind, LimitState, StopReason
from tradecredit_sdk.models.money import MINOR_UNITS, Money, check_currency
from tradecredit_sdk.models.policy import Policy, StaleAction, TaxBasis, WaitingPeriodStart
from tradecredit_sdk.sandbox import records
from tradecredit_sdk.sandbox.clock import moment
from tradecredit_sdk.sandbox.problem import invalid

Reference = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,19}$"), Field(examples=["REQ-42"])]
BuyerId = Annotated[str, StringConstraints(min_length=1, max_length=64), Field(examples=["000004711"])]
Comment = Annotated[str, StringConstraints(max_length=1000)]
Country = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$"), Field(examples=["DE"])]
Number = Annotated[str, StringConstraints(min_length=1, max_length=40), Field(examples=["R-1001"])]
WireDay = Annotated[date, BeforeValidator(parse_day), Field(examples=["2026-12-31"])]
Grade = Literal["1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "NA"]
Moment = Annotated[str, Field(examples=["2026-03-31T08:00:00Z"], json_schema_extra={"format": "date-time"})]


class _In(BaseModel):
    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


def example(**content: Any) -> ConfigDict:
    """What the API pages offer to try; it works as it stands."""
    return ConfigDict(json_schema_extra={"examples": [content]})


class _Out(BaseModel):
    model_config = ConfigDict(extra="forbid")


# ---------------------------------------------------------------------- money, in both directions


class Amount(_In):
    """An exact amount: two strings, with exactly the digits of ISO 4217."""

    amount: Annotated[str, StringConstraints(pattern=r"^-?[0-9]{1,15}(\.[0-9]{1,4})?$"), Field(examples=["50000.00"])]
    currency: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$"), Field(examples=["EUR"])]

    def money(self, field: str) -> Money:
        """As Money; Problem 422 that names `field`."""
        try:
            check_currency(self.currency)
        except ValueError as error:
            raise invalid(f"{field}.currency", str(error)) from None
        if len(self.amount.partition(".")[2]) != MINOR_UNITS[self.currency]:
            message = f"{self.currency} is written with {MINOR_UNITS[self.currency]} digits after the point"
            raise invalid(f"{field}.amount", message)
        return Money(self.amount, self.currency)

    @classmethod
    def of(cls, money: Money) -> Amount:
        """From Money."""
        return cls(amount=f"{money.amount:f}", currency=money.currency)


def maybe(money: Money | None) -> Amount | None:
    """From Money, null where there is none."""
    return None if money is None else Amount.of(money)


# ---------------------------------------------------------------------- buyers


class IdentifierWire(_In):
    """A number that names one company; `country` null means the country searched."""

    type: Literal["vat", "registration", "insurer", "lei", "duns"]
    value: Annotated[str, StringConstraints(min_length=1, max_length=40), Field(examples=["DE136695976"])]
    country: Country | None = None


class BuyerSearch(_In):
    """What to look for: a name, identifiers, or both, in one country."""

    model_config = example(name="Nordlicht", country="DE")

    name: Annotated[str, StringConstraints(min_length=1, max_length=200), Field(examples=["Nordlicht"])] | None = None
    country: Country
    identifiers: Annotated[tuple[IdentifierWire, ...], Field(max_length=20)] = ()
    town: Annotated[str, StringConstraints(max_length=100)] | None = None
    postal_code: Annotated[str, StringConstraints(max_length=20)] | None = None
    max_results: Annotated[int, Field(ge=1, le=100, strict=True)] = 10


class AddressWire(_Out):
    """Where the company is seated."""

    street: str
    postal_code: str
    town: str
    country: str


class BuyerWire(_Out):
    """A company the insurer knows; `score` only in a search."""

    id: str
    name: str
    country: str
    identifiers: list[IdentifierWire]
    address: AddressWire
    grade: Grade
    status: Literal["active", "insolvent", "ceased"]
    score: int | None = None

    @classmethod
    def of(cls, company: records.Company, score: int | None = None) -> BuyerWire:
        """From the engine's record."""
        numbers = {"vat": company.vat, "registration": company.registration}
        place = {"street": company.street, "postal_code": company.postal_code, "town": company.town}
        content: dict[str, Any] = {
            "id": company.id,
            "name": company.name,
            "country": company.country,
            "identifiers": [
                {"type": kind, "value": value, "country": company.country} for kind, value in numbers.items() if value
            ],
            "address": {**place, "country": company.country},
            "grade": company.grade,
            "status": company.status,
            "score": score,
        }
        return cls(**content)


class BuyerHits(_Out):
    """Hits, best first."""

    buyers: list[BuyerWire]


# ---------------------------------------------------------------------- policies


class PolicyWire(_Out):
    """The terms of a policy; periods in calendar days, percentages as strings."""

    id: str
    insurer: str
    currency: str
    insured_percentage: str
    max_payment_terms_days: int
    max_extension_days: int
    notification_days: int
    waiting_period_days: int
    waiting_period_start: WaitingPeriodStart
    claim_filing_days: int
    reinstatement_days: int
    adverse_information_days: int
    overdue_threshold: Amount | None
    covered_countries: list[str] | None
    discretionary_limit: Amount | None
    tax_basis: TaxBasis
    order_tolerance_percent: str
    limit_max_age_hours: int
    on_stale_limit: StaleAction

    @classmethod
    def of(cls, policy: Policy) -> PolicyWire:
        """From the sandbox's policy."""
        same = (
            *("id", "insurer", "currency", "max_payment_terms_days", "max_extension_days", "notification_days"),
            *("waiting_period_days", "waiting_period_start", "claim_filing_days", "tax_basis", "limit_max_age_hours"),
            *("on_stale_limit", "reinstatement_days", "adverse_information_days"),
        )
        countries = policy.covered_countries
        return cls(
            **{name: getattr(policy, name) for name in same},
            insured_percentage=f"{policy.insured_percentage:f}",
            order_tolerance_percent=f"{policy.order_tolerance_percent:f}",
            covered_countries=None if countries is None else list(countries),
            discretionary_limit=maybe(policy.discretionary_limit),
            overdue_threshold=maybe(policy.overdue_threshold),
        )


class PolicyPage(_Out):
    """The policies a key sees, on one page."""

    items: list[PolicyWire]
    next_cursor: None = None


# ---------------------------------------------------------------------- applications and decisions


class ApplicationRequest(_In):
    """What is asked; `amount` is the total wanted and absent for `cancel`, `valid_until` belongs to `temporary`."""

    model_config = example(
        reference="REQ-42",
        buyer_id="000004711",
        action="new",
        kind="permanent",
        amount={"amount": "50000.00", "currency": "EUR"},
        terms_days=60,
    )

    reference: Reference
    buyer_id: BuyerId
    action: Literal[LimitAction.NEW, LimitAction.INCREASE, LimitAction.DECREASE, LimitAction.CANCEL] = LimitAction.NEW
    kind: Literal[LimitKind.PERMANENT, LimitKind.TEMPORARY] = LimitKind.PERMANENT
    amount: Amount | None = None
    valid_until: WireDay | None = None
    terms_days: Annotated[int, Field(ge=0, le=3650, strict=True)] | None = None
    urgent: Annotated[bool, Field(strict=True)] = False
    comment: Comment | None = None

    def asked(self) -> records.Asked:
        """As the engine takes it; Problem 422."""
        amount = None if self.amount is None else self.amount.money("amount")
        return records.Asked(**{**dict(self), "amount": amount})


class ConditionWire(_Out):
    """A condition of a decision."""

    code: str | None
    text: str

    @classmethod
    def all(cls, conditions: Iterable[records.Condition]) -> tuple[ConditionWire, ...]:
        """From the engine's records."""
        return tuple(cls(code=condition.code, text=condition.text) for condition in conditions)


class DecisionWire(_Out):
    """The answer; `amount` null while there is none, zero refuses cover."""

    application_id: str
    reference: str | None
    buyer_id: str
    state: LimitState
    amount: Amount | None = None
    insurer_code: str | None = None
    reason: str | None = None
    conditions: tuple[ConditionWire, ...] = ()
    limit_id: str | None = None
    valid_from: date | None = None
    valid_until: date | None = None
    decided_at: Moment | None = None

    @classmethod
    def of(cls, application: records.Application) -> DecisionWire:
        """From the engine's record."""
        decision = application.decision
        head: dict[str, Any] = {
            "application_id": application.id,
            "reference": application.asked.reference,
            "buyer_id": application.asked.buyer_id,
        }
        if decision is None:
            return cls(**head, state=application.state)
        return cls(
            **head,
            state=decision.state,
            amount=Amount.of(decision.amount),
            insurer_code=decision.code,
            reason=decision.reason,
            conditions=ConditionWire.all(decision.conditions),
            limit_id=decision.limit_id,
            valid_from=decision.valid_from,
            valid_until=decision.valid_until,
            decided_at=moment(decision.decided_at),
        )


class DecisionPage(_Out):
    """Decisions, newest first."""

    items: list[DecisionWire]
    next_cursor: str | None


class ApplicationWire(_Out):
    """An application the insurer has received; `decision` null while it is pending."""

    id: str
    reference: str | None
    policy_id: str
    buyer_id: str
    action: LimitAction
    kind: LimitKind
    amount: Amount | None
    valid_until: date | None
    terms_days: int | None
    urgent: bool
    comment: str | None
    state: LimitState
    created_at: Moment
    decision: DecisionWire | None

    @classmethod
    def of(cls, application: records.Application) -> ApplicationWire:
        """From the engine's record."""
        asked = application.asked
        same = ("reference", "buyer_id", "action", "kind", "valid_until", "terms_days", "urgent", "comment")
        return cls(
            id=application.id,
            policy_id=application.policy_id,
            amount=maybe(asked.amount),
            state=application.state,
            created_at=moment(application.created_at),
            decision=None if application.decision is None else DecisionWire.of(application),
            **{name: getattr(asked, name) for name in same},
        )


class ApplicationPage(_Out):
    """Applications, newest first."""

    items: list[ApplicationWire]
    next_cursor: str | None


# ---------------------------------------------------------------------- limits


class AnnouncedChangeWire(_Out):
    """From `effective_on` the row counts `amount`."""

    effective_on: date
    amount: Amount


class StopWire(_Out):
    """Cover has stopped: deliveries from `since` on and before `until` are not insured."""

    since: date
    until: date | None
    reason: StopReason
    overdue_id: str | None


class LimitWire(_Out):
    """One dated row of cover; both days are inside."""

    id: str
    buyer_id: str
    kind: LimitKind
    state: LimitState
    amount: Amount
    valid_from: date
    valid_until: date | None
    announced_change: AnnouncedChangeWire | None
    insured_percentage: str | None
    max_terms_days: int | None
    conditions: tuple[ConditionWire, ...]
    insurer_code: str | None
    application_id: str | None
    stop: StopWire | None

    @classmethod
    def of(cls, limit: records.Limit) -> LimitWire:
        """From the engine's record."""
        change = None
        if limit.change_on is not None and limit.change_amount is not None:
            change = AnnouncedChangeWire(effective_on=limit.change_on, amount=Amount.of(limit.change_amount))
        same = ("id", "buyer_id", "kind", "state", "valid_from", "valid_until", "insured_percentage", "max_terms_days")
        return cls(
            amount=Amount.of(limit.amount),
            announced_change=change,
            conditions=ConditionWire.all(limit.conditions),
            insurer_code=limit.code,
            application_id=limit.application_id,
            stop=None if limit.stop is None else StopWire(**asdict(limit.stop)),
            **{name: getattr(limit, name) for name in same},
        )


class LimitPage(_Out):
    """Rows, oldest first."""

    items: list[LimitWire]
    next_cursor: str | None
