"""What is known of Allianz Trade's interface, and how well: one table of paths, names and codes.

The insurer's reference is behind a login, so each entry says where it comes from (`Trust`). A guess is used only when
`unverified` is on; what is not known at all is refused until you name it. If you have the reference, correct the table
with a TOML or JSON file (TRADECREDIT_CONTRACT_FILE), for example

    [paths]
    cancel_cover = "{riskinfo_v3}/covers/{cover}/cancellation"
    [decision_states]
    Declined = "refused"
"""

from __future__ import annotations

import contextlib
import difflib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from importlib import import_module
from pathlib import Path
from typing import Any

from tradecredit_sdk.errors import ConfigError
from tradecredit_sdk.models.limit import LimitState
from tradecredit_sdk.models.overdue import OverdueState


class Trust(str, Enum):
    """Where an entry comes from."""

    OFFICIAL = "official"
    """A page of the insurer's developer portal."""
    CODE = "seen in code"
    """Client programs that run against the insurer."""
    GUESS = "guess"
    """Deduced by us; used only with `unverified`."""
    UNKNOWN = "unknown"
    """Not known; refused until a contract file names it."""
    YOURS = "contract file"
    """Your own correction."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the table. `seen` counts the independent programs it was seen in."""

    section: str
    key: str
    value: str
    trust: Trust
    seen: int = 0


_O, _C, _G, _U = Trust.OFFICIAL, Trust.CODE, Trust.GUESS, Trust.UNKNOWN

