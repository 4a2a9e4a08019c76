"""What is open, added up by debtor and original due date while it is booked: a check reads a few rows, however many invoices.

The database itself counts, by a trigger on journal items, so nothing that is booked goes past it. It only ever adds rows,
positive or negative, so that two bookings never wait for each other; a nightly job folds them and compares the sums with
the journal items they were made of.
"""

from __future__ import annotations

import logging

from odoo import api, fields, models
from odoo.tools import SQL

from .original_due import ORIGINAL_DUE

_logger = logging.getLogger(__name__)

COLUMNS = SQL("company, debtor, currency, due, gross, net, loose, debits")
PARTS = """
    SELECT line.company_id AS company, line.partner_id AS debtor, line.currency_id AS currency,
           line.due,
           SUM(CASE WHEN is_loose THEN 0 ELSE sign * line.amount_residual_currency END) AS gross,
           SUM(CASE WHEN is_loose THEN 0 ELSE sign * line.tradecredit_net_residual END) AS net,
           SUM(CASE WHEN is_loose THEN sign * line.amount_residual_currency ELSE 0 END) AS loose,
           SUM(CASE WHEN line.amount_residual_currency > 0 THEN sign ELSE 0 END) AS debits
      FROM (%s) AS line
      JOIN account_account account
        ON account.id = line.account_id AND account.account_type = 'asset_receivable' AND account.non_trade IS NOT TRUE
      JOIN account_move move ON move.id = line.move_id
CROSS JOIN LATERAL (SELECT move.move_type = 'entry' AND line.amount_residual_currency < 0 AS is_loose) AS kind
     WHERE line.parent_state = 'posted' AND line.partner_id IS NOT NULL AND line.amount_residual_currency <> 0
  GROUP BY 1, 2, 3, 4
    HAVING SUM(sign * line.amount_residual_currency) <> 0 OR SUM(sign * line.tradecredit_net_residual) <> 0
        OR SUM(CASE WHEN is_loose THEN sign * line.amount_residual_currency ELSE 0 END) <> 0
        OR SUM(CASE WHEN line.amount_residual_currency > 0 THEN sign ELSE 0 END) <> 0
"""
"""Journal items (with `sign` 1 or -1) -> rows. A payment that is not assigned to an invoice is loose."""

LINE = (
    f"company_id, partner_id, currency_id, {ORIGINAL_DUE} AS due, amount_residual_currency, "
    "COALESCE(tradecredit_net_residual, amount_residual_currency) AS tradecredit_net_residual, "  # until it is computed
    "parent_state, account_id, move_id"
)
LINES = "SELECT %s AS sign, " + LINE + " FROM %s"  # noqa: S608 - constants only
ADDED, GONE = LINES % (1, "new_lines"), LINES % (-1, "old_lines")
EVENTS = {
    "insert": ("REFERENCING NEW TABLE AS new_lines", ADDED),
    "update": ("REFERENCING OLD TABLE AS old_lines NEW TABLE AS new_lines", f"{ADDED} UNION ALL {GONE}"),
    "delete": ("REFERENCING OLD TABLE AS old_lines", GONE),
}


class TradecreditReceivable(models.Model):
    """Sums over all rows of a debtor (a partner, not yet its legal entity), company, currency and due date count.

    Ids are plain numbers: when partners are merged their journal items move, and the trigger counts that.
    """

    _name = "tradecredit.receivable"
    _description = "Open receivables, added up"
    _log_access = False

    company = fields.Integer(required=True)
    debtor = fields.Integer(required=True)
    currency = fields.Integer(required=True)
    due = fields.Date(required=True)
    gross = fields.Float(digits=(16, 6), required=True)
    net = fields.Float(digits=(16, 6), required=True)
    loose = fields.Float(digits=(16, 6), required=True)
    debits = fields.Integer(required=True, help="How many items are open and above zero.")

    _debtor_idx = models.Index("(debtor, company) INCLUDE (currency, due, gross, net, loose, debits)")

    def init(self):
        for event, (tables, lines) in EVENTS.items():
            name = f"tradecredit_receivable_{event}"
            # pylint: disable-next=sql-injection; made of constants, and DDL takes no parameters
            self.env.cr.execute(f"""
                CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN
                    INSERT INTO tradecredit_receivable (company, debtor, currency, due, gross, net, loose, debits)
                    {PARTS % lines};
                    RETURN NULL;
                END $$;
                CREATE OR REPLACE TRIGGER {name} AFTER {event} ON account_move_line {tables}
                FOR EACH STATEMENT EXECUTE FUNCTION {name}();
            """)

    @api.model
    def _true_rows(self) -> SQL:
        """The rows as the journal items are now."""
        return SQL(PARTS % (LINES % (1, "account_move_line") + " WHERE reconciled IS NOT TRUE"))

    def _flush(self) -> None:
        for model in ("account.account", "account.move", "account.move.line"):
            self.env[model].flush_model()

    @api.model
    def _rebuild(self) -> None:
        """Count everything anew. What others book at this moment is counted by their own rows."""
        self._flush()
        self.env.cr.execute("DELETE FROM tradecredit_receivable")
        self.env.cr.execute(SQL("INSERT INTO tradecredit_receivable (%s) %s", COLUMNS, self._true_rows()))
        self.invalidate_model()

    @api.model
    def _differences(self) -> list[tuple[int, int, int]]:
        """(company, debtor, currency) where the sums are not those of the journal items."""
        self._flush()
        return self.env.execute_query(SQL(
            """
            SELECT DISTINCT company, debtor, currency
              FROM (SELECT company, debtor, currency, due, gross, net, loose, debits FROM tradecredit_receivable
                     UNION ALL
                    SELECT company, debtor, currency, due, -gross, -net, -loose, -debits FROM (%s) AS truth) AS compared
          GROUP BY company, debtor, currency, due
            HAVING SUM(gross) <> 0 OR SUM(net) <> 0 OR SUM(loose) <> 0 OR SUM(debits) <> 0
            """,
            self._true_rows(),
        ))  # fmt: skip

    @api.model
    def _cron_fold(self) -> None:
        """Fold the rows of each debtor, and mend sums that are wrong: nobody should ever read of that in the log."""
        wrong = self._differences()
        if wrong:
            _logger.error("Sums of open receivables were wrong and are counted anew: %s", wrong[:20])
            self._rebuild()
            return
        self.env.cr.execute(SQL(
            """
            WITH old AS (DELETE FROM tradecredit_receivable RETURNING *)
            INSERT INTO tradecredit_receivable (%s)
            SELECT company, debtor, currency, due, SUM(gross), SUM(net), SUM(loose), SUM(debits)
              FROM old
          GROUP BY company, debtor, currency, due
            HAVING SUM(gross) <> 0 OR SUM(net) <> 0 OR SUM(loose) <> 0 OR SUM(debits) <> 0
            """,
            COLUMNS,
        ))  # fmt: skip
        self.invalidate_model()
