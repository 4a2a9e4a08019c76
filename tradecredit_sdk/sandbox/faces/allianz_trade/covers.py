"""Covers: a policyholder's whole position on one company under one policy, as the wire shows it.

The engine knows dated rows and applications; a cover gathers those of one policy and one company. Its id says which.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, NamedTuple

from tradecredit_sdk.models.limit import LimitKind, LimitState
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.policy import Policy
from tradecredit_sdk.sandbox.engine import Engine
from tradecredit_sdk.sandbox.faces.allianz_trade import names
from tradecredit_sdk.sandbox.problem import not_found
from tradecredit_sdk.sandbox.records import Application, Company, Limit

_ALL = 1_000_000
_ID = re.compile(r"(cov|grd)-(.+)-([^-]+)\Z")
_ORDER = (LimitKind.PERMANENT, LimitKind.TEMPORARY)


class CoverId(NamedTuple):
    """`cov-DEMO-001-000004711`, or `grd-…` for a cover that is a grade only."""

    kind: str
    policy_id: str
    company_id: str

    def __str__(self) -> str:
        return f"{self.kind}-{self.policy_id}-{self.company_id}"

    @classmethod
    def parse(cls, text: str, mine: Iterable[Policy]) -> CoverId:
        """Problem 404 for anything but a cover under one of `mine`."""
        match = _ID.match(text)
        if match is None or match[2] not in {policy.id for policy in mine}:
            raise not_found("not_found", "cover with this id")
        return cls(match[1], match[2], match[3])


@dataclass
class Cover:
    """All that is known of one company under one policy; rows oldest first, applications newest first."""

    policy_id: str
    company: Company
    rows: list[Limit] = field(default_factory=list)
    applications: list[Application] = field(default_factory=list)

    @property
    def id(self) -> CoverId:
        """How the wire names it."""
        return CoverId("cov", self.policy_id, self.company.id)

    def live(self, kind: LimitKind) -> Limit | None:
        """The row of this kind that counts now, or the last refusal."""
        return next((row for row in self.rows if row.is_live and row.kind is kind), None)

    def status(self) -> names.Name:
        """`coverStatusCode`."""
        live = [row for row in self.rows if row.is_live]
        if any(_is_stopped(row) for row in live):
            return names.COVER_TERMINATED
        if any(row.amount.amount > 0 for row in live):
            return names.COVER_AGREEMENT
        if live:
            return names.COVER_REFUSAL
        if self.rows or not any(application.is_pending for application in self.applications):
            return names.COVER_TERMINATED
        return names.COVER_IN_PROGRESS


def covers_of(engine: Engine, policy_id: str, company_id: str | None = None) -> list[Cover]:
    """Every cover under a policy, or the one on `company_id` (empty when there is none), by company id."""
    rows: dict[str, list[Limit]] = defaultdict(list)
    asked: dict[str, list[Application]] = defaultdict(list)
    with engine.store.lock:  # one moment for both listings
        for row in engine.limits.list(policy_id=policy_id, buyer_id=company_id, limit=_ALL).items:
            rows[row.buyer_id].append(row)
        for one in engine.applications.list(policy_id=policy_id, buyer_id=company_id, limit=_ALL).items:
            asked[one.asked.buyer_id].append(one)
        companies = {known: engine.buyers.get(known) for known in sorted(rows.keys() | asked.keys())}
    return [Cover(policy_id, company, rows[known], asked[known]) for known, company in companies.items()]


def find_cover(engine: Engine, cover_id: CoverId) -> Cover:
    """The cover of this id; Problem 404 when nothing was ever asked or decided, or it is a grade."""
    found = covers_of(engine, cover_id.policy_id, cover_id.company_id) if cover_id.kind == "cov" else []
    if not found:
        raise not_found("not_found", "cover with this id")
    return found[0]


def find_grade(engine: Engine, cover_id: CoverId) -> Company:
    """The company whose grade was ordered; Problem 404 when it was not."""
    for company in engine.buyers.ordered_grades(cover_id.policy_id):
        if company.id == cover_id.company_id:
            return company
    raise not_found("not_found", "cover with this id")


def cover_answer(cover: Cover, today: date) -> dict[str, Any]:
    """The body of GET covers/{coverId}, and one row of a search."""
    return {
        **row_head(cover.company, cover.policy_id, cover.id),
        "coverStatusCode": cover.status().word,
        "gradePolicyCoverGradeCode": None,
        "creditLimitsAggregation": {"creditLimits": [*_credit_limits(cover, today)]},
    }


def grade_answer(company: Company, policy_id: str) -> dict[str, Any]:
    """The same for a cover that is a grade only."""
    grade = company.grade.zfill(2) if company.grade.isdigit() else company.grade
    return {
        **row_head(company, policy_id, CoverId("grd", policy_id, company.id)),
        "coverStatusCode": names.COVER_CHECK_POLICY.word,
        "gradePolicyCoverGradeCode": grade,
        "creditLimitsAggregation": {"creditLimits": []},
    }


def row_head(company: Company, policy_id: str, cover_id: CoverId) -> dict[str, Any]:
    """Who and under which policy."""
    return {
        "coverId": str(cover_id),
        "companyId": company.id,
        "companyName": company.name,
        "companyCountryCode": company.country,
        "policy": {"policyId": policy_id, "extensionId": ""},
    }


def cover_answer_v2(cover: Cover) -> dict[str, Any]:
    """One row of GET /riskinfo/v2/covers: today's amounts."""
    decision = {
        kind.value: {f"{kind.value}Amount": number(row.amount), "currencyCode": row.amount.currency}
        for kind in _ORDER
        if (row := cover.live(kind)) is not None
    }
    if cover.rows and "permanent" not in decision:
        decision["permanent"] = {"permanentAmount": 0, "currencyCode": cover.rows[-1].amount.currency}
    return {
        "coverId": str(cover.id),
        "coverStatusCode": cover.status().word,
        "company": {"companyId": cover.company.id},
        "decision": decision or None,
    }


