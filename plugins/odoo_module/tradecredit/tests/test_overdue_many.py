"""A night with 2,000 buyers and 50,000 open invoices: a bounded number of queries, and time for the overdue ones only."""

import logging
import time
from datetime import timedelta

from .overdue_common import OverdueCommon

_logger = logging.getLogger(__name__)
BUYERS, EACH, LATE = 2_000, 25, 100
MOST_QUERIES = 500


class TestOverdueMany(OverdueCommon):
    def _clone(self, table, record, times, **columns):
        """Rows like this one, in SQL: the ORM would take an hour. `columns` are expressions of n."""
        self.env.flush_all()
        self.env.cr.execute("SELECT column_name FROM information_schema.columns WHERE table_name = %s", [table])
        names = [name for (name,) in self.env.cr.fetchall() if name != "id"]
        shown = ", ".join(f'"{name}"' for name in names)
        taken = ", ".join(columns.get(name, f'm."{name}"') for name in names)
        self.env.cr.execute(
            f"INSERT INTO {table} ({shown}) SELECT {taken} FROM {table} m, generate_series(1, %s) n"
            " WHERE m.id = %s RETURNING id",
            [times, record.id],
        )
        return [row[0] for row in self.env.cr.fetchall()]

    def _books(self):
        """Of each buyer 25 open invoices; of the first LATE buyers one of them is overdue, of the others none."""
        move = self._invoice(10, -20)
        partners = self._clone("res_partner", self.buyer.partner_id, BUYERS, name="'Buyer ' || n")
        self.env.cr.execute("UPDATE res_partner SET commercial_partner_id = id WHERE id = ANY(%s)", [partners])
        of_partner = f"(ARRAY{partners})[n]"
        buyers = self._clone(
            "tradecredit_buyer", self.buyer, BUYERS, partner_id=of_partner, insurer_buyer_id="'9' || n", name="'B' || n"
        )
        self.env.cr.execute(
            "INSERT INTO tradecredit_limit (buyer_id, policy_id, company_id, insurer_limit_id, kind, state, amount, currency_id,"
            " valid_from, active, seen_from) SELECT id, policy_id, company_id, 'L' || id, 'permanent', 'approved', 1000, %s,"
            " now(), true, now() FROM tradecredit_buyer WHERE id = ANY(%s)",
            [self.euro.id, buyers],
        )
        moves = self._clone("account_move", move, BUYERS * EACH, name="'MANY/' || n")
        # Counted at the end: a trigger takes a table without statistics for a small one, and reads all of it for each row.
        self.env.cr.execute("ALTER TABLE account_move_line DISABLE TRIGGER USER")
        line = move.line_ids.filtered(lambda one: one.account_type == "asset_receivable")
        is_late = f"n <= {LATE * EACH} AND n %% {EACH} = 0"
        due = f"m.date_maturity - CASE WHEN {is_late} THEN 30 ELSE 0 END"
        # Ids follow each other, for nobody else writes here.
        self._clone(
            "account_move_line", line, BUYERS * EACH, move_id=f"{moves[0]} + n - 1",
            partner_id=f"{partners[0]} + (n - 1) / {EACH}", date_maturity=due, tradecredit_original_due=due,
        )  # fmt: skip
        self._count_anew()

    def _count_anew(self):
        self.env.cr.execute("ALTER TABLE account_move_line ENABLE TRIGGER USER")
        for table in ("account_move_line", "account_move", "res_partner", "tradecredit_buyer", "tradecredit_limit"):
            self.env.cr.execute(f"ANALYZE {table}")
        self.env.invalidate_all()
        self.env["tradecredit.receivable"]._rebuild()

    def _counted(self):
        before, began = self.env.cr.sql_log_count, time.monotonic()
        self.overdues._scan(self.policy)
        self.env.flush_all()
        return self.env.cr.sql_log_count - before, time.monotonic() - began

    def test_a_night(self):
        self._books()
        first, seconds_first = self._counted()
        drafts = self.overdues.search([("policy_id", "=", self.policy.id)])
        self.assertEqual((len(drafts), sum(drafts.mapped("invoice_count"))), (LATE, LATE * EACH))
        again, seconds_again = self._counted()
        self.env.cr.execute("ALTER TABLE account_move_line DISABLE TRIGGER USER")
        self.env.cr.execute(
            "UPDATE account_move_line SET tradecredit_original_due = %s WHERE tradecredit_original_due > %s AND company_id = %s",
            [self.today - timedelta(days=10), self.today, self.company.id],
        )
        self._count_anew()
        everything, seconds_everything = self._counted()
        _logger.info(
            "RESULT overdue scan, %s invoices of %s buyers: %s queries and %.2f s with %s buyers late for the first time, %s and "
            "%.2f s the night after, %s and %.2f s when all are late", BUYERS * EACH, BUYERS, first, seconds_first, LATE,
            again, seconds_again, everything, seconds_everything,
        )  # fmt: skip
        self.assertLess(max(first, again, everything), MOST_QUERIES)
        self.assertLess(seconds_first * 3, seconds_everything)
