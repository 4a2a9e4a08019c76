"""The public API as type checkers see it: nothing here is run, mypy reads it in strict mode.

A line that must not type-check carries an ignore with its code; mypy complains when it does type-check after all.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from typing_extensions import assert_type

import tradecredit_sdk
from tradecredit_sdk import (
    AdverseReceipt,
    Answer,
    Buyer,
    Capabilities,
    Cover,
    CreditLimit,
    Entry,
    EntryState,
    Event,
    Exposure,
    Journal,
    LimitApplication,
    LimitDecision,
    LimitPosition,
    LimitRequest,
    Money,
    Order,
    Overdue,
    Page,
    Pager,
    Policy,
    RateLimitError,
    Reconciled,
    Settings,
    TradeCreditClient,
    Verdict,
    check_order,
    cover_in_force,
)


def clients() -> None:
    with TradeCreditClient(insurer="open", base_url="https://x.example", api_key="k", policy="P") as client:
        assert_type(client, TradeCreditClient)
        assert_type(client.name, str)
        assert_type(client.settings, Settings)
        assert_type(client.capabilities, Capabilities)
        assert_type(client.with_options(retries=0), TradeCreditClient)
        assert_type(client.request("GET", "policies", "P"), Answer)
    TradeCreditClient(Settings.load("north", policy="P"), journal="journal.sqlite")
    TradeCreditClient(polcy="P")  # type: ignore[call-arg]
    TradeCreditClient(None, "open")  # type: ignore[call-arg]


def limits(client: TradeCreditClient, money: Money) -> None:
    assert_type(client.limits.request(buyer_id="1", amount=money, reference="R-1"), LimitApplication)
    assert_type(client.limits.request(LimitRequest(buyer_id="1", amount=money)), LimitApplication)
    assert_type(client.limits.request({"buyer_id": "1", "amount": money}), LimitApplication)
    client.limits.request(buyer_id=1)  # type: ignore[arg-type]
    client.limits.request(buyer_id="1", amount=1000.0)  # type: ignore[arg-type]
    client.limits.request(buyer_id="1", terms="60 days")  # type: ignore[call-arg]
    assert_type(client.limits.decision("R-1"), LimitDecision)
    assert_type(client.limits.wait("R-1", seconds=5, progress=lambda decision: print(decision.state)), LimitDecision)
    assert_type(client.limits.list(buyer_id="1"), Pager[CreditLimit])
    assert_type(client.limits.applications(), Pager[LimitApplication])
    assert_type(client.limits.position("1"), LimitPosition)
    assert_type(client.limits.cancel("L-1"), LimitApplication | CreditLimit)
    assert_type(client.limits.reconcile(), tuple[Reconciled, ...])


def pagers(pager: Pager[CreditLimit]) -> None:
    assert_type(iter(pager), Iterator[CreditLimit])
    assert_type(pager.pages(), Iterator[Page[CreditLimit]])
    assert_type(pager.first(), CreditLimit | None)
    assert_type(pager.to_list(limit=5), list[CreditLimit])
    assert_type(pager.cursor, str | None)


def others(client: TradeCreditClient, money: Money) -> None:
    assert_type(client.buyers.find("Nordlicht", country="DE"), tuple[Buyer, ...])
    assert_type(client.buyers.get("1"), Buyer)
    client.buyers.find("Nordlicht")  # type: ignore[call-arg]
    invoices = [{"number": "R-1", "due_date": "2026-01-31", "amount": money}]
    assert_type(client.overdues.declare(buyer_id="1", invoices=invoices), Overdue)
    assert_type(client.overdues.get("1"), Overdue)
    assert_type(client.overdues.list(), Pager[Overdue])
    assert_type(client.overdues.extend("1", date(2026, 5, 31), invoice="R-1"), Overdue)
    assert_type(client.overdues.reschedule("1", [{"due_date": "2026-05-31", "amount": money}]), Overdue)
    assert_type(client.overdues.settle("1", "2026-05-31"), Overdue)
    assert_type(client.overdues.pay("1", money, "2026-05-31"), Overdue)
    assert_type(client.overdues.withdraw("1"), Overdue)
    assert_type(client.overdues.send_documents("1", [{"kind": "invoice", "name": "R-1.pdf"}]), Overdue)
    assert_type(client.overdues.report_adverse(buyer_id="1", kind="other", happened_on="2026-05-31"), AdverseReceipt)
    assert_type(client.overdues.reconcile(), tuple[Reconciled, ...])
    assert_type(client.policies.get(), Policy)
    assert_type(client.events.poll(), Page[Event])


def journals() -> None:
    with Journal("journal.sqlite") as journal:
        assert_type(journal, Journal)
        assert_type(journal.entries(states=[EntryState.UNKNOWN]), Iterator[Entry])
        for entry in journal.entries():
            assert_type(entry.state, EntryState)
            assert_type(journal.forget(entry), bool)


def rules(position: LimitPosition, policy: Policy, order: Order, exposure: Exposure, today: date) -> None:
    assert_type(check_order(order, exposure, position, policy, today), Verdict)
    assert_type(check_order(order, exposure, None, policy, today).is_blocked, bool)
    assert_type(cover_in_force(position, policy, today), Cover)


def values(error: RateLimitError) -> None:
    assert_type(Money("5.00", "EUR") + Money(1, "EUR"), Money)
    assert_type(Money("5.00", "EUR").amount, Decimal)
    assert_type(error.retry_after, float | None)
    assert_type(error.cursor, str | None)
    assert_type(tradecredit_sdk.__version__, str)
