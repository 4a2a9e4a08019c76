"""Capabilities are data, and no call outside of them reaches the wire; insurers of others are found by name."""

from __future__ import annotations

import inspect
import textwrap
from dataclasses import replace

import pytest

from tradecredit_sdk.errors import ConfigError, InvalidInputError, UnsupportedOperationError
from tradecredit_sdk.insurers.allianz_trade import CAPABILITIES, AllianzTradeInsurer
from tradecredit_sdk.insurers.base import Capabilities, Insurer, InsurerBase, Operation, load_insurer
from tradecredit_sdk.insurers.open import OpenInsurer
from tradecredit_sdk.models.adverse import AdverseReport
from tradecredit_sdk.models.buyer import BuyerQuery
from tradecredit_sdk.models.limit import LimitRequest
from tradecredit_sdk.models.money import Money
from tradecredit_sdk.models.overdue import OverdueChange, OverdueDeclaration

INVOICE = {"number": "R-1", "due_date": "2026-01-31", "amount": Money("10", "EUR")}
ARGUMENTS = {
    Operation.FIND_BUYERS: [BuyerQuery(name="X", country="DE")],
    Operation.GET_BUYER: ["1"],
    Operation.REQUEST_LIMIT: [LimitRequest(buyer_id="1", amount=Money("1", "EUR"))],
    Operation.GET_APPLICATION: ["1"],
    Operation.LIMIT_DECISION: ["1"],
    Operation.CANCEL_LIMIT: ["1"],
    Operation.DECLARE_OVERDUE: [OverdueDeclaration(buyer_id="1", invoices=(INVOICE,))],
    Operation.GET_OVERDUE: ["1:2"],
    Operation.REPORT_ADVERSE: [AdverseReport(buyer_id="1", kind="insolvency", happened_on="2026-02-01")],
    Operation.CHANGE_OVERDUE: [OverdueChange(overdue_id="1:2", action="settle", settled_on="2026-02-01")],
}


def call(insurer: InsurerBase, operation: Operation) -> object:
    return getattr(insurer, operation.value)(*ARGUMENTS.get(operation, []))


@pytest.mark.parametrize("operation", Operation)
def test_each_operation_is_a_method_of_the_protocol_with_one_signature(operation):
    wanted = inspect.signature(getattr(Insurer, operation.value))
    for cls in (InsurerBase, OpenInsurer, AllianzTradeInsurer):
        assert str(inspect.signature(getattr(cls, operation.value))) == str(wanted)


def test_our_insurers_are_what_the_protocol_asks_for(open_insurer, allianz):
    assert isinstance(open_insurer, Insurer)
    assert isinstance(allianz(), Insurer)


@pytest.mark.parametrize("operation", sorted(set(Operation) - CAPABILITIES.operations))
def test_what_allianz_trade_cannot_do_fails_before_anything_is_sent(allianz, mock, operation):
    with pytest.raises(UnsupportedOperationError) as caught:
        call(allianz(), operation)
    assert (caught.value.insurer, caught.value.operation) == ("allianz-trade", operation.value)
    assert "nothing was sent" in str(caught.value)
    assert ("TRADECREDIT_UNVERIFIED" in str(caught.value)) == (operation in CAPABILITIES.unverified)
    assert len(mock.calls) == 0


@pytest.mark.parametrize("operation", Operation)
def test_no_method_reaches_the_wire_without_its_capability(settings, mock, operation):
    """Take every capability away: each call must stop at the guard."""
    for cls, changes in ((OpenInsurer, {}), (AllianzTradeInsurer, {"business_unit": "ACI"})):
        insurer = cls.from_settings(replace(settings, **changes))
        insurer.capabilities = Capabilities(operations=frozenset(), unverified=frozenset())
        with pytest.raises(UnsupportedOperationError, match=operation.value):
            call(insurer, operation)
        insurer.close()
    assert len(mock.calls) == 0


def test_a_guess_counts_only_when_it_is_switched_on():
    guess = Capabilities(operations=frozenset(), unverified=frozenset({Operation.GET_OVERDUE}))
    assert not guess.supports(Operation.GET_OVERDUE)
    assert replace(guess, unverified_on=True).supports(Operation.GET_OVERDUE)
    assert not replace(guess, unverified_on=True).supports(Operation.LIST_OVERDUES)


def test_a_promise_without_a_method_is_the_author_s_mistake():
    class Empty(InsurerBase):
        name = "empty"
        capabilities = Capabilities(operations=frozenset({Operation.GET_POLICY}))

    with pytest.raises(NotImplementedError, match="get_policy"):
        Empty().get_policy()


