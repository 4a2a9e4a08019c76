"""An invoice of a declaration: what is open of it, and what was declared."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import SQL

STATES = [("open", "Unpaid"), ("paid", "Paid")]
BY_PEOPLE = {"disputed_amount"}
"""All that is not read from the books."""


class TradecreditOverdueLine(models.Model):
    _name = "tradecredit.overdue.line"
    _description = "Invoice of an overdue declaration"
    _order = "original_due, id"
    _rec_name = "number"

    overdue_id = fields.Many2one("tradecredit.overdue", required=True, readonly=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="overdue_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="overdue_id.currency_id")
    overdue_state = fields.Selection(related="overdue_id.state", string="State of the declaration")
    move_line_id = fields.Many2one("account.move.line", "Journal item", readonly=True, ondelete="set null", index=True)
    move_id = fields.Many2one("account.move", "Invoice", readonly=True, ondelete="set null", index=True)
    number = fields.Char(required=True, readonly=True)
    invoice_date = fields.Date("Dated", readonly=True)
    original_due = fields.Date("Originally due", required=True, readonly=True)
    agreed_due = fields.Date("Agreed since", readonly=True, help="It moves no deadline.")
    open_amount = fields.Monetary("Open now", readonly=True)
    amount = fields.Monetary(
        "Declared", readonly=True, help="What is left once payments and credits without an invoice went to the oldest."
    )
    disputed_amount = fields.Monetary(
        "Disputed", help="The part that the buyer contests: its cover rests until it is settled."
    )
    state = fields.Selection(STATES, required=True, default="open", readonly=True)

    _parts = models.Constraint(
        "CHECK(disputed_amount IS NULL OR disputed_amount >= 0)", "A disputed amount is not negative."
    )

    def _number(self) -> str:
        """As it is told to the insurer."""
        return self.number[:40]

    def write(self, vals):
        if not self.env.su:
            if vals.keys() - BY_PEOPLE:
                raise UserError(self.env._("Invoices and amounts are those of the books."))
            for overdue in self.overdue_id:
                overdue._check_right()
                overdue._check_open_here()
        done = super().write(vals)
        if "disputed_amount" in vals and not self.env.su:
            self._refuse_more_than_declared()
        return done

    def _refuse_more_than_declared(self) -> None:
        """Later it may be more, and is told as far as the amount reaches: a payment may come and go again."""
        for line in self:
            if line.currency_id.compare_amounts(line.disputed_amount, line.amount) > 0:
                raise UserError(self.env._("At most what is declared of an invoice can be disputed."))

    @api.model
    def _insert(self, rows: Iterable[dict[str, Any]]) -> None:
        """Add rows in one statement: a first night may bring tens of thousands."""
        rows = list(rows)
        if not rows:
            return
        overdues = self.env["tradecredit.overdue"].browse({row["overdue_id"] for row in rows})
        overdues.flush_recordset(["company_id"])
        self.env.cr.execute(SQL(
            """
            INSERT INTO tradecredit_overdue_line
                   (overdue_id, company_id, move_line_id, move_id, number, invoice_date, original_due, agreed_due,
                    open_amount, amount, disputed_amount, state, create_uid, write_uid, create_date, write_date)
            SELECT overdue.id, overdue.company_id, move_line_id, move_id, number, invoice_date, original_due, agreed_due,
                   line.open_amount, line.amount, line.disputed_amount, 'open', %(uid)s, %(uid)s, now() AT TIME ZONE 'UTC', now() AT TIME ZONE 'UTC'
              FROM jsonb_to_recordset(%(rows)s::jsonb)
                AS line(overdue_id int, move_line_id int, move_id int, number text, invoice_date date, original_due date,
                        agreed_due date, open_amount numeric, amount numeric, disputed_amount numeric)
              JOIN tradecredit_overdue overdue ON overdue.id = line.overdue_id
          ORDER BY overdue.id, original_due
            """,
            uid=self.env.uid, rows=json.dumps([{name: row[name] or None for name in row} for row in rows], default=str),
        ))  # fmt: skip
        overdues.invalidate_recordset(["line_ids"])
        for name in ("invoice_count", "amount", "open_amount"):
            self.env.add_to_compute(overdues._fields[name], overdues)

    @api.model_create_multi
    def create(self, vals_list):
        if not self.env.su:
            raise AccessError(self.env._("Invoices of a declaration are those of the books."))
        return super().create(vals_list)
