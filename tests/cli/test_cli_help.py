"""Help loads nothing but click, names every command, and every command says what it does."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import click
import pytest

from tradecredit_sdk.cli import app


def commands(group: click.Group, words: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(group)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        assert command is not None, name
        yield (*words, name), command
        if isinstance(command, click.Group):
            yield from commands(command, (*words, name))


ALL = list(commands(app.cli))
LEAVES = [(words, command) for words, command in ALL if not isinstance(command, click.Group)]


@pytest.mark.parametrize("words", [("--help",), ("--version",), ("-h",)])
def test_help_and_version_load_neither_pydantic_nor_requests_nor_rich(words: tuple[str, ...]) -> None:
    program = (
        "import sys\nfrom tradecredit_sdk.cli import main\n"
        f"code = main({list(words)!r})\n"
        "heavy = {'pydantic', 'requests', 'tenacity', 'rich', 'sqlalchemy', 'fastapi', 'stdnum', 'decimal', 'json'} & set(sys.modules)\n"
        "sys.exit(f'{code} {heavy}' if code or heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "tradecredit" in done.stdout


def test_the_commands_of_the_issue_are_there() -> None:
    found = {" ".join(words) for words, _ in ALL}
    assert found >= {
        "buyer find", "limit request", "limit decision", "limit list", "limit cancel", "limit reconcile", "check",
        "check-orders", "overdue declare", "overdue show", "overdue list", "overdue settle", "overdue extend",
        "overdue reschedule", "policy show", "events poll", "config show", "doctor", "sandbox serve", "completion",
        "journal list",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("words", "command"), ALL, ids=lambda value: " ".join(value) if isinstance(value, tuple) else ""
)
def test_every_command_says_what_it_does(words: tuple[str, ...], command: click.Command) -> None:
    assert command.get_short_help_str(limit=200).endswith("."), words
    if len(words) == 1:
        assert app.COMMANDS[words[0]][1] == command.get_short_help_str(limit=200), (
            "the table and the command must agree"
        )


@pytest.mark.parametrize(
    ("words", "command"), LEAVES, ids=lambda value: " ".join(value) if isinstance(value, tuple) else ""
)
def test_every_command_understands_the_shared_options_and_takes_no_secret(
    words: tuple[str, ...], command: click.Command
) -> None:
    options = {name for param in command.params for name in param.opts}
    assert {"--output", "-o", "--profile", "--verbose", "--journal"} <= options
    assert not {name for name in options if "key" in name or "secret" in name or "token" in name or "password" in name}
    unsafe = {
        "cancel",
        "declare",
        "documents",
        "extend",
        "pay",
        "report-adverse",
        "request",
        "reschedule",
        "settle",
        "withdraw",
    }
    assert ("--dry-run" in options) == (words[-1] in unsafe)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_prints_a_script_that_calls_us(shell: str, tradecredit: Any) -> None:
    done = tradecredit("completion", shell)
    assert done.code == 0
    assert "_TRADECREDIT_COMPLETE" in done.out


def test_completion_completes(process: Any) -> None:
    done = process(_TRADECREDIT_COMPLETE="bash_complete", COMP_WORDS="tradecredit limit re", COMP_CWORD="2")
    assert sorted(done.out.split()) == ["plain,reconcile", "plain,request"], done


def test_alone_it_shows_its_help(tradecredit) -> None:
    done = tradecredit()
    assert done.code == 2
    assert "Traceback" not in done.out + done.err
    assert "Usage" in done.out + done.err