TABLE: tuple[Entry, ...] = (
    # The marker of the test environment sits in different places, so no path can be derived from another.
    Entry("bases.production", "idp", "/v1/idp", _O),
    Entry("bases.production", "riskinfo_v3", "/riskinfo/v3", _C, 4),
    Entry("bases.production", "riskinfo_v2", "/riskinfo/v2", _C, 2),
    Entry("bases.production", "search", "/search/v2", _C, 5),
    Entry("bases.production", "referential", "/company-referential/v1", _C, 2),
    Entry("bases.production", "overdues", "/overdues/v1", _G),
    Entry("bases.uat", "idp", "/uatm/v1/idp", _O),
    Entry("bases.uat", "riskinfo_v3", "/uatm/riskinfo/v3", _C, 4),
    Entry("bases.uat", "riskinfo_v2", "/uatm/riskinfo/v2", _C, 2),
    Entry("bases.uat", "search", "/search/uatm-v2", _C, 4),
    Entry("bases.uat", "referential", "/company-referential/uatm-v1", _C, 2),
    Entry("bases.uat", "overdues", "/uatm/overdues/v1", _G),
    Entry("paths", "token", "{idp}/oauth2/authorize", _O),
    Entry("paths", "advanced_search", "{search}/companies/advancedSearch", _C, 3),
    Entry("paths", "matching", "{search}/companies/matching", _C, 2),
    Entry("paths", "companies", "{referential}/companies/list", _C, 1),
    Entry("paths", "covers", "{riskinfo_v3}/covers", _C, 3),
    Entry("paths", "cover", "{riskinfo_v3}/covers/{cover}", _C, 1),
    Entry("paths", "covers_search", "{riskinfo_v3}/covers/search", _C, 1),
    Entry("paths", "requests_search", "{riskinfo_v3}/coverRequests/search", _C, 1),
    Entry("paths", "job", "{riskinfo_v3}/jobs/{job}", _C, 3),
    Entry("paths", "covers_v2", "{riskinfo_v2}/covers", _C, 1),
    Entry("paths", "amend_cover", "{riskinfo_v3}/covers/{cover}", _G),
    Entry("paths", "cancel_cover", "{riskinfo_v3}/covers/{cover}", _G),
    Entry("paths", "overdues", "{overdues}/overdues", _G),
    Entry("paths", "overdue_job", "{overdues}/jobs/{job}", _G),
    Entry("codes", "primary", "Primary", _C, 2),
    Entry("codes", "grade_cover", "GradeCover", _C, 2),
    Entry("codes", "temporary", "", _U),
    Entry("codes", "company_identifier", "EH", _C, 2),
    Entry("codes", "in_progress", "InProgress", _C, 1),
    Entry("codes", "grade_row", "CheckPolicy", _C, 1),
    Entry("codes", "temporary_limit", "Temporary", _G),
    Entry("codes", "overdue_declare", "OVD", _O),
    Entry("codes", "overdue_extend", "EXP", _O),
    Entry("codes", "overdue_reschedule", "RES", _O),
    # Fields of a request that change what is insured. A wrong name might be ignored without a word: none is guessed.
    Entry("names", "request_terms_days", "", _U),
    Entry("names", "request_valid_until", "", _U),
    Entry("names", "request_reference", "customerReference", _G),
    Entry("names", "request_comment", "comment", _G),
    Entry("names", "search_score", "score", _G),
    Entry("names", "limit_kind", "creditLimitTypeCode", _G),
    Entry("names", "temporary", "temporary", _G),
    Entry("names", "temporary_amount", "temporaryAmount", _G),
    Entry("names", "temporary_from", "startDate", _G),
    Entry("names", "temporary_until", "endDate", _G),
    Entry("names", "overdue_category", "overdueCategoryTypeCode", _O),
    Entry("names", "overdue_id", "overdueId", _G),
    Entry("names", "overdue_status", "overdueStatusCode", _G),
    Entry("names", "overdue_invoices", "invoices", _G),
    Entry("names", "overdue_invoice_number", "invoiceNumber", _G),
    Entry("names", "overdue_due_date", "dueDate", _G),
    Entry("names", "overdue_new_due_date", "newDueDate", _G),
    Entry("names", "overdue_amount", "amount", _G),
    Entry("names", "overdue_instalments", "instalments", _G),
    # How a kind of number is called in a company search.
    Entry("identifier_types", "vat", "", _U),
    Entry("identifier_types", "registration", "", _U),
    Entry("identifier_types", "lei", "", _U),
    Entry("identifier_types", "duns", "", _U),
    Entry("job_states", "PENDING", "pending", _O),
    Entry("job_states", "PROCESSED", "processed", _O),
    Entry("decision_states", "AlreadyAgreed", "approved", _C, 1),
    Entry("decision_states", "Agreed", "approved", _G),
    Entry("decision_states", "PartiallyAgreed", "partly_approved", _G),
    Entry("decision_states", "Refused", "refused", _G),
    Entry("decision_states", "Reduced", "reduced", _G),
    Entry("decision_states", "Withdrawn", "withdrawn", _G),
    Entry("decision_states", "Cancelled", "cancelled", _G),
    Entry("decision_states", "Expired", "expired", _G),
    Entry("cover_states", "Agreement", "approved", _C, 1),
    Entry("cover_states", "Refusal", "refused", _G),
    Entry("cover_states", "Terminated", "withdrawn", _G),
    Entry("overdue_states", "Declared", "declared", _G),
    Entry("overdue_states", "Extended", "extended", _G),
    Entry("overdue_states", "Rescheduled", "rescheduled", _G),
    Entry("overdue_states", "Settled", "settled", _G),
    Entry("overdue_states", "Claimed", "claimed", _G),
    Entry("overdue_states", "Rejected", "rejected", _G),
)

_BY_KEY = {(entry.section, entry.key): entry for entry in TABLE}
_SECTIONS = frozenset(entry.section for entry in TABLE)
# Sections of the insurer's own codes: new ones may be added.
_OPEN = {
    "decision_states": {state.value for state in LimitState},
    "cover_states": {state.value for state in LimitState},
    "overdue_states": {state.value for state in OverdueState},
    "job_states": {"pending", "processed"},
}
_OUR_WORDS = frozenset().union(*_OPEN.values())
_PLACEHOLDER = re.compile(r"\{([a-z0-9_]+)\}")


