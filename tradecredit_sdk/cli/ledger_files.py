"""The seller's CSV files: the ledger of open items, the orders to check, and exchange rates.

Each reader yields the good lines as models and keeps a list of problems, one for each line that is wrong. A ledger line
that cannot be read is debt that is not counted, so what stands on it is remembered and no order of whom it may concern
passes unseen (`unread`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from difflib import get_close_matches
from operator import itemgetter
from pathlib import Path
from typing import Annotated, Generic, NamedTuple, TypeVar

from pydantic import StringConstraints, TypeAdapter, ValidationError, ValidationInfo, field_validator

from tradecredit_sdk.cli.csv_records import Records, RowProblem
from tradecredit_sdk.cli.csv_values import WrongValueError, read_day, read_money, read_whole, shown, visible
from tradecredit_sdk.errors import FieldError, InvalidInputError
from tradecredit_sdk.models.base import Country, Id, RequestModel
from tradecredit_sdk.models.buyer import BuyerQuery, Identifier, IdentifierType
from tradecredit_sdk.models.exposure import ItemKind, OpenItem
from tradecredit_sdk.models.identifier import normalise_identifier
from tradecredit_sdk.models.order import Order
from tradecredit_sdk.models.problems import field_problems
from tradecredit_sdk.models.rates import ExchangeRates

T = TypeVar("T")

_PARTY = ("customer", "name", "country", "vat_number", "registration_number", "buyer_id")
LEDGER_COLUMNS = {
    "customer": True, "name": False, "country": False, "vat_number": False, "registration_number": False,
    "buyer_id": False, "document": True, "kind": False, "due_date": True, "amount": True, "tax": False,
    "currency": True, "invoice_date": False, "agreed_due_date": False, "disputed": False, "declared_on": False,
}  # fmt: skip
"""Columns of the ledger, in any order, and whether the file must have them."""
ORDER_COLUMNS = {
    "order": True, "customer": True, "name": False, "country": False, "vat_number": False,
    "registration_number": False, "buyer_id": False, "amount": True, "tax": False, "currency": True,
    "terms_days": False,
}  # fmt: skip
"""Columns of the orders; no `terms_days` means the policy's."""
RATE_COLUMNS = {"base": True, "currency": True, "rate": True}
"""One line for each currency: 1 unit of `base` buys `rate` units of `currency`."""

_IDENTIFIERS = {"vat_number": IdentifierType.VAT, "registration_number": IdentifierType.REGISTRATION}
_ITEM_COLUMNS = {"number": "document", "original_due_date": "due_date"}
_OPEN_ITEM = TypeAdapter(OpenItem)


class Party(RequestModel):
    """A customer as the ERP knows it, and what identifies the legal entity; validated, check digits included."""

    customer: Annotated[str, StringConstraints(min_length=1, max_length=64)]
    name: Annotated[str, StringConstraints(max_length=200)] | None = None
    country: Country | None = None
    vat_number: str | None = None
    registration_number: str | None = None
    buyer_id: Id | None = None

    @field_validator("vat_number", "registration_number")
    @classmethod
    def _check_digits(cls, value: str | None, info: ValidationInfo) -> str | None:
        # A country that is wrong by itself is named once, not twice.
        if value is None or "country" not in info.data:
            return value
        return normalise_identifier(_IDENTIFIERS[str(info.field_name)].value, value, info.data["country"])

    @property
    def identifiers(self) -> tuple[Identifier, ...]:
        """The numbers there are."""
        numbers = [(kind, getattr(self, field)) for field, kind in _IDENTIFIERS.items()]
        return tuple(Identifier(type=kind, value=value, country=self.country) for kind, value in numbers if value)

    def query(self) -> BuyerQuery | None:
        """What to look for at the insurer; None when there is not enough to look for."""
        identifiers = self.identifiers
        if self.country is None or not (self.name or identifiers):
            return None
        return BuyerQuery(name=self.name, country=self.country, identifiers=identifiers)


