"""Settings: argument > environment > profile file > default, and for each value where it came from.

    [profiles.default]                  # ~/.config/tradecredit/config.toml, or the file TRADECREDIT_CONFIG names
    insurer = "allianz-trade"
    api_key_command = "pass show allianz-trade"     # or api_key_file, or (least good) api_key
    policy = "012345"
    business_unit = "EHSE"
    journal_url = "~/journal.sqlite"
    [profiles.default.terms]            # of an insurer whose interface does not tell them: fields of models.Policy
    currency = "SEK"
    max_extension_days = 60

The variable of a setting is TRADECREDIT_ and its name in capitals; the journal's is TRADECREDIT_JOURNAL.
"""

from __future__ import annotations

import difflib
import os
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr, SecretStr, ValidationError

from tradecredit_sdk import _profiles
from tradecredit_sdk._shown_url import MASK, shown_url
from tradecredit_sdk.errors import ConfigError, FieldError
from tradecredit_sdk.models.base import Currency
from tradecredit_sdk.models.policy import Policy
from tradecredit_sdk.models.problems import field_problems

NOT_CONFIGURED = (
    "open has no address of its own: start the sandbox with `tradecredit sandbox serve` and set "
    "TRADECREDIT_BASE_URL=http://127.0.0.1:8585/open/v1, TRADECREDIT_API_KEY=sandbox and TRADECREDIT_POLICY=DEMO-001; "
    "or set the address, the key and the policy your insurer gave you"
)
"""What to do when nothing is configured."""

BASE_URLS: Mapping[tuple[str, str], str] = {
    ("allianz-trade", "production"): "https://api.allianz-trade.com",
    ("allianz-trade", "uat"): "https://api-services.uat.1placedessaisons.com",
}
"""(insurer, environment) -> its address, where the insurer's developer portal names one."""

_SECRETS = ("api_key", "api_key_file", "api_key_command")
_ONE_DAY_SECONDS = 86_400
Seconds = Annotated[float, Field(gt=0, le=_ONE_DAY_SECONDS, allow_inf_nan=False)]