def test_our_two_are_found_by_name():
    assert load_insurer("open") is OpenInsurer
    assert load_insurer("allianz-trade") is AllianzTradeInsurer


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(ConfigError, match=r"'atradius'; known: allianz-trade, open; set TRADECREDIT_INSURER"):
        load_insurer("atradius")


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Install a distribution with insurers the way pip leaves one behind."""

    def install(module: str, points: str, distribution: str = "zenith"):
        (tmp_path / f"{distribution}_insurer.py").write_text(textwrap.dedent(module))
        info = tmp_path / f"{distribution}-1.0.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n")
        (info / "entry_points.txt").write_text(f"[tradecredit.insurers]\n{points}\n")
        monkeypatch.syspath_prepend(str(tmp_path))

    return install


def test_an_insurer_of_somebody_else_is_found_and_guarded(installed, settings):
    module = """
        from tradecredit_sdk.insurers.base import Capabilities, InsurerBase, Operation
        from tradecredit_sdk.models.buyer import Buyer

        class Acme(InsurerBase):
            name = "acme"
            capabilities = Capabilities(operations=frozenset({Operation.GET_BUYER}))

            @classmethod
            def from_settings(cls, settings, session=None):
                return cls()

            def get_buyer(self, buyer_id):
                return Buyer(id=buyer_id, name="ACME", country="US")

            def list_limits(self, *, buyer_id=None, cursor=None, page_size=None):
                raise AssertionError("outside its capabilities")
    """
    installed(module, "acme = zenith_insurer:Acme")
    acme = load_insurer("acme").from_settings(settings)
    assert acme.get_buyer("7").name == "ACME"
    for operation in (Operation.LIST_LIMITS, Operation.GET_POLICY):
        with pytest.raises(UnsupportedOperationError, match="acme"):
            call(acme, operation)
    with pytest.raises(ConfigError, match="acme, allianz-trade, open"):
        load_insurer("acm")


@pytest.mark.parametrize(
    ("point", "why"),
    [
        ("bad = missing_module_of_acme:Acme", "cannot be loaded"),
        ("bad = {module}:Missing", "cannot be loaded"),
        ("bad = {module}:NOT_AN_INSURER", "from_settings"),
    ],
)
def test_an_insurer_that_does_not_load_is_a_matter_of_configuration(installed, point, why):
    name = f"acme{len(point)}"  # a module of its own each time: imports are remembered
    installed("NOT_AN_INSURER = 1", point.format(module=f"{name}_insurer"), name)
    with pytest.raises(ConfigError, match=why):
        load_insurer("bad")


def test_two_insurers_of_one_name_are_named(installed):
    installed("class A: ...", "open = twin_insurer:A", "twin")
    with pytest.raises(ConfigError, match=r"offered twice: tradecredit_sdk.insurers.open:OpenInsurer, twin_insurer:A"):
        load_insurer("open")


def test_the_way_out_is_signed_and_safe_like_every_call(open_insurer, open_wire):
    open_wire.expect("GET", "/policies/DEMO-001/decisions", {"items": []}, query={"page_size": "3"})
    answer = open_insurer.send("GET", ("policies", "DEMO-001", "decisions"), query={"page_size": 3})
    assert (answer.status, answer.body) == (200, {"items": []})
    with pytest.raises(InvalidInputError):
        open_insurer.send("GET", ("policies", "..", "policies"))


def test_other_times_leave_the_insurer_as_it_was(allianz, allianz_wire):
    insurer = allianz(retries=0)
    patient = insurer.with_options(timeout_seconds=9, total_seconds=33, retries=4)
    assert (patient._transport.timeout.read_seconds, patient._transport.timeout.total_seconds) == (9, 33)
    assert (patient._transport.retry.attempts, insurer._transport.retry.attempts) == (5, 1)
    allianz_wire.expect("GET", "/riskinfo/v3/jobs/J-1", {"jobStatusCode": "PENDING"})
    allianz_wire.expect("GET", "/riskinfo/v3/jobs/J-1", {"jobStatusCode": "PENDING"})
    for one in (patient, insurer):  # one token serves both
        assert one.get_application("J-1").is_pending


def test_an_insurer_without_connections_has_no_way_out(settings):
    class Quiet(InsurerBase):
        name = "quiet"
        capabilities = Capabilities(operations=frozenset())

    quiet = Quiet()
    assert quiet.with_options(timeout_seconds=1, total_seconds=1, retries=0) is quiet
    with pytest.raises(UnsupportedOperationError, match="nothing was sent"):
        quiet.send("GET", ("x",))
