"""Allianz Trade's JSON <-> canonical models; no call is made here.

Client programs that run against the insurer show that parts of an answer may be missing, null or in any order, so
everything is read with its path (`Node`), and what is present but of a wrong kind is an error that names the path.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from tradecredit_sdk.errors import ConfigError, FieldError, ResponseFormatError, UnsupportedOperationError
from tradecredit_sdk.insurers.allianz_tables import Contract
from tradecredit_sdk.insurers.wire import Heard
from tradecredit_sdk.models.base import parse_day
from tradecredit_sdk.models.buyer import Buyer
from tradecredit_sdk.models.limit import (
    LimitApplication,
    LimitDecision,
    LimitKind,
    LimitRequest,
    LimitState,
)
from tradecredit_sdk.models.money import Money, parse_amount

COVER = "cover:"
"""Prefix of ids that name a cover; an application id without it is a job id."""
TEMPORARY = ":temporary"
"""Suffix of the id of a cover's temporary limit."""


@dataclass(frozen=True, slots=True)
class Node:
    """One value of an answer and where it is. Reading below what is absent gives absent again."""

    heard: Heard
    value: Any
    path: str = ""

    def __getitem__(self, key: str) -> Node:
        path = f"{self.path}.{key}" if self.path else key
        if self.value is None:
            return Node(self.heard, None, path)
        if not isinstance(self.value, dict):
            raise self.wrong("must be an object")
        return Node(self.heard, self.value.get(key), path)

    def rows(self) -> Iterator[Node]:
        """The elements of a list; none if absent."""
        if self.value is None:
            return
        if not isinstance(self.value, list):
            raise self.wrong("must be a list")
        for index, item in enumerate(self.value):
            yield Node(self.heard, item, f"{self.path}.{index}" if self.path else str(index))

    def text(self) -> str | None:
        """A text, None if absent or empty. A number is an error: as an id it would have lost its leading zeros."""
        if self.value is None or self.value == "":
            return None
        if not isinstance(self.value, str):
            raise self.wrong("must be a text")
        return self.value.strip() or None

    def needed(self) -> str:
        """A text that must be there."""
        text = self.text()
        if text is None:
            raise self.wrong("is missing")
        return text

    def day(self) -> date | None:
        """A day YYYY-MM-DD."""
        text = self.text()
        if text is None:
            return None
        try:
            return parse_day(text)
        except ValueError:
            raise self.wrong("must be a day written YYYY-MM-DD") from None

    def amount(self) -> Decimal | None:
        """A number, also one written as a text of digits."""
        if self.value is None:
            return None
        try:
            return parse_amount(self.value)
        except ValueError:
            raise self.wrong("must be an amount") from None

    def money(self, amount: Decimal, currency: str) -> Money:
        """`amount` in `currency`, refused if it has more decimals than the currency."""
        try:
            return Money(amount, currency)
        except ValueError:
            raise self.wrong("must be an amount with the digits of its ISO 4217 currency") from None

    def wrong(self, message: str) -> ResponseFormatError:
        """The error to raise about this value."""
        return self.heard.wrong(FieldError(self.path or "answer", message))


@dataclass(frozen=True, slots=True)
class PolicyKey:
    """A policy as the insurer names it: business unit, number (a string: leading zeros count) and extension."""

    policy_id: str
    business_unit: str | None = None
    extension: str | None = None

    @classmethod
    def parse(cls, policy: str, business_unit: str | None = None) -> PolicyKey:
        """Read `POLICY`, `UNIT:POLICY` or `UNIT:POLICY:EXTENSION`; ConfigError says what is wrong."""
        parts = policy.split(":")
        if len(parts) == 1:
            parts = [business_unit or "", *parts]
        unit, number, *rest = [part.strip() for part in parts]
        if not number or len(rest) > 1 or (len(policy.split(":")) > 1 and not unit):
            raise ConfigError("policy is written POLICY, UNIT:POLICY or UNIT:POLICY:EXTENSION, such as ACI:1234567")
        if business_unit and unit != business_unit.strip():
            raise ConfigError(f"policy names the business unit {unit} and business_unit says {business_unit}; keep one")
        return cls(number, unit or None, (rest[0] or None) if rest else None)

    def body(self) -> dict[str, str]:
        """The `policy` object of a request."""
        named = {"businessUnitCode": self.business_unit, "policyId": self.policy_id, "extensionId": self.extension}
        return {name: value for name, value in named.items() if value}