def request_answer(application: Application) -> dict[str, Any]:
    """One row of coverRequests/search."""
    asked = application.asked
    changed = application.decision.decided_at if application.decision else application.created_at
    status = names.REQUEST_IN_PROGRESS if application.is_pending else names.REQUEST_CLOSED
    return {
        "requestId": application.id,
        "coverId": str(CoverId("cov", application.policy_id, asked.buyer_id)),
        "creditLimitDetails": None
        if asked.amount is None
        else {"requestedAmount": number(asked.amount), "currencyCode": asked.amount.currency},
        "creationDate": application.created_at.date().isoformat(),
        "lastUpdateDate": changed.date().isoformat(),
        "companyId": asked.buyer_id,
        "requestStatusCode": status.word,
        "requestTypeCode": "Primary",
        "customerReference": asked.reference,
    }


def number(money: Money) -> int | float:
    """An amount as a JSON number: whole where it is whole, with the digits of the currency otherwise."""
    whole = money.amount.to_integral_value()
    return int(whole) if whole == money.amount else float(money.amount)


def _credit_limits(cover: Cover, today: date) -> Iterable[dict[str, Any]]:
    for kind in _ORDER:
        row = cover.live(kind)
        if row is not None and _is_stopped(row):
            yield _stopped_row(row)
        elif row is not None:
            yield from _live_rows(row)
        else:
            ended = [row for row in cover.rows if row.kind is kind and row.state in names.TECHNICAL_DECISION]
            if ended:
                yield _ended_row(ended[-1], today)


def _live_rows(row: Limit) -> Iterable[dict[str, Any]]:
    """The row as it counts now and, when a change is announced, as it will."""
    code = _code(row)
    if row.change_on is None or row.change_amount is None:
        yield _credit_limit(row, code, row.amount, row.valid_from, row.valid_until)
        return
    yield _credit_limit(row, code, row.amount, row.valid_from, row.change_on - timedelta(days=1))
    then = LimitState.WITHDRAWN if row.change_amount.amount == 0 else LimitState.REDUCED
    yield _credit_limit(row, names.TECHNICAL_DECISION[then], row.change_amount, row.change_on, row.valid_until)


def _is_stopped(row: Limit) -> bool:
    return row.stop is not None and row.stop.until is None


def _stopped_row(row: Limit) -> dict[str, Any]:
    """A stop has no form of its own here; it must not be taken for cover."""
    since = row.valid_from if row.stop is None else max(row.stop.since, row.valid_from)
    return _credit_limit(
        row, names.TECHNICAL_DECISION[LimitState.WITHDRAWN], Money.zero(row.amount.currency), since, None
    )


def _ended_row(row: Limit, today: date) -> dict[str, Any]:
    since = today if row.valid_until is None else min(row.valid_until + timedelta(days=1), today)
    return _credit_limit(row, names.TECHNICAL_DECISION[row.state], Money.zero(row.amount.currency), since, None)


def _code(row: Limit) -> names.Name:
    """A row whose withdrawal is announced still counts as it was granted."""
    if row.state is LimitState.WITHDRAWAL_ANNOUNCED:
        return names.TECHNICAL_DECISION[LimitState.PARTLY_APPROVED if row.code == "PART" else LimitState.APPROVED]
    return names.TECHNICAL_DECISION[row.state]


def _credit_limit(row: Limit, code: names.Name, amount: Money, since: date, until: date | None) -> dict[str, Any]:
    return {
        "technicalDecisionStatusCode": code.word,
        "amount": number(amount),
        "currencyCode": amount.currency,
        "startDate": since.isoformat(),
        "endDate": until.isoformat() if until else None,
        "creditLimitTypeCode": names.LIMIT_TYPE[row.kind].word,
    }
