"""No order passes above cover, whatever the mix of rows, debts, taxes, policies and rates.

The cover is computed here a second time, in fractions and from the words of the domain rules; not from the code.
"""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from fractions import Fraction
from random import Random
from typing import Any, TypeVar

from hypothesis import given, settings
from hypothesis import strategies as st

from tradecredit_sdk.models.exposure import Exposure
from tradecredit_sdk.models.limit import CreditLimit, LimitPosition
from tradecredit_sdk.models.money import MINOR_UNITS, Money
from tradecredit_sdk.models.order import Order
from tradecredit_sdk.models.policy import Policy
from tradecredit_sdk.models.rates import ExchangeRates
from tradecredit_sdk.models.verdict import Outcome, ReasonCode, Verdict
from tradecredit_sdk.rules.cover import cover_in_force
from tradecredit_sdk.rules.credit_check import check_order
from tradecredit_sdk.rules.exposure import combine

TODAY = date(2024, 2, 29)
NOON = datetime(2024, 2, 29, 12, tzinfo=timezone.utc)
CURRENCIES = ("EUR", "USD", "JPY", "KWD")
KINDS = ("permanent", "temporary", "discretionary", "top_up", "framework")
GRANTED = ("approved", "partly_approved", "reduced", "withdrawal_announced")
PENDING = ("requested", "referred")
STATES = (*GRANTED, *PENDING, "refused", "withdrawn", "expired", "cancelled", "superseded", "under_review")
SEVERITY = [Outcome.ALLOWED, Outcome.WARNING, Outcome.BLOCKED]
bounded = settings(max_examples=150, deadline=None)


# One draw of hypothesis takes a whole row, debt, policy or order from a pool: ten times as many cases a second.
dice = Random(2024)
T = TypeVar("T")


def pool(build: Callable[[], T], size: int) -> st.SearchStrategy[T]:
    return st.sampled_from([build() for _ in range(size)])


def mostly(usual: Any, *others: Any) -> Any:
    """The usual value in four of five cases."""
    return usual if dice.random() < 0.8 else dice.choice(others)


def amount(most: int = 3, *, least: int = 0) -> Money:
    """Round sums and their neighbours by one minor unit, so that limits are met exactly and missed by a hair."""
    currency = mostly("EUR", *CURRENCIES)
    units = mostly(0, 1, -1)
    value = Decimal(dice.randint(least, most) * 100) + Decimal(units).scaleb(-MINOR_UNITS[currency])
    return Money(max(value, Decimal(least * 100)), currency)


def day() -> date:
    return TODAY + timedelta(dice.randint(-3, 1))


def row() -> CreditLimit:
    return CreditLimit(
        id="L1",
        buyer_id=mostly("B", "B", "B", "OTHER"),
        kind=dice.choice(("permanent", "permanent", *KINDS)),
        state=mostly("approved", *STATES),
        amount=amount(),
        valid_from=day(),
        valid_until=mostly(None, TODAY - timedelta(1), TODAY, TODAY + timedelta(1)),
        announced_change=mostly(None, {"effective_on": day(), "amount": amount()}),
        insured_percentage=mostly(None, 0, 50, "87.5", 95),
        max_terms_days=mostly(None, 0, 30, 60),
    )


def position(limits: list[CreditLimit], state: str | None, as_of: datetime | None) -> LimitPosition:
    applications = [{"id": "A1", "state": state, "buyer_id": "B"}] if state else []
    return LimitPosition(buyer_id="B", limits=limits, applications=applications, as_of=as_of)


def bucket() -> list[Money]:
    return [amount(1, least=-1) for _ in range(mostly(0, 1, 2))]


def exposure() -> Exposure:
    late = mostly(None, 0, 1, 60, 61, 400)
    return Exposure(
        open=bucket(),
        overdue=bucket(),
        draft=bucket(),
        ordered=bucket(),
        oldest_original_due_date=None if late is None else TODAY - timedelta(late),
        unreadable=mostly(0, 0, 0, 1),
    )


