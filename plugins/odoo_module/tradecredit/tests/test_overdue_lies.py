"""An insurer whose answers on declarations are wrong: nothing wrong is believed, and nothing else waits for it."""

from datetime import timedelta

from odoo import fields
from odoo.tools import mute_logger

from ..models import tradecredit_overdue_answer
from .insurer_common import HALF
from .overdue_common import OverdueCommon

QUIET = (
    "odoo.addons.tradecredit.models.tradecredit_outbox", "odoo.addons.tradecredit.models.tradecredit_policy_overdue",
    "odoo.sql_db",
)  # fmt: skip


class TestOverdueLies(OverdueCommon):
    def _answers(self, only=None, **values):
        """Every declaration, or those of this buyer, is answered with these values."""

        def change(path, status, body):
            for one in [body, *body.get("items", ())] if "/overdues" in path else ():
                if "id" in one and only in (None, one["buyer_id"]):
                    one |= values
            return status, body

        return self._lying(change)

    def _fails(self, overdue, status, code):
        """The insurer answers so when it is asked for this declaration."""
        number = overdue.insurer_overdue_id

        def change(path, answered, body):
            if path.endswith(f"/overdues/{number}"):
                return status, {"title": "no", "status": status, "code": code}
            return answered, body

        return self._lying(change)

    def _prepared(self, buyer=None):
        """A declaration in the outbox."""
        self._invoice(100, 70, buyer)
        self._scan()
        overdue = self._found(buyer)
        self._declare(overdue)
        return overdue

    def _second(self):
        other = self._buyer("Zweite GmbH", HALF)
        self._insure(other)
        return self._prepared(other)

    def _told(self):
        """A declaration that the insurer has acknowledged."""
        overdue = self._prepared()
        self._send()
        self.env.invalidate_all()
        self.assertEqual(overdue.state, "declared")
        return overdue

    def _alarms(self, overdue):
        return overdue.message_ids.filtered(lambda one: self.controller.partner_id in one.partner_ids)

    def _again(self):
        """Send what is waiting once more."""
        self.env.cr.execute("UPDATE tradecredit_outbox SET sent_at = sent_at - interval '20 minutes'")
        self.env.invalidate_all()
        self._later()
        self._send()
        self.env.invalidate_all()

    # What is acknowledged

    def test_an_acknowledgement_of_something_else_is_not_believed(self):
        overdue = self._prepared()
        nothing = {"invoices": [], "total": {"amount": "0.00", "currency": "EUR"}}
        other = {"number": "OTHER", "due_date": "2026-01-31", "amount": {"amount": "100.00", "currency": "EUR"}}
        in_dollars = {"total": {"amount": "100.00", "currency": "USD"}}
        for lie in (nothing, {"invoices": [other]}, in_dollars, {"buyer_id": HALF}, {"reference": "OV-OTHER"}):
            with self.subTest(lie), self._answers(**lie):
                self._again()
                self.assertEqual((overdue.state, overdue.outbox_ids.state), ("unknown", "unknown"))
                self.assertTrue(overdue.last_error)
        self._again()
        self.assertEqual((overdue.state, len(self._declared())), ("declared", 1))

    def test_an_invoice_of_another_amount_is_not_believed(self):
        overdue = self._prepared()

        def change(path, status, body):
            for invoice in body.get("invoices", ()) if "/overdues" in path else ():
                invoice["amount"]["amount"] = "10.00"
            return status, body

        with self._lying(change):
            self._send()
        self.env.invalidate_all()
        self.assertEqual(overdue.state, "unknown")

    def test_an_insurer_that_names_no_invoices_is_believed(self):
        overdue = self._prepared()
        with self._answers(invoices=[], total=None):
            self._send()
        self.env.invalidate_all()
        self.assertEqual(overdue.state, "declared")

    def test_the_number_of_another_declaration_is_not_believed(self):
        first = self._told()
        second = self._second()
        with self._answers(HALF, id=first.insurer_overdue_id):
            self._send()
        self.env.invalidate_all()
        self.assertEqual((second.state, second.insurer_overdue_id), ("unknown", False))

    def test_what_is_too_late_is_told(self):
        overdue = self._prepared()
        with self._answers(in_time=False):
            self._send()
        self.env.invalidate_all()
        self.assertEqual((overdue.state, overdue.in_time), ("declared", "no"))
        self.assertEqual((len(self._alarms(overdue)), overdue.activity_ids.user_id), (1, self.controller))

    def test_what_turns_out_to_be_too_late_is_told_once(self):
        overdue = self._prepared()
        with self._answers(in_time=None):
            self._send()
        self.env.invalidate_all()
        self.assertFalse(overdue.activity_ids)
        for _time in range(2):
            overdue.heard_at = False
            with self._answers(in_time=False):
                self._poll()
            self.env.invalidate_all()
            self.assertEqual((overdue.in_time, len(self._alarms(overdue))), ("no", 1))
        self.assertEqual(overdue.activity_ids.user_id, self.controller)

    def test_adverse_information_that_is_too_late_is_told(self):
        self.env["tradecredit.make.report"].with_user(self.controller).create({
            "action": "adverse", "buyer_id": self.buyer.id, "adverse_kind": "bounced_payment", "happened_on": self.today,
        }).action_send()  # fmt: skip
        report = self.env["tradecredit.report"].search([("buyer_id", "=", self.buyer.id)])

        def change(path, status, body):
            return status, body | ({"in_time": False, "answer": "too\x00 late"} if "/adverse-reports" in path else {})

        with self._lying(change):
            self._send()
        self.env.invalidate_all()
        self.assertEqual((report.state, report.in_time, report.answer), ("received", "no", "too late"))
        self.assertEqual(report.activity_ids.user_id, self.controller)

    # What cannot be kept

    def test_what_a_database_cannot_keep_is_left_out(self):
        first, second = self._prepared(), self._second()
        with self._answers(self.buyer.insurer_buyer_id, answer="cover\x00stopped \ud800", revision=2**40):
            self._send()
        self.env.invalidate_all()
        self.assertEqual((first.state, first.answer, second.state), ("declared", "coverstopped ", "declared"))
        self.assertEqual(first.insurer_revision, 2**31 - 1)

    def test_a_fault_with_one_answer_keeps_no_other_waiting(self):
        first, second = self._prepared(), self._second()
        hear = type(first)._hear

        def failing(one, news):
            if one.id == first.id:
                raise ValueError(news)
            return hear(one, news)

        self.patch(type(first), "_hear", failing)
        with mute_logger(*QUIET):
            self._send()
        self.env.invalidate_all()
        self.assertEqual((first.state, second.state), ("unknown", "declared"))
        self.patch(type(first), "_hear", hear)
        self._again()
        self.assertEqual((first.state, len(self._declared())), ("declared", 2))

    def test_a_fault_with_one_refusal_keeps_no_other_waiting(self):
        first, second = self._prepared(), self._second()

        def failing(_one, why):
            raise ValueError(why)

        def change(path, status, body):
            if path.endswith("/overdues") and body.get("buyer_id") == self.buyer.insurer_buyer_id:
                return 422, {"title": "no", "status": 422, "code": "no_cover"}
            return status, body

        self.patch(type(first), "_not_accepted", failing)
        with self._lying(change), mute_logger(*QUIET):
            self._send()
        self.env.invalidate_all()
        self.assertEqual((first.outbox_ids.state, second.state), ("sending", "declared"))

    def test_a_fault_with_one_declaration_keeps_no_limits_unheard(self):
        self._really_insured()
        overdue = self._told()
        old = fields.Datetime.now() - timedelta(days=3)
        self.policy.listed_at = self.buyer.as_of = old
        overdue.heard_at = False
        self.patch(tradecredit_overdue_answer, "OF_THE_INSURER", None)
        with mute_logger(*QUIET):
            self._poll()
        self.env.invalidate_all()
        self.assertGreater(self.buyer.as_of, old)
        self.assertTrue(overdue.last_error)

    # What is heard later

    def test_one_that_cannot_be_asked_for_keeps_no_other_unheard(self):
        first, second = self._told(), self._second()
        self._send()
        self.env.invalidate_all()
        number = second.insurer_overdue_id
        self.sandbox.control("POST", f"/overdues/{number}/documents", {"kinds": ["invoice"], "days": 30})
        (first | second).heard_at = False
        with self._fails(first, 400, "bad_state"):
            self._poll()
        self.env.invalidate_all()
        self.assertEqual((first.state, second.state), ("declared", "documents_requested"))
        self.assertTrue(first.last_error)
        self.assertTrue(self.policy.outage_error)

    def test_one_that_the_insurer_forgot_is_to_be_declared_again(self):
        overdue = self._told()
        overdue.heard_at = False
        with self._fails(overdue, 404, "overdue_not_found"):
            self._poll()
            self._poll()
        self.env.invalidate_all()
        self.assertEqual((overdue.state, len(self._alarms(overdue))), ("failed", 1))
        self.assertEqual(overdue.activity_ids.user_id, self.controller)
        overdue.notify_by = self.today
        with self._jobs() as env:
            env["tradecredit.overdue"]._cron_watch()
        self.env.invalidate_all()
        self.assertEqual(overdue.warned_days, 0)
        overdue.heard_at = False
        self._poll()
        self.env.invalidate_all()
        self.assertEqual((overdue.state, overdue.last_error), ("declared", False))
        self.assertFalse(overdue.activity_ids)

    def test_an_address_without_the_insurer_is_no_answer_about_a_declaration(self):
        overdue = self._told()
        overdue.heard_at = False

        def change(path, status, body):
            return (404, {"message": "no such page"}) if "/overdues/" in path else (status, body)

        with self._lying(change):
            self._poll()
        self.env.invalidate_all()
        self.assertEqual(overdue.state, "declared")
        self.assertTrue(overdue.last_error)

    def test_old_news_without_a_revision_is_no_news(self):
        overdue = self._told()
        number = overdue.insurer_overdue_id
        with self.policy._client() as client:
            old = client.overdues.get(number)
            self.sandbox.control("POST", f"/overdues/{number}/documents", {"kinds": ["invoice"], "days": 30})
            new = client.overdues.get(number)
        self.assertTrue(overdue._hear(new))
        for late in (old.model_copy(update={"revision": None}), old):
            self.assertFalse(overdue._hear(late))
        self.assertEqual((overdue.state, overdue.insurer_revision), ("documents_requested", new.revision))

    def test_an_answer_to_a_payment_about_another_is_not_believed(self):
        overdue = self._told()
        self._pay(overdue.line_ids.move_id, 30)
        self._scan()
        with self._answers(id="OVERDUE-OF-SOMEBODY", buyer_id=HALF, state="settled"):
            self._send()
        self.env.invalidate_all()
        self.assertEqual(overdue.state, "declared")
