"""The calls of Allianz Trade's interface: paths, bodies and pages; canonical models are made elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote, urlsplit

from tradecredit_sdk._http import Call, Token, Transport
from tradecredit_sdk.errors import FieldError, InvalidInputError, ResponseFormatError
from tradecredit_sdk.insurers.allianz_tables import Contract
from tradecredit_sdk.insurers.allianz_wire import Node, PolicyKey
from tradecredit_sdk.insurers.wire import Heard, HttpInsurer

LIST_PAGE = 100
"""Rows of a page of the v2 listing: the size seen in use."""
SEARCH_PAGE = 1000
"""Rows of a page of a v3 search; 5,000 and 10,000 were seen in use, and slow."""
_MOST_PAGES = 1000


class AllianzCalls(HttpInsurer):
    """One method for each call that is made."""

    def __init__(self, transport: Transport, policy: PolicyKey, contract: Contract) -> None:
        super().__init__(transport)
        self._policy = policy
        self._contract = contract

    @property
    def policy_and_unit(self) -> tuple[str, str | None]:
        """Written one way, whether the unit stands before the policy or by itself."""
        extension = f":{self._policy.extension}" if self._policy.extension else ""
        return self._policy.policy_id + extension, self._policy.business_unit

    def _get(self, operation: str, path: str, ids: Mapping[str, str]) -> Heard:
        return self._ask(operation, "GET", self._contract.path(path), ids)

    def _post(self, operation: str, path: str, body: Any, *, idempotent: bool, reference: str | None = None) -> Heard:
        template = self._contract.path(path)
        return self._ask(operation, "POST", template, {}, json=body, idempotent=idempotent, reference=reference)

    def _outcome(self, operation: str, path: str, job_id: str) -> tuple[str, Heard]:
        """How far a job is (`pending`, `processed` or the insurer's own word), and what it made, or else the job."""
        heard = self._get(operation, path, {"job": job_id})
        job = Node(heard, heard.body)
        progress = self._contract.word("job_states", job["jobStatusCode"].needed())
        if progress != "processed":
            return progress, heard
        # The portal spells the link with two s, programs that ran with one.
        link = job["resourceUrl"].text() or job["ressourceUrl"].text()
        if link is None:
            raise job["resourceUrl"].wrong("is missing although the job is processed")
        call = Call(operation=operation, method="GET", url=link, template=f"{self._contract.path(path)} -> resourceUrl")
        return progress, Heard(self.name, call, self._transport.send(call))

    def _search_page(
        self, operation: str, path: str, cursor: str | None, size: int, **criteria: str
    ) -> tuple[list[Node], str | None]:
        """One page of a v3 search under the policy, and the cursor of the next."""
        page, before = _position(cursor)
        return _cut(self._search(operation, path, page, size, **criteria), page, size, before)

    def _search(self, operation: str, path: str, page: int, size: int, **criteria: str) -> Heard:
        pagination = {"page": page, "pageSize": size, "isTotalRequired": True}
        body = {"policies": [self._policy.body()], **criteria, "pagination": pagination}
        return self._post(operation, path, body, idempotent=True)

    def _requests_page(self, operation: str, cursor: str | None, size: int) -> tuple[list[Node], str | None]:
        """Requests an underwriter still has."""
        state = self._contract.code("in_progress")
        return self._search_page(operation, "requests_search", cursor, size, requestStatusCode=state)

    def _covers_page(
        self, operation: str, buyer_id: str | None, cursor: str | None, size: int
    ) -> tuple[list[Node], str | None]:
        """A page of the v2 listing (206 while there are more), the only known place of amounts for all buyers."""
        page, before = _position(cursor)
        query: dict[str, str | int | None] = {
            "policyId": self._policy.policy_id,
            "businessUnitCode": self._policy.business_unit,
            "companyId": buyer_id,
            "pageSize": size,
            "page": page,
        }
        heard = self._ask(operation, "GET", self._contract.path("covers_v2"), {}, query=query)
        rows, following = _cut(heard, page, size, before)
        if buyer_id is not None:
            for row in rows:
                company = row["company"]["companyId"]
                if company.needed() != buyer_id:
                    raise company.wrong("is not the company that was asked for")
        return rows, following

    def _in_progress(self, operation: str) -> Iterator[Node]:
        """All requests an underwriter still has."""
        return self._all(lambda cursor: self._requests_page(operation, cursor, SEARCH_PAGE))

    def _searched_covers(self, operation: str) -> Iterator[Node]:
        """All rows of the v3 search: company, state and grade of every cover."""
        return self._all(lambda cursor: self._search_page(operation, "covers_search", cursor, SEARCH_PAGE))

    def _covers(self, operation: str, buyer_id: str) -> Iterator[Node]:
        """All covers of one company in the v2 listing."""
        return self._all(lambda cursor: self._covers_page(operation, buyer_id, cursor, LIST_PAGE))

    def _companies(self, operation: str, buyer_ids: list[str]) -> Iterator[Node]:
        """What the referential knows of these companies."""
        heard = self._post(operation, "companies", buyer_ids, idempotent=True)
        return Node(heard, heard.body)["companies"].rows()

    def _all(self, fetch: Callable[[str | None], tuple[list[Node], str | None]]) -> Iterator[Node]:
        cursor: str | None = None
        for _ in range(_MOST_PAGES):
            rows, cursor = fetch(cursor)
            yield from rows
            if cursor is None:
                return
        raise ResponseFormatError(f"{self.name} answered more than {_MOST_PAGES} pages", insurer=self.name)


def fetch_token(transport: Transport, contract: Contract, api_key: str) -> Token:
    """Trade the API key for an access token: a JSON body, no OAuth grant, no refresh. Blanks around the key are cut."""
    template = contract.path("token")
    call = Call(
        operation="fetch_token",
        method="POST",
        path=tuple(template.strip("/").split("/")),
        template=template,
        json={"apiKey": api_key.strip()},
        idempotent=True,
        authenticated=False,
    )
    heard = Heard("allianz-trade", call, transport.send(call))
    body = Node(heard, heard.body)
    seconds = body["expires_in"].amount()
    if seconds is None or seconds <= 0:
        raise body["expires_in"].wrong("must be a number of seconds")
    return Token(body["access_token"].needed(), float(seconds))


def cover_of(heard: Heard, cover: Node) -> str:
    """The id of a cover that was read: its own, else the last part of the link to it."""
    link = urlsplit(heard.call.url or "").path.rstrip("/")
    return cover["coverId"].text() or unquote(link.rpartition("/")[2]) or heard.call.path[-1]


def _position(cursor: str | None) -> tuple[int, str]:
    """Our cursor is the page number and the first row before it."""
    page, _, before = (cursor or "1").partition("~")
    if not page.isascii() or not page.isdigit() or int(page) < 1:
        raise InvalidInputError("this cursor is not one of allianz-trade")
    return int(page), before


def _cut(heard: Heard, page: int, size: int, before: str) -> tuple[list[Node], str | None]:
    """The rows of a page; a short page is the last. A page that begins like the one before would go on for ever."""
    rows = list(Node(heard, heard.body).rows())
    names = ("requestId", "coverId", "companyId")
    first = next((text for text in (rows[0][name].text() for name in names) if text), "") if rows else ""
    if first and first == before:
        raise heard.wrong(FieldError("answer", f"page {page} repeats the page before it"))
    return rows, f"{page + 1}~{first}" if len(rows) == size else None
