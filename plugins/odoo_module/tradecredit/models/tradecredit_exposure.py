"""What legal entities owe one company, by bucket, read fresh from the books in one query."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import ROUND_CEILING, Decimal
from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL

from tradecredit_sdk import Exposure, Money, TaxBasis

from .sql_function import SqlFunction

FINEST = Decimal("1e-6")
COLUMNS = (
    "partner_id int, bucket text, currency_id int, gross text, net text, loose text, oldest_due date, net_share text"
)
"""Those of `Row`. Numbers are text, for the cursor makes floats of them."""

POSTED = SqlFunction(
    "tradecredit_posted",
    "members int[], companies int[], today date",
    COLUMNS,
    """
    SELECT head, CASE WHEN due < today THEN 'overdue' ELSE 'open' END, currency,
           SUM(gross)::text, SUM(net)::text, SUM(loose)::text, MIN(due) FILTER (WHERE debits > 0),
           (SELECT 100 / (100 + COALESCE(MAX(amount), 0)) FROM account_tax
             WHERE type_tax_use = 'sale' AND amount_type = 'percent' AND active
               AND company_id IN (  -- a branch uses the taxes of the companies above it
                   SELECT unnest(string_to_array(trim(TRAILING '/' FROM parent_path), '/')::int[])
                     FROM res_company WHERE id = ANY(companies)))::text
      FROM (SELECT partner.commercial_partner_id AS head, item.due, item.currency, SUM(item.gross) AS gross,
                   SUM(item.net) AS net, SUM(item.loose) AS loose, SUM(item.debits) AS debits
              FROM res_partner partner
              JOIN tradecredit_receivable item ON item.debtor = partner.id AND item.company = ANY(companies)
             WHERE partner.commercial_partner_id = ANY(members)
          GROUP BY 1, 2, 3) AS days
  GROUP BY 1, 2, 3
    """,
)
"""From the sums that the database keeps (`tradecredit.receivable`).

A payment that is not assigned yet will settle an invoice with the most tax, for all that is known here.
"""

DRAFT = SqlFunction(
    "tradecredit_draft",
    "members int[], companies int[]",
    COLUMNS,
    """
    SELECT move.commercial_partner_id, 'draft', move.currency_id,
           SUM(GREATEST(move.amount_total, 0))::text, SUM(GREATEST(move.amount_untaxed, 0))::text, '0', NULL::date, '1'
      FROM account_move move
     WHERE move.commercial_partner_id = ANY(members) AND move.company_id = ANY(companies)
       AND move.state = 'draft' AND move.move_type IN ('out_invoice', 'out_receipt')
  GROUP BY 1, 3
    """,
)
FUNCTIONS = (POSTED, DRAFT)


class Row(NamedTuple):
    """Part of one partner's debt: `loose` is a payment that is not assigned to an invoice yet, below zero.

    `net` and `gross` are in `currency`. `net_share` is the least part of an invoice that is not tax, 1 without tax.
    """

    partner_id: int
    bucket: str
    currency_id: int
    gross: Decimal
    net: Decimal
    loose: Decimal = Decimal(0)
    oldest_due: date | None = None
    net_share: Decimal = Decimal(1)


class TradecreditExposure(models.AbstractModel):
    """Buckets: `open` posted and not due, `overdue` posted and due, `draft` invoices, `ordered` orders not invoiced.

    Everything is read for one explicit company and past all access rules: a salesperson who sees his own orders only
    is still told what the buyer owes. A draft of less than nothing, be it
    a credit note or an invoice, counts nothing, for it is a promise.
    """

    _name = "tradecredit.exposure"
    _description = "Exposure of insured buyers"

    def init(self):
        for function in FUNCTIONS:
            function.install(self.env.cr)

    @api.model
    def _of(self, policy, families: Iterable[tuple[int, ...]], exclude=None) -> dict[tuple[int, ...], Exposure]:
        """The exposure of each legal entity (its commercial partners), on the policy's tax basis.

        `exclude` is a recordset of documents that are not counted, such as the order that is being checked.
        """
        families = list(families)
        owner = {partner: family for family in families for partner in family}
        rows: dict[tuple[int, ...], list[Row]] = {family: [] for family in families}
        if owner:
            self._flush()
            query = SQL(" UNION ALL ").join(self._queries(policy, list(owner), exclude))
            for partner, bucket, currency, gross, net, loose, oldest, share in self.env.execute_query(query):
                numbers = [Decimal(number or 0) for number in (gross, net, loose)]
                row = Row(partner, bucket, currency, *numbers, oldest, Decimal(share or 1))
                rows[owner[partner]].append(row)
        return {family: self._sum(policy, found) for family, found in rows.items()}

    def _flush(self) -> None:
        """What the queries read; to write all that waits takes less time than to look which of it they read."""
        self.env.flush_all()

    def _queries(self, policy, partner_ids: list[int], exclude) -> list[SQL]:
        """Selections with the columns of `Row`; other addons add theirs."""
        companies = self._companies(policy)
        return [POSTED(partner_ids, companies, self._today(policy)), DRAFT(partner_ids, companies)]

    def _companies(self, policy) -> list[int]:
        """Those that the policy insures."""
        return list(policy._terms().seller_ids)

    @api.model
    def _today(self, policy) -> date:
        """The seller's calendar day: deadlines and limits run in the company's own time zone."""
        return fields.Date.context_today(self.with_context(tz=policy._terms().zone))

    def _sum(self, policy, rows: list[Row]) -> Exposure:
        """One legal entity's rows as the SDK's exposure; a currency that is no ISO 4217 code makes it incomplete."""
        is_net = policy._terms().sdk.tax_basis == TaxBasis.NET
        # A loose payment will settle invoices with tax in them: only a part of it is net.
        share = min((row.net_share for row in rows), default=Decimal(1)) if is_net else Decimal(1)
        amounts: dict[tuple[str, int], Decimal] = {}
        for row in rows:
            key = row.bucket, row.currency_id
            value = (row.net if is_net else row.gross) + row.loose * share
            amounts[key] = amounts.get(key, Decimal(0)) + value
        buckets: dict[str, tuple[Money, ...]] = {}
        unreadable = 0
        for (bucket, currency_id), value in amounts.items():
            try:
                # A third of a cent too much in a quotient is not a cent.
                money = Money.rounded(
                    value.quantize(FINEST), self.env["res.currency"].browse(currency_id).name, ROUND_CEILING
                )
            except ValueError:
                unreadable += 1
            else:
                buckets[bucket] = (*buckets.get(bucket, ()), money)
        oldest = min((row.oldest_due for row in rows if row.oldest_due), default=None)
        return Exposure(**buckets, oldest_original_due_date=oldest, unreadable=unreadable)

    @api.model
    def _rates(self, policy, names: set[str], day: date) -> dict[str, Decimal]:
        """How much of each currency one unit of the company's own buys on the day; a currency without a rate is left out."""
        terms = policy._terms()
        others = tuple(names - {terms.company_currency})
        if not others:
            return {}
        self.env["res.currency.rate"].flush_model()
        rows = self.env.execute_query(SQL(
            """
            SELECT DISTINCT ON (currency.id) currency.name, rate.rate::text
              FROM res_currency_rate rate
              JOIN res_currency currency ON currency.id = rate.currency_id
             WHERE currency.name IN %(others)s AND rate.name <= %(day)s
               AND (rate.company_id IS NULL OR rate.company_id = %(company)s)
          ORDER BY currency.id, rate.company_id, rate.name DESC
            """,
            others=others, day=day, company=terms.root_company_id,
        ))  # fmt: skip
        return {name: Decimal(rate) for name, rate in rows}
