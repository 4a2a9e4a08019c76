"""The client itself: what it is made of, what it shows, and what it closes."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from fake_insurer import FakeInsurer

from tradecredit_sdk import (
    Capabilities,
    ConfigError,
    InvalidInputError,
    Journal,
    Operation,
    Policy,
    Settings,
    TradeCreditClient,
    UnsupportedOperationError,
    new_reference,
)
from tradecredit_sdk.client.desk import _account
from tradecredit_sdk.journal import Scope

Make = Callable[..., TradeCreditClient]
KEY = "very-secret-key"


def open_client(**options: object) -> TradeCreditClient:
    given = {"insurer": "open", "base_url": "https://insurer.example/v1", "api_key": KEY, "policy": "P-1"}
    return TradeCreditClient(**{**given, **options})  # type: ignore[arg-type]


def test_it_shows_environment_and_profile_and_no_key(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    file.write_text("[profiles.north]\npolicy = 'N-1'\n")
    monkeypatch.setenv("TRADECREDIT_CONFIG", str(file))
    with open_client(profile="north", policy=None) as client:
        assert repr(client) == "<TradeCreditClient open, production, policy N-1, profile north>"
        assert client.name == "open"
        assert client.capabilities.idempotent_reference
        assert client.settings.origin("base_url") == "argument base_url"


def test_without_an_address_it_says_how_to_start_the_sandbox() -> None:
    with pytest.raises(
        ConfigError, match=r"tradecredit sandbox serve.*TRADECREDIT_BASE_URL=.*API_KEY=.*POLICY="
    ) as caught:
        TradeCreditClient()
    assert caught.value.code == "not_configured"


@pytest.mark.parametrize("missing", ["api_key", "policy"])
def test_what_else_is_missing_is_named_by_its_variable(missing: str) -> None:
    with pytest.raises(ConfigError, match=f"set TRADECREDIT_{missing.upper()}"):
        open_client(**{missing: None})
    with pytest.raises(ConfigError, match="unknown insurer 'opn'"):
        open_client(insurer="opn")


def test_settings_come_in_one_piece_or_from_a_profile() -> None:
    settings = Settings.load(base_url="https://insurer.example", api_key=KEY, policy="P-1")
    with TradeCreditClient(settings, policy="P-2", retries=0) as client:
        assert (client.settings.policy, client.settings.retries) == ("P-2", 0)
    assert settings.policy == "P-1"
    with pytest.raises(ConfigError, match="settings or the name of a profile"):
        TradeCreditClient(settings, profile="north")


def test_other_times_share_the_connection_and_leave_it_open() -> None:
    with open_client() as client:
        hasty = client.with_options(timeout_seconds=1, total_seconds=2, retries=0)
        ours, theirs = client._desk.insurer._transport, hasty._desk.insurer._transport  # type: ignore[attr-defined]
        assert theirs.session is ours.session
        assert (theirs.timeout.read_seconds, theirs.timeout.total_seconds, theirs.retry.attempts) == (1, 2, 1)
        assert (ours.timeout.read_seconds, ours.timeout.total_seconds, ours.retry.attempts) == (30, 90, 3)
        assert (hasty.settings.retries, client.settings.retries) == (0, 2)
        hasty.close()
        assert ours.session.adapters
        again = hasty.with_options(retries=1)
        assert (again.settings.timeout_seconds, again.settings.retries) == (1, 1)
    with pytest.raises(ConfigError, match="argument retries"):
        client.with_options(retries=-1)


def test_the_options_of_a_copy_are_options_of_the_client() -> None:
    of = lambda thing: {name: p.annotation for name, p in inspect.signature(thing).parameters.items() if name != "self"}  # noqa: E731
    assert of(TradeCreditClient.with_options).items() <= of(TradeCreditClient.__init__).items()
    names = {"timeout_seconds", "total_seconds", "retries"}
    assert of(TradeCreditClient.with_options).keys() == names


def test_a_session_of_ones_own_stays_open() -> None:
    import requests

    with requests.Session() as session:
        closed = []
        session.close = lambda: closed.append(1)  # type: ignore[method-assign]
        open_client(session=session).close()
        assert closed == []
        del session.close


def test_closing_twice_closes_what_it_opened_and_nothing_else(
    make_client: Make, journal: Journal, insurer: FakeInsurer
) -> None:
    journal.open()
    client = make_client(journal=journal)
    client.close()
    client.close()
    assert insurer.closed == 0, "an insurer that was given stays open"
    assert list(journal.entries()) == []


def test_the_journal_may_be_named_or_come_from_the_settings(
    make_client: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    request = {"buyer_id": "1", "amount": {"amount": "5", "currency": "EUR"}, "reference": "R-1"}
    make_client(journal=f"{tmp_path}/a.sqlite").limits.request(request)
    monkeypatch.setenv("TRADECREDIT_JOURNAL", f"{tmp_path}/b.sqlite")
    make_client().limits.request(request)
    for name in "ab":
        with Journal(f"{tmp_path}/{name}.sqlite") as journal:
            assert [entry.reference for entry in journal.entries()] == ["R-1"]


def test_a_call_that_outlives_its_lease_is_refused_at_the_start(
    make_client: Make, journal: Journal, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match=r"lease_seconds of at least 900 \(it has 300\)"):
        make_client(journal=journal, total_seconds=300)
    client = make_client(journal=f"{tmp_path}/own.sqlite", total_seconds=300)
    assert client._desk.journal is not None
    assert client._desk.journal.lease_seconds == 900


@pytest.mark.parametrize(
    ("settings", "account"),
    [
        ({"base_url": "https://User:Secret@Host.Example:8443/V1/?a=b#c"}, "https://host.example:8443/V1"),
        ({"base_url": "https://host.example/v1", "business_unit": "EHSE"}, "https://host.example/v1#EHSE"),
        ({"base_url": "HTTPS://Host.example:443/v1/"}, "https://host.example/v1"),
        ({"base_url": "http://127.0.0.1:80/v1"}, "http://127.0.0.1/v1"),
        ({"base_url": "http://127.0.0.1:443"}, "http://127.0.0.1:443"),
        ({"insurer": "fake"}, "production"),
    ],
)
def test_the_account_is_one_text_without_secrets(settings: dict[str, str], account: str) -> None:
    given = Settings.load(**settings)
    assert _account(given, given.business_unit) == account


@pytest.mark.parametrize(
    ("policy", "unit"),
    [
        ("DEMO-001", "ACI"),
        ("ACI:DEMO-001", None),
        ("ACI:DEMO-001", "ACI"),
        ("ACI:DEMO-001:", None),
        ("DEMO-001", " ACI "),
    ],
)
def test_one_policy_is_one_scope_however_it_is_written(policy: str, unit: str | None) -> None:
    given = {"insurer": "allianz-trade", "api_key": "k", "base_url": "https://host.example", "policy": policy}
    with TradeCreditClient(Settings.load(**given, business_unit=unit)) as client:
        assert client._desk.scope == Scope("allianz-trade", "https://host.example#ACI", "DEMO-001")


def test_the_extension_of_a_policy_tells_it_apart() -> None:
    given = {
        "insurer": "allianz-trade",
        "api_key": "k",
        "base_url": "https://host.example",
        "policy": "ACI:DEMO-001:E1",
    }
    with TradeCreditClient(Settings.load(**given)) as client:
        assert client._desk.scope.policy == "DEMO-001:E1"


def test_without_the_journals_extra_the_client_works_and_says_what_to_install(tmp_path: Path) -> None:
    program = f"""
