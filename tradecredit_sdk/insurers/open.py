"""The `open` insurer: our own published contract (docs/reference/open-contract.md), complete.

A reference makes sending safe there: the same reference with the same content answers with what the first one made. So
requests and declarations that carry one may be repeated by the transport.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import SecretStr

from tradecredit_sdk._http import StaticToken
from tradecredit_sdk.errors import FieldError, NotFoundError
from tradecredit_sdk.insurers.base import Capabilities, InsurerSettings, Operation
from tradecredit_sdk.insurers.open_calls import POLICY, explain
from tradecredit_sdk.insurers.open_overdues import OpenOverdues
from tradecredit_sdk.insurers.wire import Heard, connect, need
from tradecredit_sdk.models.base import ResponseModel
from tradecredit_sdk.models.buyer import Buyer, BuyerQuery
from tradecredit_sdk.models.event import Event
from tradecredit_sdk.models.limit import (
    CreditLimit,
    LimitApplication,
    LimitDecision,
    LimitRequest,
    LimitState,
)
from tradecredit_sdk.models.page import Page
from tradecredit_sdk.models.policy import Policy

APPLICATION = POLICY + "/applications/{application}"
_DECIDED = frozenset({LimitState.APPROVED, LimitState.PARTLY_APPROVED, LimitState.REFUSED})
# An application that ended keeps the decision it once had.
_ENDED = frozenset({LimitState.CANCELLED, LimitState.SUPERSEDED})


class Webhook(ResponseModel):
    """Where the insurer sends events. `secret` is shown once, when the webhook is made; keep it for `webhooks.verify`."""

    id: str
    url: str
    secret: SecretStr | None = None


class OpenInsurer(OpenOverdues):
    """Speaks the open contract for one policy."""

    name = "open"
    capabilities = Capabilities(
        operations=frozenset(Operation), idempotent_reference=True, webhooks=True, max_page_size=500
    )

    @classmethod
    def from_settings(cls, settings: InsurerSettings, session: Any = None) -> OpenInsurer:
        """Needs base_url, api_key and policy; ConfigError names what is missing."""
        base_url, api_key, policy = need(settings, cls.name, "base_url", "api_key", "policy")
        auth = StaticToken(api_key)
        transport = connect(settings, insurer=cls.name, base_url=base_url, auth=auth, session=session, explain=explain)
        return cls(transport, policy)

    # Buyers

    def find_buyers(self, query: BuyerQuery) -> tuple[Buyer, ...]:
        """Candidates, best first; an exact identifier scores 100."""
        body = query.model_dump(mode="json", exclude_none=True)
        heard = self._ask("find_buyers", "POST", "/buyers/search", {}, json=body, idempotent=True)
        buyers = heard.read_rows(Buyer, heard.mapping(heard.body).get("buyers"), "buyers")
        for index, buyer in enumerate(buyers):
            heard.same(f"buyers.{index}.country", query.country, buyer.country)
        return buyers

    def get_buyer(self, buyer_id: str) -> Buyer:
        """One company; NotFoundError."""
        heard = self._ask("get_buyer", "GET", "/buyers/{buyer}", {"buyer": buyer_id})
        buyer = heard.read(Buyer, heard.body)
        heard.same("id", buyer_id, buyer.id)
        return buyer

    # Applications and decisions

    def request_limit(self, request: LimitRequest) -> LimitApplication:
        """Send one application; repeated by itself after a lost answer, because the reference makes that safe."""
        heard = self._order("request_limit", POLICY + "/applications", request)
        application = self._application(heard)
        heard.same("reference", request.reference, application.reference)
        heard.same("buyer_id", request.buyer_id, application.buyer_id)
        return application

    def find_application(self, request: LimitRequest, since: datetime) -> LimitApplication | None:
        """By reference; ReferenceConflictError when it stands for another request there. `since` is not needed here."""
        heard, rows, _ = self._list("find_application", "applications", LimitApplication, reference=request.reference)
        if not rows:
            return None
        application = self._only(heard, rows, request.reference)
        self._check_application(heard, application, "items.0")
        asked = (request.buyer_id, request.action, request.kind, request.amount)
        if asked != (application.buyer_id, application.action, application.kind, application.amount):
            raise self._conflict(heard, request.reference)
        return application

    def get_application(self, application_id: str) -> LimitApplication:
        """One application with its decision, if there is one; NotFoundError."""
        heard = self._ask("get_application", "GET", APPLICATION, self._ids(application=application_id))
        application = self._application(heard)
        heard.same("id", application_id, application.id)
        return application

    def list_applications(
        self, *, buyer_id: str | None = None, cursor: str | None = None, page_size: int | None = None
    ) -> Page[LimitApplication]:
        """Newest first."""
        heard, rows, following = self._list(
            "list_applications", "applications", LimitApplication, buyer_id, cursor, page_size
        )
        for index, application in enumerate(rows):
            self._check_application(heard, application, f"items.{index}")
        return Page(rows, following)

    def limit_decision(self, application_id: str) -> LimitDecision:
        """The decision, or a pending one."""
        ids = self._ids(application=application_id)
        heard = self._ask("limit_decision", "GET", APPLICATION + "/decision", ids)
        decision = heard.read(LimitDecision, heard.body)
        heard.same("application_id", application_id, decision.application_id)
        heard.check_decision(decision)
        return decision

    # Limits

    def list_limits(
        self, *, buyer_id: str | None = None, cursor: str | None = None, page_size: int | None = None
    ) -> Page[CreditLimit]:
        """All rows of cover, ended ones included."""
        heard, rows, following = self._list("list_limits", "limits", CreditLimit, buyer_id, cursor, page_size)
        for index, limit in enumerate(rows):
            heard.check_limit(limit, f"items.{index}")
        return Page(rows, following)

    def cancel_limit(self, target_id: str) -> LimitApplication | CreditLimit:
        """Cancel a pending application, or else a limit; both may be repeated."""
        try:
            ids = self._ids(application=target_id)
            heard = self._ask("cancel_limit", "POST", APPLICATION + "/cancel", ids, idempotent=True)
        except NotFoundError:
            ids = self._ids(limit=target_id)
            heard = self._ask("cancel_limit", "POST", POLICY + "/limits/{limit}/cancel", ids, idempotent=True)
            limit = heard.read(CreditLimit, heard.body)
            heard.same("id", target_id, limit.id)
            heard.check_limit(limit)
            return limit
        application = self._application(heard)
        heard.same("id", target_id, application.id)
        return application

    # Policy, events, webhooks

    def get_policy(self) -> Policy:
        """The terms of the configured policy."""
        return self._read_policy(self._ask("get_policy", "GET", POLICY, self._ids()))

    def poll_events(self, *, cursor: str | None = None, page_size: int | None = None) -> Page[Event]:
        """Oldest first; `next_cursor` is never None: keep it and ask again later."""
        heard, rows, following = self._list("poll_events", "events", Event, None, cursor, page_size)
        if following is None:
            raise heard.wrong(FieldError("next_cursor", "must not be null for events"))
        return Page(rows, following)

    def probe(self) -> datetime | None:
        """Read the policy: reachable, authorised, and the policy may be seen."""
        heard = self._ask("get_policy", "GET", POLICY, self._ids())
        self._read_policy(heard)
        return heard.told_at

    def register_webhook(self, url: str, secret: str | None = None) -> Webhook:
        """Have events sent to `url` (https, or http on loopback). Without `secret` the insurer makes one."""
        body = {"url": url, "secret": secret}
        heard = self._ask("register_webhook", "POST", POLICY + "/webhooks", self._ids(), json=body)
        return heard.read(Webhook, heard.body)

    def list_webhooks(self) -> tuple[Webhook, ...]:
        """The registered webhooks, without their secrets."""
        return self._list("list_webhooks", "webhooks", Webhook)[1]

    def delete_webhook(self, webhook_id: str) -> None:
        """Stop sending; also fine when it is already gone."""
        self._ask("delete_webhook", "DELETE", POLICY + "/webhooks/{webhook}", self._ids(webhook=webhook_id))

    # Parts

    def _application(self, heard: Heard) -> LimitApplication:
        application = heard.read(LimitApplication, {**heard.mapping(heard.body), "raw": heard.body})
        self._check_application(heard, application, "")
        return application

    def _check_application(self, heard: Heard, application: LimitApplication, at: str) -> None:
        """State and decision must tell the same story, and both must be of this application."""
        where = f"{at}." if at else ""
        self._check_policy(heard, application, at)
        decision = application.decision
        if decision is None:
            if application.state in _DECIDED:
                raise heard.wrong(FieldError(f"{where}decision", "is missing although the application is decided"))
            return
        heard.same(f"{where}decision.application_id", application.id, decision.application_id)
        heard.same(f"{where}decision.buyer_id", application.buyer_id, decision.buyer_id)
        heard.same(f"{where}decision.reference", application.reference, decision.reference)
        if application.state != decision.state and application.state not in _ENDED:
            raise heard.wrong(FieldError(f"{where}decision.state", "contradicts the application's state"))
        heard.check_decision(decision, f"{where}decision")

    def _read_policy(self, heard: Heard) -> Policy:
        terms = heard.body  # later versions of the contract may tell more
        if isinstance(terms, dict):
            terms = {name: value for name, value in terms.items() if name in Policy.model_fields}
        policy = heard.read(Policy, terms)
        heard.same("id", self._policy, policy.id)
        return policy
