"""What is overdue is prepared, declared once and acknowledged, whatever happens on the way."""

from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError

from tradecredit_sdk.insurers.open import OpenInsurer

from .insurer_common import HALF
from .overdue_common import OverdueCommon


class TestOverdue(OverdueCommon):
    def test_one_draft_for_each_buyer_with_all_that_it_owes(self):
        late, older = self._invoice(100, 10), self._invoice(200, 40)
        coming = self._invoice(50, -20)
        self._invoice(70, -20, self._other())
        self._scan()
        draft = self._found()
        self.assertEqual((draft.state, draft.line_ids.mapped("move_id")), ("draft", late | older | coming))
        self.assertEqual((draft.late_amount, draft.amount, draft.outstanding), (300, 350, 350))
        due = self.today - timedelta(days=40)
        self.assertEqual((draft.oldest_due, draft.stop_on), (due, due + timedelta(days=60)))
        self.assertEqual((draft.notify_by, draft.days_left), (due + timedelta(days=90), 50))
        self.assertEqual(draft.time_left, "50 days left")
        self.assertFalse(self._found(self._other()), "nothing of it is late")
        self._scan()
        self.assertEqual(self._found(), draft)

    def _other(self):
        found = self.env["tradecredit.buyer"].search(
            [("insurer_buyer_id", "=", HALF), ("policy_id", "=", self.policy.id)]
        )
        if not found:
            found = self._buyer("Zweite GmbH", HALF)
            self._insure(found)
        return found

    def test_only_insured_buyers(self):
        exempt = self._other()
        exempt.exempt = True
        stranger = self._buyer("Nie gefragt GmbH", "900000003")
        for buyer in (exempt, stranger):
            self._invoice(100, 10, buyer)
        self._scan()
        self.assertFalse(self._found(exempt) | self._found(stranger))
        self.policy.write({"has_discretionary_limit": True, "discretionary_limit": 5_000})
        self._scan()
        self.assertTrue(self._found(stranger))

    def test_a_threshold_of_nothing_and_none(self):
        self._invoice(100, 10)
        self.policy.write({"has_overdue_threshold": True, "overdue_threshold": 100.01})
        self._scan()
        self.assertFalse(self._found())
        self.policy.overdue_threshold = 100
        self._scan()
        self.assertEqual(self._found().state, "draft")
        self.policy.overdue_threshold = 200
        self._scan()
        self.assertEqual(self._found().state, "settled", "below the threshold it is not declared any more")

    def test_payments_and_credits_that_are_not_assigned_count(self):
        first, second = self._invoice(100, 40), self._invoice(200, 10)
        self._loose(150)
        self._scan()
        draft = self._found()
        self.assertEqual((draft.late_amount, draft.line_ids.mapped("move_id")), (150, second))
        self._invoice(150, -5, move_type="out_refund")
        self._scan()
        self.assertEqual((draft.state, self._found()), ("settled", draft))
        self.assertTrue(first.amount_residual)

    def test_a_draft_follows_the_books(self):
        invoice = self._invoice(100, 10)
        self._scan()
        draft = self._found()
        self._invoice(50, 5)
        self._pay(invoice, 30)
        self._scan()
        self.assertEqual((draft.late_amount, draft.invoice_count), (120, 2))
        self._pay(invoice)
        self._scan()
        self.assertEqual((draft.late_amount, draft.invoice_count), (50, 1))

    def test_it_is_declared_and_acknowledged(self):
        self._really_insured()
        self.sandbox.control("PUT", "/acknowledging", {"after_seconds": 3600})
        invoice = self._invoice(100, 70)
        self._invoice(50, -20)
        self._scan()
        draft = self._found()
        self._declare(draft)
        self.assertEqual((draft.state, draft.declared_by), ("to_send", self.controller))
        self._send()
        self.assertEqual((draft.state, draft.acknowledged_at), ("declared", False))
        [declared] = self._declared()
        self.assertEqual((declared["reference"], declared["id"]), (draft.reference, draft.insurer_overdue_id))
        self.assertEqual(sorted(one["number"] for one in declared["invoices"])[0], invoice.name)
        self.assertLessEqual(len(draft.reference), 20)
        self.sandbox.advance(seconds=3700)
        self._poll()
        self.assertTrue(draft.acknowledged_at)
        self.assertEqual((draft.in_time, draft.cover_state), ("yes", "stopped"))
        self.assertEqual(self.buyer.cover_state, "stopped", "and not that it has no limit")
        self._scan()
        self.assertEqual(self._found(), draft)

    def test_a_later_invoice_is_declared_by_itself(self):
        self._invoice(100, 70)
        self._scan()
        first = self._found()
        self._declare(first)
        self._send()
        later = self._invoice(60, 3)
        self._scan()
        second = self._found() - first
        self.assertEqual((second.state, second.line_ids.move_id), ("draft", later))

    def test_by_policy_it_is_declared_when_the_extension_is_over(self):
        self.policy.declare_automatically = True
        early, due = self._invoice(100, 60), self._invoice(100, 61, self._other())
        self._scan()
        self.assertEqual((self._found().state, self._found(self._other()).state), ("draft", "to_send"))
        self.assertTrue(early and due)
        self._found()._pause("quality")
        self.policy.max_extension_days = 30
        self._scan()
        self.assertEqual(self._found().state, "draft", "paused")
        self._found().with_user(self.controller).action_resume()
        self._scan()
        self.assertEqual(self._found().state, "to_send")

    def test_a_dead_insurer_keeps_the_declaration_and_a_lost_answer_is_not_sent_twice(self):
        self._invoice(100, 70)
        self._scan()
        draft = self._found()
        self._declare(draft)
        self.policy.base_url = "http://127.0.0.1:9/open/v1"
        self._send()
        self.assertEqual((draft.state, draft.outbox_ids.state), ("to_send", "pending"))
        self.policy.base_url = self.sandbox.base_url_open
        self.sandbox.faults(rate=1.0, kinds=["reset_after"], paths=["/open/v1"])
        self._later()
        self._send()
        self.assertEqual((draft.state, draft.outbox_ids.state), ("unknown", "unknown"))
        self.sandbox.faults()
        self._later()
        capabilities = OpenInsurer.capabilities
        careful = type(capabilities)(operations=capabilities.operations, idempotent_reference=False)
        with patch.object(OpenInsurer, "capabilities", careful):
            self._send()
        self.assertEqual(draft.state, "declared")
        self.assertEqual(len(self._declared()), 1)

    def test_what_the_insurer_refuses_is_still_to_be_declared(self):
        invoice = self._invoice(100, 70)
        self._scan()
        draft = self._found()
        self._declare(draft)
        draft.outbox_ids.payload = {**draft.outbox_ids.payload, "buyer_id": "unknown-buyer"}
        self._send()
        self.assertEqual(draft.state, "failed")
        self.assertTrue(draft.last_error)
        old = draft.reference
        self._declare(draft)
        self._send()
        self.assertEqual((draft.state, draft.line_ids.move_id), ("declared", invoice))
        self.assertNotEqual(draft.reference, old)

    def test_older_news_changes_nothing(self):
        self._invoice(100, 70)
        self._scan()
        draft = self._found()
        self._declare(draft)
        self._send()
        with self.policy._client() as client:
            old = client.overdues.get(draft.insurer_overdue_id)
            self.sandbox.control(
                "POST", f"/overdues/{draft.insurer_overdue_id}/documents", {"kinds": ["invoice"], "days": 30}
            )
            new = client.overdues.get(draft.insurer_overdue_id)
        draft._hear(new)
        self.assertEqual((draft.state, draft.missing_documents), ("documents_requested", "invoice"))
        draft._hear(old)
        self.assertEqual(draft.state, "documents_requested")
        self.assertFalse(draft._hear(new), "told twice is no news")

    def test_bad_input_leaves_everything_as_it_was(self):
        invoice = self._invoice(100, 70)
        self._scan()
        draft = self._found()
        with self.assertRaisesRegex(UserError, "before invoice_date"):
            draft.line_ids.invoice_date = self.today
            draft._sdk_declaration()
        draft.line_ids.invoice_date = invoice.invoice_date
        self.buyer.insurer_buyer_id = False
        with self.assertRaisesRegex(UserError, "not identified"):
            self._declare(draft)
        self.buyer.insurer_buyer_id = "900000001"
        self.assertEqual((draft.state, len(draft.outbox_ids)), ("draft", 0))
        self._declare(draft)
        with self.assertRaisesRegex(UserError, "declared already"):
            self._declare(draft)
        self.assertEqual(len(draft.outbox_ids), 1)

    def test_rights(self):
        self._invoice(100, 70)
        self._scan()
        draft = self._found()
        with self.assertRaises(AccessError):
            draft.with_user(self.salesperson).action_declare()
        with self.assertRaises(AccessError):
            draft.with_user(self.salesperson).read(["state"])
        stranger = self._user(
            "strange", "tradecredit.group_controller", self.env["res.company"].create({"name": "Other"})
        )
        with self.assertRaises(AccessError):
            draft.with_user(stranger).action_declare()
        mine = draft.with_user(self.controller)
        for values in ({"state": "declared"}, {"insurer_overdue_id": "x"}, {"amount": 1}, {"notify_by": self.today}):
            with self.subTest(values), self.assertRaises(UserError):
                mine.write(values)
        with self.assertRaises(UserError):
            mine.line_ids.write({"amount": 1})
        mine.line_ids.disputed_amount = 40
        mine.reason = "dispute"
        self._declare(draft)
        self.assertEqual(draft.outbox_ids.payload["invoices"][0]["disputed"]["amount"], "40.00")
        with self.assertRaisesRegex(UserError, "not changed any more"):
            mine.line_ids.disputed_amount = 20
        with self.assertRaises(AccessError):
            mine.unlink()

    def test_currencies_are_declared_apart(self):
        dollar = self.env.ref("base.USD")
        self._invoice(100, 70)
        self._invoice(200, 70, currency=dollar)
        self._scan()
        self.assertEqual(set(self._found().mapped("currency_id.name")), {"EUR", "USD"})

    def test_the_insurers_stop_stops_orders(self):
        self._invoice(100, 70)
        self._scan()
        self._really_insured()
        self._declare(self._found())
        self._send()
        stops = self.buyer.limit_ids.filtered("active").mapped("stop_since")
        self.assertTrue(all(stops) and stops)
        position = self.buyer._positions()[self.buyer.id]
        self.assertTrue(position.limits[0].stop)
