"""Asking for cover on this wire: what it leaves unsaid is worked out here, before the engine is asked.

The wire only knows the total wanted; whether that is a new limit, an increase or a decrease follows from what there is.
"""

from __future__ import annotations

from tradecredit_sdk.models.limit import LimitAction, LimitKind, LimitState
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.sandbox.engine import Engine
from tradecredit_sdk.sandbox.faces.allianz_trade.words import in_our_words
from tradecredit_sdk.sandbox.problem import Problem
from tradecredit_sdk.sandbox.records import Application, Asked


def ask(
    engine: Engine,
    policy_id: str,
    company_id: str,
    amount: Money,
    *,
    urgent: bool = False,
    comment: str | None = None,
    reference: str | None = None,
) -> Application:
    """Request `amount` in total, permanently. The same reference again is the same request.

    Problems: 404 for an unknown company, 409 while another request is pending, or for a reference used otherwise.
    """
    with engine.store.lock, in_our_words():
        known = _by_reference(engine, policy_id, reference)
        if known is not None:
            if (known.asked.buyer_id, known.asked.amount) == (company_id, amount):
                return known
            raise Problem(409, "reference_reused", f"This customerReference was used for {known.id}.")
        if pending(engine, policy_id, company_id):
            raise Problem(409, "request_pending", "A request on this company is still pending.")
        action = _action(live_amount(engine, policy_id, company_id), amount)
        asked = Asked(company_id, action, amount=amount, urgent=urgent, comment=comment, reference=reference)
        return engine.applications.submit(policy_id, asked).application


def cancel(engine: Engine, policy_id: str, company_id: str) -> None:
    """Call back what is pending, else end the permanent limit; Problem 409 when there is neither."""
    with engine.store.lock, in_our_words():
        open_requests = pending(engine, policy_id, company_id)
        if open_requests:
            for application in open_requests:
                engine.applications.cancel(application.id)
        elif live_amount(engine, policy_id, company_id) is None:
            raise Problem(409, "nothing_to_cancel", "There is neither a pending request nor a limit on this company.")
        else:
            engine.applications.submit(policy_id, Asked(company_id, LimitAction.CANCEL))


def pending(engine: Engine, policy_id: str, company_id: str) -> tuple[Application, ...]:
    """The requests on a company that nobody has decided."""
    return engine.applications.list(policy_id=policy_id, buyer_id=company_id, state=LimitState.REFERRED).items


def live_amount(engine: Engine, policy_id: str, company_id: str) -> Money | None:
    """The permanent limit above zero that counts now."""
    rows = engine.limits.list(policy_id=policy_id, buyer_id=company_id, live_only=True).items
    amounts = (row.amount for row in rows if row.kind is LimitKind.PERMANENT and row.amount.amount > 0)
    return next(amounts, None)


def _by_reference(engine: Engine, policy_id: str, reference: str | None) -> Application | None:
    if reference is None:
        return None
    return next(iter(engine.applications.list(policy_id=policy_id, reference=reference, limit=1).items), None)


def _action(now: Money | None, wanted: Money) -> LimitAction:
    if now is None or now.currency != wanted.currency or now == wanted:
        return LimitAction.NEW
    return LimitAction.INCREASE if wanted > now else LimitAction.DECREASE