import sys
sys.modules["sqlalchemy"] = sys.modules["platformdirs"] = None
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
from pathlib import Path
from fake_insurer import FakeInsurer
from tradecredit_sdk import ConfigError, Money, TradeCreditClient
insurer = FakeInsurer(Path({str(tmp_path)!r}, "insurer.sqlite"))
with TradeCreditClient(insurer=insurer, policy="P") as client:
    print(client.limits.request(buyer_id="1", amount=Money("5", "EUR"), reference="R-1").id)
try:
    TradeCreditClient(insurer=insurer, policy="P", journal="x.sqlite")
except ConfigError as error:
    print(error)
try:
    from tradecredit_sdk import Journal
except ModuleNotFoundError as error:
    print(error)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=tmp_path, check=True)
    install = "pip install 'tradecredit-sdk[journal]'"
    assert done.stdout.splitlines() == [
        "application-1",
        f"a journal needs sqlalchemy, which is not installed: {install}",
        f"a journal needs SQLAlchemy: {install}",
    ]


def test_importing_the_client_loads_neither_the_journal_nor_the_transport() -> None:
    program = "import sys, tradecredit_sdk; from tradecredit_sdk import TradeCreditClient; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert not {"sqlalchemy", "requests", "tenacity", "fastapi", "click", "stdnum"} & set(loaded)
    bare = "import sys, tradecredit_sdk; print(*sys.modules)"
    assert "pydantic" not in subprocess.run([sys.executable, "-c", bare], capture_output=True, text=True).stdout.split()


