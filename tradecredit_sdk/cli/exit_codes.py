"""The exit codes of `tradecredit`: documented, stable, and made for scripts.

A wrong command line is USAGE, and so is a missing setting: in both cases nothing was sent and the caller has to change
something here. REFUSED is an answer: the validation of the value's meaning, or the insurer, said no. Work that is done
while a decision is pending ends with DONE; a command that was asked for the decision ends with PENDING.
"""

from __future__ import annotations

from enum import IntEnum


class ExitCode(IntEnum):
    """What came of it."""

    DONE = 0
    """Done; an order is allowed, or allowed with a warning."""
    OTHER = 1
    """Something else went wrong."""
    USAGE = 2
    """The command line or the configuration is wrong or incomplete; nothing was sent."""
    AUTHENTICATION = 3
    """The insurer did not accept the key, or the key may not do this."""
    REFUSED = 4
    """Refused by validation or by the insurer, or not found; some lines of an input file were malformed."""
    RATE_LIMIT = 5
    """Too many calls; wait and repeat."""
    SERVER = 6
    """The insurer's server failed, or answered something that is not its contract."""
    NETWORK = 7
    """No connection, no answer, or no answer in time."""
    BLOCKED = 10
    """The order, or at least one of them, must not ship on open account as it stands."""
    PENDING = 11
    """The insurer has not decided yet."""
    PAST_DUE = 12
    """A last day has passed without what it was for: an overdue was not declared, or a claim not filed."""
    INTERRUPTED = 130
    """Ctrl-C."""
