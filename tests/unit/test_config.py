"""Which setting wins, where it says it came from, and how what is wrong is named."""

from __future__ import annotations

import copy
import logging
import os
import pickle
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import SecretStr

from tradecredit_sdk import ConfigError, Money, Settings
from tradecredit_sdk.config import BASE_URLS

KEY = "very-secret-key"
Write = Callable[..., Path]


@pytest.fixture
def profiles(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Write:
    """Write the profile file TRADECREDIT_CONFIG names."""
    file = tmp_path / "config.toml"
    monkeypatch.setenv("TRADECREDIT_CONFIG", str(file))

    def write(text: str, mode: int = 0o600) -> Path:
        file.write_text(text, encoding="utf-8")
        file.chmod(mode)
        return file

    return write


def test_with_nothing_configured_everything_is_a_default() -> None:
    settings = Settings.load()
    assert settings.insurer == "open"
    assert settings.base_url is settings.api_key is settings.policy is settings.journal_url is settings.terms is None
    assert (settings.timeout_seconds, settings.total_seconds, settings.retries) == (30, 90, 2)
    assert {settings.origin(name) for name in Settings.model_fields} == {"default"}


def test_argument_beats_environment_beats_profile_beats_default(
    profiles: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = profiles(
        '[profiles.default]\npolicy = "from-file"\nbusiness_unit = "EHSE"\nretries = 5\nbase_url = "https://f"\n'
    )
    monkeypatch.setenv("TRADECREDIT_POLICY", "from-environment")
    monkeypatch.setenv("TRADECREDIT_RETRIES", "4")
    settings = Settings.load(policy="from-argument", timeout_seconds=None)
    found = {name: (getattr(settings, name), settings.origin(name)) for name in ("policy", "retries", "business_unit")}
    assert found == {
        "policy": ("from-argument", "argument policy"),
        "retries": (4, "environment TRADECREDIT_RETRIES"),
        "business_unit": ("EHSE", f"profile default business_unit in {file}"),
    }
    assert settings.profile == "default"


@pytest.mark.parametrize(
    ("variable", "text", "name", "value"),
    [
        ("INSURER", "allianz-trade", "insurer", "allianz-trade"),
        ("BASE_URL", "https://x.example", "base_url", "https://x.example"),
        ("POLICY", "012345", "policy", "012345"),
        ("BUSINESS_UNIT", "ACI", "business_unit", "ACI"),
        ("ENVIRONMENT", "uat", "environment", "uat"),
        ("POLICY_CURRENCY", "SEK", "policy_currency", "SEK"),
        ("UNVERIFIED", "1", "unverified", True),
        ("UNVERIFIED", "false", "unverified", False),
        ("CONTRACT_FILE", "~/table.toml", "contract_file", Path("~/table.toml").expanduser),
        ("JOURNAL", "postgresql://u:p@h/d", "journal_url", "postgresql://u:p@h/d"),
        ("TIMEOUT_SECONDS", "2.5", "timeout_seconds", 2.5),
        ("TOTAL_SECONDS", "7", "total_seconds", 7.0),
        ("RETRIES", "0", "retries", 0),
        ("POLICY", "", "policy", None),
    ],
)
def test_every_setting_has_a_variable(
    monkeypatch: pytest.MonkeyPatch, variable: str, text: str, name: str, value: object
) -> None:
    monkeypatch.setenv(f"TRADECREDIT_{variable}", text)
    settings = Settings.load()
    assert getattr(settings, name) == (value() if callable(value) else value)
    assert settings.origin(name) == (f"environment TRADECREDIT_{variable}" if text else "default")


@pytest.mark.parametrize(
    ("variable", "text", "message"),
    [
        ("RETRIES", "many", "environment TRADECREDIT_RETRIES: must be a valid integer"),
        ("RETRIES", "11", "TRADECREDIT_RETRIES: must be less than or equal to 10"),
        ("TOTAL_SECONDS", "0", "TRADECREDIT_TOTAL_SECONDS: must be greater than 0"),
        ("TOTAL_SECONDS", "nan", "TRADECREDIT_TOTAL_SECONDS: must be a finite number"),
        ("TIMEOUT_SECONDS", "inf", "TRADECREDIT_TIMEOUT_SECONDS: must be a finite number"),
        ("UNVERIFIED", "perhaps", "TRADECREDIT_UNVERIFIED: must be a valid boolean"),
        ("ENVIRONMENT", "test", "TRADECREDIT_ENVIRONMENT: must be 'production' or 'uat'"),
        ("POLICY_CURRENCY", "eur", "TRADECREDIT_POLICY_CURRENCY: unknown currency eur:.*did you mean EUR"),
    ],
)
def test_a_wrong_value_is_named_by_its_origin(
    monkeypatch: pytest.MonkeyPatch, variable: str, text: str, message: str
) -> None:
    monkeypatch.setenv(f"TRADECREDIT_{variable}", text)
    with pytest.raises(ConfigError, match=message):
        Settings.load()


def test_an_unknown_name_is_told_with_the_one_that_was_meant(profiles: Write) -> None:
    with pytest.raises(ConfigError, match=r"argument: unknown setting polcy; did you mean policy?"):
        Settings.load(polcy="x")
    with pytest.raises(ConfigError, match=r"there is no setting bse_url; did you mean base_url?"):
        Settings().origin("bse_url")
    for text, message in [
        (
            "[profiles.default]\napi_kye = 'x'",
            r"\[profiles.default\] in .*unknown setting api_kye; did you mean api_key",
        ),
        ("[profile.default]\npolicy = 'x'", "unknown table profile; did you mean profiles"),
        ("profiles = 7", r"settings belong into tables \[profiles.NAME\]"),
        ("[profiles]\npolicy = 'x'", r"settings belong into tables \[profiles.NAME\]"),
        (
            "[profiles.default.terms]\nmax_extension_day = 60",
            "unknown term max_extension_day; did you mean max_extension_days",
        ),
        ("[profiles.default]\npolicy = ?", "is not TOML: .*line 2"),
    ]:
        profiles(text)
        with pytest.raises(ConfigError, match=message):
            Settings.load()


def test_a_misspelt_variable_is_not_ignored_silently(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setenv("TRADECREDIT_BASEURL", "https://x.example")
    monkeypatch.setenv("TRADECREDIT_DEBUG", "1")
    Settings.load()
    assert [record.getMessage() for record in caplog.records] == [
        "the environment has TRADECREDIT_BASEURL, which means nothing; did you mean TRADECREDIT_BASE_URL?"
    ]


# Profiles


def test_a_profile_is_chosen_by_argument_or_variable(profiles: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    profiles('[profiles.north]\npolicy = "N"\n[profiles.south]\npolicy = "S"\n')
    assert (Settings.load().profile, Settings.load().policy) == (None, None)
    assert Settings.load("north").policy == "N"
    monkeypatch.setenv("TRADECREDIT_PROFILE", "south")
    settings = Settings.load()
    assert (settings.policy, settings.profile) == ("S", "south")
    assert settings.origin("profile") == "environment TRADECREDIT_PROFILE"
    assert Settings.load(profile="north").policy == "N"
    with pytest.raises(ConfigError, match=r"has no profile nort; did you mean north\? \(known: north, south\)"):
        Settings.load("nort")


def test_a_file_that_was_named_must_be_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("TRADECREDIT_CONFIG", str(tmp_path / "none.toml"))
    with pytest.raises(ConfigError, match=r"none.toml cannot be read: No such file"):
        Settings.load()
    monkeypatch.delenv("TRADECREDIT_CONFIG")
    with pytest.raises(ConfigError, match=r"profile north is wanted and there is no profile file .*config.toml"):
        Settings.load("north")


def test_the_users_own_file_is_read_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    file = Path(os.environ["XDG_CONFIG_HOME"], "tradecredit", "config.toml")
    file.parent.mkdir()
    file.write_text('[profiles.default]\npolicy = "mine"\n')
    assert Settings.load().policy == "mine"


def test_without_platformdirs_arguments_and_environment_are_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "platformdirs", None)
    assert Settings.load(policy="P").policy == "P"
    with pytest.raises(ConfigError, match=r"there is no profile file: set TRADECREDIT_CONFIG"):
        Settings.load("north")


def test_a_file_in_another_encoding_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "latin.toml"
    file.write_bytes('[profiles.default]\npolicy = "é"'.encode("latin-1"))
    monkeypatch.setenv("TRADECREDIT_CONFIG", str(file))
    with pytest.raises(ConfigError, match=r"is not UTF-8"):
        Settings.load()


def test_the_terms_of_a_policy_are_exact_and_completed(profiles: Write) -> None:
    profiles(
        """
        [profiles.default]
        insurer = "allianz-trade"
        policy = "012345"
        policy_currency = "SEK"
        [profiles.default.terms]
        insured_percentage = 87.5
        max_extension_days = 30
        covered_countries = ["SE", "NO"]
        discretionary_limit = {amount = "100000", currency = "SEK"}
        """
    )
    settings = Settings.load()
    assert settings.terms is not None
    assert (settings.terms.id, settings.terms.insurer, settings.terms.currency) == ("012345", "allianz-trade", "SEK")
    assert settings.terms.insured_percentage == Decimal("87.5")
    assert settings.terms.covered_countries == ("SE", "NO")
    assert settings.terms.discretionary_limit == Money(100000, "SEK")
    profiles("[profiles.default.terms]\nmax_extension_days = -1")
    with pytest.raises(ConfigError, match=r"profile default terms in .*(max_extension_days|greater)"):
        Settings.load(policy="1", policy_currency="SEK")


# The key


def test_the_key_is_shown_nowhere_and_not_pickled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRADECREDIT_API_KEY", f"  {KEY}\n")
    settings = Settings.load(journal_url="postgresql://me:journal-word@host/name")
    assert settings.api_key is not None
    assert settings.api_key.get_secret_value() == KEY
    shown = [repr(settings), str(settings), settings.model_dump_json(exclude={"journal_url"})]
    shown += [str(settings.shown(name)) for name in Settings.model_fields]
    assert not any(KEY in text or "journal-word" in text for text in shown)
    assert settings.shown("journal_url") == "postgresql://***@host/name"
    assert settings.shown("policy") is None
    with pytest.raises(TypeError, match=r"refuse to be pickled"):
        pickle.dumps(settings)
    assert copy.deepcopy(settings) == settings


@pytest.mark.parametrize("given", [KEY, SecretStr(KEY)])
def test_the_key_may_be_given_as_text_or_secret(given: object) -> None:
    settings = Settings.load(api_key=given)
    assert settings.api_key == SecretStr(KEY)
    assert settings.override({"api_key": SecretStr("other")}).api_key == SecretStr("other")


def test_the_key_comes_from_a_file(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = tmp_path / "key"
    file.write_text(KEY + "\n")
    file.chmod(0o600)
    monkeypatch.setenv("TRADECREDIT_API_KEY_FILE", str(file))
    settings = Settings.load()
    assert settings.api_key == SecretStr(KEY)
    assert settings.origin("api_key") == "environment TRADECREDIT_API_KEY_FILE"
    assert caplog.records == []
    file.chmod(0o644)
    Settings.load()
    assert "every user can read it: chmod 600" in caplog.text
    file.write_text("\n")
    with pytest.raises(ConfigError, match=r"TRADECREDIT_API_KEY_FILE gave an empty key"):
        Settings.load()
    file.unlink()
    with pytest.raises(ConfigError, match=r"TRADECREDIT_API_KEY_FILE: .*key cannot be read: No such file"):
        Settings.load()


def test_a_relative_key_file_lies_beside_the_profile_file(profiles: Write, tmp_path: Path) -> None:
    (tmp_path / "key").write_text(KEY)
    (tmp_path / "key").chmod(0o600)
    profiles('[profiles.default]\napi_key_file = "key"\ncontract_file = "table.toml"')
    settings = Settings.load()
    assert settings.api_key == SecretStr(KEY)
    assert settings.contract_file == tmp_path / "table.toml"


def test_the_key_comes_from_a_command(profiles: Write) -> None:
    script = f"import sys; print(sys.argv[1]); print('{KEY}', file=sys.stderr)"
    file = profiles(f'[profiles.default]\napi_key_command = ["{sys.executable}", "-c", "{script}", "from $HOME"]')
    settings = Settings.load()
    assert settings.api_key == SecretStr("from $HOME"), "no shell looks at the words"
    assert settings.origin("api_key") == f"profile default api_key_command in {file}"


@pytest.mark.parametrize(
    ("command", "message"),
    [
        ("'unclosed", "cannot be read as a command: no closing quotation"),
        ("/nonexistent/secret-word --with secret-word", "the command cannot be run: No such file"),
        ("secret-word", "the command cannot be run: No such file"),
        (f"{sys.executable} -c 'import sys; sys.exit(\"secret-word\")'", "ended with 1"),
        (f"{sys.executable} -c ''", "gave an empty key"),
        (f"{sys.executable} -c 'import sys; sys.stdout.buffer.write(bytes([255]))'", "not text in UTF-8"),
    ],
)
def test_a_command_that_fails_is_told_without_its_words(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], command: str, message: str
) -> None:
    monkeypatch.setenv("TRADECREDIT_API_KEY_COMMAND", command)
    with pytest.raises(ConfigError, match=message) as caught:
        Settings.load()
    assert str(caught.value).startswith("environment TRADECREDIT_API_KEY_COMMAND")
    assert "secret-word" not in str(caught.value)
    assert capfd.readouterr().err == ""


def test_a_command_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tradecredit_sdk._profiles.COMMAND_SECONDS", 0.2)
    with pytest.raises(ConfigError, match=r"took longer than 0.2 seconds"):
        Settings.load(api_key_command=[sys.executable, "-c", "import time; time.sleep(20)"])


def test_one_key_only(monkeypatch: pytest.MonkeyPatch, profiles: Write) -> None:
    monkeypatch.setenv("TRADECREDIT_API_KEY", KEY)
    monkeypatch.setenv("TRADECREDIT_API_KEY_FILE", "/key")
    profiles('[profiles.default]\napi_key = "lower"')
    with pytest.raises(ConfigError, match=r"given twice: .*TRADECREDIT_API_KEY and .*TRADECREDIT_API_KEY_FILE"):
        Settings.load()
    assert Settings.load(api_key="higher").api_key == SecretStr("higher")
    monkeypatch.delenv("TRADECREDIT_API_KEY_FILE")
    assert Settings.load().api_key == SecretStr(KEY), "a higher origin wins, whichever way it gives the key"


@pytest.mark.parametrize(("mode", "warns"), [(0o600, False), (0o640, False), (0o644, True)])
def test_a_key_in_a_file_for_everybody_is_warned_of(
    profiles: Write, caplog: pytest.LogCaptureFixture, mode: int, warns: bool
) -> None:
    profiles(f'[profiles.default]\napi_key = "{KEY}"', mode)
    Settings.load()
    assert [record.levelno for record in caplog.records] == ([logging.WARNING] if warns else [])
    assert KEY not in caplog.text


# Insurers' own addresses, and changed settings


@pytest.mark.parametrize(("place", "url"), BASE_URLS.items())
def test_an_insurer_with_a_public_address_needs_none(place: tuple[str, str], url: str) -> None:
    insurer, environment = place
    settings = Settings.load(insurer=insurer, environment=environment)
    assert settings.base_url == url
    assert settings.origin("base_url") == f"default of {insurer}, {environment}"
    moved = settings.override({"insurer": "open"})
    assert moved.base_url is None
    assert settings.override({"base_url": "https://proxy.example"}).base_url == "https://proxy.example"


def test_override_keeps_origins_and_the_original() -> None:
    settings = Settings.load(policy="P", retries=1)
    other = settings.override({"retries": 3, "policy": None})
    assert (settings.retries, other.retries, other.policy) == (1, 3, "P")
    assert (other.origin("retries"), other.origin("policy")) == ("argument retries", "argument policy")
    assert settings.override({}) is settings
    with pytest.raises(ConfigError, match=r"argument retries: must be a valid integer"):
        settings.override({"retries": "x"})
    with pytest.raises(ConfigError, match=r"unknown setting retrys; did you mean retries"):
        settings.override({"retrys": 1})


def test_settings_made_directly_are_arguments() -> None:
    settings = Settings(policy="P")
    assert (settings.origin("policy"), settings.origin("retries")) == ("argument", "default")
    assert settings.override({"retries": 1}).policy == "P"
    with pytest.raises(ValueError, match=r"frozen"):
        settings.policy = "Q"  # type: ignore[misc]
