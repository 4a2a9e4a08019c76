"""Applications for limits: received once, decided once, by rule, by the underwriter in time, or by a person."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from sqlalchemy import RowMapping, bindparam, insert, select, update

from tradecredit_sdk.models.event import EventType
from tradecredit_sdk.models.limit import PENDING_STATES, LimitAction, LimitKind, LimitState
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.sandbox import policies, store, underwriting
from tradecredit_sdk.sandbox.limits import Grant
from tradecredit_sdk.sandbox.problem import Problem, invalid, not_found
from tradecredit_sdk.sandbox.records import Application, Asked, Company, Condition, Decision, Limit, Slice
from tradecredit_sdk.sandbox.turn import Turn
from tradecredit_sdk.sandbox.underwriting import Case, Outcome

if TYPE_CHECKING:
    from tradecredit_sdk.sandbox.engine import Engine

_LONGEST = timedelta(days=3660)
_PENDING = [state.value for state in PENDING_STATES]
_INSERT = insert(store.applications)
_BY_REFERENCE = select(store.applications).where(
    store.applications.c.policy_id == bindparam("policy"), store.applications.c.reference == bindparam("ref")
)
_DECISIONS = (LimitState.APPROVED, LimitState.PARTLY_APPROVED, LimitState.REFUSED)


class Receipt(NamedTuple):
    """An application and whether it was made now; False when its reference was known with the same content."""

    application: Application
    is_new: bool


class Applications:
    """The insurer's inbox."""

    def __init__(self, engine: Engine, underwriter_seconds: float) -> None:
        self._engine = engine
        self.underwriter_seconds = underwriter_seconds
        engine.schedule.handle("decide", self._decide_due)

    # ------------------------------------------------------------------ for policyholders

    def submit(self, policy_id: str, asked: Asked) -> Receipt:
        """Receive an application; it is decided at once or referred.

        Problems: 404 for an unknown policy or buyer, 409 `reference_reused` or `limit_exists`, 422 for what makes no sense.
        """
        with self._engine.turn() as turn:
            known = self._by_reference(turn, policy_id, asked)
            if known is not None:
                return Receipt(known, is_new=False)
            case = self._case(turn, policy_id, asked)
            _check(turn, case)
            seq, made = self._engine.store.new_id(store.applications)
            application = Application(made, policy_id, asked, LimitState.REFERRED, turn.now, None)
            grant = Grant(None, None)
            if asked.action is LimitAction.CANCEL:
                application, grant = self._cancel_limit(turn, application)
            elif underwriting.is_referred(case):
                self._put_off(turn, application, case)
            else:
                application, grant = self._decided(turn, application, underwriting.decide(case), case.company)
            turn.tx.execute(_INSERT, {"seq": seq, **_asked_row(application), **_decision_row(application)})
            self._tell(turn, application, grant)
            return Receipt(application, is_new=True)

    def get(self, application_id: str, *, policy_id: str | None = None) -> Application:
        """One application, of `policy_id` only where that is given; Problem 404 `not_found`."""
        with self._engine.turn() as turn:
            return self._find(turn, application_id, policy_id)

    def list(
        self,
        *,
        policy_id: str | None = None,
        buyer_id: str | None = None,
        reference: str | None = None,
        state: LimitState | None = None,
        after: int | None = None,
        offset: int = 0,
        limit: int = 50,
    ) -> Slice[Application]:
        """Applications that fit, newest first."""
        where = store.equal(
            store.applications, policy_id=policy_id, buyer_id=buyer_id, reference=reference, state=state and state.value
        )
        with self._engine.turn() as turn:
            rows, last = store.fetch_slice(
                turn.tx, store.applications, where, limit=limit, after=after, offset=offset, newest_first=True
            )
        return Slice(tuple(map(from_row, rows)), last)

    def count(
        self, *, policy_id: str | None = None, buyer_id: str | None = None, state: LimitState | None = None
    ) -> int:
        """How many fit."""
        where = store.equal(store.applications, policy_id=policy_id, buyer_id=buyer_id, state=state and state.value)
        with self._engine.turn() as turn:
            return store.count(turn.tx, store.applications, where)

    def decided(
        self, *, policy_id: str, buyer_id: str | None = None, after: int | None = None, limit: int = 50
    ) -> Slice[Application]:
        """Applications that were decided, newest first."""
        where = store.equal(store.applications, policy_id=policy_id, buyer_id=buyer_id)
        where.append(store.applications.c.decided_at.is_not(None))
        with self._engine.turn() as turn:
            rows, last = store.fetch_slice(
                turn.tx, store.applications, where, limit=limit, after=after, newest_first=True
            )
        return Slice(tuple(map(from_row, rows)), last)

    def cancel(self, application_id: str, *, policy_id: str | None = None) -> Application:
        """Call a pending application back; again changes nothing. Problem 409 `not_pending` once it is decided."""
        with self._engine.turn() as turn:
            application = self._find(turn, application_id, policy_id)
            if application.state is LimitState.CANCELLED and application.decision is None:
                return application
            self._refuse_unless_pending(application)
            self._engine.schedule.drop(turn, application.id)
            self._update(turn, application.id, {"state": LimitState.CANCELLED.value})
            return self._find(turn, application.id)

    # ------------------------------------------------------------------ for the insurer's staff

    def decide(self, application_id: str, state: LimitState, amount: Money | None = None) -> Application:
        """A person decides: `approved` (the amount asked for, or `amount`), `partly_approved` (`amount`), or `refused`."""
        with self._engine.turn() as turn:
            application = self._find(turn, application_id)
            self._refuse_unless_pending(application)
            outcome = _by_hand(application.asked, state, amount)
            company = self._engine.buyers.find(turn, application.asked.buyer_id)
            return self._settle(turn, application, outcome, company)

    def refuse_pending(self, turn: Turn, buyer_id: str) -> None:
        """Refuse whatever is still open on a buyer that has become insolvent."""
        table = store.applications
        query = select(table).where(table.c.buyer_id == buyer_id, table.c.state.in_(_PENDING)).order_by(table.c.seq)
        for row in turn.tx.execute(query).mappings().all():
            self._underwrite(turn, from_row(row))

    # ------------------------------------------------------------------ parts

    def _by_reference(self, turn: Turn, policy_id: str, asked: Asked) -> Application | None:
        if asked.reference is None:
            return None
        where = {"policy": policy_id, "ref": asked.reference}
        row = turn.tx.execute(_BY_REFERENCE, where).mappings().first()
        if row is None:
            return None
        known = from_row(row)
        if known.asked != asked:
            raise Problem(409, "reference_reused", f"This reference was used for {known.id}, with other content.")
        return known

    def _case(self, turn: Turn, policy_id: str, asked: Asked) -> Case:
        policy = policies.get_policy(policy_id)
        company = self._engine.buyers.find(turn, asked.buyer_id)
        live = self._engine.limits.live(turn, policy_id, asked.buyer_id, asked.kind)
        overdue = self._engine.overdues.has_open(turn, policy_id, asked.buyer_id)
        return Case(company, policy, asked, live.amount if live else None, has_open_overdue=overdue)

    def _put_off(self, turn: Turn, application: Application, case: Case) -> None:
        """Leave it to the underwriter, who answers an urgent one in half the time, or to a person."""
        if not underwriting.is_left_to_a_person(case.company):
            seconds = self.underwriter_seconds / (2 if application.asked.urgent else 1)
            self._engine.schedule.add(turn, turn.now + timedelta(seconds=seconds), "decide", application.id)

    def _decide_due(self, turn: Turn, application_id: str) -> None:
        self._underwrite(turn, self._find(turn, application_id))

    def _underwrite(self, turn: Turn, application: Application) -> None:
        case = self._case(turn, application.policy_id, application.asked)
        self._settle(turn, application, underwriting.decide(case), case.company)

    def _settle(self, turn: Turn, application: Application, outcome: Outcome, company: Company) -> Application:
        """Decide an application that was pending."""
        self._engine.schedule.drop(turn, application.id)
        decided, grant = self._decided(turn, application, outcome, company)
        self._update(turn, decided.id, _decision_row(decided))
        self._tell(turn, decided, grant)
        return decided

    def _decided(
        self, turn: Turn, application: Application, outcome: Outcome, company: Company
    ) -> tuple[Application, Grant]:
        grant = self._engine.limits.grant(turn, application, outcome, company)
        return _with_decision(application, outcome, grant.limit, turn.now), grant

    def _cancel_limit(self, turn: Turn, application: Application) -> tuple[Application, Grant]:
        asked = application.asked
        live = self._engine.limits.live(turn, application.policy_id, asked.buyer_id, asked.kind)
        if live is None:
            raise TypeError("a cancellation is checked before it is carried out")
        ended = self._engine.limits.end_at_wish(turn, live)
        outcome = Outcome(LimitState.CANCELLED, Money.zero(live.amount.currency), "CANCELLED")
        return _with_decision(application, outcome, ended, turn.now), Grant(ended, None)

    def _tell(self, turn: Turn, application: Application, grant: Grant) -> None:
        decision = application.decision
        if decision is not None:
            subject = {"application_id": application.id, "limit_id": decision.limit_id}
            event, buyer_id = EventType.APPLICATION_DECIDED, application.asked.buyer_id
            self._engine.events.emit(turn, event, application.policy_id, buyer_id, **subject)
        if grant.limit is not None and grant.event is not None:
            self._engine.limits.emit(turn, grant.event, grant.limit)

    def _update(self, turn: Turn, application_id: str, values: dict[str, Any]) -> None:
        turn.tx.execute(update(store.applications).where(store.applications.c.id == application_id).values(**values))

    def _find(self, turn: Turn, application_id: str, policy_id: str | None = None) -> Application:
        query = select(store.applications).where(store.applications.c.id == application_id)
        row = turn.tx.execute(query).mappings().first()
        if row is None or policy_id not in (None, row["policy_id"]):
            raise not_found("not_found", "application with this id")
        return from_row(row)

    def _refuse_unless_pending(self, application: Application) -> None:
        if not application.is_pending:
            raise Problem(409, "not_pending", f"{application.id} is {application.state.value}; nothing is pending.")


