"""What every command understands: the options shared by all, and what they hold while a command runs."""

from __future__ import annotations

import contextlib
import logging
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timezone
from functools import update_wrapper
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from tradecredit_sdk.client import TradeCreditClient
    from tradecredit_sdk.config import Settings
    from tradecredit_sdk.journal import Journal

F = TypeVar("F", bound=Callable[..., Any])
OUTPUTS = ("table", "json", "ndjson", "csv")


@dataclass
class Run:
    """One run of the command line: the shared options, and the settings and the client they lead to."""

    output: str = "table"
    profile: str | None = None
    verbose: bool = False
    dry_run: bool = False
    journal: bool | None = None
    zone: str | None = None
    _settings: Settings | None = None
    _closing: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)

    @property
    def settings(self) -> Settings:
        """The settings, read once; ConfigError."""
        if self._settings is None:
            from tradecredit_sdk.config import Settings

            self._settings = Settings.load(profile=self.profile)
        return self._settings

    def require_settings(self) -> Settings:
        """The settings; ConfigError with the way to the sandbox when there are none at all."""
        settings = self.settings
        if settings.base_url is None and settings.api_key is None and settings.policy is None:
            from tradecredit_sdk.cli.failure import NOT_CONFIGURED
            from tradecredit_sdk.errors import ConfigError

            raise ConfigError("nothing is configured yet: no insurer's address, key or policy", code=NOT_CONFIGURED)
        return settings

    def client(self, *, journal: bool = False) -> TradeCreditClient:
        """A client that is closed when the command ends. `journal`: what it sends must not be lost, so it is kept."""
        settings = self.require_settings()
        from tradecredit_sdk.client import TradeCreditClient

        book = None
        if self.journal is False:
            settings = settings.model_copy(update={"journal_url": None})
        elif journal:
            book = settings.journal_url or self.open_journal().url
        return self._closing.enter_context(TradeCreditClient(settings, journal=book))

    def open_journal(self) -> Journal:
        """The journal of these settings, or in the platform's folder; closed when the command ends."""
        from tradecredit_sdk.journal import Journal

        return self._closing.enter_context(Journal(self.settings.journal_url))

    def today(self) -> date:
        """The seller's own calendar day: in --zone, or where this machine is; InvalidInputError for an unknown zone."""
        if self.zone is None:
            return date.today()  # noqa: DTZ011
        from tradecredit_sdk.errors import InvalidInputError
        from tradecredit_sdk.rules.calendar import company_day

        try:
            return company_day(datetime.now(timezone.utc), self.zone)
        except ValueError as error:
            raise InvalidInputError(f"--zone: {error}") from None

    def log_to_stderr(self) -> None:
        """Show the library's own log until the command ends: warnings, and with --verbose every exchange.

        It holds no bodies and no secrets.
        """
        logger, handler = logging.getLogger("tradecredit_sdk"), logging.StreamHandler(sys.stderr)
        handler.setFormatter(logging.Formatter("%(levelname)s %(name)s: %(message)s"))
        # Who asked for JSON reads stderr by program, too: one object, the error.
        handler.addFilter(lambda record: self.verbose or self.output not in ("json", "ndjson"))
        self._closing.callback(logger.setLevel, logger.level)
        self._closing.callback(logger.removeHandler, handler)
        logger.addHandler(handler)

    def close(self) -> None:
        """Release connections and files."""
        self._closing.close()

    def without_secrets(self, text: str) -> str:
        """`text` with the key of these settings blotted out."""
        secret = self._settings.api_key.get_secret_value() if self._settings and self._settings.api_key else ""
        return text.replace(secret, "**********") if secret else text


def pass_run(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command that writes data its `Run`; ModuleNotFoundError when the wanted form cannot be written here."""

    def with_run(*args: Any, **values: Any) -> Any:
        run = click.get_current_context().ensure_object(Run)
        if run.output == "table" and find_spec("rich") is None:
            raise ModuleNotFoundError("tables need rich", name="rich")
        return command(run, *args, **values)

    return update_wrapper(with_run, command)


def _remember(ctx: click.Context, param: click.Parameter, value: Any) -> None:
    """Keep a shared option on the run, wherever on the command line it stood."""
    if value is None or ctx.resilient_parsing:
        return
    run = ctx.ensure_object(Run)
    setattr(run, str(param.name), value)
    if param.name == "verbose" and value:
        logging.getLogger("tradecredit_sdk").setLevel(logging.DEBUG)


def shared_options(command: F) -> F:
    """Give a command the options every command has."""
    for option in reversed(_SHARED):
        command = option(command)
    return command


def in_zone(command: F) -> F:
    """Give a command that goes by today's date --zone; `Run.today` heeds it."""
    return _ZONE(command)


def unsafe(command: F) -> F:
    """Give a command that changes something at the insurer --dry-run, and the shared options."""
    return shared_options(_DRY_RUN(command))


def _shared(*names: str, **settings: Any) -> Callable[[F], F]:
    return click.option(*names, expose_value=False, callback=_remember, default=None, **settings)


_SHARED = (
    _shared("-o", "--output", type=click.Choice(OUTPUTS), is_eager=True, help="How data is written (default: table)."),
    _shared("--profile", metavar="NAME", is_eager=True, help="The profile of the profile file to use."),
    _shared("--journal/--no-journal", "journal", help="Keep what is sent in the journal (default), or do not."),
    _shared("-v", "--verbose", is_flag=True, help="Log every exchange to stderr, without bodies and secrets."),
)
_ZONE = _shared("--zone", metavar="ZONE", help="Where the company is, such as Europe/Berlin: its day is today.")
_DRY_RUN = _shared(
    "--dry-run", is_flag=True, help="Show what would be sent and send nothing; what only reads is sent all the same."
)