class Parties:
    """All customers met in the files, by number. One line may say what another leaves empty, not contradict it."""

    def __init__(self) -> None:
        self.by_customer: dict[str, Party] = {}
        self.met: set[tuple[str, ...]] = set()
        """Cells that were found good: most lines repeat those of an earlier one."""

    def meet(self, cells: tuple[str, ...]) -> None:
        """Take in the cells of `_PARTY`; WrongValueError names what is wrong or contradicts an earlier line."""
        if cells[0] != visible(cells[0]):
            remedy = f"no blanks around it and no invisible characters; write {visible(cells[0])}"
            raise WrongValueError("customer", f"{shown(cells[0])}: {remedy}")
        try:
            party = Party.model_validate({name: cell for name, cell in zip(_PARTY, cells, strict=True) if cell})
        except ValidationError as error:
            column, message = field_problems(error)[0]
            given = cells[_PARTY.index(column)] if column in _PARTY else ""
            raise WrongValueError(column, f"{shown(given)}: {message}" if given else message) from None
        known = self.by_customer.get(party.customer)
        self.by_customer[party.customer] = party if known is None else _merged(known, party)
        self.met.add(cells)


def _merged(known: Party, party: Party) -> Party:
    for name in _PARTY[2:]:
        earlier, given = getattr(known, name), getattr(party, name)
        if earlier and given and earlier != given:
            told = f"an earlier line says {shown(earlier)} of customer {party.customer}"
            raise WrongValueError(name, f"{shown(given)}: {told}")
    return known.model_copy(update={name: getattr(known, name) or getattr(party, name) for name in _PARTY})


class OrderRow(NamedTuple):
    """One order of the file, the line it begins on, and the customer who gave it."""

    line: int
    customer: str
    order: Order


class _File(Generic[T]):
    """Good lines when iterated, once; `problems` afterwards."""

    columns: dict[str, bool]

    def __init__(self, path: Path | str, parties: Parties | None = None) -> None:
        self.records = Records(Path(path), self.columns)
        self.line = 0
        self.parties = Parties() if parties is None else parties

    @property
    def problems(self) -> list[RowProblem]:
        """What was wrong so far, in the order of the lines."""
        return self.records.problems

    def __iter__(self) -> Iterator[T]:
        return self.good(self.records)

    def good(self, records: Iterable[tuple[int, tuple[str, ...]]]) -> Iterator[T]:
        """What can be read of the records; `line` is that of the last one, what is wrong is added to `problems`."""
        names = list(self.columns)
        who = itemgetter(*(names.index(name) for name in _PARTY))
        met, meet, read = self.parties.met, self.parties.meet, self._read
        for line, cells in records:
            party = who(cells)
            try:
                if party not in met:
                    meet(party)
                good = read(line, cells)
            except WrongValueError as error:
                self.records.problem(line, error.column, str(error), party[0], party)
                continue
            self.line = line
            yield good

    def _read(self, line: int, cells: tuple[str, ...]) -> T:
        raise NotImplementedError


class Ledger(_File[OpenItem]):
    """The ledger: iterate for its open items, then look at `problems`."""

    columns = LEDGER_COLUMNS

    def __init__(self, path: Path | str, parties: Parties | None = None) -> None:
        super().__init__(path, parties)
        self._days: dict[str, date] = {}

    def _read(self, line: int, cells: tuple[str, ...]) -> OpenItem:
        customer, _, _, _, _, _, document, kind, due, amount, tax, currency, *history = cells
        day = self._day(due, "due_date")
        item_kind = _KINDS.get(kind)
        if item_kind is None:
            raise WrongValueError("kind", _kind_remedy(kind))
        if day is None and item_kind is ItemKind.INVOICE:
            raise WrongValueError("due_date", "is empty: an invoice needs its original due date, such as 2026-03-31")
        if not document:
            raise WrongValueError("document", "is empty: give the number printed on the document")
        money = read_money(amount, currency)
        item = {"customer": customer, "number": document, "kind": item_kind, "original_due_date": day, "amount": money}
        if tax:
            item["tax"] = read_money(tax, currency, "tax")
        if any(history):
            issued, agreed, disputed, declared = history
            item["invoice_date"] = self._day(issued, "invoice_date")
            item["agreed_due_date"] = self._day(agreed, "agreed_due_date")
            item["disputed"] = read_money(disputed, currency, "disputed") if disputed else None
            item["declared_on"] = self._day(declared, "declared_on")
        try:
            return _OPEN_ITEM.validate_python(item)
        except ValidationError as error:
            field, message = field_problems(error)[0]
            column = _ITEM_COLUMNS.get(field, field if field in LEDGER_COLUMNS else "amount")
            raise WrongValueError(column, message) from None

    def _day(self, text: str, column: str) -> date | None:
        day = self._days.get(text)
        if day is None and text:
            day = self._days[text] = read_day(text, column)
        return day


