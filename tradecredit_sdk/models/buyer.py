"""The buyer: the legal entity whose debt is insured, and how it is found at the insurer.

Cover holds only on the exact legal entity (domain rule 10), so national numbers are validated and never guessed.
"""

from __future__ import annotations

from enum import Enum
from typing import Annotated

from pydantic import Field, StringConstraints, model_validator

from tradecredit_sdk.models.base import Country, Id, RequestModel, ResponseModel, open_enum
from tradecredit_sdk.models.identifier import normalise_identifier


class IdentifierType(str, Enum):
    """What kind of number identifies a company."""

    VAT = "vat"
    REGISTRATION = "registration"
    INSURER = "insurer"
    LEI = "lei"
    DUNS = "duns"


class Identifier(RequestModel):
    """A number that names one company, e.g. `Identifier(type="vat", value="FR40303265045", country="FR")`.

    `value` is a string, kept with its leading zeros and normalised (blanks and dots removed) by python-stdnum where
    it knows the country's number. ValueError when the check digits are wrong.
    """

    type: IdentifierType
    value: Annotated[str, StringConstraints(min_length=1, max_length=40, strict=True)]
    country: Country | None = None

    @model_validator(mode="after")
    def _normalise(self) -> Identifier:
        value = normalise_identifier(self.type.value, self.value, self.country)
        if value != self.value:
            object.__setattr__(self, "value", value)
        return self


class KnownIdentifier(ResponseModel):
    """An identifier as the insurer has it on file: taken as it is, not validated."""

    type: open_enum(IdentifierType)  # type: ignore[valid-type]
    value: str
    country: str | None = None


class Address(ResponseModel):
    """Where the company is seated; any part may be missing."""

    street: str | None = None
    postal_code: str | None = None
    town: str | None = None
    country: str | None = None


STOPPED = frozenset({"insolvent", "ceased"})
"""Statuses of a company to which new deliveries are not insured (domain rules 6 and 7)."""


class Buyer(ResponseModel):
    """A company as the insurer knows it. `id` is the insurer's own; `grade` is its risk grade as given (open text).

    `status` is the insurer's word, too; one of `STOPPED` ends cover.

    `score` (0-100) tells how well the company matches a search, None outside a search or where the insurer gives none.
    """

    id: Id
    name: str
    country: str
    identifiers: tuple[KnownIdentifier, ...] = ()
    address: Address | None = None
    grade: str | None = None
    status: str | None = None
    score: int | None = None


class BuyerQuery(RequestModel):
    """What to look for: a name, or an identifier, or both; always within one country."""

    name: Annotated[str, StringConstraints(min_length=1, max_length=200)] | None = None
    country: Country
    identifiers: tuple[Identifier, ...] = ()
    town: str | None = None
    postal_code: str | None = None
    max_results: int = Field(10, ge=1, le=100)

    @model_validator(mode="after")
    def _something_to_look_for(self) -> BuyerQuery:
        if self.name is None and not self.identifiers:
            raise ValueError("give a name or an identifier to look for")
        return self