def _check(turn: Turn, case: Case) -> None:
    """What a policyholder cannot ask for."""
    asked, now = case.asked, case.current
    in_force = now is not None and now.amount > 0
    if asked.action is LimitAction.CANCEL:
        if asked.amount is not None:
            raise invalid("amount", "a cancellation carries no amount")
        if asked.valid_until is not None:
            raise invalid("valid_until", "a cancellation carries no last day")
        if not in_force:
            raise invalid("action", f"there is no {asked.kind.value} limit on this buyer to cancel")
        return
    if asked.amount is None:
        raise invalid("amount", "say how much is wanted in total")
    underwriting.check_amount(asked.amount)
    _check_last_day(asked, turn.today)
    if asked.action is LimitAction.NEW:
        if in_force and case.policy.id in policies.ONE_LIMIT_AT_A_TIME:
            message = f"There is a {asked.kind.value} limit of {now} on this buyer; ask for an increase or a decrease."
            raise Problem(409, "limit_exists", message)
        return
    if now is None or not in_force:
        raise invalid("action", f"there is no {asked.kind.value} limit on this buyer; ask for a new one")
    if now.currency == asked.amount.currency:
        if asked.action is LimitAction.INCREASE and asked.amount <= now:
            raise invalid("amount", f"the total wanted must be more than the {now} in force")
        if asked.action is LimitAction.DECREASE and asked.amount >= now:
            raise invalid("amount", f"the total wanted must be less than the {now} in force")


