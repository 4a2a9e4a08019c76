"""What a list of orders needs from the insurer: who its customers are, and what cover they have; asked once each."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from tradecredit_sdk.cli.output import note
from tradecredit_sdk.errors import InvalidInputError, InvalidRequestError, NotFoundError
from tradecredit_sdk.insurers.base import Operation
from tradecredit_sdk.models.buyer import Identifier
from tradecredit_sdk.models.limit import CreditLimit, LimitApplication, LimitPosition

if TYPE_CHECKING:
    from tradecredit_sdk.cli.ledger_files import Party
    from tradecredit_sdk.client import TradeCreditClient

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
) -> dict[str, str]:
    """Customer -> the insurer's id, found by VAT or registration number alone: a name that fits is no proof (rule 10).

    Customers that share a number are one legal buyer. One that the insurer does not know is left out.
    """
    found: dict[tuple[Identifier, ...], str] = {}
    for identifiers in wanted:
        buyer_id = _exact(client, identifiers)
        if buyer_id is not None:
            found[identifiers] = buyer_id
        step()
    return {
        customer: found[party.identifiers]
        for customer, party in parties.items()
        if party.identifiers in found and not party.buyer_id
    }


def _exact(client: TradeCreditClient, identifiers: tuple[Identifier, ...]) -> str | None:
    country = next((identifier.country for identifier in identifiers if identifier.country), None)
    if country is None:
        return None
    try:
        hits = client.buyers.find(country=country, identifiers=identifiers)
    except NotFoundError:
        return None
    except (InvalidRequestError, InvalidInputError) as error:
        numbers = ", ".join(identifier.value for identifier in identifiers)
        note(f"warning: {client.name} cannot look for {numbers} in {country}: {error}")
        return None
    exact = [buyer.id for buyer in hits if buyer.score in (None, EXACT)]
    return exact[0] if len(exact) == 1 else None


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
            if application.is_pending and application.buyer_id in asked:
                asked[application.buyer_id].append(application)
    return {
        buyer_id: LimitPosition(
            buyer_id=buyer_id, limits=tuple(rows[buyer_id]), applications=tuple(asked[buyer_id]), as_of=as_of
        )
        for buyer_id in rows
    }
