"""`client.limits`: ask for cover, hear the decision, read what is in force."""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import date, datetime
from itertools import islice
from typing import Any, TypeVar

from tradecredit_sdk.client.cancellation import Cancellation, cancelling
from tradecredit_sdk.client.desk import Desk
from tradecredit_sdk.client.inputs import an_id, read
from tradecredit_sdk.client.reference import bearing
from tradecredit_sdk.errors import (
    InvalidInputError,
    NoAnswerError,
    NotFoundError,
    PendingError,
    ResponseFormatError,
    TradeCreditError,
)
from tradecredit_sdk.insurers.base import Operation
from tradecredit_sdk.journal.entry import Entry, EntryKind, EntryState, Reconciled, revive
from tradecredit_sdk.journal.procedure import Procedure
from tradecredit_sdk.models.limit import (
    CreditLimit,
    LimitAction,
    LimitApplication,
    LimitDecision,
    LimitKind,
    LimitPosition,
    LimitRequest,
)
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.pagination import Pager

FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.5, 15.0
_NEWEST = 10_000
"""So many applications are looked through for a reference that only the insurer can know."""
MOST_ROWS_OF_A_BUYER = 10_000
"""More rows of cover, or more applications, on one buyer are a listing without an end."""


T = TypeVar("T")


class Limits:
    """Limits and applications for them under the policy."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def request(
        self,
        request: LimitRequest | Mapping[str, Any] | None = None,
        *,
        buyer_id: str | None = None,
        amount: Money | Mapping[str, Any] | None = None,
        action: LimitAction | str | None = None,
        kind: LimitKind | str | None = None,
        valid_until: date | str | None = None,
        terms_days: int | None = None,
        urgent: bool | None = None,
        reference: str | None = None,
        comment: str | None = None,
    ) -> LimitApplication:
        """Ask for a limit, by a LimitRequest, a mapping, or named values; see `LimitRequest` for their meaning.

        Answers that the insurer received it; the decision may come later. A `reference` is made if none is given, and
        is on the answer and on every error. With a journal the same reference is sent once, and a repetition gets the
        first result or the same refusal; ReferenceConflictError when its content differs.

        NoAnswerError: the insurer may have it. With a journal, `reconcile()` or the same call again settles that.
        """
        named = {
            "buyer_id": buyer_id,
            "amount": amount,
            "action": action,
            "kind": kind,
            "valid_until": valid_until,
            "terms_days": terms_days,
            "urgent": urgent,
            "reference": reference,
            "comment": comment,
        }
        return self._desk.order(Operation.REQUEST_LIMIT, self._requesting(), read(LimitRequest, request, named))

    def decision(self, application_id: str) -> LimitDecision:
        """What was decided on an application, by the insurer's id of it or by your reference.

        A decision may be pending: look at `is_pending`. NotFoundError when neither the journal nor the insurer knows it.
        """
        an_id("application_id", application_id)
        known = self._known(application_id)
        try:
            decision = self._desk.insurer.limit_decision(known.insurer_id or "" if known else application_id)
        except NotFoundError:
            found = None if known else self._by_reference(application_id)
            if found is None:
                raise
            decision = self._desk.insurer.limit_decision(found)
        if known and not _same(decision, known.reference, known.payload.get("buyer_id")):
            raise NotFoundError(
                f"request {known.reference} is no longer at {self._desk.insurer.name}: {known.insurer_id} is another request "
                "now. To see that one, ask for its own reference",
                reference=known.reference,
                insurer=self._desk.insurer.name,
                operation=Operation.LIMIT_DECISION.value,
            )
        if not decision.is_pending:
            news = decision.model_dump(mode="json")
            self._desk.update_answer(
                EntryKind.LIMIT_REQUEST,
                decision.application_id,
                lambda answer: (
                    {**answer, "state": news["state"], "decision": news}
                    if _same(decision, answer.get("reference"), answer.get("buyer_id"))
                    else answer
                ),
            )
        return decision

    def wait(
        self, application_id: str, *, seconds: float, progress: Callable[[LimitDecision], None] | None = None
    ) -> LimitDecision:
        """Ask for the decision until there is one, for at most `seconds`, with growing pauses up to 15 seconds.

        `progress` is called with each decision that is still pending. A call that fails and may be repeated does not
        end the wait. PendingError when the time is over: not a failure, the decision is still to come.
        """
        if not math.isfinite(seconds) or seconds < 0:
            raise InvalidInputError("seconds must be a number of at least 0")
        clock = self._desk.clock
        deadline, pause = clock.monotonic() + seconds, FIRST_PAUSE_SECONDS
        while True:
            trouble: TradeCreditError | None = None
            try:
                decision = self.decision(application_id)
            except TradeCreditError as error:
                if not error.is_retryable:
                    raise
                trouble = error
            else:
                if not decision.is_pending:
                    return decision
                if progress is not None:
                    progress(decision)
            left = deadline - clock.monotonic()
            if left <= 0:
                raise trouble or PendingError(
                    f"no decision on {application_id} within {seconds:g} seconds; ask again later",
                    reference=decision.reference,
                    insurer=self._desk.insurer.name,
                    operation=Operation.LIMIT_DECISION.value,
                )
            clock.sleep(min(max(pause, (trouble and trouble.retry_after) or 0), left))
            pause = min(pause * 1.5, LONGEST_PAUSE_SECONDS)

    def list(
        self, *, buyer_id: str | None = None, cursor: str | None = None, page_size: int | None = None
    ) -> Pager[CreditLimit]:
        """All rows of cover under the policy, ended ones included while the insurer shows them."""
        fetch = self._desk.insurer.list_limits
        return self._desk.pager(Operation.LIST_LIMITS, fetch, buyer_id=buyer_id, cursor=cursor, page_size=page_size)

    def applications(
        self, *, buyer_id: str | None = None, cursor: str | None = None, page_size: int | None = None
    ) -> Pager[LimitApplication]:
        """What was asked under the policy, newest first."""
        fetch = self._desk.insurer.list_applications
        return self._desk.pager(
            Operation.LIST_APPLICATIONS, fetch, buyer_id=buyer_id, cursor=cursor, page_size=page_size
        )

    def position(self, buyer_id: str) -> LimitPosition:
        """All rows of cover on one buyer and all that was asked: what `rules.credit_check` is given.

        Decided applications are among them: a decision ends discretionary cover although no row is left of it (rule 15).

        `as_of` is the moment before the insurer was asked. ResponseFormatError when a listing has no end.
        """
        as_of = self._desk.clock.now()
        rows = _all(self.list(buyer_id=buyer_id))
        can_list = self._desk.insurer.capabilities.supports(Operation.LIST_APPLICATIONS)
        asked = _all(self.applications(buyer_id=buyer_id)) if can_list else ()
        return LimitPosition(buyer_id=buyer_id, limits=tuple(rows), applications=tuple(asked), as_of=as_of)

    def cancel(self, target_id: str) -> LimitApplication | CreditLimit:
        """Cancel a pending application or a limit by the insurer's id; doing it twice is no error.

        It is sent each time: an insurer may give the id of what was cancelled to a later limit.
        """
        request = read(Cancellation, None, {"target_id": an_id("target_id", target_id)})
        done = self._desk.perform(Operation.CANCEL_LIMIT, cancelling(self._desk), target_id, request)
        if isinstance(done, LimitApplication):
            state = str(done.model_dump(mode="json")["state"])
            self._desk.update_answer(
                EntryKind.LIMIT_REQUEST,
                done.id,
                lambda answer: (
                    {**answer, "state": state}
                    if _same(done, answer.get("reference"), answer.get("buyer_id"))
                    else answer
                ),
            )
        return done

    def same_content(self, request: LimitRequest, *, since: datetime) -> tuple[Entry, ...]:
        """Requests in the journal that ask for the same, whatever their reference, oldest first; empty without a journal.

        Those without an outcome count however old they are, the others from `since` on.

        A reference of your own keeps you from asking twice. This is for whoever has none to give, before asking.
        """
        return self._desk.same_content(EntryKind.LIMIT_REQUEST, request, since)

    def reserve(self, request: LimitRequest, *, since: datetime, passed: Collection[int] = ()) -> Entry | None:
        """Write the request down, to be sent next under its reference, unless one that asks for the same is there; then that.

        It counts while it has no outcome, or when it was written down at or after `since`; refused ones, and the ids in
        `passed`, do not. Of several processes at once, one gets None. None without a journal too.
        """
        return self._desk.reserve(Operation.REQUEST_LIMIT, EntryKind.LIMIT_REQUEST, request, since, passed)

    def reconcile(self, *, progress: Callable[[Reconciled], None] | None = None) -> tuple[Reconciled, ...]:
        """Settle every request and cancellation whose outcome the journal does not know, and send what never left.

        Each is reported to `progress` as soon as it is settled. What the insurer cannot tell stays unknown, with the
        reason in `error`. ConfigError without a journal.
        """
        return self._desk.reconcile((self._requesting(), cancelling(self._desk)), progress)

    # Parts

    def _requesting(self) -> Procedure[LimitRequest, LimitApplication]:
        insurer = self._desk.insurer
        return Procedure(
            kind=EntryKind.LIMIT_REQUEST,
            request=LimitRequest,
            send=lambda request: bearing(request.reference, insurer.request_limit(request)),
            find=insurer.find_application,
            repeatable=insurer.capabilities.idempotent_reference,
            write=lambda answer: answer.model_dump(mode="json"),
            read=LimitApplication.model_validate,
        )

    def _known(self, reference: str) -> Entry | None:
        """What the journal holds under this reference, with the insurer's id; None if it is no reference of ours."""
        entry = self._desk.entry(EntryKind.LIMIT_REQUEST, reference)
        if entry is None or entry.insurer_id is not None:
            return entry
        if entry.state is EntryState.REFUSED:
            raise revive(entry.error or {})
        raise NoAnswerError(
            f"limit request {reference} is {entry.state.value}: whether the insurer has it is not known yet; reconcile first",
            reference=reference,
            insurer=self._desk.insurer.name,
        )

    def _by_reference(self, reference: str) -> str | None:
        """The insurer's id of the application that carries this reference, among the newest ones."""
        if not self._desk.insurer.capabilities.supports(Operation.LIST_APPLICATIONS):
            return None
        newest = islice(self.applications(), _NEWEST)
        return next((application.id for application in newest if application.reference == reference), None)


def _all(rows: Pager[T]) -> Iterator[T]:
    for number, row in enumerate(rows):
        if number >= MOST_ROWS_OF_A_BUYER:
            raise ResponseFormatError(f"the listing goes on after {MOST_ROWS_OF_A_BUYER:,} rows of one buyer")
        yield row


def _same(heard: LimitDecision | LimitApplication, reference: str | None, buyer_id: str | None) -> bool:
    """Whether it can be about this request: an id alone may have been given to another one since."""
    ours = ((heard.reference, reference), (heard.buyer_id, buyer_id))
    return all(told is None or wanted is None or told == wanted for told, wanted in ours)
