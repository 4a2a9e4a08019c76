"""The books as an insurer sees them: what each legal entity owes, and what has become of what it owed.

A handful of queries for all buyers of a policy. It begins with the sums by due date (`tradecredit.receivable`), so buyers
who owe nothing beyond a due date cost nothing.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from odoo import api, models
from odoo.tools import SQL

from tradecredit_sdk import TaxBasis

from .account_move_line import ORIGINAL_DUE
from .tradecredit_overdue import TOLD

NOTHING = Decimal(0)
MONEY = (
    "(move.move_type <> 'entry' OR journal.type IN ('bank', 'cash', 'credit') OR move.origin_payment_id IS NOT NULL)"
)
"""Of what stands against a debt, in SQL: a payment or a credit note. Any other entry moves a debt or gives it up."""
ITEMS = f"""
    SELECT line.id, move.move_type = 'entry', line.move_id, partner.commercial_partner_id, line.currency_id,
           CASE WHEN move.move_type = 'entry' THEN COALESCE(NULLIF(line.name, ''), move.name) ELSE move.name END,
           move.invoice_date, line.due, line.date_maturity, line.amount_residual_currency::text,
           line.tradecredit_net_residual::text
      FROM (SELECT *, {ORIGINAL_DUE} AS due FROM account_move_line
             WHERE reconciled IS NOT TRUE AND parent_state = 'posted' AND amount_residual_currency <> 0) AS line
      JOIN account_account account
        ON account.id = line.account_id AND account.account_type = 'asset_receivable' AND account.non_trade IS NOT TRUE
      JOIN res_partner partner ON partner.id = line.partner_id
      JOIN account_move move ON move.id = line.move_id
      JOIN account_journal journal ON journal.id = move.journal_id
     WHERE line.company_id = ANY(%s) AND partner.commercial_partner_id = ANY(%s)
       AND (line.amount_residual_currency > 0 OR {MONEY})
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
FACTS = f"""
    SELECT line.id, line.parent_state, partner.commercial_partner_id, line.amount_residual_currency = 0,
           account.account_type = 'asset_receivable' AND account.non_trade IS NOT TRUE,
           COALESCE(part.aside, 0)::text, COALESCE(part.moves, ARRAY[]::int[])
      FROM account_move_line line
      JOIN account_account account ON account.id = line.account_id
 LEFT JOIN res_partner partner ON partner.id = line.partner_id
CROSS JOIN LATERAL (
           SELECT SUM(part.debit_amount_currency * given_up.share) AS aside, array_agg(DISTINCT move.id) AS moves
             FROM account_partial_reconcile part
             JOIN account_move_line credit ON credit.id = part.credit_move_id
             JOIN account_move move ON move.id = credit.move_id
             JOIN account_journal journal ON journal.id = move.journal_id
       CROSS JOIN LATERAL (
                  SELECT CASE
                         WHEN NOT {MONEY} THEN 1
                         WHEN move.move_type <> 'entry' THEN 0
                         ELSE COALESCE(SUM(other.debit) FILTER (
                                WHERE kind.account_type LIKE 'expense%%' OR kind.account_type LIKE 'income%%'), 0)
                              / NULLIF(SUM(other.credit) FILTER (WHERE kind.account_type = 'asset_receivable'), 0)
                         END AS share
                    FROM account_move_line other
                    JOIN account_account kind ON kind.id = other.account_id
                   WHERE other.move_id = move.id) AS given_up
            WHERE part.debit_move_id = line.id AND part.debit_amount_currency <> 0 AND given_up.share > 0) AS part
     WHERE line.id = ANY(%s)
"""  # noqa: S608 - made of constants
"""What became of journal items. A payment may be entered together with a loss: that share of it is no money."""


@dataclass
class Item:
    """An open journal item: `open` on the policy's tax basis, `left` once credits without an invoice went to the oldest.

    `document` is what carries its number: the invoice, or of any other entry the very line, below zero.
    """

    line_id: int
    document: int
    move_id: int
    key: tuple[Any, Any]
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


class Fact(NamedTuple):
    """What became of a journal item: of `aside` the entries `move_ids` say that it was neither paid nor credited."""

    state: str
    partner_id: int | None
    is_over: bool
    is_trade: bool
    aside: Decimal = NOTHING
    move_ids: tuple[int, ...] = ()

    @property
    def is_paid(self) -> bool:
        return self.state == "posted" and self.is_over and not self.aside


