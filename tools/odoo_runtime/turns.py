"""Odoos that take turns, for differences of a few per cent: what else the machine does touches all alike."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from . import program
from .commands import tail
from .places import LOGS
from .steps import OdooRuntimeError


@dataclass(frozen=True)
class Player:
    """A shell of Odoo that runs one step of its script whenever it is told to."""

    process: subprocess.Popen[bytes]
    mouth: TextIO
    ear: TextIO
    log: Path

    def play(self) -> dict[str, float]:
        """What it measured in one step."""
        with suppress(BrokenPipeError):  # its end is told by the silence
            self.mouth.write("\n")
        if not (said := self.ear.readline()):
            code = self.process.wait()
            raise OdooRuntimeError(f"{tail(self.log)}\nOdoo ended with {code} before its turn (all of it: {self.log}).")
        found: dict[str, float] = json.loads(said)
        return found


@contextmanager
def player(database: str, script: Path, addons: Path | None) -> Iterator[Player]:
    """One that ends when nobody tells it anything any more."""
    hears, tells = os.pipe()
    listens, answers = os.pipe()
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / f"turns-{database}.log"
    with os.fdopen(listens) as ear, os.fdopen(tells, "w", buffering=1) as mouth:
        with script.open() as source, log.open("w") as output:
            process = subprocess.Popen(
                program.command("shell", "-d", database, "--no-http", "--log-level", "error"),
                stdin=source,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=program.environment(addons, TOLD=str(hears), ANSWERS=str(answers)),
                pass_fds=(hears, answers),
            )
        os.close(hears)
        os.close(answers)
        yield Player(process, mouth, ear, log)
    process.wait()


def take_turns(
    script: Path, players: dict[str, Path | None], *, warm_up: int, times: int
) -> dict[str, list[dict[str, float]]]:
    """What each database (with its folder of addons) measured each time; the first turns, which fill caches, are left out."""
    with ExitStack() as stack:
        ready = {name: stack.enter_context(player(name, script, addons)) for name, addons in players.items()}
        found: dict[str, list[dict[str, float]]] = {name: [] for name in ready}
        for number in range(warm_up + times):
            # Each goes first as often as the others.
            for name in sorted(ready, reverse=bool(number % 2)):
                measured = ready[name].play()
                if number >= warm_up:
                    found[name].append(measured)
    return found