class Orders(_File[OrderRow]):
    """The orders to check: iterate for them, then look at `problems`."""

    columns = ORDER_COLUMNS

    def _read(self, line: int, cells: tuple[str, ...]) -> OrderRow:
        number, customer, _, country, _, _, buyer_id, amount, tax, currency, terms = cells
        if not number:
            raise WrongValueError("order", "is empty: give the order's number")
        try:
            order = Order(
                number=number,
                buyer_id=buyer_id or None,
                amount=read_money(amount, currency),
                tax=read_money(tax, currency, "tax") if tax else None,
                terms_days=read_whole(terms, "terms_days") if terms else None,
                country=country or None,
            )
        except ValidationError as error:
            field, message = field_problems(error)[0]
            raise WrongValueError(field if field in ORDER_COLUMNS else "amount", message) from None
        return OrderRow(line, customer, order)


def check_headers(*files: Ledger | Orders) -> None:
    """InvalidInputError that names every file whose header is wrong, before anything is read or asked for."""
    found = [(file.records.path.name, _wrong_header(file)) for file in files]
    errors = [(name, error) for name, error in found if error is not None]
    if len(errors) == 1:
        raise errors[0][1]
    if errors:
        fields = tuple(
            FieldError(f"{name}, {item.field}", item.message) for name, error in errors for item in error.fields
        )
        raise InvalidInputError("; ".join(error.message for _, error in errors), fields=fields)


def _wrong_header(file: Ledger | Orders) -> InvalidInputError | None:
    try:
        file.records.check_header()
    except InvalidInputError as error:
        return error
    return None


def read_rates(path: Path | str) -> ExchangeRates:
    """Exchange rates from a CSV file; InvalidInputError names every wrong line, because a rate must not be missed."""
    records = Records(Path(path), RATE_COLUMNS)
    base = ""
    rates: dict[str, str] = {}
    for line, (row_base, currency, rate) in records:
        base = base or row_base
        if row_base != base:
            records.problem(line, "base", f"{shown(row_base)}: all rates of a file are of one base, here {base}")
        elif currency in rates:
            records.problem(line, "currency", f"{shown(currency)}: is there twice")
        else:
            try:
                ExchangeRates(base, {currency: rate})
            except ValueError as error:
                records.problem(line, "rate", f"{shown(rate)} for {shown(currency)}: {error}")
            rates[currency] = rate
    if records.problems:
        fields = tuple(FieldError(f"line {item.line}, column {item.column}", item.message) for item in records.problems)
        raise InvalidInputError(f"{path}: the exchange rates cannot be used", fields=fields)
    if not rates:
        raise InvalidInputError(f"{path}: holds no exchange rates")
    return ExchangeRates(base, rates)


_KINDS = {kind.value: kind for kind in ItemKind} | {"": ItemKind.INVOICE}


def _kind_remedy(kind: str) -> str:
    known = [each.value for each in ItemKind]
    near = get_close_matches(kind.strip().lower().replace(" ", "_").replace("-", "_"), known, n=1)
    return f"{shown(kind)}: did you mean {near[0]}?" if near else f"{shown(kind)}: use one of {', '.join(known)}"
