"""`tradecredit buyer`: the legal entity whose debt is insured, as the insurer knows it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tradecredit_sdk.cli.noun import Noun
from tradecredit_sdk.cli.options import Run, pass_run, shared_options
from tradecredit_sdk.cli.output import Column, emit, emit_one, flat
from tradecredit_sdk.cli.params import COUNTRY, ID, IDENTIFIER, build

if TYPE_CHECKING:
    from tradecredit_sdk.models.buyer import Buyer

COLUMNS = (
    Column("id", "id"),
    Column("name", "name"),
    Column("country", "country"),
    Column("town", "town"),
    Column("identifiers", "numbers"),
    Column("grade", "grade"),
    Column("status", "status"),
    Column("score", "score", numeric=True),
)


def buyer_record(buyer: Buyer) -> dict[str, Any]:
    """The buyer's own JSON, and the town where a table finds it."""
    return {**flat(buyer), "town": buyer.address.town if buyer.address else None}


@click.group(cls=Noun)
def buyer() -> None:
    """Find the legal entity you sell to.

    Cover holds only on the exact legal entity: compare name, seat and number with your order before you use an id.
    """


@buyer.command()
@click.argument("name", required=False)
@click.option("--country", required=True, type=COUNTRY, metavar="CC", help="ISO 3166-1 alpha-2, such as DE.")
@click.option("--id", "identifiers", multiple=True, type=IDENTIFIER, metavar="TYPE:VALUE",
              help="vat:, registration:, insurer:, lei: or duns:, such as vat:DE136695976. Repeatable.")  # fmt: skip
@click.option("--town", help="The town of its seat.")
@click.option("--postal-code", help="The postal code of its seat.")
@click.option("--max-results", type=click.IntRange(1, 100), default=10, show_default=True)
@shared_options
@pass_run
def find(
    run: Run, name: str | None, country: str, identifiers: tuple[tuple[str, str], ...], town: str | None,
    postal_code: str | None, max_results: int,
) -> None:  # fmt: skip
    """Find companies by NAME, by number, or both; best match first. Nothing found is an empty list.

    At some insurers every search is billed.
    """
    if name is None and not identifiers:
        raise click.UsageError("give a NAME or an --id TYPE:VALUE to look for")
    from tradecredit_sdk.models.buyer import BuyerQuery

    numbers = tuple({"type": kind, "value": value, "country": _country(kind, country)} for kind, value in identifiers)
    query = build(
        BuyerQuery, name=name, country=country, identifiers=numbers, town=town, postal_code=postal_code,
        max_results=max_results,
    )  # fmt: skip
    found = run.client().buyers.find(**dict(query))
    emit(run.output, map(buyer_record, found), COLUMNS, nothing="no such company was found")


@buyer.command()
@click.argument("buyer_id", type=ID, metavar="ID")
@shared_options
@pass_run
def show(run: Run, buyer_id: str) -> None:
    """Show one company by the insurer's ID."""
    emit_one(run.output, buyer_record(run.client().buyers.get(buyer_id)), COLUMNS)


def _country(kind: str, country: str) -> str | None:
    """VAT and registration numbers belong to a country; the other kinds are the same everywhere."""
    return country if kind in ("vat", "registration") else None