class Settings(BaseModel):
    """All settings, frozen. Make it with `Settings.load()`, which reads environment and profile, or directly.

    `timeout_seconds` is the longest silence and `total_seconds` the longest time for one call with all its attempts;
    `retries` is how often a safe call is repeated. `terms` are the policy's, for an insurer that does not tell them.
    The key is masked when shown, and settings refuse to be pickled.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True, hide_input_in_errors=True)

    insurer: str = Field("open", min_length=1)
    base_url: str | None = None
    api_key: SecretStr | None = None
    policy: str | None = None
    business_unit: str | None = None
    environment: Literal["production", "uat"] = "production"
    policy_currency: Currency | None = None
    unverified: bool = False
    contract_file: Path | None = None
    journal_url: str | None = Field(None, repr=False)  # may hold a password
    timeout_seconds: Seconds = 30.0
    total_seconds: Seconds = 90.0
    retries: int = Field(2, ge=0, le=10)
    profile: str | None = None
    terms: Policy | None = None

    _origins: dict[str, str] = PrivateAttr(default_factory=dict)

    @classmethod
    def load(cls, profile: str | None = None, **overrides: Any) -> Settings:
        """Read everything once. `overrides` are settings by name, and api_key_file or api_key_command; None is not given.

        ConfigError says which value of which origin is wrong, or which name is unknown.
        """
        given = {name: value for name, value in overrides.items() if value is not None}
        _refuse_unknown(given, "argument", _LOADED)
        environment = _environment()
        named = os.environ.get("TRADECREDIT_CONFIG")
        file = _profiles.path_of(named, None) if named else _profiles.default_file()
        wanted = profile or os.environ.get("TRADECREDIT_PROFILE") or None
        name, table = _profiles.read_profile(wanted, file, is_named=bool(named))
        _refuse_unknown(table, f"[profiles.{name}] in {file}", _LOADED)

        values: dict[str, Any] = {"profile": name}
        origins = {"profile": "argument" if profile else "environment TRADECREDIT_PROFILE" if wanted else "default"}
        sources = (
            (given, {key: f"argument {key}" for key in given}, None),
            (environment, {key: f"environment {_variable(key)}" for key in environment}, None),
            (table, {key: f"profile {name} {key} in {file}" for key in table}, file.parent if file else None),
        )
        for source, where, folder in sources:
            for key in source.keys() - values.keys() - set(_SECRETS):
                values[key] = _profiles.path_of(source[key], folder) if key == "contract_file" else source[key]
                origins[key] = where[key]
            if "api_key" not in values and (found := _profiles.read_secret(source, where, folder)) is not None:
                values["api_key"], origins["api_key"] = found
        return cls._made(values, origins)

    @classmethod
    def _made(cls, values: dict[str, Any], origins: dict[str, str]) -> Settings:
        insurer, environment = values.get("insurer", "open"), values.get("environment", "production")
        if values.get("base_url") is None and (insurer, environment) in BASE_URLS:
            values = {**values, "base_url": BASE_URLS[insurer, environment]}
            origins = {**origins, "base_url": f"default of {insurer}, {environment}"}
        if values.get("terms") is not None:
            values = {**values, "terms": _terms(values, origins["terms"])}
        try:
            settings = cls.model_validate(values)
        except ValidationError as error:
            wrong = tuple(FieldError(*problem) for problem in field_problems(error))
            places = (f"{origins.get(item.field.split('.')[0], item.field)}: {item.message}" for item in wrong)
            problem = ConfigError("; ".join(places))
        else:
            settings._origins = origins
            return settings
        raise problem

    def override(self, changes: Mapping[str, Any]) -> Settings:
        """The same with some settings replaced, as if they had been given as arguments; None changes nothing."""
        given = {name: value for name, value in changes.items() if value is not None}
        _refuse_unknown(given, "argument", type(self).model_fields)
        if not given:
            return self
        kept = {name: getattr(self, name) for name in self.model_fields_set}
        if self._origins.get("base_url", "").startswith("default of"):
            del kept["base_url"]  # it followed from the insurer
        origins = {**self._origins, **{name: f"argument {name}" for name in given}}
        return self._made({**kept, **given}, {**dict.fromkeys(kept, "argument"), **origins})

    def origin(self, name: str) -> str:
        """Where a value came from: 'environment TRADECREDIT_BASE_URL', 'argument policy', 'default'."""
        if name not in type(self).model_fields:
            raise ConfigError(f"there is no setting {_profiles.unknown(name, type(self).model_fields)}")
        return self._origins.get(name, "argument" if name in self.model_fields_set else "default")

    def shown(self, name: str) -> str | None:
        """A value as it may be shown to anybody: the key, and in addresses users, passwords and queries, are masked."""
        value = getattr(self, name)
        if value is None:
            return None
        if name == "base_url" and "://" not in value:
            return f"{MASK} (not a URL)"  # perhaps the key, in the wrong variable
        return shown_url(value) if name in ("base_url", "journal_url") else str(value)

    def __repr_args__(self) -> Iterator[tuple[str | None, Any]]:
        for name, value in super().__repr_args__():
            yield name, self.shown(name) if name == "base_url" else value

    def __reduce__(self) -> NoReturn:
        raise TypeError("settings hold a key in clear and refuse to be pickled: load them again in the other process")


_LOADED = {*Settings.model_fields, *_SECRETS} - {"profile"}


def _variable(name: str) -> str:
    return "TRADECREDIT_JOURNAL" if name == "journal_url" else f"TRADECREDIT_{name.upper()}"


def _environment() -> dict[str, Any]:
    """The settings in the environment; an empty variable counts as absent."""
    names = [name for name in (*Settings.model_fields, *_SECRETS[1:]) if name not in ("profile", "terms")]
    variables = {_variable(name): name for name in names}
    known = {*variables, "TRADECREDIT_PROFILE", "TRADECREDIT_CONFIG"}
    for variable in os.environ:
        if variable.startswith("TRADECREDIT_") and variable not in known:
            close = difflib.get_close_matches(variable, known, n=1, cutoff=0.9)
            if close:
                _profiles.log_unknown(variable, close[0])
    return {name: os.environ[variable] for variable, name in variables.items() if os.environ.get(variable)}


def _refuse_unknown(given: Mapping[str, Any], where: str, known: Iterable[str]) -> None:
    known = set(known)
    for name in given:
        if name not in known:
            raise ConfigError(f"{where}: unknown setting {_profiles.unknown(name, known)}")


def _terms(values: Mapping[str, Any], origin: str) -> Any:
    """The policy's terms, completed with what the settings say anyway."""
    terms = values["terms"]
    if not isinstance(terms, Mapping):
        return terms
    for name in terms:
        if name not in Policy.model_fields:
            raise ConfigError(f"{origin}: unknown term {_profiles.unknown(name, Policy.model_fields)}")
    usual = {"id": values.get("policy"), "insurer": values.get("insurer"), "currency": values.get("policy_currency")}
    return {**{name: value for name, value in usual.items() if value is not None}, **terms}