def buyer(company: Node, country: str, score: Node | None = None, *, default_id: str | None = None) -> Buyer:
    """A company of a search, of the referential or of a row of covers.

    `country` and `default_id` stand in where the answer leaves them out. A name that is not told is empty.
    """
    legal, address = company["legalData"], company["address"]
    street = [address["streetNumber"].text(), address["streetName"].text()]
    postal_codes = [row["postCodeValue"].text() for row in address["postCodes"].rows()]
    seat = {
        "street": " ".join(part for part in street if part) or None,
        "postal_code": next((code for code in postal_codes if code), None),
        "town": address["town"].text(),
        "country": address["countryCode"].text(),
    }
    numbers = [(row["idTypeCode"].text(), row["idValue"].text()) for row in company["companyIdentifiers"].rows()]
    found = {
        "id": company["companyId"].text() or default_id or company["companyId"].needed(),
        "name": legal["companyName"].text() or company["companyName"].text() or "",
        "country": seat["country"] or company["companyCountryCode"].text() or country,
        "identifiers": [{"type": kind or "", "value": number} for kind, number in numbers if number],
        "address": seat if any(seat.values()) else None,
        "grade": company["gradePolicyCoverGradeCode"].text(),
        "score": None if score is None or score.value is None else int(score.amount() or 0),
    }
    return company.heard.read(Buyer, found, company.path)


def company_of(node: Node) -> str | None:
    """The company of a cover or a request, where the answer tells it."""
    return node["companyId"].text() or node["company"]["companyId"].text()


def in_progress(row: Node, buyer_id: str | None) -> LimitApplication:
    """A request that an underwriter still has; it is named by its cover, because its job is not told."""
    details = row["creditLimitDetails"]
    amount, currency = details["requestedAmount"].amount(), details["currencyCode"].text()
    money = None if amount is None or currency is None else details["requestedAmount"].money(amount, currency)
    found = {
        "id": COVER + row["coverId"].needed(),
        "state": LimitState.REFERRED,
        "buyer_id": company_of(row) or buyer_id,
        "amount": money,
        "raw": row.value,
    }
    return row.heard.read(LimitApplication, found, row.path)


def cover_request(request: LimitRequest, amount: Money, policy: PolicyKey, contract: Contract) -> dict[str, Any]:
    """The body that asks for a limit; UnsupportedOperationError for what has no known name on this wire."""
    code = contract.code("primary")
    if request.kind is LimitKind.TEMPORARY:
        code = _known(contract, "codes", "temporary", "kind=temporary")
    body: dict[str, Any] = {
        "requestTypeCode": code,
        "policy": policy.body(),
        "creditLimitDetails": amount_body(amount),
        "companyId": request.buyer_id,
        "isRequestUrgent": request.urgent,
    }
    optional = {
        "request_terms_days": request.terms_days,
        "request_valid_until": request.valid_until and request.valid_until.isoformat(),
        "request_comment": request.comment,
    }
    for key, value in optional.items():
        if value is not None:
            body[_known(contract, "names", key, key.removeprefix("request_"))] = value
    reference = contract.find("names", "request_reference")
    if reference:
        body[reference] = request.reference
    return body


def amount_body(amount: Money) -> dict[str, Any]:
    """`creditLimitDetails` of a request."""
    return {"requestedAmount": number(amount), "currencyCode": amount.currency}


def number(amount: Money) -> Decimal | int:
    """The amount as a JSON number, whole where it can be."""
    whole = amount.amount == amount.amount.to_integral_value()
    return int(amount.amount) if whole else amount.amount


