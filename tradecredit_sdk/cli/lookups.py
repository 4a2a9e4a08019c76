"""What a list of orders needs from the insurer: who its customers are, and what cover they have; asked once each."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timezone
from typing import TYPE_CHECKING, NamedTuple

from tradecredit_sdk.cli.output import note
from tradecredit_sdk.errors import InvalidInputError, InvalidRequestError, NotFoundError
from tradecredit_sdk.insurers.base import Operation
from tradecredit_sdk.models.buyer import Buyer, Identifier, KnownIdentifier
from tradecredit_sdk.models.identifier import bare_number
from tradecredit_sdk.models.limit import CreditLimit, LimitApplication, LimitPosition
from tradecredit_sdk.rules.cover import was_decided

if TYPE_CHECKING:
    from tradecredit_sdk.cli.ledger_files import Party
    from tradecredit_sdk.client import TradeCreditClient
    from tradecredit_sdk.models.order import Order

Number = tuple[str | None, str, str]
"""Country, letters and digits of an identifier; insurers call its kind by names of their own."""


class Owners(NamedTuple):
    """Whose the customers are: the one buyer by customer, or for the doubtful ones all that it may be."""

    buyers: dict[str, str]
    doubtful: dict[str, frozenset[str]]


EXACT = 100
"""The score of a company found by its number, where the insurer scores at all."""


def known_buyers(parties: Mapping[str, Party]) -> dict[str, str]:
    """The insurer's ids that the files themselves give, by customer."""
    return {customer: party.buyer_id for customer, party in parties.items() if party.buyer_id}


def to_identify(parties: Mapping[str, Party], wanted: Iterable[str]) -> list[tuple[Identifier, ...]]:
    """The identifiers to look for so that each wanted customer without an id becomes known; each legal entity once."""
    unknown = (parties[customer] for customer in wanted if customer in parties)
    return list(dict.fromkeys(party.identifiers for party in unknown if not party.buyer_id and party.identifiers))


def identify(
    client: TradeCreditClient,
    parties: Mapping[str, Party],
    wanted: Collection[tuple[Identifier, ...]],
    step: Callable[[], None] = lambda: None,
    hits: Iterable[tuple[Buyer, tuple[Identifier, ...]]] = (),
) -> Owners:
    """Whose each customer is, by VAT or registration number alone: a name that fits is no proof (rule 10).

    Customers that share a number, with each other or with the insurer's own file on the buyer, are one legal buyer. One
    that the insurer does not know is left out. `hits` are buyers known before.
    """
    found = list(hits)
    for identifiers in wanted:
        found += [(buyer, identifiers) for buyer in _exact(client, identifiers)]
        step()
    return same_entity(parties, found)


def same_entity(parties: Mapping[str, Party], hits: Iterable[tuple[Buyer, tuple[Identifier, ...]]] = ()) -> Owners:
    """Whose each customer without an id is: who has his numbers, in the files or in what the insurer said; no call."""
    owners: dict[Number, set[str]] = {}
    for party in parties.values():
        if party.buyer_id:
            for identifier in party.identifiers:
                owners.setdefault(_number(identifier, party.country), set()).add(party.buyer_id)
    for buyer, identifiers in hits:
        numbers: list[Identifier | KnownIdentifier] = [*identifiers, *buyer.identifiers]
        for number in numbers:
            owners.setdefault(_number(number, buyer.country), set()).add(buyer.id)
    found = Owners({}, {})
    for customer, party in parties.items():
        ids = {each for number in party.identifiers for each in owners.get(_number(number, party.country), ())}
        if party.buyer_id or not ids:
            continue
        if len(ids) > 1:
            found.doubtful[customer] = frozenset(ids)
        else:
            found.buyers[customer] = ids.pop()
    return found


def on_file(client: TradeCreditClient, buyer_ids: Iterable[str], step: Callable[[], None]) -> dict[str, Buyer | None]:
    """What the insurer has on file of each id; None for one that it does not know."""
    found: dict[str, Buyer | None] = {}
    for buyer_id in buyer_ids:
        try:
            found[buyer_id] = client.buyers.get(buyer_id)
        except NotFoundError:
            found[buyer_id] = None
        except InvalidInputError:  # an id that cannot be asked for, such as ".."
            found[buyer_id] = None
        step()
    return found


def undecided_on_file(client: TradeCreditClient, positions: Mapping[str, LimitPosition]) -> dict[str, Buyer | None]:
    """What the insurer has on file of each buyer it never decided on; None for an id that it does not know: mistyped, perhaps.

    The seller's discretionary cover is for buyers nobody has decided on, in the countries of the policy, and ends with
    insolvency. A wrong id would look like one of those, and the insurer may be the only one to know the rest. Not asked
    where that may cost a fee.
    """
    capabilities = client.capabilities
    if capabilities.lookup_may_cost or not capabilities.supports(Operation.GET_BUYER):
        return {}
    undecided = [one for one, known in positions.items() if not was_decided(known.limits, known.applications, one)]
    return on_file(client, undecided, lambda: None)


def as_on_file(position: LimitPosition, filed: Mapping[str, Buyer | None]) -> LimitPosition:
    """The position with what the insurer has on file of the buyer, where it was asked."""
    buyer = filed.get(position.buyer_id)
    if buyer is None:
        return position
    return position.model_copy(update={"buyer_status": buyer.status, "buyer_country": buyer.country or None})


def if_known(order: Order, filed: Mapping[str, Buyer | None]) -> Order:
    """The order without an id that the insurer does not know."""
    unknown = order.buyer_id is not None and filed.get(order.buyer_id, order) is None
    return order.model_copy(update={"buyer_id": None}) if unknown else order


def _number(identifier: Identifier | KnownIdentifier, country: str | None) -> Number:
    country = identifier.country or country
    return country, *bare_number(identifier.value, country)


def _exact(client: TradeCreditClient, identifiers: tuple[Identifier, ...]) -> list[Buyer]:
    """The companies with this number at the insurer; more than one is a doubt."""
    country = next((identifier.country for identifier in identifiers if identifier.country), None)
    if country is None:
        return []
    try:
        hits = client.buyers.find(country=country, identifiers=identifiers)
    except NotFoundError:
        return []
    except (InvalidRequestError, InvalidInputError) as error:
        numbers = ", ".join(identifier.value for identifier in identifiers)
        note(f"warning: {client.name} cannot look for {numbers} in {country}: {error}")
        return []
    return [buyer for buyer in hits if buyer.score in (None, EXACT)]


def positions(client: TradeCreditClient, buyer_ids: Collection[str]) -> dict[str, LimitPosition]:
    """What is known of each of these buyers' limits, from one listing of limits and one of applications."""
    as_of = datetime.now(timezone.utc)
    rows: dict[str, list[CreditLimit]] = {buyer_id: [] for buyer_id in buyer_ids}
    asked: dict[str, list[LimitApplication]] = {buyer_id: [] for buyer_id in buyer_ids}
    if not rows:
        return {}
    for row in client.limits.list():
        if row.buyer_id in rows:
            rows[row.buyer_id].append(row)
    if client.capabilities.supports(Operation.LIST_APPLICATIONS):
        for application in client.limits.applications():
            if application.buyer_id in asked:
                asked[application.buyer_id].append(application)
    return {
        buyer_id: LimitPosition(
            buyer_id=buyer_id, limits=tuple(rows[buyer_id]), applications=tuple(asked[buyer_id]), as_of=as_of
        )
        for buyer_id in rows
    }
