"""The `open` insurer against the sandbox over real HTTP: overdues, from the declaration to the settlement."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from insurer_questions import SINCE, declaration

from tradecredit_sdk.errors import ConflictError, InvalidRequestError, ReferenceConflictError
from tradecredit_sdk.insurers.open import OpenInsurer
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.overdue import OverdueChange, OverdueState


def test_the_life_of_an_overdue(insurer: OpenInsurer) -> None:
    declared = insurer.declare_overdue(declaration())
    assert (declared.state, declared.total) == (OverdueState.DECLARED, Money("1250.50", "EUR"))
    assert insurer.declare_overdue(declaration()).id == declared.id
    found = insurer.find_overdue(declaration(), SINCE)
    assert found is not None
    assert found.id == declared.id
    assert insurer.find_overdue(declaration("OVD-2"), SINCE) is None
    with pytest.raises(ReferenceConflictError):
        insurer.find_overdue(declaration(buyer="900000002"), SINCE)

    later = (datetime.now(timezone.utc) + timedelta(days=30)).date()

    def change(**given: Any) -> Any:
        return insurer.change_overdue(OverdueChange(overdue_id=declared.id, **given))

    extended = change(action="extend", invoice="R-1", new_due_date=later, reference="ACT-1")
    assert (extended.state, extended.invoices[0].extended_to) == (OverdueState.EXTENDED, later)
    assert change(action="extend", invoice="R-1", new_due_date=later, reference="ACT-1").state is OverdueState.EXTENDED
    plan = ({"due_date": later, "amount": Money("1250.50", "EUR")},)
    planned = change(action="reschedule", instalments=plan, reference="ACT-2")
    assert (planned.state, len(planned.instalments)) == (OverdueState.RESCHEDULED, 1)
    today = datetime.now(timezone.utc).date()
    partly = change(action="settle", invoice="R-1", settled_on=today, reference="ACT-3")
    assert partly.total == Money("0.50", "EUR")
    settled = change(action="settle", settled_on=today, reference="ACT-4")
    assert (settled.state, settled.total) == (OverdueState.SETTLED, Money.zero("EUR"))
    with pytest.raises(ConflictError) as caught:
        change(action="settle", settled_on=today, reference="ACT-5")
    assert caught.value.code == "already_settled"
    assert insurer.get_overdue(declared.id).state is OverdueState.SETTLED
    assert [one.id for one in insurer.list_overdues(buyer_id="900000001").items] == [declared.id]


def test_a_new_due_date_must_be_later(insurer: OpenInsurer) -> None:
    declared = insurer.declare_overdue(declaration())
    early = OverdueChange(overdue_id=declared.id, action="extend", new_due_date="2025-01-30", reference="ACT-1")
    with pytest.raises(InvalidRequestError) as caught:
        insurer.change_overdue(early)
    assert [item.field for item in caught.value.fields] == ["new_due_date"]
