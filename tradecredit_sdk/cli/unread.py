"""Whose the ledger lines are that could not be read: debt that is not counted must not let an order pass.

A line is a customer's if it names him, his buyer's id or one of his numbers, and it is that of all it names. On a torn
line, whose columns cannot be told apart, a customer number counts only if a good line has it, too: anything else may
stand where the number should. What then belongs to nobody may be anybody's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from tradecredit_sdk.cli.csv_records import RowProblem
from tradecredit_sdk.cli.csv_values import visible
from tradecredit_sdk.cli.ledger_files import Party
from tradecredit_sdk.models.identifier import bare_number

_FEWEST_DIGITS = 5
"""A word with fewer is no national number: it may be terms or a house number."""


class Unread(NamedTuple):
    """How many lines could not be read: by customer, and those that may be anybody's."""

    by_customer: Counter[str]
    anybodys: int


def whose(problems: Iterable[RowProblem], parties: Mapping[str, Party], buyers: Mapping[str, str]) -> Unread:
    """The lines by customer; several customers of one buyer (`buyers`: id by customer) stand for it once."""
    speaker: dict[str, str] = {}  # one customer for each buyer
    for customer, buyer_id in buyers.items():
        speaker.setdefault(buyer_id, customer)
    numbers: dict[tuple[str, str], set[str]] = {}
    for customer, party in parties.items():
        for identifier in party.identifiers:
            for country in (None, party.country):
                numbers.setdefault(bare_number(identifier.value, country), set()).add(customer)
    found, anybodys = Counter[str](), 0
    for problem in problems:
        words = [visible(word) for word in problem.words]
        customers = {word for word in words if word in parties} if problem.is_torn else set()
        own = visible(problem.customer)
        if own and (own in parties or not problem.is_torn):
            customers.add(own)
        for word in words:
            number = bare_number(word, None)
            if len(number[1]) >= _FEWEST_DIGITS:
                customers |= numbers.get(number, set())
        customers |= {speaker[word] for word in words if word in speaker}
        if customers:
            found.update({speaker.get(buyers.get(one, ""), one) for one in customers})
        else:
            anybodys += 1
    return Unread(found, anybodys)
