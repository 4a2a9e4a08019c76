"""A noun of the command line: a group of commands that guesses what a mistyped one was meant to be."""

from __future__ import annotations

import click


class Noun(click.Group):
    """`click.Group` with a guess; click itself makes one from 8.4 on, for commands that are loaded already."""

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """The command that the first word names; a usage error with the guess."""
        word, names = args[0], self.list_commands(ctx)
        if word not in names and not word.startswith("-") and not ctx.resilient_parsing:
            from difflib import get_close_matches

            if near := get_close_matches(word, names, n=1):
                ctx.fail(f"No such command '{word}'. Did you mean '{near[0]}'?")
        return super().resolve_command(ctx, args)
