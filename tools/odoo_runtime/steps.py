"""Work that is done once: what is said while it is done, how long it took, and how it is known to be done."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


class OdooRuntimeError(Exception):
    """Something is missing or went wrong; the message says what, and the remedy."""


@dataclass(frozen=True)
class Step:
    """One piece of work. It is done as long as its stamp holds the `fingerprint` of what it was made from."""

    name: str
    fingerprint: str
    title: str
    work: Callable[[], None]

    def done(self, stamps: Path) -> bool:
        """Whether the work was finished, from just this."""
        stamp = stamps / self.name
        return stamp.exists() and stamp.read_text() == self.fingerprint


def ensure(steps: Iterable[Step], stamps: Path) -> None:
    """Do what is not done yet, in order. A step that was interrupted has no stamp and is done again."""
    for step in steps:
        if step.done(stamps):
            continue
        (stamps / step.name).unlink(missing_ok=True)
        with timed(step.title):
            step.work()
        stamps.mkdir(parents=True, exist_ok=True)
        (stamps / step.name).write_text(step.fingerprint)


@contextmanager
def timed(title: str) -> Iterator[None]:
    """Say what is being done, and its time at the end."""
    print(f"{title} ...", flush=True)
    started = time.monotonic()
    yield
    print(f"  done in {time.monotonic() - started:.1f} s", flush=True)