# Small resources


def test_buyers_are_looked_for_and_read(bare: TradeCreditClient, insurer: FakeInsurer) -> None:
    (buyer,) = bare.buyers.find(
        "Nordlicht", country="DE", identifiers=[{"type": "vat", "value": "DE136695976", "country": "DE"}]
    )
    assert (buyer.id, buyer.score) == ("000004711", 97)
    ((_, query),) = insurer.sent
    assert (query.name, query.country, query.identifiers[0].value) == ("Nordlicht", "DE", "DE136695976")
    assert bare.buyers.get("000004711").id == "000004711"


@pytest.mark.parametrize(
    ("call", "field"),
    [
        (lambda client: client.buyers.find("X", country="Germany"), "country"),
        (lambda client: client.buyers.find(country="DE"), "BuyerQuery"),
        (lambda client: client.buyers.find("X", country="DE", max_results=0), "max_results"),
        (lambda client: client.buyers.get(4711), "buyer_id"),
        (lambda client: client.buyers.get(""), "buyer_id"),
        (lambda client: client.buyers.get("a/b"), "buyer_id"),
        (lambda client: client.limits.list(buyer_id=7), "buyer_id"),
        (lambda client: client.limits.position(4711), "buyer_id"),
        (lambda client: client.limits.decision(7), "application_id"),
        (lambda client: client.limits.cancel(7), "target_id"),
        (lambda client: client.overdues.get(7), "overdue_id"),
        (lambda client: client.overdues.settle("ovd 1", "2026-01-01"), "overdue_id"),
    ],
)
def test_wrong_input_is_named_and_nothing_is_sent(
    bare: TradeCreditClient, insurer: FakeInsurer, call: Callable[[TradeCreditClient], object], field: str
) -> None:
    with pytest.raises(InvalidInputError) as caught:
        call(bare)
    assert [wrong.field for wrong in caught.value.fields] == [field]
    assert insurer.sent == []


def test_the_policy_is_the_insurers_or_the_profiles(make_client: Make, insurer: FakeInsurer) -> None:
    terms = Policy(id="P-1", currency="SEK")
    settings = Settings(policy="P-1", terms=terms)
    assert make_client(settings=settings).policies.get().currency == "EUR"
    insurer.capabilities = Capabilities(operations=frozenset(), notes={Operation.GET_POLICY: "write [terms]"})
    assert make_client(settings=settings).policies.get() == terms
    with pytest.raises(UnsupportedOperationError, match=r"write \[terms\]"):
        make_client().policies.get()


def test_events_are_polled_with_a_bookmark(bare: TradeCreditClient) -> None:
    page = bare.events.poll()
    assert [event.id for event in page.items] == ["evt-1"]
    assert bare.events.poll(page.next_cursor).items == ()


def test_the_way_out_is_the_insurers(bare: TradeCreditClient, insurer: FakeInsurer) -> None:
    with pytest.raises(UnsupportedOperationError, match="fake has no interface for calls of your own"):
        bare.request("GET", "policies")
    bare.probe()
    assert insurer.sent == [("probe", None)]


def test_references_sort_by_time_and_never_repeat() -> None:
    many = [new_reference() for _ in range(2000)]
    assert len(set(many)) == len(many)
    assert all(re.fullmatch(r"TC[0-9A-HJKMNP-TV-Z]{18}", one) for one in many)
    at = [new_reference(lambda moment=moment: moment)[:12] for moment in (0, 0.001, 1.7e9, 1.7e9 + 0.001, 4e9)]  # type: ignore[misc]
    assert at == sorted(at)
    assert len(set(at)) == 5