def _check_last_day(asked: Asked, today: date) -> None:
    if asked.kind is LimitKind.PERMANENT:
        if asked.valid_until is not None:
            raise invalid("valid_until", "belongs to a temporary limit")
    elif asked.valid_until is None:
        raise invalid("valid_until", "a temporary limit needs its last day")
    elif not today <= asked.valid_until <= today + _LONGEST:
        raise invalid("valid_until", f"must be today ({today}) or later, at most ten years on")


def _by_hand(asked: Asked, state: LimitState, amount: Money | None) -> Outcome:
    if state not in _DECISIONS:
        raise invalid("state", "decide with approved, partly_approved or refused")
    if state is LimitState.REFUSED:
        currency = "EUR" if asked.amount is None else asked.amount.currency
        return Outcome(state, Money.zero(currency), "RISK", "Refused by an underwriter.")
    granted = asked.amount if amount is None and state is LimitState.APPROVED else amount
    if granted is None:
        raise invalid("amount", "say how much is granted")
    underwriting.check_amount(granted)
    whole = asked.amount if asked.amount is not None and asked.amount.currency == granted.currency else None
    if state is LimitState.PARTLY_APPROVED and whole is not None and granted >= whole:
        raise invalid("amount", f"a part is less than the {whole} asked for")
    code = "FULL" if state is LimitState.APPROVED else "PART"
    return Outcome(state, granted, code, None if code == "FULL" else "Decided by an underwriter.")


