"""What the insurer tells on its own or when asked: decisions, events and limits, taken over with their history."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from odoo import api, fields, models
from odoo.tools.misc import split_every
from psycopg2.errors import SerializationFailure, UniqueViolation

from tradecredit_sdk import (
    AuthenticationError,
    ConflictError,
    CreditLimit,
    InvalidRequestError,
    LimitDecision,
    NotFoundError,
    Operation,
    RateLimitError,
    ResponseFormatError,
    TradeCreditClient,
    TradeCreditError,
    TransportError,
)

from .insurer_text import plain
from .tradecredit_buyer_identity import on_file

_logger = logging.getLogger(__name__)

AT_ONCE = 100
"""Buyers whose limits are taken over in one transaction: confirmations of them wait no longer than that."""
TRIES = 5
MOST_PAGES = 200
LISTING_HOURS, LISTING_HOURS_WITH_EVENTS = 1, 6
MOST_WRONG = 3
"""Wrong answers on applications after which the others are asked for in the next run."""
OF_EVERYTHING = (TransportError, AuthenticationError, RateLimitError)
"""What follows would go the same way, and may be waited for a minute each time."""
Found = dict[str, list[CreditLimit]]


class TradecreditPolicy(models.Model):
    _inherit = "tradecredit.policy"

    @api.model
    def _cron_poll(self) -> None:
        """Hear the insurer of each policy; one that fails does not keep the others waiting."""
        jobs = self.env["ir.cron"]
        policies = self.search([("buyer_ids", "!=", False)])
        jobs._commit_progress(remaining=len(policies))
        for policy in policies:
            policy._hear(policy._poll)
            if not jobs._commit_progress(processed=1):
                break

    def _hear(self, step: Callable) -> None:
        """A step in which the insurer is heard: whatever is wrong with its answer is an outage of this policy alone."""
        try:
            step()
        except TradeCreditError as error:
            self.env.cr.rollback()
            self._failed(error)
        except Exception:
            self.env.cr.rollback()
            _logger.exception("the insurer of policy %s was not understood", self.name)
            self._failed(ResponseFormatError(self.env._("Its answer was not understood: see the log of the server.")))

    def _poll(self) -> None:
        """Hear all there is; one answer that is wrong does not keep the rest waiting, and is raised at the end."""
        wrong: list[TradeCreditError] = []
        with self._client() as client:
            changed = self._read_decisions(client, wrong)
            try:
                with self._going_on(wrong):
                    self._find_buyers(client)
                known_wrong, happened, cursor = len(wrong), {}, False
                with self._going_on(wrong):
                    happened, cursor = self._read_events(client)
                touched = self._insured().filtered(lambda buyer: buyer.insurer_buyer_id in happened)
                touched |= changed
                with self._going_on(wrong):
                    changed |= self._read_files(client, happened)
                with self._going_on(wrong):
                    heard = self._read_overdues(client, happened, wrong)
                    touched, changed = touched | heard, changed | heard
                if self._is_listing_due(client):
                    changed |= self._read_all_limits(client)
                else:
                    changed |= self._refresh(client, touched | self._never_read())
            except TradeCreditError:
                self._changed(changed)  # known and committed, whatever else goes wrong
                raise
            self._changed(changed)
            if len(wrong) == known_wrong:
                self.event_cursor = cursor  # last, so that an event is read again rather than lost
            self._commit()
        if wrong:
            raise wrong[0]
        self._answered()

    @contextmanager
    def _going_on(self, wrong: list[TradeCreditError]) -> Iterator[None]:
        """Keep what is wrong here for later, unless everything else would go the same way."""
        try:
            yield
        except OF_EVERYTHING:
            raise
        except TradeCreditError as error:
            self.env.cr.rollback()
            wrong.append(error)

    def _follow_up(self, client: TradeCreditClient, buyers) -> None:
        """Something was decided on these buyers: read their limits; if that fails, the next listing brings them."""
        changed = buyers.browse()

        def refresh() -> None:
            nonlocal changed
            changed = self._refresh(client, buyers)

        self._hear(refresh)
        self._changed(buyers | changed)

    def _commit(self) -> None:
        self.env["ir.cron"]._commit_progress()

    # Decisions

    def _read_decisions(self, client: TradeCreditClient, wrong: list[TradeCreditError]):
        """Ask for each application that is undecided; the buyers on whom something was decided.

        What is `wrong` is noted on the application, which is the last one to be asked for in the next run.
        """
        buyers = self.env["tradecredit.buyer"]
        pending = self.env["tradecredit.application"].search([
            ("policy_id", "=", self.id), ("state", "in", ("requested", "referred")),
            ("insurer_application_id", "!=", False),
        ], order="write_date, id")  # fmt: skip
        for application in pending:
            asked = application.insurer_application_id
            self._commit()  # no transaction is open while the insurer is asked
            try:
                decision = client.limits.decision(asked)
            except TradeCreditError as error:  # no refusal: it is still to be decided
                application.last_error = plain(str(error)[:500])
                self._commit()
                if isinstance(error, (NotFoundError, ResponseFormatError)):
                    continue
                wrong.append(error)
                if isinstance(error, OF_EVERYTHING) or len(wrong) >= MOST_WRONG:
                    break
                continue
            if not _is_about(decision, application):
                application.last_error = self.env._("The insurer answered with the decision on another application.")
            elif application._decided(decision):
                buyers |= application.buyer_id
            self._commit()
        return buyers

    # Events

    def _read_events(self, client: TradeCreditClient) -> tuple[dict[str, set[str]], str | bool]:
        """What kinds of things happened, by the insurer's id of the buyer, and the cursor from where to go on next time."""
        happened: dict[str, set[str]] = defaultdict(set)
        if not client.capabilities.supports(Operation.POLL_EVENTS):
            return happened, False
        cursor = self.event_cursor or None
        self._commit()
        try:
            for _page in range(MOST_PAGES):
                page = client.events.poll(cursor=cursor)
                for event in page.items:
                    if event.buyer_id:
                        happened[event.buyer_id].add(event.type)
                if not page.items or page.next_cursor in (None, cursor):
                    break
                cursor = page.next_cursor
        except (InvalidRequestError, NotFoundError, ConflictError):  # the insurer no longer knows our place: begin anew
            self.listed_at = False
            return {}, False
        return happened, cursor or False

    # Limits

    def _insured(self):
        """The buyers that the insurer knows."""
        return self.env["tradecredit.buyer"].search([("policy_id", "=", self.id), ("insurer_buyer_id", "!=", False)])

    def _never_read(self):
        return self._insured().filtered(lambda buyer: not buyer.as_of)

    def _is_listing_due(self, client: TradeCreditClient) -> bool:
        hears = client.capabilities.supports(Operation.POLL_EVENTS)
        hours = min(LISTING_HOURS_WITH_EVENTS if hears else LISTING_HOURS, self.limit_max_age_hours / 2)
        return not self.listed_at or self.listed_at + timedelta(hours=hours) <= fields.Datetime.now()

    def _read_all_limits(self, client: TradeCreditClient):
        buyers = self._insured()
        self._commit()
        as_of, found = self._fetch(client)
        changed = self._take_over_all(buyers, found, as_of)
        self.listed_at = as_of
        self._commit()
        return changed

    def _refresh(self, client: TradeCreditClient, buyers):
        """Read the limits of a few buyers; those of whom anything changed."""
        self._commit()
        as_of, found = self._fetch(client, buyers)
        return self._take_over_all(buyers, found, as_of)

    def _read_limits(self, client: TradeCreditClient, buyers=None) -> None:
        """The same within the caller's transaction, for a person's click: all buyers, or these."""
        as_of, found = self._fetch(client, buyers)
        files = self._fetch_files(client, buyers) if buyers else {}
        changed = self._take_over(self._insured() if buyers is None else buyers, found, as_of)
        for buyer, company in files.items():
            if buyer._take_file(**on_file(company)):
                changed |= buyer
        if buyers is None:
            self.listed_at = as_of
        self._answered()
        changed._limits_changed()

    def _read_for_a_person(self, buyers=None) -> None:
        """Read limits on a click of a requester; UserError says what went wrong."""
        with self._asking() as client:
            self.sudo()._read_limits(client, buyers and buyers.sudo())  # written by the insurer's word only

    def _fetch(self, client: TradeCreditClient, buyers=None) -> tuple[datetime, Found]:
        """All rows of cover by the insurer's id of the buyer, read to the end, and when that began.

        TradeCreditError when anything of it cannot be read or believed; then nothing is taken over.
        """
        as_of = fields.Datetime.now()
        shown: dict[tuple[str, str], CreditLimit] = {}
        for name in [None] if buyers is None else buyers.mapped("insurer_buyer_id"):
            for row in client.limits.list(buyer_id=name):
                if name is not None and row.buyer_id != name:
                    raise ResponseFormatError(f"a limit of buyer {row.buyer_id} was listed for buyer {name}")
                # The same row once more is a page that moved on while it was read.
                if shown.setdefault((row.buyer_id, row.id), row) != row:
                    raise ResponseFormatError(f"limit {row.id} of buyer {row.buyer_id} was listed twice, unlike itself")
        found: Found = defaultdict(list)
        for row in shown.values():
            found[row.buyer_id].append(row)
        names = {row.amount.currency for rows in found.values() for row in rows}
        unknown = names - self._currencies().keys()
        if unknown:
            raise ResponseFormatError(f"a limit is in {', '.join(sorted(unknown))}, a currency that Odoo does not have")
        return as_of, found

    def _currencies(self) -> dict[str, int]:
        currencies = self.env["res.currency"].with_context(active_test=False).search([])  # pylint: disable=no-search-all; few
        return {currency.name: currency.id for currency in currencies}

    def _take_over_all(self, buyers, found: Found, as_of: datetime):
        """Take over in transactions of their own, a few buyers in each."""
        changed = self.env["tradecredit.buyer"]
        for ids in split_every(AT_ONCE, sorted(buyers.ids)):
            some = buyers.browse(ids)
            changed |= self._repeated(lambda some=some: self._take_over(some, found, as_of))
        return changed

    def _repeated(self, step: Callable):
        """A step and its commit, again when a confirmation was quicker: jobs are not repeated by Odoo itself."""
        left = TRIES
        while True:
            left -= 1
            try:
                self._commit()
                done = step()
                self._commit()
            except (SerializationFailure, UniqueViolation):  # others were quicker
                self.env.cr.rollback()
                if not left:
                    raise
            else:
                return done

    def _changed(self, buyers) -> None:
        """Tell other addons; the news is committed already, and their trouble does not undo it."""
        if not buyers:
            return
        self._commit()
        try:
            buyers._limits_changed()
            self._commit()
        except Exception:
            self.env.cr.rollback()
            _logger.exception("limits were taken over, but what follows from them failed")

    def _take_over(self, buyers, found: Found, as_of: datetime):
        """Make the rows of these buyers what the insurer shows; the buyers of whom anything changed.

        Older news than what is known of a buyer is left aside.
        """
        buyers._lock()
        buyers.invalidate_recordset(["as_of", "limit_ids"])
        buyers = buyers.filtered(lambda buyer: not buyer.as_of or buyer.as_of <= as_of)
        changed = self.env["tradecredit.buyer"]
        currencies = self._currencies()
        for buyer in buyers:
            if self._replace_rows(buyer, found.get(buyer.insurer_buyer_id, ()), currencies, as_of):
                changed |= buyer
        buyers.write({"as_of": as_of})
        return changed

    def _replace_rows(self, buyer, limits: Sequence[CreditLimit], currencies: dict[str, int], as_of: datetime) -> bool:
        rows = self.env["tradecredit.limit"]
        known = {row.insurer_limit_id: row for row in buyer.limit_ids.filtered("active")}
        fresh, kept = [], rows
        for limit in limits:
            values = rows._values_of(limit, currencies)
            row = known.get(limit.id)
            if row is None or row._differs(values):
                fresh.append({"buyer_id": buyer.id, "seen_from": as_of, **values})
            else:
                kept |= row
        gone = rows.union(*known.values()) - kept
        gone.write({"active": False, "seen_until": as_of})
        gone.flush_recordset()  # before the row that takes its place
        rows.create(fresh)
        return bool(fresh or gone)


def _is_about(decision: LimitDecision, application) -> bool:
    """Whether the insurer speaks of the application it was asked about."""
    same = decision.application_id == application.insurer_application_id
    its_buyer = decision.buyer_id in (None, application.buyer_id.insurer_buyer_id)
    return same and its_buyer and decision.reference in (None, application.reference)
