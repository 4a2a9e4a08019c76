"""The command `tradecredit` itself: its nouns, loaded when asked for, and the one place where errors become exit codes."""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from importlib import import_module
from typing import Any

import click

from tradecredit_sdk._version import __version__
from tradecredit_sdk.cli.exit_codes import ExitCode
from tradecredit_sdk.cli.noun import Noun
from tradecredit_sdk.cli.options import Run, unsafe

# In the order of the work. The help is written here so that `tradecredit --help` loads none of the modules.
COMMANDS: dict[str, tuple[str, str]] = {
    "buyer": ("buyer:buyer", "Find the legal entity you sell to."),
    "limit": ("limit:limit", "Request credit limits, read decisions, list what is in force."),
    "check": ("check:check", "Check one order against the cover in force."),
    "check-orders": ("orders:check_orders", "Check a file of orders against a ledger of open items."),
    "overdue": ("overdue:overdue", "Declare unpaid invoices before the policy's deadline."),
    "policy": ("policy:policy", "Show the terms of the policy."),
    "events": ("events:events", "Hear of limits the insurer changed on its own."),
    "journal": ("journal:journal", "Look at what was sent and what came of it."),
    "config": ("config:config", "Show the settings and where each came from."),
    "doctor": ("doctor:doctor", "Test configuration, connection, key, policy and journal."),
    "sandbox": ("sandbox:sandbox", "Run a whole insurer on this machine."),
    "completion": ("completion:completion", "Print the completion script of your shell."),
}


class ClosedPipe(Exception):  # noqa: N818 - not an error
    """The reader of our output has seen enough; named anew because click would make an exit code 1 of it."""


class LazyGroup(Noun):
    """A group whose commands are imported when they are run, not when they are listed."""

    def make_context(self, *args: Any, **extra: Any) -> click.Context:
        """Read the words; help is written here."""
        try:
            return super().make_context(*args, **extra)
        except BrokenPipeError as error:
            raise ClosedPipe from error

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except BrokenPipeError as error:
            raise ClosedPipe from error

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names, in the order of the work."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command's module; None for an unknown name."""
        if cmd_name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[cmd_name][0].partition(":")
        command: click.Command = getattr(import_module(f"tradecredit_sdk.cli.{module}"), attribute)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands from the table above."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, help_) for name, (_, help_) in COMMANDS.items()])


EPILOG = (
    "Exit codes: 0 done, 1 other, 2 usage or configuration, 3 authentication, 4 refused or not found, 5 rate limit, "
    "6 server, 7 network or timeout, 10 order blocked, 11 decision pending, 12 a last day has passed, 130 interrupted. Configuration: "
    "TRADECREDIT_INSURER, TRADECREDIT_BASE_URL, TRADECREDIT_API_KEY, TRADECREDIT_POLICY or a profile file; "
    "`tradecredit config show` lists all."
)


@click.group(cls=LazyGroup, epilog=EPILOG, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="tradecredit")
@unsafe
@click.pass_context
def cli(ctx: click.Context) -> None:
    """Trade credit insurance: limit requests, decisions, order checks, overdues.

    Data goes to stdout, messages to stderr. Options of every command may stand before or after it.
    """
    ctx.ensure_object(Run)


def run_app(argv: Sequence[str] | None = None) -> int:
    """Run on `argv` and return the exit code; nothing but the code leaves, no exception does."""
    args = list(sys.argv[1:] if argv is None else argv)
    _never_fail_on_encoding()
    run = Run()
    run.log_to_stderr()
    try:
        code = _run(args, run)
        sys.stdout.flush()
    except (ClosedPipe, BrokenPipeError):  # `| head -1`: nothing is wrong, and nothing more can be said
        from tradecredit_sdk.cli.output import silence_stdout

        silence_stdout()
        code = ExitCode.DONE
    return int(code)


def _run(args: list[str], run: Run) -> int:
    try:
        result = cli.main(args=args, prog_name="tradecredit", standalone_mode=False, obj=run)
    except (KeyboardInterrupt, click.Abort):
        print("interrupted", file=sys.stderr)  # noqa: T201
        return ExitCode.INTERRUPTED
    except click.ClickException as error:
        return _wrong_usage(error, as_json=_wants_json(args))
    except SystemExit as left:  # click completed a word for the shell
        return left.code if isinstance(left.code, int) else ExitCode.OTHER
    except ClosedPipe:
        raise
    except Exception as error:
        return _failed(error, run, as_json=_wants_json(args))
    finally:
        run.close()
    return result if isinstance(result, int) else ExitCode.DONE


def _wrong_usage(error: click.ClickException, *, as_json: bool) -> int:
    if as_json:
        from tradecredit_sdk.cli.failure import Failure

        facts = {"error": type(error).__name__, "message": error.format_message()}
        Failure(ExitCode(error.exit_code), error.format_message(), facts=facts).write(as_json=True)
    else:
        error.show(sys.stderr)
    return error.exit_code


def _failed(error: Exception, run: Run, *, as_json: bool) -> int:
    from tradecredit_sdk.cli import failure
    from tradecredit_sdk.errors import TradeCreditError

    if isinstance(error, TradeCreditError):
        described = failure.describe(error)
    elif isinstance(error, failure.RefusedError):
        described = error.failure
    elif isinstance(error, OSError):
        described = failure.unreadable(error)
    else:
        missing = failure.missing_extra(error) if isinstance(error, ModuleNotFoundError) else None
        described = missing or failure.unexpected(error)
    if os.environ.get("TRADECREDIT_DEBUG"):
        import traceback

        print(run.without_secrets("".join(traceback.format_exception(error))), file=sys.stderr)  # noqa: T201
    described.write(as_json=as_json)
    return described.code


def _wants_json(args: list[str]) -> bool:
    """Whether errors are wanted as JSON; read from the words themselves, for they may be what is wrong."""
    pairs = zip(args, [*args[1:], ""], strict=False)
    return any(
        word in ("-ojson", "-o=json", "--output=json") or (word in ("-o", "--output") and value == "json")
        for word, value in pairs
    )


def _never_fail_on_encoding() -> None:
    """A name that the terminal's encoding lacks is shown escaped instead of ending the command."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure: Any = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