def _with_decision(application: Application, outcome: Outcome, limit: Limit | None, at: datetime) -> Application:
    decision = Decision(
        state=outcome.state,
        amount=outcome.amount,
        code=outcome.code,
        reason=outcome.reason,
        conditions=outcome.conditions,
        limit_id=limit.id if limit else None,
        valid_from=limit.valid_from if limit else None,
        valid_until=limit.valid_until if limit else None,
        decided_at=at,
    )
    return replace(application, state=outcome.state, decision=decision)


def _decision_row(application: Application) -> dict[str, Any]:
    decision = application.decision
    if decision is None:
        return {"decided_at": None}
    return {
        "state": decision.state.value,
        "decided_amount": str(decision.amount.amount),
        "decided_currency": decision.amount.currency,
        "code": decision.code,
        "reason": decision.reason,
        "conditions": [[condition.code, condition.text] for condition in decision.conditions],
        "limit_id": decision.limit_id,
        "decided_from": decision.valid_from,
        "decided_until": decision.valid_until,
        "decided_at": decision.decided_at,
    }


def _asked_row(application: Application) -> dict[str, Any]:
    asked = application.asked
    return {
        "id": application.id,
        "policy_id": application.policy_id,
        "reference": asked.reference,
        "buyer_id": asked.buyer_id,
        "action": asked.action.value,
        "kind": asked.kind.value,
        "amount": None if asked.amount is None else str(asked.amount.amount),
        "currency": None if asked.amount is None else asked.amount.currency,
        "valid_until": asked.valid_until,
        "terms_days": asked.terms_days,
        "urgent": asked.urgent,
        "comment": asked.comment,
        "state": application.state.value,
        "created_at": application.created_at,
    }


def from_row(row: RowMapping) -> Application:
    """Back from the database."""
    asked = Asked(
        buyer_id=row["buyer_id"],
        action=LimitAction(row["action"]),
        kind=LimitKind(row["kind"]),
        amount=None if row["amount"] is None else Money(row["amount"], row["currency"]),
        valid_until=row["valid_until"],
        terms_days=row["terms_days"],
        urgent=row["urgent"],
        comment=row["comment"],
        reference=row["reference"],
    )
    decision = None
    if row["decided_at"] is not None:
        decision = Decision(
            state=LimitState(row["state"]),
            amount=Money(row["decided_amount"], row["decided_currency"]),
            code=row["code"],
            reason=row["reason"],
            conditions=tuple(Condition(code, text) for code, text in row["conditions"]),
            limit_id=row["limit_id"],
            valid_from=row["decided_from"],
            valid_until=row["decided_until"],
            decided_at=row["decided_at"],
        )
    state = LimitState(row["state"])
    return Application(row["id"], row["policy_id"], asked, state, row["created_at"], decision)
