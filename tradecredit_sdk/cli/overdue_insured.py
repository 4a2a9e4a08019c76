"""`overdue scan --insured`: the list of buyers that are declared. A list that fits nobody must not excuse everybody."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from tradecredit_sdk.cli.output import note
from tradecredit_sdk.errors import InvalidInputError

_VALUE = re.compile(rb'[^,;\t"\r\n]+')
_READ = 1 << 20
_NAMED = 10


def listed(path: Path) -> frozenset[str]:
    """The buyer ids or customer numbers, one a line; InvalidInputError when there are none."""
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except UnicodeDecodeError:
        raise InvalidInputError(f"{path}: is not a text file in UTF-8") from None
    found = frozenset(line.strip() for line in lines if line.strip())
    if not found:
        raise InvalidInputError(
            f"{path}: is empty, so that nobody would be declared: leave out --insured, or name buyers"
        )
    return found


def name_strangers(wanted: frozenset[str], known: Iterable[str], path: Path, ledger: Path) -> None:
    """Warn of entries that are nowhere in the ledger; InvalidInputError when all are.

    `known` are ids and customers that were met already: only the others are looked for, whose lines have nothing near.
    """
    strangers = wanted.difference(known)
    strangers = strangers - _in_file(ledger, strangers) if strangers else strangers
    if len(strangers) == len(wanted):
        remedy = "write buyer ids or customer numbers as the ledger has them, one a line"
        raise InvalidInputError(f"{path}: none of its {len(wanted):,} entries is in {ledger.name}: {remedy}")
    if strangers:
        names = ", ".join(sorted(strangers)[:_NAMED]) + (" ..." if len(strangers) > _NAMED else "")
        note(f"warning: {path.name}: {len(strangers):,} of {len(wanted):,} entries are not in {ledger.name}: {names}")


def _in_file(ledger: Path, wanted: frozenset[str]) -> set[str]:
    """Those of them that are values in the file, in whatever column."""
    words, found, left = {one.encode(): one for one in wanted}, set[bytes](), b""
    with ledger.open("rb") as stream:
        while read := stream.read(_READ):
            whole = left + read
            cut = whole.rfind(b"\n") + 1
            left = whole[cut:]
            found |= words.keys() & map(bytes.strip, _VALUE.findall(whole[:cut]))
    found |= words.keys() & map(bytes.strip, _VALUE.findall(left))
    return {words[one] for one in found}
