"""Money against fractions: no minor unit is lost unseen, under any precision the caller's thread may have."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import ROUND_CEILING, ROUND_DOWN, ROUND_UP, Context, Decimal, Inexact, localcontext
from fractions import Fraction

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from tradecredit_sdk.models.exposure import Exposure, OpenItem
from tradecredit_sdk.models.money import MINOR_UNITS, Money
from tradecredit_sdk.models.policy import Policy
from tradecredit_sdk.models.rates import ExchangeRates
from tradecredit_sdk.rules.deadlines import deadlines
from tradecredit_sdk.rules.exposure import combine, measure, total_owed

bounded = settings(max_examples=100, deadline=None)
currencies = st.sampled_from(("EUR", "USD", "JPY", "KWD", "CLF"))
contexts = st.sampled_from(
    (Context(), Context(prec=1), Context(prec=3, rounding=ROUND_UP), Context(prec=5, traps=[Inexact]))
)
rate = st.decimals("0.000001", "1000000", places=6) | st.decimals("0.01", "2", places=70)


@st.composite
def moneys(draw: st.DrawFn, currency: str | None = None) -> Money:
    code = currency or draw(currencies)
    units = draw(st.integers(-1000, 1000) | st.integers(-(10**12), 10**12))
    return Money(Decimal(units).scaleb(-MINOR_UNITS[code]), code)


def fraction(money: Money) -> Fraction:
    return Fraction(money.amount)


def unit(currency: str) -> Fraction:
    return Fraction(1, 10 ** MINOR_UNITS[currency])


@bounded
@given(moneys(), currencies, rate, rate, contexts, st.booleans())
@example(Money(1, "USD"), "EUR", Decimal(1), Decimal("1." + "0" * 80 + "1"), Context(), True)
@example(Money(1, "USD"), "EUR", Decimal("1." + "0" * 80 + "1"), Decimal(1), Context(), False)
def test_a_conversion_loses_no_minor_unit(
    money: Money, currency: str, divisor: Decimal, factor: Decimal, context: Context, up: bool
) -> None:
    assume(money.currency != currency)
    rates = ExchangeRates("GBP", {money.currency: divisor, currency: factor})
    exact = fraction(money) * Fraction(factor) / Fraction(divisor)
    with localcontext(context):
        converted = rates.convert(money, currency, up=up)
    assert converted is not None
    assert converted.currency == currency
    difference = fraction(converted) - exact if up else exact - fraction(converted)
    assert 0 <= difference < unit(currency) or (difference == unit(currency) and len(str(factor) + str(divisor)) > 80)


@pytest.mark.parametrize("rate", ["1E-2000000", "1e-16", "1e15", "NaN", "Infinity", "sNaN", "0", "-1"])
def test_a_rate_beyond_sense_is_refused(rate: str) -> None:
    with pytest.raises(ValueError, match=r"rate|amount"):
        ExchangeRates("EUR", {"USD": Decimal(rate)})


def test_what_stands_for_a_currency_is_not_repeated_unless_it_is_one() -> None:
    with pytest.raises(ValueError, match="unknown currency") as refused:
        ExchangeRates("EUR", {"sk_live_secret": "-1"})
    assert "secret" not in str(refused.value)


@bounded
@given(moneys("EUR"), moneys("EUR"), contexts)
def test_sums_and_comparisons_do_not_depend_on_the_context(left: Money, right: Money, context: Context) -> None:
    with localcontext(context):
        total, difference, negative = left + right, left - right, -left
        again = Money(left.amount, "EUR"), Money(f"{left.amount:f}", "EUR")
        order = left < right, left <= right, left == right
        text = str(left)
    assert fraction(total) == fraction(left) + fraction(right)
    assert fraction(difference) == fraction(left) - fraction(right)
    assert fraction(negative) == -fraction(left)
    assert again == (left, left)
    assert order == (
        fraction(left) < fraction(right),
        fraction(left) <= fraction(right),
        fraction(left) == fraction(right),
    )
    assert Decimal(text.removesuffix(" EUR").replace(",", "")) == left.amount


@bounded
@given(moneys(), st.decimals(0, 100, places=4) | st.decimals(0, 100, places=80), contexts)
@example(Money(100, "EUR"), Decimal("89." + "9" * 70), Context())
def test_a_share_is_never_overstated(money: Money, percent: Decimal, context: Context) -> None:
    exact = fraction(money) * Fraction(percent) / 100
    with localcontext(context):
        share = money.share(percent)
    assert 0 <= exact - fraction(share) <= unit(money.currency)


@bounded
@given(st.lists(moneys(), max_size=6), st.lists(st.integers(0, 3), min_size=6, max_size=6), contexts)
def test_what_is_owed_in_all_currencies_is_never_understated(
    found: list[Money], where: list[int], context: Context
) -> None:
    names = ("open", "overdue", "draft", "ordered")
    split = {name: [m for m, place in zip(found, where, strict=False) if names[place] == name] for name in names}
    known = {"USD": "1.08", "JPY": "161.37", "KWD": "0.33", "CLF": "0.026"}
    with localcontext(context):
        parts = [Exposure(**{name: split[name]}) for name in names]
        owed, missing = total_owed(combine(parts), "EUR", ExchangeRates("EUR", known))
    table = {"EUR": Fraction(1), **{code: Fraction(value) for code, value in known.items()}}
    exact = sum(fraction(money) / table[money.currency] for money in found)
    assert owed is not None
    assert not missing
    assert 0 <= fraction(owed) - exact < 4 * unit("EUR")


@bounded
@given(st.lists(st.tuples(moneys("EUR"), st.integers(-3, 3)), max_size=6), contexts)
def test_a_ledger_is_summed_to_the_cent(lines: list[tuple[Money, int]], context: Context) -> None:
    today = date(2024, 2, 29)
    items = [
        OpenItem(customer="C", number=str(n), amount=money, original_due_date=today - timedelta(late))
        for n, (money, late) in enumerate(lines)
    ]
    with localcontext(context):
        measured = measure(items, Policy(id="P", currency="EUR"), today)
    exposure = measured.get("C", Exposure())
    total = sum(fraction(money) for money in (*exposure.open, *exposure.overdue))
    late_total = sum(fraction(money) for money in exposure.overdue)
    assert total == sum(fraction(money) for money, _ in lines)
    assert late_total == sum(fraction(money) for money, late in lines if late > 0)
    unpaid = [today - timedelta(late) for money, late in lines if money.amount > 0]
    assert exposure.oldest_original_due_date == min(unpaid, default=None)


def test_rounding_takes_the_direction_asked_for() -> None:
    assert Money.rounded(Decimal("0.001"), "EUR", ROUND_CEILING) == Money("0.01", "EUR")
    assert Money.rounded(Decimal("0.009"), "EUR", ROUND_DOWN) == Money(0, "EUR")


@bounded
@given(
    st.dates(date(1999, 1, 1), date(2105, 1, 1)),
    st.tuples(*[st.integers(0, 3650)] * 4),
    st.none() | st.dates(date(2000, 1, 1), date(2030, 1, 1)),
)
@example(date(2024, 2, 29), (60, 30, 180, 180), None)
@example(date(2100, 2, 28), (1, 1, 1, 1), None)
def test_deadlines_are_plain_calendar_days(due: date, periods: tuple[int, ...], insolvent: date | None) -> None:
    extension, notification, waiting, claim = periods
    names = ("max_extension_days", "notification_days", "waiting_period_days", "claim_filing_days")
    policy = Policy(id="P", currency="EUR", **dict(zip(names, periods, strict=True)))
    found = deadlines(due, policy, insolvent_on=insolvent)
    assert found.max_extension - due == timedelta(extension)
    assert found.stop_of_cover == min(found.max_extension, insolvent or date.max)
    told = insolvent + timedelta(policy.adverse_information_days) if insolvent else date.max
    assert found.notification == min(found.max_extension + timedelta(notification), told)
    assert found.date_of_loss == min(due + timedelta(waiting), insolvent or date.max)
    assert found.claim == found.date_of_loss + timedelta(claim)
    by_notice = policy.model_copy(update={"waiting_period_start": "notification"})
    assert by_notice.waiting_period_start == "notification"


def test_the_leap_day_counts() -> None:
    policy = Policy(id="P", currency="EUR")
    assert deadlines(date(2024, 1, 1), policy).stop_of_cover == date(2024, 3, 1)
    assert deadlines(date(2023, 1, 1), policy).stop_of_cover == date(2023, 3, 2)
    assert deadlines(date(2100, 1, 1), policy).stop_of_cover == date(2100, 3, 2)
