"""The underwriter: a pure function, so every rule of it can be tried by itself."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradecredit_sdk.models.limit import LimitAction, LimitState
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.sandbox import companies, policies, underwriting
from tradecredit_sdk.sandbox.problem import Problem
from tradecredit_sdk.sandbox.records import Asked
from tradecredit_sdk.sandbox.underwriting import Case

ORDINARY = replace(companies.from_file()[0], grade="4", status="active", country="DE")
BY_ID = {company.id: company for company in companies.from_file()}


def euros(amount):
    return Money(amount, "EUR")


def case(amount="1000.00", company=ORDINARY, current=None, overdue=False, policy=policies.DEMO_001, **asked):
    request = Asked(company.id, amount=amount if isinstance(amount, Money) else euros(amount), **asked)
    return Case(company, policy, request, current, has_open_overdue=overdue)


def answer(*args, **options):
    outcome = underwriting.decide(case(*args, **options))
    return outcome.state.value, str(outcome.amount.amount), outcome.code


def test_inside_the_capacity_all_is_granted_beyond_it_the_capacity():
    capacity = underwriting.capacity_eur(ORDINARY)
    assert 300_000 <= capacity <= 750_000
    assert answer(str(capacity)) == ("approved", f"{capacity}.00", "FULL")
    assert answer(f"{capacity}.01") == ("partly_approved", f"{capacity}.00", "PART")


def test_a_better_grade_never_gets_less():
    capacities = [underwriting.capacity_eur(replace(ORDINARY, grade=str(grade))) for grade in range(1, 11)]
    assert capacities == sorted(capacities, reverse=True)
    assert capacities[-2:] == [0, 0]


@pytest.mark.parametrize(
    ("changes", "code"),
    [({"grade": "9"}, "RISK"), ({"grade": "10"}, "RISK"), ({"status": "insolvent"}, "INSOLVENT"),
     ({"status": "ceased"}, "CEASED"), ({"country": "RU"}, "COUNTRY")],
)  # fmt: skip
def test_what_is_refused_and_why(changes, code):
    company = replace(ORDINARY, **changes)
    assert answer(company=company) == ("refused", "0.00", code)
    assert not underwriting.is_referred(case(company=company, comment="please"))


def test_a_policy_without_a_list_covers_every_country():
    assert answer(company=replace(ORDINARY, country="RU"), policy=policies.DEMO_003)[0] == "approved"


@pytest.mark.parametrize(
    "options",
    [{"comment": "we know them"}, {"terms_days": 91}, {"amount": "700000"}, {"overdue": True},
     {"company": replace(ORDINARY, grade="NA")}],
)  # fmt: skip
def test_what_a_person_has_to_look_at(options):
    assert underwriting.is_referred(case(**options))


@pytest.mark.parametrize("options", [{}, {"terms_days": 90}, {"urgent": True}, {"comment": ""}])
def test_what_is_answered_at_once(options):
    assert not underwriting.is_referred(case(**options))


def test_a_decrease_is_always_granted_at_once():
    options = {"action": LimitAction.DECREASE, "current": euros(50_000), "comment": "x"}
    assert not underwriting.is_referred(case("20000", **options))
    assert answer("20000", **options) == ("approved", "20000.00", "FULL")


@pytest.mark.parametrize("grade", ["9", "8", "1"])
def test_asking_for_more_never_takes_away(grade):
    weak = replace(ORDINARY, grade=grade)
    state, amount, _ = answer("9000000", company=weak, current=euros(8_000_000))
    assert (state, amount) == ("partly_approved", "8000000.00")


def test_asking_for_less_gives_what_was_asked_even_where_the_capacity_has_shrunk():
    weak = replace(ORDINARY, grade="8")
    assert answer("40000", company=weak, current=euros(50_000)) == ("approved", "40000.00", "FULL")


def test_overdues_stop_increases_and_new_limits():
    assert answer("60000", current=euros(50_000), overdue=True) == ("partly_approved", "50000.00", "KEPT")
    assert answer("60000", overdue=True) == ("refused", "0.00", "OVERDUE")


def test_weak_buyers_get_short_terms_and_a_lower_share():
    outcome = underwriting.decide(case(company=replace(ORDINARY, grade="8"), terms_days=60))
    assert (outcome.max_terms_days, outcome.insured_percentage) == (30, "80")
    assert outcome.conditions[0].text == "Payment terms at most 30 days."
    outcome = underwriting.decide(case(company=replace(ORDINARY, grade="7"), terms_days=60))
    assert (outcome.max_terms_days, outcome.conditions) == (None, ())


def test_terms_beyond_the_policy_are_cut_to_it():
    outcome = underwriting.decide(case(terms_days=120))
    assert (outcome.state, outcome.max_terms_days) == (LimitState.APPROVED, 90)


def test_an_amount_in_another_currency_is_weighed_in_euro():
    capacity = underwriting.capacity_eur(ORDINARY)
    state, amount, _ = answer(Money("9000000000", "JPY"))
    assert (state, Decimal(amount)) == ("partly_approved", Decimal(capacity) * 160)
    with pytest.raises(Problem, match="not valid"):
        underwriting.check_amount(Money("1", "XPF"))


FIXED = {
    underwriting.FULL: ("approved", "50000.00", "FULL"),
    underwriting.HALF: ("partly_approved", "25000.00", "PART"),
    underwriting.REFUSED: ("refused", "0.00", "RISK"),
    underwriting.SLOW: ("approved", "50000.00", "FULL"),
    underwriting.REDUCED: ("approved", "50000.00", "FULL"),
    underwriting.WITHDRAWN: ("approved", "50000.00", "FULL"),
    underwriting.INSOLVENT: ("refused", "0.00", "INSOLVENT"),
    underwriting.IN_DOLLARS: ("approved", "55000.00", "FULL"),
    underwriting.ON_CONDITION: ("partly_approved", "30000.00", "PART"),
}


@pytest.mark.parametrize("company_id", FIXED)
@pytest.mark.parametrize("more", [{}, {"comment": "x", "terms_days": 200, "overdue": True}], ids=["plain", "odd"])
def test_ten_buyers_always_do_the_same(company_id, more):
    company = BY_ID[company_id]
    assert answer("50000.00", company=company, **more) == FIXED[company_id]
    assert underwriting.is_referred(case(company=company, **more)) == (company_id == underwriting.SLOW)


def test_the_buyer_on_condition_and_the_one_in_dollars():
    outcome = underwriting.decide(case("50000", company=BY_ID[underwriting.ON_CONDITION]))
    assert (outcome.max_terms_days, len(outcome.conditions)) == (30, 2)
    assert underwriting.decide(case("50000", company=BY_ID[underwriting.IN_DOLLARS])).amount.currency == "USD"


def test_a_fixed_buyer_that_became_insolvent_is_refused():
    company = replace(BY_ID[underwriting.FULL], status="insolvent")
    assert answer(company=company) == ("refused", "0.00", "INSOLVENT")


def test_half_of_next_to_nothing_is_nothing():
    assert answer("0.01", company=BY_ID[underwriting.HALF]) == ("refused", "0.00", "RISK")


def test_a_share_of_the_buyers_deteriorates_and_always_the_same_ones():
    reviews = {company.id: underwriting.review_of(company) for company in companies.from_file()}
    told = [review for review in reviews.values() if review is not None]
    assert 0.08 < len(told) / len(reviews) < 0.25
    assert {review.share for review in told} == {Decimal(0), Decimal("0.5")}
    assert all(10 <= review.after_days <= 45 for review in told)
    assert reviews == {company.id: underwriting.review_of(company) for company in companies.from_file()}


@given(
    st.sampled_from(companies.from_file()),
    st.decimals("0.01", 10**9, places=2),
    st.none() | st.decimals("0.01", 10**7, places=2),
    st.booleans(),
)
def test_nobody_ever_gets_more_than_asked_or_in_force(company, amount, current, overdue):
    now = None if current is None else euros(current)
    outcome = underwriting.decide(case(euros(amount), company=company, current=now, overdue=overdue))
    if outcome.amount.currency == "EUR":
        assert outcome.amount.amount <= max(amount, current or 0)
    assert (outcome.amount.amount == 0) == (outcome.state is LimitState.REFUSED)
