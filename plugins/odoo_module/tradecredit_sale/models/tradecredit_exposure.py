"""Orders that are confirmed and not invoiced: the bucket `ordered`, and what one order would add to it."""

from __future__ import annotations

from decimal import Decimal

from odoo import api, models
from odoo.addons.tradecredit.models.sql_function import SqlFunction
from odoo.addons.tradecredit.models.tradecredit_exposure import COLUMNS
from odoo.tools import SQL

OUTSTANDING = SqlFunction(
    "tradecredit_outstanding",
    "orders int[]",
    "id int, partner_id int, currency_id int, net numeric, gross numeric",
    """
    SELECT sale.id, partner.commercial_partner_id, sale.currency_id,
           GREATEST(line.net - down.net - paid.amount * ratio.net, 0) AS net,
           GREATEST(line.gross - down.gross - paid.amount, 0) AS gross
      FROM sale_order sale
      JOIN res_partner partner ON partner.id = sale.partner_invoice_id
CROSS JOIN LATERAL (
           SELECT CASE WHEN sale.amount_total > 0 THEN sale.amount_untaxed / sale.amount_total ELSE 1 END AS net,
                  CASE WHEN sale.amount_untaxed > 0 THEN sale.amount_total / sale.amount_untaxed ELSE 1 END
                  AS gross) AS ratio
CROSS JOIN LATERAL (
           SELECT COALESCE(SUM(part.net), 0) AS net, COALESCE(SUM(part.gross), 0) AS gross
             FROM sale_order_line line
        LEFT JOIN product_product product ON product.id = line.product_id
        LEFT JOIN product_template template ON template.id = product.product_tmpl_id
       CROSS JOIN LATERAL (
                  SELECT line.product_uom_qty AS ordered, COALESCE(line.qty_invoiced, 0) AS invoiced,
                         CASE WHEN template.invoice_policy = 'delivery'
                              THEN GREATEST(line.product_uom_qty, COALESCE(line.qty_delivered, 0))
                              ELSE line.product_uom_qty END AS due) AS quantity
       CROSS JOIN LATERAL (
                  SELECT CASE WHEN quantity.ordered > 0
                              THEN GREATEST(quantity.due - quantity.invoiced, 0) / quantity.ordered
                              WHEN quantity.ordered < 0
                              THEN GREATEST((quantity.ordered - quantity.invoiced) / quantity.ordered, 0)
                         END AS share) AS open
       CROSS JOIN LATERAL (  -- an expense is billed as delivered, and nothing of it is ordered
                  SELECT COALESCE(line.price_subtotal * open.share,
                                  GREATEST(line.untaxed_amount_to_invoice, 0), 0) AS net,
                         COALESCE(line.price_total * open.share,
                                  GREATEST(line.untaxed_amount_to_invoice, 0) * ratio.gross, 0) AS gross) AS part
            WHERE line.order_id = sale.id AND line.display_type IS NULL
              -- no goods are ordered on Odoo's own lines for down payments, and anybody can call a line one
              AND (line.is_downpayment IS NOT TRUE OR line.product_uom_qty <> 0)
           ) AS line
CROSS JOIN LATERAL (
           SELECT COALESCE(SUM(COALESCE(billed.net, line.untaxed_amount_invoiced)) FILTER (WHERE is_down), 0) AS net,
                  COALESCE(SUM(COALESCE(billed.gross, line.untaxed_amount_invoiced * ratio.gross))
                           FILTER (WHERE is_down), 0) AS gross,
                  COALESCE(SUM(billed.gross), 0) AS all_billed
             FROM sale_order_line line
       CROSS JOIN LATERAL (
                  SELECT line.is_downpayment AND line.product_uom_qty = 0 AS is_down) AS kind
       CROSS JOIN LATERAL (
                  SELECT SUM(sign.one * item.price_subtotal) AS net, SUM(sign.one * item.price_total) AS gross
                    FROM sale_order_line_invoice_rel rel
                    JOIN account_move_line item ON item.id = rel.invoice_line_id
                    JOIN account_move move ON move.id = item.move_id AND move.state <> 'cancel'
              CROSS JOIN LATERAL (
                         SELECT CASE WHEN move.move_type = 'out_refund' THEN -1 ELSE 1 END AS one) AS sign
                   WHERE rel.order_line_id = line.id) AS billed
            WHERE line.order_id = sale.id AND line.display_type IS NULL
           ) AS down
CROSS JOIN LATERAL (
           SELECT COALESCE(SUM(tx.amount * shared.part), 0) AS amount
             FROM payment_transaction tx
        LEFT JOIN account_payment payment ON payment.id = tx.payment_id
        LEFT JOIN account_move entry ON entry.id = payment.move_id
       CROSS JOIN LATERAL (  -- of a payment for several orders each has a part
                  SELECT CASE WHEN SUM(other.amount_total) > 0 THEN sale.amount_total / SUM(other.amount_total) ELSE 1 END
                         AS part
                    FROM sale_order other
                   WHERE other.id IN (SELECT rel.sale_order_id FROM sale_order_transaction_rel rel
                                       WHERE rel.transaction_id IN (tx.id, tx.source_transaction_id))) AS shared
            WHERE (tx.id IN (SELECT transaction_id FROM sale_order_transaction_rel WHERE sale_order_id = sale.id)
                   OR tx.source_transaction_id IN (
                      SELECT transaction_id FROM sale_order_transaction_rel WHERE sale_order_id = sale.id))
              AND tx.state = 'done' AND tx.operation <> 'validation' AND tx.currency_id = sale.currency_id
              AND entry.state IS DISTINCT FROM 'posted'
              AND NOT EXISTS (  -- captured in parts: the parts are counted
                  SELECT FROM payment_transaction part
                   WHERE part.source_transaction_id = tx.id AND part.operation = tx.operation
                     AND part.state = 'done')
           ) AS captured
CROSS JOIN LATERAL (  -- it settles what was billed first, and that is owed or paid as an invoice
           SELECT CASE WHEN captured.amount > 0 THEN GREATEST(captured.amount - GREATEST(down.all_billed, 0), 0)
                       ELSE captured.amount END AS amount) AS paid
     WHERE sale.id = ANY(orders)
    """,
)
"""One row for each order: what is left to invoice, at least zero, in the order's currency."""