def policy() -> Policy:
    return Policy(
        id="P",
        currency=mostly("EUR", *CURRENCIES),
        insured_percentage=mostly(90, 0, 100),
        discretionary_limit=amount() if dice.random() < 0.5 else None,
        tax_basis=mostly("net", "gross"),
        order_tolerance_percent=mostly(0, 5, "0.5", 100),
        covered_countries=mostly(None, ("DE", "FR"), ()),
        on_stale_limit=mostly("warn", "block", "use_last"),
        max_payment_terms_days=mostly(60, 30),
    )


def order() -> Order:
    value = amount(2)
    return Order(
        buyer_id=mostly("B", "B", "B", None, "OTHER"),
        amount=value,
        tax=mostly(None, Money(1, value.currency), Money(19, value.currency)),
        terms_days=mostly(30, None, 0, 31, 60, 61),
        country=mostly("DE", None, "JP"),
    )


rows, policies, orders = pool(row, 4000), pool(policy, 400), pool(order, 400)
exposures = st.one_of(st.just(Exposure()), pool(exposure, 1000))
decisions = st.sampled_from((None, None, None, *STATES))
ages = st.sampled_from((NOON, NOON, NOON - timedelta(hours=24), NOON - timedelta(hours=24, seconds=1), None))
positions = st.one_of(st.none(), st.builds(position, st.lists(rows, min_size=1, max_size=3), decisions, ages))
RATES = {"USD": "1.08", "JPY": "161.37", "KWD": "0.3"}
rates = st.one_of(
    st.just(ExchangeRates("EUR", RATES)),
    st.sets(st.sampled_from(sorted(RATES))).map(
        lambda codes: ExchangeRates("EUR", {code: RATES[code] for code in codes})
    ),
    st.none(),
)
cases = st.tuples(orders, exposures, positions, policies, rates)


# ---- the second opinion --------------------------------------------------------------------------------------------


def exact(money: Money, currency: str, known: ExchangeRates | None) -> Fraction | None:
    """The value in `currency` without any rounding; None where nobody knows the rate."""
    if money.currency == currency:
        return Fraction(money.amount)
    table = {"EUR": Fraction(1), **{code: Fraction(RATES[code]) for code in RATES if known and code in repr(known)}}
    if known is None or money.currency not in table or currency not in table:
        return None
    return Fraction(money.amount) * table[currency] / table[money.currency]


def granted(row: CreditLimit) -> Money | None:
    """What the row says for today, and None where it does not say that there is cover."""
    if row.state not in GRANTED:
        return None
    change = row.announced_change
    if change is not None and change.effective_on <= TODAY:
        return change.amount
    if row.state == "withdrawal_announced" and change is None and row.valid_until is None:
        return None
    return row.amount


def most_cover(limits: Iterable[CreditLimit], policy: Policy, known: ExchangeRates | None, decided: bool) -> Fraction:
    """The most that the insurer could be held to: of each kind the row that began last, and of two the smaller."""
    mine = [row for row in limits if row.buyer_id == "B" and row.valid_from <= TODAY and row.kind in KINDS[:4]]
    best: dict[str, Fraction] = {}
    for kind in KINDS[:4]:
        alive = [
            row
            for row in mine
            if row.kind == kind
            and row.state not in ("expired", "superseded", *PENDING)
            and (row.valid_until is None or row.valid_until >= TODAY or row.state in ("withdrawn", "cancelled"))
        ]
        last = [row for row in alive if row.valid_from == max(other.valid_from for other in alive)]
        values = [None if (money := granted(row)) is None else exact(money, policy.currency, known) for row in last]
        best[kind] = min((value or Fraction(0) for value in values), default=Fraction(0))
    own = Fraction(0)
    if policy.discretionary_limit is not None and not decided:
        own = exact(policy.discretionary_limit, policy.currency, known) or Fraction(0)
        if any(row.kind == "discretionary" and row.buyer_id == "B" for row in limits):
            own = min(own, best["discretionary"])
    insurer = best["permanent"] + best["temporary"]
    return max(own, insurer + min(best["top_up"], insurer))


