"""References of our own: what makes a request findable, fixed before it is sent."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from tradecredit_sdk.models.adverse import AdverseReceipt
    from tradecredit_sdk.models.limit import LimitApplication
    from tradecredit_sdk.models.overdue import Overdue

A = TypeVar("A", "LimitApplication", "Overdue", "AdverseReceipt")

_SIGNS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's base 32: no I, L, O, U, so that it can be read out on the telephone; sorts like the numbers."""


def new_reference(now: Callable[[], float] = time.time) -> str:
    """20 characters: TC, the time to the millisecond, and 40 random bits. Sorts by time; unique without a counter."""
    return "TC" + _base32(int(now() * 1000), 10) + _base32(secrets.randbits(40), 8)


def bearing(reference: str | None, answer: A) -> A:
    """The answer with the reference of its request, also where the insurer does not repeat it."""
    return answer if answer.reference else answer.model_copy(update={"reference": reference})


def _base32(number: int, length: int) -> str:
    return "".join(_SIGNS[(number >> 5 * place) & 31] for place in reversed(range(length)))
