"""The `open` insurer against the sandbox over real HTTP: buyers, the policy, and what is not there or not allowed."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal

import pytest

from tradecredit_sdk.errors import AuthenticationError, NotFoundError, TransportError
from tradecredit_sdk.insurers.open import OpenInsurer
from tradecredit_sdk.models.buyer import BuyerQuery, Identifier
from tradecredit_sdk.models.money import Money


def test_a_buyer_is_found_by_name_and_by_number(insurer: OpenInsurer) -> None:
    found = insurer.find_buyers(BuyerQuery(name="Sandbox", country="DE", max_results=100))
    fixed = {f"90000000{number}" for number in range(1, 10)} | {"900000010"}
    assert fixed <= {one.id for one in found}
    scores = [one.score for one in found]
    assert scores == sorted(scores, reverse=True)
    own = Identifier(type="insurer", value="900000001")
    (by_id, *_) = insurer.find_buyers(BuyerQuery(country="DE", identifiers=(own,)))
    assert (by_id.id, by_id.score) == ("900000001", 100)
    whole = insurer.get_buyer("900000001")
    assert (whole.id, whole.score) == ("900000001", None)
    for number in whole.identifiers:
        if number.type in ("vat", "registration"):
            query = BuyerQuery(country="DE", identifiers=(Identifier(**number.model_dump()),))
            assert insurer.find_buyers(query)[0].id == "900000001"
    assert insurer.find_buyers(BuyerQuery(name="Zzyzx Qwertz", country="DE")) == ()


def test_what_is_not_there_or_not_allowed(insurer: OpenInsurer, connect: Callable[..., OpenInsurer]) -> None:
    with pytest.raises(NotFoundError) as caught:
        insurer.get_buyer("123456789")
    assert caught.value.code == "buyer_not_found"
    assert caught.value.request_id
    with pytest.raises(NotFoundError):
        insurer.get_application("app-999999")
    with pytest.raises(NotFoundError):
        insurer.get_overdue("ovd-999999")
    with pytest.raises(NotFoundError):
        insurer.cancel_limit("lim-999999")
    with pytest.raises(NotFoundError):
        connect("open", policy="OTHER-1").get_policy()
    with pytest.raises(AuthenticationError) as refused:
        connect("open", api_key="wrong").probe()
    assert refused.value.code == "unauthenticated"
    with pytest.raises(TransportError):
        connect("open", base_url="http://127.0.0.1:9", retries=0).probe()


def test_the_policy_is_the_one_the_sandbox_prints(insurer: OpenInsurer) -> None:
    policy = insurer.get_policy()
    assert (policy.id, policy.currency, policy.discretionary_limit) == ("DEMO-001", "EUR", Money("10000", "EUR"))
    assert (policy.max_payment_terms_days, policy.max_extension_days) == (90, 60)
    assert policy.insured_percentage == Decimal(90)
    insurer.probe()
