"""The nightly scan: what is overdue of insured buyers becomes one draft declaration each, and follows the books.

A handful of queries for all buyers of a policy. It begins with the sums by due date (`tradecredit.receivable`), so buyers
who owe nothing beyond a due date cost nothing.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from tradecredit_sdk import TaxBasis, deadlines

from .account_move_line import ORIGINAL_DUE
from .must_be_told import HERE
from .tradecredit_overdue import AT_THE_INSURER, MOST_INVOICES

_logger = logging.getLogger(__name__)

TOLD = ("to_send", "unknown", "manual", *AT_THE_INSURER, "rejected")
"""Invoices of these are not declared again by the scan."""
NEAR_DAYS = 5
"""So close to the last day an overdue is declared by itself, even where its extension is not over."""
NOTHING = Decimal(0)
QUIET = {"tracking_disable": True, "mail_create_nolog": True, "mail_create_nosubscribe": True}
ITEMS = f"""
    SELECT line.id, line.move_id, partner.commercial_partner_id, line.currency_id, move.name, move.invoice_date, line.due,
           line.date_maturity, line.amount_residual_currency::text, line.tradecredit_net_residual::text,
           move.move_type = 'entry' AND line.amount_residual_currency < 0
      FROM (SELECT *, {ORIGINAL_DUE} AS due FROM account_move_line
             WHERE reconciled IS NOT TRUE AND parent_state = 'posted' AND amount_residual_currency <> 0) AS line
      JOIN account_account account
        ON account.id = line.account_id AND account.account_type = 'asset_receivable' AND account.non_trade IS NOT TRUE
      JOIN res_partner partner ON partner.id = line.partner_id
      JOIN account_move move ON move.id = line.move_id
     WHERE line.company_id = ANY(%s) AND partner.commercial_partner_id = ANY(%s)
  ORDER BY line.due, move.name, line.id
"""  # noqa: S608 - made of constants
LATE = """
    SELECT DISTINCT commercial_partner_id
      FROM (SELECT partner.commercial_partner_id, item.currency
              FROM tradecredit_receivable item
              JOIN res_partner partner ON partner.id = item.debtor
             WHERE item.due < %s AND item.company = ANY(%s)
          GROUP BY 1, 2
            HAVING SUM(item.debits) > 0) AS late