ORDERED = SqlFunction(
    "tradecredit_ordered",
    "members int[], companies int[], left_out int[]",
    COLUMNS,
    """
    SELECT partner_id, 'ordered', currency_id, SUM(gross)::text, SUM(net)::text, '0', NULL::date, '1'
      FROM tradecredit_outstanding(ARRAY(  -- an order that is invoiced in full adds nothing, and most of them are
           SELECT sale.id
             FROM sale_order sale
             JOIN res_partner partner ON partner.id = sale.partner_invoice_id
            WHERE sale.state = 'sale' AND sale.invoice_status IS DISTINCT FROM 'invoiced'
              AND partner.commercial_partner_id = ANY(members) AND sale.company_id = ANY(companies)
              AND sale.id <> ALL(left_out)))
  GROUP BY 1, 3
    """,
)
FUNCTIONS = (OUTSTANDING, ORDERED)


class TradecreditExposure(models.AbstractModel):
    """Counted is what is still to be invoiced, delivered or not: quantities not on a draft or posted invoice.

    Down payments that were invoiced are owed as invoices and taken off here. Money that was captured and has no journal
    entry yet is taken off too; a payment that is only promised (cash on delivery, a wire) is credit and is not.
    """

    _inherit = "tradecredit.exposure"

    def init(self):
        super().init()
        for function in FUNCTIONS:
            function.install(self.env.cr)

    def _queries(self, policy, partner_ids: list[int], exclude) -> list[SQL]:
        left_out = exclude.ids if exclude is not None and exclude._name == "sale.order" else []
        ordered = ORDERED(partner_ids, self._companies(policy), left_out)
        return [*super()._queries(policy, partner_ids, exclude), ordered]

    @api.model
    def _order_amounts(self, orders) -> dict[int, tuple[Decimal, Decimal]]:
        """What each order still has to be invoiced, or would have if it were confirmed: (without tax, tax)."""
        if not orders.ids:
            return {}
        self._flush()
        rows = self.env.execute_query(
            SQL("SELECT id, net::text, gross::text FROM (%s) AS outstanding", OUTSTANDING(orders.ids))
        )
        return {id_: (Decimal(net), max(Decimal(gross) - Decimal(net), Decimal(0))) for id_, net, gross in rows}