def _known(contract: Contract, section: str, key: str, what: str) -> str:
    name = contract.find(section, key)
    if name is None:
        raise UnsupportedOperationError(
            f"how {what} is sent to allianz-trade is not publicly known; leave it out, or name it as {key} in [{section}] "
            "of a contract file (TRADECREDIT_CONTRACT_FILE) if you have the insurer's reference; nothing was sent",
            code="unverified",
            insurer="allianz-trade",
            operation="request_limit",
        )
    return name


def job_id(heard: Heard) -> str:
    """The id of an accepted order: a bare JSON text or number, or an object that holds it."""
    value = heard.body.get("jobId") if isinstance(heard.body, dict) else heard.body
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, str) and value.strip():
        return value.strip()
    raise heard.wrong(FieldError("answer", "must be a job id: a text, a number or an object with jobId"))


def ordered(heard: Heard, request: LimitRequest) -> LimitApplication:
    """The application that an accepted order stands for: so far there is only its job id."""
    found = {
        "id": job_id(heard),
        "reference": request.reference,
        "state": LimitState.REQUESTED,
        "buyer_id": request.buyer_id,
        "action": request.action,
        "kind": request.kind,
        "amount": request.amount,
        "raw": heard.body,
    }
    return heard.read(LimitApplication, found)


def decision(cover: Node, application_id: str, contract: Contract, currency: str | None, today: date) -> LimitDecision:
    """What a cover says about the limit in force, or without one about the next to begin.

    Without any limit the state is the cover's own word, which never reads as cover. Amounts may come without a currency;
    without `currency` (the policy's) the amount is then left out and `reason` says so.
    """
    found: dict[str, Any] = {"application_id": application_id, "buyer_id": company_of(cover)}
    rows = list(cover["creditLimitsAggregation"]["creditLimits"].rows())
    if not rows:
        code = cover["coverStatusCode"].text() or "PROCESSED"
        return cover.heard.read(LimitDecision, {**found, "state": contract.foreign(code), "insurer_code": code})
    row = _current(rows, contract, today)
    code, amount = row["technicalDecisionStatusCode"].needed(), row["amount"].amount()
    state = contract.word("decision_states", code)
    row.heard.check_amount(state, amount, row["amount"].path)
    found |= {"state": state, "insurer_code": code}
    found |= {"valid_from": row["startDate"].day(), "valid_until": row["endDate"].day()}
    unit = row["currencyCode"].text() or cover["creditLimitDetails"]["currencyCode"].text() or currency
    if amount is not None and unit is not None:
        found["amount"] = row["amount"].money(amount, unit)
    elif amount is not None:
        found["reason"] = f"The insurer says {amount:f} without a currency; set TRADECREDIT_POLICY_CURRENCY to read it."
    return row.heard.read(LimitDecision, found, row.path)


def _current(rows: list[Node], contract: Contract, today: date) -> Node:
    """The permanent limit that began last, or else begins first; the order of rows means nothing.

    The name of a limit's kind is a guess; reading it can only leave out what is surely temporary.
    """
    kind, temporary = contract.name("limit_kind"), contract.code("temporary_limit")
    permanent = [row for row in rows if row[kind].text() != temporary] or rows
    days = {row.path: row["startDate"].day() or date.min for row in permanent}
    begun = [day for day in days.values() if day <= today]
    day = max(begun) if begun else min(days.values())
    current = [row for row in permanent if days[row.path] == day]
    if len(current) > 1:
        raise current[1]["startDate"].wrong("is that of another limit too; which one counts is unclear")
    return current[0]


def start_of(cover: Node, amount: Decimal) -> date | None:
    """Since when `amount` is in force, as far as the cover tells."""
    rows = cover["creditLimitsAggregation"]["creditLimits"].rows()
    days = [row["startDate"].day() for row in rows if row["amount"].amount() == amount]
    return max((day for day in days if day is not None), default=None)
