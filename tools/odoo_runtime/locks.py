"""Locks between processes. The kernel gives them back however a process ends."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


def _open(path: Path) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    return os.open(path, os.O_RDWR | os.O_CREAT, 0o600)


def _try(descriptor: int, kind: int) -> bool:
    try:
        fcntl.flock(descriptor, kind | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def alone(path: Path, waiting: str = "") -> Iterator[None]:
    """Be the only one between here and the end; say `waiting` when another is there first."""
    descriptor = _open(path)
    try:
        if not _try(descriptor, fcntl.LOCK_EX):
            if waiting:
                print(waiting, flush=True)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def among(path: Path) -> Iterator[int]:
    """Be one of many users. A child that inherits the file descriptor given is a user until it ends, whatever we do."""
    descriptor = _open(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
        yield descriptor
    finally:
        os.close(descriptor)


@contextmanager
def last_one(path: Path) -> Iterator[bool]:
    """Whether nobody uses it any more; true also keeps new users waiting until the end."""
    descriptor = _open(path)
    try:
        yield _try(descriptor, fcntl.LOCK_EX)
    finally:
        os.close(descriptor)