class Contract:
    """The table for one environment, with your corrections; a guess is silent unless `unverified` is on."""

    def __init__(
        self, environment: str = "production", *, unverified: bool = False, contract_file: Path | str | None = None
    ) -> None:
        if environment not in {"production", "uat"}:
            raise ConfigError(f"allianz-trade knows the environments production and uat, not {environment!r}")
        self._entries = dict(_BY_KEY)
        if contract_file is not None:
            self._entries.update(_corrections(Path(contract_file)))
        self._unverified = unverified
        bases = {
            key: entry.value for (section, key), entry in self._entries.items() if section == f"bases.{environment}"
        }
        self._paths = {
            key: _PLACEHOLDER.sub(lambda found: bases.get(found[1], found[0]), entry.value)
            for (section, key), entry in self._entries.items()
            if section == "paths"
        }
        self._states = {
            (section, code.upper()): entry.value
            for (section, code), entry in self._entries.items()
            if section in _OPEN and self._usable(entry)
        }

    def path(self, key: str) -> str:
        """The path template below the host, such as '/riskinfo/v3/jobs/{job}'."""
        return self._paths[key]

    def find(self, section: str, key: str) -> str | None:
        """A code or name if it is known well enough to be used, else None."""
        entry = self._entries[section, key]
        return entry.value if self._usable(entry) else None

    def code(self, key: str) -> str:
        """A code we send or look for, because the operation that uses it has been allowed."""
        return self._entries["codes", key].value

    def name(self, key: str) -> str:
        """A field's name, because the operation that uses it has been allowed."""
        return self._entries["names", key].value

    def word(self, section: str, code: str) -> str:
        """Our word for the insurer's code, or the insurer's own if it is not known."""
        return self._states.get((section, code.upper())) or self.foreign(code)

    @staticmethod
    def foreign(code: str) -> str:
        """The insurer's own word; marked if it is spelt just like one of ours, so that it never reads as cover."""
        return f"unknown:{code}" if code in _OUR_WORDS else code

    def _usable(self, entry: Entry) -> bool:
        return bool(entry.value) and (self._unverified or entry.trust is not Trust.GUESS)


def _corrections(path: Path) -> dict[tuple[str, str], Entry]:
    """The entries of a contract file; ConfigError names the file and every key that is not of the table."""
    found, wrong = {}, []
    for section, key, value in _flatten(_parse(path)):
        problem = _problem(section, key, value)
        if problem:
            wrong.append(f"{section}.{key}: {problem}" if section else f"{key}: {problem}")
        else:
            found[section, key] = Entry(section, key, value, Trust.YOURS)
    if wrong:
        raise ConfigError(f"contract file {path}: {'; '.join(wrong)}")
    return found


def _problem(section: str, key: str, value: Any) -> str | None:
    """What is wrong with one line of a contract file."""
    if not isinstance(value, str) or not value.strip():
        return "must be a text that is not empty"
    if section in _OPEN:
        return None if value in _OPEN[section] else f"must be one of {', '.join(sorted(_OPEN[section]))}"
    known = _BY_KEY.get((section, key))
    if known is None:
        names = [f"{one.section}.{one.key}" for one in TABLE]
        close = difflib.get_close_matches(f"{section}.{key}", names, n=1)
        return "is not in the table" + (f"; did you mean {close[0]}?" if close else "")
    if section == "paths" or section.startswith("bases."):
        if section == "paths":
            used, allowed = set(_PLACEHOLDER.findall(value)), set(_PLACEHOLDER.findall(known.value))
            bases = {one.key for one in TABLE if one.section == "bases.production"}
            needed = allowed - bases
            if not used <= allowed | bases or not needed <= used:
                return f"may use {_braces(bases)}" + (f" and must use {_braces(needed)}" if needed else "")
        elif not value.startswith("/") or value.endswith("/"):
            return "must begin with a slash and not end with one"
    return None


def _braces(names: set[str]) -> str:
    return ", ".join(f"{{{name}}}" for name in sorted(names))


def _flatten(value: Mapping[str, Any], section: str = "") -> Iterator[tuple[str, str, Any]]:
    for key, item in value.items():
        if isinstance(item, Mapping) and section not in _SECTIONS:
            yield from _flatten(item, f"{section}.{key}" if section else key)
        else:
            yield section, key, item


def _parse(path: Path) -> Mapping[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"contract file {path} cannot be read: {error}") from error
    try:
        content = json.loads(text) if path.suffix == ".json" else _toml(text)
    except (ValueError, RecursionError) as error:
        raise ConfigError(f"contract file {path} is not valid: {error}") from error
    if not isinstance(content, Mapping):
        raise ConfigError(f"contract file {path} must hold sections of names and values")
    return content


def _toml(text: str) -> Any:
    for name in ("tomllib", "tomli"):  # Python 3.10 has no tomllib.
        with contextlib.suppress(ModuleNotFoundError):
            return import_module(name).loads(text)
    raise ConfigError("a TOML contract file needs Python 3.11 or the package tomli; or write it as JSON")
