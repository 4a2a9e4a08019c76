"""Odoos that take turns, for differences of a few per cent: what else the machine does touches all alike."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from io import RawIOBase
from pathlib import Path
from typing import Any, TextIO

from . import program
from .commands import tail
from .places import LOGS
from .steps import OdooRuntimeError


@dataclass(frozen=True)
class Player:
    """A shell of Odoo that runs one step of its script whenever it is told to."""

    process: subprocess.Popen[bytes]
    mouth: RawIOBase
    ear: TextIO
    log: Path

    def play(self) -> dict[str, Any]:
        """What it measured in one turn."""
        with suppress(BrokenPipeError):  # its end is told by the silence
            self.mouth.write(b"\n")
        if not (said := self.ear.readline()):
            code = self.process.wait()
            raise OdooRuntimeError(f"{tail(self.log)}\nOdoo ended with {code} before its turn (all of it: {self.log}).")
        found: dict[str, Any] = json.loads(said)
        return found


@contextmanager
def player(database: str, script: Path, addons: Path | None) -> Iterator[Player]:
    """One that ends when nobody tells it anything any more."""
    hears, tells = os.pipe()
    listens, answers = os.pipe()
    LOGS.mkdir(parents=True, exist_ok=True)
    log = LOGS / f"turns-{database}.log"
    with os.fdopen(listens) as ear, os.fdopen(tells, "wb", buffering=0) as mouth:
        with tempfile.TemporaryFile() as source, log.open("w") as output:
            source.write((script.with_name("turn.py").read_text() + script.read_text()).encode())
            source.seek(0)
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


@dataclass(frozen=True)
class Measured:
    """What each database measured of one thing, turn by turn."""

    turns: dict[str, list[dict[str, float]]]

    def median(self, database: str, measure: str) -> float:
        """Of all turns."""
        return statistics.median(turn[measure] for turn in self.turns[database])

    def ratio(self, database: str, base: str, measure: str) -> float:
        """Median of the ratios within each turn: a minute in which all are slow counts as any other."""
        pairs = zip(self.turns[database], self.turns[base], strict=True)
        return statistics.median(one[measure] / other[measure] for one, other in pairs)


def take_turns(script: Path, players: dict[str, Path | None], *, warm_up: int, times: int) -> dict[str, Measured]:
    """What each script measured, by name; `players` are databases with their folder of addons.

    The first turns fill the caches and are left out. Each goes first as often as the others.
    """
    found: dict[str, dict[str, list[dict[str, float]]]] = {}
    with ExitStack() as stack:
        ready = {name: stack.enter_context(player(name, script, addons)) for name, addons in players.items()}
        for number in range(warm_up + times):
            for name in sorted(ready, reverse=bool(number % 2)):
                for what, measured in ready[name].play().items():
                    if number >= warm_up:
                        found.setdefault(what, {}).setdefault(name, []).append(measured)
    return {what: Measured(by_name) for what, by_name in found.items()}
