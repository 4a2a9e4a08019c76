"""Who is sending an entry right now, and whether that somebody is still alive.

A lease names its holder: the machine and the space of process numbers it lives in, the process, when that process
began, and a random part per lease. So a process that was killed is recognised at once on the same machine, and after
`lease_seconds` on any other.
"""

from __future__ import annotations

import functools
import hashlib
import os
import secrets
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_held: set[str] = set()
"""The leases that code of this process holds at this moment."""


@contextmanager
def holding() -> Iterator[str]:
    """A new lease's name; with the end of the block it counts as given up, whatever the table still says."""
    pid = os.getpid()
    name = f"{_place()}:{pid}:{_began(pid) or ''}:{secrets.token_hex(8)}"
    _held.add(name)
    try:
        yield name
    finally:
        _held.discard(name)


def is_dead(name: str) -> bool:
    """True if the holder is surely gone; False when it lives, or lives where we cannot look."""
    return _lives(name) is False


def is_alive(name: str) -> bool:
    """True if the holder is surely alive: the very process, on this machine. A clock that jumps does not end its lease."""
    return _lives(name) is True


def _lives(name: str) -> bool | None:
    """None when that cannot be told from here."""
    try:
        place, digits, began, _ = name.split(":")
        pid = int(digits)
    except ValueError:
        return None
    if place != _place():
        return None
    if pid == os.getpid() and began == (_began(pid) or ""):
        return name in _held
    if began and (now := _began(pid)) is not None:
        return now == began
    # Not to be seen (no Linux, or /proc shows a user only his own): another process may have that number by now.
    return None if _runs(pid) else False


@functools.cache
def _place() -> str:
    """The machine since it was started, and the space of process numbers: containers may share a host's name."""
    parts = [socket.gethostname()]
    try:
        parts.append(Path("/proc/sys/kernel/random/boot_id").read_text().strip())
        parts.append(str(Path("/proc/self/ns/pid").readlink()))
    except OSError:
        pass  # not Linux: the name of the host alone
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]


def _began(pid: int) -> str | None:
    """When a running process began, in ticks since the start of the machine; None if that is not to be seen."""
    try:
        # The second field is the program's name in brackets, and may itself hold brackets and blanks.
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return None
    state, began = fields[0], fields[19]
    return "ended" if state in ("Z", "X", "x") else began


def _runs(pid: int) -> bool:
    if os.name != "posix":
        return True  # there, signal 0 would not ask but kill
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
