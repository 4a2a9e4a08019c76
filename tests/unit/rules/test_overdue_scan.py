"""What of a ledger must be declared: each invoice's clock, each buyer's total, credits, threshold and insured buyers."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradecredit_sdk.models.exposure import ItemKind, OpenItem
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.policy import Policy, TaxBasis, WaitingPeriodStart
from tradecredit_sdk.models.rates import ExchangeRates
from tradecredit_sdk.rules.deadlines import Step
from tradecredit_sdk.rules.overdue_scan import BuyerScan, Need, Told, near_until, scan

POLICY = Policy(id="P", currency="EUR")
TODAY = date(2026, 3, 31)


def ago(days: int) -> date:
    return TODAY - timedelta(days)


def invoice(number: str, overdue_days: int, amount: str = "100.00", **more: Any) -> OpenItem:
    currency = more.pop("currency", "EUR")
    facts = {"customer": "C1", "number": number, "original_due_date": ago(overdue_days), **more}
    return OpenItem(**facts, amount=Money(amount, currency))


def credit(amount: str, kind: str = "payment") -> OpenItem:
    return OpenItem(customer="C1", number="P", kind=kind, amount=Money(amount, "EUR"))  # type: ignore[arg-type]


def only(*items: OpenItem, policy: Policy = POLICY, **more: Any) -> BuyerScan:
    (found,) = scan(items, policy, TODAY, **more)
    return found


@pytest.mark.parametrize(
    ("overdue_days", "declared", "step", "left"),
    [
        (45, None, Step.STOP_OF_COVER, 15), (60, None, Step.STOP_OF_COVER, 0), (61, None, Step.NOTIFICATION, 29),
        (90, None, Step.NOTIFICATION, 0), (91, None, Step.NOTIFICATION, -1), (400, None, Step.NOTIFICATION, -310),
        (50, 5, Step.STOP_OF_COVER, 10), (91, 20, Step.DATE_OF_LOSS, 89), (180, 100, Step.DATE_OF_LOSS, 0),
        (181, 100, Step.CLAIM, 179), (361, 300, Step.CLAIM, -1),
    ],
)  # fmt: skip
def test_what_comes_next_or_was_missed(overdue_days: int, declared: int | None, step: Step, left: int) -> None:
    told = None if declared is None else ago(declared)
    (clock,) = only(invoice("R", overdue_days, declared_on=told), everything=True).clocks
    assert (clock.step, clock.days_left, clock.is_missed) == (step, left, left < 0)
    assert clock.last_day == TODAY + timedelta(left)


def test_only_who_has_little_time_is_given_unless_all_are_asked_for() -> None:
    items = [invoice("R-1", 44), invoice("R-2", 45, customer="C2"), invoice("R-3", -30, customer="C3")]
    assert [one.buyer for one in scan(items, POLICY, TODAY)] == ["C2"]
    assert [one.buyer for one in scan(items, POLICY, TODAY, days=16)] == ["C2", "C1"]
    assert [one.buyer for one in scan(items, POLICY, TODAY, everything=True)] == ["C2", "C1", "C3"]


def test_all_that_is_outstanding_is_declared_with_what_is_late() -> None:
    found = only(invoice("R-2", -20, "50.00"), invoice("R-1", 80))
    assert found.need is Need.DECLARE
    assert [(clock.item.number, clock.to_declare) for clock in found.clocks] == [
        ("R-1", Money("100.00", "EUR")), ("R-2", Money("50.00", "EUR")),
    ]  # fmt: skip
    assert (found.outstanding, found.overdue, found.declared) == tuple(Money(n, "EUR") for n in ("150", "100", "150"))


def test_what_is_declared_is_not_declared_again() -> None:
    told = invoice("R-1", 80, declared_on=ago(3))
    found = only(told, invoice("R-2", 70))
    assert [clock.to_declare for clock in found.clocks] == [None, Money("100.00", "EUR")]
    assert only(told, everything=True).need is Need.DECLARED
    elsewhere = only(invoice("R-1", 80), declared={("C1", "R-1"): Told(ago(3))}, everything=True)
    assert (elsewhere.need, elsewhere.clocks[0].declared_on) == (Need.DECLARED, ago(3))
    again = only(invoice("R-1", 80), declared={("C2", "R-1"): Told(ago(3))})
    assert again.need is Need.DECLARE


@pytest.mark.parametrize("kind", ["payment", "credit_note"])
def test_a_credit_goes_to_the_oldest_and_shortens_the_declaration(kind: str) -> None:
    found = only(invoice("R-2", 70), invoice("R-1", 80), credit("-130.00", kind))
    assert [clock.to_declare for clock in found.clocks] == [None, Money("70.00", "EUR")]
    assert (found.credits, found.declared) == (Money("-130.00", "EUR"), Money("70.00", "EUR"))
    assert [clock.last_day for clock in found.clocks] == [ago(-10), ago(-20)], "but ends no clock before it is assigned"
    all_ = only(invoice("R-1", 80), invoice("R-2", -5), credit("-100.00", kind))
    assert (all_.need, all_.declared) == (Need.CREDITED, Money(0, "EUR"))


def test_an_overpaid_invoice_is_a_credit() -> None:
    found = only(invoice("R-1", 80), invoice("R-0", 200, "-30.00"))
    assert (found.credits, found.declared) == (Money("-30.00", "EUR"), Money("70.00", "EUR"))


def test_below_the_threshold_nothing_is_declared() -> None:
    policy = POLICY.model_copy(update={"overdue_threshold": Money(100, "EUR")})
    assert only(invoice("R", 80, "99.99"), policy=policy).need is Need.BELOW_THRESHOLD
    assert only(invoice("R", 80, "100.00"), policy=policy).need is Need.DECLARE
    assert only(invoice("R", 80, "60.00"), invoice("S", 1, "40.00"), policy=policy).need is Need.DECLARE, (
        "all overdue counts"
    )
    assert only(invoice("R", 80, "60.00"), invoice("S", -1, "40.00"), policy=policy).need is Need.BELOW_THRESHOLD
    assert only(invoice("R", 80, "110.00"), credit("-11.00"), policy=policy).need is Need.BELOW_THRESHOLD
    dollars = invoice("R", 80, "50.00", currency="USD")
    assert only(dollars, policy=policy).need is Need.DECLARE, "without a rate it is no excuse"
    assert only(dollars, policy=policy, rates=ExchangeRates("EUR", {"USD": "2"})).need is Need.BELOW_THRESHOLD


def test_a_buyer_is_below_the_threshold_with_all_its_currencies_or_not_at_all() -> None:
    policy = POLICY.model_copy(update={"overdue_threshold": Money(100, "EUR")})
    both = [invoice("R", 80, "60.00"), invoice("S", 80, "60.00", currency="USD")]

    def needs(rates: ExchangeRates | None, *items: OpenItem) -> set[Need]:
        return {one.need for one in scan(items, policy, TODAY, rates=rates)}

    at_par, cheap = ExchangeRates("EUR", {"USD": "1"}), ExchangeRates("EUR", {"USD": "2"})
    assert needs(at_par, *both) == {Need.DECLARE}, "each is below it, both together are not"
    assert needs(cheap, *both) == {Need.BELOW_THRESHOLD}
    assert needs(None, *both) == {Need.DECLARE}, "what a missing rate hides excuses nothing of the buyer"
    assert needs(None, both[0], invoice("S", -5, "60.00", currency="USD")) == {Need.BELOW_THRESHOLD}, "not late at all"
    in_credit = OpenItem(customer="C1", number="P", kind=ItemKind.PAYMENT, amount=Money("-50.00", "USD"))
    assert needs(at_par, invoice("R", 80, "110.00"), in_credit) == {Need.DECLARE}, "dollars pay no euros"


def test_what_was_told_of_another_debt_under_the_same_number_declares_nothing() -> None:
    def told(due: int, amount: str, currency: str = "EUR") -> dict[tuple[str, str], Told]:
        return {("C1", "R"): Told(ago(3), ago(due), Money(amount, currency))}

    item = invoice("R", 80, "900.00")
    assert only(item, declared=told(80, "900.00"), everything=True).need is Need.DECLARED
    for other in (told(79, "900.00"), told(445, "100.00"), told(80, "900.00", "USD")):
        found = only(item, declared=other)
        assert (found.need, found.clocks[0].declared_on) == (Need.DECLARE, None)
        assert found.clocks[0].told == other["C1", "R"]


def test_what_was_declared_too_little_is_told() -> None:
    told = {("C1", "R"): Told(ago(3), ago(80), Money("100.00", "EUR"))}
    found = only(invoice("R", 80, "900.00"), declared=told)
    assert (found.need, found.clocks[0].undeclared) == (Need.DECLARED, Money("800.00", "EUR"))
    credited = only(invoice("R", 80, "130.00"), credit("-30.00"), declared=told, everything=True)
    assert credited.clocks[0].undeclared is None, "the declaration left out what was credited"
    late = {("C1", "R"): Told(ago(3), ago(400), Money("900.00", "EUR"))}
    first = [invoice("R", 400, "450.00"), invoice("R", 370, "450.00")]
    assert {clock.declared_on for clock in only(*first, declared=late, everything=True).clocks} == {ago(3)}
    rest = only(first[1], declared=late, everything=True)
    assert rest.clocks[0].declared_on == ago(3), "the first instalment is paid, the others stay declared"


def test_a_declaration_that_is_still_to_come_stops_no_clock() -> None:
    found = only(invoice("R", 95, declared_on=ago(-1)))
    assert (found.need, found.days_left) == (Need.DECLARE, -5)


@pytest.mark.parametrize("notification_days", [0, 5, 30])
def test_however_far_one_looks_nothing_is_due_before_its_time(notification_days: int) -> None:
    policy = POLICY.model_copy(update={"notification_days": notification_days})
    lead = 60 + notification_days - 15
    for overdue_days, is_due in ((-1, False), (0, False), (min(lead, 61) - 1, False), (min(lead, 61), True)):
        (found,) = scan([invoice("R", overdue_days)], policy, TODAY, days=3000)
        assert (found.need is Need.DECLARE, found.clocks[0].is_due) == (is_due, is_due), overdue_days
    (found,) = scan([invoice("R", min(lead, 61))], policy, TODAY, days=0)
    assert found.need is Need.DECLARE, "nor is it kept back by looking at today alone"
    short = policy.model_copy(update={"max_extension_days": 5, "notification_days": 0})
    assert not list(scan([invoice("R", 0)], short, TODAY, days=0)), "what is due today is not overdue"
    assert only(invoice("R", 1), policy=short).need is Need.DECLARE


def test_only_insured_buyers_where_there_is_a_list() -> None:
    assert only(invoice("R", 80), insured={"B1"}).need is Need.NOT_INSURED
    assert only(invoice("R", 80), insured={"B1"}, buyers={"C1": "B1"}).need is Need.DECLARE
    assert only(invoice("R", 80), insured={"B1"}).declared == Money(0, "EUR")


def test_customers_of_one_buyer_are_one_and_currencies_are_apart() -> None:
    items = [invoice("R-1", 80), invoice("R-2", 70, customer="C2"), invoice("R-3", 75, currency="USD")]
    found = list(scan(items, POLICY, TODAY, buyers={"C1": "B", "C2": "B"}))
    assert [(one.buyer, one.currency, str(one.declared)) for one in found] == [
        ("B", "EUR", "200.00 EUR"), ("B", "USD", "100.00 USD"),
    ]  # fmt: skip


def test_drafts_and_orders_are_not_debt() -> None:
    items = [invoice("R-1", 80), invoice("D", 80, kind="draft"), invoice("O", 80, kind="order")]
    assert [clock.item.number for clock in only(*items).clocks] == ["R-1"]


def test_the_tax_counts_if_the_policy_says_so() -> None:
    item = invoice("R", 80).model_copy(update={"tax": Money("19.00", "EUR")})
    assert only(item).declared == Money(100, "EUR")
    assert only(item, policy=POLICY.model_copy(update={"tax_basis": TaxBasis.GROSS})).declared == Money(119, "EUR")


def test_where_the_waiting_period_runs_from_the_notification() -> None:
    policy = POLICY.model_copy(update={"waiting_period_start": WaitingPeriodStart.NOTIFICATION})
    (clock,) = only(invoice("R", 100, declared_on=ago(10)), policy=policy, everything=True).clocks
    assert (clock.step, clock.days_left) == (Step.DATE_OF_LOSS, 170)


ITEMS = st.lists(
    st.builds(
        lambda number, days, cents, agreed: invoice(
            f"R-{number}", days, f"{cents / 100:.2f}", agreed_due_date=None if agreed is None else ago(days - agreed)
        ),
        st.integers(0, 10_000), st.integers(-100, 400), st.integers(1, 10_000_000), st.none() | st.integers(0, 300),
    ),
    max_size=8, unique_by=lambda item: item.number,
)  # fmt: skip


@given(ITEMS, st.integers(0, 60))
def test_an_agreed_later_date_moves_no_clock(items: list[OpenItem], days: int) -> None:
    plain = [item.model_copy(update={"agreed_due_date": None}) for item in items]
    for agreed, original in zip(
        scan(items, POLICY, TODAY, days=days), scan(plain, POLICY, TODAY, days=days), strict=True
    ):
        assert (agreed.need, agreed.declared) == (original.need, original.declared)
        assert [clock.last_day for clock in agreed.clocks] == [clock.last_day for clock in original.clocks]


@given(ITEMS, st.integers(1, 20_000_000))
def test_paying_makes_no_deadline_earlier_and_no_declaration_larger(items: list[OpenItem], cents: int) -> None:
    paid = [*items, credit(f"-{cents / 100:.2f}")]
    before = {one.buyer: one for one in scan(items, POLICY, TODAY, everything=True)}
    for after in scan(paid, POLICY, TODAY, everything=True):
        unpaid = before[after.buyer]
        assert [clock.last_day for clock in after.clocks] == [clock.last_day for clock in unpaid.clocks]
        assert after.declared <= unpaid.declared
        if after.need is not Need.CREDITED:
            assert after.need is unpaid.need
            assert unpaid.declared - after.declared <= Money(Decimal(cents) / 100, "EUR")


@given(ITEMS, st.integers(0, 60), st.integers(0, 60), st.integers(0, 30))
def test_nothing_that_is_not_near_is_needed(items: list[OpenItem], days: int, extension: int, notice: int) -> None:
    """What the sieve leaves out would not have changed who is given."""
    policy = POLICY.model_copy(update={"max_extension_days": extension, "notification_days": notice})
    until = near_until(policy, TODAY, days)
    near = [item for item in items if item.original_due_date and item.original_due_date <= until]
    assert bool(list(scan(items, policy, TODAY, days=days))) == bool(near)
