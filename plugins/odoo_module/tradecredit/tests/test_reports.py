"""Extensions, payment plans and withdrawals are asked of the insurer, once, and on record."""

import base64
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, new_test_user

from tradecredit_sdk import Operation
from tradecredit_sdk.insurers.open import OpenInsurer

from .report_common import ReportCommon

PROOF = base64.b64encode(b"the insurer's mail")


class TestAmendments(ReportCommon):
    def test_an_extension_is_agreed_and_moves_no_clock(self):
        overdue = self._declared_overdue()
        clock = overdue.notify_by, overdue.stop_on, overdue.oldest_due, overdue.loss_on
        until = self._in_days(30)
        line = overdue.line_ids[0]
        report = self._told(
            overdue, action="extend", line_id=line.id, new_due_date=until, comment="promised in writing"
        )
        self.assertEqual(
            (report.state, report.outbox_ids.state, report.declared_by), ("to_send", "pending", self.controller)
        )
        self._send()
        self.assertEqual((report.state, line.agreed_due, overdue.line_ids[1].agreed_due), ("agreed", until, False))
        self.assertIn("original due date", report.answer)
        self.assertEqual((overdue.notify_by, overdue.stop_on, overdue.oldest_due, overdue.loss_on), clock)
        self.assertEqual(line.original_due, line.move_line_id.date_maturity)
        chatter = " ".join(overdue.message_ids.mapped("body"))
        self.assertIn(line.number, chatter)
        self.assertIn("original due date", chatter)
        [declared] = self._declared()
        told = {one["number"]: one["extended_to"] for one in declared["invoices"]}
        self.assertEqual(told, {line.number: str(until), overdue.line_ids[1].number: None})
        self._scan()
        self.assertEqual((line.agreed_due, overdue.notify_by), (until, clock[0]))

    def test_a_payment_plan_is_asked_for(self):
        overdue = self._declared_overdue()
        plan = self._plan((self._in_days(30), 100), (self._in_days(60), 200))
        wizard = self._wizard(overdue, action="reschedule", instalment_ids=plan)
        self.assertEqual((wizard.open_amount, wizard.left, wizard.last_day), (300, 0, overdue.notify_by))
        wizard.action_send()
        self._send()
        report = self._last()
        self.assertEqual((report.state, report.instalment_ids.mapped("amount")), ("agreed", [100, 200]))
        [declared] = self._declared()
        self.assertEqual(declared["state"], "rescheduled")

    def test_the_dialog_says_what_is_left_to_spread(self):
        overdue = self._declared_overdue()
        action = overdue.with_user(self.controller).action_reschedule()
        dialogs = self.env["tradecredit.make.report"].with_user(self.controller).with_context(**action["context"])
        with Form(dialogs) as dialog:
            self.assertEqual((dialog.open_amount, dialog.left, dialog.last_day), (300, 300, overdue.notify_by))
            dialog.line_id = overdue.line_ids[1]
            with dialog.instalment_ids.new() as part:
                part.due_date, part.amount = self._in_days(30), 150
            self.assertEqual((dialog.open_amount, dialog.left), (200, 50))
            with dialog.instalment_ids.new() as part:
                part.due_date, part.amount = self._in_days(60), 50
            self.assertEqual(dialog.left, 0)
        dialog.record.action_send()
        self.assertEqual(self._last().invoice_number, overdue.line_ids[1].number)
        with Form(overdue.with_user(self.controller)) as form:
            self.assertEqual(len(form.report_ids), 1)
        with Form(self._last().with_user(self.controller)) as form:
            self.assertEqual(form.state, "to_send")

    def test_what_the_insurer_agrees_to_later_is_heard(self):
        overdue = self._declared_overdue()
        until = self._in_days(30)
        report = self._told(overdue, action="extend", new_due_date=until)
        self._send()
        report.state = "received"  # as if it had only noted it when it was asked
        overdue.line_ids.agreed_due = False
        overdue.heard_at = False
        self._poll()
        self.assertEqual((report.state, set(overdue.line_ids.mapped("agreed_due"))), ("agreed", {until}))

    def test_what_is_withdrawn_is_prepared_anew_while_it_is_open(self):
        overdue = self._declared_overdue()
        self._told(overdue, action="withdraw", comment="the invoice was wrong")
        self._send()
        self.assertEqual((overdue.state, self._last().state), ("withdrawn", "agreed"))
        self.assertEqual(self._declared()[0]["state"], "withdrawn")
        self._scan()
        [fresh] = self._found() - overdue
        self.assertEqual((fresh.state, fresh.invoice_count), ("draft", 2))

    def test_what_was_not_sent_yet_is_a_draft_again(self):
        self._invoice(100, 70)
        self._scan()
        overdue = self._found()
        self._declare(overdue)
        old = overdue.reference
        with self.assertRaises(AccessError):
            overdue.with_user(self.salesperson).action_withdraw()
        overdue.with_user(self.controller).action_withdraw()
        self._send()
        self.assertEqual((overdue.state, overdue.outbox_ids.state, self._declared()), ("draft", "withdrawn", []))
        self.assertNotEqual(overdue.reference, old)
        self._declare(overdue)
        self._send()
        self.assertEqual(overdue.state, "declared")

    def test_bad_input_leaves_everything_as_it_was(self):
        overdue = self._declared_overdue()
        dollar = self.env.ref("base.USD")
        soon, later = self._in_days(10), self._in_days(20)
        wrong = [
            ("is no extension", {"action": "extend", "new_due_date": self._in_days(-100)}),
            ("still to come", {"action": "extend", "new_due_date": self.today}),
            ("until when", {"action": "extend"}),
            ("add up to", {"action": "reschedule", "instalment_ids": self._plan((soon, 100), (later, 199))}),
            ("still to come", {"action": "reschedule", "instalment_ids": self._plan((self._in_days(-1), 300))}),
            ("greater than zero", {"action": "reschedule", "instalment_ids": self._plan((soon, 400), (later, -100))}),
            ("in EUR and an instalment in USD", {"action": "reschedule", "instalment_ids": self._plan((soon, 300), currency=dollar)}),
            ("has instalments", {"action": "reschedule"}),
            ("why it is taken back", {"action": "withdraw"}),
            ("1000 characters", {"action": "withdraw", "comment": "x" * 1001}),
        ]  # fmt: skip
        for words, values in wrong:
            with self.subTest(words), self.assertRaisesRegex(UserError, words):
                self._wizard(overdue, **values).action_send()
        self.assertFalse(self._last())
        draft = self.overdues.create({"buyer_id": self.buyer.id, "currency_id": self.euro.id})
        with self.assertRaisesRegex(UserError, "Only what the insurer has"):
            self._wizard(draft, action="withdraw", comment="x").action_send()

    def test_one_at_a_time_so_that_the_last_word_is_the_one_that_counts(self):
        overdue = self._declared_overdue()
        self._told(overdue, action="extend", new_due_date=self._in_days(20))
        with self.assertRaisesRegex(UserError, "on its way"):
            self._wizard(overdue, action="extend", new_due_date=self._in_days(40)).action_send()
        first = self._last()
        first.with_user(self.controller).action_drop()
        self.assertEqual((first.state, first.outbox_ids.state), ("dropped", "withdrawn"))
        self._told(overdue, action="extend", new_due_date=self._in_days(40))
        self._send()
        self.assertEqual(set(overdue.line_ids.mapped("agreed_due")), {self._in_days(40)})

    def test_after_its_last_day_it_is_asked_for_by_hand_only(self):
        overdue = self._declared_overdue(late=95)
        self.policy.manual_address = "claims@insurer.example"
        values = {"action": "extend", "new_due_date": self._in_days(20)}
        with self.assertRaisesRegex(UserError, "last day to ask.*claims@insurer.example.*Told by hand"):
            self._wizard(overdue, **values).action_send()
        self._record_by_hand(self._wizard(overdue, **values).action_by_hand())
        report = self._last()
        self.assertEqual((report.state, report.in_time), ("manual", "no"))
        self.assertEqual(set(overdue.line_ids.mapped("agreed_due")), {self._in_days(20)})
        self._send()
        self.assertFalse(self._declared()[0]["invoices"][0]["extended_to"])

    def _record_by_hand(self, action, **values):
        context = {name.removeprefix("default_"): value for name, value in action["context"].items()}
        wizard = self.env["tradecredit.declared.by.hand"].with_user(self.controller)
        wizard.create({**context, "way": "mail", "proof": PROOF, "proof_name": "mail.txt", **values}).action_record()

    def test_an_insurer_that_does_not_take_it(self):
        overdue = self._declared_overdue()
        without = OpenInsurer.capabilities.operations - {Operation.CHANGE_OVERDUE, Operation.REPORT_ADVERSE}
        poor = type(OpenInsurer.capabilities)(operations=without)
        with patch.object(OpenInsurer, "capabilities", poor):
            for values in (
                {"action": "extend", "new_due_date": self._in_days(20)},
                {"action": "adverse", "adverse_kind": "legal_action", "happened_on": self.today},
            ):
                with self.subTest(values), self.assertRaisesRegex(UserError, "does not take it.*Told by hand"):
                    self._wizard(overdue, **values).action_send()
        self.assertFalse(self._last())

    def test_what_was_declared_by_hand_without_a_number_is_changed_by_hand(self):
        self._invoice(100, 70)
        self._scan()
        overdue = self._found()
        self._record_by_hand(overdue.with_user(self.controller).action_declared_by_hand())
        self.assertEqual(overdue.state, "manual")
        with self.assertRaisesRegex(UserError, "declared by hand"):
            self._wizard(overdue, action="withdraw", comment="paid long ago").action_send()
        self._record_by_hand(self._wizard(overdue, action="withdraw", comment="paid long ago").action_by_hand())
        self.assertEqual((overdue.state, self._last().state), ("withdrawn", "manual"))

    def test_a_lost_answer_is_looked_for_and_nothing_is_asked_twice(self):
        overdue = self._declared_overdue()
        plan = self._plan((self._in_days(30), 300))
        for values in ({"action": "extend", "new_due_date": self._in_days(20)}, {"action": "reschedule", "instalment_ids": plan},
                       {"action": "withdraw", "comment": "by mistake"}):  # fmt: skip
            report = self._told(overdue, **values)
            revision = self._revision(overdue)
            self.sandbox.faults(rate=1.0, kinds=["reset_after"], paths=["/open/v1"])
            self._send()
            self.assertEqual((report.state, report.outbox_ids.state), ("unknown", "unknown"))
            self.sandbox.faults()
            self._later()
            with self.subTest(values["action"]), self._careful():
                self._send()
            self.assertEqual((report.state, report.outbox_ids.state), ("agreed", "done"))
            self.assertEqual(self._revision(overdue), revision + 1)

    def _revision(self, overdue):
        with self.policy._client() as client:
            return client.overdues.get(overdue.insurer_overdue_id).revision

    def test_what_the_insurer_refuses_is_on_record_and_sent_anew(self):
        overdue = self._declared_overdue()
        report = self._told(overdue, action="extend", new_due_date=self._in_days(20))
        row = report.outbox_ids
        row.payload = {**row.payload, "new_due_date": "2020-01-01"}
        self._send()
        self.assertEqual((report.state, row.state), ("failed", "refused"))
        self.assertIn("did not take", overdue.message_ids[0].body)
        old = report.reference
        report.with_user(self.controller).action_send()
        self._send()
        self.assertEqual(report.state, "agreed")
        self.assertNotEqual(report.reference, old)

    def test_rights(self):
        overdue = self._declared_overdue()
        values = {"action": "extend", "new_due_date": self._in_days(20)}
        reports = self.env["tradecredit.report"]
        portal = new_test_user(self.env, login="tci-portal", groups="base.group_portal")
        for user in (self.salesperson, self._user("none", "base.group_user"), portal):
            with self.subTest(user.login):
                with self.assertRaises(AccessError):
                    self._wizard(overdue, user, **values)
                with self.assertRaises(AccessError):
                    reports.with_user(user)._keep(self.buyer, overdue=overdue, **values)
        stranger = self._user(
            "far", "tradecredit.group_controller", self.env["res.company"].create({"name": "Elsewhere"})
        )
        with self.assertRaises(AccessError):
            reports.with_user(stranger)._keep(self.buyer, overdue=overdue, **values)
        other = self._buyer("Half Books GmbH", "900000002")
        with self.assertRaisesRegex(AccessError, "another buyer"):
            self._wizard(overdue, buyer_id=other.id, **values).action_send()
        report = self._told(overdue, **values)
        for method in ("action_send", "action_drop"):
            with self.subTest(method), self.assertRaises(AccessError):
                getattr(report.with_user(self.salesperson), method)()
        mine = report.with_user(self.controller)
        for changes in ({"state": "agreed"}, {"new_due_date": self._in_days(90)}, {"notify_by": self._in_days(90)}):
            with self.subTest(changes), self.assertRaises(UserError):
                mine.write(changes)
        with self.assertRaises(AccessError):
            mine.unlink()
        with self.assertRaises(AccessError):
            report.with_user(stranger).read(["state"])
