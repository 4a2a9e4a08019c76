"""The nightly scan: what is overdue of insured buyers becomes one draft declaration each, and follows the books."""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import split_every
from psycopg2.errors import UniqueViolation
from psycopg2.extensions import TransactionRollbackError

from tradecredit_sdk import deadlines, tell_by

from .must_be_told import HERE
from .reader_language import in_language_of
from .tradecredit_overdue import CLOSED, MOST_INVOICES, TOLD
from .tradecredit_overdue_books import NOTHING, Books, Item

_logger = logging.getLogger(__name__)

NEAR_DAYS = 5
"""So close to the last day an overdue is declared by itself, even where its extension is not over."""
AT_ONCE = 500
"""Buyers that are brought in line together; where one of them fails, each by itself."""
QUIET = {"tracking_disable": True, "mail_create_nolog": True, "mail_create_nosubscribe": True}


class TradecreditOverdue(models.Model):
    _inherit = "tradecredit.overdue"

    @api.model
    def _cron_scan(self) -> None:
        """Bring the declarations of each policy in line with the books; one that fails does not keep the others waiting."""
        jobs = self.env["ir.cron"]
        policies = self.env["tradecredit.policy"].search([])  # pylint: disable=no-search-all; one a company
        jobs._commit_progress(remaining=len(policies))
        for policy in policies:
            try:
                failed = self._scan_night(policy)
                failed |= self._declare_what_is_due(policy)
                failed |= self._report_payments(policy)
                policy._overdues_were_found(failed)
            except Exception:
                self.env.cr.rollback()
                _logger.exception("overdues of policy %s could not be looked for", policy.name)
                policy._overdues_were_not_found()
            if not jobs._commit_progress(processed=1):
                break
        self._cron_watch()

    @api.model
    def _scan_night(self, policy):
        """All buyers of a policy; those of whom nothing could be found out.

        What a person did at the same moment is seen by a new transaction only: whoever fails has a second try.
        """
        failed = policy._repeated(lambda: self._scan(policy, is_careful=True))
        return policy._repeated(lambda: self._scan(policy, failed, is_careful=True)) if failed else failed

    def _refresh(self) -> None:
        """Bring these in line with the books now."""
        for policy, overdues in self.grouped("policy_id").items():
            self._scan(policy, overdues.buyer_id)

    @api.model
    def _scan(self, policy, buyers=None, *, is_careful: bool = False):
        """All buyers of a policy, or these. `is_careful`: a fault with one harms no other; those with faults."""
        self = in_language_of(policy._who_is_told(), self.sudo().with_context(**QUIET))  # by the books, not by a user
        known = [("policy_id", "=", policy.id), ("state", "not in", CLOSED)]
        if buyers is not None:
            buyers = buyers._rows_of_family(policy)
            known.append(("buyer_id", "in", buyers.ids))
        declarations = self.search(known, order="id")
        declarations.line_ids.fetch(["move_line_id", "amount", "open_amount"])
        books = self._read_books(policy, buyers, declarations)
        declarations._read_what_became(books)
        if not is_careful:
            self._bring_in_line(books, books.keys)
            return self.env["tradecredit.buyer"]
        failed = self.env["tradecredit.buyer"]
        for keys in split_every(AT_ONCE, books.keys):
            if not self._try_to_bring_in_line(books, keys):
                for key in keys:
                    if not self._try_to_bring_in_line(books, [key], is_last=True):
                        failed |= key[0]
        return failed

    @api.model
    def _try_to_bring_in_line(self, books: Books, keys, *, is_last: bool = False) -> bool:
        try:
            with self.env.cr.savepoint():
                self._bring_in_line(books, keys)
        except TransactionRollbackError:  # the whole of it is to be done again
            raise
        except UniqueViolation:  # a person was quicker
            _logger.info("overdues of %s are looked for again", keys[0][0].name)
            return False
        except Exception:
            if is_last:
                _logger.exception("overdues of %s could not be looked for", keys[0][0].name)
            return False
        return True

    @api.model
    def _bring_in_line(self, books: Books, keys: Iterable[tuple[Any, Any]]) -> None:
        """The declarations of these (buyer, currency)."""
        fresh: list[tuple[dict[str, Any], list[Item]]] = []
        for key in keys:
            buyer, currency = key
            found = books.declarations.get(key, self.browse())
            items = books.debts.get(key, [])
            new = [item for item in items if item.line_id not in books.told and item.left > 0]
            new = self._add_to_declared(books, items, new)
            if here := found.filtered(lambda one: one.state in HERE):
                here._follow_here(books, new)
            elif buyer in books.insured and (values := self._wanted(books, buyer, items, new)):
                fresh.append(({"buyer_id": buyer.id, "currency_id": currency.id, **values}, _first(new)))
            found.filtered(lambda one: one.state in TOLD)._follow_told(books)
        self._prepare(fresh)

    @api.model
    def _prepare(self, fresh: list[tuple[dict[str, Any], list[Item]]]) -> None:
        """New drafts; what was disputed of an invoice before still is."""
        overdues = self.create([values for values, _items in fresh])
        lines = self.env["tradecredit.overdue.line"]
        disputes = lines.search_fetch([
            ("move_line_id", "in", [item.line_id for _values, items in fresh for item in items]),
            ("disputed_amount", ">", 0),
        ], ["move_line_id", "disputed_amount"], order="id") if fresh else lines  # fmt: skip
        disputed = {line.move_line_id.id: line.disputed_amount for line in disputes}
        lines._insert(
            {"overdue_id": overdue.id, "disputed_amount": disputed.get(item.line_id), **item.values}
            for overdue, (_values, items) in zip(overdues, fresh, strict=True)
            for item in items
        )

    @api.model
    def _wanted(
        self, books: Books, buyer, items: list[Item], new: list[Item], *, is_kept: bool = False
    ) -> dict[str, Any] | None:
        """The head of a declaration of what is `new` among a debt; None when nothing of it is to be declared.

        `is_kept`: some of it is in doubt, and no threshold excuses it.
        """
        late = sum((item.left for item in new if item.due < books.today), NOTHING)
        if late <= 0 or (buyer in books.excused and not is_kept):
            return None
        oldest, terms = min(item.due for item in new), books.policy._terms().sdk
        clock = deadlines(oldest, terms, insolvent_on=buyer.insolvent_on or None)
        # What fell due after an insolvency could not be declared within days of it.
        notify_by = clock.notification if clock.notification >= oldest else tell_by(oldest, terms)
        days = (books.today - oldest).days
        return {
            "late_amount": float(late),
            "outstanding": float(sum((item.left for item in items), NOTHING)),
            "oldest_due": oldest,
            "stop_on": clock.stop_of_cover,
            "notify_by": notify_by,
            "age": str(min((max(days, 1) - 1) // 30 + 1, 4)),
        }

    def _follow_here(self, books: Books, new: list[Item]) -> None:
        """What the insurer does not have of one buyer in one currency: each keeps its invoices, the last one has others."""
        last = (self.filtered(lambda one: one.state == "draft") or self)[-1]
        holder = {line.move_line_id.id: one for one in self for line in one.line_ids}
        shares = defaultdict(list)
        for item in new:
            shares[holder.get(item.line_id, last)].append(item)
        for overdue in self:
            overdue._follow_draft(books, shares[overdue])

    @api.model
    def _declare_what_is_due(self, policy):
        """Where the policy wants it: declare what nobody will pay within its extension. What is wrong with one is said on it."""
        failed = self.env["tradecredit.buyer"]
        if not policy.declare_automatically:
            return failed
        today = self.env["tradecredit.exposure"]._today(policy)
        due = self.search([("policy_id", "=", policy.id), ("state", "=", "draft"), ("paused", "=", False)]).filtered(
            lambda one: one.stop_on < today or (one.notify_by - today).days <= NEAR_DAYS
        )
        for overdue in due:
            try:
                with self.env.cr.savepoint():
                    overdue._declare(self.env.user, is_fresh=True)
            except UserError as error:
                overdue.last_error = str(error)[:500]
            except Exception:
                _logger.exception("%s could not be declared", overdue.reference)
                failed |= overdue.buyer_id
        return failed


def _first(items: list[Item]) -> list[Item]:
    """As many as one declaration takes, all parts of an invoice together."""
    documents = list(dict.fromkeys(item.document for item in items))[:MOST_INVOICES]
    return [item for item in items if item.document in set(documents)] if len(documents) == MOST_INVOICES else items
