"""`client.buyers`: find the legal entity whose debt is insured."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from tradecredit_sdk.client.desk import Desk
from tradecredit_sdk.client.inputs import an_id, read
from tradecredit_sdk.models.buyer import Buyer, BuyerQuery, Identifier


class Buyers:
    """Companies as the insurer knows them."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def find(
        self,
        name: str | None = None,
        *,
        country: str,
        identifiers: Sequence[Identifier | Mapping[str, Any]] = (),
        town: str | None = None,
        postal_code: str | None = None,
        max_results: int = 10,
    ) -> tuple[Buyer, ...]:
        """Candidates, best first, none is an empty tuple. Give a name, an identifier, or both; `country` is ISO 3166-1.

        Cover holds only on the exact legal entity (domain rule 10): look at `identifiers` before you take one. A search
        may cost a fee where `client.capabilities.lookup_may_cost` says so.
        """
        named = {
            "name": name,
            "country": country,
            "identifiers": tuple(identifiers) or None,
            "town": town,
            "postal_code": postal_code,
            "max_results": max_results,
        }
        return self._desk.insurer.find_buyers(read(BuyerQuery, None, named))

    def get(self, buyer_id: str) -> Buyer:
        """One company by the insurer's id; NotFoundError."""
        return self._desk.insurer.get_buyer(an_id("buyer_id", buyer_id))