"""


@dataclass
class Item:
    """An open journal item: `open` on the policy's tax basis, `left` once credits without an invoice went to the oldest."""

    line_id: int
    move_id: int
    number: str
    invoice_date: date | None
    due: date
    agreed: date | None
    gross: Decimal
    open: Decimal
    left: Decimal = NOTHING

    @property
    def values(self) -> dict[str, Any]:
        return {
            "move_line_id": self.line_id, "move_id": self.move_id, "number": self.number,
            "invoice_date": self.invoice_date or False, "original_due": self.due, "agreed_due": self.agreed or False,
            "open_amount": float(self.open), "amount": float(self.left),
        }  # fmt: skip


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
                policy._repeated(lambda policy=policy: self._scan(policy))
                self._declare_what_is_due(policy)
                self._report_payments(policy)
            except Exception:
                self.env.cr.rollback()
                _logger.exception("overdues of policy %s could not be looked for", policy.name)
            if not jobs._commit_progress(processed=1):
                break
        self._cron_watch()

    def _refresh(self) -> None:
        """Bring these in line with the books now."""
        for policy, overdues in self.grouped("policy_id").items():
            self._scan(policy, overdues.buyer_id)

    @api.model
    def _scan(self, policy, buyers=None) -> None:
        """All buyers of a policy, or these."""
        self = self.sudo().with_context(**QUIET)  # by the books, not by a user
        known = [("policy_id", "=", policy.id), ("state", "not in", ("settled", "withdrawn"))]
        if buyers is not None:
            known.append(("buyer_id", "in", buyers.ids))
        declarations = self.search(known)
        declarations.line_ids.fetch(["move_line_id", "amount", "open_amount"])
        self.env["tradecredit.exposure"]._flush()
        heads = self._late_heads(policy) if buyers is None else buyers.partner_id
        debts = self._debts(policy, heads | declarations.buyer_id.partner_id)
        open_items = {item.line_id: item for items in debts.values() for item in items}
        declarations._find_lines_again(open_items)
        told_lines = self._told_lines(open_items)
        groups = declarations.grouped(lambda one: (one.buyer_id, one.currency_id))
        fresh: list[tuple[dict[str, Any], list[Item]]] = []
        insured = self._insured(policy, [buyer for buyer, _currency in debts])
        for key in dict.fromkeys([*debts, *groups]):
            buyer, currency = key
            found = groups.get(key, self.browse())
            items = debts.get(key, [])
            new = [item for item in items if item.line_id not in told_lines and item.left > 0]
            draft = found.filtered(lambda one: one.state in HERE)
            values = None
            if buyer in insured and not any(one.state in ("to_send", "unknown") for one in found):
                values = self._wanted(policy, buyer, currency, new, items)
            if draft:
                draft._follow_draft(values, new)
            elif values:
                fresh.append(({"buyer_id": buyer.id, "currency_id": currency.id, **values}, new[:MOST_INVOICES]))
            found.filtered(lambda one: one.state in TOLD)._follow_told(open_items)
        overdues = self.create([values for values, _items in fresh])
        self.env["tradecredit.overdue.line"]._insert(
            {"overdue_id": overdue.id, **item.values}
            for overdue, (_values, items) in zip(overdues, fresh, strict=True)
            for item in items
        )

    @api.model
    def _late_heads(self, policy):
        """Commercial partners with something open beyond its due date."""
        exposure = self.env["tradecredit.exposure"]
        rows = self.env.execute_query(SQL(LATE, exposure._today(policy), exposure._companies(policy)))
        return self.env["res.partner"].browse(head for (head,) in rows)

    @api.model
    def _debts(self, policy, heads) -> dict[tuple[Any, Any], list[Item]]:
        """What each legal entity owes in each currency, the oldest first, by (buyer, currency)."""
        buyers, currencies = self.env["tradecredit.buyer"], self.env["res.currency"]
        owner, families = {}, set(buyers._families(policy, heads).values())
        everybody = [buyer for family in families for buyer in family.buyer_ids]
        for family in families:
            if chief := buyers._chief(buyers.browse(family.buyer_ids).with_prefetch(everybody)):
                owner |= dict.fromkeys(family.partner_ids, chief)
        companies = self.env["tradecredit.exposure"]._companies(policy)
        is_net = policy._terms().sdk.tax_basis == TaxBasis.NET
        debts, loose = defaultdict(list), defaultdict(list)
        rows = self.env.execute_query(SQL(ITEMS, companies, list(owner))) if owner else []
        for line, move, partner, currency, name, day, due, agreed, gross, net, is_loose in rows:
            amounts = Decimal(gross), Decimal(net if is_net and net is not None else gross)
            item = Item(line, move, name, day, due, agreed if agreed and agreed > due else None, *amounts)
            key = owner[partner], currencies.browse(currency)
            (debts if amounts[0] > 0 else loose)[key].append((item, is_loose))
        for key, found in debts.items():
            _spend([item for item, _loose in found], loose.get(key, ()), key[1])
        return {key: [item for item, _loose in found] for key, found in debts.items()}

    @api.model
    def _insured(self, policy, buyers: Iterable[Any]):
        """Those of the buyers on whom there is cover, or was: what was delivered then is insured."""
        buyers = self.env["tradecredit.buyer"].union(*buyers).filtered(lambda buyer: not buyer.exempt)
        if policy.has_discretionary_limit:
            return buyers
        limits = self.env["tradecredit.limit"].with_context(active_test=False)
        groups = limits._read_group([("buyer_id", "in", buyers.ids), ("amount", ">", 0)], ["buyer_id"])
        return buyers.browse(buyer.id for (buyer,) in groups)

    @api.model
    def _wanted(self, policy, buyer, currency, new: list[Item], items: list[Item]) -> dict[str, Any] | None:
        """The head of a declaration of these; None when none is needed."""
        today = self.env["tradecredit.exposure"]._today(policy)
        late = sum((item.left for item in new if item.due < today), NOTHING)
        if late <= 0 or self._is_below_threshold(policy, currency, late, today):
            return None
        oldest = min(item.due for item in new)
        clock = deadlines(oldest, policy._terms().sdk, insolvent_on=buyer.insolvent_on or None)
        days = (today - oldest).days
        return {
            "late_amount": float(late),
            "outstanding": float(sum((item.left for item in items), NOTHING)),
            "oldest_due": oldest,
            "stop_on": clock.stop_of_cover,
            "notify_by": clock.notification,
            "age": str(min((max(days, 1) - 1) // 30 + 1, 4)),
        }

    @api.model
    def _is_below_threshold(self, policy, currency, late: Decimal, today: date) -> bool:
        """Without a rate nothing is excused."""
        least = policy._terms().sdk.overdue_threshold
        if least is None:
            return False
        if currency.name == least.currency:
            return late < least.amount
        own = policy._terms().company_currency
        rates = self.env["tradecredit.exposure"]._rates(policy, {currency.name, least.currency}, today)
        rates[own] = Decimal(1)
        if not {currency.name, least.currency} <= rates.keys():
            return False
        return late / rates[currency.name] * rates[least.currency] < least.amount

    def _follow_draft(self, values: dict[str, Any] | None, new: list[Item]) -> None:
        """What was not declared yet is what is open now; it is closed when nothing is to be declared."""
        self.ensure_one()
        if values is None:
            self.line_ids.write({"open_amount": 0.0, "state": "paid"})
            self.state = "settled"
            self._close_warnings()
            self.message_post(body=self.env._("Nothing of this is to be declared any more."))
            return
        changes = {name: value for name, value in values.items() if self[name] != value}
        if "notify_by" in changes:
            changes["warned_days"] = self._fields["warned_days"].default(self)
        self.write(changes)
        wanted = {item.line_id: item for item in new[:MOST_INVOICES]}
        gone = self.line_ids.filtered(lambda line: line.move_line_id.id not in wanted)
        for line in self.line_ids - gone:
            changes = _changes(line, wanted.pop(line.move_line_id.id).values)
            if line.disputed_amount > changes.get("amount", line.amount):
                changes["disputed_amount"] = changes["amount"]
            if changes:
                line.write(changes)
        gone.unlink()
        self.line_ids.create([{"overdue_id": self.id, **item.values} for item in wanted.values()])

    def _find_lines_again(self, open_items: dict[int, Item]) -> None:
        """An invoice that was corrected may have other journal items now: it is not paid by that."""
        lost = self.line_ids.filtered(lambda line: line.move_id and not line.move_line_id)
        if not lost:
            return
        taken = set(self.line_ids.move_line_id.ids)
        spare = defaultdict(list)
        for item in open_items.values():
            if item.line_id not in taken:
                spare[item.move_id].append(item.line_id)
        for line in lost:
            if found := spare[line.move_id.id]:
                line.move_line_id = found.pop(0)

    @api.model
    def _told_lines(self, open_items: dict[int, Item]) -> set[int]:
        """Those that a declaration has, be it another row's of the same legal entity."""
        lines = self.env["tradecredit.overdue.line"].search_fetch(
            [("move_line_id", "in", list(open_items)), ("overdue_id.state", "in", TOLD)], ["move_line_id"]
        )  # fmt: skip
        return set(lines.move_line_id.ids)

    def _follow_told(self, open_items: dict[int, Item]) -> None:
        """What was declared keeps its amounts; what is open of it follows the books."""
        for line in self.line_ids:
            item = open_items.get(line.move_line_id.id)
            values = {"open_amount": float(item.left) if item else 0.0, "state": "open" if item else "paid"}
            if changes := _changes(line, values):
                line.write(changes)

    @api.model
    def _declare_what_is_due(self, policy) -> None:
        """Where the policy wants it: declare what nobody will pay within its extension. What is wrong with one is said on it."""
        if not policy.declare_automatically:
            return
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


def _spend(items: list[Item], loose: Iterable[tuple[Item, bool]], currency) -> None:
    """What the buyer paid or was credited without an invoice goes to the oldest items.

    A payment that is not assigned has no tax of its own: on a policy without tax it counts by the share of the invoices.
    """
    gross = sum((item.gross for item in items), NOTHING)
    share = sum((item.open for item in items), NOTHING) / gross
    purse = -sum((item.gross * share if is_loose else item.open for item, is_loose in loose), NOTHING)
    purse = Decimal(str(currency.round(float(purse))))
    for item in items:
        part = min(purse, item.open)
        item.left, purse = item.open - part, purse - part


def _changes(line, values: dict[str, Any]) -> dict[str, Any]:
    """Those of the values that the row does not have."""
    changed = {}
    for name, value in values.items():
        field = line._fields[name]
        old = line[name].id if field.type == "many2one" else line[name]
        is_same = line.currency_id.compare_amounts(old, value) == 0 if field.type == "monetary" else old == value
        if not is_same:
            changed[name] = value
    return changed
