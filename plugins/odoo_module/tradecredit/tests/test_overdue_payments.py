"""What is paid after a declaration is told to the insurer, once."""

from .overdue_common import OverdueCommon


class TestOverduePayments(OverdueCommon):
    def setUp(self):
        super().setUp()
        self.first, self.second = self._invoice(100, 70), self._invoice(200, 65)
        self._scan()
        self.overdue = self._found()
        self._declare(self.overdue)
        self._send()

    def _told(self):
        [declared] = self._declared()
        return declared

    def _reports(self):
        return self.overdue.outbox_ids.filtered(lambda row: row.kind == "overdue_change")

    def test_a_payment_is_told_once(self):
        self._pay(self.second, 80)
        self._scan()
        self.assertEqual(self.overdue.open_amount, 220)
        self._scan()
        self.assertEqual(len(self._reports()), 1)
        self._send()
        self.assertEqual((self._reports().state, self.overdue.reported_paid), ("done", 80))
        self._scan()
        self.assertEqual(len(self._reports()), 1)
        paid = [payment["amount"]["amount"] for payment in self._told()["payments"]]
        self.assertEqual(paid, ["80.00"])

    def test_when_all_is_paid_it_is_settled(self):
        self._pay(self.first)
        self._scan()
        self._send()
        self.second._reverse_moves([{"date": self.today, "invoice_date": self.today}], cancel=True)
        self._scan()
        self._send()
        self.assertEqual((self.overdue.state, self._told()["state"]), ("settled", "settled"))
        self.assertEqual(set(self.overdue.line_ids.mapped("state")), {"paid"})
        self.assertFalse(self.overdue.open_amount)
        self._scan()
        self.assertEqual(self._found(), self.overdue)

    def test_assigning_a_payment_that_was_counted_is_no_news(self):
        self._loose(50)
        self._scan()
        self._send()
        self.assertEqual(self.overdue.reported_paid, 50)
        lines = self.env["account.move.line"].search([
            ("partner_id", "=", self.buyer.partner_id.id), ("account_type", "=", "asset_receivable"),
            ("reconciled", "=", False), ("move_id", "!=", self.second.id),
        ])  # fmt: skip
        lines.reconcile()
        self._scan()
        self.assertEqual(len(self._reports()), 1)

    def test_an_invoice_in_the_making_is_not_paid(self):
        self.first.button_draft()
        self._scan()
        self.assertFalse(self._reports())
        self.first.action_post()
        self._scan()
        self.assertFalse(self._reports())

    def test_an_invoice_with_other_journal_items_is_not_paid(self):
        line = self.overdue.line_ids.filtered(lambda one: one.move_id == self.first)
        item = line.move_line_id
        line.move_line_id = False  # as when a correction has deleted it
        self._scan()
        self.assertEqual((line.move_line_id, self.overdue.open_amount, line.state), (item, 300, "open"))
        self.assertFalse(self._reports())
        self.assertEqual(self._found(), self.overdue)

    def test_another_row_of_the_same_legal_entity_declares_nothing_again(self):
        twin = self._partner("Zwilling GmbH", vat="DE175919696")
        other = self.buyer.create({"policy_id": self.policy.id, "partner_id": twin.id})
        self.overdue.buyer_id = other  # as when another row came to speak for the legal entity
        self.buyer.partner_id.vat = "DE175919696"
        self._scan()
        self.assertFalse(self._found() - self.overdue)
        self.assertEqual(self.overdue.open_amount, 300)
        self.assertFalse(self._reports())

    def test_a_lost_report_is_not_told_twice(self):
        self._pay(self.first, 30)
        self._scan()
        self.sandbox.faults(rate=1.0, kinds=["reset_after"], paths=["/open/v1"])
        self._send()
        self.sandbox.faults()
        self._later()
        self._send()
        self.assertEqual(self.overdue.reported_paid, 30)
        self.assertEqual(len(self._told()["payments"]), 1)