def was_decided(position: LimitPosition | None) -> bool:
    if position is None:
        return False
    by_row = any(
        row.kind != "discretionary" and row.state not in PENDING and row.buyer_id == "B" for row in position.limits
    )
    undecided = (*PENDING, "cancelled", "superseded")
    return by_row or any(item.state not in undecided for item in position.applications)


def check(case: tuple[Any, ...], **changes: Any) -> Verdict:
    names = ("order", "exposure", "limits", "policy", "rates")
    return check_order(**{**dict(zip(names, case, strict=True)), **changes}, today=TODAY, now=NOON)


def debt(exposure: Exposure) -> list[Money]:
    return [*exposure.open, *exposure.overdue, *exposure.draft, *exposure.ordered]


# ---- the properties ------------------------------------------------------------------------------------------------


@settings(bounded, max_examples=500)
@given(st.lists(rows, max_size=3), decisions, policies, rates)
def test_the_cover_is_what_the_rules_say_rounded_down(
    limits: list[CreditLimit], state: str | None, policy: Policy, known: ExchangeRates | None
) -> None:
    facts = position(limits, state, NOON)
    total = cover_in_force(facts, policy, TODAY, known).total
    most = most_cover(facts.limits, policy, known, was_decided(facts))
    lost = most - (Fraction(total.amount) if total is not None else 0)
    # Permanent, temporary and top-up are each rounded down, the last perhaps to the sum of the first two.
    assert 0 <= lost < 4 * Fraction(1, 10 ** MINOR_UNITS[policy.currency])


@settings(bounded, max_examples=300)
@given(cases)
def test_what_passes_is_inside_the_cover(case: tuple[Any, ...]) -> None:
    order, exposure, limits, policy, known = case
    verdict = check(case)
    if verdict.is_blocked:
        return
    values = [exact(money, policy.currency, known) for money in debt(exposure)]
    wanted = exact(order.amount, policy.currency, known)
    assert wanted is not None
    assert None not in values
    if policy.tax_basis == "gross" and order.tax is not None:
        wanted += exact(order.tax, policy.currency, known)
    cover = most_cover(limits.limits if limits else (), policy, known, was_decided(limits))
    if any(reason.code is ReasonCode.TOLERANCE_USED for reason in verdict.reasons):
        cover *= 1 + Fraction(policy.order_tolerance_percent) / 100
    assert wanted == 0 or max(sum(values), 0) + wanted <= cover


@bounded
@given(cases)
def test_what_passes_has_a_known_buyer_country_terms_and_age(case: tuple[Any, ...]) -> None:
    order, exposure, limits, policy, _ = case
    verdict = check(case)
    if verdict.is_blocked:
        return
    assert order.buyer_id is not None
    assert limits is None or order.buyer_id == limits.buyer_id
    assert verdict.limit is not None
    assert verdict.limit.amount > 0
    assert not exposure.unreadable
    assert (order.terms_days or 0) <= policy.max_payment_terms_days
    if policy.covered_countries is not None:
        assert policy.covered_countries != ()
        assert order.country is None or order.country in policy.covered_countries
    if exposure.oldest_original_due_date is not None:
        assert TODAY - exposure.oldest_original_due_date <= timedelta(policy.max_extension_days)
    if policy.on_stale_limit == "block":
        assert limits is not None
        assert limits.as_of is not None
        assert NOON - limits.as_of <= timedelta(hours=policy.limit_max_age_hours)


