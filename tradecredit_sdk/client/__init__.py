"""The client: one object per insurer and policy, safe for threads, with a resource for each noun.

Its connections are closed at the end of the block:

    with TradeCreditClient() as client:
        buyer = client.buyers.find("Nordlicht", country="DE")[0]
        application = client.limits.request(buyer_id=buyer.id, amount=Money("50000.00", "EUR"))
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import TYPE_CHECKING, Any, cast

from tradecredit_sdk.client.desk import Clock, Desk
from tradecredit_sdk.client.reference import new_reference
from tradecredit_sdk.config import NOT_CONFIGURED, Settings
from tradecredit_sdk.errors import ConfigError
from tradecredit_sdk.insurers.base import Capabilities, Insurer, load_insurer

if TYPE_CHECKING:
    from datetime import datetime

    from pydantic import SecretStr

    from tradecredit_sdk._http import Answer
    from tradecredit_sdk.client.buyers import Buyers
    from tradecredit_sdk.client.events import Events
    from tradecredit_sdk.client.limits import Limits
    from tradecredit_sdk.client.overdues import Overdues
    from tradecredit_sdk.client.policies import Policies
    from tradecredit_sdk.journal import Journal
    from tradecredit_sdk.journal.entry import Scope

__all__ = ["Clock", "TradeCreditClient", "new_reference"]

_LEASE_CALLS = 3
"""An entry of the journal is leased for so many calls: to ask, to send, and to spare."""


class TradeCreditClient:
    """Speaks to one insurer about one policy.

    Without arguments, everything comes from environment and profile file; what is given here wins. Give `settings` to
    read nothing else. `insurer` is a name, or an insurer of your own making. `journal` is a Journal, which stays yours,
    or where to keep one (URL or file); None takes the settings' journal, and if they name none, there is none.
    `session` is a `requests.Session` of yours, for proxies and certificates. Times are in seconds: `timeout_seconds`
    for the longest silence, `total_seconds` for a call with all its attempts. ConfigError says what is missing.
    """

    def __init__(
        self,
        settings: Settings | None = None,
        *,
        insurer: str | Insurer | None = None,
        base_url: str | None = None,
        api_key: str | SecretStr | None = None,
        policy: str | None = None,
        profile: str | None = None,
        journal: Journal | str | None = None,
        timeout_seconds: float | None = None,
        total_seconds: float | None = None,
        retries: int | None = None,
        unverified: bool | None = None,
        session: Any = None,
        clock: Clock | None = None,
    ) -> None:
        overrides = {
            "insurer": insurer if insurer is None or isinstance(insurer, str) else insurer.name,
            "base_url": base_url,
            "api_key": api_key,
            "policy": policy,
            "timeout_seconds": timeout_seconds,
            "total_seconds": total_seconds,
            "retries": retries,
            "unverified": unverified,
        }
        if settings is None:
            settings = Settings.load(profile=profile, **overrides)
        elif profile is not None:
            raise ConfigError("give settings or the name of a profile, not both")
        else:
            settings = settings.override(overrides)
        self._closing: list[Any] = []
        book = self._open_journal(settings, journal)
        if insurer is None or isinstance(insurer, str):
            if settings.insurer == "open" and settings.base_url is None:
                raise ConfigError(NOT_CONFIGURED, code="not_configured")
            insurer = load_insurer(settings.insurer).from_settings(settings, session)
            self._closing.append(insurer)
        self._desk = Desk(insurer, settings, book, clock or Clock())

    def _open_journal(self, settings: Settings, journal: Journal | str | None) -> Journal | None:
        needed = _LEASE_CALLS * settings.total_seconds
        where = settings.journal_url if journal is None else journal
        if where is None:
            return None
        if not isinstance(where, str):
            if where.lease_seconds < needed:
                raise ConfigError(
                    f"a call may take {settings.total_seconds:g} seconds, so the journal needs lease_seconds of at least "
                    f"{needed:g} (it has {where.lease_seconds:g})"
                )
            return where
        try:
            from tradecredit_sdk.journal.journal import LEASE_SECONDS, Journal
        except ModuleNotFoundError as error:
            raise ConfigError(
                f"a journal needs {error.name}, which is not installed: pip install 'tradecredit-sdk[journal]'"
            ) from None
        book = Journal(where, lease_seconds=max(LEASE_SECONDS, needed))
        self._closing.append(book)
        return book

    @property
    def name(self) -> str:
        """The insurer's name."""
        return self._desk.insurer.name

    @property
    def settings(self) -> Settings:
        """The settings this client goes by."""
        return self._desk.settings

    @property
    def capabilities(self) -> Capabilities:
        """What the insurer's interface can do; all else fails before anything is sent."""
        return self._desk.insurer.capabilities

    @property
    def scope(self) -> Scope:
        """The policy, account and insurer under which the journal keeps what this client sends."""
        return self._desk.scope

    @cached_property
    def buyers(self) -> Buyers:
        """Find the legal entity you sell to."""
        from tradecredit_sdk.client.buyers import Buyers

        return Buyers(self._desk)

    @cached_property
    def limits(self) -> Limits:
        """Ask for cover, hear the decision, read what is in force."""
        from tradecredit_sdk.client.limits import Limits

        return Limits(self._desk)

    @cached_property
    def overdues(self) -> Overdues:
        """Report what was not paid."""
        from tradecredit_sdk.client.overdues import Overdues

        return Overdues(self._desk)

    @cached_property
    def policies(self) -> Policies:
        """The terms of the policy."""
        from tradecredit_sdk.client.policies import Policies

        return Policies(self._desk)

    @cached_property
    def events(self) -> Events:
        """What the insurer changed on its own."""
        from tradecredit_sdk.client.events import Events

        return Events(self._desk)

    def request(
        self,
        method: str,
        *path: str,
        query: Mapping[str, str | int | None] | None = None,
        json: Any = None,
        idempotent: bool | None = None,
    ) -> Answer:
        """Make a call that is not modelled here: `client.request("GET", "policies", "DEMO-001")`.

        `path` are segments beneath the base URL; each is quoted. `json` takes Decimals, not floats. Authentication,
        times and errors are the usual ones; the journal does not know of it, and nothing of the answer is checked.
        `idempotent` says whether it may be repeated after a lost answer; None decides by the method.
        """
        return cast("Answer", self._desk.insurer.send(method, path, query=query, json=json, idempotent=idempotent))

    def probe(self) -> datetime | None:
        """One cheap authorised call: reachable, and the key is good; raises what is wrong.

        The insurer's time, to compare clocks with; None where it is not told.
        """
        return self._desk.insurer.probe()

    def with_options(
        self, *, timeout_seconds: float | None = None, total_seconds: float | None = None, retries: int | None = None
    ) -> TradeCreditClient:
        """The same client with other times. It shares the connections and the journal; closing it closes neither."""
        changes = {"timeout_seconds": timeout_seconds, "total_seconds": total_seconds, "retries": retries}
        settings = self.settings.override(changes)
        insurer = self._desk.insurer.with_options(
            timeout_seconds=settings.timeout_seconds,
            total_seconds=settings.total_seconds,
            retries=settings.retries,
        )
        return TradeCreditClient(settings, insurer=insurer, journal=self._desk.journal, clock=self._desk.clock)

    def close(self) -> None:
        """Release connections and the journal's file; may be called twice."""
        for one in self._closing:
            one.close()

    def __enter__(self) -> TradeCreditClient:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        settings = self.settings
        profile = f", profile {settings.profile}" if settings.profile else ""
        return f"<TradeCreditClient {self.name}, {settings.environment}, policy {settings.policy}{profile}>"