@dataclass
class Books:
    """What was read of a policy's buyers: their declarations and debts by (buyer, currency), the oldest debt first."""

    policy: Any
    today: date
    owner: dict[int, Any]
    """By commercial partner, the row that speaks for its legal entity."""
    insured: Any
    declarations: dict[tuple[Any, Any], Any]
    debts: dict[tuple[Any, Any], list[Item]]
    told: dict[int, Any]
    """By journal item, the declaration that has it, be it another row's of the same legal entity."""
    facts: dict[int, Fact]
    excused: Any
    """Those who owe less than the threshold."""
    items: dict[int, Item] = field(default_factory=dict)

    @property
    def keys(self) -> list[tuple[Any, Any]]:
        return list(dict.fromkeys([*self.debts, *self.declarations]))

    def owner_of(self, overdue):
        """The row that speaks for the buyer now."""
        return self.owner.get(overdue.buyer_id.partner_id.commercial_partner_id.id, overdue.buyer_id)

    def item_of(self, line) -> Item | None:
        """What is open of a declared invoice, while it is this buyer's and in the declaration's currency."""
        item = self.items.get(line.move_line_id.id)
        is_same = item and item.key == (self.owner_of(line.overdue_id), line.currency_id)
        return item if is_same else None


class TradecreditOverdue(models.Model):
    _inherit = "tradecredit.overdue"

    @api.model
    def _read_books(self, policy, buyers, declarations) -> Books:
        """Of all buyers of a policy that are late, or of these; and of those who have these declarations."""
        exposure = self.env["tradecredit.exposure"]
        exposure._flush()
        heads = self._late_heads(policy) if buyers is None else buyers.partner_id
        owner, insured = self._speakers(policy, heads | declarations.buyer_id.partner_id, declarations.buyer_id)
        debts = self._debts(policy, owner)
        books = Books(
            policy=policy, today=exposure._today(policy), owner=owner, insured=insured, declarations={}, debts=debts,
            told={}, facts={}, excused=self.env["tradecredit.buyer"],
            items={item.line_id: item for items in debts.values() for item in items},
        )  # fmt: skip
        books.declarations = declarations.grouped(lambda one: (books.owner_of(one), one.currency_id))
        books.told = self._told_items(books.items)
        books.excused = self._excused(books)
        return books

    @api.model
    def _late_heads(self, policy):
        """Commercial partners with something open beyond its due date."""
        exposure = self.env["tradecredit.exposure"]
        rows = self.env.execute_query(SQL(LATE, exposure._today(policy), exposure._companies(policy)))
        return self.env["res.partner"].browse(head for (head,) in rows)

    @api.model
    def _speakers(self, policy, heads, declared) -> tuple[dict[int, Any], Any]:
        """The row of each legal entity by commercial partner, and those on whom there is cover, or was.

        What was delivered then is insured, whichever of its rows had the limit. A row that was archived speaks where no
        other one does: archiving pays nothing. Where the seller has cover of its own, a company needs no row before.
        """
        buyers = self.env["tradecredit.buyer"]
        families = set(buyers._families(policy, heads).values())
        partner_ids = [partner for family in families for partner in family.partner_ids]
        rows = buyers.with_context(active_test=False).search_fetch(
            [("policy_id", "=", policy.id), ("partner_id", "in", partner_ids)],
            ["active", "exempt", "insolvent_on", "insurer_buyer_id", "partner_id"], order="id",
        ).with_context(active_test=True)  # fmt: skip
        by_partner = rows.grouped(lambda row: row.partner_id.id)
        if policy.has_discretionary_limit:
            by_partner |= self._rows_of_strangers(
                policy, [one for one in families if by_partner.keys().isdisjoint(one.partner_ids)]
            )
        limits = self.env["tradecredit.limit"].with_context(active_test=False)
        limited = {
            row.id for (row,) in limits._read_group([("buyer_id", "in", rows.ids), ("amount", ">", 0)], ["buyer_id"])
        }
        owner, insured = {}, []
        for family in families:
            mine = rows.browse([row.id for partner in family.partner_ids for row in by_partner.get(partner, ())])
            mine = mine.sorted("id")
            if chief := buyers._chief(mine.filtered("active") or (mine & declared) or mine).with_prefetch(rows.ids):
                owner |= dict.fromkeys(family.partner_ids, chief)
                if not chief.exempt and (policy.has_discretionary_limit or not limited.isdisjoint(mine.ids)):
                    insured.append(chief.id)
        return owner, buyers.browse(insured)

    @api.model
    def _rows_of_strangers(self, policy, families) -> dict[int, Any]:
        """Companies on whom nobody asked anything yet, and whose country the policy covers, become buyers."""
        codes = None if policy.all_countries else set(policy.country_ids.mapped("code"))
        heads = self.env["res.partner"].browse(
            family.partner_ids[0] for family in families if codes is None or family.country in codes
        )
        heads = heads.filtered("is_company")
        made = self.env["tradecredit.buyer"]._make_rows(policy.id, heads.ids) if heads else {}
        return {partner: self.env["tradecredit.buyer"].browse(row) for partner, row in made.items()}

    @api.model
    def _debts(self, policy, owner: dict[int, Any]) -> dict[tuple[Any, Any], list[Item]]:
        """What each legal entity owes in each currency, the oldest first, by (buyer, currency)."""
        currencies = self.env["res.currency"]
        companies = self.env["tradecredit.exposure"]._companies(policy)
        is_net = policy._terms().sdk.tax_basis == TaxBasis.NET
        debts, loose = defaultdict(list), defaultdict(list)
        rows = self.env.execute_query(SQL(ITEMS, companies, list(owner))) if owner else []
        for line, is_entry, move, partner, currency, name, day, due, agreed, gross, net in rows:
            amounts = Decimal(gross), Decimal(net if is_net and net is not None else gross)
            key = owner[partner], currencies.browse(currency)
            document = -line if is_entry else move
            item = Item(
                line, document, move, key, name, day, due, agreed if agreed and agreed > due else None, *amounts
            )
            (debts if amounts[0] > 0 else loose)[key].append(item)
        _tell_apart(item for items in debts.values() for item in items)
        for key, items in debts.items():
            _spend(items, loose.get(key, ()), key[1])
        return dict(debts)

    @api.model
    def _told_items(self, items: dict[int, Item]) -> dict[int, Any]:
        lines = self.env["tradecredit.overdue.line"].search_fetch(
            [("move_line_id", "in", list(items)), ("overdue_id.state", "in", TOLD)],
            ["move_line_id", "overdue_id"],
        )  # fmt: skip
        return {line.move_line_id.id: line.overdue_id for line in lines}

    @api.model
    def _excused(self, books: Books):
        """Buyers whose late debts in all currencies, declared or not, are below the threshold.

        Without a rate nothing is excused.
        """
        terms = books.policy._terms()
        least, excused = terms.sdk.overdue_threshold, []
        if least is None:
            return self.env["tradecredit.buyer"]
        late: dict[Any, dict[str, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
        for (buyer, currency), items in books.debts.items():
            late[buyer][currency.name] += sum((item.left for item in items if item.due < books.today), NOTHING)
        names = {name for sums in late.values() for name in sums} | {least.currency}
        rates = {least.currency: Decimal(1)}
        if len(names) > 1:
            rates = self.env["tradecredit.exposure"]._rates(books.policy, names, books.today)
            rates[terms.company_currency] = Decimal(1)
        for buyer, sums in late.items():
            owed = {name: amount for name, amount in sums.items() if amount}
            if not owed.keys() | {least.currency} <= rates.keys():
                continue
            total = sum((amount / rates[name] for name, amount in owed.items()), NOTHING)
            if total * rates[least.currency] < least.amount:
                excused.append(buyer.id)
        return self.env["tradecredit.buyer"].browse(excused)

    @api.model
    def _facts_of(self, line_ids: Iterable[int]) -> dict[int, Fact]:
        """By journal item; none of those that were deleted."""
        rows = self.env.execute_query(SQL(FACTS, list(line_ids))) if line_ids else []
        return {
            line: Fact(state, partner, is_over, is_trade, Decimal(aside), tuple(moves))
            for line, state, partner, is_over, is_trade, aside, moves in rows
        }


def _tell_apart(items: Iterable[Item]) -> None:
    """Two documents of a buyer have two numbers: as each journal counts by itself, and labels repeat, they may be one."""
    holders: dict[tuple[Any, str], int] = {}
    for item in sorted(items, key=lambda one: abs(one.document)):
        item.number = item.number[:40]
        if holders.setdefault((item.key[0], item.number), item.document) != item.document:
            item.number = f"{item.number[:28]} #{abs(item.document)}"


def _spend(items: list[Item], loose: Iterable[Item], currency) -> None:
    """What the buyer paid or was credited without an invoice goes to the oldest items.

    A payment that is not assigned has no tax of its own: on a policy without tax it counts by the share of the invoices.
    """
    gross = sum((item.gross for item in items), NOTHING)
    share = sum((item.open for item in items), NOTHING) / gross
    purse = -sum((item.gross * share if item.document < 0 else item.open for item in loose), NOTHING)
    purse = Decimal(str(currency.round(float(purse))))
    for item in items:
        part = min(purse, item.open)
        item.left, purse = item.open - part, purse - part