@bounded
@given(cases)
def test_the_numbers_of_a_verdict_agree_with_each_other(case: tuple[Any, ...]) -> None:
    order, _, _, policy, known = case
    verdict = check(case)
    zero, limit, owed, wanted = Money.zero(policy.currency), verdict.limit, verdict.exposure, verdict.order
    outcomes = [reason.outcome for reason in verdict.reasons]
    assert verdict.outcome is max(outcomes, key=SEVERITY.index, default=Outcome.ALLOWED)
    assert outcomes == sorted(outcomes, key=SEVERITY.index, reverse=True)
    if owed is None:
        assert verdict.is_blocked
        assert verdict.available is None
        assert verdict.uncovered is None
        return
    assert verdict.available == (zero if limit is None else max(zero, limit - max(owed, zero)))
    if wanted is None:
        assert verdict.is_blocked
        assert verdict.uncovered is None
        return
    assert verdict.uncovered == max(zero, wanted - verdict.available)
    net = exact(order.amount, policy.currency, known)
    tax = exact(order.tax, policy.currency, known) if order.tax is not None and policy.tax_basis == "gross" else 0
    assert 0 <= Fraction(wanted.amount) - (net + tax) < Fraction(1, 10 ** MINOR_UNITS[policy.currency])
    assert verdict.insured_share is not None
    covered = Fraction((wanted - verdict.uncovered).amount)
    assert 0 <= Fraction(verdict.insured_share.amount) <= covered * Fraction(verdict.insured_percentage) / 100
    if verdict.uncovered > zero and not verdict.is_blocked:
        assert ReasonCode.TOLERANCE_USED in {reason.code for reason in verdict.reasons}


@bounded
@given(cases, exposures)
def test_more_debt_never_turns_a_block_into_a_pass(case: tuple[Any, ...], more: Exposure) -> None:
    more = Exposure(
        **{name: [m for m in getattr(more, name) if m.amount >= 0] for name in ("open", "overdue", "draft", "ordered")},
        oldest_original_due_date=more.oldest_original_due_date,
        unreadable=more.unreadable,
    )
    if check(case).is_blocked:
        assert check(case, exposure=combine([case[1], more])).is_blocked


@bounded
@given(cases, st.sampled_from((1, 100, 10_000)))
def test_a_larger_order_never_turns_a_block_into_a_pass(case: tuple[Any, ...], units: int) -> None:
    order = case[0]
    more = Money(Decimal(units).scaleb(-MINOR_UNITS[order.amount.currency]), order.amount.currency)
    if check(case).is_blocked and order.amount.amount > 0:
        assert check(case, order=order.model_copy(update={"amount": order.amount + more})).is_blocked


@bounded
@given(st.lists(rows, max_size=4), policies, rates, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(
    limits: list[CreditLimit], policy: Policy, known: Any, random: Any
) -> None:
    def cover(given_rows: list[CreditLimit]) -> Any:
        found = cover_in_force(LimitPosition(buyer_id="B", limits=given_rows), policy, TODAY, known)
        return found.total, found.permanent, found.temporary, found.top_up, found.discretionary, found.missing_rates

    shuffled = list(limits)
    random.shuffle(shuffled)
    assert cover(shuffled) == cover(limits)


@bounded
@given(cases)
def test_facts_and_verdicts_survive_pickling_and_json(case: tuple[Any, ...]) -> None:
    verdict = check(case)
    assert pickle.loads(pickle.dumps(verdict)) == verdict
    for fact in case[:4]:
        assert pickle.loads(pickle.dumps(fact)) == fact
        if fact is not None:
            assert type(fact).model_validate_json(fact.model_dump_json()) == fact
    assert check(pickle.loads(pickle.dumps(case))) == verdict
    plain = verdict.to_dict()
    assert json.loads(json.dumps(plain, allow_nan=False)) == plain
    for name in ("limit", "exposure", "order", "available", "uncovered", "insured_share"):
        amount = getattr(verdict, name)
        assert plain[name] is None if amount is None else Money(plain[name], plain["currency"]) == amount
