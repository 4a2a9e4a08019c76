"""Other programs, run quietly: their words go to a log file, and are shown when they fail."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from .places import LOGS
from .steps import OdooRuntimeError

SHOWN_LINES = 30


class Account(NamedTuple):
    """Whom a program runs as when it is not ourselves; only root can choose."""

    user: int
    group: int


def run(
    command: Sequence[str | Path],
    log: str,
    *,
    remedy: str = "",
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    stdin: str = "",
    account: Account | None = None,
) -> None:
    """Run to the end, all output to build/odoo/logs/`log`; a failure shows its last lines and the remedy."""
    LOGS.mkdir(parents=True, exist_ok=True)
    path = LOGS / log
    with path.open("w") as output:
        done = subprocess.run(
            [str(word) for word in command],
            input=stdin,
            stdout=output,
            stderr=subprocess.STDOUT,
            text=True,
            env=env,
            cwd=cwd,
            user=account and account.user,
            group=account and account.group,
            extra_groups=[] if account else None,
            check=False,
        )
    if done.returncode:
        name = Path(command[0]).name
        raise OdooRuntimeError(
            f"{tail(path)}\n{name} ended with {done.returncode} (all of it: {path}). {remedy}".rstrip()
        )


def tail(path: Path, lines: int = SHOWN_LINES) -> str:
    """The last lines of a log."""
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:])


def answer(command: Sequence[str | Path], env: Mapping[str, str] | None = None) -> str:
    """What a program prints; OdooRuntimeError with its complaint when it fails or is not there."""
    words = [str(word) for word in command]
    try:
        done = subprocess.run(words, capture_output=True, text=True, check=False, env=env, stdin=subprocess.DEVNULL)
    except OSError as error:
        raise OdooRuntimeError(f"{words[0]} cannot be run: {error.strerror}") from error
    if done.returncode:
        raise OdooRuntimeError(f"`{' '.join(words)}` failed: {done.stderr.strip()}")
    return done.stdout
