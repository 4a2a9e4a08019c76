"""Allianz Trade: company search, cover requests (v3), jobs, covers, grades, and the v2 listing for amounts.

Written from what is publicly known; `allianz_tables` says how well each part is known and lets you correct it. Three
things differ from most interfaces: an order is answered with a job id only; a job that is processed is not yet a
decision (an underwriter may still hold the request); and no reference of ours is known to travel along, so a request
whose answer was lost is never repeated but looked for.

An application's id is the job id, or `cover:<coverId>` where only the cover is known. A limit's id is `cover:<coverId>`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from typing import Any

from tradecredit_sdk._http import TokenAuth, TokenCache, Transport
from tradecredit_sdk.errors import ConfigError, NoAnswerError, NotFoundError
from tradecredit_sdk.insurers import allianz_limits
from tradecredit_sdk.insurers import allianz_wire as wire
from tradecredit_sdk.insurers.allianz_calls import LIST_PAGE, SEARCH_PAGE, cover_of, fetch_token
from tradecredit_sdk.insurers.allianz_tables import Contract
from tradecredit_sdk.insurers.allianz_unverified import AllianzUnverified
from tradecredit_sdk.insurers.allianz_wire import COVER, Node, PolicyKey
from tradecredit_sdk.insurers.base import Capabilities, InsurerSettings, Operation
from tradecredit_sdk.insurers.wire import Heard, connect, need
from tradecredit_sdk.models.buyer import Buyer, BuyerQuery, IdentifierType
from tradecredit_sdk.models.identifier import bare_number
from tradecredit_sdk.models.limit import (
    CreditLimit,
    LimitAction,
    LimitApplication,
    LimitDecision,
    LimitRequest,
    LimitState,
)
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.page import Page

_TERMS = "the policy's terms are not public there: write them into [profiles.NAME.terms]"
_OVERDUES = "the insurer's portal takes them too"
CAPABILITIES = Capabilities(
    operations=frozenset(
        {
            Operation.FIND_BUYERS,
            Operation.GET_BUYER,
            Operation.REQUEST_LIMIT,
            Operation.GET_APPLICATION,
            Operation.LIST_APPLICATIONS,
            Operation.LIMIT_DECISION,
            Operation.LIST_LIMITS,
        }
    ),
    unverified=frozenset(
        {Operation.CANCEL_LIMIT, Operation.DECLARE_OVERDUE, Operation.GET_OVERDUE, Operation.CHANGE_OVERDUE}
    ),
    idempotent_reference=False,
    max_page_size=10_000,
    notes={
        Operation.GET_POLICY: _TERMS,
        Operation.POLL_EVENTS: "nothing is known to list changes; list the limits again instead",
        Operation.CANCEL_LIMIT: "that orders can be deleted is official, with which path and body is not known",
        Operation.DECLARE_OVERDUE: f"only the codes OVD, EXP and RES are official; {_OVERDUES}",
        Operation.CHANGE_OVERDUE: f"only the codes OVD, EXP and RES are official; {_OVERDUES}",
        Operation.GET_OVERDUE: f"how overdues are read is not known; {_OVERDUES}",
        Operation.REPORT_ADVERSE: f"no category of its own is known for it; {_OVERDUES}",
        Operation.LIST_OVERDUES: f"how overdues are listed is not known; {_OVERDUES}",
    },
)
# A job may be accepted and not yet show up anywhere. No figure is known; one client waits 50 seconds for a job.
_SETTLE = timedelta(minutes=15)
# The insurer's day is not ours. A limit counts as begun as soon as it is that day anywhere on Earth, and what was seen
# today is dated by the last place where the day is still the one before.
_FIRST_ZONE, _LAST_ZONE = timezone(timedelta(hours=14)), timezone(timedelta(hours=-12))
_DAY = timedelta(days=1)


def _utc_now() -> datetime:
    return datetime.now(timezone.utc)


class AllianzTradeInsurer(AllianzUnverified):
    """Speaks to Allianz Trade for one policy. `now` tells the time, for tests."""

    name = "allianz-trade"

    def __init__(
        self,
        transport: Transport,
        policy: PolicyKey,
        contract: Contract,
        *,
        policy_currency: str | None = None,
        unverified: bool = False,
        now: Callable[[], datetime] = _utc_now,
    ) -> None:
        super().__init__(transport, policy, contract)
        self.capabilities = replace(CAPABILITIES, unverified_on=unverified)
        self._currency = policy_currency
        self._now = now

    @classmethod
    def from_settings(cls, settings: InsurerSettings, session: Any = None) -> AllianzTradeInsurer:
        """Needs base_url, api_key and policy, and away from this machine the business unit; ConfigError names what is missing.

        `Settings.load` fills in the base_url of the environment.
        """
        base_url, api_key, policy_text = need(settings, cls.name, "base_url", "api_key", "policy")
        contract = Contract(settings.environment, unverified=settings.unverified, contract_file=settings.contract_file)
        policy = PolicyKey.parse(policy_text, settings.business_unit)
        auth = TokenAuth(TokenCache(lambda: fetch_token(transport, contract, api_key)))
        transport = connect(settings, insurer=cls.name, base_url=base_url, auth=auth, session=session)
        # Every request seen in use names the unit; a sandbox on this machine can do without.
        if policy.business_unit is None and not transport.address.is_loopback:
            raise ConfigError(
                "allianz-trade names a policy by business unit and number: set TRADECREDIT_BUSINESS_UNIT, such as ACI "
                "(USA) or EHSE (Sweden), or write the policy as UNIT:POLICY"
            )
        currency, unverified = settings.policy_currency, settings.unverified
        return cls(transport, policy, contract, policy_currency=currency, unverified=unverified)

    # Buyers

    def find_buyers(self, query: BuyerQuery) -> tuple[Buyer, ...]:
        """By the insurer's id, by national numbers (`matching`) or by name (`advancedSearch`); in the insurer's order.

        It is not certain that a search minds a number. So candidates are looked up in the referential: those that carry
        a number come first, and without a name to go by the others are left out.
        """
        known = [one.value for one in query.identifiers if one.type is IdentifierType.INSURER]
        if known:
            companies = self._referential("find_buyers", known)
            return tuple(one for one in companies if one.country in (query.country, ""))
        found = self._found(query)
        if not found or not query.identifiers:
            return found
        held = {one.id: one for one in self._referential("find_buyers", [one.id for one in found])}
        merged = [_with_numbers(one, held.get(one.id)) for one in found]
        numbers = {bare_number(one.value, query.country) for one in query.identifiers}
        exact = [
            one for one in merged if numbers & {bare_number(known.value, query.country) for known in one.identifiers}
        ]
        return tuple(exact + ([one for one in merged if one not in exact] if query.name else []))

    def get_buyer(self, buyer_id: str) -> Buyer:
        """One company of the referential with its national numbers; NotFoundError."""
        for company in self._referential("get_buyer", [buyer_id]):
            if company.id == buyer_id:
                return company
        raise NotFoundError(f"{self.name} knows no company {buyer_id}", insurer=self.name, operation="get_buyer")

    def _found(self, query: BuyerQuery) -> tuple[Buyer, ...]:
        criteria = {
            "companyName": query.name,
            "countryCode": query.country,
            "town": query.town,
            "postalCode": query.postal_code,
        }
        if query.identifiers:
            path, size = "matching", "requestedSize"
            criteria["companyIdentifierTypeCode"] = self._contract.code("company_identifier")
        else:
            path, size = "advanced_search", "pageSize"
        body: dict[str, Any] = {name: value for name, value in criteria.items() if value is not None}
        body[size] = query.max_results
        if query.identifiers:
            body["minimumScore"] = 0
            body["companyIdentifiers"] = [
                {"idValue": one.value, **({"idTypeCode": kind} if kind else {})}
                for one in query.identifiers
                for kind in [self._contract.find("identifier_types", one.type.value)]
            ]
        heard = self._post("find_buyers", path, body, idempotent=True)
        score = self._contract.find("names", "search_score")
        rows = Node(heard, heard.body)["results"].rows()
        companies = (wire.buyer(row["company"], query.country, row[score] if score else None) for row in rows)
        return tuple(one for one in companies if one.country == query.country)[: query.max_results]

    def _referential(self, operation: str, buyer_ids: list[str]) -> tuple[Buyer, ...]:
        rows = list(self._companies(operation, buyer_ids))
        only = buyer_ids[0] if len(buyer_ids) == len(rows) == 1 else None
        return tuple(wire.buyer(row, "", default_id=only) for row in rows)

    # Requests and decisions

    def request_limit(self, request: LimitRequest) -> LimitApplication:
        """Order a cover (new, increase); changing or cancelling one rests on a guess. Never repeated by itself."""
        if request.amount is None or request.action is LimitAction.DECREASE:
            return self._change_cover(request)
        body = wire.cover_request(request, request.amount, self._policy, self._contract)
        heard = self._post("request_limit", "covers", body, idempotent=False, reference=request.reference)
        return wire.ordered(heard, request)

    def request_grade(self, buyer_id: str) -> str:
        """Order the company's grade; returns the job id. Read it later with `list_grades`."""
        body = {
            "requestTypeCode": self._contract.code("grade_cover"),
            "policy": self._policy.body(),
            "companyId": buyer_id,
            "isRequestUrgent": False,
        }
        return wire.job_id(self._post("request_grade", "covers", body, idempotent=False))

    def get_application(self, application_id: str) -> LimitApplication:
        """Follow the job to its cover: `requested` while the job runs, `referred` while an underwriter has it.

        A decision whose code is not known is there with that code, and is pending: it is never taken for cover.
        """
        operation = "get_application"
        if application_id.startswith(COVER):
            heard = self._get(operation, "cover", {"cover": application_id.removeprefix(COVER)})
        else:
            progress, heard = self._outcome(operation, "job", application_id)
            if progress != "processed":
                state = LimitState.REQUESTED if progress == "pending" else progress
                return heard.read(LimitApplication, {"id": application_id, "state": state, "raw": heard.body})
        return self._decided(heard, application_id)

    def _decided(self, heard: Heard, application_id: str) -> LimitApplication:
        cover = Node(heard, heard.mapping(heard.body))
        cover_id = cover_of(heard, cover)
        found: dict[str, Any] = {"id": application_id, "buyer_id": wire.company_of(cover), "raw": heard.body}
        # The cover may still show an older limit while the request waits.
        if any(row["coverId"].text() == cover_id for row in self._in_progress(heard.call.operation)):
            return heard.read(LimitApplication, {**found, "state": LimitState.REFERRED})
        today = self._now().astimezone(_FIRST_ZONE).date()
        decision = wire.decision(cover, application_id, self._contract, self._currency, today)
        return heard.read(LimitApplication, {**found, "state": decision.state, "decision": decision})

    def limit_decision(self, application_id: str) -> LimitDecision:
        """The decision, or a pending one."""
        application = self.get_application(application_id)
        if application.decision is not None:
            return application.decision
        return LimitDecision(application_id=application_id, state=application.state, buyer_id=application.buyer_id)

    def list_applications(
        self, *, buyer_id: str | None = None, cursor: str | None = None, page_size: int | None = None
    ) -> Page[LimitApplication]:
        """The requests an underwriter still has; others are not known to be listed. Ids are those of their covers."""
        operation = "list_applications"
        covers = None if buyer_id is None else {row["coverId"].text() for row in self._covers(operation, buyer_id)}
        rows, following = self._requests_page(operation, cursor, self._page_size(page_size) or SEARCH_PAGE)
        wanted = [row for row in rows if covers is None or row["coverId"].text() in covers]
        return Page(tuple(wire.in_progress(row, buyer_id) for row in wanted), following)

    def find_application(self, request: LimitRequest, since: datetime) -> LimitApplication | None:
        """Look for a request whose answer was lost, by company, amount, currency and day.

        No reference of ours is known to travel along, so only one clear match is taken. None means surely nothing: the
        company has no cover and no request, and a job had time to show. All else is NoAnswerError: still unknown.
        """
        if request.amount is None or request.action is LimitAction.DECREASE:
            raise self._unclear(request, "a change of a cover leaves no trace that could be told from another")
        first_day = since.astimezone(timezone.utc).date()
        covers = {row["coverId"].needed() for row in self._covers("find_application", request.buyer_id)}
        found = self._waiting(request, first_day, covers) or self._granted(request, request.amount, first_day, covers)
        if found is not None:
            return found.model_copy(update={"reference": request.reference, "buyer_id": request.buyer_id})
        if covers or any(row["companyId"].text() == request.buyer_id for row in self._limit_rows()):
            raise self._unclear(request, "the company has a cover, and whether this request changed it cannot be told")
        if self._now() - since < _SETTLE:
            raise self._unclear(
                request, "a request takes a while to show; ask again a quarter of an hour after sending"
            )
        return None

    def _waiting(self, request: LimitRequest, first_day: date, covers: set[str]) -> LimitApplication | None:
        """The request, if an underwriter has it."""
        rows = list(self._in_progress("find_application"))
        name = self._contract.find("names", "request_reference")
        for row in rows if name else ():
            if row[name or ""].text() == request.reference:
                return wire.in_progress(row, request.buyer_id)
        like = [row for row in rows if self._is_like(row, request, covers)]
        dated = [(row["creationDate"].day() or first_day - _DAY, row) for row in like]
        recent = [(day, row) for day, row in dated if day >= first_day - _DAY]
        if not recent:
            return None
        day, row = recent[0]
        # On the day before it may be an older request, or this one on the insurer's calendar.
        if len(recent) > 1 or day < first_day:
            raise self._unclear(request, "requests like it are waiting, and none is surely this one")
        return wire.in_progress(row, request.buyer_id)

    def _granted(
        self, request: LimitRequest, amount: Money, first_day: date, covers: set[str]
    ) -> LimitApplication | None:
        """The request, if one cover shows a limit of its amount that began since it was sent."""
        fresh = []
        for cover_id in sorted(covers):
            heard = self._get("find_application", "cover", {"cover": cover_id})
            began = wire.start_of(Node(heard, heard.body), amount.amount)
            if began is not None and began >= first_day:
                fresh.append(heard)
        if len(fresh) > 1:
            raise self._unclear(request, "several covers show a new limit of its amount")
        if not fresh:
            return None
        return self._decided(fresh[0], COVER + cover_of(fresh[0], Node(fresh[0], fresh[0].body)))

    def _is_like(self, row: Node, request: LimitRequest, covers: set[str]) -> bool:
        """Whether a waiting request may be this one; a company that cannot be told is an error."""
        details = row["creditLimitDetails"]
        amount, currency = details["requestedAmount"].amount(), details["currencyCode"].text()
        if request.amount is None or (amount, currency) != (request.amount.amount, request.amount.currency):
            return False
        cover_id = row["coverId"].needed()
        company = request.buyer_id if cover_id in covers else wire.company_of(row)
        if company is None:
            heard = self._get("find_application", "cover", {"cover": cover_id})
            company = wire.company_of(Node(heard, heard.body))
        if company is None:
            raise self._unclear(request, "a request of this amount is waiting and its company cannot be told")
        return company == request.buyer_id

    def _unclear(self, request: LimitRequest, why: str) -> NoAnswerError:
        return NoAnswerError(
            f"whether the request arrived cannot be told: {why}; see in the insurer's portal",
            reference=request.reference,
            insurer=self.name,
            operation="find_application",
        )

    # Limits and grades

    def list_limits(
        self, *, buyer_id: str | None = None, cursor: str | None = None, page_size: int | None = None
    ) -> Page[CreditLimit]:
        """Permanent limits from the v2 listing, the only known place of amounts for all buyers.

        For one buyer the covers are read too, and give each limit's days and the change announced for it; elsewhere the
        first day is that of reading.
        """
        size = self._page_size(page_size) or LIST_PAGE
        rows, following = self._covers_page("list_limits", buyer_id, cursor, size)
        seen_on = self._now().astimezone(_LAST_ZONE).date()
        found = [limit for row in rows for limit in allianz_limits.limits(row, self._contract, self._currency, seen_on)]
        return Page(tuple(found if buyer_id is None else map(self._dated, found)), following)

    def _dated(self, limit: CreditLimit) -> CreditLimit:
        if limit.valid_until is not None:
            return limit
        try:
            heard = self._get("list_limits", "cover", {"cover": limit.id.removeprefix(COVER)})
        except NotFoundError:
            return limit
        today = self._now().astimezone(_FIRST_ZONE).date()
        return allianz_limits.dated(limit, Node(heard, heard.body), self._contract, today)

    def list_grades(self, *, cursor: str | None = None, page_size: int | None = None) -> Page[Buyer]:
        """Companies under the policy with the grade that was ordered for them (1 best to 10, or NA)."""
        size = self._page_size(page_size) or SEARCH_PAGE
        rows, following = self._search_page("list_grades", "covers_search", cursor, size)
        grade_row = self._contract.code("grade_row")
        graded = [row for row in rows if row["coverStatusCode"].text() == grade_row]
        return Page(tuple(wire.buyer(row, "") for row in graded), following)

    def _limit_rows(self) -> list[Node]:
        """Rows of covers that are not there for a grade only."""
        grade_row = self._contract.code("grade_row")
        rows = self._searched_covers("find_application")
        return [row for row in rows if row["coverStatusCode"].text() != grade_row]

    def probe(self) -> datetime | None:
        """Get a token and read one waiting request: reachable, authorised, and the policy may be seen."""
        state = self._contract.code("in_progress")
        heard = self._search("probe", "requests_search", 1, 1, requestStatusCode=state)
        list(wire.Node(heard, heard.body).rows())
        return heard.told_at


def _with_numbers(found: Buyer, held: Buyer | None) -> Buyer:
    return found.model_copy(update={"identifiers": held.identifiers}) if held and held.identifiers else found
