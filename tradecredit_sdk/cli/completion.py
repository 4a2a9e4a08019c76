"""`tradecredit completion`: what your shell needs to complete commands and options."""

from __future__ import annotations

import click
from click.shell_completion import ShellComplete, get_completion_class

from tradecredit_sdk.cli.options import shared_options

HELP = """Print the completion script of your shell.

\b
bash: eval "$(tradecredit completion bash)"    in ~/.bashrc (bash 4.4 or newer)
zsh:  eval "$(tradecredit completion zsh)"     in ~/.zshrc
fish: tradecredit completion fish | source     in ~/.config/fish/config.fish
"""


@click.command(help=HELP)
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@shared_options
@click.pass_context
def completion(ctx: click.Context, shell: str) -> None:
    """Print the script that click has for the shell."""
    kind = get_completion_class(shell)
    if kind is None:  # a click without this shell
        raise click.UsageError(f"this version of click does not know {shell}")
    script = kind(ctx.find_root().command, {}, "tradecredit", "_TRADECREDIT_COMPLETE")
    # Not `script.source()`: bash's asks the local bash for its version, and the script may be for another machine.
    print(ShellComplete.source(script))  # noqa: T201
